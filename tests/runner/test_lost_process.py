"""A step that ends the student's process costs its own answers only: the other steps go on in a new process."""

import re
import time
from pathlib import Path

import pytest

from autograder.runner import Failure, FailureKind, Limits, Step, StepResult
from autograder.runner.dialogue import Dialogue
from autograder.runner.zygote_client import ZygoteClient, ZygoteLost
from tests.runner.conftest import Harness, error_name, failure_message, stdout_of

# Ways to end a process. Some need `import ctypes, os, sys` before them.
KILLS = {
    "exit": "os._exit(0)",
    "SIGKILL": "os.kill(os.getpid(), 9)",
    "a null pointer": "ctypes.string_at(0)",
    "abort": "os.abort()",
    "a status that the runner uses": "os._exit(77)",
    "the connection is closed": "(os.close(3), __import__('time').sleep(9))",
    "a call in C that no interrupt stops": "sum(range(10**12))",
}
IMPORT = Step("import ctypes, os, sys\nasked = []")
LIMITS = Limits(cell_seconds=0.5, grace_seconds=1)  # the error of an interrupted cell takes up to 0.7 s in a new runner


def define(name: str, body: str = "return x + 1") -> Step:
    return Step(f"def {name}(x):\n    asked.append('{name}')\n    {body}")


def check(name: str, source: str = "pass", cases: int = 2) -> Step:
    """A grade cell: the probe calls the function on 0, 1, …"""
    return Step(source, {"name": name, "cases": [{"args": [{"int": hex(k)}], "kwargs": {}} for k in range(cases)]})


def values(result: StepResult) -> list[int] | None:
    """The numbers that the probe received from a function, or None if it received no answers."""
    if result.answers is None or "answers" not in result.answers:
        return None
    return [int(answer["value"]["int"], 16) for answer in result.answers["answers"]]


def run(harness: Harness, *steps: Step, limits: Limits = LIMITS) -> tuple[list[StepResult], float]:
    """Run steps. Return their results, and how many seconds that took."""
    started = time.monotonic()
    results = harness.runner.run(steps, limits=limits)
    assert len(results) == len(steps)
    return results, time.monotonic() - started


def failure_kinds(results: list[StepResult]) -> list[FailureKind | None]:
    """The kind of each step's only failure, or None."""
    assert all(len(result.failures) <= 1 for result in results)
    return [result.failures[0].kind if result.failures else None for result in results]


@pytest.fixture
def started_processes(monkeypatch: pytest.MonkeyPatch) -> list[Limits]:
    """The limits of each process that is started during a test."""
    started: list[Limits] = []
    start = ZygoteClient.process

    def record(zygote: ZygoteClient, limits: Limits, folder: Path | None):
        started.append(limits)
        return start(zygote, limits, folder)

    monkeypatch.setattr(ZygoteClient, "process", record)
    return started


@pytest.mark.parametrize("kill", KILLS.values(), ids=KILLS)
@pytest.mark.attack("crashes")
def test_a_function_that_ends_the_process_costs_its_own_answers_only(sandboxed, started_processes, kill):
    steps = [IMPORT, define("f"), check("f"), define("g", f"{kill} if x else 0"), check("g"), define("h"), check("h")]
    results, seconds = run(sandboxed, *steps)
    assert [values(result) for result in results] == [None, None, [1, 2], None, None, None, [1, 2]]
    (failure,) = results[4].failures
    assert failure.is_contained
    assert not any(result.failures for result in results[:4] + results[5:])
    assert error_name(results[4]) == "Stopped"
    assert len(started_processes) == 2
    assert seconds < 4


@pytest.mark.parametrize("kill", ["os._exit(0)", "ctypes.string_at(0)"])
@pytest.mark.attack("crashes")
def test_a_cell_that_ends_the_process_while_it_defines_a_function_is_left_out(sandboxed, kill):
    definition = Step(f"def g(x): return x + 1\n{kill}")
    steps = [IMPORT, define("f"), check("f"), definition, check("g"), define("h"), check("h")]
    results, _ = run(sandboxed, *steps)
    assert (values(results[2]), values(results[6])) == ([1, 2], [1, 2])
    assert results[4].answers == {"missing": True}
    assert failure_kinds(results) == [None, None, None, FailureKind.CRASH, None, None, None]


@pytest.mark.attack("crashes")
def test_a_visible_check_that_ends_the_process_does_not_change_the_answers_before_it(best_sandbox):
    steps = [IMPORT, define("f"), check("f", "f(3)\nos._exit(0)"), define("h"), check("h")]
    results, _ = run(best_sandbox, *steps)
    assert (values(results[2]), values(results[4])) == ([1, 2], [1, 2])
    assert failure_kinds(results) == [None, None, FailureKind.CRASH, None, None]


def test_a_function_that_always_ends_the_process_costs_no_answer_of_functions_that_do_not_use_it(harness):
    """It ends the process in its own check and in two later cells. One of them has the answers of another function."""
    uses = [Step("f(1)"), check("g", "f(2)")]
    steps = [IMPORT, define("f", "os._exit(0)"), check("f"), define("g"), *uses, define("h"), check("h")]
    results, _ = run(harness, *steps)
    assert [values(result) for result in results if result.answers] == [[1, 2], [1, 2]]
    assert [index for index, result in enumerate(results) if result.failures] == [2, 4, 5]


@pytest.mark.attack("crashes")
def test_there_are_at_most_as_many_new_processes_as_exercises(best_sandbox, started_processes):
    names = [f"f{k}" for k in range(5)]
    pairs = [step for name in names for step in (define(name, "os._exit(0)"), check(name))]
    results, seconds = run(best_sandbox, IMPORT, *pairs, Step("print('the end')"))
    assert len(started_processes) == 6
    assert not any(result.answers for result in results)
    assert stdout_of(results[-1]) == "the end\n"
    assert seconds < 5


def test_after_the_last_process_the_other_steps_are_not_run(harness, started_processes):
    endings = [Step("os._exit(0)")] * 5
    results, _ = run(harness, IMPORT, define("f"), check("f"), *endings, define("g"), check("g"))
    crash, not_run = FailureKind.CRASH, FailureKind.NOT_RUN
    assert failure_kinds(results) == [None, None, None, crash, crash, crash, *[not_run] * 4]
    assert [result.failures[0].is_contained for result in results[3:6]] == [True, True, False]
    assert failure_message(results[-1]) == "not run: the student's process exited with status 0"
    assert values(results[2]) == [1, 2]
    assert results[-1].answers is None
    assert len(started_processes) == 3


def test_the_last_cell_ends_the_process_like_any_other(harness):
    results, _ = run(harness, IMPORT, Step("os._exit(77)"))
    (failure,) = results[1].failures
    assert (failure.ended_process, failure.is_contained) == (True, False)


def test_a_cell_that_ends_only_the_second_process_keeps_its_answers(harness):
    trap = Step("if not asked: os._exit(3)")  # the functions are not called in the second process
    steps = [
        IMPORT,
        define("f"),
        check("f"),
        trap,
        check("f", "mark = 1"),
        Step("os._exit(0)"),
        define("h"),
        check("h"),
    ]
    results, _ = run(harness, *steps)
    assert [values(results[index]) for index in (2, 4, 7)] == [[1, 2]] * 3
    assert failure_message(results[3]) == "the student's process exited with status 3"
    assert failure_kinds(results).count(FailureKind.CRASH) == 2


def test_a_cell_that_is_slow_only_in_the_second_process_is_interrupted(harness):
    trap = Step("import time\nif not asked: time.sleep(20)\nprint('first')")
    steps = [IMPORT, define("f"), check("f"), trap, Step("os._exit(0)"), define("h"), check("h")]
    results, seconds = run(harness, *steps)
    assert values(results[6]) == [1, 2]
    assert failure_message(results[3]) == "the cell exceeded its time limit of 0.5 s"
    assert results[3].failures[0].is_timeout
    assert stdout_of(results[3]) == "first\n"
    assert seconds < 8


@pytest.mark.attack("crashes")
def test_a_process_that_ends_at_random_gets_no_wrong_answer_and_no_endless_run(best_sandbox, started_processes):
    start = Step("import threading, time\nthreading.Timer(0.1, os._exit, (0,)).start()")
    pairs = [step for k in range(6) for step in (define(f"f{k}"), check(f"f{k}", "time.sleep(0.03)"))]
    results, seconds = run(best_sandbox, IMPORT, start, *pairs)
    assert all(values(result) in (None, [1, 2]) for result in results)
    assert any(result.failures for result in results)
    assert len(started_processes) <= 7
    assert seconds < 5


def test_running_cells_again_counts_towards_the_time_limit_of_the_notebook(harness):
    endings = [step for k in range(5) for step in (define(f"f{k}", "os._exit(0)"), check(f"f{k}"))]
    slow = Step("import time\ntime.sleep(0.4)")
    results, seconds = run(harness, IMPORT, slow, *endings, limits=Limits(submission_seconds=1))
    assert seconds < 2.5
    assert any(failure.is_timeout for result in results for failure in result.failures)


@pytest.mark.attack("limits")
def test_all_processes_share_the_limit_of_cpu_time(sandboxed, started_processes):
    endings = [step for k in range(5) for step in (define(f"f{k}", "os._exit(0)"), check(f"f{k}"))]
    burn = Step("import time\nwhile time.process_time() < 0.8: pass")
    results, _ = run(sandboxed, IMPORT, burn, *endings, limits=Limits(cpu_seconds=2))
    assert [limits.cpu_seconds for limits in started_processes][:2] == [2, 2]
    assert len(started_processes) < 5
    assert "limit of 2 s of CPU time" in failure_message(results[-1])


def test_no_function_is_called_by_the_probe_a_second_time(harness, monkeypatch):
    asked = []
    ask_calls = Dialogue.ask_calls

    def record(dialogue, calls, *arguments):
        asked.append(calls["name"])
        return ask_calls(dialogue, calls, *arguments)

    monkeypatch.setattr(Dialogue, "ask_calls", record)
    names = ["f", "g", "h"]
    steps = [
        step for name in names for step in (define(name, "os._exit(0)" if name == "g" else "return x"), check(name))
    ]
    run(harness, IMPORT, *steps, Step("os._exit(0)"), Step("1"))
    assert asked == names


def test_the_second_process_has_the_variables_of_the_cells_alone(harness):
    """A counter counts the calls of the cells that are run again, and no call of the probe."""
    use = Step("f(0)")
    steps = [IMPORT, define("f"), use, check("f"), Step("os._exit(0)"), use, check("f", "print(asked)", cases=1)]
    results, _ = run(harness, *steps)
    assert stdout_of(results[-1]) == f"{['f'] * 3}\n"


@pytest.mark.attack("traces")
def test_nothing_that_a_process_wrote_reaches_the_next_one(sandboxed):
    remember = "[open(os.path.join(d, 'seen'), 'w').close() for d in ('.', '..', os.environ['HOME'])]; os._exit(0)"
    look = "print(any(os.path.exists(os.path.join(d, 'seen')) for d in ('.', '..', os.environ['HOME'])))"
    results, _ = run(sandboxed, IMPORT, define("f", remember), check("f"), Step(look))
    assert results[2].failures, "it wrote everything and ended"
    assert stdout_of(results[-1]) == "False\n"


def test_cells_keep_their_numbers_and_outputs_in_the_second_process(harness):
    results, _ = run(harness, IMPORT, Step("print(1)"), check("f"), Step("os._exit(0)"), Step("5"))
    assert stdout_of(results[1]) == "1\n"
    assert results[4].outputs[0]["execution_count"] == 5


LARGE = {
    "an array": "__import__('numpy').zeros((3000, 3000))",
    "a list of lists": "[[0.5] * 3000] * 3000",
    "a list of arrays": "[__import__('numpy').zeros(10**6)] * 300",
    "text": "'x' * 10**8",
    "an array of text": "__import__('numpy').array(['x' * 200] * 10**5, dtype=object)",
    "a list of itself": "(lambda a: a.extend([a] * 10**4) or a)([])",
    "a set": "set(range(10**6))",
    "an integer": "1 << 10**8",
}


@pytest.mark.parametrize("large", LARGE.values(), ids=LARGE)
@pytest.mark.attack("limits")
def test_a_large_answer_ends_no_process_and_costs_its_own_exercise_only(best_sandbox, started_processes, large):
    steps = [IMPORT, define("f", f"return {large}"), check("f", cases=20), define("h"), check("h")]
    results, seconds = run(best_sandbox, *steps, limits=Limits())
    assert not any(result.failures for result in results)
    assert values(results[4]) == [1, 2]
    assert re.search("'too large'|xxxxx", str(results[2].answers)), "the answer was not large"
    assert len(str(results[2].answers)) < 1 << 20
    assert len(started_processes) == 1
    assert seconds < 10


@pytest.mark.attack("protocol")
def test_after_a_forged_reply_no_further_step_is_run(best_sandbox, started_processes):
    forge = Step("os.write(3, bytes([255] * 4))")
    results, _ = run(best_sandbox, IMPORT, define("f"), forge, check("f"), Step("1"))
    assert failure_kinds(results) == [None, None, FailureKind.CRASH, FailureKind.NOT_RUN, FailureKind.NOT_RUN]
    assert results[3].answers is None
    assert len(started_processes) == 1


def test_failures_of_a_whole_run_name_the_reason(harness, monkeypatch):
    """The fork server ends before the first cell, in both attempts."""

    def fail(*_):
        raise ZygoteLost("the fork server has ended")

    monkeypatch.setattr(ZygoteClient, "process", fail)
    results, _ = run(harness, IMPORT, check("f"))
    expected = Failure(FailureKind.NOT_RUN, "not run: the fork server has ended")
    assert [result.failures for result in results] == [[expected], [expected]]
    monkeypatch.undo()
    assert harness.read_stdout("print('on')") == "on\n"


# --- time ---------------------------------------------------------------------------------------------------------------

SLOW = {"sleeping": "__import__('time').sleep(60)", "in C, where no interrupt stops it": "sum(range(10**12))"}


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
@pytest.mark.attack("limits")
def test_a_function_that_never_returns_costs_no_other_exercise_its_time(best_sandbox, slow):
    """Three exercises and their checks call it. Together they need more time than the notebook has."""
    users = [step for name in "abc" for step in (define(name, "return f(x)"), check(name, f"{name}(0)"))]
    own = [define("h", "__import__('time').sleep(0.05); return x + 1"), check("h", "h(0)")]
    limits = Limits(cell_seconds=0.7, grace_seconds=0.1, submission_seconds=4.2, exercise_seconds=0.6)
    steps = [IMPORT, define("f", slow), check("f", "f(0)"), *users, *own]
    results, seconds = run(best_sandbox, *steps, limits=limits)
    assert values(results[-1]) == [1, 2]
    assert not results[-1].failures
    checks = [result for step, result in zip(steps, results, strict=True) if step.calls]
    assert [bool(result.failures) for result in checks] == [True, True, True, True, False]
    assert seconds < 12


def test_cells_that_never_end_before_the_first_exercise_leave_time_for_it(harness):
    slow = [Step("import time\ntime.sleep(60)")] * 4
    limits = Limits(cell_seconds=1, submission_seconds=5, exercise_seconds=0.5)
    results, seconds = run(harness, IMPORT, *slow, define("f"), check("f"), define("h"), check("h"), limits=limits)
    assert [values(results[index]) for index in (-3, -1)] == [[1, 2], [1, 2]]
    assert results[4].failures[0].limit_hit == "exercise_seconds"
    assert seconds < 14


def test_the_time_of_a_notebook_is_limited_although_each_exercise_has_its_own(harness):
    pairs = [step for k in range(8) for step in (define(f"f{k}", "sum(range(10**12))"), check(f"f{k}", f"f{k}(0)"))]
    limits = Limits(cell_seconds=0.5, grace_seconds=0.1, submission_seconds=1.5, exercise_seconds=0.05)
    results, seconds = run(harness, IMPORT, *pairs, limits=limits)
    assert not any(values(result) for result in results)
    assert seconds < 12


def test_a_cell_that_was_interrupted_is_not_waited_for_again(harness):
    """It runs again in the second process for a moment, so that the function above its last line is defined."""
    slow = Step("def f(x): return x + 1\n__import__('time').sleep(60)")
    steps = [IMPORT, slow, check("f"), Step("os._exit(0)"), check("f")]
    results, seconds = run(harness, *steps, limits=Limits(cell_seconds=3, grace_seconds=1))
    assert [values(results[index]) for index in (2, 4)] == [[1, 2]] * 2
    assert [failure.message for failure in results[1].failures] == ["the cell exceeded its time limit of 3 s"]
    assert seconds < 5.8  # two times the limit would be 6 s
