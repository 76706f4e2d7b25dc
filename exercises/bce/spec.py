"""The specification of `02-bce/bce.ipynb`: references, cases, and the properties that earn points."""

import math

import numpy as np

from autograder.judging.cases import FactoryArg, case, with_strided_repeat
from autograder.judging.counterexamples import Input, refute
from autograder.judging.model import Exercise, Rule
from autograder.judging.quizzes import choose_all, fill_in, predict
from lectrain.shortcuts import SHORTCUTS

from ..factories import AffineGradient
from ..sigmoid.spec import reference_sigmoid, reference_sigmoid_prime
from .paths import check_end_point, check_path_of_floats, reference_gradient_descent

WHY_NOT_MSE = "Why not to use MSE as loss function?"
DETAILS = "Gradient descent for logistic regression: Details"
ATTENUATED = "Attenuated gradient"
LOG_LOSS = "Log loss"
DERIVATION = "Gradient descent for logistic regression with log-loss"
LOSS = "Logistic Regression: loss function"
RECAP = "Recap"
TRIVIA = "Logistic Regression: Trivia"


# --- bce_predictions --------------------------------------------------------------------------------------------
# Two predictions before any experiment.

bce_predictions = predict("bce_predictions", "abc", questions=2, points=1, slide=WHY_NOT_MSE)


# --- helpers and cases shared by mse_grad and bce_grad ----------------------------------------------------------

MEAN_OF_ROWS = "Which factor multiplies which row of X? Over which examples is the mean taken?"


def residual(w, X, y):
    """p - y for each example. Where y is 1 it is -sigmoid(-z), which is accurate where p rounds to 1."""
    return np.where(np.asarray(y) == 1, -reference_sigmoid(-(X @ w)), reference_sigmoid(X @ w))


def mean_of_rows(X, factors):
    """The mean of the rows of X, each multiplied by its factor. `math.fsum` adds without rounding errors."""
    return np.array([math.fsum(factors * feature) for feature in X.T]) / len(X)


def mixed_labels(rng, n):
    """Labels of both classes in random order. Class 1 is about twice as frequent."""
    return rng.permutation((np.arange(n) % 3 > 0).astype(int))


def cases_one_example(rng):
    for y in (0, 1):
        X = rng.choice([-1, 1], (1, 4)) * rng.uniform(2, 4, (1, 4))
        w = rng.uniform(0.01, 0.03, 4) * X[0]  # p is above 0.5
        yield case(w, X, np.array([y]), about=f"one example with y = {y}")
    X = rng.choice([-1, 1], (1, 2)) * rng.uniform(30, 40, (1, 2))
    yield case(rng.uniform(0, 1e-4, 2) * X[0], X, np.array([0]), about="one example with large features")
    for d, about in ((1, "one example with one small feature"), (8, "one example with small features")):
        yield case(rng.normal(size=d), rng.uniform(0.001, 0.002, (1, d)), np.array([0]), about=about)
    yield case(np.array([0.4, -0.3]), np.array([[3.0, -1]]), np.array([1]), about="one example with z = 1.5")


@with_strided_repeat
def cases_designs(rng):
    """Designs of different shapes and dtypes, with moderate logits."""
    yield case(rng.normal(size=3), rng.normal(size=(7, 3)), mixed_labels(rng, 7))
    X = rng.normal(size=(4, 6)) * [1, 1, 1e-6, 1e-6, 1e-6, 1e-6]  # differences are too inaccurate for small features
    yield case(rng.normal(size=6), X, mixed_labels(rng, 4), about="fewer examples than features")
    w, X, y = rng.choice([-1, 1], 3) * rng.uniform(0.5, 1, 3), rng.normal(size=(150, 3)), mixed_labels(rng, 150)
    X[:4], y[:4] = np.outer([9, -9, 20, -20], w) / (w @ w), [0, 1, 0, 1]  # p is close to the wrong label
    yield case(w, X, y * 1.0, about="150 labels 0.0 and 1.0")
    yield case(-w, X, y * 1.0, about="the same examples, other weights")
    X = rng.uniform(30, 40, (5, 2))
    yield case(rng.uniform(-0.003, 0.003, 2), X, np.zeros(5), about="large features, and a long gradient")
    square, y = rng.uniform(5, 9, (4, 4)), np.full(4, rng.integers(2))
    yield case(rng.normal(0, 0.02, 4), square, y, about="as many examples as features, all of one class")
    features = np.vstack([rng.permutation([-2, -1, 1]) for _ in range(5)])
    yield case(rng.normal(size=3), features, mixed_labels(rng, 5), about="integer features")
    features = rng.normal(size=(6, 5)).astype(np.float32)
    yield case(rng.normal(size=5), features, mixed_labels(rng, 6), about="float32 features")
    X, y, rows = rng.normal(size=(5, 2)), mixed_labels(rng, 5), [0, 1, 2, 3, 4, 0, 2, 0]
    yield case(rng.normal(size=2), X[rows], y[rows], about="some examples more than once")
    X = np.array([[1e-10, 2], [3e-10, 1]])
    yield case(np.array([0.5, 0.1]), X, np.array([1, 0]), about="a tiny feature")


def cases_large_logits(rng):
    """Confident predictions of both classes, right and wrong, among moderate ones. The features are large, too."""
    for size, dtype in ((1000, int), (40, float)):
        w = rng.normal(size=3)
        z = np.array([1.5, size, -size, -2, size, -size, 7.5])  # the first and the last are moderate
        X = rng.normal(0, 3000, (7, 3))
        X += np.outer(z - X @ w, w) / (w @ w)  # now X @ w is z
        y = np.array([0, 0, 0, 1, 1, 1, 1], dtype)
        yield case(w, X, y, about=f"large features and logits of up to ±{size}")
    # Any limit changes the first slope, and rounding to eight decimals the other.
    X = np.array([[1e7 / 3, 1.0], [5e6, -1 / 7], [1 / 3, 2 / 7]])
    yield case(np.array([1e-7, 0.3]), X, np.zeros(3, dtype=int), about="one large feature, moderate logits")


# --- mse_grad(w, X, y) ------------------------------------------------------------------------------------------
# The gradient with respect to w of the mean over examples of ½ (p - y)², where p = sigmoid(Xw): an array of shape
# (d,), finite for every logit. The arguments are not modified.


def reference_mse_grad(w, X, y):
    return mean_of_rows(X, residual(w, X, y) * reference_sigmoid_prime(X @ w))


mse_grad = Exercise(
    signature="mse_grad(w, X, y)",
    slide=DETAILS,
    reference=reference_mse_grad,
    rules=(
        Rule(
            "one example: the slide's formula",
            1,
            cases_one_example,
            "Which four factors does the slide's last line have? Does the only example contribute their product?",
            atol=1e-13,
            property="With one example, the gradient is x times one number.",
        ),
        Rule(
            "the mean over examples",
            2,
            cases_designs,
            MEAN_OF_ROWS,
            atol=1e-13,
            property="If every example occurs twice, the gradient stays the same.",
        ),
        Rule(
            "large logits, inputs unchanged",
            1,
            cases_large_logits,
            "What does an example contribute whose p is 0 or 1? Which arrays does your code write to?",
            slide=ATTENUATED,
            atol=1e-9,
            mutation="none",
            property="Where |z| is very large, an example contributes next to nothing.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- gradient_descent(grad_fn, w0, lr, num_steps) ---------------------------------------------------------------
# The whole path of gradient descent as an array of floats of shape (num_steps + 1, d): row 0 is w0, row t the weights
# after t steps. w0 is not modified.


def descent_case(rng, w0, num_steps, about="", scale=1.0, at_minimum=False, lr_factor=1.0):
    """Descend from w0 on a random convex quadratic.

    Its gradients are multiplied by ``scale`` and the learning rate is divided by it. With ``at_minimum``, w0 contains
    whole numbers and is the minimum: its gradient is exactly 0.
    """
    d = len(w0)
    root = rng.normal(size=(d, d))
    A = scale * (root @ root.T / d + 0.5 * np.eye(d))
    b = scale * rng.normal(size=d)
    if at_minimum:
        A = np.ceil(8 * A) / 8  # products with whole numbers are not rounded
        b = -A @ w0
    lr = lr_factor * rng.uniform(0.1, 0.5) / np.linalg.norm(A, 2)
    gradients = {1e-14: "tiny gradients", 1e8: "huge gradients"}.get(scale)
    about = ", ".join(filter(None, [about, gradients, f"num_steps = {num_steps}"]))
    gradient = FactoryArg(AffineGradient, {"A": A, "b": b, "is_recorded": False})
    return case(gradient, w0, lr, num_steps, about=about)


def cases_quadratics(rng):
    """A few steps each. Tiny and huge gradients reveal an early stop and a normalised or clipped gradient."""
    for d, num_steps, scale in ((2, 6, 1), (4, 3, 1e8), (3, 1, 1), (2, 3, 1e-14)):
        yield descent_case(rng, rng.normal(size=d), num_steps, scale=scale)
    yield descent_case(rng, np.array([2.0, -1.0, 3.0]), 4, "a start at the minimum", at_minimum=True)
    w0 = 1e4 * rng.choice([-1, 1], 3)
    call = descent_case(rng, w0, 4, "a learning rate so large that it diverges", lr_factor=25)
    yield call
    other = descent_case(rng, w0, 4).args[0]
    yield case(other, *call.args[1:], about="another gradient from the same start")


def cases_unusual_descents(rng):
    yield descent_case(rng, rng.normal(size=3), 0)
    yield descent_case(rng, np.array([3, -2]), 4, "integer w0")
    yield descent_case(rng, np.array([3, -2]), 0, "integer w0")
    yield descent_case(rng, np.array([3, -2]), 4, "integer w0 at the minimum", at_minimum=True)
    yield descent_case(rng, rng.normal(size=1), 1501, "one weight")
    yield descent_case(rng, rng.normal(size=2), 200, "a small learning rate", scale=1e8, lr_factor=0.01)


gradient_descent = Exercise(
    signature="gradient_descent(grad_fn, w0, lr, num_steps)",
    slide=RECAP,
    reference=reference_gradient_descent,
    rules=(
        Rule(
            "the last row is the end point",
            1,
            cases_quadratics,
            "What does a step subtract from w?",
            check=check_end_point,
            property="Each step subtracts lr times the gradient at the weights before it.",
        ),
        Rule(
            "the whole path, one row per step",
            2,
            cases_quadratics,
            "The first row is the start. Does a later step change a row that is already stored?",
            atol=1e-12,
            property="Each step subtracts lr times the gradient at the weights before it.",
        ),
        Rule(
            "zero or many steps, one weight, integer w0, w0 unchanged",
            1,
            cases_unusual_descents,
            "What is unusual about this call: num_steps, the number of weights, the dtype of w0? "
            "Which line of your code depends on it? Does a line write into w0 or into the gradient?",
            mutation="none",
            check=check_path_of_floats,
            property="There is one row more than there are steps.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- bce_likelihood ---------------------------------------------------------------------------------------------
# The blanks in the likelihood. The letters: a y, b 1 - y, c p, d Σ, e Π, f 0.09, g 0.36, h 2.2.

bce_likelihood = fill_in(
    "bce_likelihood",
    {"line 1": "a", "line 2": "e", "line 3": "d", "line 4": "g"},
    "abcdefgh",
    points=2,
    slide=LOG_LOSS,
    hint={
        "line 1": "P(y) must be p for the label 1, and 1 - p for the label 0: what is each exponent then?",
        "line 2": "What is the probability of two heads, if a coin is tossed twice?",
        "line 3": "What is the logarithm of a · b?",
        "line 4": "Which probability does the model give to the label 0, if p = 0.2?",
    },
    explain={
        "line 1": "For y = 1 the exponents y and 1 − y leave p, and for y = 0 they leave 1 − p.",
        "line 2": "If the labels are independent, the probability of all of them is the product of their "
        "probabilities.",
        "line 3": "The logarithm turns the product into a sum.",
        "line 4": "The labels 1, 0, 1 have the probabilities 0.9, 1 − 0.2 and 0.5, and 0.9 · 0.8 · 0.5 = 0.36.",
    },
)


# --- bce_from_probs(p, y) ---------------------------------------------------------------------------------------
# The log-loss from probabilities strictly between 0 and 1: the mean over examples of -log(p) where y is 1 and
# -log(1 - p) where y is 0. The arguments are not modified.


def log_losses(p, y):
    """The loss of each example: minus the log of the probability of its true label."""
    p = np.asarray(p, dtype=float)
    return -np.log(np.where(np.asarray(y) == 1, p, 1 - p))


def reference_bce_from_probs(p, y):
    return log_losses(p, y).mean()


def cases_one_probability(rng):
    """Single examples. With p just above 0 or just below 1, a constant inside the logarithm shows."""
    for y in (0, 1):
        yield case(rng.uniform(0.1, 0.9, 1), np.array([y]), about=f"one example with y = {y}")
    yield case(np.array([1e-200]), np.array([1]), about="one example with y = 1 and p just above 0")
    yield case(np.array([1 - 2.0**-45]), np.array([0]), about="one example with y = 0 and p just below 1")


def cases_probabilities(rng):
    yield case(np.append(rng.uniform(0.05, 0.95, 6), 0.9999), np.append(mixed_labels(rng, 6), 1))
    yield case(rng.uniform(0.05, 0.95, 4), mixed_labels(rng, 4) * 1.0, about="labels 0.0 and 1.0")
    yield case(rng.uniform(0.05, 0.95, 6).astype(np.float32), mixed_labels(rng, 6), about="float32 input")
    p, y, rows = rng.uniform(0.05, 0.95, 5), mixed_labels(rng, 5), [0, 1, 2, 3, 4, 0, 2, 0]
    yield case(p[rows], y[rows], about="some examples more than once")
    y = mixed_labels(rng, 40)
    # the product of these 40 probabilities is 0 in float64
    yield case(np.where(y == 1, 1e-9, 1 - 1e-9), y, about="40 confidently wrong examples")


bce_from_probs = Exercise(
    signature="bce_from_probs(p, y)",
    slide=LOG_LOSS,
    reference=reference_bce_from_probs,
    rules=(
        Rule(
            "one example: y selects the term",
            1,
            cases_one_probability,
            "Which term is active for this y?",
            property="A confidently right p costs almost nothing, and p = 1/2 costs log 2 for either label.",
        ),
        Rule(
            "the mean over examples, inputs unchanged",
            1,
            cases_probabilities,
            "Look at the sum on the slide: which examples does it contain, which p and y belong together, "
            "and what is in front of it? Which arrays does your code write to?",
            slide=LOSS,
            mutation="none",
            property="If every example occurs twice, the loss stays the same.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- bce_with_logits(z, y) --------------------------------------------------------------------------------------
# The same loss from logits, correct for every z: a confidently wrong example with |z| = 1000 has a loss of exactly
# 1000. There is no overflow warning, and the arguments are not modified.


def reference_bce_with_logits(z, y):
    return np.mean(np.logaddexp(0, np.where(np.asarray(y) == 1, -z, z)))


def cases_moderate_logits(rng):
    yield case(rng.uniform(-4, 4, 7), mixed_labels(rng, 7))
    yield case(rng.uniform(-4, 4, 4), mixed_labels(rng, 4) * 1.0, about="labels 0.0 and 1.0")
    yield case(rng.uniform(-4, 4, 1), np.array([1]), about="one example")
    yield case(rng.uniform(-4, 4, 3), np.ones(3, dtype=int), about="all of class 1")
    yield case(rng.uniform(-4, 4, 4), np.zeros(4, dtype=int), about="all of class 0")
    yield case(np.zeros(5), mixed_labels(rng, 5), about="z = 0")
    yield case(rng.permutation([-4.0, -3.5, 3.5, 4.0]), np.zeros(4, dtype=int), about="z from -4 to 4 and y = 0")
    for y in (0, 1):  # rounding to decimals changes the small loss, a limit the large one
        yield case(np.array([4.0]), np.array([y]), about=f"z = 4 and y = {y}")
    yield case(rng.uniform(-4, 4, 6).astype(np.float32), mixed_labels(rng, 6), about="float32 input")
    z, y, rows = rng.uniform(-4, 4, 5), mixed_labels(rng, 5), [0, 1, 2, 3, 4, 0, 2, 0]
    yield case(z[rows], y[rows], about="some examples more than once")


def cases_extreme_logits(rng):
    """Confidently wrong and confidently right predictions, alone, together, and among moderate ones."""
    yield case(np.array([1e5]), np.array([0]), about="z = 100000 and y = 0")
    for size in (10_000.0, 1000.0, 710.0, 17.5):
        yield case(np.array([size]), np.array([0]), about=f"z = {size:g} and y = 0")
        yield case(np.array([-size]), np.array([1]), about=f"z = -{size:g} and y = 1")
        yield case(np.array([size, -size]), np.array([1, 0]), about=f"z = ±{size:g}, both confidently right")
        z = np.array([size, -size, size, -size])
        order = rng.permutation(4)
        yield case(z[order], np.array([0, 0, 1, 1])[order], about=f"z = ±{size:g}, half of them confidently wrong")
        yield case(np.array([size, 0.0]), np.array([0, 0]), about=f"z = {size:g} confidently wrong, and z = 0")
        z, y = np.array([size, *rng.normal(0, 2, 3), -size]), np.array([1.0, 0, 1, 1, 0])
        yield case(z, y, about=f"moderate z, and z = ±{size:g} confidently right")


bce_with_logits = Exercise(
    signature="bce_with_logits(z, y)",
    slide=LOSS,
    reference=reference_bce_with_logits,
    rules=(
        Rule(
            "moderate logits",
            2,
            cases_moderate_logits,
            "Does it agree with bce_from_probs(sigmoid(z), y)? Start with a single example: z = 0, then z = 2.",
            rtol=1e-6,
            property="A logit z with the label 1 costs as much as -z with the label 0.",
        ),
        Rule(
            "large logits: exact for right and wrong predictions",
            2,
            cases_extreme_logits,
            "What is the loss of each example alone? Is a number on the way to it rounded or too large?",
            rtol=1e-12,
            atol=1e-12,
            property="The farther a prediction moves in the wrong direction, the more it costs.",
        ),
        Rule(
            "no warning, inputs unchanged",
            1,
            cases_extreme_logits,
            "Which exponential never exceeds 1? Which arrays does your code write to?",
            rtol=1e-12,
            atol=1e-12,
            warnings="none",
            mutation="none",
            property="A loss is finite, and never negative.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- clipped_pair -----------------------------------------------------------------------------------------------
# A logit z and its label y for which the loss is 10 too small if p is clipped. Then it is -log(1e-7) = 16.1 at most.

clipped_pair = refute(
    "clipped_pair",
    {"z": Input(-1000, 1000), "y": Input(0, 1, whole=True)},
    reference=lambda z, y: reference_bce_with_logits(np.array([z]), y),
    wrong=lambda z, y: log_losses(np.clip(reference_sigmoid(z), 1e-7, 1 - 1e-7), y),
    fails=lambda clipped, loss: loss - clipped >= 10,
    otherwise="the clipped loss is not 10 smaller than the true one",
    answer={"z": 30, "y": 0},
    points=1,
    slide=LOSS,
    hint="For which z is p clipped? For which label is the model wrong there? How large is the clipped loss at most?",
)


# --- bce_derivation ---------------------------------------------------------------------------------------------
# The blanks in the derivation of the gradient of the log-loss. The letters:
# a x(ŷ - y), b xσ, c y - σ, d σ(1 - σ), e xσ(1 - σ), f x(1 - σ), g x(ŷ - y)ŷ(1 - ŷ), h σ, i 1 - σ, j yσ.

bce_derivation = fill_in(
    "bce_derivation",
    {"line 1": "h", "line 2": "e", "line 3": "f", "line 4": "j", "line 5": "c", "line 6": "a"},
    "abcdefghij",
    points=3,
    slide=DERIVATION,
    hint="What makes this line equal to the line above it?",
    explain={
        "line 1": "The prediction ŷ is σ(xᵀw), for which the derivation writes σ.",
        "line 2": "The derivative of log σ is the gradient of σ divided by σ, and by the chain rule that gradient is "
        "x σ(1 − σ).",
        "line 3": "In x σ(1 − σ) / σ the factor σ cancels, and x (1 − σ) remains.",
        "line 4": "Multiply out: y(1 − σ) − (1 − y)σ = y − yσ − σ + yσ.",
        "line 5": "The terms −yσ and +yσ cancel, and y − σ remains.",
        "line 6": "The minus sign turns y − σ into σ − y, and σ is ŷ, so what remains is the input times the error.",
    },
)


# --- bce_grad(w, X, y) ------------------------------------------------------------------------------------------
# The gradient of the log-loss with respect to w: an array of shape (d,), correct for every logit. Labels are ints or
# floats. The arguments are not modified.


def reference_bce_grad(w, X, y):
    return mean_of_rows(X, residual(w, X, y))


bce_grad = Exercise(
    signature="bce_grad(w, X, y)",
    slide=DERIVATION,
    reference=reference_bce_grad,
    rules=(
        Rule(
            "one example: the slide's formula",
            1,
            cases_one_example,
            "What is left in the derivation's last line, and how is its ŷ computed from z?",
            atol=1e-13,
            property="With one example, the gradient is x times one number.",
        ),
        Rule(
            "the mean over examples",
            2,
            cases_designs,
            MEAN_OF_ROWS,
            slide=LOSS,
            atol=1e-13,
            property="If every example occurs twice, the gradient stays the same.",
        ),
        Rule(
            "large logits",
            1,
            cases_large_logits,
            "What does a confidently wrong example contribute? Does an exponential overflow on the way?",
            slide=ATTENUATED,
            atol=1e-9,
            property="A confidently right example contributes next to nothing, a confidently wrong one does not.",
        ),
        Rule(
            "inputs unchanged, labels of any dtype",
            1,
            cases_designs,
            "Which arrays does your code write to? Does the dtype of y matter?",
            atol=1e-13,
            mutation="none",
            property="If every example occurs twice, the gradient stays the same.",
        ),
    ),
    forbids=SHORTCUTS,
)


# --- trivia -----------------------------------------------------------------------------------------------------

trivia = choose_all(
    "trivia",
    "bc",
    "abcd",
    points=1,
    slide=TRIVIA,
    explain={
        "a": "It predicts the probability of a class, so despite its name it is used for classification.",
        "b": "Training minimizes the log-loss, which is the negative logarithm of the likelihood, divided by the "
        "number of examples.",
        "c": "The log-loss is convex in the weights, so every local optimum is a global one, and the conditions "
        "on the data make it unique.",
        "d": "If the gradient is set to 0, the weights are inside σ in every term of a sum, and no formula "
        "solves that for them.",
    },
)
