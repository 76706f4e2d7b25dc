"""The empirical sentences of `iris`."""

import functools

import numpy as np

from lectrain import data
from lectrain.check import numerical_gradient

from .claim import Claim
from .notebook import solved

CELLS = "encode-labels-solution", "one-hot-solution", "softmax-solution", "global-shift", "cross-entropy-solution"
SPLITS = (0, 1, 2, 10, 11, 12)
"""Which third of the flowers is the test set: every third from 0, 1 or 2 on, or a random one. 0 is the notebook's."""
SPLIT = {"split": SPLITS}
SEED = {"seed": (0, 1, 2, 3)}
FLOWERS = (0, 11, 74, 89, 108, 149)


@functools.cache
def _notebook():
    return solved("iris", *CELLS, "softmax-grad-solution", "fit", "accuracy-solution")


def softmax(Z):
    return _notebook()["softmax"](Z)


def loss_of(Z, labels):
    return _notebook()["cross_entropy"](Z, labels)


@functools.cache
def _flowers():
    measurements, names = data.load_iris()
    return np.column_stack([measurements, np.ones(150)]), _notebook()["encode_labels"](names)[0]


@functools.cache
def _split(split):
    """The features and labels of the training flowers, and those of the test flowers."""
    order = np.random.default_rng(split).permutation(150)
    test = np.arange(150) % 3 == split if split < 3 else order < 50
    X, labels = _flowers()
    return X[~test], labels[~test], X[test], labels[test]


@functools.cache
def _training(split, lr, num_steps=2000):
    """The weights after the steps, and the losses before each step and at the end."""
    X, labels = _split(split)[:2]
    W, losses = np.zeros((5, 3)), []
    for _ in range(num_steps):
        losses.append(loss_of(X @ W, labels))
        W = _notebook()["fit"](W, X, labels, lr, 1)
    return W, np.array([*losses, loss_of(X @ W, labels)])


def _last_rise(losses):
    return int(np.max(np.flatnonzero(np.diff(losses) > 0), initial=-1)) + 1


def _stable_rate(split, W):
    """2 over the largest curvature, from differences of the gradient in each of the 15 directions."""
    X, labels = _split(split)[:2]
    gradient = _notebook()["softmax_grad"]
    steps = 1e-5 * np.eye(15).reshape(15, 5, 3)
    curvatures = [(gradient(W + h, X, labels) - gradient(W - h, X, labels)).ravel() / 2e-5 for h in steps]
    return 2 / np.linalg.eigvalsh((np.array(curvatures) + np.array(curvatures).T) / 2).max()


def logits(seed, n=5, K=4):
    return np.random.default_rng(seed).normal(0, 3, (n, K))


# --- parts 1 to 4 -----------------------------------------------------------------------------------------------


def two_virginicas_have_its_petals():
    X, labels = _flowers()
    return np.sum(np.all(X[:, 2:4] == X[70, 2:4], axis=1) & (labels == 2)) == 2 and labels[70] == 1


def setosa_is_far_from_the_others(feature):
    X, labels = _flowers()
    return X[labels == 0, feature].max() < X[labels > 0, feature].min()


def all_classes_have_the_same_distance(K):
    Y = _notebook()["one_hot"](np.arange(K), K)
    distances = np.linalg.norm(Y[:, None] - Y, axis=2)[~np.eye(K, dtype=bool)]
    return np.ptp(distances) < 1e-12 and distances.min() > 1


def a_label_of_minus_1_gets_the_last_slot(K):
    return np.array_equal(np.eye(K)[np.array([-1])], np.eye(K)[[K - 1]])


def only_differences_count(seed, shift):
    return np.allclose(softmax(logits(seed) + shift), softmax(logits(seed)), rtol=1e-9)


def as_written_it_fails(z):
    with np.errstate(all="ignore"):
        E = np.exp(np.array([z, z - 1.0]))
        return np.isinf(E[0]) and np.isnan(E[0] / E.sum()) and np.isfinite(softmax(np.array([[z, z - 1.0]]))).all()


def log_2_makes_one_half(z):
    return np.allclose(softmax(np.array([[z + np.log(2), z, z]])), [0.5, 0.25, 0.25]) and round(np.log(2), 1) == 0.7


def a_low_temperature_reaches_the_target(T):
    return softmax(np.array([[1.0, 0, -1]]) / T).max() >= 0.9


def temperature_keeps_the_order(seed, T):
    return np.array_equal(np.argsort(softmax(logits(seed) / T)), np.argsort(logits(seed)))


def a_high_one_makes_them_equal(seed):
    low, high = (softmax(logits(seed) / T).max(axis=1) for T in (0.01, 100))
    return np.all(low > 0.9) and np.all(high < 0.3)


def a_row_becomes_nan(z):
    with np.errstate(all="ignore"):
        P = _notebook()["softmax_global_shift"](np.array([[z, 0.0], [0, 1]]))
    return np.isnan(P[1]).all() and np.isfinite(P[0]).all()


def it_leads_by_3_25():
    W = np.array([[1.2, 1.0, -2.2], [2.5, -0.2, -2.3], [-3.5, -0.4, 3.9], [-1.6, -1.2, 2.8], [0.6, 0.8, -1.4]])
    z = _flowers()[0][108] @ W
    return np.isclose(z[2] - z[1], 3.25, atol=0.005) and np.allclose(softmax(z[None])[0, 1:], [0.04, 0.96], atol=0.005)


def two_classes_are_the_sigmoid(seed):
    Z = logits(seed, K=2)
    log_losses = [loss_of(Z, np.full(5, k)) for k in (0, 1)]
    p = 1 / (1 + np.exp(Z[:, 0] - Z[:, 1]))
    return np.allclose(softmax(Z)[:, 1], p) and np.allclose(log_losses, [-np.mean(np.log(q)) for q in (1 - p, p)])


# --- part 5 -----------------------------------------------------------------------------------------------------


def one_term_remains(K):
    p, y = softmax(logits(0, 1, K))[0], np.eye(K)[K // 2]
    return np.isclose(-np.sum(y * np.log(p)), -np.log(p[K // 2])) and np.sum(y != 0) == 1


def log_p_fails(z):
    with np.errstate(divide="ignore"):
        return (
            np.isinf(np.log(softmax(np.array([[z, 0.0]]))[0, 1])) and loss_of(np.array([[z, 0.0]]), np.array([1])) == z
        )


def the_example_has_these_losses(z):
    return [loss_of(np.array([[z, 0, 0]]), np.array([k])) for k in (1, 0)] == [z, 0]


def the_first_loss_is_log_K(K):
    return np.isclose(loss_of(np.zeros((6, K)), np.arange(6) % K), np.log(K)) and round(np.log(3), 2) == 1.10


def ten_classes_begin_at_2_3(seed, size):
    """Small weights give small logits."""
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=(500, 50)), size * rng.normal(size=(50, 10))
    return 2.25 < loss_of(X @ W, rng.integers(10, size=500)) < 2.35


# --- part 6 -----------------------------------------------------------------------------------------------------


def only_the_true_class_is_negative(split, lr):
    X, labels = _flowers()
    errors = softmax(X @ _training(split, lr)[0]) - np.eye(3)[labels]
    is_true = np.eye(3, dtype=bool)[labels]
    return np.all(errors[is_true] < 0) and np.all(errors[~is_true] > 0) and np.allclose(errors.sum(axis=1), 0)


def a_step_raises_the_true_logit(flower, lr):
    """In proportion to the errors."""
    X, labels = (array[[flower]] for array in _flowers())
    W = _training(0, 0.1)[0] / 4
    change = (X @ (_notebook()["fit"](W, X, labels, lr, 1) - W))[0]
    errors = (softmax(X @ W) - np.eye(3)[labels])[0]
    return change[labels[0]] > 0 and np.sum(change < 0) == 2 and np.allclose(change / errors, -lr * np.sum(X**2))


def the_slope_of_log_S_is_p(seed):
    z = logits(seed, 1)[0]
    return np.allclose(numerical_gradient(lambda z: np.log(np.exp(z).sum()), z), softmax(z[None])[0], atol=1e-8)


def they_agree_where_training_rests(split):
    """The share of each species, as expected and as observed, after long training."""
    X, labels = _split(split)[:2]
    gaps = [np.abs(softmax(X @ _training(split, lr)[0]).mean(axis=0) - np.bincount(labels) / 100).max()
            for lr in (0.01, 0.5)]  # fmt: skip
    return gaps[1] < 0.003 < gaps[0]


def three_losses_have_one_gradient(z, y):
    """The Gaussian with mean z, the coin with logit z, the die with the logits 0, z and 1."""
    gaussian = numerical_gradient(lambda z: (z - y) ** 2 / 2, z)
    coin = numerical_gradient(lambda z: np.log(1 + np.exp(z)) - y * z, z)
    die = numerical_gradient(lambda z: np.log(1 + np.exp(z) + np.e) - y * z, z)
    expected = z, np.exp(z) / (1 + np.exp(z)), np.exp(z) / (1 + np.exp(z) + np.e)
    return np.allclose([gaussian, coin, die], np.array(expected) - y, atol=1e-6)


# --- part 7 -----------------------------------------------------------------------------------------------------


def it_shoots_up_and_rattles(split):
    losses = _training(split, 0.5)[1]
    return losses.max() > 3 * np.log(3) and _last_rise(losses) > 120


def it_ends_lowest(split, stop):
    ends = [_training(split, lr)[1][stop] for lr in (0.5, 0.1, 0.01)]
    return ends == sorted(ends)


def at_first_the_largest_stable_rate_is_below_0_1(split):
    return 0.09 < _stable_rate(split, np.zeros((5, 3))) < 0.1


def a_sure_model_has_a_flatter_loss(split, lr):
    """Less than half as curved as at the start, if the mean probability of the true species is above 0.9."""
    (X, labels), W = _split(split)[:2], _training(split, lr)[0]
    is_sure = softmax(X @ W)[np.arange(100), labels].mean() > 0.9
    return is_sure and _stable_rate(split, W) > (0.5 if lr == 0.5 else 0.2)


def only_the_largest_rate_is_worse_than_knowing_nothing(split):
    worst = [_training(split, lr)[1].max() for lr in (0.5, 0.1, 0.01)]
    return worst[0] > np.log(3) + 1 and max(worst[1:]) < np.log(3) + 1e-9


def _mistakes(split):
    W, (X, labels) = _training(split, 0.1)[0], _split(split)[2:]
    return round(50 * (1 - _notebook()["accuracy"](W, X, labels)))


def one_of_50_is_wrong():
    W, (X, labels) = _training(0, 0.1)[0], _split(0)[:2]
    return _mistakes(0) == 1 and np.isclose(_notebook()["accuracy"](W, X, labels), 0.98)


def sometimes_none_and_sometimes_two(first):
    mistakes = [_mistakes(split) for split in range(first, first + 10)]
    return min(mistakes) == 0 and max(mistakes) >= 2


def the_same_flowers_promise_too_much(first):
    """For ten random splits: the mean accuracy on the training flowers, and that of the same weights on the others."""
    seen, new = [], []
    for split in range(first, first + 10):
        W, (X, labels) = _training(split, 0.1)[0], _split(split)[:2]
        seen.append(_notebook()["accuracy"](W, X, labels))
        new.append(1 - _mistakes(split) / 50)
    return np.mean(seen) > np.mean(new) + 0.005


WEIGHTS = SPLIT | {"lr": (0.05, 0.1, 0.2)}
CLAIMS = [
    Claim("Setosa is far from the others", setosa_is_far_from_the_others, scope={"feature": (2, 3)}),
    Claim("The circled versicolor is the extreme case", two_virginicas_have_its_petals),
    Claim("This one-hot encoding puts all classes", all_classes_have_the_same_distance, {"K": (2, 3, 10)}),
    Claim("Keep the given lines", a_label_of_minus_1_gets_the_last_slot, {"K": (1, 3, 10)}),
    Claim("Logits can have any sign", lambda seed: np.allclose(softmax(logits(seed)).sum(axis=1), 1)
          and softmax(logits(seed)).min() > 0, SEED),
    Claim("Logits are like altitudes", only_differences_count, SEED | {"shift": (-100, 7, 1000)}),
    Claim("The formula as it is written fails", as_written_it_fails, {"z": (710, 1000, 5000)}),
    Claim("Target 2:", a_low_temperature_reaches_the_target, {"T": (0.1, 0.3, 0.4)}),
    Claim("For target 1 with `T = 1`,", log_2_makes_one_half, {"z": (-2, 0, 1)}),
    Claim("The shift changes nothing", temperature_keeps_the_order, SEED | {"T": (0.1, 0.5, 5)}),
    Claim("A low temperature stretches all differences", a_high_one_makes_them_equal, SEED),
    Claim("A row becomes `nan`", a_row_becomes_nan, {"z": (800, 1000, 10_000)}),
    Claim("Virginica leads versicolor by 3.25 logits", it_leads_by_3_25),
    Claim("For K = 2, divide", two_classes_are_the_sigmoid, SEED,
          also=("So logistic regression is softmax regression with two classes", "This sum is called", "With K = 2, all of this is logistic regression",)),
    Claim("For one example, the loss is", one_term_remains, {"K": (2, 3, 10)}),
    Claim("As in notebook 2, $\\log p$ fails", log_p_fails, {"z": (750, 1000, 9000)}),
    Claim("The sum on the right is at least 1",
          lambda seed: np.all(np.exp(logits(seed) - logits(seed).max(axis=1)[:, None]).sum(axis=1) >= 1), SEED),
    Claim("Compute the loss from *logits*, so that", the_example_has_these_losses, {"z": (800, 1000, 9000)}),
    Claim("Every class gets the probability", the_first_loss_is_log_K, {"K": (2, 3, 10, 1000)}),
    Claim("A network with ten classes should start at about 2.3", ten_classes_begin_at_2_3,
          SEED | {"size": (0, 0.001, 0.01)}),
    Claim("In each row of $P - Y$", only_the_true_class_is_negative, WEIGHTS),
    Claim("So a step for one flower alone", a_step_raises_the_true_logit, {"flower": FLOWERS, "lr": (0.001, 0.1, 1)}),
    Claim("The gradient of $\\log S$ is $\\mathbf{p}$", the_slope_of_log_S_is_p, SEED),
    Claim("So the gradient compares expectation", they_agree_where_training_rests, SPLIT),
    Claim("That makes three losses and one gradient", three_losses_have_one_gradient, {"z": (-2, 0.5, 3)}, {"y": (0, 1)}),
    Claim("We expected the largest rate to fail", it_shoots_up_and_rattles, SPLIT),
    Claim("But in the end it settles, and ends lowest", it_ends_lowest, SPLIT | {"stop": (300, 500, 1000, 2000)},
          also=("Rate 0.5 ends lower",)),
    Claim("Its steps overshoot at first", at_first_the_largest_stable_rate_is_below_0_1, SPLIT),
    Claim("A model that is very sure of its flowers", a_sure_model_has_a_flatter_loss, SPLIT | {"lr": (0.1, 0.2, 0.5)}),
    Claim("With 0.1 and 0.01, the loss never rises", only_the_largest_rate_is_worse_than_knowing_nothing, SPLIT),
    Claim("The accuracy is 0.98 on both", one_of_50_is_wrong),
    Claim("Do not read much into this number", sometimes_none_and_sometimes_two, {"first": (10, 20, 30)}),
    Claim("Why will her model probably be less accurate", the_same_flowers_promise_too_much, {"first": (10, 20, 30)}),
]  # fmt: skip

SETTINGS = (
    "1 to K, or 0",
    "The slides count classes from 1",
    "The numbers 0, 1 and 2",
    "So we use a vector",
    "Row $k$ of the identity matrix",
    "It is a probability distribution",
    "Apply softmax to each row",
    "`A.sum(axis=1, keepdims=True)` has the shape (n, 1)",
    "Target 1:",
    "Find a `Z` of shape",
    "Follow flower 108",
    "The recipe of notebook 2",
    "This time, sum without `keepdims`",
    "How large is the loss at the start",
    "Lines 1 to 3 are for one example",
    "For line 1, ask what it is",
    "We divided the weights of our trained model by 4",
    "There it is again",
    "Compute line 4",
    "Only the loop is missing",
    "Which of the learning rates 0.5, 0.1 and 0.01",
    "Run the next cell, where the thick line",
    "Bishop",
    "A friend trains on all 150 flowers",
)
