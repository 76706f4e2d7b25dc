"""Relations between wrong and right numbers. A relation is reported only if it holds in every case."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.judging.diagnosis.argument_changes import CHANGES
from autograder.judging.diagnosis.output_relations import find_exact, find_partial_or_fitted
from autograder.judging.relations import Pair

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # as in `diagnose`
FACTORS = {-1: "opposite sign", 2: "twice as large", 0.5: "half as large", 100: "in percent"}


def pairs(change, shapes=((7, 3), (5, 2), (1, 4)), value=lambda X: X.mean(axis=0)):
    """Pairs in which the right value is ``value(X)``, by default the column means, and the wrong one is changed."""
    rng = np.random.default_rng(0)
    inputs = [rng.uniform(0.1, 2.0, size=shape) for shape in shapes]
    arguments = [{"X": X, "y": X[:, 0] if X.ndim == 2 else X, "first": X[0], "c": X.flat[0], "f": None} for X in inputs]
    return [Pair(named, change(value(X), X), value(X)) for named, X in zip(arguments, inputs, strict=True)]


@pytest.mark.parametrize(("change", "name"), [
    *((lambda v, X, factor=factor: factor * v, name) for factor, name in FACTORS.items()),
    (lambda v, X: v * len(X), "len(X) times as large"),
    (lambda v, X: v * X.shape[1], "X.shape[1] times as large"),
    (lambda v, X: -v * len(X), "-len(X) times as large"),
    (lambda v, X: 2 * v * len(X), "2 len(X) times as large"),
    (lambda v, X: v / len(X), "divided by len(X)"),
    (lambda v, X: 1 - v, "one minus the right value"),
    (lambda v, X: v + 1, "one too large"),
    (lambda v, X: v - 1, "one too small"),
    (lambda v, X: np.log(v), "logarithm"),
    (lambda v, X: v**2, "square"),
    (lambda v, X: 1 / v, "reciprocal"),
    (lambda v, X: v * (1 - v), None),  # the engine does not know it
    (lambda v, X: np.trunc(10 * v) / 10 + 0 * v, None),
    (lambda v, X: np.trunc(v), "truncated"),
    (lambda v, X: np.round(v, 2), "rounded"),
    (lambda v, X: 0 * v, "all zero"),
    (lambda v, X: 0 * v + 0.3, "always the same"),
    (lambda v, X: 0 * v + len(X), "equal numbers"),
    (lambda v, X: v[::-1], "numbers: reversed"),
    (lambda v, X: v.cumsum(), "numbers: cumulative sums"),
    (lambda v, X: np.minimum.accumulate(v), "numbers: running minima"),
    (lambda v, X: v[1:], "numbers: the first is missing"),
    (lambda v, X: v[:-1], "too few or too many"),
    (lambda v, X: np.append(v, 1.0), "too few or too many"),
    (lambda v, X: v * X[0, 0], "c times as large"),
    (lambda v, X: v / X[0, 0], "divided by c"),
    (lambda v, X: 0 * v + v[0] + 1e-7 * np.arange(len(v)), None),  # nearly equal is not equal
    (lambda v, X: v[0], "numbers: only the first"),
    (lambda v, X: v[:, None], "wrong shape"),
    (lambda v, X: v.sum(), "summed"),
    (lambda v, X: v.mean(), "averaged"),
])  # fmt: skip
def test_a_relation_without_a_parameter_is_found(change, name):
    assert (find_exact(pairs(change)) or (None,))[0] == name


WIDE, DEEP = ((7, 6), (5, 4), (1, 5)), ((7, 3), (5, 4))
LOSS = {"shapes": ((9,), (8,)), "value": lambda X: X * np.resize([1, 1, 100], len(X))}
Z, NEGATIVE = np.array([0.3, 1.7, 2.9, 4.1]), np.arange(-9.0, -3.0)


@pytest.mark.parametrize(("wrong", "name"), [
    (pairs(lambda v, X: v.astype(np.float32), WIDE), "almost right"),
    (pairs(lambda v, X: v + 1e-8, WIDE), "almost right"),
    (pairs(lambda v, X: 1.3 * v, WIDE), "a constant factor"),
    (pairs(lambda v, X: v / np.linalg.norm(v), WIDE), "a factor for each case"),
    (pairs(lambda v, X: v + 0.3, WIDE), "a constant added"),
    (pairs(lambda v, X: v + np.inf, WIDE), None),  # infinite
    (pairs(lambda v, X: v - v.min(), WIDE), "a constant added in each case"),
    (pairs(lambda v, X: v + 0.1 * X[0], WIDE), "off by a multiple of first"),
    (pairs(lambda v, X: -v if len(X) > 5 else v, WIDE), "where wrong: opposite sign"),
    ([Pair({}, -Z, Z), Pair({}, Z * (1 + 1e-7), Z, 1e-4, 1e-6)], "where wrong: opposite sign"),  # in single precision
    ([Pair({"z": Z}, Z, Z**2 + 1), Pair({"z": 2 * Z}, 4 * Z**2 + 1, 4 * Z**2 + 1)], "where wrong: z unchanged"),
    (pairs(lambda v, X: np.where(X[0] > 1, v**2, v), WIDE), None),
    (pairs(lambda v, X: v / v.sum(axis=1, keepdims=True), DEEP, lambda X: X), "a factor for each row"),
    (pairs(lambda v, X: v / v.std(axis=0), DEEP, lambda X: X), "a factor for each column"),
    (pairs(lambda v, X: v - v.max(axis=1, keepdims=True), DEEP, lambda X: X), "a constant added in each row"),
    (pairs(lambda v, X: v - np.median(v, axis=0), DEEP, lambda X: X), "a constant added in each column"),
    (pairs(lambda v, X: np.minimum(v, 5), **LOSS), "the largest are too small"),
    (pairs(lambda v, X: np.maximum(v, 1.1), **LOSS), None),
    ([Pair({}, np.minimum(NEGATIVE, -4.5), NEGATIVE)], None),
    # a step in half of the cases is not said to be in all, and a tiny one is not called equal
    (pairs(lambda v, X: X[0] - 0.5 * v * (len(X) > 5), ((7, 6), (6, 4), (5, 4), (4, 5))), None),
    (pairs(lambda v, X: X[0] + 1e-9 * len(X) * v, value=lambda X: 1e6 * X.mean(axis=0)), None),
])  # fmt: skip
def test_a_relation_with_a_fitted_parameter_is_found(wrong, name):
    assert (find_partial_or_fitted(wrong) or (None,))[0] == name


def test_a_constant_that_is_added_to_single_numbers_is_named():
    scalars = [Pair({}, number + 0.3, number) for number in (1.5, 1.7, 2.1, 2.9, 3.2)]
    sentence = "Every number is about 0.3 too large: what is added or subtracted?"
    assert find_partial_or_fitted(scalars) == ("a constant added", sentence)


@pytest.mark.parametrize(("wrong", "name"), [
    (pairs(lambda v, X: X[:, 0], value=lambda X: X[:, 0].mean()), "not averaged"),
    (pairs(lambda v, X: X[:, 0], value=lambda X: X[:, 0].sum()), "not added up"),
    (pairs(lambda v, X: X.T, ((7, 3), (5, 2)), lambda X: X), "transposed"),
    (pairs(lambda v, X: X.T, ((3, 3), (4, 4)), lambda X: X), "transposed"),
    (pairs(lambda v, X: 0 * v + v[:1], ((4, 3),), lambda X: np.outer([1, 2, 3, 4], [1, 2])), "rows: all equal to the first"),
])  # fmt: skip
def test_a_relation_of_other_shapes_or_rows_is_found(wrong, name):
    assert find_exact(wrong)[0] == name


def test_numbers_that_differ_where_the_right_ones_are_equal_are_not_called_equal():
    equal = [Pair({}, np.full(3, 0.3), np.arange(3) + k) for k in (2.0, 5.0)]
    assert find_exact(equal)[0] == "equal numbers"
    assert find_exact([*equal, Pair({}, np.array([1.0, 2.0, 9.0]), np.ones(3))]) is None


def test_a_number_among_the_arguments_or_items_is_named_without_the_cause_of_a_length():
    halves = pairs(lambda v, X: v / X[0, 0])
    assert find_exact(halves)[1] == "Every number is the right one, divided by c."
    scaled = [Pair({}, (s * pair.want, s), (pair.want, s)) for s, pair in enumerate(halves, 2)]
    assert find_exact(scaled)[1] == "Item 0: every number is item 1 times as large as it should be."


def test_a_length_that_a_single_case_decides_is_not_called_a_factor():
    zeros = pairs(lambda v, X: v * len(X), value=lambda X: X.mean(axis=0) * (len(X) == 7))
    assert find_exact(zeros) is None


def test_each_item_of_a_returned_tuple_is_searched():
    right = pairs(lambda v, X: v)

    def with_second_item(change):
        return [pair._replace(got=(pair.want, change(pair.want)), want=(pair.want, pair.want + 1)) for pair in right]

    assert find_exact(with_second_item(lambda v: -(v + 1)))[0] == "item 1: opposite sign"
    assert find_exact(with_second_item(lambda v: v + 1)) is None
    for kind in (list, tuple):
        both_negative = [
            pair._replace(got=[-pair.want, -pair.want], want=kind([pair.want, pair.want])) for pair in right
        ]
        assert find_exact(both_negative)[0] == "opposite sign"
    third_right = [pair._replace(got=[*pair.got, 1.0], want=(*pair.want, 1.0)) for pair in both_negative]
    assert find_exact(third_right)[0] == "item 0: opposite sign"


@pytest.mark.parametrize("change", [
    lambda v, X: v,  # right
    lambda v, X: 1.3 * v,
    lambda v, X: v + 0.3,
    lambda v, X: v * (1 + (len(X) > 5)),  # twice as large in one case only
    lambda v, X: v * np.nan,
    lambda v, X: np.log(-v + 0j).real * np.nan,
    lambda v, X: "text",
    lambda v, X: None,
    lambda v, X: v > 1,
])  # fmt: skip
def test_a_relation_that_does_not_hold_in_every_case_is_not_reported(change):
    assert find_exact(pairs(change)) is None


@pytest.mark.parametrize("got", [None, 0.0, np.zeros((0, 1)), np.zeros(0)])
def test_whatever_is_returned_in_place_of_an_empty_array_hides_no_relation(got):
    averaged = pairs(lambda v, X: v.mean())
    assert find_exact([*averaged, Pair({}, got, np.zeros(0))])[0] == "averaged"
    assert find_exact([*averaged, Pair({}, None, np.zeros(2))]) is None


@pytest.mark.parametrize("wrong", [
    [], [Pair({}, 2.0, 1.0)], [Pair({}, np.array([2.0, 2.0]), np.array([1.0, 1.0]))],
    [Pair({}, np.eye(3)[[1, 2, 0]], np.eye(3)[[0, 2, 1]])],  # reordered zeros and ones
    pairs(lambda v, X: 1e-9 * np.arange(1, len(v) + 1)),  # tiny numbers are not equal
])  # fmt: skip
def test_few_or_tiny_numbers_are_not_evidence(wrong):
    assert find_exact(wrong) is None


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_reported_factor_is_the_true_one(factor, offset):
    found = find_exact(pairs(lambda v, X: factor * v + offset))
    if found and found[0] in FACTORS.values():
        reported = next(number for number, name in FACTORS.items() if name == found[0])
        assert factor == pytest.approx(reported, rel=1e-3)
        assert offset == pytest.approx(0, abs=1e-3)


def changes_of(arguments):
    """The changes of these arguments by name."""
    return {change.name: change.apply for find_changes in CHANGES for change in find_changes([arguments])}


def test_an_argument_change_leaves_the_original_arguments_alone():
    original = {"lr": 0.5, "num_steps": 3, "X": np.arange(6.0).reshape(2, 3), "labels": np.array([0, 2]), "f": None}
    changes = changes_of(original)
    assert changes["lr = 0.1"](original)["lr"] == 0.1
    assert changes["num_steps + 1"](original)["num_steps"] == 4
    assert changes["lr and num_steps exchanged"](original)["lr"] == 3
    assert original["X"].shape == (2, 3)


@pytest.mark.parametrize(("num_bad", "is_found"), [(1, True), (2, False)])
def test_most_of_the_wrong_cases_must_be_almost_right(num_bad, is_found):
    rng = np.random.default_rng(0)
    wants = [rng.uniform(1, 2, 5) for _ in range(5)]
    got = [want + (rng.normal(size=5) if i < num_bad else 1e-6 * rng.normal(size=5)) for i, want in enumerate(wants)]
    found = find_partial_or_fitted([Pair({}, *pair) for pair in zip(got, wants, strict=True)])
    assert (found is not None and found[0] == "almost right in most cases") == is_found


@pytest.mark.parametrize("size", [1e-10, 1, 1e8])
def test_rounding_is_told_from_an_error_whatever_the_size_of_the_numbers(size):
    factors = {7: 1.7, 5: 1 + 4e-16, 1: 1.1}
    wrong = pairs(lambda v, X: factors[len(X)] * v, ((7, 6), (5, 4), (1, 5)), lambda X: size * X.mean(axis=0))
    assert find_partial_or_fitted(wrong)[1].startswith("Where a case is wrong, its numbers")


@pytest.mark.parametrize(("size", "rounding"), [(1e-2, 1e-15), (1, 1e-15), (1e5, 1e-15), (1e8, 1e-15), (1, 1e-7)])
def test_a_right_row_that_is_rounded_otherwise_hides_no_factor_of_the_wrong_ones(size, rounding):
    rng = np.random.default_rng(0)
    wants = [size * rng.uniform(1, 2, (rows, 4)) for rows in (4, 5)]
    factors = np.array([1.7, 0.4, 1.3, 1.0, 1.0])[:, None]
    got = [factors[: len(v)] * v * (1 + rounding * rng.normal(size=v.shape)) for v in wants]
    rounded = [Pair({}, *values, rtol=max(1e-5, 1e3 * rounding)) for values in zip(got, wants, strict=True)]
    assert find_partial_or_fitted(rounded)[0] == "a factor for each row"


def test_an_error_that_is_large_for_a_tiny_number_is_not_called_almost_right():
    wants = [np.array([1.0, 0.5, 0.3, 2e-7]), np.array([0.7, 0.2, 0.9, 3e-7])]
    for change in (lambda v: np.maximum(v, 1e-6), lambda v: np.where(v < 1e-6, 0, v), lambda v: v + 1e-6):
        _, sentence = find_partial_or_fitted([Pair({}, change(want), want) for want in wants])
        assert sentence.startswith("All errors are small compared with the largest number")


@given(
    st.sampled_from([1e-2, 4e-3, 1e-4, 1e-6, 1e-8]),
    st.sampled_from([-1, 1]),
    st.sampled_from(["factor", "shift", "step"]),
)
def test_no_sentence_says_once_as_large_or_zero_times(size, sign, what):
    """A factor that is shown as 1, or a share that is shown as 0, says nothing about the answer."""

    def change(v, X):
        near_one = 1 + sign * size
        return {"factor": near_one * v, "shift": v + sign * size, "step": X[0] + sign * near_one * v}[what]

    wrong = pairs(change, shapes=((7, 6), (5, 4), (1, 5)))
    _, sentence = find_exact(wrong) or find_partial_or_fitted(wrong) or ("", "")
    assert sentence
    assert not re.search(r"(?<![.\d])-?[01] times", sentence)
