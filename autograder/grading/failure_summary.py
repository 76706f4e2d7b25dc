"""Describe the failures of a notebook: each once, with the cell to blame where it was stopped or ended its process."""

from collections.abc import Mapping
from dataclasses import replace

from ..judging.model import DrawnExercise
from ..runner import Failure, FailureKind, StepResult


def summarise_failures(results: Mapping[int, StepResult], drawn: Mapping[int, DrawnExercise]) -> list[Failure]:
    """Describe each failure once. All cells that were not run share one description, which comes last.

    Both arguments have the index of a cell as their key.
    """
    described: list[Failure] = []
    not_run: list[Failure] = []
    for number, (i, result) in enumerate(results.items(), start=1):  # as `RunCells` counts
        exercise = drawn[i].exercise.name if i in drawn else ""
        for failure in result.failures:
            if failure.kind is FailureKind.NOT_RUN:
                not_run.append(failure)
            else:
                described.append(replace(failure, message=_describe(failure, number, exercise)))
    if not_run:
        cells = "1 cell was" if len(not_run) == 1 else f"{len(not_run)} cells were"
        described.append(replace(not_run[0], message=f"{cells} {not_run[0].message}"))  # the runner's "not run: …"
    return list(dict.fromkeys(described))


def _describe(failure: Failure, number: int, exercise: str) -> str:
    """Name the cell if it was stopped or ended its process. Otherwise, equal messages of several cells become one."""
    cell = f"cell [{number}]"
    cell_and_exercise = f"{cell} ({exercise})" if exercise else cell
    if failure.ended_process:
        again = ". The other cells were run again" if failure.is_contained else ""
        return f"{cell_and_exercise}: {failure.message}{again}"
    if failure.limit_hit == "exercise_seconds":
        return f"{cell_and_exercise} was stopped: {failure.message}"
    if failure.limit_hit == "cell_seconds":  # "the cell exceeded …" of `Limits`; "f did not finish …" stays as it is
        return failure.message.replace("the cell", cell, 1)
    return failure.message
