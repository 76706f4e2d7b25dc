"""Take the pictures of the README: ``make pictures``. Needs Debian's chromium and a class that ``make demo`` has graded."""

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

from playwright.sync_api import Browser, sync_playwright

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


def notebook(browser: Browser, name: str, heading: str, picture: Path) -> None:
    """Run a solution notebook in JupyterLab, and take a picture from one of its headings on."""
    with tempfile.TemporaryDirectory() as folder, lab(Path(folder)) as address:
        shutil.copy(ROOT / "solutions" / name, folder)
        page = browser.new_page(viewport={"width": 1100, "height": 860})
        page.goto(f"{address}/doc/tree/{Path(name).name}")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_selector("text=Idle", timeout=60_000)
        time.sleep(20)
        page.get_by_role("heading", name=heading).first.scroll_into_view_if_needed()
        page.get_by_role("heading", name=heading).first.evaluate("heading => heading.scrollIntoView()")
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
        notebook(browser, "01-sigmoid/sigmoid.ipynb", "The model, and a threshold", PICTURES / "notebook.png")
        report(browser, "01-sigmoid", PICTURES / "report.png")


if __name__ == "__main__":
    main()
