"""Take the still pictures of the explorables, which readers without JavaScript see. ``make stills`` runs this.

It needs Chromium. For a new explorable: ``python docs/stills.py NAME``. No test compares the pictures, because fonts
differ between machines, so take them again after a change of a module.
"""

import io
import shutil
import sys

from PIL import Image
from playwright.sync_api import sync_playwright

from lectrain.widgets import EXPLORABLES, module_of

PAGE = """<!DOCTYPE html><html lang="en"><title>An explorable</title><body style="margin: 0">
<div data-explorable="{name}"></div><script type="module">{code}
replaceStills("{name}", render);</script>"""


def main() -> None:
    names = sys.argv[1:] or sorted(file.stem for file in EXPLORABLES.glob("*.png"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name in names:
            page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
            page.set_content(PAGE.format(name=name, code=module_of(name)))
            page.locator(".lectrain-explorable button").first.wait_for()
            picture = Image.open(io.BytesIO(page.locator(".lectrain-explorable").screenshot()))
            picture.convert("RGB").quantize(96).save(EXPLORABLES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
