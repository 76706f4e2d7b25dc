"""Hostile notebooks become harmless, and honest ones stay as they are."""

import copy
import time

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from autograder.submissions.plain_text import MAX_ESCAPES, sanitise_text
from autograder.submissions.sanitise import sanitise
from autograder.submissions.sanitise_html import BOX, sanitise_html
from autograder.submissions.sanitise_markdown import MAX_MARKDOWN_CHARACTERS, render_markdown, sanitise_markdown

from .payloads import MARKDOWN, MARKUP, find_active_content, without_anchors

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def sanitise_output(data):
    """Return the data of a sanitised output, or None if the output is removed."""
    output = nbformat.from_dict({"output_type": "display_data", "data": data, "metadata": {}})
    nb = new_notebook(cells=[new_code_cell("")])
    nb.cells[0].outputs = [output]
    sanitise(nb)
    return nb.cells[0].outputs[0].data if nb.cells[0].outputs else None


def test_every_payload_is_active_before_it_is_sanitised():
    """Otherwise the tests below would prove nothing."""
    inactive = [markup for markup in MARKUP if not markup.startswith("<!") and not find_active_content(markup)]
    assert inactive == []


@pytest.mark.parametrize("markup", MARKUP + MARKDOWN)
@pytest.mark.attack("pages")
def test_a_rendered_markdown_cell_has_no_active_content(markup):
    nb = sanitise(new_notebook(cells=[new_markdown_cell(markup), new_raw_cell(markup)]))
    for cell in nb.cells:
        assert find_active_content(without_anchors(markdown2html_mistune(cell.source))) == []
        assert sanitise_markdown(cell.source) == cell.source


@pytest.mark.parametrize("markup", MARKUP + MARKDOWN)
@pytest.mark.attack("pages")
def test_an_output_has_no_active_content(markup):
    for output in ({"text/html": markup}, {"text/markdown": markup}, {"text/latex": f"$x {markup}$"}):
        data = sanitise_output(output)
        assert set(data) == {"text/html"}
        assert find_active_content(data["text/html"]) == []
        assert sanitise_html(data["text/html"]) == data["text/html"]


def test_the_box_around_an_exercise_stays_markdown_and_no_other_style_of_it_is_kept():
    box = f'### Exercise\n\n<div style="{BOX}">\n\nCompute $x$ for **all** n.\n\n</div>'
    assert sanitise_markdown(box) == box
    assert sanitise_html('<div style="padding:9999px">x</div>') == "<div>x</div>"
    assert sanitise_html(f'<div style="{BOX};padding:9999px">x</div>') == "<div>x</div>"
    assert sanitise_html('<img alt="x" style="border-left:9999px solid red">') == '<img alt="x">'
    assert sanitise_html(r'<img alt="x" style="p\61 dding:9999px">') == '<img alt="x">'


def test_line_breaks_at_the_start_of_preformatted_text_do_not_turn_markup_into_text():
    assert sanitise_html('<pre title="x">\n\n\n\n<b>h</b></pre>') == '<pre title="x"><b>h</b></pre>'


@given(st.lists(st.sampled_from([*"<>&\"'`*_[]()\\$!#\n \t|-=:/", "img", "src=x ", "onerror=a", "a", "script", "javascript:",
                                 "&#58;", "&lt;", "div", "<div>", "<!--", "-->", "](", "``", "    ", "\n\n", "href", "x"]), max_size=30))  # fmt: skip
def test_random_markup_has_no_active_content(pieces):
    text = "".join(pieces)
    assert find_active_content(sanitise_html(text)) == []
    assert find_active_content(render_markdown(text)) == []
    assert find_active_content(without_anchors(markdown2html_mistune(sanitise_markdown(text)))) == []


def test_an_svg_becomes_a_picture_in_which_scripts_do_not_run():
    data = sanitise_output(
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
def test_a_type_that_needs_scripts_is_dropped_and_plain_text_is_kept(mime):
    assert sanitise_output({mime: "alert(1)", "text/plain": "a slider"}) == {"text/plain": "a slider"}
    assert sanitise_output({mime: "alert(1)"}) is None


@pytest.mark.parametrize("picture", ['AAAA" onerror="alert(1)', "<script>", "not base64!", 7, None, ["AA", 'AA"']])
def test_a_picture_that_is_not_base64_is_dropped(picture):
    assert sanitise_output({"image/png": picture}) is None
    assert sanitise_output({"image/png": DOT}) == {"image/png": DOT}


@pytest.mark.attack("pages")
def test_active_content_in_metadata_and_attachments_is_removed():
    evil = "'><script>alert(1)</script>"
    code = new_code_cell("x")
    code.metadata = nbformat.from_dict({"tags": ["demo", evil, 3], "collapsed": evil, "alt": evil})
    code.outputs = [
        new_output("display_data", {"image/png": DOT}, metadata={"image/png": {"width": evil}, "filenames": evil})
    ]
    picture = new_markdown_cell("![x](attachment:a.png)", attachments={})
    picture.attachments = nbformat.from_dict({"a.png": {f'image/png"{evil}': DOT}})
    text = new_raw_cell(evil, metadata={"raw_mimetype": "text/html"}, attachments=picture.attachments)
    nb = new_notebook()
    nb.cells = [code, picture, text]
    nb.metadata = nbformat.from_dict({"widgets": {"state": evil}, "title": evil, "language_info": {"name": evil}})
    assert "script" not in nbformat.writes(sanitise(nb)).replace("&lt;script", "").replace("&lt;/script", "")
    assert not nb.cells[0].metadata
    assert nb.cells[2].cell_type == "markdown"
    assert "attachments" not in nb.cells[2]


@pytest.mark.parametrize("text", ["x\xa0<b>y</b> < z", "\xa0\r" + 6000 * "<b>", "\xa0\r" + 21_000 * ">"])
def test_the_text_of_a_raw_cell_is_shown(text):
    nb = sanitise(new_notebook(cells=[new_raw_cell(text)]))
    once = nb.cells[0].source
    assert once.startswith("<div><pre>")
    assert sanitise(nb).cells[0].source == once


@pytest.mark.parametrize("data", [DOT, "AAA/" * 100_000], ids=["a dot", "a photograph"])
def test_an_attached_picture_is_embedded(data):
    cell = new_markdown_cell(
        "A *picture*: ![of a dot](attachment:dot.png)", attachments={"dot.png": {"image/png": data}}
    )
    sanitise(new_notebook(cells=[cell]))
    rendered = markdown2html_mistune(cell.source)
    assert sanitise_markdown(cell.source) == cell.source
    assert f'src="data:image/png;base64,{data}"' in rendered
    assert 'alt="of a dot"' in rendered
    assert "<em>picture</em>" in rendered
    assert "attachments" not in cell


@pytest.mark.parametrize(("text", "expected"), [
    ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
    ("\x1b]8;;https://evil.example\x07click\x1b]8;;\x07", "]8;;https://evil.exampleclick]8;;"),
    ("\x1b]0;title\x07", "]0;title"),
    ("\x1b[2J\x1b[1;1Hgone", "[2J[1;1Hgone"),
    ("10 %\r20 %\b", "10 %20 %"),
    ("tab\tand\nline", "tab\tand\nline"),
    ("\x9b31m\x00", "31m"),
])  # fmt: skip
def test_of_control_characters_only_colours_are_kept(text, expected):
    assert sanitise_text(text) == expected
    stream = new_output("stream", text=text)
    error = new_output("error", ename=text, evalue=text, traceback=[text])
    nb = sanitise(new_notebook(cells=[new_code_cell("", outputs=[stream, error])]))
    assert nb.cells[0].outputs[0].text == expected
    assert (nb.cells[0].outputs[1].evalue, nb.cells[0].outputs[1].traceback) == (expected, [expected])


def test_no_colour_is_left_above_the_limit_even_if_others_are_removed_within_it():
    assert "\x1b" not in sanitise_text("\x1b\x1b[m[m" * (MAX_ESCAPES + 1))


@pytest.mark.parametrize("output", [{}, {"output_type": "x"}, {"output_type": "display_data"}, {"output_type": "display_data", "data": [1]},
                                    {"output_type": "execute_result", "data": {}, "execution_count": "<b>"}])  # fmt: skip
def test_an_invalid_output_is_dropped(output):
    nb = new_notebook(cells=[new_code_cell("")])
    nb.cells[0].outputs = [nbformat.from_dict(output)]
    assert sanitise(nb).cells[0].outputs == []


@pytest.mark.parametrize("value", [None, True, -5, 10**30, 1.5, "3", [1, None, "x"], {"a": 1}], ids=repr)
def test_a_sanitised_output_is_valid_whatever_its_fields_hold(value):
    nb = new_notebook(cells=[new_code_cell("1")])
    nb.cells[0].outputs = [
        nbformat.from_dict(output)
        for output in (
            {"output_type": "stream", "name": value, "text": value},
            {"output_type": "error", "ename": value, "evalue": value, "traceback": value},
            {"output_type": "display_data", "data": {"text/plain": value, "image/png": value}, "metadata": value},
            {
                "output_type": "execute_result",
                "data": {"text/plain": "x", "text/html": value},
                "execution_count": value,
            },
        )
    ]
    nbformat.validate(sanitise(nb))
    assert len(nb.cells[0].outputs) == 4


def test_the_notebooks_of_the_course_are_unchanged_but_for_attached_pictures(repository):
    for path in sorted((repository / "solutions").glob("*/*.ipynb")):
        nb = nbformat.read(path, 4)
        before = copy.deepcopy(nb.cells)
        sanitise(nb)
        changed = [old for cell, old in zip(nb.cells, before, strict=True) if cell.source != old.source]
        assert changed == [old for old in before if "attachments" in old]
        assert [cell.metadata.get("nbgrader") for cell in nb.cells] == [
            cell.metadata.get("nbgrader") for cell in before
        ]
        nbformat.validate(nb)


def test_a_plot_keeps_its_size_and_its_alt_text():
    markup = f'<img alt="a &lt; b" style="width: 6.4in; max-width: 100%" src="data:image/png;base64,{DOT}">'
    clean = sanitise_output({"text/html": markup})["text/html"]
    assert 'alt="a &lt; b"' in clean
    assert "6.4in" in clean
    assert DOT in clean


@pytest.mark.parametrize("clean", [sanitise_html, render_markdown])
def test_a_tag_inside_an_attribute_is_not_markup(clean):
    text = '<p>1 < 2</p><th scope="></th><script>alert(1)</script>">x</th><img alt="<h1></h1> a &lt; b &amp; c" title=\'">\'>'
    once = clean(text)
    assert "<script" not in once
    assert "<h1>" not in once
    assert "a &lt; b &amp; c" in once
    assert sanitise_html(once) == once


def test_tables_are_kept_with_words_that_look_like_commands_of_tex():
    table = '<style scoped>td{}</style><table border="1" class="dataframe"><tbody><tr><th>0</th><td colspan="2">C:\\data</td></tr></tbody></table>'
    expected = '<table><tbody><tr><th>0</th><td colspan="2">C:\\\u2060data</td></tr></tbody></table>'
    assert sanitise_output({"text/html": table})["text/html"] == expected


@pytest.mark.parametrize(
    "piece",
    ["<b><i><p>", "<table><tr><td>", "> ", "[", "\\begin{a}", "\\\\(", "- a\n ", "&#x"],
)
@pytest.mark.attack("work of the grader")
def test_deep_nesting_takes_little_time(piece):
    started = time.process_time()
    sanitise_html(piece * 200_000)
    sanitise_markdown(piece * 20_000)
    sanitise_markdown(piece * (MAX_MARKDOWN_CHARACTERS // len(piece)))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", [";base64," + 10_000 * "A", 5_000 * "a b"])
@pytest.mark.attack("work of the grader")
def test_the_parser_does_not_multiply_a_long_attribute(text):
    markup = f'<p><b title="{text}">' + 100 * "</p><p>a"
    assert len(sanitise_html(markup)) < 2 * len(markup)


@pytest.mark.parametrize("between", [" ", "/", '="1"', "='1' "])
@pytest.mark.attack("work of the grader")
def test_many_attributes_take_little_time(between):
    started = time.process_time()
    names = (
        f"{'' if number % 25_000 else '<'}a{number}" for number in range(100_000)
    )  # one with a bracket ends no tag
    sanitise_html(f"<a {between.join(names)}>")
    assert time.process_time() - started < 1


def test_markup_of_which_nothing_is_left_hides_no_picture():
    bundle = {"text/html": "<script>plot()</script>", "image/png": "iVBORw0KGgo=", "text/plain": "Figure(1)"}
    assert sanitise_output(bundle) == {"image/png": "iVBORw0KGgo=", "text/plain": "Figure(1)"}
