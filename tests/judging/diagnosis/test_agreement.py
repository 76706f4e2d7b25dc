"""Which values are evidence, so that agreement in them is no coincidence."""

import numpy as np
import pytest

from autograder.judging.diagnosis.agreement import is_evidence


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([np.array([1.0, 2.0, 3.0])], True),
        ([np.array([1.0, 2.0, 2.0])], False),
        ([np.array([1.0, np.nan, np.nan])], False),
        ([np.array([1.0, np.inf, -np.inf])], False),
        ([np.array([1.0, np.nan]), 2.0, 3.0], True),
    ],
)
def test_three_different_finite_numbers_are_evidence(values, expected):
    assert is_evidence(values) is expected
