"""What a change does, and where that is in doubt."""

import numpy as np
import pytest

from autograder import probe
from autograder.judging.decode import CallResult
from autograder.sheets import instrument
from autograder.sheets.change_effects import Effect, find_effect, is_plain

BEFORE = CallResult(np.array([1.0, 2.0]))


@pytest.mark.parametrize(("after", "effect"), [
    (CallResult(error=(instrument.NEVER_ENDS, "")), Effect.NEVER_ENDS),
    (CallResult(error=("ValueError", "shapes")), Effect.ERROR),
    (CallResult(np.array([1.0, 3.0]), changed=True), Effect.MODIFIES),
    (CallResult(np.array([1.0, np.nan]), warned=("invalid value",)), Effect.NOT_FINITE),
    (CallResult(np.array([[np.inf, 2.0]])), Effect.NOT_FINITE),
    (CallResult(np.array([[1.0, 2.0]])), Effect.SHAPE),
    (CallResult(1.0), Effect.SHAPE),
    (CallResult(np.array([1.0, 2.5])), Effect.VALUES),
    (CallResult(np.array([1.0, 2.0]), warned=("overflow",)), Effect.WARNING),
    (CallResult(np.array([1.0, 2.0 + 1e-13])), Effect.SAME),
])  # fmt: skip
def test_the_first_effect_that_fits(after, effect):
    assert find_effect(BEFORE, after) is effect


@pytest.mark.parametrize("after", [
    CallResult(error=(instrument.NOT_ASKED, "")),
    CallResult(error=(probe.TIMEOUT, "")),
    CallResult(error=("MemoryError", "")),
    CallResult(np.array([1.0, 2.0 + 1e-5])),  # neither the same nor clearly different
    CallResult(np.array([1, 2])),  # only the dtype differs
    CallResult([np.array([1.0, 2.0])]),
    CallResult(None),
    CallResult(np.array([1.0, 2.0]), gradient_changed=True),
])  # fmt: skip
def test_in_doubt_there_is_no_effect(after):
    assert find_effect(BEFORE, after) is None


def test_texts_are_compared_exactly():
    before = CallResult((np.array([0, 1]), np.array(["iris", "rose"])))
    assert find_effect(before, CallResult((np.array([0, 1]), np.array(["iris", "tulip"])))) is Effect.VALUES
    assert find_effect(before, CallResult((np.array([0, 1]), np.array(["iris", "rose"])))) is Effect.SAME


def test_the_effects_are_in_the_order_of_their_letters():
    assert list(Effect) == sorted(Effect)


def test_the_result_before_a_change_must_be_plain():
    assert is_plain(BEFORE)
    assert not is_plain(CallResult(np.array([np.nan])))
    assert not is_plain(CallResult(np.array([1.0]), warned=("overflow",)))
    assert not is_plain(CallResult(np.array([1.0]), changed=True))
    assert not is_plain(CallResult(error=("ValueError", "")))
