"""The decks: every slide fits, its text and the labels of its pictures are large, and the speaker sees the notes."""

import pytest

from .conftest import DECKS, violations

pytestmark = pytest.mark.slow
SMALLEST = 18  # of 720 pixels; a slide is made for 20
MEASURE = """() => [...document.querySelectorAll(".slides > section")].map((section, number) => {
    Reveal.slide(number);
    const page = section.querySelector(".page"), box = element => element.getBoundingClientRect();
    const texts = document.createTreeWalker(page, NodeFilter.SHOW_TEXT), sizes = [];
    while (texts.nextNode())
        if (texts.currentNode.data.trim() && !texts.currentNode.parentElement.closest("msub, msup, msubsup, mfrac, munderover"))
            sizes.push(parseFloat(getComputedStyle(texts.currentNode.parentElement).fontSize));
    return {
        number: number + 1,
        title: page.querySelector("h1, h2").innerText,
        overflow: Math.max(page.scrollHeight - page.clientHeight, page.scrollWidth - page.clientWidth),
        outside: [...page.querySelectorAll("*")].filter(e => box(e).right > 1281 || box(e).bottom > 721 || box(e).left < -1).length,
        text: Math.min(...sizes),
        // A picture is fitted into its box, so that its scale is the smaller of the two.
        labels: [...page.querySelectorAll("img[data-label]")].map(  // covers and reminders are shown without labels
            i => i.dataset.label * Math.min(box(i).width / i.naturalWidth, box(i).height / i.naturalHeight)),
        alts: [...page.querySelectorAll("img")].map(i => i.alt.length),
    };
})"""

# Of an explorable, in pixels of the slide. A digit above the line may be smaller.
SMALLEST_TEXT = """explorable => {
    const host = explorable.querySelector(".lectrain-explorable"), texts = host.shadowRoot.querySelectorAll("text, span, p, button");
    const shown = [...texts].filter(e => e.textContent.trim() && e.getClientRects().length);
    return host.currentCSSZoom * Math.min(...shown.map(e => parseFloat(getComputedStyle(e).fontSize)));
}"""


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_fits_and_can_be_read_from_the_last_row(name, file_visit, deck):
    page = file_visit.page
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(deck(name).as_uri())
    page.wait_for_function("Reveal.isReady()")
    page.evaluate("document.fonts.load('1em Lectrain Math')")
    slides = page.evaluate(MEASURE)
    for slide in slides:
        file_visit.page.evaluate(f"Reveal.slide({slide['number'] - 1})")
        file_visit.screenshot(f"slide-{name}-{slide['number']:02}")
        for explorable in file_visit.page.locator(".present .explorable").all():  # it is drawn when it is shown
            place = explorable.bounding_box()
            assert place["y"] + place["height"] <= 715, slide
            assert explorable.evaluate(SMALLEST_TEXT) >= SMALLEST, slide
    for slide in slides:
        assert slide["overflow"] <= 1, slide
        assert slide["outside"] == 0, slide
        assert slide["text"] >= SMALLEST, slide
        assert min(slide["labels"], default=SMALLEST) >= SMALLEST, slide
        assert min(slide["alts"], default=1) > 0, slide
    assert len({slide["title"] for slide in slides}) > 15


def test_the_speaker_sees_the_notes_and_the_minutes(file_visit, deck):
    page = file_visit.page
    page.goto(deck(DECKS[0]).as_uri())
    page.wait_for_function("Reveal.isReady()")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("until minute").wait_for()
    opened.value.close()


def test_on_a_phone_the_slides_follow_one_another(file_visit, deck):
    page = file_visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(deck(DECKS[0]).as_uri())
    file_visit.screenshot("slides-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".page h2").last.is_visible()
    assert page.locator(".pictures img").first.evaluate("picture => picture.getBoundingClientRect().height") > 150
    assert page.locator(".page .text").last.evaluate("text => parseFloat(getComputedStyle(text).fontSize)") >= 16


def test_a_deck_prints_one_slide_a_page(file_visit, deck):
    page = file_visit.page
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(deck(DECKS[0]).as_uri())
    page.wait_for_function("Reveal.isReady()")
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") == page.evaluate("Reveal.getTotalSlides()")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_deck_has_no_accessibility_violations(width, file_visit, deck):
    file_visit.page.set_viewport_size({"width": width, "height": 720})
    file_visit.page.goto(deck(DECKS[0]).as_uri())
    assert violations(file_visit.page) == {}
