"""04-sgd/training_issues: what the notebook promises of its curves and patients, and answers from the side."""

import math
import os
import time
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from autograder import exercises
from autograder.exercises.training_issues.spec import (
    LIMITS,
    NAMES,
    PATIENTS,
    circle,
    ends_alike,
    ends_low,
    in_other_units,
    lowest_on_the_circle,
    many_features,
    not_finite,
    settings_with,
    stays_low,
    stop_early,
    train,
    train_circle,
    train_many,
    train_xor,
    training_curves,
    verdict_of,
    with_other,
    with_runs,
    with_validation,
)

REPOSITORY = Path(__file__).resolve().parents[2]
DRAWS = int(os.environ.get("LECTRAIN_DRAWS", 100))  # 2000 in continuous integration
SEEDS = range(2 * int(os.environ.get("LECTRAIN_SEEDS", 3)))
CURVES = [training_curves, with_validation, with_runs, not_finite, in_other_units]
FIXES = {
    "fix_A": ("A", stays_low), "fix_B": ("B", ends_alike), "fix_C": ("C", stays_low),
    "fix_D": ("D", ends_low), "fix_E": ("E", stays_low),
}  # fmt: skip
diagnose, early_stopping_epoch = exercises["diagnose"], exercises["early_stopping_epoch"]


def broken(exercise, answer, seed=0):
    return {finding.rule for finding in exercise.check(answer, seed).findings if not finding.passed}


def curves_of(patient, **changes):
    settings = {**PATIENTS[patient], **changes}
    with np.errstate(all="ignore"):
        if patient == "B":
            runs = train_xor(**settings)
            return {"train_loss": runs[0], "runs": runs}
        if patient == "D":
            return dict(zip(("train_loss", "val_loss"), train_many(**settings), strict=True))
        return {"train_loss": train_circle(**settings)}


# --- the table of the notebook ----------------------------------------------------------------------------------


def measured(train_loss, val_loss=None, runs=None):
    """The numbers of the rows, each as the notebook defines it, and the two ends of the gap that is promised."""
    first, T = train_loss[0], len(train_loss)
    assert T >= 100
    assert 0 < first < math.inf
    with np.errstate(all="ignore"):
        last = math.inf if not np.isfinite(train_loss).all() else train_loss[-1] / first
        yield "diverged", last, 0.9, 3.0
        if runs is not None:
            yield "different every time", (runs[:, -1].max() - runs[:, -1].min()) / first, 0.03, 0.4
        if val_loss is not None:
            yield "overfitting", val_loss[-1] / val_loss.min(), 1.1, 1.5
        jumps = [abs(b - a) for a, b in pairwise(train_loss[T // 2 :])]
        yield "jittery", sum(jumps) / len(jumps) / first, 0.01, 0.06
        yield "stopped early", (train_loss[3 * T // 4] - train_loss[-1]) / first, 0.01, 0.05


def keeps_the_promise(train_loss, val_loss=None, runs=None):
    """The name that the table gives, if no row down to it lies between its two ends."""
    for name, number, without, at_least in measured(train_loss, val_loss, runs):
        if number >= at_least:
            return name
        assert number <= without, f"{name}: {number} lies between {without} and {at_least}"
    return "healthy"


@pytest.mark.parametrize("draw", CURVES)
def test_no_curve_lies_near_a_threshold(draw):
    for seed in SEEDS:
        for one in draw(np.random.default_rng(seed)):
            assert keeps_the_promise(*one.args, **one.kwargs) == verdict_of(*one.args, **one.kwargs), one.about
            assert all(curve.min() > 0 for curve in [*one.args, *one.kwargs.values()] if np.isfinite(curve).all())


def test_every_name_is_asked_for_in_every_draw():
    for seed in SEEDS:
        drawn = diagnose.draw(seed)
        assert {verdict_of(*c.args, **c.kwargs) for c in drawn.cases} == set(NAMES)
        for rows in drawn.rows:
            assert len({verdict_of(*drawn.cases[i].args, **drawn.cases[i].kwargs) for i in rows}) > 1


def test_patients_have_what_the_key_says_and_keep_the_promise():
    letters = {"diverged": "a", "jittery": "b", "stopped early": "c", "overfitting": "d", "different every time": "e"}
    seen = {name: keeps_the_promise(**curves_of(name)) for name in PATIENTS}
    assert {name: letters[issue] for name, issue in seen.items()} == exercises["first_look"].reference


@pytest.mark.parametrize("name", diagnose.variants)
def test_no_right_diagnosis_is_rejected(name):
    assert all(diagnose.check(diagnose.variants[name], seed).passed for seed in range(DRAWS // 5))  # slow to draw


# --- the patients -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook():
    """The names that the solution notebook defines before its first demonstration needs them."""
    names: dict = {}
    for cell in nbformat.read(REPOSITORY / "solutions" / "04-sgd" / "training_issues.ipynb", 4).cells:
        if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", []):
            exec(cell.source.split("### BEGIN HIDDEN TESTS")[0], names)
    return names


CHANGES = [
    ("A", {}), ("A", {"batch_size": 7, "num_steps": 60}), ("C", {}), ("C", {"feature_scale": 3.5, "batch_size": 199}),
    ("D", {}), ("D", {"num_train": 400, "num_steps": 20}), ("E", {"lr": 0.3}), ("B", {}), ("B", {"hidden": 5, "lr": 0.2}),
]  # fmt: skip


@pytest.mark.parametrize(("patient", "changes"), CHANGES)
def test_the_checker_reruns_what_the_notebook_runs(notebook, patient, changes):
    theirs, ours = notebook["run"](patient, **changes), curves_of(patient, **changes)
    assert theirs.keys() == ours.keys()
    for name in ours:
        np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-9)


def test_the_notebook_has_the_checkers_limits_and_patients(notebook):
    assert notebook["PATIENTS"] == PATIENTS
    assert notebook["LIMITS"] == LIMITS
    assert notebook["smallest"] == pytest.approx(lowest_on_the_circle(), rel=1e-12)
    assert diagnose.check(notebook["diagnose"]).passed
    assert notebook["diagnose"](**notebook["healthy"]) == keeps_the_promise(**notebook["healthy"]) == "healthy"


@pytest.mark.parametrize("name", FIXES)
def test_the_notebooks_check_and_the_checker_agree(notebook, name):
    """For settings drawn at random, unless the loss lies within the checker's tolerance of the criterion."""
    rng = np.random.default_rng(0)
    patient, criterion = FIXES[name]
    grid = {
        "lr": lambda: 10 ** rng.uniform(-6, 1), "feature_scale": lambda: 10 ** rng.uniform(-1, 2),
        "batch_size": lambda: int(rng.choice([1, 4, 20, 100, 200])), "num_steps": lambda: int(rng.integers(5, 800)),
        "num_train": lambda: int(rng.integers(10, 401)), "hidden": lambda: int(rng.integers(1, 16)),
    }  # fmt: skip
    visible = {
        stays_low: lambda curves: notebook["stays_low"](curves["train_loss"]),
        ends_low: lambda curves: curves["val_loss"][-1] <= 1.05 * notebook["run"]("D")["val_loss"].min(),
        ends_alike: lambda curves: np.all(curves["runs"][:, -1] <= 0.05),
    }[criterion]
    outcomes = []
    for _ in range(40):
        chosen = rng.choice(list(PATIENTS[patient]), rng.integers(1, 3), replace=False)
        fix = {str(setting): grid[setting]() for setting in chosen}
        outcomes.append(exercises[name].check(fix).passed)
        assert outcomes[-1] == visible(notebook["repaired"](patient, fix)), fix
    assert len(set(outcomes)) == 2


def test_stored_results_are_those_of_the_repaired_patients():
    folder = REPOSITORY / "data" / "04-sgd"
    stored = {file.stem: np.load(file) for file in folder.glob("issues-*.npy")}  # no pickles
    for name, (patient, _) in FIXES.items():
        rows = np.vstack(list(curves_of(patient, **exercises[name].reference).values()))
        np.testing.assert_allclose(stored[f"issues-{patient}"], rows, rtol=1e-6, atol=1e-12)
        assert np.isfinite(rows).all()
    X, y = many_features()
    history = train(X[:40], y[:40], 0.004, 2, 600)
    val_loss = ((X[400:] @ history.T - y[400:, None]) ** 2).mean(axis=0)
    kept = [stop_early(val_loss, patience) for patience in (1, 3, 10, 30, 100)]
    assert stored["issues-patience"].tolist() == kept == [6, 45, 45, 89, 89]
    assert val_loss.argmin() == 89
    assert sum(array.nbytes for array in stored.values()) < 100_000


def test_smallest_loss_is_that_of_least_squares():
    X, y = circle()
    fitted = LinearRegression(fit_intercept=False).fit(X, y).predict(X)
    assert lowest_on_the_circle() == pytest.approx(np.mean((fitted - y) ** 2), rel=1e-12)
    assert train_circle(1, 0.5, 200, 1000)[-1] == pytest.approx(lowest_on_the_circle(), rel=1e-9)


def test_a_step_goes_down_the_slope_of_the_loss():
    X, y = circle()
    w = train(X, y, 0.1, 200, 3)
    h = 1e-30
    for before, after in pairwise(w):
        slope = [np.mean((X @ (before + 1j * h * unit) - y) ** 2).imag / h for unit in np.eye(2)]
        np.testing.assert_allclose(after, before - 0.1 * np.array(slope), rtol=1e-12)


def test_networks_go_down_the_slope_of_their_loss():
    """With a tiny step the loss falls by lr times the squared length of the gradient, measured here by differences."""
    lr = 1e-6
    rng = np.random.default_rng(4)
    weights = np.concatenate([rng.normal(0, 0.7, (3, 5)).ravel(), rng.normal(0, 0.7, 5), [0.0]])
    X, y = np.array([[-1.0, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]]), np.array([-1.0, 1, 1, -1])

    def loss(flat):
        return np.mean((np.maximum(X @ flat[:15].reshape(3, 5), 0) @ flat[15:20] + flat[20] - y) ** 2)

    slope = np.array([(loss(weights + 1e-6 * e) - loss(weights - 1e-6 * e)) / 2e-6 for e in np.eye(21)])
    losses = train_xor(5, lr, 1, seeds=[4])[0]
    assert losses[0] == pytest.approx(loss(weights), rel=1e-12)
    assert losses[0] - losses[1] == pytest.approx(lr * slope @ slope, rel=1e-3)


# --- numbers that the notebook tells ----------------------------------------------------------------------------


def test_numbers_told_of_patient_A():
    jumps = [np.abs(np.diff(train_circle(1, lr, 1, 400)[200:])).mean() for lr in (1.0, 0.5, 0.25, 0.125)]
    assert [round(jump, 4) for jump in jumps] == [0.2911, 0.0759, 0.0231, 0.0072]
    assert all(2.9 < before / after < 4.1 for before, after in pairwise(jumps))
    assert train_circle(**PATIENTS["A"])[-1] == pytest.approx(0.452, abs=5e-4)
    assert lowest_on_the_circle() == pytest.approx(0.276, abs=5e-4)


def test_numbers_told_of_patients_C_and_E():
    losses = curves_of("C")["train_loss"]
    assert losses[10] / losses[9] == pytest.approx(400_000, rel=0.05)
    assert losses[40] > 1e200
    for lr in (0.01, 0.001):
        assert keeps_the_promise(**curves_of("C", lr=lr)) == "diverged"
    slow = curves_of("E")["train_loss"]
    assert slow[[0, -1]].round(2).tolist() == [1.87, 1.25]
    assert curves_of("E", num_steps=2000)["train_loss"][-1] / lowest_on_the_circle() == pytest.approx(1.5, abs=0.005)


def test_numbers_told_of_patient_D():
    train_loss, val_loss = train_many(**PATIENTS["D"])
    assert (val_loss.argmin(), round(val_loss.min(), 2), round(val_loss[-1], 2)) == (7, 0.84, 1.52)
    assert val_loss[0] == pytest.approx(1.23, abs=0.005)
    assert train_loss[-1] < 0.001
    by_size = {n: train_many(n, 0.05, 300)[1] for n in (20, 40, 50, 60)}
    assert [round(val.min(), 2) for val in by_size.values()] == [0.97, 0.84, 0.74, 0.69]
    assert [round(val[-1], 2) for val in by_size.values()] == [1.06, 1.52, 1.74, 1.66]


def test_numbers_told_of_patient_B():
    values, counts = np.unique(train_xor(2, 0.1, 3000)[:, -1].round(2), return_counts=True)
    assert dict(zip(values, counts, strict=True)) == {0: 14, 0.5: 6, 0.67: 9, 1: 1}
    shares = [np.mean(train_xor(hidden, 0.1, 300, range(100, 600))[:, -1] < 0.05) for hidden in (2, 3, 4)]
    assert [round(share, 2) for share in shares] == [0.35, 0.66, 0.84]


def test_quiz_is_true_where_its_key_says_so():
    half = [np.abs(np.diff(train_circle(1, lr, 1, 400)[200:])).mean() for lr in (1.0, 0.5)]
    falls_all_the_way = np.diff(train_many(**PATIENTS["D"])[0]).max() <= 0
    ends = train_xor(2, 0.1, 3000)[:, -1]
    rng = np.random.default_rng(0)
    vals = [rng.uniform(size=30).cumsum() - 15 + rng.normal(size=30) for _ in range(200)]
    kept = [[val[stop_early(val, patience)] for patience in range(1, 31)] for val in vals]
    w = np.array([np.nan, np.nan])
    true = {
        "a": np.isfinite(w - 1e-9 * circle()[0].T @ (circle()[0] @ w - circle()[1])).any(),
        "b": half[1] < half[0],
        "c": not falls_all_the_way,
        "d": np.ptp(ends) > 0.4,
        "e": keeps_the_promise(**curves_of("C", lr=0.1 / 100)) != "diverged",
        "f": all(np.diff(row).max() <= 0 for row in kept),
    }
    assert {letter for letter, holds in true.items() if holds} == exercises["issues_quiz"].reference


# --- repairs ----------------------------------------------------------------------------------------------------

NONSENSE = [
    None, ..., "", "lr", 0.1, [], [0.1], set(), {"lr"}, True, math.nan, {"lr": None}, {"lr": "1"}, {"lr": math.nan},
    {"lr": math.inf}, {"lr": -math.inf}, {"lr": 0}, {"lr": -1}, {"lr": 1j}, {"lr": [0.1, 0.2]}, {"lr": np.array([0.1, 0.2])},
    {"num_steps": 10**9}, {"num_steps": 10**400}, {"num_steps": 0}, {"num_steps": -5}, {"num_steps": 10.5},
    {"num_steps": True}, {"num_steps": np.nan}, {1: 2}, {None: 1}, {"seed": 3}, {"lr": {"lr": 0.1}}, {"lr": b"1"},
    {"Lr": 0.1}, {"lr": 1e308}, {"num_steps": "all"}, {("lr",): 0.1},
]  # fmt: skip


@pytest.mark.parametrize("name", FIXES)
@pytest.mark.parametrize("answer", NONSENSE, ids=lambda answer: repr(answer)[:30])
def test_nonsense_is_refused_at_once_and_in_words(name, answer):
    started = time.process_time()
    verdict = exercises[name].check(answer)
    assert verdict.score == 0
    assert 10 < len(verdict.findings[0].message) < 300
    assert time.process_time() - started < 0.5


def test_a_setting_of_another_patient_is_refused_by_its_name():
    assert "patient A has no setting 'hidden'" in settings_with("A", {"hidden": 8})
    assert "num_steps must lie between 1 and 10000" in settings_with("A", {"num_steps": 10**9})


def test_the_longest_rerun_is_short():
    """In seconds of this process; the grader meets such settings rarely, and each once."""
    for criterion, settings in (
        (ends_alike, {"hidden": 64, "lr": 0.001, "num_steps": 10_000}),
        (ends_low, {"num_train": 400, "lr": 0.001, "num_steps": 10_000}),
        (stays_low, {"feature_scale": 1, "lr": 0.001, "batch_size": 199, "num_steps": 10_000}),
    ):
        started = time.process_time()
        criterion(**settings)
        assert time.process_time() - started < 5


@pytest.mark.parametrize("name", FIXES)
def test_rounding_of_another_machine_does_not_fail_a_repair(name):
    """What meets the notebook's criterion by a hair also meets the checker's."""
    patient, criterion = FIXES[name]
    low, high = {"A": (0.02, 0.1), "C": (1e-6, 1e-4), "E": (1e-3, 0.1)}.get(patient, (None, None))
    if low is None:
        pytest.skip("its outcomes are far apart")
    settings = PATIENTS[patient]

    def worst(lr):
        loss = train_circle(**{**settings, "lr": lr})
        return loss[len(loss) * 3 // 4 :].max() / lowest_on_the_circle()

    rising = patient == "A"
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if (worst(middle) < 1.1) == rising else (low, middle)
    edge = low if rising else high
    assert worst(edge) == pytest.approx(1.1, rel=1e-3)
    assert criterion(**{**settings, "lr": edge}) is None


# --- diagnose ---------------------------------------------------------------------------------------------------


def guess_by_length(train_loss, val_loss=None, runs=None):
    return NAMES[len(train_loss) % 6]


def last_over_first(train_loss, val_loss=None, runs=None):
    share = train_loss[-1] / train_loss[0]
    return "diverged" if share > 1 else "stopped early" if share > 0.4 else "healthy"


def smooths_first(train_loss, val_loss=None, runs=None):
    smooth = np.convolve(train_loss, np.ones(20) / 20, "valid")
    return verdict_of(smooth, val_loss, runs)


def forgets_order(train_loss, val_loss=None, runs=None):
    if train_loss[len(train_loss) * 3 // 4] - train_loss[-1] > 0.02 * train_loss[0]:
        return "stopped early"
    return verdict_of(train_loss, val_loss, runs)


def relative_to_the_last(train_loss, val_loss=None, runs=None):
    name = verdict_of(train_loss, val_loss, runs)
    if name == "healthy" and train_loss[len(train_loss) * 3 // 4] > 1.0005 * train_loss[-1]:
        return "stopped early"
    return name


def gives_up_with_runs(train_loss, val_loss=None, runs=None):
    return "different every time" if runs is not None else verdict_of(train_loss, val_loss)


def gives_up_with_val(train_loss, val_loss=None, runs=None):
    return "overfitting" if val_loss is not None else verdict_of(train_loss, None, runs)


def remembers_the_scale(train_loss, val_loss=None, runs=None):
    return "diverged" if not train_loss[-1] < 5 else verdict_of(train_loss, val_loss, runs)


@pytest.mark.parametrize(
    "answer",
    [
        guess_by_length, last_over_first, smooths_first, forgets_order, relative_to_the_last, gives_up_with_runs,
        gives_up_with_val, remembers_the_scale, lambda train_loss: verdict_of(train_loss),
        lambda train_loss, val_loss=None, runs=None: verdict_of(train_loss, runs, val_loss),
        lambda train_loss, val_loss=None, runs=None: print(verdict_of(train_loss, val_loss, runs)),
        lambda train_loss, val_loss=None, runs=None: verdict_of(train_loss / train_loss.max(), val_loss, runs),
        lambda train_loss, val_loss=None, runs=None: verdict_of(train_loss[::-1], val_loss, runs),
        lambda train_loss, val_loss=None, runs=None: verdict_of(np.log(train_loss), val_loss, runs),
        lambda train_loss, val_loss=None, runs=None: verdict_of(train_loss[: len(train_loss) // 2], val_loss, runs),
        lambda train_loss, val_loss=None, runs=None: verdict_of(train_loss, val_loss, runs).split()[0],
        lambda train_loss, val_loss=None, runs=None: {verdict_of(train_loss, val_loss, runs)},
    ],
)  # fmt: skip
def test_other_wrong_diagnoses_lose_points(answer):
    assert all(not diagnose.check(answer, seed).passed for seed in SEEDS[:3])


def jumps_of(loss):
    return np.abs(np.diff(loss[len(loss) // 2 :]))


@pytest.mark.parametrize("tests", [
    {"diverged": lambda loss: not np.isfinite(loss).all() or loss[-1] > 3.5 * loss[0]},
    {"diverged": lambda loss: not np.isfinite(loss).all() or loss[-1] > 0.8 * loss[0]},
    {"diverged": lambda loss: not np.isfinite(loss).all() or loss[-(len(loss) // 4) :].mean() > 2 * loss[0]},
    {"diverged": lambda loss: not np.isfinite(loss).all() or loss[-1] > 2 * loss[len(loss) // 2]},
    {"describe_difference": lambda loss, runs: np.ptp(runs[:, -1]) > 0.5 * loss[0]},
    {"describe_difference": lambda loss, runs: abs(runs[0, -1] - runs[-1, -1]) > 0.2 * loss[0]},
    {"describe_difference": lambda loss, runs: np.ptp(runs[:, -1]) > 0.01 * loss[0]},
    {"describe_difference": lambda loss, runs: np.ptp(runs[:, -1]) > 0.1 * runs[0, 0]},
    {"describe_difference": lambda loss, runs: np.ptp(runs[:3, -1]) > 0.1 * loss[0]},
    {"describe_difference": lambda loss, runs: np.ptp(runs[:, -1]) > 0.2 * runs[:, -1].mean()},
    {"describe_difference": lambda loss, runs: np.ptp(runs.mean(axis=1)) > 0.2 * loss[0]},
    {"describe_difference": lambda loss, runs: np.ptp(runs.min(axis=1)) > 0.2 * loss[0]},
    {"describe_difference": lambda loss, runs: 2 * np.std(runs[:, -1]) > 0.2 * loss[0]},
    {"rises": lambda val: val[-1] > 1.7 * val.min()},
    {"rises": lambda val: val[-1] > 1.04 * val.min()},
    {"rises": lambda val: val[-1] > 1.25 * val[len(val) // 2 :].min()},
    {"jitters": lambda loss: jumps_of(loss).mean() > 0.08 * loss[0]},
    {"jitters": lambda loss: jumps_of(loss).mean() > 0.005 * loss[0]},
    {"jitters": lambda loss: jumps_of(loss).mean() > 0.03 * loss.max()},
    {"jitters": lambda loss: len(loss) > 101 and np.abs(np.diff(loss[100:])).mean() > 0.03 * loss[0]},
    {"jitters": lambda loss: jumps_of(loss).mean() > 0.03 * loss.mean()},
    {"jitters": lambda loss: np.median(jumps_of(loss)) > 0.02 * loss[0]},
    {"jitters": lambda loss: jumps_of(loss).max() > 0.04 * loss[0]},
    {"falls": lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.07 * loss[0]},
    {"falls": lambda loss: loss[len(loss) * 3 // 4] - loss[-1] > 0.005 * loss[0]},
    {"falls": lambda loss: abs(loss[len(loss) * 3 // 4] - loss[-1]) > 0.02 * loss[0]},
    {"falls": lambda loss: np.ptp(loss[len(loss) * 3 // 4 :]) > 0.02 * loss[0]},
    {"falls": lambda loss: loss[len(loss) * 3 // 4 :].max() - loss[-1] > 0.03 * loss[0]},
    {"falls": lambda loss: loss[-50] - loss[-1] > 0.02 * loss[0]},
])  # fmt: skip
def test_other_thresholds_and_other_numbers_lose_points(tests):
    assert all(not diagnose.check(with_other(**tests), seed).passed for seed in SEEDS)


@pytest.mark.parametrize("name", NAMES)
def test_one_name_for_everything_earns_nothing(name):
    assert diagnose.check(lambda train_loss, val_loss=None, runs=None: name).score == 0


def by_windows(train_loss, val_loss=None, runs=None):
    """Means of windows instead of single records."""
    first, tenth = float(train_loss[0]), len(train_loss) // 10
    if np.isnan(train_loss).any() or np.isinf(train_loss).any() or train_loss[-tenth:].mean() > first:
        return "diverged"
    if runs is not None and abs(runs[:, -tenth:].mean(axis=1) - runs[:, -tenth:].mean()).max() > 0.08 * first:
        return "different every time"
    if val_loss is not None and val_loss[-tenth:].mean() > 1.3 * min(val_loss):
        return "overfitting"
    half = train_loss[len(train_loss) // 2 :]
    if np.mean(np.abs(half[1:] - half[:-1])) > 0.03 * first:
        return "jittery"
    quarter = train_loss[-(len(train_loss) // 4) :]
    return "stopped early" if quarter[:3].mean() - quarter[-3:].mean() > 0.025 * first else "healthy"


def normalised(train_loss, val_loss=None, runs=None):
    curves = [curve / train_loss[0] for curve in (train_loss, val_loss, runs) if curve is not None]
    return verdict_of(curves[0], *(None if c is None else c / train_loss[0] for c in (val_loss, runs)))


@pytest.mark.parametrize(
    "answer",
    [
        by_windows,
        normalised,
        lambda train_loss, val_loss=None, runs=None, **_: np.str_(verdict_of(train_loss, val_loss, runs)),
        lambda train_loss, val_loss=None, runs=None: np.array(verdict_of(train_loss, val_loss, runs)),
        lambda train_loss, val_loss=None, runs=None: f" {verdict_of(train_loss, val_loss, runs)} ".title(),
    ],
)
def test_other_right_diagnoses_pass(answer):
    assert all(diagnose.check(answer, seed).passed for seed in SEEDS)


@pytest.mark.parametrize("name", NAMES)
def test_a_message_does_not_name_the_right_answer(name):
    verdict = diagnose.check(lambda train_loss, val_loss=None, runs=None: name)
    for finding in verdict.findings:
        assert not any(other in finding.message for other in set(NAMES) - {name})


# --- early_stopping_epoch ---------------------------------------------------------------------------------------


def by_definition(val, patience):
    """Lengthen the training epoch by epoch until its last `patience` epochs hold no best one."""
    for end in range(1, len(val) + 1):
        seen = [math.inf if math.isnan(v) else float(v) for v in val[:end]]
        best = seen.index(min(seen))
        if end - 1 - best >= patience:
            return best
    return best


@pytest.mark.parametrize("seed", range(200))
def test_reference_does_what_the_definition_says(seed):
    rng = np.random.default_rng(seed)
    val = rng.integers(0, 6, rng.integers(1, 20)) * 1.0
    val[1:][rng.uniform(size=len(val) - 1) < 0.1] = np.nan
    for patience in range(1, 6):
        assert stop_early(val, patience) == by_definition(val, patience)


def test_reference_on_the_example_of_the_notebook():
    losses = [5, 3, 4, 4, 2]
    assert [stop_early(losses, patience) for patience in (1, 2, 3, 9)] == [1, 1, 4, 4]


def best_of_last(val, patience):
    return int(np.argmin(val[-patience:])) + max(len(val) - patience, 0)


def smallest_change(val, patience):
    return int(np.argmin(np.abs(np.diff(val)))) if len(val) > 1 else 0


def waits_from_the_start(val, patience):
    return int(np.nanargmin(val[: patience + 1]))


def in_place(val, patience):
    val[np.isnan(val)] = np.inf
    return stop_early(val, patience)


def looks_back_once(val, patience):
    for epoch in range(patience, len(val)):
        if not val[epoch] < val[epoch - patience]:
            return epoch - patience
    return len(val) - 1


def within_a_tolerance(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < 0.9 * val[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def a_least_improvement(val, patience):
    best = 0
    for epoch in range(len(val)):
        if val[epoch] < val[best] - 1e-12:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def takes_one_off(val, patience):
    best, waited = 0, 0
    for epoch in range(1, len(val)):
        if val[epoch] < val[best]:
            best, waited = epoch, max(waited - 1, 0)
        else:
            waited += 1
        if waited >= patience:
            break
    return best


@pytest.mark.parametrize(
    "answer",
    [
        takes_one_off, best_of_last, smallest_change, waits_from_the_start, looks_back_once, within_a_tolerance,
        lambda val, patience: patience, lambda val, patience: 0, lambda val, patience: len(val),
        lambda val, patience: float(stop_early(val, patience)) + 0.5,
        lambda val, patience: (stop_early(val, patience), val.min()),
        lambda val, patience: stop_early(val[::-1], patience), lambda val, patience: stop_early(val, 10),
        lambda val, patience: stop_early(np.nan_to_num(val), patience),
        lambda val, patience: [stop_early(val, patience)], lambda val, patience: stop_early(-val, patience),
        lambda val, patience: stop_early(val[~np.isnan(val)], patience),
        lambda val, patience: int(np.argmin(val)) if patience >= len(val) else stop_early(val, patience),
        lambda val, patience: stop_early(np.minimum(val, 1e30), patience),
        a_least_improvement,
    ],
)  # fmt: skip
def test_other_wrong_epochs_lose_points(answer):
    assert all(not early_stopping_epoch.check(answer, seed).passed for seed in SEEDS)


def test_changing_the_losses_costs_one_rule():
    assert broken(early_stopping_epoch, in_place) == {"ties, nan and other edges"}


@pytest.mark.parametrize("name", early_stopping_epoch.variants)
def test_no_right_epoch_is_rejected(name):
    assert all(early_stopping_epoch.check(early_stopping_epoch.variants[name], seed).passed for seed in range(DRAWS))


# --- points -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercise", "mistake", "score"),
    [
        (diagnose, "nan unnoticed", 5),
        (diagnose, "absolute numbers", 5),
        (diagnose, "runs ignored", 4),
        (diagnose, "the gap", 4),
        (diagnose, "val_loss ignored", 3),
        (diagnose, "a number", 0),
        (early_stopping_epoch, "last of ties", 2),
        (early_stopping_epoch, "where it stops", 0),
    ],
)
def test_one_slip_costs_one_thing(exercise, mistake, score):
    assert exercise.check(exercise.mistakes[mistake].answer).score == score


@pytest.mark.parametrize("name", ["issues_predictions", "first_look", "issues_quiz"])
@pytest.mark.parametrize("answer", [None, ..., {}, [], set(), "", 1, "abcdef", list("abcdef"), set("abcdef")])
def test_no_answer_earns_nothing(name, answer):
    assert exercises[name].check(answer).score == 0


def test_points_are_those_of_the_course():
    names = ["issues_predictions", "first_look", "diagnose", "early_stopping_epoch", "issues_quiz", *FIXES]
    assert [exercises[name].points for name in names] == [1, 2, 6, 3, 2, 1, 1, 1, 1, 1]
