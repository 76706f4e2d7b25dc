"""The sandbox of a student's process: what it can see, the bubblewrap around its fork server, limits, and a self-test.

There are three layers, and each of them alone stops most attacks:

1. bubblewrap runs the fork server in namespaces of its own, in which only the visible files are mounted.
2. Landlock lets each student's process read those files and write to its scratch folder.
3. seccomp refuses system calls.

Without bubblewrap, the other two still confine the process. It can then look up the names, sizes and dates of other
files, and there is one layer less in case the kernel has a vulnerability.

`apply_limits`, `confine` and `verify` run in the sandbox, the rest in the grader, which alone knows `VISIBLE_DATA`.
"""

import ctypes
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import landlock, seccomp

BUBBLEWRAP, LANDLOCK, UNSANDBOXED = "bubblewrap", "landlock", "unsandboxed"

RUNNER_FOLDER = Path(__file__).resolve().parent
REPOSITORY = RUNNER_FOLDER.parent.parent

# Most results that are stored in `data/` come from a solution, and some weights would solve `train`. Only those are
# visible that cells outside demonstrations load: without them, such a cell would fail, also in a right notebook.
_VISIBLE_DATA_FILE = REPOSITORY / "data" / "visible-while-grading.txt"  # the fork server cannot read it
VISIBLE_DATA = _VISIBLE_DATA_FILE.read_text(encoding="utf-8").split() if _VISIBLE_DATA_FILE.exists() else []
# `COURSE_FILES` and `GRADER_FILES`: a path inside the sandbox, and the file or folder that is visible there. Landlock
# hides `grader/` from the students' processes; only the fork server reads it.
COURSE_FILES = {
    "course/lectrain": REPOSITORY / "lectrain",
    **{f"course/data/{name}": REPOSITORY / "data" / name for name in VISIBLE_DATA},
}
SANDBOXED_MODULES = (  # and all of `autograder` that they import in the sandbox
    *("values", "factories", "call_memory", "probe"),
    *("runner/cells", "runner/shell", "runner/cell_outputs", "runner/lines_below"),
    *("runner/zygote", "runner/student_process", "runner/protocol", "runner/scratch"),
    *("runner/sandbox", "runner/landlock", "runner/seccomp"),
)
GRADER_FILES = {f"grader/autograder/{name}.py": RUNNER_FOLDER.parent / f"{name}.py" for name in SANDBOXED_MODULES}
SYSTEM_PATHS = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store"),
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo"),
)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

PR_SET_PDEATHSIG = 1
CAPABILITY_VERSION_3 = 0x20080522
SELF_TEST_PASSED = "passed"


def package_folders() -> list[str]:
    """Return the folders of the installed packages. They have the same paths inside the sandbox."""
    return [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]


def system_paths() -> list[str]:
    """Return the files and folders that Python and its packages need. They have the same paths inside the sandbox."""
    python = [os.path.realpath(sys.executable), f"{sys.base_prefix}/lib"]
    return [path for path in dict.fromkeys([*SYSTEM_PATHS, *python, *package_folders()]) if os.path.exists(path)]


def environment(root: str) -> dict[str, str]:
    """Return the environment variables of the fork server and of the students' processes."""
    home = f"{root}/scratch/home"
    return {
        "PATH": "/usr/bin:/bin",
        **dict.fromkeys(("HOME", "TMPDIR"), home),
        **dict.fromkeys(("USER", "LOGNAME"), "student"),
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib",  # libpython is there, if Python was built with a shared one
        "PYTHONPATH": os.pathsep.join([f"{root}/course", *package_folders(), f"{root}/grader"]),
        "PYTHONHASHSEED": "0",  # sets have the same order when a submission is graded again
        "PYTHONDONTWRITEBYTECODE": "1",
        "LECTRAIN_DATA": f"{root}/course/data",
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
        "JOBLIB_MULTIPROCESSING": "0",  # joblib runs in the process itself, without a warning
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    }


def server_command(settings: Mapping[str, Any]) -> list[str]:
    """Return the command line of the fork server itself. The settings are those of `Zygote`."""
    start = "from autograder.runner.zygote import main; main()"
    return [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c", start, json.dumps(settings)]


def bubblewrap_command(bwrap: str, command: list[str], scratch_bytes: int) -> list[str]:
    """Return the command line that runs a command as process 1 of a bubblewrap, with only the visible files."""
    line = [bwrap, "--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session", "--clearenv"]
    line += ["--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "course"]
    for name, value in environment("").items():
        line += ["--setenv", name, value]
    visible = system_paths()
    for path in visible:
        is_alias = os.path.islink(path) and os.path.realpath(path) in visible  # such as /lib
        line += ["--symlink", os.readlink(path), path] if is_alias else ["--ro-bind", path, path]
    for path, source in {**COURSE_FILES, **GRADER_FILES}.items():
        line += ["--ro-bind-try", str(source), f"/{path}"]
    for device in DEVICES:
        line += ["--dev-bind", device, device]
    # The fork server watches the students' processes through /proc. Landlock denies them access to it.
    line += ["--proc", "/proc", "--size", str(scratch_bytes), "--tmpfs", "/scratch", "--remount-ro", "/"]
    return [*line, "--chdir", "/scratch", "--", *command]


def link_files(root: Path) -> None:
    """Make links in a folder to the files that bubblewrap would mount, and an empty scratch folder."""
    for path, source in {**COURSE_FILES, **GRADER_FILES}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(source)
    (root / "scratch").mkdir()


def readable_paths(mode: str) -> list[str]:
    """Return the files and folders that Landlock lets a student's process read."""
    inside = mode == BUBBLEWRAP
    course = [f"/{path}" if inside else str(source) for path, source in COURSE_FILES.items()]
    return [*system_paths(), *course, *DEVICES]


def apply_limits(limits: Mapping[str, int]) -> None:
    """Set the kernel's resource limits of the calling process. The argument holds the fields of `Limits` by name."""
    import resource  # not at the top: Windows does not have it

    cpu = limits["cpu_seconds"]
    rlimits = {
        "RLIMIT_AS": (limits["memory"], limits["memory"]),
        "RLIMIT_FSIZE": (limits["file_bytes"], limits["file_bytes"]),
        "RLIMIT_NOFILE": (limits["open_files"], limits["open_files"]),
        "RLIMIT_CPU": (cpu, cpu + 1),  # SIGXCPU comes a second before SIGKILL and identifies the limit
        "RLIMIT_DATA": (resource.RLIM_INFINITY, resource.RLIM_INFINITY),  # the supervisor's is for the grader alone
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_SIGPENDING": (64, 64),  # the kernel counts them per user, and other programs need some
    }
    for name, values in rlimits.items():
        with suppress(ValueError, AttributeError):  # a limit that is already lower stays; macOS lacks some limits
            resource.setrlimit(getattr(resource, name), values)


def confine(ruleset: int) -> None:
    """Permanently drop the calling process's capabilities, and restrict its files and system calls.

    Raise `OSError` if the kernel refuses. The process may then be confined only in part and must not run student code.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # it ends with the fork server; fails only for a wrong signal
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()  # no capability
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "the kernel refused to drop capabilities")
    landlock.restrict_self(ruleset)
    seccomp.install_filter()


def verify(ruleset: int, folder: str) -> None:
    """Check, in a process of its own, that the sandbox refuses forbidden actions on this machine.

    `folder` exists and is not the scratch folder. Raise RuntimeError if the process is not confined, or not enough.
    """
    receiver, sender = os.pipe()
    if not (child := os.fork()):
        try:
            os.write(sender, _test_confinement(ruleset, folder).encode())
        finally:
            os._exit(0)
    os.close(sender)
    with open(receiver, encoding="utf-8") as file:
        result = file.read() or "its self-test ended early"
    os.waitpid(child, 0)
    if result != SELF_TEST_PASSED:
        raise RuntimeError(f"the sandbox does not work on this machine: {result}")


def _test_confinement(ruleset: int, folder: str) -> str:
    """Confine this process. Return `SELF_TEST_PASSED`, or what is wrong."""
    actions: dict[str, Callable[[], object]] = {
        "create a socket": lambda: socket.socket(socket.AF_INET),
        "start a process": _fork,
        "send a signal": lambda: os.kill(os.getppid(), 0),  # signal 0 only asks for permission
        "read /proc": lambda: os.open("/proc/self/status", os.O_RDONLY),
        f"write to {folder}": lambda: os.open(f"{folder}/x", os.O_WRONLY | os.O_CREAT),
        "list /": lambda: os.listdir("/"),
    }
    try:
        confine(ruleset)
    except OSError as error:
        return str(error)
    permitted = [name for name, action in actions.items() if not _is_refused(action)]
    return f"a confined process can {', '.join(permitted)}" if permitted else SELF_TEST_PASSED


def _fork() -> None:
    if not os.fork():
        os._exit(0)


def _is_refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except OSError:
        return True
    return False


def reason_unavailable(mode: str) -> str | None:
    """Return the reason why a mode is unavailable on this machine, or None if it is available."""
    if sys.platform == "win32":
        return "Windows cannot fork processes: run the autograder in WSL"
    if mode == UNSANDBOXED:
        return None
    if sys.platform != "linux":
        return f"{platform.system()} does not support Landlock"
    if platform.machine() not in seccomp.ARCHITECTURES:
        return f"the seccomp filter does not support {platform.machine()}"
    if not landlock.abi_version():
        return "the kernel does not support Landlock"
    if mode == LANDLOCK and landlock.abi_version() < landlock.TRUNCATE_SINCE:
        return "before Linux 6.2, Landlock alone does not keep student code from emptying files"
    return _reason_bubblewrap_unavailable() if mode == BUBBLEWRAP else None


def _reason_bubblewrap_unavailable() -> str | None:
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return "the program bwrap is not installed"
    command = [bwrap, "--unshare-all", "--ro-bind", "/", "/", "true"]
    trial = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return (trial.stderr.strip() or "bwrap fails on this machine") if trial.returncode else None
