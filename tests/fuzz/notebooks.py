"""Notebooks as a student might hand them in, after an accident or on purpose: a file's content as bytes."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from tests.fuzz import fragments

Notebook = dict[str, Any]

MIME_TYPES = (
    *("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "image/png", "image/jpeg"),
    *("application/json", "application/javascript", "application/vnd.jupyter.widget-view+json", "text/x", ""),
)
PIXELS = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def make_notebook(rng: random.Random, solved: Notebook) -> bytes:
    """Change a copy of a solved notebook a few times and write it, possibly damaged or in another encoding."""
    nb = copy.deepcopy(solved)
    if rng.random() < 0.7:  # fewer cells are graded faster, and the missing ones are added again
        nb["cells"] = rng.sample(nb["cells"], min(len(nb["cells"]), fragments.size(rng, 12)))
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        rng.choice(CHANGES)(rng, nb)
    if rng.random() < 0.1:
        add_large_text(rng, nb)
    return _write(rng, nb)


# --- changes ----------------------------------------------------------------------------------------------------


def _any_cell(rng: random.Random, nb: Notebook) -> dict[str, Any]:
    cells = nb["cells"] if isinstance(nb.get("cells"), list) else []
    cells = [cell for cell in cells if isinstance(cell, dict)]
    return rng.choice(cells) if cells else {}


def _source(rng: random.Random, cell_type: Any) -> Any:
    make = {"code": fragments.code, "markdown": fragments.markdown}.get(str(cell_type), fragments.html)
    source = make(rng)
    if rng.random() < 0.2:
        return source.splitlines(keepends=True)
    return fragments.json_value(rng) if rng.random() < 0.02 else source


def new_cell(rng: random.Random) -> Any:
    if rng.random() < 0.05:
        return fragments.json_value(rng)
    cell_type = rng.choice(("code", "code", "markdown", "markdown", "raw", fragments.scalar(rng)))
    cell = {"cell_type": cell_type, "metadata": {}, "source": _source(rng, cell_type), "id": fragments.text(rng)}
    if cell_type == "code":
        cell |= {"outputs": outputs(rng), "execution_count": fragments.scalar(rng)}
    for name in [name for name in cell if rng.random() < 0.02]:
        del cell[name]
    return cell


def replace_source(rng: random.Random, nb: Notebook) -> None:
    cell = _any_cell(rng, nb)
    cell["source"] = _source(rng, cell.get("cell_type"))


def extend_source(rng: random.Random, nb: Notebook) -> None:
    cell = _any_cell(rng, nb)
    before = cell.get("source", "")
    before = "".join(line for line in before if isinstance(line, str)) if isinstance(before, list) else str(before)
    make = fragments.code if cell.get("cell_type") == "code" else fragments.markdown
    cell["source"] = f"{before}\n{make(rng)}" if rng.random() < 0.5 else f"{make(rng)}\n{before}"


def add_cells(rng: random.Random, nb: Notebook) -> None:
    for _ in range(fragments.size(rng, 8)):
        nb["cells"].insert(rng.randint(0, len(nb["cells"])), new_cell(rng))


def add_many_cells(rng: random.Random, nb: Notebook) -> None:
    cell = new_cell(rng)
    if len(json.dumps(cell)) < 2_000:
        nb["cells"] += [copy.deepcopy(cell) for _ in range(fragments.size(rng, 1_100))]


def add_large_text(rng: random.Random, nb: Notebook) -> None:
    cell_type = rng.choice(("code", "code", "markdown", "raw"))
    source = fragments.large(rng, cell_type)
    cells = [cell for cell in nb["cells"] if isinstance(cell, dict) and isinstance(cell.get("metadata"), dict)]
    solutions = [cell for cell in cells if _is_solution(cell)]
    demos = [cell for cell in cells if "demo" in str(cell["metadata"].get("tags"))]  # their outputs are kept
    if cell_type == "code" and solutions and rng.random() < 0.5:
        rng.choice(solutions)["source"] = source
    elif cell_type == "code" and demos and rng.random() < 0.5:
        data = {rng.choice(("text/html", "text/plain", "text/markdown")): fragments.large(rng, "markdown")}
        rng.choice(demos)["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    else:
        nb["cells"].append({"cell_type": cell_type, "metadata": {}, "source": source})


def _is_solution(cell: dict[str, Any]) -> bool:
    nbgrader = cell["metadata"].get("nbgrader")
    return isinstance(nbgrader, dict) and nbgrader.get("solution") is True


def rearrange(rng: random.Random, nb: Notebook) -> None:
    cells = nb["cells"]
    match rng.randrange(4):
        case 0:
            rng.shuffle(cells)
        case 1:
            cells += copy.deepcopy(cells)
        case 2:
            del cells[: rng.randrange(len(cells) + 1)]
        case _:
            cells += copy.deepcopy(rng.choices(cells, k=3)) if cells else []


def change_ids(rng: random.Random, nb: Notebook) -> None:
    same = fragments.scalar(rng)
    for cell in (cell for cell in nb["cells"] if isinstance(cell, dict)):
        match rng.randrange(3):
            case 0:
                cell["id"] = same
            case 1:
                cell.pop("id", None)
            case _:
                cell["id"] = fragments.json_value(rng, depth=1)


def change_metadata(rng: random.Random, nb: Notebook) -> None:
    owner = rng.choice((nb, _any_cell(rng, nb), _any_cell(rng, nb)))
    metadata = owner.get("metadata")
    if not isinstance(metadata, dict) or rng.random() < 0.1:
        owner["metadata"] = fragments.json_value(rng)
        return
    match rng.randrange(4):
        case 0:
            metadata[fragments.key(rng)] = fragments.json_value(rng)
        case 1:
            forged = fragments.json_value(rng)
            metadata["lectrain"] = rng.choice((forged, {"failures": forged, "repairs": forged, "findings": forged}))
        case 2:
            grade_id = rng.choice(("sigmoid", "sigmoid_prime", "bce_grad", fragments.scalar(rng)))
            metadata["nbgrader"] = {
                **{"grade_id": grade_id, "grade": True, "solution": rng.random() < 0.5, "locked": False, "task": False},
                **{"schema_version": 3, "points": fragments.scalar(rng), "cell_type": "code", "checksum": "x"},
            }
        case _:
            nbgrader = metadata.get("nbgrader")
            if isinstance(nbgrader, dict) and nbgrader:
                nbgrader[rng.choice(list(nbgrader))] = fragments.json_value(rng, depth=1)
            else:
                metadata["nbgrader"] = fragments.json_value(rng)


def change_outputs(rng: random.Random, nb: Notebook) -> None:
    for cell in nb["cells"]:
        if isinstance(cell, dict) and cell.get("cell_type") == "code" and rng.random() < 0.3:
            cell["outputs"] = outputs(rng)


def add_attachments(rng: random.Random, nb: Notebook) -> None:
    cell = _any_cell(rng, nb)
    name = rng.choice(("a.png", "", fragments.text(rng)))
    bundle = rng.choice(({"image/png": PIXELS}, {"image/svg+xml": fragments.html(rng)}, fragments.json_value(rng)))
    cell["attachments"] = rng.choice(({name: bundle}, {name: bundle, "b": bundle}, fragments.json_value(rng)))
    if isinstance(cell.get("source"), str):
        cell["source"] += f"![x](attachment:{name})" * fragments.size(rng, 50)


def change_format(rng: random.Random, nb: Notebook) -> None:
    match rng.randrange(4):
        case 0:
            nb["nbformat"] = rng.choice((1, 2, 3, 4, 5, fragments.scalar(rng)))
        case 1:
            nb["nbformat_minor"] = rng.choice((0, 1, 4, 5, 99, fragments.scalar(rng)))
        case 2:
            del nb[rng.choice(list(nb))]
        case _:
            nb[rng.choice(list(nb))] = fragments.json_value(rng)
    nb.setdefault("cells", [])
    if not isinstance(nb["cells"], list):  # later changes expect a list
        nb["cells"] = []


def add_other_fields(rng: random.Random, nb: Notebook) -> None:
    owner = rng.choice((nb, _any_cell(rng, nb)))
    many = [rng.choice(({}, [], 0, "", {"a": {}}))] * fragments.size(rng, 300_000)
    owner[fragments.key(rng) if owner is not nb else "extra"] = rng.choice((fragments.json_value(rng), many))


CHANGES: tuple[Callable[[random.Random, Notebook], None], ...] = (
    *(replace_source, replace_source, replace_source, extend_source, extend_source, add_cells, add_cells, add_cells),
    *(add_many_cells, rearrange, change_ids, change_metadata, change_metadata, change_outputs, change_outputs),
    *(add_attachments, change_format, add_other_fields),
)


# --- outputs ----------------------------------------------------------------------------------------------------


def outputs(rng: random.Random) -> Any:
    """Outputs of a cell, as saved in the file or as sent by the student's process."""
    if rng.random() < 0.05:
        return fragments.json_value(rng)
    made = [output(rng) for _ in range(fragments.size(rng, 6))]
    return made * fragments.size(rng, 300) if rng.random() < 0.05 and len(json.dumps(made)) < 2_000 else made


def output(rng: random.Random) -> Any:
    match rng.randrange(8):
        case 0 | 1:
            made = {"output_type": "stream", "name": rng.choice(("stdout", "stderr")), "text": _printed(rng)}
        case 2:
            lines = [_printed(rng) for _ in range(fragments.size(rng, 5))]
            made = {"output_type": "error", "ename": fragments.text(rng), "evalue": _printed(rng), "traceback": lines}
        case 3 | 4 | 5:
            made = {"output_type": "display_data", "data": bundle(rng), "metadata": {}}
        case 6:
            made = {"output_type": "execute_result", "data": bundle(rng), "metadata": {}, "execution_count": 1}
        case _:
            return fragments.json_value(rng)
    for name in [name for name in made if rng.random() < 0.03]:
        made[name] = fragments.json_value(rng)
    return made


def bundle(rng: random.Random) -> dict[str, Any]:
    return {mime: _content(rng, mime) for mime in rng.sample(MIME_TYPES, rng.choice((1, 1, 2, 4)))}


def _content(rng: random.Random, mime: str) -> Any:
    if rng.random() < 0.1:
        return fragments.json_value(rng)
    if mime.startswith("image/") and rng.random() < 0.7:
        return PIXELS + rng.choice(("", "\n", "=", "'"))
    content = {"text/html": fragments.html, "text/plain": _printed}.get(mime, fragments.markdown)(rng)
    return content.splitlines(keepends=True) if rng.random() < 0.2 else content


def _printed(rng: random.Random) -> str:
    return rng.choice((fragments.text, fragments.html, fragments.code))(rng)


# --- the file ---------------------------------------------------------------------------------------------------


def _write(rng: random.Random, nb: Notebook) -> bytes:
    written = json.dumps(nb, ensure_ascii=rng.random() < 0.8, indent=rng.choice((None, 1)))
    content = written.encode("utf-8", errors="surrogatepass")
    match rng.randrange(30):
        case 0:
            return b"\xef\xbb\xbf" + content
        case 1:
            return written.encode(rng.choice(("utf-16", "latin-1", "utf-32")), errors="replace")
        case 2:
            return content[: rng.randrange(len(content))]
        case 3:
            position = rng.randrange(len(content))
            return content[:position] + fragments.text(rng).encode(errors="surrogatepass") + content[position:]
        case 4:
            depth = fragments.size(rng, 100_000)
            return content[:-1] + b', "extra": ' + b"[" * depth + b"]" * depth + b"}"
        case 5:
            return content[:-1] + b', "metadata": {}, "metadata": ' + b"9" * fragments.size(rng, 100_000) + b"}"
        case 6:
            return json.dumps(fragments.json_value(rng)).encode()
    return content
