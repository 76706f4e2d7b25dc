"""The feedback page: what a student would want to read, and nothing that acts or gives away."""

import re
import time
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder import exercises
from autograder.reports import markdown
from autograder.reports.feedback_page import Sheet, page
from autograder.reports.marks import Mark

from ..submissions.payloads import find_active_content
from .conftest import ASSIGNMENT, run

TAGS_OF_THE_PAGE = {"html", "head", "meta", "title", "style", "body", "main", "section"}


@pytest.fixture(scope="module")
def hostile(pages):
    return pages["hostile"].read_text(encoding="utf-8")


def test_every_submission_that_could_be_read_has_a_page(pages):
    assert set(pages) == {*(f"student-00{i}" for i in range(1, 7)), "hostile", "one", "other", "=cmd()"}


def test_it_says_name_points_result_property_slide_and_mistake(hostile):
    card = hostile.split('id="question-sigmoid"')[1].split("</section>")[0]
    assert "<code>sigmoid(z)</code>" in card
    assert "0 of 4 points" in card
    assert "✗ not yet" in card
    sigmoid = exercises["sigmoid"]
    assert sigmoid.rules[0].name in card
    assert "Slide: " in card
    assert "It looks like this:</strong> Every number is exactly twice as large as it should be." in card
    assert card.index(sigmoid.rules[0].name) < card.index("It looks like this")


def test_the_table_on_top_links_to_every_question(hostile):
    links = re.findall(r'<a href="#(question-[\w-]+)">', hostile)
    anchors = re.findall(r'<section class="card [^"]*" id="(question-[\w-]+)"', hostile)
    assert links == anchors
    assert len(anchors) == len(set(anchors)) >= 8


def test_a_traceback_is_folded(hostile):
    assert re.search(r'<details class="output"><summary><span class="failed">ValueError: &lt;img', hostile)
    assert "\x1b" not in hostile


def test_the_score_is_the_gradebook_s_and_a_person_s_comment_stands_on_top(graded, pages):
    text = pages["student-001"].read_text(encoding="utf-8")
    with graded.gradebook() as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "student-001")
        assert f'<p class="score">{submission.score:g} of {submission.max_score:g} points</p>' in text
    assert re.search("<p>Well argued: <math>.*</math>", text)
    assert "<script" not in text
    assert "Feedback for Ada King, of Lovelace (student-001)" in text
    assert text.index("<h2>Comments</h2>") < text.index("<h2>Questions</h2>") < text.index("<h2>Your notebook</h2>")
    assert "1.5 of 2 points" in text


def test_what_a_person_has_yet_to_mark_says_so(pages):
    unread, read = (pages[name].read_text(encoding="utf-8") for name in ("student-002", "student-001"))
    assert "… waits for a person" in unread
    assert "<p>2 of the 20 wait for a person" in unread
    assert "for a person" not in read


def test_formulas_are_mathml_and_none_is_left_as_tex(pages, repository):
    assert "<math" in pages["student-001"].read_text(encoding="utf-8")
    for path in sorted((repository / "solutions").glob("*/*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            if cell.cell_type == "markdown":
                assert not re.search(r"<code>\\|\$\$|\\begin", markdown.render(cell.source)), cell.source


def test_nothing_of_a_hostile_notebook_stays_alive(hostile):
    body = hostile.split("<h2>Your notebook</h2>")[1].split("</main>")[0]
    ours = re.compile(
        r'<section class="card[^>]*>|</section>| (?:class|id|aria-\w+|tabindex)="[\w .-]*"| style="white-space: pre-wrap"'
    )
    without_formulas = re.sub(r"<math.*?</math>", "", body, flags=re.S)
    assert set(find_active_content(ours.sub("", without_formulas))) <= {
        "\\href"
    }  # a text like any other: no MathJax reads this page
    assert "<script" not in hostile


class _Addresses(HTMLParser):
    """All that the attributes of a page point to."""

    def __init__(self):
        super().__init__()
        self.loaded, self.linked, self.policy = [], [], ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.loaded += [
            found[name] for name in ("src", "srcset", "data", "poster", "action", "background") if name in found
        ]
        self.linked += [found["href"]] if "href" in found else []
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]


def test_it_has_a_policy_and_asks_for_nothing(pages):
    for path in pages.values():
        text = path.read_text(encoding="utf-8")
        page = _Addresses()
        page.feed(text)
        assert page.policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline';")
        assert all(address.startswith("data:image/") for address in page.loaded)
        assert all(address.startswith(("#", "http://", "https://", "mailto:")) for address in page.linked)
        assert "url(" not in text.split("</style>")[0]


def test_no_hidden_test_and_no_reference_is_in_a_page(pages):
    for path in pages.values():
        text = path.read_text(encoding="utf-8")
        assert "HIDDEN TESTS" not in text
        assert "from autograder import check" not in text


def test_hidden_tests_of_a_notebook_graded_elsewhere_do_not_show_either(graded):
    nb = nbformat.read(graded.source(ASSIGNMENT) / "sigmoid.ipynb", 4)
    text = page(nb, Sheet(), "ada", ASSIGNMENT, "sigmoid")
    assert "HIDDEN TESTS" not in text
    assert "from autograder import check" not in text


def test_nbgrader_writes_the_same_pages(graded, pages, tmp_path):
    own = {student: path.read_bytes() for student, path in pages.items()}
    run(graded, "nbgrader", "generate_feedback", ASSIGNMENT, "--force")
    assert {student: path.read_bytes() for student, path in pages.items()} == own
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    said = run(graded, "nbgrader", "release_feedback", ASSIGNMENT, f"--Exchange.root={exchange}")
    released = list(exchange.glob("lectrain/feedback/*.html"))
    assert len(released) == len(pages), said
    assert {path.read_bytes() for path in released} == set(own.values())


def test_late_points_are_named_and_taken_off(graded):
    nb = nbformat.read(graded.folder("autograded", "one", ASSIGNMENT) / "sigmoid.ipynb", 4)
    names = [c.metadata.nbgrader.grade_id for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade")]
    text = page(nb, Sheet({name: Mark(1.0, False) for name in names}, {}, 2.5), "one", ASSIGNMENT, "sigmoid")
    assert f'<p class="score">{len(names) - 2.5:g} of 20 points</p>' in text
    assert "2.5 points were taken off" in text


@pytest.mark.parametrize(("markup", "levels"), [
    ("<h1>a</h1><h1>b</h1><h2>c</h2>", "334"),
    ("<h5>a</h5><h6>b</h6><h1>c</h1><h3>d</h3>", "3434"),
    ("<h1></h1><h2><code></code></h2><h6>x</h6>", "3"),
])  # fmt: skip
def test_headings_never_skip_a_level(markup, levels):
    assert "".join(re.findall(r"<h(\d)>", markdown.in_order(markup, deepest=2))) == levels


@pytest.mark.parametrize("tex", [r"\href{javascript:alert(1)}{x}", r"\text{<img src=x onerror=alert(1)>}", r"\style{position:fixed}{x}",
                                 r"\class{card}{x}", "<script>alert(1)</script>", "x" * 5000, r"\begin{nothing}", "{" * 300, r"\color{red;position:fixed}{x}"])  # fmt: skip
def test_a_hostile_formula_is_harmless(tex):
    shown = markdown.mathml(tex)
    assert set(find_active_content(re.sub(r"</?(math|m[a-z]+)[^<>]*>", "", shown))) <= {"\\href"}
    assert "javascript:" not in re.sub(r"<code>.*?</code>", "", shown)
    assert not re.search(r"<[^>]*(href|onerror|position|class=\"card)", shown)


def test_a_page_takes_milliseconds(graded, pages):
    """Processor time, a generous bound; benchmarks/reports.py measures it."""
    files = [graded.folder("autograded", name, ASSIGNMENT) / "sigmoid.ipynb" for name in pages if name != "hostile"]
    started = time.process_time()
    for _ in range(3):
        for file in files:
            page(nbformat.read(file, 4), Sheet(), "ada", ASSIGNMENT, "sigmoid")
    assert (time.process_time() - started) / (3 * len(files)) < 0.060


@given(st.lists(st.sampled_from(["<h1>", "</h1>", "<th", "<th>", "</th>", "<img", ' alt="', ' title="', ' scope="', '"', "'", ">", "<", "x", "<pre>", "</pre>",
                                 "<script>", "<table><tr>", "\n\n", "`", "$", "\\", "<a href=#>", "onerror=alert(1) ", "<math>", "\ue0000\ue001"]), max_size=25))  # fmt: skip
def test_whatever_a_cell_holds_its_place_in_the_page_is_harmless(pieces):
    for cell in (
        new_markdown_cell("".join(pieces)),
        new_code_cell("", outputs=[new_output("display_data", {"text/html": "".join(pieces)})]),
    ):
        nb = new_notebook(cells=[cell])
        body = page(nb, Sheet(), "ada", ASSIGNMENT, "x").split("<h2>Your notebook</h2>")[1].split("</main>")[0]
        ours = re.sub(
            r' (?:class="(?:markdown|output|quiet|formula)[\w -]*"|tabindex="0")',
            "",
            re.sub(r"<math.*?</math>", "", body, flags=re.S),
        )
        assert set(find_active_content(ours)) <= {"\\href"}
