"""Known answers to the exercises of `03-softmax/iris.ipynb`."""

import math

def sorted_codes(names):
    classes, codes = np.unique(names, return_inverse=True)
    return codes, classes

def refuse_unknown(labels, K):
    if np.any(labels < 0) or np.any(labels >= K):
        raise ValueError("no such class")

def right_one_hot(labels, K):
    refuse_unknown(labels, K)
    return np.eye(K)[labels]

def normalise(E, axis=1):
    return E / E.sum(axis=axis, keepdims=True)

def right_softmax(Z):
    return normalise(np.exp(Z - Z.max(axis=1, keepdims=True)))

def log_softmax(Z):
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)

def example_losses(Z, labels):
    return -log_softmax(Z)[np.arange(len(labels)), labels]

def right_softmax_grad(W, X, labels):
    return X.T @ (softmax(X @ W) - one_hot(labels, W.shape[1])) / len(labels)

def log_sum_exp(Z):
    m = Z.max(axis=1)
    return m + np.log(np.exp(Z - m[:, None]).sum(axis=1))

def is_correct(W, X, labels):
    return np.argmax(X @ W, axis=1) == labels

# %% wrong encode_labels: capitals ignored
# hint: It gives names that differ only in capitals the same code. Every character counts.
def encode_labels(names):
    return sorted_codes(np.char.lower(names))

# %% wrong encode_labels: spaces ignored
# hint: It removes spaces at the ends of names. Every character counts.
def encode_labels(names):
    return sorted_codes(np.char.strip(names))

# %% wrong encode_labels: order of appearance
# hint: The classes are in order of first appearance. Would reordered rows get the same codes?
def encode_labels(names):
    classes = list(dict.fromkeys(names))
    return np.array([classes.index(name) for name in names]), np.array(classes)

# %% wrong encode_labels: counts from 1
# hint: The codes start at 1. Where do indices start?
def encode_labels(names):
    codes, classes = sorted_codes(names)
    return codes + 1, classes

# %% wrong encode_labels: codes alone
# hint: The classes are missing: return both.
def encode_labels(names):
    return sorted_codes(names)[0]

# %% wrong encode_labels: classes first
# hint: The results are in the wrong order: codes first, then classes.
def encode_labels(names):
    return np.unique(names, return_inverse=True)

# %% wrong encode_labels: classes as a list
# hint: The classes are a list. Can an array of codes index it?
def encode_labels(names):
    codes, classes = sorted_codes(names)
    return codes, list(classes)

# %% wrong encode_labels: codes as a list
# hint: The codes are a list: make an array of them.
def encode_labels(names):
    codes, classes = sorted_codes(names)
    return codes.tolist(), classes

# %% wrong encode_labels: reverse order
# hint: The classes are in descending order.
def encode_labels(names):
    classes = sorted(set(names), reverse=True)
    return np.array([classes.index(name) for name in names]), np.array(classes)

# %% wrong encode_labels: by length
# hint: The classes are ordered by length: the order is alphabetical.
def encode_labels(names):
    classes = sorted(sorted(set(names)), key=len)
    return np.array([classes.index(name) for name in names]), np.array(classes)

# %% wrong encode_labels: without regard to capitals
# hint: In Python's order, capitals come first: do not change the case.
def encode_labels(names):
    classes = sorted(set(names), key=str.lower)
    return np.array([classes.index(name) for name in names]), np.array(classes)

# %% wrong encode_labels: three classes
# hint: It has the codes 0, 1 and 2 only. What if there are more classes?
def encode_labels(names):
    classes = np.unique(names)
    return np.where(names == classes[0], 0, np.where(names == classes[1 % len(classes)], 1, 2)), classes

# %% wrong encode_labels: small codes
# hint: From class 128 on, the codes are wrong: can the array hold numbers as large as these?
def encode_labels(names):
    codes, classes = sorted_codes(names)
    return codes.astype(np.int8), classes

# %% wrong encode_labels: indices of first occurrences
# hint: These are the indices of the first occurrence of each class, not a code for each example.
def encode_labels(names):
    return np.unique(names, return_index=True)[::-1]

# %% wrong encode_labels: sorts names in place
# hint: It sorts the caller's `names`: work on a copy.
def encode_labels(names):
    codes, _ = sorted_codes(names)
    names.sort()
    return codes, np.unique(names)

# %% wrong encode_labels: one-hot already
# hint: The codes are one-hot vectors: return one integer for each example.
def encode_labels(names):
    codes, classes = sorted_codes(names)
    return np.eye(len(classes), dtype=int)[codes], classes

# %% right encode_labels: unique
def encode_labels(names):
    return np.unique(names, return_inverse=True)[::-1]

# %% right encode_labels: search
def encode_labels(names):
    classes = np.unique(names)
    return np.searchsorted(classes, names), classes

# %% right encode_labels: dictionary
def encode_labels(names):
    classes = np.array(sorted(set(names)))
    code = {name: k for k, name in enumerate(classes)}
    return np.array([code[name] for name in names]), classes

# %% right encode_labels: classes as objects
def encode_labels(names):
    codes, classes = sorted_codes(names)
    return codes, classes.astype(object)

# %% right encode_labels: as a list of two
def encode_labels(names):
    codes, classes = sorted_codes(names)
    return [codes.astype(np.int16), classes]

# %% wrong one_hot: transposed if n = K
# hint: With as many labels as classes, the result is transposed. Look at the rows, not at the shape.
def one_hot(labels, K):
    return right_one_hot(labels, K).T if len(labels) == K else right_one_hot(labels, K)

# %% wrong one_hot: K from the data
# hint: The number of slots is computed from the labels. Does a class that does not occur have a slot?
def one_hot(labels, K):
    return np.eye(labels.max() + 1)[labels]

# %% wrong one_hot: classes that occur are renumbered
# hint: If a class does not occur, larger classes move to another slot: the label is the number of its slot.
def one_hot(labels, K):
    refuse_unknown(labels, K)
    return np.eye(K)[np.unique(labels, return_inverse=True)[1]]

# %% wrong one_hot: negative wraps
# hint: Label -1 becomes the last class. Which labels must be refused?
def one_hot(labels, K):
    return np.eye(K)[labels]

# %% wrong one_hot: zeros for no slot
# hint: A label out of range gives a row of zeros. Refuse it, or the error is noticed much later.
def one_hot(labels, K):
    return (labels[:, None] == np.arange(K)) * 1.0

# %% wrong one_hot: refuses only labels that are too large
# hint: It refuses labels that are too large. What happens to negative labels?
def one_hot(labels, K):
    if np.any(labels >= K):
        raise ValueError("no such class")
    return np.eye(K)[labels]

# %% wrong one_hot: clipped
# hint: A label out of range is moved to another class.
def one_hot(labels, K):
    return np.eye(K)[np.clip(labels, 0, K - 1)]

# %% wrong one_hot: assert
# hint: It raises an AssertionError. Which exception does the docstring name?
def one_hot(labels, K):
    if np.any(labels < 0) or np.any(labels >= K):
        raise AssertionError("no such class")
    return np.eye(K)[labels]

# %% wrong one_hot: from 1
# hint: Slots are counted from 1. Which slot does class 0 have?
def one_hot(labels, K):
    refuse_unknown(labels, K)
    return np.eye(K)[labels - 1]

# %% wrong one_hot: every label in every row
# hint: `[:, labels]` selects these columns in every row: pair each row with its label.
# names: [:, labels]
# otherwise: Every row has a 1 for the labels of all rows: pair each row with its label.
def one_hot(labels, K):
    Y = np.zeros((len(labels), K))
    Y[:, labels] = 1
    return Y

# %% wrong one_hot: the label in the slot
# hint: A slot holds 1, not the class number.
def one_hot(labels, K):
    return right_one_hot(labels, K) * labels[:, None]

# %% wrong one_hot: a list of rows
# hint: Without a label, the result has the shape (0,), not (0, K).
def one_hot(labels, K):
    refuse_unknown(labels, K)
    return np.array([[int(k == label) for k in range(K)] for label in labels])

# %% right one_hot: identity
def one_hot(labels, K):
    refuse_unknown(labels, K)
    return np.eye(K)[labels]

# %% right one_hot: comparison
def one_hot(labels, K):
    refuse_unknown(labels, K)
    return (labels[:, None] == np.arange(K)).astype(int)

# %% right one_hot: pairs
def one_hot(labels, K):
    refuse_unknown(labels, K)
    Y = np.zeros((len(labels), K))
    Y[np.arange(len(labels)), labels] = 1
    return Y

# %% right one_hot: subclass of ValueError
def one_hot(labels, K):
    class NoSuchClass(ValueError):
        pass

    if np.any(labels < 0) or np.any(labels >= K):
        raise NoSuchClass("no such class")
    return np.eye(K)[labels]

# %% right one_hot: loop
def one_hot(labels, K):
    if not all(0 <= label < K for label in labels):
        raise ValueError("a label is outside 0 to K - 1")
    Y = np.zeros((len(labels), K))
    for row, label in zip(Y, labels, strict=True):
        row[label] = 1
    return Y

# %% right one_hot: float32
def one_hot(labels, K):
    return right_one_hot(labels, K).astype(np.float32)

# %% wrong softmax: 1 minus the others
# hint: The last probability is 0, or has wrong digits, where it is small: is it 1 minus the sum of the others?
def softmax(Z):
    P = right_softmax(Z)
    return np.column_stack([P[:, :-1], 1 - P[:, :-1].sum(axis=1)])

# %% wrong softmax: naive exp
# hint: exp overflows for large logits. What can you subtract from each row?
def softmax(Z):
    return normalise(np.exp(Z))

# %% wrong softmax: largest of all rows
# hint: In a row far below the largest logit of the whole array, every exponential becomes 0: shift each row by its
#     own number.
def softmax(Z):
    return normalise(np.exp(Z - Z.max())) if Z.size else Z

# %% wrong softmax: down the columns
# hint: The columns sum to 1 instead of the rows. Along which axis are the classes of one example?
def softmax(Z):
    return normalise(np.exp(Z - Z.max(axis=0)) if len(Z) else Z, axis=0)

# %% wrong softmax: sum over everything
# hint: The whole array sums to 1: each row should.
def softmax(Z):
    E = np.exp(Z - Z.max(initial=-np.inf))
    return E / E.sum()

# %% wrong softmax: axis lost
# hint: The numbers of the rows are applied to the columns: (n, K) and (n,) are combined column by column. Keep the
#     shape (n, 1).
def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1)

# %% wrong softmax: axis lost, no shift
# hint: The numbers of the rows are applied to the columns: (n, K) and (n,) are combined column by column. Keep the
#     shape (n, 1).
def softmax(Z):
    E = np.exp(Z)
    return E / E.sum(axis=1)

# %% wrong softmax: axis lost twice
# hint: The numbers of the rows are applied to the columns: (n, K) and (n,) are combined column by column. Keep the
#     shape (n, 1).
def softmax(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1)

# %% wrong softmax: changes Z
# hint: It changes the caller's Z in place: make a new array.
def softmax(Z):
    Z -= Z.max(axis=1, keepdims=True)
    return normalise(np.exp(Z))

# %% wrong softmax: integers stay integers
# hint: An array made with zeros_like holds integers if Z does: it cannot store probabilities.
# names: zeros_like
# otherwise: The probabilities of integer logits are truncated to integers: they are floats.
def softmax(Z):
    P = np.zeros_like(Z)
    P[...] = right_softmax(Z)
    return P

# %% wrong softmax: a list of rows
# hint: Without an example, the result has the shape (0,), not (0, K).
def softmax(Z):
    return np.array([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in Z])

# %% wrong softmax: sigmoid of each logit
# hint: This is the sigmoid of each logit: the rows do not sum to 1.
def softmax(Z):
    return np.exp(-np.logaddexp(0, -Z))

# %% wrong softmax: shares of sigmoids
# hint: These are shares of sigmoids. What does the slide have in place of the sigmoid?
def softmax(Z):
    return normalise(np.exp(-np.logaddexp(0, -Z)))

# %% wrong softmax: not normalised
# hint: The exponentials are not normalised yet: each row should sum to 1.
def softmax(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True))

# %% wrong softmax: logarithms
# hint: These are the logarithms of the probabilities.
def softmax(Z):
    return log_softmax(Z)

# %% wrong softmax: 1e-8 in the denominator
# hint: Rows no longer sum to 1, as with a small constant in the denominator. Can the denominator be 0?
def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / (E.sum(axis=1, keepdims=True) + 1e-08)

# %% wrong softmax: P clipped
# hint: Small probabilities are raised or large ones cut off: return them unchanged, however small.
def softmax(Z):
    return np.clip(right_softmax(Z), 1e-07, 1 - 1e-07)

# %% wrong softmax: only the largest
# hint: The largest logit gets 1: the others need a share.
def softmax(Z):
    return np.eye(Z.shape[1])[np.argmax(Z, axis=1)]

# %% wrong softmax: clipped
# hint: Large logits count as equal: are they clipped?
def softmax(Z):
    return normalise(np.exp(np.clip(Z, -500, 500)))

# %% wrong softmax: powers of two
# hint: The base of the powers is e, not 2.
def softmax(Z):
    return normalise(np.exp2(Z - Z.max(axis=1, keepdims=True)))

# %% wrong softmax: minus the mean
# hint: Shifting by the mean changes no probability, but an exponential can still overflow.
# names: mean
# otherwise: An exponential can still overflow: by which number should each row be shifted?
def softmax(Z):
    return normalise(np.exp(Z - Z.mean(axis=1, keepdims=True)))

# %% wrong softmax: sign
# hint: The largest logit gets the smallest share.
def softmax(Z):
    return right_softmax(-Z)

# %% wrong softmax: nan to 0
# hint: Some rows no longer sum to 1: is nan replaced by 0? That hides it.
def softmax(Z):
    return np.nan_to_num(normalise(np.exp(Z)))

# %% right softmax: minus the largest
def softmax(Z):
    return normalise(np.exp(Z - Z.max(axis=1, keepdims=True)))

# %% right softmax: log of the sum
def softmax(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, None])

# %% right softmax: copied, then in place
def softmax(Z):
    Z = np.array(Z, dtype=float)
    Z -= Z.max(axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z

# %% right softmax: row by row
def softmax(Z):
    return np.array([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in Z]).reshape(np.shape(Z))

# %% right softmax: float32 stays float32
def softmax(Z):
    return np.exp(log_softmax(Z)).astype(Z.dtype if Z.dtype.kind == "f" else float)

# %% wrong breaking_logits: zeros
# hint: All logits are equal here, so there is nothing to subtract.
breaking_logits = [[0, 0], [0, 0]]

# %% wrong breaking_logits: moderate
# hint: The largest exponential of each row is far from 0 here.
breaking_logits = [[3, 1], [-2, 5]]

# %% wrong breaking_logits: a large row, alone
# hint: Both rows are near 1000, so the largest logit of all suits both.
breaking_logits = [[1000, 999], [1000, 998]]

# %% wrong breaking_logits: small logits
# hint: Both rows are near -1000. How far apart must two rows be?
breaking_logits = [[-1000, -1001], [-1000, -1002]]

# %% wrong breaking_logits: far apart within a row
# hint: The large differences are within the rows. They must be between them.
breaking_logits = [[1000, -1000], [1000, -1000]]

# %% wrong breaking_logits: too close
# hint: The second row is only 600 below the first. Is exp(-600) equal to 0?
breaking_logits = [[600, 600], [0, 1]]

# %% right breaking_logits: a tuple
breaking_logits = (0, 1), (800, 800.5)

# %% right breaking_logits: an array
breaking_logits = np.array([[-2000.0, -2001.0], [5.0, 3.0]])

# %% right breaking_logits: just enough
breaking_logits = [[750, 0], [0, 1]]

# %% wrong cross_entropy: log of softmax
# hint: A probability of 1e-400 rounds to 0 in float64, and log(0) is -inf.
def cross_entropy(Z, labels):
    return -np.mean(np.log(softmax(Z)[np.arange(len(labels)), labels]))

# %% wrong cross_entropy: p clipped
# hint: The loss has an upper limit: is p clipped? A worse prediction should always cost more.
def cross_entropy(Z, labels):
    return -np.mean(np.log(np.clip(softmax(Z)[np.arange(len(labels)), labels], 1e-15, 1)))

# %% wrong cross_entropy: log of a naive softmax
# hint: For large logits exp is inf, and inf / inf is nan. Simplify the logarithm on paper, then shift the row.
def cross_entropy(Z, labels):
    return -np.mean(np.log(normalise(np.exp(Z))[np.arange(len(labels)), labels]))

# %% wrong cross_entropy: largest not added
# hint: The loss is wrong by the largest logit of each row: add it back after the logarithm.
def cross_entropy(Z, labels):
    return np.mean(log_sum_exp(Z) - Z.max(axis=1) - Z[np.arange(len(labels)), labels])

# %% wrong cross_entropy: naive log of the sum
# hint: The sum of exponentials overflows or becomes 0. What can you factor out?
def cross_entropy(Z, labels):
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(labels)), labels])

# %% wrong cross_entropy: largest of all rows
# hint: In a row far below the largest logit of the whole array, every exponential becomes 0: shift each row by its
#     own number.
def cross_entropy(Z, labels):
    return np.mean(Z.max() + np.log(np.exp(Z - Z.max()).sum(axis=1)) - Z[np.arange(len(labels)), labels])

# %% wrong cross_entropy: every label in every row
# hint: `[:, labels]` takes these columns of every row: pair each row with its own label.
# names: [:, labels]
# otherwise: Each row is combined with the labels of all rows: pair it with its own label.
def cross_entropy(Z, labels):
    return -np.mean(log_softmax(Z)[:, labels])

# %% wrong cross_entropy: true logit only
# hint: Only the logit of the true class is used. Where do the other logits appear in softmax?
def cross_entropy(Z, labels):
    return -np.mean(Z[np.arange(len(labels)), labels])

# %% wrong cross_entropy: all classes
# hint: It adds up the logarithms of all classes: the one-hot y selects one of them.
def cross_entropy(Z, labels):
    return -np.mean(log_softmax(Z).sum(axis=1))

# %% wrong cross_entropy: other classes too
# hint: It adds a term log(1 - p) for the other classes: with K classes there is none.
def cross_entropy(Z, labels):
    complements = np.abs(1 - np.eye(Z.shape[1])[labels] - softmax(Z))
    return -np.mean(np.log(complements.clip(1e-300)).sum(axis=1))

# %% wrong cross_entropy: K from the batch
# hint: The number of classes is computed from the labels. How many columns does Z have?
def cross_entropy(Z, labels):
    return -np.mean((np.eye(labels.max() + 1)[labels] * log_softmax(Z)).sum(axis=1))

# %% wrong cross_entropy: takes Z for P
# hint: Z holds logits, not probabilities: the logarithm of a negative one is nan.
def cross_entropy(Z, labels):
    return -np.mean(np.log(Z[np.arange(len(labels)), labels]))

# %% wrong cross_entropy: log of the mean
# hint: This is the logarithm of a mean: take the mean of the logarithms.
def cross_entropy(Z, labels):
    return -np.log(np.mean(softmax(Z)[np.arange(len(labels)), labels]))

# %% wrong cross_entropy: one sum for the batch
# hint: One sum of exponentials is used for the whole batch: each row has its own.
def cross_entropy(Z, labels):
    return np.mean(Z.max() + np.log(np.exp(Z - Z.max()).sum()) - Z[np.arange(len(labels)), labels])

# %% wrong cross_entropy: largest probability
# hint: It takes the largest probability of each row, whatever the label is. Whose probability does y select?
def cross_entropy(Z, labels):
    return -np.mean(np.log(softmax(Z).max(axis=1)))

# %% wrong cross_entropy: nan to 0
# hint: Very large losses are wrong: is inf or nan replaced? The exact loss can be computed from the logits.
def cross_entropy(Z, labels):
    return np.nan_to_num(-np.mean(np.log(softmax(Z)[np.arange(len(labels)), labels])), posinf=0.0)

# %% wrong cross_entropy: changes Z
# hint: It changes an array of the caller in place: make a new one.
def cross_entropy(Z, labels):
    Z -= Z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(labels)), labels])

# %% wrong cross_entropy: down the columns
# hint: The sum of exponentials runs down the columns. Along which axis are the classes of one example?
def cross_entropy(Z, labels):
    return -np.mean(log_softmax(Z.T).T[np.arange(len(labels)), labels])

# %% right cross_entropy: log of the sum
def cross_entropy(Z, labels):
    return np.mean(log_sum_exp(Z) - Z[np.arange(len(labels)), labels])

# %% right cross_entropy: logaddexp
def cross_entropy(Z, labels):
    return float(np.mean(np.logaddexp.reduce(Z, axis=1) - np.take_along_axis(Z, labels[:, None], axis=1)[:, 0]))

# %% right cross_entropy: loop
def cross_entropy(Z, labels):
    total = 0.0
    for row, label in zip(Z.tolist(), labels.tolist(), strict=True):
        total += math.log(sum(math.exp(z - max(row)) for z in row)) + max(row) - row[label]
    return total / len(labels)

# %% right cross_entropy: differences
def cross_entropy(Z, labels):
    return np.logaddexp.reduce(Z - Z[np.arange(len(labels)), labels][:, None], axis=1).mean()

# %% right cross_entropy: a 0-d array
def cross_entropy(Z, labels):
    return np.array(example_losses(Z, labels).mean())

# %% wrong softmax_grad: logits clipped
# hint: Large logits count as equal, although they differ: are they clipped?
def softmax_grad(W, X, labels):
    return X.T @ (softmax(np.clip(X @ W, -500, 500)) - one_hot(labels, W.shape[1])) / len(X)

# %% wrong softmax_grad: mean over the classes
# hint: It averages over the classes. Every example counts the same, also in a class with many examples.
def softmax_grad(W, X, labels):
    parts = [right_softmax_grad(W, X[labels == k], labels[labels == k]) for k in np.unique(labels)]
    return np.mean(parts, axis=0)

# %% wrong softmax_grad: K from the batch
# hint: The number of classes is computed from the labels. How many columns does W have?
def softmax_grad(W, X, labels):
    return X.T @ (softmax(X @ W) - np.eye(labels.max() + 1)[labels]) / len(X)

# %% wrong softmax_grad: p(1 - p) still there
# hint: There is a factor p(1 - p) too many: the logarithm makes it cancel.
def softmax_grad(W, X, labels):
    P = softmax(X @ W)
    return X.T @ ((P - one_hot(labels, W.shape[1])) * P * (1 - P)) / len(X)

# %% wrong softmax_grad: divided by d
# hint: It divides by the number of features instead of the number of examples.
def softmax_grad(W, X, labels):
    return X.T @ (softmax(X @ W) - one_hot(labels, W.shape[1])) / X.shape[1]

# %% wrong softmax_grad: divided by n K
# hint: It divides by K as well: the mean is over the examples alone.
def softmax_grad(W, X, labels):
    return right_softmax_grad(W, X, labels) / W.shape[1]

# %% wrong softmax_grad: transposed
# hint: The shape should be that of W, (d, K).
def softmax_grad(W, X, labels):
    return right_softmax_grad(W, X, labels).T

# %% wrong softmax_grad: labels forgotten
# hint: The labels are never used. Where do they enter?
def softmax_grad(W, X, labels):
    return X.T @ softmax(X @ W) / len(X)

# %% wrong softmax_grad: every label in every row
# hint: `[:, labels]` means these columns of every row: pair each row with its label.
# names: [:, labels]
# otherwise: Each row is combined with the labels of all rows: pair it with its own label.
def softmax_grad(W, X, labels):
    P = softmax(X @ W)
    P[:, labels] -= 1
    return X.T @ P / len(X)

# %% wrong softmax_grad: softmax down the columns
# hint: The columns of P sum to 1. Along which axis are the classes of one example?
def softmax_grad(W, X, labels):
    return X.T @ (softmax((X @ W).T).T - one_hot(labels, W.shape[1])) / len(X)

# %% wrong softmax_grad: labels instead of probabilities
# hint: It uses predicted labels in place of the probabilities.
def softmax_grad(W, X, labels):
    K = W.shape[1]
    return X.T @ (one_hot(np.argmax(X @ W, axis=1), K) - one_hot(labels, K)) / len(X)

# %% wrong softmax_grad: logits instead of probabilities
# hint: Z - Y gives the gradient of linear regression. What turns Z into P?
def softmax_grad(W, X, labels):
    return X.T @ (X @ W - one_hot(labels, W.shape[1])) / len(X)

# %% wrong softmax_grad: a sigmoid for each class
# hint: It uses the sigmoid of each logit: the probabilities of one example should sum to 1.
def softmax_grad(W, X, labels):
    return X.T @ (np.exp(-np.logaddexp(0, -X @ W)) - one_hot(labels, W.shape[1])) / len(X)

# %% wrong softmax_grad: naive softmax
# hint: It is nan for large logits: use your own softmax.
def softmax_grad(W, X, labels):
    return X.T @ (normalise(np.exp(X @ W)) - one_hot(labels, W.shape[1])) / len(X)

# %% wrong softmax_grad: true class only
# hint: Only the true class has an error here. What is p - y for the other classes?
def softmax_grad(W, X, labels):
    Y = one_hot(labels, W.shape[1])
    return X.T @ ((softmax(X @ W) - Y) * Y) / len(X)

# %% wrong softmax_grad: labels as numbers
# hint: It uses P minus class numbers: take one-hot rows.
def softmax_grad(W, X, labels):
    return X.T @ (softmax(X @ W) - labels[:, None]) / len(X)

# %% wrong softmax_grad: features forgotten
# hint: This is the derivative with respect to the logits. How do the logits depend on W?
def softmax_grad(W, X, labels):
    return (softmax(X @ W) - one_hot(labels, W.shape[1])).mean(axis=0)

# %% wrong softmax_grad: changes X
# hint: `X /= n` changes X in place, and fails for integers: divide the result.
# names: X /=
# otherwise: It changes X in place, and fails for integers: make a new array.
def softmax_grad(W, X, labels):
    G = right_softmax_grad(W, X, labels)
    X /= len(X)
    return G

# %% wrong softmax_grad: integers stay integers
# hint: For integer features the gradient is truncated to integers: it needs floats.
def softmax_grad(W, X, labels):
    G = np.zeros(W.shape, dtype=X.dtype)
    G[...] = right_softmax_grad(W, X, labels)
    return G

# %% right softmax_grad: pairs
def softmax_grad(W, X, labels):
    P = softmax(X @ W)
    P[np.arange(len(labels)), labels] -= 1
    return X.T @ P / len(X)

# %% right softmax_grad: one-hot
def softmax_grad(W, X, labels):
    return X.T @ (softmax(X @ W) - one_hot(labels, W.shape[1])) / len(X)

# %% right softmax_grad: example by example
def softmax_grad(W, X, labels):
    G = np.zeros(W.shape)
    for x, label in zip(X, labels, strict=True):
        p = softmax(np.asarray(x @ W)[None, :])[0]
        p[label] -= 1
        G += np.outer(x, p)
    return G / len(labels)

# %% wrong accuracy: down the columns
# hint: The largest logit is taken down the columns, along axis 0. Along which axis are the classes?
def accuracy(W, X, labels):
    return np.mean(np.argmax(X @ W, axis=0) == labels)

# %% wrong accuracy: no axis
# hint: Without an axis, np.argmax finds one index for the array: use one for each row.
# names: argmax
# otherwise: It predicts the same class for all examples: choose one for each row.
def accuracy(W, X, labels):
    return np.mean(np.argmax(X @ W) == labels)

# %% wrong accuracy: smallest logit
# hint: It predicts the class with the smallest logit.
def accuracy(W, X, labels):
    return np.mean(np.argmin(X @ W, axis=1) == labels)

# %% wrong accuracy: above one half
# hint: The true class need not have a probability above 0.5: is it the largest of its row?
def accuracy(W, X, labels):
    return np.mean(softmax(X @ W)[np.arange(len(labels)), labels] > 0.5)

# %% wrong accuracy: nearly the largest
# hint: It accepts a logit close to the largest: only the largest is predicted.
def accuracy(W, X, labels):
    Z = X @ W
    return np.mean(np.isclose(Z[np.arange(len(labels)), labels], Z.max(axis=1)))

# %% wrong accuracy: every class with the largest logit
# hint: If logits are equal, as for W = 0, it accepts each of their classes: predict one class per example.
def accuracy(W, X, labels):
    Z = X @ W
    return np.mean(Z[np.arange(len(labels)), labels] == Z.max(axis=1))

# %% wrong accuracy: one answer per example
# hint: This is an array of matches: return one number, their mean.
def accuracy(W, X, labels):
    return is_correct(W, X, labels)

# %% wrong accuracy: naive softmax
# hint: For large logits it predicts another class: compare the logits, or use your own softmax.
def accuracy(W, X, labels):
    return np.mean(np.argmax(normalise(np.exp(X @ W)), axis=1) == labels)

# %% wrong accuracy: rounded probabilities
# hint: Rounded probabilities can be equal although the logits differ.
def accuracy(W, X, labels):
    return np.mean(np.argmax(np.round(softmax(X @ W), 4), axis=1) == labels)

# %% wrong accuracy: every slot
# hint: It compares slots, and most slots are 0 on both sides: compare classes.
def accuracy(W, X, labels):
    K = W.shape[1]
    return np.mean(np.eye(K)[np.argmax(X @ W, axis=1)] == np.eye(K)[labels])

# %% wrong accuracy: probability of the label
# hint: This is the mean probability of the true class, not the share of correct predictions.
def accuracy(W, X, labels):
    return np.mean(softmax(X @ W)[np.arange(len(labels)), labels])

# %% wrong accuracy: mean over the classes
# hint: It averages the accuracies of the classes. Every example counts the same, also in a rare class.
def accuracy(W, X, labels):
    return np.mean([is_correct(W, X, labels)[labels == k].mean() for k in np.unique(labels)])

# %% right accuracy: mean
def accuracy(W, X, labels):
    return np.mean(np.argmax(X @ W, axis=1) == labels)

# %% right accuracy: of probabilities
def accuracy(W, X, labels):
    return float((softmax(X @ W).argmax(axis=-1) == labels).mean())

# %% right accuracy: loop
def accuracy(W, X, labels):
    return sum((int(a == b) for a, b in zip(np.argmax(X @ W, axis=1), labels, strict=True))) / len(labels)
