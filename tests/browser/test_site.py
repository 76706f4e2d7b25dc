"""The whole website: it contains no answer, loads nothing from elsewhere, and has no broken link.

`LECTRAIN_SITE=build/site` tests a site that is already built.
"""

import html
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from tests.conftest import REPOSITORY, exercises
from tests.test_release import INSTRUCTOR_ONLY, solution_lines

from .conftest import Visit, violations

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*/*.ipynb"))
ON_HOME_PAGE = ("pictures/first-attempt.gif", "pictures/report.png", "pictures/teach-again.png")
WIDTHS = {1280: 900, 360: 740}
VIEWS = [  # a notebook has nearly all that is on other pages of the theme
    *((name, *view) for name in ("index", "notebooks/01-sigmoid/sigmoid") for view in ((1280, "light"), (360, "dark"))),
    *(
        ("notebooks", 1280, "light"),
        ("grading", 360, "dark"),
        ("docs/instructor", 1280, "light"),
        ("api/check", 360, "dark"),
    ),
]
DATA_URL = re.compile(r"data:image/png;base64,[\w+/=]+")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    pytest.importorskip("sphinx_book_theme", reason='needs the site\'s packages: pip install -e ".[site]"')
    if built := os.environ.get("LECTRAIN_SITE"):
        return Path(built).resolve()
    folder = tmp_path_factory.mktemp("site") / "site"
    work = REPOSITORY / "build" / "site-work"  # notebooks that `make site` has run are not run again
    command = [sys.executable, str(REPOSITORY / "docs" / "site" / "build.py"), f"--to={folder}", f"--work={work}"]
    subprocess.run(command, check=True)
    return folder


# --- no answer ------------------------------------------------------------------------------------------------------


def in_lite(file: Path, site: Path) -> bool:
    """Whether a file is part of the course for a browser, which `tests/lite` tests."""
    return file.relative_to(site).parts[0] == "lite"


def read_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every file of the site, and of every file in its archives."""
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file() and not in_lite(path, folder)):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path.name}/{name}", archive.read(name).decode("utf-8", "ignore")
        else:
            yield path.relative_to(folder).as_posix(), path.read_bytes().decode("utf-8", "ignore")


@pytest.fixture(scope="module")
def texts(site) -> dict[str, str]:
    """The text of every file that is not binary: as a reader sees it, and as it is in the file."""
    found = {}
    for name, raw in read_texts(site):
        if name.endswith((".html", ".js", ".css", ".ipynb", ".md", ".txt", ".py", ".json", ".svg", ".inv")):
            raw = notebook_text(raw) if name.endswith(".ipynb") else DATA_URL.sub("", raw)
            plain = html.unescape(re.sub(r"<[^>]*>", "", raw)) if name.endswith(".html") else ""
            found[name] = f"{raw}\n{plain}"
    return found


def notebook_text(content: str) -> str:
    nb = nbformat.reads(content, 4)
    return "\n".join([*(cell.source for cell in nb.cells), *(str(cell.get("outputs", "")) for cell in nb.cells)])


@pytest.fixture(scope="module")
def released() -> str:
    """The text that students have anyway: the notebooks, lectrain and the guides."""
    files = [*(REPOSITORY / "lectrain").glob("*.py"), *REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return "\n".join(texts + [notebook_text(file.read_text(encoding="utf-8")) for file in NOTEBOOKS])


def test_the_site_has_every_notebook_deck_and_download(site):
    for file in NOTEBOOKS:
        name = file.relative_to(REPOSITORY / "notebooks")
        page = (site / "notebooks" / name.with_suffix(".html")).read_text(encoding="utf-8")
        assert '<img alt="' in page
        assert "raise</span> <span" in page  # the stub of an exercise
        assert (site / "decks" / f"{file.stem}.html").is_file()
        assert nbformat.read(site / "downloads" / name, 4) == nbformat.read(file, 4)
    with zipfile.ZipFile(site / "downloads" / "lectrain-students.zip") as archive:
        assert sum(name.endswith(".ipynb") for name in archive.namelist()) == len(NOTEBOOKS)


def test_no_file_holds_a_solution_or_a_key(texts):
    secrets = solution_lines(REPOSITORY)
    for name, text in texts.items():
        assert [secret for secret in secrets if secret in text] == [], name


def test_no_notebook_holds_a_hidden_test(texts, site):
    pages = [name for name in texts if name.startswith(("notebooks/", "decks/", "downloads/")) or ".zip/" in name]
    assert len(pages) > 2 * len(NOTEBOOKS)
    for name in pages:
        assert not INSTRUCTOR_ONLY.search(texts[name]), name


def test_nothing_of_the_autograder_is_in_the_site(texts, site, released):
    assert not any("autograder" in name or "solutions" in name for name in texts)
    known = {line.strip() for line in released.splitlines()}
    code = {
        line.strip()
        for file in (REPOSITORY / "autograder").rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if len(line.strip()) > 40
    }
    assert len(code - known) > 5000
    everything = {line.strip() for text in texts.values() for line in text.splitlines()}
    assert (code - known) & everything == set()


def test_no_hint_of_a_known_mistake_is_in_the_site(texts, released):
    hints = {mistake.hint for exercise in exercises.values() for mistake in exercise.mistakes.values()}
    secret = [hint for hint in hints if hint not in released]
    assert len(secret) > 100
    for name, text in texts.items():  # a search in all texts at once takes four times as long
        assert [hint for hint in secret if hint in text] == [], name


def test_pictures_of_solved_notebooks_are_not_in_the_site(site):
    pictures = {
        file.relative_to(site).as_posix() for kind in ("gif", "png", "webp") for file in site.rglob(f"*.{kind}")
    }
    cards = {f"thumbnails/{file.stem}.webp" for file in NOTEBOOKS}
    assert {name for name in pictures if not name.startswith("_static/")} == {*ON_HOME_PAGE, *cards}


def test_the_home_page_is_small(open_page, site):
    """Its first screen is one file. Pictures further down are loaded when a reader comes near."""
    home = site / "index.html"
    assert home.stat().st_size < 60_000
    requests: list[str] = []
    page = open_page().page
    page.on("request", lambda request: requests.append(request.url))
    page.goto(home.as_uri())
    page.get_by_text("photos are on the wrong side").wait_for()
    loaded = [site / unquote(urlsplit(url).path) for url in requests if url.startswith("file:")]
    assert len(loaded) <= 11
    assert sum(file.stat().st_size for file in loaded) < 500_000


def test_on_the_home_page_the_ball_is_moved_and_the_line_learns_again(open_page, site):
    page = open_page().page
    page.emulate_media(reduced_motion="reduce")  # only the end of the race is shown
    page.goto((site / "index.html").as_uri())
    ball, status = page.get_by_role("slider", name="Start"), page.locator(".status")
    status.get_by_text("Step 40: 2 of 45").wait_for()
    page.get_by_role("slider", name="learning rate").fill("1.15")  # it diverges
    wrong = int(re.search(r": (\d+) of 45", status.inner_text())[1])
    assert wrong > 10
    before = ball.get_attribute("aria-valuetext")
    ball.press("ArrowRight")
    assert ball.get_attribute("aria-valuetext") != before


# --- links and requests ---------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """The ids of a page, its links, and what it loads."""

    def __init__(self, page: Path):
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(DATA_URL.sub("", page.read_text(encoding="utf-8")))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids |= {values.get("id") or "", values.get("name") or ""}
        if values.get("href"):
            (self.links if tag in ("a", "area") else self.loads).append(values["href"])
        self.loads += [values[name] for name in ("src", "srcset", "poster", "data") if values.get(name)]


@pytest.fixture(scope="module")
def links(site) -> dict[Path, Links]:
    pages = sorted(site.rglob("*.html"))
    own = (page for page in pages if "_static" not in page.parts)  # the theme has a template there
    return {page: Links(page) for page in own if not in_lite(page, site)}


def test_no_link_is_broken(links):
    for page, found in links.items():
        for link in (*found.links, *found.loads):
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (page.parent / unquote(address.path)).resolve() if address.path else page
            assert target.is_file(), f"{page}: {link}"
            if address.fragment and target.suffix == ".html" and "decks" not in target.parts:
                assert unquote(address.fragment) in links[target].ids, f"{page}: {link}"


def test_nothing_is_loaded_from_elsewhere(site, links):
    for page, found in links.items():
        assert [load for load in found.loads if urlsplit(load).scheme not in ("", "data")] == [], page
    for style in (style for style in site.rglob("*.css") if not in_lite(style, site)):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"@import[^;]*//|url\([\"']?(https?:)?//", text), style


@pytest.fixture
def open_page(browser, site) -> Iterator:
    visits = []

    def open_at(width: int = 1280, mode: str = "light") -> Visit:
        context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, color_scheme=mode)
        visits.append(Visit(context.new_page(), "file://"))
        return visits[-1]

    yield open_at
    for visit in visits:
        visit.close()


def test_every_page_opens_without_a_network_and_fits_a_phone(open_page, links):
    visit = open_page(width=360)
    for page in links:
        visit.page.goto(page.as_uri())
        if "decks" not in page.parts:  # decks are made for a projector
            assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page


def test_the_search_works_without_a_network(open_page, site):
    page = open_page().page
    page.goto((site / "notebooks.html").as_uri())
    page.locator(".bd-sidebar-primary .search-button-field").click()
    page.locator("#pst-search-dialog input[type=search]").fill("momentum")
    page.keyboard.press("Enter")
    page.locator("ul.search li a").first.wait_for()
    addresses = page.locator("ul.search li a").evaluate_all("links => links.map(link => link.href)")
    assert any("notebooks/05-momentum/momentum.html" in address for address in addresses)


@pytest.mark.parametrize(("name", "width", "mode"), VIEWS)
def test_a_page_has_no_accessibility_violations(open_page, site, name, width, mode):
    visit = open_page(width, mode)
    visit.page.goto((site / f"{name}.html").as_uri())
    assert visit.page.evaluate("document.documentElement.dataset.theme") == mode
    visit.page.emulate_media(reduced_motion="reduce")
    visit.screenshot(f"site-{name.replace('/', '-')}-{width}-{mode}")
    assert violations(visit.page) == {}
