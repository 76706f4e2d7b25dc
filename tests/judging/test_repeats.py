"""Which case is repeated with other numbers in the same arrays."""

import numpy as np
import pytest

from autograder.judging.cases import Case, case
from autograder.judging.repeats import MAX_REPEATED, find_repeat

OF_ONE_FORM = [np.zeros(3), np.ones(3)]
LARGE = [np.zeros(MAX_REPEATED + 1), np.ones(MAX_REPEATED + 1)]


def is_repeated(first: Case, other: Case) -> bool:
    return find_repeat([first], [other]) is not None


@pytest.mark.parametrize("wrap", [list, tuple, lambda items: {"W": items[0]}, lambda items: [tuple(items)]])
def test_a_case_is_repeated_beside_a_container_of_arrays(wrap):
    first, other = (case(x, wrap([x, x])) for x in OF_ONE_FORM)
    assert is_repeated(first, other)
    assert not is_repeated(first, case(OF_ONE_FORM[1], wrap([np.ones(2), np.ones(2)])))


def test_arrays_in_a_tuple_alone_are_not_repeated_because_the_probe_passes_new_ones():
    first, other = (case((x, x)) for x in OF_ONE_FORM)
    assert not is_repeated(first, other)


@pytest.mark.parametrize("call", [case, lambda x: case(X=x), lambda x: case([x]), lambda x: case([1], X=(x,))])
def test_large_arrays_are_not_repeated_however_they_are_passed(call):
    assert not is_repeated(*map(call, LARGE))
