"""What the website shows of a notebook: pictures of demonstrations, and no answer."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from tests.conftest import REPOSITORY, SOURCES
from tests.lectrain.explorables.node import evaluate_file
from tests.lectrain.explorables.test_explore import FORBIDDEN

sys.path.insert(0, str(REPOSITORY / "docs" / "site"))
import build
import home

STUB = "raise NotImplementedError()"


def code(name: str, source: str, outputs: tuple = (), **metadata) -> nbformat.NotebookNode:
    cell = new_code_cell(source, outputs=list(outputs), metadata=metadata)
    cell.id = name
    return cell


def stream(text: str) -> nbformat.NotebookNode:
    return new_output("stream", name="stdout", text=text)


SOLUTION = {"nbgrader": {"solution": True}}
DEMO = {"tags": ["demo"]}


def test_only_demonstrations_that_succeed_have_outputs():
    picture = new_output("display_data", {"text/html": "<img>"})
    slider = new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}})
    warning = new_output("stream", name="stderr", text="/tmp/ipykernel_1/2.py:3: RuntimeWarning: overflow\n")
    executed = new_notebook(
        cells=[
            code("shown", "1", (stream("text"), picture, slider, warning), **DEMO),
            code("failed", "2", (stream("before"), new_output("error", ename="E", evalue="e")), **DEMO),
            code("given", "3", (stream("no demonstration"),)),
            code("answer", "def f(): return 4", (stream("4"),), **SOLUTION, **DEMO),
        ]
    )
    student = nbformat.from_dict(executed)
    for cell in student.cells:
        cell.outputs = []
    student.cells[3].source = STUB
    shown, *others = build.with_demonstrations(student, executed).cells
    assert [output.output_type for output in shown.outputs] == ["stream", "display_data", "stream"]
    assert shown.outputs[2].text == "RuntimeWarning: overflow\n"
    assert [cell.outputs for cell in others] == [[], [], []]
    assert others[2].source == STUB


def test_a_page_links_to_its_files_and_collapses_checks():
    check = code("f-check", "# ▸ Check: f\ncheck", jupyter={"source_hidden": True}, nbgrader={"grade": True})
    page = build.page_of(new_notebook(cells=[new_markdown_cell("# Title"), check]), "01-first/first")
    assert 'href="../../downloads/01-first/first.ipynb"' in page.cells[1].source
    assert 'href="../../decks/first.html"' in page.cells[1].source
    assert page.cells[2].metadata["tags"] == ["hide-input"]
    assert page.cells[2].metadata["mystnb"]["code_prompt_show"] == "Check: f"


def test_every_collapsed_cell_has_a_title_for_its_page():
    cells = [cell for file in SOURCES.values() for cell in nbformat.read(file, 4).cells]
    folded = [cell for cell in cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    assert len(folded) > 100
    assert [cell.id for cell in folded if not re.match("# ▸ (Picture|Check|Code): .", cell.source)] == []


def test_a_page_has_a_button_that_opens_the_notebook_in_the_browser_if_the_site_contains_that_course():
    nb = new_notebook(cells=[new_markdown_cell("# Title")])
    button = 'href="../../lite/lab/index.html?path=notebooks/01-first/first.ipynb"'
    assert button in build.page_of(nb, "01-first/first", has_lite=True).cells[1].source
    assert button not in build.page_of(nb, "01-first/first").cells[1].source


@pytest.mark.parametrize("marker", ['{"edition": "self-study"}', None])
def test_a_site_contains_no_other_edition_of_the_course_for_a_browser(tmp_path, monkeypatch, capsys, marker):
    if marker:
        (tmp_path / build.LITE_MARKER).write_text(marker)
    monkeypatch.setattr(sys, "argv", ["build.py", f"--lite={tmp_path}", f"--to={tmp_path / 'site'}"])
    with pytest.raises(SystemExit):
        build.main()
    assert "is not the edition for a class: run make lite" in capsys.readouterr().err


def test_a_folder_that_is_not_a_site_is_not_replaced(tmp_path, monkeypatch):
    (tmp_path / "thesis.txt").touch()
    monkeypatch.setattr(sys, "argv", ["build.py", f"--to={tmp_path}"])
    with pytest.raises(SystemExit):
        build.main()
    assert (tmp_path / "thesis.txt").exists()


def test_a_guide_that_git_does_not_track_is_not_published(tmp_path):
    (tmp_path / "docs").mkdir()
    for name in ("SECURITY.md", "README.md", "docs/student.md", "docs/exam.md"):
        (tmp_path / name).touch()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "SECURITY.md", "README.md", "docs/student.md"], cwd=tmp_path, check=True)
    assert build.find_guides(tmp_path) == {Path("SECURITY.md"), Path("docs/student.md")}
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    assert Path("docs/exam.md") in build.find_guides(tmp_path)


def test_every_published_file_of_this_repository_is_tracked():
    assert Path("docs/instructor.md") in build.find_guides(REPOSITORY)


def test_each_notebook_has_a_card_with_a_still_picture_of_one_of_its_cells():
    notebooks = {name: build.read_with_charts(file) for name, file in SOURCES.items()}
    assert set(home.CARDS) == set(notebooks)
    for stem, (picture, _) in home.CARDS.items():
        if picture in home.CUTS:
            continue
        sources = {cell.id: cell.source for cell in notebooks[stem].cells}
        cell, _, panel = picture.partition("#")
        source = sources[cell]
        assert int(panel or 0) in notebooks[stem].metadata["shown"][cell], stem  # a run draws what the deck shows
        assert "plots." in source, stem
        assert "widgets.explore(" not in source, stem


@pytest.mark.parametrize("still", home.CUTS)
def test_a_card_cuts_no_name_in_a_still(still):
    """The edges of the cut are white. A name that is cut could stay next to a picture to which it does not belong."""
    cut = np.array(Image.open(home.EXPLORABLES / still).convert("RGB").crop(home.CUTS[still]))
    assert np.concatenate([cut[0], cut[-1], cut[:, 0], cut[:, -1]]).min() == 255
    assert cut.min() < 50


def test_the_line_of_the_home_page_learns_as_it_does_in_numpy():
    shoes = home.choose_shoes()
    X, signs = np.array(shoes["X"]), np.array(shoes["signs"])
    module = REPOSITORY / "docs" / "site" / "home" / "line.mjs"
    walk = """(() => {
        const error = own.errorOf(value.X, value.signs), path = [own.FIRST.start];
        for (let t = 0; t < own.STEPS; t++) path.push(error.step(path[t], own.FIRST.lr));
        return {path, error, first: own.FIRST, wrong: path.map(w => own.countWrong(value.X, value.signs, w))};
    })()"""
    found = evaluate_file(module, walk, shoes)
    w = np.array(found["first"]["start"])
    for place, wrong in zip(found["path"], found["wrong"], strict=True):
        assert np.allclose(place, w)
        assert wrong == np.sum(X @ w * signs < 0)
        w = w - found["first"]["lr"] * X.T @ (X @ w - signs) / len(X)
    assert np.allclose(found["error"]["lowest"], np.linalg.lstsq(X, signs)[0])
    assert np.allclose(sorted(found["error"]["curvatures"]), np.linalg.eigvalsh(X.T @ X / len(X)))
    assert found["wrong"][0] > len(X) / 2 > 10 > found["wrong"][-1]
    assert not FORBIDDEN.search(module.read_text(encoding="utf-8"))
