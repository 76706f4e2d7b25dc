"""The judge accepts right answers in every form. A message about a wrong answer helps and hides the right value."""

import inspect
import itertools
import time
from functools import cache

import numpy as np
import pytest

from autograder.judging.cases import FactoryArg, case
from autograder.judging.compare import describe_difference, find_difference
from autograder.judging.decode import undefined_names
from autograder.judging.diagnosis.argument_changes import CHANGES
from autograder.judging.diagnosis.profiles import ExerciseProfile
from autograder.judging.exercise_set import CourseExercise
from autograder.judging.judge import judge
from autograder.judging.model import Mistake, Rule
from autograder.judging.trusted_calls import LazyResults
from autograder.judging.verdict import Status
from autograder.values import MAX_TEXT
from exercises.factories import AffineGradient
from tests.conftest import exercises

FUNCTIONS = [exercise for exercise in exercises.values() if callable(exercise.reference)]


@cache
def draw(exercise, seed):
    """A draw that tests share, with the results of the reference."""
    return exercise.draw(seed)


REQUEST = {"name": "f", "cases": [case(x).to_json() for x in (1, 2, 3)]}


def cases_of_vectors(rng):
    yield case(rng.normal(size=4))
    yield case(rng.normal(size=(2, 3)), about="a matrix")


def cases_with_a_gradient(rng):
    yield case(FactoryArg(AffineGradient, {"A": np.eye(2), "b": np.zeros(2)}), np.array([1.0, 2.0]))


double = CourseExercise(
    "double(x)",
    "A slide",
    lambda x: 2 * x,
    (
        Rule("values", 2, cases_of_vectors, "What is twice one?"),
        Rule("input untouched", 1, cases_of_vectors, mutation="none"),
    ),
    mistakes={"half": Mistake(lambda x: x / 2, "It halves x."), "square": Mistake(lambda x: x**2, "It squares x.")},
)


def exercise_of(cases, reference=lambda x: 2 * x, **settings):
    """An exercise with a single rule that has these settings."""
    return CourseExercise("f(x)", "A slide", reference, (Rule("a rule", 1, cases, **settings),))


def failure_messages(answer):
    return [finding.message for finding in double.check(answer).findings if not finding.passed]


def test_each_failed_rule_costs_its_own_points():
    def in_place(x):
        x *= 2
        return x

    verdict = double.check(in_place)
    assert [(f.rule, f.passed) for f in verdict.findings] == [("values", True), ("input untouched", False)]
    assert verdict.score == 2
    assert verdict.findings[1].diagnosis is None  # its values are right


@pytest.mark.parametrize(("answer", "score"), [
    (lambda x: root(x), 1),
    (lambda x: np.sqrt(np.abs(x)), 0),  # never raises
    (lambda x: raise_error(ValueError), 0),  # always raises
    (lambda x: root(x) if np.all(x >= 0) else raise_error(IndexError), 0),
    (lambda x: raise_error(NotImplementedError), 0),
])  # fmt: skip
def test_an_exception_is_required_exactly_where_the_reference_raises(answer, score):
    def valid_and_invalid_cases(rng):
        yield case(np.array([1.0, 4.0]))
        yield case(np.array([1.0, -4.0]), about="a negative number")

    assert exercise_of(valid_and_invalid_cases, root, raises="ValueError").check(answer).score == score


def test_an_answer_that_raises_as_expected_must_not_modify_its_argument():
    def modifies(x):
        x *= 2
        raise ValueError

    exercise = exercise_of(cases_of_vectors, lambda x: raise_error(ValueError), raises="ValueError", mutation="none")
    assert exercise.check(exercise.reference).passed
    assert exercise.check(modifies).score == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, type("_ArrayMemoryError", (MemoryError,), {})])
def test_lazy_results_can_be_read_after_a_limit_of_this_process(error):
    errors = [error()]

    def fails_once(x):
        if x == 2 and errors:
            raise errors.pop()
        return 10 * x

    results = LazyResults(fails_once, REQUEST)
    with pytest.raises((KeyboardInterrupt, MemoryError)):
        list(results)
    assert [result.value for result in results] == [10, 20, 30]


def raise_error(error):
    raise error("no")


def root(x):
    return np.sqrt(x) if np.all(x >= 0) else raise_error(ValueError)


def test_float32_input_is_compared_within_float32_tolerances():
    def cases_in_float32(rng):
        yield case(rng.normal(size=5).astype(np.float32))

    third = exercise_of(cases_in_float32, lambda x: x.astype(np.float64) / 3)
    assert third.check(lambda x: x / np.float32(3)).passed
    assert not third.check(lambda x: x / np.float32(3.01)).passed


@pytest.mark.parametrize("hold", [lambda x: [x], lambda x: {0: x}])
def test_an_array_in_a_container_is_compared_within_float32_tolerances(hold):
    added = exercise_of(lambda rng: [case(hold(rng.normal(size=3).astype(np.float32)))], lambda xs: float(xs[0].sum()))
    assert added.check(lambda xs: float(xs[0][0] + (xs[0][1] + xs[0][2]))).passed  # other rounding


@pytest.mark.parametrize(
    ("answer", "is_right"), [(lambda n: 2**n, True), (lambda n: 3**n, False), (lambda n: 16**n, False)]
)
def test_a_large_integer_is_accepted_in_place_of_a_float(answer, is_right):
    powers = exercise_of(lambda rng: [case(n) for n in (2, 70, 300)], lambda n: 2.0**n)
    assert powers.check(answer).passed is is_right


def fails(*_):
    return 1 / 0


@pytest.mark.parametrize(("reference", "check", "error", "message"), [
    (fails, None, ValueError, r"rule 'a rule': the reference fails \(ZeroDivisionError: .*correct it, or set `raises`"),
    (lambda x: np.zeros(50_000), None, ValueError, "the reference fails .*too large"),  # for the probe
    (abs, fails, ZeroDivisionError, "by zero"),
    (lambda x: [{(0, 1): x}], None, ValueError, "nothing equals the reference's dict"),
])  # fmt: skip
def test_a_fault_of_the_exercise_is_not_blamed_on_the_student(reference, check, error, message):
    exercise = exercise_of(lambda rng: [case(1.0)], reference, check=check)
    with pytest.raises(error, match=message):
        exercise.check(lambda x: x)


def test_an_argument_that_cannot_be_sent_and_forgotten_cases_are_faults_of_the_exercise():
    with pytest.raises(ValueError, match="an argument of type ufunc cannot be sent as data: use a FactoryArg"):
        exercise_of(lambda rng: [case(np.sin)]).check(abs)
    with pytest.raises(ValueError, match="the reference's function: set `cases`"):
        CourseExercise("f(x)", "A slide", root, (Rule("a rule", 1),)).check(root)


@pytest.mark.parametrize(("answer", "expected"), [
    (lambda x: None, "is a `return` missing"),
    (lambda x: list(2 * x), "a list"),
    (lambda x: (2 * x)[..., None], "shape is (4, 1) instead of (4,)"),
    (lambda x: x * np.nan, "nan"),
    (lambda x: x > 0, "bool"),
    (lambda x: undefined, "NameError"),  # noqa: F821
    (lambda: None, "TypeError"),
    (lambda x: 2 * x + 1, "double(np.array([1.0, 0.0])) gave [3.0, 1.0], which is wrong"),
    (lambda x: object(), "an object of type object"),
    (lambda x: (2 * x).astype(complex), "an array of complex128"),
    (lambda x: np.complex128(1j), "an object of type complex128 instead of an array"),
    (lambda x: {(0, 1): x}, "an object of type dict that is too large or deep, or has unusual members"),
    (lambda x: (np.zeros(50_000), x), "it returns a value, which is too large"),
    (lambda x: "2x", "a str"),
])  # fmt: skip
def test_the_message_describes_what_is_wrong(answer, expected):
    assert expected in failure_messages(answer)[0]
    assert double.check(answer).score == 0


@pytest.mark.parametrize(("errors", "message"), [
    ([1.1, 2.5, 3.14159, -6.0, 9.9], "wrong value, off by 1 to 10"),
    ([-0.011, 0.05, 0.099], "wrong value, off by 0.01 to 0.1"),
    ([1e-7, -3e-12], "wrong value, off by less than 1e-06"),
    ([400.0, 3000.0], "wrong value, at least 10 times too large"),
    ([-36.5, -39.0], "wrong value, at least 10 times too small"),
    ([-60.0, -99.0], "wrong value, off by 10 to 100"),
])  # fmt: skip
def test_a_message_describes_an_error_to_a_factor_of_ten(errors, message):
    """Errors of one order of magnitude get the same message, so it contains no digit of the right value."""
    assert {describe_difference(40.0 + error, 40.0, rtol=1e-15) for error in errors} == {message}


def test_an_unsolved_exercise_earns_nothing_and_counts_as_not_answered():
    def unsolved(x):
        raise NotImplementedError()

    verdict = double.check(unsolved)
    assert verdict.score == 0
    assert {finding.status for finding in verdict.findings} == {Status.NOT_ANSWERED}
    assert {finding.message for finding in verdict.findings} == {"not answered yet"}


def test_a_part_that_is_not_answered_is_named():
    (finding, _) = double.check(lambda x: 2 * x if x.ndim == 1 else raise_error(NotImplementedError)).findings
    assert finding.message == "not answered yet for a matrix"


@pytest.mark.attack("points")
def test_long_texts_in_a_forged_answer_are_truncated():
    forged = {"error": ["E" * 10**6, "m" * 10**6], "bases": ["k" * 10**6] * 99, "warned": ["w" * 10**6] * 99}
    drawn = double.draw(0)
    verdict = judge(drawn, {"answers": [forged] * len(drawn.cases)})
    assert 0 < max(len(finding.message) for finding in verdict.findings) < 5000


def test_a_known_mistake_is_named_and_an_unknown_one_is_not():
    assert double.check(lambda x: x * 0.5).mistake == "half"
    assert double.check(lambda x: x * 0.5).findings[0].diagnosis == "It halves x."
    assert double.check(lambda x: np.sin(x)).mistake is None


@pytest.mark.parametrize(("hints", "diagnosis"), [
    (["One hint.", "Another."], "Two mistakes give this answer. One: One hint. The other: Another."),
    (["One.", "Two.", "Three."], None),
])  # fmt: skip
def test_two_mistakes_that_fit_are_both_explained_and_none_is_counted(hints, diagnosis):
    mistakes = {f"twin {i}": Mistake(lambda x: np.sin(x), hint) for i, hint in enumerate(hints)}
    exercise = CourseExercise(double.signature, double.slide, double.reference, double.rules, mistakes=mistakes)
    verdict = exercise.check(np.sin)
    assert (verdict.mistake, verdict.findings[0].diagnosis) == (None, diagnosis)


def cases_to_scale(rng):
    for n in (4, 5, 6, 7, 8):
        yield case(rng.normal(size=n), 3.0, about=f"{n} numbers")
    yield case(rng.normal(size=4).astype(np.float32), 3.0)


def scaling_exercise(mistakes, **rule_options):
    """An exercise that multiplies x by c, with a single rule and the given mistakes."""
    rules = (Rule("values", 1, cases_to_scale, **rule_options),)
    return CourseExercise("scaled(x, c=2)", "A slide", lambda x, c=2: c * x, rules, mistakes)


def test_a_mistake_with_right_values_is_named_only_if_its_side_effect_occurs():
    def in_place(x, c=2):
        x *= c
        return x

    def in_place_as_a_list(x, c=2):
        x += (c - 1) * x
        return list(x)

    exercise = scaling_exercise({"in place": Mistake(in_place, "It modifies x.")}, mutation="none")
    assert exercise.check(in_place).mistake == "in place"
    assert exercise.check(lambda x, c=2: c * x * (1 + 1e-6)).mistake != "in place"
    assert exercise.check(lambda x, c=2: list(c * x)).mistake is None
    assert exercise.check(in_place_as_a_list).mistake is None  # a list is another mistake


def test_a_dtype_mistake_is_named_only_if_it_occurs_in_every_case():
    rules = (Rule("float64", 1, cases_to_scale, check=lambda case, value: None if value.dtype == float else "single"),)
    exercise = CourseExercise(
        "scaled(x, c=2)", "A slide", lambda x, c=2: c * x, (*rules, Rule("values", 1, cases_to_scale, rtol=1e-6)),
        {"single": Mistake(lambda x, c=2: (c * x).astype(np.float32), "It returns float32.")},
    )  # fmt: skip
    assert exercise.check(lambda x, c=2: (x * c).astype(np.float32)).mistake == "single"
    assert exercise.check(lambda x, c=2: (c * x).astype(np.float32 if len(x) == 5 else float)).mistake is None


def test_a_nearly_right_mistake_must_match_exactly():
    exercise = scaling_exercise(
        {"estimate": Mistake(lambda x, c=2: c * x + 1e-7 * np.sin(x), "It returns an estimate.")}
    )
    assert exercise.check(lambda x, c=2: c * x + 1e-7 * np.sin(x)).mistake == "estimate"
    assert exercise.check(lambda x, c=2: (c * x).astype(np.float32)).mistake == "almost right"


def test_a_rounded_answer_is_not_a_mistake_in_small_probabilities():
    softmax = exercises["softmax"]
    for change in (lambda P: np.round(P, 15), lambda P: np.where(P < 1e-20, 0, P)):
        assert softmax.check(lambda Z, change=change: change(softmax.reference(Z))).mistake != "1 minus the others"


def test_a_mistake_computed_in_another_precision_is_recognised():
    exercise = scaling_exercise({"sine": Mistake(lambda x, c=2: np.sin(x), "It takes the sine.")})
    assert exercise.check(lambda x, c=2: np.sin(x.astype(np.float64))).mistake == "sine"


def test_a_mistake_that_explains_most_cases_has_a_hedged_diagnosis():
    exercise = scaling_exercise({"sine": Mistake(lambda x, c=2: np.sin(x), "It takes the sine.")})
    verdict = exercise.check(lambda x, c=2: np.sin(x) if len(x) != 6 else np.cos(x))
    assert (verdict.mistake, verdict.findings[0].diagnosis) == ("sine", "In most cases: It takes the sine.")
    assert exercise.check(lambda x, c=2: np.sin(x) if len(x) < 6 else np.cos(x)).mistake is None


def test_truth_values_and_nan_are_not_evidence_for_a_mistake():
    rules = (Rule("values", 1, cases_to_scale),)
    mistakes = {"below": Mistake(lambda x, c=2: x < 0, "It looks below 0.")}
    above = CourseExercise("above(x, c=2)", "A slide", lambda x, c=2: x > 0, rules, mistakes)
    assert above.check(lambda x, c=2: x < 0).mistake == "below"
    assert above.check(lambda x, c=2: x < 0 if len(x) != 6 else x < 99).mistake is None
    exercise = scaling_exercise({
        "logarithm": Mistake(lambda x, c=2: np.log(-np.abs(x)), "It takes a logarithm."),
        "sine": Mistake(lambda x, c=2: np.sin(x), "It takes the sine."),
    })  # fmt: skip
    assert exercise.check(lambda x, c=2: np.nan * x if len(x) != 6 else x + 1).mistake is None


def test_an_answer_that_is_right_for_other_arguments_is_diagnosed():
    exercise = scaling_exercise({})
    assert exercise.check(lambda x, c=2: 0.1 * x).findings[0].diagnosis == (
        "It returns the right result for c = 0.1, whatever c is."
    )
    assert exercise.check(lambda x, c=2: c * np.sqrt(np.abs(x)) * np.sign(x)).mistake is None
    assert exercise.check(lambda x, c=2: c * (x - x.mean())).mistake == "x minus its mean"


def test_a_reference_that_updates_its_argument_in_place_is_called_with_constants_of_its_dtype():
    def descend(w, c):
        w = w.copy()
        w -= 0.1 * (w - c)
        return w

    rule = Rule("values", 1, lambda rng: [case(*rng.normal(size=(2, 4))) for _ in range(4)])
    exercise = CourseExercise("descend(w, c)", "", descend, (rule,))
    assert exercise.check(lambda w, c: descend(np.zeros(len(w)), c)).mistake == "w = 0"


def test_a_wrong_boolean_is_reported_and_has_a_diagnosis():
    rules = (Rule("values", 1, cases_to_scale),)
    mistakes = {"falls": Mistake(lambda x, c: bool(x[0] >= x[-1]), "It checks whether x falls.")}
    exercise = CourseExercise("rises(x, c)", "A slide", lambda x, c: bool(x[0] < x[-1]), rules, mistakes)
    assert exercise.check(lambda x, c: True).findings[0].message.endswith("gave True, which is wrong")
    verdict = exercise.check(lambda x, c: not x[0] < x[-1])
    assert verdict.findings[0].diagnosis == "It checks whether x falls."


def test_a_list_instead_of_an_array_does_not_hide_a_known_mistake():
    assert double.check(lambda x: list(x * 0.5) if x.ndim == 1 else x * 0.5).mistake == "half"
    assert double.check(lambda x: list(x * 2.0) if x.ndim == 1 else x * 2.0).mistake is None


def test_a_trace_check_receives_the_recorded_calls():
    def check_one_call_at_w(case, value, calls):
        return None if np.array_equal(calls[0], [case.args[1]]) else "it calls grad at another point"

    rules = (
        Rule("calls grad at w", 1, cases_with_a_gradient, check_trace=check_one_call_at_w),
        Rule("values", 1, cases_with_a_gradient, mutation="none"),
    )
    step = CourseExercise("step(grad, w)", "A slide", lambda grad, w: w - grad(w), rules)
    assert step.check(lambda grad, w: w - grad(w)).passed
    assert step.check(lambda grad, w: w - w).score == 1
    assert step.check(lambda grad, w: w - grad(w + 1) + 1).findings[0].message == "it calls grad at another point"


def test_a_rule_with_a_check_of_its_own_also_rejects_a_modified_input():
    def sorts_in_place(x):
        x.sort()
        return 2 * x

    exercise = exercise_of(cases_of_vectors, mutation="none", check=lambda case, value: None)
    assert exercise.check(np.sort).passed
    assert not exercise.check(sorts_in_place).passed


def test_a_mistake_without_a_hint_for_the_student_s_code_is_not_named_in_most_cases():
    mistakes = {"m": Mistake(lambda x: np.exp(-x), "np.where computes both.", names=("np.where",))}
    rules = (Rule("values", 1, lambda rng: [case(rng.normal(size=size)) for size in (3, 4, 5, 6)]),)
    verdict = CourseExercise("f(x)", "A slide", lambda x: 2 * x, rules, mistakes=mistakes).check(
        lambda x: np.exp(-x) if len(x) < 6 else x + 1
    )
    assert verdict.mistake != "m"


def test_a_name_that_is_not_defined_is_cut():
    (name,) = undefined_names({"answers": [{"undefined": "x" * 10**6}] * 2})
    assert len(name) == MAX_TEXT


def test_the_same_seed_draws_the_same_inputs_and_another_seed_draws_others():
    first, again, other = (double.draw(seed).request for seed in (1, 1, 2))
    assert first == again != other


def test_the_request_to_the_probe_contains_no_expected_value():
    drawn = double.draw(3)
    request = str(drawn.request)
    assert set(drawn.request) == {"name", "cases", "forbids"}
    for answer in drawn.call(double.reference)["answers"]:
        assert answer["value"]["data"] not in request


@pytest.mark.parametrize(("got", "want"), [
    (1, 1.0), (np.float32(1), 1.0), (np.array(1.0), 1.0), (np.float64(1), np.array(1.0)),
    ([1.0, 2.0], (1.0, 2.0)), (np.array([1, 2]), np.array([1.0, 2.0])), (np.uint8([1]), np.array([1])),
    ({"a": np.zeros(2), "b": [1 + 1e-12]}, {"b": [1.0], "a": np.zeros(2)}), ("a", np.str_("a")), (np.str_("a"), "a"),
    (["a"], [np.array("a")]), (10**10, 10**10), (2**70, 2**70), (10**10 + 1, 1e10), (None, None), ({1}, {1}),
])  # fmt: skip
def test_equal_values_of_compatible_types_agree(got, want):
    assert describe_difference(got, want) is None


@pytest.mark.parametrize(("got", "want"), [
    (True, 1.0), ([1.0], np.array([1.0])), (np.array([1.0]), 1.0), (1.0, np.array([1.0])), (np.array([True]), np.array([1])),
    (np.array([1.0]), np.array([1])), ("1", 1), (np.array(["1"]), np.array([1.0])), ({1}, 1), ([1.0, 2.0], [1.0]),
    ({"a": np.zeros(2)}, {"a": np.ones(2)}), ({"a": np.zeros(2), "b": 1}, {"a": np.zeros(2), "c": 1}), ([], {}), ("b", np.str_("a")),
    (10**10 + 1, 10**10), (2**70 + 1, 2**70), (2**70, 1), (1, 2**70), (2**64 - 1, 2**64 - 2), ("1", 2**70),
])  # fmt: skip
def test_values_of_other_types_dtypes_or_lengths_differ(got, want):
    assert describe_difference(got, want)


@pytest.mark.parametrize(("got", "want", "message"), [
    (1, 2**70, "wrong value"), (2**70, 1, "it holds integers of over 64 bits instead of integers"), (2**70, 2**71, "wrong value"), (10**18 + 1, 10**18, "wrong value"),
    (-(10**400), 2.0, "wrong value, off by at least 1e+308"), (1e308, -1e308, "wrong value"),
    ({"a": [1, None]}, {"a": [1, 2]}, "the value of 'a': item 1 is None"), ({"b": 1}, {"a": 1}, "its keys are not the expected ones"),
    (10.0, 1.0, "wrong value, at least 10 times too large"), (-1000.0, -1.0, "wrong value, at least 1000 times too large in size"),
    (np.uint8(1), (1, 2), "it returns a uint8 instead of a tuple of 2"), ([1], (1, 2), "it returns a list of 1 instead of 2"),
])  # fmt: skip
def test_the_message_names_the_place_of_a_difference_and_is_true(got, want, message):
    assert describe_difference(got, want) == message


@pytest.mark.parametrize(("got", "want", "is_in_value"), [
    (3, "abc", False), ([1], {"a": 1}, False), (1, None, False), ("ab", "abc", True), ({1}, {2}, True), ({"b": 1}, {"a": 1}, True),
])  # fmt: skip
def test_another_type_is_no_difference_in_value(got, want, is_in_value):
    assert find_difference(got, want).is_in_value == is_in_value


def test_a_float_is_accepted_for_an_integer_within_the_tolerance_where_any_dtype_is():
    assert describe_difference(3 + 1e-12, 3, same_kind=False) is None
    assert describe_difference(3.1, 3, same_kind=False)


def test_an_array_of_texts_that_is_right_for_another_argument_is_diagnosed():
    def reference(x, c=2):
        return np.where(x > c, "above", "below")

    exercise = CourseExercise("sides(x, c=2)", "A slide", reference, (Rule("values", 1, cases_to_scale),))
    assert exercise.check(lambda x, c=2: reference(x, 0)).mistake == "c = 0"


@pytest.mark.parametrize("form", [lambda x: {"x": x}, lambda x: (x, 1), lambda x: [x]], ids=["dict", "tuple", "list"])
def test_a_modified_array_within_an_argument_fails_a_rule_against_mutation(form):
    def cases(rng):
        yield case(form(np.ones(2)), {3, 1, 2}, frozenset("cab"))

    def in_place(parts, *_):
        array = parts["x"] if isinstance(parts, dict) else parts[0]
        array *= 2
        return 0

    exercise = CourseExercise("f(a, b, c)", "A slide", lambda *_: 0, (Rule("unchanged", 1, cases, mutation="none"),))
    assert exercise.check(lambda *_: 0).passed
    assert exercise.check(in_place).score == 0


def test_a_case_is_repeated_with_other_numbers_in_the_same_arrays():
    """An answer that keeps results by the identity of the array is wrong on the second, in every draw."""
    kept: dict = {}

    def by_identity(x):
        return kept.setdefault(id(x), 2 * x)

    exercise = exercise_of(lambda rng: [case(rng.normal(size=3), about="three numbers")])
    for seed in range(5):
        kept.clear()
        (finding,) = exercise.check(by_identity, seed, explain=False).findings  # without the calls for small inputs
        assert "three numbers, with other numbers in the same arrays" in finding.message
    assert exercise.check(lambda x: x + x).passed
    assert len(exercise.draw(0).cases) == 2
    assert len(exercise_of(lambda rng: [case(np.ones(3))]).draw(0).cases) == 1
    assert len(exercise_of(lambda rng: [case(float(rng.normal()))]).draw(0).cases) == 1


def test_an_array_of_an_earlier_call_is_not_a_new_one():
    buffer = np.zeros(3)

    def into_buffer(x):
        np.multiply(x, 2, out=buffer)
        return buffer

    def draw(rng):
        return [case(rng.normal(size=3))]

    assert exercise_of(draw).check(into_buffer).passed
    (finding,) = exercise_of(draw, sharing="none").check(into_buffer).findings
    assert "shares memory with one that it was given or has returned before" in finding.message
    assert exercise_of(draw, sharing="none").check(lambda x: 2 * x).passed


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_the_reference_is_fast_for_changed_arguments(exercise):
    """The diagnosis changes arguments: a change to -3 steps, for example, must not cause an endless loop."""
    drawn = draw(exercise, 0)
    profile = ExerciseProfile(drawn)
    started = time.process_time()
    for find_changes in (*exercise.relations.changes, *CHANGES) if profile.can_be_recomputed else ():
        for change in find_changes(profile.arguments):
            for i in range(min(len(drawn.cases), 3)):
                profile.recompute(i, change.apply)
    assert time.process_time() - started < 2


def as_many_large_integers(argument):
    return [10**30] * (len(argument) if isinstance(argument, np.ndarray) else 3)


UNUSUAL_VALUES = [None, "text", {"a": 1}, [], [1, [2, 3]], ("a", None), 10**400, [10**400], as_many_large_integers, True, np.nan, np.inf,
                  np.zeros((0, 3)), np.array("x"), np.array([1, None]), 1j, np.zeros((1, 1, 1, 1)), [np.zeros(2), 1],
                  object(), np.uint8([0, 255])]  # fmt: skip


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_no_returned_value_makes_the_judge_fail(exercise):
    first = FUNCTIONS.index(exercise) % len(UNUSUAL_VALUES)  # so that the first case of each gets another value
    values = itertools.cycle([*UNUSUAL_VALUES[first:], *UNUSUAL_VALUES[:first]])

    def unusual(*args, **_):
        value = next(values)
        return value(args[0]) if callable(value) else value

    drawn = draw(exercise, 0)
    assert judge(drawn, drawn.call(unusual)).score < exercise.points


def test_a_fault_of_the_diagnosis_costs_no_points(monkeypatch):
    def fail(*_):
        raise ValueError("a fault")

    monkeypatch.setattr("autograder.judging.judge.diagnose", fail)
    with pytest.warns(RuntimeWarning, match="no diagnosis of double: ValueError"):
        verdict = double.check(lambda x: np.multiply(x, 2, out=x))
    assert [finding.diagnosis for finding in verdict.findings] == [None, None]
    assert verdict.score == 2


@pytest.mark.parametrize("value", [np.str_("a"), np.array("a"), 10**400, np.array([1, None])])
def test_a_value_that_a_check_cannot_handle_costs_that_rule_only(value):
    def check_mean(case, returned):
        return None if returned / 2 > float(len(case.args[0])) else "its mean is too small"

    rules = (
        Rule("mean", 1, cases_to_scale, check=check_mean),
        Rule("no error", 1, cases_to_scale, check=lambda *_: None),
    )
    exercise = CourseExercise("scaled(x, c=2)", "A slide", lambda x, c=2: 1e6, rules)
    assert exercise.check(lambda x, c=2: value).score == 1


UNDECODABLE = [
    {}, [], "full marks", {"answers": []}, {"answers": [{}] * 9}, {"answers": {"0": 1}}, {"answers": [3]},
    *({"answers": len(double.draw(0).cases) * [forged]} for forged in (
        None, {"value": {"object": 3}}, {"score": 3}, {"error": None}, {"error": []}, {"error": "ab"},
        {"value": True, "warned": 3}, {"value": None, "warned": "overflow"},
    )),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "message"), [
    (None, "the reason"),
    ({"timeout": True}, "it did not finish within the time limit"),
    ({"missing": True}, "it is not defined when its check runs"),
    *((forged, "the answer could not be decoded") for forged in UNDECODABLE),
])  # fmt: skip
@pytest.mark.attack("points")
def test_without_usable_answers_every_rule_fails_and_the_student_reads_why(answers, message):
    verdict = judge(double.draw(0), answers, why_missing="the reason")
    assert verdict.score == 0
    assert all(finding.message.startswith(message) for finding in verdict.findings)


def test_a_limit_of_the_probe_never_counts_as_the_exception_that_a_rule_expects():
    def refuse(x):
        raise ValueError("refused")

    refusing = exercise_of(cases_of_vectors, refuse, raises="Exception")
    assert refusing.check(refuse).score == 1
    assert refusing.check(lambda x: np.zeros((3000, 3000))).score == 0


def test_the_message_quotes_the_first_line_of_an_error_with_one_full_stop():
    def assert_fails(x):
        raise AssertionError("\nArrays are not equal\nx: 1")

    def value_fails(x):
        raise ValueError("setting an element with a sequence.")

    assert "AssertionError: Arrays are not equal. What is twice one?" in failure_messages(assert_fails)[0]
    assert "with a sequence. What is twice one?" in failure_messages(value_fails)[0]


def test_defaults_in_a_signature_may_be_any_expression():
    def reference(x, shape=(2, 3), *, dtype=float):
        return np.full(shape, x, dtype)

    def cases(rng):
        yield case(float(rng.normal()))
        yield case(float(rng.normal()), (4, 1))

    rule = Rule("values", 1, cases)
    full = CourseExercise("full(x,shape=(2, 3),*,dtype=float)", "A slide", reference, (rule,))
    assert full.parameters == {"x": inspect.Parameter.empty, "shape": (2, 3), "dtype": float}
    verdict = full.check(lambda x, shape=(2, 3): -np.full(shape, x))
    assert "sign" in verdict.findings[0].diagnosis


@pytest.mark.attack("guesses")
def test_results_in_the_order_of_another_draw_are_worthless():
    """Whatever the arguments are: truth values and names are the same in every draw, so only their order differs."""

    def score(exercise, seed, order):
        results = (result.value for result in draw(exercise, order).expected)
        drawn = draw(exercise, seed)
        return judge(drawn, drawn.call(lambda *_, **__: next(results)), explain=False).score

    assert sum(score(exercise, 0, 0) for exercise in FUNCTIONS) > 100  # so the results themselves are right
    for seed in range(3):
        assert {exercise.name: earned for exercise in FUNCTIONS if (earned := score(exercise, seed, 99))} == {}


@pytest.mark.attack("guesses")
def test_a_table_of_results_for_other_inputs_is_nearly_worthless():
    """Per function: the answers of a table for the inputs of one seed, on the inputs of another."""

    kept = []  # the text of an object contains its address, which no other one may get

    def key(args, kwargs):
        values = [*args, *kwargs.values()]
        kept.append(values)
        return tuple(v.tobytes() + repr(v.shape).encode() if isinstance(v, np.ndarray) else repr(v) for v in values)

    def score(exercise, first, second):
        table = {}

        def fill(*args, **kwargs):
            place = key(args, kwargs)
            table[place] = exercise.reference(*args, **kwargs)
            return table[place]

        draw(exercise, first).call(fill)
        drawn = draw(exercise, second)
        return judge(drawn, drawn.call(lambda *args, **kwargs: table[key(args, kwargs)]), explain=False).score

    assert sum(score(exercise, 1, 1) for exercise in FUNCTIONS) > 100  # so the table itself is right
    earned = {exercise.name: score(exercise, 1, 2) for exercise in FUNCTIONS}
    assert sum(earned.values()) <= 2, {name: points for name, points in earned.items() if points}
