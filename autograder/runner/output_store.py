"""Store the outputs of a notebook's cells in the results of its steps, within the limits of output."""

from typing import Any

from .api import StepResult
from .failures import Failure, StepAborted
from .limits import Limits
from .output_validation import MAX_OVERHEAD, InvalidOutput, OutputSize, validate_outputs

MAX_VALUES = 250_000  # of a notebook, keys included: an empty dict has 2 characters and takes 500 bytes of memory


class OutputStore:
    """Validates the outputs of a notebook's cells, and adds up their sizes. The results are those of the steps so far.

    Errors and revised outputs may exceed the limit of the notebook's output, up to twice its value: then `StepAborted`
    is raised. Invalid outputs, or too many values in those of all cells, raise `InvalidOutput`.
    """

    def __init__(self, limits: Limits, results: list[StepResult]):
        self._limits = limits
        self._results = results
        self._sizes: dict[int, OutputSize] = {}  # by the index of the result

    @property
    def cell_limit(self) -> int:
        """How many characters of output the next cell may have."""
        return min(max(0, self._limits.submission_output - self._num_characters), self._limits.cell_output)

    def store(self, outputs: Any, revised: Any) -> None:
        """Put the outputs of a cell into the last result, and those of earlier cells that it changed into theirs.

        The latter, ``revised``, are lists of outputs by the index of the result, or None.
        """
        self._store(len(self._results) - 1, outputs, self.cell_limit)
        if not isinstance(revised, dict | None):
            raise InvalidOutput("the revised outputs are not an object")
        try:
            by_step = {int(index): outputs for index, outputs in (revised or {}).items()}
        except ValueError:
            raise InvalidOutput("a revised cell's index is not an integer") from None
        for index, outputs in by_step.items():
            if not 0 <= index < len(self._results):
                raise InvalidOutput("a revised cell's index is out of range")
            self._store(index, outputs, self._limits.cell_output)

    def _store(self, index: int, outputs: Any, max_characters: int) -> None:
        validated, self._sizes[index] = validate_outputs(outputs, max_characters, self._limits.outputs)
        if sum(size.values for size in self._sizes.values()) > MAX_VALUES:  # the message follows "invalid outputs: "
            raise InvalidOutput(f"those of the notebook hold more than {MAX_VALUES} values")
        self._results[index].outputs = validated
        if self._num_characters > 2 * self._limits.submission_output + MAX_OVERHEAD:
            raise StepAborted(Failure.of_limit(self._limits, "submission_output"))

    @property
    def _num_characters(self) -> int:
        return sum(size.length for size in self._sizes.values())
