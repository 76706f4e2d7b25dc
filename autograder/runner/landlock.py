"""Landlock: a process permanently loses access to all files except those under the paths that it names.

As far as the kernel supports it, it also loses TCP, and abstract sockets and signals of processes outside.
This module makes the system calls through ctypes, because neither Python nor the C library wraps them. They need no
privileges. `docs.kernel.org/userspace-api/landlock.html` explains each access right. Landlock does not cover metadata:
a process can still read it (stat). `seccomp` prevents changes of it (chmod, file times).
"""

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
ABI_VERSION_QUERY = 1  # a flag of CREATE_RULESET
PATH_BENEATH = 1  # a type of rule
PR_SET_NO_NEW_PRIVS = 38
LOG_SAME_EXEC_OFF = 1  # keeps refusals out of the system's audit log

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
TRUNCATE = 1 << 14
IOCTL_DEV = 1 << 15
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # the rights that a rule for a file may grant
MAKE_SPECIAL_FILE = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # character devices, sockets, FIFOs, block devices
ALL_TCP = 1 << 0 | 1 << 1  # bind, connect
ALL_SCOPES = 1 << 0 | 1 << 1  # confine abstract Unix sockets and signals to the sandboxed process

# What each version of the ABI added: rights to files, and more.
TRUNCATE_SINCE, TCP_SINCE, SCOPES_SINCE, LOG_FLAGS_SINCE = 3, 4, 6, 7
RIGHTS_BY_ABI_VERSION = {1: (1 << 13) - 1, 2: 1 << 13, TRUNCATE_SINCE: TRUNCATE, 5: IOCTL_DEV}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # from Python 3.14 on, a packed structure without it causes a warning
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def libc() -> ctypes.CDLL:
    """The C library, whose calls set `ctypes.get_errno`. There is none to open on Windows."""
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *arguments: Any) -> int:
    result: int = libc().syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"the kernel refused Landlock: {os.strerror(code)}")
    return result


def abi_version() -> int:
    """Return the version of Landlock's ABI that the kernel supports, or 0 if it does not support Landlock."""
    if sys.platform != "linux":
        return 0
    try:
        return _syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ABI_VERSION_QUERY))
    except OSError:
        return 0


def create_ruleset(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Describe the files that a process may still open.

    Return a file descriptor, which the caller owns. A folder counts with everything in it. Paths that do not exist are
    left out. Raise `OSError` if the kernel does not support Landlock.
    """
    version = abi_version()
    files = sum(rights for since, rights in RIGHTS_BY_ABI_VERSION.items() if since <= version)
    attributes = _Ruleset(files, ALL_TCP, ALL_SCOPES)
    num_fields = 1 + (version >= TCP_SINCE) + (version >= SCOPES_SINCE)  # an older kernel knows only the first ones
    size = ctypes.c_size_t(num_fields * ctypes.sizeof(ctypes.c_uint64))
    ruleset = _syscall(CREATE_RULESET, ctypes.byref(attributes), size, ctypes.c_uint32(0))
    try:
        for path in readable:
            _allow(ruleset, path, READ_FILE | READ_DIR)
        for path in writable:
            _allow(ruleset, path, files & ~EXECUTE & ~MAKE_SPECIAL_FILE)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= FILE_RIGHTS
        rule = _PathBeneath(rights, parent)
        _syscall(ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(parent)


def restrict_self(ruleset: int) -> None:
    """Permanently restrict the calling process to a ruleset. It must have only one thread.

    It also sets no_new_privs: no program that it starts gains privileges. Raise `OSError` if the kernel refuses.
    """
    if libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):  # Landlock and seccomp require it
        raise OSError(ctypes.get_errno(), "the kernel refused no_new_privs")
    flags = LOG_SAME_EXEC_OFF if abi_version() >= LOG_FLAGS_SINCE else 0
    _syscall(RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(flags))
