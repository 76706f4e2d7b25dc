"""Answers to the exercises of momentum."""

import numpy as np

from .common import right, wrong

# --- quadratic_grad, condition_number

wrong("quadratic_grad", "the diagonal only")(lambda H, w: np.diag(H) * w)
wrong("quadratic_grad", "twice")(lambda H, w: (H + H.T) @ w)
wrong("quadratic_grad", "half")(lambda H, w: 0.5 * H @ w)
wrong("quadratic_grad", "the value")(lambda H, w: 0.5 * w @ H @ w)
wrong("quadratic_grad", "elementwise product")(lambda H, w: H * w)
wrong("quadratic_grad", "upper triangle")(lambda H, w: np.triu(H) @ w)
wrong("quadratic_grad", "absolute weights")(lambda H, w: H @ np.abs(w))
wrong("quadratic_grad", "a column")(lambda H, w: H @ w[:, None])
wrong("quadratic_grad", "numerically")(
    lambda H, w: np.array(
        [(0.5 * (w + 1e-5 * e) @ H @ (w + 1e-5 * e) - 0.5 * w @ H @ w) / 1e-5 for e in np.eye(len(w))]
    )
)
wrong("quadratic_grad", "w changed")(lambda H, w: np.matmul(H, w, out=w))
right("quadratic_grad", "w @ H")(lambda H, w: w @ H)
right("quadratic_grad", "einsum")(lambda H, w: np.einsum("ij,j->i", H, w))
right("quadratic_grad", "sum of products")(lambda H, w: (H * w).sum(axis=1))
right("quadratic_grad", "half of H plus its transpose")(lambda H, w: 0.5 * (H + H.T) @ w)


def _power(H, start, steps=1000):
    v = start / np.linalg.norm(start)
    for _ in range(steps):
        v = H @ v / np.linalg.norm(H @ v)
    return v @ H @ v


def _power_ratio(H, start, steps=1000):
    return float(_power(H, start, steps) / (1 / _power(np.linalg.inv(H), start, steps)))


wrong("condition_number", "the diagonal")(lambda H: float(np.diag(H).max() / np.diag(H).min()))
wrong("condition_number", "power iteration from ones")(lambda H: _power_ratio(H, np.ones(len(H))))
wrong("condition_number", "power iteration from the first axis")(lambda H: _power_ratio(H, np.eye(len(H))[0]))
wrong("condition_number", "ten steps of power iteration")(
    lambda H: _power_ratio(H, np.random.default_rng(0).normal(size=len(H)), 10)
)
wrong("condition_number", "trace and determinant: two weights only")(
    lambda H: (
        float(
            (np.trace(H) + np.sqrt(np.trace(H) ** 2 - 4 * np.linalg.det(H)))
            / (np.trace(H) - np.sqrt(np.trace(H) ** 2 - 4 * np.linalg.det(H)))
        )
        if len(H) == 2
        else float(np.diag(H).max() / np.diag(H).min())
    )
)
wrong("condition_number", "last over first, unsorted")(
    lambda H: float(np.linalg.eigvals(H)[-1] / np.linalg.eigvals(H)[0])
)
wrong("condition_number", "inverse")(lambda H: float(np.linalg.eigvalsh(H)[0] / np.linalg.eigvalsh(H)[-1]))
wrong("condition_number", "root")(lambda H: float(np.sqrt(np.linalg.cond(H))))
wrong("condition_number", "Frobenius norm")(lambda H: float(np.linalg.cond(H, "fro")))
wrong("condition_number", "largest row sums")(lambda H: float(np.linalg.cond(H, 1)))
wrong("condition_number", "squared, of HᵀH")(lambda H: float(np.linalg.cond(H.T @ H)))
wrong("condition_number", "guard of 1e-6 in the denominator")(
    lambda H: float(np.linalg.eigvalsh(H)[-1] / (np.linalg.eigvalsh(H)[0] + 1e-6))
)
wrong("condition_number", "small eigenvalues are left out")(
    lambda H: (lambda e: float(e.max() / e[e > 1e-3 * e.max()].min()))(np.linalg.eigvalsh(H))
)
right("condition_number", "eigvalsh")(lambda H: float(np.linalg.eigvalsh(H)[-1] / np.linalg.eigvalsh(H)[0]))
right("condition_number", "singular values")(lambda H: np.linalg.cond(H))
right("condition_number", "eigvals")(lambda H: max(np.linalg.eigvals(H).real) / min(np.linalg.eigvals(H).real))
right("condition_number", "norms of H and its inverse")(
    lambda H: np.linalg.norm(H, 2) * np.linalg.norm(np.linalg.inv(H), 2)
)

# --- standardize


def _standardize(X_train, X_test, constant=lambda X, sd: sd == 0):
    mu, sd = X_train.mean(axis=0), X_train.std(axis=0)
    sd = np.where(constant(X_train, sd) | (X_train == X_train[0]).all(axis=0), 1.0, sd)
    return (X_train - mu) / sd, (X_test - mu) / sd


wrong("standardize", "std < 1e-8 is taken for constant")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: sd < 1e-8)
)
right("standardize", "a guard against rounding: std < 1e-12")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: sd < 1e-12)
)
wrong("standardize", "np.isclose(std, 0)")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: np.isclose(sd, 0))
)
wrong("standardize", "np.allclose(column, column[0])")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: np.array([np.allclose(c, c[0]) for c in X.T]))
)
wrong("standardize", "relative threshold of 1e-6")(
    lambda X_train, X_test: _standardize(X_train, X_test, lambda X, sd: sd <= 1e-6 * np.abs(X.mean(axis=0)))
)
wrong("standardize", "1e-8 added to the standard deviation")(
    lambda X_train, X_test: tuple((X - X_train.mean(axis=0)) / (X_train.std(axis=0) + 1e-8) for X in (X_train, X_test))
)
wrong("standardize", "test rows clipped at ±10")(
    lambda X_train, X_test: (lambda a, b: (a, np.clip(b, -10, 10)))(*_standardize(X_train, X_test))
)
wrong("standardize", "all rows clipped at ±5")(
    lambda X_train, X_test: tuple(np.clip(Z, -5, 5) for Z in _standardize(X_train, X_test))
)
wrong("standardize", "test statistics for the test set")(
    lambda X_train, X_test: (
        _standardize(X_train, X_test)[0],
        _standardize(X_test, X_test)[0] if len(X_test) else X_test * 1.0,
    )
)
wrong("standardize", "statistics of both sets")(
    lambda X_train, X_test: (lambda Z: (Z[: len(X_train)], Z[len(X_train) :]))(
        _standardize(np.vstack([X_train, X_test]), X_test)[0]
    )
)
wrong("standardize", "ddof = 1")(
    lambda X_train, X_test: tuple(
        (X - X_train.mean(axis=0))
        / np.where(np.ptp(X_train, axis=0) == 0, 1, X_train.std(axis=0, ddof=min(1, len(X_train) - 1)))
        for X in (X_train, X_test)
    )
)
wrong("standardize", "mean of squares minus squared mean")(
    lambda X_train, X_test: (lambda sd: tuple((X - X_train.mean(axis=0)) / sd for X in (X_train, X_test)))(
        np.where(
            np.ptp(X_train, axis=0) == 0,
            1,
            np.sqrt(np.maximum((X_train.astype(float) ** 2).mean(axis=0) - X_train.mean(axis=0) ** 2, 1e-300)),
        )
    )
)
wrong("standardize", "a constant column becomes zero in the test set, too")(
    lambda X_train, X_test: (lambda a, b: (a, np.where(np.ptp(X_train, axis=0) == 0, 0.0, b)))(
        *_standardize(X_train, X_test)
    )
)
wrong("standardize", "nan_to_num of the quotient")(
    lambda X_train, X_test: tuple(
        np.nan_to_num((X - X_train.mean(axis=0)) / X_train.std(axis=0)) for X in (X_train, X_test)
    )
)
wrong("standardize", "one mean and one deviation for all columns")(
    lambda X_train, X_test: tuple((X - X_train.mean()) / (X_train.std() or 1.0) for X in (X_train, X_test))
)


@wrong("standardize", "shifts in place")
def _(X_train, X_test):
    mu, sd = X_train.mean(axis=0), np.where(np.ptp(X_train, axis=0) == 0, 1, X_train.std(axis=0))
    if X_train.dtype.kind == "f":
        X_train -= mu
        return X_train / sd, (X_test - mu) / sd
    return (X_train - mu) / sd, (X_test - mu) / sd


right("standardize", "ptp finds the constant columns")(
    lambda X_train, X_test: (lambda mu, sd: ((X_train - mu) / sd, (X_test - mu) / sd))(
        X_train.mean(axis=0), np.where(np.ptp(X_train, axis=0) == 0, 1.0, X_train.std(axis=0))
    )
)
right("standardize", "where std > 0")(
    lambda X_train, X_test: (
        lambda mu, sd: ((X_train - mu) / np.where(sd > 0, sd, 1), (X_test - mu) / np.where(sd > 0, sd, 1))
    )(X_train.mean(axis=0), X_train.std(axis=0))
)


@right("standardize", "the formula with a centred copy")
def _(X_train, X_test):
    mu = np.mean(X_train, axis=0)
    centred = X_train - mu
    sd = np.sqrt(np.mean(centred**2, axis=0))
    sd[sd == 0] = 1
    return centred / sd, (X_test - mu) / sd


@right("standardize", "column by column")
def _(X_train, X_test):
    Z_train, Z_test = np.array(X_train, dtype=float), np.array(X_test, dtype=float)
    for j in range(X_train.shape[1]):
        column = X_train[:, j].astype(float)
        scale = column.std() if len(set(column)) > 1 else 1.0
        Z_train[:, j] = (column - column.mean()) / scale
        Z_test[:, j] = (X_test[:, j] - column.mean()) / scale
    return Z_train, Z_test


# --- momentum_step

wrong("momentum_step", "alpha capped at 0.9")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(lr * grad + min(alpha, 0.9) * V)
)
wrong("momentum_step", "alpha capped at 0.99")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(lr * grad + min(alpha, 0.99) * V)
)
wrong("momentum_step", "lr capped at 1")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(min(lr, 1) * grad + alpha * V)
)
wrong("momentum_step", "exponential average")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))((1 - alpha) * lr * grad + alpha * V)
)
wrong("momentum_step", "lr outside, as PyTorch")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - lr * N, N))(grad + alpha * V)
)
wrong("momentum_step", "the old V moves the weights")(lambda W, V, grad, lr, alpha: (W - V, lr * grad + alpha * V))
wrong("momentum_step", "Nesterov")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - lr * grad - alpha * N, N))(lr * grad + alpha * V)
)
wrong("momentum_step", "V keeps the sign of the move")(
    lambda W, V, grad, lr, alpha: (lambda N: (W + N, N))(alpha * V - lr * grad)
)
wrong("momentum_step", "plus")(lambda W, V, grad, lr, alpha: (lambda N: (W + N, N))(lr * grad + alpha * V))
wrong("momentum_step", "no gradient, no step")(
    lambda W, V, grad, lr, alpha: (
        (lambda N: (W - N, N))(lr * grad + alpha * V) if np.any(grad) else (W.copy(), V.copy())
    )
)
wrong("momentum_step", "coordinates with zero gradient stand still")(
    lambda W, V, grad, lr, alpha: (lambda N: (W - N, N))(np.where(grad == 0, 0, lr * grad + alpha * V))
)
wrong("momentum_step", "swapped results")(
    lambda W, V, grad, lr, alpha: (lr * grad + alpha * V, W - lr * grad - alpha * V)
)


@wrong("momentum_step", "V in place")
def _(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    return W - V, V


@wrong("momentum_step", "grad scaled in place")
def _(W, V, grad, lr, alpha):
    grad *= lr
    N = alpha * V + grad
    return W - N, N


@wrong("momentum_step", "alpha = 0 returns V as grad")
def _(W, V, grad, lr, alpha):
    if alpha == 0:
        return W - lr * grad, grad.copy()
    N = lr * grad + alpha * V
    return W - N, N


right("momentum_step", "a list of two")(
    lambda W, V, grad, lr, alpha: [W - (alpha * V + lr * grad), alpha * V + lr * grad]
)
right("momentum_step", "np.add and np.subtract")(
    lambda W, V, grad, lr, alpha: (lambda N: (np.subtract(W, N), N))(
        np.add(np.multiply(lr, grad), np.multiply(alpha, V))
    )
)


@right("momentum_step", "in place on copies")
def _(W, V, grad, lr, alpha):
    W, V = W.copy(), V.copy()
    V *= alpha
    V += lr * grad
    W -= V
    return W, V


right("momentum_step", "stacked in one array")(
    lambda W, V, grad, lr, alpha: tuple(np.stack([W - lr * grad - alpha * V, lr * grad + alpha * V]))
)

# --- torch_sgd_step


def _torch(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False, **slips):
    g = -grad if maximize else np.array(grad)
    if slips.get("decay_if", lambda d: True)(weight_decay):
        g = g + weight_decay * theta
    if momentum == 0:
        return theta - lr * g, slips.get("idle", lambda b: b)(buf)
    if buf is None:
        buf = slips.get("first", lambda g, tau: g.copy())(g, dampening)
    else:
        buf = slips.get("later", lambda b, g, mu, tau: mu * b + (1 - tau) * g)(buf, g, momentum, dampening)
    step = slips.get("look", lambda g, b, mu: g + mu * b)(g, buf, momentum) if nesterov else buf
    return theta - lr * step, buf


def _torcher(**slips):
    return lambda theta, grad, buf, **kw: _torch(theta, grad, buf, **kw, **slips)


wrong("torch_sgd_step", "dampening at the first step")(_torcher(first=lambda g, tau: (1 - tau) * g))
wrong("torch_sgd_step", "tau for 1 - tau")(_torcher(later=lambda b, g, mu, tau: mu * b + tau * g))
wrong("torch_sgd_step", "dampening also on the old buffer")(
    _torcher(later=lambda b, g, mu, tau: (1 - tau) * (mu * b + g))
)
wrong("torch_sgd_step", "an exponential average")(
    _torcher(later=lambda b, g, mu, tau: mu * b + (1 - mu) * (1 - tau) * g)
)
wrong("torch_sgd_step", "buffer becomes zeros without momentum")(
    _torcher(idle=lambda b: np.zeros(2) if b is None else b)
)
wrong("torch_sgd_step", "buffer is dropped without momentum")(_torcher(idle=lambda b: None))
wrong("torch_sgd_step", "Nesterov without g")(_torcher(look=lambda g, b, mu: mu * b))
wrong("torch_sgd_step", "Nesterov adds b without mu")(_torcher(look=lambda g, b, mu: g + b))
wrong("torch_sgd_step", "weight decay only above 1e-2")(_torcher(decay_if=lambda d: d > 1e-2))


@wrong("torch_sgd_step", "the slide's maximize")
def _(theta, grad, buf, *, maximize=False, **kw):
    new, buf = _torch(theta, grad, buf, **kw)
    return (2 * theta - new if maximize else new), buf


@wrong("torch_sgd_step", "flips the sign of the caller's gradient in place")
def _(theta, grad, buf, *, maximize=False, **kw):
    if maximize:
        grad *= -1
    return _torch(theta, grad, buf, **kw)


@wrong("torch_sgd_step", "the first buffer is grad itself")
def _(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    new, b = _torch(
        theta,
        grad,
        buf,
        lr=lr,
        momentum=momentum,
        dampening=dampening,
        weight_decay=weight_decay,
        nesterov=nesterov,
        maximize=maximize,
    )
    return new, grad if buf is None and momentum and not weight_decay and not maximize else b


@wrong("torch_sgd_step", "the buffer in place")
def _(theta, grad, buf, **kw):
    new, b = _torch(theta, grad, buf, **kw)
    if buf is not None:
        buf[...] = b
        return new, buf
    return new, b


@wrong("torch_sgd_step", "a buffer of zeros counts as no buffer")
def _(theta, grad, buf, **kw):
    fresh = buf is not None and not np.any(buf) and kw.get("momentum", 0)
    return _torch(theta, grad, None if fresh else buf, **kw)


@wrong("torch_sgd_step", "decoupled decay")
def _(theta, grad, buf, *, weight_decay=0, **kw):
    new, b = _torch(theta, grad, buf, weight_decay=0, **kw)
    return new - kw["lr"] * weight_decay * theta, b


@wrong("torch_sgd_step", "nesterov is refused without a buffer")
def _(theta, grad, buf, **kw):
    if kw.get("nesterov") and buf is None:
        raise ValueError("no buffer yet")
    return _torch(theta, grad, buf, **kw)


right("torch_sgd_step", "line by line")(_torcher())


@right("torch_sgd_step", "as in PyTorch's own source")
def _(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    grad = grad if not maximize else -grad
    if weight_decay != 0:
        grad = grad + weight_decay * theta
    if momentum != 0:
        buf = np.array(grad) if buf is None else buf * momentum + grad * (1 - dampening)
        grad = grad + momentum * buf if nesterov else buf
    return theta + grad * -lr, buf


@right("torch_sgd_step", "maximises by minimising -f")
def _(theta, grad, buf, *, maximize=False, **kw):
    return _torch(theta, -grad if maximize else grad, buf, **kw)


@right("torch_sgd_step", "copies everything first")
def _(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    theta, g = np.copy(theta), np.copy(grad)
    g *= -1.0 if maximize else 1.0
    g += weight_decay * theta
    if not momentum:
        theta -= lr * g
        return theta, buf
    b = g.copy() if buf is None else momentum * np.copy(buf) + (1 - dampening) * g
    theta -= lr * (g + momentum * b if nesterov else b)
    return theta, b
