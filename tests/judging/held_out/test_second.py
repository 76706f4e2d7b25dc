"""The second set of held-out answers: its size, and some explanations. The kill matrix judges all answers."""

import re

import numpy as np
import pytest

from tests.conftest import exercises

from . import second

# For some wrong answers: a pattern for what an explanation has to mention, and one for what it must not claim.
EXPLANATIONS = {
    ("gradient_descent", "float32 table"): ("float32", "does not get the start"),
    ("gradient_descent", "gradient two rows back (Adams-Bashforth start)"): (
        "weights before update 0",
        "clipped|momentum",
    ),
    ("gradient_descent", "pads the path once the step is small"): (
        "leaves the weights unchanged",
        "truncated|until the next call",
    ),
    ("gradient_descent", "only every tenth row is kept, the rest repeated"): (
        "rows 5 and 6 are equal",
        "the next call",
    ),
    ("gradient_descent", "table starts after the first step"): ("row 0 is not the start", "first call|takes no step"),
    ("gradient_descent", "list that shares one array, copied at the end"): ("row 0 is not the start", "first call"),
    ("bce_with_logits", "base 2"): ("single example: z = 0", "which of them are rounded"),
    ("bce_grad", "softsign instead of the sigmoid"): ("computed from z", "It divides"),
    ("predict_label", "rounded difference"): ("gets the label 0", "In most cases: p equal to the threshold belongs"),
    ("prepare", "reshape with -1 fails for no picture"): ("number of columns", "infer the -1"),
    ("bce_with_logits", "hinge only"): ("which term is missing", "at z = 0 the loss is 0"),
    ("bce_with_logits", "nan_to_num turns inf into the largest float"): ("huge number", "replaces -inf"),
    ("minibatches", "generator that yields one reused buffer"): (
        "filled again and again",
        "replacement|two examples share",
    ),
    ("minibatches", "Fisher-Yates off by one (Sattolo): no example stays at its place"): (
        "at its own place",
        "neighbouring",
    ),
    ("train_sgd", "a generator made once: empty from the second epoch on"): ("batches run out", "one epoch too few"),
    ("train_sgd", "float32 weights"): ("float32", "does not get the start"),
    ("train_sgd", "weight decay built in"): ("weight decay", "momentum"),
    ("all_minibatch_gradients", "float32 means"): ("rounding", "divided by n"),
    ("early_stopping_epoch", "best starts at 1.0"): ("variable never changed", "array never filled"),
    ("diagnose", "distance of the runs from the first run only"): ("in small steps", "which row comes first"),
    ("diagnose", "differences between neighbouring runs only"): ("in small steps", "which row comes first"),
    ("diagnose", "any diverged run is called diverged"): ("more than three times", "nan or inf once"),
    ("minibatches", "shuffled within batches only"): ("same examples, only in another order", "the same batches"),
    ("minibatches", "a leftover of one example is dropped"): ("4 batches instead of 5", "wrong sizes"),
    ("minibatches", "a batch larger than n gives nothing"): ("returns no batch", "wrong sizes"),
    ("train_sgd", "grad_fn called twice for each update"): ("grad_fn gets example 0 more", "unchanged|is taken"),
    ("sharpness", "both sides of each direction"): ("opposite", "in most cases"),
    ("loss_head", "loss over pairs of examples (np.mean over an outer index)"): ("whole columns", "in most cases"),
    ("momentum_step", "V of small size set to 0"): ("Where it returns a value, ", "nothing false"),
    ("gradient_descent", "stops when weights get larger than 1e3, rest stays 0"): ("are all 0", "not -lr times"),
    ("exponential_decay", "floor of 1e-6"): ("a lower limit", "almost right"),
    ("standardize", "float32"): ("almost right", "n − 1"),
    ("sharpness", "steps pile up: theta walks away"): ("from point to point", "same wrong distance"),
    ("sharpness", "falls count as 0"): ("every fall counts as 0", "absolute"),
    ("sharpness", "loss at theta asked after the last direction is added"): ("at its first point", "absolute"),
}


def judge(answer, seed=0):
    with np.errstate(all="ignore"):
        return exercises[answer.exercise].check(answer.answer, seed, source=answer.code)


@pytest.mark.parametrize("key", EXPLANATIONS, ids=lambda key: f"{key[0]}: {key[1]}")
def test_the_explanation_mentions_the_cause_and_claims_nothing_false(key):
    answer = next(answer for answer in second.ANSWERS if (answer.exercise, answer.why) == key)
    failed = [finding for finding in judge(answer).findings if not finding.passed]
    text = " ".join(f"{finding.diagnosis or ''} {finding.message}" for finding in failed)
    words, never = EXPLANATIONS[key]
    assert re.search(words, text, re.IGNORECASE)
    assert not re.search(never, text, re.IGNORECASE)


def test_the_set_is_large_and_each_answer_has_its_own_description():
    keys = {(answer.exercise, answer.why) for answer in second.ANSWERS}
    assert len(keys) == len(second.ANSWERS)
    assert sum(answer.is_right for answer in second.ANSWERS) >= 110
    assert sum(not answer.is_right for answer in second.ANSWERS) >= 320
