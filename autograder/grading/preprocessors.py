"""The nbgrader plug-in: preprocessors that replace nbgrader's own way of running a submission.

`RepairCells` → `DrawCases` → `RunCells` → `JudgeAnswers` → nbgrader's `LimitOutput` → `SanitiseCells`; then the scores
are saved. `nbgrader_config.py` lists them, so ``nbgrader autograde``, Formgrader and ``autograder grade`` do the same.
The student's process receives inputs and never an expected value. The judge runs in the grader's process.

They pass a `Run` on in nbgrader's `resources`. What reports need later, they write into the notebook: `NotebookNotes`
into its metadata, and the `Verdict` of an exercise into that of its grade cell.
"""

import functools
import hashlib
import json
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Enum, Float, Instance, Int, Unicode, Union
from traitlets.config import LoggingConfigurable
from traitlets.utils.importstring import import_item

from ..course import load_hidden_exercises
from ..course_secret import derive_seed, read_secret
from ..course_settings import DEFAULT_EXERCISES, DEFAULT_SECRET_FILE, read_limits
from ..judging.decode import decode_shortcuts
from ..judging.model import DrawnExercise, Exercise
from ..runner import Limits, StepResult
from ..submissions.candidates import Release
from ..submissions.given_cells import restore_given
from ..submissions.hidden_tests import without_hidden_tests
from ..submissions.plain_text import printable
from ..submissions.reader import Submission
from ..submissions.repair import repair
from ..submissions.sanitise import sanitise, sanitise_outputs
from ..supervisor import enter_stage
from .causes import Causes
from .due_dates import is_to_come
from .exercise_cells import insert_verdict, judge_result, make_step
from .failure_summary import summarise_failures
from .finished_cells import FinishedNotebook
from .grade_cells import find_exercise, is_autograded
from .notebook_notes import NotebookNotes, update_notes
from .process_runner import get_runner
from .released_notebooks import ReleasedNotebooks

STARTING_SECONDS = 180  # to start the sandbox, twice, on a busy machine
MAX_SUBMITTED_OUTPUT = 4_000_000  # characters, of all demonstrations: to sanitise 20 million of tables takes 7 s
AT_DUE_DATE = "at the due date"
WORKER_KEY = "lectrain"  # the key in `resources` of what one step passes on to the next, and no worker sends
NOT_RUN_NOTE = "[Not run during grading. Output as submitted:]\n"
Preprocessed = tuple[NotebookNode, ResourcesDict]


@dataclass
class Run:
    """A notebook's exercises by the index of their grade cell, and the results by the index of the code cell."""

    drawn: dict[int, DrawnExercise]
    results: dict[int, StepResult] = field(default_factory=dict)


class ParentOfPreprocessors(LoggingConfigurable):
    """The parent object in which nbgrader's preprocessors look for the course."""

    coursedir = Instance(CourseDirectory)

    def create(self, classes: Iterable[Any], left_out: tuple[type, ...] = ()) -> list[NbGraderPreprocessor]:
        """Create preprocessors of classes, or of the names of classes, in their order."""
        imported = (import_item(item) if isinstance(item, str) else item for item in classes)
        return [cls(parent=self) for cls in imported if not issubclass(cls, left_out)]


def preprocess(steps: Iterable[NbGraderPreprocessor], nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
    """Apply preprocessors to a notebook, each in a stage of its own."""
    for step in steps:
        enter_stage(step.stage if isinstance(step, _CoursePreprocessor) else f"running {type(step).__name__}")
        is_on = isinstance(step, _CoursePreprocessor) or step.enabled  # ours cannot be left out
        nb, resources = step.preprocess(nb, resources) if is_on else (nb, resources)
    return nb, resources


def note_origin(nb: NotebookNode, submission: Submission, name: str) -> None:
    """Note in a repaired notebook which file of the submission it is, and what was found out about all of them.

    The page of each notebook also reports what is wrong with the others: a missing one has no page.
    """
    update_notes(nb, file=printable(str(submission.paths[name])), submission=[*submission.problems, *submission.notes])


class _CoursePreprocessor(NbGraderPreprocessor):
    """A preprocessor that reads the instructor's notebooks. Its parent is a `ParentOfPreprocessors`."""

    stage: str  # what it does, as a supervisor reports it

    @functools.cached_property
    def released(self) -> ReleasedNotebooks:
        """The instructor's notebooks, and what students received of them."""
        return ReleasedNotebooks(self.parent.coursedir)

    def source_notebook(self, resources: ResourcesDict) -> NotebookNode:
        """Read the instructor's version of the notebook that is processed."""
        return self.released.source(resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"])

    def release(self, resources: ResourcesDict) -> Release:
        """Return the notebook that is processed as it was released."""
        return self.released.release(resources["nbgrader"]["assignment"], resources["nbgrader"]["notebook"])


class RepairCells(_CoursePreprocessor):
    """Restore the type and metadata of every cell that nbgrader knows, and the text of read-only cells.

    It does the work of nbgrader's `DeduplicateIds`, `OverwriteCells` and `CheckCellMetadata`. In addition, it finds
    cells that lost their metadata. It rejects no notebook.
    """

    stage = "repairing the notebook"

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        """Repair a submitted notebook in place. Clear its outputs, except those of unchanged demonstrations."""
        source, release = self.source_notebook(resources), self.release(resources)
        notes = repair(nb, release.cells, release.given) + restore_given(nb, source)
        demos = _find_unchanged_demos(nb, source)
        _clear_outputs(nb, demos)
        if "kernelspec" in source.metadata:
            nb.metadata["kernelspec"] = from_dict(dict(source.metadata.kernelspec))
        update_notes(nb, repairs=notes, unchanged_demos=sorted(demos))
        return nb, resources


class DrawCases(_CoursePreprocessor):
    """Draw new inputs for every exercise that a hidden test names, and remove the hidden tests.

    The inputs depend on the submitted code. A regrade repeats them, but a student who hands in again cannot use a table
    of results for the inputs of an earlier submission.
    """

    stage = "drawing the inputs"

    secret_file = Unicode(DEFAULT_SECRET_FILE, help="The file with the course's secret. The first run creates it.").tag(
        config=True
    )
    exercises = Unicode(DEFAULT_EXERCISES, help="The package that holds the exercises of the course.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        """Draw the inputs of a notebook's exercises."""
        secret = read_secret(Path(self.parent.coursedir.root) / self.secret_file)
        names = resources["nbgrader"]
        exercises = load_hidden_exercises(self.exercises)
        code = _hash_code(nb)
        drawn: dict[int, DrawnExercise] = {}
        for i, cell in enumerate(nb.cells):
            if not is_autograded(cell):
                continue
            exercise = find_exercise(cell, exercises, f"{names['assignment']}/{names['notebook']}.ipynb")
            seed = derive_seed(secret, names["assignment"], names["student"], exercise.name, code)
            drawn[i] = exercise.draw(seed)
            cell.source = without_hidden_tests(cell.source)
        resources[WORKER_KEY] = Run(drawn)
        return nb, resources


class RunCells(_CoursePreprocessor):
    """Run the notebook in the runner, which calls each exercise's function on the inputs before its visible checks."""

    stage = "running the notebook"

    allow_unsandboxed = Bool(
        False, help="Run student code with your own rights if there is no sandbox. Reports will show it."
    ).tag(config=True)

    limits = Dict(
        Union([Int(), Float()]),
        help='What a submission may use, as in autograder.runner.Limits: {"cell_seconds": 60, "memory": 4 << 30}.',
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        """Run the code cells, and put their outputs into the notebook."""
        run: Run = resources[WORKER_KEY]
        limits = read_limits(Limits, self.limits, "c.RunCells.limits")
        # The runner has its own limits. This is more than it can take, with a second try after a lost server.
        enter_stage(self.stage, 2 * limits.submission_seconds + STARTING_SECONDS)
        demos = NotebookNotes.read(nb.metadata).unchanged_demos  # which `RepairCells` has found
        code = [i for i, cell in enumerate(nb.cells) if cell.cell_type == "code" and i not in demos]
        steps = [make_step(nb.cells[i].source, run.drawn.get(i)) for i in code]
        runner, folder = get_runner(self.allow_unsandboxed), self.released.folder(resources["nbgrader"]["assignment"])
        run.results = dict(zip(code, runner.run(steps, folder=folder, limits=limits), strict=True))
        for count, (i, result) in enumerate(run.results.items(), start=1):
            nb.cells[i].outputs = [from_dict(output) for output in result.outputs]
            nb.cells[i].execution_count = count
        update_notes(nb, modes=[runner.mode], failures=summarise_failures(run.results, run.drawn))
        return nb, resources


class JudgeAnswers(_CoursePreprocessor):
    """Judge the answers, and write scores and findings where nbgrader reads them. No verdict means no points."""

    stage = "judging the answers"

    on_forbidden = Enum(
        ["flag", "zero", "ignore"], "flag", help="What to do if an answer uses a library that its exercise forbids."
    ).tag(config=True)

    letters = Enum(
        [AT_DUE_DATE, "at once"],
        AT_DUE_DATE,
        help="When answers that can be guessed are judged: quizzes, blanks, counterexamples. Without a due date, they "
        "are judged at once.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        """Judge each drawn exercise, and write its verdict into the outputs and metadata of its grade cell."""
        run: Run = resources[WORKER_KEY]
        sources = [cell.source for cell in nb.cells if cell.cell_type == "code"]
        is_before_due = self.letters == AT_DUE_DATE and is_to_come(resources["due"])
        flags: list[str] = []
        names = {i: drawn.exercise.name for i, drawn in run.drawn.items()}
        finished = FinishedNotebook(nb, run.results, names, self.release(resources).given)
        causes = Causes(finished)
        for i, drawn in run.drawn.items():
            exercise, result = drawn.exercise, run.results[i]
            enter_stage(f"judging {exercise.name}")
            verdict = causes.explain(i, judge_result(drawn, result, sources, is_before_due))
            if flag := self._find_flag(exercise, result):
                flags.append(flag)
                verdict = replace(verdict, notes=(flag, *verdict.notes), is_void=self.on_forbidden == "zero")
            insert_verdict(nb.cells[i], verdict)
        update_notes(nb, flags=flags, errors=finished.describe_errors(causes.unanswered))
        return nb, resources

    def _find_flag(self, exercise: Exercise, result: StepResult) -> str | None:
        """Say which libraries an answer uses that its exercise forbids, if there are any and it matters."""
        forbidden = decode_shortcuts(result.answers, exercise.forbids)
        if not forbidden or self.on_forbidden == "ignore":
            return None
        return f"{exercise.name} uses {', '.join(forbidden)}, which the exercise forbids"


class SanitiseCells(_CoursePreprocessor):
    """Remove everything that could act in the browser of a person who reads the submission."""

    stage = "sanitising the notebook"

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        """Sanitise a notebook in place."""
        return sanitise(nb), resources


def _find_unchanged_demos(nb: NotebookNode, source: NotebookNode) -> set[int]:
    """Find the demonstrations that the student has not changed, by their index. Grading does not run them."""
    demos = {cell.source for cell in source.cells if "demo" in cell.metadata.get("tags", [])}
    return {i for i, cell in enumerate(nb.cells) if cell.source in demos and not is_autograded(cell)}


def _clear_outputs(nb: NotebookNode, demos: Container[int]) -> None:
    """Clear the outputs of all cells except some demonstrations, of which the index is given."""
    characters_left = MAX_SUBMITTED_OUTPUT
    for i, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            cell.execution_count = None
            submitted, cell.outputs = cell.outputs if i in demos else [], []
            characters = len(json.dumps(submitted, default=str))
            if submitted and characters <= characters_left:
                characters_left -= characters
                note = nbformat.v4.new_output("stream", name="stderr", text=NOT_RUN_NOTE)
                cell.outputs = [note, *sanitise_outputs(submitted)]


def _hash_code(nb: NotebookNode) -> str:
    """Hash the code, and after which of its cells an exercise is called.

    The bytes of the file would change with every output and, under ``nbgrader autograde``, with the repairs.
    """
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    steps = [(cell.source, cell.metadata.nbgrader["grade_id"] if is_autograded(cell) else "") for cell in code]
    return hashlib.sha256(json.dumps(steps).encode()).hexdigest()
