"""seccomp: the system calls that a student's process may make. The kernel refuses all others.

The filter lists allowed calls rather than forbidden ones, so that it also refuses calls that future kernels add. Among
the refused calls are those for new processes and programs, connections, signals to other processes, tracing, the memory
and limits of other processes, namespaces, mounts, file modes and owners, keyrings, bpf, io_uring, shared memory, and
the ioctls that change a terminal.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator

from . import landlock

# Name, number on x86_64, number on aarch64 (- if that architecture lacks the call).
ALLOWED = """
# files
read 0 63  write 1 64  readv 19 65  writev 20 66  pread64 17 67  pwrite64 18 68  preadv 295 69  pwritev 296 70
preadv2 327 286  pwritev2 328 287  open 2 -  openat 257 56  creat 85 -  close 3 57  close_range 436 436  lseek 8 62
dup 32 23  dup2 33 -  dup3 292 24  pipe 22 -  pipe2 293 59  fcntl 72 25  ioctl 16 29  flock 73 32  ftruncate 77 46
fadvise64 221 223  readahead 187 213  fsync 74 82  fdatasync 75 83  sendfile 40 71
stat 4 -  lstat 6 -  fstat 5 80  newfstatat 262 79  statx 332 291  access 21 -  faccessat 269 48  faccessat2 439 439
statfs 137 43  fstatfs 138 44  getdents64 217 61  getcwd 79 17  chdir 80 49  fchdir 81 50  readlink 89 -
readlinkat 267 78  mkdir 83 -  mkdirat 258 34  rmdir 84 -  unlink 87 -  unlinkat 263 35  rename 82 -  renameat 264 38
link 86 -  linkat 265 37  symlink 88 -  symlinkat 266 36  umask 95 166
# memory
mmap 9 222  munmap 11 215  mprotect 10 226  mremap 25 216  msync 26 227  madvise 28 233  mincore 27 232  brk 12 214
# processes and threads
clone 56 220  exit 60 93  exit_group 231 94  futex 202 98  set_robust_list 273 99  rseq 334 293  membarrier 324 283
gettid 186 178  getpid 39 172  getppid 110 173  wait4 61 260  waitid 247 95  prctl 157 167
sched_yield 24 124  sched_getaffinity 204 123  sched_getscheduler 145 120  sched_getparam 143 121
sched_get_priority_max 146 125  sched_get_priority_min 147 126  getcpu 309 168
# signals
rt_sigaction 13 134  rt_sigprocmask 14 135  rt_sigreturn 15 139  rt_sigpending 127 136  rt_sigsuspend 130 133
rt_sigtimedwait 128 137  sigaltstack 131 132  restart_syscall 219 128  pause 34 -  kill 62 129  tgkill 234 131
# time
alarm 37 -  setitimer 38 103  getitimer 36 102  nanosleep 35 101  clock_nanosleep 230 115  clock_gettime 228 113
clock_getres 229 114  gettimeofday 96 169  time 201 -  times 100 153
# waiting and sockets
select 23 -  pselect6 270 72  poll 7 -  ppoll 271 73  epoll_create 213 -  epoll_create1 291 20  epoll_ctl 233 21
epoll_wait 232 -  epoll_pwait 281 22  eventfd2 290 19  socketpair 53 199  sendto 44 206  recvfrom 45 207
shutdown 48 210
# the system and this process
getrandom 318 278  uname 63 160  sysinfo 99 179  getrlimit 97 163  setrlimit 160 164  prlimit64 302 261
getrusage 98 165  getuid 102 174  geteuid 107 175  getgid 104 176  getegid 108 177  getgroups 115 158
getresuid 118 148  getresgid 120 150  getpgrp 111 -  getpgid 121 155  getsid 124 156  capget 125 90
"""

ARCHITECTURES = {"x86_64": (1, 0xC000003E), "aarch64": (2, 0xC00000B7)}  # column in ALLOWED, AUDIT_ARCH constant

# From here on, calls have the same number on every architecture. C libraries fall back to older calls on ENOSYS.
FIRST_UNIFIED_CALL = 424

# CLONE_VM, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD. A thread with files of its own would hide them from `scratch`.
THREAD_FLAGS = 0x00010D00
FORBIDDEN_CLONE_FLAGS = 0xFE02F000  # all CLONE_NEW…, CLONE_IO, CLONE_PARENT, CLONE_VFORK, CLONE_PTRACE, CLONE_PIDFD

_LOAD, _AND, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_REFUSE_EPERM, _REFUSE_ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in the kernel's struct seccomp_data
_ALL_BITS = 0xFFFFFFFF

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2

ArgumentCheck = tuple[int, int, tuple[int, ...]]  # index of the argument, mask, allowed values under the mask


def _argument_checks(pid: int) -> dict[str, list[ArgumentCheck]]:
    """Return the calls that are allowed only with certain arguments."""
    return {
        "kill": [(0, _ALL_BITS, (pid,))],
        "tgkill": [(0, _ALL_BITS, (pid,))],
        "prlimit64": [(0, _ALL_BITS, (0,))],  # 0 is the caller
        "clone": [(0, THREAD_FLAGS | FORBIDDEN_CLONE_FLAGS, (THREAD_FLAGS,))],
        "prctl": [(0, _ALL_BITS, (15, 16, 0x53564D41))],  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
        # AF_UNIX streams, which asyncio's event loop needs, perhaps with SOCK_CLOEXEC (0o2000000) and SOCK_NONBLOCK
        # (0o4000). A datagram socket could send to any other socket.
        "socketpair": [(0, _ALL_BITS, (1,)), (1, ~0o2004000 & _ALL_BITS, (1,))],
        # Without MSG_OOB: no notebook needs it, and it has been exploited to attack the kernel.
        "sendto": [(3, 1, (0,))],
        "recvfrom": [(3, 1, (0,))],
        # F_DUPFD to F_SETLKW, F_OFD_GETLK to F_OFD_SETLKW, F_DUPFD_CLOEXEC, F_GETPIPE_SZ: duplicates, flags, locks.
        # F_SETOWN is refused: it makes the kernel signal other processes.
        "fcntl": [(1, _ALL_BITS, (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032))],
        # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. TIOCSTI is refused: it types into terminals.
        "ioctl": [(1, _ALL_BITS, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451))],
    }


def install_filter() -> None:
    """Permanently restrict the calling process to the allowed system calls. It must have only one thread.

    It may send signals to itself and to no other process. Raise `OSError` if the kernel refuses the filter, as it does
    without no_new_privs, which `landlock.restrict_self` sets.
    """
    program = b"".join(_filter_program(os.getpid()))
    code = ctypes.create_string_buffer(program, len(program))
    sock_fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    if landlock.libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, sock_fprog, 0, 0):
        raise OSError(ctypes.get_errno(), f"the kernel refused the seccomp filter: {os.strerror(ctypes.get_errno())}")


def syscall_numbers(machine: str) -> dict[str, int]:
    """Return the numbers of the allowed calls by name."""
    column, _ = ARCHITECTURES[machine]
    words = [word for line in ALLOWED.splitlines() if not line.startswith("#") for word in line.split()]
    return {name: int(number) for name, number in zip(words[::3], words[column::3], strict=True) if number != "-"}


def _filter_program(pid: int) -> Iterator[bytes]:
    """Yield the filter's instructions in classic BPF, a block per call: a jump can skip at most 255 instructions."""
    machine = platform.machine()
    _, audit_arch = ARCHITECTURES[machine]
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_JUMP_IF_EQUAL, audit_arch, skip_if_true=1)
    yield _instruction(_RETURN, _KILL_PROCESS)
    yield _instruction(_LOAD, _NUMBER)
    checks = _argument_checks(pid)
    for name, number in syscall_numbers(machine).items():
        block = [*_check_instructions(checks.get(name, [])), _instruction(_RETURN, _ALLOW)]
        yield _instruction(_JUMP_IF_EQUAL, number, skip_if_false=len(block))
        yield from block
    yield _instruction(_JUMP_IF_AT_LEAST, FIRST_UNIFIED_CALL, skip_if_false=1)
    yield _instruction(_RETURN, _REFUSE_ENOSYS)
    yield _instruction(_RETURN, _REFUSE_EPERM)


def _check_instructions(checks: list[ArgumentCheck]) -> Iterator[bytes]:
    """Yield instructions that refuse the call if a check fails, and otherwise fall through."""
    for argument, mask, values in checks:
        yield _instruction(_LOAD, _ARGUMENTS + 8 * argument)  # the low 32 bits: the calls above ignore the others
        yield _instruction(_AND, mask)
        for num_left, value in zip(range(len(values), 0, -1), values, strict=True):
            yield _instruction(_JUMP_IF_EQUAL, value, skip_if_true=num_left)  # the other values, and the refusal
        yield _instruction(_RETURN, _REFUSE_EPERM)


def _instruction(code: int, value: int, skip_if_true: int = 0, skip_if_false: int = 0) -> bytes:
    """Encode an instruction. A jump skips a number of those below it."""
    return struct.pack("HBBI", code, skip_if_true, skip_if_false, value)
