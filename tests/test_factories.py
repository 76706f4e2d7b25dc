"""Courses that are open together may share the classes of their factories, but not only the names."""

import importlib

import pytest

from autograder.factories import FACTORIES

MODULE = "from autograder.factories import Recorder, factory\n\nSIZE = {}\n\n@factory\nclass {}(Recorder):\n    size = SIZE\n"


def test_two_modules_may_define_the_same_class_and_no_different_ones_of_one_name(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(FACTORIES, "Shared", None)  # it is removed afterwards
    del FACTORIES["Shared"]
    for name, size in (("first_course", 1), ("same_course", 1), ("other_course", 2)):
        (tmp_path / f"{name}.py").write_text(MODULE.format(size, "Shared"))
    (tmp_path / "numpys_course.py").write_text(MODULE.format(1, "default_rng"))
    importlib.import_module("first_course")
    importlib.import_module("same_course")
    with pytest.raises(ValueError, match="same_course and other_course differ, and both define Shared: rename one"):
        importlib.import_module("other_course")
    with pytest.raises(ValueError, match="numpys_course differ, and both define default_rng: rename one"):
        importlib.import_module("numpys_course")
