"""The letters, and how values are written."""

import numpy as np
import pytest

from autograder import probe
from autograder.judging.decode import CallResult
from autograder.sheets import instrument
from autograder.sheets.outcomes import MEANINGS, Letter, find_letter, is_plain
from autograder.sheets.shown_values import is_easy, write_shown

ORIGINAL = CallResult(np.array([1.0, 2.0]))


@pytest.mark.parametrize(("changed", "letter"), [
    (CallResult(error=(instrument.NEVER_ENDS, "")), Letter.NEVER_ENDS),
    (CallResult(error=("ValueError", "shapes")), Letter.ERROR),
    (CallResult(np.array([1.0, 3.0]), changed=True), Letter.MODIFIES),
    (CallResult(np.array([1.0, np.nan]), warned=("invalid value",)), Letter.NOT_FINITE),
    (CallResult(np.array([[np.inf, 2.0]])), Letter.NOT_FINITE),
    (CallResult(np.array([[1.0, 2.0]])), Letter.SHAPE),
    (CallResult(1.0), Letter.SHAPE),
    (CallResult(np.array([1.0, 2.5])), Letter.VALUES),
    (CallResult(np.array([1.0, 2.0]), warned=("overflow",)), Letter.WARNING),
    (CallResult(np.array([1.0, 2.0 + 1e-13])), Letter.SAME),
])  # fmt: skip
def test_the_first_letter_that_fits(changed, letter):
    assert find_letter(ORIGINAL, changed) is letter


@pytest.mark.parametrize("changed", [
    CallResult(error=(instrument.TOO_LONG, "")),
    CallResult(error=(probe.TIMEOUT, "")),
    CallResult(error=("MemoryError", "")),
    CallResult(np.array([1.0, 2.0 + 1e-5])),  # neither the same nor clearly different
    CallResult(np.array([1, 2])),  # only the dtype differs
    CallResult([np.array([1.0, 2.0])]),
    CallResult(None),
    CallResult(np.array([1.0, 2.0]), gradient_changed=True),
])  # fmt: skip
def test_in_doubt_there_is_no_letter(changed):
    assert find_letter(ORIGINAL, changed) is None


def test_texts_are_compared_exactly():
    original = CallResult((np.array([0, 1]), np.array(["iris", "rose"])))
    assert find_letter(original, CallResult((np.array([0, 1]), np.array(["iris", "tulip"])))) is Letter.VALUES
    assert find_letter(original, CallResult((np.array([0, 1]), np.array(["iris", "rose"])))) is Letter.SAME


def test_every_letter_is_explained_in_order():
    assert list(MEANINGS) == sorted(Letter)


def test_an_original_must_be_beyond_doubt():
    assert is_plain(ORIGINAL)
    assert not is_plain(CallResult(np.array([np.nan])))
    assert not is_plain(CallResult(np.array([1.0]), warned=("overflow",)))
    assert not is_plain(CallResult(np.array([1.0]), changed=True))
    assert not is_plain(CallResult(error=("ValueError", "")))


@pytest.mark.parametrize(("value", "text"), [
    (np.array([[0.5, 2.0], [-0.0, 1e-9]]), "[[0.5, 2], [0, 0]]"),
    ((np.array([1.0]), 3), "([1], 3)"),
    ((3,), "(3,)"),
    ([True, np.bool_(False)], "[True, False]"),
    (np.array(["iris"]), "['iris']"),
    (np.float64(np.inf), "inf"),
    (-2 / 3, "-0.667"),
])  # fmt: skip
def test_values_are_written_with_three_decimals(value, text):
    assert write_shown(value) == text


def test_easy_values_are_few_and_exact():
    assert is_easy(np.array([0.125, -3.0]))
    assert is_easy(np.array([True, False]))
    assert not is_easy(np.array([1 / 3]))
    assert not is_easy(np.zeros(13))
    assert not is_easy(np.array([1e6]))
    assert not is_easy("text")
    assert not is_easy(np.array([np.nan]))
