"""Known wrong and right answers to the exercises of `01-sigmoid/sigmoid.ipynb`."""

import math

def right_sigmoid(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))

def right_sigmoid_prime(z):
    return sigmoid(z) * sigmoid(-np.asarray(z))

# %% wrong sigmoid: naive exp
# hint: exp(-z) overflows for very negative z. Which exponential stays below 1 there?
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

# %% wrong sigmoid: exp over 1 + exp
# hint: For large z both exponentials are infinite, and inf / inf is nan.
def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))

# %% wrong sigmoid: both branches of where
# hint: np.where computes both formulas for every z before it chooses. The one not chosen overflows.
# names: np.where
# otherwise: An exponential overflows although its result is not used. Which one stays below 1?
def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))

# %% wrong sigmoid: sign of z
# hint: The curve falls where it should rise. Look at the sign of z.
def sigmoid(z):
    return right_sigmoid(-np.asarray(z))

# %% wrong sigmoid: clipped
# hint: The tails are wrong, and the curve becomes flat too early: is z clipped?
def sigmoid(z):
    return right_sigmoid(np.clip(z, -10, 10))

# %% wrong sigmoid: 0 at z = 0
# hint: At z = 0 the result is 0. What is σ(0), and which formula is used there?
def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(np.asarray(z) > 0, 1 / (1 + e), np.where(np.asarray(z) < 0, e / (1 + e), 0))

# %% wrong sigmoid: clips z itself
# hint: np.asarray does not copy a float array, so the caller's z is changed. Work on a copy.
# names: asarray
# otherwise: It changes large values in the caller's z. Work on a copy.
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    z[z > 500] = 500
    z[z < -500] = -500
    return 1 / (1 + np.exp(-z))

# %% wrong sigmoid: tanh
# hint: The values run from -1 to 1: this is tanh. A probability lies between 0 and 1.
def sigmoid(z):
    return np.tanh(z)

# %% wrong sigmoid: tanh without halving
# hint: At 0 the curve is twice as steep as it should be. What must be halved?
def sigmoid(z):
    return 0.5 * (1 + np.tanh(z))

# %% wrong sigmoid: changes its input
# hint: It changes the caller's z in place. Work on a new array.
def sigmoid(z):
    z = np.asarray(z)
    np.negative(z, out=z)
    return np.exp(-np.logaddexp(0, z))

# %% wrong sigmoid: integers stay integers
# hint: For integer z the result is truncated to integers. Make the output float.
def sigmoid(z):
    p = np.zeros_like(z) if np.ndim(z) else np.zeros(())
    p[...] = right_sigmoid(z)
    return p

# %% wrong sigmoid: flattens
# hint: The result has lost the shape of z.
def sigmoid(z):
    return right_sigmoid(z).ravel()

# %% wrong sigmoid: labels
# hint: These are labels: a threshold is already applied. Return the probability.
def sigmoid(z):
    return (np.asarray(z) >= 0) * 1.0

# %% wrong sigmoid: math.exp
# hint: math.exp takes a single number. NumPy has an exponential that takes arrays.
# names: math
# otherwise: It takes a single number only. NumPy has an exponential that takes arrays.
def sigmoid(z):
    return 1 / (1 + math.exp(-z))

# %% wrong sigmoid: memory order
# hint: It reads z in memory order, as np.nditer does. Rows need not be stored one after the other.
# names: nditer
# otherwise: It reads z in memory order. Rows need not be stored one after the other.
def sigmoid(z):
    return np.array([right_sigmoid(v) for v in np.nditer(z, flags=["zerosize_ok"])]).reshape(np.shape(z))

# %% wrong sigmoid: an if over the array
# hint: An `if` needs a single truth value, but an array has one for each element.
# names: if
# otherwise: It needs a single truth value, but an array has one for each element.
def sigmoid(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))

# %% wrong sigmoid: vectorize without otypes
# hint: np.vectorize fails for an empty array. Give it `otypes=[float]`.
# names: vectorize
# otherwise: It fails for an empty array.
sigmoid = np.vectorize(lambda z: math.exp(min(z, 0)) / (1 + math.exp(-abs(z))))

# %% wrong sigmoid: indexes a number
# hint: It fails for a Python number, which cannot be indexed. Make it an array first.
def sigmoid(z):
    p = np.empty(np.shape(z))
    p[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    p[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return p

# %% right sigmoid: exp of -logaddexp
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=np.float64)))

# %% right sigmoid: tanh
def sigmoid(z):
    return 0.5 * (1 + np.tanh(np.asarray(z) / 2))

# %% right sigmoid: masked
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    p = np.empty(z.shape)
    positive = z >= 0
    p[positive] = 1 / (1 + np.exp(-z[positive]))
    p[~positive] = np.exp(z[~positive]) / (1 + np.exp(z[~positive]))
    return p

# %% right sigmoid: one at a time
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return np.array([math.exp(min(v, 0)) / (1 + math.exp(-abs(v))) for v in z.ravel()]).reshape(z.shape)

# %% right sigmoid: naive without a warning
def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))

# %% right sigmoid: clipped within the tolerance
def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))

# %% right sigmoid: vectorize
sigmoid = np.vectorize(lambda z: math.exp(min(z, 0)) / (1 + math.exp(-abs(z))), otypes=[float])

# %% right sigmoid: float32 stays float32
def sigmoid(z):
    z = np.asarray(z)
    return right_sigmoid(z).astype(z.dtype if z.dtype.kind == "f" else float)

# %% wrong nan_logit: one less
# hint: exp(709) is large, but float64 can still store it.
nan_logit = 709

# %% wrong nan_logit: one more
# hint: It is nan there, but not for the first time.
nan_logit = 711

# %% wrong nan_logit: any large z
# hint: It is nan there. Halve the interval in which the first nan can be.
nan_logit = 1000

# %% wrong nan_logit: negative
# hint: For negative z, exp(z) becomes 0. That does no harm.
nan_logit = -710

# %% wrong nan_logit: σ rounds to 1
# hint: At 37 the quotient rounds to 1. That is not nan.
nan_logit = 37

# %% wrong nan_logit: powers of 10
# hint: 10 to the power of 308 is the limit for exp(z), not for z.
nan_logit = 308

# %% wrong nan_logit: not whole
nan_logit = 709.79

# %% wrong nan_logit: text
nan_logit = "710"

# %% right nan_logit: float
nan_logit = 710.0

# %% right nan_logit: list
nan_logit = [710]

# %% wrong sigmoid_prime: z used as p
# hint: It uses z as if it were the probability. Squash z first.
def sigmoid_prime(z):
    return np.asarray(z) * (1 - np.asarray(z))

# %% wrong sigmoid_prime: 1 - p²
# hint: 1 - p² is the rule for tanh. Which product does the derivation end with?
def sigmoid_prime(z):
    return 1 - sigmoid(z) ** 2

# %% wrong sigmoid_prime: quotient overflows on the left
# hint: exp(-z) overflows for very negative z, and inf / inf is nan.
def sigmoid_prime(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2

# %% wrong sigmoid_prime: quotient overflows on the right
# hint: exp(z) overflows for very large z, and inf / inf is nan.
def sigmoid_prime(z):
    return np.exp(z) / (1 + np.exp(z)) ** 2

# %% wrong sigmoid_prime: p(1 + p)
# hint: The result grows with z. What does 1 + p do where p is near 1?
def sigmoid_prime(z):
    p = sigmoid(z)
    return p * (1 + p)

# %% wrong sigmoid_prime: sigmoid itself
# hint: This is the sigmoid, not its slope.
def sigmoid_prime(z):
    return sigmoid(z)

# %% wrong sigmoid_prime: 1 - p
# hint: One factor is missing: the slope should be symmetric in z.
def sigmoid_prime(z):
    return 1 - sigmoid(z)

# %% wrong sigmoid_prime: slope of tanh
# hint: The maximum is 1, as for tanh. The sigmoid is never that steep.
def sigmoid_prime(z):
    return 1 - np.tanh(z) ** 2

# %% wrong sigmoid_prime: p²
# hint: This is p². The two factors should be different.
def sigmoid_prime(z):
    return sigmoid(z) ** 2

# %% wrong sigmoid_prime: np.gradient
# hint: np.gradient compares neighbours in the array, but the slope at z depends on that z alone.
# names: np.gradient
# otherwise: The result depends on the neighbours in the array, but the slope at z depends on that z alone.
def sigmoid_prime(z):
    return np.gradient(sigmoid(z), np.asarray(z))

# %% wrong sigmoid_prime: flattens
# hint: The result has lost the shape of z.
def sigmoid_prime(z):
    return np.ravel(right_sigmoid_prime(z))

# %% wrong sigmoid_prime: integers stay integers
# hint: For integer z the result is truncated to integers. Make the output float.
def sigmoid_prime(z):
    slope = np.zeros_like(z)
    slope[...] = right_sigmoid_prime(z)
    return slope

# %% wrong sigmoid_prime: changes its input
# hint: It changes the caller's z in place. Work on a new array.
def sigmoid_prime(z):
    e = np.exp(-np.abs(z, out=np.asarray(z)))
    return e / (1 + e) ** 2

# %% right sigmoid_prime: p(1 - p)
def sigmoid_prime(z):
    p = sigmoid(z)
    return p * (1 - p)

# %% right sigmoid_prime: p - p²
def sigmoid_prime(z):
    p = sigmoid(z)
    return p - p**2

# %% right sigmoid_prime: cosh
def sigmoid_prime(z):
    return 0.25 / np.cosh(np.clip(np.asarray(z) / 2, -300, 300)) ** 2

# %% right sigmoid_prime: one at a time
def sigmoid_prime(z):
    return np.array([sigmoid(v) * (1 - sigmoid(v)) for v in np.ravel(z)]).reshape(np.shape(z))

# %% wrong predict_proba: logits
# hint: These are the logits: they are not squashed yet.
def predict_proba(X, w):
    return X @ w

# %% wrong predict_proba: X transposed
# hint: X.T @ w sums over examples instead of features.
# names: X.T
# otherwise: It sums over examples instead of features: sum along the rows of X.
def predict_proba(X, w):
    return sigmoid(X.T @ w)

# %% wrong predict_proba: squashes first
# hint: Squash after the weighted sum, not before it.
def predict_proba(X, w):
    return sigmoid(X) @ w

# %% wrong predict_proba: no sum
# hint: Each feature is multiplied by its weight, but the sum over features is missing.
def predict_proba(X, w):
    return sigmoid(X * w)

# %% wrong predict_proba: labels
# hint: These are labels. The threshold comes later.
def predict_proba(X, w):
    return (X @ w >= 0) * 1.0

# %% wrong predict_proba: normalised over rows
# hint: It normalises over the rows. The probabilities of different rows need not add up to 1.
def predict_proba(X, w):
    p = sigmoid(X @ w)
    return p / p.sum()

# %% wrong predict_proba: mean of features
# hint: The logit is a sum over features, not a mean.
def predict_proba(X, w):
    return sigmoid((X * w).mean(axis=1))

# %% wrong predict_proba: sums over examples
# hint: The sum runs down the columns. It should run along each row.
def predict_proba(X, w):
    return sigmoid((X * w).sum(axis=0))

# %% wrong predict_proba: squeezed
# hint: squeeze() also drops the axis of a single row: (1,) becomes ().
# names: squeeze
# otherwise: With a single row it returns a number: the shape should be (1,).
def predict_proba(X, w):
    return sigmoid(X @ w[:, None]).squeeze()

# %% wrong predict_proba: one number
# hint: It returns a single number. Return one probability for each row.
def predict_proba(X, w):
    return sigmoid((X @ w).sum())

# %% wrong predict_proba: exp over 1 + exp
# hint: For large logits both exponentials are infinite, and inf / inf is nan. Use a sigmoid without overflow.
def predict_proba(X, w):
    return np.exp(X @ w) / (1 + np.exp(X @ w))

# %% wrong predict_proba: last weight as bias
# hint: It uses the last weight as a bias. That weight belongs to the last column of X.
def predict_proba(X, w):
    return sigmoid(X[:, :-1] @ w[:-1] + w[-1])

# %% wrong predict_proba: X *= w
# hint: `X *= w` changes the caller's X, and it fails for integers. Work on a new array.
# names: X *= w
# otherwise: It changes the caller's X, and it fails for integers. Work on a new array.
def predict_proba(X, w):
    X *= w
    return sigmoid(X.sum(axis=1))

# %% right predict_proba: dot
def predict_proba(X, w):
    return sigmoid(np.dot(X, w))

# %% right predict_proba: loop
def predict_proba(X, w):
    return np.array([sigmoid(sum((a * b for a, b in zip(x, w, strict=True)))) for x in X])

# %% right predict_proba: naive exp
def predict_proba(X, w):
    return 1 / (1 + np.exp(-X @ w))

# %% wrong predict_label: above
# hint: p equal to the threshold gets the label 0, but it belongs to class 1.
def predict_label(p, threshold=0.5):
    return (p > threshold).astype(int)

# %% wrong predict_label: round
# hint: It splits at 0.5 whatever the threshold is, and it puts 0.5 itself into class 0.
def predict_label(p, threshold=0.5):
    return np.round(p).astype(int)

# %% wrong predict_label: booleans
# hint: The labels are True and False. They should be the integers 1 and 0.
def predict_label(p, threshold=0.5):
    return p >= threshold

# %% wrong predict_label: always 0.5
# hint: It splits at 0.5, whatever the threshold is.
def predict_label(p, threshold=0.5):
    return (p >= 0.5).astype(int)

# %% wrong predict_label: below
# hint: The classes are swapped.
def predict_label(p, threshold=0.5):
    return (p < threshold).astype(int)

# %% wrong predict_label: minus one
# hint: The labels are 0 and 1, not -1 and 1.
def predict_label(p, threshold=0.5):
    return 2 * (p >= threshold).astype(int) - 1

# %% wrong predict_label: truncated
# hint: astype(int) truncates: only p = 1 becomes label 1.
# names: astype(int)
# otherwise: Only p = 1 gets the label 1, whatever the threshold is.
def predict_label(p, threshold=0.5):
    return p.astype(int)

# %% wrong predict_label: changes p
# hint: It writes the labels into p, so the caller loses the probabilities. Work on a new array.
def predict_label(p, threshold=0.5):
    above = p >= threshold
    p[above], p[~above] = 1, 0
    return p.astype(int)

# %% wrong predict_label: threshold 0 replaced
# hint: A threshold of 0 is valid, but it is treated as if none were given.
def predict_label(p, threshold=0.5):
    return (p >= (threshold or 0.5)).astype(int)

# %% wrong predict_label: adds threshold
# hint: The label becomes 1 from p = 1 - threshold on, which equals the threshold only at 0.5.
def predict_label(p, threshold=0.5):
    return np.floor(p + threshold).astype(int)

# %% right predict_label: astype
def predict_label(p, threshold=0.5):
    return (p >= threshold).astype(np.int32)

# %% right predict_label: where
def predict_label(p, threshold=0.5):
    return np.where(p < threshold, 0, 1)

# %% right predict_label: digitize
def predict_label(p, threshold=0.5):
    return np.digitize(p, [threshold])

# %% right predict_label: loop
def predict_label(p, threshold=0.5):
    return np.array([1 if v >= threshold else 0 for v in p])

# %% right predict_label: unsigned
def predict_label(p, threshold=0.5):
    return (p >= threshold).astype(np.uint8)
