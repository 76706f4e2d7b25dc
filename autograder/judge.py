"""Answers × reference → `Verdict`. This is where right and wrong are decided, far from the student's process."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import probe
from .exercise import THE_VALUE, Case, Drawn, Exercise, Finding, Rule, Verdict
from .relations import Pair, relate

NOT_ANSWERED = "not answered yet"


@dataclass(frozen=True)
class Answer:
    """What one call of the student's function came to, read from untrusted JSON."""

    value: Any = None
    error: tuple[str, str] | None = None
    kinds: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    changed: bool = False
    shared: bool = False
    calls: Any = None


def judge(drawn: Drawn, answers: Any) -> Verdict:
    """Compare what came back from the student's process with the reference on the same inputs.

    Parameters
    ----------
    drawn : Drawn
        The exercise and the inputs that were handed out.
    answers : object
        What `probe.answer` is said to have returned. It may be forged: anything unreadable earns nothing.

    Returns
    -------
    Verdict
        One finding per rule of the exercise.
    """
    got, trouble = read(answers, len(drawn.cases))
    if trouble:
        return _nothing_earned(drawn.exercise, trouble)
    want, _ = read(drawn.wanted, len(drawn.cases))
    complaints = [
        next(filter(None, (complain(rule, drawn.cases[i], got[i], want[i]) for i in rows)), None)
        for rule, rows in zip(drawn.exercise.rules, drawn.rows, strict=True)
    ]
    mistake, diagnosis = diagnose(drawn, got, want) if any(complaints) else (None, None)
    rules = zip(drawn.exercise.rules, complaints, strict=True)
    findings = [_finding(drawn.exercise, rule, complaint, diagnosis) for rule, complaint in rules]
    return Verdict(drawn.exercise.name, tuple(findings), mistake)


def _finding(exercise: Exercise, rule: Rule, complaint: str | None, diagnosis: str | None) -> Finding:
    slide = rule.slide or exercise.slide
    if complaint is None:
        return Finding(rule.name, True, rule.points, slide=slide)
    unanswered = complaint == NOT_ANSWERED
    message = complaint if unanswered or not rule.hint else f"{complaint}. {rule.hint}"
    return Finding(rule.name, False, rule.points, message, slide, None if unanswered else diagnosis)


def _nothing_earned(exercise: Exercise, why: str) -> Verdict:
    findings = [Finding(rule.name, False, rule.points, why, rule.slide or exercise.slide) for rule in exercise.rules]
    return Verdict(exercise.name, tuple(findings))


# --- reading what cannot be trusted -----------------------------------------------------------------------------


def read(answers: Any, count: int) -> tuple[list[Answer], str | None]:
    """Decode a bundle of answers; the second item says in words why there is nothing to judge."""
    if answers is None:
        return [], "no answer came back: the cell did not finish"
    if isinstance(answers, dict) and answers.get("missing"):
        return [], "it is not defined when its check runs: does the cell that defines it come first?"
    try:
        return [_read_one(answer) for answer in _exactly(count, answers["answers"])], None
    except (probe.Undecodable, TypeError, KeyError, ValueError, AttributeError, RecursionError):
        return [], "what came back cannot be read as an answer"


def _exactly(count: int, answers: list) -> list:
    if type(answers) is not list or len(answers) != count:
        raise probe.Undecodable("another number of answers than questions")
    return answers


def _read_one(answer: dict) -> Answer:
    warned, changed = tuple(str(w) for w in answer.get("warned") or ()), bool(answer.get("changed"))
    if "error" in answer:
        kind, text = answer["error"]
        kinds = tuple(str(base) for base in answer.get("kinds") or ())
        return Answer(error=(str(kind), str(text)), kinds=kinds, warned=warned, changed=changed)
    value, calls = probe.decode(answer["value"]), probe.decode(answer.get("calls"))
    return Answer(value, warned=warned, changed=changed, shared=bool(answer.get("shared")), calls=calls)


# --- one rule on one case ---------------------------------------------------------------------------------------


def complain(rule: Rule, case: Case, got: Answer, want: Answer) -> str | None:
    """Say what is wrong with one answer under one rule, or None. Never says the right value."""
    where = f" for {case.about}" if case.about else ""
    if rule.raises and want.error:
        return _complain_of_raising(rule.raises, got, where)
    if got.error:
        return _error_in_words(got.error, where)
    if case is THE_VALUE and got.value is None:
        return NOT_ANSWERED
    if rule.holds:
        wrong = rule.holds(case, got.value)
    elif rule.replays:
        wrong = rule.replays(case, got.value, got.calls)
    else:
        wrong = differ(got.value, want.value, *_tolerance(rule, case), like=rule.dtype != "any")
    if wrong:
        return f"{wrong}{where}"
    if rule.warnings == "none" and got.warned:
        return f"NumPy warns of {', '.join(got.warned)}{where}"
    if rule.mutation == "none" and got.changed:
        return f"it changes an array that it was given{where}"
    if rule.sharing == "none" and got.shared:
        return f"what it returns is the very array that it was given, not a new one{where}"
    return None


def _complain_of_raising(expected: str, got: Answer, where: str) -> str | None:
    if got.error is None:
        return f"it should raise {expected}{where}, and returned a value"
    if got.error[0] == "NotImplementedError":
        return NOT_ANSWERED
    caught = expected in (got.error[0], *got.kinds)  # by `except ValueError`, say
    return None if caught else f"it should raise {expected}{where}, and raised {got.error[0]}"


def _error_in_words(error: tuple[str, str], where: str) -> str:
    kind, text = error
    if kind == "NotImplementedError":
        return NOT_ANSWERED
    return f"it raises {kind}{where}" + (f": {text.splitlines()[0][:200]}" if text.strip() else "")


def _tolerance(rule: Rule, case: Case) -> tuple[float, float]:
    single = any(getattr(a, "dtype", None) == np.float32 for a in [*case.args, *case.kwargs.values()])
    return (max(rule.rtol, 1e-5), max(rule.atol, 1e-6)) if single else (rule.rtol, rule.atol)


def differ(got: Any, want: Any, rtol: float = 1e-9, atol: float = 0.0, like: bool = True) -> str | None:
    """Say how `got` differs from `want`: kind, shape, dtype, nan, then the first place and by how much; or None.

    >>> differ(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    'it is off at index 1, by about 1e+00'
    """
    if got is None and want is not None:
        return "it returns None: is a `return` missing?"
    if _is_number(want):
        return _differ_in_numbers(got, np.asarray(want), rtol, atol, like, scalar=np.ndim(want) == 0)
    if isinstance(want, list | tuple):
        return _differ_in_items(got, want, rtol, atol, like)
    return None if type(got) is type(want) and got == want else f"it returns {_kind(got)} that is not the one asked for"


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | np.ndarray | np.generic)


def _kind(value: Any) -> str:
    if isinstance(value, probe.Unknown):
        return f"an object of type {value.type_name}"
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _differ_in_numbers(got: Any, want: np.ndarray, rtol, atol, like: bool, scalar: bool) -> str | None:
    if not _is_number(got) or (not scalar and np.ndim(got) == 0 and not isinstance(got, np.ndarray | np.generic)):
        return f"it returns {_kind(got)} instead of {'a number' if scalar else 'an array'}"
    got = np.asarray(got)
    if got.shape != want.shape:
        return f"it has shape {got.shape} instead of {want.shape}"
    if "O" in (got.dtype.kind, want.dtype.kind):  # an int beyond 64 bits
        return "it is a number out of all range"
    if got.dtype.kind == "U" or want.dtype.kind == "U":
        if want.dtype.kind != "U":
            return f"it holds text instead of {_ASKED[want.dtype.kind]}"
        return None if np.array_equal(got, want) else "it holds other text than asked for"
    if like and got.dtype.kind not in {"f": "fiu", "i": "iu", "u": "iu", "b": "b"}[want.dtype.kind]:
        return f"it holds {got.dtype} values instead of {_ASKED[want.dtype.kind]}"
    got, want = got.astype(np.float64), want.astype(np.float64)
    off = ~np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)
    return _where_it_is_off(got, want, off) if off.any() else None


_ASKED = {"f": "floats", "i": "integers", "u": "integers", "b": "booleans"}


def _where_it_is_off(got: np.ndarray, want: np.ndarray, off: np.ndarray) -> str:
    index = tuple(int(i) for i in np.argwhere(off)[0])
    place = f" at index {index[0] if len(index) == 1 else index}" if index else ""
    if not np.isfinite(got[index]):
        return f"it is {got[index]}{place}"
    gap = abs(got[index] - want[index])
    return f"it is off{place}" + (f", by about {gap:.0e}" if np.isfinite(gap) else "")


def _differ_in_items(got: Any, want: Sequence, rtol, atol, like: bool) -> str | None:
    if not isinstance(got, list | tuple) or len(got) != len(want):
        how = f" of {len(got)}" if isinstance(got, list | tuple) else ""
        return f"it returns {_kind(got)}{how} instead of {len(want)} values"
    for i, pair in enumerate(zip(got, want, strict=True)):
        if wrong := differ(*pair, rtol, atol, like):
            return f"item {i}: {wrong}"
    return None


# --- which mistake it looks like --------------------------------------------------------------------------------


def diagnose(drawn: Drawn, got: list[Answer], want: list[Answer]) -> tuple[str | None, str | None]:
    """Name the mistake that an answer looks like, and say it in words; (None, None) if none or several would do.

    First comes a known mistake that behaves like it in everything, then one that returns the same values, then a
    plain relation between the values and the right ones.
    """
    known = {name: read(answers, len(drawn.cases))[0] for name, answers in drawn.mistaken.items()}
    alike = [name for name, mistaken in known.items() if _behaves_like(got, mistaken, drawn.watched)]
    if not alike and not _returns_like(got, want):
        alike = [name for name, mistaken in known.items() if _returns_like(got, mistaken)]
    alike = [name for name in alike if _calls_like(drawn, got, known[name])]
    hints = {drawn.exercise.mistakes[name].hint for name in alike}
    if alike:
        return (alike[0], hints.pop() or None) if len(hints) == 1 else (None, None)
    return relate(_comparable(drawn, got, want)) or (None, None)


def _behaves_like(got: list[Answer], known: list[Answer], watched: frozenset[int]) -> bool:
    return all(
        _raises_like(a, b)
        and a.changed == b.changed
        and (i not in watched or a.warned == b.warned)
        and (a.error is not None or _same(a.value, b.value))
        for i, (a, b) in enumerate(zip(got, known, strict=True))
    )


def _returns_like(got: list[Answer], known: list[Answer]) -> bool:
    """Whether the values are the same, whatever their dress, warnings and changed inputs."""
    pairs = zip(got, known, strict=True)
    return all(_raises_like(a, b) and (a.error is not None or _same(a.value, b.value, like=False)) for a, b in pairs)


def _calls_like(drawn: Drawn, got: list[Answer], known: list[Answer]) -> bool:
    """Whether the same is wrong with their calls of the functions that they were handed, whatever the numbers."""
    return all(
        _without_numbers(complain(rule, drawn.cases[i], got[i], Answer()))
        == _without_numbers(complain(rule, drawn.cases[i], known[i], Answer()))
        for rule, rows in zip(drawn.exercise.rules, drawn.rows, strict=True)
        if rule.replays
        for i in rows
    )


def _without_numbers(complaint: str | None) -> str | None:
    return complaint and re.sub(r"\d", "", complaint)


def _raises_like(a: Answer, b: Answer) -> bool:
    return (a.error or ("", ""))[0] == (b.error or ("", ""))[0]


def _comparable(drawn: Drawn, got: list[Answer], want: list[Answer]) -> list[Pair]:
    """The cases on which values are compared with the reference's; none if one raises an error, or all are right."""
    rules = [
        pair for pair in zip(drawn.exercise.rules, drawn.rows, strict=True) if not (pair[0].holds or pair[0].replays)
    ]
    rows = {i: _tolerance(rule, drawn.cases[i]) for rule, rows in rules for i in rows if not want[i].error}
    if any(got[i].error for i in rows) or not any(differ(got[i].value, want[i].value, *rows[i], False) for i in rows):
        return []
    names = drawn.exercise.signature.partition("(")[2].strip(")").split(", ")
    arguments = [dict(zip(names, case.args, strict=False)) | dict(case.kwargs) for case in drawn.cases]
    return [Pair(arguments[i], got[i].value, want[i].value) for i in sorted(rows)]


def _same(a: Any, b: Any, like: bool = True) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):  # which may hold arrays, and those have no single truth
        return a.keys() == b.keys() and all(_same(a[key], b[key], like) for key in a)
    if isinstance(a, set | frozenset | dict | str | None) or isinstance(b, set | frozenset | dict | str | None):
        return type(a) is type(b) and a == b
    if not like:
        a, b = _undressed(a), _undressed(b)
    return differ(a, b, 1e-6, 1e-9, like) is None and differ(b, a, 1e-6, 1e-9, like) is None


def _undressed(value: Any) -> Any:
    """A list of numbers as an array; anything else as it is."""
    plain = isinstance(value, list) and all(isinstance(item, int | float | np.generic) for item in value)
    return np.array(value) if plain else value
