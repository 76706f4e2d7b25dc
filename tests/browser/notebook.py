"""What a person does with a notebook in JupyterLab."""

import re
from pathlib import Path
from uuid import uuid4

import nbformat
from playwright.sync_api import Locator

from .conftest import Visit

TROUBLE = re.compile(r"^(\w*Error\b|CheckFailed: |-{40})", re.MULTILINE)  # a warning is no trouble


class Notebook:
    """A notebook that is opened.

    Parameters
    ----------
    visit : Visit
    path : Path
        The file.
    folder : Path
        What JupyterLab serves.
    """

    def __init__(self, visit: Visit, path: Path, folder: Path):
        self.visit, self.page = visit, visit.page
        self.cells = nbformat.read(path, 4).cells
        desk = uuid4().hex  # a workspace that nobody has left something open in
        place = f"{visit.home}/lab/workspaces/{desk}/tree/{path.relative_to(folder).as_posix()}"
        self.page.goto(place, wait_until="commit")  # JupyterLab loads while others are looked at
        self.started = False

    def cell(self, name: str) -> Locator:
        """The cell with this id."""
        number = next(i for i, cell in enumerate(self.cells) if cell.id == name)
        return self.page.locator(".jp-Notebook-cell").nth(number)

    def menu(self, *words: str) -> None:
        self.page.get_by_role("menuitem", name=words[0], exact=True).first.click()
        for word in words[1:]:
            self.page.get_by_role("menuitem", name=word, exact=True).click()

    def start(self) -> None:
        """Run all cells, unless somebody did so already."""
        if not self.started:
            self.page.get_by_text("| Idle").first.wait_for()  # in the status bar: the kernel has answered
            self.menu("Run", "Run All Cells")
            self.started = True

    def finish(self) -> None:
        """Wait until what was started has come to its end."""
        self.page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent);
                const state = document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status;
                return state === 'idle' && prompts.some(p => /\\d/.test(p)) && !prompts.some(p => p.includes('*'));
            }"""
        )

    def write(self, name: str, source: str) -> None:
        """Replace the text of a cell by typing over it."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, name: str) -> None:
        """Run a cell, and wait for it."""
        cell = self.cell(name)
        before = cell.locator(".jp-InputPrompt").first.text_content()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            "([prompt, before]) => /\\d/.test(prompt.textContent) && prompt.textContent !== before",
            arg=[cell.locator(".jp-InputPrompt").first.element_handle(), before],
        )

    def troubles(self, below: Locator | None = None) -> list[str]:
        """The errors below a cell, or below all, as they read."""
        shown = (below or self.page).locator("[data-mime-type$=stderr]").all_text_contents()
        return [text for text in shown if TROUBLE.search(text)]

    def error(self, name: str) -> str | None:
        """The error below a cell."""
        return "\n".join(self.troubles(self.cell(name))) or None

    def validate(self) -> str:
        self.press_validate()
        return self.verdict()

    def press_validate(self) -> None:
        self.page.locator("jp-button.validate-button").click()

    def verdict(self) -> str:
        """Read what the dialog says once the notebook is validated, and close it."""
        dialog = self.page.locator(".nbgrader-SuccessDialog, .nbgrader-ErrorDialog").first
        dialog.wait_for()
        said = dialog.inner_text()
        self.visit.shot(f"validate-{self.cells[0].source[2:9]}-{len(said)}")
        dialog.get_by_role("button").last.click()
        dialog.wait_for(state="detached")
        return said
