"""Further calls after the answers of a step: they help to explain a wrong answer, and cost nothing."""

import time

import pytest

from autograder.runner import Limits, Step
from autograder.runner.session import FURTHER_SECONDS
from tests.runner.conftest import failure_message

ONE, TEN = ({"name": "f", "cases": [{"args": [{"int": hex(x)}], "kwargs": {}}]} for x in (1, 10))


def steps(body: str, further=lambda answers: TEN) -> list[Step]:
    return [Step(f"import os, time\ndef f(x):\n    {body}\n    return x"), Step("print(f(1))", ONE, further)]


def values(answers) -> list:
    return [answer.get("value") or answer["error"][0] for answer in answers["answers"]]


def test_the_answers_decide_what_is_called_next(harness):
    received = []

    def further(answers):
        received.append(values(answers))
        return TEN

    (_, result) = harness.runner.run(steps("pass", further))
    assert received == [[{"int": "0x1"}]]
    assert values(result.further_answers) == [{"int": "0xa"}]


def test_without_a_wrong_answer_nothing_more_is_called(harness):
    (_, result) = harness.runner.run(steps("pass", lambda answers: None))
    assert (values(result.answers), result.further_answers) == ([{"int": "0x1"}], None)


def test_a_function_that_does_not_return_is_interrupted_without_a_failure(harness):
    started = time.monotonic()
    (_, result) = harness.runner.run(steps("while x == 10: pass"), limits=Limits(cell_seconds=20))
    assert time.monotonic() - started < FURTHER_SECONDS + 5
    assert values(result.further_answers) == ["time limit"]
    assert (values(result.answers), result.failures) == ([{"int": "0x1"}], [])
    assert result.outputs[0]["text"] == "1\n"


def test_a_function_that_was_interrupted_is_not_called_again(harness):
    (_, result) = harness.runner.run(steps("while True: pass"), limits=Limits(cell_seconds=0.3))
    assert result.further_answers is None


STUBBORN = "\n        try: time.sleep(9)\n        except BaseException: pass"


@pytest.mark.parametrize(("end", "message"), [
    ("if x == 10: os._exit(0)", "exited with status 0"), ("if x == 10: x = 'x' * 10**7", ""),
    (f"while x == 10:{STUBBORN}", "time limit of 0.5 s"),
])  # fmt: skip
def test_a_function_that_ends_its_process_or_returns_too_much_keeps_its_answers(harness, end, message):
    (_, result, last) = harness.runner.run([*steps(end), Step("print('the end')")])
    assert values(result.answers) == [{"int": "0x1"}]
    assert message in (failure_message(result) or "")
    assert last.outputs[0]["text"] == "the end\n"
