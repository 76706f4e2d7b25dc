"""Known answers to the exercises of `06-flat-minima/flat_minima.ipynb`."""

import math
from itertools import pairwise

def normalise(arrays):
    length = math.sqrt(sum((float((A**2).sum()) for A in arrays)))
    return [A / length for A in arrays]

def random_direction(rng, theta):
    return normalise([rng.normal(size=A.shape) for A in theta])

def losses_around(loss_fn, theta, radius, rng, num_dirs):
    directions = (random_direction(rng, theta) for _ in range(num_dirs))
    return np.array([loss_fn([A + radius * U for A, U in zip(theta, u, strict=True)]) for u in directions])

def loss_rises(loss_fn, theta, radius, rng, num_dirs):
    return losses_around(loss_fn, theta, radius, rng, num_dirs) - loss_fn(theta)

def sharpness(loss_fn, theta, radius, rng, num_dirs):
    return loss_rises(loss_fn, theta, radius, rng, num_dirs).mean()

def log_softmax(Z):
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)

def right_loss_head(Z, labels):
    log_P, rows = Z - Z.max(axis=1, keepdims=True), np.arange(len(labels))
    log_P = log_P - np.log(np.exp(log_P).sum(axis=1, keepdims=True))
    dZ = np.exp(log_P)
    dZ[rows, labels] -= 1
    return -log_P[rows, labels].mean(), dZ / len(labels)

def softmax(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)

def from_probabilities(P, labels):
    return -np.mean(np.log(P[np.arange(len(labels)), labels])), (P - np.eye(P.shape[1])[labels]) / len(labels)

def right_interpolate(theta0, thetaf, alpha):
    return [A + alpha * (B - A) for A, B in zip(theta0, thetaf, strict=True)]

def right_interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return np.array([loss_fn(interpolate(theta0, thetaf, alpha)) for alpha in alphas])

def right_is_monotone_decreasing(v, tol):
    return bool(np.all(v <= np.minimum.accumulate(v) + tol))

# %% wrong sharpness: not normalised
# hint: The directions are not divided by their length. How long is a step?
def random_direction(rng, theta):
    return [rng.normal(size=A.shape) for A in theta]

# %% wrong sharpness: each array normalised separately
# hint: Each array is scaled to length 1 separately. All arrays together are one vector: what is its length?
def random_direction(rng, theta):
    return [A / np.linalg.norm(A) for A in [rng.normal(size=A.shape) for A in theta]]

# %% wrong sharpness: each array of the same length
# hint: Each array is normalised separately, so all change by the same length: normalise them as one vector.
def random_direction(rng, theta):
    arrays = [rng.normal(size=A.shape) for A in theta]
    return [A / np.linalg.norm(A) / math.sqrt(len(theta)) for A in arrays]

# %% wrong sharpness: divided by the square
# hint: It divides by the square of the length.
def normalise(arrays):
    square = sum(float((A**2).sum()) for A in arrays)
    return [A / square for A in arrays]

# %% wrong sharpness: divided by √d
# hint: A normal random vector has a length near √d, but not exactly √d: divide by its own length.
def normalise(arrays):
    d = sum(A.size for A in arrays)
    return [A / math.sqrt(d) for A in arrays]

# %% wrong sharpness: radius forgotten
# hint: radius is never used.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    return loss_rises(loss_fn, theta, 1, rng, num_dirs).mean()

# %% wrong sharpness: positive only
# hint: No parameter ever decreases. Which random numbers are negative as often as positive?
def random_direction(rng, theta):
    return normalise([rng.random(A.shape) for A in theta])

# %% wrong sharpness: uniform in a cube
# hint: Uniform numbers fill a cube and favour its corners. Which distribution has no preferred direction?
def random_direction(rng, theta):
    return normalise([rng.uniform(-1, 1, A.shape) for A in theta])

# %% wrong sharpness: signs only
# hint: All parameters change by the same amount, up or down. Most directions are never drawn.
def random_direction(rng, theta):
    return normalise([rng.choice([-1.0, 1.0], A.shape) for A in theta])

# %% wrong sharpness: same in every column
# hint: All columns of a matrix change in the same way: draw a number for every parameter.
def random_direction(rng, theta):
    shapes = [A.shape[:1] + (1,) * (A.ndim - 1) for A in theta]
    return normalise([np.zeros(A.shape) + rng.normal(size=shape) for A, shape in zip(theta, shapes, strict=True)])

# %% wrong sharpness: opposite directions
# hint: Every second direction is the opposite of the one before: draw each one anew.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    for k in range(num_dirs):
        u = [-U for U in u] if k % 2 else random_direction(rng, theta)
        rises.append(loss_fn([A + radius * U for A, U in zip(theta, u, strict=True)]) - loss_fn(theta))
    return np.mean(rises)

# %% wrong sharpness: weights only
# hint: The biases do not change: they are parameters too.
def random_direction(rng, theta):
    return normalise([rng.normal(size=A.shape) * (A.ndim > 1 or len(theta) == 1) for A in theta])

# %% wrong sharpness: one direction
# hint: It uses one direction only: draw a new one num_dirs times.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    u = random_direction(rng, theta)
    losses = [loss_fn([A + radius * U for A, U in zip(theta, u, strict=True)]) for _ in range(num_dirs)]
    return float((np.array(losses) - loss_fn(theta)).mean())

# %% wrong sharpness: random walk
# hint: Each step starts at the previous point. Start at theta in every direction.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    loss, point, rises = loss_fn(theta), theta, []
    for _ in range(num_dirs):
        point = [A + radius * U for A, U in zip(point, random_direction(rng, theta), strict=True)]
        rises.append(loss_fn(point) - loss)
    return float(np.mean(rises))

# %% wrong sharpness: loss, not rise
# hint: This is the mean loss around theta. How much higher is it than the loss at theta?
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    return losses_around(loss_fn, theta, radius, rng, num_dirs).mean()

# %% wrong sharpness: sign
# hint: It has the opposite sign: a rise is positive.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    return -loss_rises(loss_fn, theta, radius, rng, num_dirs).mean()

# %% wrong sharpness: largest
# hint: It returns the largest rise: take the mean.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    return loss_rises(loss_fn, theta, radius, rng, num_dirs).max()

# %% wrong sharpness: own generator
# hint: Its directions do not come from rng: draw from rng.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    return loss_rises(loss_fn, theta, radius, np.random.default_rng(541), num_dirs).mean()

# %% wrong sharpness: changes theta
# hint: It changes theta in place: make a new list of new arrays.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    loss, total = loss_fn(theta), 0.0
    for k in range(num_dirs):
        u = random_direction(rng, theta)
        for A, U in zip(theta, u, strict=True):
            A += radius * U
        total += loss_fn(theta) - loss
        if k < num_dirs - 1:
            for A, U in zip(theta, u, strict=True):
                A -= radius * U
    return total / num_dirs

# %% wrong sharpness: replaces the arrays of theta
# hint: It moves the caller's theta, so each step starts where the last one ended. Make a new list of new arrays.
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    loss, rises = loss_fn(theta), []
    for _ in range(num_dirs):
        moved, u = theta, random_direction(rng, theta)
        for k in range(len(theta)):
            moved[k] = theta[k] + radius * u[k]
        rises.append(loss_fn(moved) - loss)
    return float(np.mean(rises))

# %% right sharpness: list of arrays
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    return float(loss_rises(loss_fn, theta, radius, rng, num_dirs).mean())

# %% right sharpness: in one vector
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    cuts = np.cumsum([A.size for A in theta])[:-1]
    total, loss = 0.0, loss_fn(theta)
    for u in rng.standard_normal((num_dirs, sum(A.size for A in theta))):
        parts = np.split(radius * u / np.linalg.norm(u), cuts)
        total += loss_fn([A + part.reshape(A.shape) for A, part in zip(theta, parts, strict=True)]) - loss
    return total / num_dirs

# %% right sharpness: loss at theta recomputed
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    rises = []
    while len(rises) < num_dirs:
        D = [rng.normal(0, 1, A.shape) for A in theta]
        scale = radius / np.sqrt(np.sum([np.sum(part**2) for part in D]))
        moved = [A.copy() for A in theta]
        for A, part in zip(moved, D, strict=True):
            A += scale * part
        rises.append(loss_fn(moved) - loss_fn(theta))
    return sum(rises) / len(rises)

# %% right sharpness: mean of losses first
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    losses = []
    for _ in range(num_dirs):
        u = random_direction(rng, theta)
        losses.append(loss_fn(tuple(A - radius * U for A, U in zip(theta, u, strict=True))))
    return np.mean(losses) - loss_fn(theta)

# %% right sharpness: all directions first
def sharpness(loss_fn, theta, radius, rng, num_dirs):
    D = [rng.normal(size=(num_dirs, *A.shape)) for A in theta]
    lengths = np.sqrt(sum((part.reshape(num_dirs, -1) ** 2).sum(axis=1) for part in D))
    D = [radius * part / lengths.reshape(-1, *[1] * (part.ndim - 1)) for part in D]
    losses = [loss_fn([A + part[k] for A, part in zip(theta, D, strict=True)]) for k in range(num_dirs)]
    return np.array(np.mean(losses) - loss_fn(theta))

# %% wrong loss_head: 1/B missing in dZ
# hint: dZ is the gradient of the sum over the batch, but the loss is a mean. What becomes of its 1/B?
def loss_head(Z, labels):
    loss, dZ = right_loss_head(Z, labels)
    return loss, len(Z) * dZ

# %% wrong loss_head: P alone
# hint: dZ is positive everywhere: where do the labels enter?
def loss_head(Z, labels):
    return right_loss_head(Z, labels)[0], softmax(Z) / len(Z)

# %% wrong loss_head: true class alone
# hint: dZ is 0 for all classes but the true one. The loss depends on the other logits too.
def loss_head(Z, labels):
    loss, dZ = right_loss_head(Z, labels)
    return loss, dZ * np.eye(Z.shape[1])[labels]

# %% wrong loss_head: wrong predictions alone
# hint: dZ is 0 for correctly predicted examples. Their loss depends on Z, too.
def loss_head(Z, labels):
    loss, dZ = right_loss_head(Z, labels)
    return loss, dZ * (softmax(Z).argmax(axis=1) != labels)[:, None]

# %% wrong loss_head: extra factor P(1 - P)
# hint: dZ has an extra factor p(1 - p): the gradient of cross-entropy has none.
def loss_head(Z, labels):
    loss, dZ = right_loss_head(Z, labels)
    P = softmax(Z)
    return loss, dZ * P * (1 - P)

# %% wrong loss_head: labels as numbers
# hint: dZ is P minus the label itself, a number: take its one-hot row.
def loss_head(Z, labels):
    return right_loss_head(Z, labels)[0], (softmax(Z) - np.asarray(labels)[:, None]) / len(Z)

# %% wrong loss_head: columns of all labels
# hint: `[:, labels]` selects whole columns: pair each row with its own label.
# names: [:, labels]
# otherwise: It uses whole columns, so each row gets the labels of all rows: pair it with its own label.
def loss_head(Z, labels):
    dZ = softmax(Z)
    dZ[:, labels] -= 1
    return right_loss_head(Z, labels)[0], dZ / len(Z)

# %% wrong loss_head: loss over all labels
# hint: `[:, labels]` selects whole columns: pair each row with its own label.
# names: [:, labels]
# otherwise: It uses whole columns, so each row gets the labels of all rows: pair it with its own label.
def loss_head(Z, labels):
    return -np.mean(log_softmax(Z)[:, labels]), right_loss_head(Z, labels)[1]

# %% wrong loss_head: swapped
# hint: Return the loss first, then dZ.
def loss_head(Z, labels):
    return right_loss_head(Z, labels)[::-1]

# %% wrong loss_head: no shift
# hint: exp overflows for large logits: shift each row first.
def loss_head(Z, labels):
    E = np.exp(Z)
    return from_probabilities(E / E.sum(axis=1, keepdims=True), labels)

# %% wrong loss_head: largest subtracted from one logit
# hint: The loss is wrong by the largest logit of each row. The shift concerns the logit of the true class and the
#     sum.
def loss_head(Z, labels):
    shifted = Z - Z.max(axis=1)[:, None]
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - shifted[np.arange(len(Z)), labels]), right_loss_head(Z, labels)[1]

# %% wrong loss_head: one shift for all
# hint: In a row far below the largest logit of all, every exp underflows to 0: shift each row by its own number.
def loss_head(Z, labels):
    E = np.exp(Z - np.max(Z))
    return from_probabilities(E / E.sum(axis=1, keepdims=True), labels)

# %% wrong loss_head: softmax over the examples
# hint: The probabilities sum to 1 over the examples instead of the classes.
def loss_head(Z, labels):
    E = np.exp(Z - np.max(Z, axis=0))
    return from_probabilities(E / E.sum(axis=0), labels)

# %% wrong loss_head: log of P
# hint: A probability that underflows to 0 has the log -inf. Can you compute log p without computing p?
def loss_head(Z, labels):
    return from_probabilities(softmax(Z), labels)

# %% wrong loss_head: log of P + 1e-12
# hint: Large losses are cut off. Is p clipped, or is a constant added to it?
def loss_head(Z, labels):
    return -np.mean(np.log(softmax(Z)[np.arange(len(Z)), labels] + 1e-12)), right_loss_head(Z, labels)[1]

# %% wrong loss_head: rounded to float32
# hint: The results have the precision of float32. Do not convert Z.
def loss_head(Z, labels):
    return right_loss_head(Z.astype(np.float32), labels)

# %% wrong loss_head: changes Z
# hint: It changes Z in place: make a new array.
def loss_head(Z, labels):
    loss, dZ = right_loss_head(Z, labels)
    Z -= Z.max(axis=1, keepdims=True)
    return loss, dZ

# %% right loss_head: log probabilities
def loss_head(Z, labels):
    Z = np.asarray(Z)
    log_P = Z - np.max(Z, axis=1, keepdims=True)
    log_P = log_P - np.log(np.sum(np.exp(log_P), axis=1, keepdims=True))
    rows = np.arange(len(labels))
    dZ = np.exp(log_P)
    dZ[rows, labels] -= 1
    return -log_P[rows, labels].mean(), dZ / len(labels)

# %% right loss_head: one-hot
def loss_head(Z, labels):
    Y, log_P = np.eye(Z.shape[1])[labels], log_softmax(Z)
    return -np.sum(Y * log_P) / len(Y), (np.exp(log_P) - Y) / len(Y)

# %% right loss_head: where
def loss_head(Z, labels):
    is_label = np.asarray(labels)[:, None] == np.arange(Z.shape[1])
    shifted = Z - Z.max(axis=1)[:, None]
    sums = np.exp(shifted).sum(1)
    P = np.exp(shifted) / sums[:, None]
    loss = float((np.log(sums) - np.where(is_label, shifted, 0).sum(axis=1)).mean())
    return [loss, np.where(is_label, P - 1, P) / len(Z)]

# %% right loss_head: row by row
def loss_head(Z, labels):
    loss, dZ = 0.0, []
    for z, k in zip(Z, labels, strict=True):
        e = np.exp(z - z.max())
        p = e / e.sum()
        loss += np.log(e.sum()) - (z - z.max())[k]
        p[k] -= 1
        dZ.append(p)
    return loss / len(Z), np.array(dZ) / len(Z)

# %% wrong interpolate: weights only
# hint: The biases remain those of theta0: they are parameters too.
def interpolate(theta0, thetaf, alpha):
    line = right_interpolate(theta0, thetaf, alpha)
    return [C if C.ndim > 1 else 1.0 * A for C, A in zip(line, theta0, strict=True)]

# %% wrong interpolate: first array only
# hint: Only the first array is interpolated.
def interpolate(theta0, thetaf, alpha):
    return [*right_interpolate(theta0[:1], thetaf[:1], alpha), *(1.0 * A for A in theta0[1:])]

# %% wrong interpolate: return in the loop
# hint: Only the first pair of arrays is used: does the function end too early?
def interpolate(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        return [A + alpha * (B - A)]

# %% wrong interpolate: clipped
# hint: It stops at the ends. For alpha below 0 and above 1 the line goes on.
def interpolate(theta0, thetaf, alpha):
    return right_interpolate(theta0, thetaf, min(max(alpha, 0), 1))

# %% wrong interpolate: alpha rounded
# hint: For some alphas, it returns the point of another alpha nearby: is alpha rounded?
def interpolate(theta0, thetaf, alpha):
    return right_interpolate(theta0, thetaf, round(alpha, 2))

# %% wrong interpolate: sum
# hint: It adds a part of thetaf to all of theta0. What should remain of theta0 at alpha = 1?
def interpolate(theta0, thetaf, alpha):
    return [A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]

# %% wrong interpolate: difference alone
# hint: It returns the step from theta0, not the point where the step ends.
def interpolate(theta0, thetaf, alpha):
    return [alpha * (B - A) for A, B in zip(theta0, thetaf, strict=True)]

# %% wrong interpolate: step backwards
# hint: It moves away from thetaf: check the signs.
def interpolate(theta0, thetaf, alpha):
    return [A - alpha * (B - A) for A, B in zip(theta0, thetaf, strict=True)]

# %% wrong interpolate: no copy at the ends
# hint: At alpha = 0 or 1 it returns the arrays of theta0 or thetaf: make new ones.
def interpolate(theta0, thetaf, alpha):
    if alpha in (0, 1):
        return [theta0, thetaf][int(alpha)]
    return right_interpolate(theta0, thetaf, alpha)

# %% wrong interpolate: changes theta0
# hint: It changes theta0 in place, so the next call starts elsewhere.
def interpolate(theta0, thetaf, alpha):
    for A, B in zip(theta0, thetaf, strict=True):
        A += alpha * (B - A)
    return theta0

# %% right interpolate: two parts
def interpolate(theta0, thetaf, alpha):
    return [(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]

# %% right interpolate: with a loop
def interpolate(theta0, thetaf, alpha):
    theta = []
    for k in range(len(theta0)):
        theta.append(theta0[k] * (1 - alpha) + thetaf[k] * alpha)
    return theta

# %% right interpolate: a tuple
def interpolate(theta0, thetaf, alpha):
    return tuple([B + (1 - alpha) * (A - B) for A, B in zip(theta0, thetaf, strict=True)])

# %% wrong interpolation_curve: clipped
# hint: It stops at the ends. For alpha below 0 and above 1 the line goes on.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return right_interpolation_curve(loss_fn, theta0, thetaf, np.clip(alphas, 0, 1))

# %% wrong interpolation_curve: sorted
# hint: The losses are in the order of increasing alphas: return them in the given order.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return right_interpolation_curve(loss_fn, theta0, thetaf, np.sort(alphas))

# %% wrong interpolation_curve: arrays of alphas only
# hint: It fails if alphas is a list. Make an array of it first.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    losses = np.zeros(alphas.shape)
    for k, alpha in enumerate(alphas):
        losses[k] = loss_fn(interpolate(theta0, thetaf, alpha))
    return losses

# %% wrong interpolation_curve: each alpha once
# hint: It drops repeated alphas.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return right_interpolation_curve(loss_fn, theta0, thetaf, dict.fromkeys(alphas))

# %% wrong interpolation_curve: own alphas
# hint: It ignores the given alphas and uses evenly spaced ones from 0 to 1.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return right_interpolation_curve(loss_fn, theta0, thetaf, np.linspace(0, 1, len(alphas)))

# %% wrong interpolation_curve: from the previous point
# hint: Each step starts at the previous point. Start at theta0 for every alpha, and do not change theta0.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    losses = []
    for alpha in alphas:
        for A, B in zip(theta0, thetaf, strict=True):
            A += alpha * (B - A)
        losses.append(loss_fn(theta0))
    return np.array(losses, dtype=float)

# %% wrong interpolation_curve: line between the losses
# hint: It interpolates the losses of the two ends: interpolate the parameters, then call loss_fn.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    start, end = loss_fn(theta0), loss_fn(thetaf)
    return start + np.asarray(alphas) * (end - start)

# %% wrong interpolation_curve: minus the loss at theta0
# hint: Every loss is too small by the loss at theta0.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return right_interpolation_curve(loss_fn, theta0, thetaf, alphas) - loss_fn(theta0)

# %% wrong interpolation_curve: integers stay integers
# hint: For integer alphas the losses are truncated to integers: they are floats.
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    losses = np.zeros_like(alphas)
    losses[...] = right_interpolation_curve(loss_fn, theta0, thetaf, alphas)
    return losses

# %% right interpolation_curve: comprehension
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return np.array(
        [loss_fn([(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)]) for alpha in alphas]
    )

# %% right interpolation_curve: filled in
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    losses = np.empty(len(alphas))
    for k, alpha in enumerate(alphas):
        losses[k] = loss_fn([(1 - alpha) * A + alpha * B for A, B in zip(theta0, thetaf, strict=True)])
    return losses

# %% right interpolation_curve: tuples
def interpolation_curve(loss_fn, theta0, thetaf, alphas):
    return np.array([loss_fn(tuple(interpolate(theta0, thetaf, alpha))) for alpha in alphas], dtype=float)

# %% wrong is_monotone_decreasing: neighbours only
# hint: It accepts a slow rise in many small steps: is each value compared only with its neighbour?
def is_monotone_decreasing(v, tol):
    return bool(np.all(np.diff(v) <= tol))

# %% wrong is_monotone_decreasing: last local minimum
# hint: It accepts a zigzag that climbs. With which of the earlier values is each value compared?
def is_monotone_decreasing(v, tol):
    lowest = v[0]
    for before, after in pairwise(v):
        lowest = after if after < before else lowest
        if not after <= lowest + tol:
            return False
    return not np.isnan(v).any()

# %% wrong is_monotone_decreasing: a nan passes
# hint: It returns True for a curve with nan: look for nan, or require that all comparisons are True.
def is_monotone_decreasing(v, tol):
    return not any((v[j] > v[i] + tol for i in range(len(v)) for j in range(i, len(v))))

# %% wrong is_monotone_decreasing: a single nan passes
# hint: It returns True for a single nan: with one value, there is nothing to compare. Test for nan as well.
def is_monotone_decreasing(v, tol):
    return bool(np.all(v[1:] <= np.minimum.accumulate(v)[:-1] + tol))

# %% wrong is_monotone_decreasing: inf minus inf
# hint: It is wrong for a curve that contains inf. Compare the values themselves, which is right for inf, too.
def is_monotone_decreasing(v, tol):
    return bool(np.all(v - np.minimum.accumulate(v) <= tol))

# %% wrong is_monotone_decreasing: strictly
# hint: Staying level is not a rise: allow equality.
def is_monotone_decreasing(v, tol):
    falls = all(v[j] < v[i] + tol for i in range(len(v)) for j in range(i + 1, len(v)))
    return falls and not np.isnan(v).any()

# %% wrong is_monotone_decreasing: increasing
# hint: It tests whether the curve rises.
def is_monotone_decreasing(v, tol):
    return right_is_monotone_decreasing(-v, tol)

# %% wrong is_monotone_decreasing: tol ignored
# hint: tol is never used.
def is_monotone_decreasing(v, tol):
    return right_is_monotone_decreasing(v, 0)

# %% wrong is_monotone_decreasing: tol plus a small number
# hint: It accepts a rise that is slightly higher than tol. Is a small number added to tol?
def is_monotone_decreasing(v, tol):
    return right_is_monotone_decreasing(v, tol + 1e-09)

# %% wrong is_monotone_decreasing: inf dropped
# hint: It accepts a rise to inf: are such values left out?
def is_monotone_decreasing(v, tol):
    return right_is_monotone_decreasing(v[~np.isinf(v)], tol)

# %% wrong is_monotone_decreasing: tol the wrong way
# hint: It rejects a fall by less than tol, but tol allows small rises: check its sign.
def is_monotone_decreasing(v, tol):
    return right_is_monotone_decreasing(v, -tol) if len(v) > 1 else True

# %% wrong is_monotone_decreasing: ends only
# hint: It accepts every curve that ends lower than it starts: what about the values between?
def is_monotone_decreasing(v, tol):
    return bool(v[-1] <= v[0] + tol)

# %% wrong is_monotone_decreasing: against the start
# hint: It accepts a hill on the way down that stays below the first value: look at the lowest one before it.
def is_monotone_decreasing(v, tol):
    return bool(np.all(v <= v[0] + tol))

# %% wrong is_monotone_decreasing: against the end
# hint: It accepts a hill on the way down: compare each value with the lowest one before it.
def is_monotone_decreasing(v, tol):
    return bool(np.all(v >= v[-1] - tol))

# %% wrong is_monotone_decreasing: against the sorted values
# hint: It accepts some rises of more than tol: compare each value with the lowest one before it.
def is_monotone_decreasing(v, tol):
    return bool(np.allclose(v, np.sort(v)[::-1], rtol=0, atol=tol))

# %% wrong is_monotone_decreasing: changes v
# hint: It changes v in place.
def is_monotone_decreasing(v, tol):
    return bool(np.all(v.copy() <= np.minimum.accumulate(v, out=v) + tol))

# %% wrong is_monotone_decreasing: sum of the rises
# hint: It rejects several small rises with falls between them: compare each value with the lowest one before it.
def is_monotone_decreasing(v, tol):
    return not np.isnan(v).any() and bool(np.maximum(np.diff(v), 0).sum() <= tol)

# %% right is_monotone_decreasing: all pairs
def is_monotone_decreasing(v, tol):
    return all(v[j] <= v[i] + tol for i in range(len(v)) for j in range(i, len(v)))

# %% right is_monotone_decreasing: lowest so far
def is_monotone_decreasing(v, tol):
    return bool(np.all(v <= np.minimum.accumulate(v) + tol))

# %% right is_monotone_decreasing: nan first
def is_monotone_decreasing(v, tol):
    if np.isnan(v).any():
        return False
    return not any(v[k:].max() > v[k] + tol for k in range(len(v)))

# %% right is_monotone_decreasing: a NumPy bool
def is_monotone_decreasing(v, tol):
    return np.all(np.asarray(v) <= np.fmin.accumulate(v) + tol)

# %% wrong slow_climb: falling
# hint: A falling curve is judged correctly by both versions.
slow_climb = [4, 3, 2, 1]

# %% wrong slow_climb: level
# hint: A level curve does not rise at all.
slow_climb = [1, 1, 1, 1]

# %% wrong slow_climb: rising
# hint: Each of its steps is higher than tol, so the friend's version notices them.
slow_climb = [1, 2, 3, 4]

# %% wrong slow_climb: steps of 0.1
# hint: In floats, 4.1 + 0.1 is below 4.2: take steps smaller than 0.1.
slow_climb = [5, 4, 4.1, 4.2]

# %% wrong slow_climb: falls back
# hint: It never is more than 0.1 above an earlier number.
slow_climb = [1.0, 1.1, 1.0, 1.1]

# %% wrong slow_climb: steps too low
# hint: All its steps together are not higher than tol.
slow_climb = [1, 1.02, 1.04, 1.06]

# %% right slow_climb: an array
slow_climb = np.array([1.0, 1.08, 1.16, 1.24])

# %% right slow_climb: a tuple
slow_climb = 0.0, 0.06, 0.12, 0.12

# %% right slow_climb: after a fall
slow_climb = [5.0, 0.0, 0.09, 0.18]
