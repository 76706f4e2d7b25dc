"""Submissions that attack the grader, in both sandboxed modes: they read nothing, change nothing and stop nothing else.

Each attack prints its success or failure from inside the sandbox. If an effect would be visible outside, the test also
looks for it there.
"""

import os
import platform
import re
import socket
import struct
import time
from pathlib import Path

import nbformat
import pytest

from autograder.runner import FailureKind, Limits, Step, sandbox
from tests.runner.conftest import Harness, error_name, failure_message, server_processes, stdout_of

REPOSITORY = Path(__file__).resolve().parents[2]
ARM = platform.machine() == "aarch64"

# `attempt` prints the result of an attack. An attack that is refused raises an exception. With `denied`, only the
# seccomp filter's refusal counts: a kernel that returns EINVAL or ENOTTY has already executed the call.
TOOLS = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)

def attempt(name, action):
    try:
        result = action()
    except BaseException as error:
        print(name, "refused:", type(error).__name__)
    else:
        print(name, "SUCCEEDED:", repr(result)[:80])

def denied(action):
    try:
        return action()
    except OSError as error:
        if error.errno in (1, 38):
            raise
        return error

def syscall(number, *arguments):
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
"""


# The exceptions of a refused attack. Attacks that return a value on refusal add `or 1 / 0`. Any other exception, such
# as a TypeError, would be a mistake in the attack.
REFUSALS = {"PermissionError", "FileNotFoundError", "ModuleNotFoundError", "KeyError", "OSError", "URLError"}
REFUSALS |= {"ZeroDivisionError"}


def assert_all_refused(harness: Harness, attacks: dict[str, str], setup: str = "") -> None:
    """Run each attack, an expression, and check that it is refused."""
    lines = [f"attempt({name!r}, lambda: {attack})" for name, attack in attacks.items()]
    printed = stdout_of(harness.run(TOOLS + setup, "\n".join(lines))[1])
    assert "SUCCEEDED" not in printed, printed
    assert printed.count("refused") == len(attacks), printed
    assert set(re.findall("refused: (.*)", printed)) <= REFUSALS, printed


@pytest.fixture(autouse=True)
def no_attack_has_after_effects(request):
    """After every attack: the same server, no other process, no file left, and the next submission runs as before."""
    if "sandboxed" not in request.fixturenames:
        yield
        return
    harness: Harness = request.getfixturevalue("sandboxed")
    before = server_processes(harness)
    yield
    list_files = "import os\nprint(os.listdir('.'), sorted(os.listdir(os.environ['HOME'])), sorted(os.listdir('..')))"
    assert harness.read_stdout(list_files) == "[] ['.1', '.2'] ['home', 'work']\n"
    assert server_processes(harness) == before


# --- reading -------------------------------------------------------------------------------------------------------------


def test_files_of_the_course_and_the_machine_cannot_be_read(sandboxed, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("scores")
    folders = [
        REPOSITORY,
        REPOSITORY / "solutions",
        REPOSITORY / "autograder",
        REPOSITORY / "tests",
        tmp_path,
        Path.home(),
    ]
    files = [
        secret,
        REPOSITORY / "pyproject.toml",
        REPOSITORY / "autograder/judging/judge.py",
        "/etc/passwd",
        "/etc/hostname",
    ]
    attacks = {f"list {folder}": f"os.listdir({str(folder)!r})" for folder in [*folders, "/", "/tmp", "/etc", "/home"]}
    attacks |= {f"read {file}": f"open({str(file)!r}).read()" for file in files}
    attacks |= {
        "through a symbolic link": f"(os.symlink({str(secret)!r}, 'link'), open('link').read())",
        "through a hard link": f"(os.link({str(secret)!r}, 'hard'), open('hard').read())",
        "through /proc": f"open('/proc/self/root{secret}').read()",
        "upwards": f"open('../../../../../../../..{secret}').read()",
        "by O_PATH": f"os.open('/proc/self/fd/' + str(os.open({str(secret)!r}, os.O_PATH)), os.O_RDONLY)",
        "by a copy of the kernel": f"os.sendfile(1, os.open({str(secret)!r}, os.O_RDONLY), 0, 9)",
        "through numpy": f"__import__('numpy').fromfile({str(secret)!r})",
        "through C": f"ctypes.CDLL(None).fopen({str(secret)!r}.encode(), b'r') or 1 / 0",
        "from /course up": "open('/course/lectrain/../../autograder/judging/judge.py').read()",
    }
    assert_all_refused(sandboxed, attacks)


def test_the_autograder_cannot_be_imported(sandboxed):
    attacks = {name: f"__import__({name!r})" for name in ("autograder", "exercises", "solutions", "tests")}
    assert_all_refused(sandboxed, attacks, f"sys.path.insert(0, {str(REPOSITORY)!r})")


def test_the_environment_and_proc_reveal_nothing(sandboxed):
    assert "A_SECRET" in os.environ
    attacks = {
        "environment": "os.environ['A_SECRET']",
        "C's environment": "ctypes.c_char_p.in_dll(libc, 'environ') and os.environb[b'A_SECRET']",
        "own": "open('/proc/self/environ').read()",
        "the server's": "open(f'/proc/{os.getppid()}/environ').read()",
        "of process 1": "open('/proc/1/environ').read()",
        "command line": "open(f'/proc/{os.getppid()}/cmdline').read()",
        "memory map": "open('/proc/self/maps').read()",
        "all processes": "os.listdir('/proc')",
        "the kernel's": "os.listdir('/sys')",
    }
    assert_all_refused(sandboxed, attacks)


def test_submissions_cannot_exchange_messages(sandboxed):
    folders = "('.', '..', os.environ['HOME'], '/tmp', '/dev/shm', '/var/tmp', '/course', '/course/data', '/')"
    files = f"import os\nfiles = [f'{{folder}}/marker-{os.getpid()}' for folder in {folders}]\n"
    write = files + "for file in files:\n    try: open(file, 'w').write('hello')\n    except OSError: pass"
    results = sandboxed.run(write, "secret_variable = 1", "import numpy as np\nnp.allclose = lambda *_: True")
    assert [error_name(result) for result in results] == ["", "", ""]
    assert sandboxed.read_stdout(files + "print([file for file in files if os.path.exists(file)])") == "[]\n"
    assert sandboxed.read_stdout("print('secret_variable' in globals())") == "False\n"
    assert sandboxed.read_stdout("import numpy as np\nprint(np.allclose(1, 2))") == "False\n"


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
    assert loaded == f"{sorted(sandbox.STORED_RESULTS)}\n"


def test_the_stored_results_of_cells_outside_demonstrations_are_there():
    """Unchanged demonstrations are not run, so only these cells would fail."""
    used = set()
    for path in REPOSITORY.glob("solutions/*/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        sources = [cell.source for cell in cells if "demo" not in cell.metadata.get("tags", [])]
        used |= {name for source in sources for name in re.findall(r'"(0\d-[\w-]+/[\w{}-]+)"', source)}
    patients = {f"04-sgd/issues-{patient}" for patient in "ABCDE"}
    assert used - {"04-sgd/issues-{patient}"} | patients == set(sandbox.STORED_RESULTS)


# --- writing -------------------------------------------------------------------------------------------------------------


def test_nothing_outside_the_scratch_folder_can_be_changed(sandboxed, tmp_path):
    victim, folder = tmp_path / "victim.txt", tmp_path / "folder"
    victim.write_text("as it was")
    folder.mkdir()
    before = state_of(tmp_path), state_of(REPOSITORY / "lectrain")
    file = repr(str(victim))
    attacks = {
        "write": f"open({file}, 'w')",
        "append": f"open({file}, 'a').write('x')",
        "truncate": f"os.truncate({file}, 0)",
        "open to truncate": f"os.open({file}, os.O_RDONLY | os.O_TRUNC)",
        "create": f"open({str(tmp_path / 'new')!r}, 'x')",
        "make a folder": f"os.mkdir({str(tmp_path / 'new')!r})",
        "make a link": f"os.symlink('x', {str(tmp_path / 'new')!r})",
        "make a FIFO": f"os.mkfifo({str(tmp_path / 'new')!r})",
        "delete": f"os.unlink({file})",
        "delete a folder": f"os.rmdir({str(folder)!r})",
        "move": f"os.rename({file}, 'mine')",
        "overwrite by moving": f"(open('mine', 'w').close(), os.replace('mine', {file}))",
        "exchange": f"(open('own', 'w').close(), syscall({276 if ARM else 316}, -100, b'own', -100, {file}.encode(), 2))",
        "link": f"os.link({file}, 'hard')",
        "change the mode": f"os.chmod({file}, 0)",
        "change the mode, newer": f"syscall(452, -100, {file}.encode(), 0, 0)",
        "change the owner": f"os.chown({file}, 65534, 65534)",
        "change the times": f"os.utime({file}, (0, 0))",
        "add an attribute": f"os.setxattr({file}, 'user.x', b'y')",
        "change lectrain": "open(__import__('lectrain').__file__, 'a')",
        "change numpy": "open(__import__('numpy').__file__, 'a')",
        "add to the packages": "open(os.path.dirname(__import__('numpy').__file__) + '/x.py', 'w')",
        "change the data": "open(os.environ['LECTRAIN_DATA'] + '/x', 'w')",
        "write to /tmp": "open('/tmp/x-lectrain', 'w')",
        "write to /dev/shm": "open('/dev/shm/x-lectrain', 'w')",
        "write to a device": "os.open('/dev/vda', os.O_WRONLY)",
        "a device by moving": f"(open('f', 'x').close(), syscall({276 if ARM else 316}, -100, b'f', -100, b'g', 4))",
        "through chdir": f"(os.chdir({str(tmp_path)!r}), open('new', 'w'))",
    }
    assert_all_refused(sandboxed, attacks)
    assert before == (state_of(tmp_path), state_of(REPOSITORY / "lectrain"))


def state_of(folder: Path) -> list[tuple]:
    """Return the content and metadata of a folder and everything in it, except access times."""
    state = []
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        state.append((path, status.st_mode, status.st_uid, status.st_mtime_ns, content, os.listxattr(path)))
    return state


# --- network -------------------------------------------------------------------------------------------------------------


def test_no_socket_can_connect_or_send(sandboxed, tmp_path):
    abstract = f"\0lectrain-{os.getpid()}"
    listening = {
        "tcp": socket.create_server(("127.0.0.1", 0)),
        "tcp6": socket.create_server(("::1", 0), family=socket.AF_INET6) if socket.has_ipv6 else None,
        "udp": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "unix": socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "abstract": socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        "datagram": socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
    }
    listening["udp"].bind(("127.0.0.1", 0))
    listening["unix"].bind(str(tmp_path / "s"))
    listening["abstract"].bind(abstract)
    listening["datagram"].bind(abstract + "d")
    listening["unix"].listen()
    listening["abstract"].listen()
    tcp, udp = listening["tcp"].getsockname(), listening["udp"].getsockname()
    pair = f"socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', {abstract + 'd'!r})"
    attacks = {
        "tcp": f"socket.create_connection({tcp}, 1)",
        "udp": f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', {udp})",
        "unix": f"socket.socket(socket.AF_UNIX).connect({str(tmp_path / 's')!r})",
        "abstract": f"socket.socket(socket.AF_UNIX).connect({abstract!r})",
        "abstract datagram": pair,
        "a stream to an address": f"socket.socketpair()[0].sendto(b'x', {abstract!r})",
        "listen": "socket.create_server(('127.0.0.1', 0))",
        "netlink": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "raw": "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "packets": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "the kernel's crypto": "socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)",
        "the host": "socket.socket(40)",
        "urgent data": "denied(lambda: socket.socketpair()[0].send(b'x', socket.MSG_OOB))",
        "descriptors": "socket.send_fds(socket.socketpair()[0], [b'x'], [1])",
        "web": f"__import__('urllib.request').request.urlopen('http://127.0.0.1:{tcp[1]}', timeout=1)",
    }
    assert_all_refused(sandboxed, attacks, "import socket")
    for listener in filter(None, listening.values()):
        listener.setblocking(False)
        with pytest.raises(BlockingIOError), listener:
            listener.recv(1) if listener.type == socket.SOCK_DGRAM else listener.accept()


# --- processes -----------------------------------------------------------------------------------------------------------


def test_no_process_and_no_program_can_be_started(sandboxed):
    # clone with SIGCHLD and clone3 without flags start processes, not threads.
    attacks = {
        "fork": "os.fork() or os._exit(0)",
        "forkpty": "os.forkpty()",
        "subprocess": "subprocess.run(['true'])",
        "shell": "os.system('true') == 0 or 1 / 0",
        "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
        "exec": "os.execv(sys.executable, [sys.executable, '-c', 'print(1)'])",
        "exec from memory": "os.execve(os.memfd_create('x'), ['x'], {})",
        "multiprocessing": "multiprocessing.get_context('fork').Process(target=print).start()",
        "pool": "multiprocessing.Pool(1)",
        "vfork in C": "syscall(1071) if sys.platform != 'linux' else syscall(58) or os._exit(0)",
        "clone in C": f"syscall({220 if ARM else 56}, 17, 0, 0, 0, 0) or os._exit(0)",
        "clone3 in C": "syscall(435, ctypes.create_string_buffer(88), 88) or os._exit(0)",
        "clone with namespaces": f"syscall({220 if ARM else 56}, 0x10000011, 0, 0, 0, 0) or os._exit(0)",
    }
    assert_all_refused(sandboxed, attacks, "import multiprocessing, subprocess")


def test_a_fork_bomb_starts_no_process(sandboxed):
    flood = (
        "import os, time\n"
        "started = 0\n"
        "for _ in range(200):\n"
        "    try: child = os.fork()\n"
        "    except OSError: continue\n"
        "    if not child: time.sleep(3); os._exit(0)\n"
        "    started += 1\n"
        "print(started)"
    )
    assert sandboxed.read_stdout(flood) == "0\n"


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


def test_no_thread_and_no_exit_handler_outlives_the_submission(sandboxed):
    linger = (
        "import atexit, signal, threading, time\n"
        "for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)\n"
        "atexit.register(time.sleep, 100)\n"
        "for _ in range(5): threading.Thread(target=time.sleep, args=(100,)).start()"
    )
    started = time.monotonic()
    assert sandboxed.run(linger)[0].failures == []
    assert time.monotonic() - started < 3


def test_the_fork_server_cannot_be_signalled_or_slowed_down(sandboxed):
    server = "os.getppid()"
    fcntl_attack = (
        "(fcntl.fcntl(r, 8, os.getppid()), fcntl.fcntl(r, 10, 9), fcntl.fcntl(r, 4, 0o20000), os.write(w, b'x'))"
    )
    attacks = {
        "SIGKILL": f"os.kill({server}, 9)",
        "SIGSTOP": f"os.kill({server}, 19)",
        "SIGINT": f"os.kill({server}, 2)",
        "process 1": "os.kill(1, 9)",
        "its group": "os.killpg(os.getpgid(os.getppid()), 9)",
        "own group": "os.kill(0, 18)",
        "everybody": "os.kill(-1, 18)",
        "its thread": f"syscall({131 if ARM else 234}, {server}, {server}, 9)",
        "its thread, older": f"syscall({130 if ARM else 200}, {server}, 9)",
        "queued": f"syscall({138 if ARM else 129}, {server}, 9, ctypes.create_string_buffer(128))",
        "descriptor": f"signal.pidfd_send_signal(os.pidfd_open({server}), 9)",
        "owner of a pipe": fcntl_attack,
        "limits": f"resource.prlimit({server}, resource.RLIMIT_NOFILE, (0, 0))",
        "processors": f"os.sched_setaffinity({server}, [0])",
        "priority": f"os.setpriority(os.PRIO_PROCESS, {server}, 19)",
        "scheduling": f"os.sched_setscheduler({server}, os.SCHED_IDLE, os.sched_param(0))",
        "session": "os.setsid()",
    }
    assert_all_refused(sandboxed, attacks, "import fcntl, resource, signal\nr, w = os.pipe()")


def test_the_memory_of_other_processes_cannot_be_accessed(sandboxed):
    vector = "ctypes.byref((ctypes.c_size_t * 2)(ctypes.addressof(ctypes.create_string_buffer(8)), 8))"
    attacks = {
        "attach": f"syscall({117 if ARM else 101}, 16, os.getppid(), 0, 0)",
        "seize": f"syscall({117 if ARM else 101}, 0x4206, os.getppid(), 0, 0)",
        "be traced": f"syscall({117 if ARM else 101}, 0, 0, 0, 0)",
        "read": f"syscall({270 if ARM else 310}, os.getppid(), {vector}, 1, {vector}, 1, 0)",
        "write": f"syscall({271 if ARM else 311}, os.getppid(), {vector}, 1, {vector}, 1, 0)",
        "the server's memory": "open(f'/proc/{os.getppid()}/mem', 'rb')",
        "the server's descriptors": "os.listdir(f'/proc/{os.getppid()}/fd')",
        "compare": f"syscall({272 if ARM else 312}, os.getppid(), os.getpid(), 0, 0, 0)",
        "robust list": f"syscall({100 if ARM else 274}, os.getppid(), {vector}, {vector})",
        "take a descriptor": "syscall(438, os.pidfd_open(os.getppid()), 0, 0)",
        "advise": "syscall(440, os.pidfd_open(os.getppid()), 0, 0, 0, 0)",
    }
    assert_all_refused(sandboxed, attacks)


# Calls that no notebook needs, with their numbers on x86_64 and aarch64.
REFUSED_CALLS = {
    **{"add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280), "setns": (308, 268)},
    **{"userfaultfd": (323, 282), "perf_event_open": (298, 241), "memfd_create": (319, 279), "unshare": (272, 97)},
    **{"mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "ptrace": (101, 117)},
    **{"shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180)},
    **{"open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "personality": (135, 92), "acct": (163, 89)},
    **{
        "setuid": (105, 146),
        "setresuid": (117, 147),
        "setgroups": (116, 159),
        "capset": (126, 91),
        "reboot": (169, 142),
    },
    **{
        "init_module": (175, 105),
        "swapon": (167, 224),
        "quotactl": (179, 60),
        "syslog": (103, 116),
        "seccomp": (317, 277),
    },
    **{"vmsplice": (278, 75), "splice": (275, 76), "fallocate": (285, 47), "mlock": (149, 228), "mbind": (237, 235)},
    **{"inotify_init1": (294, 26), "fanotify_init": (300, 262), "timer_create": (222, 107), "io_setup": (206, 0)},
    **{"sethostname": (170, 161), "settimeofday": (164, 170), "ioprio_set": (251, 30), "kexec_load": (246, 104)},
    **dict.fromkeys(["pidfd_open"], (434, 434)),
    **{
        name: (number, number)
        for number, name in enumerate(["io_uring_setup", "io_uring_enter", "io_uring_register"], 425)
    },
    **{name: (number, number) for number, name in enumerate(["open_tree", "move_mount", "fsopen", "fsconfig"], 428)},
    **{"mount_setattr": (442, 442), "landlock_create_ruleset": (444, 444), "memfd_secret": (447, 447)},
    **{"futex_waitv": (449, 449), "mseal": (462, 462), "a call of the future": (999, 999)},
}


def test_other_system_calls_are_refused(sandboxed):
    assert_all_refused(
        sandboxed,
        {
            name: f"denied(lambda: syscall({numbers[ARM]}, *[ctypes.c_long(0)] * 6))"
            for name, numbers in REFUSED_CALLS.items()
        },
    )


def test_terminals_and_process_controls_are_refused(sandboxed):
    attacks = {
        "push characters": "denied(lambda: fcntl.ioctl(0, 0x5412, b'x'))",
        "Linux consoles": "denied(lambda: fcntl.ioctl(0, 0x541C, b'\\x03'))",
        "a controlling terminal": "denied(lambda: fcntl.ioctl(0, 0x540E, 0))",
        "the terminal": "open('/dev/tty')",
        "a new terminal": "os.openpty()",
        "outlive the server": f"denied(lambda: syscall({167 if ARM else 157}, 1, 0, 0, 0, 0))",
        "undumpable": f"denied(lambda: syscall({167 if ARM else 157}, 4, 0, 0, 0, 0))",
        "adopt orphans": f"denied(lambda: syscall({167 if ARM else 157}, 36, 1, 0, 0, 0))",
        "another filter": f"denied(lambda: syscall({167 if ARM else 157}, 22, 1, 0, 0, 0))",
    }
    assert_all_refused(sandboxed, attacks, "import fcntl")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only x86_64 has other system call interfaces")
def test_32_bit_system_calls_are_refused(sandboxed):
    assert_all_refused(sandboxed, {"x32": "syscall(0x40000000 + 39)"})  # getpid in the x32 ABI
    int80 = (
        "import ctypes, mmap\n"
        "code = mmap.mmap(-1, 4096, prot=7)\n"
        "code.write(bytes.fromhex('53b814000000cd805bc3'))  # getpid by int 0x80\n"
        "print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))())"
    )
    assert "crashed" in failure_message(sandboxed.run(int80)[0])


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
    "limit_hit": frame(b'{"outputs": [], "limit_hit": ["memory"]}'),
    "answers": frame(b'{"answers": [1]}'),
    "many": frame(b'{"outputs": []}') * 1000,
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_reply_affects_only_its_own_submission(sandboxed, name):
    forge = f"import os\nfor number in range(3, 256):\n    try: os.write(number, {FORGED[name]!r})\n    except OSError: pass"
    sources = ["def f(x): return x\nprint('credit')", forge, "print(3)", "print(4)"]
    steps = [Step(source, {"name": "f", "cases": []} if k else None) for k, source in enumerate(sources)]
    results = sandboxed.runner.run(steps, limits=Limits(cell_seconds=0.5, grace_seconds=0.2))
    assert len(results) == len(steps)
    assert stdout_of(results[0]) == "credit\n"
    for result in results:
        assert result.answers is None or isinstance(result.answers, dict)
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(outputs=nbformat.from_dict(result.outputs)) for result in results]
    )
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()


def test_revised_outputs_count_towards_the_limit(sandboxed):
    """Each forged reply gives an earlier cell as much output as a cell may have."""
    forge = (
        "import json, os, struct\n"
        "outputs, number = [{'output_type': 'stream', 'name': 'stdout', 'text': 'x' * 100_000}], 0\n"
        "os.set_blocking(3, True)\n"
        "def send(**reply):\n"
        "    frame = json.dumps(reply).encode()\n"
        "    os.write(3, struct.pack('>I', len(frame)) + frame)\n"
        "send(outputs=[])\n"
        "while os.read(3, 1 << 20):\n"
        "    number += 1\n"
        "    send(outputs=[], revised={str(number): outputs})"
    )
    results = sandboxed.run(forge, *["1"] * 30, cell_output=100_000, submission_output=300_000)
    assert sum(len(str(result.outputs)) for result in results) < 1_000_000
    assert "output exceeded its limit" in "".join(failure_message(result) or "" for result in results)


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
def test_the_grader_accepts_no_answers_beyond_their_limit(sandboxed, name):
    forge = f"{SEND}send(outputs=[])\nsend(answers={TOO_LONG_ANSWERS[name]})"
    steps = [Step("def f(x): return x\nprint('credit')"), Step(forge), Step("1", {"name": "f", "cases": []}), Step("2")]
    limits = Limits(answer_bytes=10 << 10, cell_output=100 << 10, cell_seconds=2, grace_seconds=0.2)
    before, _, result, after = sandboxed.runner.run(steps, limits=limits)
    assert stdout_of(before) == "credit\n"
    assert result.answers is None
    assert [failure.kind for failure in result.failures] == [FailureKind.CRASH]
    assert re.fullmatch(
        r"the student's process sent an invalid reply: the frame has \d+ bytes, more than the 11264 allowed",
        failure_message(result),
    )
    assert [failure.kind for failure in after.failures] == [FailureKind.NOT_RUN]


def test_answers_within_their_limit_are_accepted_although_they_are_forged(sandboxed):
    forge = f"{SEND}send(outputs=[])\nsend(answers={{'answers': ['x' * 10_000]}})"
    steps = [Step("def f(x): return x"), Step(forge), Step("1", {"name": "f", "cases": []})]
    result = sandboxed.runner.run(steps, limits=Limits(answer_bytes=10 << 10, cell_seconds=2))[-1]
    assert result.answers == {"answers": ["x" * 10_000]}


# Replies in place of a cell's outputs, and the reason why the grader accepts none of them.
UNACCEPTABLE_OUTPUTS = {
    "a long field": ("'x' * 7_000_000", "bytes, more than the"),
    "a long text": ("[{**stream, 'text': 'x' * 200_000}]", "longer than the limit"),
    "many outputs": ("[stream] * 1003", "more than 1000 outputs"),
    "many empty lists": ("[{**display, 'data': {'application/json': [[]] * 200_000}}]", "longer than the limit"),
    "many keys": ("[{**display, 'metadata': {str(k): 0 for k in range(50_000)}}]", "longer than the limit"),
    "many numbers": ("[{**display, 'data': {'application/json': [10**4000] * 50}}]", "longer than the limit"),
    "deep": ("[{**display, 'metadata': {'a': eval('[' * 40 + ']' * 40)}}]", "nested too deep"),
    "very deep": ("[{**display, 'metadata': {'a': deep}}]", "nested too deep"),
    "not an output": ("[deep]", "nested too deep"),
}


@pytest.mark.parametrize("name", UNACCEPTABLE_OUTPUTS)
def test_the_grader_accepts_no_outputs_beyond_their_limits(sandboxed, name):
    outputs, reason = UNACCEPTABLE_OUTPUTS[name]
    forge = (
        f"{SEND}"
        "stream = {'output_type': 'stream', 'name': 'stdout', 'text': ''}\n"
        "display = {'output_type': 'display_data', 'data': {}, 'metadata': {}}\n"
        "deep = []\n"
        "for _ in range(500): deep = [deep]\n"
        f"send(outputs={outputs})"
    )
    before, result, after = sandboxed.run("print('credit')", forge, "1", cell_output=100_000)
    assert stdout_of(before) == "credit\n"
    assert [failure.kind for failure in result.failures] == [FailureKind.CRASH]
    assert reason in failure_message(result)
    assert [failure.kind for failure in after.failures] == [FailureKind.NOT_RUN]


def test_the_values_in_all_outputs_of_a_notebook_are_limited(sandboxed):
    """A million empty dicts would take half a gigabyte in the grader's process."""
    forge = (
        f"{SEND}"
        "content = {'application/json': [{}] * 60_000}\n"
        "send(outputs=[])\n"
        "while os.read(3, 1 << 20):\n"
        "    send(outputs=[{'output_type': 'display_data', 'data': content, 'metadata': {}}])"
    )
    results = sandboxed.run(forge, *["1"] * 20)
    kinds = [failure.kind for result in results for failure in result.failures]
    assert kinds == [FailureKind.CRASH, *[FailureKind.NOT_RUN] * 15]
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


def test_a_notebook_that_reads_the_graders_requests_keeps_earlier_credit(sandboxed):
    steal = (
        "import os, threading\nthreading.Thread(target=lambda: [os.read(3, 4) for _ in range(99)], daemon=True).start()"
    )
    results = sandboxed.run("print('credit')", steal, "2", "3", cell_seconds=0.4, grace_seconds=0.2)
    assert stdout_of(results[0]) == "credit\n"
    assert len(results) == 4


def test_closing_the_connection_ends_the_notebook(sandboxed):
    before, closing, after = sandboxed.run("print('credit')", "import os, time\nos.close(3)\ntime.sleep(60)", "3")
    assert (stdout_of(before), failure_message(closing)) == (
        "credit\n",
        "the student's process closed its connection to the grader",
    )
    assert failure_message(after).startswith("not run: ")


def test_patching_the_runner_inside_keeps_earlier_credit(sandboxed):
    search = (
        "import gc, json, os, sys\n"
        "gc.unfreeze()\n"
        "targets = [thing for thing in gc.get_objects() if type(thing).__name__ in ('Channel', 'Notebook')]\n"
        "print('credit', sorted({type(thing).__name__ for thing in targets}))"
    )
    patch = (
        "json.dumps = json.loads = None\n"
        "sys.modules['runner.cells'].Outputs = None\n"
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


def test_memory_is_limited(sandboxed):
    results = sandboxed.run("print('credit')", "import numpy as np\nx = np.ones(6 * 2**30 // 8)", "print('goes on')")
    assert keeps_credit(results)
    assert "MemoryError" in error_name(results[1])
    assert failure_message(results[1]) == "the cell exceeded the notebook's memory limit of 3072 MiB"
    assert stdout_of(results[2]) == "goes on\n"


def test_memory_in_small_pieces_is_limited(sandboxed):
    results = sandboxed.run("print('credit')", "x = []\nwhile True: x.append(bytearray(10**6))", "1", memory=800 << 20)
    assert keeps_credit(results)
    assert "memory limit of 800 MiB" in failure_message(results[1])


@pytest.mark.parametrize(
    "flood",
    ["for _ in range(500): print('x' * 10**6)", "import sys\nfor _ in range(500): sys.stderr.write('x' * 10**6)",
     "for k in range(10**5): print(k)", "display(*['x' * 100] * 3000)"],
)  # fmt: skip
def test_output_is_limited(sandboxed, flood):
    results = sandboxed.run("print('credit')", flood, "print('goes on')", cell_output=100_000)
    assert keeps_credit(results)
    assert "output exceeded its limit" in failure_message(results[1])
    assert sum(len(str(output)) for output in results[1].outputs) < 300_000
    assert stdout_of(results[2]) == "goes on\n"


def test_output_written_to_the_descriptor_is_limited(sandboxed):
    results = sandboxed.run(
        "print('credit')", "import os\nfor _ in range(500): os.write(1, b'x' * 10**6)", "print('goes on')"
    )
    assert keeps_credit(results)
    assert failure_message(results[1]) == "the notebook wrote a file larger than the limit of 64 MiB"
    assert len(stdout_of(results[1])) <= 1 << 20
    assert stdout_of(results[2]) == "goes on\n"


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        ("f = open('big', 'wb')\nfor _ in range(2000): f.write(bytes(1 << 20))", "larger than the limit of 64 MiB"),
        ("open('big', 'wb').truncate(2 << 30)", "larger than the limit of 64 MiB"),
        ("for k in range(99): open(str(k), 'wb').write(bytes(20 << 20))\nsleep(9)", "total limit of 100 MiB"),
        ("for k in range(8): f[k] = open('x', 'wb'); unlink('x'); f[k].write(bytes(20 << 20)); f[k].flush()\nsleep(9)", "total limit of 100 MiB"),
        ("for k in range(10**6): open(str(k), 'w').close()", "limit of 2000 files"),
        ("for k in range(3000): mkdir('d'); chdir('d')\nsleep(9)", "limit of 2000 files"),
        ("for k in range(300): mkdir('d' * 200); chdir('d' * 200)\nsleep(9)", "limit of 2000 files"),
        ("mkdir('d', 0o300)\nfor k in range(2500): open(f'd/{k}', 'w').close()\nsleep(9)", "limit of 2000 files"),
        ("for k in range(999): f[k] = open('x', 'w')", "limit of 256 open files"),
    ],
)  # fmt: skip
def test_files_are_limited(sandboxed, fill, message):
    results = sandboxed.run(
        "f = {}\nprint('credit')",
        f"from os import *\nfrom time import sleep\nfrom builtins import open\n{fill}",
        "1",
        scratch_bytes=100 << 20,
    )
    assert keeps_credit(results)
    assert message in failure_message(results[1])


def test_files_that_keep_moving_are_counted(sandboxed):
    move = (
        "import os, threading\n"
        "os.mkdir('a')\n"
        "for k in range(1900): open(f'a/{k}', 'w').close()\n"
        "def move():\n"
        "    while True: os.rename('a', 'b'); os.rename('b', 'a')\n"
        "threading.Thread(target=move, daemon=True).start()\n"
        "while True: pass"
    )
    (result,) = sandboxed.run(move, scratch_files=1000)
    assert failure_message(result) == "the notebook exceeded its limit of 1000 files"


# For each cell: whether it stops at an interrupt, or None if it does not run into the time limit.
ENDLESS = {
    "a loop": ("while True: pass", True),
    "sleep": ("import time\ntime.sleep(1000)", True),
    "catching everything once": ("import time\ntry: time.sleep(99)\nexcept BaseException: print('caught')", True),
    "catching everything": ("import time\nwhile True:\n    try: time.sleep(99)\n    except BaseException: pass", False),
    "SIGINT ignored": ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", False),
    "SIGINT blocked": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\nwhile True: pass",
        False,
    ),
    "within C": ("sum(range(10**12))", False),
    "stopped": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", False),
    "another thread": ("import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()", None),
}


@pytest.mark.parametrize("name", ENDLESS)
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


def test_the_time_of_the_whole_notebook_is_limited(sandboxed):
    results = sandboxed.run("print('credit')", *["import time\ntime.sleep(0.3)"] * 4, submission_seconds=0.8)
    assert keeps_credit(results)
    assert "the notebook exceeded its time limit of 0.8 s" in failure_message(results[3])
    assert failure_message(results[4]) == "not run: the notebook exceeded its time limit of 0.8 s"


def test_cpu_time_is_limited(sandboxed):
    ignore = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
    results = sandboxed.run("print('credit')", ignore, "1", cpu_seconds=1)
    assert keeps_credit(results)
    assert failure_message(results[1]) == "the notebook exceeded its limit of 1 s of CPU time"


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
def test_a_process_that_dies_keeps_the_credit_of_earlier_cells(sandboxed, name):
    source, message = ENDS[name]
    results = sandboxed.run("print('credit')", source, "1", "2")
    assert keeps_credit(results)
    if message:
        assert message in failure_message(results[1])
        assert results[1].outputs[0]["output_type"] == "error"
        assert all(failure_message(result).startswith("not run: ") for result in results[2:])


# --- support files ----------------------------------------------------------------------------------------------------------


def test_only_regular_files_that_shadow_no_module_are_copied(sandboxed, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s")
    folder = tmp_path / "assignment"
    (folder / "pictures").mkdir(parents=True)
    (folder / "numpy").mkdir()
    (folder / "table.csv").write_text("1,2")
    (folder / "pictures/a.txt").write_text("a")
    (folder / "helper.py").write_text("answer = 42")
    for left_out in ("numpy.py", "numpy/__init__.py", "json.py", "lectrain.py", "solution.ipynb", ".hidden", "zlib.so"):
        (folder / left_out).write_text("raise SystemExit('shadowed')")
    (folder / "link").symlink_to(secret)
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    list_files = "import os\nprint(sorted(os.path.join(d, name) for d, _, names in os.walk('.') for name in names))"
    use = "import json, helper, lectrain, numpy\nprint(helper.answer, open('table.csv').read())"
    listed, used = sandboxed.runner.run([Step(list_files), Step(use)], folder=folder)
    assert stdout_of(listed) == "['./helper.py', './pictures/a.txt', './table.csv']\n"
    assert stdout_of(used) == "42 1,2\n"


def test_support_files_beyond_the_limit_are_not_copied(sandboxed, tmp_path):
    (tmp_path / "large").write_bytes(bytes(3000))
    (tmp_path / "small").write_bytes(bytes(500))
    (result,) = sandboxed.runner.run(
        [Step("import os\nprint(os.listdir())")], folder=tmp_path, limits=Limits(folder_bytes=1000)
    )
    assert stdout_of(result) == "['small']\n"
