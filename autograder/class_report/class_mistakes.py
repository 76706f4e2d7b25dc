"""The mistakes of a class: in which words, how many students made them, and which ones to teach again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ..judging.model import Exercise
from ..judging.verdict import Verdict
from ..reports.templates import inline_code
from .class_data import ClassData
from .options import find_options

MAX_TO_DISCUSS = 3  # what fits into the next lesson, and on one screen of the projector


@dataclass(frozen=True)
class MistakeStatistics:
    """A diagnosis of wrong answers, and the students who got it."""

    exercise: str
    mistake: str  # the name of a known mistake, or of a relation to the right values, such as "twice as large"
    description: Markup  # what students chose, or else the name
    hint: str
    slide: str  # that explains it
    students: tuple[str, ...]

    @property
    def sentence(self) -> Markup:
        """What to tell the class: the hint, or else the description."""
        return inline_code(self.hint) if self.hint else self.description

    @property
    def is_shared(self) -> bool:
        """Whether several students made it."""
        return len(self.students) > 1


def mistake_statistics(data: ClassData) -> list[MistakeStatistics]:
    """Find the diagnoses of wrong answers, known mistakes and relations, and the students who got them.

    The most frequent come first. A question that was not answered is not a mistake: `QuestionStatistics` counts it.
    """
    by_mistake: dict[tuple[str, str], dict[str, Verdict]] = defaultdict(dict)
    for verdicts in data.verdicts.values():
        for student, verdict in verdicts.items():
            if verdict.mistake and not verdict.is_unanswered:
                by_mistake[verdict.exercise, verdict.mistake][student] = verdict
    rows = [_summarise_mistake(*key, verdicts, data) for key, verdicts in by_mistake.items()]
    return sorted(rows, key=lambda row: (-len(row.students), row.exercise, row.mistake))


def most_frequent(mistakes: Sequence[MistakeStatistics], data: ClassData) -> list[MistakeStatistics]:
    """Select the mistakes to teach again: the most frequent of several students. A hint decides a tie.

    The mistakes of a prediction are in its form, which teaches nothing.
    """
    predictions = {name for name, exercise in data.course.exercises.items() if exercise.is_prediction}
    shared = [row for row in mistakes if row.is_shared and row.exercise not in predictions]
    return sorted(shared, key=lambda row: (-len(row.students), not row.hint))[:MAX_TO_DISCUSS]


def describe_mistake(exercise: str, mistake: str, data: ClassData) -> Markup:
    """Describe a mistake. If the answer consists of letters, show the texts that were chosen, else its name."""
    known, question = data.course.exercises.get(exercise), data.questions.get(data.questions.key_of(exercise))
    if known is None or known.is_function or question is None or mistake not in known.mistakes:
        return escape(mistake)
    return Markup("; ").join(_wrong_choices(known, mistake, find_options(question.text))) or escape(mistake)


def _wrong_choices(exercise: Exercise, mistake: str, options: Mapping[str, Markup]) -> list[Markup]:
    """Describe each wrong letter of an answer. `options` has the texts of letters. Other answers have no letters."""

    def choice(action: str, letter: str) -> Markup:
        text = Markup(": {}").format(options[letter]) if letter in options else ""
        return Markup("{}{}").format(action, text)

    match exercise.mistakes[mistake].answer, exercise.reference:
        case set() as given, set() as right:
            marked = [choice(f"marked {letter}", letter) for letter in sorted(given - right, key=str)]
            return marked + [choice(f"did not mark {letter}", letter) for letter in sorted(right - given, key=str)]
        case dict() as given, dict() as right:  # of blanks, or of settings
            # The values of settings are not among the options, so that the name of the mistake describes them.
            letters = {label: letter for label, letter in given.items() if str(letter) in options}
            wrong = {label: letter for label, letter in letters.items() if letter != right.get(label)}
            return [choice(f"chose {letter} for “{label}”", letter) for label, letter in wrong.items()]
    return []


def _summarise_mistake(
    exercise: str, mistake: str, verdicts: Mapping[str, Verdict], data: ClassData
) -> MistakeStatistics:
    known = data.course.exercises[exercise].mistakes if exercise in data.course.exercises else {}
    example = next(iter(verdicts.values()))
    said = {verdict.diagnosis for verdict in verdicts.values()}  # such as "3 times as large", and "5 times as large"
    common = example.diagnosis if len(said) == 1 else ""
    return MistakeStatistics(
        exercise=exercise,
        mistake=mistake,
        description=describe_mistake(exercise, mistake, data),
        hint=common or (known[mistake].hint if mistake in known else ""),
        slide=next((finding.slide for finding in example.failed_findings), ""),
        students=tuple(verdicts),
    )
