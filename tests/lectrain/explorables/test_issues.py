"""The explorable of `training_issues` trains as the notebook does, with its data to four decimals, and judges by its rule."""

import base64

import nbformat
import numpy as np
import pytest

from lectrain import check
from tests.claims.notebook import solved
from tests.claims.prose import notebook_of

from .node import evaluate


@pytest.fixture(scope="module")
def notebook():
    found = solved("training_issues", "train", "run", "patients")
    sources = {cell.id: cell.source for cell in nbformat.read(notebook_of("training_issues"), 4).cells}
    found["expect_true"] = check.expect_true
    exec(sources["stays-low"], found)
    return found


@pytest.fixture(scope="module")
def runs():
    return evaluate(
        "issues",
        "Object.entries(own.PATIENTS).flatMap(([name, own_]) => own.RATES.flatMap((lr) => own.SIZES.map((size) => {"
        " const points = own.path({...own_, lr, size}), losses = points.map(own.loss);"
        " return {name, lr, size, end: points.at(-1), losses, word: own.judge(losses)}; })))",
    )


def test_examples_and_draws_are_those_of_the_notebook(notebook):
    X, y = notebook["circle"]()
    assert evaluate("issues-data", "own.EXAMPLES") == np.round(np.column_stack([X, y]), 4).tolist()
    draws = list(base64.b64decode(evaluate("issues-data", "own.DRAWS")))
    for size in (1, 5, 20):
        rng = np.random.default_rng(541)
        own = np.concatenate([rng.integers(200, size=size) for _ in range(400)])
        assert draws[: 400 * size] == own.tolist()


def test_patients_are_those_of_the_notebook(notebook):
    for name, own in evaluate("issues", "own.PATIENTS").items():
        settings = notebook["PATIENTS"][name]
        keys = {"lr": "lr", "size": "batch_size", "scale": "feature_scale", "steps": "num_steps"}
        assert own == {short: settings[key] for short, key in keys.items()}


def test_losses_are_those_of_the_notebook(notebook, runs, monkeypatch):
    X, y = notebook["circle"]()
    monkeypatch.setitem(notebook, "circle", lambda: (np.round(X, 4), np.round(y, 4)))
    for run in runs[::3]:
        if run["losses"][-1] is not None and run["losses"][-1] < 100:
            expected = notebook["run"](run["name"], lr=run["lr"], batch_size=run["size"])["train_loss"]
            assert run["losses"] == pytest.approx(expected.tolist(), rel=1e-6), (run["name"], run["lr"], run["size"])


def test_a_training_is_judged_by_the_rule_of_the_notebook(notebook, runs):
    messages = {"grows": "it grows", "falls": "still falls", "jumps": "jumps or rises"}
    for run in runs:
        losses = np.array([np.inf if loss is None else loss for loss in run["losses"]], dtype=float)
        if notebook["stays_low"](losses):
            assert run["word"] == "good"
        else:
            with pytest.raises(check.CheckFailed, match=messages[run["word"]]):
                notebook["expect_low"](losses)
    assert {run["word"] for run in runs} == {"good", *messages}


def test_the_rates_in_the_fold_are_right(runs):
    found = {}
    for run in runs:
        if run["word"] == "good" and run["size"] == {"A": 1, "C": 200, "E": 200}[run["name"]]:
            found.setdefault(run["name"], []).append(run["lr"])
    assert found == {"A": [0.03], "C": [1e-5, 3e-5, 1e-4], "E": [0.03, 0.1, 0.3, 1]}
