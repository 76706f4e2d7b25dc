"""Every example in a docstring returns the result that it shows."""

import doctest
import importlib
import pkgutil
import sys

import numpy as np
import pytest

import autograder
import exercises
import lectrain

RUNS_ON_IMPORT = {"autograder.__main__"}
MODULES = [
    module.name
    for package in (autograder, exercises, lectrain)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if module.name not in RUNS_ON_IMPORT and not module.name.endswith(".answers")  # those are text in percent cells
]
NEEDS_SANDBOX = {"autograder.runner"}


@pytest.mark.parametrize("name", ["autograder", "exercises", "lectrain", *MODULES])
def test_examples_in_docstrings_hold(name, request):
    if name in NEEDS_SANDBOX:
        request.getfixturevalue("sandbox")
    module = sys.modules.get(name) or importlib.import_module(name)
    result = doctest.testmod(module, extraglobs={"np": np}, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
