"""What a student's process may see and use: the files in view, the bubblewrap around the server, the limits.

Three layers, each of which would do for most of it. bubblewrap shows the fork server only the files in view, in
namespaces of its own. Landlock then lets each student's process read those files and write in its scratch folder.
seccomp refuses system calls. Without bubblewrap the other two hold; lost is that names, sizes and dates of other
files cannot be looked up, and one layer in case the kernel has a hole.
"""

import ctypes
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from . import landlock, seccomp

BUBBLEWRAP, LANDLOCK, UNSANDBOXED = "bubblewrap", "landlock", "unsandboxed"

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent

# Place inside, and what is seen there. `grader/` is for the server alone: it is gone from view before a cell runs.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lectrain"
COURSE = {
    "course/lectrain": REPOSITORY / "lectrain",
    "course/data": REPOSITORY / "data",
    # Decompressed data, if there is any: no submission can keep its own.
    **{f"course/cache/lectrain/{path.name}": path for path in CACHE.glob("*-ubyte.npy")},
}
TRAVELS = ("zygote", "cells", "protocol", "scratch", "sandbox", "landlock", "seccomp")
GRADER = {
    "grader/probe.py": HERE.parent / "probe.py",
    **{f"grader/runner/{name}.py": HERE / f"{name}.py" for name in TRAVELS},
}
SYSTEM = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

PR_SET_PDEATHSIG = 1
CAPABILITY_VERSION_3 = 0x20080522


def system_files() -> list[str]:
    """Return the files and folders that Python and its packages need, from outside and inside alike."""
    python = [os.path.realpath(sys.executable), f"{sys.base_prefix}/lib"]
    packages = [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    return [path for path in dict.fromkeys([*SYSTEM, *python, *packages]) if os.path.exists(path)]


def environment(root: str) -> dict[str, str]:
    """Return the environment of the server and of the students' processes, whose files lie under ``root``."""
    packages = [path for path in system_files() if path.endswith("-packages")]
    home = f"{root}/scratch/home"
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib",
        "PYTHONPATH": os.pathsep.join([f"{root}/course", *packages, f"{root}/grader"]),
        "PYTHONHASHSEED": "0",  # a regrade sees sets in the same order
        "PYTHONDONTWRITEBYTECODE": "1",
        "LECTRAIN_DATA": f"{root}/course/data",
        "XDG_CACHE_HOME": f"{root}/course/cache",
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "VECLIB_MAXIMUM_THREADS": "1",
        "JOBLIB_MULTIPROCESSING": "0",  # one process each: joblib works in it, and does not warn of it
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    }


def program(settings: Mapping) -> list[str]:
    """Return the command line of the fork server, without whatever is put around it."""
    start = "from runner.zygote import main; main()"
    return [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c", start, json.dumps(settings)]


def bubblewrap(bwrap: str, command: list[str], scratch_bytes: int) -> list[str]:
    """Return the command line that runs ``command`` as process 1 of a bubblewrap with only the files in view."""
    line = [bwrap, "--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session", "--clearenv"]
    line += ["--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "course"]
    for name, value in environment("").items():
        line += ["--setenv", name, value]
    seen = system_files()
    for path in seen:
        is_alias = os.path.islink(path) and os.path.realpath(path) in seen  # such as /lib
        line += ["--symlink", os.readlink(path), path] if is_alias else ["--ro-bind", path, path]
    for place, source in {**COURSE, **GRADER}.items():
        line += ["--ro-bind-try", str(source), f"/{place}"]
    for device in DEVICES:
        line += ["--dev-bind", device, device]
    # The server watches its students' processes in /proc; Landlock keeps those out of it.
    line += ["--proc", "/proc", "--size", str(scratch_bytes), "--tmpfs", "/scratch", "--remount-ro", "/"]
    return [*line, "--chdir", "/scratch", "--", *command]


def lay_out(root: Path) -> None:
    """Make the places that bubblewrap would have made, as links."""
    for place, source in {**COURSE, **GRADER}.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).symlink_to(source)
    (root / "scratch").mkdir()


def readable(mode: str) -> list[str]:
    """Return what Landlock lets a student's process read."""
    course = [f"/{place}" for place in COURSE] if mode == BUBBLEWRAP else [str(source) for source in COURSE.values()]
    return [*system_files(), *course, *DEVICES]


def limit(limits: Mapping[str, int]) -> None:
    """Have the kernel limit what the calling process uses."""
    import resource  # here, because Windows has none

    cpu = limits["cpu_seconds"]
    wanted = {
        "RLIMIT_AS": (limits["memory"], limits["memory"]),
        "RLIMIT_FSIZE": (limits["file_bytes"], limits["file_bytes"]),
        "RLIMIT_NOFILE": (limits["open_files"], limits["open_files"]),
        "RLIMIT_CPU": (cpu, cpu + 1),  # first SIGXCPU, which names the limit
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_SIGPENDING": (64, 64),  # of a user, who needs some for other programs
    }
    for name, most in wanted.items():
        with suppress(ValueError, AttributeError):  # macOS lacks some; what is limited more already stays so
            resource.setrlimit(getattr(resource, name), most)


def confine(rules: int) -> None:
    """Give up, for good, what a student's code has no use for.

    Parameters
    ----------
    rules : int
        What may be opened, from `landlock.ruleset`.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # nobody outlives the server
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "the capabilities could not be dropped")
    landlock.enter(rules)
    seccomp.enter(os.getpid())


def missing(mode: str) -> str | None:
    """Say what this machine lacks for a mode, or None."""
    if sys.platform == "win32":
        return "Windows cannot fork; run the autograder in WSL"
    if mode == UNSANDBOXED:
        return None
    if sys.platform != "linux":
        return f"{platform.system()} has no Landlock"
    if not seccomp.supported():
        return f"the seccomp filter is not written for {platform.machine()}"
    if not landlock.version():
        return "this kernel has no Landlock"
    return _bubblewrap_missing() if mode == BUBBLEWRAP else None


def _bubblewrap_missing() -> str | None:
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return "the program bwrap is not installed"
    trial = [bwrap, "--unshare-all", "--ro-bind", "/", "/", "true"]
    tried = subprocess.run(trial, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return tried.stderr.strip() or "bwrap does not work here" if tried.returncode else None
