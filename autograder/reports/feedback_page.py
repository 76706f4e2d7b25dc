"""The feedback page of a notebook: points to gain first, then each verdict with the student's own answer below it.

The rest of the notebook is folded: students know it, and with it the page was 25 printed pages long.

`FeedbackExporter` is used by ``nbgrader generate_feedback``. `write_all` writes the same pages for a whole class, and
queries the gradebook once.
"""

import fnmatch
import html
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import nbformat
from markupsafe import Markup
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.filters.ansi import strip_ansi
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import default

from ..course import DEFAULT_EXERCISES, Course, CourseError
from ..grading import records
from ..grading.arrivals import SECRET_FILE, TIMESTAMP_FILE
from ..grading.boundary import Boundary, concerns_everybody, describe
from ..grading.due_dates import now, read_due_dates
from ..grading.notebook_notes import NotebookNotes, read_verdict
from ..grading.preprocessors import IN_WORKER
from ..grading.records import Outcome, Record
from ..grading.replacing import write_atomically
from ..grading.supervised_exporter import SupervisedExporter
from ..judging.exercise_set import load_exercises
from ..judging.model import Exercise
from ..judging.quizzes import ExplainedLetter, explained_letters
from ..judging.rule_failures import NOT_ANSWERED
from ..judging.verdict import Verdict
from ..runner.sandbox import UNSANDBOXED
from ..submissions.hidden_tests import without_hidden_tests
from ..submissions.sanitise import sanitise
from ..supervisor import Supervisor, enter_stage
from . import markdown
from .graded_cells import GradedCell, find_graded_cells
from .grades import (
    SCORE_TOLERANCE,
    CellGrade,
    NotebookGrades,
    StudentInfo,
    format_duration,
    read_max_scores,
    read_notebook_grades,
    read_students,
)
from .highlighting import highlight_python
from .templates import TEMPLATES, format_points

PAGE_MODE = 0o664  # nbgrader copies the mode to the exchange, where the student must be able to read the page
EXCHANGE_FILES = (TIMESTAMP_FILE, SECRET_FILE)  # nbgrader finds the recipient of a page with these
MAX_OUTPUT_CHARACTERS = 20_000  # of one output
MAX_OPEN_LINES = 40  # a longer output is folded
MAX_LABEL_CHARACTERS = 300
PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")
NO_DESCRIPTION = "picture without a description"
TITLE_LEVEL = 2  # of the headings of the page itself

Cells = Sequence[tuple[NotebookNode, str]]  # with the markup of each
Explained = Mapping[str, Sequence[ExplainedLetter]]  # by exercise
_NOTHING: Explained = {}


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
    Result.UNANSWERED: f"○ {NOT_ANSWERED}",
    Result.UNGRADED: "… to be graded",
    Result.RECEIVED: "… received",
}

_TO_GAIN = (Result.PARTLY, Result.FAILED, Result.UNANSWERED)
_SHORT_WORDS = {"a", "an", "at", "if", "in", "is", "it", "no", "on", "to"}  # other short words, as z or lr, are names


@dataclass(frozen=True)
class CellOnPage:
    """A graded cell as it appears on the page."""

    anchor: str  # The id of its verdict in the page. The student's answer is below it.
    name: Markup  # the heading above it
    points: float
    grade: CellGrade
    verdict: Verdict  # without findings for a written answer
    comment: Markup | None  # the comments on it and on its solution cell
    # the right letters with their reasons; empty until the answer is judged
    explained: Sequence[ExplainedLetter] = ()

    @property
    def score(self) -> float:
        """Its score in the gradebook."""
        return self.grade.score

    @property
    def shown_score(self) -> str:
        """Its score, or a dash if it has none yet."""
        is_ungraded = self.grade.needs_manual_grade and not self.grade.has_score
        return "–" if is_ungraded or self.result is Result.RECEIVED else format_points(self.score)

    @property
    def result(self) -> Result:
        """The result that its score amounts to."""
        if self.grade.needs_manual_grade:
            return Result.UNGRADED
        if self.verdict.is_received and not self.grade.is_override:
            return Result.RECEIVED
        if self._is_unanswered:
            return Result.UNANSWERED
        if self.score >= self.points - SCORE_TOLERANCE:
            return Result.PASSED
        return Result.PARTLY if self.score > 0 else Result.FAILED

    @property
    def _is_unanswered(self) -> bool:
        """Whether the class report counts it as unanswered, too. Points of a person say more than a verdict."""
        if self.verdict.findings:
            return self.verdict.is_unanswered and not self.grade.is_override
        return self.grade.has_no_response

    @property
    def to_gain(self) -> float:
        """The points that a better answer would earn. 0 while a person has yet to grade it."""
        return max(self.points - self.score, 0.0) if self.result in _TO_GAIN else 0.0

    @property
    def first_step(self) -> str:
        """What to look at first: the likely mistake, or else how the first property failed. Empty if nothing failed.

        It is not the name of a rule, such as "a prediction is made": in a table, that reads like a statement.
        """
        if not self.verdict.failed or self.result is Result.PASSED:
            return ""
        if self.verdict.cause or self.result is Result.UNANSWERED:  # the card says “not answered yet” already
            return self.verdict.cause or ""
        text = self.verdict.diagnosis or self.verdict.failed[0].message
        first = text.split(" ", 1)[0]
        arguments = re.findall(r"\w+", markdown.strip_tags(self.name).partition("(")[2])
        is_name = not first.isalpha() or first in arguments or (len(first) < 3 and first not in _SHORT_WORDS)
        return text if is_name else text[:1].upper() + text[1:]


def render_page(
    nb: NotebookNode,
    grades: NotebookGrades,
    student: str,
    assignment: str,
    notebook: str,
    explained: Explained = _NOTHING,
) -> str:
    """Render the feedback page of a graded notebook, which is sanitised in place.

    `explained` has the right letters of the questions whose answers may be shown once they are judged.
    """
    notes = NotebookNotes.read(nb.metadata)
    sanitise(nb)
    questions = list(find_graded_cells(nb))
    graded_cells = [_on_page(question, grades, explained) for question in questions]
    headings = (markdown.last_heading_html(cell.source) for cell in nb.cells if cell.cell_type == "markdown")
    title = next(filter(None, headings), notebook)
    body = _render_notebook(nb, list(zip(questions, graded_cells, strict=True)), notes.unchanged_demos)
    waiting = [cell for cell in graded_cells if cell.grade.needs_manual_grade]
    received = [cell for cell in graded_cells if cell.result is Result.RECEIVED]
    return TEMPLATES.get_template("feedback.html").render(
        title=markdown.strip_tags(title),
        student=_describe_student(student, grades.student_name),
        assignment=assignment,
        notebook=notebook,
        graded_cells=sorted(graded_cells, key=lambda cell: (-cell.to_gain, cell.result is Result.PASSED)),
        commented=[cell for cell in graded_cells if cell.comment],
        score=max(sum(cell.score for cell in graded_cells) - grades.late_penalty, 0.0),
        max_score=sum(cell.points for cell in graded_cells),
        pending=sum(cell.points - cell.score for cell in [*waiting, *received]),
        waiting=waiting,
        received=received,
        late_penalty=grades.late_penalty,
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


def _explain(
    exercises: Mapping[str, Exercise], gradebook: Gradebook, assignment: str, is_automatic: bool = False
) -> Explained:
    """Collect the right letters of all questions, but none while a student could still hand them in.

    Without a due date, this is the case until a person releases the pages.
    """
    last = read_due_dates(gradebook, assignment).last
    may_explain = now() >= last if last else not is_automatic
    return {name: explained_letters(exercise) for name, exercise in exercises.items()} if may_explain else {}


def _describe_student(student: str, name: str) -> str:
    return f"{name} ({student})" if name else student


def _on_page(question: GradedCell, grades: NotebookGrades, explained: Explained) -> CellOnPage:
    name = re.sub(r"[^\w-]", "-", question.grade_id)
    verdict = read_verdict(question.cell) or Verdict(question.grade_id, ())
    is_judged = bool(verdict.findings) and not verdict.is_received
    return CellOnPage(
        anchor=f"question-{name}",
        name=question.title,
        points=question.points,
        grade=grades.cells.get(question.grade_id, CellGrade(0.0, False)),
        verdict=verdict,
        comment=_render_comments(question.cell, question.solution, grades),
        explained=explained.get(verdict.exercise, ()) if is_judged else (),
    )


def _render_comments(cell: NotebookNode, solution: NotebookNode | None, grades: NotebookGrades) -> Markup | None:
    """Render the comments on a graded cell and on the solution cell before it."""
    grade_ids = [str(node.metadata.nbgrader["grade_id"]) for node in (cell, solution) if node is not None]
    comments = [grades.comments[grade_id] for grade_id in dict.fromkeys(grade_ids) if grade_id in grades.comments]
    if not comments:
        return None
    return Markup(markdown.renumber_headings(markdown.render("\n\n".join(comments)), TITLE_LEVEL))


# --- cells ------------------------------------------------------------------------------------------------------


def _render_notebook(
    nb: NotebookNode, questions: Sequence[tuple[GradedCell, CellOnPage]], unchanged_demos: Collection[int]
) -> str:
    """Render the answers, each below its verdict, and fold what is between them.

    The cells from the last heading before an answer on ask for it. Those after it, up to the next heading, use it.
    """
    at_answer = {id(q.cell if q.solution is None else q.solution): (q, on_page) for q, on_page in questions}
    checks = {id(q.cell) for q, _ in questions if q.solution not in (None, q.cell)}  # they are part of a verdict
    answers: list[tuple[GradedCell, CellOnPage]] = []
    gaps: list[list[tuple[NotebookNode, str]]] = [[]]
    for i, cell in enumerate(nb.cells):
        if id(cell) in at_answer:
            answers.append(at_answer[id(cell)])
            gaps.append([])
        elif id(cell) not in checks:
            markup = _render_cell(cell)
            gaps[-1].append((cell, _fold("Experiment, unchanged", markup) if i in unchanged_demos else markup))
    (before, between, task), *others = map(_split_gap, gaps)
    pieces = [_fold_cells([*before, *between])]
    for answer, (use, between, next_task) in zip(answers, others, strict=True):
        pieces += [_render_question(*answer, task, use), _fold_cells(between)]
        task = next_task
    return "".join([*pieces, _fold_cells(task)])


def _split_gap(gap: Cells) -> tuple[Cells, Cells, Cells]:
    """Split the cells between two answers before their first heading and at their last."""
    headings = [k for k, (cell, _) in enumerate(gap) if _heading(cell)] or [0]
    return gap[: headings[0]], gap[headings[0] : headings[-1]], gap[headings[-1] :]


def _heading(cell: NotebookNode) -> str | None:
    return markdown.last_heading_html(cell.source) if cell.cell_type == "markdown" else None


def _fold(summary: str, markup: str) -> str:
    return f'<details class="output"><summary>{summary}</summary>{markup}</details>'


def _fold_cells(cells: Cells, title: str = "") -> str:
    """Fold cells under a title or their headings."""
    if not cells:
        return ""
    headings = filter(None, (_heading(cell) for cell, _ in cells))
    titles = [html.escape(markdown.strip_tags(heading)[:MAX_LABEL_CHARACTERS]) for heading in headings]
    num_errors = sum(output.output_type == "error" for cell, _ in cells for output in cell.get("outputs", ()))
    error = ' <span class="failed">with an error</span>' if num_errors else ""
    return _fold(f"{title or ' · '.join(titles) or 'Text and code'}{error}", "".join(markup for _, markup in cells))


def _render_question(question: GradedCell, on_page: CellOnPage, task: Cells, use: Cells) -> str:
    """Render a verdict with the student's answer and, folded, the cells that ask for it, check it and use it."""
    is_same = question.solution in (None, question.cell)
    check = "" if is_same else _fold("The check", _render_cell(question.cell))
    return TEMPLATES.get_template("graded_cell.html").render(
        cell=on_page,
        answer=Markup(_render_cell(question.cell if question.solution is None else question.solution)),
        folds=Markup(_fold_cells(task, "What was asked") + check + _fold_cells(use, "What follows")),
    )


def _render_cell(cell: NotebookNode) -> str:
    if cell.cell_type == "markdown":
        return f'<div class="markdown">{_make_accessible(markdown.render(cell.source))}</div>'
    if cell.cell_type != "code":
        return f'<pre tabindex="0">{html.escape(html.unescape(cell.source[:MAX_OUTPUT_CHARACTERS]))}</pre>'
    has_verdict = read_verdict(cell) is not None  # it is the first output, and the page has its own form of it
    source, number = without_hidden_tests(cell.source), cell.execution_count
    code = f'<p class="quiet" id="cell-{number}">[{number}]</p>' if number else ""
    if source.strip():
        code += f'<pre tabindex="0"><code>{highlight_python(source)}</code></pre>'
    return code + "".join(map(_render_output, cell.outputs[1 if has_verdict else 0 :]))


def _render_output(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return _render_text(output.text)
    if output.output_type == "error":
        name = html.escape(strip_ansi(f"{output.ename}: {output.evalue}".strip(": "))[:MAX_LABEL_CHARACTERS])
        traceback = html.escape(strip_ansi("\n".join(output.traceback))[-MAX_OUTPUT_CHARACTERS:])
        return _fold(f'<span class="failed">{name}</span> (traceback)', f'<pre tabindex="0">{traceback}</pre>')
    data = output.data
    if "text/html" in data:
        return f'<div class="output">{_make_accessible(data["text/html"])}</div>'
    for mime in PICTURE_TYPES:
        if mime in data:
            alt = html.escape(str(data.get("text/plain", ""))[:MAX_LABEL_CHARACTERS] or NO_DESCRIPTION)
            return f'<div class="output"><img alt="{alt}" src="data:{mime};base64,{data[mime]}"></div>'
    return _render_text(str(data.get("text/plain", "")))


def _render_text(text: str) -> str:
    """Render plain text; fold it if it has many lines."""
    text = html.escape(strip_ansi(text[:MAX_OUTPUT_CHARACTERS]).rstrip("\n"))
    block = f'<pre class="output" tabindex="0">{text}</pre>'
    lines = text.count("\n") + 1
    if lines <= MAX_OPEN_LINES:
        return block if text.strip() else ""
    return _fold(f"{lines} lines of output", block)


def _make_accessible(markup: str) -> str:
    """Give pictures an alternative text, replace empty table headers, and let the keyboard reach what scrolls."""
    markup = re.sub(r"<img(?=[ >])(?![^>]* alt=)", f'<img alt="{NO_DESCRIPTION}"', markup)
    markup = re.sub(r"<th[^>]*>\s*</th>", "<td></td>", markup)
    return markup.replace("<pre>", '<pre tabindex="0">').replace("<table>", '<table tabindex="0">')


# --- for nbgrader -----------------------------------------------------------------------------------------------


class ReadGrades(NbGraderPreprocessor):
    """Read grades and comments from the gradebook, as nbgrader's `GetGrades` does. Each assignment is queried once."""

    def __init__(self, **traits: Any):
        super().__init__(**traits)
        self._cached_assignment: tuple[str, str] | None = None
        self._grades: dict[tuple[str, str], NotebookGrades] = {}
        self._explained = _NOTHING

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Pass the grades of a notebook on."""
        names = resources["nbgrader"]
        assignment = (names["db_url"], names["assignment"])
        if self._cached_assignment != assignment:
            with Gradebook(names["db_url"]) as gradebook:
                self._grades = read_notebook_grades(gradebook, names["assignment"])
                exercises = load_exercises(self.config.DrawCases.get("exercises", DEFAULT_EXERCISES))
                self._explained = _explain(exercises, gradebook, names["assignment"])
            self._cached_assignment = assignment
        grades = self._grades.get((names["student"], names["notebook"]), NotebookGrades())
        resources[IN_WORKER] = grades, self._explained
        return nb, resources


class FeedbackExporter(SupervisedExporter):
    """Export a graded notebook as its feedback page. The work is done in a supervised process."""

    output_mimetype = "text/html"
    writes_record = False

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @classmethod
    def render(cls, nb: NotebookNode, resources: ResourcesDict) -> str:
        """Render the feedback page of a notebook that `ReadGrades` has processed."""
        names = resources["nbgrader"]
        grades, explained = resources.get(IN_WORKER, (NotebookGrades(), _NOTHING))
        return render_page(nb, grades, names["student"], names["assignment"], names["notebook"], explained)


# --- for a whole class ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WrittenPages:
    """The feedback pages of a class."""

    paths: list[Path]
    # For each page that could not be written or rendered, a sentence with the reason. A page that could not be
    # rendered shows only the points.
    failures: list[str]


@dataclass(frozen=True)
class _Writer:
    """Writes the pages of a class, and notes which it has written."""

    course: Course
    assignment: str
    grades: Mapping[tuple[str, str], NotebookGrades]
    students: Mapping[str, StudentInfo]
    max_scores: Mapping[str, float]  # by notebook
    supervisor: Supervisor
    explained: Explained
    pages: WrittenPages = field(default_factory=lambda: WrittenPages([], []))

    @classmethod
    def open(cls, course: Course, assignment: str, supervisor: Supervisor, student: str | None = None) -> "_Writer":
        """Read the gradebook, for one student, whose page is returned at once, or for all."""
        with course.gradebook() as gradebook:
            grades = read_notebook_grades(gradebook, assignment, student)
            max_scores = read_max_scores(gradebook, assignment)
            explained = _explain(course.exercises, gradebook, assignment, is_automatic=student is not None)
            return cls(course, assignment, grades, read_students(gradebook), max_scores, supervisor, explained)

    def write(self, student: str) -> None:
        """Write a page for each notebook of the assignment: its result, or why it has none."""
        course, assignment = self.course, self.assignment
        record = records.read(course.records_folder, assignment, student)
        has_result = record is None or record.has_result  # otherwise, an earlier submission is in `autograded/`
        folder = course.autograded_folder(student, assignment).resolve()
        graded = {name for name in course.notebooks(assignment) if has_result and (folder / f"{name}.ipynb").is_file()}
        if not graded and record is None:
            self.pages.failures.append(f"{student}: not graded yet: run python -m autograder grade {assignment}")
            return
        target = course.feedback_folder(student, assignment)
        target.mkdir(parents=True, exist_ok=True)
        for name in course.notebooks(assignment):
            page = target / f"{name}.html"
            if name in graded:
                is_written = self._write_graded(student, folder / f"{name}.ipynb", page)
            elif is_written := record is not None:
                self._write_failure(student, page, _why_not_graded(record, name, self._grades_of(student, name)))
            if is_written:
                self.pages.paths.append(page)
            else:  # of an earlier submission
                page.unlink(missing_ok=True)
        source = folder if graded else course.submitted_folder(student, assignment)
        for name in EXCHANGE_FILES:
            if (source / name).is_file():
                text = (source / name).read_text(encoding="utf-8", errors="replace")
                write_atomically(target / name, text, PAGE_MODE)

    def _grades_of(self, student: str, notebook: str) -> NotebookGrades:
        return self.grades.get((student, notebook), NotebookGrades())

    def _write_graded(self, student: str, file: Path, page: Path) -> bool:
        """Write the page of a graded notebook. Return whether there is a page now."""
        own = self.grades.get((student, file.stem))
        if own is None or (own.cells and not any(cell.is_saved for cell in own.cells.values())):
            self.pages.failures.append(f"{student}: {file.name} has no grades in the gradebook: grade it again")
            return False
        try:
            self.supervisor.run(_write_page, file, page, own, student, self.assignment, self.explained)
        except FileNotFoundError:  # `grade` or `watch` is replacing the folder
            self.pages.failures.append(f"{student}: {file.name} was replaced meanwhile: write the pages again")
            return page.exists()  # the old page stays
        except Exception as error:  # a page that cannot be rendered must not stop the others
            if concerns_everybody(error):
                raise
            self.pages.failures.append(f"{student}: {file.name} cannot be shown: {describe(error)}")
            reason = ["This notebook cannot be shown. The points are those in the gradebook."]
            self._write_failure(student, page, [*reason, "Please ask your instructor about the details."])
        return True

    def _write_failure(self, student: str, page: Path, reason: Sequence[str]) -> None:
        """Write the page of a notebook that cannot be shown."""
        grades = self._grades_of(student, page.stem)
        score = max(sum(grade.score for grade in grades.cells.values()) - grades.late_penalty, 0.0)
        text = TEMPLATES.get_template("feedback_failure.html").render(
            title=page.stem,
            student=_describe_student(student, self.students.get(student, StudentInfo(student)).name),
            assignment=self.assignment,
            notebook=page.stem,
            score=score,
            max_score=self.max_scores.get(page.stem),
            reason=reason,
        )
        write_atomically(page, text, PAGE_MODE)


def write_all(course: Course, assignment: str, pattern: str = "*") -> WrittenPages:
    """Write the feedback pages of all who handed in into `feedback/`, from where nbgrader releases them.

    Raise CourseError if no submission has been graded yet.
    """
    autograded = course.folder(course.directory.autograded_directory, ".", ".").resolve()
    graded = {file.parent.parent.name for file in autograded.glob(f"*/{assignment}/*.ipynb")}
    graded |= {record.student for record in records.read_all(course.records_folder, assignment)}
    graded = {student for student in graded if fnmatch.fnmatchcase(student, pattern)}
    if not graded:
        selection = "" if pattern == "*" else f" for {pattern!r}"
        raise CourseError(f"nothing is graded yet{selection}: run python -m autograder grade {assignment}")
    with Supervisor(course.work_limits) as supervisor:
        writer = _Writer.open(course, assignment, supervisor)
        boundary = Boundary(lambda student, line: writer.pages.failures.append(f"{student}: {line}"))
        for student in sorted({*graded, *course.students(assignment, pattern)}):
            with boundary.around(student):
                writer.write(student)
    return writer.pages


def write_student(course: Course, assignment: str, student: str, supervisor: Supervisor) -> WrittenPages:
    """Write the feedback pages of one submission. There are none if the submission has not been graded."""
    writer = _Writer.open(course, assignment, supervisor, student)
    writer.write(student)
    return writer.pages


def _why_not_graded(record: Record, notebook: str, own: NotebookGrades) -> list[str]:
    """Explain to a student why a notebook has no result."""
    if record.outcome is Outcome.UNREADABLE:
        reason = ["Your submission could not be read.", *record.messages, "Repair it, and hand it in again."]
    elif record.has_result:
        return record.unread.get(notebook) or [f"Your submission has no {notebook}.ipynb that could be read."]
    else:
        reason = ["The grader could not finish its work on your submission. Your instructor will look at it."]
    is_graded = any(cell.is_saved for cell in own.cells.values())
    return [*reason, "The points are those of your earlier submission."] if is_graded else reason


def _write_page(
    file: Path, target: Path, grades: NotebookGrades, student: str, assignment: str, explained: Explained
) -> None:
    """Write one page. This runs in the worker process."""
    enter_stage("reading the graded notebook")
    nb = nbformat.reads(file.read_text(encoding="utf-8"), as_version=4)
    enter_stage("rendering the feedback page")
    write_atomically(target, render_page(nb, grades, student, assignment, file.stem, explained), PAGE_MODE)
