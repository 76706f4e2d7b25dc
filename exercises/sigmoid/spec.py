"""The specification of `01-sigmoid/sigmoid.ipynb`: references, cases, and the properties that earn points."""

import numpy as np

from autograder.judging.cases import case, with_strided_repeat
from autograder.judging.compare import describe_difference
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, fill_in, predict
from lectrain.shortcuts import SHORTCUTS

SQUASHING, SIGMOID, MODEL = "Sigmoid: a “squashing” function", "Logistic sigmoid", "Logistic Regression"


# --- sigmoid(z) -------------------------------------------------------------------------------------------------
# Squash logits into probabilities, p = 1 / (1 + exp(-z)). z is a number or an array of any shape, ints or floats.
# The result has the shape of z. Its absolute error is at most 1e-12 for every z, so p may be 0 or 1 far in the tails.
# It raises no overflow warning. z is not modified.


def reference_sigmoid(z):
    """The sigmoid in float64, with a small relative error for every z."""
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=np.float64)))


@with_strided_repeat
def cases_moderate_z(rng):
    yield case(rng.uniform(-8, 8, (3, 4)), about="an array of shape (3, 4)")
    yield case(rng.uniform(-8, 8, 7))
    yield case(np.array([0.0]), about="z = 0")


def cases_any_shape(rng):
    """Every type and shape of z that the notebook's docstring allows."""
    yield case(rng.uniform(-8, 8, (2, 1, 3)), about="an array of shape (2, 1, 3)")
    yield case(np.array(rng.uniform(-8, 8)), about="a 0-d array")
    yield case(float(rng.uniform(-8, 8)), about="a Python float")
    yield case(-1000, about="the Python int -1000")
    yield case(rng.permutation(np.arange(-3, 4)), about="integers")
    yield case(rng.uniform(-8, 8, 5).astype(np.float32), about="float32 input")
    yield case(np.empty((0, 3)), about="an empty array")


def cases_large_z(rng):
    """Logits far in the tails, where an exponential may overflow."""
    for size in (100_000, 10_000, 1000, 710, 100, 40, 27.5, 25):  # a long double overflows at 11 357
        yield case(np.array([-size, size]) * 1.0, about=f"z = ±{size}")
    yield case(rng.permutation([-1000.0, -30, 0, 30, 1000]), about="an array with moderate and large |z|")


def cases_input_unchanged(rng):
    """Inputs that an in-place solution would modify."""
    yield case(rng.uniform(-8, 8, 7))
    yield case(rng.uniform(-8, 8, (3, 4)), about="an array of shape (3, 4)")
    yield case(rng.permutation([-1000.0, -3, 0, 3, 600]), about="an array with moderate and large |z|")
    # At these integers p is 0 or 1 to 1e-12, so a p truncated to integers passes: that slip costs another rule.
    yield case(rng.permutation([-1000, -300, 40, 600]), about="large integers")


sigmoid = Exercise(
    signature="sigmoid(z)",
    slide=SQUASHING,
    reference=reference_sigmoid,
    rules=(
        Rule(
            "values for moderate z",
            1,
            cases_moderate_z,
            "Try z = 0 and z of shape (3, 4).",
            property="σ(z) and σ(-z) add up to 1.",
            rtol=1e-12,
            atol=1e-12,
        ),
        Rule(
            "numbers, integers, any shape",
            1,
            cases_any_shape,
            "Call it with 0, with np.array(0.5) and with np.arange(3).",
            rtol=1e-12,
            atol=1e-12,
            property="Each z has a p of its own, whatever z is beside it.",
        ),
        Rule(
            "large |z|, with no overflow warning",
            1,
            cases_large_z,
            "What does exp(1000) give, and which exponential stays small?",
            slide=SIGMOID,
            rtol=1e-12,
            atol=1e-12,
            warnings="none",
            property="A larger z never has a smaller p.",
        ),
        Rule(
            "correct values, z unchanged",
            1,
            cases_input_unchanged,
            rtol=1e-12,
            atol=1e-12,
            mutation="none",
            property="σ(z) and σ(-z) add up to 1.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- nan_logit --------------------------------------------------------------------------------------------------
# The smallest whole z for which exp(z) / (1 + exp(z)) is nan. exp(z) exceeds the largest float64 from 709.78 on.


def exp_over_one_plus_exp(z):
    return np.exp(z) / (1 + np.exp(z))


nan_logit = refute(
    "nan_logit",
    {"z": Input(-10_000, 10_000, whole=True)},
    reference=reference_sigmoid,
    wrong=exp_over_one_plus_exp,
    otherwise="fragile_sigmoid(z) is a number, not nan",
    demand=lambda z: "a smaller whole z also gives nan" if np.isnan(exp_over_one_plus_exp(z - 1)) else None,
    answer=710,
    points=1,
    slide=SIGMOID,
    hint="How large may exp(z) be in float64?",
)


# --- sigmoid_prime(z) -------------------------------------------------------------------------------------------
# The slope of the sigmoid at z, p (1 - p). The result has the shape of z and is never nan. z is not modified.


def reference_sigmoid_prime(z):
    """The slope p (1 - p). The factor 1 - p is computed as the sigmoid of -z, which is accurate where p rounds to 1."""
    return reference_sigmoid(z) * reference_sigmoid(-np.asarray(z))


@with_strided_repeat
def cases_near_zero(rng):
    yield case(rng.uniform(-7, 7, (2, 3)), about="an array of shape (2, 3)")
    yield case(rng.uniform(-7, 7, 6))
    yield case(np.linspace(-7, 7, 15), about="z from -7 to 7")
    yield case(np.array([0.0]), about="z = 0")
    yield case(rng.permutation(np.arange(-3, 4)), about="integers")
    yield case(np.array(rng.uniform(-7, 7)), about="a 0-d array")


def cases_tails(rng):
    """Logits for which the slope is tiny, and a quotient of exponentials may be inf / inf."""
    yield case(np.array([-30.0, -25.0, 25.0, 30.0]), about="z = ±25 and ±30")
    yield case(np.array([-1000.0, 1000.0]), about="z = ±1000")
    yield case(np.array([-800.0, -400.0, -100.0, 0.5, 100.0, 400.0, 800.0]), about="|z| = 100, 400 and 800")


sigmoid_prime = Exercise(
    signature="sigmoid_prime(z)",
    slide=SIGMOID,
    reference=reference_sigmoid_prime,
    rules=(
        Rule(
            "the slope of sigmoid",
            2,
            cases_near_zero,
            "Compare (sigmoid(z + h) - sigmoid(z - h)) / (2h).",
            property="The steepest slope of σ is 1/4.",
            rtol=3e-12,  # less than the error of a central difference, and more than that of 1 - p in float64
        ),
        Rule(
            "small, never nan, in the tails, z unchanged",
            1,
            cases_tails,
            "How small must the slope become? Does an exponential overflow, or is a small slope cut off? "
            "Which arrays does your code write to?",
            slide=SQUASHING,
            rtol=1e-2,
            atol=1e-15,
            mutation="none",
            property="The slopes at z and at -z are equal.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- sigmoid_prime_step -----------------------------------------------------------------------------------------
# The missing line in the derivation of the slope.

sigmoid_prime_step = fill_in(
    "sigmoid_prime_step",
    {"missing line": "c"},
    "abcd",
    points=1,
    slide=SIGMOID,
    hint="Divide numerator and denominator of the first factor by the same expression.",
    explain={
        "missing line": "Divide numerator and denominator of the first factor by e⁻ᶻ: it becomes 1 / (1/e⁻ᶻ + 1), and "
        "1/e⁻ᶻ is the eᶻ of the next line.",
    },
)


# --- predict_proba(X, w) ----------------------------------------------------------------------------------------
# The probability of class 1 for each row x of X, sigmoid(xᵀw), as an array of shape (n,). X and w are not modified.


def reference_predict_proba(X, w):
    return reference_sigmoid(X @ w)


@with_strided_repeat
def cases_designs(rng):
    yield case(rng.normal(size=(5, 3)), rng.normal(size=3))
    yield case(rng.normal(size=(3, 6)), rng.normal(size=6), about="fewer rows than features")
    yield case(rng.integers(-2, 3, (4, 2)), rng.normal(size=2), about="integer features")


def cases_special_designs(rng):
    """Shapes that reveal a wrong axis or a squeeze, and logits of up to ±1000."""
    yield case(rng.normal(size=(1, 4)), rng.normal(size=4), about="a single row")
    yield case(rng.normal(size=(6, 1)), rng.normal(size=1), about="a single feature")
    yield case(rng.normal(size=(4, 4)), rng.normal(size=4), about="as many rows as features")
    yield case(np.empty((0, 3)), rng.normal(size=3), about="an X without rows")
    w = rng.normal(size=2)
    z = rng.permutation([-1000.0, -20, 0, 20, 1000])
    yield case(np.outer(z, w) / (w @ w), w, about="large logits")


predict_proba = Exercise(
    signature="predict_proba(X, w)",
    slide=MODEL,
    reference=reference_predict_proba,
    rules=(
        Rule(
            "one probability per row",
            2,
            cases_designs,
            "What is the logit of a row, and what becomes of it?",
            atol=1e-12,
            property="A row has a probability above 1/2 if its logit is positive.",
        ),
        Rule(
            "one row, one feature, a square X, large logits, inputs unchanged",
            1,
            cases_special_designs,
            "Look at the shapes: (n, d) times (d,). Is your sigmoid correct for every z? "
            "Which arrays does your code write to?",
            atol=1e-12,
            mutation="none",
            property="Each row has a probability of its own, whatever the other rows are.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- predict_label(p, threshold=0.5) ----------------------------------------------------------------------------
# The label of each p, as an integer: 1 where p >= threshold, 0 elsewhere. p is not modified.


def reference_predict_label(p, threshold=0.5):
    return (p >= threshold).astype(int)


def cases_clear_cut(rng):
    yield case(rng.permutation([0.0, 0.1, 0.4999, 0.5, 0.5001, 0.9, 1.0]))
    yield case(np.array([0.3]), about="a single p")
    yield case(np.array([0.7]), about="a single p")


def cases_thresholds(rng):
    """Thresholds other than 0.5, positional and by keyword."""
    for threshold in (0.25, 0.75):
        about = f"threshold = {threshold}"
        yield case(rng.permutation([0.05, 0.2, 0.4, 0.6, 0.95]), threshold, about=about)
        yield case(rng.permutation([0.1, 0.3, 0.55, 0.9]), threshold=threshold, about=about + " passed by keyword")
    yield case(rng.permutation([0.1, 0.3, 1.0]), 0.0, about="threshold = 0")


def cases_ties(rng):
    yield case(rng.permutation([0.2, np.nextafter(0.5, 0), 0.5, 0.8]), about="p = 0.5 and p just below it")
    yield case(rng.permutation([0.1, 0.75, 0.9]), 0.75, about="p = threshold = 0.75")


def check_one_integer_per_p(call, value):
    """One integer label per p. At p = 0.5 either label is accepted: another rule checks ties."""
    (p,) = call.args
    expected = (p >= 0.5).astype(int)
    if isinstance(value, np.ndarray) and value.shape == p.shape:
        expected[(p == 0.5) & (value == 0)] = 0
    return describe_difference(value, expected)


predict_label = Exercise(
    signature="predict_label(p, threshold=0.5)",
    slide=MODEL,
    reference=reference_predict_label,
    rules=(
        Rule(
            "the threshold is used",
            1,
            cases_thresholds,
            "Where does your code use `threshold`, on which side of it is class 1, and is every label 0 or 1?",
            dtype="any",
            property="A larger threshold never turns a 0 into a 1.",
        ),
        Rule(
            "p = threshold gives 1",
            1,
            cases_ties,
            "Which row of the slide's brace contains p = 0.5, and which contains a p just below it?",
            dtype="any",
            property="Only a p below the threshold has the label 0.",
        ),
        Rule(
            "one integer label per p, p unchanged",
            1,
            cases_clear_cut,
            "Is the result an integer array with the shape of p? Which labels do 0.4999 and 0.5001 get? "
            "Which arrays does your code write to?",
            mutation="none",
            check=check_one_integer_per_p,
            property="Without a second argument, the threshold is 0.5.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- sigmoid_predictions ----------------------------------------------------------------------------------------
# Two predictions before any experiment.

sigmoid_predictions = predict("sigmoid_predictions", "abc", questions=2, points=1, slide=SQUASHING)


# --- sigmoid_quiz -----------------------------------------------------------------------------------------------

sigmoid_quiz = choose_all(
    "sigmoid_quiz",
    "ab",
    "abcd",
    points=2,
    slide=MODEL,
    hint="Try each claim with your own functions.",
    explain={
        "a": "With −w every logit changes its sign, and σ(−z) = 1 − σ(z).",
        "b": "Ten times a logit has the same sign, and at threshold 0.5 the sign of the logit alone decides the label.",
        "c": "From z = 37 on, e⁻ᶻ is too small to change 1 when it is added, so σ(z) is rounded to 1 and the "
        "difference is 0.",
        "d": "The probability is 0.5 exactly where the logit is 0, and a linear equation in two features "
        "describes a straight line.",
    },
)
