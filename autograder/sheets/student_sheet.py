"""Make the sheet of one student: choose one of the right functions, observe it in the sandbox, pick three questions."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path

import nbformat
import numpy as np

from ..course import Course
from ..course_secret import derive_seed, read_secret
from ..grading import records
from ..grading.grade_cells import is_autograded
from ..grading.process_runner import get_runner
from ..judging.cases import Case
from ..judging.decode import CallResult, decode_results
from ..judging.exercise_set import CourseExercise, ExerciseSet
from ..judging.rule_failures import find_failure
from ..judging.trusted_calls import call_trusted
from ..runner import Runner
from ..supervisor import enter_stage
from .changes import Change, find_changes
from .observe import observe
from .questions import INPUT_NAMES, Kind, Question, make_all
from .refused_code import CannotAsk
from .selection import pick_three
from .sheet_height import MAX_CODE_LINES, MAX_HEIGHT, count_code_lines, estimate_height
from .student_code import StudentCode, cut_out
from .written_inputs import write_inputs

RUNNER_SECONDS = 200  # for one function: to start the sandbox, and the limits of the runner
MAX_CHANGES = 20  # of a function: they are drawn
TOLERANCE = 1e-6  # a rule may have a finer one for its own cases
MIN_VARIETY = 3  # with a question about a change and questions of two other kinds, no other function is tried


class BehavesDifferently(CannotAsk):
    """A function that was graded as right is not right on the small inputs.

    Its student has no sheet: a person should look at that function, and a sheet about another one would hide it.
    """


@dataclass(frozen=True)
class Sheet:
    """The questions for one student."""

    student: str
    exercise: str
    lines: tuple[str, ...]  # the student's code
    inputs: tuple[tuple[str, tuple[str, ...]], ...]  # the name and the lines of each that a question mentions
    questions: tuple[Question, ...]  # three

    @property
    def height(self) -> float:
        """The estimated height of the sheet in ordinary type, in mm."""
        return estimate_height([self.lines, *(lines for _, lines in self.inputs)], self.questions)


@dataclass(frozen=True)
class NoSheet:
    """Why a student has no sheet."""

    student: str
    reasons: tuple[str, ...]  # one per function that was tried, or one for all


def make_sheet(root: Path, assignment: str, student: str, exercise: str | None, seed: int) -> Sheet | NoSheet:
    """Make the sheet of one student. With an exercise, only that one may be asked about."""
    course = Course.at(root)
    enter_stage("reading the graded notebooks")
    record = records.read(course.records_folder, assignment, student)
    if record is None:
        return NoSheet(student, (f"not graded: run python -m autograder grade {assignment}",))
    if not record.verdicts:
        return NoSheet(student, (f"the submission has no result: {record.outcome}",))
    right = [verdict.exercise for verdict in record.verdicts if verdict.passed]
    names = [name for name in right if name in course.exercises.by_hand and exercise in (None, name)]
    if not names:
        reason = f"{exercise} is not right" if exercise else "no function that can be asked about is right"
        return NoSheet(student, (reason,))
    rng = np.random.default_rng(derive_seed(read_secret(course.secret_file), assignment, student, f"sheet {seed}"))
    graded = _read_cells(course, assignment, student)
    cells = {name: graded.get(name, ()) for name in names}
    allow_unsandboxed = bool(course.config.RunCells.get("allow_unsandboxed", False))
    return choose_sheet(student, course.exercises, cells, rng, get_runner(allow_unsandboxed))


def choose_sheet(
    student: str, exercises: ExerciseSet, cells: Mapping[str, Sequence[str]], rng: np.random.Generator, runner: Runner
) -> Sheet | NoSheet:
    """Make a sheet about one of several functions: the first drawn one with varied questions, or else the best.

    `cells` has the code cells for each function that may be asked about.
    """
    made: list[Sheet] = []
    reasons: list[str] = []
    for name in rng.permutation(list(cells)).tolist():
        enter_stage(f"asking {name}", RUNNER_SECONDS)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python warns of unusual code when it parses a student's text
                sheet = make_sheet_about(student, exercises, cut_out(cells[name], name), rng, runner)
        except BehavesDifferently as reason:
            return NoSheet(student, (f"{name}: {reason}",))
        except (CannotAsk, RecursionError) as reason:  # the latter of code that is nested too deeply
            reasons.append(f"{name}: {reason}")
        else:
            made.append(sheet)
            if _variety(sheet) >= MIN_VARIETY:
                break
    return max(made, key=_variety, default=None) or NoSheet(student, tuple(reasons))


def _variety(sheet: Sheet) -> int:
    """The number of kinds of its questions; 0 without a question about a change."""
    kinds = {question.kind for question in sheet.questions}
    return len(kinds) if Kind.CHANGE in kinds else 0


def make_sheet_about(
    student: str, exercises: ExerciseSet, code: StudentCode, rng: np.random.Generator, runner: Runner
) -> Sheet:
    """Make a sheet about one function. Raise CannotAsk if there are not three good questions."""
    if count_code_lines(code.lines) > MAX_CODE_LINES:
        raise CannotAsk(f"its code takes more than {MAX_CODE_LINES} lines of a page")
    exercise, cases = exercises[code.name], list(exercises.by_hand[code.name](rng))
    changes = _draw_changes(find_changes(code.lines), rng)
    seen = observe(code, changes, cases, runner)
    if not satisfies_rules(exercise, cases, seen.original):
        raise BehavesDifferently("it was graded as right, but it is not right on the small inputs of a sheet")
    questions = pick_three(make_all(seen, rng), rng)
    if questions is None:
        raise CannotAsk("there are not three questions with a certain answer")
    used = sorted({i for question in questions for i in question.inputs})
    inputs = tuple((INPUT_NAMES[i], write_inputs(exercise, cases[i])) for i in used)
    sheet = Sheet(student, code.name, code.lines, inputs, questions)
    if sheet.height > MAX_HEIGHT:
        raise CannotAsk("its sheet would take more than one page")
    return sheet


def _draw_changes(changes: Sequence[Change], rng: np.random.Generator) -> list[Change]:
    """Draw changes, so that each kind is tried before a second change of the same kind."""
    drawn: Counter[str] = Counter()  # by kind
    ranked: list[tuple[int, Change]] = []
    for i in rng.permutation(len(changes)):
        ranked.append((drawn[changes[i].kind], changes[i]))
        drawn[changes[i].kind] += 1
    return [change for _, change in sorted(ranked, key=itemgetter(0))[:MAX_CHANGES]]


def satisfies_rules(exercise: CourseExercise, cases: Sequence[Case], results: Sequence[CallResult]) -> bool:
    """Whether results satisfy every rule of the exercise that applies to the cases."""
    request = {"name": exercise.name, "cases": [case.to_json(watch=True) for case in cases]}
    expected = decode_results(call_trusted(exercise.reference, request), len(cases))
    for case, got, want in zip(cases, results, expected, strict=True):
        for exact_rule in exercise.rules:
            rule = replace(exact_rule, rtol=max(exact_rule.rtol, TOLERANCE), atol=max(exact_rule.atol, TOLERANCE))
            applies = find_failure(rule, case, want, want) is None  # a check may be about its own cases only
            if applies and find_failure(rule, case, got, want) is not None:
                return False
    return True


def _read_cells(course: Course, assignment: str, student: str) -> dict[str, list[str]]:
    """For each exercise, the code cells of the graded notebook before its grade cell, without other grade cells.

    The id of a grade cell is taken for the exercise's name: no other cell is looked up.
    """
    folder = course.autograded_folder(student, assignment)
    cells: dict[str, list[str]] = {}
    for name in course.notebooks(assignment):
        path = folder / f"{name}.ipynb"
        if not path.is_file():
            continue
        before: list[str] = []
        for cell in nbformat.read(path, as_version=4).cells:
            if is_autograded(cell):
                cells[cell.metadata.nbgrader["grade_id"]] = list(before)
            elif cell.cell_type == "code":
                before.append(cell.source)
    return cells
