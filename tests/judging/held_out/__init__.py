"""Answers that are in no catalogue. `HELD_OUT` has all of them, for the kill matrix."""

from autograder.authoring.kill_matrix import HeldOut

from . import blind, exam, fourth, held_back, leads, once_misjudged, second, third

# Why the score of an answer may vary, or why a wrong answer is accepted, by its exercise and name.
REASONS = {
    ("bce_grad", "the naive sigmoid overflows"): "Right: the notebook asks for finite values, not for no warning.",
    ("encode_labels", "uint8 codes wrap at 256"): "Right for up to 256 classes.",
}

HELD_OUT = [
    *(
        HeldOut(a.exercise, a.why, a.answer, a.is_right, REASONS.get((a.exercise, a.why), ""))
        for a in (*blind.ANSWERS, *second.ANSWERS, *third.ANSWERS, *fourth.ANSWERS, *once_misjudged.ANSWERS)
    ),
    *(
        HeldOut(a.exercise, a.tutor, a.answer, reason=REASONS.get((a.exercise, a.tutor), ""))
        for a in (*exam.ANSWERS, *held_back.ANSWERS, *leads.ANSWERS)
    ),
]
