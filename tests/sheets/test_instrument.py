"""Rewritten code does what the original does, and reports what happens on the way."""

import numpy as np
import pytest

from autograder import probe
from autograder.judging.cases import case
from autograder.judging.decode import decode_results
from autograder.sheets import instrument
from autograder.sheets.instrument import SUPPORT, WatchKind, rewrite, watch
from autograder.sheets.student_code import cut_out

LOOP = """def f(x, n):
    total = np.zeros(2)
    for t in range(n):
        total = total + x * 2
    return total"""


def code_of(text: str):
    return cut_out(["import numpy as np", text], "f")


def ask(source: str, *args: object):
    namespace: dict[str, object] = {}
    exec(SUPPORT, namespace)
    exec(source, namespace)
    return decode_results(probe.answer(namespace, "g", [case(*args).to_json(watch=True)]), 1)[0]


def ask_text(text: str, *args: object, sentinel: int = 11):
    code = code_of(text)
    return ask(rewrite(code.text, code, "g", sentinel), *args)


def record(text: str, *args: object):
    """What each place of a function records in a call, by its kind, line and text."""
    code = code_of(text)
    watching, places = watch(code)
    records = ask(rewrite(watching, code, "g", 11, len(places)), *args).value
    return {(w.kind, w.line, w.text): each for w, each in zip(places, records, strict=True)}


def test_places_are_recorded_with_their_first_values():
    found = record(LOOP, np.array([1.0, 3.0]), 4)
    assert found[WatchKind.VALUE, 4, "x * 2"][0] == 4
    np.testing.assert_array_equal(found[WatchKind.VALUE, 4, "x * 2"][1], [2, 6])
    np.testing.assert_array_equal(found[WatchKind.VALUE, 4, "total + x * 2"][1], [2, 6])
    assert found[WatchKind.COUNT, 4, ""][0] == 4
    assert found[WatchKind.LOOP, 3, "t"] == [4, [0, 1, 2, 3]]
    _, watched = watch(code_of(LOOP))
    whole = next(w for w in watched if w.text == "total + x * 2")
    assert {watched[i].text for i in whole.inside} == {"total", "x * 2", "x"}


def test_a_product_with_a_length_is_worth_asking_in_either_order():
    _, watched = watch(code_of("def f(x):\n    return len(x) * np.sum(x) + np.sum(x) * len(x) + len(x)"))
    assert {w.text for w in watched if not w.is_value_worth_asking} == {"len(x)"}


def test_a_statement_after_a_colon_is_not_counted():
    code = code_of("def f(x):\n    s = 0\n    for v in x:\n        if v > 0: s += v\n        s += 1\n    return s")
    _, watched = watch(code)
    assert [w.line for w in watched if w.kind is WatchKind.COUNT] == [5]


@pytest.mark.parametrize("line", ["i = i * 2", "i *= 2", "for i in range(2): pass"])
def test_a_variable_that_its_loop_assigns_to_is_not_watched(line):
    _, watched = watch(code_of(f"def f(x):\n    for i in range(3):\n        {line}\n    return x"))
    assert 2 not in {w.line for w in watched if w.kind is WatchKind.LOOP}


def test_a_value_is_recorded_before_it_is_changed_in_place():
    found = record("def f(x):\n    y = x * 2\n    y += 1\n    return y", np.array([1.0]))
    np.testing.assert_array_equal(found[WatchKind.VALUE, 2, "x * 2"][1], [2])


def test_the_value_of_a_named_tuple_is_recorded():
    text = "def f(A):\n    values, vectors = np.linalg.eigh(A)\n    return values"
    found = record(text, np.diag([1.0, 2.0]))
    np.testing.assert_array_equal(found[WatchKind.VALUE, 2, "np.linalg.eigh(A)"][1][0], [1, 2])


@pytest.mark.parametrize("text", [
    "def f(n, m):\n    while n > 0:\n        pass\n    return n",
    "def f(a, b):\n    while a != 3:\n        a, b = b, a\n    return a",
    "def f(n, m):\n    while n > 0:\n        pass\n    return np.abs(n)",
])  # fmt: skip
def test_a_loop_that_repeats_a_state_never_ends(text):
    assert ask_text(text, 1, 2).error[0] == instrument.NEVER_ENDS


@pytest.mark.parametrize("more", [
    "left = [4000]\ndef more():\n    left[0] -= 1\n    return left[0]",
    "left = [0] + [1] * 4000\nmore = left.pop",
])  # fmt: skip
def test_a_loop_that_a_counter_elsewhere_ends_is_not_said_to_never_end(more):
    loop = "def f(n):\n    while more():\n        pass\n    return n"
    assert ask_text(f"{more}\n{loop}", 0).error[0] == instrument.NOT_ASKED


def test_a_loop_that_takes_long_is_not_said_to_never_end():
    counting = "def f(n):\n    while n < 10_000:\n        n = n + 1\n    return n"
    assert ask_text(counting, 0).error[0] == instrument.NOT_ASKED
    assert (
        ask_text("def f(n):\n    for i in range(10 ** 9):\n        n = i\n    return n", 0).error[0]
        == instrument.NOT_ASKED
    )


def test_a_loop_that_repeats_a_state_and_ends_has_its_value():
    text = "def f(n):\n    for _ in range(3):\n        k = 0\n        while k < 2:\n            k = k + 1\n    return k + n"
    assert ask_text(text, 1).value == 3


@pytest.mark.parametrize(("dtype", "answers"), [("float", [11, 16]), ("bool", [1, 0]), ("complex", [11, 16])])
def test_the_content_of_unfilled_arrays_is_known(dtype, answers):
    text = f"def f(n):\n    a = np.empty(n, {dtype})\n    return a.real"
    for sentinel, answer in zip(instrument.SENTINELS, answers, strict=True):
        np.testing.assert_array_equal(ask_text(text, 2, sentinel=sentinel).value, [answer, answer])
    assert instrument.has_unfilled_arrays(code_of(text))
    assert not instrument.has_unfilled_arrays(code_of(LOOP))


def test_a_student_s_own_empty_is_not_filled():
    code = code_of("def empty(n):\n    return np.zeros(n)\ndef f(n):\n    return empty(n)")
    assert not instrument.has_unfilled_arrays(code)
    np.testing.assert_array_equal(ask(rewrite(code.text, code, "g", 11), 2).value, [0, 0])


def test_an_empty_that_is_imported_is_filled_under_any_name():
    assert ask_text("from numpy import empty as new\ndef f(n):\n    return new(n)[0]", 2).value == 11


def test_an_error_in_the_definition_is_no_answer_about_the_call():
    assert ask_text("g = 3\nf = g(1)", 0).error[0] == instrument.NOT_ASKED


def test_no_student_s_code_sees_names_of_the_rewritten_code():
    assert ask_text("def f(x):\n    return [x for x in range(3)]", 0).value == [0, 1, 2]
