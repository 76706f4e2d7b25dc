"""A notebook after it was run, and its code cells: what each defines, which errors it had, whose it is."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from ..runner import StepResult
from ..submissions.bindings import Bindings, find_bindings, seems_to_define
from .cell_errors import CellError, read_error

# Errors of an answer that is missing, which the verdict reports, and of cells that a limit stopped, which the failures
# of the runner report.
REPORTED_ELSEWHERE = ("NotImplementedError", "KeyboardInterrupt", "Stopped")
MAX_NOTES = 10
COLAB_ERRORS = ("No module named 'google'", "No module named 'google.colab'")  # if another package is `google`, too
_STUB = re.compile(r"^[ \t]*raise NotImplementedError\b", re.MULTILINE)  # nbgrader replaces each solution with it


@dataclass(frozen=True)
class FinishedCell:
    """A code cell, and what happened to it."""

    index: int  # in the notebook
    number: int | None  # the one that the feedback page shows; None for an unchanged demonstration, which is not run
    code: str
    names: Bindings
    errors: tuple[CellError, ...]
    is_answer: bool
    is_test: bool
    is_changed: bool  # whether the student wrote or edited it

    @classmethod
    def read(cls, index: int, cell: NotebookNode, given: Set[str]) -> "FinishedCell":
        """Read a cell. `given` has the texts of the cells as students received them (`Release.given`).

        A cell for an answer is changed if its checksum differs, another one if students did not receive its text.
        """
        errors = (output for output in cell.outputs if output.output_type == "error")
        is_answer, checksum = utils.is_solution(cell), cell.metadata.get("nbgrader", {}).get("checksum")
        return cls(
            index=index,
            number=cell.execution_count,
            code=cell.source,
            names=find_bindings(cell.source),
            errors=tuple(read_error(e, cell.source) for e in errors if e.ename not in REPORTED_ELSEWHERE),
            is_answer=is_answer,
            is_test=utils.is_grade(cell),
            is_changed=(checksum != utils.compute_checksum(cell)) if is_answer else (cell.source.strip() not in given),
        )

    @property
    def is_own(self) -> bool:
        """Whether the student added the cell, or changed one that is not for an answer."""
        return self.is_changed and not (self.is_answer or self.is_test)

    @property
    def place(self) -> str:
        """The cell for a sentence."""
        return f"cell [{self.number}]" if self.number else "a cell that was not run"

    def is_for_colab(self, error: CellError) -> bool:
        """Whether an error is of the lines that students in Colab are asked to add, and that fail elsewhere."""
        is_in_vain = "google.colab" in self.code and any(other.message in COLAB_ERRORS for other in self.errors)
        return is_in_vain and (error.message in COLAB_ERRORS or error.undefined_name in self.names.imports)

    @property
    def has_stub(self) -> bool:
        """Whether it contains the line that raises NotImplementedError."""
        return _STUB.search(self.code) is not None

    @property
    def is_blank(self) -> bool:
        """Whether it is for an answer, and nothing was written into it."""
        return self.is_answer and self.has_stub and not self.is_changed

    def defines(self, name: str) -> bool:
        """Whether the cell binds a name or, if it is not valid Python, seems to."""
        return name in self.names.binds if self.names.is_python else seems_to_define(self.code, name)

    def may_define(self, name: str) -> bool:
        """Whether it defines a name, or would if it had worked: an `import *` that failed may have had any name."""
        return self.defines(name) or bool(self.errors and "*" in self.names.imports)


class FinishedNotebook:
    """A notebook that was run. `given` is `Release.given`, of the notebook as students received it."""

    def __init__(
        self, nb: NotebookNode, results: Mapping[int, StepResult], exercises: Mapping[int, str], given: Set[str]
    ):
        self.cells = [FinishedCell.read(i, cell, given) for i, cell in enumerate(nb.cells) if cell.cell_type == "code"]
        self.results = results  # by the index of the cell
        self.exercises = exercises  # their names, by the index of the grade cell

    def above(self, index: int) -> list[FinishedCell]:
        """The code cells above an index."""
        return [cell for cell in self.cells if cell.index < index]

    def answer_above(self, index: int) -> FinishedCell | None:
        """The nearest cell for an answer above the grade cell at an index, if there is one."""
        return next((cell for cell in reversed(self.above(index)) if cell.is_answer), None)

    def describe_errors(self, unanswered: Set[str]) -> list[str]:
        """Describe each error, apart from those of checks and those for want of `unanswered` names, a sentence each."""
        sentences = [
            error.sentence(cell.place)
            for cell in self.cells
            if not cell.is_test
            for error in cell.errors
            if not (cell.is_for_colab(error) or self._lacks_a_skipped_cell(cell, error))
            if error.undefined_name not in unanswered
        ]
        more = len(sentences) - MAX_NOTES
        rest = "There is 1 more such message." if more == 1 else f"There are {more} more such messages."
        return sentences[:MAX_NOTES] + ([rest] if more > 0 else [])

    def _lacks_a_skipped_cell(self, cell: FinishedCell, error: CellError) -> bool:
        """Whether a name is missing that a demonstration above binds, because unchanged ones are not run for grades."""
        missing = error.undefined_name
        return missing is not None and any(not each.number and each.defines(missing) for each in self.above(cell.index))
