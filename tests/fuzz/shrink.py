"""Make a case smaller while it violates the same property."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.fuzz.cases import AnswersCase, Case, NamesCase, NotebookCase
from tests.fuzz.names import Student

MAX_ATTEMPTS = 2_000


def shrink(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a smaller case for which ``fails`` still holds.

    Parameters
    ----------
    case : Case
    fails : callable
        Whether a case violates the property. It is called up to `MAX_ATTEMPTS` times.
    """
    attempts, progress = 0, True
    while progress:
        progress = False
        for smaller in _smaller_cases(case):
            attempts += 1
            if attempts > MAX_ATTEMPTS:
                return case
            if fails(smaller):
                case, progress = smaller, True
                break
    return case


def _smaller_cases(case: Case) -> Iterator[Case]:
    if isinstance(case, NamesCase):
        yield from (replace(case, students=tuple(students)) for students in _smaller_classes(list(case.students)))
    elif isinstance(case, NotebookCase):
        yield from (replace(case, content=content) for content in _smaller_json(case.content))
    else:
        yield from (replace(case, frame=frame) for frame in _smaller_json(case.frame))


def _smaller_classes(students: list[Student]) -> Iterator[list[Student]]:
    for i in range(len(students)):
        yield students[:i] + students[i + 1 :]
    for i, student in enumerate(students):
        for name in ("id", "first_name", "last_name", "email", "lms_id", "files", "timestamp"):
            for value in _smaller(getattr(student, name)):
                smaller = replace(student, **{name: value})
                if smaller.has_valid_names:
                    yield [*students[:i], smaller, *students[i + 1 :]]


def _smaller_json(content: bytes) -> Iterator[bytes]:
    try:
        parsed = json.loads(content.decode("utf-8-sig", errors="surrogatepass"))
    except (ValueError, RecursionError):
        yield from _smaller(content)
        return
    for value in _smaller(parsed):
        smaller = json.dumps(value).encode()
        if len(smaller) < len(content):
            yield smaller


def _smaller(value: Any) -> Iterator[Any]:
    """Generate variants of a value with a part removed, large parts first."""
    if isinstance(value, str | bytes | list):
        chunk = len(value)
        while chunk:
            for start in range(0, len(value), chunk):
                yield value[:start] + value[start + chunk :]
            chunk = chunk // 2 if chunk > len(value) // 64 or len(value) < 200 else 0
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from ([*value[:i], smaller, *value[i + 1 :]] for smaller in _smaller(item))
    if isinstance(value, dict):
        for key in value:
            yield {other: item for other, item in value.items() if other != key}
        for key in value:
            for shorter in _smaller(key):
                yield {shorter if other == key else other: item for other, item in value.items()}
        for key, item in value.items():
            yield from ({**value, key: smaller} for smaller in _smaller(item))


def describe(case: Case) -> str:
    """What a case consists of, for a report."""
    if isinstance(case, AnswersCase):
        return f"{case.exercise}, draw {case.draw}: {case.frame!r}"
    return repr(case.content) if isinstance(case, NotebookCase) else repr(case.students)
