"""Take the pictures of the product in ``docs/pictures/``. It needs Chromium.

``make pictures`` runs it after ``make demo`` and ``make slides``, whose files it uses.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, sync_playwright

from autograder.authoring.simulate import make_submission

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
DEMO = ROOT / "build" / "demo"
SLIDES = ROOT / "build" / "slides"
NAIVE_SIGMOID = "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))"


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """Serve a folder with JupyterLab, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}",
    ]
    server = subprocess.Popen([sys.executable, "-m", "jupyter", "lab", *options], stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api")
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait()


def notebook(browser: Browser, name: str, answers: dict[str, str], selector: str, picture: Path) -> None:
    """Run a solved notebook with some other answers in JupyterLab, and take a picture that ends below an element."""
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as address:
        solved = make_submission(nbformat.read(ROOT / "solutions" / name, 4), answers)
        nbformat.write(solved, Path(folder) / Path(name).name)
        page = browser.new_page(viewport={"width": 1100, "height": 860})
        page.goto(f"{address}/lab/tree/{Path(name).name}")
        page.get_by_text("| Idle").first.wait_for(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent);
                return prompts.some(p => /\\d/.test(p)) && !prompts.some(p => p.includes('*'));
            }""",
            timeout=300_000,
        )
        page.keyboard.press("Control+b")  # hide the file browser
        panel, element = page.locator(".jp-WindowedPanel-outer").first, page.locator(selector).first
        panel.evaluate("panel => { panel.scrollTop = 0; }")
        for _ in range(60):  # JupyterLab renders only cells near the visible part
            if element.count():
                break
            panel.evaluate("panel => { panel.scrollTop += 400; }")
            time.sleep(0.5)
        for _ in range(3):  # cells above it change their height while they are rendered
            element.evaluate("element => element.scrollIntoView({block: 'end'})")
            time.sleep(1)
        time.sleep(2)
        page.screenshot(path=picture)


def top_of(browser: Browser, file: Path, picture: Path, height: int) -> None:
    """Take a picture of the top of a page."""
    page = browser.new_page(viewport={"width": 900, "height": height})
    page.goto(file.as_uri())
    page.screenshot(path=picture)


def sheet(browser: Browser, file: Path, picture: Path) -> None:
    """Take a picture of the longest sheet that has a question about a changed line, as it is printed."""
    page = browser.new_page(viewport={"width": 720, "height": 1000})
    page.emulate_media(media="print")
    page.goto(file.as_uri())
    page.add_style_tag(content=".sheet { padding: 1rem; }")
    sheets = page.locator("section.sheet:not(.small):has(.letters)")
    lengths = [sheets.nth(i).locator(".code span").count() for i in range(sheets.count())]
    sheets.nth(lengths.index(max(lengths))).screenshot(path=picture)


def slide(browser: Browser, deck: str, alt: str, picture: Path) -> None:
    """Take a picture of the slide with the figure whose alt text begins with `alt`."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((SLIDES / f"{deck}.html").as_uri())
    for _ in range(page.evaluate("Reveal.getTotalSlides()")):
        if page.locator(f"section.present section.present img[alt^='{alt}']").count():
            break
        page.keyboard.press("ArrowRight")
    page.screenshot(path=picture)


def typical(assignment: str) -> str:
    """Return a student with 75 to 85 % of the points."""
    records = [json.loads(file.read_text()) for file in sorted((DEMO / "records" / assignment).glob("*.json"))]
    return next(r["student"] for r in records if 0.75 <= r["score"] / r["max_score"] < 0.85)


def main() -> None:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        sigmoid = "01-sigmoid/sigmoid.ipynb"
        notebook(browser, sigmoid, {}, "img[alt^='The plane coloured']", PICTURES / "notebook.png")
        failure = ".jp-OutputArea-output:has-text('CheckFailed: sigmoid')"  # the run stops there
        notebook(browser, sigmoid, {"sigmoid": NAIVE_SIGMOID}, failure, PICTURES / "check.png")
        top_of(browser, DEMO / "reports" / "01-sigmoid.html", PICTURES / "report.png", 860)
        page = DEMO / "feedback" / typical("01-sigmoid") / "01-sigmoid" / "sigmoid.html"
        top_of(browser, page, PICTURES / "feedback.png", 680)
        sheet(browser, DEMO / "sheets" / "01-sigmoid.html", PICTURES / "sheet.png")
        slide(browser, "sigmoid", "The sigmoid is an S", PICTURES / "slide.png")


if __name__ == "__main__":
    main()
