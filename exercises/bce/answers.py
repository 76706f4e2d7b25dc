"""Known wrong and right answers to the exercises of `02-bce/bce.ipynb`."""

import math
from itertools import pairwise

def sigmoid_prime(z):
    return sigmoid(z) * sigmoid(-np.asarray(z))

def residual(w, X, y):
    return np.where(np.asarray(y) == 1, -sigmoid(-(X @ w)), sigmoid(X @ w))

def right_mse_grad(w, X, y):
    return X.T @ (residual(w, X, y) * sigmoid_prime(X @ w)) / len(y)

def right_bce_grad(w, X, y):
    return X.T @ residual(w, X, y) / len(y)

def right_gradient_descent(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        path.append(path[-1] - lr * grad_fn(path[-1]))
    return np.array(path)

def log_losses(p, y):
    return -np.log(np.where(y == 1, p, 1 - p))

def right_bce_with_logits(z, y):
    return np.mean(np.logaddexp(0, np.where(y == 1, -z, z)))

def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))

# %% wrong mse_grad: no half
# hint: The gradient is twice as long as it should be. Which factor does the loss have in front of the square?
def mse_grad(w, X, y):
    return 2 * right_mse_grad(w, X, y)

# %% wrong mse_grad: no slope of the sigmoid
# hint: The chain rule goes through the sigmoid, too. Its slope is missing.
def mse_grad(w, X, y):
    return X.T @ residual(w, X, y) / len(y)

# %% wrong mse_grad: divided by d
# hint: It divides by the number of features instead of the number of examples.
def mse_grad(w, X, y):
    return X.T @ (residual(w, X, y) * sigmoid_prime(X @ w)) / len(w)

# %% wrong mse_grad: only p of the slope
# hint: The slope of the sigmoid has two factors. This has only p.
def mse_grad(w, X, y):
    return X.T @ (residual(w, X, y) * sigmoid(X @ w)) / len(y)

# %% wrong mse_grad: square kept
# hint: The error is still squared. Differentiating a square lowers its power.
def mse_grad(w, X, y):
    return X.T @ (residual(w, X, y) ** 2 * sigmoid_prime(X @ w)) / len(X)

# %% wrong mse_grad: slope taken at p
# hint: It takes the slope of the sigmoid at p. What was the sigmoid applied to?
def mse_grad(w, X, y):
    return X.T @ (residual(w, X, y) * sigmoid_prime(sigmoid(X @ w))) / len(y)

# %% wrong mse_grad: logits instead of probabilities
# hint: It uses z - y as the error. Squash z first.
def mse_grad(w, X, y):
    return X.T @ ((X @ w - y) * sigmoid_prime(X @ w)) / len(X)

# %% wrong mse_grad: linear regression
# hint: This is the gradient of linear regression. The sigmoid is missing.
def mse_grad(w, X, y):
    return X.T @ (X @ w - y) / len(y)

# %% wrong mse_grad: the loss
# hint: This is the loss itself. How fast does it change with each weight?
def mse_grad(w, X, y):
    return np.mean((sigmoid(X @ w) - y) ** 2) / 2

# %% wrong mse_grad: features forgotten
# hint: This is the derivative with respect to z. How does z change with w?
def mse_grad(w, X, y):
    return np.mean(residual(w, X, y) * sigmoid_prime(X @ w))

# %% wrong mse_grad: outer difference
# hint: It pairs every y with every p, as (n, 1) and (n,) do. Pair each p with its own y.
def mse_grad(w, X, y):
    return X.T @ ((sigmoid(X @ w)[:, None] - y).mean(axis=1) * sigmoid_prime(X @ w)) / len(X)

# %% wrong mse_grad: squeezed
# hint: With a single feature squeeze() leaves a 0-d array. The gradient has the shape of w.
# names: squeeze
# otherwise: With a single feature the result is a number. The gradient has the shape of w.
def mse_grad(w, X, y):
    return right_mse_grad(w, X, y)[:, None].squeeze()

# %% wrong mse_grad: y -= p
# hint: `-=` changes the caller's labels, and it fails for integers. Make a new array.
# names: -=
# otherwise: It changes the caller's labels in place, and it fails for integers. Make a new array.
def mse_grad(w, X, y):
    y -= sigmoid(X @ w)
    return -(X.T @ (y * sigmoid_prime(X @ w)) / len(X))

# %% wrong mse_grad: y -= p with float labels
# hint: np.asarray does not copy a float array, so `-=` changes the caller's y.
# names: asarray
# names: -=
# otherwise: It changes the caller's y if y holds floats. Make a new array.
def mse_grad(w, X, y):
    y = np.asarray(y, dtype=float)
    y -= sigmoid(X @ w)
    return -(X.T @ (y * sigmoid_prime(X @ w)) / len(X))

# %% wrong mse_grad: integers stay integers
# hint: For integer features the result is truncated. Does zeros_like make an array of integers there?
# names: zeros_like
# otherwise: For integer features the result is truncated to integers. It needs floats.
def mse_grad(w, X, y):
    total = np.zeros_like(X[0])
    total[...] = right_mse_grad(w, X, y)
    return total

# %% wrong mse_grad: last example only
# hint: Only the last example contributes. Is each example added to those before it?
def mse_grad(w, X, y):
    return right_mse_grad(w, X[-1:], y[-1:]) / len(y)

# %% wrong mse_grad: finite difference
# hint: It is only an estimate, as from a finite difference. Use the formula.
def mse_grad(w, X, y, h=1e-05):
    def loss(v):
        return np.mean((sigmoid(X @ v) - y) ** 2) / 2

    return np.array([(loss(w + h * unit) - loss(w - h * unit)) / (2 * h) for unit in np.eye(len(w))])

# %% right mse_grad: X transposed
def mse_grad(w, X, y):
    p = sigmoid(X @ w)
    return X.T @ ((p - y) * p * (1 - p)) / len(y)

# %% right mse_grad: loop
def mse_grad(w, X, y):
    total = np.zeros(len(w))
    for x, label in zip(X, y, strict=True):
        p = sigmoid(x @ w)
        total += x * (p - label) * p * (1 - p)
    return total / len(y)

# %% right mse_grad: naive sigmoid
def mse_grad(w, X, y):
    p = 1 / (1 + np.exp(-X @ w))
    return X.T @ ((p - y) * p * (1 - p)) / len(y)

# %% right mse_grad: columns inside
def mse_grad(w, X, y):
    p, y = sigmoid(X @ w[:, None]), y[:, None]
    return (X.T @ ((p - y) * p * (1 - p)))[:, 0] / len(y)

# %% wrong gradient_descent: start missing
# hint: The path begins after the first step. The start belongs to it, too.
def gradient_descent(grad_fn, w0, lr, num_steps):
    return right_gradient_descent(grad_fn, w0, lr, num_steps)[1:]

# %% wrong gradient_descent: ascent
# hint: It goes uphill. Look at the sign of the step.
def gradient_descent(grad_fn, w0, lr, num_steps):
    return right_gradient_descent(grad_fn, w0, -lr, num_steps)

# %% wrong gradient_descent: aliases
# hint: All rows show the same point: `-=` changes an array in place, and all rows hold the same array.
# names: -=
# otherwise: All rows show the same point: are they all the same array? Make a new one for each point.
def gradient_descent(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w)
    return np.array(path)

# %% wrong gradient_descent: changes row t
# hint: It changes row t, which already holds a point. Write to row t + 1 only.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t] -= lr * grad_fn(path[t])
        path[t + 1] = path[t]
    return path

# %% wrong gradient_descent: fills row t
# hint: Step t starts from row t and writes to row t again. Which row should it fill?
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t] = path[t] - lr * grad_fn(path[t])
    return path

# %% wrong gradient_descent: steps from w0
# hint: Every step starts from w0 again. Start from the point that the last step reached.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = w0 - lr * grad_fn(path[t])
    return path

# %% wrong gradient_descent: only the end
# hint: It returns the last point only. Return the whole path.
def gradient_descent(grad_fn, w0, lr, num_steps):
    return right_gradient_descent(grad_fn, w0, lr, num_steps)[-1]

# %% wrong gradient_descent: changes w0
# hint: It updates w0 in place: this changes the caller's w0, and it fails for integers.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = [w0.copy()]
    for _ in range(num_steps):
        w0 -= lr * grad_fn(w0)
        path.append(w0.copy())
    return np.array(path)

# %% wrong gradient_descent: changes the gradient
# hint: It changes the array that grad_fn returned. Write `lr * g`, which makes a new array.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        step = grad_fn(path[-1])
        step *= lr
        path.append(path[-1] - step)
    return np.array(path)

# %% wrong gradient_descent: integers stay integers
# hint: An integer w0 makes an integer path, and every step is truncated.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)), dtype=w0.dtype)
    path[0] = w0
    for t in range(num_steps):
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path

# %% wrong gradient_descent: gradient of the start
# hint: Every step uses the gradient at w0. Compute it again at the current point.
def gradient_descent(grad_fn, w0, lr, num_steps):
    return w0 - lr * np.arange(num_steps + 1.0)[:, None] * grad_fn(w0)

# %% wrong gradient_descent: unit steps
# hint: Every step has length lr. A step should be proportional to the gradient.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        g = grad_fn(path[-1])
        path.append(path[-1] - lr * g / np.linalg.norm(g))
    return np.array(path)

# %% wrong gradient_descent: learning rate decays
# hint: The learning rate decays. It should be constant.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for t in range(num_steps):
        path.append(path[-1] - lr / (t + 1) * grad_fn(path[-1]))
    return np.array(path)

# %% wrong gradient_descent: jumps to the gradient
# hint: It replaces the point by the step. Add the step to the current point.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        path.append(-lr * grad_fn(path[-1]))
    return np.array(path)

# %% wrong gradient_descent: stops when the gradient is small
# hint: It stops where the gradient is small. Take all num_steps steps, so that the path has all its rows.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = [np.array(w0, dtype=float)]
    for _ in range(num_steps):
        gradient = grad_fn(path[-1])
        if np.linalg.norm(gradient) < 1e-6:
            break
        path.append(path[-1] - lr * gradient)
    return np.array(path)

# %% wrong gradient_descent: stops when it hardly moves
# hint: It stops where a step is short. Take all num_steps steps, so that the path has all its rows.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = right_gradient_descent(grad_fn, w0, lr, num_steps)
    short = np.linalg.norm(np.diff(path, axis=0), axis=1) < 1e-06
    return path[: np.argmax(short) + 1] if short.any() else path

# %% wrong gradient_descent: leaves the loop
# hint: Where the gradient is small, the last rows are still 0. Fill every row.
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = np.zeros((num_steps + 1, len(w0)))
    path[0] = w0
    for t in range(num_steps):
        if np.allclose(grad_fn(path[t]), 0):
            break
        path[t + 1] = path[t] - lr * grad_fn(path[t])
    return path

# %% wrong gradient_descent: flat without a step
# hint: With num_steps = 0 the path is still a table, with one row.
def gradient_descent(grad_fn, w0, lr, num_steps):
    return right_gradient_descent(grad_fn, w0, lr, num_steps) if num_steps else np.array(w0, dtype=float)

# %% right gradient_descent: list of new arrays
def gradient_descent(grad_fn, w0, lr, num_steps):
    w = np.array(w0, dtype=float)
    path = [w]
    for t in range(num_steps):
        w = w - lr * grad_fn(w)
        path.append(w)
    return np.array(path)

# %% right gradient_descent: preallocated
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = np.empty((num_steps + 1, len(w0)))
    path[0] = w0
    for before, after in pairwise(path):
        after[:] = before - lr * grad_fn(before)
    return path

# %% right gradient_descent: in place, rows copied
def gradient_descent(grad_fn, w0, lr, num_steps):
    w = w0.astype(float)
    path = [w.copy()]
    for _ in range(num_steps):
        w -= lr * grad_fn(w)
        path.append(w.copy())
    return np.array(path)

# %% right gradient_descent: rows filled before a break
def gradient_descent(grad_fn, w0, lr, num_steps):
    path = np.tile(np.asarray(w0, dtype=float), (num_steps + 1, 1))
    for t in range(num_steps):
        gradient = grad_fn(path[t])
        if not np.any(gradient):
            break
        path[t + 1 :] = path[t] - lr * gradient
    return path

# %% wrong bce_from_probs: labels swapped
# hint: The two terms are swapped. Which one should y = 1 select?
def bce_from_probs(p, y):
    return log_losses(p, 1 - y).mean()

# %% wrong bce_from_probs: log1p(p)
# hint: np.log1p(p) is log(1 + p). Which logarithm does the first term have?
# names: log1p
# otherwise: The first term has log(1 + p). Which logarithm does it have on the slide?
def bce_from_probs(p, y):
    return -np.mean(y * np.log1p(p) + (1 - y) * np.log1p(-p))

# %% wrong bce_from_probs: log1p in both terms
# hint: np.log1p(p) is log(1 + p). Which logarithms do the two terms have?
# names: log1p
# otherwise: A term has log(1 + p). Which logarithms do the two terms have on the slide?
def bce_from_probs(p, y):
    return -np.mean(y * np.log1p(p) + (1 - y) * np.log1p(1 - p))

# %% wrong bce_from_probs: first term only
# hint: Examples with y = 0 cost nothing: the second term is missing.
def bce_from_probs(p, y):
    return -np.mean(y * np.log(p))

# %% wrong bce_from_probs: minus on one term
# hint: Only one of the terms has a minus. On the slide it stands before the whole bracket.
def bce_from_probs(p, y):
    return np.mean(-y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong bce_from_probs: takes logarithms in place
# hint: It overwrites p, which changes the caller's array. Work on a new array.
def bce_from_probs(p, y):
    p[y == 0] = 1 - p[y == 0]
    return -np.mean(np.log(p, out=p))

# %% wrong bce_from_probs: squared error
# hint: This is the MSE, which the slide replaces.
def bce_from_probs(p, y):
    return np.mean((p - y) ** 2)

# %% wrong bce_from_probs: y and p exchanged
# hint: It is infinite for every p. Do you take the logarithm of y, which is 0 or 1?
def bce_from_probs(p, y):
    return -np.mean(p * np.log(y) + (1 - p) * np.log(1 - y))

# %% wrong bce_from_probs: log of the mean
# hint: It takes the logarithm of a mean. Which of the two comes first on the slide?
def bce_from_probs(p, y):
    return -np.log(np.mean(np.where(y == 1, p, 1 - p)))

# %% wrong bce_from_probs: log of the product
# hint: With many examples the loss is infinite: the product of many probabilities is 0 in float64. Sum the
#     logarithms instead.
def bce_from_probs(p, y):
    return -np.log(np.prod(np.where(y == 1, p, 1 - p))) / len(y)

# %% wrong bce_from_probs: 1e-12 inside one log
# hint: The loss has an upper limit for y = 0: is a small constant added inside the second logarithm? Add nothing.
def bce_from_probs(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p + 1e-12))

# %% wrong bce_from_probs: p clipped
# hint: The loss has an upper limit: is p clipped? p is already strictly between 0 and 1.
def bce_from_probs(p, y):
    return log_losses(np.clip(p, 1e-12, 1 - 1e-12), y).mean()

# %% right bce_from_probs: the slide
def bce_from_probs(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% right bce_from_probs: where
def bce_from_probs(p, y):
    return float(np.where(y == 1, -np.log(p), -np.log(1 - p)).mean())

# %% right bce_from_probs: loop
def bce_from_probs(p, y):
    return -sum((math.log(a) if b else math.log(1 - a) for a, b in zip(p.tolist(), y.tolist(), strict=True))) / len(y)

# %% right bce_from_probs: a 0-d array
def bce_from_probs(p, y):
    return np.array(log_losses(p, y).mean())

# %% wrong bce_with_logits: log of p
# hint: Where p is exactly 0 or 1, log gives -inf, and 0 times -inf is nan.
def bce_with_logits(z, y):
    p = sigmoid(z)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong bce_with_logits: log of one sigmoid
# hint: sigmoid(-1000) is 0, and the log of 0 is -inf. Simplify the log of a sigmoid on paper first.
def bce_with_logits(z, y):
    return -np.mean(np.log(sigmoid(np.where(y == 1, z, -z))))

# %% wrong bce_with_logits: p clipped
# hint: The loss has an upper limit: is p clipped? For a confidently wrong example it should keep growing with |z|.
def bce_with_logits(z, y):
    p = np.clip(sigmoid(z), 1e-15, 1 - 1e-15)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% wrong bce_with_logits: nan to 0
# hint: Some confident examples cost 0: is a nan replaced by 0? Avoid the nan instead.
def bce_with_logits(z, y):
    p = sigmoid(z)
    return np.nan_to_num(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))

# %% wrong bce_with_logits: nan to 0 in each term
# hint: Some losses are a huge number: is inf or -inf replaced? The correct loss can be computed from z.
def bce_with_logits(z, y):
    p = sigmoid(z)
    return -np.mean(np.nan_to_num(y * np.log(p)) + np.nan_to_num((1 - y) * np.log(1 - p)))

# %% wrong bce_with_logits: z clipped
# hint: The loss stops growing: is z clipped?
def bce_with_logits(z, y):
    return right_bce_with_logits(np.clip(z, -500, 500), y)

# %% wrong bce_with_logits: naive softplus
# hint: exp(z) overflows for large z. Keep every exponent at or below 0.
def bce_with_logits(z, y):
    return np.mean(np.log(1 + np.exp(z)) - y * z)

# %% wrong bce_with_logits: naive softplus of the margin
# hint: The exponential overflows for confidently wrong examples. Keep its exponent at or below 0.
def bce_with_logits(z, y):
    return np.mean(np.log(1 + np.exp(np.where(y == 1, -z, z))))

# %% wrong bce_with_logits: both branches of where
# hint: np.where computes both formulas for every z before it chooses. The one not chosen overflows.
# names: np.where
# otherwise: An exponential overflows although its result is not used. Keep every exponent at or below 0.
def bce_with_logits(z, y):
    losses = np.where(z > 0, z + np.log1p(np.exp(-z)), np.log1p(np.exp(z)))
    return np.mean(losses - y * z)

# %% wrong bce_with_logits: one branch for all
# hint: It is wrong if small and large losses occur together: is one formula chosen for all examples? Choose one for
#     each.
def bce_with_logits(z, y):
    a = (1 - 2 * y) * z
    if np.any(a > 0):
        return np.mean(a + np.log1p(np.exp(-a)))
    return np.mean(np.log1p(np.exp(a)))

# %% wrong bce_with_logits: labels -1 and 1
# hint: This is the formula for labels -1 and 1. Here y is 0 or 1.
def bce_with_logits(z, y):
    return np.mean(np.logaddexp(0, -y * z))

# %% wrong bce_with_logits: max term missing
# hint: The loss never exceeds log 2, however wrong z is. The term taken out of the logarithm is missing.
def bce_with_logits(z, y):
    return np.mean(np.log1p(np.exp(-np.abs(z))))

# %% wrong bce_with_logits: right examples cost, too
# hint: A confidently right example costs as much as a wrong one. Which term grows if a is very negative?
def bce_with_logits(z, y):
    return np.mean(np.maximum((1 - 2 * y) * z, 0) + np.logaddexp(0, (2 * y - 1) * z))

# %% wrong bce_with_logits: first term only
# hint: Examples with y = 0 cost nothing: the second term is missing.
def bce_with_logits(z, y):
    return np.mean(y * softplus(-z))

# %% wrong bce_with_logits: no log term
# hint: A right prediction costs nothing, however close z is to 0. Which term is missing?
def bce_with_logits(z, y):
    return np.mean(np.maximum(z, 0) - y * z)

# %% wrong bce_with_logits: labels swapped
# hint: The labels are swapped. Which sign of z is right for y = 1?
def bce_with_logits(z, y):
    return right_bce_with_logits(z, 1 - y)

# %% wrong bce_with_logits: outer difference
# hint: It pairs every z with every y, as (n, 1) and (n,) do. Pair each z with its own y.
def bce_with_logits(z, y):
    z = z[:, None]
    return np.mean(softplus(z) - y * z)

# %% wrong bce_with_logits: z used as p
# hint: It is nan for most z: does it take the logarithm of z, which may be negative? z is a logit, not a
#     probability.
def bce_with_logits(z, y):
    return -np.mean(y * np.log(z) + (1 - y) * np.log(1 - z))

# %% wrong bce_with_logits: changes z
# hint: It changes the caller's z. Work on a new array.
def bce_with_logits(z, y):
    z[y == 1] *= -1
    return np.mean(np.logaddexp(0, z))

# %% right bce_with_logits: logaddexp
def bce_with_logits(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)

# %% right bce_with_logits: max and log1p
def bce_with_logits(z, y):
    return np.mean(softplus(z) - y * z)

# %% right bce_with_logits: masked
def bce_with_logits(z, y):
    margin = np.where(y == 1, z, -z).astype(float)
    losses = np.empty_like(margin)
    right = margin > 0
    losses[right] = np.log1p(np.exp(-margin[right]))
    losses[~right] = -margin[~right] + np.log1p(np.exp(margin[~right]))
    return losses.mean()

# %% right bce_with_logits: loop
def bce_with_logits(z, y):
    total = 0.0
    for logit, label in zip(z.tolist(), y.tolist(), strict=True):
        wrong = -logit if label else logit
        total += max(wrong, 0) + math.log1p(math.exp(-abs(wrong)))
    return total / len(y)

# %% right bce_with_logits: where without a warning
def bce_with_logits(z, y):
    return np.mean(np.where(y == 1, softplus(-z), softplus(z)))

# %% right bce_with_logits: warning silenced
def bce_with_logits(z, y):
    with np.errstate(over="ignore"):
        losses = np.where(z > 0, z + np.log1p(np.exp(-z)), np.log1p(np.exp(z)))
    return np.mean(losses - y * z)

# %% wrong clipped_pair: a right prediction
# hint: The model is right there, so both losses are almost 0.
clipped_pair = {"z": 30, "y": 1}

# %% wrong clipped_pair: just clipped
# hint: p is clipped there, but the loss is only a little larger than its limit.
clipped_pair = {"z": 17, "y": 0}

# %% wrong clipped_pair: the limit of the clipped loss
# hint: At this z clipping begins. Go 10 further.
clipped_pair = {"z": 16.118, "y": 0}

# %% wrong clipped_pair: 10 in place of a difference of 10
# hint: The loss is 10 there, but p is not clipped.
clipped_pair = {"z": 10, "y": 0}

# %% wrong clipped_pair: almost
# hint: Almost: the loss must exceed its limit by 10.
clipped_pair = {"z": -26.1, "y": 1}

# %% wrong clipped_pair: p instead of z
# hint: z is a logit. Near 0 its p is 0.5.
clipped_pair = {"z": 1e-08, "y": 1}

# %% wrong clipped_pair: label False
# hint: y is a truth value: write the number 0 or 1.
clipped_pair = {"z": 30, "y": False}

# %% right clipped_pair: label 1
clipped_pair = {"z": -30, "y": 1}

# %% right clipped_pair: at the limit
clipped_pair = {"z": 26.2, "y": 0}

# %% right clipped_pair: large
clipped_pair = {"z": 1000.0, "y": 0.0}

# %% right clipped_pair: arrays
clipped_pair = {"z": [-500], "y": [1]}

# %% right clipped_pair: another order
clipped_pair = {"y": 0, "z": 27}

# %% wrong bce_grad: sign
# hint: The gradient points the opposite way. Is the error p - y or y - p?
def bce_grad(w, X, y):
    return -right_bce_grad(w, X, y)

# %% wrong bce_grad: mean over the classes
# hint: It averages over the classes. Every example counts the same, also in a class with many examples.
def bce_grad(w, X, y):
    return np.mean([right_bce_grad(w, X[y == k], y[y == k]) for k in np.unique(y)], axis=0)

# %% wrong bce_grad: divided by d
# hint: It divides by the number of features instead of the number of examples.
def bce_grad(w, X, y):
    return X.T @ residual(w, X, y) / len(w)

# %% wrong bce_grad: sigmoid forgotten
# hint: This is the gradient of linear regression. It looks the same, but what is the prediction here?
def bce_grad(w, X, y):
    return X.T @ (X @ w - y) / len(y)

# %% wrong bce_grad: gradient of the MSE
# hint: This is the gradient of the MSE, with the factor p(1 - p). With the log-loss it cancels.
def bce_grad(w, X, y):
    return mse_grad(w, X, y)

# %% wrong bce_grad: mean over features
# hint: It averages over features. The gradient has one number per weight, not one per example.
def bce_grad(w, X, y):
    return (X * residual(w, X, y)[:, None]).mean(axis=1)

# %% wrong bce_grad: the loss
# hint: This is the loss itself. How fast does it change with each weight?
def bce_grad(w, X, y):
    return bce_with_logits(X @ w, y)

# %% wrong bce_grad: labels instead of probabilities
# hint: It compares predicted labels with y. Use the probabilities, before the threshold.
def bce_grad(w, X, y):
    return X.T @ ((X @ w >= 0) * 1.0 - y) / len(y)

# %% wrong bce_grad: only where y is 1
# hint: Examples with y = 0 contribute nothing. A term is missing.
def bce_grad(w, X, y):
    return -X.T @ (y * sigmoid(-(X @ w))) / len(y)

# %% wrong bce_grad: divides by p(1 - p)
# hint: Where p is 0 or 1 the result is nan, as from 0 / 0. Cancel on paper, not in code.
def bce_grad(w, X, y):
    p = sigmoid(X @ w)
    return X.T @ ((p - y) / (p * (1 - p)) * (p * (1 - p))) / len(y)

# %% wrong bce_grad: features forgotten
# hint: This is the derivative with respect to z. How does z change with w?
def bce_grad(w, X, y):
    return residual(w, X, y).mean()

# %% wrong bce_grad: outer difference
# hint: It pairs every y with every p, as (n, 1) and (n,) do. Pair each p with its own y.
def bce_grad(w, X, y):
    return X.T @ (sigmoid(X @ w)[:, None] - y).mean(axis=1) / len(X)

# %% wrong bce_grad: squeezed
# hint: With a single feature squeeze() leaves a 0-d array. The gradient has the shape of w.
# names: squeeze
# otherwise: With a single feature the result is a number. The gradient has the shape of w.
def bce_grad(w, X, y):
    return right_bce_grad(w, X, y)[:, None].squeeze()

# %% wrong bce_grad: y -= p
# hint: `-=` changes the caller's labels, and it fails for integers. Make a new array.
# names: -=
# otherwise: It changes the caller's labels in place, and it fails for integers. Make a new array.
def bce_grad(w, X, y):
    y -= sigmoid(X @ w)
    return -(X.T @ y / len(X))

# %% wrong bce_grad: y -= p with float labels
# hint: np.asarray does not copy a float array, so `-=` changes the caller's y.
# names: asarray
# names: -=
# otherwise: It changes the caller's y if y holds floats. Make a new array.
def bce_grad(w, X, y):
    y = np.asarray(y, dtype=float)
    y -= sigmoid(X @ w)
    return -(X.T @ y / len(X))

# %% wrong bce_grad: integers stay integers
# hint: For integer features the result is truncated. Does zeros_like make an array of integers there?
# names: zeros_like
# otherwise: For integer features the result is truncated to integers. It needs floats.
def bce_grad(w, X, y):
    total = np.zeros_like(X[0])
    total[...] = right_bce_grad(w, X, y)
    return total

# %% wrong bce_grad: p clipped
# hint: The gradient is wrong where p is near 0 or 1: is p clipped? There is no logarithm and no quotient that needs
#     it.
def bce_grad(w, X, y):
    return X.T @ (np.clip(sigmoid(X @ w), 1e-07, 1 - 1e-07) - y) / len(X)

# %% right bce_grad: X transposed
def bce_grad(w, X, y):
    return X.T @ (sigmoid(X @ w) - y) / len(y)

# %% right bce_grad: loop
def bce_grad(w, X, y):
    total = np.zeros(len(w))
    for x, label in zip(X, y, strict=True):
        total += x * (sigmoid(x @ w) - label)
    return total / len(y)

# %% right bce_grad: naive sigmoid
def bce_grad(w, X, y):
    return X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y)

# %% right bce_grad: columns inside
def bce_grad(w, X, y):
    return (X.T @ (sigmoid(X @ w[:, None]) - y[:, None])).ravel() / len(y)
