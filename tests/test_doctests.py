"""Every example in a docstring gives the result that it shows."""

import doctest
import importlib
import pkgutil
import sys

import numpy as np
import pytest

import autograder
import lectrain

WITH_SIDE_EFFECTS = {"autograder.__main__"}
MODULES = [
    module.name
    for package in (autograder, lectrain)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if module.name not in WITH_SIDE_EFFECTS
]
NEEDS_A_SANDBOX = {"autograder.runner"}


@pytest.mark.parametrize("name", ["autograder", "lectrain", *MODULES])
def test_examples_in_docstrings_hold(name, request):
    if name in NEEDS_A_SANDBOX:
        request.getfixturevalue("sandbox")
    module = sys.modules.get(name) or importlib.import_module(name)
    result = doctest.testmod(module, extraglobs={"np": np}, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
