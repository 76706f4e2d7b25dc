"""Hostile notebooks become harmless, honest ones stay what they are."""

import copy
import re
import time

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from autograder.submissions.sanitise import harmless_html, harmless_markdown, harmless_text, markdown_html, sanitise

from .payloads import MARKDOWN, MARKUP, alive

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def shown(data, kind="display_data"):
    output = nbformat.from_dict({"output_type": kind, "data": data, "metadata": {}})
    nb = new_notebook(cells=[new_code_cell("")])
    nb.cells[0].outputs = [output]
    sanitise(nb)
    return nb.cells[0].outputs[0].data if nb.cells[0].outputs else None


def test_the_payloads_are_alive_before_they_are_cleaned():
    """Else the tests below would prove nothing."""
    dead = [markup for markup in MARKUP if not markup.startswith("<!") and not alive(markup)]
    assert dead == []


@pytest.mark.parametrize("markup", MARKUP)
def test_nothing_in_html_stays_alive(markup):
    clean = shown({"text/html": markup, "text/plain": "x"})["text/html"]
    assert alive(clean) == []
    assert harmless_html(clean) == clean


@pytest.mark.parametrize("markup", MARKUP + MARKDOWN)
def test_nothing_in_a_markdown_cell_stays_alive_once_it_is_rendered(markup):
    nb = sanitise(new_notebook(cells=[new_markdown_cell(markup)]))
    rendered = markdown2html_mistune(nb.cells[0].source)
    assert alive(without_anchors(rendered)) == []
    assert harmless_markdown(nb.cells[0].source) == nb.cells[0].source


@pytest.mark.parametrize("markup", MARKUP + MARKDOWN)
def test_nothing_in_a_markdown_output_stays_alive(markup):
    data = shown({"text/markdown": markup})
    assert set(data) == {"text/html"}
    assert alive(data["text/html"]) == []


@pytest.mark.parametrize("markup", MARKUP)
def test_nothing_in_latex_stays_alive(markup):
    data = shown({"text/latex": f"$x {markup}$"})
    assert set(data) == {"text/html"}
    assert alive(data["text/html"]) == []


@given(st.lists(st.sampled_from([*"<>&\"'`*_[]()\\$!#\n \t|-=:/", "img", "src=x ", "onerror=a", "a", "script", "javascript:",
                                 "&#58;", "&lt;", "div", "<div>", "<!--", "-->", "](", "``", "    ", "\n\n", "href", "x"]), max_size=30))  # fmt: skip
def test_whatever_is_put_together_is_harmless(pieces):
    text = "".join(pieces)
    assert alive(harmless_html(text)) == []
    assert alive(markdown_html(text)) == []
    assert alive(without_anchors(markdown2html_mistune(harmless_markdown(text)))) == []


def without_anchors(rendered):
    """nbconvert gives every heading an id and a link to itself."""
    rendered = re.sub(r'(<h[1-6]) id="[^"<>]*"', r"\1", rendered)
    return re.sub(r'<a class="anchor-link" href="#[^"<>]*">(¶|&#182;)</a>', "", rendered)


def test_an_svg_is_shown_as_a_picture_in_which_no_script_runs():
    data = shown(
        {"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "text/plain": "a <plot>"}
    )
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/html"].startswith('<img alt="a &lt;plot&gt;" src="data:image/svg+xml;base64,')
    assert "alert" not in data["text/html"]


@pytest.mark.parametrize(
    "mime",
    ["application/javascript", "application/vnd.jupyter.widget-view+json", "application/pdf", "text/vnd.mermaid",
     "application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-state+json", "text/html; charset=utf-8", "image/svg"],
)  # fmt: skip
def test_what_needs_a_script_goes_and_its_text_stays(mime):
    assert shown({mime: "alert(1)", "text/plain": "a slider"}) == {"text/plain": "a slider"}
    assert shown({mime: "alert(1)"}) is None


@pytest.mark.parametrize("picture", ['AAAA" onerror="alert(1)', "<script>", "not base64!", 7, None, ["AA", 'AA"']])
def test_a_picture_is_base64_or_nothing(picture):
    assert shown({"image/png": picture}) is None
    assert shown({"image/png": DOT}) == {"image/png": DOT}


def test_metadata_and_attachments_bring_nothing():
    evil = "'><script>alert(1)</script>"
    code = new_code_cell("x")
    code.metadata = nbformat.from_dict({"tags": ["demo", evil, 3], "collapsed": evil, "alt": evil})
    code.id = evil
    code.outputs = [
        new_output("display_data", {"image/png": DOT}, metadata={"image/png": {"width": evil}, "filenames": evil})
    ]
    picture = new_markdown_cell("![x](attachment:a.png)", attachments={})
    picture.attachments = nbformat.from_dict({"a.png": {f'image/png"{evil}': DOT}})
    text = new_raw_cell(evil, metadata={"raw_mimetype": "text/html"})
    nb = new_notebook()
    nb.cells = [code, picture, text]
    nb.metadata = nbformat.from_dict({"widgets": {"state": evil}, "title": evil, "language_info": {"name": evil}})
    assert "script" not in nbformat.writes(sanitise(nb)).replace("&lt;script", "").replace("rel=", "")
    assert nb.cells[0].metadata.tags == ["demo"]
    assert nb.cells[2].metadata.raw_mimetype == "text/plain"
    assert alive(nb.cells[2].source) == []


def test_an_attached_picture_is_still_seen():
    cell = new_markdown_cell(
        "A *picture*: ![of a dot](attachment:dot.png)", attachments={"dot.png": {"image/png": DOT}}
    )
    sanitise(new_notebook(cells=[cell]))
    rendered = markdown2html_mistune(cell.source)
    assert f'src="data:image/png;base64,{DOT}"' in rendered
    assert 'alt="of a dot"' in rendered
    assert "<em>picture</em>" in rendered
    assert "attachments" not in cell


@pytest.mark.parametrize(("said", "left"), [
    ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
    ("\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "]8;;https://evil.exampleclick]8;;"),
    ("\x1b]0;title\x07", "]0;title"),
    ("\x1b[2J\x1b[1;1Hgone", "[2J[1;1Hgone"),
    ("10 %\r20 %\b", "10 %20 %"),
    ("tab\tand\nline", "tab\tand\nline"),
    ("\x9b31m\x00", "31m"),
])  # fmt: skip
def test_of_what_steers_a_terminal_only_colours_stay(said, left):
    assert harmless_text(said) == left
    stream = new_output("stream", text=said)
    error = new_output("error", ename=said, evalue=said, traceback=[said])
    nb = sanitise(new_notebook(cells=[new_code_cell("", outputs=[stream, error])]))
    assert nb.cells[0].outputs[0].text == left
    assert (nb.cells[0].outputs[1].evalue, nb.cells[0].outputs[1].traceback) == (left, [left])


@pytest.mark.parametrize("output", [{}, {"output_type": "x"}, {"output_type": "display_data"}, {"output_type": "display_data", "data": [1]},
                                    {"output_type": "execute_result", "data": {}, "execution_count": "<b>"}])  # fmt: skip
def test_an_output_that_is_none_goes(output):
    nb = new_notebook(cells=[new_code_cell("")])
    nb.cells[0].outputs = [nbformat.from_dict(output)]
    assert sanitise(nb).cells[0].outputs == []


@pytest.mark.parametrize("odd", [None, True, -5, 10**30, 1.5, "3", [1, None, "x"], {"a": 1}], ids=repr)
def test_whatever_an_output_holds_what_is_left_is_valid(odd):
    nb = new_notebook(cells=[new_code_cell("1")])
    nb.cells[0].outputs = [
        nbformat.from_dict(output)
        for output in (
            {"output_type": "stream", "name": odd, "text": odd},
            {"output_type": "error", "ename": odd, "evalue": odd, "traceback": odd},
            {"output_type": "display_data", "data": {"text/plain": odd, "image/png": odd}, "metadata": odd},
            {"output_type": "execute_result", "data": {"text/plain": "x", "text/html": odd}, "execution_count": odd},
        )
    ]
    nbformat.validate(sanitise(nb))
    assert len(nb.cells[0].outputs) == 4


def test_the_course_s_own_notebooks_stay_as_they_are(repository):
    for path in sorted((repository / "solutions").glob("*/*.ipynb")):
        nb = nbformat.read(path, 4)
        before = copy.deepcopy(nb.cells)
        sanitise(nb)
        assert [cell.source for cell in nb.cells] == [cell.source for cell in before]
        assert [cell.metadata.get("nbgrader") for cell in nb.cells] == [
            cell.metadata.get("nbgrader") for cell in before
        ]
        nbformat.validate(nb)


def test_a_plot_of_the_course_keeps_its_size_and_its_alt_text():
    markup = f'<img alt="a &lt; b" style="width: 6.4in; max-width: 100%" src="data:image/png;base64,{DOT}">'
    clean = shown({"text/html": markup})["text/html"]
    assert 'alt="a &lt; b"' in clean
    assert "6.4in" in clean
    assert DOT in clean


@pytest.mark.parametrize("clean", [harmless_html, markdown_html])
def test_no_tag_is_found_inside_an_attribute(clean):
    text = '<p>1 < 2</p><th scope="></th><script>alert(1)</script>">x</th><img alt="<h1></h1> a &lt; b &amp; c" title=\'">\'>'
    once = clean(text)
    assert "<script" not in once
    assert "<h1>" not in once
    assert "a &lt; b &amp; c" in once
    assert harmless_html(once) == once


def test_tables_stay_tables():
    table = '<style scoped>td{}</style><table border="1" class="dataframe"><tbody><tr><th>0</th><td colspan="2">1.5</td></tr></tbody></table>'
    expected = '<table><tbody><tr><th>0</th><td colspan="2">1.5</td></tr></tbody></table>'
    assert shown({"text/html": table})["text/html"] == expected


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<a><b>", "<b><i><p>", "<table><tr><td>", "> ", "[", "\\begin{a}", "\\\\(", "- a\n ", "&", "&#x"],
)
def test_nesting_without_end_takes_no_time_without_end(piece):
    started = time.process_time()
    harmless_html(piece * 1_000_000)
    harmless_markdown(piece * 100_000)
    harmless_markdown(piece * (20_000 // len(piece)))
    assert time.process_time() - started < 15


@pytest.mark.parametrize("between", [" ", "/", '="1"', "='1' "])
def test_attributes_without_end_take_no_time_without_end(between):
    started = time.process_time()
    harmless_html("<a " + between.join(f"a{number}" for number in range(100_000)) + ">")
    assert time.process_time() - started < 1
