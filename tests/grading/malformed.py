"""Ways in which a solved notebook arrives damaged, and what should become of each.

A damage takes the notebook as parsed JSON, and changes it or returns what to write in its place.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

FULL, UNREADABLE = "full marks", "unreadable"


def text(nb: dict) -> str:
    return json.dumps(nb)


def code(nb: dict) -> list[dict]:
    return [cell for cell in nb["cells"] if cell["cell_type"] == "code"]


def cell(nb: dict, name: str) -> dict:
    return next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def each(nb: dict, change: Callable[[dict], Any]) -> None:
    for c in nb["cells"]:
        change(c)


def without_metadata(c: dict) -> None:
    c["metadata"] = {}


def without_metadata_and_ids(c: dict) -> None:
    without_metadata(c)
    c.pop("id", None)


def solutions_without_metadata_and_ids(c: dict) -> None:
    if c["metadata"].get("nbgrader", {}).get("solution") and c["cell_type"] == "code":
        without_metadata_and_ids(c)


def as_format_3(nb: dict) -> dict:
    old = copy.deepcopy(nb["cells"])
    for c in old:
        if c["cell_type"] == "code":
            c["input"], c["language"] = c.pop("source"), "python"
            c["prompt_number"] = c.pop("execution_count", None)
        c.pop("id", None)
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": old}]}


def deep(levels: int) -> Any:
    inner: Any = 1
    for _ in range(levels):
        inner = [inner]
    return inner


def by_colab(nb: dict) -> None:
    nb["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nb["nbformat_minor"] = 0
    for c in nb["cells"]:
        c["metadata"]["id"] = c.pop("id")
        if c["cell_type"] == "code":
            c["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "0d8a"}


def by_vs_code(nb: dict) -> None:
    nb["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    nb["metadata"]["kernelspec"] = {"display_name": ".venv", "language": "python", "name": "python3"}
    each(nb, lambda c: c["metadata"].update(vscode={"languageId": "python"}))


def copy_every_cell(nb: dict) -> None:
    nb["cells"] += copy.deepcopy(nb["cells"])


def add(*cells: Any) -> Callable[[dict], None]:
    return lambda nb: nb["cells"].extend(copy.deepcopy(cells))


def outputs(said: Any) -> Callable[[dict], None]:
    return lambda nb: [c.update(outputs=said) for c in code(nb)] and None


def source(nb: dict, name: str, new: Any) -> None:
    cell(nb, name)["source"] = new


HUGE = "A" * 20_000_000
PICTURE = {"image/png": "iVBORw0KGgo="}

DAMAGES: dict[str, tuple[Callable[[dict], Any], str]] = {
    # --- no notebook at all
    "nothing": (lambda nb: "", UNREADABLE),
    "white space": (lambda nb: " \n\t", UNREADABLE),
    "cut off": (lambda nb: text(nb)[:-200], UNREADABLE),
    "cut off in the middle": (lambda nb: text(nb)[: len(text(nb)) // 2], UNREADABLE),
    "a merge conflict": (lambda nb: f"<<<<<<< HEAD\n{text(nb)}\n=======\n{text(nb)}\n>>>>>>> mine", UNREADABLE),
    "a web page": (lambda nb: "<!DOCTYPE html><html><body>Sign in</body></html>", UNREADABLE),
    "a zip": (lambda nb: b"PK\x03\x04" + bytes(range(256)), UNREADABLE),
    "a script": (lambda nb: "import numpy as np\n", UNREADABLE),
    "null": (lambda nb: "null", UNREADABLE),
    "a list": (lambda nb: json.dumps(nb["cells"]), UNREADABLE),
    "no cells": (lambda nb: {k: v for k, v in nb.items() if k != "cells"}, UNREADABLE),
    "cells that are a dict": (lambda nb: nb | {"cells": dict(enumerate(nb["cells"]))}, UNREADABLE),
    "no format": (lambda nb: {k: v for k, v in nb.items() if k != "nbformat"}, UNREADABLE),
    "a format in words": (lambda nb: nb | {"nbformat": "4"}, UNREADABLE),
    "a format that is true": (lambda nb: nb | {"nbformat": True}, UNREADABLE),
    "a format of the future": (lambda nb: nb | {"nbformat": 9}, UNREADABLE),
    "ten thousand cells": (add(*[{"cell_type": "code", "metadata": {}, "source": "1", "outputs": []}] * 10_000), UNREADABLE),
    "code without end": (add({"cell_type": "code", "metadata": {}, "source": "1;" * 600_000, "outputs": []}), UNREADABLE),
    "lists in lists": (lambda nb: "[" * 200_000 + "]" * 200_000, UNREADABLE),
    "another encoding": (lambda nb: json.dumps(nb, ensure_ascii=False).encode("utf-16"), UNREADABLE),
    "Latin-1": (lambda nb: json.dumps(nb, ensure_ascii=False).replace("σ", "s").encode("latin-1", "replace") + b"\xe9", UNREADABLE),
    # --- read in spite of it
    "a byte order mark": (lambda nb: b"\xef\xbb\xbf" + text(nb).encode(), FULL),
    "line ends of Windows": (lambda nb: json.dumps(nb, indent=1).replace("\n", "\r\n"), FULL),
    "NaN": (lambda nb: text(nb | {"metadata": nb["metadata"] | {"x": float("nan")}}), FULL),
    "Infinity in an output": (outputs([{"output_type": "display_data", "data": {"application/json": float("inf")}, "metadata": {}}]), FULL),
    "lone surrogates": (lambda nb: nb["cells"][0].update(source="\ud800"), FULL),
    "lone surrogates in names": (lambda nb: nb["cells"][0].update({"\ud800": 1, "id": "\ud800", "metadata": {"\ud800": "\ud800"}}), FULL),
    "lone surrogates in outputs": (outputs([{"output_type": "stream", "name": "stdout", "text": ["\udfff"]}]), FULL),
    "a deep metadata field": (lambda nb: nb["metadata"].update(deep=deep(400)), FULL),
    "the old format": (as_format_3, FULL),
    "format 4.0": (lambda nb: nb.update(nbformat_minor=0), FULL),
    "a minor format of the future": (lambda nb: nb.update(nbformat_minor=99), FULL),
    "a minor format in words": (lambda nb: nb.update(nbformat_minor="five"), FULL),
    "no metadata": (lambda nb: {k: v for k, v in nb.items() if k != "metadata"}, FULL),
    "metadata that is a list": (lambda nb: nb.update(metadata=[1]), FULL),
    # --- cells
    "cells that are none": (add(3, None, "text", [], {}), FULL),
    "cells of other types": (add({"cell_type": "heading", "source": "x", "metadata": {}}, {"cell_type": 7}), FULL),
    "cells without a source": (add({"cell_type": "code", "metadata": {}}, {"cell_type": "markdown"}), FULL),
    "a source that is a number": (add({"cell_type": "code", "metadata": {}, "source": 3, "outputs": []}), FULL),
    "lines that are none": (add({"cell_type": "markdown", "metadata": {}, "source": ["a", 3, None]}), FULL),
    "no cell metadata": (lambda nb: each(nb, lambda c: c.pop("metadata")), FULL),
    "cell metadata that is a string": (lambda nb: each(nb, lambda c: c.update(metadata="lost")), FULL),
    "no cell ids": (lambda nb: each(nb, lambda c: c.pop("id")), FULL),
    "one id for all cells": (lambda nb: each(nb, lambda c: c.update(id="same")), FULL),
    "ids that are none": (lambda nb: each(nb, lambda c: c.update(id={"a": 1})), FULL),
    "all metadata lost": (lambda nb: each(nb, without_metadata), FULL),
    "solutions without metadata and ids": (lambda nb: each(nb, solutions_without_metadata_and_ids), FULL),
    "grade ids that are none": (add({"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": [1]}}}), FULL),
    "nbgrader's metadata is a string": (add({"cell_type": "code", "source": "", "metadata": {"nbgrader": "x"}}), FULL),
    "every cell twice": (copy_every_cell, FULL),
    "points forged": (lambda nb: cell(nb, "sigmoid")["metadata"]["nbgrader"].update(points=100), FULL),
    "test cells unlocked and emptied": (lambda nb: source(nb, "sigmoid", ""), FULL),
    "test cells deleted": (lambda nb: nb["cells"].remove(cell(nb, "sigmoid")), FULL),
    "a solution as Markdown": (lambda nb: nb["cells"][nb["cells"].index(cell(nb, "sigmoid")) - 1].update(cell_type="markdown"), FULL),
    "a test cell as raw": (lambda nb: cell(nb, "sigmoid").update(cell_type="raw"), FULL),
    # --- outputs and attachments
    "outputs that are none": (outputs("none"), FULL),
    "outputs of other types": (outputs([3, {"output_type": "pyout"}, {}, {"output_type": "stream", "text": 3}]), FULL),
    "pictures that are none": (outputs([{"output_type": "display_data", "data": {"image/png": [1]}, "metadata": 3}]), FULL),
    "a huge attachment": (lambda nb: nb["cells"][0].update(attachments={"a.png": {"image/png": HUGE}}), FULL),
    "an attachment that is none": (lambda nb: nb["cells"][0].update(attachments={"a.png": [1], "b": {"image/png": PICTURE}}), FULL),
    "markup without end": (outputs([{"output_type": "display_data", "data": {"text/html": "<div>" * 19_000 + "&" * 10**6}, "metadata": {}}]), FULL),
    # --- who saved it
    "saved by Colab": (by_colab, FULL),
    "saved by VS Code": (by_vs_code, FULL),
    "another kernel": (lambda nb: nb["metadata"].update(kernelspec={"name": "julia-1.10", "display_name": "Julia", "language": "julia"}), FULL),
}  # fmt: skip
