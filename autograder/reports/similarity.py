"""Answers that are alike in what few others wrote. It flags pairs for a person to look at, and decides nothing.

Short exercises have much the same solution everywhere, so plain likeness says little. What counts here are lines that
only a few of the class wrote, comments and odd names included; pairs that share some are then compared as a whole.
"""

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

SHORTEST_LINE = 12  # characters; shorter ones are everybody's
FEWEST_SHARED = 3  # rare lines
MOST_SHOWN = 20  # pairs


@dataclass(frozen=True)
class Alike:
    """Two students whose answers share lines that few others wrote."""

    first: str
    second: str
    shared: int
    example: str
    percent: float


def alike(answers: Mapping[str, str], released: Iterable[str] = ()) -> list[Alike]:
    """Find pairs of students with uncommon lines in common, the most striking first.

    Parameters
    ----------
    answers : mapping of str to str
        All that each student wrote, as one text.
    released : iterable of str
        Lines that everybody was given.
    """
    given = {_plain(line) for line in released}
    lines = {
        student: {plain for line in text.splitlines() if len(plain := _plain(line)) >= SHORTEST_LINE} - given
        for student, text in answers.items()
    }
    holders: dict[str, list[str]] = defaultdict(list)
    for student, own in sorted(lines.items()):
        for line in own:
            holders[line].append(student)
    rare = max(3, len(answers) // 50)
    shared: Counter[tuple[str, str]] = Counter()
    for students in holders.values():
        if 2 <= len(students) <= rare:
            shared.update(itertools.combinations(students, 2))
    striking = [(pair, count) for pair, count in shared.most_common(MOST_SHOWN) if count >= FEWEST_SHARED]
    return [_told(pair, count, answers, lines, holders) for pair, count in striking]


def _told(pair: tuple[str, str], count: int, answers, lines, holders) -> Alike:
    first, second = pair
    common = sorted(lines[first] & lines[second], key=lambda line: (len(holders[line]), -len(line), line))
    return Alike(first, second, count, common[0], fuzz.ratio(answers[first], answers[second]))


def _plain(line: str) -> str:
    return " ".join(line.split())


def written(notebooks: Iterable[Path]) -> str:
    """What a student wrote: the text of the solution cells of their notebooks; empty where none can be read."""
    cells = []
    for path in notebooks:
        try:
            cells += json.loads(path.read_text(encoding="utf-8"))["cells"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
    own = [cell["source"] for cell in cells if cell.get("metadata", {}).get("nbgrader", {}).get("solution")]
    return "\n".join("".join(source) for source in own)
