"""A graded cell as the feedback page shows it: its result, the points to gain, and what to look at first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from ..grading.notebook_notes import read_verdict
from ..judging.points_as_text import format_points
from ..judging.quizzes import ExplainedLetter
from ..judging.rule_failures import NOT_ANSWERED_MESSAGE
from ..judging.verdict import Verdict
from . import markdown
from .graded_cells import GradedCell
from .grades import SCORE_TOLERANCE, CellGrade, NotebookGrades, is_unanswered

TITLE_LEVEL = 2  # of the headings of the page itself

Explained = Mapping[str, Sequence[ExplainedLetter]]
"""The right letters with their reasons, by exercise."""


class Result(StrEnum):
    """The result of a graded cell, as the page shows it. The values are CSS classes."""

    PASSED = "passed"
    PARTLY = "partly"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    UNGRADED = "ungraded"
    RECEIVED = "received"

    @property
    def label(self) -> str:
        """The text for students."""
        return _LABELS[self]


_LABELS = {
    Result.PASSED: "✓ passed",
    Result.PARTLY: "◐ partly",
    Result.FAILED: "✗ not yet",
    Result.UNANSWERED: f"○ {NOT_ANSWERED_MESSAGE}",
    Result.UNGRADED: "… to be graded",
    Result.RECEIVED: "… received",
}


@dataclass(frozen=True)
class CellOnPage(GradedCell):
    """A graded cell as it appears on the page."""

    grade: CellGrade
    verdict: Verdict  # without findings for a written answer
    comment: Markup | None  # the comments on it and on its solution cell
    # the right letters with their reasons; empty until the answer is judged
    explained: Sequence[ExplainedLetter] = ()

    @property
    def anchor(self) -> str:
        """The id of its verdict in the page. The student's answer is below it."""
        return "question-" + re.sub(r"[^\w-]", "-", self.grade_id)

    @property
    def shown_score(self) -> str:
        """Its score, or a dash if it has none yet."""
        has_score = self.grade.auto_score is not None or self.grade.manual_score is not None
        is_dash = self.result is Result.RECEIVED or (self.result is Result.UNGRADED and not has_score)
        return "–" if is_dash else format_points(self.grade.score)

    @property
    def result(self) -> Result:
        """The result that its score amounts to."""
        if self.grade.needs_manual_grade:
            return Result.UNGRADED
        if self.verdict.is_received and not self.grade.is_override:
            return Result.RECEIVED
        if is_unanswered(self.verdict, self.grade):
            return Result.UNANSWERED
        if self.grade.score >= self.points - SCORE_TOLERANCE:
            return Result.PASSED
        return Result.PARTLY if self.grade.score > 0 else Result.FAILED

    @property
    def to_gain(self) -> float:
        """The points that a better answer would earn. 0 while it is not judged, because nobody knows."""
        can_gain = self.result in (Result.PARTLY, Result.FAILED, Result.UNANSWERED)
        return max(self.points - self.grade.score, 0.0) if can_gain else 0.0

    @property
    def first_step(self) -> str:
        """What to look at first: the likely mistake, or else how the first property failed. Empty if nothing failed.

        If only a forbidden library voids the answer, it is the first note, which says so. It is not the name of a
        rule, such as "a prediction is made": in a table, that reads like a statement.
        """
        if self.result is Result.PASSED:
            return ""
        if not self.verdict.failed_findings:
            return self.verdict.notes[0] if self.verdict.is_void and self.verdict.notes else ""
        if self.verdict.cause:
            return self.verdict.cause
        if self.result is Result.UNANSWERED:  # the card says “not answered yet” already
            return ""
        return self.verdict.diagnosis or self.verdict.failed_findings[0].message

    @property
    def slide(self) -> str:
        """The slide of the first property that failed. Empty if none did, as in an answer that is void."""
        return next((finding.slide for finding in self.verdict.failed_findings), "")


def make_cell_on_page(graded: GradedCell, grades: NotebookGrades, explained: Explained) -> CellOnPage:
    """Combine a graded cell with its verdict, its grade and its comments."""
    verdict = read_verdict(graded.cell) or Verdict(graded.grade_id, ())
    is_judged = bool(verdict.findings) and not verdict.is_received
    return CellOnPage(
        **vars(graded),
        grade=grades.cells.get(graded.grade_id, CellGrade(0.0, needs_manual_grade=False)),
        verdict=verdict,
        comment=_render_comments(graded, grades),
        explained=explained.get(verdict.exercise, ()) if is_judged else (),
    )


def _render_comments(graded: GradedCell, grades: NotebookGrades) -> Markup | None:
    """Render the comments on a graded cell and on the cell with its answer."""
    grade_ids = [str(node.metadata.nbgrader["grade_id"]) for node in (graded.cell, graded.answer)]
    comments = [grades.comments[grade_id] for grade_id in dict.fromkeys(grade_ids) if grade_id in grades.comments]
    if not comments:
        return None
    return Markup(markdown.renumber_headings(markdown.render("\n\n".join(comments)), TITLE_LEVEL))
