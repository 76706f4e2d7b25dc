"""Actions of a user on a notebook in JupyterLab."""

import re
from pathlib import Path
from uuid import uuid4

import nbformat
from playwright.sync_api import Locator

from .conftest import Visit

# In contrast to a warning.
ERROR = re.compile(r"^(\w*Error\b|CheckFailed: |Not answered yet|This picture needs|-{40})", re.MULTILINE)
HAS_RUN = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent);
    const state = document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status;
    return state === 'idle' && prompts.some(p => /\\d/.test(p)) && !prompts.some(p => p.includes('*'));
}"""


class Notebook:
    """An open notebook, a file in the folder that JupyterLab serves."""

    def __init__(self, visit: Visit, path: Path, folder: Path):
        self.visit, self.page = visit, visit.page
        self.cells = nbformat.read(path, 4).cells
        place = path.relative_to(folder).as_posix()
        if self.page.url == "about:blank":
            workspace = uuid4().hex  # a new one, in which nothing else is open
            address = f"{visit.home}/lab/workspaces/{workspace}/tree/{place}"
            self.page.goto(address, wait_until="commit")  # do not wait until JupyterLab has loaded
        else:  # JupyterLab takes seconds to load, and is open
            self.choose_in_menu("File", "Open from Path…")
            self.page.get_by_role("dialog").get_by_role("textbox").fill(place)
            self.page.keyboard.press("Enter")

    def close(self) -> None:
        """Save the notebook, close it, and stop its kernel. JupyterLab stays open."""
        self.choose_in_menu("File", "Save Notebook")
        self.choose_in_menu("File", "Close and Shut Down Notebook…")
        self.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
        self.page.locator(".jp-Notebook").wait_for(state="detached")

    def cell(self, name: str) -> Locator:
        """The cell with this id."""
        number = next(i for i, cell in enumerate(self.cells) if cell.id == name)
        return self.page.locator(".jp-Notebook-cell").nth(number)

    def choose_in_menu(self, menu: str, *items: str) -> None:
        self.page.get_by_role("menuitem", name=menu, exact=True).first.click()
        for item in items:
            self.page.get_by_role("menuitem", name=item).first.click()  # a shortcut may follow its name

    def start(self) -> None:
        """Start to run all cells."""
        self.page.get_by_text("| Idle").first.wait_for()  # the status bar shows that the kernel is ready
        self.choose_in_menu("Run", "Run All Cells")

    def finish(self) -> None:
        """Wait until all cells have run."""
        # By default, the page would be asked, and drawn, 60 times a second.
        self.page.wait_for_function(HAS_RUN, timeout=180_000, polling=500)  # ms, on a busy machine with two cores

    def write(self, name: str, source: str) -> None:
        """Replace the text of a cell by typing over it."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, name: str) -> None:
        """Run a cell, and wait for it. If its code is collapsed, open it first."""
        cell = self.cell(name)
        if self.is_collapsed(name):
            cell.locator(".jp-Placeholder").click()
        before = cell.locator(".jp-InputPrompt").first.text_content()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            "([prompt, before]) => /\\d/.test(prompt.textContent) && prompt.textContent !== before",
            arg=[cell.locator(".jp-InputPrompt").first.element_handle(), before],
            polling=100,  # ms
        )

    def answer(self, exercise: str, source: str) -> None:
        """Write and run the answer to an exercise, then run its check."""
        self.write(f"{exercise}-solution", source)
        self.run(f"{exercise}-solution")
        self.run(f"{exercise}-check")

    def is_collapsed(self, name: str) -> bool:
        """Whether the code of a cell is hidden."""
        cell = self.cell(name)
        cell.scroll_into_view_if_needed()  # JupyterLab draws the cells below the window when it has time
        cell.locator(".jp-Placeholder, .cm-content").first.wait_for(state="attached")
        return cell.locator(".jp-Placeholder").count() > 0

    def errors(self, cell: Locator | None = None) -> list[str]:
        """The texts of all errors, or of those below one cell."""
        texts = (cell or self.page).locator("[data-mime-type$=stderr]").all_text_contents()
        return [text for text in texts if ERROR.search(text)]

    def error_below(self, name: str) -> str | None:
        """The text of the error below a cell. None if there is no error."""
        return "\n".join(self.errors(self.cell(name))) or None

    def validate(self) -> str:
        """Validate the notebook, and return the text of the result."""
        self.page.locator("jp-button.validate-button").click()
        dialog = self.page.locator(".nbgrader-SuccessDialog, .nbgrader-ErrorDialog").first
        dialog.wait_for()
        text = dialog.inner_text()
        self.visit.screenshot(f"validate-{self.cells[0].source[2:9]}-{len(text)}")
        dialog.get_by_role("button").last.click()
        dialog.wait_for(state="detached")
        return text
