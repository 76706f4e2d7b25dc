"""A task that exceeds a limit is ended and reported; the next task runs as if nothing had happened."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import autograder.supervisor
from autograder.supervisor import (
    LimitExceeded,
    Supervisor,
    SupervisorClosed,
    SupervisorPool,
    Worker,
    WorkerDied,
    WorkLimits,
    enter_stage,
    get_supervisor,
)

LIMITS = WorkLimits(stage_seconds=1, memory=400 << 20)
PATIENT = WorkLimits(stage_seconds=60, memory=LIMITS.memory)  # a busy machine may take seconds to fill the memory


@pytest.fixture(scope="module")
def supervisor():
    with Supervisor(LIMITS) as supervisor:
        yield supervisor


@pytest.fixture(scope="module")
def patient_supervisor():
    with Supervisor(PATIENT) as supervisor:
        yield supervisor


def stages(*seconds):
    for number, wait in enumerate(seconds, start=1):
        enter_stage(f"stage {number}")
        time.sleep(wait)
    return "done"


def long_stage():
    enter_stage("long", seconds=5)
    time.sleep(1.5)
    return "done"


def endless_in_short_stage():
    enter_stage("short", seconds=0.5)
    endless_loop()


def endless():
    enter_stage("adding")
    endless_loop()


def endless_loop():
    total = 0
    while True:
        total += 1


def stubborn():
    """Ignores every signal that can be ignored."""
    import signal

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    endless()


def grow_slowly():
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def grow_at_once():
    return len(bytearray(1 << 34))


def swallow_memory_errors():
    kept = []
    while True:
        try:
            kept.append(bytearray(1 << 22))
        except MemoryError:
            time.sleep(0.01)


def stop_within_a_message():
    os.write(autograder.supervisor._connection.fileno(), b"\0\0\0\x09half")
    time.sleep(60)


def print_to_stdout():
    print("noise")
    os.write(1, b"noise")
    return "done"


def raise_unpicklable():
    class Local(Exception):
        pass

    raise Local("a local class")


class Unreadable:
    def __reduce__(self):
        return getattr, (0, "missing")


def end_first_process(file: Path) -> str:
    if not file.exists():
        file.touch()
        os._exit(3)
    return "done"


def worker_pid():
    return os.getpid()


def test_each_stage_has_its_own_time(supervisor):
    assert supervisor.run(stages, 0.7, 0.7, 0.7) == "done"
    assert supervisor.run(long_stage) == "done"


@pytest.mark.parametrize(("task", "args", "stage", "seconds"), [
    (endless, (), "adding", "1"), (stubborn, (), "adding", "1"), (time.sleep, (60,), "starting the task", "1"),
    (stop_within_a_message, (), "starting the task", "1"),
    (stages, (0.1, 60), "stage 2", "1"), (endless_in_short_stage, (), "short", "0.5"),
])  # fmt: skip
def test_a_task_that_takes_too_long_is_ended_and_its_stage_and_limit_named(supervisor, task, args, stage, seconds):
    started = time.monotonic()
    with pytest.raises(LimitExceeded, match=rf"^{stage}: it takes longer than the {seconds} s of this stage"):
        supervisor.run(task, *args)
    assert time.monotonic() - started < 20
    assert supervisor.run(abs, -3) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process exactly")
@pytest.mark.parametrize("task", [grow_slowly, grow_at_once])
def test_a_task_that_needs_too_much_memory_is_ended(patient_supervisor, task):
    with pytest.raises(LimitExceeded, match="needs more than 400 MiB of memory"):
        patient_supervisor.run(task)
    assert patient_supervisor.run(abs, -3) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process exactly")
def test_a_task_that_catches_memory_errors_is_ended_too(supervisor):
    with pytest.raises(LimitExceeded):
        supervisor.run(swallow_memory_errors)


def test_a_worker_that_dies_is_replaced(supervisor):
    with pytest.raises(WorkerDied, match="ended with status 3"):
        supervisor.run(os._exit, 3)
    assert supervisor.run(abs, -3) == 3


def test_a_task_whose_process_ends_is_run_once_more(supervisor, tmp_path):
    assert supervisor.run(end_first_process, tmp_path / "was here") == "done"


def test_an_exception_of_the_task_is_raised_and_the_worker_kept(supervisor):
    before = supervisor.run(worker_pid)
    with pytest.raises(ValueError, match="invalid literal"):
        supervisor.run(int, "x")
    with pytest.raises(RuntimeError, match="Local: a local class"):
        supervisor.run(raise_unpicklable)
    with pytest.raises(RuntimeError, match="SystemExit: 7"):
        supervisor.run(sys.exit, 7)
    assert supervisor.run(worker_pid) == before


@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), SystemExit()])
def test_a_task_that_was_not_waited_for_does_not_answer_in_place_of_the_next(supervisor, monkeypatch, error):
    with monkeypatch.context() as patch:
        patch.setattr("autograder.supervisor._memory_of", lambda pid: (_ for _ in ()).throw(error))
        with pytest.raises(type(error)):
            supervisor.run(stages, 0.5)
    assert supervisor.run(abs, -3) == 3


def test_a_supervisor_that_another_thread_closes_does_not_run_the_task_again():
    supervisor = Supervisor(PATIENT)
    closing = threading.Timer(1, supervisor.close)
    closing.start()
    with pytest.raises(SupervisorClosed):
        supervisor.run(time.sleep, 60)


def test_a_supervisor_that_is_closed_while_its_worker_starts_runs_no_task(monkeypatch):
    class SlowWorker:
        def __init__(self):
            supervisor.close()  # another thread does, meanwhile

        def kill(self):
            killed.append(self)

    killed: list[SlowWorker] = []
    supervisor = Supervisor(PATIENT)
    monkeypatch.setattr("autograder.supervisor.Worker", SlowWorker)
    with pytest.raises(SupervisorClosed):
        supervisor.run(abs, -3)
    assert len(killed) == 1


def test_a_worker_has_one_thread_for_linear_algebra(supervisor):
    assert supervisor.run(os.getenv, "OPENBLAS_NUM_THREADS") == "1"


def test_a_result_that_cannot_be_read_is_an_error_of_its_task(supervisor):
    with pytest.raises(AttributeError):
        supervisor.run(Unreadable)
    assert supervisor.run(abs, -3) == 3


def test_output_of_a_task_is_no_output_of_the_command(capfd):
    with Supervisor(LIMITS) as supervisor:
        assert supervisor.run(print_to_stdout) == "done"
    captured = capfd.readouterr()
    assert "noise" not in captured.out
    assert "noise" in captured.err


def test_a_worker_does_not_outlive_a_supervisor_that_is_killed():
    program = (
        "import time; from autograder.supervisor import Supervisor; import tests.test_supervisor as t\n"
        "s = Supervisor(); print(s.run(t.worker_pid), flush=True); s.run(time.sleep, 60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        worker = psutil.Process(int(process.stdout.readline()))
        process.kill()
    worker.wait(timeout=30)


# --- a worker that is started early -----------------------------------------------------------------------------


def set_a_mark():
    os.environ["A_MARK"] = "prepared"


def read_the_mark():
    return os.environ.get("A_MARK")


def divide_by_zero():
    return 1 / 0


def test_the_first_supervisor_of_a_pool_takes_the_worker_that_was_started_early():
    with SupervisorPool(2, LIMITS, Worker(set_a_mark)) as pool:
        first, second = pool.supervisors
        assert [first.run(read_the_mark), second.run(read_the_mark)] == ["prepared", None]
        with pytest.raises(LimitExceeded, match=r"takes longer than the 0\.5 s of this stage"):
            first.run(endless_in_short_stage)  # its limits are in force
        assert first.run(read_the_mark) is None  # it is replaced like any other worker


def test_an_error_of_the_preparation_is_left_to_the_first_task():
    with Supervisor(LIMITS, Worker(divide_by_zero)) as supervisor:
        with pytest.raises(ZeroDivisionError):
            supervisor.run(divide_by_zero)
        assert supervisor.run(abs, -3) == 3


def test_a_worker_that_nobody_takes_is_ended():
    before = {child.pid for child in psutil.Process().children()}
    worker = Worker(set_a_mark)
    (process,) = {child.pid for child in psutil.Process().children()} - before
    del worker
    assert not psutil.pid_exists(process)


def test_a_shared_supervisor_gets_a_new_worker_if_what_it_imports_has_changed():
    shared = get_supervisor(LIMITS, "first")
    pid = shared.run(worker_pid)
    assert get_supervisor(LIMITS, "first").run(worker_pid) == pid
    assert get_supervisor(LIMITS, "second").run(worker_pid) != pid
    shared.close()


def test_threads_share_the_supervisors_of_a_pool():
    with SupervisorPool(2) as pool, ThreadPoolExecutor(4) as threads:

        def process_of(_: int) -> int:
            with pool.borrow() as supervisor:
                return supervisor.run(os.getpid)

        processes = set(threads.map(process_of, range(8)))
        assert 1 <= len(processes) <= 2
    assert not any(map(psutil.pid_exists, processes))
