"""What enters the sandbox, what hostile code can do there, and that keys do not depend on the run or the mode."""

import dataclasses
import re

import numpy as np
import pytest

from autograder.runner import Limits, open_runner
from autograder.runner.sandbox import BUBBLEWRAP, LANDLOCK
from autograder.sheets import observe as observing
from autograder.sheets import student_sheet
from autograder.sheets.change_effects import Effect, find_effect
from autograder.sheets.changes import find_changes
from autograder.sheets.instrument import SUPPORT
from autograder.sheets.refused_code import CannotAsk
from autograder.sheets.student_code import StudentCode, cut_out
from autograder.sheets.student_sheet import BehavesDifferently
from tests.conftest import exercises
from tests.runner.conftest import require_mode

from .known_code import variants
from .trusted import TrustedRunner

pytestmark = pytest.mark.slow

SOFTMAX = """def softmax(Z):
    Z = np.array(Z, dtype=float)
    Z -= Z.max(axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z"""
SAMPLE = ("early_stopping_epoch", "interpolation_curve")


@pytest.fixture(scope="module")
def runner(sandbox):
    with open_runner() as runner:
        yield runner


def code_of(text: str, name: str = "softmax") -> StudentCode:
    return cut_out(["import numpy as np\nimport itertools", text], name)


def observe(code: StudentCode, runner):
    cases = list(exercises.by_hand[code.name](np.random.default_rng(0)))
    return cases, observing.observe(code, find_changes(code.lines), cases, runner)


@pytest.mark.parametrize("mode", [BUBBLEWRAP, LANDLOCK])
def test_keys_are_the_same_in_every_mode_of_the_sandbox_and_without_it(mode):
    require_mode(mode)
    known = [k for k in variants() if k.exercise in SAMPLE][::2]
    expected = [k.sheet(3) for k in known]
    with open_runner(mode=mode) as runner:
        assert [k.sheet(3, runner) for k in known] == expected


def test_only_the_student_s_text_and_the_inputs_enter_the_sandbox():
    class Spy(TrustedRunner):
        def run(self, steps, **kwargs):
            self.steps = steps
            return super().run(steps, **kwargs)

    for known in variants():
        if known.exercise not in SAMPLE:
            continue
        spy = Spy()
        try:
            code = known.code()
        except CannotAsk:
            continue
        cases, seen = observe(code, spy)
        sources = "\n".join(step.source for step in spy.steps)
        added = words(sources) - words(SUPPORT) - words(code.text) - words("\n".join(code.imports))
        changes = "\n".join(change.after for change in seen.changed)
        assert {w for w in added - words(changes) if not re.fullmatch(r"_sheet\w*|locals|_", w)} <= {"return"}, (
            known.name
        )
        for step in spy.steps[1:]:
            assert step.source == ""
            assert step.calls["cases"] == [case.to_json(watch=True) for case in cases]


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d]\w*", text))


def test_a_sheet_shows_nothing_but_the_student_s_text_the_inputs_and_plain_words():
    known = next(k for k in variants() if k.name == "copied, then in place")
    code, sheet = known.code(), known.sheet(0)
    for question in sheet.questions:
        for shown in (question.before, question.subject):
            assert shown in code.text or shown in {"the output", "how often"} or shown.isalpha() or " " in shown
    assert sheet.lines == code.lines
    catalogue = set(exercises[known.exercise].mistakes) | {m.hint for m in exercises[known.exercise].mistakes.values()}
    text = repr(dataclasses.asdict(sheet))
    assert not [name for name in catalogue if len(name) > 12 and name in text]


@pytest.mark.parametrize(("text", "reason"), [
    ("def softmax(Z):\n    while True:\n        pass", BehavesDifferently),
    ("def softmax(Z):\n    return np.zeros(10 ** 12)", CannotAsk),
    ("def softmax(Z):\n    return softmax(Z)", BehavesDifferently),
    ("def softmax(Z):\n    return list(itertools.count())", CannotAsk),
    ("def softmax(Z):\n    return Z", BehavesDifferently),  # right when graded, wrong when asked
    ("calls = np.zeros(1)\n" + SOFTMAX.replace("return Z", "calls[0] += 1\n    return Z * (calls[0] > 1)"), BehavesDifferently),
])  # fmt: skip
@pytest.mark.attack("limits")
def test_a_hostile_function_has_no_sheet_and_does_no_harm(text, reason, runner, monkeypatch):
    limits = Limits(cell_seconds=1, submission_seconds=5, cpu_seconds=5, memory=1 << 30)
    code = code_of(text)  # a hostile function that cannot be cut out would never run
    with monkeypatch.context() as patched:
        patched.setattr(observing, "LIMITS", limits)
        with pytest.raises(reason):
            student_sheet.make_sheet_about("eve", exercises, code, np.random.default_rng(0), runner)
    sheet = student_sheet.make_sheet_about("ada", exercises, code_of(SOFTMAX), np.random.default_rng(0), runner)
    assert len(sheet.questions) == 3


def test_code_that_ends_its_process_has_no_sheet(runner):
    with pytest.raises(CannotAsk, match="it uses SystemExit"):
        code_of("def softmax(Z):\n    raise SystemExit")
    ending = StudentCode("softmax", ("def softmax(Z):", "    import os", "    os._exit(0)"), ("import numpy as np",))
    with pytest.raises(CannotAsk, match="it gives no answer in the sandbox"):
        observe(ending, runner)
    forging = StudentCode("softmax", ("def softmax(Z):", "    raise KeyboardInterrupt"), ("import numpy as np",))
    with pytest.raises(CannotAsk):
        student_sheet.make_sheet_about("eve", exercises, forging, np.random.default_rng(0), runner)


def test_a_change_that_never_ends_spoils_no_other_change(runner):
    text = "def early_stopping_epoch(val, patience):\n    best, epoch = 0, 1\n    while epoch < len(val) and epoch - best <= patience:\n"
    text += "        if val[epoch] < val[best]:\n            best = epoch\n        epoch += 1\n    return best"
    _, seen = observe(code_of(text, "early_stopping_epoch"), runner)
    effects = {
        change.after.strip(): [find_effect(a, b) for a, b in zip(seen.original, answers, strict=True)]
        for change, answers in seen.changed.items()
    }
    assert effects["pass"] == [Effect.NEVER_ENDS, Effect.NEVER_ENDS]
    assert effects["while epoch < val.size and epoch - best <= patience:"] == [Effect.SAME, Effect.SAME]


def test_an_unfilled_array_gives_no_key(runner):
    text = "def softmax(Z):\n    P = np.empty(Z.shape)\n    E = np.exp(Z - Z.max(axis=1, keepdims=True))\n"
    text += "    P[:] = E / E.sum(axis=1, keepdims=True)\n    return P"
    code = code_of(text)
    _, seen = observe(code, runner)
    unfilled = next(c for c in find_changes(code.lines) if c.after.strip() == "pass")
    assert unfilled not in seen.changed
    recorded = {each.place.text: each.value for each in seen.records[0]}
    assert recorded["np.empty(Z.shape)"] is None
    assert recorded["Z.max(axis=1, keepdims=True)"] is not None
    assert seen.changed
