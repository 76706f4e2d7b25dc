"""Limit and confine a student's process, and test that this works on the machine. This module runs in the sandbox."""

import ctypes
import os
import resource
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from . import landlock, seccomp

PR_SET_PDEATHSIG = 1
CAPABILITY_VERSION_3 = 0x20080522
SELF_TEST_PASSED = "passed"


def apply_limits(limits: Mapping[str, int]) -> None:
    """Set the kernel's resource limits of the calling process. The argument holds the fields of `Limits` by name."""
    cpu = limits["cpu_seconds"]
    _, hard_data = resource.getrlimit(resource.RLIMIT_DATA)
    rlimits = {
        "RLIMIT_AS": (limits["memory"], limits["memory"]),
        "RLIMIT_FSIZE": (limits["file_bytes"], limits["file_bytes"]),
        "RLIMIT_NOFILE": (limits["open_files"], limits["open_files"]),
        "RLIMIT_CPU": (cpu, cpu + 1),  # SIGXCPU comes a second before SIGKILL and identifies the limit
        "RLIMIT_DATA": (hard_data, hard_data),  # the supervisor's soft limit, inherited, is for the grader alone
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
    libc = landlock.libc()
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # it ends with the fork server; fails only for a wrong signal
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()  # no capability
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "the kernel refused to drop capabilities")
    landlock.restrict_self(ruleset)
    seccomp.install_filter()  # it needs no_new_privs, which Landlock has set


def verify(ruleset: int) -> None:
    """Check, in a process of its own, that the sandbox refuses forbidden actions on this machine.

    Raise RuntimeError if the process is not confined, or not enough.
    """
    receiver, sender = os.pipe()
    if not (child := os.fork()):
        try:
            os.write(sender, _test_confinement(ruleset).encode())
        finally:
            os._exit(0)
    os.close(sender)
    with open(receiver, encoding="utf-8") as file:
        result = file.read()
    _, status = os.waitpid(child, 0)
    if result != SELF_TEST_PASSED:
        cause = result or f"its self-test ended early, with status {os.waitstatus_to_exitcode(status)}"
        raise RuntimeError(f"the sandbox does not work on this machine: {cause}")


def _test_confinement(ruleset: int) -> str:
    """Confine this process. Return `SELF_TEST_PASSED`, or what is wrong."""
    actions: dict[str, Callable[[], object]] = {
        "create a socket": lambda: socket.socket(socket.AF_INET),
        "start a process": lambda: os.fork() or os._exit(0),
        "send a signal": lambda: os.kill(os.getppid(), 0),  # signal 0 only asks for permission
        "read /proc": lambda: os.open("/proc/self/status", os.O_RDONLY),
        "write to /dev/zero": lambda: os.open("/dev/zero", os.O_WRONLY),  # only Landlock refuses it
        "list /": lambda: os.listdir("/"),
    }
    try:
        confine(ruleset)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    permitted = []
    for name, action in actions.items():
        with suppress(OSError):
            action()
            permitted.append(name)
    return f"a confined process can {', '.join(permitted)}" if permitted else SELF_TEST_PASSED
