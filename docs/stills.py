"""Take the still pictures of the explorables. ``make stills`` runs this. It needs Chromium.

Readers without JavaScript see them instead of the explorable. A second picture, without the controls, opens the
notebook. It is attached to the first cell in `solutions/`: an attachment is shown wherever the notebook is opened, and
a file beside it would be missing where a student downloads the notebook alone. For a new explorable:
``python docs/stills.py NAME``. No test compares the pictures, because browsers differ between machines, so take them
again after a change of a module, and run ``make notebooks``.
"""

import base64
import io
import os
import shutil
import sys
from pathlib import Path

import nbformat
from PIL import Image
from playwright.sync_api import Browser, Playwright, sync_playwright

from lectrain.widgets import EXPLORABLES, module_of

SOLUTIONS = Path(__file__).parents[1] / "solutions"
COVER = "cover.png"
COVERS = {"momentum": {"learning rate ε": "0.1", "momentum α": "0.5"}}  # the ball at its target, not a lost race
PAGE = """<!DOCTYPE html><html lang="en"><title>An explorable</title><body style="margin: 0">
<div data-explorable="{name}"></div><script type="module">{code}
replaceStills("{name}", render);</script>"""
# No style sheet reaches an attachment, so a cover has no paper, and an ink that is read on white and on black.
MAKE_COVER = """explorable => {
    const style = explorable.shadowRoot.appendChild(document.createElement("style"));
    style.textContent = `p, p.target, label, .goal, .grip, .row:has(button, input) { display: none }
        .page { border: none; --ink: #777; --soft: #777; --line: #8888; --grid: #8883; --paper: transparent }`;
}"""


def launch(playwright: Playwright) -> Browser:
    """Start Chromium with the font of the pictures for its interface, whatever this machine has."""
    fonts = {"FONTCONFIG_FILE": str(Path(__file__).with_name("fonts.conf"))}
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox"], env={**os.environ, **fonts}
    )


def main() -> None:
    names = sys.argv[1:] or sorted(file.stem for file in EXPLORABLES.glob("*.png"))
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name in names:
            page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
            page.set_content(PAGE.format(name=name, code=module_of(name)))
            explorable = page.locator(".lectrain-explorable")
            explorable.get_by_role("button").first.wait_for()
            (EXPLORABLES / f"{name}.png").write_bytes(as_png(explorable.screenshot()))
            for label, value in COVERS.get(name, {}).items():
                explorable.get_by_role("slider", name=label, exact=True).fill(value)
            explorable.evaluate(MAKE_COVER)
            attach_to_notebook(name, as_png(explorable.screenshot(omit_background=True)))


def as_png(screenshot: bytes) -> bytes:
    """A smaller file of a screenshot. Fewer than all colours would tint the paper, or change thin lines."""
    file = io.BytesIO()
    Image.open(io.BytesIO(screenshot)).save(file, "png", optimize=True)
    return file.getvalue()


def attach_to_notebook(name: str, picture: bytes) -> None:
    """Attach a picture to the first cell of the notebook that shows the explorable."""
    for file in SOLUTIONS.glob("*/*.ipynb"):
        nb = nbformat.read(file, 4)
        if any("widgets.explore(" in cell.source and f'"{name}"' in cell.source for cell in nb.cells):
            attached = {"image/png": base64.b64encode(picture).decode()}
            nb.cells[0].attachments = nbformat.from_dict({COVER: attached})
            nbformat.write(nb, file)


if __name__ == "__main__":
    main()
