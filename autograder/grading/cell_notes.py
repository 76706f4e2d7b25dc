"""Sentences about the cells of a notebook, whatever its answers: each error, and each cell that spoils those below."""

import builtins
import re
from collections.abc import Iterator, Sequence, Set

from ..submissions.bindings import find_bindings, find_global_names
from .cell_errors import CellError
from .finished_cells import FinishedCell, FinishedNotebook

MAX_NOTES = 10
# Calls that change all cells below: a pattern (its group is the function), that of the errors they cause, and how.
SETTINGS = (
    (r"\b(seterr)\([^)]*raise", "FloatingPointError|encountered in", "lets NumPy raise errors"),
    (r"\b(simplefilter|filterwarnings)\([^)]*error", r"Warning\b", "turns warnings into errors"),
)


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
    side_effects = dict.fromkeys(_side_effects(notebook, right))
    sentences = [*side_effects, *sentences, *_leftovers(notebook, unanswered), *_reused_names(notebook)]
    more = len(sentences) - MAX_NOTES
    return sentences[:MAX_NOTES] + ([f"There are {more} more such messages."] if more > 0 else [])


def _lacks_a_skipped_cell(notebook: FinishedNotebook, cell: FinishedCell, error: CellError) -> bool:
    """Whether a name is missing that an experiment above binds, because experiments are not run for grades."""
    missing = error.undefined_name
    skipped = (above for above in notebook.above(cell.index) if not above.was_run)
    return missing is not None and any(above.defines(missing) for above in skipped)


def _side_effects(notebook: FinishedNotebook, right: Set[int]) -> Iterator[str]:
    """Which own cells change what a failing cell below needs. Without a failure, students may use any name again."""
    for failing in notebook.cells:
        if failing.errors and (not failing.is_test or failing.index in right):  # else, its answer is to blame
            above = [cell for cell in notebook.above(failing.index) if cell.is_own]
            yield from _changed_settings(failing, above)
            yield from _changed_names(notebook, failing, above)


def _changed_settings(failing: FinishedCell, above: Sequence[FinishedCell]) -> Iterator[str]:
    text = " ".join(f"{error.name}: {error.message}" for error in failing.errors)
    for cell in above:
        for call_pattern, error_pattern, effect in SETTINGS:
            if re.search(error_pattern, text) and (call := re.search(call_pattern, cell.source)):
                yield f"{cell.place.capitalize()} {effect} with `{call[1]}`: delete that line."


def _changed_names(notebook: FinishedNotebook, failing: FinishedCell, above: Sequence[FinishedCell]) -> Iterator[str]:
    """Which own cells bind a name that was given above them, and that no given cell restores before the failing one."""
    needed = _needs(notebook, failing)
    for cell in above:
        for name in sorted(needed & cell.names.binds):
            may_import = name in cell.names.defines  # to import it once more is harmless
            was_given = hasattr(builtins, name) or _is_given(notebook, name, 0, cell.index, may_import)
            is_restored = _is_given(notebook, name, cell.index, failing.index, may_import)
            if was_given and not is_restored:
                needs = f"which {failing.place} below it needs as it was: choose another name"
                yield f"{cell.place.capitalize()} uses the name `{name}` again, {needs}."


def _needs(notebook: FinishedNotebook, cell: FinishedCell) -> Set[str]:
    """The global names that a given cell reads, and that only the student's own cells could change."""
    if cell.is_own or cell.is_answer:
        return set()
    # given cells that the student has edited bind some names again, too; those of exercises are reported apart
    rebound = frozenset[str]().union(*(find_bindings(text).binds for text in notebook.lost_given))
    return find_global_names(cell.source) - cell.names.binds - rebound - {*notebook.exercises.values()}


def _is_given(notebook: FinishedNotebook, name: str, start: int, stop: int, may_import: bool) -> bool:
    """Whether a given cell in a range defines a name, or imports it if that counts."""
    given = (cell for cell in notebook.cells if start <= cell.index < stop and not cell.is_own)
    return any(name in (cell.names.binds if may_import else cell.names.defines) for cell in given)


def _leftovers(notebook: FinishedNotebook, unanswered: Set[str]) -> Iterator[str]:
    """Which lines a student forgot that end Python, or that raise an error below an answer."""
    for cell in notebook.cells:
        if cell.is_changed and (name := cell.exit_called):
            yield f"{cell.place.capitalize()} calls `{name}()`, which ends Python in Jupyter: delete that line."
    for index, answer in notebook.answers.items():
        is_left = answer.is_changed and answer.is_unfinished and answer.has_stub
        if is_left and notebook.exercises[index] not in unanswered:
            yield f"{answer.place.capitalize()} still contains the line `raise NotImplementedError()`: delete it."


def _reused_names(notebook: FinishedNotebook) -> Iterator[str]:
    """Which own cells below a check assign to the name of its function."""
    for index, answer in notebook.answers.items():
        name = notebook.exercises[index]
        if name in answer.names.values:
            continue
        for cell in notebook.below(index):
            if cell.is_own and name in cell.names.values:
                again = f"{cell.place.capitalize()} uses the name `{name}` again"
                yield f"{again}: the cells below it no longer find your function."
