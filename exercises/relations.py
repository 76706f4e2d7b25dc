"""How wrong values of this course may be related to the right ones, beyond the relations of the engine."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograder.judging.diagnosis.argument_changes import each_number
from autograder.judging.diagnosis.exact_relations import of_right_values, scaled_by
from autograder.judging.diagnosis.pairs import joined, many_distinct
from autograder.judging.relations import Change, Explanation, Pair, Relations, is_predicted

MIN_NUMBERS = 4  # with fewer, logits are off by the same amount by coincidence


def _shifted_logits(pairs: Sequence[Pair]) -> Iterator[Explanation]:
    """Probabilities whose logits are all off by the same amount."""
    got, want = joined(pair.got for pair in pairs), joined(pair.want for pair in pairs)
    inside = (np.minimum(got, want) > 1e-9) & (np.maximum(got, want) < 1 - 1e-9)
    shifts = _logit(got[inside]) - _logit(want[inside])
    if inside.sum() >= MIN_NUMBERS and np.ptp(shifts) < 1e-3 * abs(np.median(shifts)):  # more than inaccuracy
        shift = np.median(shifts)
        if all(is_predicted(pair, _sigmoid(_logit(pair.want) + shift)) for pair in pairs):
            cause = "is a constant added before the sigmoid?"
            yield "a constant added to the logits", f"All logits are off by the same amount: {cause}"


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-z)))


def _logit(p: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(p / (1 - p)))


def _shifted_labels(arguments: Sequence[dict[str, Any]]) -> Iterator[Change]:
    """Labels that are off by one, if the number of classes is known."""
    for name, value in arguments[0].items():
        if isinstance(value, np.ndarray) and value.dtype.kind in "iu" and _num_classes(arguments[0]):
            for step, side in ((1, "after"), (-1, "before")):
                sentence = f"It returns the right result for the class {side} the one in {name}."
                yield Change(f"{name} one off", sentence, partial(_shift_labels, name, step))


def _shift_labels(name: str, step: int, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, name: (arguments[name] + step) % _num_classes(arguments)}


def _num_classes(arguments: dict[str, Any]) -> Any:
    """The number of classes: K, or else the number of columns of the first matrix."""
    columns = [value.shape[1] for value in arguments.values() if isinstance(value, np.ndarray) and value.ndim == 2]
    return arguments.get("K", columns[0] if columns else None)


RELATIONS = Relations(
    exact=(
        scaled_by(1 / np.log(2), "logarithm to base 2", "The numbers are those for a logarithm to base 2."),
        scaled_by(1 / np.log(10), "logarithm to base 10", "The numbers are those for a logarithm to base 10."),
        of_right_values(
            "p (1 - p)",
            "The numbers are p (1 - p), where p is the right one.",
            lambda want: want * (1 - want),
            evidence=many_distinct,
        ),
    ),
    fitted=(_shifted_logits,),
    changes=(
        each_number(
            (
                ("sigmoid({})", lambda a: 1 / (1 + np.exp(-a))),
                ("log(2) {}, as for powers of 2,", lambda a: np.log(2) * a),
            )
        ),
        _shifted_labels,
    ),
)
