"""Changes of one line."""

import pytest

from autograder.sheets.changes import find_changes


def changed_lines(line: str) -> dict[str, list[str]]:
    """By kind, what becomes of a line in a function."""
    found: dict[str, list[str]] = {}
    for change in find_changes(["def f(X, w, n):", f"    {line}", "    return X"]):
        found.setdefault(change.kind, []).append(change.after.strip())
    return found


@pytest.mark.parametrize(("line", "kind", "after"), [
    ("X = X.sum(axis=1, keepdims=True)", "axis", "X = X.sum(axis=0, keepdims=True)"),
    ("X = X.sum(axis=1, keepdims=True)", "keyword", "X = X.sum(axis=1)"),
    ("X = X.sum(axis=-1)", "keyword", "X = X.sum()"),
    ("X = X @ w", "operator", "X = X * w"),
    ("X = X ** 2", "operator", "X = X * 2"),
    ("X = X // 2", "operator", "X = X / 2"),
    ("n = X >= 0.5", "comparison", "n = X > 0.5"),
    ("n = X == w", "comparison", "n = X != w"),
    ("X = np.maximum(X, 0)", "function", "X = np.minimum(X, 0)"),
    ("X = np.array(w, dtype=float)", "function", "X = np.asarray(w, dtype=float)"),
    ("X = np.exp(-np.abs(w))", "call", "X = np.exp(-w)"),
    ("X = w.copy()", "call", "X = w"),
    ("X = X.T @ w", "transpose", "X = X @ w"),
    ("X = (X @ w).T", "transpose", "X = (X @ w)"),
    ("X = X - w[:, None]", "new axis", "X = X - w"),
    ("X = (w - 1)[:, None]", "new axis", "X = (w - 1)"),
    ("X = np.sum((X), axis=0)", "keyword", "X = np.sum((X))"),
    ("X = -X @ w", "sign", "X = X @ w"),
    ("return-X", "sign", "return X"),
    ("X = 1 - X", "number", "X = 2 - X"),
    ("X = X / X.shape[0]", "length", "X = X / X.shape[1]"),
    ("X = X - n * w", "aliasing", "X -= n * w"),
    ("X /= n + 1", "aliasing", "X = X / (n + 1)"),
    ("X[0] = 1", "statement", "pass"),
    ("µ = w; X = µ @ X", "operator", "µ = w; X = µ * X"),
])  # fmt: skip
def test_each_kind_changes_what_it_says(line, kind, after):
    assert after in changed_lines(line)[kind]
