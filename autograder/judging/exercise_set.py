"""Load the exercises of a course from a Python package: a specification and known answers per notebook.

The engine does not import any course. Which package holds the exercises is a setting of `nbgrader_config.py`
(``c.DrawCases.exercises``).
"""

import importlib.util
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from .answers import KnownAnswer, read_answers
from .cases import Cases
from .judge import judge, small_calls
from .model import Exercise
from .relations import Relations
from .trusted_calls import call_trusted
from .verdict import Verdict

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class CourseExercise(Exercise):
    """An exercise together with its known answers. It can judge an answer in this process."""

    known_answers: Sequence[KnownAnswer] = ()  # those in `answers.py`

    def check(self, answer: Any, seed: int = 0, explain: bool = True, source: str = "") -> Verdict:
        """Judge an answer in this process. Only for code that you trust: in tests, and while writing exercises.

        An author's notebook calls it with ``check(odds)``. `Rule.check` is something else: a demand of one rule.

        The answer is a function with the signature of the exercise, or the value of a variable. The diagnosis
        takes longer than the score: `explain=False` leaves it out. A hint names only what is in the `source`.

        Examples
        --------
        >>> from autograder.judging.model import Rule
        >>> answer = CourseExercise("answer", "A slide", 42, (Rule("the value", 1),))
        >>> answer.check(42).score, answer.check(41).score
        (1.0, 0.0)
        """
        drawn = _draw(self, seed)
        answers = drawn.call(answer)
        further = small_calls(drawn, answers) if explain else None
        small = call_trusted(answer, further) if further else None
        return judge(drawn, answers, explain=explain, source=source, small_answers=small)


# Shared by checks, with the results of the reference and of the known mistakes. An exercise is hashed by its identity.
_draw = lru_cache(maxsize=32)(Exercise.draw)


class OnFirstUse(Mapping[str, T]):
    """A mapping that is made when it is first used. Most runs, for example, need the mistakes of few exercises."""

    def __init__(self, make: Callable[[], dict[str, T]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> dict[str, T]:
        return self._make()

    def __getitem__(self, key: str) -> T:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class ExerciseSet(OnFirstUse[CourseExercise]):
    """The exercises of a course by name. Their package is imported on first access.

    It has one subpackage per notebook. In each, the module `spec` defines `Exercise` objects. The file `answers.py`, if
    there is one, has their known answers: see `judging.answers`. The module `by_hand`, if there is one, has functions
    with the names of exercises: they draw inputs for questions on paper. The module `relations` of the package itself,
    if there is one, has `RELATIONS`: a `Relations` for wrong values.
    """

    def __init__(self, package: str):
        super().__init__(self._read)
        self.package = package

    @cached_property
    def by_notebook(self) -> dict[str, list[CourseExercise]]:
        """The exercises of each notebook, in the order in which its `spec` defines them."""
        notebooks = [module.name for module in pkgutil.iter_modules(map(str, self.folders())) if module.ispkg]
        specs = {notebook: importlib.import_module(f"{self.package}.{notebook}.spec") for notebook in notebooks}
        references = {e.name: e.reference for spec in specs.values() for e in _specified(spec) if e.is_function}
        shared = self._names_in("relations") or {"RELATIONS": Relations()}
        if "RELATIONS" not in shared:
            raise ValueError(f"{self.package}.relations does not define RELATIONS")
        return {notebook: _course_exercises(spec, references, shared["RELATIONS"]) for notebook, spec in specs.items()}

    @cached_property
    def by_hand(self) -> dict[str, Cases]:
        """Functions that draw inputs on which a person can follow the code, by the name of the exercise.

        Each is in the module `by_hand` of its notebook. They are for questions on paper: no point depends on them.
        """
        found: dict[str, Cases] = {}
        for notebook, exercises in self.by_notebook.items():
            functions = self._names_in(f"{notebook}.by_hand")
            found |= {e.name: functions[e.name] for e in exercises if e.name in functions}
        return found

    def _names_in(self, module: str) -> dict[str, Any]:
        """The names in a module of the package; empty if there is none."""
        name = f"{self.package}.{module}"
        return vars(importlib.import_module(name)) if importlib.util.find_spec(name) else {}

    def folders(self) -> list[Path]:
        """The folders of the package."""
        return [Path(folder) for folder in importlib.import_module(self.package).__path__]

    def _read(self) -> dict[str, CourseExercise]:
        found: dict[str, CourseExercise] = {}
        for exercise in chain.from_iterable(self.by_notebook.values()):
            if exercise.name in found:
                raise ValueError(f"{self.package}: two exercises are called {exercise.name!r}: rename one of them")
            found[exercise.name] = exercise
        return found


load_exercises = cache(ExerciseSet)  # one per package and process


def _course_exercises(spec: ModuleType, references: Mapping[str, Any], relations: Relations) -> list[CourseExercise]:
    """Pair the exercises of a spec with the known answers in the file `answers.py` beside it.

    A quiz needs none there, because they are in the `Exercise` itself.
    """
    file, exercises = Path(str(spec.__file__)).with_name("answers.py"), _specified(spec)
    known: dict[str, list[KnownAnswer]] = {exercise.name: [] for exercise in exercises}
    for answer in read_answers(file, references) if file.is_file() else []:
        if answer.exercise not in known:
            raise ValueError(f"{file}: {spec.__name__} has no exercise {answer.exercise!r}")
        if any((other.name, other.is_right) == (answer.name, answer.is_right) for other in known[answer.exercise]):
            raise ValueError(f"{file}: two answers to {answer.exercise} are called {answer.name!r}: rename one of them")
        known[answer.exercise].append(answer)
    return [_with_answers(exercise, known[exercise.name], relations) for exercise in exercises]


def _specified(spec: ModuleType) -> list[Exercise]:
    """The exercises that a spec defines, in their order. Two variables may hold the same one."""
    return list(dict.fromkeys(value for value in vars(spec).values() if isinstance(value, Exercise)))


def _with_answers(exercise: Exercise, known: Sequence[KnownAnswer], relations: Relations) -> CourseExercise:
    """The exercise with the relations of its course, and with its known answers, which are run on first use."""
    parts = {**vars(exercise), "relations": relations}
    if known:
        if exercise.mistakes or exercise.variants:
            raise ValueError(f"exercise {exercise.name!r}: move the known answers in its spec to answers.py")
        parts["mistakes"] = OnFirstUse(lambda: {each.name: each.mistake for each in known if not each.is_right})
        parts["variants"] = OnFirstUse(lambda: {each.name: each.value for each in known if each.is_right})
    return CourseExercise(**parts, known_answers=tuple(known))
