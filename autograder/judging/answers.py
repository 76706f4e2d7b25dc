"""Known answers as text: a file of percent cells, as Jupytext, VS Code and Spyder read them.

::

    # %% wrong odds: the reciprocal
    # hint: What are the odds of a likely event: above or below 1?
    def odds(p):
        return (1 - p) / p

The first line says whether the answer is right, which exercise it belongs to, and what is wrong or unusual. Lines such
as ``# hint: …`` may follow it. A long one continues in lines that begin with ``#`` and three spaces. The rest is the
code as a student would write it. It runs with `np` and with the references of the other exercises, as in a notebook
whose other answers are right.

Imports and functions that several cells share stand before the first cell. A cell is preceded by those that it needs
and does not define itself, so an answer may be a single changed function of a right one. If the first line names
several exercises, separated by commas, the cell defines the first, and the others get the same answer.
"""

import ast
import re
import symtable
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .model import Mistake

CELL = re.compile(
    r"^# %% (?P<kind>wrong|right) (?P<exercises>\w+(?:, \w+)*): (?P<name>.+)\n(?P<lines>(?:#(?! ?%%).*\n)*)",
    re.MULTILINE,
)
MARKER = re.compile(r"^# ?%%.*", re.MULTILINE)  # of any percent cell
FIELD = re.compile(r"^# (\w+): (.*(?:\n#   .*)*)", re.MULTILINE)  # a long one continues below
MISTAKE_FIELDS = ("hint", "names", "otherwise")  # as in `Mistake`
# Of a held-out answer: what its explanation says and never says; why its score may vary, or may be an unexpected one.
HELD_OUT_FIELDS = ("words", "never", "reason")


@dataclass(frozen=True, eq=False)
class KnownAnswer:
    """An answer in a file."""

    exercise: str
    name: str  # what is wrong or unusual about it
    is_right: bool
    cell: str  # its code
    fields: Mapping[str, list[str]]  # the lines after the first, by their names
    path: Path  # of the file
    head: Sequence["_Statement"]  # of the file
    given: Mapping[str, Any]  # the names that its code can use, too

    @cached_property
    def code(self) -> str:
        """The whole code of the answer: the cell, below the statements of the head that it needs."""
        own = _defined(self.cell, f"<{self.exercise}: {self.name}>")
        missing = {self.exercise, *_mentioned(ast.parse(self.cell))} - own
        needed: list[_Statement] = []
        # Until no further one defines what is missing: each may need others.
        while more := [each for each in self.head if each not in needed and each.defined & missing]:
            needed += more
            missing = missing.union(*(each.mentioned for each in more)) - own
        return "\n\n".join([*(each.text for each in self.head if each in needed), self.cell]) + "\n"

    @cached_property
    def value(self) -> Any:
        """The function or value. It cannot use the reference of its own exercise.

        Raise `ValueError` if the code does not define it: mappings of answers take a `KeyError` for a missing key.
        """
        namespace = {name: value for name, value in self.given.items() if name != self.exercise}
        exec(compile(self.code, f"<{self.exercise}: {self.name}>", "exec"), namespace)
        if self.exercise not in namespace:
            raise ValueError(f"{self.path}: {self.exercise}, {self.name!r} does not define {self.exercise}")
        return namespace[self.exercise]

    def field(self, name: str) -> str:
        """The text of a field; empty if the answer does not have it."""
        return " ".join(self.fields.get(name, []))

    @property
    def mistake(self) -> Mistake:
        """The answer as a mistake of a catalogue."""
        return Mistake(self.value, self.field("hint"), tuple(self.fields.get("names", [])), self.field("otherwise"))


def read_answers(
    path: Path, references: Mapping[str, Any], mistake_fields: Sequence[str] = MISTAKE_FIELDS
) -> list[KnownAnswer]:
    """Read the answers in a file.

    Raise `ValueError` if the first line of a cell has another form, or a comment after it another form or name, if a
    cell has no code, or if a statement before the first cell defines no name.
    """
    text = path.read_text(encoding="utf-8").rstrip() + "\n"
    cells = list(CELL.finditer(text))
    starts = [*(cell.start() for cell in cells), len(text)]
    if typo := next((line[0] for line in MARKER.finditer(text) if line.start() not in starts), None):
        raise ValueError(f"{path}: {typo!r} must be '# %% wrong NAME: …' or '# %% right NAME: …'")
    head, given = _read_head(path, text[: starts[0]]), {"np": np, **references}
    answers = []
    for cell, end in zip(cells, starts[1:], strict=True):
        where, is_right = f"{path}: {cell['exercises']}, {cell['name']!r}", cell["kind"] == "right"
        fields = _read_fields(cell["lines"], where, () if is_right else mistake_fields)
        exercises, code = cell["exercises"].split(", "), text[cell.end() : end].strip()
        if not code:
            raise ValueError(f"{where} has no code: write the answer below it")
        for exercise in exercises:
            renamed = re.sub(rf"\b{exercises[0]}\b", exercise, code)  # in texts and comments, too
            answers.append(KnownAnswer(exercise, cell["name"], is_right, renamed, fields, path, head, given))
    return answers


def _read_fields(lines: str, where: str, known: Sequence[str]) -> dict[str, list[str]]:
    if stray := FIELD.sub("", lines).strip():  # such as #hint, or a part of one with two spaces
        line = stray.splitlines()[0]
        raise ValueError(f"{where} has the line {line!r}: write '# NAME: …', or '#   …' to continue one")
    fields: dict[str, list[str]] = {}
    for field, text in FIELD.findall(lines):
        if field not in known:
            raise ValueError(f"{where} has a line {field!r}; the known ones are {', '.join(known) or 'none'}")
        fields.setdefault(field, []).append(re.sub(r"\n#  +", " ", text))
    return fields


@dataclass(frozen=True, eq=False)
class _Statement:
    """A statement before the first cell of a file."""

    text: str
    defined: set[str]
    mentioned: set[str]


def _read_head(path: Path, source: str) -> list[_Statement]:
    """What stands before the first cell of a file: statements that define names, below a docstring."""
    lines, tree, head = source.split("\n"), ast.parse(source, str(path)), []
    ends = [node.end_lineno for node in tree.body]
    for node, start in zip(tree.body, [0, *ends], strict=False):
        text = "\n".join(lines[start : node.end_lineno]).strip()
        if not text:  # the line of the statement before it has this one, too
            continue
        if defined := _defined(text, str(path)):
            head.append(_Statement(text, defined, _mentioned(ast.parse(text))))
        elif node is not tree.body[0] or not ast.get_docstring(tree):  # no cell would be preceded by it
            raise ValueError(f"{path}, line {node.lineno} defines no name: move it into the cells that need it")
    return head


def _defined(code: str, file: str) -> set[str]:
    """The names that code defines at its top level: functions, imports and variables."""
    symbols = symtable.symtable(code, file, "exec").get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def _mentioned(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
