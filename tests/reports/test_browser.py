"""The pages in a browser: accessible, alone, and as wide as the screen."""

import pytest

from .conftest import ASSIGNMENT

SCHEMES, WIDTHS = ("light", "dark"), (1200, 360)


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()


@pytest.fixture(params=[(scheme, width) for scheme in SCHEMES for width in WIDTHS], ids=lambda p: f"{p[0]}-{p[1]}")
def window(browser, request):
    """A window, with all that its page asked for and all that the browser complained of."""
    scheme, width = request.param
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    window = context.new_page()
    window.asked, window.said = [], []
    window.on("request", lambda r: window.asked.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    window.on("dialog", lambda dialog: (window.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    window.on("console", lambda message: window.said.append(message.text))
    window.on("pageerror", lambda error: window.said.append(str(error)))
    yield window
    context.close()


def all_pages(graded, pages):
    return [
        graded.root / "reports" / f"{ASSIGNMENT}.html",
        *(pages[name] for name in ("student-001", "one")),
    ]


def visit(window, path):
    window.goto(path.as_uri())
    window.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")


def test_axe_finds_nothing(window, axe, graded, pages):
    for path in [*all_pages(graded, pages), pages["hostile"]]:
        visit(window, path)
        found = axe.run(window).response
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == [], path
        assert len(found["passes"]) > 20


def test_a_page_asks_for_nothing_and_is_no_wider_than_its_window(window, graded, pages):
    for path in all_pages(graded, pages):
        visit(window, path)
        assert window.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert window.evaluate("[...document.images].every(i => i.alt && i.complete && i.naturalWidth)")
        assert window.evaluate("[...document.images].every(i => i.getBoundingClientRect().right <= innerWidth)")
    assert (window.asked, window.said) == ([], [])


def test_a_hostile_page_does_nothing_at_all(window, pages):
    visit(window, pages["hostile"])
    for element in window.query_selector_all("main a[href^='#']")[:3]:
        element.click()
    assert (
        window.evaluate("document.querySelectorAll('script, iframe, form, object, embed, style').length") == 1
    )  # ours
    assert window.evaluate("location.protocol") == "file:"
    assert (window.asked, window.said) == ([], [])


def test_the_browser_would_refuse_what_is_not_cleaned(window, pages, tmp_path):
    """The policy holds without the cleaning."""
    text = pages["one"].read_text(encoding="utf-8")
    bad = "<script>alert(1)</script><img src='https://evil.example/x.png' onerror='alert(2)' alt='x'>"
    path = tmp_path / "page.html"
    path.write_text(text.replace("</main>", f"{bad}</main>"), encoding="utf-8")
    window.goto(path.as_uri())
    assert not any(word.startswith("dialog") for word in window.said)
    assert sum("Content Security Policy" in word for word in window.said) >= 2
