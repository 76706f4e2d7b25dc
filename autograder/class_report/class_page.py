"""The class page for the projector: predictions, progress and frequent mistakes, in large letters and without names.

The page reloads itself from its own file, so it needs no network and no server. A script in the page handles the
lecturer's keyboard. The address says which view is shown, so the view survives a reload.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from ..course import Course
from ..grading.records import Record
from ..grading.replacing import write_atomically
from ..reports.templates import TEMPLATES, math_font
from .class_data import ClassData
from .class_mistakes import mistake_statistics, most_frequent
from .class_statistics import QuestionStatistics, question_statistics
from .predictions import count_predictions
from .questions import Questions
from .telling_line import find_line_of_mistake


def write(course: Course, assignment: str, graded: Sequence[Record]) -> Path:
    """Write `reports/<assignment>-class.html`. It is replaced at once, so that a browser never reads half of it."""
    file = course.reports_folder / f"{assignment}-class.html"
    write_atomically(file, render_page(course, assignment, graded))
    return file


def render_page(course: Course, assignment: str, graded: Sequence[Record]) -> str:
    """Render the class page, without names of students."""
    data = ClassData(course, assignment, graded, questions=Questions.read(course, assignment))
    return TEMPLATES.get_template("class_page.html").render(
        assignment=assignment,
        time=f"{datetime.now():%H:%M:%S}",
        num_submissions=len(graded),
        predictions=count_predictions(course, data.questions, graded),
        progress=_progress(data),
        # Not a student's line, who could choose what a projector shows. The page hides it until the lecturer reveals
        # it, because a wrong answer may be close to the right one.
        mistakes=[(row, find_line_of_mistake(row, data)) for row in most_frequent(mistake_statistics(data), data)],
        questions=data.questions,
        math_font=math_font(),
    )


def _progress(data: ClassData) -> dict[str, list[QuestionStatistics]]:
    """The exercises of each notebook in its order, without those of which no answer has been judged yet."""
    current = [row for row in question_statistics(data) if row.key in data.questions]
    by_notebook = groupby(current, key=lambda row: row.key[0])
    return {notebook: [row for row in rows if row.num_graded] for notebook, rows in by_notebook}
