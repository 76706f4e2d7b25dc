"""Sentences about the cells of a notebook, whatever its answers: each error, and each cell that spoils those below."""

import builtins
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set

from ..submissions.bindings import NO_NAMES, find_bindings, find_global_names
from .cell_errors import CellError
from .finished_cells import FinishedCell, FinishedNotebook

MAX_NOTES = 10


def find_notes(notebook: FinishedNotebook, unanswered: Set[str], right: Set[int]) -> list[str]:
    """Describe each error, apart from those of checks and of missing answers, and what cells below suffer from.

    `unanswered` are the names that lack an answer, and `right` the grade cells of exercises with all points.
    """
    sentences = [
        error.sentence(cell.place)
        for cell in notebook.cells
        if not (cell.is_test or cell.is_for_colab)
        for error in cell.errors
        if not (_lacks_a_skipped_cell(notebook, cell, error) or error.undefined_name in unanswered)
    ]
    sentences = [*dict.fromkeys(_names_used_again(notebook, right)), *sentences]
    more = len(sentences) - MAX_NOTES
    rest = "There is 1 more such message." if more == 1 else f"There are {more} more such messages."
    return sentences[:MAX_NOTES] + ([rest] if more > 0 else [])


def _lacks_a_skipped_cell(notebook: FinishedNotebook, cell: FinishedCell, error: CellError) -> bool:
    """Whether a name is missing that an experiment above binds, because experiments are not run for grades."""
    missing = error.undefined_name
    skipped = (above for above in notebook.above(cell.index) if not above.number)
    return missing is not None and any(above.defines(missing) for above in skipped)


def _names_used_again(notebook: FinishedNotebook, right: Set[int]) -> Iterator[str]:
    """Which own cells define a name again that a failing cell below needs as it was given.

    Without a failure, students may use any name again. So they may if a given cell restores it before the failing one.
    A given cell that reads an answer with too few points may fail for that reason alone.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)  # of the given cells that bind a name
    for cell in notebook.cells:
        for name in () if cell.is_own else cell.names.binds:
            places[name].append(cell.index)
    exercises = {*notebook.exercises.values()}
    not_right = {name for index, name in notebook.exercises.items() if index not in right}
    # given cells that the student has edited bind some names again, too
    edited = NO_NAMES.union(*(find_bindings(text).binds for text in notebook.lost_given))
    for failing in (cell for cell in notebook.cells if cell.errors and not (cell.is_own or cell.is_answer)):
        read = find_global_names(failing.code)
        needed = set() if read & not_right else read - failing.names.binds - edited - exercises
        for cell in (cell for cell in notebook.above(failing.index) if cell.is_own):
            for name in sorted(needed & cell.names.defines):
                if _is_replaced(name, places[name], cell.index, failing.index):
                    needs = f"which {failing.place} below it needs as it was: choose another name"
                    yield f"{cell.place.capitalize()} uses the name `{name}` again, {needs}."


def _is_replaced(name: str, places: Sequence[int], own: int, failing: int) -> bool:
    """Whether a name that was given above an own cell has another value in the failing one. `places` give it."""
    was_given = hasattr(builtins, name) or any(place < own for place in places)
    return was_given and not any(own < place < failing for place in places)
