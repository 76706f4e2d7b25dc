"""Overflow and invalid values are found where the processor does not report them, as in a browser."""

import numpy as np
import pytest

from lectrain import check
from lectrain.check import CheckFailed, expect_no_warning


@pytest.fixture(autouse=True)
def in_browser(monkeypatch):
    monkeypatch.setattr(check, "IN_BROWSER", True)


@pytest.mark.parametrize(
    ("f", "z", "message"),
    [
        (lambda z: 1 / (1 + np.exp(-z)), [-1000.0, 0], "overflow encountered in exp"),
        (lambda z: np.log(z), [0.0, 1], "divide by zero encountered in log"),
        (lambda z: 1 / z, [0.0, 1], "divide by zero encountered in divide"),
        (lambda z: np.log(z - 1), [0.0, 3], "invalid value encountered in log"),
        (lambda z: (z * 1e200).sum() * 1e200, [1.0, 1], "overflow encountered in multiply"),
    ],
)
def test_an_error_is_found(f, z, message):
    with np.errstate(all="ignore"), pytest.raises(CheckFailed, match=message):
        expect_no_warning(f, np.array(z), property="no warning")


@pytest.mark.parametrize(
    ("f", "want"),
    [
        (lambda z: np.exp(-np.abs(z)), [0.0, 1]),
        (lambda z: np.where(z < 0, z, 0), [-1000.0, 0]),
        (lambda z: z.sum(), -1000.0),
        (lambda z: np.maximum(z, -np.inf), [-1000.0, 0]),
        (lambda z: np.add(z, 1, out=z.copy()), [-999.0, 1]),
        (lambda z: z @ np.ones(2), -1000.0),
    ],
)
def test_a_right_result_is_an_ordinary_array(f, want):
    got = expect_no_warning(f, np.array([-1000.0, 0]), property="no warning")
    assert type(got) in (np.ndarray, np.float64)
    assert np.array_equal(got, want)


def test_a_silenced_error_is_accepted():
    def quiet(z):
        with np.errstate(over="ignore"):
            return np.exp(z)

    assert expect_no_warning(quiet, np.array([1000.0]), property="no warning") == np.inf
