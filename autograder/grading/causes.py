"""Find out what in the notebook is to blame for a lost exercise: a cell that fails, a stub, a second definition.

The judge sees only what a function returned. "name 'np' is not defined" is true, and no help to a student whose import
cell fails. Points never depend on a cause.
"""

import ast
import builtins
import difflib
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from ..judging.rule_failures import NOT_ANSWERED
from ..judging.verdict import Status, Verdict
from ..runner import StepResult
from ..submissions.bindings import Bindings, find_bindings, find_global_names
from ..submissions.python_source import parse_cell
from .cell_errors import SYNTAX_ERRORS, CellError, read_error

_STUB = re.compile(r"^[ \t]*raise NotImplementedError\b", re.MULTILINE)  # nbgrader replaces each solution with it
# An answer that is missing, and cells that a limit stopped: the verdict and the failures of the runner report them.
STOPPED = ("KeyboardInterrupt", "Stopped")
REPORTED_ELSEWHERE = ("NotImplementedError", *STOPPED)
MAX_NOTES = 10
MAX_NAMES = 1000  # that an answer depends on: 1600 functions that call each other take 0.8 s for each question
_HALF = re.compile(r"outside function|unexpected indent")
_SEPARATE = re.compile(r"\s*%%(?!time\b|capture\b|prun\b)(\w+)")  # a magic after which no definition is kept
# A call that changes all cells below, the errors that it leads to, and how.
SETTINGS = (
    (re.compile(r"\b(seterr)\([^)]*raise"), re.compile("FloatingPointError|encountered in"), "lets NumPy raise errors"),
    (
        re.compile(r"\b(simplefilter|filterwarnings)\([^)]*error"),
        re.compile(r"Warning\b"),
        "turns warnings into errors",
    ),
)


@dataclass(frozen=True)
class _Cell:
    """A code cell, and what happened to it."""

    number: int | None  # the one that the feedback page shows; None if the cell was not run
    source: str
    names: Bindings
    errors: tuple[CellError, ...]
    stopped_by: str  # the limit; empty if it was not stopped
    is_answer: bool
    is_test: bool
    is_changed: bool
    is_unfinished: bool  # whether it raised NotImplementedError

    @property
    def is_own(self) -> bool:
        """Whether the student added the cell, or changed one that is not for an answer."""
        return self.is_changed and not (self.is_answer or self.is_test)

    @property
    def place(self) -> str:
        return f"cell [{self.number}]" if self.number else "a cell that was not run"

    @property
    def is_for_colab(self) -> bool:
        """Whether it is the cell that students in Colab are asked to add. Elsewhere it fails, and nothing needs it."""
        return any(error.message.startswith("No module named 'google") for error in self.errors)

    def defines(self, name: str) -> bool:
        """Whether the cell binds a name or, if it is not valid Python, looks as if it should."""
        if self.names.is_python and not _SEPARATE.match(self.source):
            has_all_of_a_module = bool(self.errors) and "*" in self.names.imports
            return name in self.names.binds or has_all_of_a_module
        return _seems_to_define(self.source, name)


class Causes:
    """What happened in a notebook that was run.

    The results are given by the index of the cell, and the names of the exercises by the index of the grade cell.
    `given` are the texts of the cells that students get.
    """

    def __init__(
        self, nb: NotebookNode, results: Mapping[int, StepResult], exercises: Mapping[int, str], given: Set[str]
    ):
        code = [i for i, cell in enumerate(nb.cells) if cell.cell_type == "code"]
        self._cells = {i: _read_cell(nb.cells[i], given, results.get(i)) for i in code}
        self._texts = [cell.source for cell in nb.cells if cell.cell_type != "code" and cell.source not in given]
        self._results, self._exercises = results, exercises
        answers = [i for i in code if self._cells[i].is_answer]
        edited = {i + 1 for i, cell in enumerate(nb.cells) if cell.cell_type == "markdown" and cell.source not in given}
        self._below_edited_text = [self._cells[i] for i in answers if i in edited]
        above = {index: [i for i in answers if i < index] for index in exercises}
        self._stubs = {index: self._cells[found[-1]] for index, found in above.items() if found}
        self._edited_texts = given - {cell.source for cell in nb.cells}
        self._dependencies: dict[str, Set[str]] = {}  # of the names that were asked for
        stubs = (cell for cell in self._cells.values() if cell.is_answer and not cell.is_changed)
        self._unanswered = {name for cell in stubs if _STUB.search(cell.source) for name in cell.names.defines}
        self._unanswered -= {*exercises.values()}
        self._slow: set[str] = set()
        self._wrong: set[str] = set()  # exercises without points
        self._right: set[int] = set()  # the indices of the grade cells of exercises with all points

    def notes(self) -> list[str]:
        """Sentences about the notebook, apart from its answers. The verdicts must be explained before.

        They are about each error of a cell, apart from those of checks, and of answers that are missing; and about each
        cell that the ones below it suffer from.
        """
        cells = {i: cell for i, cell in self._cells.items() if not (cell.is_test or cell.is_for_colab)}
        errors = [(i, cell, error) for i, cell in cells.items() for error in cell.errors]
        sentences = [
            error.sentence(cell.place)
            for i, cell, error in errors
            if not (self._lacks_a_skipped_cell(i, error) or error.undefined_name in self._unanswered)
        ]
        sentences = [*dict.fromkeys(self._side_effects()), *sentences, *self._leftovers()]
        sentences += [
            f"{cell.place.capitalize()} uses the name `{name}` again: the cells below it no longer find your function."
            for index, name in self._exercises.items()
            if (stub := self._stubs.get(index)) and name not in stub.names.values
            for i, cell in self._cells.items()
            if i > index and name in cell.names.values and cell.is_own
        ]
        more = len(sentences) - MAX_NOTES
        return sentences[:MAX_NOTES] + ([f"There are {more} more such messages."] if more > 0 else [])

    def _lacks_a_skipped_cell(self, index: int, error: CellError) -> bool:
        """Whether a name is missing that an experiment above binds, because experiments are not run for grades."""
        missing = error.undefined_name
        above = (cell for i, cell in self._cells.items() if i < index and not cell.number)
        return missing is not None and any(cell.defines(missing) for cell in above)

    def _side_effects(self) -> Iterator[str]:
        """Which own cells change what a cell below needs, if the cell below fails and its code is not to blame.

        Without such a failure, a student may use any name again.
        """
        for index, failing in self._cells.items():
            if not failing.errors or (failing.is_test and index not in self._right):
                continue
            above = {i: cell for i, cell in self._cells.items() if i < index and cell.is_own}
            text = " ".join(f"{error.name}: {error.message}" for error in failing.errors)
            for cell in above.values():
                calls = ((call.search(cell.source), what) for call, error, what in SETTINGS if error.search(text))
                for name, what in ((found[1], what) for found, what in calls if found):
                    yield f"{cell.place.capitalize()} {what} with `{name}`: delete that line."
            needed = set() if failing.is_own or failing.is_answer else self._needs(failing)
            for i, cell in above.items():
                for name in sorted(needed & cell.names.binds):
                    if self._is_given(name, 0, i) and not self._is_given(name, i, index):
                        needs = f"which {failing.place} below it needs as it was: choose another name"
                        yield f"{cell.place.capitalize()} uses the name `{name}` again, {needs}."

    def _needs(self, cell: _Cell) -> Set[str]:
        """The global names that a given cell reads, and that only the student's own cells could change.

        Those of exercises are reported apart. Given cells that the student has edited bind some names again, too.
        """
        rebound = frozenset[str]().union(*(find_bindings(text).binds for text in self._edited_texts))
        return find_global_names(cell.source) - cell.names.binds - rebound - {*self._exercises.values()}

    def _is_given(self, name: str, start: int, stop: int) -> bool:
        """Whether a given cell in a range defines a name, or Python itself at the beginning. An import does not."""
        cells = [cell for i, cell in self._cells.items() if start <= i < stop and not cell.is_own]
        return (start == 0 and hasattr(builtins, name)) or any(name in cell.names.defines for cell in cells)

    def _leftovers(self) -> Iterator[str]:
        """Which lines a student forgot that end Python, or that raise an error below an answer."""
        for cell in self._cells.values():
            if cell.is_changed and (name := _called_exit(cell.source)):
                yield f"{cell.place.capitalize()} calls `{name}()`, which ends Python in Jupyter: delete that line."
        for index, name in self._exercises.items():
            stub = self._stubs.get(index)
            is_left = stub and stub.is_changed and stub.is_unfinished and _STUB.search(stub.source)
            if stub and is_left and name not in self._unanswered:
                yield f"{stub.place.capitalize()} still contains the line `raise NotImplementedError()`: delete it."

    def explain(self, index: int, verdict: Verdict) -> Verdict:
        """Add the cause to the verdict of the grade cell at an index. The exercises must be explained in their order.

        It has none if the answer itself is to blame, as far as one can see. The findings change if the answer only
        seems to be missing, because it calls one that is.
        """
        failed = verdict.failed
        if not failed:
            self._right |= set() if verdict.is_received else {index}
            return verdict
        is_unanswered = all(finding.status is Status.NOT_ANSWERED for finding in failed)
        if is_unanswered:
            self._unanswered.add(verdict.exercise)
        if any(failure.is_timeout for failure in self._results[index].failures):
            self._slow.add(verdict.exercise)
        clause = next(filter(None, self._candidates(index, verdict.exercise, is_unanswered)), None)
        if not clause and _is_missing(self._results[index].answers) and self._is_blank(index):
            self._unanswered.add(verdict.exercise)
            return _with_failed(verdict, Status.NOT_ANSWERED, NOT_ANSWERED)
        if not (clause or verdict.diagnosis):
            used = self._used(verdict.exercise, self._wrong)
            clause = f"it calls `{used[0]}`, which is not right yet: correct `{used[0]}` first" if used else None
        if not verdict.score:
            self._wrong.add(verdict.exercise)
        if not clause:
            return self._with_remark(index, verdict)
        stub = self._stubs.get(index)
        if is_unanswered and not (stub and _STUB.search(stub.source)):
            verdict = _with_failed(verdict, Status.FAILED, clause)
        return replace(verdict, cause=f"{clause if clause.startswith('`') else clause[:1].upper() + clause[1:]}.")

    def _with_remark(self, index: int, verdict: Verdict) -> Verdict:
        """Add a remark on a wrong answer, if the function or a name that it uses was defined again."""
        remark = verdict.with_status(Status.FAILED) and self._redefined(verdict.exercise, index)
        return replace(verdict, notes=(*verdict.notes, remark)) if remark else verdict

    # --- causes -----------------------------------------------------------------------------------------------------

    def _candidates(self, index: int, name: str, is_unanswered: bool) -> Iterator[str | None]:
        """Yield the possible causes, the most certain one first."""
        answers = self._results[index].answers
        if _is_missing(answers):
            yield self._why_undefined(name, index)
            yield self._other_spelling(name, index)
            yield None if self._is_blank(index) else self._not_defined(name)
        elif is_unanswered:
            yield self._answer_elsewhere(name, index)
            yield from (f"it calls `{used}`, which is not answered yet" for used in self._used(name, self._unanswered))
        else:
            for undefined in _undefined_names(answers):
                yield self._why_undefined(undefined, index)
                yield self._other_spelling(undefined, index)
                is_unanswered = undefined in self._unanswered
                yield f"it calls `{undefined}`, which is not answered yet" if is_unanswered else None
                yield self._not_defined(undefined)
            if _has_errors(answers):
                yield self._redefined(name, index)
                yield self._hidden_builtin(name, index)
            yield self._cut_off(name, index)
            if name in self._slow:
                yield from (f"it calls `{used}`, which does not finish" for used in self._used(name, self._slow))

    def _why_undefined(self, name: str, index: int) -> str | None:
        """Why a name has no value when the check at an index runs."""
        for cell in reversed([cell for i, cell in self._cells.items() if i < index and not cell.is_test]):
            if name in cell.names.deletes:
                return f"{cell.place} deletes `{name}`"
            if not cell.defines(name):
                continue
            if cell.errors:
                return f"`{name}` is not defined: {cell.errors[0].describe(cell.place)}"
            if cell.stopped_by:
                return f"`{name}` is not defined: {cell.place} was stopped: {cell.stopped_by}"
            if magic := _SEPARATE.match(cell.source):
                return f"`{name}` is not defined: {cell.place} begins with `%%{magic[1]}`. Delete that line"
        if below := [cell for i, cell in self._cells.items() if i > index and cell.defines(name)]:
            return f"{below[0].place} defines `{name}` too late: move it above the checks that need it"
        if any(_seems_to_define(text, name) for text in self._texts):
            return f"`{name}` is defined in a text cell, and only code cells are run: make it a code cell"
        return None

    def _other_spelling(self, name: str, index: int) -> str | None:
        """Which other name looks like the one that is not defined, if a student's cell defines it."""
        changed = {i: cell for i, cell in self._cells.items() if i < index and cell.is_changed}
        names = {other: cell for cell in changed.values() for other in cell.names.defines}
        names = {other: cell for other, cell in names.items() if other not in self._exercises.values()}
        same = [other for other in names if other.lower() == name.lower()]
        if matches := same or difflib.get_close_matches(name, names):
            return f"{names[matches[0]].place} defines `{matches[0]}`, but the name must be exactly `{name}`"
        return None

    def _not_defined(self, name: str) -> str | None:
        """Whether no cell binds the name, nor looks as if it should."""
        word = rf"\b{re.escape(name)}\b"
        is_bound = re.compile(
            rf"\b(def|class|as|for|import|global) +{word}|^[\w ,*]*{word}[\w ,*]*(:.*)?=(?!=)", re.MULTILINE
        )
        cells = [cell for cell in self._cells.values() if not cell.is_test]
        is_found = any(cell.defines(name) or is_bound.search(cell.source) for cell in cells)
        verb = "defines" if name in self._exercises.values() else "defines or imports"
        return None if is_found else f"no cell of your notebook {verb} `{name}`"

    def _is_blank(self, index: int) -> bool:
        """Whether the cell for the answer is there, and nothing was written into it."""
        stub = self._stubs.get(index)
        return stub is not None and _STUB.search(stub.source) is not None and not _has_code(stub.source)

    def _cut_off(self, name: str, index: int) -> str | None:
        """Whether the cell below the answer seems to be its second half."""
        cells = [cell for i, cell in self._cells.items() if i <= index]
        for cell, below in pairwise(cells):
            is_indented = below.source.lstrip("\n").startswith((" ", "\t")) and not _returns(cell.source, name)
            is_half = any(error.name in SYNTAX_ERRORS and _HALF.search(error.message) for error in below.errors)
            if cell is self._stubs.get(index) and (is_half or is_indented) and not (below.is_answer or below.is_test):
                return f"{below.place} seems to be the second half of {cell.place}: merge the two cells"
        return None

    def _answer_elsewhere(self, name: str, index: int) -> str | None:
        """Where the answer is, if the cell that should hold it still raises NotImplementedError."""
        stub = self._stubs.get(index)
        if stub in self._below_edited_text and not stub.is_changed:
            return f"the text above {stub.place} was edited, but only code is read: write your answer into {stub.place}"
        if stub is None or not _STUB.search(stub.source):
            return None
        is_above = True
        for i, cell in self._cells.items():
            is_above = is_above and cell is not stub
            if cell is stub or cell.is_test or cell.is_answer or not cell.defines(name):
                continue
            if is_above:
                stub_raises = f"{stub.place} below it still raises NotImplementedError"
                return f"{cell.place} defines `{name}`, but {stub_raises}: move your code into {stub.place}"
            if i > index:
                return f"{cell.place} defines `{name}` only after its check: move your code up into {stub.place}"
        if any(_seems_to_define(text, name) for text in self._texts):
            return f"`{name}` is defined in a text cell, and only code cells are run: move the code into {stub.place}"
        advice = "delete it" if _returns(stub.source, name) else "write your answer in its place"
        line = f"{stub.place} still contains the line `raise NotImplementedError()`"
        return f"{line}: {advice}" if stub.is_changed and _has_code(stub.source) else None

    def _redefined(self, exercise: str, index: int) -> str | None:
        for name in self._uses(exercise):
            above = [cell for i, cell in self._cells.items() if i < index and not cell.is_test]
            cells = [cell for cell in above if name in cell.names.binds]
            if cells and name in cells[-1].names.repeats:
                return f"{cells[-1].place} defines `{name}` more than once: the last definition counts"
            is_import = all(name in cell.names.imports for cell in cells)
            if len(cells) > 1 and cells[-1].is_own and not is_import:
                return f"{cells[-1].place} defines `{name}` again, after {cells[-2].place}: the later function counts"
        return None

    def _hidden_builtin(self, exercise: str, index: int) -> str | None:
        """Which own cell stores a value under a name of Python's that the exercise uses."""
        names = [name for name in self._uses(exercise) if hasattr(builtins, name)]
        above = [cell for i, cell in self._cells.items() if i < index and cell.is_own]
        found = ((cell, name) for name in names for cell in above if name in cell.names.binds)
        return next((f"{cell.place} uses the name `{name}` again, which is Python's own" for cell, name in found), None)

    def _uses(self, name: str) -> list[str]:
        """A name, and the global names that it depends on, also through other functions: the nearest ones first."""
        found = {name: None}
        for current in (pending := [name]):
            new = [used for used in sorted(self._direct_uses(current)) if used not in found]
            found |= dict.fromkeys(new)
            if len(found) > MAX_NAMES:
                break
            pending += new
        return list(found)

    def _direct_uses(self, name: str) -> Set[str]:
        if name not in self._dependencies:
            sources = (cell.source for cell in self._cells.values() if name in cell.names.defines)
            self._dependencies[name] = frozenset[str]().union(*map(find_global_names, sources))
        return self._dependencies[name]

    def _used(self, name: str, others: Set[str]) -> list[str]:
        """Which of some other exercises an exercise uses."""
        return sorted((others & {*self._uses(name)}) - {name})


def _read_cell(cell: NotebookNode, given: Set[str], result: StepResult | None) -> _Cell:
    outputs = [output for output in cell.outputs if output.output_type == "error"]
    errors = [read_error(output, cell.source) for output in outputs if output.ename not in REPORTED_ELSEWHERE]
    is_answer = utils.is_solution(cell)
    checksum = cell.metadata.get("nbgrader", {}).get("checksum")
    failures = [failure.message for failure in result.failures] if result else []
    was_stopped = any(output.ename in STOPPED for output in outputs)
    return _Cell(
        number=cell.execution_count,
        source=cell.source,
        names=find_bindings(cell.source),
        errors=tuple(errors),
        stopped_by=(failures or ["it exceeded a limit or ended Python"])[0] if was_stopped else "",
        is_answer=is_answer,
        is_test=utils.is_grade(cell),
        is_changed=checksum != utils.compute_checksum(cell) if is_answer else cell.source not in given,
        is_unfinished=any(output.ename == "NotImplementedError" for output in outputs),
    )


def _with_failed(verdict: Verdict, status: Status, message: str) -> Verdict:
    """The verdict with another status and message of the findings that cost points: is the answer wrong, or missing?"""
    failed = verdict.failed
    findings = (replace(f, status=status, message=message) if f in failed else f for f in verdict.findings)
    return replace(verdict, findings=tuple(findings))


def _called_exit(source: str) -> str | None:
    """Which function that ends Python a cell calls, if it does. The grader skips the call."""
    tree = parse_cell(source) if re.search(r"^(exit|quit)\b", source, re.MULTILINE) else None
    for statement in tree.body if tree else ():
        match statement:
            case ast.Expr(ast.Call(ast.Name("exit" | "quit" as name))):
                return str(name)
    return None


def _has_code(source: str) -> bool:
    """Whether a cell has more than a function without a body and the line that raises NotImplementedError."""
    tree = parse_cell(source)
    return tree is None or any(isinstance(node, ast.stmt) and not _is_of_a_stub(node) for node in ast.walk(tree))


def _is_of_a_stub(statement: ast.stmt) -> bool:
    match statement:
        case ast.Raise(ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError"))):
            return True
        case ast.FunctionDef() | ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign(value=ast.Constant(None)):
            return True
    return False


def _returns(source: str, name: str) -> bool:
    """Whether the function with this name has a `return`."""
    tree = parse_cell(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name] if tree else []
    return any(isinstance(node, ast.Return) for function in functions for node in ast.walk(function))


def _seems_to_define(text: str, name: str) -> bool:
    """Whether a text that Python cannot read looks like the definition of a name."""
    name = re.escape(name)
    pattern = rf"^[ \t]*(?:async +)?(?:def|class) +{name}\b|^[ \t]*{name} *=(?!=)"
    return re.search(pattern, text, re.MULTILINE) is not None


def _is_missing(answers: Any) -> bool:
    """Whether the probe found nothing under the name of the exercise. The answers may be forged."""
    return isinstance(answers, dict) and bool(answers.get("missing"))


def _undefined_names(answers: Any) -> list[str]:
    """The names that the student's function did not find. The answers may be forged."""
    names = [answer.get("undefined") for answer in _as_mappings(answers)]
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name.isidentifier()))[:MAX_NOTES]


def _has_errors(answers: Any) -> bool:
    """Whether the student's function raised exceptions. The answers may be forged."""
    return any("error" in answer for answer in _as_mappings(answers))


def _as_mappings(answers: Any) -> list[dict[str, Any]]:
    """The answers of the probe, without anything that it cannot have sent."""
    found = answers.get("answers") if isinstance(answers, dict) else None
    return [answer for answer in found if isinstance(answer, dict)] if isinstance(found, list) else []
