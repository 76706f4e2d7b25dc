"""`check(odds)`, the hidden test of a grade cell, as the author of a solution notebook runs it.

During grading, the preprocessors read the exercise's name from this line and remove the line. The student's process
never calls it.
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ..course import Course
from ..course_settings import CONFIG, DEFAULT_EXERCISES
from ..judging.exercise_set import ExerciseSet, load_exercises


def check_in_kernel(answer: Any, variables: Mapping[str, Any]) -> None:
    """Judge an answer in this kernel, which holds the references. Print the points, or report what is wrong.

    The answer is the value of the variable that has the name of the exercise: ``check(odds)``.

    Raises
    ------
    RuntimeError
        During grading, because the student's process must not judge itself.
    NameError
        If no variable with the name of an exercise holds the answer, or if several do.
    AssertionError
        If a rule is broken. The message has one line per broken rule.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        raise RuntimeError(
            "check() was called in a student's process: grade this notebook with the repository's nbgrader_config.py"
        )
    exercises = _exercises_of(Path.cwd())
    verdict = exercises[_name_of(answer, variables, exercises)].check(answer)
    points = f"{verdict.exercise}: {verdict.score:g} of {verdict.points:g} points"
    broken = [f"{finding.rule}: {finding.message}" for finding in verdict.failed_findings]
    if broken:
        raise AssertionError("\n".join([points, *broken]))
    print(points)


def _exercises_of(folder: Path) -> ExerciseSet:
    """The exercises of the course that contains this folder, or else those of this repository."""
    roots = [root for root in (folder, *folder.parents) if (root / CONFIG).is_file()]
    return Course.at(roots[0]).exercises if roots else load_exercises(DEFAULT_EXERCISES)


def _name_of(answer: Any, variables: Mapping[str, Any], exercises: Collection[str]) -> str:
    """The name of the exercise whose variable holds this very object: answers to several exercises may be equal."""
    names = [name for name, value in variables.items() if value is answer and name in exercises]
    if not names:
        raise NameError(f"no exercise has the name of this answer; the exercises are {', '.join(exercises)}")
    if len(names) > 1:  # also if their values are equal: Python keeps small integers only once
        held = f"{' and '.join(names)} hold the same object"
        raise NameError(f"{held}: give each an answer of its own, and write equal ones differently, as 4 and 4.0")
    return names[0]
