"""Call a student's function and record what happens, in the process that runs the student's notebook.

The probe calls the function on given inputs. It records returned values as plain data, exceptions, floating-point
warnings and modified inputs. It has no expected values and compares nothing: the judge does that in the grader's
process, and treats everything that the probe sends as possibly forged.

NumPy's functions are imported by name, because the student's cells may replace ``np.array``.
"""

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from numpy import errstate, geterr, geterrcall

from lectrain.shortcuts import find_shortcuts

from .call_memory import CallMemory, is_factory, shares_memory
from .factories import Gradient, Recorder
from .values import MAX_ARRAY_TEXT, MAX_ITEMS, MAX_TEXT, Generated, TooLarge, encode, encode_answer

MAX_REPORTED_TEXTS = 5  # base classes of an exception, and warnings of a call
MAX_SHORTCUTS = 10  # names of forbidden functions that are reported
MAX_ANSWERS_BYTES = 1 << 20  # of the answers to all cases as JSON; one value may take a quarter of it
# Recorded in place of an exception's type. They are not names that a class statement could define.
TIMEOUT, TOO_LARGE, TOO_MANY_CALLS = "time limit", "too large", "too many calls"
WARNINGS_DISABLED = "warnings disabled"  # recorded in place of warnings if the student's code has disabled them
_NOTICED = {"call", "raise"}  # NumPy's settings with which a warning is recorded, or ends the call

# A metaclass of the student's may have replaced the attributes of a class.
_name_of, _mro_of = type.__dict__["__name__"].__get__, type.__dict__["__mro__"].__get__
_undefined_name_of = NameError.__dict__["name"].__get__


def answer(
    namespace: dict[str, Any],
    name: str,
    cases: list[dict[str, Any]],
    max_bytes: int = MAX_ANSWERS_BYTES,
    forbids: Sequence[str] = (),
) -> dict[str, Any]:
    """Call ``namespace[name]`` on each case and record what happens.

    Parameters
    ----------
    name : str
        The function, or the variable for a case ``{"value": True}``.
    cases : list of dict
        ``{"args": [...], "kwargs": {...}, "watch": bool}`` with encoded arguments, or ``{"value": True}`` for the
        variable itself. With ``watch``, floating-point overflow, invalid values and division by zero are recorded.
        With ``rounds``, a list of numbers of calls, the value is a list per round of what each call returned. The calls
        of a round share their arguments; every round begins with fresh ones. With ``"strided": True``, arrays are
        passed in another memory layout; with ``"alone": True`` in memory of their own, otherwise in that of the first
        array of the same form.
    max_bytes : int
        About how many bytes the answers to all cases may take as JSON. An error is recorded in place of a value, or of
        the calls of an argument, in any round, that takes more than a quarter of it, or than half of what is left.

    Returns
    -------
    dict
        ``{"missing": True}`` if the name is not defined. Otherwise ``answers``, one for each case, and ``shortcuts``:
        the names of what the function uses of ``forbids``. An answer is a dict:

        ``value``
            What the function returned.
        ``error``
            The type and the message of an exception, or a limit that was exceeded. It is beside a value if the cause is
            an object that the student's code put into an argument, or the space that the arguments' records take.
        ``bases``, ``undefined``
            The base classes of the exception. The name, if it is a ``NameError`` with one.
        ``changed``, ``gradient_changed``
            Whether an argument was modified, or an array that a gradient function had returned.
        ``shared``, ``kept``
            Whether the value shares memory with an argument, or with the value of an earlier call.
        ``warned``
            NumPy's floating-point warnings, with ``watch`` or ``rounds``.
        ``calls``
            What each argument recorded: a list of calls, or None.

        The answer to a case ``{"value": True}`` has only a value, or what is recorded of an exception. A call that did
        not end in time has only an error.
    """
    if name not in namespace:
        return {"missing": True}
    answers: list[Any] = []
    shortcuts: list[str] = []
    try:
        for record in answer_one_by_one(namespace, name, cases, max_bytes):
            answers.append(record)
        with contextlib.suppress(Exception):  # of a class of the student's
            shortcuts += find_shortcuts(name, namespace, forbids)  # now, because a call may import or define something
    except KeyboardInterrupt:
        timeout = {"error": [TIMEOUT, ""]}
        answers += [timeout] * (len(cases) - len(answers))
    return {"answers": answers, "shortcuts": [path[:MAX_ARRAY_TEXT] for path in shortcuts[:MAX_SHORTCUTS]]}


def answer_one_by_one(
    namespace: dict[str, Any], name: str, cases: list[dict[str, Any]], max_bytes: int = MAX_ANSWERS_BYTES
) -> Iterator[dict[str, Any]]:
    """Yield the result of each case. The function is called when the next result is requested."""
    memory = CallMemory()
    left = max_bytes
    for case in cases:
        subject = namespace[name]
        record = _answer_case(subject, case, memory, min(max_bytes // 4, left // 2))
        namespace.setdefault(name, subject)  # the call may have deleted it
        left -= len(json.dumps(record))
        yield record


def _answer_case(subject: Any, case: dict[str, Any], memory: CallMemory, max_bytes: int) -> dict[str, Any]:
    if case.get("value"):
        return _record_or_error(lambda: {"value": encode_answer(subject, max_bytes)})
    if "rounds" in case:
        return _answer_rounds(subject, case, memory, max_bytes)
    return _record_call(subject, case, memory, max_bytes)


def _answer_rounds(subject: Any, case: dict[str, Any], memory: CallMemory, max_bytes: int) -> dict[str, Any]:
    """Call the function several times in each round. An error in a round is that of the answer.

    A record with an error may have nothing else.
    """
    records = [_record_call(_repeated(subject, calls), case, memory, max_bytes, depth=1) for calls in case["rounds"]]
    failed = next((record for record in records if "error" in record), None)
    flags = ("changed", "gradient_changed", "shared", "kept")
    return (failed or {"value": {"list": [record["value"] for record in records]}}) | {
        **{flag: any(record.get(flag) for record in records) for flag in flags},
        "warned": sorted({warning for record in records for warning in record.get("warned", [])}),
        "calls": {"list": [record.get("calls") for record in records]},
    }


def _repeated(subject: Any, calls: int) -> Any:
    return lambda *args, **kwargs: [_take_items(subject(*args, **kwargs)) for _ in range(calls)]


def _record_call(
    subject: Any, case: dict[str, Any], memory: CallMemory, max_bytes: int, depth: int = 0
) -> dict[str, Any]:
    args = [memory.argument(data, i, case) for i, data in enumerate(case["args"])]
    kwargs = {name: memory.argument(data, name, case) for name, data in case["kwargs"].items()}
    sent, passed = [*case["args"], *case["kwargs"].values()], [*args, *kwargs.values()]
    warned: list[str] = []

    def record_value() -> dict[str, Any]:
        value = _call(subject, args, kwargs, warned)
        encoded = encode_answer(value, max_bytes, depth)
        record = {"value": encoded, "shared": shares_memory(value, passed), "kept": memory.has_kept(value)}
        memory.keep(value)
        return record

    record = _record_or_error(record_value)
    if case.get("watch"):
        record["warned"] = sorted(set(warned))
    # An object of the student's in an argument may raise here, too. The last error counts.
    return record | _record_or_error(lambda: _modifications(sent, passed) | _recorded_calls(passed, max_bytes))


def _record_or_error(record: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a function records. Any exception of the student's code in it is an answer, SystemExit too."""
    try:
        return record()
    except KeyboardInterrupt:  # the time limit
        raise
    except BaseException as error:
        return _describe_exception(error)


def _call(subject: Any, args: list[Any], kwargs: dict[str, Any], warned: list[str]) -> Any:
    """Call the function, discard what it prints, and append NumPy's warnings to ``warned``."""

    def note(what: str, _: int) -> None:
        warned.append(what)

    # An exponential that becomes 0 is right, also in a notebook that has called np.seterr(all="raise").
    recording = errstate(over="call", invalid="call", divide="call", under="ignore", call=note)
    with contextlib.redirect_stdout(_NullStream()), contextlib.redirect_stderr(_NullStream()), recording:
        value = _take_items(subject(*args, **kwargs))
        settings = geterr()
        if geterrcall() is not note or not {settings["over"], settings["invalid"], settings["divide"]} <= _NOTICED:
            warned[:] = [WARNINGS_DISABLED]
    return value


def _describe_exception(error: BaseException) -> dict[str, Any]:
    if type(error) is TooLarge:
        return {"error": [TOO_LARGE, str(error)]}
    name, *bases = [_name_of(base)[:MAX_TEXT] for base in _mro_of(type(error))[: 1 + MAX_REPORTED_TEXTS]]
    record: dict[str, Any] = {"error": [name, _error_text(error)], "bases": bases}
    if issubclass(type(error), NameError) and type(undefined := _undefined_name_of(error)) is str:
        record["undefined"] = undefined[:MAX_TEXT]
    return record


def _modifications(sent: list[Any], passed: list[Any]) -> dict[str, bool]:
    """Compare what was sent, as JSON, with the arguments after the call."""
    pairs = zip(sent, passed, strict=True)
    return {
        "changed": any(encode(argument) != data for data, argument in pairs if not is_factory(data)),
        "gradient_changed": any(argument.was_changed for argument in passed if isinstance(argument, Gradient)),
    }


def _recorded_calls(passed: list[Any], max_bytes: int) -> dict[str, Any]:
    try:
        calls = [encode_answer(p.calls, max_bytes) if isinstance(p, Recorder) else None for p in passed]
        return {"calls": {"list": calls}}
    except TooLarge:  # it replaces an exception, too: without its calls, the answer cannot be judged
        return {"error": [TOO_MANY_CALLS, ""], "calls": None}


def _take_items(value: Any) -> Any:
    """The first items of an iterator, such as a generator; any other value unchanged."""
    return Generated(list(islice(value, MAX_ITEMS))) if hasattr(type(value), "__next__") else value


def _error_text(error: BaseException) -> str:
    try:
        return str.__getitem__(str(error), slice(MAX_TEXT))  # as in `encode`: a subclass may have replaced its own
    except KeyboardInterrupt:
        raise
    except BaseException:  # of the student's `__str__`
        return ""


class _NullStream(io.TextIOBase):
    encoding = "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)
