"""Simulate a class with known scores: notebooks whose answers are variants and mistakes of the exercises.

Each answer is the text of a known answer, so a simulated submission is an ordinary notebook.
"""

import copy
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode

from ..course import Course, CourseError
from ..course_settings import reporting_course_errors
from ..submissions.hidden_tests import exercise_named_in, without_hidden_tests
from .answer_texts import UNANSWERED, AnswerText, all_answer_texts

WRITTEN_ANSWER = "It depends; see the lecture."
# around the part that nbgrader removes
SOLUTION_MARK = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)


def simulate(course: Course, assignment: str, students: int, seed: int, is_typical: bool = False) -> dict[str, float]:
    """Write simulated submissions into `submitted/`, and their scores into a file beside them.

    Return the scores by student. Submissions of students with the same names, ``student-001`` and so on, are replaced.
    `choose` describes a typical class.
    Raise CourseError if a notebook has no exercises, or if an answer calls a function that has no variant.
    """
    rng = np.random.default_rng(seed)
    notebooks = course.notebooks(assignment)
    exercises = course.exercises
    if unknown := set(notebooks) - exercises.by_notebook.keys():
        raise CourseError(f"{unknown.pop()}.ipynb has no exercises: {exercises.package} has no folder of that name")
    sources = {notebook: course.source_notebook(assignment, notebook) for notebook in notebooks}
    catalogue: dict[str, list[AnswerText]] = {}
    for exercise in (each for name in notebooks for each in exercises.by_notebook[name]):
        with reporting_course_errors(f"exercise {exercise.name}"):
            catalogue[exercise.name] = all_answer_texts(exercise)
    scores = {}
    for student in (f"student-{number:03d}" for number in range(1, students + 1)):
        diligence = rng.beta(4, 1.5)  # 73 % on average, and below 40 % for one student in 20
        chosen = {name: choose_answer(possible, diligence, rng, is_typical) for name, possible in catalogue.items()}
        texts = {name: _standalone(name, chosen, catalogue) for name in chosen}
        folder = course.submitted_folder(student, assignment)
        shutil.rmtree(folder, ignore_errors=True)  # of an earlier simulation, if any
        folder.mkdir(parents=True)
        for notebook, source in sources.items():
            nbformat.write(make_submission(source, texts), folder / f"{notebook}.ipynb")
        scores[student] = sum(answer.score for answer in chosen.values())
    scores_file(course, assignment).write_text(json.dumps(scores, indent=1))
    return scores


def scores_file(course: Course, assignment: str) -> Path:
    """Return the file that holds the scores of a simulated class."""
    return course.folder(course.directory.submitted_directory, ".", ".").resolve() / f"simulated-{assignment}.json"


def make_submission(source: NotebookNode, texts: Mapping[str, str]) -> NotebookNode:
    """Turn an instructor's notebook into a student's submission, without hidden tests.

    The texts of answers are by exercise: each replaces the last solution cell above the grade cell, in which the texts
    of several exercises follow one another. Without one, the instructor's solution stays.
    """
    nb = copy.deepcopy(source)
    solution: NotebookNode | None = None  # the last solution cell, if any
    own: list[str] = []  # the texts that replace it
    for cell in nb.cells:
        metadata = cell.metadata.get("nbgrader", {})
        if metadata.get("solution") and cell.cell_type == "markdown":
            cell.source = WRITTEN_ANSWER
        elif metadata.get("solution"):
            solution, own = cell, []
            cell.source = SOLUTION_MARK.sub("", cell.source)
        elif metadata.get("grade"):
            text = texts.get(exercise_named_in(cell.source) or "")  # None if no rule judges the answer
            if solution is not None and text is not None:
                own.append(text)
                own.sort(key=lambda each: each == UNANSWERED)  # last: it raises, so nothing below it would run
                solution.source = "\n\n".join(own)
            cell.source = without_hidden_tests(cell.source)
    return nb


def choose_answer(
    possible: Sequence[AnswerText], diligence: float, rng: np.random.Generator, is_typical: bool
) -> AnswerText:
    """Choose a right answer with probability `diligence`, otherwise another; any answer if there is none of that kind.

    A typical class makes the k-th mistake of a catalogue with a weight of 1/k²: catalogues begin with those that every
    teacher knows, and have many that hardly anybody makes. As many students leave the answer out as make the first.
    Of the right answers, the first two are the most frequent in the same way.
    """
    is_right = rng.uniform() < diligence
    candidates = [answer for answer in possible if answer.is_right == is_right] or list(possible)
    if not is_typical:
        return candidates[rng.integers(len(candidates))]
    # 1, 1, 1/4, 1/9, …: the first wrong answer is the unanswered cell, see `all_answer_texts`
    weights = 1 / np.maximum(np.arange(len(candidates)), 1) ** 2
    return candidates[rng.choice(len(candidates), p=weights / weights.sum())]


def _standalone(name: str, chosen: Mapping[str, AnswerText], catalogue: Mapping[str, Sequence[AnswerText]]) -> str:
    """The text of an answer. In it, wrong functions of the same student are replaced by right ones with other names.

    Otherwise a mistake in one answer would change the score of another one, which is known for right functions only.
    If `g` is wrong, "def f(x): return g(x)" becomes "def right_g(x): …" and "def f(x): return right_g(x)". A function
    that is passed and not called is not found. Raise CourseError if no right `g` is known.
    """
    text = chosen[name].text
    wrong = sorted(other for other, answer in chosen.items() if other != name and not answer.is_right)
    replaced: list[str] = []
    # one after the other, because the right functions may call further wrong ones
    while g := next((g for g in wrong if g not in replaced and _uses(g, r"\(").search(text)), None):
        right = next((answer.text for answer in catalogue[g] if answer.is_right), None)
        if right is None:
            raise CourseError(f"{name} calls {g}, which has no variant: add one to answers.py (`# %% right {g}: …`)")
        text = f"{right}\n\n{text}"
        replaced.append(g)
    for g in replaced:
        text = _uses(g, r"\(| =(?!=)").sub(f"right_{g}", text)
    return text


def _uses(name: str, followed_by: str) -> re.Pattern[str]:
    """Where a function is called or defined. Elsewhere, its name may be a word of a text, or an attribute."""
    return re.compile(rf"(?<![\w.]){name}(?={followed_by})")
