"""Known wrong and right answers to the exercises of `05-momentum/momentum.ipynb`."""

def extreme_eigenvalues(H):
    eigenvalues = np.linalg.eigvalsh(np.asarray(H, dtype=float))
    return float(eigenvalues[-1]), float(eigenvalues[0])

def right_standardize(X_train, X_test):
    mean, std = X_train.mean(axis=0), one_where_zero(X_train.std(axis=0))
    return shift_and_scale(X_train, X_test, mean, std)

def shift_and_scale(X_train, X_test, mean, scale):
    return (X_train - mean) / scale, (X_test - mean) / scale

def one_where_zero(scale):
    return np.where(scale > 0, scale, 1)

def right_momentum_step(W, V, grad, lr, alpha):
    V_new = lr * grad + alpha * V
    return W - V_new, V_new

def gradient_with_decay(theta, grad, weight_decay, maximize):
    return (-grad if maximize else grad) + weight_decay * theta

def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else momentum * buf + (1 - dampening) * g

def step_of(g, buf, momentum, nesterov):
    return g + momentum * buf if nesterov else buf

def right_torch_sgd_step(
    theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False
):
    g = gradient_with_decay(theta, grad, weight_decay, maximize)
    if momentum != 0:
        buf = next_buffer(g, buf, momentum, dampening)
        g = step_of(g, buf, momentum, nesterov)
    return theta - lr * g, buf

torch_sgd_step = right_torch_sgd_step

# %% wrong quadratic_grad: diagonal only
# hint: It uses only the diagonal of H. What if the bowl is turned?
def quadratic_grad(H, w):
    return np.diag(H) * w

# %% wrong quadratic_grad: half
# hint: This is half the gradient. What happens to the ½ when you differentiate a square?
def quadratic_grad(H, w):
    return H @ w / 2

# %% wrong quadratic_grad: twice
# hint: This is twice the gradient. What happens to the ½ in front of f?
def quadratic_grad(H, w):
    return 2 * H @ w

# %% wrong quadratic_grad: f itself
# hint: This is the height f of the bowl, a number.
def quadratic_grad(H, w):
    return w @ H @ w / 2

# %% wrong quadratic_grad: twice f
# hint: There is one w too many: this is a number, not a gradient.
def quadratic_grad(H, w):
    return w @ H @ w

# %% wrong quadratic_grad: not summed
# hint: These are the products of each row of H with w, not yet summed.
def quadratic_grad(H, w):
    return H * w

# %% wrong quadratic_grad: summed over the wrong index
# hint: It multiplies the sum of a row or column of H by a single weight. Which index is summed?
def quadratic_grad(H, w):
    return (H * w).sum(axis=0)

# %% wrong quadratic_grad: inverse of H
# hint: It divides by H. Does differentiating f lead to a division?
def quadratic_grad(H, w):
    return np.linalg.solve(H, w)

# %% wrong quadratic_grad: upper triangle
# hint: It ignores the entries below the diagonal. Does f depend on H₂₁?
def quadratic_grad(H, w):
    return np.triu(H) @ w

# %% wrong quadratic_grad: diagonal twice
# hint: It counts the diagonal of H twice. How often does H₁₁ occur in the slope along w₁?
def quadratic_grad(H, w):
    return (np.triu(H) + np.triu(H).T) @ w

# %% wrong quadratic_grad: in place
# hint: It overwrites the caller's w. Make a new array.
def quadratic_grad(H, w):
    w *= np.diag(H)
    return w

# %% wrong quadratic_grad: integers stay integers
# hint: For integer weights the slopes are truncated to integers: they are floats.
def quadratic_grad(H, w):
    grad = np.zeros_like(w)
    for i in range(len(w)):
        for j in range(len(w)):
            grad[i] += H[i, j] * w[j]
    return grad

# %% right quadratic_grad: matrix times vector
def quadratic_grad(H, w):
    return H @ w

# %% right quadratic_grad: sum
def quadratic_grad(H, w):
    return (H * w).sum(axis=1)

# %% right quadratic_grad: element by element
def quadratic_grad(H, w):
    grad = np.zeros(len(w))
    for i in range(len(w)):
        for j in range(len(w)):
            grad[i] += H[i, j] * w[j]
    return grad

# %% wrong condition_number: diagonal only
# hint: It compares entries of the diagonal. They are the extreme curvatures only if H is diagonal.
def condition_number(H):
    return float(np.diag(H).max() / np.diag(H).min())

# %% wrong condition_number: upside down
# hint: The result is below 1. Which eigenvalue belongs in the numerator?
def condition_number(H):
    largest, smallest = extreme_eigenvalues(H)
    return smallest / largest

# %% wrong condition_number: difference
# hint: This is a difference. The condition number is a ratio.
def condition_number(H):
    largest, smallest = extreme_eigenvalues(H)
    return largest - smallest

# %% wrong condition_number: unsorted, first over last
# hint: Eigenvalues may come in any order: the first and the last need not be the extremes.
def condition_number(H):
    return float(np.linalg.eig(H)[0][0] / np.linalg.eig(H)[0][-1])

# %% wrong condition_number: largest only
# hint: The largest eigenvalue alone does not describe the shape of the bowl.
def condition_number(H):
    return extreme_eigenvalues(H)[0]

# %% wrong condition_number: unsorted, last over first
# hint: Eigenvalues may come in any order: the first and the last need not be the extremes.
def condition_number(H):
    return float(np.linalg.eig(H)[0][-1] / np.linalg.eig(H)[0][0])

# %% wrong condition_number: squared
# hint: The ratio is squared. That is needed for singular values of the data X, not for eigenvalues of H.
def condition_number(H):
    largest, smallest = extreme_eigenvalues(H)
    return (largest / smallest) ** 2

# %% wrong condition_number: square root
# hint: This is the square root of κ: the ratio of the lengths of the ellipse's axes.
def condition_number(H):
    largest, smallest = extreme_eigenvalues(H)
    return (largest / smallest) ** 0.5

# %% wrong condition_number: Frobenius norm
# hint: The Frobenius norm depends on all eigenvalues. How many of them does κ depend on?
def condition_number(H):
    return float(np.linalg.norm(H) * np.linalg.norm(np.linalg.inv(H)))

# %% wrong condition_number: power iteration from ones
# hint: It is wrong if (1, 1, …) is an eigenvector of H. Does your computation start from this vector?
def condition_number(H):
    v = u = np.ones(len(H))
    for _ in range(1000):
        v, u = H @ v / np.linalg.norm(H @ v), np.linalg.solve(H, u) / np.linalg.norm(np.linalg.solve(H, u))
    return (v @ H @ v) / (u @ H @ u)

# %% right condition_number: eigvalsh
def condition_number(H):
    return np.linalg.eigvalsh(H)[-1] / np.linalg.eigvalsh(H)[0]

# %% right condition_number: eigvals
def condition_number(H):
    return max(np.linalg.eigvals(H)) / min(np.linalg.eigvals(H))

# %% right condition_number: cond
def condition_number(H):
    return np.linalg.cond(H)

# %% right condition_number: power iteration
def condition_number(H):
    H = np.asarray(H, dtype=float)
    extremes = []
    for matrix in (H, np.linalg.inv(H)):
        for _ in range(30):  # each squaring doubles the power; the limit projects onto the leading eigenvector
            matrix = matrix @ matrix
            matrix /= np.trace(matrix)
        extremes.append(np.trace(matrix @ H))
    return extremes[0] / extremes[1]

# %% right condition_number: a 0-d array
def condition_number(H):
    largest, smallest = extreme_eigenvalues(H)
    return np.array(largest / smallest)

# %% wrong hiding_H: round
# hint: A round bowl has κ = 1. Make it narrow.
hiding_H = np.eye(2)

# %% wrong hiding_H: along the axes
# hint: The diagonal of a diagonal H contains the eigenvalues. Turn the bowl.
hiding_H = np.diag([1.0, 100.0])

# %% wrong hiding_H: hardly turned
# hint: This bowl is turned, but not narrow enough.
hiding_H = [[1.0, 0.5], [0.5, 1.0]]

# %% wrong hiding_H: nearly 10 times
# hint: This κ is 9 times the friend's number, and 10 times is needed. Go a little further.
hiding_H = [[1.0, 0.8], [0.8, 1.0]]

# %% wrong hiding_H: not symmetric
# hint: The two entries off the diagonal differ.
hiding_H = [[1.0, 0.9], [0.0, 1.0]]

# %% wrong hiding_H: flat along a line
# hint: One eigenvalue is 0, so κ is not defined.
hiding_H = [[1.0, 1.0], [1.0, 1.0]]

# %% wrong hiding_H: nearly flat along a line
# hint: The condition number is too large. Choose a less extreme matrix.
hiding_H = [[1.0, 1 - 1e-12], [1 - 1e-12, 1.0]]

# %% wrong hiding_H: a saddle
# hint: One eigenvalue is negative: this is not a bowl.
hiding_H = [[1.0, 2.0], [2.0, 1.0]]

# %% wrong hiding_H: too large
# hint: Divide H by a number: κ stays the same.
hiding_H = [[5000.0, 4990.0], [4990.0, 5000.0]]

# %% right hiding_H: a list
hiding_H = [[1, 0.9], [0.9, 1]]

# %% right hiding_H: integers
hiding_H = np.array([[100, 99], [99, 100]])

# %% right hiding_H: exactly 10 times
hiding_H = [[11, 9], [9, 11]]

# %% wrong standardize: leak: each by itself
# hint: X_test is standardised by its own statistics. The same picture then becomes two different inputs.
def standardize(X_train, X_test):
    fitted = X_test if len(X_test) else X_train
    return right_standardize(X_train, X_train)[0], right_standardize(fitted, X_test)[1]

# %% wrong standardize: leak: together
# hint: The statistics come from both sets. Test data must not influence the preprocessing.
def standardize(X_train, X_test):
    both = np.vstack([X_train, X_test])
    return right_standardize(both, X_train)[1], right_standardize(both, X_test)[1]

# %% wrong standardize: along the rows
# hint: It computes the statistics of each row. Rows are examples, columns are features.
def standardize_rows(X):
    return (X - X.mean(axis=1, keepdims=True)) / np.maximum(X.std(axis=1, keepdims=True), 1e-09)

def standardize(X_train, X_test):
    return standardize_rows(X_train), standardize_rows(X_test)

# %% wrong standardize: one mean for all
# hint: It uses one mean and one standard deviation for all features. Along which axis do you average?
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(), X_train.std())

# %% wrong standardize: no guard
# hint: A column that is constant in X_train has standard deviation 0, and it divides by that.
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0))

# %% wrong standardize: small constant added
# hint: The small constant changes every value slightly, and the test values of a constant column a lot.
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0) + 1e-08)

# %% wrong standardize: small lower bound
# hint: Test values in a column that is constant in X_train become huge: they are divided by a tiny number.
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), np.maximum(X_train.std(axis=0), 1e-12))

# %% wrong standardize: nan to zero
# hint: Test values in a column that is constant in X_train become huge: do not divide by 0.
def standardize(X_train, X_test):
    pair = shift_and_scale(X_train, X_test, X_train.mean(axis=0), X_train.std(axis=0))
    return tuple((np.nan_to_num(Z) for Z in pair))

# %% wrong standardize: zero where constant
# hint: A column that is constant in X_train should be shifted in X_test, not set to 0.
def standardize(X_train, X_test):
    varies = X_train.std(axis=0) > 0
    return tuple(np.where(varies, Z, 0.0) for Z in right_standardize(X_train, X_test))

# %% wrong standardize: not shifted where constant
# hint: A column that is constant in X_train is not shifted: its mean is still there.
def standardize(X_train, X_test):
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    return shift_and_scale(X_train, X_test, np.where(std > 0, mean, 0), one_where_zero(std))

# %% wrong standardize: small is constant
# hint: It does not scale columns with a small standard deviation. Small is not constant: the unit may be large.
def standardize(X_train, X_test):
    std = X_train.std(axis=0)
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), np.where(std < 0.001, 1, std))

# %% wrong standardize: tiny is constant
# hint: It does not scale columns with a tiny standard deviation. Compare it with 0.
def standardize(X_train, X_test):
    std = X_train.std(axis=0)
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), np.where(std < 1e-10, 1, std))

# %% wrong standardize: mean of squares less squared mean
# hint: Far from 0 it is inaccurate, like the difference of two large squares. Subtract the mean before you square.
def std_from_raw_moments(X):
    std = np.sqrt(np.maximum((X.astype(float) ** 2).mean(axis=0) - X.mean(axis=0) ** 2, 0))
    return np.where(X.max(axis=0) == X.min(axis=0), 1, std)

def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), std_from_raw_moments(X_train))

# %% wrong standardize: n - 1
# hint: The variance is divided by n − 1. Here it is the mean of the squared deviations.
def sample_std(X):
    return one_where_zero(X.std(axis=0) * np.sqrt(len(X) / max(len(X) - 1, 1)))

def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), sample_std(X_train))

# %% wrong standardize: variance
# hint: It divides by the variance. What has the same unit as the feature?
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), one_where_zero(X_train.std(axis=0)) ** 2)

# %% wrong standardize: not shifted
# hint: The columns of X_train do not have mean 0.
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, 0, one_where_zero(X_train.std(axis=0)))

# %% wrong standardize: clipped
# hint: It limits large values. A row that is far from the training rows should stay far.
def standardize(X_train, X_test):
    return tuple(np.clip(Z, -10, 10) for Z in right_standardize(X_train, X_test))

# %% wrong standardize: between 0 and 1
# hint: It maps each feature to the range from 0 to 1. It should have mean 0 and standard deviation 1.
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.min(axis=0), one_where_zero(np.ptp(X_train, axis=0)))

# %% wrong standardize: swapped
# hint: Return the training data first.
def standardize(X_train, X_test):
    return right_standardize(X_train, X_test)[::-1]

# %% wrong standardize: in place
# hint: It changes the caller's array, and raises an error for integers.
def standardize(X_train, X_test):
    mean, std = X_train.mean(axis=0), one_where_zero(X_train.std(axis=0))
    X_train -= mean
    X_train /= std
    X_test -= mean
    X_test /= std
    return X_train, X_test

# %% wrong standardize: truncated to integers
# hint: The results for integer features are truncated to integers. Return floats.
def standardize(X_train, X_test):
    Z_train, Z_test = right_standardize(X_train, X_test)
    return Z_train.astype(X_train.dtype), Z_test.astype(X_test.dtype)

# %% right standardize: guarded
def standardize(X_train, X_test):
    return shift_and_scale(X_train, X_test, X_train.mean(axis=0), one_where_zero(X_train.std(axis=0)))

# %% right standardize: from shifted moments
def standardize(X_train, X_test):
    X_train, X_test = X_train.astype(float), X_test.astype(float)
    shift = X_train[0]
    mean = (X_train - shift).sum(axis=0) / len(X_train)
    std = np.sqrt(np.maximum(((X_train - shift) ** 2).mean(axis=0) - mean**2, 0))
    std[X_train.max(axis=0) == X_train.min(axis=0)] = 1
    return [(X - shift - mean) / std for X in (X_train, X_test)]

# %% right standardize: with a loop
def standardize(X_train, X_test):
    Z_train, Z_test = X_train.astype(float), X_test.astype(float)
    for j in range(X_train.shape[1]):
        mean, std = X_train[:, j].mean(), X_train[:, j].std()
        if std < 1e-12:
            std = 1
        Z_train[:, j] = (Z_train[:, j] - mean) / std
        Z_test[:, j] = (Z_test[:, j] - mean) / std
    return Z_train, Z_test

# %% right standardize: masked division
def standardize(X_train, X_test):
    mean, std = np.mean(X_train, axis=0, dtype=float), np.std(X_train, axis=0, dtype=float)
    centred = X_train - mean, X_test - mean
    return tuple(np.divide(X, std, out=X.copy(), where=std > 0) for X in centred)

# %% right standardize: a list
def standardize(X_train, X_test):
    return list(right_standardize(X_train, X_test))

# %% wrong momentum_step: lr outside
# hint: The learning rate is outside of V, as in PyTorch. Where is ε on the slide “Momentum”?
def momentum_step(W, V, grad, lr, alpha):
    V = grad + alpha * V
    return W - lr * V, V

# %% wrong momentum_step: true average
# hint: The new gradient is multiplied by 1 − α, as in a true average. Which factor does it have on the slide?
def momentum_step(W, V, grad, lr, alpha):
    V = alpha * V + (1 - alpha) * lr * grad
    return W - V, V

# %% wrong momentum_step: W + V
# hint: The weights move uphill. Which sign does V have in the slide's first line?
def momentum_step(W, V, grad, lr, alpha):
    return W + (lr * grad + alpha * V), lr * grad + alpha * V

# %% wrong momentum_step: V not carried
# hint: The old V is never used: this is plain SGD.
def momentum_step(W, V, grad, lr, alpha):
    return W - lr * grad, lr * grad

# %% wrong momentum_step: first step without lr
# hint: Where V is 0, the new V is the gradient without the learning rate. The slide's line has no first step.
def momentum_step(W, V, grad, lr, alpha):
    V = lr * grad + alpha * V if V.any() else 1.0 * grad
    return W - V, V

# %% wrong momentum_step: steps by the old V
# hint: The weights move by the old V. Which V does the slide subtract?
def momentum_step(W, V, grad, lr, alpha):
    return W - V, lr * grad + alpha * V

# %% wrong momentum_step: Nesterov
# hint: The weights move by lr grad + α V_new: that is Nesterov momentum, an option of PyTorch's box.
def momentum_step(W, V, grad, lr, alpha):
    V = right_momentum_step(W, V, grad, lr, alpha)[1]
    return W - (lr * grad + alpha * V), V

# %% wrong momentum_step: minus in V
# hint: V has the opposite sign, as in some books. On the slide W moves by −V, so V points uphill.
def momentum_step(W, V, grad, lr, alpha):
    V = alpha * V - lr * grad
    return W + V, V

# %% wrong momentum_step: lr on both
# hint: The old V is multiplied by the learning rate again: it already contains one.
def momentum_step(W, V, grad, lr, alpha):
    return W - lr * (grad + alpha * V), lr * (grad + alpha * V)

# %% wrong momentum_step: lr and alpha swapped
# hint: lr and alpha are swapped.
def momentum_step(W, V, grad, lr, alpha):
    return right_momentum_step(W, V, grad, alpha, lr)

# %% wrong momentum_step: alpha capped
# hint: It limits alpha. Use the alpha that is passed.
def momentum_step(W, V, grad, lr, alpha):
    return right_momentum_step(W, V, grad, lr, min(alpha, 0.9))

# %% wrong momentum_step: swapped
# hint: Return W_new first, then V_new.
def momentum_step(W, V, grad, lr, alpha):
    V = lr * grad + alpha * V
    return V, W - V

# %% wrong momentum_step: in place
# hint: It changes the caller's arrays in place. Make new ones.
def momentum_step(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    W -= V
    return W, V

# %% right momentum_step: the slide's lines
def momentum_step(W, V, grad, lr, alpha):
    return W - (lr * grad + alpha * V), lr * grad + alpha * V

# %% right momentum_step: from the difference
def momentum_step(W, V, grad, lr, alpha):
    W_new = W - alpha * V - lr * grad
    return W_new, W - W_new

# %% right momentum_step: in place on copies
def in_place_momentum(W, V, grad, lr, alpha):
    V *= alpha
    V += lr * grad
    W -= V
    return W, V

def momentum_step(W, V, grad, lr, alpha):
    return in_place_momentum(W.copy(), V.copy(), grad, lr, alpha)

# %% right momentum_step: einsum
def momentum_step(W, V, grad, lr, alpha):
    V = np.einsum("k,k...->...", np.array([lr, alpha]), np.stack([grad, V]))
    return [W - V, V]

# %% wrong torch_sgd_step: dampening at the first step
# hint: The first gradient is dampened. In the box the buffer starts as the whole gradient.
def next_buffer(g, buf, momentum, dampening):
    return (0 if buf is None else momentum * buf) + (1 - dampening) * g

# %% wrong torch_sgd_step: buffer starts at zero
# hint: After the first step the buffer is zero, and the gradient is lost. What is b₁ in the box?
def next_buffer(g, buf, momentum, dampening):
    return 0.0 * g if buf is None else momentum * buf + (1 - dampening) * g

# %% wrong torch_sgd_step: decay beside the buffer
# hint: Weight decay changes the weights directly, as in AdamW. In the box it is added to the gradient.
def torch_sgd_step(theta, grad, buf, *, lr, weight_decay=0, **options):
    theta_new, buf = right_torch_sgd_step(theta, grad, buf, lr=lr, **options)
    return theta_new - lr * weight_decay * theta, buf

# %% wrong torch_sgd_step: the slide's maximize
# hint: maximize changes the sign at the very end, as on the slide. Then weight decay makes the weights grow.
def torch_sgd_step(theta, grad, buf, *, lr, maximize=False, **options):
    return right_torch_sgd_step(theta, grad, buf, lr=-lr if maximize else lr, **options)

# %% wrong torch_sgd_step: maximize after the decay
# hint: maximize also changes the sign of the weight decay. Which of the two terms should keep its sign?
def gradient_with_decay(theta, grad, weight_decay, maximize):
    return (-1 if maximize else 1) * (grad + weight_decay * theta)

# %% wrong torch_sgd_step: lr in the buffer
# hint: The learning rate is inside the buffer, as in the lecture's V. Which line of the box contains γ?
def torch_sgd_step(theta, grad, buf, *, lr, weight_decay=0, maximize=False, **options):
    v = lr * gradient_with_decay(theta, grad, weight_decay, maximize)
    return right_torch_sgd_step(theta, v, buf, lr=1, **options)

# %% wrong torch_sgd_step: momentum ignored
# hint: The old buffer is never used.
def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else (1 - dampening) * g

# %% wrong torch_sgd_step: dampening ignored
# hint: dampening has no effect.
def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else momentum * buf + g

# %% wrong torch_sgd_step: τ for 1 − τ
# hint: The new gradient is multiplied by the dampening τ. Which factor does the box have there?
def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else momentum * buf + dampening * g

# %% wrong torch_sgd_step: no buffer
# hint: The returned buffer is always None: return the buffer for the next step.
def torch_sgd_step(theta, grad, buf, **options):
    return right_torch_sgd_step(theta, grad, buf, **options)[0], None

# %% wrong torch_sgd_step: 1 − μ on the old buffer
# hint: The old buffer is multiplied by 1 − μ. Which factor does it have in the box?
def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else (1 - momentum) * buf + (1 - dampening) * g

# %% wrong torch_sgd_step: dampening on the old buffer
# hint: Dampening reduces the old buffer. Which term does 1 − τ multiply in the box?
def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else (1 - dampening) * momentum * buf + g

# %% wrong torch_sgd_step: dampening on both
# hint: Dampening reduces both terms. In the box, 1 − τ multiplies only one of them.
def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else (1 - dampening) * (momentum * buf + g)

# %% wrong torch_sgd_step: true average
# hint: The new gradient is multiplied by 1 − μ. Which letter does the box have there?
def next_buffer(g, buf, momentum, dampening):
    return 1.0 * g if buf is None else momentum * buf + (1 - momentum) * g

# %% wrong torch_sgd_step: nesterov ignored
# hint: nesterov has no effect. (Do you add the old buffer? Then the step is the same as without nesterov.)
def step_of(g, buf, momentum, nesterov):
    return buf

# %% wrong torch_sgd_step: nesterov without the gradient
# hint: With nesterov, the gradient itself is lost.
def step_of(g, buf, momentum, nesterov):
    return momentum * buf if nesterov else buf

# %% wrong torch_sgd_step: nesterov without μ
# hint: With nesterov, the whole buffer is added: a factor is missing.
def step_of(g, buf, momentum, nesterov):
    return g + buf if nesterov else buf

# %% wrong torch_sgd_step: another name
# hint: The new buffer has another name than buf, so the given lines use the old one.
def torch_sgd_step(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    g = (-grad if maximize else 1.0 * grad) + weight_decay * theta
    if momentum != 0:
        new_buf = g if buf is None else momentum * buf + (1 - dampening) * g
        g = g + momentum * buf if nesterov else buf
    return theta - lr * g, buf

# %% wrong torch_sgd_step: buffer forgotten without momentum
# hint: If momentum is 0, return buf as it was passed in: PyTorch keeps it for later.
def torch_sgd_step(theta, grad, buf, *, momentum=0, **options):
    theta, buf = right_torch_sgd_step(theta, grad, buf, momentum=momentum, **options)
    return theta, buf if momentum else None

# %% wrong torch_sgd_step: buffer filled without momentum
# hint: The buffer is changed although momentum is 0. Which lines of the box run?
def torch_sgd_step(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    g = gradient_with_decay(theta, grad, weight_decay, maximize)
    buf = next_buffer(g, buf, momentum, dampening)
    return theta - lr * step_of(g, buf, momentum, nesterov), buf

# %% wrong torch_sgd_step: the gradient as buffer
# hint: The first buffer is the array grad itself. If the caller overwrites grad, the buffer changes with it.
def torch_sgd_step(theta, grad, buf, *, weight_decay=0, maximize=False, **options):
    g = -grad if maximize else grad
    if weight_decay:
        g = g + weight_decay * theta
    options |= {"weight_decay": weight_decay, "maximize": maximize}
    theta_new, buf_new = right_torch_sgd_step(theta, grad, buf, **options)
    return theta_new, g if buf is None and buf_new is not None else buf_new

# %% wrong torch_sgd_step: buffer changed in place
# hint: It writes into the buffer that was passed in. Make a new array.
def torch_sgd_step(theta, grad, buf, **options):
    theta_new, buf_new = right_torch_sgd_step(theta, grad, buf, **options)
    if buf is not None and buf_new is not buf:
        buf[...] = buf_new
        buf_new = buf
    return theta_new, buf_new

# %% wrong torch_sgd_step: gradient changed in place
# hint: It writes into the gradient that was passed in. Make a new array.
def torch_sgd_step(theta, grad, buf, *, weight_decay=0, maximize=False, **options):
    if maximize:
        grad = -grad
    if weight_decay:
        grad += weight_decay * theta
    return right_torch_sgd_step(theta, grad, buf, **options)

# %% wrong torch_sgd_step: buffer of zeros ignored
# hint: A buffer of zeros is still a buffer, not the first step. Ask whether it is None.
def torch_sgd_step(theta, grad, buf, **options):
    return right_torch_sgd_step(theta, grad, None if buf is None or not buf.any() else buf, **options)

# %% wrong torch_sgd_step: if buf
# hint: `if buf` asks for one truth value of an array. Ask whether it is None.
# names: if buf
# otherwise: It fails if the buffer is an array, which has no single truth value. Ask whether it is None.
def torch_sgd_step(theta, grad, buf, **options):
    if buf:
        return right_torch_sgd_step(theta, grad, buf, **options)
    return right_torch_sgd_step(theta, grad, None, **options)

# %% right torch_sgd_step: one formula
def torch_sgd_step(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    g = grad * (1 - 2 * maximize) + theta * weight_decay
    buf_new = g.copy() if buf is None else buf * momentum + g * (1 - dampening)
    step = nesterov * g + (momentum if nesterov else 1) * buf_new if momentum else g
    return theta - step * lr, buf_new if momentum else buf

# %% right torch_sgd_step: as in PyTorch's code
def torch_sgd_step(theta, grad, buf, *, lr, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False):
    grad = np.negative(grad) if maximize else np.array(grad)
    if weight_decay != 0:
        grad += weight_decay * theta
    if momentum != 0:
        if buf is None:
            buf = grad.copy()
        else:
            buf = buf.copy()
            buf *= momentum
            buf += (1 - dampening) * grad
        grad = grad + momentum * buf if nesterov else buf
    return theta - lr * grad, buf

# %% right torch_sgd_step: maximizes by minimizing
def torch_sgd_step(theta, grad, buf, *, maximize=False, **options):
    if maximize:
        return torch_sgd_step(theta, -grad, buf, **options)
    theta, buf = right_torch_sgd_step(theta, grad, buf, **options)
    return [theta, buf if buf is None else np.array(buf)]
