"""The empirical sentences of `bce`."""

import functools

import numpy as np

from lectrain import data

from .claim import Claim
from .notebook import solved

PHOTOS = (0, 200, 400, 600)
"""The first of the 200 photos. Those from 0 on are the notebook's."""
SETS = {"first": PHOTOS}
MORE_SETS = {"first": range(0, 2000, 200)}
ZERO, BAD, FAR = (0.0, 0.0, 0.0), (-5.0, -5.0, 0.0), (-20.0, -20.0, 0.0)
CELLS = "setup", "sigmoid-solution", "mse-loss", "mse-grad-solution", "gradient-descent-solution", "p-after"


@functools.cache
def _notebook():
    return solved("bce", *CELLS, "bce-from-probs-solution", "bce-with-logits-solution", "bce-grad-solution")


@functools.cache
def _features():
    """Brightness and symmetry, not yet standardized, and the labels of sandals and ankle boots."""
    images, classes = data.load_fashion_mnist()
    chosen = np.flatnonzero(np.isin(classes, (5, 9)))
    photos = images[chosen] / 255
    brightness = photos.mean(axis=(1, 2))
    difference = np.abs(photos - photos[:, ::-1]).mean(axis=(1, 2))
    return np.column_stack([brightness, -difference / brightness]), (classes[chosen] == 9).astype(int)


@functools.cache
def _photos(first, n=200):
    """As `two_classes`, beginning with another photo, and 2000 later photos in the same units."""
    features, labels = _features()
    own, new = slice(first, first + n), slice(2000 + first, 4000 + first)
    mean, std = features[own].mean(axis=0), features[own].std(axis=0)
    return [
        (np.column_stack([(features[rows] - mean) / std, np.ones(len(labels[rows]))]), labels[rows])
        for rows in (own, new)
    ]


def accuracy(w, X, y):
    return np.mean((X @ w >= 0) == y)


@functools.cache
def _accuracies(first, loss, start, lr, num_steps=2000):
    X, y = _photos(first)[0]
    return np.array([accuracy(w, X, y) for w in _path(first, loss, start, lr, num_steps)])


@functools.cache
def _path(first, loss, start, lr, num_steps=2000):
    (X, y), gradient = _photos(first)[0], _notebook()[f"{loss}_grad"]
    return _notebook()["gradient_descent"](lambda w: gradient(w, X, y), np.array(start), lr, num_steps)


# --- parts 1 to 3 -----------------------------------------------------------------------------------------------


@functools.cache
def _lines(first):
    """Lines with weights in steps of 0.1, as the explorable of `sigmoid` has them, and their mistakes."""
    steps = np.round(np.arange(-3, 3.05, 0.1), 1)
    lines = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    X, y = _photos(first)[0]
    return lines, np.sum((X @ lines.T >= 0) != y[:, None], axis=0)


def a_hand_can_reach_8():
    return _lines(0)[1].min() == 8


def one_step_is_enough(first, lr):
    reached = _accuracies(first, "mse", ZERO, lr, 10)
    return 0.4 < reached[0] < 0.6 and reached[1] > 0.9


def gradient_of_one(z):
    return abs(_notebook()["mse_grad"](np.array([float(z)]), np.array([[1.0]]), np.array([0]))[0])


def more_wrong_and_flatter(z):
    """The loss is larger farther out, and the gradient vanishes as exp(-z)."""
    return gradient_of_one(1) / gradient_of_one(z) > 3000


def a_bad_start_has_a_short_gradient(first):
    (X, y), gradient = _photos(first)[0], _notebook()["mse_grad"]
    at_zero, at_bad = (np.linalg.norm(gradient(np.array(w), X, y)) for w in ((0.0, 0.0, 0.0), BAD))
    return at_zero > 20 * at_bad and accuracy(np.array(BAD), X, y) < 0.1


def it_hardly_changes(first, lr):
    reached = _accuracies(first, "mse", BAD, lr)
    return abs(reached[-1] - reached[0]) < 0.01


# --- parts 4 and 5 ----------------------------------------------------------------------------------------------


def the_share_is_the_best_p(boots, n):
    p = np.linspace(0.001, 0.999, 999)
    return np.isclose(p[np.argmax(boots * np.log(p) + (n - boots) * np.log(1 - p))], boots / n)


def the_first_ten_are_four_boots():
    return np.sum(_photos(0)[0][1][:10]) == 4


def a_product_of_2000_is_0(p):
    return p**2000 == 0 and np.isfinite(2000 * np.log(p))


def one_term_is_always_0(p, y):
    return np.isclose(_notebook()["bce_from_probs"](np.array([p]), np.array([y])), -np.log(p if y else 1 - p))


def from_p_the_information_is_lost(z):
    return _notebook()["sigmoid"](np.array(float(z))) == _notebook()["sigmoid"](np.array(1000.0)) == 1


def from_logits(z, y):
    return _notebook()["bce_with_logits"](np.array([float(z)]), np.array([y]))


def from_p(z, y):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-float(z)))
        return -np.sum([y, 1 - y] * np.log([p, 1 - p]))


def computed_from_p_it_breaks(z):
    return from_p(z, 0) == np.inf and from_logits(z, 0) == z and np.isnan(from_p(z, 1)) and from_logits(z, 1) < 1e-15


def clipped(z, y):
    p = np.clip(_notebook()["sigmoid"](np.array([float(z)])), 1e-7, 1 - 1e-7)
    return _notebook()["bce_from_probs"](p, np.array([y]))


def slope(loss, z, h=1e-3):
    """The slope of a loss with label 0."""
    return (loss(z + h, 0) - loss(z - h, 0)) / (2 * h)


def clipping_makes_a_plateau(z):
    """It pushes as the log-loss up to about 16, although the MSE does not, and then not at all."""
    if z < 16:
        return np.isclose(slope(clipped, z), slope(from_logits, z), rtol=1e-2) and gradient_of_one(z) < 1e-3
    return slope(clipped, z) == 0 and gradient_of_one(z) > 0


def training_with_the_clipped_loss_can_stall(first, lr):
    """From (-50, -50, 0), where most of the photos are on the plateau."""
    X, y = _photos(first)[0]

    def gradient(w):
        p = _notebook()["sigmoid"](X @ w)
        return X.T @ np.where((p > 1e-7) & (p < 1 - 1e-7), p - y, 0) / len(y)

    end = _notebook()["gradient_descent"](gradient, np.array([-50.0, -50.0, 0.0]), lr, 2000)[-1]
    return accuracy(end, X, y) < 0.9


# --- part 6 -----------------------------------------------------------------------------------------------------


def only_the_log_loss_moves(first, lr):
    log_loss, mse = _accuracies(first, "bce", BAD, lr), _accuracies(first, "mse", BAD, lr)
    return np.argmax(log_loss > 0.9) < 100 * 0.1 / lr and abs(mse[-1] - mse[0]) < 0.01


def longer_steps_rescue_mse(first):
    needed = np.argmax(_accuracies(first, "mse", BAD, 100) >= 0.9)
    return needed == 11 if first == 0 else 5 < needed < 30


def mse_ends_as_accurate_as_the_log_loss(first, lr):
    return abs(_accuracies(first, "mse", BAD, lr)[-1] - _accuracies(first, "bce", BAD, 0.1)[-1]) < 0.02


def farther_out_mse_needs_a_larger_rate(first, lr):
    log_loss = np.argmax(_accuracies(first, "bce", FAR, 1.0, 200) >= 0.9)
    return (
        _accuracies(first, "mse", FAR, lr).max() < 0.9 <= _accuracies(first, "mse", FAR, 10_000).max()
        and 20 < log_loss < 40
    )


def log_loss(w, X, y):
    return _notebook()["bce_with_logits"](X @ w, y)


def training_ends_with_11(start):
    return np.isclose(_accuracies(0, "bce", start, 0.1)[-1], 1 - 11 / 200)


def the_trained_line_has_the_lower_loss(first):
    """Even if each line drawn by hand gets its best length."""
    (X, y), lines = _photos(first)[0], _lines(first)
    best = lines[0][lines[1] == lines[1].min()]
    trained = _path(first, "bce", BAD, 0.1)[-1]
    return np.sum((X @ trained >= 0) != y) >= lines[1].min() and log_loss(trained, X, y) < min(
        log_loss(length * line, X, y) for line in best for length in (0.5, 1, 2, 3, 4, 5)
    )


RATES = {"lr": (0.03, 0.05, 0.1)}


def longer_weights_lower_the_loss(seed, factor):
    """For the labels that a line gives to random points."""
    rng = np.random.default_rng(seed)
    X, w = rng.normal(size=(30, 3)), rng.normal(size=3)
    sign = np.where(X @ w > 0, 1, -1)
    return np.logaddexp(0, -sign * (X @ (factor * w))).mean() < np.logaddexp(0, -sign * (X @ w)).mean()


CLAIMS = [
    Claim("In notebook 1 you moved a line by hand", a_hand_can_reach_8,
          also=("In notebook 1 your hand could reach 8",)),
    Claim("On these 200 photos, the very first step takes the accuracy from one half to well above 0.9", one_step_is_enough,
          {**SETS, "lr": (0.001, 0.1, 1.0, 100.0)}),
    Claim("At $z = 10$ the model is much more wrong than at", more_wrong_and_flatter, {"z": (10, 12, 15, 20)}),
    Claim("Nearly all photos are on the wrong side", a_bad_start_has_a_short_gradient, MORE_SETS),
    Claim("After 2000 steps with a rate of 0.1, the accuracy has hardly changed.", it_hardly_changes, SETS | RATES),
    Claim("The best $p$ of your second prediction is 0.4", the_share_is_the_best_p,
          {"boots": (1, 4, 7), "n": (8, 10, 20)}),
    Claim("The best $p$ of your second prediction", the_first_ten_are_four_boots),
    Claim("We take the logarithm because the likelihood of 2000 labels", a_product_of_2000_is_0,
          {"p": (0.3, 0.5, 0.65)}),
    Claim("One formula covers both labels", one_term_is_always_0, {"p": (0.1, 0.5, 0.9)}, {"y": (0, 1)}),
    Claim("On paper, $p$ never reaches 0 or 1", from_p_the_information_is_lost,
          {"z": (37, 40, 100)},
          also=("From $p$ you cannot even tell",)),
    Claim("For $|z| = 1000$ it is exactly 1000", lambda z: from_logits(z, 0) == z and from_logits(z, 1) == 0,
          {"z": (800, 1000, 1e6)}),
    Claim("Then the formula that you have just written breaks", computed_from_p_it_breaks, {"z": (40, 100, 1000)}),
    Claim("The clipped loss never gets above", lambda z: clipped(z, 0) <= -np.log(1e-7) * 1.001 < 16.2,
          {"z": (10, 17, 40, 1000)}),
    Claim("It begins farther out than that of the MSE", clipping_makes_a_plateau,
          {"z": (8, 10, 12, 15, 16.2, 17, 20, 30)}),
    Claim("So this harmless-looking line brings back a plateau", training_with_the_clipped_loss_can_stall,
          SETS | {"lr": (0.1, 0.3, 1.0)}),
    Claim("At the same rate of 0.1, training with the log-loss", only_the_log_loss_moves,
          SETS | {"lr": (0.05, 0.07, 0.1)}),
    Claim("With `lr = 100`, MSE does catch up", longer_steps_rescue_mse, SETS),
    Claim("With `lr = 100`, MSE does catch up", mse_ends_as_accurate_as_the_log_loss,
          MORE_SETS | {"lr": (10, 30, 100)}),
    Claim("A large rate does not always save MSE, however: from $(-20, -20, 0)$", farther_out_mse_needs_a_larger_rate, SETS | {"lr": (30, 100, 300)}),
    Claim("In notebook 1 your hand could reach 8", training_ends_with_11,
          {"start": (BAD, ZERO, (1.0, 1.0, 0.0))}),
    Claim("If a line separates the classes, multiplying its weights", longer_weights_lower_the_loss,
          {"seed": (0, 1, 2)}, {"factor": (1.01, 2, 30)}),
    Claim("By this measure the trained weights are better", the_trained_line_has_the_lower_loss, SETS),
]  # fmt: skip

SETTINGS = (
    "Copy your `sigmoid` from notebook 1",
    "As in notebook 1, the two features",
    "You derived it in notebook 1.",
    "Training stalls if",
    "Now all 200 photos",
    "Nielsen",
    "The model claims that the label is 1",
    "Line 1 is the probability",
    "For a coin you get the log-loss",
    "Compute the log-loss for probabilities",
    "Find a logit",
    '5, "y":',
    "0}`.",
    "Mächler",
    "Look again at what happened",
    "The softmax model of notebook 3",
    "What remains in line 6",
    "Compute the gradient of the mean log-loss",
    "Start from the bad weights of part 3",
    "A ball has arrived when",
    "Watch the two balls in their landscapes",
    "Bishop",
    "Keep the exponential at most 1",
)
