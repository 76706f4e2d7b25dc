"""A block of checks reports how many properties hold, and explains the errors of a student's function."""

import linecache
import re
from types import SimpleNamespace

import numpy as np
import pytest

from lectrain import check, errors
from lectrain.check import CheckFailed, checking, expect_answered, expect_close, expect_true, expect_untouched
from lectrain.errors import CAUSES

CHECK = """
with checking("f", slide="Warm-up"):
    expect_close(f(np.ones(3)), np.ones(3), "ones")
    expect_close(f(2), 2, "numbers")
"""
CALL = "`f(np.ones(3))`"


def run_check(answer: str) -> None:
    """Define a student's function in one cell, and run the check in another one, as a notebook does."""
    variables = {"np": np, "checking": checking, "expect_close": expect_close}
    for name, source in (("answer", answer), ("check", CHECK)):
        linecache.cache[f"<{name}>"] = len(source), None, source.splitlines(keepends=True), f"<{name}>"
        exec(compile(source, f"<{name}>", "exec"), variables)


def message_about(answer: str) -> str:
    with pytest.raises(CheckFailed) as failure:
        run_check(answer)
    return str(failure.value)


def test_a_property_that_is_checked_repeatedly_counts_once(capsys):
    with checking("f", slide="Warm-up"):
        for _ in range(3):
            expect_true(True, "it holds", otherwise="it fails")
    assert capsys.readouterr().out == "✓ f: 1 property holds\n"


def test_a_block_ends_even_if_it_fails():
    with pytest.raises(CheckFailed), checking("f", slide="Warm-up"):
        expect_true(False, "first", otherwise="it fails")
    with pytest.raises(CheckFailed) as failure:
        expect_true(False, "second", otherwise="it fails")
    assert str(failure.value) == "second: it fails."


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("return x + np.ones(5)", "Which shape should each have?"),
        (
            "return np.ones((2, 2)) @ x",
            "core dimension 0 (size 3 is different from 2). In A @ B, A has as many columns",
        ),
        ("return x @ 2", "does not have enough dimensions (has 0 requires 1). In A @ B"),
        ("return np.ones((2, 2)).dot(x)", "A has as many columns as B has rows"),
        ("return x[:0].reshape(0, -1)", "write each size of the new shape instead of −1"),
        ("return x.reshape(-1, 2)", "Too few or too many elements"),
        ("return x[(0,)].mean(axis=0)", "If the index is a tuple, make it a list"),
        ("return 1 - f", "A function is called with ( )"),
        ("return np.linalg.inv(x)", "Which shape should each have?"),
        ("return x if x > 0 else -x", "one truth value"),
        ("return 1 if x == None else 0", "Test None with `is`."),
        ("return x + None", "One of the values is None"),
        ("return [x] * 0.5", "Scale its items one by one"),
        ("return None.size", "One of the values is None"),
        ("return float(x)", "take one number"),
        ("return x(2)", "is an operator missing"),
        ("return x[0.5]", "An index or a size is not an integer"),
        ("return np.exp[0]", "A function is called with ( )"),
        ("return x.mean[0]", "A function is called with ( )"),
        ("return x[3]", "Compare the index with the shape"),
        ("return [1, 2][x[0]]", "An index or a size is not an integer"),
        ("return [1, 2][x]", "One integer is needed here, not an array"),
        ("return [0 for _ in range(x)]", "One integer is needed here, not an array"),
        ("return np.ones(len(x) / 2)", "An index or a size is not an integer"),
        ("return range(2.0)", "An index or a size is not an integer"),
        ("z = [1, 2]; return z[0, 1]", "A list takes one integer or slice in [ ]"),
        ("z = [1, 2]; return z[[0, 1]]", "A list takes one integer or slice in [ ]"),
        ("import math; return math.sqrt([1])", "must be real number, not list. (slide"),
        ("return len(v for v in x)", "Make a list of it first"),
        ("z = (v for v in x); return z[0]", "Make a list of it first"),
        ("return np.mean(v for v in x)", "Make a list of it first"),
        ("return np.uint8([1]) + 300", "does not fit the array's integer dtype"),
        ("return int(np.inf)", "Infinity and nan cannot become integers"),
        ("return int(np.nan)", "Infinity and nan cannot become integers"),
        ("return undefined", "Is it assigned in this function, or in a cell that you ran?"),
        ("z = y; y = 1", "before it assigns a value"),
        ("return x.foo", "Is the name after the dot spelled correctly?"),
        ("x = np.arange(3)\n    x += 0.5", "Make it an array of floats"),
        ("x.flags.writeable = False\n    x[0] = 1", "Work on a copy"),
        ("a, b = x", "The number of names on the left"),
        ("a, b = 1.5", "The number of names on the left"),
        ("return 10.0**400", "too large for a float"),
        ("return 1 // 0", "is the denominator 0?"),
        ("return f(x)", "The function calls itself without an end."),
        ("raise ValueError", "`f` fails"),
    ],
)
def test_an_error_is_reported_with_its_call_its_line_and_its_likely_cause(body, cause):
    message = message_about(f"def f(x):\n    {body}")
    assert message.startswith(f"f: {CALL} fails in line {2 + body.count(chr(10))} of the cell with `f`")
    assert cause.replace("`f`", CALL) in message
    assert message.endswith("(slide: Warm-up)")
    assert "\n" not in message


def test_an_error_in_another_function_is_reported_with_the_line_that_called_it():
    message = message_about("def g(x):\n    return x[3]\ndef h(x):\n    return g(x)\ndef f(x):\n    return h(x)")
    assert message.startswith(
        f"f: {CALL} fails in line 2 of the cell with `g`, `return x[3]`, "
        "called from line 6 of the cell with `f`, `return h(x)`: IndexError"
    )
    comprehension = message_about("def f(x):\n    return [x[i]\n            for i in range(9)]")
    assert comprehension.startswith(f"f: {CALL} fails in line 2 of the cell with `f`, `return [x[i]`: IndexError")
    generator = message_about("def f(x):\n    return max(x[i] for i in range(9))")
    assert generator.startswith(
        f"f: {CALL} fails in line 2 of the cell with `f`, `return max(x[i] for i in range(9))`: I"
    )
    recursive = message_about("def f(x):\n    if x.size:\n        return f(x[1:])\n    return x[0]")
    assert recursive.startswith(f"f: {CALL} fails in line 4 of the cell with `f`, `return x[0]`: IndexError")


def test_a_number_that_is_used_as_an_array_is_reported_with_the_call():
    for body in ("return x.copy()", "return x[:] if np.size(x) == 1 else x", "return [v for v in x]"):
        message = message_about(f"def f(x):\n    {body}")
        assert message.startswith("f: `f(2)` fails in line 2")
        assert "Use an array or a list here." in message


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("expect_untouched(f, np.ones(3))", "f(np.ones(3))"),
        ("expect_untouched(f, np.ones(3), 2)", "f(np.ones(3), 2)"),
        ("expect_no_warning(f, np.ones(3), property='p', hint='h')", "f(np.ones(3))"),
        ("peak_memory(f, np.ones((3, 2)))", "f(np.ones((3, 2)))"),
    ],
)
def test_the_call_is_that_of_the_student_s_function(call, shown):
    source = f"with checking('f', slide='Warm-up'):\n    {call}"
    linecache.cache["<check>"] = len(source), None, source.splitlines(keepends=True), "<check>"
    variables = {"np": np, **vars(check), "f": lambda *_: [][0]}
    with pytest.raises(CheckFailed, match=re.escape(f"f: `{shown}` fails: IndexError")):
        exec(compile(source, "<check>", "exec"), {**variables, "__name__": "__main__"})


def test_a_wrong_number_of_parameters_is_reported_without_a_line():
    message = message_about("def f(x, y):\n    return x")
    assert message.startswith(f"f: {CALL} fails: TypeError: f() missing 1 required positional argument: 'y'. Compare")


def test_a_wrong_number_of_results_is_reported_without_the_names_of_the_check():
    for result in (np.ones((1, 3)), np.ones((3, 4)), 1.5, None, (1, 2, 3)):
        with pytest.raises(CheckFailed) as failure, checking("f", slide="Warm-up"):
            _, _ = (lambda result: result)(result)
        assert str(failure.value) == (
            "f: it must return as many values as its docstring lists. Is one of them missing, or a `return`? "
            "(slide: Warm-up)"
        )


def test_a_function_that_does_not_exist_is_reported():
    assert message_about("").startswith("f: `f` fails: NameError: name 'f' is not defined. Is the name spelled")


def test_a_list_of_arrays_that_is_used_as_one_array_is_explained():
    message = message_about("def f(x):\n    return np.linalg.norm([np.ones((2, 2)), np.ones(3)])")
    assert "inhomogeneous" in message
    assert "Use its arrays one by one." in message


def test_every_cause_is_a_sentence_and_every_pattern_is_valid():
    for kind, pattern, cause in CAUSES:
        assert issubclass(kind, Exception)
        assert re.compile(pattern)
        assert cause[0].isupper() or cause[0] == "`"
        assert cause[-1] in ".?"


def test_an_unanswered_exercise_stays_unanswered_in_one_line():
    with pytest.raises(NotImplementedError) as failure:
        run_check("def f(x):\n    raise NotImplementedError()")
    assert failure.value._render_traceback_() == ["NotImplementedError: f is not answered yet"]
    with pytest.raises(NotImplementedError, match="g is not answered yet"):
        run_check("def g(x):\n    raise NotImplementedError()\ndef f(x):\n    return g(x)")
    with pytest.raises(NotImplementedError, match="quiz is not answered yet"), checking("quiz", slide="Warm-up"):
        raise NotImplementedError
    with pytest.raises(NotImplementedError, match=r"^not answered yet$"), checking("quiz", slide="Warm-up"):
        expect_answered(None, {"a"}, "ab")


def test_an_error_of_the_check_itself_names_no_line_of_the_student():
    with pytest.raises(CheckFailed, match=r"^f: `float\(.*\)` fails: ValueError"), checking("f", slide="Warm-up"):
        float("x")


@pytest.mark.parametrize("body", ["return x", "return -x", "raise NotImplementedError"])
def test_a_library_that_does_the_work_is_named_whatever_the_properties_say(body, capsys):
    message = message_about(f"def f(x):\n    import scipy.special\n    scipy.special.gamma(x)\n    {body}")
    assert message == "f: it uses scipy.special.gamma. Write it yourself with NumPy. (slide: Warm-up)"
    assert capsys.readouterr().out == ""


def test_a_library_that_another_function_uses_is_no_fault(capsys):
    run_check("import scipy.special\ndef g(x):\n    return scipy.special.gamma(x)\ndef f(x):\n    return x")
    assert capsys.readouterr().out == "✓ f: 2 properties hold\n"


@pytest.mark.parametrize(
    ("cells", "is_broken"),
    [
        (["def f(x):\n    return x +"], True),
        (["def f(x):\n    return 1", "f = (2"], True),
        (["def f(x):\n    return x +", "def f(x):\n    return 1"], False),
        (["def f(x):\n    return 1", "def g(x):\n    return x +", "f(3"], False),
        (["with checking('f', slide='S'):\n    f = (1", "f == (2"], False),
        ([], False),
    ],
)
def test_a_failing_check_says_that_the_last_cell_with_the_answer_has_a_syntax_error(monkeypatch, cells, is_broken):
    history = SimpleNamespace(input_hist_parsed=cells)
    monkeypatch.setattr(errors, "get_ipython", lambda: SimpleNamespace(history_manager=history))
    assert ("has a SyntaxError, so Python does not use it" in message_about("def f(x):\n    return 1")) == is_broken
    run_check("def f(x):\n    return x")  # an answer that is right stays right


def test_an_interrupt_is_not_caught():
    with pytest.raises(KeyboardInterrupt), checking("f", slide="Warm-up"):
        raise KeyboardInterrupt


def test_an_answered_question_is_confirmed_without_revealing_whether_it_is_right(capsys):
    for letters in ("a", "b", "ab", ""):
        expect_answered({*letters}, {"a"}, "ab")
        assert capsys.readouterr().out == f"Noted: {', '.join(letters) or 'no letter'}. It is graded later.\n"


def test_a_mutated_argument_is_reported_even_without_a_property():
    expected = "f: its arguments stay as they were: the argument x was modified in place"
    with pytest.raises(CheckFailed, match=expected), checking("f", slide="Warm-up"):
        expect_untouched(lambda x: x.sort(), np.array([2, 1]))


def test_a_loss_that_is_no_single_number_names_the_answer():
    message = r"^f: the loss: got shape \(2,\), expected a single number"
    with pytest.raises(CheckFailed, match=message), checking("f", slide="Warm-up"):
        check.numerical_gradient(lambda w: w, np.ones(2))
