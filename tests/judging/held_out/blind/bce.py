"""Answers to the exercises of bce."""

import itertools
import math

import numpy as np

from .common import right, s, wrong

# --- mse_grad

wrong("mse_grad", "sum, not mean")(lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))))
wrong("mse_grad", "divides by d")(lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / X.shape[1])
wrong("mse_grad", "the 2 of the square without the ½")(
    lambda w, X, y: 2 * X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / len(y)
)
wrong("mse_grad", "the gradient of BCE")(lambda w, X, y: X.T @ (s(X @ w) - y) / len(y))
wrong("mse_grad", "clips p to keep the slope alive")(
    lambda w, X, y: X.T @ ((s(X @ w) - y) * np.maximum(s(X @ w) * s(-(X @ w)), 1e-8)) / len(y)
)
wrong("mse_grad", "numerical gradient with a coarse step")(
    lambda w, X, y: np.array(
        [
            (0.5 * np.mean((s(X @ (w + 1e-4 * e)) - y) ** 2) - 0.5 * np.mean((s(X @ w) - y) ** 2)) / 1e-4
            for e in np.eye(len(w))
        ]
    )
)
wrong("mse_grad", "p ignores overflow: nan")(
    lambda w, X, y: X.T @ ((np.exp(X @ w) / (1 + np.exp(X @ w)) - y) * s(X @ w) * s(-(X @ w))) / len(y)
)
wrong("mse_grad", "unscales for a single example")(
    lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / max(len(y) - 1, 1)
)


@wrong("mse_grad", "subtracts y in the caller's memory")
def _(w, X, y):
    p = s(X @ w)
    y = np.asarray(y)
    y -= y.dtype.type(0)
    y[...] = 1 - y
    return X.T @ ((p - 1 + y) * p * (1 - p)) / len(y)


wrong("mse_grad", "absolute error")(lambda w, X, y: X.T @ (np.sign(s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / len(y))
right("mse_grad", "a loop over the examples")(
    lambda w, X, y: sum(x * (s(x @ w) - t) * s(x @ w) * s(-(x @ w)) for x, t in zip(X, y, strict=True)) / len(y)
)
right("mse_grad", "mean of rows")(
    lambda w, X, y: (X * ((s(X @ w) - y) * s(X @ w) * (1 - s(X @ w)))[:, None]).mean(axis=0)
)
right("mse_grad", "einsum")(
    lambda w, X, y: np.einsum("i,ij->j", (s(X @ w) - y) * s(X @ w) * s(-(X @ w)), X) / X.shape[0]
)
right("mse_grad", "np.average of rows times factors")(
    lambda w, X, y: (
        np.average(X * (s(X @ w) - y)[:, None], axis=0, weights=None) * 0
        + X.T @ ((s(X @ w) - y) * (s(X @ w) - s(X @ w) ** 2)) / len(X)
    )
)

# --- gradient_descent


@wrong("gradient_descent", "scales the returned gradient in place")
def _(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w.copy()]
    for _ in range(num_steps):
        g = grad_fn(w)
        g *= lr
        w = w - g
        path.append(w.copy())
    return np.array(path)


@wrong("gradient_descent", "negates the returned gradient in place")
def _(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        g = grad_fn(path[t])
        g *= -lr
        path[t + 1] = path[t] + g
    return path


@wrong("gradient_descent", "stops early when the step is small")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        step = lr * grad_fn(path[-1])
        path.append(path[-1] if np.linalg.norm(step) < 1e-6 else path[-1] - step)
    return np.array(path)


@wrong("gradient_descent", "aliases: all rows are the last")
def _(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w)
    return np.array(path)


@wrong("gradient_descent", "integer start stays integer")
def _(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)), dtype=np.asarray(w0).dtype)
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


@wrong("gradient_descent", "gradient at the start only")
def _(grad_fn, w0, lr, num_steps):
    g = grad_fn(np.asarray(w0, float))
    return np.array([np.asarray(w0, float) - t * lr * g for t in range(num_steps + 1)])


@wrong("gradient_descent", "clips the gradient to length 10")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        g = grad_fn(path[-1])
        path.append(path[-1] - lr * g * min(1, 10 / (np.linalg.norm(g) + 1e-300)))
    return np.array(path)


@wrong("gradient_descent", "learning rate decays")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for t in range(num_steps):
        path.append(path[-1] - lr / (1 + 1e-3 * t) * grad_fn(path[-1]))
    return np.array(path)


@wrong("gradient_descent", "changes w0 in place and keeps copies")
def _(grad_fn, w0, lr, num_steps):
    path = [w0.astype(float)]
    for _ in range(num_steps):
        w0[...] = w0 - lr * grad_fn(w0)
        path.append(w0.astype(float))
    return np.array(path)


@wrong("gradient_descent", "returns a list of arrays")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        path.append(path[-1] - lr * grad_fn(path[-1]))
    return path


@wrong("gradient_descent", "squeezes the path")
def _(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        path.append(path[-1] - lr * grad_fn(path[-1]))
    return np.squeeze(np.array(path))


@right("gradient_descent", "in place on its own copy, with copies in the record")
def _(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w.copy()]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w.copy())
    return np.stack(path)


@right("gradient_descent", "a table")
def _(grad_fn, w0, lr, num_steps):
    path = np.empty((num_steps + 1, np.size(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path


@right("gradient_descent", "itertools.accumulate")
def _(grad_fn, w0, lr, num_steps):
    start = np.array(w0, dtype=float)
    return np.array(list(itertools.accumulate(range(num_steps), lambda w, _: w - lr * grad_fn(w), initial=start)))


@right("gradient_descent", "vstack row by row")
def _(grad_fn, w0, lr, num_steps):
    path = np.array(w0, dtype=float)[None]
    for _ in range(num_steps):
        path = np.vstack([path, path[-1] - lr * np.asarray(grad_fn(path[-1]))])
    return path


# --- bce_from_probs

wrong("bce_from_probs", "1e-8 inside of the logarithms")(
    lambda p, y: -np.mean(y * np.log(p + 1e-8) + (1 - y) * np.log(1 - p + 1e-8))
)
wrong("bce_from_probs", "clips p at 1e-3")(
    lambda p, y: -np.mean(y * np.log(np.clip(p, 1e-3, 1 - 1e-3)) + (1 - y) * np.log(1 - np.clip(p, 1e-3, 1 - 1e-3)))
)
wrong("bce_from_probs", "sum")(lambda p, y: -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)))
wrong("bce_from_probs", "only the first term")(lambda p, y: -np.mean(y * np.log(p)))
wrong("bce_from_probs", "mean of the probability of what happened, then the log")(
    lambda p, y: -np.log(np.mean(np.where(y == 1, p, 1 - p)))
)
wrong("bce_from_probs", "per class means added")(
    lambda p, y: -(np.log(p[y == 1]).mean() + np.log(1 - p[y == 0]).mean())
)
wrong("bce_from_probs", "averages the classes alike (balanced)")(
    lambda p, y: (
        -np.mean(
            [
                np.log(p[y == 1]).mean() if (y == 1).any() else 0.0,
                np.log(1 - p[y == 0]).mean() if (y == 0).any() else 0.0,
            ]
        )
    )
)
wrong("bce_from_probs", "one array per example")(lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)))
wrong("bce_from_probs", "base 10")(lambda p, y: -np.mean(y * np.log10(p) + (1 - y) * np.log10(1 - p)))
wrong("bce_from_probs", "minus before the first term only")(
    lambda p, y: np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p))
)
wrong("bce_from_probs", "rounds p to labels at 0.5 first")(lambda p, y: np.mean(np.abs((p >= 0.5) - y)) * 1.0)
right("bce_from_probs", "np.where")(lambda p, y: -np.mean(np.log(np.where(y == 1, p, 1 - p))))
right("bce_from_probs", "log1p")(lambda p, y: -np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
right("bce_from_probs", "a generator and math.log")(
    lambda p, y: sum(-math.log(a) if b else -math.log(1 - a) for a, b in zip(p, y, strict=True)) / len(p)
)
right("bce_from_probs", "by products")(lambda p, y: -(y @ np.log(p) + (1 - y) @ np.log(1 - p)) / len(y))
right("bce_from_probs", "the odds")(lambda p, y: np.mean(-np.log(1 - p) - y * (np.log(p) - np.log(1 - p))))

# --- bce_with_logits


@wrong("bce_with_logits", "one branch for the whole array by the largest logit")
def _(z, y):
    a = (1 - 2 * y) * z
    return np.mean(a + np.log1p(np.exp(-a))) if (a > 0).all() else np.mean(np.log1p(np.exp(a)))


@wrong("bce_with_logits", "from probabilities, clipped at 1e-300")
def _(z, y):
    p = np.clip(s(z), 1e-300, 1 - 1e-16)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


@wrong("bce_with_logits", "switches to a beyond 10")
def _(z, y):
    a = (1 - 2 * y) * z
    return np.mean(np.where(a > 10, a, np.log1p(np.exp(np.minimum(a, 10)))))


@wrong("bce_with_logits", "0 below -20 and a above 20, relative error aside, but capped at 500")
def _(z, y):
    return np.mean(np.logaddexp(0, np.clip((1 - 2 * y) * z, -500, 500)))


@wrong("bce_with_logits", "shifts by the maximum of the batch")
def _(z, y):
    a = (1 - 2 * y) * z
    m = np.maximum(a.max(), 0)
    return np.mean(m + np.log(np.exp(-m) + np.exp(a - m)))


@wrong("bce_with_logits", "loss is one number for a column and a row broadcast")
def _(z, y):
    return np.mean(np.logaddexp(0, (1 - 2 * y[:, None]) * z))


@wrong("bce_with_logits", "1e-12 added to the logarithm")
def _(z, y):
    p = s(z)
    return -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))


@wrong("bce_with_logits", "nan_to_num of the slide's formula")
def _(z, y):
    with np.errstate(all="ignore"):
        p = s(z)
        return float(np.mean(np.nan_to_num(-(y * np.log(p) + (1 - y) * np.log(1 - p)), posinf=1000.0)))


@wrong("bce_with_logits", "computes a in the memory of z")
def _(z, y):
    z *= 1 - 2 * y
    return np.mean(np.logaddexp(0, z))


@wrong("bce_with_logits", "the warning is ignored but inf stays")
def _(z, y):
    with np.errstate(all="ignore"):
        return np.mean(np.log1p(np.exp((1 - 2 * y) * z)))


wrong("bce_with_logits", "unsigned: 1 - 2y wraps")(
    lambda z, y: np.mean(np.logaddexp(0, (1 - 2 * y.astype(np.uint8)).astype(float) * z))
)
wrong("bce_with_logits", "in single precision")(
    lambda z, y: float(np.mean(np.logaddexp(np.float32(0), ((1 - 2 * y) * z).astype(np.float32))))
)
right("bce_with_logits", "maximum and log1p")(
    lambda z, y: np.mean(np.maximum((1 - 2 * y) * z, 0) + np.log1p(np.exp(-np.abs(z))))
)
right("bce_with_logits", "TensorFlow's formula")(
    lambda z, y: np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))
)
right("bce_with_logits", "logaddexp minus z y")(lambda z, y: np.mean(np.logaddexp(0, z) - z * y))


@right("bce_with_logits", "masks")
def _(z, y):
    a = np.where(y == 1, -z, z)
    loss = np.empty(len(a))
    loss[a > 0] = a[a > 0] + np.log1p(np.exp(-a[a > 0]))
    loss[a <= 0] = np.log1p(np.exp(a[a <= 0]))
    return loss.mean()


@right("bce_with_logits", "a loop with math")
def _(z, y):
    total = 0.0
    for t, label in zip(z, y, strict=True):
        a = -t if label else t
        total += max(a, 0) + math.log1p(math.exp(-abs(a)))
    return total / len(z)


# --- bce_grad

wrong("bce_grad", "y - p")(lambda w, X, y: X.T @ (y - s(X @ w)) / len(y))
wrong("bce_grad", "no sigmoid")(lambda w, X, y: X.T @ (X @ w - y) / len(y))
wrong("bce_grad", "divides by the number of numbers")(lambda w, X, y: X.T @ (s(X @ w) - y) / X.size)
wrong("bce_grad", "clips p at 1e-6")(lambda w, X, y: X.T @ (np.clip(s(X @ w), 1e-6, 1 - 1e-6) - y) / len(y))
wrong("bce_grad", "X y with p(1-p) left")(lambda w, X, y: X.T @ ((s(X @ w) - y) * s(X @ w) * s(-(X @ w))) / len(y))
wrong("bce_grad", "L2 penalty built in")(lambda w, X, y: X.T @ (s(X @ w) - y) / len(y) + 1e-6 * w)
wrong("bce_grad", "nan for large logits")(lambda w, X, y: X.T @ (np.exp(X @ w) / (1 + np.exp(X @ w)) - y) / len(y))
wrong("bce_grad", "predicted labels in place of p where saturated")(
    lambda w, X, y: X.T @ (np.where(np.abs(X @ w) > 8, X @ w > 0, s(X @ w)) - y) / len(y)
)
wrong("bce_grad", "drops the last feature, the bias")(
    lambda w, X, y: np.append((X.T @ (s(X @ w) - y) / len(y))[:-1], 0.0)
)
wrong("bce_grad", "averages the two classes alike")(
    lambda w, X, y: sum(X[y == k].T @ (s(X[y == k] @ w) - k) / (2 * max(np.sum(y == k), 1)) for k in (0, 1))
)


@wrong("bce_grad", "subtracts y from X's memory")
def _(w, X, y):
    error = s(X @ w) - y
    X *= error[:, None] if X.dtype.kind == "f" else 1
    return X.mean(axis=0) if X.dtype.kind == "f" else X.T @ error / len(y)


right("bce_grad", "np.dot of rows")(lambda w, X, y: np.dot(s(np.dot(X, w)) - y, X) / len(X))
right("bce_grad", "mean of a product")(lambda w, X, y: np.mean((s(X @ w) - y)[:, None] * X, axis=0))
right("bce_grad", "loop")(lambda w, X, y: sum((s(x @ w) - t) * x for x, t in zip(X, y, strict=True)) / len(y))
right("bce_grad", "tanh")(lambda w, X, y: X.T @ (0.5 * (1 + np.tanh(X @ w / 2)) - y) / y.size)
right("bce_grad", "einsum")(lambda w, X, y: np.einsum("n,nd->d", s(np.einsum("nd,d->n", X, w)) - y, X) / len(y))
