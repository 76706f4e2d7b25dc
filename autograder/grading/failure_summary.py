"""Describe the failures of a notebook: each once, with the cells that it happened in."""

from collections.abc import Mapping
from dataclasses import replace

from ..judging.model import DrawnExercise
from ..runner import Failure, FailureKind, StepResult


def summarise_failures(results: Mapping[int, StepResult], drawn: Mapping[int, DrawnExercise]) -> list[Failure]:
    """Describe each failure once. All cells that were not run share one description, which comes last.

    Both arguments have the index of a cell as their key.
    """
    places: dict[Failure, list[str]] = {}
    not_run: list[Failure] = []
    for number, (i, result) in enumerate(results.items(), start=1):  # as `RunCells` counts
        place = f"cell [{number}] ({drawn[i].exercise.name})" if i in drawn else f"cell [{number}]"
        for failure in dict.fromkeys(result.failures):
            if failure.kind is FailureKind.NOT_RUN:
                not_run.append(failure)
            else:
                places.setdefault(failure, []).append(place)
    described = [replace(failure, message=_describe(failure, own)) for failure, own in places.items()]
    if not_run:
        cells = "1 cell was" if len(not_run) == 1 else f"{len(not_run)} cells were"
        described.append(replace(not_run[0], message=f"{cells} {not_run[0].message}"))  # the runner's "not run: …"
    return described


def _describe(failure: Failure, places: list[str]) -> str:
    others = f" and {len(places) - 1} more" if len(places) > 1 else ""
    again = ". The other cells were run again" if failure.is_contained else ""
    return f"{places[0]}{others}: {failure.message}{again}"
