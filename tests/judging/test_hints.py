"""A hint names code only if the student's code contains it. Otherwise it describes what the answer does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.judging.model import Mistake
from autograder.judging.source_code import cells_that_define
from tests.conftest import REPOSITORY, exercises

# What only code has. A formula such as exp(-z) is not code, and neither is the signature of an exercise.
CODE = re.compile(
    r"`[^`]+`"
    r"|\b(?:np|math|rng)\.\w+(?:\(\))?|\b[A-Za-z]\.T\b"
    r"|\b(?!(?:exp|log|sigmoid|softmax|grad_fn|loss_fn|len)\()[A-Za-z_]{2,}\([^)]*\)"
    r"|\b\w+_like\b|[-+*/]="
    r"|\b(?:abs|argmax|argmin|asarray|astype|axis=\d|branch(?:es)?|broadcasts?|copied|copies|dtype|generators?|indented"
    r"|keepdims|loops?|masks?|otypes|recursion|slices?|sorted|squeeze|subtract(?:s|ed|ing)|uint8|variables?)\b"
)
ADVICE = re.compile(
    r"(?:Use|Write|Return|Make|Try|Take|Call|Work|Ask|Answer|Test for|Compare|Keep|Convert|Start|Draw|Add|Fill|Give|Do not)\b"
)


def code_named(text: str, exercise) -> list[str]:
    """The pieces of code that a hint claims to be in the answer. Advice claims nothing."""
    sentences = re.split(r"(?<=[.?!:])\s+(?=[A-Z`a-z])", text)
    claims = [sentence for sentence in sentences if not ADVICE.match(sentence[:1].upper() + sentence[1:])]
    found = [match.group().strip("`") for claim in claims for match in CODE.finditer(claim)]
    return [code for code in found if code not in exercise.parameters and code != exercise.name]


@pytest.mark.parametrize("exercise", exercises.values(), ids=lambda exercise: exercise.name)
def test_hints_name_only_code_that_the_student_wrote(exercise):
    for name, mistake in exercise.mistakes.items():
        claims = [code for code in code_named(mistake.hint, exercise) if not is_among(mistake.names, code)]
        assert claims == [], f"{name}: add names=, or describe what the answer does"
        assert code_named(mistake.otherwise, exercise) == [], name
        assert bool(mistake.names) == bool(mistake.otherwise), name


def is_among(names: tuple[str, ...], code: str) -> bool:
    return any(name in code or code in name for name in names)


@pytest.mark.parametrize(("hint", "code"), [
    ("np.where computes both formulas. The one not chosen overflows.", ["np.where"]),
    ("It leaves the loop too early.", ["loop"]),
    ("It fails: is the `return` indented too far?", ["return", "indented"]),
    ("It subtracts z, which zeros_like(z) holds.", ["subtracts", "zeros_like(z)"]),
    ("exp(-z) overflows: is `z` negative? Write `-z`, and use np.exp.", []),
])  # fmt: skip
def test_code_in_hints_is_recognised_and_advice_is_not_a_claim(hint, code):
    assert code_named(hint, exercises["sigmoid"]) == code


def test_a_hint_is_shown_for_the_code_that_it_names():
    mistake = Mistake(abs, "np.where overflows.", names=("np.where",), otherwise="It overflows.")
    assert mistake.hint_for("def f(z):\n    return numpy.where( z > 0, 1, 0)\n") == mistake.hint
    for other in ("", "y = 1  # np.where", "'np.where'", "np.exp(z, where=z > 0)", "def f(:\n  %%magic ("):
        assert mistake.hint_for(other) == mistake.otherwise
    assert Mistake(abs, "It overflows.").hint_for("") == "It overflows."


@pytest.mark.parametrize("python", [sys.executable, "/usr/bin/python3.13"])  # the second splits f-strings into tokens
def test_every_version_of_python_finds_the_same_code(python):
    if not Path(python).exists():
        pytest.skip(f"{python} is not installed")
    sources = [
        "print(f'where')",
        "f'{where}'",
        "f'{f'",
        "!it's\nwhere",
        "%time it's\nwhere",
        "x?\nwhere",
        "(a\n % where)",
        "(a\n %b) != where",
        "(a\n != where)",
    ]
    code = f"from autograder.judging.source_code import contains; print([contains(s, 'where') for s in {sources}])"
    result = subprocess.run([python, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == str([False] * 3 + [True] * 6)


def test_the_code_of_an_exercise_is_that_of_the_cells_that_define_it():
    cells = [
        "x = sigmoid(3)",
        "def sigmoid(z):\n    return z",
        "def sigmoid_prime(z):\n    pass",
        "sigmoid = abs",
        "sigmoid: Callable[..., float] = abs",
        "sigmoid == 3",
        "{'x':\nsigmoid: 1}\ny = 3",
    ]
    found = "def sigmoid(z):\n    return z\nsigmoid = abs\nsigmoid: Callable[..., float] = abs"
    assert cells_that_define("sigmoid", cells) == found
