"""Find out what in the notebook is to blame for a lost exercise: a cell that fails, a stub, a second definition.

The judge sees only what a function returned. "name 'np' is not defined" is true, and no help to a student whose import
cell fails. Points do not depend on a cause.

Three things can be missing: the name (`is_missing`: the probe found nothing under it), the answer to every rule that
costs points (`_lacks_an_answer`: a function raised NotImplementedError), and the student's own code (`is_blank`).
"""

import builtins
import difflib
from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import replace
from functools import cached_property
from itertools import islice

from ..judging.decode import has_errors, is_missing, undefined_names
from ..judging.rule_failures import NOT_ANSWERED_MESSAGE
from ..judging.verdict import Status, Verdict
from ..submissions.bindings import NO_NAMES, find_reads_of_definitions
from .cell_errors import as_sentence
from .finished_cells import FinishedCell, FinishedNotebook

MAX_UNDEFINED = 10  # names without a value whose causes are looked for
MAX_NAMES = 1000  # looked at in one search: 1600 functions that call each other take 0.8 s for each question
MIN_ALIKE = 0.81  # a ratio of `difflib`: names of two characters are never a misspelt one


class Causes:
    """Why points are lost, exercise by exercise: a later one may depend on what is known of those before it."""

    def __init__(self, notebook: FinishedNotebook):
        self._notebook = notebook
        self._exercises = frozenset(notebook.exercises.values())
        # What is known of the answers so far, by the names of the exercises. `explain` adds to these.
        blank = (cell for cell in notebook.cells if cell.is_blank)
        self.unanswered = {name for cell in blank for name in cell.names.defines} - self._exercises
        self._wrong: set[str] = set()  # without points, be they blank or not

    def explain(self, index: int, verdict: Verdict) -> Verdict:
        """Add the cause to the verdict of the grade cell at an index. The exercises must be explained in their order.

        It has none if the answer itself is to blame, as far as one can see. The findings change if the answer only
        seems to be missing, because it uses one that is.
        """
        if not verdict.failed_findings:
            return verdict
        clause = next(filter(None, self._candidates(index, verdict)), None)
        if clause:
            explained = self._with_cause(index, verdict, clause)
        elif is_missing(self._notebook.results[index].answers) and self._is_blank(index):
            explained = _with_failed(verdict, Status.NOT_ANSWERED, NOT_ANSWERED_MESSAGE)
        else:
            explained = self._with_remark(index, verdict)
        if _lacks_an_answer(explained):
            self.unanswered.add(verdict.exercise)
        if not verdict.score:
            self._wrong.add(verdict.exercise)
        return explained

    def _with_cause(self, index: int, verdict: Verdict, clause: str) -> Verdict:
        """Add a cause. An answer whose cell has no line that raises NotImplementedError is wrong, and not missing."""
        answer = self._notebook.answer_above(index)
        if _lacks_an_answer(verdict) and not (answer and answer.has_stub):
            verdict = _with_failed(verdict, Status.FAILED, clause)
        return replace(verdict, cause=as_sentence(clause))

    def _with_remark(self, index: int, verdict: Verdict) -> Verdict:
        """Add a note to a wrong answer, if it or what it uses is defined twice: that may be the cause."""
        clause = self._redefined(verdict.exercise, index) if verdict.with_status(Status.FAILED) else None
        return replace(verdict, notes=(*verdict.notes, as_sentence(clause))) if clause else verdict

    def _candidates(self, index: int, verdict: Verdict) -> Iterator[str | None]:
        """Yield the possible causes, the most certain one first."""
        name, answers = verdict.exercise, self._notebook.results[index].answers
        answer = self._notebook.answer_above(index)
        if is_missing(answers):
            yield self._why_undefined(name, index)
            if not self._is_blank(index):  # beside a blank answer, a similar name may be anything
                yield self._other_spelling(name, index)
                yield self._not_defined(name)
        elif _lacks_an_answer(verdict):
            if answer:
                yield self._answer_elsewhere(name, index, answer)
                yield self._stub_left(answer)
            for used in self._exercises_used(name, self.unanswered):
                yield f"it uses `{used}`, which is not answered yet"
        else:
            for undefined in undefined_names(answers)[:MAX_UNDEFINED]:
                yield self._why_undefined(undefined, index)
                if undefined in self.unanswered:
                    yield f"it uses `{undefined}`, which is not answered yet"
            for undefined in undefined_names(answers)[:1]:
                yield self._other_spelling(undefined, index)
                yield self._not_defined(undefined)
            if has_errors(answers):
                yield self._redefined(name, index)
        if not verdict.diagnosis:
            for used in self._exercises_used(name, self._wrong):
                state = "answered yet" if used in self.unanswered else f"right yet: correct `{used}` first"
                yield f"it uses `{used}`, which is not {state}"

    def _why_undefined(self, name: str, index: int) -> str | None:
        """Why a name has no value when the check at an index runs."""
        for cell in reversed([cell for cell in self._notebook.above(index) if not cell.is_test]):
            if name in cell.names.deletes:
                return f"{cell.place} deletes `{name}`"
            if cell.may_define(name) and cell.errors:
                return f"`{name}` is not defined: {cell.errors[0].clause(cell.place)}"
        defining = [cell for cell in self._notebook.cells if cell.defines(name) and not cell.is_test]
        ran = [cell for cell in defining if cell.number]
        if ran and ran[0].index > index:
            return f"{ran[0].place} defines `{name}` too late: move it above the checks that need it"
        if defining and not ran:
            return f"only a demonstration defines `{name}`, and grading does not run it: define it in your answer"
        return None

    def _other_spelling(self, name: str, index: int) -> str | None:
        """Which name of a student's cell looks like the undefined one. None if a cell has it: one that was stopped."""
        if any(cell.may_define(name) for cell in self._notebook.cells if not cell.is_test):
            return None
        changed = (cell for cell in self._notebook.above(index) if cell.is_changed)
        places = {other: cell.place for cell in changed for other in cell.names.defines - self._exercises}
        matches = difflib.get_close_matches(name, islice(places, MAX_NAMES), cutoff=MIN_ALIKE)
        return f"`{name}` is not defined: did you mean `{matches[0]}` of {places[matches[0]]}?" if matches else None

    def _not_defined(self, name: str) -> str | None:
        """That no cell binds the name, nor might one that Python cannot read: a wrong cause is worse than none."""
        cells = [cell for cell in self._notebook.cells if not cell.is_test]
        is_found = any(cell.may_define(name) or (not cell.names.is_python and name in cell.code) for cell in cells)
        unless = "except perhaps inside an `if`, a loop, a function or the like"
        return None if is_found else f"no code cell of your notebook defines or imports `{name}`, {unless}"

    def _is_blank(self, index: int) -> bool:
        """Whether the cell for the answer is there, and nothing was written into it."""
        answer = self._notebook.answer_above(index)
        return answer is not None and answer.is_blank

    def _answer_elsewhere(self, name: str, index: int, answer: FinishedCell) -> str | None:
        """Where the answer is, if the cell that should hold it still raises NotImplementedError."""
        cells = [cell for cell in self._notebook.cells if not (cell.is_test or cell.is_answer) and cell.defines(name)]
        for cell in cells if answer.has_stub else ():
            if cell.index < answer.index:
                problem = f"{answer.place} below it still raises NotImplementedError"
                return f"{cell.place} defines `{name}`, but {problem}: move your code into {answer.place}"
            if cell.index > index:
                return f"{cell.place} defines `{name}` only after its check: move your code up into {answer.place}"
        return None

    def _stub_left(self, answer: FinishedCell) -> str | None:
        """That the line that raises NotImplementedError was left in an answer."""
        is_left = answer.has_stub and answer.is_changed
        advice = "delete it when your answer is complete"
        return f"{answer.place} still contains the line `raise NotImplementedError()`: {advice}" if is_left else None

    def _redefined(self, exercise: str, index: int) -> str | None:
        """Which cell defines the exercise, or a name that it depends on, again."""
        for name in self._reachable_names(exercise):
            cells = [cell for cell in self._notebook.above(index) if not cell.is_test and name in cell.names.binds]
            if cells and name in cells[-1].names.repeats:
                return f"{cells[-1].place} defines `{name}` more than once: the last definition counts"
            if not cells or not cells[-1].is_own or all(name in cell.names.imports for cell in cells):
                continue
            if hasattr(builtins, name):
                return f"{cells[-1].place} uses the name `{name}` again, which is Python's own"
            if len(cells) > 1:
                return f"{cells[-1].place} defines `{name}` again, after {cells[-2].place}: the later definition counts"
        return None

    def _reachable_names(self, name: str) -> list[str]:
        """A name, and the global names that it depends on, also through other functions: the nearest ones first."""
        found = [name]
        for current in found:  # which grows below
            found += sorted(NO_NAMES.union(*self._names_read.get(current, ())) - {*found})
            if len(found) > MAX_NAMES:
                break
        return found

    @cached_property
    def _names_read(self) -> dict[str, list[Set[str]]]:
        """By name, the global names that each definition of it reads, in all cells."""
        found: defaultdict[str, list[Set[str]]] = defaultdict(list)
        for cell in self._notebook.cells:
            for defined, read in find_reads_of_definitions(cell.code):
                for name in defined:
                    found[name].append(read)  # not a copy: a statement may bind as many names as it reads
        return found

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
