"""Turns are fair: a student with much to do waits for those who came meanwhile."""

import threading
import time

from autograder.course import CourseError
from autograder.live import turns as turns_module
from autograder.live.turns import MAX_TRIES, Turns


def wait_until_idle(turns: Turns) -> None:
    deadline = time.monotonic() + 30
    while turns.num_unfinished:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def run(amounts: dict[str, int], workers: int = 1) -> list[str]:
    """Let students have so many things to do. Return whose turns came in which order."""
    order: list[str] = []
    left = dict(amounts)

    def take_turn(student: str) -> bool:
        order.append(student)
        left[student] -= 1
        return left[student] > 0

    turns = Turns(workers, lambda *_: None)
    while True:
        for student in amounts:
            turns.offer(student, "state", lambda student=student: take_turn(student))
        if not turns.num_unfinished:
            turns.close()
            return order
        wait_until_idle(turns)


def test_a_student_with_much_to_do_waits_for_the_others():
    assert run({"ada": 3, "bob": 3, "cyd": 1}) == ["ada", "bob", "cyd", "ada", "bob", "ada", "bob"]


def test_a_student_has_one_job_at_a_time():
    running, most, lock = set(), [], threading.Lock()

    def job() -> bool:
        with lock:
            most.append("ada" in running)
            running.add("ada")
        time.sleep(0.01)
        running.discard("ada")
        return True

    turns = Turns(4, lambda *_: None)
    for number in range(200):
        turns.offer("ada", number, job)
        time.sleep(0.0005)
    wait_until_idle(turns)
    turns.close()
    assert len(most) > 2
    assert not any(most)


def test_a_failing_job_is_tried_a_few_times_and_later_again_and_does_not_end_the_others(monkeypatch):
    lines: list[tuple[str, str]] = []
    done: list[str] = []

    def fail() -> bool:
        raise PermissionError("no")

    turns = Turns(1, lambda *what: lines.append(what))
    for _ in range(2 * MAX_TRIES):
        turns.offer("eve", "state", fail)
        turns.offer("ada", "state", lambda: bool(done.append("ada")))
        wait_until_idle(turns)
    assert lines == MAX_TRIES * [("eve", "no feedback returned: PermissionError: no")]
    monkeypatch.setattr(turns_module, "RETRY_SECONDS", 1e-9)
    turns.offer("eve", "state", fail)
    wait_until_idle(turns)
    turns.close()
    assert len(lines) == MAX_TRIES + 1
    assert done == ["ada"]
    assert turns.has_failures
    assert turns.fatal is None


def test_a_job_that_succeeds_after_a_failure_is_not_started_again():
    problems = [PermissionError("no")]

    def job() -> bool:
        if problems:
            raise problems.pop()
        return False

    turns = Turns(1, lambda *_: None)
    started = []
    for _ in range(3):
        started.append(turns.offer("ada", "state", job))
        wait_until_idle(turns)
    turns.close()
    assert started == [True, True, False]


def test_an_error_that_concerns_everybody_is_kept():
    def fail() -> bool:
        raise CourseError("no assignment")

    turns = Turns(1, lambda *_: None)
    turns.offer("ada", "state", fail)
    wait_until_idle(turns)
    turns.close()
    assert str(turns.fatal) == "no assignment"
