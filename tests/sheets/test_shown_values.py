"""How values are written on a sheet, and which are easy."""

import numpy as np
import pytest

from autograder.sheets.shown_values import is_easy, leaves_of, write_rounded


@pytest.mark.parametrize(("value", "text"), [
    (np.array([[0.5, 2.0], [-0.0, 1e-9]]), "[[0.5, 2], [0, 0]]"),
    ((np.array([1.0]), 3), "([1], 3)"),
    ((3,), "(3,)"),
    (2**53 + 1, "9007199254740993"),
    ([True, np.bool_(False)], "[True, False]"),
    (np.array(["iris"]), "['iris']"),
    (np.float64(np.inf), "inf"),
    (-2 / 3, "-0.667"),
])  # fmt: skip
def test_values_are_written_with_three_decimals(value, text):
    assert write_rounded(value) == text


def test_easy_values_are_few_and_exact():
    assert is_easy(np.array([0.125, -3.0]))
    assert is_easy(np.array([True, False]))
    assert not is_easy(np.array([1 / 3]))
    assert not is_easy(np.zeros(13))
    assert not is_easy(np.array([1e6]))
    assert not is_easy("text")
    assert not is_easy(np.array([np.nan]))


def test_a_value_has_leaves_if_it_consists_of_arrays_and_numbers():
    leaves = leaves_of(([1, 2.5], 3, np.array(["iris"]), []))
    assert [leaf.tolist() for leaf in leaves.values()] == [[1, 2.5], 3, ["iris"], []]
    for other in ([1, "text"], [[1], None], 10**30, [10**30]):
        assert leaves_of(other) is None
