"""Validate the outputs that a student's process sends before they are written into a notebook.

The process may forge any field. The outputs that this module returns have the shape of nbformat 4, can be written as
UTF-8 and JSON, and are limited in depth and size. They may still hold HTML and scripts, as a kernel's outputs may.
"""

import math
from typing import Any

MAX_DEPTH = 32
MAX_OVERHEAD = 1 << 16  # characters beyond the limit: keys, names and the note that output was cut off


class InvalidOutput(ValueError):
    """A value is not an output that a notebook may hold."""


def validate_outputs(outputs: Any, max_characters: int) -> tuple[list[dict[str, Any]], int]:
    """Check and copy the outputs of a cell.

    Parameters
    ----------
    outputs : object
        JSON from a student's process.
    max_characters : int
        The limit that the process was given. Outputs may exceed it by `MAX_OVERHEAD`.

    Returns
    -------
    outputs : list of dict
        Valid outputs in nbformat 4.
    length : int
        About how many characters they take as JSON, never more than they do.

    Raises
    ------
    InvalidOutput
        If an output is invalid, or if the outputs are too long.
    """
    if not isinstance(outputs, list):
        raise InvalidOutput("the outputs are not a list")
    validated = [_validate_output(output) for output in outputs]
    length = _length(validated)
    if length > max_characters + MAX_OVERHEAD:
        raise InvalidOutput("the outputs are longer than the limit")
    return validated, length


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
            return {
                "output_type": "error",
                "ename": to_strict_json(name),
                "evalue": to_strict_json(value),
                "traceback": [to_strict_json(line) for line in lines if isinstance(line, str)],
            }
    raise InvalidOutput("an output does not have the format of a notebook's output")


def _validate_bundle(data: dict[str, Any]) -> Any:
    """Copy a MIME bundle. JSON types may hold any JSON; the other types must hold text."""
    for mime_type, content in data.items():
        is_json = mime_type == "application/json" or mime_type.endswith("+json")
        if not (is_json or isinstance(content, str)):
            raise InvalidOutput("a display holds something other than text")
    return to_strict_json(data)


def to_strict_json(value: Any, depth: int = 0) -> Any:
    """Copy a value so that every JSON parser accepts it.

    Python's parser also accepts NaN, infinity and lone surrogates. The copy has text in place of such numbers, and
    question marks in place of such characters.

    Parameters
    ----------
    value : object
        A value that `json.loads` returned.
    depth : int
        The depth of the value in the value that is copied.

    Raises
    ------
    InvalidOutput
        If the value is nested more than `MAX_DEPTH` deep.

    Examples
    --------
    >>> to_strict_json({"loss": [0.5, float("inf")]})
    {'loss': [0.5, 'inf']}
    """
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if depth > MAX_DEPTH:
        raise InvalidOutput("a value is nested too deep")
    if isinstance(value, list):
        return [to_strict_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {to_strict_json(key): to_strict_json(item, depth + 1) for key, item in value.items()}
    return value


def _length(value: Any) -> int:
    """Return a lower bound of the length of a value as JSON: at least two characters for each part of it."""
    if isinstance(value, dict):
        return 2 + sum(_length(key) + _length(item) for key, item in value.items())
    if isinstance(value, list):
        return 2 + sum(map(_length, value))
    return 2 + len(value) if isinstance(value, str) else 2
