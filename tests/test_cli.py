"""How a command reports an error."""

import sys

import pytest
from typer.testing import CliRunner

from autograder import cli


@pytest.mark.parametrize(("error", "line"), [
    (OSError("\nthe disk is full\nmore"), "autograder: the disk is full\n"),
    (TimeoutError(), "autograder: TimeoutError\n"),
])  # fmt: skip
def test_an_error_is_one_line_even_if_it_has_no_message(monkeypatch, capsys, error, line):
    def fail(prog_name):
        raise error

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["autograder"])
    with pytest.raises(SystemExit):
        cli.main()
    assert capsys.readouterr().err == line


def test_a_command_that_is_interrupted_says_what_to_do(monkeypatch, capsys):
    def interrupt(assignment, course_dir):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.commands, "open_course", interrupt)
    monkeypatch.setattr(sys, "argv", ["autograder", "report", "01-sigmoid"])
    with pytest.raises(SystemExit, match="130"):
        cli.main()
    line = "autograder: interrupted: what was finished is kept; run the command again for the rest\n"
    assert capsys.readouterr().err == line


def test_help_lists_the_option_that_shows_tracebacks():
    assert "--debug" in CliRunner().invoke(cli.app, ["--help"]).output.partition("Options")[2]
