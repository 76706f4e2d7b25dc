"""Simulate a class with known scores: notebooks whose answers are variants and mistakes of the exercises.

Each answer is the text of a known answer, so a simulated submission is an ordinary notebook.
"""

import copy
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode

from ..course import Course, CourseError
from ..judging.exercise_set import CourseExercise
from ..submissions.hidden_tests import SOLUTION_MARK, exercise_named_in, without_hidden_tests

WRITTEN_ANSWER = "It depends; see the lecture."
VALUE_IMPORTS = "import numpy as np\nfrom numpy import inf, nan\n\n"  # the names that may occur in the repr of a value
UNANSWERED = "# YOUR CODE HERE\nraise NotImplementedError()"


@dataclass(frozen=True, eq=False)
class AnswerText:
    """A known answer to an exercise, and the text of a solution cell that defines it."""

    exercise: CourseExercise
    name: str
    text: str
    answer: Any
    is_right: bool

    @cached_property
    def score(self) -> float:
        """The points that it earns. Most answers are chosen by no student, so they are never judged."""
        return 0.0 if self.text == UNANSWERED else self.exercise.check(self.answer, explain=False).score


def simulate(course: Course, assignment: str, students: int, seed: int, is_typical: bool = False) -> dict[str, float]:
    """Write simulated submissions into `submitted/`, and their scores into a file beside them.

    The students are named ``student-001`` and so on. Raise CourseError if a notebook of the assignment has no
    exercises.
    """
    rng = np.random.default_rng(seed)
    names = course.notebooks(assignment)
    exercises = course.exercises
    if unknown := set(names) - exercises.by_notebook.keys():
        raise CourseError(f"{unknown.pop()}.ipynb has no exercises: {exercises.package} has no folder of that name")
    sources = {name: course.source_notebook(assignment, name) for name in names}
    known = {
        exercise.name: list(known_answers(exercise)) for name in sources for exercise in exercises.by_notebook[name]
    }
    scores = {}
    for student in (f"student-{number:03d}" for number in range(1, students + 1)):
        diligence = rng.beta(4, 1.5)
        chosen = {name: choose(answers, diligence, rng, is_typical) for name, answers in known.items()}
        folder = course.submitted_folder(student, assignment)
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        texts = {exercise: _standalone(exercise, chosen, known) for exercise in chosen}
        for name, source in sources.items():
            nbformat.write(make_submission(source, texts), folder / f"{name}.ipynb")
        scores[student] = sum(answer.score for answer in chosen.values())
    scores_file(course, assignment).write_text(json.dumps(scores, indent=1))
    return scores


def scores_file(course: Course, assignment: str) -> Path:
    """Return the file that holds the scores of a simulated class."""
    return course.folder(course.directory.submitted_directory, ".", ".").resolve() / f"simulated-{assignment}.json"


def make_submission(source: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Turn an instructor's notebook into a student's submission, without hidden tests.

    The answers are texts by exercise: each replaces the solution cell before the grade cell. Without one, the
    instructor's solution stays.
    """
    nb = copy.deepcopy(source)
    solution = None
    for cell in nb.cells:
        metadata = cell.metadata.get("nbgrader", {})
        if metadata.get("solution") and cell.cell_type == "markdown":
            cell.source = WRITTEN_ANSWER
        elif metadata.get("solution"):
            solution = cell
            cell.source = SOLUTION_MARK.sub("", cell.source)
        elif metadata.get("grade"):
            name = exercise_named_in(cell.source)
            if solution is not None and name is not None and name in answers:
                solution.source = answers[name]
            cell.source = without_hidden_tests(cell.source)
    return nb


def choose(answers: Sequence[AnswerText], diligence: float, rng: np.random.Generator, is_typical: bool) -> AnswerText:
    """Choose a right answer with probability `diligence`, otherwise any other answer.

    A typical class makes the k-th mistake of a catalogue with a weight of 1/k²: catalogues begin with those that every
    teacher knows, and have many that hardly anybody makes. As many students leave the answer out as make the first.
    """
    is_right = rng.uniform() < diligence
    candidates = [answer for answer in answers if answer.is_right == is_right] or list(answers)
    if not is_typical:
        return candidates[rng.integers(len(candidates))]
    weights = 1 / np.maximum(np.arange(len(candidates)), 1) ** 2
    return candidates[rng.choice(len(candidates), p=weights / weights.sum())]


def _standalone(exercise: str, chosen: Mapping[str, AnswerText], known: Mapping[str, Sequence[AnswerText]]) -> str:
    """The text of an answer. In it, wrong functions of the same student are replaced by right ones with other names.

    Otherwise a mistake in one answer would change the score of another one, which is known for right functions only.
    """
    text, replaced = chosen[exercise].text, dict[str, str]()
    wrong = {name for name, answer in chosen.items() if name != exercise and not answer.is_right}
    while used := [name for name in sorted(wrong - replaced.keys()) if re.search(rf"\b{name}\(", text)]:
        for name in used:
            right = next(answer.text for answer in known[name] if answer.is_right)
            replaced[name] = f"right_{name}"
            text = f"{right}\n\n{text}"
    for name, new in replaced.items():  # where it is called or defined: elsewhere it may be a word of a text
        text = re.sub(rf"\b{name}\b(?=\(| =)", new, text)
    return text


# --- answers as text --------------------------------------------------------------------------------------------


def known_answers(exercise: CourseExercise) -> Iterator[AnswerText]:
    """Generate every known answer of an exercise as text: the unanswered cell, then variants, then mistakes."""
    yield AnswerText(exercise, "unanswered", UNANSWERED, None, is_right=False)
    for name, text in answer_texts(exercise, is_right=True):
        yield AnswerText(exercise, name, text, exercise.variants[name], is_right=True)
    for name, text in answer_texts(exercise, is_right=False):
        yield AnswerText(exercise, name, text, exercise.mistakes[name].answer, is_right=False)


def answer_texts(exercise: CourseExercise, is_right: bool) -> Iterator[tuple[str, str]]:
    """Generate the names of an exercise's variants or mistakes, each with the text of a cell that defines it.

    The cell uses `np`, and may use functions of earlier exercises.
    """
    written = {text.name: text.code for text in exercise.known_answers if text.is_right == is_right}
    answers = exercise.variants if is_right else {name: known.answer for name, known in exercise.mistakes.items()}
    for name, answer in answers.items():
        value = f"{exercise.name} = {answer!r}"
        imports = VALUE_IMPORTS if re.search(r"\b(?:np|inf|nan)\b", value) else ""
        yield name, written.get(name) or f"{imports}{value}"
