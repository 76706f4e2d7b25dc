"""Control characters in what a student named or wrote are text in the terminal."""

import io
import sys

import pytest
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from autograder import cli, grading_commands
from autograder.course import Course
from autograder.exports import semester, semester_terminal
from autograder.grading import batch, roster
from autograder.grading.records import Outcome, Record
from autograder.reports.grades import StudentInfo
from autograder.terminal import Terminal, as_text

ATTACK = "\x1b[2J\x1b]0;owned\x07\u202e\nbob: graded"
AS_TEXT = r"\x1b[2J\x1b]0;owned\x07\u202e\nbob: graded"


def written(console_class, show) -> str:
    stream = io.StringIO()
    show(console_class(file=stream, width=120))
    return stream.getvalue()


def in_table(console: Console) -> None:
    table = Table("student")
    table.add_row(ATTACK)
    console.print(table)


@pytest.mark.parametrize("show", [lambda console: console.print(ATTACK, markup=False), in_table])
@pytest.mark.attack("tables and terminals")
def test_a_console_shows_control_characters_as_text(show):
    assert "\x1b" in written(Console, show), "the attack does not reach the terminal"
    text = written(Terminal, show)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\x1b[2J\x1b]0;owned" in text


def test_a_line_stays_one_line():
    assert written(Terminal, lambda terminal: terminal.print_line(ATTACK)) == f"{AS_TEXT}\n"


@pytest.mark.parametrize("name", ["values in [a, b]", "x[/i]", "[red]x"])
def test_brackets_are_text_and_no_markup(name):
    def show(terminal: Terminal) -> None:
        table = Table(name)
        table.add_row(name)
        terminal.print(table)
        terminal.print(name)
        terminal.print_line(name)
        terminal.print(terminal.status(as_text(name)).renderable)

    assert written(Terminal, show).count(name) == 5


def test_a_number_or_a_word_between_colons_is_no_emoji():
    def show(console: Console) -> None:
        table = Table(":cat:")
        table.add_row("odds:1234: below")
        console.print(table)
        console.print("answers.py:1234: above")
        if isinstance(console, Terminal):
            console.print_line("spec.py:100: FILL IN")
            console.print_error("no :key: here")

    assert "\N{INPUT SYMBOL FOR NUMBERS}" in written(Console, show), "this version of Rich has other emoji"
    text = written(Terminal, show)
    for line in (":cat:", "odds:1234: below", "answers.py:1234: above", "spec.py:100: FILL IN", "no :key: here"):
        assert line in text


@pytest.mark.attack("tables and terminals")
def test_the_messages_of_a_record_are_text_in_the_output_of_grade(tmp_path, monkeypatch):
    monkeypatch.setattr(Course, "at", lambda folder: FakeCourse())
    record = Record("eve", "01-sigmoid", Outcome.NEEDS_A_PERSON, messages=[ATTACK])
    monkeypatch.setattr(batch, "grade", lambda *_, **__: iter([record]))
    monkeypatch.setattr(roster, "find_unknown", lambda *_: {})
    monkeypatch.setattr(grading_commands, "Worker", lambda _: None)
    result = CliRunner().invoke(cli.app, ["grade", "01-sigmoid"])
    assert result.exit_code == 1
    assert f"eve: needs a person: {AS_TEXT}\n" in result.output
    assert "\x1b" not in result.output


class FakeCourse:
    def source_folder(self, assignment):
        pass

    def require_students(self, assignment, pattern):
        return ["eve"]


@pytest.mark.attack("tables and terminals")
def test_names_are_text_in_the_table_of_the_term(capsys):
    rows = [semester.Row(StudentInfo("eve", ATTACK, ATTACK), (semester.Entry(1.0, 2.0),))]
    semester_terminal.print_table(["01-sigmoid"], rows)
    output = capsys.readouterr().out
    assert r"\x1b[2J" in output
    assert "\x1b" not in output


@pytest.mark.attack("tables and terminals")
def test_an_error_is_text(monkeypatch, capsys):
    def fail(**options):
        raise FileNotFoundError(2, "No such file", f"submitted/{ATTACK}")

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["autograder"])
    with pytest.raises(SystemExit):
        cli.main()
    error = capsys.readouterr().err
    assert error.startswith("error: No such file: submitted/")
    assert "\x1b" not in error
    assert error.count("\n") == 1
