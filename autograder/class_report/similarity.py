"""Find pairs of submissions that share lines which few other students wrote.

The result is a reason for a person to look, and decides nothing. Short exercises have similar solutions everywhere, so
overall similarity says little. Only lines that few students wrote count, comments and variable names included.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

MAX_COMPARED_CHARACTERS = 10_000  # of a student's solutions: a pair takes up to 0.1 s, and one of 500 000 takes 9 s
MAX_EXAMPLE_CHARACTERS = 120
MIN_LINE_CHARACTERS = 12  # shorter lines occur in every solution
MIN_SHARED_LINES = 3
MAX_PAIRS = 20
RARE_IN_ANY_CLASS = 3  # in small classes, a line of so many students still counts as rare
RARE_ONE_IN = 50  # in large classes, a line is rare if at most 1 in 50 students wrote it


@dataclass(frozen=True)
class SimilarPair:
    """Two students whose solutions share rare lines."""

    first: str  # the students, in the order of their ids
    second: str
    num_shared: int  # the number of rare lines that they share
    example: str  # the rarest shared line
    percent: float  # the similarity of the first `MAX_COMPARED_CHARACTERS` of their solutions, 0 to 100


def find_similar_pairs(solutions: Mapping[str, str], released: Iterable[str] = ()) -> tuple[list[SimilarPair], int]:
    """Find pairs of students who share rare lines: at most `MAX_PAIRS`, those with the most lines first.

    Return the number of students, too, up to which a line is rare. A larger group of copies is not found. `solutions`
    has the text of all solution cells by student, `released` the lines that all students received.
    """
    released_lines = {_normalise_spaces(line) for line in released}
    lines = {student: _countable_lines(text) - released_lines for student, text in solutions.items()}
    authors: dict[str, list[str]] = defaultdict(list)
    for student, own in sorted(lines.items()):  # so that a pair is counted in one order
        for line in sorted(own):  # the order of pairs with equally many lines depends on it
            authors[line].append(student)
    max_authors = max(RARE_IN_ANY_CLASS, len(solutions) // RARE_ONE_IN)
    num_shared: Counter[tuple[str, str]] = Counter()
    for students in authors.values():
        if 2 <= len(students) <= max_authors:
            num_shared.update(itertools.combinations(students, 2))
    pairs = []
    for (first, second), count in num_shared.most_common(MAX_PAIRS):
        if count >= MIN_SHARED_LINES:
            example = min(lines[first] & lines[second], key=lambda line: (len(authors[line]), -len(line), line))
            percent = fuzz.ratio(*(solutions[student][:MAX_COMPARED_CHARACTERS] for student in (first, second)))
            pairs.append(SimilarPair(first, second, count, example[:MAX_EXAMPLE_CHARACTERS], percent))
    return pairs, max_authors


def _countable_lines(text: str) -> set[str]:
    lines = map(_normalise_spaces, text.splitlines())
    return {line for line in lines if len(line) >= MIN_LINE_CHARACTERS}


def _normalise_spaces(line: str) -> str:
    return " ".join(line.split())
