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
MIN_ERROR_CHARACTERS = 20_000  # of the first error of a cell, even if its output is already full


@dataclass
class _Kept:
    """An output that is kept, and the outputs of the cell that it belongs to."""

    output: dict[str, Any]
    size: int  # of its content, in characters. 0 for a stream, whose text is counted as it arrives
    owner: "Outputs"


Displays = dict[str, list[_Kept]]
"""The displays of a notebook that may still be updated, by their id."""


class Outputs:
    """The outputs of one cell. It adds its displays to those of the whole notebook.

    The limit ``cell_output`` is the number of characters that are kept: later output is dropped, and a note is added.
    The limit ``outputs`` is the number of outputs that are kept, besides the first error and the note.
    """

    def __init__(self, limits: Mapping[str, int], displays: Displays):
        self.limit_hit: str | None = None  # the first because of which output was dropped: "cell_output" or "outputs"
        self.revised = False  # whether a later cell changed one of the displays
        self._limits = limits
        self._left = limits["cell_output"]
        self._displays = displays
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
            self.note_limit("cell_output")

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
        kept = self._keep({"output_type": output_type, **content, **fields}, size)
        if kept and display_id is not None:
            self._displays.setdefault(display_id, []).append(kept)

    def update(self, display_id: str, data: Mapping[str, Any], metadata: Mapping[str, Any] | None = None) -> None:
        """Replace the content of all displays with an id, in this cell and in earlier ones.

        Content for which a cell has no room is dropped, and both cells say so: that of the display, and this one.
        """
        content, size = _to_json({"data": data, "metadata": metadata or {}})
        for kept in self._displays.get(display_id, []):
            if kept.owner._reserve(size - kept.size):
                kept.output.update(content)
                kept.size = size
            else:
                self.note_limit("cell_output")
            if kept.owner is not self:
                kept.owner.revised = True

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Add an error. The first error of a cell is kept even if the output is full, but may be shortened."""
        self._clear_if_pending()
        lent = 0 if self.has_error() else max(0, MIN_ERROR_CHARACTERS - self._left)
        self._left += lent
        error = {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}
        size = sum(map(len, (name, value, *traceback)))
        if size + OUTPUT_OVERHEAD > self._left:
            end = max(0, self._left - OUTPUT_OVERHEAD) // 3  # 0 if `_keep` drops all of it
            error |= {"ename": name[:end], "evalue": value[:end], "traceback": ["\n".join(traceback)[:end]]}
            size = 3 * end
            self.note_limit("cell_output")
        self._keep(error, size)
        self._left = max(0, self._left - lent)  # what was lent is for this error alone

    def clear(self, wait: bool) -> None:
        """Delete the outputs so far: at once, or with ``wait`` when the next output is added."""
        self._clear_pending = wait
        if not wait:
            self._kept.clear()
            for displays in self._displays.values():  # an update of one that is not shown would change what is left
                displays[:] = [kept for kept in displays if kept.owner is not self]
            self._left, self.limit_hit = self._limits["cell_output"], None

    def has_error(self) -> bool:
        """Whether one of the outputs is an error."""
        return any(kept.output["output_type"] == "error" for kept in self._kept)

    def collect(self) -> list[dict[str, Any]]:
        """Return the outputs in nbformat 4, with a note at the end if output was dropped."""
        outputs = [dict(kept.output) for kept in self._kept]
        for output in outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        note = {"output_type": "stream", "name": "stderr", "text": TRUNCATION_NOTE}
        return [*outputs, note] if self.limit_hit else outputs

    def note_limit(self, name: str) -> None:
        """Note that output was dropped because of a limit."""
        self.limit_hit = self.limit_hit or name

    def _clear_if_pending(self) -> None:
        if self._clear_pending:
            self.clear(wait=False)

    def _keep(self, output: dict[str, Any], size: int) -> _Kept | None:
        is_first_error = output["output_type"] == "error" and not self.has_error()
        if len(self._kept) >= self._limits["outputs"] and not is_first_error:
            self.note_limit("outputs")
            return None
        if not self._reserve(size + OUTPUT_OVERHEAD):
            return None
        self._kept.append(_Kept(output, size, self))
        return self._kept[-1]

    def _reserve(self, size: int) -> bool:
        if size > self._left:
            self.note_limit("cell_output")
            return False
        self._left -= size
        return True


def _to_json(content: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Convert content to values that JSON supports: bytes to base 64, other objects to text. Return its length too."""
    text = json.dumps(content, default=_to_text, skipkeys=True, ensure_ascii=False)  # as `to_payload` sends it
    return json.loads(text), len(text)


def _to_text(value: object) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
