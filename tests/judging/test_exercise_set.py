"""Exercises are found in the package of a course, by names that must be unique."""

import re

import pytest

from autograder.judging.cases import VALUE_CASE
from autograder.judging.exercise_set import ExerciseSet
from autograder.judging.model import Exercise, Rule

SPEC = """
from autograder.judging.model import Exercise, Rule

rules = (Rule("values", 1),)
loss = Exercise("loss(w)", "A slide", abs, rules)
"""


def make_exercises(folder, **specs):
    """The exercises of a new package with one spec per notebook."""
    package = folder / f"package_{len(specs)}_{folder.name}".replace("-", "_")
    for notebook, text in specs.items():
        (package / notebook).mkdir(parents=True)
        (package / notebook / "__init__.py").touch()
        (package / notebook / "spec.py").write_text(text)
    return ExerciseSet(package.name)


@pytest.fixture(autouse=True)
def _importable(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)


def test_an_exercise_is_found_by_its_name(tmp_path):
    assert list(make_exercises(tmp_path, first=SPEC)) == ["loss"]


@pytest.mark.parametrize("specs", [
    {"first": SPEC, "second": SPEC},
    {"first": SPEC + 'other = Exercise("loss(v)", "A slide", abs, rules)\n'},
])  # fmt: skip
def test_two_exercises_of_the_same_name_are_an_error(tmp_path, specs):
    with pytest.raises(ValueError, match="two exercises are called 'loss': rename one of them"):
        len(make_exercises(tmp_path, **specs))


SAME = "# %% wrong loss: same\nloss = abs\n"


@pytest.mark.parametrize(("spec", "file", "text", "says"), [
    (
        SPEC.replace("abs, rules", 'abs, rules, variants={"the same": abs}'), "first/answers.py", SAME,
        "exercise 'loss': move the known answers in its spec to answers.py",
    ),
    (
        SPEC, "first/answers.py", SAME + SAME.replace("wrong", "right") + SAME,
        "answers.py: two answers to loss are called 'same': rename one of them",
    ),
    (SPEC, "relations.py", "RELATION = ()\n", ".relations does not define RELATIONS"),
])  # fmt: skip
def test_a_file_that_does_not_fit_is_an_error(tmp_path, spec, file, text, says):
    exercises = make_exercises(tmp_path, first=spec)
    (tmp_path / exercises.package / file).write_text(text)
    with pytest.raises(ValueError, match=re.escape(says)):
        len(exercises)


@pytest.mark.parametrize(("signature", "says"), [
    ("loss(w, scale=math.pi)", "name 'math' is not defined"),
    ("loss (w)", "'loss ' is not a name"),
    ("class", "'class' is not a name"),
    ("loss(*w)", "name each parameter, instead of [*]w"),
])  # fmt: skip
def test_a_signature_that_is_not_valid_is_an_error_before_anything_is_graded(tmp_path, signature, says):
    with pytest.raises(ValueError, match=f"the signature '{re.escape(signature)}' is not valid: {says}"):
        len(make_exercises(tmp_path, first=SPEC.replace("loss(w)", signature)))


@pytest.mark.parametrize(("fields", "says"), [
    ({"check": lambda *_: None, "check_trace": lambda *_: None}, " has check_trace and another check: "),
    ({"check_form": lambda *_: None, "check_trace": lambda *_: None}, " has check_trace and another check: "),
    ({"raises": "NotImplementedError"}, ": NotImplementedError counts as unanswered: "),
])  # fmt: skip
def test_a_rule_that_cannot_be_applied_is_an_error(fields, says):
    with pytest.raises(ValueError, match=f"rule 'values'{says}"):
        Rule("values", 1, **fields)


@pytest.mark.parametrize(("rules", "says"), [
    ((), "exercise 'f' has no rules"),
    ((Rule("values", 1, lambda rng: [VALUE_CASE]), Rule("edges", 1, lambda rng: [])), "rule 'edges' of f draws no cases"),
])  # fmt: skip
def test_an_exercise_that_would_accept_any_answer_is_an_error(rules, says):
    with pytest.raises(ValueError, match=says):
        Exercise("f(x)", "A slide", abs, rules).draw(0)


def test_a_function_that_can_be_guessed_is_an_error():
    with pytest.raises(ValueError, match="exercise 'f' is a function, which nobody guesses: remove check_form"):
        Exercise("f(x)", "A slide", abs, (Rule("values", 1, check_form=lambda value: None),))
