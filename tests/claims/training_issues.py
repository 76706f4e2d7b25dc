"""The empirical sentences of `training_issues`."""

import functools

import numpy as np

from lectrain import data, mlp

from .claim import Claim
from .notebook import solved

PROBLEMS = (541, 1, 2)
"""Seeds of the circle. The first is that of the notebook."""
FORTY = (2, 0, 1, 3, 4, 5)
"""Seeds of patient D's examples. The first is that of the notebook."""
ORDERS = {"seed": (541, 1, 2)}
THIRTY = (0, 100, 600, 1100)
"""The first of thirty seeds of patient B. The first thirty are those of the notebook."""
BUGS = ("pixels", "labels", "divided")
NETWORKS = {"hidden": (32, 64, 128), "seed": (541, 1, 2)}


@functools.cache
def _notebook():
    cells = "train", "train-xor", "run", "patients", "early-stopping-epoch-solution"
    return solved("training_issues", *cells, "lowest-of-all", "diagnose-solution")


# --- part 1 -----------------------------------------------------------------------------------------------------


@functools.cache
def _photos():
    images, clothes = data.load_fashion_mnist()
    return images[:1000].reshape(1000, -1).astype(np.float32), clothes[:1000]


def _length(theta):
    return np.sqrt(sum(np.sum(A**2) for A in theta))


def _begun(bug, hidden, seed, last):
    """A network, its first weights, all photos, the rows of a tiny batch, and the generator that drew them.

    The notebook has stored numbers, because its code would contain the loss that students write in `flat_minima`.
    """
    X = _photos()[0] if bug == "pixels" else _photos()[0] / 255
    rng, net = np.random.default_rng(seed), mlp.MLP([784, hidden, 10], _loss_head())
    theta = net.init(rng)
    theta[2] *= last  # of the last layer, so that all classes are about equally probable
    return net, theta, X, rng.choice(len(X), 20, replace=False), rng


@functools.cache
def _loss_head():
    return solved("flat_minima", "loss-head-solution")["loss_head"]


def _after_steps(bug, net, theta, X, rng, draw_rows, lr, num_steps):
    """The weights, and the size of the last update over that of the weights."""
    clothes = _photos()[1]
    with np.errstate(all="ignore"):
        for _ in range(num_steps):
            rows = draw_rows()
            labels = rng.permutation(clothes[rows]) if bug == "labels" else clothes[rows]
            rate = lr / len(rows) if bug == "divided" else lr
            update = [rate * A for A in net.gradient(theta, X[rows], labels)[1]]
            theta = [A - change for A, change in zip(theta, update, strict=True)]
        return theta, _length(update) / _length(theta)


@functools.cache
def _first_loss(bug, hidden, seed, last=0.1):
    net, theta, X, _, _ = _begun(bug, hidden, seed, last)
    return net.loss(theta, X, _photos()[1])


@functools.cache
def _tiny_loss(bug, hidden, seed, lr=0.1, num_steps=300, last=0.1):
    """The loss of a tiny batch after some steps."""
    net, theta, X, few, rng = _begun(bug, hidden, seed, last)
    theta, _ = _after_steps(bug, net, theta, X, rng, lambda: few, lr, num_steps)
    with np.errstate(all="ignore"):
        return net.loss(theta, X[few], _photos()[1][few])


@functools.cache
def _update_100(bug, hidden, seed, lr=0.1, batch_size=50):
    """Its size over that of the weights."""
    net, theta, X, _, rng = _begun(bug, hidden, seed, 0.1)
    if bug == "labels":
        for _ in range(300):  # as for the notebook's numbers, for which one generator shuffled the tiny batch before
            rng.permutation(20)
    return _after_steps(bug, net, theta, X, rng, lambda: rng.choice(1000, batch_size, replace=False), lr, 100)[1]


def the_stored_numbers_are_these():
    checks = _first_loss, _tiny_loss, _update_100
    found = [[check(bug, 64, 541) for check in checks] for bug in ("no bug", *BUGS)]
    return np.allclose(found, data.load_stored("04-sgd/issues-bugs"), rtol=0.05, atol=1e-4)


def knows_nothing(bug, hidden, seed, last=0.1):
    return abs(_first_loss(bug, hidden, seed, last) - np.log(10)) < 0.1


def takes_good_steps(bug, hidden, seed, batch_size=50):
    return 1 / 1000 < _update_100(bug, hidden, seed, 0.1, batch_size) < 1 / 50


def passes_all_checks(bug, hidden, seed, batch_size=50):
    network = bug, hidden, seed
    return knows_nothing(*network) and _tiny_loss(*network) < 0.1 and takes_good_steps(*network, batch_size)


def no_bug_escapes_all_checks(bug, hidden, seed):
    return passes_all_checks("no bug", hidden, seed) and not passes_all_checks(bug, hidden, seed)


def raw_pixels_escape_with_tanh(seed):
    """The first loss and the tiny batch with 32 units tanh."""
    _, (W, _, V, _), pixels, few, _ = _begun("pixels", 32, seed, 0.1)
    clothes, loss_head = _photos()[1], _loss_head()
    first, _ = loss_head(np.tanh(pixels @ W) @ V, clothes)
    X, biases = pixels[few].astype(float), [np.zeros(32), np.zeros(10)]
    for _ in range(300):
        A = np.tanh(X @ W + biases[0])
        tiny, dZ = loss_head(A @ V + biases[1], clothes[few])
        dA = (dZ @ V.T) * (1 - A**2)
        W, V = W - 0.1 * X.T @ dA, V - 0.1 * A.T @ dZ
        biases = [biases[0] - 0.1 * dA.sum(axis=0), biases[1] - 0.1 * dZ.sum(axis=0)]
    return abs(first - np.log(10)) < 0.1 and tiny < 0.1


def only_the_tiny_batch_finds_the_division(hidden, seed):
    """With mini-batches of 10."""
    network = "divided", hidden, seed
    return knows_nothing(*network) and _tiny_loss(*network) > 0.5 and 0.7e-3 < _update_100(*network, 0.1, 10) < 2e-3


def raw_pixels_are_found_by_the_first_loss(hidden, last):
    """With last layers of other lengths, too. Without the bug, the loss of the tiny batch is as low as always."""
    first = _first_loss("pixels", hidden, 541, last)
    return first - np.log(10) > 0.2 and _tiny_loss("no bug", hidden, 541, last=last) < 0.1


def raw_pixels_are_found_by_the_tiny_batch(hidden, seed, last):
    """If the last layer starts at almost 0."""
    return knows_nothing("pixels", hidden, seed, last) and _tiny_loss("pixels", hidden, seed, last=last) > 1


def raw_pixels_silence_the_units(hidden, seed):
    """After the first few updates, at least nine of ten units are 0 for all photos, and the updates have become tiny."""
    net, theta, pixels, _, rng = _begun("pixels", hidden, seed, 0.1)
    theta, _ = _after_steps("pixels", net, theta, pixels, rng, lambda: rng.choice(1000, 50, replace=False), 0.1, 10)
    silent = ~(pixels @ theta[0] + theta[1] > 0).any(axis=0)
    return silent.mean() >= 0.9 and _update_100("pixels", hidden, seed) < 1e-4


def shuffled_labels_are_found_by_the_tiny_batch(hidden, seed):
    return knows_nothing("labels", hidden, seed) and _tiny_loss("labels", hidden, seed) > 1


def a_divided_gradient_is_found_by_its_size(hidden, seed):
    return knows_nothing("divided", hidden, seed) and 0.5e-4 < _update_100("divided", hidden, seed) < 2e-4


def a_small_rate_looks_the_same(hidden, seed, lr):
    """As a gradient that is divided twice: the first check is passed, the third is not."""
    return knows_nothing("no bug", hidden, seed) and _update_100("no bug", hidden, seed, lr) < 1 / 1000


def an_update_is_at_most_a_tenth(hidden, lr, batch_size):
    """With high rates or small batches, while the tiny batch is still learned."""
    is_short = 1 / 1000 < _update_100("no bug", hidden, 541, lr, batch_size) < 1 / 10
    return is_short and _tiny_loss("no bug", hidden, 541, lr) < 0.1


def a_short_step_gets_there_slowly(hidden, seed, lr):
    """An update is shorter than a thousandth of the weights. The tiny batch is not learned in 300 steps, but later."""
    network = "no bug", hidden, seed, lr
    tiny, late = (_tiny_loss(*network, num_steps) for num_steps in (300, round(15 / lr)))
    return _update_100(*network) < 1 / 1000 and tiny > 0.2 and late < 0.1


def zero_weights_hide_a_small_rate(lr, batch_size, k, seed=541):
    """Softmax regression from 0: update k is about a k-th of the weights, which is in the usual range."""
    pixels, clothes = _photos()
    X, Y = np.column_stack([pixels / 255, np.ones(1000)]), np.eye(10)[clothes]
    rng, W = np.random.default_rng(seed), np.zeros((785, 10))
    for _ in range(k):
        rows = rng.choice(1000, batch_size, replace=False)
        exps = np.exp(X[rows] @ W)
        update = lr * X[rows].T @ (exps / exps.sum(axis=1, keepdims=True) - Y[rows]) / batch_size
        W = W - update
    ratio = k * np.linalg.norm(update) / np.linalg.norm(W)
    return 0.8 < ratio < 2 and np.mean(np.log(np.exp(X @ W).sum(axis=1)) - np.sum(X @ W * Y, axis=1)) > 0.9


# --- parts 2 and 3 ----------------------------------------------------------------------------------------------


def last_values_mean_nothing_with_jitter(problem, lr, first):
    """With A's validation loss, most seeds look overfitted, although they are not: with a short step, none does.

    The last losses of four seeds differ by more than the smallest loss, too.
    """
    found = {}
    for rate in (lr, 0.02):
        curves = [_losses_of_seeds(problem, rate, range(first, first + 20), of) for of in (problem, problem + 1000)]
        names = [_notebook()["diagnose"](*pair) for pair in zip(*curves, strict=True)]
        spread = np.median(np.ptp(curves[0][:, -1].reshape(5, 4), axis=1))
        found[rate] = names.count("overfitting"), spread / _circle(problem)[2]
    return found[lr][0] > 10 and found[lr][1] > 0.5 and found[0.02][0] == 0 and found[0.02][1] < 0.1


def moderate_jitter_looks_stopped_early(problem, lr):
    """With some seeds of patient A, although all training losses fluctuate about their floor."""
    losses = _losses_of_seeds(problem, lr, range(100), problem)
    names = [_notebook()["diagnose"](loss) for loss in losses]
    return names.count("stopped early") >= 5 and np.all(losses[:, 100:300].min(axis=1) < 1.1 * _circle(problem)[2])


def jitter_can_look_diverged(problem, lr):
    """With some seeds of patient A and not with others, although the loss of a long training has no trend."""
    names = [_notebook()["diagnose"](loss) for loss in _losses_of_seeds(problem, lr, range(100), problem)]
    long = _loss(problem, lr, 1, 8000, 1)
    return 0 < names.count("diverged") < 70 and long[4000:].mean() < 1.5 * long[400:4000].mean()


def runs_that_still_fall_are_apart(first, lr):
    """Sixteen units of patient B: after 300 steps the runs look different, and after enough steps all succeed."""
    early, late = (_ends(first, 16, lr, steps) for steps in (300, round(5 / lr)))
    names = [_notebook()["diagnose"](runs[0], runs=runs) for runs in (early, late)]
    return names == ["different every time", "healthy"] and late[:, -1].max() < 0.05


def a_tiny_rate_looks_flat(problem, lr):
    """Patient E is far from the smallest loss, and the last quarter of its curve falls by less than in row 5."""
    loss = _loss(problem, lr, 200, 400)
    return loss[-1] > 4 * _circle(problem)[2] and 0 < loss[300] - loss[-1] < 0.05 * loss[0]


# --- part 4 -----------------------------------------------------------------------------------------------------


@functools.cache
def _circle(problem):
    """Examples, labels and the smallest possible loss."""
    notebook = _notebook()
    X, y = notebook["circle"](problem)
    return X, y, notebook["mse"](np.linalg.lstsq(X, y)[0][None], X, y)[0]


@functools.cache
def _loss(problem, lr, batch_size, num_steps, seed=541, scale=1):
    X, y, _ = _circle(problem)
    with np.errstate(all="ignore"):
        history = _notebook()["train"](scale * X, y, lr, batch_size, num_steps, seed=seed)
        return _notebook()["mse"](history, scale * X, y)


@functools.cache
def _losses_of_seeds(problem, lr, seeds, of):
    """As `_loss` with 400 single examples, for many seeds at once, on the circle `of`: (seeds, 401)."""
    X, y, _ = _circle(problem)
    rows = [np.random.default_rng(seed).integers(len(y), size=400) for seed in seeds]
    w = np.zeros((len(seeds), 2))
    history = [w]
    for i in np.transpose(rows):
        error = np.sum(X[i] * w, axis=1, keepdims=True) - y[i, None]
        w = w - lr * 2 * error * X[i]
        history.append(w)
    all_of = _notebook()["circle"](of)
    return np.array([_notebook()["mse"](of_seed, *all_of) for of_seed in np.swapaxes(history, 0, 1)])


def _jumps(problem, seed, lr, num_steps=400):
    """The mean jump in the second half of the steps."""
    return np.abs(np.diff(_loss(problem, lr, 1, num_steps, seed)[num_steps // 2 :])).mean()


def jumps_shrink_to_less_than_half(problem, seed, lr, num_steps=400):
    return 0.2 < _jumps(problem, seed, lr / 2, num_steps) / _jumps(problem, seed, lr, num_steps) < 0.5


def short_steps_do_not_arrive(problem, seed, lr):
    """There, half the rate makes the measured jumps larger, because the loss still falls."""
    smallest = _circle(problem)[2]
    arrived, late = (_loss(problem, rate, 1, 400, seed)[200:].mean() < 1.2 * smallest for rate in (1 / 32, lr))
    return arrived and not late and _jumps(problem, seed, lr) > _jumps(problem, seed, 2 * lr)


def a_power_of_ten_misses_the_criterion(lr):
    """Of patient A: in the last quarter, its loss is not always low enough."""
    loss, smallest = _loss(PROBLEMS[0], lr, 1, 400), _circle(PROBLEMS[0])[2]
    return loss[300:].max() > 1.1 * smallest and _loss(PROBLEMS[0], 0.02, 1, 400)[300:].max() < 1.1 * smallest


def a_step_overshoots_its_own_example(problem, example):
    X, y, _ = _circle(problem)
    x = X[example]
    error = x @ np.zeros(2) - y[example]
    after = x @ (np.zeros(2) - 2 * error * x) - y[example]
    return error * after < 0


def half_of_the_steps_spoil_the_others(problem, seed):
    X, y, _ = _circle(problem)
    w, rng, spoil = np.zeros(2), np.random.default_rng(seed), []
    for i in rng.integers(len(X), size=400):
        others, before = np.arange(len(X)) != i, w
        w = w - 2 * (X[i] @ w - y[i]) * X[i]
        spoil.append(np.mean((X @ w - y)[others] ** 2) > np.mean((X @ before - y)[others] ** 2))
    return 0.4 < np.mean(spoil) < 0.6


def larger_features_diverge(problem, lr):
    loss = _loss(problem, lr, 200, 6, scale=100)
    factors = loss[2:] / loss[1:-1]
    return np.all(factors > 20) and (lr < 0.1 or np.all((factors > 3e5) & (factors < 6e5)))


def the_curvature_grows_by_the_square(problem, scale):
    curvature = [np.linalg.eigvalsh(X.T @ X)[-1] for X in (_circle(problem)[0], scale * _circle(problem)[0])]
    return np.isclose(curvature[1] / curvature[0], scale**2)


def the_largest_stable_rate_shrinks_by_the_square(problem, scale):
    """Just below 2 / λmax of the smaller features, divided by the square, the loss falls. Just above, it grows."""
    X, y, smallest = _circle(problem)
    limit = 1 / np.linalg.eigvalsh(X.T @ X / len(y))[-1] / scale**2
    below, above = (_loss(problem, factor * limit, 200, 2000, scale=scale) for factor in (0.98, 1.02))
    return below[-1] < 1.01 * smallest and above[-1] > above[0]


def five_times_the_steps_are_not_enough(problem):
    return 1.4 < _loss(problem, 0.001, 200, 2000)[-1] / _circle(problem)[2] < 1.7


def only_the_product_matters(problem, factor):
    short = _loss(problem, 0.001, 200, 400)[-1]
    return np.isclose(_loss(problem, 0.001 * factor, 200, 400 // factor)[-1], short, rtol=0.01)


# --- part 5 -----------------------------------------------------------------------------------------------------


@functools.cache
def _many_features(problem):
    """As `many_features`, with other random numbers."""
    rng = np.random.default_rng(problem)
    w = rng.normal(size=60)
    X = rng.normal(size=(900, 60))
    return X, X @ w / np.linalg.norm(w) + 0.6 * rng.normal(size=900)


@functools.cache
def _validation(problem, num_train, lr=0.05, batch_size=None, num_steps=300, seed=541):
    X, y = _many_features(problem)
    own = X[:num_train], y[:num_train], lr, batch_size or num_train, num_steps
    return _notebook()["mse"](_notebook()["train"](*own, seed=seed), X[400:], y[400:])


def the_examples_are_those_of_the_notebook():
    return all(np.array_equal(a, b) for a, b in zip(_many_features(2), _notebook()["many_features"](), strict=True))


def the_lowest_gets_better_with_more(problem, lr):
    lowest = [_validation(problem, n, lr).min() for n in (20, 40, 80)]
    return the_examples_are_those_of_the_notebook() and np.all(np.diff(lowest) < 0)


def more_examples_can_end_higher(lr, num_steps):
    """In the print-out, patient D ends higher with 40 examples than with 20."""
    few, more = (_validation(FORTY[0], n, lr, num_steps=num_steps)[-1] for n in (20, 40))
    return more > few


@functools.cache
def _parts_of_the_error(problem, lr):
    """The validation errors of the pattern and of the noise, because a linear model fits their sum: two (3001,)."""
    X, y = _many_features(problem)
    w = np.random.default_rng(problem).normal(size=60)
    pattern = X @ w / np.linalg.norm(w)
    return [
        _notebook()["mse"](_notebook()["train"](X[:40], labels[:40], lr, 40, 3000), X[400:], right[400:])
        for labels, right in ((pattern, pattern), (y - pattern, 0 * y))
    ]


def further_steps_fit_more_noise_than_pattern(problem, lr, num_steps):
    """From the step of the lowest validation loss on."""
    best = _validation(problem, 40, lr, num_steps=3000)[: num_steps + 1].argmin()
    pattern, noise = _parts_of_the_error(problem, lr)
    return noise[num_steps] - noise[best] > pattern[best] - pattern[num_steps] > 0


def many_examples_are_no_trouble(problem):
    loss = _validation(problem, 400)
    return loss[-1] < 1.05 * loss.min()


def stopping_in_time_helps(problem, num_steps):
    """The criterion of the exercise, with as many steps as the lowest loss needs, or as few with a lower rate."""
    best = _validation(problem, 40).argmin()
    short = _validation(problem, 40, lr=0.05 * best / num_steps, num_steps=num_steps)
    return short[-1] <= 1.05 * _validation(problem, 40).min()


def patient_D_stops_in_time(num_steps):
    """Whether it meets the criterion after so many steps."""
    loss = _validation(FORTY[0], 40)
    return loss[num_steps] <= 1.05 * loss.min()


def too_short_steps_stop_too_soon(problem, times):
    """The last validation loss is above the limit, and still falls."""
    lowest, loss = _validation(problem, 40).min(), _validation(problem, 40, lr=0.05 / times)
    return loss[-1] > 1.05 * lowest and loss[-1] == loss.min()


def a_cure_of_D_looks_stopped_early(lr):
    """By its training loss. Its validation loss hardly falls any more, unlike that of patient E."""
    curves, lowest = _notebook()["run"]("D", lr=lr), _validation(FORTY[0], 40).min()
    (X, y), (X_new, y_new) = _notebook()["circle"](), _notebook()["circle"](1)
    of_E = _notebook()["mse"](_notebook()["train"](X, y, 0.001, 200, 400), X_new, y_new)
    falls = [(loss[3 * len(loss) // 4] - loss[-1]) / loss[0] for loss in (curves["val_loss"], of_E)]
    found = _notebook()["diagnose"](**curves)
    return curves["val_loss"][-1] < 1.05 * lowest and found == "stopped early" and falls[0] < 0.02 and falls[1] > 0.05


def the_simple_version_agrees():
    losses = [5, 3, 4, 2, 6, 7]
    notebook = _notebook()
    return notebook["lowest_of_all"](losses) == notebook["early_stopping_epoch"](np.array(losses), 2)


def the_example_is_right(patience):
    """Losses after the stop do not matter: training stops `patience` epochs after epoch 1, which is kept."""
    stop, early_stopping_epoch = 1 + patience, _notebook()["early_stopping_epoch"]
    curves = [np.array([5.0, 3, 4, 4, 6])[: stop + 1], np.array([*[5.0, 3, 4, 4, 6][: stop + 1], 0])]
    return [early_stopping_epoch(curve, patience) for curve in curves] == [1, 1]


# --- part 6 -----------------------------------------------------------------------------------------------------


@functools.cache
def _ends(first, hidden, lr, num_steps=300, runs=30):
    with np.errstate(all="ignore"):
        return _notebook()["train_xor"](hidden, lr, num_steps, range(first, first + runs))


def four_values_however_long(first, times):
    short, long = _ends(first, 2, 0.1, 3000)[:, [300, 300 * times]].T
    values = set(short.round(2))
    return values == {0, 0.5, 0.67, 1} and np.array_equal(short.round(2), long.round(2))


def most_do_not_reach_0(first, lr):
    share = np.mean(_ends(first, 2, lr, round(30 / lr), runs=300)[:, -1] < 0.05)
    return 0.3 < share < 0.5


def only_four_values_from_other_starts(first, start):
    """After ten times as many steps, if the first weights have this standard deviation."""
    train_xor = solved("training_issues", "train-xor", replace=("0.7", str(start)))["train_xor"]
    ends = train_xor(2, 0.1, 3000, range(first, first + 30))[:, -1]
    return set(ends.round(2)) <= {0, 0.5, 0.67, 1}


@functools.cache
def _active(first):
    """Which of the two units is active for which example at the end, (30, 4, 2), and the final losses."""
    source = solved("training_issues", "train-xor", replace=("return np.array(losses).T", "return X @ U, losses[-1]"))
    Z, losses = source["train_xor"](2, 0.1, 3000, range(first, first + 30))
    return Z > 0, losses


def stuck_examples_with_different_labels_have_no_unit(first):
    """In all runs that are stuck at 0.5 or 0.67, and in none that succeeds."""
    active, losses = _active(first)
    without = ~active.any(axis=2)  # the labels are -1, 1, 1, -1
    both = without[:, [0, 3]].any(axis=1) & without[:, [1, 2]].any(axis=1)
    stuck = (losses > 0.4) & (losses < 0.8)
    return both[stuck].all() and not both[losses < 0.05].any()


def the_others_are_linear(first):
    """Each unit is active for no example or for all four."""
    active, losses = _active(first)
    per_unit = active[losses > 0.9].sum(axis=1)
    return np.all((per_unit == 0) | (per_unit == 4)) and np.all((per_unit == 0).any(axis=1))


def a_line_can_only_answer_0(scale):
    X, y = scale * np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([-1, 1, 1, -1])
    return np.allclose(np.linalg.lstsq(np.column_stack([X, np.ones(4)]), y)[0], 0)


def more_units_succeed_more_often(first, num_steps):
    shares = [np.mean(_ends(first, hidden, 0.1, 1000, runs=300)[:, num_steps] < 0.05) for hidden in (2, 4)]
    return 0.28 < shares[0] < 0.42 and shares[1] > 0.8


def sixty_four_fail_at(first, lr, num_steps):
    failed = np.mean(~(_ends(first, 64, lr, 1000)[:, num_steps] <= 0.05))
    return failed >= 0.75 if lr == 0.1 else failed == 0


def weights_into_the_units_matter(first, hidden):
    """If those shrank with the width, nearly all would succeed at 0.1. If only those out of them did, fewer would."""
    shares = []
    for text in ("(0, 0.7, (3, hidden))", "(0, 0.7, (hidden, 1))"):
        shorter = text.replace("0.7", str(0.7 * np.sqrt(8 / hidden)))
        train_xor = solved("training_issues", "train-xor", replace=(text, shorter))["train_xor"]
        with np.errstate(all="ignore"):
            shares.append(np.mean(train_xor(hidden, 0.1, 300, range(first, first + 30))[:, -1] <= 0.05))
    return shares[0] > 0.85 and (hidden == 32 or shares[1] < (0.7 if hidden == 64 else 0.15))


CLAIMS = [
    Claim("In these runs, with ReLU and a learning rate of 0.1, none of the bugs escapes all three checks.", the_stored_numbers_are_these),
    Claim("In these runs, with ReLU and a learning rate of 0.1, none of the bugs escapes all three checks.", no_bug_escapes_all_checks,
          NETWORKS, {"bug": BUGS}),
    Claim("In these runs, with ReLU and a learning rate of 0.1, none of the bugs escapes all three checks.",
          lambda bug, batch_size: not passes_all_checks(bug, 32, 541, batch_size),
          {"batch_size": (10, 20, 100)}, {"bug": BUGS[1:]}),  # the first loss finds raw pixels
    Claim("With other units than ReLU, such as tanh, or with a much lower rate and a last layer that starts at almost 0", raw_pixels_escape_with_tanh,
          {"seed": (541, 1, 2)}),
    Claim("With mini-batches of 10 instead of 50", only_the_tiny_batch_finds_the_division, NETWORKS),
    Claim("Our network can learn twenty photos by heart",
          lambda **network: _tiny_loss("no bug", **network) < 0.1, NETWORKS | {"lr": (0.05, 0.1, 0.2)}),
    Claim("A much longer step may destroy what was learned, and much shorter ones may make learning slow",
          a_short_step_gets_there_slowly, {"hidden": (32, 64, 128), "lr": (0.003, 0.006, 0.01)}, {"seed": (541,)}),
    Claim("In our network, good steps take about a thousandth to a fiftieth",
          takes_good_steps, NETWORKS, {"bug": ("no bug",)}),
    Claim("A classifier that knows nothing gives", lambda K: np.isclose(-np.log(1 / K), np.log(K)),
          {"K": (2, 3, 10)}),
    Claim("In our network, good steps take about a thousandth to a fiftieth", an_update_is_at_most_a_tenth,
          {"hidden": (32, 64, 128), "lr": (0.1, 0.2, 0.3), "batch_size": (10, 20, 50)}),
    Claim("In our network, good steps take about a thousandth to a fiftieth", lambda **knobs: an_update_is_at_most_a_tenth(lr=0.1, **knobs),
          {"hidden": (32, 64, 128), "batch_size": (2, 5, 10)}),
    Claim("The raw pixels give themselves away before the first step", lambda hidden, seed: _first_loss("pixels", hidden, seed) > 3 * np.log(10), NETWORKS),
    Claim("The raw pixels give themselves away before the first step or",
          raw_pixels_are_found_by_the_first_loss, {"hidden": (32, 64, 128), "last": (0.01, 0.03, 0.1, 0.3, 1)}),
    Claim("The raw pixels give themselves away before the first step or, if the last layer starts at almost 0, on the tiny batch", raw_pixels_are_found_by_the_tiny_batch,
          NETWORKS | {"last": (0, 0.0003, 0.001)}),
    Claim("(The third number of the pixels is about 0, because the first few updates are so long", raw_pixels_silence_the_units, NETWORKS),
    Claim("The shuffled labels pass the check of the first loss", shuffled_labels_are_found_by_the_tiny_batch, NETWORKS),
    Claim("Only the third number shows how slow", a_divided_gradient_is_found_by_its_size, NETWORKS),
    Claim("A learning rate that is far too small can look like this bug", a_small_rate_looks_the_same,
          {"hidden": (32, 64, 128), "lr": (0.0005, 0.001, 0.002)}, {"seed": (541,)}),
    Claim("So on our photos, with batches of 50 or more", zero_weights_hide_a_small_rate,
          {"lr": (1e-6, 1e-4, 0.002), "batch_size": (50, 100, 200), "k": (50, 100, 200)}),
    Claim("So on our photos, with batches of 50 or more, update 100", zero_weights_hide_a_small_rate,
          {"batch_size": (50, 100, 200), "seed": (1, 2, 3, 4)}, {"lr": (1e-4,), "k": (100,)}),
    Claim("Rows 1, 2, 3 and 5 compare single records, which in a jittery training may be chance",
          moderate_jitter_looks_stopped_early, {"problem": PROBLEMS, "lr": (0.15, 0.2, 0.25)}),
    Claim("Rows 1, 2, 3 and 5 compare single records, which in a jittery training may be chance",
          last_values_mean_nothing_with_jitter,
          {"problem": PROBLEMS, "lr": (0.7, 0.85, 1.0), "first": (0, 100, 541)}),
    Claim("Rows 1, 2, 3 and 5 compare single records, which in a jittery training may be chance",
          jitter_can_look_diverged, {"problem": PROBLEMS, "lr": (1.2, 1.3, 1.4)}),
    Claim("Row 2 also needs runs that have levelled off, because runs that still fall", runs_that_still_fall_are_apart,
          {"first": (0, 100, 1100), "lr": (0.001, 0.0015, 0.002)}),
    Claim("With a far too small rate, a curve can look flat", a_tiny_rate_looks_flat,
          {"problem": PROBLEMS, "lr": (1e-6, 1e-5, 1e-4, 2e-4)}),
    Claim("If all features of a linear model without bias are $c$ times larger, its largest stable rate",
          the_largest_stable_rate_shrinks_by_the_square, {"problem": PROBLEMS, "scale": (1, 2, 5, 10, 100)}),
    Claim("With `lr = 1`, every step overshoots even its own example", a_step_overshoots_its_own_example,
          {"problem": PROBLEMS, "example": (0, 1, 2, 50, 100)}),
    Claim("With `lr = 1`, every step overshoots even its own example, and about half",
          half_of_the_steps_spoil_the_others, {"problem": PROBLEMS, "seed": (0, 1, 2)}),
    Claim("With each halving of A's rate in the print-out, the jumps shrink", jumps_shrink_to_less_than_half,
          {"problem": PROBLEMS, "lr": (1.0, 0.5, 0.25, 0.125, 0.0625), "seed": (541, 1, 2, 3, 4, 5)}),
    Claim("Too short steps do not arrive in time, so try rates between the powers of ten", a_power_of_ten_misses_the_criterion,
          {"lr": (1, 0.1, 0.01, 0.001)}),
    Claim("This goes on as long as the descent is over before the second half.", jumps_shrink_to_less_than_half,
          {"problem": PROBLEMS, "lr": (1 / 32, 1 / 64, 1 / 128), "seed": (541, 1, 2)}, {"num_steps": (4000,)}),
    Claim("This goes on as long as the descent is over before the second half.", short_steps_do_not_arrive,
          {"problem": PROBLEMS, "lr": (1 / 128, 1 / 150, 1 / 200), "seed": (541, 1, 2)}),
    Claim("At `lr = 0.1`, each further step multiplies C's loss by several hundred thousand", larger_features_diverge,
          {"problem": PROBLEMS, "lr": (0.1, 0.01, 0.001)},
          also=("At a hundredth of this rate, the factor",)),
    Claim("The reason is that the features enter twice", the_curvature_grows_by_the_square,
          {"problem": PROBLEMS, "scale": (2, 10, 100)}),
    Claim("The obvious repair is to wait, but even with five times as many steps",
          five_times_the_steps_are_not_enough, {"problem": PROBLEMS}),
    Claim("While the steps are short, its loss depends almost only on", only_the_product_matters,
          {"problem": PROBLEMS, "factor": (2, 10, 40)}),
    Claim("For `5, 3, 4, 4, 6` with patience 2", lambda: the_example_is_right(2)),
    Claim("With patience 3, it stops one epoch later", lambda: the_example_is_right(3)),
    Claim("For these losses and patience 2, the simple version", the_simple_version_agrees),
    Claim("Do not confuse this cure with the issue", a_cure_of_D_looks_stopped_early, {"lr": (0.0007, 0.0008, 0.001)}),
    Claim("With far fewer or far shorter steps, D's training can stop in time: at D's learning rate, every `num_steps` from 3 to 18 meets", patient_D_stops_in_time,
          {"num_steps": range(3, 19)}),
    Claim("With far fewer or far shorter steps, D's training can stop in time: at D's learning rate, every `num_steps` from 3 to 18", lambda num_steps: not patient_D_stops_in_time(num_steps),
          {"num_steps": (19, 50, 150, 300)}),
    Claim("With too few or too short ones it stops too soon", lambda num_steps: not patient_D_stops_in_time(num_steps),
          {"num_steps": (0, 1, 2)}),
    Claim("With too few or too short ones it stops too soon", too_short_steps_stop_too_soon,
          {"problem": FORTY, "times": (300, 500, 1000)}),
    Claim("With far fewer or far shorter steps, D's training can stop in time", stopping_in_time_helps, {"problem": FORTY},
          {"num_steps": (100, 200, 300)}),
    Claim("So the late steps fit more noise than pattern.",
          further_steps_fit_more_noise_than_pattern, {"problem": FORTY, "num_steps": (300, 1000, 3000)},
          {"lr": (0.02, 0.05)}),
    Claim("The loss at the end need not fall as well, as the first two lines show", more_examples_can_end_higher,
          {"lr": (0.02, 0.05, 0.07), "num_steps": (300, 600, 1000)}),
    Claim("With more examples, more of the pattern can be learned, so the lowest", the_lowest_gets_better_with_more,
          {"problem": FORTY, "lr": (0.02, 0.05, 0.1)}),
    Claim("With 400 examples, the trouble nearly disappeared", many_examples_are_no_trouble,
          {"problem": FORTY}),
    Claim("Two hidden units are enough for XOR", lambda first: _ends(first, 2, 0.1)[:, -1].min() < 1e-6,
          {"first": THIRTY}),
    Claim("Most of them do not, although the only difference is the seed.", most_do_not_reach_0,
          {"first": THIRTY, "lr": (0.03, 0.05, 0.1)}),
    Claim("At `lr = 0.1`, B's thirty runs end at only four values", four_values_however_long,
          {"first": THIRTY, "times": (2, 5, 10)},
          also=("Ten times as many steps change nothing",)),
    Claim("At `lr = 0.1`, B's thirty runs end at only four values", only_four_values_from_other_starts,
          {"first": THIRTY, "start": (0.3, 0.5, 1.0, 1.5)}),
    Claim("At 0.5 and 0.67, examples with different labels have no active unit",
          stuck_examples_with_different_labels_have_no_unit, {"first": (*THIRTY, 2000, 3000)}),
    Claim("At 1 the reason is different:", the_others_are_linear, {"first": THIRTY}),
    Claim("So the network is a linear model, and the best that it can do on XOR", a_line_can_only_answer_0, {"scale": (0.1, 1, 10)}),
    Claim("At `lr = 0.1`, about a third of 500 other seeds succeed", more_units_succeed_more_often,
          {"first": (100, 400, 700, 1000), "num_steps": (300, 600, 1000)}),
    Claim("But with 64 units most of these runs fail again", lambda **knobs: sixty_four_fail_at(lr=0.1, **knobs),
          {"first": THIRTY, "num_steps": (300, 600, 1000)}),
    Claim("But with 64 units most of these runs fail again: each unit adds curvature, because our first weights into the hidden",
          weights_into_the_units_matter, {"first": THIRTY, "hidden": (32, 64, 128)}),
    Claim("At `lr = 0.03` they are short enough again", lambda **knobs: sixty_four_fail_at(lr=0.03, **knobs),
          {"first": THIRTY, "num_steps": (300, 600, 1000)}),
]  # fmt: skip

SETTINGS = (
    "But D's true weights have a length of only 1",
    "Weights that start at 0 are the sum of their updates",
    "Such small weights hardly change the labels in a slow direction",
    "Divide the length of an update",
    "Train on one tiny batch",
    "A first loss far above",
    "We built three common bugs into the training",
    "Patients A, C and E fit",
    "Patient D fits",
    "Patient B consists of thirty networks",
    "Where it is not active",
    "One way is to call your function",
    "Note one issue for each patient",
    "Values above 1e200",
    '0.01, "num_steps":',
    "200}`, and any settings",
    "Criterion for A, C and E",
    "Its features are 100 times as large",
    "Patient D has 60 weights",
    "Return the epoch whose weights are kept",
    "Find six losses",
    "Criterion: the last validation loss",
    "Criterion: all thirty runs",
    "Deep Learning, chapter 11",
)
