"""The empirical sentences of `fashion_mnist`."""

import functools

import numpy as np

from lectrain import data

from . import fashion_mnist_grid
from .claim import Claim
from .fashion_mnist_grid import (
    EPOCHS,
    FOLDS,
    OTHER_ENDS,
    READ_ORDERS,
    READ_RATES,
    READINGS,
    SHORT,
    TRAININGS,
    notebook,
    pictures,
)

TSHIRT, TROUSER, PULLOVER, COAT, SHIRT, BAG = 0, 1, 2, 4, 6, 8
TOPS = [TSHIRT, PULLOVER, COAT, SHIRT]
ENDS = {"training": range(-1, len(TRAININGS)), "until": range(len(EPOCHS))}
"""Trainings with all pictures, and when they end. The training -1 is that of the notebook, whose weights are stored."""
HELD_OUT = {"fold": range(-1, len(FOLDS))}
"""Training and validation pictures, and slices. The fold -1 is the notebook's."""


@functools.cache
def _end(training, until):
    """The numbers of `describe`, by name."""
    stored = fashion_mnist_grid.ends()[training, until] if training >= 0 else _of_the_notebook()
    confusion, counts, errors, between_legs = np.split(stored, (100, 114, 120))
    return {
        "confusion": confusion.reshape(10, 10),
        "counts": counts.reshape(7, 2),
        "errors": errors,
        "between_legs": between_legs[0],
    }


def _other_ends(kind):
    """Of each training of this kind, the confusion matrix, the accuracy and the mean probability of a prediction."""
    ends = fashion_mnist_grid.other_ends()[list(OTHER_ENDS).index(kind)]
    confusions = ends[:, :100].reshape(-1, 10, 10)
    return [
        {"confusion": C, "accuracy": np.trace(C) / 10_000, "certainty": end[-1]}
        for C, end in zip(confusions, ends, strict=True)
    ]


@functools.cache
def _of_the_notebook():
    return fashion_mnist_grid.describe(data.load_stored("03-softmax/fashion-weights"))


@functools.cache
def _validation(fold):
    """The accuracies of the three rates after each epoch."""
    if fold < 0:
        return data.load_stored("03-softmax/fashion-validation")
    return fashion_mnist_grid.validations()[:, fold]


# --- parts 1 and 2 ----------------------------------------------------------------------------------------------


def without_scaling_a_step_is_too_long(lr, first):
    """A step reduces the loss of its own rows with scaled pixels, and multiplies it by more than ten without."""
    (X, labels), losses = (part[first : first + 1000] for part in pictures()), []
    for rows in (X, X * np.append(np.full(784, 255), 1)):
        W = notebook()["in_slices"](np.zeros((785, 10)), rows, labels, lr, 1000, 1)
        losses.append(notebook()["cross_entropy"](rows @ W, labels))
    return losses[0] < np.log(10) and losses[1] > 10 * np.log(10)


def a_slice_knows_roughly_where_to_go(first):
    """Its gradient at the start is within 45° of that of all pictures, for less work."""
    (X, labels), W = pictures(), np.zeros((785, 10))
    own = notebook()["softmax_grad"](W, X[first : first + 128], labels[first : first + 128])
    cosine = np.sum(own * _full_gradient()) / np.linalg.norm(own) / np.linalg.norm(_full_gradient())
    return cosine > np.sqrt(0.5) and round(60_000 / 128) == 469


@functools.cache
def _full_gradient():
    return notebook()["softmax_grad"](np.zeros((785, 10)), *pictures())


def the_classes_are_mixed(size):
    labels = pictures()[1]
    shares = [np.bincount(labels[i : i + size], minlength=10) / size for i in range(0, 60_000 - size, size)]
    return np.max(shares) < 1 / 3


def all_classes_are_equally_probable(first):
    X, labels = (part[first : first + 100] for part in pictures())
    return np.isclose(notebook()["cross_entropy"](X @ np.zeros((785, 10)), labels), np.log(10))


def more_steps_get_further(setting):
    """The loss of the slices of 128 is lower than that of all rows at once by more than 0.5."""
    whole, thousand, small = fashion_mnist_grid.slices()[setting]
    return small < thousand < whole and 5 * len(range(0, 10_000, 128)) == 395 and whole - small > 0.5


def long_steps_do_not_catch_up(setting, lr):
    """Five steps of all 10 000 rows, with a rate of their own, end above the slices of 128 with the notebook's rate."""
    first, _, num_epochs = SHORT[setting]
    return fashion_mnist_grid.short(first, lr, num_epochs, 10_000) > fashion_mnist_grid.slices()[setting, 2] + 0.2


def a_tenth_of_the_rate_is_slow(fold):
    """The rate in between needs three epochs at most for what the smallest reaches in eight."""
    small, middle, _ = _validation(fold)
    return middle[0] < small[7] <= middle[2] + 0.002


def a_large_rate_jumps(fold):
    """It falls by more than 0.01 from one epoch to the next, and the rate in between does not."""
    _, middle, large = _validation(fold)
    return np.diff(large).min() < -0.01 < np.diff(middle).min()


def it_jumps_less_than_larger_rates(first, order, lr):
    """The standard deviation of the readings in the last four epochs."""
    place = sorted({first for first, _ in FOLDS}).index(first), READ_ORDERS.index(order), slice(-4 * READINGS, None)
    middle, larger = (fashion_mnist_grid.all_readings()[READ_RATES.index(rate)][place].std() for rate in (0.1, lr))
    return 0.001 < middle < larger / 2


# --- parts 3 and 4 ----------------------------------------------------------------------------------------------


def five_of_six(training, until):
    accuracy = np.trace(_end(training, until)["confusion"]) / 10_000
    return abs(accuracy - 5 / 6) < 0.025 and (training >= 0 or round(accuracy, 3) == 0.843)


def the_trouser_has_a_line(training, until):
    return _end(training, until)["between_legs"] < 0


def the_weights_add_up_to_zero(size):
    X, labels = (part[:1000] for part in pictures())
    W = notebook()["in_slices"](np.zeros((785, 10)), X, labels, 0.1, size, 3)
    return np.allclose(W.sum(axis=1), 0) and np.abs(W).max() > 0.01


def trousers_are_easy_and_shirts_are_hard(training, until):
    right = np.diag(_end(training, until)["confusion"])
    ours = training >= 0 or (right[TROUSER] == 954 and right[SHIRT] == 549)
    return ours and right.argmin() in TOPS and right.min() < 750 and right[TROUSER] > 930


def shirts_change_by_hundreds(kind):
    """From one of these trainings to another, or to the notebook's; the trousers stay easy, and the pair is of tops."""
    confusions = [end["confusion"] for end in _other_ends(kind)]
    shirts, trousers = ([549 if k == SHIRT else 954, *(C[k, k] for C in confusions)] for k in (SHIRT, TROUSER))
    worst = [np.unravel_index(np.triu(C + C.T, 1).argmax(), C.shape) for C in confusions]
    return np.ptp(shirts) > 100 and min(trousers) > 900 and all({*pair} <= {*TOPS} for pair in worst)


def similar_outlines(training, until):
    C = _end(training, until)["confusion"]
    errors = C - np.diag(np.diag(C))
    return errors[np.ix_(TOPS, TOPS)].sum() > errors.sum() / 2


def pullover_and_coat(training, until):
    C = _end(training, until)["confusion"]
    pairs = np.triu(C + C.T, 1)
    ours = training >= 0 or (C[PULLOVER, COAT] == 152 and C[COAT, PULLOVER] == 94)
    worst = np.unravel_index(pairs.argmax(), pairs.shape)
    return ours and worst in ((PULLOVER, COAT), (PULLOVER, SHIRT))


def with_fewer_pictures_it_is_a_pair_of_tops(first, lr):
    C = fashion_mnist_grid.describe(_few(first, lr))[:100].reshape(10, 10)
    pairs = np.triu(C + C.T, 1)
    return set(np.unravel_index(pairs.argmax(), pairs.shape)) <= set(TOPS)


@functools.cache
def _few(first, lr):
    """The weights after 15 epochs with 1000 pictures."""
    X, labels = (part[first : first + 1000] for part in pictures())
    return notebook()["in_slices"](np.zeros((785, 10)), X, labels, lr, 128, 15)


def a_sneaker_comes_first(training, until):
    errors = _end(training, until)["errors"]
    return errors[0] == fashion_mnist_grid.SNEAKER and errors[3] > 0.99


def two_shirts_are_called_bags(training, until):
    return np.all(_end(training, until)["errors"][-2:] > 0.9)


def at_the_edge_they_look_like_bags(columns):
    """Without the outer columns on each side, bag becomes less probable, and none of the two errors stays."""
    images = pictures("test")[0][list(fashion_mnist_grid.SHIRTS_LIKE_BAGS)]
    black = images.copy()
    black[:, :784].reshape(2, 28, 28)[..., np.r_[:columns, 28 - columns : 28]] = 0
    before, after = (notebook()["softmax"](X @ data.load_stored("03-softmax/fashion-weights")) for X in (images, black))
    return np.all(after[:, BAG] < before[:, BAG] - 0.5) and BAG not in after.argmax(axis=1)


def it_boasts(kind):
    return all(end["certainty"] > end["accuracy"] + 0.04 for end in _other_ends(kind))


def it_is_timid(training):
    end = _other_ends("stopped early")[training]
    return end["certainty"] < end["accuracy"] - 0.04


def the_probabilities_are_honest(training, until):
    """In each interval, the share of right predictions is that of the middle of the interval, up to 0.09."""
    counts = _end(training, until)["counts"]
    shares, middles = counts[:, 1] / counts[:, 0], np.array(fashion_mnist_grid.LOWS) + 0.05
    ours = training >= 0 or (round(100 * shares[3]) == 63 and round(100 * shares[6]) == 98)
    return ours and np.abs(shares - middles).max() < 0.09


# --- part 5 -----------------------------------------------------------------------------------------------------


@functools.cache
def _with_columns(seed, lr, size):
    """The weights of a training with shuffled columns, or with those in place, and their accuracy."""
    columns = np.arange(785) if seed is None else _column_order(seed)
    (X, labels), (X_new, labels_new) = pictures(), pictures("test")
    W = notebook()["in_slices"](np.zeros((785, 10)), X[:1000, columns], labels[:1000], lr, size, 3)
    return W, notebook()["accuracy"](W, X_new[:2000, columns], labels_new[:2000])


def _column_order(seed):
    return np.append(np.random.default_rng(seed).permutation(784), 784)


def shuffling_changes_nothing(seed, lr, size):
    (W, share), (W_shuffled, share_shuffled) = (_with_columns(which, lr, size) for which in (None, seed))
    return share == share_shuffled and np.abs(W_shuffled - W[_column_order(seed)]).max() < 1e-12


CLAIMS = [
    Claim("We divide the grey levels by 255", without_scaling_a_step_is_too_long,
          {"lr": (0.03, 0.05, 0.1), "first": (0, 20_000, 40_000)}),
    Claim("Yet at the start, 128 of them already know roughly where to go", a_slice_knows_roughly_where_to_go,
          {"first": (0, 1280, 30_000, 59_000)}),
    Claim("The slides call such a slice a *mini-batch*", the_classes_are_mixed, {"size": (64, 128, 256)}),
    Claim("Try it with 10 000 pictures and five epochs", all_classes_are_equally_probable,
          {"first": (0, 100, 30_000)}),
    Claim("All three runs looked at every picture five times", more_steps_get_further, {"setting": range(len(SHORT))}),
    Claim("A rough direction now is worth more", long_steps_do_not_catch_up,
          {"setting": (0, 1, 2), "lr": (0.1, 0.2, 0.3, 0.5, 1)}),
    Claim("The smallest rate is too cautious", a_tenth_of_the_rate_is_slow, HELD_OUT,
          also=("With the rate in between, the accuracy rises",)),
    Claim("The largest rate has the opposite fault", a_large_rate_jumps, HELD_OUT,
          also=("With the rate in between, the accuracy rises",)),
    Claim("If you measured more often, or shuffled the rows, it would jump a little, too", it_jumps_less_than_larger_rates,
          {"first": sorted({first for first, _ in FOLDS}), "order": READ_ORDERS}, {"lr": (0.3, 1.0)}),
    Claim("Its test accuracy is 0.843", five_of_six, ENDS),
    Claim("Nobody described a trouser", the_trouser_has_a_line, ENDS),
    Claim("They show what *distinguishes*", the_weights_add_up_to_zero, {"size": (50, 128, 1000)}),
    Claim("The model recognizes 954 of 1000 trousers", trousers_are_easy_and_shirts_are_hard, ENDS),
    Claim("Most of its errors are between clothes with similar outlines", similar_outlines, ENDS),
    Claim("The pair that it confuses most often", pullover_and_coat, ENDS),
    Claim("The pair that it confuses most often", with_fewer_pictures_it_is_a_pair_of_tops,
          {"first": (0, 20_000, 40_000), "lr": (0.05, 0.1, 0.2)}),
    Claim("With other settings, the number of recognized shirts can change by hundreds", shirts_change_by_hundreds,
          {"kind": list(OTHER_ENDS)}),
    Claim("The first picture has the label sneaker", a_sneaker_comes_first, ENDS),
    Claim("The two T-shirts that it calls bags", two_shirts_are_called_bags, ENDS),
    Claim("They reach almost from one side of the photo to the other", at_the_edge_they_look_like_bags, {"columns": (4, 5, 6)}),
    Claim("Large networks, however, often boast, and so does this model after long steps", it_boasts,
          {}, {"kind": ("long steps", "few pictures")}),
    Claim("Stopped after one epoch, it is timid", it_is_timid, {"training": range(3)}),
    Claim("Of the predictions with a probability between 0.6 and 0.7", the_probabilities_are_honest, ENDS),
    Claim("The model recognizes the clothes in this noise", shuffling_changes_nothing,
          {"seed": (541, 1, 2), "lr": (0.05, 0.1, 0.2), "size": (64, 128, 256)}),
    Claim("So training finds the same weights", shuffling_changes_nothing,
          {"seed": (3, 4, 5), "lr": (0.03, 0.05, 0.1), "size": (100, 200, 1000)}),
]  # fmt: skip

SETTINGS = (
    "Reshape to 784 columns",
    "Write the loop of a training",
    "In `iris` you wrote a model",
    "Its formulas hold for every n",
    "Softmax regression does not even see",
    "Return one row per picture",
    "Gradient descent asks all",
    "So we take a step after every slice",
    "So we put the last",
    "The check trains on only 1000 pictures",
    "It wants an accuracy of 0.70",
    "Now train with all",
    "From here on, the text describes",
    "Each of the first 784",
    "Each example adds 1",
    "Use up to 100 examples",
    "A wrong prediction with a probability",
    "These ten are the worst",
    "We shuffle the 784 pixels",
    "These are the first ten",
    "Now train the model on",
    "With a step after every slice",
)
