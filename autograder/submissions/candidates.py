"""Find the notebooks of a submission that could be meant, and choose the one that is graded.

Students hand in `first.ipynb` as they received it, and their work as `first-Copy1.ipynb`. What a notebook is called
matters less than what it contains: the texts of the cells that students write in, compared with those of the release.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_notebook

from .file_names import notebook_stem
from .hidden_tests import without_hidden_tests
from .released_cells import ReleasedCell, find_answering, find_definitions, grade_id_of
from .written_answers import find_written_answer

MIN_KNOWN_SHARE = 1 / 4  # of the grade ids of a notebook: where fewer are in the release, it is another notebook


@dataclass(frozen=True)
class Release:
    """A notebook of the assignment as it was released."""

    cells: Sequence[ReleasedCell]  # the cells that nbgrader knows, with the hidden tests, which students do not receive
    texts: Collection[str] = ()  # the texts of all others

    @property
    def given(self) -> frozenset[str]:
        """The texts of all cells as students receive them, without space around them: an editor may add a line."""
        known = (without_hidden_tests(cell.source) for cell in self.cells)
        return frozenset(text.strip() for text in (*self.texts, *known))


@dataclass(frozen=True, eq=False)
class Candidate:
    """A notebook of a submission. It equals only itself: two files may have the same content."""

    path: PurePosixPath  # within the submission; the path in an archive follows that of the archive
    nb: NotebookNode = field(default_factory=new_notebook)  # it is empty if the notebook cannot be read
    problem: str = ""  # why it cannot be read, in a sentence


def assign(candidates: Sequence[Candidate], released: Mapping[str, Release]) -> dict[str, list[Candidate]]:
    """Find which notebook of the assignment each candidate is: by the grade ids of its cells, and by its name.

    One without grade ids is recognised by the answers in it. Left out are other notebooks: too few of their grade ids
    are in the release, or they have neither grade ids nor answers nor the name.
    """
    ids = {name: {cell.grade_id for cell in release.cells} for name, release in released.items()}
    found: dict[str, list[Candidate]] = {name: [] for name in released}
    for candidate in candidates:
        grade_ids = {grade_id_of(cell) for cell in candidate.nb.cells} - {None}
        is_named = {name: name.casefold() == notebook_stem(candidate.path.name).casefold() for name in ids}
        num_known = {
            name: len(grade_ids & ids[name] if grade_ids else find_answers(candidate.nb, release))
            for name, release in released.items()
        }
        fitting = [name for name in ids if num_known[name] >= MIN_KNOWN_SHARE * len(grade_ids)]
        if meant := [name for name in fitting if num_known[name] or is_named[name]]:
            found[max(meant, key=lambda name: (is_named[name], num_known[name]))].append(candidate)
    return found


@dataclass(frozen=True)
class Choice:
    """Which of several notebooks is graded."""

    candidate: Candidate
    rivals: list[Candidate]  # others that contain answers which it does not have
    # Whether the grader may decide: without rivals, or for the named notebook if it answers every question that they
    # answer. Otherwise, a person decides.
    is_clear: bool
    has_answers: bool  # whether it contains an answer at all, if it should


def choose(candidates: Sequence[Candidate], named: Candidate | None, release: Release) -> Choice | None:
    """Choose the notebook that is graded. One of the candidates may have its name. None if no notebook can be read."""
    readable = [candidate for candidate in candidates if not candidate.problem]
    if not readable:
        return None
    answers = {candidate: find_answers(candidate.nb, release) for candidate in readable}
    best = _find_best(named, answers)
    rivals = [other for other in readable if answers[other].items() - answers[best].items()]
    answers_their_questions = all(answers[rival].keys() <= answers[best].keys() for rival in rivals)
    is_clear = not rivals or (best is named and answers_their_questions)
    expects_answers = any(cell.is_solution for cell in release.cells)
    return Choice(best, rivals, is_clear, has_answers=bool(answers[best]) or not expects_answers)


def _find_best(named: Candidate | None, answers: dict[Candidate, dict[str, str]]) -> Candidate:
    """Find the best of the readable notebooks, whose answers are given.

    One with answers is preferred to one without, the named one to others, of others the one with the most answers, and
    of equal ones the last. One that contains the same answers and more is preferred to it: nothing is lost.
    """
    latest = [*reversed(answers)]  # of equal ones, `max` takes the first
    preferred = max(latest, key=lambda each: (bool(answers[each]), each is named, len(answers[each])))
    with_more = [other for other in latest if answers[other].items() > answers[preferred].items()]
    return max(with_more, key=lambda other: len(answers[other]), default=preferred)


def find_answers(nb: NotebookNode, release: Release) -> dict[str, str]:
    """Find what a student has answered: by grade id, the text of each answer, which may be in several cells.

    Only cells count that are new or changed, and have a line that the released cell does not have.
    """
    given = release.given
    changed = [pair for pair in find_definitions(nb, given) if pair[0].source.strip() not in given]
    answers = {}
    for released in release.cells:
        if released.is_solution:
            known = _lines(released.source)
            texts = [cell.source.strip() for cell in find_answering(changed, released)]
            if new := [text for text in texts if _lines(text) - known]:
                answers[released.grade_id] = "\n".join(new)
        if released.is_written and (own := find_written_answer(nb, released, given)):
            answers[released.grade_id] = own.source.strip()
    return answers


def _lines(source: str) -> set[str]:
    return {line.strip() for line in source.splitlines()} - {""}
