"""Every letter of a quiz and every blank has an explanation, which only the instructor has."""

import ast
import json
import re

import nbformat
import numpy as np
import pytest

from autograder.judging.quizzes import choose_all, fill_in
from autograder.tracked_files import tracked_files
from tests.conftest import REPOSITORY, exercises


def lettered_questions() -> dict[str, set[str]]:
    """The labels that each notebook asks for: the letters of a quiz, the blanks of a derivation."""
    found = {}
    for path in (REPOSITORY / "solutions").glob("*/*.ipynb"):
        for cell in nbformat.read(path, 4).cells:
            if "expect_answered(" not in cell.source:
                continue
            (call,) = (n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Call) and "form" in labels(n))
            form, options = (ast.literal_eval(labels(call)[name]) for name in ("form", "options"))
            if not isinstance(form, list):  # a list of letters is a prediction, which the notebook answers
                found[call.args[0].id] = set(form) if isinstance(form, dict) else set(options)
    return found


def labels(call: ast.Call) -> dict[str, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords}


QUESTIONS = lettered_questions()
EXPLANATIONS = [sentence for name in QUESTIONS for sentence in exercises[name].explanations.values()]


def test_exactly_the_questions_with_letters_are_explained():
    assert {name for name in exercises if exercises[name].explanations} == set(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_letter_and_every_blank_is_explained_in_one_sentence(name):
    explanations = exercises[name].explanations
    assert set(explanations) == QUESTIONS[name]
    for sentence in explanations.values():
        assert sentence.endswith(".")
        assert not re.search(r"[.?!] \D", sentence[:-1]), sentence
        assert 5 <= len(sentence.split()) <= 36, sentence


def test_no_other_file_of_the_repository_has_an_explanation():
    """Students' notebooks, `lectrain`, the guides and the website's pages are all tracked."""
    assert len(EXPLANATIONS) == len(set(EXPLANATIONS)) > 40
    for file in tracked_files(REPOSITORY):
        path = REPOSITORY / file
        if file.parts[0] != "exercises" and path.suffix in (".ipynb", ".py", ".md", ".html", ".js", ".json", ".txt"):
            text = path.read_text(encoding="utf-8")
            text = json.dumps(json.loads(text), ensure_ascii=False) if path.suffix == ".ipynb" else text
            assert [sentence for sentence in EXPLANATIONS if sentence in text] == [], file


def test_a_question_is_explained_whole_or_not_at_all():
    with pytest.raises(ValueError, match="q: explain a, b, c, each in a sentence"):
        choose_all("q", "a", "abc", points=1, slide="S", explain={"a": "It is true."})
    with pytest.raises(ValueError, match="q: explain line 1, each in a sentence"):
        fill_in("q", {"line 1": "a"}, "ab", points=1, slide="S", explain={"line 2": "It fits."})


def stored_steps(alpha: int, target: int) -> float:
    """The steps on centred pixels, with α = 0, 0.5 or 0.9, to 0.8, 0.7, 0.6, 0.5, 0.45, 0.4 or 0.35."""
    return np.load(REPOSITORY / "data" / "05-momentum" / "fashion-mnist-targets.npy")[1, alpha, target]


def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


@pytest.mark.parametrize(
    ("name", "label", "says", "holds"),
    [
        ("sigmoid_prime_step", "missing line", "1/e⁻ᶻ is", lambda: np.isclose(1 / np.exp(-1.7), np.exp(1.7))),
        ("sigmoid_quiz", "c", "From z = 37 on", lambda: (sigmoid(np.arange(37, 700)) == 1).all()),
        ("bce_likelihood", "line 4", "0.9 · 0.8 · 0.5 = 0.36", lambda: np.isclose(0.9 * (1 - 0.2) * 0.5, 0.36)),
        ("not_distributions", "c", "about 1.96", lambda: round(sigmoid([1, 0, 1]).sum(), 2) == 1.96),
        ("momentum_helps", "to 0.8", "about six", lambda: stored_steps(0, 0) == stored_steps(2, 0) == 6),
        (
            "momentum_helps",
            "to 0.4",
            "28 steps instead of 97",
            lambda: (stored_steps(2, 5), stored_steps(0, 5)) == (28, 97),
        ),
        (
            "momentum_helps",
            "first at 0.6",
            "7 steps instead of 13",
            lambda: (stored_steps(1, 2), stored_steps(2, 2)) == (7, 13),
        ),
        ("momentum_quiz", "a", "= 199", lambda: np.isclose(np.linalg.cond([[1, 0.99], [0.99, 1]]), 199)),
    ],
)
def test_numbers_in_explanations_are_right(name, label, says, holds):
    assert says in exercises[name].explanations[label]
    assert holds()
