"""Outputs that a student's process says it has: what of them is fit to stand in a notebook.

Any field may be forged. What comes out of here has nbformat's shape, can be written as UTF-8 and JSON, and is neither
deep nor large. It may still hold HTML and scripts, as a kernel's outputs may.
"""

import math
from typing import Any

DEEPEST = 32
SLACK = 1 << 16  # characters beyond the agreed ones that names and notes may take


class InvalidOutput(ValueError):
    """What was said cannot stand in a notebook."""


def validated(said: Any, max_characters: int) -> tuple[list[dict], int]:
    """Copy a list of outputs; return it and the characters it takes. Raise `InvalidOutput` if it is none or takes too many."""
    if not isinstance(said, list):
        raise InvalidOutput("no list of outputs")
    outputs = [_output(output) for output in said]
    taken = _length(outputs)
    if taken > max_characters + SLACK:
        raise InvalidOutput("more output than was asked for")
    return outputs, taken


def _output(said: Any) -> dict:
    match said:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": plain(text)}
        case {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata)}:
            return {"output_type": "display_data", "data": _bundle(data), "metadata": plain(metadata)}
        case {"output_type": "execute_result", "execution_count": int(count), **shown} if 0 <= count < 1 << 31:
            display = _output({**shown, "output_type": "display_data"})
            return {**display, "output_type": "execute_result", "execution_count": int(count)}
        case {"output_type": "error", "ename": str(name), "evalue": str(value), "traceback": list(lines)}:
            traceback = [plain(line) for line in lines if isinstance(line, str)]
            return {"output_type": "error", "ename": plain(name), "evalue": plain(value), "traceback": traceback}
    raise InvalidOutput("no output of a notebook")


def _bundle(data: dict) -> dict:
    """Copy a MIME bundle: JSON types may hold any JSON, the others hold text."""
    for kind, content in data.items():
        is_json = kind == "application/json" or kind.endswith("+json")
        if not (is_json or isinstance(content, str)):
            raise InvalidOutput("a display that holds no text")
    return plain(data)


def plain(value: Any, depth: int = 0) -> Any:
    """Copy JSON without lone surrogates (no UTF-8) and infinite numbers (no JSON); raise `InvalidOutput` if it is too deep."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if depth > DEEPEST:
        raise InvalidOutput("too deep")
    if isinstance(value, list):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item, depth + 1) for key, item in value.items()}
    return value


def _length(value: Any) -> int:
    """At most the number of characters that a value takes as JSON; at least two for each part of it."""
    if isinstance(value, dict):
        return 2 + sum(_length(key) + _length(item) for key, item in value.items())
    if isinstance(value, list):
        return 2 + sum(map(_length, value))
    return 2 + len(value) if isinstance(value, str) else 2
