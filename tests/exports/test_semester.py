"""The table of a term: totals, remarks and widths."""

import csv
import html
import re
from types import SimpleNamespace

import pytest

from autograder.course import Course, CourseError
from autograder.exports import semester, semester_files, semester_terminal
from autograder.exports.semester import LEGEND, Entry, Remark, Row
from autograder.reports.grades import StudentInfo
from tests.conftest import SIGMOID_POINTS, make_course

from ..graded_class import ASSIGNMENT, run_autograder

LONG_ID = "maria.sklodowska@example"
ASSIGNMENTS = [f"0{i}-a-long-name" for i in range(1, 7)]
FULL = Entry(18.75, 20, (Remark.LATE, Remark.WAITING))


def entries_after_dropping(shares: list[float | None], count: int) -> list[bool]:
    """Whether each entry is dropped. A score is a share of 10 points."""
    entries = [Entry() if share is None else Entry(10 * share, 10) for share in shares]
    return [Remark.DROPPED in entry.remarks for entry in semester.drop_lowest(entries, count)]


@pytest.mark.parametrize(("shares", "count", "dropped"), [
    ([0.5, 0.2, 0.9], 0, [False, False, False]),
    ([0.5, 0.2, 0.9], 1, [False, True, False]),
    ([0.5, None, 0.9], 1, [True, False, False]),
    ([0.5, 0.2], 5, [False, True]),
    ([None, None], 1, [False, False]),
])  # fmt: skip
def test_the_lowest_results_are_dropped_but_one_always_counts(shares, count, dropped):
    assert entries_after_dropping(shares, count) == dropped


def test_the_lowest_result_is_the_one_with_the_lowest_percentage():
    big, small = semester.drop_lowest([Entry(10, 20), Entry(4, 5)], 1)
    assert Remark.DROPPED in big.remarks
    assert small.remarks == ()


def test_what_does_not_count_is_not_in_the_total():
    row = Row(StudentInfo("ada"), (Entry(3, 4), Entry(), Entry(0, 5, (Remark.DROPPED,)), Entry(None, 8)))
    assert (row.score, row.max_score, row.percent) == (3, 4, 75)
    assert Row(StudentInfo("ada"), (Entry(),)).percent is None


@pytest.fixture
def printed(capsys, monkeypatch):
    """What is printed in a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def print_table(*arguments) -> str:
        semester_terminal.print_table(*arguments)
        return capsys.readouterr().out

    return print_table


def test_six_assignments_fit_80_columns_and_ids_stay_whole(printed):
    student = StudentInfo(LONG_ID, "Maria", "Sklodowska-Curie")
    lines = printed(ASSIGNMENTS, [Row(student, (FULL,) * 6), Row(StudentInfo("s2"), (Entry(),) * 6)]).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith(LONG_ID) for line in lines)
    assert f"l late, w {LEGEND[Remark.WAITING]}" in lines


def test_twelve_columns_keep_ids_and_points_whole(printed):
    output = printed(ASSIGNMENTS * 2, [Row(StudentInfo("student-001"), (FULL,) * 12)])
    assert "student-001" in output
    assert output.count("18.75") == 12


@pytest.mark.parametrize("text", ["2 times", ""])
@pytest.mark.parametrize(("num_assignments", "is_shown"), [(1, True), (6, False)])
def test_a_further_column_is_shown_only_if_there_is_room(printed, monkeypatch, num_assignments, is_shown, text):
    further = semester.Column("late", lambda row: text, {}, only_if_room=True)
    rows = [Row(StudentInfo("student-001", "Ada", "Lovelace"), (FULL,) * num_assignments)]
    before = printed(ASSIGNMENTS[:num_assignments], rows)
    monkeypatch.setattr(semester_terminal, "COLUMNS", (*semester.COLUMNS, further))
    after = printed(ASSIGNMENTS[:num_assignments], rows)
    assert ("late" in after.replace("l late", "")) is is_shown
    assert not is_shown or text in after
    assert is_shown or after == before


def test_the_heading_above_a_short_id_and_a_name_of_wide_letters_are_whole(printed):
    output = printed(["深度学习入门-感知"], [Row(StudentInfo("7", "伟明", "张"), (Entry(1, 2),))])
    assert "\nid name" in output
    assert "伟明 张" in output
    assert re.search(r"深度学习入门- *\n *感知", output)


@pytest.mark.parametrize(("names", "has_column"), [(("Ada", "Bo"), True), (("", "Bo"), True), (("", ""), False)])
def test_names_are_shown_however_short_and_only_without_any_there_is_no_column(printed, names, has_column):
    output = printed(["01"], [Row(StudentInfo(f"s{i}", name), (Entry(1, 2),)) for i, name in enumerate(names)])
    heading, _, lines = output.partition("s0")
    assert ("name" in heading) is has_column
    assert all(name in lines for name in names)


def test_an_assignment_that_is_named_twice_counts_once(graded):
    once = run_autograder(graded, "scores", ASSIGNMENT)
    assert run_autograder(graded, "scores", ASSIGNMENT, ASSIGNMENT) == once


def test_headings_keep_their_words_whole_in_80_columns(printed):
    names = ["01-sigmoid", "02-bce", "03-softmax", "04-sgd", "05-momentum", "06-flat-minima"]
    heading, _, _ = printed(names, [Row(StudentInfo("s0342222", "Ada", "Lovelace"), (FULL,) * 6)]).partition("s0342222")
    parts = {part for name in names for part in name.split("-")}
    assert parts <= set(re.findall(r"\w+", heading))


def test_a_course_without_grades_is_a_table_of_dashes(tmp_path):
    course = Course.at(make_course(tmp_path, ASSIGNMENT))
    with course.gradebook() as gradebook:
        gradebook.add_student("ada", first_name="Ada", last_name="Lovelace")
    output = run_autograder(course, "scores")
    (row,) = semester.read_table(course, [ASSIGNMENT])
    assert {number(row) for column in semester.COLUMNS for number in column.numbers.values()} == {None}
    dashes = r" +–" * (1 + len(semester.COLUMNS))
    assert re.search(rf"^ada +Ada Lovelace{dashes} *$", output, re.MULTILINE)


def test_a_course_without_assignments_is_reported(tmp_path):
    course = Course.at(make_course(tmp_path, ASSIGNMENT))
    with pytest.raises(CourseError, match="has no assignments"):
        semester.read_table(course, [])


def test_a_talk_follows_its_assignment_also_if_another_name_begins_alike(monkeypatch):
    monkeypatch.setattr(semester, "find_talks", lambda course: ["1-first-talk"])
    course = SimpleNamespace(assignments=lambda: ["1-first", "1-first-b"])
    assert semester.list_assignments(course) == ["1-first", "1-first-talk", "1-first-b"]


def test_a_submission_that_is_not_graded_yet_is_neither_missing_nor_0(tmp_path):
    course = Course.at(make_course(tmp_path, ASSIGNMENT))
    course.folder("submitted", "ada", ASSIGNMENT).mkdir(parents=True)
    (row,) = semester.read_table(course, [ASSIGNMENT])
    assert row.entries == (Entry(None, 0, (Remark.NOT_GRADED,)),)


def test_the_table_has_the_totals_of_the_gradebook(graded):
    rows = {row.student.id: row for row in semester.read_table(graded, [ASSIGNMENT])}
    with graded.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            assert rows[submission.student.id].score == pytest.approx(submission.score)
    assert rows["broken"].entries == (Entry(0, SIGMOID_POINTS, (Remark.NEEDS_ATTENTION,)),)
    assert Remark.WAITING in rows["student-002"].entries[0].remarks
    assert rows["student-001"].entries[0].remarks == ()


def test_the_page_has_every_entry_and_explains_its_remarks(graded):
    rows = semester.read_table(graded, [ASSIGNMENT])
    page = semester_files.write_html(graded, [ASSIGNMENT], rows).read_text(encoding="utf-8")
    lines = page.split("<tbody>")[1].split("<tr>")[2:]  # after the mean
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        assert f'<span class="whole">{html.escape(row.student.id)}</span>' in line
        assert f">{row.entries[0].text}</td>" in line
    assert f"<strong>w</strong> {LEGEND[Remark.WAITING]}" in page.split("<table")[0]
    assert "<strong>d</strong>" not in page


def test_a_page_without_grades_has_dashes(tmp_path):
    course = Course.at(make_course(tmp_path, ASSIGNMENT))
    page = semester_files.write_html(course, [ASSIGNMENT], [Row(StudentInfo("<b>"), (Entry(),))]).read_text(
        encoding="utf-8"
    )
    assert page.count("<td>–</td>") == 2, "the mean, and the student"
    assert "<b>" not in page


def test_the_page_and_the_terminal_show_the_same_totals(tmp_path, printed):
    course = Course.at(make_course(tmp_path, ASSIGNMENT))
    rows = [Row(StudentInfo("ada"), (Entry(3.25, 20),))]
    page = semester_files.write_html(course, [ASSIGNMENT], rows).read_text(encoding="utf-8")
    assert re.search(r"3\.25 of 20 +16\.2\b", printed([ASSIGNMENT], rows))
    assert '<td class="number">3.25 of 20</td>\n<td class="number">16.2</td>' in page


def test_the_csv_file_explains_every_remark(graded):
    assert "scores.csv" in run_autograder(graded, "scores", "--csv")
    with (graded.root / "reports" / "scores.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert (rows["student-001"]["last_name"], rows["student-001"]["first_name"]) == ("King, of Lovelace", "Ada")
    assert rows["student-002"][f"{ASSIGNMENT}: remarks"] == LEGEND[Remark.WAITING]
    assert rows["broken"]["percent"] == "0"
