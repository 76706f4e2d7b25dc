"""How a command reports an error."""

import os
import re
import runpy
import sys

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.terminal import Terminal
from tests.conftest import REPOSITORY


@pytest.mark.parametrize(("error", "line"), [
    (OSError("\nthe disk is full\nmore"), "error: the disk is full\n"),
    (TimeoutError(), "error: TimeoutError\n"),
    (MemoryError(), "error: MemoryError: free some memory, and run the command again\n"),
])  # fmt: skip
def test_an_error_is_one_line_even_if_it_has_no_message(monkeypatch, capsys, error, line):
    def fail(**options):
        raise error

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["autograder"])
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == line


def test_a_command_that_is_interrupted_says_what_to_do(monkeypatch, capsys):
    def interrupt(course_dir, assignment):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.report_commands, "open_course", interrupt)
    monkeypatch.setattr(sys, "argv", ["autograder", "report", "01-sigmoid"])
    with pytest.raises(SystemExit, match="130"):
        cli.main()
    line = "error: interrupted: what was finished is kept; run the command again for the rest\n"
    assert capsys.readouterr().err == line


def test_grade_says_that_windows_needs_wsl(monkeypatch, capsys):
    monkeypatch.setattr("autograder.runner.sandbox.reason_unavailable", lambda mode: "run the autograder in WSL")
    monkeypatch.setattr(sys, "argv", ["autograder", "grade", "01-sigmoid", "--course-dir", str(REPOSITORY)])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert capsys.readouterr().err == "error: run the autograder in WSL\n"


def test_an_error_breaks_between_words_in_a_terminal_and_is_one_line_in_a_file(capsys):
    line = " ".join(["submission"] * 20)
    Terminal(stderr=True, force_terminal=True, width=40, color_system=None).print_error(line)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 4
    assert set(" ".join(lines).split()) == {"error:", "submission"}
    Terminal(stderr=True).print_error(line)
    assert capsys.readouterr().err == f"error: {line}\n"


def test_help_lists_the_commands_in_the_order_of_an_instructor_and_the_option_that_shows_tracebacks():
    output = CliRunner().invoke(cli.app, ["--help"]).output
    assert "--debug" in output.partition("Options")[2]
    panels = [*cli.COMMANDS]
    assert panels == ["Grade", "Return", "In class", "Export", "Author"]
    places = [output.index(f" {panel} ") for panel in panels]
    assert places == sorted(places)
    commands = [name for own in cli.COMMANDS.values() for name, _, _ in own]
    assert {*commands} == set(re.findall(r"^│ ([a-z][a-z-]*) ", output.partition(" Grade ")[2], re.MULTILINE))


@pytest.mark.parametrize("name", [name for own in cli.COMMANDS.values() for name, _, _ in own if name != "export"])
def test_the_help_of_a_command_has_an_example_that_it_accepts(name):
    output = CliRunner().invoke(cli.app, [name, "--help"]).output
    (example,) = re.findall(rf"Example: python -m autograder {name} ?(.*?)\s*$", output, re.MULTILINE)
    done = CliRunner().invoke(cli.app, [name, *example.split(), "--course-dir", "/nonexistent"])
    assert done.exit_code != 2 or "students.csv" in example or "sheets/" in example, (
        done.output
    )  # files that do not exist
    assert "No such option" not in done.output


def test_the_command_is_the_program_and_only_instructors_have_it():
    hook = runpy.run_path(str(REPOSITORY / "hatch_build.py"))["CommandForInstructors"]
    for version, expected in (("editable", {"autograder/__main__.py": "autograder"}), ("standard", {})):
        build_data = {"shared_scripts": {}}
        hook.initialize(None, version, build_data)
        assert build_data["shared_scripts"] == expected
    program = REPOSITORY / "autograder" / "__main__.py"
    assert program.read_text().startswith("#!python\n"), "pip replaces this line"
    assert os.access(program, os.X_OK), "pip keeps this"


@pytest.mark.parametrize(("arguments", "line"), [
    ("grade", "error: Missing argument 'assignment': see python -m autograder grade --help"),
    ("grade 1 --worker 2", "error: No such option: --worker"),
    ("grade 1 --workers 0", "error: Invalid value for '--workers': "),
    ("simulate 1 --seed -1", "error: Invalid value for '--seed': "),
    ("watch 1 --counts all", "error: Invalid value for '--counts': "),
    ("grad 1", "error: No such command 'grad'. Did you mean 'grade'"),
    ("grade 01-sigmod", "error: there is no assignment '01-sigmod'; did you mean '01-sigmoid'?"),
    ("matrix sigmod", "error: there is no exercise 'sigmod'; did you mean 'sigmoid'?"),
])  # fmt: skip
def test_wrong_arguments_are_one_line_as_other_errors_are(monkeypatch, capsys, arguments, line):
    monkeypatch.setattr(sys, "argv", ["autograder", *arguments.split()])
    monkeypatch.chdir(REPOSITORY)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(line)
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", ["", "export"])
def test_without_a_command_help_is_printed_without_an_error(monkeypatch, capsys, arguments):
    monkeypatch.setattr(sys, "argv", ["autograder", *arguments.split()])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    output = "".join(capsys.readouterr())
    assert stopped.value.code == 2
    assert "Usage: " in output
    assert "error: " not in output
