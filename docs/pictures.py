"""Take the pictures of the README: ``make pictures``. Needs Debian's chromium and the class of ``make demo``."""

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

from autograder.simulate import submission

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
DEMO = ROOT / "build" / "demo"


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """Serve a folder with JupyterLab; give its address."""
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


def notebook(browser: Browser, name: str, alt: str, picture: Path) -> None:
    """Run a solution notebook in JupyterLab; take a picture of the figure whose alt text begins so."""
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as address:
        solved = submission(nbformat.read(ROOT / "solutions" / name, 4), {})
        nbformat.write(solved, Path(folder) / Path(name).name)
        page = browser.new_page(viewport={"width": 1100, "height": 860})
        page.goto(f"{address}/lab/tree/{Path(name).name}")
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_selector("text=/Idle/", timeout=120_000)
        time.sleep(60)
        page.keyboard.press("Control+b")  # without the file browser
        panel, figure = page.locator(".jp-WindowedPanel-outer").first, page.locator(f"img[alt^='{alt}']").first
        panel.evaluate("panel => { panel.scrollTop = 0; }")
        for _ in range(60):  # JupyterLab renders only what is near
            if figure.count():
                break
            panel.evaluate("panel => { panel.scrollTop += 400; }")
            time.sleep(0.5)
        for _ in range(3):  # its surroundings grow while they are rendered
            figure.evaluate("image => image.scrollIntoView({block: 'end'})")
            time.sleep(1)
        time.sleep(2)
        page.screenshot(path=picture)


def report(browser: Browser, assignment: str, picture: Path) -> None:
    """Take a picture of the top of a class report."""
    page = browser.new_page(viewport={"width": 900, "height": 860})
    page.goto((DEMO / "reports" / f"{assignment}.html").as_uri())
    page.screenshot(path=picture)


def main() -> None:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        notebook(browser, "01-sigmoid/sigmoid.ipynb", "The plane coloured", PICTURES / "notebook.png")
        report(browser, "01-sigmoid", PICTURES / "report.png")


if __name__ == "__main__":
    main()
