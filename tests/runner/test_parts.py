"""The rooms of the runner, each alone."""

import json
import os
import platform
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.runner import sandbox, seccomp
from autograder.runner.output_validation import InvalidOutput, plain, validated
from autograder.runner.protocol import Channel, ProtocolError
from autograder.runner.scratch import empty, excess
from autograder.runner.support_files import files_of

# --- protocol ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def line():
    ours, theirs = socket.socketpair()
    with theirs:
        channel = Channel(ours, 100)
        yield channel, theirs
        channel.close()


def test_what_is_said_is_heard():
    one, other = (Channel(end, 1 << 20) for end in socket.socketpair())
    said = {"text": "σ(−∞) = 0", "numbers": [1, 2.5, None, True], "long": "x" * 500_000}
    talking = threading.Thread(target=one.send, args=(said,))  # longer than the socket holds
    talking.start()
    assert other.receive(time.monotonic() + 5) == said
    talking.join()


def test_a_frame_in_pieces_is_put_together_across_deadlines(line):
    channel, theirs = line
    frame = struct.pack(">I", 4) + b"[12]"
    for piece in (frame[:2], frame[2:5]):
        theirs.sendall(piece)
        with pytest.raises(TimeoutError):
            channel.receive(time.monotonic() + 0.01)
    theirs.sendall(frame[5:] + struct.pack(">I", 1) + b"3")
    assert channel.receive(time.monotonic() + 1) == [12]
    assert channel.receive(time.monotonic() + 1) == 3


@pytest.mark.parametrize("sent", [struct.pack(">I", 101), b"\xff\xff\xff\xff", struct.pack(">I", 2) + b"\xff\xff"])
def test_what_is_no_frame_is_refused(line, sent):
    channel, theirs = line
    theirs.sendall(sent)
    with pytest.raises(ProtocolError):
        channel.receive(time.monotonic() + 1)


def test_the_end_is_told_from_a_delay(line):
    channel, theirs = line
    theirs.sendall(b"\0\0")
    theirs.close()
    with pytest.raises(EOFError):
        channel.receive(time.monotonic() + 1)
    with pytest.raises(OSError, match="pipe"):
        channel.send(1)


def test_somebody_who_does_not_listen_holds_nobody_up(line):
    channel, _ = line
    with pytest.raises(TimeoutError):
        channel.send("x" * 10_000_000, time.monotonic() + 0.05)


# --- outputs -------------------------------------------------------------------------------------------------------------

FIT = [
    {"output_type": "stream", "name": "stdout", "text": "a"},
    {"output_type": "display_data", "data": {"text/plain": "a", "application/json": [1, {"b": None}]}, "metadata": {}},
    {"output_type": "execute_result", "data": {"text/plain": "a"}, "metadata": {}, "execution_count": 3},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
]


def test_outputs_that_are_fit_stay_as_they_are():
    assert validated(FIT, 1000)[0] == FIT


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        [None],
        [{"output_type": "stream", "name": "stdin", "text": "a"}],
        [{"output_type": "stream", "name": "stdout", "text": ["a"]}],
        [{"output_type": "display_data", "data": {"text/plain": 3}, "metadata": {}}],
        [{"output_type": "display_data", "data": [], "metadata": {}}],
        [{"output_type": "display_data", "data": {}}],
        [{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": -1}],
        [{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": "1"}],
        [{"output_type": "error", "ename": 1, "evalue": "", "traceback": []}],
        [{"output_type": "pyout"}],
    ],
)
def test_outputs_that_are_none_are_unfit(said):
    with pytest.raises(InvalidOutput):
        validated(said, 1000)


def test_outputs_that_are_too_many_are_unfit():
    with pytest.raises(InvalidOutput):
        validated([{"output_type": "error", "ename": "", "evalue": "", "traceback": [""] * 100_000}], 1000)


def test_what_only_python_reads_as_json_is_made_plain():
    said = json.loads('{"a": [NaN, 1e999, "\\ud800"], "\\udfff": 1.5}')
    assert plain(said) == {"a": ["nan", "inf", "?"], "?": 1.5}
    with pytest.raises(InvalidOutput):
        plain(json.loads("[" * 100 + "]" * 100))


# --- seccomp and Landlock --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "headers"),
    [("x86_64", ["asm/unistd_64.h", "x86_64-linux-gnu/asm/unistd_64.h"]), ("aarch64", ["asm-generic/unistd.h"])],
)
def test_the_numbers_of_system_calls_are_the_kernels(machine, headers):
    header = next((path for name in headers if (path := Path("/usr/include", name)).exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed")
    defined = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text()))
    defined.setdefault("newfstatat", defined.get("fstatat", ""))  # what the generic header calls it for 64 bits
    for name, number in seccomp.numbers(machine).items():
        assert defined[name] == str(number), name


def confined(code: str, readable: list[str], writable: list[str]) -> str:
    """Run code in a process that has confined itself, and return what it printed."""
    if sandbox.missing(sandbox.LANDLOCK):
        pytest.skip(str(sandbox.missing(sandbox.LANDLOCK)))
    enter = f"import os, sys\nfrom autograder.runner import landlock, sandbox\nrules = landlock.ruleset({readable}, {writable})\n"
    command = [sys.executable, "-c", f"{enter}sandbox.confine(rules)\n{code}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=sandbox.REPOSITORY).stdout


def test_landlock_opens_what_is_named_and_nothing_else(tmp_path):
    for name in ("read", "write", "none"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    code = (
        "def tried(name, mode):\n"
        f"    try: return open(f'{tmp_path}/{{name}}/file', mode) and True\n"
        "    except PermissionError: return False\n"
        "print([tried(name, mode) for name in ('read', 'write', 'none') for mode in ('r', 'r+', 'w')])"
    )
    told = confined(code, [str(tmp_path / "read")], [str(tmp_path / "write"), "/nowhere"])
    assert told == "[True, False, False, True, True, True, False, False, False]\n"


def test_a_confined_process_has_no_capabilities_and_no_way_back():
    code = (
        "import ctypes\n"
        "data = (ctypes.c_uint32 * 6)(*[1] * 6)\n"
        "ctypes.CDLL(None).capget((ctypes.c_uint32 * 2)(0x20080522, 0), data)\n"
        "print(list(data))"
    )
    assert confined(code, [], []) == "[0, 0, 0, 0, 0, 0]\n"


def test_bubblewrap_shows_the_course_and_hides_the_autograder():
    line = " ".join(sandbox.bubblewrap("bwrap", ["python"], 1 << 20))
    for flag in ("--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session", "--clearenv", "--cap-drop ALL"):
        assert flag in line
    assert f"{sandbox.REPOSITORY}/lectrain /course/lectrain" in line
    for hidden in ("exercises", "solutions", "submitted", "judge.py", str(Path.home() / ".ssh")):
        assert hidden not in line
    assert not re.search(rf"bind(-try)? ({re.escape(str(sandbox.REPOSITORY))}|/|/root|/home|/etc) ", line)


def test_the_filter_allows_no_call_that_reaches_others():
    allowed = seccomp.numbers(platform.machine() if platform.machine() in seccomp.ARCHITECTURES else "x86_64")
    dangerous = (
        "socket connect bind execve fork ptrace chmod fchmodat mount unshare setns bpf keyctl memfd_create tkill"
    )
    assert not set(dangerous.split()) & set(allowed)


# --- scratch ---------------------------------------------------------------------------------------------------------------


def test_emptying_a_folder_copes_with_depth_modes_and_links(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("kept")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "link").symlink_to(outside)
    (scratch / "to a file").symlink_to(outside / "keep")
    os.mkfifo(scratch / "pipe")
    (scratch / os.fsdecode(b"\xff\n")).write_text("odd name")
    (scratch / "locked").mkdir()
    (scratch / "locked/file").write_text("x")
    (scratch / "locked").chmod(0)
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(scratch)
        for _ in range(1100):  # far longer than any path may be
            os.mkdir("deeper")
            os.chdir("deeper")
    finally:
        os.fchdir(here)
        os.close(here)
    empty(scratch)
    assert os.listdir(scratch) == []
    assert (outside / "keep").read_text() == "kept"


def test_what_is_beyond_the_limits_is_named(tmp_path):
    limits = {"threads": 64, "scratch_files": 3, "scratch_bytes": 10_000}
    with subprocess.Popen(["sleep", "60"]) as process:
        assert excess(process.pid, tmp_path, limits) is None
        (tmp_path / "large").write_bytes(bytes(20_000))
        assert excess(process.pid, tmp_path, limits) == "scratch_bytes"
        for k in range(4):
            (tmp_path / str(k)).touch()
        assert excess(process.pid, tmp_path, limits) == "scratch_files"
        assert excess(process.pid, tmp_path, {**limits, "threads": 0}) == "threads"
        process.kill()


def test_intake_names_files_within_the_folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.txt").write_text("b")
    (tmp_path / "a.csv").write_text("a")
    (tmp_path / "pandas_free.py").write_text("")
    (tmp_path / "statistics.py").write_text("")
    found = {name: file.read() for name, file in files_of(tmp_path, 1000)}
    assert found == {"a.csv": b"a", "sub/b.txt": b"b", "pandas_free.py": b""}
