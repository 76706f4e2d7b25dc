"""The table of limits: what a line of it says is sent, reported and described, and some code enforces the line."""

import ast
from dataclasses import dataclass, fields

import pytest

from autograder.runner import FailureKind, Limits, Step
from autograder.runner.limits import TIME_LIMITS, count, limit
from autograder.runner.shell import LIMITS_BY_ERRNO
from autograder.runner.visible_files import RUNNER_FOLDER
from tests.runner.conftest import failure_message


@dataclass(frozen=True)
class MoreLimits(Limits):
    figures: int = limit(3, "the cell exceeded its limit of {} open figures", count, from_reply=True)
    quiet: int = limit(4, "the notebook exceeded its limit of {} jokes", count)


# In place of code in `cells` that notices the limit: a cell that changes the student's own process.
NOTICE = """
notebook = get_ipython().notebook
notebook.run = lambda source, limits: {"outputs": [], "limit_hit": "NAME" if limits["NAME"] == VALUE else None}
"""


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("figures", 3, "the cell exceeded its limit of 3 open figures"), ("quiet", 4, None), ("cell_seconds", 20, None)],
)
def test_a_line_of_the_table_is_sent_reported_and_described(harness, name, value, message):
    notice = NOTICE.replace("NAME", name).replace("VALUE", str(value))
    _, result = harness.runner.run([Step(notice), Step("1")], limits=MoreLimits())
    assert failure_message(result) == message  # a limit without `from_reply` is not believed
    assert [(failure.kind, failure.limit_hit) for failure in result.failures] == (
        [(FailureKind.LIMIT, name)] if message else []
    )


def test_every_message_contains_the_value_and_its_unit():
    lines = [line.name for line in fields(Limits) if line.metadata]
    assert len(lines) > 10
    for name in lines:
        assert Limits().amount(name) in Limits().message(name)
    assert Limits().amount("cell_seconds") == "20 s"
    assert Limits().amount("memory") == "3072 MiB"
    assert Limits(memory=16 << 30).amount("memory") == "16384 MiB"
    assert Limits(cell_output=1000).amount("cell_output") == "0.9766 KiB"
    assert Limits().amount("threads") == "64"


def test_the_student_s_process_reports_limits_that_are_read_from_its_replies():
    assert {*LIMITS_BY_ERRNO.values(), "memory", "cell_output", "outputs", "answer_bytes"} == Limits().in_replies
    assert not Limits().in_replies & TIME_LIMITS


def limits_that_code_reads():
    """The names in ``limits.NAME`` and ``limits["NAME"]``, in all modules of the runner."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in RUNNER_FOLDER.glob("*.py")]
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Attribute(value=table, attr=name) | ast.Subscript(value=table, slice=ast.Constant(name)):
                if ast.unparse(table).endswith("limits"):
                    yield name


def test_code_reads_each_limit_so_that_none_is_without_effect():
    names = {line.name for line in fields(MoreLimits)}
    assert names - set(limits_that_code_reads()) == {"figures", "quiet"}  # of these two, there are only the lines
