"""The grade cell of an exercise: what is run for it, how its answer is judged, and where the verdict is written."""

import functools
from collections.abc import Sequence
from dataclasses import replace

from nbformat.notebooknode import NotebookNode, from_dict

from ..judging.decode import NO_ANSWER
from ..judging.judge import judge, small_calls
from ..judging.model import DrawnExercise
from ..judging.source_code import cells_that_define
from ..judging.verdict import Verdict
from ..judging.verdict_html import verdict_html
from ..runner import Step, StepResult
from .notebook_notes import write_verdict


def make_step(source: str, drawn: DrawnExercise | None) -> Step:
    """A cell, with the calls of its exercise. A function with wrong values is called on small inputs, too."""
    if drawn is None:
        return Step(source)
    # Of a letter, the time that the grader takes to look for small inputs would tell whether it is right.
    further = functools.partial(small_calls, drawn) if drawn.exercise.is_function else None
    return Step(source, drawn.request, further)


def judge_result(drawn: DrawnExercise, result: StepResult, sources: Sequence[str], is_before_due: bool) -> Verdict:
    """Judge an answer. What the runner says went wrong is noted, and may be why there is none.

    `sources` are the texts of all code cells of the notebook.
    """
    notes = tuple(failure.message for failure in result.failures)
    why_missing = ": ".join([NO_ANSWER, *notes[:1]])
    source, small = cells_that_define(drawn.exercise.name, sources), result.further_answers
    verdict = judge(drawn, result.answers, why_missing, source=source, is_before_due=is_before_due, small_answers=small)
    return replace(verdict, notes=notes)


def insert_verdict(cell: NotebookNode, verdict: Verdict) -> None:
    """Insert a verdict as the first output: nbgrader reads the score from it, and a student can forge the others."""
    points = float(cell.metadata.nbgrader["points"])
    score = verdict.score / verdict.points * points if verdict.points else 0.0
    # All digits, and no more than the points, which rounding could exceed: nbgrader would raise `ValueError`.
    data = {"text/plain": repr(min(float(score), points)), "text/html": verdict_html(verdict)}
    count = cell.execution_count or 0
    result = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}
    cell.outputs.insert(0, from_dict(result))
    write_verdict(cell, verdict)
