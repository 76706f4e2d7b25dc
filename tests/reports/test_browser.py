"""The pages in a browser: accessible, without requests, and no wider than the window."""

import pytest

from autograder.exports import semester, semester_files

from ..graded_class import ASSIGNMENT
from ..submissions.payloads import MARKUP

pytestmark = pytest.mark.slow

WINDOWS = (("light", 1200), ("dark", 360))
in_one_window = pytest.mark.parametrize("window", WINDOWS[:1], indirect=True)


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()


@pytest.fixture(params=WINDOWS, ids=lambda p: f"{p[0]}-{p[1]}")
def window(browser, request):
    """A window that records requests and, in `messages`, dialogs, errors and the console."""
    color_scheme, width = request.param
    context = browser.new_context(color_scheme=color_scheme, viewport={"width": width, "height": 900})
    window = context.new_page()
    window.requests, window.messages = [], []
    window.on("request", lambda r: window.requests.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    window.on("dialog", lambda dialog: (window.messages.append(f"dialog {dialog.message}"), dialog.dismiss()))
    window.on("console", lambda message: window.messages.append(message.text))
    window.on("pageerror", lambda error: window.messages.append(str(error)))
    yield window
    context.close()


@pytest.fixture(scope="module")
def scores(graded):
    """The table of the term."""
    return semester_files.write_html(graded, [ASSIGNMENT], semester.read_table(graded, [ASSIGNMENT]))


def ordinary_pages(graded, pages):
    return [graded.root / "reports" / f"{ASSIGNMENT}.html", pages["student-001"], pages["one"]]


def open_page(window, path):
    window.goto(path.as_uri())
    window.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")


def test_axe_finds_no_violations(window, axe, graded, pages, scores):
    for path in [*ordinary_pages(graded, pages), pages["hostile"], pages["broken"], scores]:
        open_page(window, path)
        response = axe.run(window).response
        assert [(v["id"], v["nodes"][0]["html"]) for v in response["violations"]] == [], path
        assert len(response["passes"]) > 10


@in_one_window
def test_a_page_is_printed_in_light_colours_with_how_answers_failed(window, pages):
    folds = "[...document.querySelectorAll('.rules details')].map(fold => fold.innerText)"
    window.goto(pages["hostile"].as_uri())
    assert set(window.evaluate(folds)) == {"How it failed"}
    window.emulate_media(media="print")
    printed = window.evaluate(folds)
    assert any("gave" in message for message in printed)
    assert "How it failed" not in printed
    assert not window.locator(".card > details").first.is_visible()
    assert window.evaluate("getComputedStyle(document.body).color") == "rgb(27, 27, 27)"


def test_a_page_makes_no_requests_and_fits_its_window(window, graded, pages):
    for path in ordinary_pages(graded, pages):
        open_page(window, path)
        assert window.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert window.evaluate("[...document.images].every(i => i.alt && i.complete && i.naturalWidth)")
        assert window.evaluate("[...document.images].every(i => i.getBoundingClientRect().right <= innerWidth)")
    assert (window.requests, window.messages) == ([], [])


@in_one_window
def test_formulas_have_a_font_of_their_own(window, pages):
    open_page(window, pages["one"])
    assert window.evaluate("document.querySelectorAll('math').length") > 0
    window.evaluate("document.fonts.ready")
    loaded = window.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert [family.strip('"') for family in loaded] == ["Lectrain Math"]


@in_one_window
@pytest.mark.attack("pages")
def test_a_hostile_page_runs_no_script(window, pages, tmp_path):
    open_page(window, pages["hostile"])
    for element in window.query_selector_all("main a[href^='#']")[:3]:
        element.click()
    active = "document.querySelectorAll('script, iframe, form, object, embed, style').length"
    assert window.evaluate(active) == 1  # the style sheet of the page
    assert window.evaluate("location.protocol") == "file:"
    assert (window.requests, window.messages) == ([], [])
    (tmp_path / "raw.html").write_text("".join(MARKUP[:5]))
    window.goto((tmp_path / "raw.html").as_uri(), wait_until="commit")
    window.wait_for_load_state("domcontentloaded")
    assert "dialog 1" in window.messages, "without a defence, the same markup runs scripts"


@in_one_window
@pytest.mark.attack("pages")
def test_the_content_security_policy_blocks_active_content(window, pages, tmp_path):
    """The policy would protect the reader even if sanitising failed."""
    text = pages["one"].read_text(encoding="utf-8")
    active = "<script>alert(1)</script><img src='https://evil.example/x.png' onerror='alert(2)' alt='x'>"
    path = tmp_path / "page.html"
    path.write_text(text.replace("</main>", f"{active}</main>"), encoding="utf-8")
    window.goto(path.as_uri())
    assert not any(message.startswith("dialog") for message in window.messages)
    assert sum("Content Security Policy" in message for message in window.messages) >= 2
