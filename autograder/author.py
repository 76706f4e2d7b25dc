"""`check`, the one line of a hidden test, for the author who runs a solution notebook.

While grading, the plug-in reads the name of the exercise from this line and removes the line: the student's process
never calls it.
"""

import inspect
import os
from typing import Any

from .exercises import EXERCISES


def check(answer: Any) -> None:
    """Judge an answer in this kernel and say what is wrong with it. For authors: this kernel holds the references.

    Parameters
    ----------
    answer : callable or value
        The variable that is named after the exercise: ``check(sigmoid)``.

    Raises
    ------
    RuntimeError
        While a submission is being graded: nothing may pass that the judge did not see.
    AssertionError
        If a rule is broken; the message has a line per broken rule.
    """
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        raise RuntimeError(
            "check() reached a student's process: grade this notebook with the repository's nbgrader_config.py"
        )
    verdict = EXERCISES[_name_of(answer)].check(answer)
    points = f"{verdict.exercise}: {verdict.score:g} of {verdict.points:g} points"
    broken = [f"{finding.rule}: {finding.message}" for finding in verdict.findings if not finding.passed]
    if broken:
        raise AssertionError("\n".join([points, *broken]))
    print(points)


def _name_of(answer: Any) -> str:
    notebook = inspect.currentframe().f_back.f_back.f_globals  # type: ignore[union-attr]
    names = [name for name, value in notebook.items() if value is answer and name in EXERCISES]
    if not names:
        raise NameError(f"no exercise is called like this answer; there are {', '.join(EXERCISES)}")
    return names[0]
