"""The sandbox of a student's process: its modes, and the commands that start a fork server in it.

There are three layers, and each of them alone stops most attacks:

1. bubblewrap runs the fork server in namespaces of its own, in which only the visible files are mounted.
2. Landlock lets each student's process read those files and write to its scratch folder.
3. seccomp refuses system calls.

Without bubblewrap, the other two still confine the process. It can then ask for the size and date of a file whose path
it can guess, and there is one layer less in case the kernel has a vulnerability.

This module and `visible_files`, which lists what can be seen in the sandbox, run in the grader. `confinement` runs in
the sandbox.
"""

import json
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from typing import Any

from . import landlock, seccomp
from .visible_files import COURSE_FILES, DEVICES, GRADER_FILES, package_folders, system_paths

BUBBLEWRAP, LANDLOCK, UNSANDBOXED = "bubblewrap", "landlock", "unsandboxed"


def environment(root: str) -> dict[str, str]:
    """Return the environment variables of the fork server and of the students' processes.

    `root` is the folder of the server's files; "" in bubblewrap, where they are at the top.
    """
    return {
        "PATH": "/usr/bin:/bin",
        **dict.fromkeys(("HOME", "TMPDIR"), f"{root}/scratch/home"),
        **dict.fromkeys(("USER", "LOGNAME"), "student"),
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib",  # libpython is there, if Python was built with a shared one
        "PYTHONPATH": os.pathsep.join([f"{root}/course", *package_folders(), f"{root}/grader"]),
        "PYTHONHASHSEED": "0",  # sets have the same order when a submission is graded again
        "PYTHONDONTWRITEBYTECODE": "1",
        "LECTRAIN_DATA": f"{root}/course/data",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
        "JOBLIB_MULTIPROCESSING": "0",  # joblib runs in the process itself, without a warning
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
    }


def server_command(settings: Mapping[str, Any]) -> list[str]:
    """Return the command line of the fork server itself. The settings are those of `Zygote`.

    The flags keep its modules to those of `environment`: no packages of the user (-s), none of `site-packages` that are
    not visible (-S), and nothing from the working folder (-P).
    """
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


def reason_unavailable(mode: str) -> str | None:
    """Return why a fork server of this mode cannot even be started on this machine, or None if it can."""
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
    if mode == BUBBLEWRAP and not shutil.which("bwrap"):
        return "the program bwrap is not installed"
    return None
