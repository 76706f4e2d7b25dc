"""Submissions that attack the grader in a sandbox: they read nothing, change nothing and stop nothing else.

What depends on the mode of the sandbox is tried in both modes, what concerns the grader's own process in one.

Each attack proves that it reached its target. Most attacks are refused by the seccomp filter, with its own errors. The
others must work without a sandbox.
"""

import json
import os
import platform
import re
import signal
import struct
import time
from pathlib import Path

import nbformat
import pytest

from autograder.runner import FailureKind, Limits, Step, visible_files
from tests.conftest import REPOSITORY
from tests.runner.conftest import Harness, error_name, failure_message, numbers_in_headers, server_processes, stdout_of

STORED_RESULTS = {name.removesuffix(".npy") for name in visible_files.VISIBLE_DATA if name.endswith(".npy")}

COLUMN = 1 if platform.machine() == "aarch64" else 0

# `attempt` notes how an attack ends: with an error's code, with another exception, or without one.
TOOLS = """
import ctypes, errno, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
ends = {}

def attempt(name, action):
    try:
        ends[name] = f"worked: {action()!r}"[:80]
    except BaseException as error:
        ends[name] = errno.errorcode.get(getattr(error, "errno", None), repr(error))

def syscall(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), "")
    return result
"""
FILTER = ("EPERM", "ENOSYS")  # the errors of the seccomp filter. Those of a kernel that executed a call are others.


def ends_of(harness: Harness, attacks: dict[str, str], setup: str) -> dict[str, str]:
    """Run each attack, an expression, and return how it ended."""
    lines = [f"attempt({name!r}, lambda: {attack})" for name, attack in attacks.items()]
    return json.loads(harness.read_stdout(TOOLS + setup, "\n".join([*lines, "print(json.dumps(ends))"])))


def refused_elsewhere(harness: Harness, attacks: dict[str, str], setup: str = "") -> dict[str, str]:
    """Check that no attack works, and return those that were not refused by the filter."""
    ends = ends_of(harness, attacks, setup)
    assert {name: end for name, end in ends.items() if end.startswith("worked")} == {}
    return {name: attack for name, attack in attacks.items() if ends[name] not in FILTER}


def assert_all_work(unsandboxed: Harness, attacks: dict[str, str], setup: str) -> None:
    """Check that the attacks have targets: without a sandbox, they work."""
    ends = ends_of(unsandboxed, attacks, setup)
    assert {name: end for name, end in ends.items() if not end.startswith("worked")} == {}


@pytest.fixture(autouse=True)
def no_attack_has_after_effects(request):
    """After every attack: the same server, no other process, no file left, and the next submission runs as before."""
    name = next((name for name in ("sandboxed", "best_sandbox") if name in request.fixturenames), None)
    if name is None:
        yield
        return
    harness: Harness = request.getfixturevalue(name)
    before = server_processes(harness)
    yield
    list_files = "import os\nprint(os.listdir('.'), sorted(os.listdir(os.environ['HOME'])), sorted(os.listdir('..')))"
    assert harness.read_stdout(list_files) == "[] ['.1', '.2'] ['home', 'work']\n"
    assert server_processes(harness) == before


# --- reading -------------------------------------------------------------------------------------------------------------


READING = {
    **{f"list {name}": f"os.listdir({name})" for name in ("tests", "solutions", "'/'", "'/tmp'", "'/etc'", "home")},
    **{f"read {name}": f"open({name}).read()" for name in ("secret", "judge", "'/etc/passwd'", "'/proc/self/environ'")},
    "the memory map": "open('/proc/self/maps').read()",
    "all processes": "os.listdir('/proc')",
    "the environment of the server": "open(f'/proc/{os.getppid()}/environ').read()",
    "its command line": "open(f'/proc/{os.getppid()}/cmdline').read()",
    "its descriptors": "os.listdir(f'/proc/{os.getppid()}/fd')",
    "the kernel's": "os.listdir('/sys')",
    "through a symbolic link": "(os.symlink(secret, 'link'), open('link').read())",
    "through a hard link": "(os.link(secret, 'hard'), open('hard').read())",
    "through /proc": "open(f'/proc/self/root{secret}').read()",
    "upwards": "open('../' * 30 + secret).read()",
    "by O_PATH": "os.open('/proc/self/fd/' + str(os.open(secret, os.O_PATH)), os.O_RDONLY)",
    "by a copy of the kernel": "os.sendfile(os.open('copy', os.O_WRONLY | os.O_CREAT), os.open(secret, os.O_RDONLY), 0, 9)",
    "through numpy": "__import__('numpy').fromfile(secret)",
    "through C": "libc.fopen(secret.encode(), b'r') or 1 / 0",
    "beside lectrain": "open(os.path.dirname(os.path.realpath(lectrain.__file__)) + '/../autograder/judging/judge.py').read()",
    # The fork server has imported the modules of the package that the sandbox contains.
    "import the autograder": "([sys.modules.pop(n) for n in [*sys.modules] if n.startswith('autograder')], __import__('autograder.judging'))",
    "import the exercises": "__import__('exercises')",
    "import the solutions": "__import__('solutions')",
}


@pytest.mark.attack("reading", READING)
def test_files_of_the_course_and_the_machine_cannot_be_read(sandboxed, unsandboxed, tmp_path):
    (tmp_path / "gradebook.db").write_text("scores")
    places = {
        "secret": tmp_path / "gradebook.db",
        "judge": REPOSITORY / "autograder/judging/judge.py",
        "solutions": REPOSITORY / "solutions",
        "tests": REPOSITORY / "tests",
        "home": Path.home(),
    }
    setup = f"import lectrain\nsys.path.append({str(REPOSITORY)!r})\n"
    setup += "\n".join(f"{name} = {str(path)!r}" for name, path in places.items())
    assert_all_work(unsandboxed, refused_elsewhere(sandboxed, READING, setup), setup)


@pytest.mark.attack("reading")
def test_the_environment_of_the_grader_is_not_there(sandboxed):
    assert "A_SECRET" in os.environ
    look = "import ctypes, os\nget = ctypes.CDLL(None).getenv\nprint(*(bool(os.getenv(n)) or bool(get(n.encode())) for n in {}))"
    assert sandboxed.read_stdout(look.format(["A_SECRET", "LECTRAIN_DATA"])) == "False True\n"


EXISTING = "print([file for file in files if os.path.exists(file)])"


@pytest.mark.attack("traces")
def test_submissions_cannot_exchange_messages(sandboxed):
    folders = "('.', '..', os.environ['HOME'], '/tmp', '/dev/shm', '/var/tmp', '/course', '/course/data', '/')"
    files = f"import os\nfiles = [f'{{folder}}/marker' for folder in {folders}]\n"
    write = f"{files}for file in files:\n    try: open(file, 'w').write('hello')\n    except OSError: pass\n{EXISTING}"
    patch = "secret_variable = 1\nimport numpy as np\nnp.allclose = lambda *_: True\nprint(np.allclose(1, 2))"
    written, patched = map(stdout_of, sandboxed.run(write, patch))
    assert len(written.split(",")) >= 3, "it could write in some folders"
    assert patched == "True\n"
    assert sandboxed.read_stdout(files + EXISTING) == "[]\n"
    assert sandboxed.read_stdout("print('secret_variable' in globals())") == "False\n"
    assert sandboxed.read_stdout("import numpy as np\nprint(np.allclose(1, 2))") == "False\n"


@pytest.mark.attack("answers")
def test_stored_results_that_would_solve_an_exercise_are_not_there(sandboxed):
    """In particular the weights of Fashion-MNIST, through `lectrain`, the path, and the path outside the sandbox."""
    stored = sorted(REPOSITORY.glob("data/0*/*.npy"))
    names = [file.relative_to(REPOSITORY / "data").with_suffix("").as_posix() for file in stored]
    loaded = sandboxed.read_stdout(
        "import os\nimport numpy as np\nfrom lectrain import data\n"
        "def can(load, *names):\n"
        "    try: return bool(np.size(load(*names)))\n"
        "    except (OSError, data.DataError): return False\n"
        "def loaded(name, path):\n"
        "    inside = os.path.join(os.environ['LECTRAIN_DATA'], name + '.npy')\n"
        "    return can(data.load_stored, name) or can(np.load, inside) or can(np.load, path)\n"
        f"print([name for name, path in zip({names}, {list(map(str, stored))}) if loaded(name, path)])"
    )
    assert "03-softmax/fashion-weights" in names
    assert loaded == f"{sorted(STORED_RESULTS)}\n"


def test_the_stored_results_of_cells_outside_demonstrations_are_there():
    """Unchanged demonstrations are not run, so only these cells would fail."""
    used = set()
    for path in REPOSITORY.glob("solutions/*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        sources = [cell.source for cell in cells if "demo" not in cell.metadata.get("tags", [])]
        used |= {name for source in sources for name in re.findall(r'"(0\d-[\w-]+/[\w{}-]+)"', source)}
    patients = {f"04-sgd/issues-{patient}" for patient in "ABCDE"}
    assert used - {"04-sgd/issues-{patient}"} | patients == STORED_RESULTS


# --- writing -------------------------------------------------------------------------------------------------------------


# `use` gives each attack a victim of its own, because some of them work without a sandbox.
USE = """
def use(number):
    global file, folder, new
    file, folder, new = (f"{victims}/{number}/{name}" for name in ("file", "folder", "new"))
"""
EXCHANGE, WHITEOUT = 2, 4  # flags of renameat2
RENAMEAT2 = (316, 276)[COLUMN]
WRITING = {
    "write": "open(file, 'w')",
    "append": "open(file, 'a').write('x')",
    "truncate": "os.truncate(file, 0)",
    "open to truncate": "os.open(file, os.O_RDONLY | os.O_TRUNC)",
    "create": "open(new, 'x')",
    "make a folder": "os.mkdir(new)",
    "make a link": "os.symlink('x', new)",
    "make a FIFO": "os.mkfifo(new)",
    "delete": "os.unlink(file)",
    "delete a folder": "os.rmdir(folder)",
    "move": "os.rename(file, 'mine')",
    "overwrite by moving": "(open('own', 'w').close(), os.replace('own', file))",
    "exchange": f"(open('own', 'w').close(), syscall({RENAMEAT2}, -100, b'own', -100, file.encode(), {EXCHANGE}))",
    "link": "os.link(file, 'linked')",
    "change the mode": "os.chmod(file, 0)",
    "change the mode, newer": "syscall(452, -100, file.encode(), 0, 0)",
    "change the owner": "os.chown(file, 65534, 65534)",
    "change the times": "os.utime(file, (0, 0))",
    "add an attribute": "os.setxattr(file, 'user.x', b'y')",
    "change lectrain": "open(__import__('lectrain').__file__, 'a')",
    "change numpy": "open(__import__('numpy').__file__, 'a')",
    "add to the packages": "create(os.path.dirname(__import__('numpy').__file__) + '/x.py')",
    "change the data": "create(os.environ['LECTRAIN_DATA'] + '/x')",
    "write to /tmp": "create('/tmp/x-lectrain')",
    "write to /dev/shm": "create('/dev/shm/x-lectrain')",
    "write to a device": "os.open('/dev/full', os.O_WRONLY)",
    "make a device": "os.mknod(new, 0o20600, os.makedev(1, 3))",
    "a device by moving": f"(open('f', 'x').close(), syscall({RENAMEAT2}, -100, b'f', -100, b'g', {WHITEOUT}))",
    "through chdir": "(os.chdir(folder), open('new', 'w'))",
}


@pytest.mark.attack("writing", WRITING)
def test_nothing_outside_the_scratch_folder_can_be_changed(sandboxed, unsandboxed, tmp_path):
    for number in range(len(WRITING)):
        (tmp_path / f"{number}/folder").mkdir(parents=True)
        (tmp_path / f"{number}/file").write_text("as it was")
    before = state_of(tmp_path), state_of(REPOSITORY / "lectrain")
    attacks = {name: f"use({number}) or {attack}" for number, (name, attack) in enumerate(WRITING.items())}
    setup = f"{USE}victims = {str(tmp_path)!r}\ndef create(path): open(path, 'w').close(), os.unlink(path)"
    elsewhere = refused_elsewhere(sandboxed, attacks, setup)
    assert before == (state_of(tmp_path), state_of(REPOSITORY / "lectrain"))
    assert_all_work(unsandboxed, elsewhere, setup)


def state_of(folder: Path) -> list[tuple]:
    """Return the content and metadata of a folder and everything in it, except access times."""
    state = []
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        state.append((path, status.st_mode, status.st_uid, status.st_mtime_ns, content, os.listxattr(path)))
    return state


# --- network -------------------------------------------------------------------------------------------------------------


NETWORK = {
    "tcp": "socket.create_connection(('127.0.0.1', 80), 1)",
    "udp": "socket.socket(type=socket.SOCK_DGRAM)",
    "unix": "socket.socket(socket.AF_UNIX)",
    "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "the kernel's crypto": "socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)",
    "datagrams": "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "urgent data": "socket.socketpair()[0].send(b'x', socket.MSG_OOB)",
    "urgent data received": "socket.socketpair()[0].recv(1, socket.MSG_OOB)",
    "descriptors": "socket.send_fds(socket.socketpair()[0], [b'x'], [1])",
}


@pytest.mark.attack("network", NETWORK)
def test_no_socket_can_connect_or_send(sandboxed):
    assert refused_elsewhere(sandboxed, NETWORK, "import socket") == {}


# --- processes -----------------------------------------------------------------------------------------------------------

# 17 is SIGCHLD: a process, not a thread. 0x10000000 is a namespace.
CLONE, TGKILL, PRCTL = ((56, 220)[COLUMN], (234, 131)[COLUMN], (157, 167)[COLUMN])
PROCESSES = {
    "fork": "os.fork() or os._exit(0)",
    "subprocess": "subprocess.run(['true'])",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "exec": "os.execv(sys.executable, [sys.executable, '-c', 'print(1)'])",
    "multiprocessing": "multiprocessing.get_context('fork').Process(target=print).start()",
    "clone in C": f"syscall({CLONE}, 17, 0, 0, 0, 0) or os._exit(0)",
    "clone with namespaces": f"syscall({CLONE}, 0x10000011, 0, 0, 0, 0) or os._exit(0)",
    "a thread with files of its own": f"syscall({CLONE}, 0x10900, 0, 0, 0, 0) or os._exit(0)",
    "SIGKILL": "os.kill(os.getppid(), 9)",
    "SIGINT": "os.kill(os.getppid(), 2)",
    "process 1": "os.kill(1, 9)",
    "its group": "os.killpg(os.getpgid(os.getppid()), 9)",
    "own group": "os.kill(0, 18)",
    "everybody": "os.kill(-1, 18)",
    "its thread": f"syscall({TGKILL}, os.getppid(), os.getppid(), 9)",
    "owner of a pipe": "fcntl.fcntl(pipe, 8, os.getppid())",
    "signal of a pipe": "fcntl.fcntl(pipe, 10, 9)",
    "limits": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))",
    "push characters": "fcntl.ioctl(0, 0x5412, b'x')",
    "Linux consoles": "fcntl.ioctl(0, 0x541C, b'\x03')",
    "a controlling terminal": "fcntl.ioctl(0, 0x540E, 0)",
    "outlive the server": f"syscall({PRCTL}, 1, 0, 0, 0, 0)",
    "undumpable": f"syscall({PRCTL}, 4, 0, 0, 0, 0)",
    "adopt orphans": f"syscall({PRCTL}, 36, 1, 0, 0, 0)",
    "another filter": f"syscall({PRCTL}, 22, 1, 0, 0, 0)",
}


@pytest.mark.attack("processes", PROCESSES)
def test_no_process_can_be_started_signalled_or_slowed_down(sandboxed):
    setup = "import fcntl, multiprocessing, resource, subprocess\npipe, _ = os.pipe()"
    assert refused_elsewhere(sandboxed, PROCESSES, setup) == {}


@pytest.mark.attack("limits")
def test_a_process_with_too_many_threads_is_killed(sandboxed):
    flood = (
        "import threading, time\n"
        "threading.stack_size(32768)\n"
        "while True: threading.Thread(target=time.sleep, args=(100,), daemon=True).start()"
    )
    started = time.monotonic()
    before, flooding, after = sandboxed.run("print('credit')", flood, "1", cell_seconds=10)
    assert time.monotonic() - started < 5
    assert stdout_of(before) == "credit\n"
    assert failure_message(flooding) == "the notebook exceeded its limit of 64 threads"
    assert failure_message(after).startswith("not run: ")


@pytest.mark.attack("traces")
def test_no_thread_and_no_exit_handler_outlives_the_submission(sandboxed):
    linger = (
        "import atexit, signal, threading, time\n"
        "for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)\n"
        "atexit.register(time.sleep, 100)\n"
        "for _ in range(5): threading.Thread(target=time.sleep, args=(100,)).start()\n"
        "print(threading.active_count() > 5, signal.getsignal(signal.SIGTERM))"
    )
    started = time.monotonic()
    assert sandboxed.read_stdout(linger) == f"True {signal.SIG_IGN}\n"
    assert time.monotonic() - started < 3


# Calls that no notebook needs, with their numbers on x86_64 and aarch64.
REFUSED_CALLS = """
execve 59 221  execveat 322 281  vfork 58 -  fork 57 -  clone3 435 435  setsid 112 157  setpgid 109 154
socket 41 198  connect 42 203  bind 49 200  listen 50 201  sendmsg 46 211  recvmsg 47 212
tkill 200 130  rt_sigqueueinfo 129 138  pidfd_open 434 434  pidfd_send_signal 424 424  pidfd_getfd 438 438
sched_setaffinity 203 122  setpriority 141 140  sched_setscheduler 144 119  ioprio_set 251 30
ptrace 101 117  process_vm_readv 310 270  process_vm_writev 311 271  process_madvise 440 440  kcmp 312 272
get_robust_list 274 100  userfaultfd 323 282  perf_event_open 298 241  memfd_create 319 279  memfd_secret 447 447
shmget 29 194  shmat 30 196  semget 64 190  msgget 68 186  mq_open 240 180  mlock 149 228  mbind 237 235
truncate 76 45  chmod 90 -  fchmod 91 52  fchmodat 268 53  fchmodat2 452 452  chown 92 -  fchownat 260 54
mknodat 259 33  utimensat 280 88  setxattr 188 5  renameat2 316 276  fallocate 285 47  chroot 161 51
mount 165 40  umount2 166 39  pivot_root 155 41  unshare 272 97  setns 308 268  open_tree 428 428  move_mount 429 429
fsopen 430 430  fsconfig 431 431  mount_setattr 442 442  open_by_handle_at 304 265  name_to_handle_at 303 264
setuid 105 146  setresuid 117 147  setgroups 116 159  capset 126 91  personality 135 92  seccomp 317 277
landlock_create_ruleset 444 444  add_key 248 217  request_key 249 218  keyctl 250 219  bpf 321 280
init_module 175 105  kexec_load 246 104  reboot 169 142  swapon 167 224  acct 163 89  quotactl 179 60  syslog 103 116
sethostname 170 161  settimeofday 164 170  vmsplice 278 75  splice 275 76  tee 276 77  inotify_init1 294 26
fanotify_init 300 262  timer_create 222 107  io_setup 206 0  io_uring_setup 425 425  io_uring_enter 426 426
io_uring_register 427 427  futex_waitv 449 449  mseal 462 462  future 999 999
"""
REFUSED_NUMBERS = {
    name: int(numbers[COLUMN])
    for name, *numbers in zip(*[iter(REFUSED_CALLS.split())] * 3, strict=True)
    if numbers[COLUMN] != "-"
}


@pytest.mark.attack("system calls", REFUSED_NUMBERS)
def test_other_system_calls_are_refused(sandboxed):
    defined = numbers_in_headers(platform.machine())
    assert {name: number for name, number in REFUSED_NUMBERS.items() if int(defined.get(name, number)) != number} == {}
    calls = {name: f"syscall({number}, *[ctypes.c_long(0)] * 6)" for name, number in REFUSED_NUMBERS.items()}
    assert refused_elsewhere(sandboxed, calls) == {}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86_64 has other system call interfaces")
@pytest.mark.attack("system calls")
def test_32_bit_system_calls_are_refused(sandboxed):
    assert refused_elsewhere(sandboxed, {"x32": "syscall(0x40000000 + 39)"}) == {}  # getpid in the x32 ABI
    int80 = (
        "import ctypes, mmap\n"
        "code = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(bytes.fromhex('53b814000000cd805bc3'))  # getpid by int 0x80\n"
        "print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())"
    )
    assert failure_message(sandboxed.run(int80)[0]) == "the student's process crashed (Bad system call)"


# --- the protocol -----------------------------------------------------------------------------------------------------------


def frame(payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + payload


FORGED = {
    "garbage": b"garbage " * 100,
    "half a frame": struct.pack(">I", 1000) + b"{",
    "a huge frame": b"\xff\xff\xff\xff",
    "not JSON": frame(b"\xff\xfe{"),
    "not an object": frame(b"[]"),
    "an empty object": frame(b"{}"),
    "deep": frame(b"[" * 100_000),
    "invalid outputs": frame(b'{"outputs": [{"output_type": "stream", "name": "x", "text": 3}]}'),
    "deep outputs": frame(b'{"outputs": [{"output_type": "display_data", "metadata": {}, "data": {"application/json": %s1%s}}]}' % (b"[" * 500, b"]" * 500)),
    "not UTF-8": frame(b'{"outputs": [{"output_type": "stream", "name": "stdout", "text": "\\ud800"}]}'),
    "not a number": frame(b'{"outputs": [{"output_type": "display_data", "data": {"application/json": NaN}, "metadata": {"a": 1e999}}]}'),
    "a long number": frame(b'{"outputs": ' + b"9" * 10_000 + b"}"),
    "revised": frame(b'{"outputs": [], "revised": {"-1": [], "7": 3, "x": []}}'),
    "revised by a list": frame(b'{"outputs": [], "revised": [[]]}'),
    "limit_hit": frame(b'{"outputs": [], "limit_hit": ["memory"]}'),
    "answers": frame(b'{"answers": [1]}'),
    "many": frame(b'{"outputs": []}') * 1000,
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.attack("protocol")
def test_a_forged_reply_affects_only_its_own_submission(best_sandbox, name):
    forge = f"import os\nfor number in range(3, 256):\n    try: os.write(number, {FORGED[name]!r})\n    except OSError: pass"
    sources = ["def f(x): return x\nprint('credit')", forge, "print(3)", "print(4)"]
    steps = [Step(source, {"name": "f", "cases": []} if k else None) for k, source in enumerate(sources)]
    results = best_sandbox.runner.run(steps, limits=Limits(cell_seconds=0.5, grace_seconds=0.2))
    assert len(results) == len(steps)
    assert stdout_of(results[0]) == "credit\n"
    assert any(result.failures for result in results) or stdout_of(results[2]) != "3\n", "no forged byte arrived"
    for result in results:
        assert result.answers is None or isinstance(result.answers, dict)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(outputs=nbformat.from_dict(result.outputs)) for result in results]
    )
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()


SEND = """\
import json, os, struct
def send(**reply):
    frame = json.dumps(reply).encode()
    frame = struct.pack('>I', len(frame)) + frame
    os.set_blocking(3, True)
    while frame: frame = frame[os.write(3, frame):]
"""
# A reply in place of the answers to the second step. The limit of the answers is 10 KiB, that of the output 100 KiB.
TOO_LONG_ANSWERS = {
    "twice the limit": "{'answers': ['x' * 20_480]}",
    "the limit and 1 KiB": "{'answers': ['x' * 11_264]}",
    "another field": "{'answers': [], 'more': 'x' * 20_480}",
    "numbers": "{'answers': [[10**4000] * 5]}",
}


@pytest.mark.parametrize("name", TOO_LONG_ANSWERS)
@pytest.mark.attack("protocol")
def test_the_grader_accepts_no_answers_beyond_their_limit(best_sandbox, name):
    forge = f"{SEND}send(outputs=[])\nsend(answers={TOO_LONG_ANSWERS[name]})"
    steps = [Step("def f(x): return x\nprint('credit')"), Step(forge), Step("1", {"name": "f", "cases": []}), Step("2")]
    limits = Limits(answer_bytes=10 << 10, cell_output=100 << 10, cell_seconds=2, grace_seconds=0.2)
    before, _, result, after = best_sandbox.runner.run(steps, limits=limits)
    assert stdout_of(before) == "credit\n"
    assert result.answers is None
    assert [failure.kind for failure in result.failures] == [FailureKind.CRASH]
    assert re.fullmatch(
        r"the student's process sent an invalid reply: the frame has \d+ bytes, more than the 11264 allowed",
        failure_message(result),
    )
    assert [failure.kind for failure in after.failures] == [FailureKind.NOT_RUN]


@pytest.mark.attack("protocol")
def test_answers_within_their_limit_are_accepted_although_they_are_forged(best_sandbox):
    forge = f"{SEND}send(outputs=[])\nsend(answers={{'answers': ['x' * 10_000]}})"
    steps = [Step("def f(x): return x"), Step(forge), Step("1", {"name": "f", "cases": []})]
    result = best_sandbox.runner.run(steps, limits=Limits(answer_bytes=10 << 10, cell_seconds=2))[-1]
    assert result.answers == {"answers": ["x" * 10_000]}


# Replies in place of a cell's outputs, and the reason why the grader accepts none of them.
UNACCEPTABLE_OUTPUTS = {
    "a long field": ("'x' * 7_000_000", "bytes, more than the"),
    "many outputs": ("[stream] * 1003", "more than 1000 outputs"),
    "very deep": ("[{**display, 'metadata': {'a': deep}}]", "nested too deep"),
}


@pytest.mark.parametrize("name", UNACCEPTABLE_OUTPUTS)
@pytest.mark.attack("protocol")
def test_the_grader_accepts_no_outputs_beyond_their_limits(best_sandbox, name):
    outputs, reason = UNACCEPTABLE_OUTPUTS[name]
    forge = (
        f"{SEND}"
        "stream = {'output_type': 'stream', 'name': 'stdout', 'text': ''}\n"
        "display = {'output_type': 'display_data', 'data': {}, 'metadata': {}}\n"
        "deep = []\n"
        "for _ in range(500): deep = [deep]\n"
        f"send(outputs={outputs})"
    )
    before, result, after = best_sandbox.run("print('credit')", forge, "1", cell_output=100_000)
    assert stdout_of(before) == "credit\n"
    assert [failure.kind for failure in result.failures] == [FailureKind.CRASH]
    assert reason in failure_message(result)
    assert all(output["output_type"] == "error" for output in result.outputs)  # the grader's own
    # An honest cell can exceed the last two, so the notebook goes on. A longer frame than agreed ends the dialogue.
    ends = name == "a long field"
    assert [failure.kind for failure in after.failures] == ([FailureKind.NOT_RUN] if ends else [])


@pytest.mark.attack("protocol")
def test_forged_outputs_count_towards_the_limit_of_the_notebook(best_sandbox):
    """Each reply is as long as the outputs of a cell may be: the limit, and the overhead beyond it."""
    forge = (
        f"{SEND}"
        "send(outputs=[])\n"
        "while os.read(3, 1 << 20):\n"
        "    send(outputs=[{'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 60_000}])"
    )
    results = best_sandbox.run(forge, *["1"] * 30, cell_output=100_000, submission_output=300_000)
    assert 300_000 < sum(len(str(result.outputs)) for result in results) < 1_000_000
    assert "exceed twice their limit" in "".join(failure_message(result) or "" for result in results)


@pytest.mark.attack("protocol")
def test_the_values_in_all_outputs_of_a_notebook_are_limited(best_sandbox):
    """A million empty dicts would take half a gigabyte in the grader's process."""
    forge = (
        f"{SEND}"
        "content = {'application/json': [{}] * 60_000}\n"
        "send(outputs=[])\n"
        "while os.read(3, 1 << 20):\n"
        "    send(outputs=[{'output_type': 'display_data', 'data': content, 'metadata': {}}])"
    )
    results = best_sandbox.run(forge, *["1"] * 20)
    kinds = [failure.kind for result in results for failure in result.failures]
    assert kinds == [FailureKind.CRASH] * 16
    assert sum(bool(result.outputs) for result in results) == 4
    assert "hold more than 250000 values" in failure_message(results[5])


def test_the_control_socket_is_not_among_the_descriptors(sandboxed):
    list_descriptors = (
        "import os, stat\n"
        "kinds = {}\n"
        "for number in range(10_000):\n"
        "    try: kinds[number] = stat.S_IFMT(os.fstat(number).st_mode)\n"
        "    except OSError: pass\n"
        "print(sorted(kinds), [n for n in kinds if kinds[n] == stat.S_IFSOCK])"
    )
    assert sandboxed.read_stdout(list_descriptors) == "[0, 1, 2, 3] [3]\n"


@pytest.mark.attack("protocol")
def test_a_notebook_that_reads_the_graders_requests_keeps_earlier_credit(best_sandbox):
    steal = (
        "import os, threading\n"
        "os.set_blocking(3, True)\n"
        "threading.Thread(target=lambda: [os.read(3, 4) for _ in range(99)], daemon=True).start()"
    )
    results = best_sandbox.run("print('credit')", steal, *["2"] * 20, cell_seconds=0.4, grace_seconds=0.2)
    assert keeps_credit(results)
    assert failure_message(results[-1]).startswith("not run: "), "no request was read"


@pytest.mark.attack("protocol")
def test_closing_the_connection_ends_the_notebook(sandboxed):
    before, closing, after = sandboxed.run("print('credit')", "import os, time\nos.close(3)\ntime.sleep(60)", "3")
    assert (stdout_of(before), failure_message(closing)) == (
        "credit\n",
        "the student's process closed its connection to the grader",
    )
    assert failure_message(after).startswith("not run: ")


@pytest.mark.attack("protocol")
def test_patching_the_runner_inside_keeps_earlier_credit(sandboxed):
    search = (
        "import gc, json, os, sys\n"
        "gc.unfreeze()\n"
        "targets = [thing for thing in gc.get_objects() if type(thing).__name__ in ('Channel', 'Notebook')]\n"
        "print('credit', sorted({type(thing).__name__ for thing in targets}))"
    )
    patch = (
        "json.dumps = json.loads = None\n"
        "sys.modules['autograder.runner.cells'].Outputs = None\n"
        "for thing in targets: vars(thing).clear()\n"
    )
    before, patched, after = sandboxed.run(search, patch, "1")
    assert stdout_of(before) == "credit ['Channel', 'Notebook']\n"
    assert failure_message(patched)
    assert failure_message(after)


# --- limits ---------------------------------------------------------------------------------------------------------------


def keeps_credit(results) -> bool:
    """Whether the first cell, which printed "credit", has its output and no failure."""
    return stdout_of(results[0]) == "credit\n" and failure_message(results[0]) is None


@pytest.mark.attack("limits")
def test_memory_is_limited(best_sandbox):
    results = best_sandbox.run("print('credit')", "import numpy as np\nx = np.ones(6 * 2**30 // 8)", "print('goes on')")
    assert keeps_credit(results)
    assert "MemoryError" in error_name(results[1])
    assert failure_message(results[1]) == "the cell exceeded the notebook's memory limit of 3072 MiB"
    assert stdout_of(results[2]) == "goes on\n"


@pytest.mark.attack("limits")
def test_memory_in_small_pieces_is_limited(sandboxed):
    results = sandboxed.run("print('credit')", "x = []\nwhile True: x.append(bytearray(10**6))", "1", memory=800 << 20)
    assert keeps_credit(results)
    assert "memory limit of 800 MiB" in failure_message(results[1])


@pytest.mark.parametrize(
    "flood",
    ["for _ in range(500): print('x' * 10**6)", "import sys\nfor _ in range(500): sys.stderr.write('x' * 10**6)",
     "for k in range(10**5): print(k)", "display(*['x' * 100] * 3000)"],
)  # fmt: skip
@pytest.mark.attack("limits")
def test_output_is_limited(best_sandbox, flood):
    results = best_sandbox.run("print('credit')", flood, "print('goes on')", cell_output=100_000)
    assert keeps_credit(results)
    assert "output exceeded its limit" in failure_message(results[1])
    assert sum(len(str(output)) for output in results[1].outputs) < 300_000
    assert stdout_of(results[2]) == "goes on\n"


@pytest.mark.attack("limits")
def test_output_written_to_the_descriptor_is_limited(best_sandbox):
    results = best_sandbox.run(
        "print('credit')", "import os\nfor _ in range(500): os.write(1, b'x' * 10**6)", "print('goes on')"
    )
    assert keeps_credit(results)
    assert failure_message(results[1]) == "the notebook wrote a file larger than the limit of 64 MiB"
    assert len(stdout_of(results[1])) <= 1 << 20
    assert stdout_of(results[2]) == "goes on\n"


# Files that are in no folder and not open, but in the memory of the process.
MAPPED = """
import ctypes
size, libc = 20 << 20, ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
for k in range(8):
    with open('x', 'wb+') as file:
        file.truncate(size)
        address = libc.mmap(None, ctypes.c_size_t(size), 3, 1, file.fileno(), ctypes.c_long(0))
    unlink('x')
    ctypes.memset(address, 1, size)
sleep(9)
"""


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        ("f = open('big', 'wb')\nfor _ in range(2000): f.write(bytes(1 << 20))", "larger than the limit of 64 MiB"),
        ("open('big', 'wb').truncate(2 << 30)", "larger than the limit of 64 MiB"),
        ("for k in range(99): open(str(k), 'wb').write(bytes(20 << 20))\nsleep(9)", "total limit of 100 MiB"),
        ("for k in range(8): f[k] = open('x', 'wb'); unlink('x'); f[k].write(bytes(20 << 20)); f[k].flush()\nsleep(9)", "total limit of 100 MiB"),
        (MAPPED, "total limit of 100 MiB"),
        ("for k in range(10**6): open(str(k), 'w').close()", "more than 2000 files"),
        ("for k in range(3000): mkdir('d'); chdir('d')\nsleep(9)", "more than 2000 files"),
        ("for k in range(300): mkdir('d' * 200); chdir('d' * 200)\nsleep(9)", "more than 2000 files"),
        ("mkdir('d', 0o300)\nfor k in range(2500): open(f'd/{k}', 'w').close()\nsleep(9)", "more than 2000 files"),
        ("for k in range(999): f[k] = open('x', 'w')", "limit of 256 open files"),
    ],
)  # fmt: skip
@pytest.mark.attack("limits")
def test_files_are_limited(sandboxed, fill, message):
    results = sandboxed.run(
        "f = {}\nprint('credit')",
        f"from os import *\nfrom time import sleep\nfrom builtins import open\n{fill}",
        "1",
        scratch_bytes=100 << 20,
    )
    assert keeps_credit(results)
    assert message in failure_message(results[1])


@pytest.mark.attack("limits")
def test_files_that_keep_moving_are_counted(sandboxed):
    move = (
        "import os, threading\n"
        "os.mkdir('a')\n"
        "for k in range(900): open(f'a/{k}', 'w').close()\n"
        "moves = []\n"
        "def move():\n"
        "    while True: os.rename('a', 'b'); os.rename('b', 'a'); moves.append(1)\n"
        "threading.Thread(target=move, daemon=True).start()\n"
        "while len(moves) < 10: pass\n"
        "for k in range(200): open(str(k), 'w').close()\n"
        "while True: pass"
    )
    (result,) = sandboxed.run(move, scratch_files=1000)
    assert (
        failure_message(result)
        == "there are more than 1000 files beside the notebook, or a folder that cannot be searched"
    )


# For each cell: whether it stops at an interrupt, or None if it does not run into the time limit.
ENDLESS = {
    "a loop": ("while True: pass", True),
    "sleep": ("import time\ntime.sleep(1000)", True),
    "catching everything once": ("import time\ntry: time.sleep(99)\nexcept BaseException: print('caught')", True),
    "catching everything": ("import time\nwhile True:\n    try: time.sleep(99)\n    except BaseException: pass", False),
    "SIGINT ignored": ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", False),
    "SIGINT ends it": ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\nwhile True: pass", False),
    "SIGINT blocked": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\nwhile True: pass",
        False,
    ),
    "within C": ("sum(range(10**12))", False),
    "stopped": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", False),
    "another thread": ("import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()", None),
}


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.attack("limits")
def test_an_endless_cell_is_stopped_and_earlier_cells_keep_their_credit(sandboxed, name):
    source, stops = ENDLESS[name]
    results = sandboxed.run(
        "print('credit')", source, "print('goes on')", cell_seconds=0.2, grace_seconds=5 if stops else 0.2
    )
    assert keeps_credit(results)
    if stops is None:
        assert not results[1].failures
        return
    assert failure_message(results[1]).startswith("the cell exceeded its time limit of 0.2 s")
    assert stdout_of(results[2]) == ("goes on\n" if stops else "")
    assert (failure_message(results[2]) is None) == stops


@pytest.mark.attack("limits")
def test_the_time_of_the_whole_notebook_is_limited(best_sandbox):
    results = best_sandbox.run("print('credit')", *["import time\ntime.sleep(0.3)"] * 4, submission_seconds=0.8)
    assert keeps_credit(results)
    assert "the notebook exceeded its time limit of 0.8 s" in failure_message(results[3])
    assert failure_message(results[4]) == "not run: the notebook exceeded its time limit of 0.8 s"


@pytest.mark.attack("limits")
def test_cpu_time_is_limited(sandboxed):
    ignore = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    results = sandboxed.run("print('credit')", ignore, "1", cpu_seconds=1)
    assert keeps_credit(results)
    assert failure_message(results[1]) == "the notebook exceeded its limit of 1 s of CPU time"


@pytest.mark.attack("limits")
def test_limits_cannot_be_raised(sandboxed):
    raise_limits = (
        "import resource\n"
        "for kind in ('AS', 'CPU', 'FSIZE', 'NOFILE', 'CORE'):\n"
        "    try: print(resource.setrlimit(getattr(resource, f'RLIMIT_{kind}'), (2**40, 2**40)))\n"
        "    except ValueError as error: print(error)"
    )
    assert sandboxed.read_stdout(raise_limits) == "not allowed to raise maximum limit\n" * 5


ENDS = {
    "exit": ("import os\nos._exit(3)", "the student's process exited with status 3"),
    "SIGKILL": ("import os\nos.kill(os.getpid(), 9)", "the student's process crashed (Killed)"),
    "a signal without a name": ("import os\nos.kill(os.getpid(), 40)", "the student's process crashed"),
    "a null pointer": ("import ctypes\nctypes.string_at(0)", "the student's process crashed (Segmentation fault)"),
    "abort": ("import os\nos.abort()", "the student's process crashed (Aborted)"),
    "a stack that overflows": (
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __getattr__(self, n): return getattr(self, n)\nA().x",
        "",
    ),
}


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.attack("crashes")
def test_a_process_that_dies_keeps_the_credit_of_earlier_cells(best_sandbox, name):
    source, message = ENDS[name]
    results = best_sandbox.run("print('credit')", source, "1", "2")
    assert keeps_credit(results)
    if message:
        assert message in failure_message(results[1])
        assert results[1].outputs[0]["output_type"] == "error"
        assert all(failure_message(result).startswith("not run: ") for result in results[2:])


# --- support files ----------------------------------------------------------------------------------------------------------


def test_only_regular_files_that_shadow_no_module_are_copied(sandboxed, tmp_path, caplog):
    secret = tmp_path / "secret"
    secret.write_text("s")
    folder = tmp_path / "\x1b]0;assignment"
    (folder / "pictures").mkdir(parents=True)
    (folder / "numpy").mkdir()
    (folder / "table.csv").write_text("1,2")
    (folder / "pictures/a.txt").write_text("a")
    for name in ("helper.py", "tests.py"):  # the folder `tests` of the repository is not in the sandbox
        (folder / name).write_text("answer = 42")
    for left_out in ("numpy.py", "numpy/__init__.py", "json.py", "lectrain.py", "solution.ipynb", ".hidden", "zlib.so"):
        (folder / left_out).write_text("raise SystemExit('shadowed')")
    (folder / "link").symlink_to(secret)
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    list_files = "import os\nprint(sorted(os.path.join(d, name) for d, _, names in os.walk('.') for name in names))"
    use = "import json, helper, lectrain, numpy\nprint(helper.answer, open('table.csv').read())"
    listed, used = sandboxed.runner.run([Step(list_files), Step(use)], folder=folder)
    assert stdout_of(listed) == "['./helper.py', './pictures/a.txt', './table.csv', './tests.py']\n"
    assert stdout_of(used) == "42 1,2\n"
    left_out = {Path(record.args[0]).name for record in caplog.records}
    assert left_out == {"__init__.py", "json.py", "lectrain.py", "link", "linked", "numpy.py", "zlib.so"}
    assert "\x1b" not in caplog.text  # which a terminal would obey


def test_support_files_beyond_the_limit_are_not_copied(best_sandbox, tmp_path):
    (tmp_path / "large").write_bytes(bytes(3000))
    (tmp_path / "small").write_bytes(bytes(500))
    long = tmp_path.joinpath(*["d" * 199] * 4, "f" * 194)  # a copy would exceed the limit of the scratch folder
    long.parent.mkdir(parents=True)
    long.touch()
    look = Step("import os, time\ntime.sleep(0.5)\nprint(os.listdir())")
    (result,) = best_sandbox.runner.run([look], folder=tmp_path, limits=Limits(folder_bytes=1000))
    assert stdout_of(result) == "['small']\n"
