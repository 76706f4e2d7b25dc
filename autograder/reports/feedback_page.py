"""The feedback page of a notebook: points to gain first, then each verdict with the student's own answer below it.

The rest of the notebook is folded: students know it, and with it the page was 25 printed pages long.
"""

from collections.abc import Sequence

from markupsafe import Markup
from nbformat.notebooknode import NotebookNode

from ..grading.notebook_notes import NotebookNotes
from ..runner.sandbox import UNSANDBOXED
from ..submissions.sanitise import sanitise
from . import markdown
from .cell_on_page import TITLE_LEVEL, Explained, Result, make_cell_on_page
from .graded_cells import find_graded_cells
from .grades import NotebookGrades, StudentInfo
from .notebook_body import render_notebook
from .templates import TEMPLATES
from .timing import format_duration


def render_page(
    nb: NotebookNode,
    grades: NotebookGrades,
    student: StudentInfo,
    assignment: str,
    notebook: str,
    explained: Explained,
) -> str:
    """Render the feedback page of a graded notebook, which is sanitised in place.

    `explained` has the right letters of the questions whose answers may be shown once they are judged.
    """
    notes = NotebookNotes.read(nb.metadata)
    sanitise(nb)
    cells = [make_cell_on_page(graded, grades, explained) for graded in find_graded_cells(nb)]
    headings = (markdown.last_heading_html(cell.source) for cell in nb.cells if cell.cell_type == "markdown")
    title = next(filter(None, headings), None)
    body = render_notebook(nb, cells, notes.unchanged_demos)
    waiting = [cell for cell in cells if cell.grade.needs_manual_grade]
    received = [cell for cell in cells if cell.result is Result.RECEIVED]
    return TEMPLATES.get_template("feedback.html").render(
        title=markdown.strip_tags(title) if title else notebook,
        student=_describe_student(student),
        assignment=assignment,
        notebook=notebook,
        cells=sorted(cells, key=lambda cell: (-cell.to_gain, cell.result is Result.PASSED)),
        commented=[cell for cell in cells if cell.comment],
        score=grades.subtract_penalty(sum(cell.grade.score for cell in cells)),
        max_score=sum(cell.points for cell in cells),
        pending=sum(cell.points - cell.grade.score for cell in [*waiting, *received]),
        waiting=waiting,
        received=received,
        late_penalty=grades.notebook_penalty,
        timing=grades.timing,
        format_duration=format_duration,
        messages=[
            *notes.submission,
            *notes.errors,
            *(failure.message for failure in notes.failures),
            *notes.flags,
            *notes.repairs,
        ],
        is_unsandboxed=UNSANDBOXED in notes.modes,
        body=Markup(markdown.renumber_headings(body, TITLE_LEVEL)),
    )


def render_failure(
    grades: NotebookGrades,
    student: StudentInfo,
    assignment: str,
    notebook: str,
    max_score: float | None,
    reason: Sequence[str],
) -> str:
    """Render the page of a notebook that cannot be shown: the points, and the reason."""
    return TEMPLATES.get_template("feedback_failure.html").render(
        title=notebook,
        student=_describe_student(student),
        assignment=assignment,
        notebook=notebook,
        score=grades.subtract_penalty(sum(grade.score for grade in grades.cells.values())),
        max_score=max_score,
        reason=reason,
    )


def _describe_student(student: StudentInfo) -> str:
    return f"{student.name} ({student.id})" if student.name else student.id
