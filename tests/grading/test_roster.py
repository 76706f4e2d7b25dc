"""Ids that are not on the roster are reported, and rosters are read as spreadsheets save them."""

import pytest
from typer.testing import CliRunner

from autograder import grading_commands
from autograder.cli import app
from autograder.course import CourseError
from autograder.grading import records
from autograder.grading.roster import describe, find_unknown, save_roster

from .conftest import ASSIGNMENT

COMPOSED, DECOMPOSED = "Hor\u00e1k", "Hora\u0301k"
ROSTER = f"id,first_name,last_name\ns034,Jürgen,Horák\n{COMPOSED},Jan,Horák\nada,Ada,King\n"


def write(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "students.csv"
    file.write_bytes(text.encode(encoding))
    return file


def names_in(course):
    with course.gradebook() as gradebook:
        return {student.id: student.last_name for student in gradebook.students}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_roster_is_read_as_a_spreadsheet_saves_it(course, tmp_path, encoding, separator):
    assert save_roster(course, write(tmp_path, ROSTER.replace(",", separator), encoding)) == 3
    assert names_in(course) == {"s034": "Horák", COMPOSED: "Horák", "ada": "King"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_cell_may_have_several_lines_and_a_row_ends_with_its_line(course, tmp_path, end):
    assert save_roster(course, write(tmp_path, f'id,last_name{end}ada,"King{end}Lovelace"{end}bob,Ba\u2028b{end}')) == 2
    assert names_in(course) == {"ada": "King Lovelace", "bob": "Ba b"}


def test_the_delimiter_is_sought_outside_quotation_marks(course, tmp_path):
    assert save_roster(course, write(tmp_path, 'id;"last, first, middle"\nada;"King, Ada, A."\n')) == 1


def test_a_roster_can_be_read_again_with_changes(course, tmp_path):
    save_roster(course, write(tmp_path, ROSTER))
    save_roster(course, write(tmp_path, "ID;Last_Name\nada;Lovelace\nnew;\n"))
    assert names_in(course) == {"s034": "Horák", COMPOSED: "Horák", "ada": "Lovelace", "new": None}
    assert find_unknown(course, ["new"]) == {}, "it was entered, although without details"


def test_an_id_that_is_similar_to_one_on_the_roster_is_not_entered(course, tmp_path):
    with course.gradebook() as gradebook:
        gradebook.add_student("ADA")  # by grading
    save_roster(course, write(tmp_path, "id,email\nada,ada@example.com\n"))
    with pytest.raises(
        CourseError, match="line 2: the id 'Ada' is equal or too similar to 'ada', in the table or on the roster"
    ):
        save_roster(course, write(tmp_path, "id\nAda\n"))
    save_roster(course, write(tmp_path, "id\nada\n"))
    with course.gradebook() as gradebook:
        assert {student.id: student.email for student in gradebook.students} == {"ADA": None, "ada": "ada@example.com"}


@pytest.mark.parametrize(("text", "message"), [
    ("name\nada\n", "has no column 'id'"),
    ("id\nada\n<img src=x onerror=alert(1)>\n", "line 3: '<img src=x onerror=alert\\(1\\)>' cannot be an id"),
    ("id,email\nada,King, Ada\n", "line 2 has more cells than columns"),
    ("id\nada\nada\n", "line 3: the id 'ada' is equal or too similar to 'ada'"),
    ("id\nweiß\nweiss\n", "line 3: the id 'weiss' is equal or too similar to 'weiß'"),
    ("id\n_ada\n", "line 2: '_ada' cannot be an id: begin with a letter or digit, use letters, digits, spaces and . _ - "),
    ("id,ID\nada,bob\n", "has two columns 'id': delete or rename one"),
    ('id,first_name\ns001,"Ada\ns002,Bob\n', "line 2 or below: .* look for a quotation mark without a partner"),
])  # fmt: skip
def test_a_roster_with_a_fault_is_not_read(course, tmp_path, text, message):
    with pytest.raises(CourseError, match=message):
        save_roster(course, write(tmp_path, text))
    assert names_in(course) == {}


def test_unknown_ids_are_found_and_compared_with_the_roster(course, tmp_path):
    save_roster(course, write(tmp_path, ROSTER))
    unknown = find_unknown(course, ["HORÁK", DECOMPOSED, "ada", "ghost"])
    assert unknown == {"HORÁK": COMPOSED, DECOMPOSED: COMPOSED, "ghost": ""}
    assert describe(unknown) == (
        "not on the roster: 'HORÁK' (is it 'Horák'?), 'Hora\\u0301k' (is it 'Hor\\xe1k'?), ghost"
    )


def test_without_a_roster_only_similar_ids_are_reported(course):
    assert find_unknown(course, ["ada", "bob"]) == {}
    unknown = find_unknown(course, ["ADA", "ada", "bob"])
    assert unknown == {"ADA": "ada", "ada": "ADA"}, "nothing tells which one is right"
    assert describe(unknown) == "similar to another id: 'ADA' (is it 'ada'?), 'ada' (is it 'ADA'?)"


def test_grade_warns_in_one_line_every_time_and_strict_leaves_out(course, tmp_path, monkeypatch):
    monkeypatch.setattr(grading_commands, "Worker", lambda prepare: None)  # the worker of an earlier command is used
    save_roster(course, write(tmp_path, ROSTER))
    for student in ("ada", "S034"):
        course.submitted_folder(student, ASSIGNMENT).mkdir(parents=True)  # an empty one, which takes no time

    def grade(*options):
        return CliRunner().invoke(app, ["grade", ASSIGNMENT, "--course-dir", str(course.root), *options])

    assert grade("--strict", "--student", "S034").exit_code == 1, "because it is left out"
    assert records.read_all(course.records_folder, ASSIGNMENT) == []
    strict = grade("--strict")
    line = "similar to another id: 'S034' (is it 's034'?)"
    assert f"{line}: their submissions are not graded" in strict.stdout.splitlines()
    assert {r.student for r in records.read_all(course.records_folder, ASSIGNMENT)} == {"ada"}
    for _ in range(2):  # although the first run adds S034 to the gradebook
        assert f"{line}: graded all the same; --strict leaves them out" in grade().stdout.splitlines()
    assert {r.student for r in records.read_all(course.records_folder, ASSIGNMENT)} == {"ada", "S034"}
    scores = CliRunner().invoke(app, ["scores", ASSIGNMENT, "--course-dir", str(course.root)])
    assert line in scores.stdout.splitlines()
