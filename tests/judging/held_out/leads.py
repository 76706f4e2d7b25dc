"""Wrong answers with a misleading explanation, or none, when they were first judged.

`words` is a pattern for what an explanation has to mention, `never` one for what it must not claim: it would be false.
Both are applied to all that the student reads, hints of rules included, whatever the case of letters.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .exam.common import hot, lse, own, s, sm


class Lead(NamedTuple):
    """A wrong answer, the tutor's diagnosis, and the patterns that an explanation must and must not match."""

    exercise: str
    tutor: str
    answer: Callable[..., Any]
    words: str
    never: str


ANSWERS: list[Lead] = []
NOTHING = "$^"


def wrong(exercise, tutor, words, never=NOTHING):
    def note(answer):
        ANSWERS.append(Lead(exercise, tutor, answer, words, never))
        return answer

    return note


# --- explanations that were false or misleading ------------------------------------------------------------------


@wrong("loss_head", "the softmax runs over the batch", "axis|row|batch|column", "1/B|divid")
def loss_head_columns(Z, labels):
    E = np.exp(Z - Z.max(axis=0))
    P, B = E / E.sum(axis=0), len(labels)
    return -np.mean(np.log(P[np.arange(B), labels])), (P - hot(labels, Z.shape[1])) / B


@wrong("loss_head", "the softmax runs over the batch", "axis|row|batch|column", "1/B|divid")
def loss_head_columns_of_exp(Z, labels):
    P, rows = np.exp(Z) / np.exp(Z).sum(0, keepdims=True), np.arange(len(Z))
    dZ = P.copy()
    dZ[rows, labels] -= 1
    return float(-np.log(P[rows, labels]).mean()), dZ / len(Z)


@wrong("loss_head", "dZ lacks the one-hot labels", "label|one.hot|true class", "1/B|divid")
def loss_head_probabilities(Z, labels):
    return np.mean(lse(Z) - own(Z, labels)), sm(Z) / len(labels)


@wrong(
    "loss_head", "the largest is subtracted on one side only", "largest|same (number|constant)|subtract", "1/B|divid"
)
def loss_head_one_side(Z, labels):
    Z = np.asarray(Z, float)
    top = Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(Z - top).sum(axis=1)) - own(Z, labels)
    return losses.mean(), (sm(Z) - hot(labels, Z.shape[1])) / len(Z)


@wrong(
    "loss_head", "the largest is subtracted on one side only", "largest|same (number|constant)|subtract", "1/B|divid"
)
def loss_head_other_side(Z, labels):
    Z = np.asarray(Z, float)
    shifted = Z - Z.max(axis=1, keepdims=True)
    losses = -own(shifted, labels) + np.log(np.exp(Z).sum(axis=1))
    return losses.mean(), (sm(Z) - hot(labels, Z.shape[1])) / len(Z)


def unit(rng, theta):
    u = [rng.normal(size=np.shape(A)) for A in theta]
    length = np.sqrt(sum((U**2).sum() for U in u))
    return [U / length for U in u]


def step(theta, u, r):
    return [A + r * U for A, U in zip(theta, u, strict=True)]


NO_RNG = "other source|rng"


@wrong("sharpness", "the loss at theta is not subtracted", "at theta|subtract|rise", NO_RNG)
def sharpness_mean_loss(loss_fn, theta, radius, rng, num_dirs):
    return float(np.mean([loss_fn(step(theta, unit(rng, theta), radius)) for _ in range(num_dirs)]))


@wrong("sharpness", "a sum instead of a mean", "mean|num_dirs|times", NO_RNG)
def sharpness_sum(loss_fn, theta, radius, rng, num_dirs):
    return sum(loss_fn(step(theta, unit(rng, theta), radius)) - loss_fn(theta) for _ in range(num_dirs))


@wrong("sharpness", "the largest rise", "largest|maximum", NO_RNG)
def sharpness_largest(loss_fn, theta, radius, rng, num_dirs):
    return max(loss_fn(step(theta, unit(rng, theta), radius)) - loss_fn(theta) for _ in range(num_dirs))


@wrong("sharpness", "the wrong sign", "sign|-1|opposite", NO_RNG)
def sharpness_sign(loss_fn, theta, radius, rng, num_dirs):
    return loss_fn(theta) - np.mean([loss_fn(step(theta, unit(rng, theta), radius)) for _ in range(num_dirs)])


@wrong("sharpness", "absolute values", "sign|absolute|magnitude", NO_RNG)
def sharpness_absolute(loss_fn, theta, radius, rng, num_dirs):
    here = loss_fn(theta)
    return np.mean([abs(loss_fn(step(theta, unit(rng, theta), radius)) - here) for _ in range(num_dirs)])


@wrong("sharpness", "divided by the radius", "radius", NO_RNG)
def sharpness_slope(loss_fn, theta, radius, rng, num_dirs):
    here = loss_fn(theta)
    return np.mean([loss_fn(step(theta, unit(rng, theta), radius)) - here for _ in range(num_dirs)]) / radius


@wrong("sharpness", "the median", "median", NO_RNG)
def sharpness_median(loss_fn, theta, radius, rng, num_dirs):
    return np.median([loss_fn(step(theta, unit(rng, theta), radius)) - loss_fn(theta) for _ in range(num_dirs)])


@wrong("sharpness", "all rises are returned", "single number|mean", NO_RNG)
def sharpness_array(loss_fn, theta, radius, rng, num_dirs):
    return np.array([loss_fn(step(theta, unit(rng, theta), radius)) - loss_fn(theta) for _ in range(num_dirs)])


@wrong("sharpness", "squared rises", "mean rise|square", NO_RNG)
def sharpness_squared(loss_fn, theta, radius, rng, num_dirs):
    return np.mean([(loss_fn(step(theta, unit(rng, theta), radius)) - loss_fn(theta)) ** 2 for _ in range(num_dirs)])


KEPT: dict[tuple[int, int], np.ndarray] = {}


@wrong(
    "minibatches",
    "one order is drawn and kept",
    "every call|same batches|kept|again",
    "every random number|another source|seed of your own|not depend",
)
def minibatches_kept(n, batch_size, rng):
    order = KEPT.setdefault((n, batch_size), rng.permutation(n))
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


def batches(n, B, rng):
    order = rng.permutation(n)
    return [order[i : i + B] for i in range(0, n, B)]


@wrong("train_sgd", "drops the remainder", "left out|last, smaller|updates", "more than once")
def train_sgd_drops(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, n = np.array(w0, float), len(y)
    for _ in range(num_epochs):
        order = np.arange(n)
        rng.shuffle(order)
        for k in range(n // batch_size):
            rows = order[k * batch_size : (k + 1) * batch_size]
            w -= lr * grad_fn(w, X[rows], y[rows])
    return w


@wrong("torch_sgd_step", "no buffer is returned", "item 1|buf|second", "`return` missing")
def torch_sgd_step_no_buffer(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    if lr < 0 or momentum < 0 or weight_decay < 0 or (nesterov and (momentum == 0 or dampening != 0)):
        raise ValueError("invalid options")
    g = (-grad if maximize else grad) + weight_decay * theta
    if momentum:
        b = g if buf is None else momentum * buf + (1 - dampening) * g
        g = g + momentum * b if nesterov else b
    return theta - lr * g, None


@wrong("torch_sgd_step", "τ for 1 - τ", "dampening|τ", NOTHING)
def torch_sgd_step_tau(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    if lr < 0 or momentum < 0 or weight_decay < 0 or (nesterov and (momentum == 0 or dampening != 0)):
        raise ValueError("invalid options")
    g = -grad if maximize else grad
    g = g + weight_decay * theta
    if momentum == 0:
        return theta - lr * g, buf
    buf = g.copy() if buf is None else buf * momentum + g * dampening
    return theta - lr * (g + momentum * buf if nesterov else buf), buf


@wrong("bce_with_logits", "exp overflows", "inf|overflow|exponential", "same number")
def bce_with_logits_inf(z, y):
    with np.errstate(all="ignore"):
        return np.mean(np.log(1 + np.exp(np.where(y == 1, -1, 1) * z)))


@wrong("bce_with_logits", "the mean of all is tested", "inf|overflow|exponential|each", "same number")
def bce_with_logits_log_p(z, y):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-z))
        return -np.mean(np.where(y == 1, np.log(p), np.log(1 - p)))


@wrong("softmax", "one-hot of the largest logit", "largest|one.hot|0 and 1|0 or 1", "rounded")
def softmax_hard(Z):
    return (Z.max(axis=1, keepdims=True) == Z).astype(float)


@wrong("softmax", "one-hot of the largest logit", "largest|one.hot|0 and 1|0 or 1", "rounded")
def softmax_argmax(Z):
    P = np.zeros(np.shape(Z))
    P[np.arange(len(Z)), np.argmax(Z, axis=1)] = 1
    return P


def name_of_issue(diverged=None, spread=None, overfits=None, jitters=None):
    """The table of the notebook, with one of its rows replaced."""
    diverged = diverged or (lambda loss: not np.isfinite(loss).all() or loss[-1] > 1.5 * loss[0])
    spread = spread or (lambda loss, runs: np.ptp(runs[:, -1]) > 0.1 * loss[0])
    overfits = overfits or (lambda val: val[-1] > 1.25 * val.min())
    jitters = jitters or (lambda loss: np.abs(np.diff(loss[len(loss) // 2 :])).mean() > 0.03 * loss[0])

    def diagnose(train_loss, val_loss=None, runs=None):
        if diverged(train_loss):
            return "diverged"
        if runs is not None and spread(train_loss, runs):
            return "different every time"
        if val_loss is not None and overfits(val_loss):
            return "overfitting"
        if jitters(train_loss):
            return "jittery"
        falls = train_loss[len(train_loss) * 3 // 4] - train_loss[-1] > 0.02 * train_loss[0]
        return "stopped early" if falls else "healthy"

    return diagnose


for tutor, words, never, rows in (
    ("a threshold of 3", "validation", "need not", {"overfits": lambda val: val[-1] > 3 * val.min()}),
    (
        "compared with the first",
        "validation",
        "rises again. it need",
        {"overfits": lambda val: val[-1] > 1.25 * val[0]},
    ),
    ("compared with the mean", "validation", "first half alone", {"overfits": lambda val: val[-1] > val.mean()}),
    ("compared with a mean of runs", "runs", "starts", {"spread": lambda loss, runs: runs[:, -1].std() > loss[0]}),
    ("nan is not tested", "nan", "before you compare", {"diverged": lambda loss: loss[-1] > loss[0]}),
    (
        "jumps of all records",
        "first half|jumps",
        "unit",
        {"jitters": lambda a: np.abs(np.diff(a)).mean() > 0.035 * a[0]},
    ),
):
    wrong("diagnose", tutor, words, never)(name_of_issue(**rows))


# --- answers without an explanation -----------------------------------------------------------------------------


@wrong("train_sgd", "the steps of an epoch are summed", "epoch|same weights|after every batch", NOTHING)
def train_sgd_summed(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        total = np.zeros_like(w)
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            total += lr * grad_fn(w, X[rows], y[rows])
        w = w - total
    return w


@wrong("train_sgd", "the last batch is scaled by len/B", "number of its examples|smaller batch", NOTHING)
def train_sgd_scaled(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            w = w - lr * len(rows) / batch_size * grad_fn(w, X[rows], y[rows])
    return w


@wrong("train_sgd", "momentum is built in", "momentum|earlier (step|gradient)|previous", NOTHING)
def train_sgd_momentum(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w, V = w0.copy(), np.zeros_like(w0)
    for _ in range(num_epochs):
        order = np.argsort(rng.random(len(X)))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            V = 0.9 * V - lr * grad_fn(w, X[rows], y[rows])
            w = w + V
    return w


@wrong("train_sgd", "gradients are clipped", "clip|length|too short|shorter", NOTHING)
def train_sgd_clipped(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        for rows in batches(len(X), batch_size, rng):
            g = grad_fn(w, X[rows], y[rows])
            w = w - lr * g / max(1.0, np.linalg.norm(g))
    return w


@wrong("train_sgd", "gradients are clipped", "clip|length|too short|shorter", NOTHING)
def train_sgd_clipped_entries(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        for rows in batches(len(X), batch_size, rng):
            w = w - lr * np.clip(grad_fn(w, X[rows], y[rows]), -1, 1)
    return w


@wrong("train_sgd", "ascent", r"sign|uphill|-1 times", NOTHING)
def train_sgd_ascent(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = np.arange(len(X))
        rng.shuffle(order)
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            w += lr * grad_fn(w, X[rows], y[rows])
    return w


@wrong("train_sgd", "the sum for the mean", "batch size|len|times", NOTHING)
def train_sgd_sum(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = np.arange(len(X))
        rng.shuffle(order)
        for rows in np.split(order, range(batch_size, len(X), batch_size)):
            w = w - lr * sum(grad_fn(w, X[[i]], y[[i]]) for i in rows)
    return w


@wrong("train_sgd", "divided by B", "batch size|len|divi", NOTHING)
def train_sgd_divided(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = np.arange(len(X))
        rng.shuffle(order)
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            w = w - lr / len(rows) * grad_fn(w, X[rows], y[rows])
    return w


@wrong("train_sgd", "the gradients of an epoch are taken at its start", "epoch|same weights|previous update", NOTHING)
def train_sgd_stale(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        start_of_epoch = w.copy()
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            w = w - lr * grad_fn(start_of_epoch, X[rows], y[rows])
    return w


@wrong("train_sgd", "lr decays", "learning rate|decay|epoch", NOTHING)
def train_sgd_decay(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for epoch in range(num_epochs):
        order = np.arange(len(X))
        rng.shuffle(order)
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            w = w - lr * 0.9**epoch * grad_fn(w, X[rows], y[rows])
    return w


@wrong("train_sgd", "weights decay", "weights|decay|regulari", NOTHING)
def train_sgd_weight_decay(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0.copy()
    for _ in range(num_epochs):
        order = np.arange(len(X))
        rng.shuffle(order)
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            w = w - lr * (grad_fn(w, X[rows], y[rows]) + 0.01 * w)
    return w


def softmax_descent(X, labels, lr=0.1, epochs=20, size=32):
    W = np.zeros((X.shape[1], 10))
    for _ in range(epochs):
        for i in range(0, len(X), size):
            x, y = X[i : i + size], labels[i : i + size]
            W -= lr * x.T @ (sm(x @ W) - hot(y, 10)) / len(x)
    return W


@wrong("train", "the labels are shifted by one", "label|class", "more epochs")
def train_shifted(X, labels):
    return softmax_descent(X, (np.asarray(labels, int) + 1) % 10)


@wrong("train", "the labels are shifted by one", "label|class", "more epochs")
def train_shifted_down(X, labels):
    return softmax_descent(X, (np.asarray(labels, int) - 1) % 10)


@wrong("train", "it trains on 12 rows", "few|all|images", "more epochs")
def train_few(X, labels):
    return softmax_descent(X[:12], labels[:12])


@wrong("bce_grad", "the new weights are returned", "new weights|weights after|step", NOTHING)
def bce_grad_step(w, X, y):
    return w - 0.1 * X.T @ (s(X @ w) - y) / len(y)


@wrong("bce_grad", "the new weights are returned", "new weights|weights after|step", NOTHING)
def bce_grad_unit_step(w, X, y):
    return w - X.T @ (s(X @ w) - y) / len(y)


@wrong("bce_from_probs", "log1p(p) for log(p)", r"log1p|log\(1 \+ p\)|1 \+", NOTHING)
def bce_from_probs_log1p(p, y):
    return -np.mean(y * np.log1p(p) + (1 - y) * np.log1p(-p))


@wrong("bce_from_probs", "log1p for both", r"log1p|log\(1 \+|1 \+", NOTHING)
def bce_from_probs_log1p_both(p, y):
    return -np.mean(y * np.log1p(p) + (1 - y) * np.log1p(1 - p))


@wrong("cross_entropy", "one sum for the whole batch", "row|axis|batch", NOTHING)
def cross_entropy_one_sum(Z, labels):
    with np.errstate(all="ignore"):
        P = np.exp(Z) / np.exp(Z).sum()
        return -np.mean(np.log(P[np.arange(len(labels)), labels]))


@wrong("cross_entropy", "one sum for the whole batch", "row|axis|batch", NOTHING)
def cross_entropy_one_stable_sum(Z, labels):
    Z = np.asarray(Z, float)
    top = Z.max()
    return top + np.log(np.exp(Z - top).sum()) - own(Z, labels).mean()


@wrong("cross_entropy", "the largest probability for the true class's", "largest|true class|label", NOTHING)
def cross_entropy_largest(Z, labels):
    with np.errstate(all="ignore"):
        return -np.log(sm(np.asarray(Z, float)).max(axis=1)).mean()


@wrong("all_minibatch_gradients", "// cuts the fractions off", "//|fraction|cut|whole|floor|rounded down", NOTHING)
def all_minibatch_gradients_floor(per_example, batch_size):
    from itertools import combinations

    return np.array([sum(b) // batch_size for b in combinations(per_example, batch_size)], dtype=float)


@wrong("standardize", "clipped at ±5", "clip|±|limit", NOTHING)
def standardize_clipped(X_train, X_test):
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    constant = np.ptp(X_train, axis=0) == 0
    mean, std = np.where(constant, X_train[0], mean), np.where(constant, 1, std)
    return np.clip((X_train - mean) / std, -5, 5), np.clip((X_test - mean) / std, -5, 5)


@wrong("one_hot", "counted from 1", "from 0|from 1|too far|slot", NOTHING)
def one_hot_from_one(labels, K):
    if len(labels) and (np.min(labels) < 0 or np.max(labels) >= K):
        raise ValueError("no slot")
    Y = np.zeros((len(labels), K))
    for i, k in enumerate(labels):
        Y[i, int(k) - 1] = 1
    return Y


@wrong("softmax", "without keepdims", "keepdims|broadcast|column|row", NOTHING)
def softmax_without_keepdims(Z):
    E = np.exp(Z - Z.max())
    return E / E.sum(axis=1)


@wrong("softmax", "through sigmoids", "sigmoid", NOTHING)
def softmax_of_sigmoids(Z):
    P = s(Z)
    return P / P.sum(axis=1, keepdims=True)


@wrong("softmax", "sigmoids", "sigmoid|sum to 1|row", NOTHING)
def softmax_is_sigmoid(Z):
    return s(Z)


@wrong("exponential_decay", "as 1/t", r"1 ?/|divid|times c", NOTHING)
def decay_by_time(lr0, c, epoch):
    return lr0 / (1 + c * epoch)


@wrong("exponential_decay", "as 1/t", r"1 ?/|divid|times c", NOTHING)
def decay_by_epoch(lr0, c, epoch):
    return lr0 / (epoch + 1)


@wrong("exponential_decay", "with exp", r"exp\(|e\^", NOTHING)
def decay_by_exp(lr0, c, epoch):
    return lr0 * np.exp(-c * epoch)


# --- other steps of a descent -----------------------------------------------------------------------------------


def descent(step):
    """Gradient descent with ``step(w, gradient, lr, t, w0, memory) -> w``; the gradient is a function of w."""

    def path(gradient, w0, lr, num_steps):
        rows, memory = [np.array(w0, float)], {}
        for t in range(num_steps):
            rows.append(step(rows[-1], gradient, lr, t, w0, memory))
        return np.array(rows)

    return path


def with_momentum(w, gradient, lr, t, w0, memory):
    memory["V"] = 0.8 * memory.get("V", 0) + gradient(w)
    return w - lr * memory["V"]


def with_decaying_rate(w, gradient, lr, t, w0, memory):
    return w - lr * 0.9**t * gradient(w)


def with_weight_decay(w, gradient, lr, t, w0, memory):
    return (1 - 0.02 * lr) * w - lr * gradient(w)


def with_clipped_entries(w, gradient, lr, t, w0, memory):
    return w - lr * np.minimum(np.maximum(gradient(w), -0.5), 0.5)


for step_of_descent, pattern, false in (
    (with_momentum, "momentum", "decay"),
    (with_decaying_rate, "update 1 is 0.9 times", "momentum"),
    (with_weight_decay, "weight decay", "momentum"),
    (with_clipped_entries, "clipped", "momentum|decay"),
):
    path = descent(step_of_descent)
    wrong("gradient_descent", f"{step_of_descent.__name__}, path", pattern, false)(path)


@wrong("train_sgd", "each update starts at w0", "starts again", "momentum")
def train_sgd_from_w0(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for rows in batches(len(X), batch_size, rng):
            w = w0 - lr * grad_fn(w, X[rows], y[rows])
    return w


@wrong("train_sgd", "the weights are replaced", "replaces the weights", "momentum|decay")
def train_sgd_replaced(w0, X, y, grad_fn, lr, batch_size, num_epochs, rng):
    w = w0
    for _ in range(num_epochs):
        for rows in batches(len(X), batch_size, rng):
            w = -lr * grad_fn(w, X[rows], y[rows])
    return w
