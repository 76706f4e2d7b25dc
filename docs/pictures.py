"""Take the pictures of the product in ``docs/pictures/``. It needs Chromium.

``make pictures`` runs it after ``make demo``, whose class it shows. `first-attempt.txt` has the words of the moving
picture, as the notebook printed them; a test compares them with what the notebook prints today. `teach-again.txt` has
the words of the cards; a test looks for them in the catalogues of mistakes.
"""

import copy
import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import nbformat
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Locator, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import banner  # noqa: E402
import stills  # noqa: E402

from lectrain.widgets import module_of  # noqa: E402
from tests.browser.conftest import Visit, serve  # noqa: E402
from tests.browser.notebook import Notebook  # noqa: E402

Scheme = Literal["light", "dark"]
PICTURES = ROOT / "docs" / "pictures"
DEMO = ROOT / "build" / "demo"
CELLS = ("setup", "attempts-picture", "sigmoid-prompt", "sigmoid-solution", "sigmoid-check", "sigmoid-picture")
NAIVE = ["    return 1 / (1 + np.exp(-z))"]
REPAIRED = [
    "    small = np.exp(-np.abs(z))",
    "    return np.exp(np.minimum(z, 0)) / (1 + small)",
]
WIDTH, HEIGHT = 800, 560
WIDTH_ON_A_PHONE, HEIGHT_ON_A_PHONE = 500, 610
SCENES = ("attempt", "hint", "repair", "pass", "picture")
REST_OF_DOCSTRING = re.compile(r',[^\n]*\n\n.*?"""', re.DOTALL)  # after "into probabilities"
PAPER = {"light": ("#fff", "#1f2328"), "dark": ("#0d1117", "#e6edf3")}  # of GitHub's pages, and the ink on it
TILE = (400, 266)  # pixels
FRAME = "#8c959f"  # can be seen on a white and on a black page
TILES = {  # the module of each notebook's explorable, and the part that its tile shows: left, upper, right
    "sigmoid": ("sigmoid", 68, 30, 428),
    "bce": ("bce", 519, 30, 838),
    "iris": ("softmax", 8, 24, 480),
    "fashion_mnist": ("fashion", 12, 2, 376),
    "sgd": ("sgd", 66, 22, 498),
    "training_issues": ("issues", 67, 27, 427),
    "momentum": ("momentum", 235, 18, 511),
    "flat_minima": ("flat", 64, 14, 430),
}
HIDE_TEXTS = """explorable => {
    const style = explorable.shadowRoot.appendChild(document.createElement("style"));
    style.textContent = "text, .grip { display: none }";
}"""
SLIDERS = stills.COVERS["momentum"]
CAPTION = """names => {
    const caption = document.querySelector("#caption") ?? document.createElement("div");
    caption.id = "caption";
    caption.innerHTML = names;
    for (const name of caption.children) {
        name.style = "padding: 3px 7px; margin: 0 4px; border-radius: 9px; font-weight: normal";
        if (name.localName === "b") Object.assign(name.style, {background: "#0072B2", color: "white"});
    }
    caption.style = "position: absolute; bottom: 0; width: 100%; padding: 9px 12px; font: 16px sans-serif; z-index: 9;"
        + "white-space: pre; background: var(--jp-layout-color2); color: var(--jp-ui-font-color1)";
    document.querySelector(".jp-WindowedPanel-outer").parentElement.append(caption);
}"""
PLACEHOLDER = "    # YOUR CODE HERE\n    raise NotImplementedError()"


@contextmanager
def student_at_work(browser: Browser, width: int, theme: Scheme) -> Iterator[Notebook]:
    """Open the students' notebook in JupyterLab, reduced to one exercise and the picture that needs it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "course"
        folder.mkdir()
        nb = nbformat.read(ROOT / "notebooks" / "01-sigmoid" / "sigmoid.ipynb", 4)
        nb.cells = [copy.deepcopy(cell) for cell in nb.cells if cell.id in CELLS]
        answer = next(cell for cell in nb.cells if cell.id == "sigmoid-solution")
        answer.source = REST_OF_DOCSTRING.sub('."""', answer.source)  # it would fill half of the film
        nbformat.write(nb, folder / "sigmoid.ipynb")
        settings = Path(place) / "settings" / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"theme": f"JupyterLab {theme.title()}"}), encoding="utf-8")
        with serve(folder) as address:
            height = HEIGHT if width == WIDTH else HEIGHT_ON_A_PHONE
            page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1.15)
            notebook = Notebook(Visit(page, address), folder / "sigmoid.ipynb", folder)
            page.get_by_text("| Idle").first.wait_for()
            for keys in ("Control+b", "Control+Shift+d"):  # no file browser, one document
                page.keyboard.press(keys)
            hidden = ".jp-RenderedMarkdown > p, .jp-RenderedMarkdown > details, .jp-Toolbar.jp-cell-toolbar"
            page.add_style_tag(content=f"{hidden} {{ display: none !important }} div > p:last-child {{ margin: 0 }}")
            page.add_style_tag(content=".jp-CodeCell { scroll-margin-top: 8px }")
            yield notebook
            notebook.close()


def framed(screenshot: bytes, above: int = 0) -> Image.Image:
    """A screenshot with a line around it, without the pixels `above`."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    return ImageOps.expand(picture.crop((0, above, *picture.size)), border=1, fill=FRAME)


def in_one_palette(frames: list[Image.Image]) -> list[Image.Image]:
    """The frames of a film with one palette, because with several, colours change between frames."""
    chosen = frames[:: max(1, len(frames) // 6)] + frames[-1:]
    together = Image.new("RGB", (frames[0].width, len(chosen) * frames[0].height))
    for number, frame in enumerate(chosen):
        together.paste(frame, (0, number * frame.height))
    palette = together.quantize(256)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


def first_attempt(browser: Browser, picture: Path, width: int, theme: Scheme = "light") -> None:
    """Film an exercise: a wrong answer, the hint, the repaired answer, and the picture that it makes possible."""
    frames: list[tuple[Image.Image, int]] = []
    with student_at_work(browser, width, theme) as notebook:
        page = notebook.page
        stub = next(cell.source for cell in notebook.cells if cell.id == "sigmoid-solution")

        def output_of(name: str) -> Locator:
            return notebook.cell(name).locator(".jp-OutputArea").first

        def run_answer_and_check() -> str:
            """Run the answer and its check without a click on folded code, which would unfold it. Return the result."""
            output = output_of("sigmoid-check")
            before = output.inner_html()
            notebook.cell("sigmoid-solution").locator(".cm-content").click()
            for _ in range(2):
                page.keyboard.press("Shift+Enter")
            changed = "([output, before]) => output.innerText.trim() && output.innerHTML !== before"
            page.wait_for_function(changed, arg=[output.element_handle(), before])
            return re.sub(r"\s*\n\s*", "\n", output.inner_text()).strip()

        def show(scene: str, top: str, milliseconds: int) -> None:
            names = (f"<b>{name}</b>" if name == scene else f"<span>{name}</span>" for name in SCENES)
            page.evaluate(CAPTION, "▸".join(names))
            notebook.cell(top).evaluate("cell => cell.scrollIntoView({block: 'start'})")
            page.mouse.move(0, 0)
            page.wait_for_timeout(400)  # JupyterLab draws what was scrolled into view
            shot = page.locator(".jp-WindowedPanel-outer").first.screenshot()
            frames.append((framed(shot, above=3), milliseconds))  # without the edge of the cell above

        def write(lines: list[str]) -> None:
            notebook.write("sigmoid-solution", stub.replace(PLACEHOLDER, "\n".join(lines)))

        for name in ("setup", "attempts-picture"):  # the last picture adds to this one
            notebook.run(name)
        margins = ".jp-InputPrompt, .jp-OutputPrompt, .jp-Placeholder, .jp-Collapser"
        page.add_style_tag(content=f"{margins} {{ display: none !important }}")
        unused = page.add_style_tag(content=".jp-Cell:last-child { opacity: 0 }")  # an empty frame, before its picture
        write(NAIVE)
        show("attempt", "sigmoid-prompt", 1800)
        words = [run_answer_and_check()]
        show("hint", "sigmoid-prompt", 4000)
        for count in range(1, len(REPAIRED) + 1):
            write(REPAIRED[:count])
            show("repair", "sigmoid-prompt", 1400)
        words.append(run_answer_and_check())
        show("pass", "sigmoid-solution", 2800)
        unused.evaluate("style => style.remove()")
        page.keyboard.press("Control+Enter")
        output_of("sigmoid-picture").locator("img").wait_for()
        show("picture", "sigmoid-picture", 4200)
    frames = frames[1:] + frames[:1]  # the first picture is what a reader sees who does not wait: the failed check
    images = in_one_palette([image for image, _ in frames])
    images[0].save(picture, save_all=True, append_images=images[1:], duration=[time for _, time in frames], loop=0)
    (PICTURES / "first-attempt.txt").write_text("\n\n".join(words) + "\n", encoding="utf-8")


def table_of_students(browser: Browser, file: Path, picture: Path) -> None:
    """Take a picture of a report's table. The website shows it, so it must not show code: it may be almost right."""
    page = browser.new_page(viewport={"width": 900, "height": 860})
    page.goto(f"{file.as_uri()}#students")
    page.screenshot(path=picture)


def tiles(browser: Browser, theme: Scheme = "light") -> None:
    """Take a part of each explorable without its texts. The table of notebooks in the README shows them."""
    paper, ink = PAPER[theme]
    for name, (module, left, top, right) in TILES.items():
        page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce", device_scale_factor=2)
        page.set_content(stills.PAGE.format(name=module, code=module_of(module)))
        page.locator("body").evaluate(f"body => Object.assign(body.style, {{background: '{paper}', color: '{ink}'}})")
        explorable = page.locator(".lectrain-explorable")
        explorable.get_by_role("button").first.wait_for()
        explorable.evaluate(stills.MAKE_COVER)
        explorable.evaluate(HIDE_TEXTS)
        width = right - left
        shot = page.screenshot(clip={"x": left, "y": top, "width": width, "height": width * TILE[1] / TILE[0]})
        tile = Image.open(io.BytesIO(shot)).convert("RGB").resize(TILE, Image.Resampling.LANCZOS)
        tile.save(PICTURES / "notebooks" / f"{name}{'' if theme == 'light' else '-dark'}.webp", quality=85, method=6)


def what_to_teach_again(browser: Browser, file: Path, picture: Path, width: int, scheme: Scheme = "light") -> None:
    """Take a picture of the first section of a report, and write its words. Only the README shows it: it has code."""
    page = browser.new_page(viewport={"width": width, "height": 900}, device_scale_factor=2, color_scheme=scheme)
    page.goto(file.as_uri())
    page.add_style_tag(content="ol.teach details { display: none } #what-to-teach-again { margin-top: 0 }")
    heading, cards = page.locator("#what-to-teach-again"), page.locator("ol.teach")
    top, bottom = heading.bounding_box(), cards.bounding_box()
    assert top
    assert bottom
    clip = {"x": 0, "y": top["y"] - 16, "width": width, "height": bottom["y"] + bottom["height"] - top["y"] + 32}
    framed(page.screenshot(clip=clip, full_page=True)).save(picture)
    words = [heading.inner_text(), *cards.locator("p, pre").all_inner_texts()]
    (PICTURES / "teach-again.txt").write_text("\n".join(words) + "\n", encoding="utf-8")


def page_of_feedback(browser: Browser, file: Path, picture: Path, width: int, scheme: Scheme = "light") -> None:
    """Take a picture of what a student gets back: the top of the page, and the answer with most points to gain."""
    page = browser.new_page(viewport={"width": width, "height": 900}, device_scale_factor=2, color_scheme=scheme)
    page.goto(file.as_uri())
    first = page.locator("table a[href^='#question']").first.get_attribute("href")
    questions, card = page.locator("h2").first.bounding_box(), page.locator(first)
    box = card.bounding_box()
    assert questions
    assert box
    clips = ((0, questions["y"] - 12), (box["y"] - 8, box["height"] + 16))
    parts = [page.screenshot(clip={"x": 0, "y": y, "width": width, "height": h}, full_page=True) for y, h in clips]
    top, answer = (Image.open(io.BytesIO(part)).convert("RGB") for part in parts)
    both = Image.new("RGB", (top.width, top.height + answer.height))
    both.paste(top)
    both.paste(answer, (0, top.height))
    ImageOps.expand(both, border=1, fill=FRAME).save(picture)


def wall(browser: Browser, picture: Path, width: int, theme: Scheme = "light") -> None:
    """Take a picture of the drawing that the website has on its page "How grading works", for the README."""
    page = browser.new_page(viewport={"width": width, "height": 600}, device_scale_factor=2)
    drawing = (ROOT / "docs" / "site" / "pages" / "drawing.html").read_text(encoding="utf-8")
    paper, _ = PAPER[theme]
    page.set_content(
        f'<html data-theme="{theme}"><meta charset="utf-8"><body style="margin: 0; background: {paper}">'
        f'<main style="padding: 4px 24px; font-family: sans-serif">{drawing}</main>'
    )
    page.locator("main").screenshot(path=picture)


def hints(browser: Browser, picture: Path, width: int, theme: Scheme = "light") -> None:
    """Draw how many hints a tutor would have given, as a bar."""
    figures = json.loads((ROOT / "docs" / "site" / "figures.json").read_text(encoding="utf-8"))
    exam = figures["diagnosis"]["tutored_unseen"]
    right, wrong = exam["named"], exam["wrong"]
    parts = (
        (right, "#009E73", "the hint that a tutor would give"),
        (exam["failures"] - right - wrong, "#8c959f", "only the property that fails"),
        (wrong, "#D55E00", "a wrong hint"),
    )
    bar = "".join(f'<i style="flex: {number}; background: {color}"></i>' for number, color, _ in parts)
    names = "".join(
        f'<span><i style="background: {color}"></i><b>{number}</b> {name}</span>' for number, color, name in parts
    )
    paper, ink = PAPER[theme]
    style = f"""
        body {{ margin: 0; background: {paper}; color: {ink}; font: 17px sans-serif; }}
        main {{ padding: 8px 12px 20px; }}
        p {{ margin: 0 0 8px; }}
        div {{ display: flex; gap: 3px; height: 34px; border-radius: 6px; overflow: hidden; margin-bottom: 10px; }}
        span {{ margin-right: 28px; display: inline-block; }}
        span i {{ display: inline-block; width: 13px; height: 13px; margin-right: 7px; }}
    """
    page = browser.new_page(viewport={"width": width, "height": 300}, device_scale_factor=2)
    title = f"{exam['failures']} wrong answers got"
    page.set_content(f'<meta charset="utf-8"><style>{style}</style><main><p>{title}</p><div>{bar}</div>{names}</main>')
    page.locator("main").screenshot(path=picture)


def won_race(browser: Browser, picture: Path, width: int) -> None:
    """Take a still picture of the explorable of momentum as a narrow page shows it, with sliders that win."""
    page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce", device_scale_factor=2)
    page.set_content(stills.PAGE.format(name="momentum", code=module_of("momentum")))
    page.get_by_role("button").first.wait_for()
    for slider, value in SLIDERS.items():
        page.get_by_label(slider, exact=True).fill(value)
        page.get_by_label(slider, exact=True).blur()
    picture.write_bytes(stills.as_png(page.locator(".lectrain-explorable").screenshot()))


def race(browser: Browser, picture: Path, theme: Scheme = "light") -> None:
    """Film the explorable of momentum: with α = 0.95 it swings too long, then two sliders are moved, and it wins."""
    page = browser.new_page(viewport={"width": 900, "height": 900}, reduced_motion="reduce")
    paper, ink = PAPER[theme]
    page.set_content(stills.PAGE.format(name="momentum", code=module_of("momentum")))
    page.locator("body").evaluate(f"body => Object.assign(body.style, {{background: '{paper}', color: '{ink}'}})")
    step = page.get_by_role("button", name="Step")
    step.wait_for()
    frames: list[Image.Image] = []

    def show(steps: int) -> None:
        for _ in range(steps):
            step.click()
            shot = page.locator(".lectrain-explorable").screenshot()
            frames.append(Image.open(io.BytesIO(shot)).convert("RGB"))

    show(24)
    for slider, value in SLIDERS.items():
        page.get_by_label(slider, exact=True).fill(value)
    show(20)
    images = in_one_palette(frames)
    times = [160] * 23 + [1500] + [160] * 19 + [4000]
    images, times = [images[-1], *images[:-1]], [times[-1], *times[:-1]]  # a reader who does not wait sees the target
    images[0].save(picture, save_all=True, append_images=images[1:], duration=times, loop=0)


def sheet(browser: Browser, file: Path, picture: Path, width: int) -> None:
    """Take a picture of the longest sheet with a changed line: its first two questions, and the letters."""
    page = browser.new_page(viewport={"width": width, "height": 1200}, device_scale_factor=2)
    page.emulate_media(media="print")
    page.goto(file.as_uri())
    page.add_style_tag(content=".sheet { padding: 1rem; } ol.questions > li:nth-child(n + 3) { display: none }")
    sheets = page.locator("section.sheet:not(.small):has(.letters)")
    lengths = [sheets.nth(i).locator(".code span").count() for i in range(sheets.count())]
    shown = sheets.nth(lengths.index(max(lengths)))
    shown.scroll_into_view_if_needed()
    top, letters = shown.bounding_box(), shown.locator(".letters").bounding_box()
    assert top
    assert letters
    height = letters["y"] + letters["height"] - top["y"] + 12
    framed(page.screenshot(clip=top | {"height": height})).save(picture)


def main() -> None:
    banner.main()
    with sync_playwright() as playwright:
        browser = stills.launch(playwright)
        tiles(browser)
        tiles(browser, "dark")
        wall(browser, PICTURES / "wall.png", 1040)
        wall(browser, PICTURES / "wall-dark.png", 1040, "dark")
        wall(browser, PICTURES / "wall-narrow.png", 420)
        hints(browser, PICTURES / "hints.png", 1040)
        hints(browser, PICTURES / "hints-dark.png", 1040, "dark")
        hints(browser, PICTURES / "hints-narrow.png", 420)
        race(browser, PICTURES / "momentum-dark.gif", "dark")
        race(browser, PICTURES / "momentum.gif")
        won_race(browser, PICTURES / "momentum-narrow.png", 420)
        first_attempt(browser, PICTURES / "first-attempt-narrow.gif", WIDTH_ON_A_PHONE)
        first_attempt(browser, PICTURES / "first-attempt-dark.gif", WIDTH, "dark")
        first_attempt(browser, PICTURES / "first-attempt.gif", WIDTH)
        table_of_students(browser, DEMO / "reports" / "01-sigmoid.html", PICTURES / "report.png")
        report = DEMO / "reports" / "02-bce.html"
        feedback = DEMO / "feedback" / "student-016" / "02-bce" / "bce.html"
        what_to_teach_again(browser, report, PICTURES / "teach-again-narrow.png", 420)
        what_to_teach_again(browser, report, PICTURES / "teach-again-dark.png", 1040, "dark")
        what_to_teach_again(browser, report, PICTURES / "teach-again.png", 1040)
        page_of_feedback(browser, feedback, PICTURES / "feedback.png", 900)
        page_of_feedback(browser, feedback, PICTURES / "feedback-dark.png", 900, "dark")
        page_of_feedback(browser, feedback, PICTURES / "feedback-narrow.png", 420)
        sheet(browser, DEMO / "sheets" / "01-sigmoid.html", PICTURES / "sheet-narrow.png", 420)
        sheet(browser, DEMO / "sheets" / "01-sigmoid.html", PICTURES / "sheet.png", 720)


if __name__ == "__main__":
    main()
