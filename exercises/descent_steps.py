"""Describe how the steps of a descent differ from -lr times the gradient. No right value is revealed."""

from collections.abc import Iterator, Mapping

import numpy as np

RTOL, ATOL = 1e-9, 1e-12  # within these tolerances, weights are right
MIN_NUMBERS = 2  # with fewer, any step is a multiple of the expected one
MIN_SHARE = 1e-6  # smaller shares of another update or of the weights are rounding errors


@np.errstate(all="ignore")
def find_departure(
    visited: np.ndarray,
    expected: np.ndarray,
    counts: Mapping[str, np.ndarray],
    num_per_epoch: int = 0,
) -> str | None:
    """Find the first step that is wrong, and how it is related to the expected one.

    Parameters
    ----------
    visited : np.ndarray of shape (m + 1, …)
        The weights before each of m steps, and those after the last step.
    expected : np.ndarray of shape (m + 1, …)
        The start; then for each step the weights to which it should lead from ``visited``.
    counts : mapping of str to np.ndarray of shape (m,)
        Numbers by which a step may be multiplied or divided by mistake, each with its name.
    num_per_epoch : int
        The number of steps in an epoch; 0 for a training without epochs.

    Returns
    -------
    str or None
        None if all steps are right.

    Examples
    --------
    >>> find_departure(np.array([[1.0, 2.0], [3.0, 6.0]]), np.array([[1.0, 2.0], [2.0, 4.0]]), {})
    'update 0 is 2 times the expected one'
    """
    m = len(visited) - 1
    is_right = np.isclose(visited, expected, RTOL, ATOL).reshape(m + 1, -1).all(axis=1)
    if is_right.all():
        return None
    if _is_rounded_to_single_precision(visited, expected):
        return "the weights are stored in float32"
    k = int(np.argmin(is_right)) - 1
    if k < 0 and m == 0:
        return "it takes no step, and does not return the start"
    if k < 0:
        return "the first call of the gradient function does not get the start"
    weights = visited.reshape(m + 1, -1)
    steps, wanted = np.diff(weights, axis=0), expected.reshape(m + 1, -1)[1:] - weights[:-1]
    epoch = f" (in epoch {k // num_per_epoch})" if num_per_epoch else ""
    if not np.isfinite(steps[: k + 1]).all():
        return f"update {k}{epoch} leads to weights that are not finite"
    if k < m - 1 and not steps[k].any():  # the update may come later
        return f"calls {k} and {k + 1} of grad_fn get the same weights"
    found = next(_relations(k, steps, wanted, weights[k], counts), None)
    if found:
        return f"update {k}{epoch} {found}"
    if k == m - 1:
        return "the returned weights are not those after the last update"
    return f"update {k}{epoch} is not -lr times the gradient at the weights before it"


def _is_rounded_to_single_precision(visited: np.ndarray, expected: np.ndarray) -> bool:
    """Whether the weights are right up to the precision of float32, and fit into it."""
    return bool((visited == visited.astype(np.float32)).all() and np.allclose(visited, expected, 1e-5, 1e-6))


def _relations(
    k: int, steps: np.ndarray, wanted: np.ndarray, weights: np.ndarray, counts: Mapping[str, np.ndarray]
) -> Iterator[str]:
    """Describe step k of all steps (m, d) by the wanted one, the step before it, and the weights before it."""
    step, want = steps[k], wanted[k]
    if not step.any():
        yield "is not in the returned weights"
    if earlier := [j for j in range(k) if _ratio(step, wanted[j]) == 1]:
        yield f"is -lr times the gradient at the weights before update {earlier[-1]}, not at the present weights"
    factor = _ratio(step, want)
    if factor is not None:
        cause = _cause_of_factor(steps, wanted, counts) or _cause_of_equal_lengths(steps, wanted)
        yield f"is {_as_multiple(factor)} the expected one{cause}"
    factor = _ratio(step - want, steps[k - 1] if k else 0 * step)
    if factor == -1:
        yield "starts again at the weights before the previous update"
    elif factor is not None and abs(factor) > MIN_SHARE:
        cause = ", as with momentum" if factor > 0 else ""
        yield f"is the expected one plus {factor:.3g} times the update before it{cause}"
    factor = _ratio(step - want, weights)
    if factor == -1:
        yield "replaces the weights instead of adding to them"
    elif factor is not None and abs(factor) > MIN_SHARE:
        cause = ", as with weight decay" if factor < 0 else ""
        yield f"is the expected one plus {factor:.3g} times the weights{cause}"
    is_same = np.isclose(step, want, 1e-6, 0)
    is_shorter = (np.abs(step) < np.abs(want)) & (step * want >= 0)
    if is_same.any() and (is_same | is_shorter).all():
        yield "is too small in its largest entries alone, as if they were clipped"
    if len(step) >= MIN_NUMBERS and np.allclose(np.abs(step), np.abs(step[0]), 1e-6, 1e-15 * np.abs(weights).max()):
        yield "has entries of equal absolute value, as if each was clipped or replaced by its sign"


def _as_multiple(factor: float) -> str:
    """The factor before "the expected one". One that is shown as 1 would say nothing."""
    if f"{factor:.3g}" != "1":
        return f"{factor:.3g} times"
    if abs(factor - 1) < MIN_SHARE:
        return "almost, but not exactly,"
    return f"slightly {'longer' if factor > 1 else 'shorter'} than"


def _ratio(some: np.ndarray, other: np.ndarray) -> float | None:
    """The factor r of some = r other; None if there is none, or for too few numbers."""
    if np.count_nonzero(other) < MIN_NUMBERS:
        return None
    factor = float(some @ other) / float(other @ other)
    if not np.isfinite(factor):
        return None
    factor = round(factor) if np.isclose(factor, round(factor), 1e-6) else factor
    return factor if np.allclose(some, factor * other, 1e-5, 1e-7 * np.abs(some).max()) else None


def _cause_of_factor(steps: np.ndarray, wanted: np.ndarray, counts: Mapping[str, np.ndarray]) -> str:
    """The count, its reciprocal, or the ratio of two counts by which every step is multiplied."""
    ratios = {f"{a} / {b}": counts[a] / counts[b] for a in counts for b in counts if a != b}
    causes = {**counts, **{f"1 / {name}": 1 / count for name, count in counts.items()}, **ratios}
    explains_all = (
        name for name, factors in causes.items() if np.allclose(steps, factors[:, None] * wanted, 1e-5, 1e-12)
    )
    return next((f": each update is multiplied by {name}" for name in explains_all), "")


def _cause_of_equal_lengths(steps: np.ndarray, wanted: np.ndarray) -> str:
    is_wrong = ~np.isclose(steps, wanted, 1e-6, 0).all(axis=1)
    lengths = np.linalg.norm(steps[is_wrong], axis=1)
    if len(lengths) > 1 and np.allclose(lengths, lengths[0], 1e-6, 0):
        return ": all wrong updates have the same length, as if the gradient were clipped or normalised"
    return ""
