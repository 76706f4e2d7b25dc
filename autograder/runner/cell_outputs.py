"""The outputs of a cell in nbformat 4, as far as the limits of output allow.

Like `cells`, this module runs in the student's process and protects nothing.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TRUNCATION_NOTE = "[The output is too long. The rest is not shown.]\n"
OUTPUT_OVERHEAD = 100  # characters of JSON around an output's content
MAX_SHORTENED_ERROR = 20_000  # characters of the first error of a cell, if there is no room for all of it


@dataclass
class _Kept:
    output: dict[str, Any]
    size: int  # of its content, in characters. 0 for a stream, whose text is counted as it arrives
    display_id: str | None = None


class Outputs:
    """The outputs of one cell.

    The limit ``cell_output`` is the number of characters that are kept: later output is dropped, and a note is added.
    The limit ``outputs`` is the number of outputs that are kept, besides the first error and the note.
    """

    def __init__(self, limits: Mapping[str, int]):
        self.limit_hit: str | None = None  # the first because of which output was dropped: "cell_output" or "outputs"
        self._limits = limits
        self._left = limits["cell_output"]
        self._kept: list[_Kept] = []
        self._clear_pending = False

    def stream(self, name: str, text: str) -> None:
        """Add text to ``stdout`` or ``stderr``. Consecutive text of the same stream shares one output."""
        self._clear_if_pending()
        last = self._kept[-1] if self._kept else None
        if last is None or last.output.get("name") != name:
            last = self._keep({"output_type": "stream", "name": name, "text": []}, 0)
        kept_text = text[: self._left]
        if last and kept_text:
            last.output["text"].append(kept_text)
            self._left -= len(kept_text)
        if len(kept_text) < len(text):
            self._note_limit("cell_output")

    def show(
        self,
        output_type: str,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        display_id: str | None = None,
        **fields: Any,
    ) -> None:
        """Add a ``display_data`` or an ``execute_result``. `update` finds the display by its id."""
        content, size = _to_json({"data": data, "metadata": metadata or {}})
        self._clear_if_pending()
        self._keep({"output_type": output_type, **content, **fields}, size, display_id)

    def update(self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        """Replace the content of the displays with an id in this cell. Those of earlier cells stay as they are."""
        content, size = _to_json({"data": data, "metadata": metadata or {}})
        for kept in self._kept:
            if kept.display_id == display_id and self._reserve(size - kept.size):
                kept.output.update(content)
                kept.size = size

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Add an error. The first error of a cell is kept even if the output is full, but may be shortened."""
        self._clear_if_pending()
        is_first = not self.has_error()
        traceback = [line for line in traceback if isinstance(line, str)]  # an exception may render its own
        error = {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}
        if not self._keep(error, sum(map(len, (name, value, *traceback)))) and is_first:
            end = MAX_SHORTENED_ERROR // 3
            error |= {"ename": name[:end], "evalue": value[:end], "traceback": ["\n".join(traceback)[:end]]}
            self._kept.append(_Kept(error, 0))

    def clear(self, wait: bool) -> None:
        """Delete the outputs so far: at once, or with ``wait`` when the next output is added."""
        self._clear_pending = wait
        if not wait:
            self._kept.clear()
            self._left, self.limit_hit = self._limits["cell_output"], None

    def has_error(self) -> bool:
        return any(kept.output["output_type"] == "error" for kept in self._kept)

    def collect(self) -> list[dict[str, Any]]:
        """Return the outputs in nbformat 4, with a note at the end if output was dropped."""
        outputs = [dict(kept.output) for kept in self._kept]
        for output in outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        note = {"output_type": "stream", "name": "stderr", "text": TRUNCATION_NOTE}
        return [*outputs, note] if self.limit_hit else outputs

    def _clear_if_pending(self) -> None:
        if self._clear_pending:
            self.clear(wait=False)

    def _keep(self, output: dict[str, Any], size: int, display_id: str | None = None) -> _Kept | None:
        if len(self._kept) >= self._limits["outputs"]:
            self._note_limit("outputs")
        elif self._reserve(size + OUTPUT_OVERHEAD):
            self._kept.append(_Kept(output, size, display_id))
            return self._kept[-1]
        return None

    def _reserve(self, size: int) -> bool:
        if size > self._left:
            self._note_limit("cell_output")
            return False
        self._left -= size
        return True

    def _note_limit(self, name: str) -> None:
        self.limit_hit = self.limit_hit or name


def _to_json(content: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Convert content to values that JSON supports: bytes to base 64, other objects to text. Return its length too."""
    text = json.dumps(content, default=_to_text, skipkeys=True, ensure_ascii=False)  # as `Channel.send` writes it
    return json.loads(text), len(text)


def _to_text(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
