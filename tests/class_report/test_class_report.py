"""The class report: its numbers agree with the records, and untrusted text is escaped."""

import csv
import html
import json
import re
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import numpy as np
import pytest
from markupsafe import Markup
from nbformat.v4 import new_markdown_cell

from autograder.class_report import class_report, class_statistics, class_table
from autograder.class_report.class_data import ClassData
from autograder.class_report.class_mistakes import MistakeStatistics, describe_mistake, mistake_statistics
from autograder.class_report.questions import Questions
from autograder.class_report.similarity import find_similar_pairs
from autograder.class_report.solution_cells import read_solutions
from autograder.class_report.telling_line import find_differing_line, find_students_line
from autograder.course import Course
from autograder.grading import records
from autograder.grading.records import Outcome, Record
from autograder.judging.verdict import Finding, Status, Verdict
from autograder.reports import grades
from autograder.reports.graded_cells import GradedCell
from autograder.reports.grades import CellGrade, NotebookGrades, StudentInfo, Total, is_unanswered
from autograder.reports.markdown import strip_tags
from autograder.reports.timing import Timing
from tests.conftest import REPOSITORY, SIGMOID_POINTS, exercises, make_course

from ..graded_class import ASSIGNMENT

NUM_STUDENTS = 11


@pytest.fixture(scope="module")
def report(graded):
    return (graded.root / "reports" / f"{ASSIGNMENT}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def all_records(graded):
    return records.read_all(graded.root / "records", ASSIGNMENT)


COURSE = Course.at(REPOSITORY)


def data_of(*of_class: Record, course: Course = COURSE, **fields) -> ClassData:
    """The data of a class with these records."""
    return ClassData(course, ASSIGNMENT, of_class, **fields)


def section(report, name):
    return re.split(rf'<h2 id="[\w-]+">{name}</h2>', report)[1].split("<h2")[0]


@pytest.mark.slow
def test_submissions_that_need_attention_are_listed_with_a_reason(report):
    text = section(report, "Needs attention")
    assert "broken" in text
    assert "unreadable" in text
    assert "sigmoid.ipynb cannot be read" in text
    written = report.split('id="waiting"')[1].split("<nav")[0]
    assert "9 answers are not graded by hand" in written
    assert "9 answers: In your words" in written
    assert "student-002" in written
    assert "student-001" not in written  # a person has graded this answer


def test_the_histogram_counts_every_student_once(report):
    text = report.split('<figure class="histogram">')[1].split("</figure>")[0]
    counts = [int(count or 0) for count in re.findall(r"<li>(\d*)<span", text)]
    assert sum(counts) == NUM_STUDENTS


def test_question_statistics_agree_with_the_records(report, all_records):
    for row in class_statistics.question_statistics(data_of(*all_records)):
        verdicts = [v for record in all_records for v in record.verdicts if v.exercise == row.name]
        scores = [sum(f.points for f in v.findings if f.status is Status.PASSED) for v in verdicts]
        unanswered = [all(f.status is Status.NOT_ANSWERED for f in v.findings) for v in verdicts]
        assert row.mean == pytest.approx(np.mean(scores))
        assert row.points == exercises[row.name].points
        assert row.num_full == sum(score == row.points for score in scores)
        assert len(row.unanswered) == sum(unanswered)
        assert row.num_zero + len(row.unanswered) == sum(score == 0 for score in scores)
        assert row.num_graded == len(verdicts)
        assert row.num_overridden == 0


def test_an_answer_without_points_is_counted_once():
    statuses = {"ada": Status.PASSED, "bob": Status.FAILED, "eve": Status.NOT_ANSWERED}
    verdicts = {student: Verdict("sigmoid", (Finding("a rule", status, 0.0),)) for student, status in statuses.items()}
    of_class = [Record(name, ASSIGNMENT, Outcome.GRADED, verdicts=[verdict]) for name, verdict in verdicts.items()]
    (row,) = class_statistics.question_statistics(data_of(*of_class))
    assert (row.num_full, row.num_partly, row.num_zero, len(row.unanswered)) == (2, 0, 0, 1)


def test_rule_statistics_agree_with_the_records(report, all_records):
    findings = [(v.exercise, f) for record in all_records for v in record.verdicts for f in v.findings]
    passed = Counter((exercise, f.rule) for exercise, f in findings if f.status is Status.PASSED)
    rows = class_statistics.rule_statistics(data_of(*all_records))
    assert {(row.exercise, row.finding.rule) for row in rows} == {(exercise, f.rule) for exercise, f in findings}
    rules = re.sub("</?code>", "`", html.unescape(section(report, "Rules")))
    for row in rows:
        assert row.num_passed == passed[row.exercise, row.finding.rule]
        assert row.finding.slide
        assert row.finding.rule in rules


def test_mistakes_are_counted_and_linked_to_students(report, all_records):
    text = section(report, "Mistakes")
    rows = mistake_statistics(data_of(*all_records))
    assert "hostile" in {student for row in rows if row.mistake == "twice as large" for student in row.students}
    assert [len(row.students) for row in rows] == sorted((len(row.students) for row in rows), reverse=True)
    folded = re.search(r"<details><summary>(\d+) mistakes? of one student each</summary>", text)
    assert int(folded[1]) == sum(not row.is_shared for row in rows) > 0
    for row in rows:
        assert f"<summary>{len(row.students)}</summary>" in text
    links = re.findall(r'<a href="#(student-\d+)">([^<]+)</a>', text)
    assert links
    for anchor, name in links:
        assert re.search(rf'<tr id="{anchor}">\n<th scope="row">\n<span class="whole">{re.escape(name)}<', report)


@pytest.mark.slow
def test_not_answered_is_one_notion_on_all_pages(report, pages, graded, all_records):
    """Exercises, Mistakes, the table for a spreadsheet and the feedback pages count the same students."""
    data = ClassData.read(graded, ASSIGNMENT)
    with open(graded.root / "reports" / f"{ASSIGNMENT}.csv", encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    lines = section(report, "Exercises").split("<tr>")
    rows = [row for row in class_statistics.question_statistics(data) if row.name in exercises]
    assert sum(len(row.unanswered) for row in rows) > 0
    for row in rows:
        line = next(line for line in lines if f">{row.name}</code>" in line)
        assert re.findall(r'<a href="#student-\d+">([^<]+)</a>', line) == [html.escape(s) for s in row.unanswered]
        cards = {  # the unreadable submission has none
            student: re.search(rf'<section class="card is-(\w+)" id="question-{row.name}"', page.read_text("utf-8"))
            for student, page in pages.items()
        }
        assert {student for student, card in cards.items() if card and card[1] == "unanswered"} == {*row.unanswered}
        answers = [line["student"].lstrip("'") for line in table if line[f"{row.name}: mistake"] == "not answered yet"]
        assert sorted(answers) == sorted(row.unanswered)
    assert "not answered" not in section(report, "Mistakes")


def test_a_question_that_was_not_answered_is_not_a_mistake():
    """An empty set is one of the known wrong answers, but nobody has to be taught again that letters were asked for."""
    empty, wrong = (exercises["sigmoid_quiz"].check(answer) for answer in (set(), {"a"}))
    records_of_both = [
        Record(student, ASSIGNMENT, Outcome.GRADED, verdicts=[verdict])
        for student, verdict in (("ada", empty), ("bob", wrong))
    ]
    (row,) = class_statistics.question_statistics(data_of(*records_of_both))
    assert (row.unanswered, row.num_zero) == (("ada",), 1)
    (mistake,) = mistake_statistics(data_of(*records_of_both))
    assert mistake.students == ("bob",)
    given = NotebookGrades({"sigmoid_quiz": CellGrade(1.0, False, auto_score=0.0, manual_score=1.0)})
    (row,) = class_statistics.question_statistics(data_of(*records_of_both, notebook_grades={("ada", ""): given}))
    assert row.unanswered == (), "points that a person gave count"


def test_a_missing_notebook_has_0_points_and_one_that_was_not_graded_none():
    verdict = Verdict("sigmoid", (Finding("values", Status.PASSED, 2.0),))
    of_class = [
        Record("ada", ASSIGNMENT, Outcome.GRADED, verdicts=[verdict]),
        Record("bob", ASSIGNMENT, Outcome.GRADED),
    ]
    of_class.append(Record("eve", ASSIGNMENT, Outcome.UNREADABLE))
    own = {"bob": CellGrade(0.0, False, auto_score=0.0), "eve": CellGrade(0.0, False)}  # hers is of an extension
    data = data_of(*of_class, notebook_grades={(name, ""): NotebookGrades({"sigmoid": own[name]}) for name in own})
    (row,) = class_statistics.question_statistics(data)
    assert (row.mean, row.num_graded, row.unanswered, row.num_waiting) == (1.0, 2, ("bob",), 0)
    assert data.score("eve", row.key) is None


def record_with_mistake(student: str, exercise: str, mistake: str, hint: str = "") -> Record:
    finding = Finding("values", Status.FAILED, 2, "wrong", "the slide of the rule", hint or None)
    return Record(student, ASSIGNMENT, Outcome.GRADED, 0, 20, verdicts=[Verdict(exercise, (finding,), mistake)])


def test_the_number_of_one_student_is_not_said_of_all():
    factors = {"ada": 3, "bob": 5}
    made = [record_with_mistake(who, "sigmoid", "a constant factor", f"{k} times") for who, k in factors.items()]
    assert [row.hint for row in mistake_statistics(data_of(*made))] == [""]
    assert [row.hint for row in mistake_statistics(data_of(made[0]))] == ["3 times"]


def test_the_report_begins_with_what_to_teach_again(graded):
    """With the hint, a wrong line from the class and the slide. Predictions cannot be discussed."""
    all_records = [
        *(record_with_mistake(s, "sigmoid", "twice as large", "Twice as large.") for s in ("hostile", "one", "other")),
        *(record_with_mistake(s, "sigmoid_predictions", "too few") for s in ("a", "b", "c", "d")),
        *(record_with_mistake(s, "sigmoid_quiz", "a") for s in ("e", "f")),
        record_with_mistake("g", "sigmoid_prime", "one student's"),
    ]
    text = class_report.render_page(replace(ClassData.read(graded, ASSIGNMENT), records=all_records, totals={}))
    assert text.index('id="what-to-teach-again"') < text.index('id="students"')
    first, second = section(text, "What to teach again").split("<li>")[1:]
    assert f"3 of {len(all_records)} students" in first
    assert "Twice as large." in first
    assert "<code>return 2 / (1 + np.exp(-z))" in first, "the line that differs from right answers"
    assert "Slide: the slide of the rule" in first
    assert re.search(r'class="lead">did not mark b: Multi', second), "a sentence about the students"
    assert "<pre" not in second, "letters have no line of code"


@pytest.mark.parametrize(("code", "line"), [
    ("def f(z):\n    z = np.asarray(z)\n    return 2 / z", "return 2 / z"),
    ("def f(z):\n    return 1 / z", ""),
    ('def f(z):\n    """Twice\n    2 / z."""\n    # return 5\n    return 1 / z', ""),
    ('def f(z):\n    r"""Doc."""\n    return 1 / z', ""),
    ("def f(\n    z: np.ndarray,\n) -> np.ndarray:\n    return 2 / z", "return 2 / z"),
    ("def f(z) -> float: return 2 / z", "def f(z) -> float: return 2 / z"),
    ("def f(z):\n    'The quotient of two and of z, for all z.'\n    return 2 / z", "return 2 / z"),
    ("", ""),
    ("(" * 100_000, "(" * 120),
    ("def" * 20_000, "def" * 40),
])  # fmt: skip
def test_the_telling_line_is_in_no_right_answer(code, line):
    right = ["def f(z):\n    return 1 / z", "def f(z):\n    z = np.asarray(z)\n    return np.reciprocal(z)"]
    assert find_differing_line(code, right) == line


@pytest.mark.parametrize(("solutions", "line"), [
    ({"sigmoid": "def sigmoid(z):\n    return z * 7\n\ndef sigmoid(z):\n    return 2 / z"}, "return 2 / z"),
    ({"sigmoid": 'def sigmoid(\n    z,\n):\n# half\n    """Unlike others\nof"""\n    return 2 / z'}, "return 2 / z"),
    ({"sigmoid": "def sigmoid(z): return 2 / z"}, "def sigmoid(z): return 2 / z"),
    ({"other": "def other(z):\n    return z * 7"}, ""),
], ids=["a function that replaces another", "lines at the margin", "a function in one line", "an exercise without a solution"])  # fmt: skip
def test_the_telling_line_is_from_the_code_that_was_judged(tmp_path, solutions, line):
    course = Course.at(make_course(tmp_path))
    cells = []
    for name in ("other", "sigmoid"):
        if name in solutions:
            cells.append({"metadata": {"nbgrader": {"solution": True}}, "source": solutions[name]})
        cells.append({"metadata": {"nbgrader": {"grade": True, "grade_id": name}}, "source": ""})
    file = course.autograded_folder("ada", ASSIGNMENT) / "sigmoid.ipynb"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"cells": cells}))
    data = data_of(course=course, questions=Questions.read(COURSE, ASSIGNMENT))
    row = MistakeStatistics("sigmoid", "", Markup(), "", "", students=("ada",))
    assert find_students_line(row, data) == line


def test_the_summary_names_what_was_misunderstood_most_and_what_needs_a_person(graded):
    data = ClassData.read(graded, ASSIGNMENT)
    graded_line, *_, needs = class_report.summarise(data)
    assert graded_line.startswith(f"graded: {NUM_STUDENTS} submissions, ")
    assert needs == "needs you: 1 submission (broken), 9 answers to grade by hand"
    naive = [record_with_mistake(student, "sigmoid", "naive exp") for student in ("one", "other")]
    hint = exercises["sigmoid"].mistakes["naive exp"].hint
    line = f"misunderstood most: sigmoid(z), by 2 of 2 students: {hint}"
    *_, line_of_others, needs = class_report.summarise(replace(data, records=naive, submitted=frozenset()))
    assert line_of_others == line
    assert needs == "needs you: 2 answers to grade by hand", "as the page: of students with a record"


def test_every_student_has_a_row_with_the_total_and_a_cell_for_every_question(report, graded, all_records):
    _, *lines = section(report, "Students").split("<tbody>")[1].split("<tr")[1:]
    num_questions = len(Questions.read(graded, ASSIGNMENT))
    assert len(lines) == len(all_records)
    scores = []
    with graded.gradebook() as gradebook:
        totals = grades.read_totals(gradebook, ASSIGNMENT)
    for line in lines:
        name = re.search(r'<span class="whole">(.*?)</span>', line)[1]
        record = next(r for r in all_records if r.student == html.unescape(name))
        total = totals.get(record.student, Total(0, SIGMOID_POINTS))  # the unreadable submission has no total
        assert f"{total.score:g} of {total.max_score:g}" in line
        cells = re.findall(r"<td(?: class=\"(heat-\d)\")?>([\d.]+|…|–)</td>", line)
        assert len(cells) == num_questions
        assert all(bool(level) == (text not in "…–") for level, text in cells)
        given = sum(v.score for v in record.verdicts) + (1.5 if record.student == "student-001" else 0)
        assert sum(float(text) for level, text in cells if level) == pytest.approx(given)
        scores.append(float(re.search(r'<td class="number">([\d.]+) of', line)[1]))
    assert scores == sorted(scores), "the lowest first"
    sigmoid = next(line for line in lines if 'class="whole">hostile<' in line)
    assert '<td class="heat-4">0</td>' in sigmoid
    assert f'<a href="../feedback/hostile/{ASSIGNMENT}/sigmoid.html">sigmoid</a>' in sigmoid


def test_similar_solutions_are_listed_with_an_example(report):
    text = section(report, "Similar solutions")
    assert "not a proof" in text
    row = next(row for row in text.split("<tr>") if ">one</a>" in row)
    assert ">other</a>" in row
    assert "clever" in row or "third line" in row


def test_a_notebook_that_cannot_be_read_hides_no_solution_of_another(tmp_path):
    solution = {"metadata": {"nbgrader": {"solution": True}}}
    whole = [{"metadata": {}, "source": "text"}, {**solution, "source": ["a = 1\n", "b"]}]
    for number, cells in enumerate(([solution], [None], [{"metadata": None}], None, whole)):
        (tmp_path / f"{number}.ipynb").write_text(json.dumps({"cells": cells}))
    assert read_solutions(sorted(tmp_path.iterdir())) == "a = 1\nb"


def test_what_has_points_is_answered():
    unanswered = Verdict("sigmoid", (Finding("values", Status.NOT_ANSWERED, 2.0),))
    assert not is_unanswered(unanswered, CellGrade(0.5, needs_manual_grade=False, auto_score=0.0))  # extra credit
    assert not is_unanswered(None, CellGrade(2.0, needs_manual_grade=False, auto_score=2.0))
    assert is_unanswered(None, CellGrade(0.0, needs_manual_grade=False, auto_score=0.0))


def test_similar_pairs_share_rare_lines():
    common = "import numpy as np\nreturn 1 / (1 + np.exp(-z))\n"
    rare = "my_rare_variable = 17\n# a very rare comment here\nanother_rare_name = my_rare_variable\n"
    solutions = {f"s{i}": common for i in range(10)} | {"a": common + rare, "b": rare + common, "c": common + rare[:40]}
    pairs, max_authors = find_similar_pairs(solutions)
    assert max_authors == 3
    assert [(pair.first, pair.second, pair.num_shared) for pair in pairs] == [("a", "b", 3)]
    assert find_similar_pairs(solutions, released=rare.splitlines())[0] == []
    assert find_similar_pairs({})[0] == []


def test_lines_that_all_students_received_are_not_similar(graded):
    received = read_solutions([REPOSITORY / "notebooks" / ASSIGNMENT / "sigmoid.ipynb"])
    unanswered = {"ada": received, "bob": received}
    assert find_similar_pairs(unanswered)[0]
    assert find_similar_pairs(unanswered, ClassData.read(graded, ASSIGNMENT).released_lines)[0] == []


@pytest.mark.parametrize(("setting", "student", "folder"), [
    ('feedback_directory = "pages/feedback"', "ada", f"pages/feedback/ada/{ASSIGNMENT}"),
    ('directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"', "ada", f"feedback/{ASSIGNMENT}/ada"),
    ("", "ada #1? 50%", f"feedback/ada #1? 50%/{ASSIGNMENT}"),
])  # fmt: skip
def test_a_link_to_feedback_follows_the_folders_of_the_course(setting, student, folder, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{setting and 'c.CourseDirectory.'}{setting}\n")
    for file in (f"source/{ASSIGNMENT}/sigmoid.ipynb", f"{folder}/sigmoid.html"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).touch()
    data = data_of(Record(student, ASSIGNMENT, Outcome.GRADED), course=Course.at(tmp_path))
    assert class_report.feedback_links(data) == {student: [("sigmoid", f"../{quote(folder)}/sigmoid.html")]}


def test_questions_have_the_titles_of_the_feedback_page(report, pages, graded):
    cells = graded.source_notebook(ASSIGNMENT, "sigmoid").cells
    num_questions = sum(bool(cell.metadata.get("nbgrader", {}).get("grade")) for cell in cells)
    table = pages["one"].read_text(encoding="utf-8").split('id="questions"')[1].split("</table>")[0]
    titles = re.findall(r'<th scope="row"><a href="#[\w-]+">(.*?)</a></th>', table)
    assert len(titles) == num_questions > 0
    in_report = re.findall(r'<th scope="row">(.*?)<br>', section(report, "Exercises"))
    assert sorted(in_report) == sorted(titles)  # the page begins with the points to gain


def test_a_formula_in_a_sentence_begins_without_a_space(graded):
    """In the question, a \\quad sets the letter off."""
    source = describe_mistake("sigmoid_prime_step", "missing line wrong", ClassData.read(graded, ASSIGNMENT))
    assert "<math><mfrac" in source


def test_every_entry_of_the_contents_is_a_section(report):
    links = re.findall(r'<li><a href="#([a-z-]+)">', report)
    assert links == re.findall(r'<h2 id="([a-z-]+)">', report)


def test_missing_and_late_students_are_listed_first_with_a_reason(graded, all_records):
    record = all_records[0]
    late = Timing(timedelta(hours=26), timedelta(days=1), 1.5)
    data = data_of(
        *all_records,
        students={"grace": StudentInfo("grace", "Grace", "Hopper")},
        timings={"grace": Timing(extension=timedelta(days=3)), record.student: late},
    )
    text = section(class_report.render_page(data), "Missing and late")
    assert re.search(r"grace <span class=\"quiet\">Grace Hopper</span>\s*\(extension of 3 days\)", text)
    assert "26 hours late, extension of 1 day, 1.5 points subtracted" in text
    rows = {row[0]: row for row in class_table.table_rows(data)}
    assert rows["grace"][1:6] == ["Hopper", "Grace", "", "", "missing"]
    assert rows[record.student][6] == late.describe()


@pytest.mark.parametrize(("status", "grade", "counts"), [
    (Status.FAILED, None, 0.0),
    (Status.FAILED, CellGrade(1.5, False, auto_score=0.0, manual_score=1.5), 1.5),
    (Status.FAILED, CellGrade(1.0, True, auto_score=1.0), None),  # it waits for a second look
    (Status.NOT_ANSWERED, CellGrade(1.5, False, auto_score=0.0, manual_score=1.5), 1.5),
    (Status.RECEIVED, CellGrade(0.0, False, auto_score=0.0), None),
    (Status.RECEIVED, CellGrade(1.5, False, auto_score=0.0, manual_score=1.5), 1.5),
    (Status.RECEIVED, CellGrade(1.5, True, auto_score=0.0, manual_score=1.5), None),
])  # fmt: skip
def test_points_of_a_person_count_and_what_waits_is_no_0_in_both_tables_and_in_the_statistics(status, grade, counts):
    verdict = Verdict("sigmoid_quiz", (Finding("letters", status, 2.0),))
    record = Record("ada", ASSIGNMENT, Outcome.GRADED, max_score=2, verdicts=[verdict])
    own = NotebookGrades({"sigmoid_quiz": grade} if grade else {})
    data = data_of(record, notebook_grades={("ada", ""): own})
    (row,) = class_statistics.question_statistics(data)
    assert (row.num_graded, row.num_overridden, row.num_waiting) == (counts is not None, counts == 1.5, counts is None)
    assert row.mean == pytest.approx(np.nan if counts is None else counts, nan_ok=True)
    assert (data.score("ada", row.key), row.points) == (counts, 2.0)
    header, line = class_table.table_rows(data)
    values = dict(zip(header, line, strict=True))
    assert values["sigmoid_quiz"] == ("" if counts is None else f"{counts:g}")
    assert values["sigmoid_quiz: mistake"] == ""
    assert (values["set by a person"] == "sigmoid_quiz") == (grade is not None and grade.is_override)


def test_written_answers_of_the_same_id_in_two_notebooks_are_told_apart():
    keys = [("first", "q1"), ("second", "q1")]
    questions = {key: GradedCell("q1", Markup(key[0].title()), 2.0, new_markdown_cell(), None, "") for key in keys}
    own = {
        ("ada", "first"): NotebookGrades({"q1": CellGrade(1.0, False, auto_score=0.0, manual_score=1.0)}),
        ("ada", "second"): NotebookGrades({"q1": CellGrade(2.0, False, manual_score=2.0)}),
    }
    data = data_of(Record("ada", ASSIGNMENT, Outcome.GRADED), questions=Questions(questions), notebook_grades=own)
    rows = class_statistics.question_statistics(data)
    assert [(data.questions.title(row.key), row.mean) for row in rows] == [("first: First", 1), ("second: Second", 2)]
    header, line = class_table.table_rows(data)
    values = dict(zip(header, line, strict=True))
    assert (values["first: q1"], values["second: q1"], values["set by a person"]) == ("1", "2", "first: q1")


def test_a_student_who_is_not_graded_yet_has_a_row(graded, all_records):
    data = data_of(all_records[0], submitted=frozenset([all_records[0].student, "grace"]))
    _, _, line = class_table.table_rows(data)
    assert line[:6] == ["grace", "", "", "", "", "not graded"]
    page = class_report.render_page(data)
    assert re.search(r"grace\s*</th>.*not graded", section(page, "Students"))
    assert "All submissions were graded" not in page
    assert class_report.summarise(data)[-1].startswith("needs you: 1 not graded")


def test_a_refused_submission_needs_a_person(monkeypatch):
    monkeypatch.setattr(class_report, "read_refused", lambda *_: [("ada+01-sigmoid+x", "it is too large")])
    data = data_of(Record("ada", ASSIGNMENT, Outcome.GRADED))
    assert class_report.summarise(data)[-1] == "needs you: 1 refused"
    assert '<a href="#needs-attention">need attention</a></dt><dd>1</dd>' in class_report.render_page(data)


@pytest.mark.parametrize(("exercise", "mistake", "text"), [
    ("sigmoid_quiz", "abc", "marked c: Since"),
    ("sigmoid_quiz", "a", "did not mark b: Multiplying"),
    ("sigmoid_prime_step", "missing line wrong", "chose d for “missing line”: "),
    ("sigmoid_prime_step", "a list", "a list"),
    ("nan_logit", "not whole", "not whole"),
    ("sigmoid", "twice as large", "twice as large"),
])  # fmt: skip
def test_a_wrong_choice_is_described_with_the_text_of_the_option(graded, exercise, mistake, text):
    assert strip_tags(describe_mistake(exercise, mistake, ClassData.read(graded, ASSIGNMENT))).startswith(text)


def test_every_mistake_of_the_course_can_be_described():
    for assignment in COURSE.assignments():
        data = ClassData(COURSE, assignment, questions=Questions.read(COURSE, assignment))
        for _, name in data.questions:
            known = data.course.exercises.get(name)
            for mistake in known.mistakes if known else ():
                assert describe_mistake(name, mistake, data), (name, mistake)


def test_the_csv_table_has_a_row_per_student(graded, all_records):
    with open(graded.root / "reports" / f"{ASSIGNMENT}.csv", encoding="utf-8-sig", newline="") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert set(rows) == {record.student.replace("=cmd()", "'=cmd()") for record in all_records}
    hostile = next(record for record in all_records if record.student == "hostile")
    assert float(rows["hostile"]["score"]) == pytest.approx(hostile.score)
    assert rows["hostile"]["sigmoid: mistake"] == "twice as large"
    assert rows["hostile"]["outcome"] == hostile.outcome
    assert rows["broken"]["sigmoid"] == ""


@pytest.mark.parametrize("mode", ["unsandboxed", "landlock"])
def test_grading_without_a_sandbox_is_marked(mode):
    text = class_report.render_page(data_of(Record("ada", ASSIGNMENT, Outcome.GRADED, 1, 2, modes=[mode])))
    assert ("<strong>UNSANDBOXED:</strong>" in text) == (mode == "unsandboxed")


def test_a_class_without_problems_gets_a_plain_sentence():
    text = class_report.render_page(data_of(Record("ada", ASSIGNMENT, Outcome.GRADED)))
    assert "All submissions were graded. Nobody on the roster is missing. No submission was late." in text
    assert not re.search('<h2 id="(needs-attention|missing-and-late)">|id="waiting"', text)
    assert "No answer behaves like a known mistake." in text
    assert "There are no such pairs." in text


def test_the_report_holds_no_hidden_test_and_loads_nothing(report):
    assert "HIDDEN TESTS" not in report
    assert "<script" not in report
    assert not re.search(r'(?:src|href)="(?!data:image/png|#|\.\./feedback/)', report)


@pytest.mark.attack("pages")
def test_text_from_records_is_escaped():
    evil = "<script>alert(1)</script>"
    finding = Finding(evil, Status.FAILED, 1.0, evil, evil, evil)
    verdict = Verdict(evil, (finding,), evil, notes=(evil,))
    record = Record(evil, ASSIGNMENT, Outcome.CRASHED, 0, 1, messages=[evil], verdicts=[verdict])
    text = class_report.render_page(data_of(record))
    assert html.escape(evil) in text
    assert evil not in text


def test_a_class_of_500_takes_seconds():
    """Processor time, if all solutions differ; benchmarks/reports.py measures everything."""
    rng = np.random.default_rng(0)
    lines = [f"a line that some wrote: {i}" for i in range(20_000)]
    solutions = {f"s{i}": "\n".join(lines[k] for k in rng.integers(len(lines), size=150)) for i in range(500)}
    names = list(exercises)[:12]
    all_records = [
        Record(student, ASSIGNMENT, Outcome.GRADED, 9, 20, 1.0, verdicts=[_random_verdict(name, rng) for name in names])
        for student in solutions
    ]
    started = time.process_time()
    find_similar_pairs(solutions)
    class_report.render_page(data_of(*all_records))
    assert time.process_time() - started < 10


def _random_verdict(name, rng):
    statuses = [Status.PASSED if rng.uniform() < 0.7 else Status.FAILED for _ in range(4)]
    findings = tuple(Finding(f"rule {i}", status, 1.0, "m", "S") for i, status in enumerate(statuses))
    return Verdict(name, findings, f"mistake {rng.integers(9)}" if rng.uniform() < 0.4 else None)


@pytest.mark.parametrize(("scores", "max_score", "counts"), [
    ([12.0, 5.0], 10, [0, 0, 1, 0, 0, 1]),  # the maximum, and a bonus
    ([10.0, 9.5, 0.0], 10, [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]),
    ([0.0], 0, [1]),
    ([21.0, 3], 21.0000000000001, [0, 1, 0, 0, 0, 0, 1]),  # a full score that is not exact has no range of its own
    ([0.5, 17.5], 17.5, [1, 0, 0, 0, 0, 0, 0, 0, 1]),
    ([2.9999999999999996, 1], 2.9999999999999996, [0, 1, 1]),
])  # fmt: skip
def test_every_score_is_in_one_range(scores, max_score, counts):
    lows, highs, counted = zip(*class_statistics.histogram(scores, max_score), strict=True)
    assert list(counted) == counts
    assert highs[:-1] == lows[1:]
    assert highs[-1] == round(max(max_score, *scores, 1), 9)
