"""`python -m autograder`: the table of its commands, and the program that runs one.

A command imports its modules when it runs: importing nbgrader takes a second, and `--help` must not wait for it.
"""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from . import author_commands, grading_commands, report_commands
from .command_errors import describe_error, is_expected, is_usage_error, report_usage_error
from .sheets import commands as sheet_commands
from .terminal import Terminal

INTERRUPTED = 130  # Typer's exit status after Ctrl+C

# In the order in which an instructor needs them, each with an example.
COMMANDS: dict[str, list[tuple[str, Callable[..., None] | typer.Typer, str]]] = {
    "Grade": [
        ("roster", grading_commands.import_roster, "students.csv"),
        ("grade", grading_commands.grade, "1-first --workers 4"),
        ("watch", grading_commands.watch, "1-first --counts best"),
        ("tokens", report_commands.tokens, "1-first --url https://hand-in.example.org"),
        ("extend", grading_commands.extend, "ada 1-first --days 3"),
        ("regrade", grading_commands.regrade, "ada 1-first mean"),
    ],
    "Return": [
        ("feedback", report_commands.feedback, "1-first"),
        ("report", report_commands.report, "1-first"),
        ("scores", report_commands.scores, "--drop-lowest 1 --html"),
    ],
    "In class": [
        ("sheets", sheet_commands.sheets, "1-first"),
        ("sheets-marks", sheet_commands.sheets_marks, "1-first sheets/1-first.csv"),
    ],
    "Export": [("export", report_commands.export_commands, "")],
    "Author": [
        ("new-exercise", author_commands.new_exercise, "first 'f(x)' --points 2 --after g"),
        ("cells", author_commands.cells, "mean"),
        ("notebooks", author_commands.notebooks, ""),
        ("release", author_commands.release_zip, "--edition self-study"),
        ("matrix", author_commands.matrix, "mean --seeds 20"),
        ("simulate", author_commands.simulate_class, "1-first --students 40"),
    ],
}
PROGRAM = "python -m autograder"


class InstructorsOrder(TyperGroup):
    """The commands in the order of `COMMANDS`. Typer would list groups, such as `export`, first."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands."""
        return [name for own in COMMANDS.values() for name, _, _ in own]


def options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error, before or after a command.")
    ] = False,
) -> None:
    """Grade a course: `roster` and `grade`, then `feedback` and `report`. `COMMAND --help` has an example."""
    del debug  # `main` reads it


def _build_app() -> typer.Typer:
    app = typer.Typer(cls=InstructorsOrder, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(options)  # its docstring is the program's help
    for panel, own in COMMANDS.items():
        for name, command, example in own:
            if isinstance(command, typer.Typer):  # a group: each of its commands has an example
                app.add_typer(command, name=name, rich_help_panel=panel)
            else:
                epilog = f"Example: {PROGRAM} {name} {example}".rstrip()
                app.command(name, epilog=epilog, rich_help_panel=panel)(command)
    return app


app = _build_app()


def main() -> None:
    """Run a command. Report wrong arguments, and without --debug an error of the user or the machine, in one line."""
    arguments = [each for each in sys.argv[1:] if each != "--debug"]  # Typer would take it before a command only
    try:
        # standalone, Typer would draw a box around its own errors
        status = app(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        if status == INTERRUPTED:
            advice = "what was finished is kept; run the command again for the rest"
            Terminal(stderr=True).print_error(f"interrupted: {advice}")
        sys.exit(status)
    except Exception as error:
        if is_usage_error(error):
            report_usage_error(error)
        elif "--debug" in sys.argv or not is_expected(error):
            raise
        else:
            Terminal(stderr=True).print_error(describe_error(error))
        sys.exit(2)
