"""Find out what in the notebook is to blame for a lost exercise: a cell that fails, a stub, a second definition.

The judge sees only what a function returned. "name 'np' is not defined" is true, and no help to a student whose import
cell fails. Notes are about the notebook: an error of a cell, a name used again. Points depend on neither.
"""

import builtins
import difflib
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from nbformat.notebooknode import NotebookNode

from ..judging.decode import has_errors, is_missing, undefined_names
from ..judging.rule_failures import NOT_ANSWERED
from ..judging.verdict import Status, Verdict
from ..runner import StepResult
from ..submissions.bindings import find_bindings, find_global_names
from .cell_errors import SYNTAX_ERRORS, CellError
from .finished_cells import FinishedCell, seems_to_define

MAX_NOTES = 10
MAX_UNDEFINED = 10  # names without a value whose causes are looked for
MAX_NAMES = 1000  # that an answer depends on: 1600 functions that call each other take 0.8 s for each question
_HALF = re.compile(r"outside function|unexpected indent")
# Calls that change all cells below: a pattern (its group is the function), that of the errors they cause, and how.
SETTINGS = (
    (r"\b(seterr)\([^)]*raise", "FloatingPointError|encountered in", "lets NumPy raise errors"),
    (r"\b(simplefilter|filterwarnings)\([^)]*error", r"Warning\b", "turns warnings into errors"),
)


class Causes:
    """What happened in a notebook that was run.

    The results are given by the index of the cell, and the names of the exercises by the index of the grade cell.
    `given` are the texts of the cells that students get.
    """

    def __init__(
        self, nb: NotebookNode, results: Mapping[int, StepResult], exercises: Mapping[int, str], given: Set[str]
    ):
        self._results, self._exercises = results, exercises
        code = [i for i, cell in enumerate(nb.cells) if cell.cell_type == "code"]
        self._cells = [FinishedCell.read(i, nb.cells[i], given, results.get(i)) for i in code]
        above = {index: [cell for cell in self._above(index) if cell.is_answer] for index in exercises}
        self._answer_cells = {index: found[-1] for index, found in above.items() if found}
        self._texts = [cell.source for cell in nb.cells if cell.cell_type != "code" and cell.source not in given]
        self._missing_given = given - {cell.source for cell in nb.cells}  # edited or deleted
        edited = [i for i, cell in enumerate(nb.cells) if cell.cell_type == "markdown" and cell.source not in given]
        self._below_edited = {i + 1 for i in edited}  # an answer may have been written into the text above its cell
        self._dependencies: dict[str, Set[str]] = {}  # of the names that were asked for
        # What is known of the answers so far, by the names of the exercises. `explain` adds to these.
        stubs = (cell for cell in self._cells if cell.is_answer and not cell.is_changed and cell.has_stub)
        self._unanswered = {name for cell in stubs for name in cell.names.defines} - {*exercises.values()}
        self._slow: set[str] = set()
        self._wrong: set[str] = set()  # without points, though not left blank
        self._right: set[int] = set()  # the indices of the grade cells of exercises with all points

    def _above(self, index: int) -> list[FinishedCell]:
        return [cell for cell in self._cells if cell.index < index]

    def _below(self, index: int) -> list[FinishedCell]:
        return [cell for cell in self._cells if cell.index > index]

    def notes(self) -> list[str]:
        """Sentences about the notebook, apart from its answers. The verdicts must be explained before.

        They are about each error of a cell, apart from those of checks, and of answers that are missing; and about each
        cell that the ones below it suffer from.
        """
        sentences = [
            error.sentence(cell.place)
            for cell in self._cells
            if not (cell.is_test or cell.is_for_colab)
            for error in cell.errors
            if not (self._lacks_a_skipped_cell(cell.index, error) or error.undefined_name in self._unanswered)
        ]
        sentences = [*dict.fromkeys(self._side_effects()), *sentences, *self._leftovers(), *self._reused_names()]
        more = len(sentences) - MAX_NOTES
        return sentences[:MAX_NOTES] + ([f"There are {more} more such messages."] if more > 0 else [])

    def _lacks_a_skipped_cell(self, index: int, error: CellError) -> bool:
        """Whether a name is missing that an experiment above binds, because experiments are not run for grades."""
        missing = error.undefined_name
        skipped = (cell for cell in self._above(index) if not cell.number)
        return missing is not None and any(cell.defines(missing) for cell in skipped)

    def _side_effects(self) -> Iterator[str]:
        """Which own cells change what a cell below needs, if the cell below fails and its code is not to blame.

        Without such a failure, a student may use any name again.
        """
        for failing in self._cells:
            if not failing.errors or (failing.is_test and failing.index not in self._right):
                continue
            above = [cell for cell in self._above(failing.index) if cell.is_own]
            text = " ".join(f"{error.name}: {error.message}" for error in failing.errors)
            for cell in above:
                for call, errors, effect in SETTINGS:
                    if re.search(errors, text) and (found := re.search(call, cell.source)):
                        yield f"{cell.place.capitalize()} {effect} with `{found[1]}`: delete that line."
            needed = set() if failing.is_own or failing.is_answer else self._needs(failing)
            for cell in above:
                for name in sorted(needed & cell.names.binds):
                    if self._is_given(name, 0, cell.index) and not self._is_given(name, cell.index, failing.index):
                        needs = f"which {failing.place} below it needs as it was: choose another name"
                        yield f"{cell.place.capitalize()} uses the name `{name}` again, {needs}."

    def _needs(self, cell: FinishedCell) -> Set[str]:
        """The global names that a given cell reads, and that only the student's own cells could change.

        Those of exercises are reported apart. Given cells that the student has edited bind some names again, too.
        """
        rebound = frozenset[str]().union(*(find_bindings(text).binds for text in self._missing_given))
        return find_global_names(cell.source) - cell.names.binds - rebound - {*self._exercises.values()}

    def _is_given(self, name: str, start: int, stop: int) -> bool:
        """Whether a given cell in a range defines a name, or Python itself at the beginning. An import does not."""
        cells = [cell for cell in self._cells if start <= cell.index < stop and not cell.is_own]
        return (start == 0 and hasattr(builtins, name)) or any(name in cell.names.defines for cell in cells)

    def _leftovers(self) -> Iterator[str]:
        """Which lines a student forgot that end Python, or that raise an error below an answer."""
        for cell in self._cells:
            if cell.is_changed and (name := cell.called_exit):
                yield f"{cell.place.capitalize()} calls `{name}()`, which ends Python in Jupyter: delete that line."
        for index, name in self._exercises.items():
            answer = self._answer_cells.get(index)
            is_left = answer and answer.is_changed and answer.is_unfinished and answer.has_stub
            if answer and is_left and name not in self._unanswered:
                yield f"{answer.place.capitalize()} still contains the line `raise NotImplementedError()`: delete it."

    def _reused_names(self) -> Iterator[str]:
        """Which own cells below a check assign to the name of its function."""
        for index, name in self._exercises.items():
            answer = self._answer_cells.get(index)
            for cell in self._below(index) if answer and name not in answer.names.values else ():
                if name in cell.names.values and cell.is_own:
                    again = f"{cell.place.capitalize()} uses the name `{name}` again"
                    yield f"{again}: the cells below it no longer find your function."

    def explain(self, index: int, verdict: Verdict) -> Verdict:
        """Add the cause to the verdict of the grade cell at an index. The exercises must be explained in their order.

        It has none if the answer itself is to blame, as far as one can see. The findings change if the answer only
        seems to be missing, because it calls one that is.
        """
        if not verdict.failed_findings:
            if not verdict.is_received:
                self._right.add(index)
            return verdict
        name, result = verdict.exercise, self._results[index]
        if _lacks_an_answer(verdict):
            self._unanswered.add(name)
        if result.timed_out:
            self._slow.add(name)
        clause = next(filter(None, self._candidates(index, verdict)), None)
        if not clause and is_missing(result.answers) and self._is_blank(index):
            self._unanswered.add(name)
            return _with_failed(verdict, Status.NOT_ANSWERED, NOT_ANSWERED)
        if not verdict.score:
            self._wrong.add(name)
        return self._with_cause(index, verdict, clause) if clause else self._with_remark(index, verdict)

    def _with_cause(self, index: int, verdict: Verdict, clause: str) -> Verdict:
        """Add a cause. An answer whose cell has no line that raises NotImplementedError is wrong, and not missing."""
        answer = self._answer_cells.get(index)
        if _lacks_an_answer(verdict) and not (answer and answer.has_stub):
            verdict = _with_failed(verdict, Status.FAILED, clause)
        return replace(verdict, cause=f"{clause if clause.startswith('`') else clause[:1].upper() + clause[1:]}.")

    def _with_remark(self, index: int, verdict: Verdict) -> Verdict:
        """Add a remark on a wrong answer, if the function or a name that it uses was defined again."""
        remark = verdict.with_status(Status.FAILED) and self._redefined(verdict.exercise, index)
        return replace(verdict, notes=(*verdict.notes, remark)) if remark else verdict

    # --- causes -----------------------------------------------------------------------------------------------------

    def _candidates(self, index: int, verdict: Verdict) -> Iterator[str | None]:
        """Yield the possible causes, the most certain one first."""
        name, answers = verdict.exercise, self._results[index].answers
        if is_missing(answers):
            yield self._why_undefined(name, index)
            yield self._other_spelling(name, index)
            yield None if self._is_blank(index) else self._not_defined(name)
        elif _lacks_an_answer(verdict):
            yield self._answer_elsewhere(name, index)
            for used in self._exercises_used(name, self._unanswered):
                yield f"it calls `{used}`, which is not answered yet"
        else:
            for undefined in undefined_names(answers)[:MAX_UNDEFINED]:
                yield self._why_undefined(undefined, index)
                yield self._other_spelling(undefined, index)
                if undefined in self._unanswered:
                    yield f"it calls `{undefined}`, which is not answered yet"
                yield self._not_defined(undefined)
            if has_errors(answers):
                yield self._redefined(name, index)
                yield self._hidden_builtin(name, index)
            yield self._cut_off(name, index)
            for used in self._exercises_used(name, self._slow) if name in self._slow else ():
                yield f"it calls `{used}`, which does not finish"
        for used in () if verdict.diagnosis else self._exercises_used(name, self._wrong):
            yield f"it calls `{used}`, which is not right yet: correct `{used}` first"

    def _why_undefined(self, name: str, index: int) -> str | None:
        """Why a name has no value when the check at an index runs."""
        for cell in reversed([cell for cell in self._above(index) if not cell.is_test]):
            if name in cell.names.deletes:
                return f"{cell.place} deletes `{name}`"
            if not cell.defines(name):
                continue
            if cell.errors:
                return f"`{name}` is not defined: {cell.errors[0].describe(cell.place)}"
            if cell.stopped_by:
                return f"`{name}` is not defined: {cell.place} was stopped: {cell.stopped_by}"
            if magic := cell.separating_magic:
                return f"`{name}` is not defined: {cell.place} begins with `%%{magic}`. Delete that line"
        if below := [cell for cell in self._below(index) if cell.defines(name)]:
            return f"{below[0].place} defines `{name}` too late: move it above the checks that need it"
        if any(seems_to_define(text, name) for text in self._texts):
            return f"`{name}` is defined in a text cell, and only code cells are run: make it a code cell"
        return None

    def _other_spelling(self, name: str, index: int) -> str | None:
        """Which other name looks like the one that is not defined, if a student's cell defines it."""
        changed = (cell for cell in self._above(index) if cell.is_changed)
        names = {other: cell for cell in changed for other in cell.names.defines - {*self._exercises.values()}}
        same = [other for other in names if other.lower() == name.lower()]
        if matches := same or difflib.get_close_matches(name, names):
            return f"{names[matches[0]].place} defines `{matches[0]}`, but the name must be exactly `{name}`"
        return None

    def _not_defined(self, name: str) -> str | None:
        """That no cell binds the name, nor looks as if it should."""
        word = rf"\b{re.escape(name)}\b"
        is_bound = re.compile(
            rf"\b(def|class|as|for|import|global) +{word}|^[\w ,*]*{word}[\w ,*]*(:.*)?=(?!=)", re.MULTILINE
        )
        cells = [cell for cell in self._cells if not cell.is_test]
        is_found = any(cell.defines(name) or is_bound.search(cell.source) for cell in cells)
        verb = "defines" if name in self._exercises.values() else "defines or imports"
        return None if is_found else f"no cell of your notebook {verb} `{name}`"

    def _is_blank(self, index: int) -> bool:
        """Whether the cell for the answer is there, and nothing was written into it."""
        answer = self._answer_cells.get(index)
        return answer is not None and answer.has_stub and not answer.has_code

    def _cut_off(self, name: str, index: int) -> str | None:
        """Which cell below the answer seems to be its second half."""
        answer = self._answer_cells.get(index)
        if answer is None:
            return None
        below = self._below(answer.index)[0]  # at the latest, the grade cell
        is_indented = below.source.lstrip("\n").startswith((" ", "\t")) and not answer.returns(name)
        is_half = any(error.name in SYNTAX_ERRORS and _HALF.search(error.message) for error in below.errors)
        if not (is_half or is_indented) or below.is_answer or below.is_test:
            return None
        return f"{below.place} seems to be the second half of {answer.place}: merge the two cells"

    def _answer_elsewhere(self, name: str, index: int) -> str | None:
        """Where the answer is, if the cell that should hold it still raises NotImplementedError."""
        answer = self._answer_cells.get(index)
        if answer is None:
            return None
        place = answer.place
        if answer.index in self._below_edited and not answer.is_changed:
            return f"the text above {place} was edited, but only code is read: write your answer into {place}"
        if not answer.has_stub:
            return None
        for cell in self._cells:
            if cell is answer or cell.is_test or cell.is_answer or not cell.defines(name):
                continue
            if cell.index < answer.index:
                problem = f"{place} below it still raises NotImplementedError"
                return f"{cell.place} defines `{name}`, but {problem}: move your code into {place}"
            if cell.index > index:
                return f"{cell.place} defines `{name}` only after its check: move your code up into {place}"
        if any(seems_to_define(text, name) for text in self._texts):
            return f"`{name}` is defined in a text cell, and only code cells are run: move the code into {place}"
        advice = "delete it" if answer.returns(name) else "write your answer in its place"
        line = f"{place} still contains the line `raise NotImplementedError()`"
        return f"{line}: {advice}" if answer.is_changed and answer.has_code else None

    def _redefined(self, exercise: str, index: int) -> str | None:
        """Which cell defines the exercise, or a name that it depends on, again."""
        for name in self._reachable_names(exercise):
            cells = [cell for cell in self._above(index) if not cell.is_test and name in cell.names.binds]
            if cells and name in cells[-1].names.repeats:
                return f"{cells[-1].place} defines `{name}` more than once: the last definition counts"
            is_import = all(name in cell.names.imports for cell in cells)
            if len(cells) > 1 and cells[-1].is_own and not is_import:
                again = f"{cells[-1].place} defines `{name}` again, after {cells[-2].place}"
                return f"{again}: the later definition counts"
        return None

    def _hidden_builtin(self, exercise: str, index: int) -> str | None:
        """Which own cell stores a value under a name of Python's that the exercise uses."""
        names = [name for name in self._reachable_names(exercise) if hasattr(builtins, name)]
        above = [cell for cell in self._above(index) if cell.is_own]
        found = ((cell, name) for name in names for cell in above if name in cell.names.binds)
        return next((f"{cell.place} uses the name `{name}` again, which is Python's own" for cell, name in found), None)

    def _reachable_names(self, name: str) -> list[str]:
        """A name, and the global names that it depends on, also through other functions: the nearest ones first."""
        found = {name: None}
        for current in (pending := [name]):
            new = [used for used in sorted(self._direct_names(current)) if used not in found]
            found |= dict.fromkeys(new)
            if len(found) > MAX_NAMES:
                break
            pending += new
        return list(found)

    def _direct_names(self, name: str) -> Set[str]:
        if name not in self._dependencies:
            sources = (cell.source for cell in self._cells if name in cell.names.defines)
            self._dependencies[name] = frozenset[str]().union(*map(find_global_names, sources))
        return self._dependencies[name]

    def _exercises_used(self, name: str, others: Set[str]) -> list[str]:
        """Which of some other exercises an exercise uses."""
        return sorted((others & {*self._reachable_names(name)}) - {name})


def _lacks_an_answer(verdict: Verdict) -> bool:
    """Whether points are lost for want of an answer alone. Unlike with `Verdict.is_unanswered`, rules may be kept."""
    return all(finding.status is Status.NOT_ANSWERED for finding in verdict.failed_findings)


def _with_failed(verdict: Verdict, status: Status, message: str) -> Verdict:
    """The verdict with another status and message of the findings that cost points: is the answer wrong, or missing?"""
    failed = verdict.failed_findings
    findings = (replace(f, status=status, message=message) if f in failed else f for f in verdict.findings)
    return replace(verdict, findings=tuple(findings))
