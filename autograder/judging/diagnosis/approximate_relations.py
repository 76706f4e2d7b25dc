"""Relations that hold approximately, or of some of the numbers: almost right, clipped.

No theory gives the limits. The tests of held-out answers show which of them get another sentence if a limit is changed.
"""

from collections.abc import Iterator

import numpy as np

from ..relations import ATOL, Explanation, Pair, are_close, lower_first
from .pairs import MIN_DISTINCT, Pairs, is_right, joined, numbers_of

MAX_SMALL_ERROR = 1e-3  # the largest relative error of a number that is called almost right
MIN_SIZE = 0.1  # compared with the largest number: the error of a smaller one counts like that of one of this size
NEGLIGIBLE = 1e-5  # an error that is this small compared with most numbers
CUT_RTOL, CUT_ATOL = 1e-6, 1e-8  # the largest errors of numbers that are clipped, and of the right ones beside them
STANDS_OUT = 3  # times as large as the largest right number
MIN_WRONG_CASES = 5  # for a sentence about most of them
MIN_SHARE_ALMOST = 0.7  # the share of the wrong cases that must be almost right
CAUSES = "is something rounded, clipped, estimated or float32, is a small constant added, or is there a lower limit?"
SMALL_ERRORS = f"All errors are small compared with the largest number: {CAUSES}"  # that of the smallest may be large


def almost_right(pairs: Pairs) -> Iterator[Explanation]:
    """All numbers have small errors."""
    tiny = _tiny(pairs)
    if all(_is_almost_right(pair, tiny) for pair in pairs):
        yield "almost right", SMALL_ERRORS


def almost_right_in_most_cases(pairs: Pairs) -> Iterator[Explanation]:
    """Most of the wrong cases have small errors. Nothing is said of the others."""
    tiny = _tiny(pairs)
    wrong = [pair for pair in pairs if not is_right([pair])]
    num_almost = sum(_is_almost_right(pair, tiny) for pair in wrong)
    if len(wrong) >= MIN_WRONG_CASES and num_almost >= MIN_SHARE_ALMOST * len(wrong):
        yield "almost right in most cases", f"In most cases {lower_first(SMALL_ERRORS)}"


def _is_almost_right(pair: Pair, tiny: float) -> bool:
    size = np.maximum(np.abs(pair.want), MIN_SIZE * np.abs(pair.want).max())
    return bool(_are_small(pair.got - pair.want, size, tiny).all())


def _are_small(errors: np.ndarray, size: np.ndarray, tiny: float) -> np.ndarray:
    return np.asarray(np.abs(errors) <= MAX_SMALL_ERROR * np.abs(size) + tiny)


def _tiny(pairs: Pairs) -> float:
    """An error that is negligible compared with most of the numbers."""
    return NEGLIGIBLE * float(np.median(np.abs(joined(pair.want for pair in pairs)))) + ATOL


def clipped(pairs: Pairs) -> Iterator[Explanation]:
    """Numbers of both signs that are cut off at the same absolute value."""
    got, want = numbers_of(pairs)
    limit = np.abs(got).max()
    has_both_signs = (want > limit).any() and (want < -limit).any()
    if has_both_signs and are_close(got, np.clip(want, -limit, limit), CUT_RTOL, CUT_ATOL):
        yield "clipped", f"No number is above {limit:.3g} or below {-limit:.3g}: are they clipped?"


def clipped_large_values(pairs: Pairs) -> Iterator[Explanation]:
    """The largest numbers are too small, by any amount, and the others are almost right."""
    got, want = numbers_of(pairs)
    tiny = _tiny(pairs)
    wrong = ~_are_small(got - want, want, tiny)
    if not 0 < wrong.mean() < 0.5:
        return
    right = want[~wrong]
    # Else the cause would lower the largest right ones, too. Of negative numbers, the largest are the smallest in size.
    stand_out = 0 < STANDS_OUT * right.max() < want.max()
    are_largest = want[wrong].min() > right.max() and stand_out and len(set(right.tolist())) >= MIN_DISTINCT
    if are_largest and (got < want)[wrong].all():
        causes = "is something clipped or estimated, or a constant added inside a log?"
        yield "the largest are too small", f"Only the largest numbers are too small: {causes}"
