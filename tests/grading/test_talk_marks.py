"""Reading a table of marks."""

import pytest

from autograder.course import CourseError
from autograder.grading import talk_marks
from autograder.grading.tables import write_rows
from autograder.grading.talk_marks import QUESTIONS, read_marks

HEADER = "student,question 1,question 2,question 3\n"


def read(tmp_path, text: str, encoding: str = "utf-8"):
    file = tmp_path / "marks.csv"
    file.write_bytes(text.encode(encoding))
    return read_marks(file)


@pytest.mark.parametrize("text", [
    HEADER + "ada,1,0.5,0\n",
    "student;name;question 1;question 2;question 3\nada;Ada;1;0,5;0\nbob;Bob;;;\n",
    "student\tquestion 1\tquestion 2\tquestion 3\r\nada\t1\t.5\t0\r\n",
    HEADER + 'ada, 1 ,"0,5",0,\n',
    "Student,Question 1, question 2,question 3 \nada,1,0.5,0\n",
])  # fmt: skip
def test_tables_of_every_spreadsheet_are_read(text, tmp_path):
    assert read(tmp_path, text) == {"ada": (1.0, 0.5, 0.0)}


@pytest.mark.parametrize(
    "student", ["=ada", "'t Hooft Gerard", "a;=b", 'a; "=b', '"-b', "d'-arc", "a '-b", "O'Neil", "@x"]
)
def test_a_student_is_found_under_the_name_that_a_table_of_ours_has(student, tmp_path):
    write_rows(tmp_path / "marks.csv", [["student", *QUESTIONS], [student, 1, 0.5, 0]])
    assert read_marks(tmp_path / "marks.csv") == {student: (1.0, 0.5, 0.0)}


@pytest.mark.parametrize(("text", "message"), [
    ("", "has no column student"),
    ("student,question 1\nada,1\n", "has no column question 2, question 3"),
    ("student,question 1,question 1,question 2,question 3\nada,1,0,1,1\n", "has two columns 'question 1'"),
    (HEADER, "has no marks"),
    (HEADER + "ada,1,,1\n", "line 2: '' is not a mark"),
    (HEADER + "ada,1,1,2\n", "line 2: '2' is not a mark"),
    (HEADER + "ada,1,1,-1\n", "line 2: '-1' is not a mark"),
    (HEADER + "ada,1,1,0_1\n", "line 2: '0_1' is not a mark"),
    (HEADER + "ada,1,1,0,5\n", "line 2 has more cells than columns: put quotation marks around a cell with a comma"),
    (HEADER + ",1,1,1\n", "line 2 has marks, but no student"),
    (HEADER + "ada,1,1\n", "line 2: '' is not a mark"),
    (HEADER + "ada,1,1,1\nada,0,0,0\n", "line 3: 'ada' occurs twice"),
    (HEADER + 'ada,1,1,"1\n' + "bob,1,1,1\n" * 20_000, "look for a quotation mark"),
    (HEADER + 'ada,1,1,1\nbob,1,1,"1\ncam,1,1,1\n', "line 3 or below: unexpected end of data: look for a quotation mark"),
    (HEADER + 'ada,"1,1,1\nbob,1,1,1\ncam,"1,1,1\n', "line 2 or below: ',' expected after '\"': look for a quotation mark"),
])  # fmt: skip
def test_a_wrong_table_is_one_line_with_the_place(text, message, tmp_path):
    with pytest.raises(CourseError) as error:
        read(tmp_path, text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("name", "encoding"), [("ad\x81", "latin-1"), ("ada", "utf-16"), ("Peña", "cp1252")])
def test_a_file_in_an_unknown_encoding_is_one_line(tmp_path, name, encoding):
    with pytest.raises(CourseError, match="is in an unknown encoding: save it as CSV UTF-8"):
        read(tmp_path, f"{HEADER}{name},1,1,1\n", encoding)


def test_an_unknown_student_saves_nothing(course):
    with pytest.raises(CourseError, match="'mallory'"):
        talk_marks.save_marks(course, "01-sigmoid", {"mallory": (1, 1, 1)})
    assert talk_marks.find_talks(course) == []
    with pytest.raises(CourseError, match="there is no assignment '01-sigmoid-talk'"):
        talk_marks.require_assignment_or_talk(course, "01-sigmoid-talk")
