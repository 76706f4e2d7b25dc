"""The modules of the runner, each on its own."""

import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from autograder.runner import Limits, confinement, landlock, sandbox, seccomp, visible_files
from autograder.runner.output_validation import InvalidOutput, OutputValidator, to_strict_json
from autograder.runner.protocol import Channel, ProtocolError
from autograder.runner.scratch import delete_contents, exceeded_limit
from tests.runner.conftest import numbers_in_headers

# --- protocol ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def connection():
    """A channel, and the socket of its peer."""
    end, peer = socket.socketpair()
    with peer:
        channel = Channel(end)
        yield channel, peer
        channel.close()


def test_a_sent_value_is_received():
    sender, receiver = map(Channel, socket.socketpair())
    value = {"text": "σ(−∞) = 0 😀 \ud800", "numbers": [1, 2.5, None, True], "long": "x" * 500_000}
    thread = threading.Thread(target=sender.send, args=(value,))  # the value is larger than the socket's buffer
    thread.start()
    assert receiver.receive(1 << 20, time.monotonic() + 5) == value
    thread.join()
    sender.close()
    receiver.close()


def test_a_frame_may_arrive_in_pieces_across_timeouts(connection):
    channel, peer = connection
    frame = struct.pack(">I", 4) + b"[12]"
    for piece in (frame[:2], frame[2:5]):
        peer.sendall(piece)
        with pytest.raises(TimeoutError):
            channel.receive(100, time.monotonic() + 0.01)
    peer.sendall(frame[5:] + struct.pack(">I", 1) + b"3")
    assert channel.receive(100, time.monotonic() + 1) == [12]
    assert channel.receive(100, time.monotonic() + 1) == 3


@pytest.mark.parametrize("data", [struct.pack(">I", 101), b"\xff\xff\xff\xff", struct.pack(">I", 2) + b"\xff\xff"])
def test_an_invalid_frame_is_a_protocol_error(connection, data):
    channel, peer = connection
    peer.sendall(data)
    with pytest.raises(ProtocolError):
        channel.receive(100, time.monotonic() + 1)


def test_each_call_sets_the_length_of_the_longest_frame(connection):
    channel, peer = connection
    peer.sendall(2 * (struct.pack(">I", 100) + b" " * 99 + b"1"))
    assert channel.receive(100, time.monotonic() + 1) == 1
    with pytest.raises(ProtocolError, match="the frame has 100 bytes, more than the 99 allowed"):
        channel.receive(99, time.monotonic() + 1)


def test_a_character_takes_at_most_six_bytes(connection):
    channel, peer = connection
    for text in ("😀", "\0", "\ud800", "σ", '"'):
        channel.send(text * 1000)
        assert int.from_bytes(peer.recv(4), "big") <= 6 * 1000 + 2
        peer.recv(1 << 16)


def test_a_closed_connection_is_not_a_timeout(connection):
    channel, peer = connection
    peer.sendall(b"\0\0")
    peer.close()
    with pytest.raises(EOFError):
        channel.receive(100, time.monotonic() + 1)
    with pytest.raises(OSError, match="pipe"):
        channel.send(1)


def test_sending_times_out_if_the_peer_does_not_read(connection):
    channel, _ = connection
    with pytest.raises(TimeoutError):
        channel.send("x" * 10_000_000, deadline=time.monotonic() + 0.05)


# --- outputs -------------------------------------------------------------------------------------------------------------

VALID_OUTPUTS = [
    {"output_type": "stream", "name": "stdout", "text": "a"},
    {"output_type": "display_data", "data": {"text/plain": "a", "application/json": [1, {"b": None}]}, "metadata": {}},
    {"output_type": "execute_result", "data": {"text/plain": "a"}, "metadata": {}, "execution_count": 3},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["a", "b"]},
]


def validate(outputs):
    return OutputValidator(Limits(cell_output=1000, outputs=100)).validate(outputs)


def test_valid_outputs_stay_as_they_are():
    assert validate(VALID_OUTPUTS) == VALID_OUTPUTS


def test_what_should_be_text_in_a_display_and_is_not_is_left_out():
    data = {"text/plain": 3, "x+json": [1], "a/b+json": 3, "text/html": "a"}
    (output,) = validate([{"output_type": "display_data", "data": data, "metadata": {}}])
    assert output["data"] == {"text/html": "a"}


def display(content):
    """An output that holds any JSON."""
    return {"output_type": "display_data", "data": {"application/json": content}, "metadata": {}}


def nested(levels):
    return json.loads("[" * levels + "]" * levels)


@pytest.mark.parametrize("outputs", [
    None,
    {},
    [None],
    [{"output_type": "stream", "name": "stdin", "text": "a"}],
    [{"output_type": "stream", "name": "stdout", "text": ["a"]}],
    [{"output_type": "display_data", "data": [], "metadata": {}}],
    [{"output_type": "display_data", "data": {}}],
    [{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": -1}],
    [{"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": "1"}],
    [{"output_type": "error", "ename": 1, "evalue": "", "traceback": []}],
    [{"output_type": "pyout"}],
    [{"output_type": "error", "ename": "", "evalue": "", "traceback": [""] * 100_000}],
    [display([10**4000] * 100)],
    [display([0.1234567890123456] * 5000)],
    [display([[]] * 50_000)],
    [display({str(number): 0 for number in range(50_000)})],
    [display({"x" * 100_000: 0})],
    [{**display(0), "ignored": "x" * 100_000}],
    [display(0)] * 103,
    [display(nested(40))],
    [display(nested(900))],
    [{**display(0), "metadata": {"a": nested(900)}}],
    [nested(900)],
], ids=range(23))  # fmt: skip
def test_invalid_outputs_and_those_beyond_a_limit_are_rejected(outputs):
    with pytest.raises(InvalidOutput):
        validate(outputs)


def test_values_that_only_python_accepts_as_json_are_replaced():
    value = json.loads('{"a": [NaN, 1e999, "\\ud800"], "\\udfff": 1.5}')
    assert to_strict_json(value) == {"a": ["nan", "inf", "?"], "?": 1.5}


def test_deeply_nested_values_are_rejected():
    with pytest.raises(InvalidOutput):
        to_strict_json(json.loads("[" * 100 + "]" * 100))


# --- seccomp and Landlock --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_system_call_numbers_equal_those_in_the_kernels_headers(machine):
    if not (defined := numbers_in_headers(machine)):
        pytest.skip("the kernel's headers are not installed")
    for name, number in seccomp.syscall_numbers(machine).items():
        assert defined[name] == str(number), name


def run_confined(code: str, readable: list[str], writable: list[str]) -> str:
    """Run code in a process that has confined itself, and return what it printed."""
    if reason := sandbox.reason_unavailable(sandbox.LANDLOCK):
        pytest.skip(reason)
    confine = (
        "import os, sys\n"
        "from autograder.runner import confinement, landlock\n"
        f"confinement.confine(landlock.create_ruleset({readable}, {writable}))\n"
    )
    command = [sys.executable, "-c", confine + code]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=visible_files.REPOSITORY).stdout


def test_landlock_allows_the_given_paths_and_no_others(tmp_path):
    for name in ("read", "write", "none"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    code = (
        "def can_open(name, mode):\n"
        f"    try: return open(f'{tmp_path}/{{name}}/file', mode) and True\n"
        "    except PermissionError: return False\n"
        "print([can_open(name, mode) for name in ('read', 'write', 'none') for mode in ('r', 'r+', 'w')])"
    )
    printed = run_confined(code, [str(tmp_path / "read")], [str(tmp_path / "write"), "/nowhere"])
    assert printed == "[True, False, False, True, True, True, False, False, False]\n"


def test_a_failed_self_test_names_its_cause():
    if reason := sandbox.reason_unavailable(sandbox.LANDLOCK):
        pytest.skip(reason)
    with pytest.raises(RuntimeError, match=r"on this machine: OSError: .* the kernel refused Landlock: Bad file descr"):
        confinement.verify(ruleset=-1)


def test_a_student_may_use_more_data_than_the_grader_also_where_the_machine_limits_both():
    code = (
        "import resource\n"
        "from autograder.runner import confinement\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 8 << 30))\n"
        f"confinement.apply_limits({asdict(Limits())})\n"
        "print(resource.getrlimit(resource.RLIMIT_DATA) == (8 << 30, 8 << 30))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, text=True, cwd=visible_files.REPOSITORY) == "True\n"


def test_a_path_that_cannot_be_opened_leaves_no_descriptor_open():
    if reason := sandbox.reason_unavailable(sandbox.LANDLOCK):
        pytest.skip(reason)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(NotADirectoryError):
        landlock.create_ruleset([f"{__file__}/inside"], [])
    assert os.listdir("/proc/self/fd") == before


def test_a_confined_process_has_no_capabilities():
    code = (
        "import ctypes\n"
        "data = (ctypes.c_uint32 * 6)(*[1] * 6)\n"
        "ctypes.CDLL(None).capget((ctypes.c_uint32 * 2)(0x20080522, 0), data)\n"
        "print(list(data))"
    )
    assert run_confined(code, [], []) == "[0, 0, 0, 0, 0, 0]\n"


def test_bubblewrap_shows_the_course_and_hides_the_autograder():
    line = " ".join(sandbox.bubblewrap_command("bwrap", ["python"], 1 << 20))
    for flag in ("--unshare-all", "--die-with-parent", "--as-pid-1", "--new-session", "--clearenv", "--cap-drop ALL"):
        assert flag in line
    assert f"{visible_files.REPOSITORY}/lectrain /course/lectrain" in line
    for hidden in ("exercises", "solutions", "submitted", "judging", str(Path.home() / ".ssh")):
        assert hidden not in line
    assert not re.search(rf"bind(-try)? ({re.escape(str(visible_files.REPOSITORY))}|/|/root|/home|/etc) ", line)


# --- scratch ---------------------------------------------------------------------------------------------------------------


def test_delete_contents_handles_depth_modes_and_links(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("kept")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "link").symlink_to(outside)
    (scratch / "to a file").symlink_to(outside / "keep")
    os.mkfifo(scratch / "pipe")
    (scratch / os.fsdecode(b"\xff\n")).write_text("a name that is not UTF-8")
    (scratch / "locked").mkdir()
    (scratch / "locked/file").write_text("x")
    (scratch / "locked").chmod(0)
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(scratch)
        for _ in range(1100):  # far more than the longest path the kernel accepts
            os.mkdir("deeper")
            os.chdir("deeper")
    finally:
        os.fchdir(here)
        os.close(here)
    delete_contents(scratch)
    assert os.listdir(scratch) == []
    assert (outside / "keep").read_text() == "kept"


def test_exceeded_limit_names_the_limit(tmp_path):
    limits = vars(Limits(scratch_files=6, scratch_bytes=10_000))
    with subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        assert exceeded_limit(process.pid, tmp_path, limits) is None
        (tmp_path / "one").write_bytes(bytes(6_000))
        (tmp_path / "its second name").hardlink_to(tmp_path / "one")
        assert exceeded_limit(process.pid, tmp_path, limits) is None
        (tmp_path / "large").write_bytes(bytes(20_000))
        assert exceeded_limit(process.pid, tmp_path, limits) == "scratch_bytes"
        for k in range(7):
            (tmp_path / str(k)).touch()
        assert exceeded_limit(process.pid, tmp_path, limits) == "scratch_files"
        assert exceeded_limit(process.pid, tmp_path, {**limits, "threads": 0}) == "threads"
        process.kill()
