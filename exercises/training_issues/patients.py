"""The five patients of `fix_A`, …, `fix_E`: their data sets, their training runs, and changes of their settings.

They are trained as in the notebook.
"""

import functools

import numpy as np

PATIENTS: dict[str, dict[str, float]] = {
    "A": {"feature_scale": 1, "lr": 1.0, "batch_size": 1, "num_steps": 400},
    "B": {"hidden": 2, "lr": 0.1, "num_steps": 300},
    "C": {"feature_scale": 100, "lr": 0.1, "batch_size": 200, "num_steps": 100},
    "D": {"num_train": 40, "lr": 0.05, "num_steps": 300},
    "E": {"feature_scale": 1, "lr": 0.001, "batch_size": 200, "num_steps": 400},
}
LIMITS = {"lr": (1e-9, 100), "feature_scale": (0.001, 1000), "batch_size": (1, 200)}  # lowest and highest value
LIMITS |= {"num_steps": (1, 10_000), "num_train": (1, 400), "hidden": (1, 64)}  # training takes at most a second


def train(X, y, lr, batch_size, num_steps):
    """Train linear regression by SGD, batches drawn with replacement. Returns all weights, (num_steps + 1, d)."""
    rng, w = np.random.default_rng(541), np.zeros(X.shape[1])
    history = [w]
    for _ in range(num_steps):
        rows = slice(None) if batch_size == len(y) else rng.integers(len(y), size=batch_size)
        error = X[rows] @ w - y[rows]
        w = w - lr * 2 * (error @ X[rows]) / len(error)
        history.append(w)
    return np.array(history)


def mse(history, X, y):
    """The mean squared error of each row of weights."""
    return ((X @ history.T - y[:, None]) ** 2).mean(axis=0)


@functools.cache
def circle():
    """The data of patients A, C and E: 200 points on a circle, noisy linear targets."""
    rng = np.random.default_rng(541)
    angle = rng.uniform(0, 2 * np.pi, 200)
    X = 0.8 * np.column_stack([np.cos(angle), np.sin(angle)])
    return X, X @ [2, -1] + 0.5 * rng.normal(size=200)


def train_circle(feature_scale, lr, batch_size, num_steps):
    """The training loss of patients A, C and E."""
    X, y = circle()
    return mse(train(feature_scale * X, y, lr, batch_size, num_steps), feature_scale * X, y)


@functools.cache
def many_features():
    """The data of patient D: up to 400 training examples, then 500 for validation, with 60 features."""
    rng = np.random.default_rng(2)
    w = rng.normal(size=60)
    X = rng.normal(size=(900, 60))
    return X, X @ w / np.linalg.norm(w) + 0.6 * rng.normal(size=900)


def train_many_features(num_train, lr, num_steps):
    """The training and the validation loss of patient D."""
    X, y = many_features()
    history = train(X[:num_train], y[:num_train], lr, num_train, num_steps)
    return mse(history, X[:num_train], y[:num_train]), mse(history, X[400:], y[400:])


def train_xor(hidden, lr, num_steps, seeds=range(30)):
    """The training losses of patient B, a row per seed: networks with one hidden layer of ReLUs learn XOR."""
    X, y = np.array([[-1.0, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, 1]]), np.array([[-1.0], [1], [1], [-1]])
    generators = [np.random.default_rng(seed) for seed in seeds]
    U = np.array([rng.normal(0, 0.7, (3, hidden)) for rng in generators])
    v = np.array([rng.normal(0, 0.7, (hidden, 1)) for rng in generators])
    c = np.zeros((len(generators), 1, 1))
    losses = []
    for _ in range(num_steps + 1):
        active = np.maximum(X @ U, 0)
        error = active @ v + c - y
        losses.append((error**2).mean(axis=(1, 2)))
        dU = X.T @ (error @ v.transpose(0, 2, 1) * (active > 0))
        v = v - lr * active.transpose(0, 2, 1) @ error / 2
        c, U = c - lr * error.sum(axis=1, keepdims=True) / 2, U - lr * dU / 2
    return np.array(losses).T


@functools.cache
def smallest_loss_on_circle():
    X, y = circle()
    return float(np.mean((X @ np.linalg.lstsq(X, y)[0] - y) ** 2))


@functools.cache
def lowest_val_loss_of_patient_D():
    return float(train_many_features(**PATIENTS["D"])[1].min())


# --- changed settings -------------------------------------------------------------------------------------------


class InvalidSettings(Exception):
    """The answer is not a dict of allowed settings. The message is for the student."""


def changed_settings(patient, changes):
    """The patient's settings with some of them changed."""
    if not isinstance(changes, dict):
        raise InvalidSettings('answer with a dict, such as {"num_steps": 50}')
    settings = dict(PATIENTS[patient])
    for name, value in changes.items():
        if name not in settings:
            own = ", ".join(settings)
            raise InvalidSettings(f"patient {patient} has no setting {str(name)[:40]!r}; its settings are {own}")
        settings[name] = allowed_value(name, value)
    return settings


def allowed_value(name, value):
    """The value of a setting as a Python number."""
    value = value.item() if isinstance(value, np.ndarray | np.generic) and value.size == 1 else value
    if type(value) not in (int, float):
        raise InvalidSettings(f"{name} is not a number")
    low, high = LIMITS[name]
    if not low <= value <= high:  # also refuses nan
        raise InvalidSettings(f"{name} must be between {low:g} and {high:g}")
    if name in ("lr", "feature_scale"):
        return value
    if value != int(value):
        raise InvalidSettings(f"{name} must be a whole number")
    return int(value)
