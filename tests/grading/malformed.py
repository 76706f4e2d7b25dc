"""Ways to damage a solved notebook, and the expected result of grading each.

A damage is a function of the notebook as parsed JSON. It modifies the notebook, or returns what to write instead.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

FULL, UNREADABLE = "full marks", "unreadable"


def text_of(nb: dict) -> str:
    return json.dumps(nb)


def code_cells(nb: dict) -> list[dict]:
    return [cell for cell in nb["cells"] if cell["cell_type"] == "code"]


def find_cell(nb: dict, grade_id: str) -> dict:
    return next(cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def change_each(nb: dict, change: Callable[[dict], Any]) -> None:
    for cell in nb["cells"]:
        change(cell)


def remove_metadata(cell: dict) -> None:
    cell["metadata"] = {}


def remove_metadata_and_id_of_solution(cell: dict) -> None:
    if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
        remove_metadata(cell)
        cell.pop("id", None)


def nested_list(levels: int) -> Any:
    inner: Any = 1
    for _ in range(levels):
        inner = [inner]
    return inner


def save_with_colab(nb: dict) -> None:
    nb["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nb["nbformat_minor"] = 0
    for cell in nb["cells"]:
        cell["metadata"]["id"] = cell.pop("id")
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "0d8a"}


def save_with_vs_code(nb: dict) -> None:
    nb["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    nb["metadata"]["kernelspec"] = {"display_name": ".venv", "language": "python", "name": "python3"}
    change_each(nb, lambda cell: cell["metadata"].update(vscode={"languageId": "python"}))


def copy_every_cell(nb: dict) -> None:
    nb["cells"] += copy.deepcopy(nb["cells"])


def adding(*cells: Any) -> Callable[[dict], None]:
    return lambda nb: nb["cells"].extend(copy.deepcopy(cells))


def with_outputs(outputs: Any) -> Callable[[dict], None]:
    return lambda nb: [cell.update(outputs=outputs) for cell in code_cells(nb)] and None


def change_solution_to_markdown(nb: dict) -> None:
    nb["cells"][nb["cells"].index(find_cell(nb, "sigmoid")) - 1].update(cell_type="markdown")


HUGE = "A" * 20_000_000
PICTURE = {"image/png": "iVBORw0KGgo="}

DAMAGES: dict[str, tuple[Callable[[dict], Any], str]] = {
    # --- not a notebook; `tests/submissions/test_reader.py` has more
    "truncated in the middle": (lambda nb: text_of(nb)[: len(text_of(nb)) // 2], UNREADABLE),
    "no cells": (lambda nb: {k: v for k, v in nb.items() if k != "cells"}, UNREADABLE),
    "a format version that is a boolean": (lambda nb: nb | {"nbformat": True}, UNREADABLE),
    "a future format": (lambda nb: nb | {"nbformat": 9}, UNREADABLE),
    "ten thousand cells": (adding(*[{"cell_type": "code", "metadata": {}, "source": "1", "outputs": []}] * 10_000), UNREADABLE),
    "too much code": (adding({"cell_type": "code", "metadata": {}, "source": "1;" * 600_000, "outputs": []}), UNREADABLE),
    # --- damaged, but readable
    "NaN": (lambda nb: text_of(nb | {"metadata": nb["metadata"] | {"x": float("nan")}}), FULL),
    "Infinity in an output": (with_outputs([{"output_type": "display_data", "data": {"application/json": float("inf")}, "metadata": {}}]), FULL),
    "lone surrogates": (lambda nb: nb["cells"][0].update(source="\ud800"), FULL),
    "lone surrogates in names": (lambda nb: nb["cells"][0].update({"\ud800": 1, "id": "\ud800", "metadata": {"\ud800": "\ud800"}}), FULL),
    "lone surrogates in outputs": (with_outputs([{"output_type": "stream", "name": "stdout", "text": ["\udfff"]}]), FULL),
    "deeply nested metadata": (lambda nb: nb["metadata"].update(deep=nested_list(400)), FULL),
    "format 4.0": (lambda nb: nb.update(nbformat_minor=0), FULL),
    "a minor format that is a string": (lambda nb: nb.update(nbformat_minor="five"), FULL),
    "no metadata": (lambda nb: {k: v for k, v in nb.items() if k != "metadata"}, FULL),
    "metadata that is a list": (lambda nb: nb.update(metadata=[1]), FULL),
    # --- cells
    "cells that are not cells": (adding(3, None, "text", [], {}), FULL),
    "cells of other types": (adding({"cell_type": "heading", "source": "x", "metadata": {}}, {"cell_type": 7}), FULL),
    "cells without a source": (adding({"cell_type": "code", "metadata": {}}, {"cell_type": "markdown"}), FULL),
    "a source that is a number": (adding({"cell_type": "code", "metadata": {}, "source": 3, "outputs": []}), FULL),
    "lines that are not strings": (adding({"cell_type": "markdown", "metadata": {}, "source": ["a", 3, None]}), FULL),
    "no cell metadata": (lambda nb: change_each(nb, lambda cell: cell.pop("metadata")), FULL),
    "cell metadata that is a string": (lambda nb: change_each(nb, lambda cell: cell.update(metadata="lost")), FULL),
    "no cell ids": (lambda nb: change_each(nb, lambda cell: cell.pop("id")), FULL),
    "the same id for all cells": (lambda nb: change_each(nb, lambda cell: cell.update(id="same")), FULL),
    "ids that are not strings": (lambda nb: change_each(nb, lambda cell: cell.update(id={"a": 1})), FULL),
    "empty metadata of all cells": (lambda nb: change_each(nb, remove_metadata), FULL),
    "solutions without metadata and ids": (lambda nb: change_each(nb, remove_metadata_and_id_of_solution), FULL),
    "grade ids that are not strings": (adding({"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": [1]}}}), FULL),
    "nbgrader metadata that is a string": (adding({"cell_type": "code", "source": "", "metadata": {"nbgrader": "x"}}), FULL),
    "every cell twice": (copy_every_cell, FULL),
    "forged points": (lambda nb: find_cell(nb, "sigmoid")["metadata"]["nbgrader"].update(points=100), FULL),
    "an emptied test cell": (lambda nb: find_cell(nb, "sigmoid").update(source=""), FULL),
    "a deleted test cell": (lambda nb: nb["cells"].remove(find_cell(nb, "sigmoid")), FULL),
    "a solution changed to Markdown": (change_solution_to_markdown, FULL),
    "a test cell changed to raw": (lambda nb: find_cell(nb, "sigmoid").update(cell_type="raw"), FULL),
    # --- outputs and attachments
    "outputs that are not a list": (with_outputs("none"), FULL),
    "outputs of other types": (with_outputs([3, {"output_type": "pyout"}, {}, {"output_type": "stream", "text": 3}]), FULL),
    "pictures that are not pictures": (with_outputs([{"output_type": "display_data", "data": {"image/png": [1]}, "metadata": 3}]), FULL),
    "a huge attachment": (lambda nb: nb["cells"][0].update(attachments={"a.png": {"image/png": HUGE}}), FULL),
    "an attachment that is not a picture": (lambda nb: nb["cells"][0].update(attachments={"a.png": [1], "b": {"image/png": PICTURE}}), FULL),
    "too much markup": (with_outputs([{"output_type": "display_data", "data": {"text/html": "<div>" * 19_000 + "&" * 10**6}, "metadata": {}}]), FULL),
    # --- saved by other programs
    "saved by Colab": (save_with_colab, FULL),
    "saved by VS Code": (save_with_vs_code, FULL),
    "another kernel": (lambda nb: nb["metadata"].update(kernelspec={"name": "julia-1.10", "display_name": "Julia", "language": "julia"}), FULL),
}  # fmt: skip
