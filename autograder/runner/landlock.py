"""Landlock: a process gives up, for good, all files but those under the paths it names, and all of TCP.

Spoken to through ctypes, since neither Python nor the C library wraps it. `docs.kernel.org/userspace-api/landlock.html`
explains each right. It needs no privilege; it does not cover metadata (stat, chmod, rename times): `seccomp` does.
"""

import ctypes
import os
import sys
from collections.abc import Iterable
from functools import cache

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
VERSION_QUERY, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38
DO_NOT_LOG = 1  # every refusal, in the system's audit log

READ_FILE, READ_DIR, WRITE_FILE, TRUNCATE = 1 << 2, 1 << 3, 1 << 1, 1 << 14
ON_FILES = 1 << 0 | WRITE_FILE | READ_FILE | TRUNCATE | 1 << 15
SPECIAL_FILES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # character devices, sockets, FIFOs, block devices
ALL_TCP = 1 << 0 | 1 << 1  # bind, connect
ALL_SCOPES = 1 << 0 | 1 << 1  # abstract Unix sockets and signals stay within the domain

# The rights that each version of Landlock brought, by the version's number.
FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: TRUNCATE, 5: 1 << 15}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _syscall(number: int, *arguments) -> int:
    result = _libc().syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def version() -> int:
    """Return the version of Landlock that the kernel speaks; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    try:
        return _syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION_QUERY))
    except OSError:
        return 0


def ruleset(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Describe what may still be opened, and return it as a file descriptor for `enter`.

    Parameters
    ----------
    readable, writable : iterable of str
        Files or folders (with all that lies beneath). Those that do not exist are left out.
    """
    spoken = version()
    files = sum(rights for since, rights in FILE_RIGHTS.items() if since <= spoken)
    described = _Ruleset(files, ALL_TCP if spoken >= 4 else 0, ALL_SCOPES if spoken >= 6 else 0)
    size = 24 if spoken >= 6 else 16 if spoken >= 4 else 8
    rules = _syscall(CREATE_RULESET, ctypes.byref(described), ctypes.c_size_t(size), ctypes.c_uint32(0))
    for path in readable:
        _allow(rules, path, READ_FILE | READ_DIR)
    for path in writable:
        _allow(rules, path, files & ~1 & ~SPECIAL_FILES)
    return rules


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= ON_FILES
        beneath = _PathBeneath(rights, parent)
        _syscall(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(PATH_BENEATH), ctypes.byref(beneath), ctypes.c_uint32(0))
    finally:
        os.close(parent)


def enter(rules: int) -> None:
    """Give up, for good, all that ``rules`` does not allow. The calling thread must be the only one."""
    no_new_privileges()
    flags = DO_NOT_LOG if version() >= 7 else 0
    _syscall(RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(flags))


def no_new_privileges() -> None:
    """Let no later program of this process gain rights; Landlock and seccomp demand it."""
    if _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")
