"""The kill matrix of every exercise: mistakes are rejected and variants accepted, for several draws of the inputs.

The same holds for the held-out answers. No score varies between the draws, unless there is a reason for it.
"""

import json
import os
import re
from functools import cache
from statistics import mean

import nbformat
import pytest

from autograder import author_tables
from autograder.authoring.kill_matrix import judge_known_answers, load_held_out
from autograder.judging.answers import HELD_OUT_FIELDS, read_answers
from autograder.judging.cases import case
from autograder.judging.exercise_set import ExerciseSet
from autograder.judging.model import Exercise, Mistake, Rule
from autograder.runner import Limits
from tests.conftest import REPOSITORY, exercises
from tests.judging.held_out import GIVEN, HELD_OUT

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, in wrong answers

# For a thorough test: LECTRAIN_SEEDS=20, which takes six minutes, as does `python -m autograder matrix --seeds 20`.
IS_THOROUGH = "LECTRAIN_SEEDS" in os.environ
SEEDS = range(int(os.environ.get("LECTRAIN_SEEDS", 2 if os.environ.get("LECTRAIN_SLOW") else 1)))
SLOW = ("train", "all_minibatch_gradients")  # nine to 25 seconds for each seed
STUB = "raise NotImplementedError()"
FUNCTIONS = [exercise for exercise in exercises.values() if callable(exercise.reference)]


@cache
def matrix_of(exercise):
    seeds = SEEDS[:1] if exercise.name in SLOW and not IS_THOROUGH else SEEDS
    return judge_known_answers(exercise, seeds, HELD_OUT)


@pytest.mark.parametrize("exercise", exercises.values(), ids=exercises)
def test_every_known_or_held_out_answer_is_judged_as_expected(exercise):
    assert [row for row in matrix_of(exercise) if not row.is_as_expected] == []


def double(number):
    return 2 * number


def square(number):
    """Right for 2, which is drawn for some seeds."""
    return number**2


def doubling(cases, answer, **known):
    rule = Rule("twice the number", 1, cases)
    return Exercise("double(number)", "Numbers", double, (rule,), mistakes={"the answer": Mistake(answer)}, **known)


def held_out(folder, text):
    (folder / "held_out.txt").write_text(text)
    return read_answers(folder / "held_out.txt", {"twice": double, "square": square}, HELD_OUT_FIELDS)


def lottery(rng):
    yield case(int(rng.integers(2, 4)))


@pytest.mark.parametrize(("fixed", "spread"), [([], 1), ([case(3)], 0)])
def test_a_wrong_answer_is_as_expected_if_a_fixed_case_decides_in_every_draw(fixed, spread):
    *_, row = judge_known_answers(doubling(lambda rng: [*lottery(rng), *fixed], square), range(20))
    assert (row.spread, row.is_as_expected) == (spread, not spread)


@pytest.mark.parametrize(("cases", "line"), [
    (lottery, "double, a square: a lottery\n"),
    (lambda _: [case(3)], "double, a square: it is judged as usual, so remove its reason: a lottery\n"),
])  # fmt: skip
def test_a_reason_allows_a_varying_score_and_must_not_be_out_of_date(cases, line, tmp_path, capsys):
    answers = held_out(tmp_path, "# %% wrong double: a square\n# reason: a lottery\ndouble = square\n")
    rows = judge_known_answers(doubling(cases, square), range(20), answers)
    assert rows[-1].is_as_expected == (cases is lottery)
    author_tables.print_matrix(rows)
    assert line in capsys.readouterr().out


def test_a_wrong_held_out_answer_must_lose_points_and_a_right_one_none(tmp_path):
    cells = [
        f"# %% {kind} double: it\ndouble = {name}\n" for name in ("twice", "square") for kind in ("right", "wrong")
    ]
    answers = held_out(tmp_path, "".join(cells))
    rows = judge_known_answers(doubling(lambda _: [case(3)], square), held_out=answers)
    assert [row.is_as_expected for row in rows[-4:]] == [True, False, False, True]


def test_every_held_out_answer_belongs_to_an_exercise():
    assert load_held_out(exercises) == HELD_OUT
    assert {answer.exercise for answer in HELD_OUT} <= set(exercises)


def test_a_course_needs_no_held_out_answers():
    assert load_held_out(ExerciseSet("json")) == []  # any package without the name


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_mistake_with_a_hint_is_diagnosed_as_itself(exercise):
    assert [row.name for row in matrix_of(exercise) if row.misses_hint] == []
    assert sum(row.has_hint for row in matrix_of(exercise)) == sum(bool(own.hint) for own in exercise.mistakes.values())


def test_the_table_shows_a_mistake_that_is_not_diagnosed(capsys):
    rule = Rule("twice the number", 1, lambda _: [case(3)])
    twins = {"a square": Mistake(square, "Add."), "its twin": Mistake(square, "Do not multiply.")}
    alone = {"an add": Mistake(lambda number: number + 2, "Multiply."), "no hint": Mistake(square, "")}
    exercise = Exercise("double(number)", "Numbers", double, (rule,), mistakes=twins | alone)
    author_tables.print_matrix(judge_known_answers(exercise))
    table = capsys.readouterr().out
    assert re.findall(r"double, (.*): diagnosed as nothing, so students may miss its hint", table) == [
        "a square",
        "its twin",
    ]


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_function_has_at_least_3_mistakes_and_a_variant(exercise):
    assert len(exercise.mistakes) >= 3
    assert len(exercise.variants) >= 1


def test_the_functions_of_the_course_have_8_mistakes_and_3_variants_on_average():
    assert mean(len(exercise.mistakes) for exercise in FUNCTIONS) >= 8
    assert mean(len(exercise.variants) for exercise in FUNCTIONS) >= 3


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize("trivial", [lambda *a, **__: a[0], lambda *a, **__: a[-1]])
def test_an_argument_as_the_answer_gets_no_points(exercise, trivial):
    assert exercise.check(trivial, explain=False).score == 0


@cache
def read_stubs() -> list[str]:
    """The cells in which students write their answers."""
    notebooks = [nbformat.read(file, 4) for file in (REPOSITORY / "notebooks").glob("*/*.ipynb")]
    return [cell.source for nb in notebooks for cell in nb.cells if STUB in cell.source]


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_the_given_lines_alone_get_no_points(exercise):
    """A student may delete only the line that raises the error."""
    stubs = [stub for stub in read_stubs() if f"def {exercise.name}(" in stub]
    assert stubs, "notebooks/ has no cell for this exercise: run `make notebooks`"
    for stub in stubs:
        namespace = dict(GIVEN)
        exec(stub.replace(STUB, "pass"), namespace)
        assert exercise.check(namespace[exercise.name], explain=False).score == 0


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_right_answers_use_less_than_a_quarter_of_the_runner_s_limit(exercise):
    for answer in (exercise.reference, *exercise.variants.values()):
        assert 4 * len(json.dumps(exercise.draw(0).call(answer))) < Limits().answer_bytes


def test_every_exercise_is_stored_under_its_name_and_has_a_slide():
    assert all(name == exercise.name for name, exercise in exercises.items())
    assert all(exercise.slide for exercise in exercises.values())
