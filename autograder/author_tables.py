"""What ``matrix`` prints: how the rules and the visible checks judge the known answers."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

from rich.table import Table

from .authoring.kill_matrix import AnswerKind, Row
from .authoring.visible_checks import VisibleResult, coverage
from .judging.exercise_set import ExerciseSet
from .terminal import Terminal, count


def print_json(results: Iterable[Row | VisibleResult]) -> None:
    """Print all that is known of each answer, as JSON."""
    rows = [asdict(result) | {"is_as_expected": result.is_as_expected} for result in results]
    print(json.dumps(rows, indent=1))


def print_messages(results: Iterable[VisibleResult], known: ExerciseSet) -> None:
    """Print what students read about each mistake: the message of the visible check, and the hint after grading."""
    terminal = Terminal()
    for result in results:
        if result.kind is not AnswerKind.MISTAKE:
            continue
        mistake = known[result.exercise].mistakes[result.name]
        terminal.print_line(f"{result.exercise}: {result.name}")
        terminal.print_line(f"  check: {(result.error or 'passes').removeprefix(f'CheckFailed: {result.exercise}: ')}")
        terminal.print_line(f"  hint:  {mistake.hint or 'none'}")
        if mistake.otherwise:
            terminal.print_line(f"  hint without {' and '.join(mistake.names)} in the code: {mistake.otherwise}")


def print_visible_results(results: Sequence[VisibleResult]) -> None:
    """Print the answers that the visible checks misjudge, and how many mistakes they reject in each notebook."""
    terminal = Terminal()
    for result in results:
        if not result.is_as_expected:
            problem = result.error or "the visible check passes"
            if result.reason:
                problem = f"it does not pass, so remove its reason (unseen=): {problem}"
            terminal.print_line(f"{result.notebook}: {result.exercise}: {result.kind} {result.name!r}: {problem}")
    for notebook, own in coverage(results).items():
        excused = f", {own.excused} have a reason to pass (unseen=)" if own.excused else ""
        terminal.print(f"{notebook}: the visible checks reject {own.rejected} of {own.total} mistakes{excused}")


def print_matrix(rows: Sequence[Row]) -> None:
    """Print a table for each exercise, what an author should look at in any of them, and a summary."""
    terminal = Terminal()
    for exercise, group in groupby(rows, key=lambda row: row.exercise):  # those of an exercise are together
        terminal.print(_make_table(exercise, [*group]))
    for row in rows:
        for remark in _find_remarks(row):
            terminal.print_line(f"{row.exercise}, {row.name}: {remark}")
    if spreads := [row.spread for row in rows if row.spread]:
        remedy = "give the exercise the input that decides as a fixed case"
        terminal.print(f"the scores of {count(len(spreads), 'answer')} vary, by up to {max(spreads):g}: {remedy}")
    terminal.print(f"{sum(row.is_as_expected for row in rows)} of {len(rows)} answers are judged as expected")


def _make_table(exercise: str, rows: Sequence[Row]) -> Table:
    table = Table("", "answer", "points", title=exercise, title_justify="left", expand=True)
    if has_rules := len({rule for row in rows for rule in row.broken}) > 1:  # a single one would fill each row
        table.add_column("broken rules")
    for row in rows:
        points = f"{' or '.join(f'{score:g}' for score in dict.fromkeys(row.scores))} of {row.points:g}"
        broken = ("; ".join(row.broken),) if has_rules else ()
        table.add_row(row.kind, row.name, points, *broken, style=None if row.is_as_expected else "bold red")
    return table


def _find_remarks(row: Row) -> Iterator[str]:
    if row.misses_hint:
        seen = ", ".join(name or "nothing" for name in row.diagnosed)
        remedy = "if another mistake gives the same values, add a case on which they differ, or keep one"
        yield f"diagnosed as {seen}, so students may miss its hint: {remedy}"
    if row.reason:
        yield ("" if row.is_as_expected else "it is judged as usual, so remove its reason: ") + row.reason
    elif not row.is_as_expected:
        yield row.message or "it should lose points"
