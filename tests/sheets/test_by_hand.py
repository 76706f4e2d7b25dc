"""The small inputs of the exercises, and how a sheet prints them."""

import copy
import importlib
import inspect

import numpy as np
import pytest

from autograder import probe
from autograder.judging.cases import Case, FactoryArg
from autograder.judging.decode import decode_results
from autograder.judging.model import Exercise, Rule
from autograder.sheets.refused_code import CannotAsk
from autograder.sheets.student_sheet import satisfies_rules
from autograder.sheets.written_inputs import write_inputs
from exercises.factories import AffineGradient, Landscape
from tests.conftest import exercises

NAMES = sorted(exercises.by_hand)
SEEDS = range(3)
POINTS = {
    AffineGradient: lambda a: [np.arange(1.0, 1 + len(a.params["b"]))],
    Landscape: lambda a: [[np.array([1.5, -2.0])]],
}  # fmt: skip


def test_every_notebook_has_functions_to_ask_about():
    for notebook, own in exercises.by_notebook.items():
        assert any(exercise.name in exercises.by_hand for exercise in own), notebook


def test_every_function_that_draws_inputs_has_the_name_of_an_exercise():
    for notebook in exercises.by_notebook:
        functions = vars(importlib.import_module(f"exercises.{notebook}.by_hand"))
        drawing = {name for name, value in functions.items() if inspect.isgeneratorfunction(value)}
        assert drawing <= exercises.by_hand.keys(), notebook


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_is_right_on_the_small_inputs_and_two_are_drawn(name):
    exercise = exercises[name]
    for seed in SEEDS:
        cases = list(exercises.by_hand[name](np.random.default_rng(seed)))
        assert len(cases) == 2
        request = [case.to_json(watch=True) for case in cases]
        answers = decode_results(probe.answer({name: exercise.reference}, name, request), 2)
        assert satisfies_rules(exercise, cases, answers)


@pytest.mark.parametrize("name", NAMES)
def test_most_mistakes_of_the_catalogue_are_noticed_on_the_small_inputs(name):
    exercise = exercises[name]
    cases = list(exercises.by_hand[name](np.random.default_rng(0)))
    request = [case.to_json(watch=True) for case in cases]
    noticed = [
        not satisfies_rules(exercise, cases, decode_results(probe.answer({name: m.answer}, name, request), 2))
        for m in exercise.mistakes.values()
    ]
    assert np.mean(noticed) > 0.4


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_inputs_are_the_arguments_of_the_call(name):
    for seed in SEEDS:
        for case in exercises.by_hand[name](np.random.default_rng(seed)):
            *lines, call = write_inputs(exercises[name], case)
            called = []
            names = {"np": np, name: lambda *args, _called=called, **kwargs: _called.append((args, kwargs))}
            exec("\n".join(lines), names)
            eval(call, names)
            ((args, kwargs),) = called
            assert len(args) == len(case.args)
            assert kwargs.keys() == case.kwargs.keys()
            for printed, real in zip([*args, *kwargs.values()], [*case.args, *case.kwargs.values()], strict=True):
                assert is_same(printed, real), (lines, real)


@pytest.mark.parametrize("argument", [
    FactoryArg(type("Factory", (), {"formula": None}), {}),
    FactoryArg(Landscape, {"centre": [np.ones(2)], "bends": [np.ones(2)]}),
])  # fmt: skip
def test_a_function_without_a_formula_is_not_asked_about(argument):
    with pytest.raises(CannotAsk, match="its argument x cannot be written down"):
        write_inputs(Exercise("f(x)", "", None, (Rule("values", 1),)), Case((argument,)))


def is_same(printed, real) -> bool:
    if isinstance(real, FactoryArg):
        made = copy.deepcopy(real).make()
        return np.allclose(made(*POINTS[real.factory](real)), printed(*POINTS[real.factory](real)))
    if isinstance(real, list):
        return len(printed) == len(real) and all(map(is_same, printed, real))
    return (
        type(printed) is type(real)
        and np.asarray(printed).dtype == np.asarray(real).dtype
        and np.array_equal(printed, real)
    )
