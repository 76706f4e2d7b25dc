"""The empirical sentences of `sigmoid`."""

import functools
from fractions import Fraction

import numpy as np

from lectrain import data

from .bce import BAD, PHOTOS, ZERO, _features, _lines, _path, _photos, a_hand_can_reach_8, accuracy
from .claim import Claim
from .notebook import solved

SETS = {"first": PHOTOS}
LENGTHS = {"length": (2, 3, 5)}
TRAINED = np.array([2.1, 3.4, -0.4])


@functools.cache
def _notebook():
    return solved("sigmoid", "setup", "sigmoid-solution", "fragile-sigmoid", "sigmoid-prime-solution")


@functools.cache
def _shoes():
    images, classes = data.load_fashion_mnist()
    return {k: images[classes == k] / 255 for k in (5, 9)}


def there_are_12_000():
    return sum(len(photos) for photos in _shoes().values()) == 12_000


def no_line_separates(first):
    return _lines(first)[1].min() > 0


def boots_are_brighter_and_more_symmetric(first):
    X, y = _photos(first)[0]
    return np.all(X[y == 1, :2].mean(axis=0) > X[y == 0, :2].mean(axis=0) + 0.5)


def p(z):
    return _notebook()["sigmoid"](np.array(float(z)))


def the_odds_are_multiplied(z, w):
    odds = [float(p(value) / p(-value)) for value in (z, z + w)]
    return np.isclose(odds[1] / odds[0], np.exp(w)) and np.isclose(odds[0], np.exp(z))


def float64_ends():
    return 1e308 < np.finfo(float).max < 1e309


def neighbours_of_1():
    return 1.5e-16 < np.nextafter(1, 2) - 1 < 2.5e-16


def slope(z):
    return _notebook()["sigmoid_prime"](np.array(float(z)))


def slope_is_accurate(z):
    e = np.exp(-abs(z))
    return np.isclose(slope(z), e / (1 + e) ** 2, rtol=0.01, atol=0)


def a_fourteenth():
    return slope(0) == 0.25 and 13.5 < slope(0) / slope(4) < 14.5


def never_steeper(step):
    return np.all(_notebook()["sigmoid_prime"](np.arange(-50, 50, step)) <= 0.25)


def fewest_mistakes(first):
    """No line makes fewer: a best line can be moved until it touches two photos, whose sides are not counted here."""
    X, y = _photos(first)[0]
    offsets = X[:, None, :2] - X[:, :2]  # offsets[k, i]: from photo i to photo k
    fewest = len(y)
    for i in range(len(y)):
        normals = offsets[:, i, ::-1] * (-1, 1)
        sides = offsets[:, i] @ normals[np.abs(normals).sum(axis=1) > 1e-12].T
        for z in (sides, -sides):
            wrong = np.where(y[:, None] == 1, z < -1e-12, z > 1e-12)
            fewest = min(fewest, wrong.sum(axis=0).min())
    return fewest


def mistakes_after_training(first, start=BAD, lr=0.1):
    X, y = _photos(first)[0]
    return np.sum((X @ _path(first, "bce", start, lr)[-1] >= 0) != y)


def the_trained_line_makes_more_mistakes(first, start, lr):
    return mistakes_after_training(first, start, lr) > _lines(first)[1].min()


def these_weights_make_12_mistakes():
    X, y = _photos(0)[0]
    return np.sum((X @ TRAINED >= 0) != y) == 12


def the_best_line_makes_8():
    """And one with the steps of the arrow makes as few. Training ends with 11, at which the text lets you stop."""
    return fewest_mistakes(0) == _lines(0)[1].min() == 8 and mistakes_after_training(0) == 11


def longer_is_confident_and_wrong(first, length):
    """The same mistakes, but more photos whose true class gets a probability below 0.1."""
    X, y = _photos(first)[0]
    w = _path(first, "bce", BAD, 0.1)[-1]
    true = [np.where(y == 1, p_, 1 - p_) for p_ in (_sigmoid(X @ w), _sigmoid(length * X @ w))]
    return np.sum(true[1] < 0.1) > np.sum(true[0] < 0.1) and accuracy(w, X, y) == accuracy(length * w, X, y)


def _sigmoid(z):
    return _notebook()["sigmoid"](z)


def the_weights_are_near_the_trained(start):
    return np.linalg.norm(_path(0, "bce", start, 0.1)[-1] - TRAINED) < 0.5


def a_lower_threshold_trades_mistakes(first, threshold):
    X, y = _photos(first)[1]
    probability = _sigmoid(X @ _path(first, "bce", BAD, 0.1)[-1])
    missed, alarms = ([np.sum((probability >= t) & (y == 0)) if kind else np.sum((probability < t) & (y == 1))
                       for t in (0.5, threshold)] for kind in (0, 1))  # fmt: skip
    return missed[1] < missed[0] and alarms[1] > alarms[0]


def a_threshold_reaches_the_target():
    features, y = _features()[0], _features()[1][200:2200]
    scaled = (features[200:2200] - features[:200].mean(axis=0)) / features[:200].std(axis=0)
    labels = [_sigmoid(scaled @ TRAINED[:2] + TRAINED[2]) >= threshold for threshold in np.arange(101) / 100]
    return any(np.sum(~label[y == 1]) <= 15 and np.sum(label[y == 0]) <= 150 for label in labels)


CLAIMS = [
    Claim("We start with ankle boots (label 1) and sandals", there_are_12_000),
    Claim("On average, boots are brighter than sandals", boots_are_brighter_and_more_symmetric, SETS),
    Claim("But the two clouds overlap", no_line_separates, SETS),
    Claim("Remember your number of mistakes", a_hand_can_reach_8),
    Claim("The logistic sigmoid is nowhere completely flat", lambda z: 0 < p(z) < 1 and p(0) == 0.5, {"z": (-30, -1, 0, 1, 30)}),
    Claim("So if class 1 has the probability", lambda z: np.isclose(p(z) + p(-z), 1), {"z": (-9, 0.5, 4)}),
    Claim("This ratio is called the *odds*", lambda: Fraction(3, 4) / Fraction(1, 4) == 3),
    Claim("It also tells us what a weight means", the_odds_are_multiplied, {"z": (-3, 0, 2), "w": (-1, 0.5, 3)}),
    Claim("float64 cannot store numbers above about", float64_ends),
    Claim("Just above 1, neighbouring numbers", neighbours_of_1),
    Claim("Trap: in float64, σ(37) is exactly 1.0.", lambda z: p(z) == 1 and p(36) < 1, {"z": (37, 40, 100)}),
    Claim("Where a tiny $1 - p$ matters", lambda z: 0 < 1 / (1 + np.exp(z)) < 1e-15, {"z": (37, 100, 700)}),
    Claim("The check accepts an error of 1 % up to", slope_is_accurate, {"z": (-30, 20, 25, 30)}),
    Claim("The slope is nowhere above 1/4", a_fourteenth),
    Claim("The slope is nowhere above 1/4", never_steeper, {"step": (0.01, 0.1, 1.0)}),
    Claim("Ten such factors in a row", lambda: Fraction(1, 4) ** 10 < Fraction(1, 10**6)),
    Claim("Look at the predictions of your model for the weights", the_weights_are_near_the_trained,
          {"start": (BAD, ZERO, (1.0, 1.0, 0.0))}),
    Claim("These weights, close to the trained ones, make 12 mistakes", these_weights_make_12_mistakes),
    Claim("The best line makes only 8", the_best_line_makes_8),
    Claim("Here is the riddle: why does training not find the best line?", the_trained_line_makes_more_mistakes,
          SETS | {"start": (BAD, ZERO, (1.0, 1.0, 0.0)), "lr": (0.1, 1.0, 3.0)}),
    Claim("With $3\\mathbf{w}$, the model makes the same mistakes", longer_is_confident_and_wrong, SETS | LENGTHS),
    Claim("With the slider, you can look for one", a_threshold_reaches_the_target),
    Claim("A lower threshold misses fewer boots", a_lower_threshold_trades_mistakes,
          SETS | {"threshold": (0.1, 0.25, 0.33)}),
]  # fmt: skip

SETTINGS = (
    "Write a sigmoid that is correct",
    "Our inputs are two features",
    "Goodfellow, Bengio and Courville",
    "We take the first 200",
    "Both are scaled to mean 0",
    "A third column of",
    "Now move the line until",
    "In the right panel, each photo is a bead",
    "Compare the thresholds 0.5 and 0.1",
    "The logit",
    "In float64, NumPy's usual number type",
    "Numbers very close to 0",
    "You can search with code",
    "You will find the answer in notebook 2",
    "Notebook 2 is about the price of that",
    "Beyond ±4 (shaded)",
    "Even our single",
    "For one example, the model is",
    "Return the probability of class 1",
    "Here, $\\hat{y}$ is a label",
    "Compute the labels, with",
    "If both cost the same",
    "Hastie",
    "Label 1 is a chihuahua",
    "Would you choose 0.5",
    "$\\sigma$ squashes the logit",
    "The threshold 0.5 is a good choice",
    "Here you may subtract $p$ from 1",
)
