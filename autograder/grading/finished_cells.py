"""A notebook after it was run, and its code cells: what each defines, which errors it had, whose it is."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from ..runner import StepResult
from ..submissions.bindings import Bindings, find_bindings, seems_to_define
from ..submissions.stubs import has_stub
from .cell_errors import CellError, read_error

STOPPED = ("KeyboardInterrupt", "Stopped")
# An answer that is missing, and cells that a limit stopped: the verdict and the failures of the runner report them.
REPORTED_ELSEWHERE = ("NotImplementedError", *STOPPED)
COLAB_ERRORS = ("No module named 'google'", "No module named 'google.colab'")  # if another package is `google`, too
_KEEPING_MAGIC = re.compile(r"\A(?:\s*%%(?:time|capture|prun)\b.*\n?)+")
_MAGIC = re.compile(r"\s*%%(\w+)")


@dataclass(frozen=True)
class FinishedCell:
    """A code cell, and what happened to it."""

    index: int  # in the notebook
    number: int | None  # the one that the feedback page shows; None if the cell was not run, as a demonstration
    code: str  # without a magic at its start after which definitions are kept, such as ``%%time``
    names: Bindings
    errors: tuple[CellError, ...]
    stopped_by: str  # the limit; empty if it was not stopped
    is_answer: bool
    is_test: bool
    is_changed: bool  # whether the student wrote or edited it: an answer has a checksum, others are none of the given

    @classmethod
    def read(cls, index: int, cell: NotebookNode, given: Set[str], result: StepResult | None) -> "FinishedCell":
        """Read a cell. `given` is `Release.given`."""
        outputs = [output for output in cell.outputs if output.output_type == "error"]
        errors = [read_error(output, cell.source) for output in outputs if output.ename not in REPORTED_ELSEWHERE]
        is_answer, code = utils.is_solution(cell), _KEEPING_MAGIC.sub("", cell.source, count=1)
        checksum = cell.metadata.get("nbgrader", {}).get("checksum")
        failures = [failure.message for failure in result.failures] if result else []
        was_stopped = any(output.ename in STOPPED for output in outputs)
        return cls(
            index=index,
            number=cell.execution_count,
            code=code,
            names=find_bindings(code),
            errors=tuple(errors),
            stopped_by=(failures or ["it exceeded a limit or ended Python"])[0] if was_stopped else "",
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

    @property
    def is_for_colab(self) -> bool:
        """Whether it is the cell that students in Colab are asked to add. Elsewhere it fails, and nothing needs it."""
        return any(error.message in COLAB_ERRORS for error in self.errors)

    @property
    def separating_magic(self) -> str | None:
        """The magic at its start after which no definition is kept, such as ``%%timeit``, if there is one."""
        magic = _MAGIC.match(self.code)
        return magic and magic[1]

    @property
    def has_stub(self) -> bool:
        """Whether it contains the line that raises NotImplementedError."""
        return has_stub(self.code)

    def defines(self, name: str) -> bool:
        """Whether the cell binds a name or, if a magic separates it or it is not valid Python, seems to."""
        is_read = self.names.is_python and not self.separating_magic
        return name in self.names.binds if is_read else seems_to_define(self.code, name)

    def may_define(self, name: str) -> bool:
        """Whether it defines a name, or would if it had worked: an `import *` that failed may have had any name."""
        return self.defines(name) or bool(self.errors and self.names.star_imports)


class FinishedNotebook:
    """A notebook that was run. `given` is `Release.given`, of the notebook as students received it."""

    def __init__(
        self, nb: NotebookNode, results: Mapping[int, StepResult], exercises: Mapping[int, str], given: Set[str]
    ):
        code = {i: cell for i, cell in enumerate(nb.cells) if cell.cell_type == "code"}
        own = {i: cell for i, cell in enumerate(nb.cells) if i not in code and cell.source.strip() not in given}
        self.cells = [FinishedCell.read(i, cell, given, results.get(i)) for i, cell in code.items()]
        self.results = results  # by the index of the cell
        self.exercises = exercises  # their names, by the index of the grade cell
        # by the same index: the nearest cell for an answer above the grade cell, if there is one
        self.answers = {
            i: found[-1] for i in exercises if (found := [cell for cell in self.above(i) if cell.is_answer])
        }
        self.own_texts = [cell.source for cell in own.values()]  # not only Markdown: code may have landed there
        self.below_own_text = {i + 1 for i, cell in own.items() if cell.cell_type == "markdown"}  # answers may be in it
        # the given texts that were edited or deleted
        self.lost_given = given - {cell.source.strip() for cell in nb.cells}

    def above(self, index: int) -> list[FinishedCell]:
        """The code cells above an index."""
        return [cell for cell in self.cells if cell.index < index]
