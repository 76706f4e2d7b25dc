"""What is asked about a function, and what is not because nobody could be certain of the key."""

import numpy as np
import pytest

from autograder.judging.cases import case
from autograder.sheets import questions
from autograder.sheets.observe import observe
from autograder.sheets.questions import Kind, Question
from autograder.sheets.refused_code import CannotAsk
from autograder.sheets.student_code import cut_out

from .trusted import TrustedRunner

LOOP = "def f(x):\n    a = np.empty(1)\n    t = 0\n    for i in range({times}):\n        t = 0\n    return x + t"


def ask(times: str, *inputs: float) -> list[Question]:
    code = cut_out(["import numpy as np", LOOP.format(times=times)], "f")
    seen = observe(code, [], [case(x) for x in inputs], TrustedRunner())
    return questions.make_all(seen, np.random.default_rng(0))


def test_how_often_a_line_is_executed_is_not_asked_if_it_depends_on_an_unfilled_array():
    assert Kind.COUNT in {question.kind for question in ask("int(3) % 4", 1.0)}
    assert ask("int(a[0]) % 4", 1.0) == []


@pytest.mark.parametrize("times", ["4000", "np.add(x, 1, where=False)", "np.add(x, 1, where=False, out=None)"])
def test_a_function_that_takes_too_many_passes_or_leaves_values_undefined_is_not_said_to_be_wrong(times):
    with pytest.raises(CannotAsk, match=r"^it gives no certain answer in the sandbox$"):
        ask(times, 1.0)


def test_a_result_whose_values_are_all_defined_may_use_where():
    assert ask("int(np.sum(a * 0 + 3, where=True) + np.add(x, 1, where=[False], out=np.zeros(1))[0])", 1.0)


def test_parts_of_different_shapes_stop_no_sheet():
    assert ask("len(np.array_split(np.arange(3), 2))", 1.0)


def test_a_function_may_have_more_than_two_inputs():
    assert [q.text[:7] for q in ask("3", 1.0, 2.0, 3.0) if q.kind is Kind.COUNT] == ["Input A", "Input B", "Input C"]


def test_a_sign_that_is_not_shown_does_not_make_an_output_fair():
    assert not questions._is_fair([0.3331, 1e-9], [0.351, -1e-9])
    assert questions._is_fair([0.3331, 0.05], [0.3331, -0.05])
