"""The nbgrader plug-in: preprocessors that replace nbgrader's own way of running a submission.

`RepairCells` → `DrawCases` → `RunCells` → `JudgeAnswers` → `SanitiseCells`, then nbgrader saves the scores.
`nbgrader_config.py` puts them in place, so ``nbgrader autograde``, Formgrader and ``autograder grade`` all do the same.
The student's process sees inputs and never an expected value; the judge is here.
"""

import atexit
import functools
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbformat.notebooknode import NotebookNode, from_dict
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict, Enum, Float, Int, Unicode, Union

from ..course import DEFAULT_EXERCISES, CourseError, read_secret, read_source, seed
from ..judging.exercise_set import load_exercises
from ..judging.judge import judge
from ..judging.model import DrawnExercise, Verdict
from ..judging.verdict_html import verdict_html
from ..runner import Failure, FailureKind, Limits, Runner, Step, StepResult, open_runner
from ..submissions.forbidden_calls import Code
from ..submissions.hidden_tests import exercise_named_in, without_hidden_tests
from ..submissions.reader import refuse_oversized
from ..submissions.repair import SourceCell, repair
from ..submissions.sanitise import sanitise, sanitise_outputs

MAX_SUBMITTED_OUTPUT = 4_000_000  # characters, of the submitted outputs of demonstrations
Preprocessed = tuple[NotebookNode, ResourcesDict]


class _Plugin(NbGraderPreprocessor):
    @property
    def coursedir(self) -> CourseDirectory:
        owner: Any = self
        while not hasattr(owner.parent, "coursedir"):
            owner = owner.parent
        return owner.parent.coursedir

    def source_notebook(self, resources: ResourcesDict) -> NotebookNode:
        """The instructor's notebook that this submission belongs to."""
        return read_source(self.source_folder(resources) / f"{resources['nbgrader']['notebook']}.ipynb")

    def source_folder(self, resources: ResourcesDict) -> Path:
        """Where that notebook lies, with the files that are released beside it."""
        assignment = resources["nbgrader"]["assignment"]
        return Path(self.coursedir.format_path(self.coursedir.source_directory, ".", assignment))

    def demonstrations(self, nb: NotebookNode, resources: ResourcesDict) -> set[int]:
        """The cells, by `id`, that are not run while grading: experiments that the student has left as they were."""
        known = {c.source for c in self.source_notebook(resources).cells if "demo" in c.metadata.get("tags", [])}
        return {id(cell) for cell in nb.cells if cell.source in known and not _is_autograded(cell)}


class RepairCells(_Plugin):
    """Give every cell that nbgrader knows the type, metadata and, if it is read-only, the text of its release.

    It does what nbgrader's `DeduplicateIds`, `OverwriteCells` and `CheckCellMetadata` do, finds cells that lost their
    metadata, and never gives up on a notebook.
    """

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        refuse_oversized(nb)
        for forged in (nb, *nb.cells):  # what our own reports read must not come from a submission
            forged.metadata.pop("lectrain", None)
        notes = repair(nb, self._released(resources))
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        demonstrations = self.demonstrations(nb, resources)
        characters_left = MAX_SUBMITTED_OUTPUT
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.execution_count = None
                submitted = cell.outputs if id(cell) in demonstrations else []
                characters_left -= len(json.dumps(submitted, default=str)) if submitted else 0
                shown = submitted and characters_left > 0
                cell.outputs = [_AS_SUBMITTED, *sanitise_outputs(submitted)] if shown else []
        nb.metadata["kernelspec"] = from_dict(dict(self.source_notebook(resources).metadata.kernelspec))
        nb.metadata["lectrain"] = {"repairs": notes}
        return nb, resources

    def _released(self, resources: ResourcesDict) -> list[SourceCell]:
        """The cells of the release, asked of the gradebook once in this preprocessor's life."""
        names = resources["nbgrader"]
        wanted = (names["db_url"], names["assignment"], names["notebook"])
        if wanted not in self._asked:
            self._asked[wanted] = self._ask(resources)
        return self._asked[wanted]

    def _ask(self, resources: ResourcesDict) -> list[SourceCell]:
        names = resources["nbgrader"]
        marked = {
            cell.metadata.nbgrader["grade_id"]: cell
            for cell in self.source_notebook(resources).cells
            if "nbgrader" in cell.metadata
        }
        with Gradebook(names["db_url"]) as gradebook:
            return [
                SourceCell(
                    cell.name,
                    cell.cell_type,
                    cell.source,
                    {**marked[cell.name].metadata.nbgrader, "cell_type": cell.cell_type, "checksum": cell.checksum},
                    marked[cell.name].get("id"),
                )
                for cell in gradebook.find_notebook(names["notebook"], names["assignment"]).source_cells
                if cell.name in marked
            ]

    def __init__(self, **traits: Any):
        super().__init__(**traits)
        self._asked: dict[tuple, list[SourceCell]] = {}


class DrawCases(_Plugin):
    """Draw fresh inputs for every exercise that a hidden test names, and take the hidden tests out."""

    secret_file = Unicode(help="The file that holds the course's secret; made at the first run.").tag(config=True)
    exercises = Unicode(DEFAULT_EXERCISES, help="The package that holds the exercises of the course.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        secret = read_secret(Path(self.secret_file or Path(self.coursedir.root) / ".course-secret"))
        names = resources["nbgrader"]
        exercises = load_exercises(self.exercises)
        drawn: dict[int, DrawnExercise] = {}
        for i, cell in enumerate(nb.cells):
            if not _is_autograded(cell):
                continue
            name = exercise_named_in(cell.source)
            if name not in exercises:
                grade_id = cell.metadata.nbgrader["grade_id"]
                raise CourseError(
                    f"cell {grade_id} of {names['notebook']} names no exercise: write check(name) as its hidden test"
                )
            drawn[i] = exercises[name].draw(seed(secret, names["assignment"], names["student"], name))
            cell.source = without_hidden_tests(cell.source)
        resources["lectrain"] = {"drawn": drawn}
        return nb, resources


class RunCells(_Plugin):
    """Run the notebook in the runner, which asks each exercise its questions before the cell's visible checks."""

    allow_unsandboxed = Bool(
        False, help="Run student code with your own rights where no sandbox can be had. Reports will say so."
    ).tag(config=True)

    limits = Dict(
        Union([Int(), Float()]),
        help='What a submission may use, as in autograder.runner.Limits: {"cell_seconds": 60, "memory": 4 << 30}.',
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        drawn, skipped = resources["lectrain"]["drawn"], self.demonstrations(nb, resources)
        code = [i for i, cell in enumerate(nb.cells) if cell.cell_type == "code" and id(cell) not in skipped]
        steps = [Step(nb.cells[i].source, drawn[i].to_json() if i in drawn else None) for i in code]
        runner, beside = get_runner(self.allow_unsandboxed), self.source_folder(resources)
        results = dict(zip(code, runner.run(steps, folder=beside, limits=self._limits()), strict=True))
        for count, (i, result) in enumerate(results.items(), start=1):
            nb.cells[i].outputs = [from_dict(output) for output in result.outputs]
            nb.cells[i].execution_count = count
        resources["lectrain"]["results"] = results
        nb.metadata["lectrain"]["isolation"] = [runner.mode]
        nb.metadata["lectrain"]["failures"] = _failures(results)
        return nb, resources

    def _limits(self) -> Limits:
        try:
            return Limits(**self.limits)
        except TypeError as error:
            names = ", ".join(field.name for field in fields(Limits))
            raise CourseError(f"c.RunCells.limits in nbgrader_config.py: {error}; there are {names}") from error


class JudgeAnswers(_Plugin):
    """Judge what came back, and write score and findings where nbgrader looks for them. No verdict, no marks."""

    on_forbidden = Enum(
        ["flag", "zero", "ignore"], "flag", help="What follows if an answer uses a library that its exercise forbids."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        drawn, results = resources["lectrain"]["drawn"], resources["lectrain"]["results"]
        code = Code(cell.source for cell in nb.cells if cell.cell_type == "code")
        flags: list[str] = []
        for i, question in drawn.items():
            verdict = judge(question, results[i].answers)
            forbidden = code.find_forbidden(verdict.exercise, question.exercise.forbids)
            if forbidden and self.on_forbidden != "ignore":
                flags.append(f"{verdict.exercise} uses {', '.join(forbidden)}, which the exercise forbids")
            zero = bool(forbidden) and self.on_forbidden == "zero"
            notes = [*(flags[-1:] if forbidden else []), *(failure.message for failure in results[i].failures)]
            _write(nb.cells[i], verdict, 0.0 if zero else verdict.score, notes)
        nb.metadata["lectrain"]["flags"] = flags
        return nb, resources


class SanitiseCells(_Plugin):
    """Take out what could act in the page of whoever looks at the submission."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> Preprocessed:
        return sanitise(nb), resources


_AS_SUBMITTED = nbformat.v4.new_output("stream", name="stderr", text="[Not run while grading. As it was handed in:]\n")


def _is_autograded(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def _write(cell: NotebookNode, verdict: Verdict, score: float, notes: list[str]) -> None:
    """Put the verdict first: nbgrader takes the first result it finds, and all that follows is the student's."""
    score = score / verdict.points * float(cell.metadata.nbgrader["points"]) if verdict.points else 0.0
    data = {"text/plain": f"{score:g}", "text/html": verdict_html(verdict, score, notes)}
    count = cell.execution_count or 0
    result = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}
    cell.outputs.insert(0, nbformat.from_dict(result))
    findings = [vars(finding) for finding in verdict.findings]
    said = {"exercise": verdict.exercise, "mistake": verdict.mistake, "findings": findings, "notes": notes}
    cell.metadata["lectrain"] = said


def _failures(results: dict[int, StepResult]) -> list[dict[str, Any]]:
    """Each failure once, then one for all cells that were not run."""
    failures = [failure for result in results.values() for failure in result.failures]
    not_run = [failure for failure in failures if failure.kind is FailureKind.NOT_RUN]
    unique = list(dict.fromkeys(failure for failure in failures if failure.kind is not FailureKind.NOT_RUN))
    if not_run:
        message = f"its process had ended before the {len(not_run)} cells after that"
        unique.append(Failure(FailureKind.NOT_RUN, message, not_run[0].limit_hit))
    return [
        {"kind": failure.kind.name, "message": failure.message, "is_timeout": failure.is_timeout} for failure in unique
    ]


@functools.cache
def get_runner(allow_unsandboxed: bool = False) -> Runner:
    """One warm runner per grading process."""
    runner = open_runner(allow_unsandboxed=allow_unsandboxed)
    runner.__enter__()
    atexit.register(runner.__exit__, None, None, None)
    return runner
