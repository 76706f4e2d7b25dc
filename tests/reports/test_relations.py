"""Relations between wrong and right numbers: facts that hold on every case, and silence otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.relations import FACTORS, Pair, relate


def pairs(change, shapes=((7, 3), (5, 2), (1, 4)), value=lambda X: X.mean(axis=0)):
    """Cases in which `change` was done to the column means of X."""
    rng = np.random.default_rng(0)
    drawn = [rng.uniform(0.1, 2.0, size=shape) for shape in shapes]
    return [Pair({"X": X, "y": X[:, 0], "f": None}, change(value(X), X), value(X)) for X in drawn]


@pytest.mark.parametrize(("change", "name"), [
    (lambda v, X: v * len(X), "len(X) times too large"),
    (lambda v, X: v * X.shape[1], "X.shape[1] times too large"),
    (lambda v, X: v / len(X), "len(X) times too small"),
    (lambda v, X: 1 - v, "one minus it"),
    (lambda v, X: v + 1, "one too large"),
    (lambda v, X: v - 1, "one too small"),
    (lambda v, X: np.log(v), "its logarithm"),
    (lambda v, X: np.exp(v), "its exponential"),
    (lambda v, X: v**2, "its square"),
    (lambda v, X: 1 / v, "upside down"),
    (lambda v, X: v[::-1], "another order"),
    (lambda v, X: v[:, None], "another shape"),
    (lambda v, X: v.sum(), "added up"),
    (lambda v, X: np.round(v, 5), "almost right"),
    (lambda v, X: v.astype(np.float32), "almost right"),
    (lambda v, X: v + 1e-8, "almost right"),
])  # fmt: skip
def test_a_relation_is_named(change, name):
    assert relate(pairs(change))[0] == name


@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_is_named(factor):
    assert relate(pairs(lambda v, X: factor * v)) == FACTORS[factor]


def test_what_should_be_one_number_is_told_to_be_averaged_or_added():
    loss = {"value": lambda X: X[:, 0].mean()}
    assert relate(pairs(lambda v, X: X[:, 0], **loss))[0] == "not averaged"
    total = {"value": lambda X: X[:, 0].sum()}
    assert relate(pairs(lambda v, X: X[:, 0], **total))[0] == "not added up"


def test_a_matrix_may_be_transposed():
    for shapes in (((7, 3), (5, 2)), ((3, 3), (4, 4))):
        assert relate(pairs(lambda v, X: X.T, shapes, value=lambda X: X))[0] == "transposed"


def test_two_results_may_have_changed_places():
    seen = [Pair({}, (np.array([1.0, 2.0]), np.array([3.0])), (np.array([3.0]), np.array([1.0, 2.0])))]
    assert relate(seen)[0] == "results swapped"
    assert relate([Pair({}, pair.want, pair.want) for pair in seen]) is None


@pytest.mark.parametrize("change", [
    lambda v, X: v,  # right
    lambda v, X: 1.3 * v,
    lambda v, X: v + 0.3,
    lambda v, X: v * (1 + (len(X) > 5)),  # twice as large in one case alone
    lambda v, X: v * np.nan,
    lambda v, X: np.log(-v + 0j).real * np.nan,
    lambda v, X: "text",
    lambda v, X: None,
    lambda v, X: v > 1,
])  # fmt: skip
def test_what_holds_nowhere_or_not_everywhere_is_not_said(change):
    assert relate(pairs(change)) is None


def test_one_number_alone_proves_nothing():
    assert relate([Pair({}, 2.0, 1.0)]) is None
    assert relate([Pair({}, np.array([2.0, 2.0]), np.array([1.0, 1.0]))]) is None
    assert relate([]) is None


def test_rows_and_columns_of_a_square_are_not_told_apart():
    assert relate(pairs(lambda v, X: 3 * v, shapes=((3, 3), (3, 3)))) is None


def test_zeros_and_ones_in_another_order_are_not_called_that():
    want = np.eye(3)[[0, 2, 1]]
    assert relate([Pair({}, want[::-1].copy(), want)]) is None


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_relation_that_is_named_is_true(factor, offset):
    said = relate(pairs(lambda v, X: factor * v + offset))
    if said and said in FACTORS.values():
        named = next(f for f, words in FACTORS.items() if words == said)
        assert factor == pytest.approx(named, rel=1e-3)
        assert offset == pytest.approx(0, abs=1e-3)
