"""Validate the outputs that a student's process sends before they are written into a notebook.

The process may forge any field. The outputs that this module returns have the shape of nbformat 4, can be written as
UTF-8 and JSON, and are limited in depth and size. They may still hold HTML and scripts, as a kernel's outputs may.
`to_strict_json` also serves the answers of the probe.
"""

import math
import re
from typing import Any

from .limits import Limits

# Of a notebook, keys included: an empty dict has 2 characters and takes 500 bytes of memory. The student's process does
# not know this limit: honest outputs, such as charts with their data, may exceed it. A person then looks at the step.
MAX_VALUES = 250_000
MAX_DEPTH = 32
MAX_OVERHEAD = 1 << 16  # characters beyond the limit: keys, names and the note that output was cut off
EXTRA_OUTPUTS = 2  # the first error and the note
_JSON_TYPE = re.compile(r"application/(?:.*\+)?json")


class InvalidOutput(ValueError):
    """A value is not an output that a notebook may hold."""


class OutputValidator:
    """Validates the outputs of a notebook's cells, one cell after the other, and adds up their sizes."""

    def __init__(self, limits: Limits):
        self._limits = limits
        self._characters = self._values = 0  # of all cells so far

    @property
    def cell_limit(self) -> int:
        """How many characters of output the next cell may have."""
        return min(max(0, self._limits.submission_output - self._characters), self._limits.cell_output)

    def validate(self, outputs: Any) -> list[dict[str, Any]]:
        """Check the outputs of a cell, and return valid copies in nbformat 4.

        The process was given `cell_limit` and the limit ``outputs``. Outputs may exceed them by `MAX_OVERHEAD` and
        `EXTRA_OUTPUTS`. Raise `InvalidOutput` if an output is invalid, or if the outputs are too many, too long or
        nested too deep; so, too, if with the valid ones before, they are twice as long as the limit of all cells, or
        hold too many values.
        """
        if not isinstance(outputs, list):
            raise InvalidOutput("the outputs are not a list")
        if len(outputs) > self._limits.outputs + EXTRA_OUTPUTS:
            raise InvalidOutput(f"there are more than {self._limits.outputs} outputs")
        characters, values = _measure(outputs, self.cell_limit + MAX_OVERHEAD)  # before anything is copied
        if self._characters + characters > 2 * self._limits.submission_output + MAX_OVERHEAD:
            raise InvalidOutput("those of the notebook exceed twice their limit")
        if self._values + values > MAX_VALUES:
            raise InvalidOutput(f"those of the notebook hold more than {MAX_VALUES} values")
        validated = [_validate_output(output) for output in outputs]
        self._characters += characters
        self._values += values
        return validated


def _validate_output(output: Any) -> dict[str, Any]:
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": to_strict_json(text)}
        case {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata)}:
            return {"output_type": "display_data", "data": _validate_bundle(data), "metadata": to_strict_json(metadata)}
        case {"output_type": "execute_result", "execution_count": int(count), **display} if 0 <= count < 1 << 31:
            validated = _validate_output({**display, "output_type": "display_data"})
            return {**validated, "output_type": "execute_result", "execution_count": int(count)}
        case {"output_type": "error", "ename": str(name), "evalue": str(value), "traceback": list(lines)}:
            return {  # an exception may render its own traceback, with lines that are not text: they are left out
                "output_type": "error",
                "ename": to_strict_json(name),
                "evalue": to_strict_json(value),
                "traceback": [to_strict_json(line) for line in lines if isinstance(line, str)],
            }
    raise InvalidOutput("an output does not have the format of a notebook's output")


def _validate_bundle(data: dict[str, Any]) -> Any:
    """Copy a MIME bundle. Its JSON types may hold any JSON, as in nbformat; of the others, only text is kept."""
    return to_strict_json({kind: x for kind, x in data.items() if _JSON_TYPE.fullmatch(kind) or isinstance(x, str)})


def to_strict_json(value: Any, depth: int = 0) -> Any:
    """Copy a value so that every JSON parser accepts it.

    Python's parser also accepts NaN, infinity and lone surrogates. The copy has text in place of such numbers, and
    question marks in place of such characters. Raise `InvalidOutput` if the value is nested more than `MAX_DEPTH` deep.

    Examples
    --------
    >>> to_strict_json({"loss": [0.5, float("inf")]})
    {'loss': [0.5, 'inf']}
    """
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if depth > MAX_DEPTH:  # of the answers of the probe: outputs have been measured
        raise InvalidOutput("a value is nested too deep")
    if isinstance(value, list):
        return [to_strict_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {to_strict_json(key): to_strict_json(item, depth + 1) for key, item in value.items()}
    return value


def _measure(value: Any, max_length: int, depth: int = 0) -> tuple[int, int]:
    """Return about how many characters a value takes as JSON, never more, and how many values and keys are in it.

    Raise `InvalidOutput` if it is longer than ``max_length``, or nested more than `MAX_DEPTH` deep.
    """
    length, values = _length(value), 1
    if isinstance(value, list | dict):
        if depth > MAX_DEPTH:
            raise InvalidOutput("a value is nested too deep")
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            more_length, more_values = _measure(part, max_length - length, depth + 1)
            length += more_length
            values += more_values
    if length > max_length:
        raise InvalidOutput("the outputs are longer than the limit")
    return length, values


def _length(value: Any) -> int:
    """Return about how many characters a value takes as JSON, without the parts of a list or dict."""
    if isinstance(value, str):
        return 2 + len(value)
    return len(repr(value)) if isinstance(value, int | float) else 2
