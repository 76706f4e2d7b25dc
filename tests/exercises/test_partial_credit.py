"""A mistake loses the points of the rules that it breaks, and no others."""

import pytest

from tests.conftest import exercises

SCORES = {
    "sigmoid": {"naive exp": 3, "integers stay integers": 3, "indexes a number": 3, "changes its input": 3, "tanh": 0},
    "sigmoid_prime": {"quotient overflows on the left": 2, "z used as p": 0},
    "predict_proba": {"squeezed": 2, "logits": 0},
    "predict_label": {"above": 2, "threshold 0 replaced": 2, "changes p": 2, "round": 1, "truncated": 0},
    "mse_grad": {"outer difference": 1, "y -= p with float labels": 3, "no half": 0},
    "gradient_descent": {"aliases": 1, "changes w0": 3, "flat without a step": 3, "unit steps": 0},
    "bce_from_probs": {"log of the mean": 1, "labels swapped": 0},
    "bce_with_logits": {"log of p": 2, "both branches of where": 4, "changes z": 4, "labels swapped": 0},
    "bce_grad": {"outer difference": 1, "divides by p(1 - p)": 4, "y -= p with float labels": 4,
        "gradient of the MSE": 0},
    "encode_labels": {"order of appearance": 1, "one-hot already": 1, "codes alone": 0},
    "one_hot": {"negative wraps": 3, "zeros for no slot": 3, "K from the data": 2, "from 1": 0},
    "softmax": {"naive exp": 4, "largest of all rows": 4, "changes Z": 4, "down the columns": 0},
    "cross_entropy": {"log of softmax": 2, "log of the mean": 1, "changes Z": 4, "true logit only": 0},
    "softmax_grad": {"every label in every row": 1, "naive softmax": 4, "labels forgotten": 0},
    "prepare": {"reshape with -1": 3, "divided by the largest": 0, "not scaled": 0},
    "confusion_matrix": {"K from the data": 2, "repeated pairs count once": 0},
    "train": {"one class after another": 0},
    "minibatches": {"drops the last": 2, "equal parts": 4, "one batch too many": 4, "not shuffled": 3,
        "NumPy's global generator": 4},
    "train_sgd": {"shuffles once": 8, "labels not shuffled": 8, "one epoch too many": 8, "updates w0 in place": 8,
        "restarts at w0": 7, "drops the last batch": 6},
    "all_minibatch_gradients": {"sum": 1},
    "diagnose": {"nan unnoticed": 5, "absolute jumps": 5, "runs ignored": 4, "the gap": 4, "val_loss ignored": 3,
        "always healthy": 0},
    "early_stopping_epoch": {"last of ties": 2, "where it stops": 0},
    "quadratic_grad": {"diagonal only": 1, "twice": 0},
    "condition_number": {"diagonal only": 1, "squared": 0},
    "standardize": {"leak: each by itself": 2, "leak: together": 0, "no guard": 4, "in place": 4},
    "momentum_step": {"in place": 4, "W + V": 2, "V not carried": 0},
    "torch_sgd_step": {"dampening at the first step": 5, "the gradient as buffer": 5, "the slide's maximize": 4,
        "nesterov ignored": 4, "no buffer": 0},
    "sharpness": {"not normalised": 4, "largest": 3, "weights only": 6, "own generator": 6, "changes theta": 5},
    "loss_head": {"1/B missing in dZ": 1, "no shift": 4, "changes Z": 4, "softmax over the examples": 0},
    "interpolate": {"clipped": 1, "changes theta0": 2, "weights only": 0},
    "interpolation_curve": {"sorted": 1, "own alphas": 0},
    "is_monotone_decreasing": {"neighbours only": 1, "a nan passes": 2, "changes v": 2, "increasing": 0},
}  # fmt: skip


@pytest.mark.parametrize(("name", "mistake"), [(name, mistake) for name in SCORES for mistake in SCORES[name]])
def test_a_mistake_loses_only_the_points_of_its_rules(name, mistake):
    exercise = exercises[name]
    assert exercise.check(exercise.mistakes[mistake].answer, explain=False).score == SCORES[name][mistake]
