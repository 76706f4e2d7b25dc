"""Known answers to the exercises of `03-softmax/fashion_mnist.ipynb`."""

from lectrain import data
from threadpoolctl import threadpool_limits

def right_softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)

def right_train(X, labels, lr=0.1, batch_size=100, num_epochs=15, softmax=right_softmax, W=None, Y=None):
    W = np.zeros((X.shape[1], 10), X.dtype) if W is None else W
    Y = np.eye(10, dtype=X.dtype)[labels] if Y is None else Y
    with threadpool_limits(1):
        for start in num_epochs * list(range(0, len(X), batch_size)):
            rows = slice(start, start + batch_size)
            W = W - lr * (X[rows].T @ (softmax(X[rows] @ W) - Y[rows])) / len(X[rows])
    return W

def right_confusion_matrix(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    np.add.at(C, (labels, predicted), 1)
    return C

def append_constant(pixels, constant=1):
    return np.column_stack([pixels.reshape(len(pixels), 784), np.full(len(pixels), constant)]).astype(np.float32)

def right_prepare(images):
    return append_constant(images / 255)

# %% wrong prepare: not scaled
# hint: The grey levels go up to 255: scale them to 0 to 1.
def prepare(images):
    return append_constant(images)

# %% wrong prepare: constant scaled too
# hint: The constant is divided, too: it should stay 1.
def prepare(images):
    return append_constant(images / 255, 1 / 255)

# %% wrong prepare: the 1 comes first
# hint: The constant is in the first column: it should be in the last.
def prepare(images):
    return np.roll(right_prepare(images), 1, axis=1)

# %% wrong prepare: no 1
# hint: The constant feature is missing: X needs 785 columns.
def prepare(images):
    return right_prepare(images)[:, :784]

# %% wrong prepare: a zero
# hint: With a constant 0 there is no bias.
def prepare(images):
    return append_constant(images / 255, 0)

# %% wrong prepare: integer division
# hint: Fractions are cut off, so all but white becomes 0. Which operation or type removes them?
def prepare(images):
    return append_constant(images // 255)

# %% wrong prepare: column by column
# hint: The pixels are read column by column: reading order is row by row.
def prepare(images):
    return append_constant(images.transpose(0, 2, 1) / 255)

# %% wrong prepare: divided by 256
# hint: White is 255, and should become 1.
def prepare(images):
    return append_constant(images / 256)

# %% wrong prepare: reshape with -1
# hint: Without an image, the number of columns cannot be inferred. Give the shape in full: (len(images), 784).
def prepare(images):
    return append_constant(images.reshape(len(images), -1) / 255)

# %% wrong prepare: divided by the largest
# hint: It divides by the largest grey level that occurs: the row of an image depends on the other images.
def prepare(images):
    return append_constant(images / max(images.max(initial=0), 1))

# %% wrong prepare: each image by its own maximum
# hint: Each image is divided by its own largest grey level.
def prepare(images):
    return append_constant(images / np.maximum(images.max(axis=(1, 2), keepdims=True, initial=0), 1))

# %% wrong prepare: divides in place
# hint: Bytes cannot hold fractions: make a new array.
def prepare(images):
    return np.true_divide(images, 255, out=images)

# %% wrong prepare: overwrites the images
# hint: It changes the caller's images: make a new array.
def prepare(images):
    X = right_prepare(images)
    images.fill(0)
    return X

# %% wrong prepare: assigns to images.shape
# hint: Assigning to `images.shape` changes the caller's array: use `reshape`.
# names: images.shape =
# otherwise: It changes the shape of the caller's array: make a new one.
def prepare(images):
    images.shape = (len(images), 784)
    return append_constant(images / 255)

# %% right prepare: filled in
def prepare(images):
    X = np.ones((len(images), 785), np.float32)
    X[:, :784] = images.reshape(len(images), 784)
    X[:, :784] /= 255
    return X

# %% right prepare: float64
def prepare(images):
    return np.column_stack([images.reshape(len(images), 784) / 255, np.ones(len(images))])

# %% right prepare: append
def prepare(images):
    pixels = images.reshape(len(images), 784) / np.float32(255)
    return np.append(pixels, np.ones((len(pixels), 1), np.float32), axis=1)

# %% wrong train: zeros
# hint: All weights are 0: is the result of each step assigned to W?
def train(X, labels):
    return np.zeros((X.shape[1], 10))

# %% wrong train: one step
# hint: It takes a single step: take one for each slice in each epoch.
def train(X, labels):
    return right_train(X, labels, batch_size=len(X), num_epochs=1)

# %% wrong train: uphill
# hint: It goes uphill: check the step's sign.
def train(X, labels):
    return right_train(X, labels, lr=-0.1, num_epochs=2)

# %% wrong train: overflow
# hint: The weights are not finite: does an exponential overflow, or is lr too large?
def naive_softmax(Z):
    with np.errstate(all="ignore"):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

def train(X, labels):
    return right_train(X, labels, lr=50.0, batch_size=500, num_epochs=2, softmax=naive_softmax)

# %% wrong train: one class after another
# hint: It trains on one class after another: the last steps see only the last class.
def train(X, labels):
    order = np.argsort(labels, kind="stable")
    return right_train(X[order], labels[order], num_epochs=1)

# %% wrong train: other images
# hint: It trains on other images and labels than those that it is given: use its arguments.
def train(X, labels):
    images, labels = data.load_fashion_mnist("train")
    return right_train(prepare(images[:1000]), labels[:1000], num_epochs=10)

# %% right train: larger slices
def train(X, labels):
    return right_train(X, labels, batch_size=128)

# %% right train: all rows at once
def train(X, labels):
    return right_train(X, labels, batch_size=len(X), num_epochs=60)

# %% right train: double precision
def train(X, labels):
    return right_train(X.astype(float), labels, num_epochs=8)

# %% right train: from random weights
def train(X, labels):
    return right_train(X, labels, W=np.random.default_rng().normal(0, 0.01, (X.shape[1], 10)))

# %% right train: in another order
def train(X, labels):
    rng, W = np.random.default_rng(), None
    for _ in range(10):
        order = rng.permutation(len(X))
        W = right_train(X[order], labels[order], num_epochs=1, W=W)
    return W

# %% wrong miscounted: each pair once
# hint: Each pair of label and prediction occurs once here.
miscounted = {"labels": [0, 1, 2], "predicted": [0, 2, 2]}

# %% wrong miscounted: one example
# hint: With one example, each entry is 0 or 1. Use more examples.
miscounted = {"labels": [1], "predicted": [2]}

# %% wrong miscounted: equal labels, different predictions
# hint: The label is the same, but the two predictions differ. Which pair occurs twice?
miscounted = {"labels": [0, 0], "predicted": [1, 2]}

# %% wrong miscounted: different labels, equal predictions
# hint: The prediction is the same, but the two labels differ. Which pair occurs twice?
miscounted = {"labels": [0, 1], "predicted": [2, 2]}

# %% right miscounted: correct predictions
miscounted = {"labels": [2, 1, 2], "predicted": [2, 1, 2]}

# %% right miscounted: arrays
miscounted = {"labels": np.array([0, 1, 0, 1]), "predicted": np.array([2, 2, 2, 2])}

# %% right miscounted: floats, the other order
miscounted = {"predicted": [1.0, 1.0, 0.0], "labels": [0.0, 0.0, 0.0]}

# %% right miscounted: 100 examples
miscounted = {"labels": [0, 1] * 50, "predicted": [1, 2] * 50}

# %% wrong confusion_matrix: repeated pairs count once
# hint: A pair that occurs often counts once: with index arrays, `+= 1` adds 1 to each entry only once.
# names: += 1
# otherwise: A pair that occurs often counts only once.
def confusion_matrix(labels, predicted, K=3):
    C = np.zeros((K, K), dtype=int)
    C[labels, predicted] += 1
    return C

# %% wrong confusion_matrix: shares
# hint: These are shares of each row: return counts.
def confusion_matrix(labels, predicted, K):
    C = right_confusion_matrix(labels, predicted, K)
    return C / np.maximum(C.sum(axis=1, keepdims=True), 1)

# %% wrong confusion_matrix: K from the data
# hint: The size is computed from the classes that occur. How many classes are there?
def confusion_matrix(labels, predicted, K):
    return right_confusion_matrix(labels, predicted, max(labels.max(), predicted.max()) + 1)

# %% wrong confusion_matrix: only correct predictions
# hint: Only correct predictions are counted.
def confusion_matrix(labels, predicted, K):
    return np.diag(np.diag(right_confusion_matrix(labels, predicted, K)))

# %% wrong confusion_matrix: only errors
# hint: Correct predictions are missing on the diagonal.
def confusion_matrix(labels, predicted, K):
    C = right_confusion_matrix(labels, predicted, K)
    return C - np.diag(np.diag(C))

# %% wrong confusion_matrix: floats
# hint: Counts are integers, not floats.
def confusion_matrix(labels, predicted, K):
    return right_confusion_matrix(labels, predicted, K).astype(float)

# %% wrong confusion_matrix: changes labels
# hint: It changes an array of the caller in place: make a new one.
def confusion_matrix(labels, predicted, K):
    labels *= K
    labels += predicted
    return np.bincount(labels, minlength=K * K).reshape(K, K)

# %% wrong confusion_matrix: counts in uint8
# hint: uint8 stores 0 to 255: counts from 256 on are wrong.
# names: uint8
# otherwise: Counts from 256 on are wrong: a single byte cannot store them.
def confusion_matrix(labels, predicted, K):
    return right_confusion_matrix(labels, predicted, K).astype(np.uint8)

# %% wrong confusion_matrix: share of all
# hint: These are shares of all examples: return counts.
def confusion_matrix(labels, predicted, K):
    return right_confusion_matrix(labels, predicted, K) / max(len(labels), 1)

# %% right confusion_matrix: loop
def confusion_matrix(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    for true, guess in zip(labels, predicted, strict=True):
        C[true, guess] += 1
    return C

# %% right confusion_matrix: add.at
def confusion_matrix(labels, predicted, K):
    C = np.zeros((K, K), dtype=int)
    np.add.at(C, (labels, predicted), 1)
    return C

# %% right confusion_matrix: bincount
def confusion_matrix(labels, predicted, K):
    return np.bincount(K * labels.astype(int) + predicted, minlength=K * K).reshape(K, K)

# %% right confusion_matrix: histogram
def confusion_matrix(labels, predicted, K):
    return np.histogram2d(labels, predicted, bins=[np.arange(K + 1) - 0.5] * 2)[0].astype(np.int32)
