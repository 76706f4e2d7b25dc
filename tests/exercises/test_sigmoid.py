"""The exercises of 01-sigmoid: references against independent sources, unusual answers."""

import json
import math
import re
from decimal import Decimal, localcontext

import nbformat
import numpy as np
import pytest

from exercises.sigmoid.spec import reference_sigmoid, reference_sigmoid_prime
from tests.conftest import REPOSITORY, exercises
from tests.exercises.points import failed_rules

MODERATE = np.linspace(-12, 12, 97)
sigmoid, sigmoid_prime = exercises["sigmoid"], exercises["sigmoid_prime"]
predict_proba, predict_label = exercises["predict_proba"], exercises["predict_label"]


# --- the references ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("z", "p"), [(0, 0.5), (math.log(3), 0.75), (-math.log(3), 0.25), (1000, 1.0), (-1000, 0.0)])
def test_sigmoid_has_known_values(z, p):
    np.testing.assert_allclose(reference_sigmoid(z), p, rtol=1e-15)


@pytest.mark.parametrize("z", [-700, -40, -3.7, -1e-9, 0.2, 5, 36, 40])
def test_sigmoid_agrees_with_fifty_decimal_digits(z):
    with localcontext() as context:
        context.prec = 50
        p = 1 / (1 + (-Decimal(z)).exp())
        np.testing.assert_allclose(reference_sigmoid(z), float(p), rtol=1e-13)
        np.testing.assert_allclose(reference_sigmoid_prime(z), float(p * (1 - p)), rtol=1e-13)


def test_slope_agrees_with_automatic_differentiation():
    torch = pytest.importorskip("torch")
    z = torch.tensor(MODERATE, requires_grad=True)
    (by_autograd,) = torch.autograd.grad(torch.sigmoid(z).sum(), z)
    np.testing.assert_allclose(reference_sigmoid_prime(MODERATE), by_autograd.numpy(), rtol=1e-10)


def test_probabilities_agree_with_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(7, 3)), rng.normal(size=3)
    model = linear_model.LogisticRegression(fit_intercept=False).fit(X, np.arange(7) % 2)
    model.coef_ = w[np.newaxis]
    np.testing.assert_allclose(predict_proba.reference(X, w), model.predict_proba(X)[:, 1], rtol=1e-12)


# --- unusual right answers --------------------------------------------------------------------------------------


def python_floats(z):
    return float(reference_sigmoid(z)) if np.ndim(z) == 0 else reference_sigmoid(z)


def element_by_element(z):
    z = np.array(z, dtype=np.float64)
    for index in np.ndindex(z.shape):
        z[index] = math.exp(z[index]) / (1 + math.exp(z[index])) if z[index] < 0 else 1 / (1 + math.exp(-z[index]))
    return z


@pytest.mark.parametrize(
    "answer", [python_floats, element_by_element, lambda z: reference_sigmoid(z).astype(np.longdouble)]
)
def test_sigmoid_accepts(answer):
    assert all(sigmoid.check(answer, seed).passed for seed in range(3))


@pytest.mark.parametrize("bound", [36, 37, 40, 300, 700])
def test_clipping_without_visible_effect_is_accepted(bound):
    def clipped(z):
        return 1 / (1 + np.exp(-np.clip(z, -bound, bound)))

    assert sigmoid.check(clipped).passed
    assert sigmoid_prime.check(lambda z: clipped(z) * (1 - clipped(z))).passed


# --- unusual wrong answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda z: reference_sigmoid(z).astype(np.float32),
        lambda z: np.round(reference_sigmoid(z), 4),
        lambda z: reference_sigmoid(z) + 1e-9,
        lambda z: reference_sigmoid(z).astype(complex),
    ],
)
def test_sigmoid_rejects(answer):
    assert "values for moderate z" in failed_rules(sigmoid, answer)


@pytest.mark.parametrize("h", [1e-4, 1e-5, 5e-6, 1e-6])
def test_central_difference_on_the_accurate_side_is_rejected(h):
    def estimate(z):
        z = -np.abs(z)  # the slope is the same there, and p is small: its differences are rounded less
        return (reference_sigmoid(z + h) - reference_sigmoid(z - h)) / (2 * h)

    assert all("the slope of sigmoid" in failed_rules(sigmoid_prime, estimate, seed) for seed in range(3))


def negates_integers(z):
    p = reference_sigmoid(z)
    if isinstance(z, np.ndarray) and z.dtype.kind == "i":
        z *= -1
    return p


def caches_by_array_id(z, known={}):  # noqa: B006
    return known.setdefault(id(z), (z, reference_sigmoid(z)))[1]


@pytest.mark.parametrize(
    ("exercise", "answer", "rule"),
    [
        (sigmoid, negates_integers, "correct values, z unchanged"),
        (sigmoid, caches_by_array_id, "large |z|, with no overflow warning"),
        (
            sigmoid,
            lambda z: np.where(np.abs(z) > 5000, np.nan, reference_sigmoid(z)),
            "large |z|, with no overflow warning",
        ),
        (
            sigmoid_prime,
            lambda z: np.where(np.abs(z) == 400, np.nan, reference_sigmoid_prime(z)),
            "small, never nan, in the tails, z unchanged",
        ),
        (
            predict_proba,
            lambda X, w: reference_sigmoid(X @ w).clip(1e-6, 1),
            "one row, one feature, a square X, large logits, inputs unchanged",
        ),
        (predict_proba, lambda X, w: reference_sigmoid(X.ravel("K").reshape(X.shape) @ w), "one probability per row"),
        (predict_label, lambda p, t=0.5: ((p >= t) | np.isclose(p, t)).astype(int), "p = threshold gives 1"),
        (predict_label, lambda p, t=0.5: (p + 1e-12 >= t).astype(int), "p = threshold gives 1"),
    ],
)
def test_subtle_mistake_fails_its_rule(exercise, answer, rule):
    assert all(rule in failed_rules(exercise, answer, seed) for seed in range(3))


@pytest.mark.parametrize("constant", [0, 1])
def test_constant_label_earns_nothing(constant):
    assert predict_label.check(lambda p, threshold=0.5: np.full(p.shape, constant)).score == 0


def test_rounding_half_up_fails_both_rules_about_the_threshold():
    """The sum of 0.5 and the largest number below it is rounded to 1."""
    assert failed_rules(predict_label, lambda p, threshold=0.5: np.floor(p + 0.5).astype(int)) == {
        "the threshold is used",
        "p = threshold gives 1",
    }


# --- the text of the notebook -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def notebook():
    """The text of each cell."""
    nb = nbformat.read(REPOSITORY / "solutions" / "01-sigmoid" / "sigmoid.ipynb", 4)
    return {cell.id: cell.source for cell in nb.cells}


@pytest.fixture(scope="module")
def photos(notebook):
    """The variables of the notebook that describe the photos, its model, and its predictions for new photos."""
    variables: dict = {"predict_proba": predict_proba.reference}
    exec(notebook["setup"] + "\n" + notebook["photos"], variables)
    variables["w"] = np.array(json.loads(re.search(r"w = np.array\((.*?)\)", notebook["map"])[1]))
    exec(notebook["thresholds"].partition("def split")[0], variables)
    return variables


def test_the_target_for_the_line_can_be_reached_with_the_sliders_but_not_at_their_first_settings(notebook, photos):
    target = int(re.search(r"at most (\d+) of the 200 photos", notebook["warm-up-seen"])[1])

    def count_wrong(*w):
        return np.sum((photos["X"] @ w >= 0) != photos["y"])

    assert count_wrong(1, 2, -2) > target
    assert count_wrong(0, 1, 0) > target
    assert min(count_wrong(1, 2, b) for b in np.arange(-3, 3, 0.1)) <= target


def test_the_model_of_the_notebook_fits_the_photos(photos):
    linear_model = pytest.importorskip("sklearn.linear_model")
    best = linear_model.LogisticRegression(C=1e6, fit_intercept=False).fit(photos["X"], photos["y"])
    np.testing.assert_allclose(photos["w"], best.coef_[0], atol=0.1)


def test_the_text_states_the_numbers_of_the_experiments(notebook, photos):
    p, y = photos["p_new"], photos["y_new"]
    missed = {t: np.sum((p < t) & (y == 1)) for t in (0.1, 0.5)}
    alarms = {t: np.sum((p >= t) & (y == 0)) for t in (0.1, 0.5)}
    assert f"from {missed[0.5]} to {missed[0.1]} and" in notebook["sigmoid-threshold"]
    assert f"from {alarms[0.5]} to {alarms[0.1]}." in notebook["sigmoid-threshold"]


# --- questions --------------------------------------------------------------------------------------------------


def test_quiz_key_agrees_with_the_functions():
    rng = np.random.default_rng(0)
    X, w, z = rng.normal(size=(50, 2)), rng.normal(size=2), np.linspace(-50, 50, 1001)
    proba, label = predict_proba.reference, predict_label.reference
    true = {
        "a": np.allclose(proba(X, -w), 1 - proba(X, w), rtol=1e-12),
        "b": (label(proba(X, 10 * w)) == label(proba(X, w))).all(),
        "c": (1 - reference_sigmoid(z) > 0).all(),
        "d": False,  # p = 0.5 where z = 0, which is a straight line
    }
    assert {letter for letter, holds in true.items() if holds} == exercises["sigmoid_quiz"].reference


def test_missing_line_equals_the_line_above():
    z = 1.0
    e, second = np.exp(-z), 1 / (1 + np.exp(-z))
    before = e / (1 + e) * second
    candidates = {"a": second**2, "b": second / (1 / e - 1), "c": second / (1 / e + 1), "d": e * second / (1 / e + 1)}
    right = {letter for letter, value in candidates.items() if np.isclose(value, before)}
    assert right == {exercises["sigmoid_prime_step"].reference["missing line"]}


def test_the_counterexample_is_the_first_whole_number_beyond_the_logarithm_of_the_largest_float():
    assert math.ceil(math.log(np.finfo(float).max)) == exercises["nan_logit"].reference


@pytest.mark.parametrize("answer", [710, 710.0, np.int16(710), np.float32(710), [710], np.array([[710]])])
def test_the_counterexample_is_accepted_as_any_number(answer):
    assert exercises["nan_logit"].check(answer).passed


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (3, "z = 3: fragile_sigmoid(z) is a number, not nan"),
        (709, "z = 709: fragile_sigmoid(z) is a number, not nan"),
        (-1000, "z = -1000: fragile_sigmoid(z) is a number, not nan"),
        (711, "z = 711: a smaller whole z also gives nan"),
        (709.79, "z must be a whole number from -10000 to 10000"),
        (10**6, "z must be a whole number from -10000 to 10000"),
    ],
)
def test_a_wrong_counterexample_is_explained(answer, message):
    (finding,) = exercises["nan_logit"].check(answer).findings
    assert finding.message.startswith(message)
    assert "710" not in f"{finding.message} {finding.diagnosis}"
