"""The pages in a browser: one sheet per printed page, no violations of accessibility rules, no request, no overflow."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sheets.class_sheets import render
from autograder.sheets.student_sheet import Sheet

from .test_second_way import sheets_of_variants

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sheets() -> list[Sheet]:
    made = [sheet for _, sheet in sheets_of_variants() if isinstance(sheet, Sheet)]
    wide = next(sheet for sheet in made if len(sheet.lines) > 3)
    made.append(replace(wide, lines=("    " + "x" * 75,) * 14))  # lines of code as long as PEP 8 allows
    return [replace(sheet, student=f"student-{i:03}") for i, sheet in enumerate(made)]


@pytest.fixture(scope="module", params=["sheets", "key"])
def file(request, sheets, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    some = sheets[::8]
    file.write_text(render(f"{request.param}.html", "01-sigmoid", some, {}), encoding="utf-8")
    return file


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_every_sheet_is_printed_on_one_page(paper, sheets, browser, tmp_path):
    file = tmp_path / "sheets.html"
    file.write_text(render("sheets.html", "01-sigmoid", sheets, {}), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    pdf = page.pdf(format=paper)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == len(sheets)


@pytest.mark.parametrize(("width", "mode"), [(360, "dark"), (1280, "light")])
def test_the_pages_are_accessible_and_fit_the_window(width, mode, file, browser):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=mode)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    assert requests == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [violation["id"] for violation in axe.run(page).response["violations"]] == []
    page.close()
