"""The judge: right answers in every form pass, wrong ones get a message that helps and gives nothing away."""

import time

import numpy as np
import pytest

from autograder import exercises
from autograder.judging.compare import describe_difference
from autograder.judging.diagnosis.argument_changes import changes
from autograder.judging.diagnosis.profiles import ReferenceProfile
from autograder.judging.exercise_set import CourseExercise
from autograder.judging.judge import judge
from autograder.judging.model import FactoryArg, Mistake, Rule, Status, case

FUNCTIONS = [exercise for exercise in exercises.values() if callable(exercise.reference)]


def some_vectors(rng):
    yield case(rng.normal(size=4))
    yield case(rng.normal(size=(2, 3)), about="a matrix")


def a_gradient(rng):
    yield case(FactoryArg("AffineGradient", {"A": np.eye(2), "b": np.zeros(2)}), np.array([1.0, 2.0]))


double = CourseExercise(
    "double(x)",
    "A slide",
    lambda x: 2 * x,
    (
        Rule("values", 2, some_vectors, "What is twice one?"),
        Rule("input untouched", 1, some_vectors, mutation="none"),
    ),
    mistakes={"half": Mistake(lambda x: x / 2, "halved instead"), "square": Mistake(lambda x: x**2, "squared instead")},
)


def messages(answer):
    return [finding.message for finding in double.check(answer).findings if not finding.passed]


def test_the_reference_earns_all_points():
    verdict = double.check(double.reference)
    assert (verdict.score, verdict.points, verdict.passed) == (3, 3, True)


def test_points_are_lost_rule_by_rule():
    def in_place(x):
        x *= 2
        return x

    verdict = double.check(in_place)
    assert [(f.rule, f.passed) for f in verdict.findings] == [("values", True), ("input untouched", False)]
    assert verdict.score == 2


def test_an_array_of_its_own_is_asked_for_only_where_a_rule_says_so():
    same = CourseExercise(
        "same(x)",
        "A slide",
        lambda x: x.copy(),
        (Rule("values", 2, some_vectors), Rule("a new array", 1, some_vectors, sharing="none")),
    )
    assert same.check(lambda x: +x).passed
    assert same.check(lambda x: x).score == 2


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        (lambda x: root(x), 1),
        (lambda x: np.sqrt(np.abs(x)), 0),  # does not refuse
        (lambda x: refuse(ValueError), 0),  # refuses everything
        (lambda x: root(x) if np.all(x >= 0) else refuse(IndexError), 0),
        (lambda x: refuse(NotImplementedError), 0),
    ],
)
def test_an_error_is_asked_for_where_the_reference_raises_and_nowhere_else(answer, score):
    def good_and_bad(rng):
        yield case(np.array([1.0, 4.0]))
        yield case(np.array([1.0, -4.0]), about="a negative number")

    roots = CourseExercise("root(x)", "A slide", root, (Rule("refuses", 1, good_and_bad, raises="ValueError"),))
    assert roots.check(answer).score == score


def refuse(error):
    raise error("no")


def root(x):
    return np.sqrt(x) if np.all(x >= 0) else refuse(ValueError)


def test_float32_input_is_judged_by_float32_precision():
    def single(rng):
        yield case(rng.normal(size=5).astype(np.float32))

    third = CourseExercise("third(x)", "A slide", lambda x: x.astype(np.float64) / 3, (Rule("values", 1, single),))
    assert third.check(lambda x: x / np.float32(3)).passed
    assert not third.check(lambda x: x / np.float32(3.01)).passed


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x: None, "is a `return` missing"),
        (lambda x: list(2 * x), "a list"),
        (lambda x: (2 * x)[..., None], "shape is (4, 1) instead of (4,)"),
        (lambda x: x * np.nan, "nan"),
        (lambda x: x > 0, "bool"),
        (lambda x: undefined, "NameError"),  # noqa: F821
        (lambda: None, "TypeError"),
        (lambda x: 2 * x + 1, "wrong value at index 0, off by about 1e+00"),
        (lambda x: object(), "an object of type object"),
        (lambda x: (2 * x).astype(complex), "an object of type ndarray of complex128"),
        (lambda x: "2x", "a str"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(answer, said):
    assert said in messages(answer)[0]
    assert double.check(answer).score == 0


def test_no_message_holds_the_right_value():
    for seed in range(20):
        drawn = double.draw(seed)
        right = [repr(float(v))[:6] for c in drawn.cases for v in np.ravel(2 * c.args[0])]
        for answer in (lambda x: 2 * x + 0.123, lambda x: x, lambda x: x * np.inf):
            for finding in judge(drawn, drawn.ask(answer)).findings:
                assert not any(value in finding.message for value in right)


def test_an_unsolved_exercise_earns_nothing_and_is_called_so():
    def unsolved(x):
        raise NotImplementedError()

    verdict = double.check(unsolved)
    assert verdict.score == 0
    assert {finding.status for finding in verdict.findings} == {Status.NOT_ANSWERED}


@pytest.mark.parametrize(
    "forged",
    [None, {}, [], "full marks", {"answers": []}, {"answers": [{}] * 9}, {"answers": {"0": 1}}, {"missing": True},
     {"answers": [{"value": {"object": "x"}}] * 2}, {"answers": [{"score": 3}, {"score": 3}]}, {"answers": [None, None]},
     {"answers": [{"error": None}, {"error": []}]}, {"answers": [{"value": True, "warned": 3}] * 2}],
)  # fmt: skip
def test_a_forged_bundle_earns_nothing(forged):
    assert judge(double.draw(0), forged).score == 0


def test_of_a_forged_word_a_line_is_told():
    long = {"error": ["E" * 10**6, "m" * 10**6], "kinds": ["k" * 10**6] * 99, "warned": ["w" * 10**6] * 99}
    drawn = double.draw(0)
    verdict = judge(drawn, {"answers": [long] * len(drawn.cases)})
    assert 0 < max(len(finding.message) for finding in verdict.findings) < 5000


def test_a_known_mistake_is_named_and_an_unknown_one_is_not():
    assert double.check(lambda x: x * 0.5).mistake == "half"
    assert double.check(lambda x: x * 0.5).findings[0].diagnosis == "halved instead"
    assert double.check(lambda x: np.sin(x)).mistake is None


def test_two_mistakes_that_behave_alike_are_not_guessed_between():
    twins = CourseExercise(
        double.signature, double.slide, double.reference, double.rules,
        mistakes={"a": Mistake(np.sin, "one"), "b": Mistake(lambda x: np.sin(x) + 0, "other")},
    )  # fmt: skip
    assert twins.check(np.sin).mistake is None
    assert twins.check(np.sin).findings[0].diagnosis is None


def several_vectors(rng):
    for n in (4, 5, 6, 7, 8):
        yield case(rng.normal(size=n), 3.0, about=f"{n} numbers")
    yield case(rng.normal(size=4).astype(np.float32), 3.0)


def scaled(mistakes, **demands):
    """An exercise with an argument that scales, and one mistake or more."""
    rules = (Rule("values", 1, several_vectors, **demands),)
    return CourseExercise("scaled(x, c=2)", "A slide", lambda x, c=2: c * x, rules, mistakes)


def test_a_mistake_whose_values_are_right_is_named_only_if_its_side_effect_was_seen():
    def in_place(x, c=2):
        x *= c
        return x

    def in_place_otherwise(x, c=2):
        x += (c - 1) * x
        return list(x)

    some = scaled({"in place": Mistake(in_place, "x is changed")}, mutation="none")
    assert some.check(in_place).mistake == "in place"
    assert some.check(lambda x, c=2: c * x * (1 + 1e-6)).mistake != "in place"
    assert some.check(lambda x, c=2: list(c * x)).mistake is None
    assert some.check(in_place_otherwise).mistake is None  # no array: something else is wrong


def test_a_mistake_in_precision_is_not_seen_in_an_answer_of_another_shape():
    rules = (Rule("float64", 1, several_vectors, check=lambda case, value: None if value.dtype == float else "single"),)
    some = CourseExercise(
        "scaled(x, c=2)", "A slide", lambda x, c=2: c * x, (*rules, Rule("values", 1, several_vectors, rtol=1e-6)),
        {"single": Mistake(lambda x, c=2: (c * x).astype(np.float32), "single precision")},
    )  # fmt: skip
    assert some.check(lambda x, c=2: (x * c).astype(np.float32)).mistake == "single"
    assert some.check(lambda x, c=2: (c * x).astype(np.float32 if len(x) == 5 else float)).mistake is None


def test_a_mistake_that_is_nearly_right_has_to_be_met_exactly():
    some = scaled({"estimate": Mistake(lambda x, c=2: c * x + 1e-7 * np.sin(x), "an estimate")})
    assert some.check(lambda x, c=2: c * x + 1e-7 * np.sin(x)).mistake == "estimate"
    assert some.check(lambda x, c=2: (c * x).astype(np.float32)).mistake == "almost right"


def test_a_known_mistake_is_known_in_single_precision_too():
    some = scaled({"sine": Mistake(lambda x, c=2: np.sin(x), "a sine")})
    assert some.check(lambda x, c=2: np.sin(x.astype(np.float64))).mistake == "sine"


def test_a_mistake_that_most_cases_share_is_named_with_care():
    some = scaled({"sine": Mistake(lambda x, c=2: np.sin(x), "It takes the sine.")})
    mostly = some.check(lambda x, c=2: np.sin(x) if len(x) != 6 else np.cos(x))
    assert (mostly.mistake, mostly.findings[0].diagnosis) == ("sine", "In most cases: It takes the sine.")
    assert some.check(lambda x, c=2: np.sin(x) if len(x) < 6 else np.cos(x)).mistake is None


@pytest.mark.parametrize("blows_up", [np.nan, np.inf])
def test_a_mistake_is_named_also_where_nan_and_inf_hide_it(blows_up):
    mistakes = {"sine": Mistake(lambda x, c=2: np.sin(x), "It takes the sine."), "nan": Mistake(lambda x, c=2: np.nan)}
    some = scaled(mistakes)
    hidden = some.check(lambda x, c=2: np.sin(x) if len(x) < 6 else blows_up * x)
    assert (hidden.mistake, hidden.findings[0].diagnosis) == ("sine", "Apart from nan and inf: It takes the sine.")
    otherwise = some.check(lambda x, c=2: np.sin(x) if len(x) < 5 else np.cos(x) if len(x) < 6 else blows_up * x)
    assert otherwise.mistake is None
    assert some.check(lambda x, c=2: c * x if len(x) < 6 else blows_up * x).mistake is None  # right but for nan


def test_nan_is_no_evidence():
    vectors = {
        "logarithm": Mistake(lambda x, c=2: np.log(-np.abs(x)), "It takes a logarithm."),
    }
    some = scaled(vectors | {"sine": Mistake(lambda x, c=2: np.sin(x), "It takes the sine.")})
    assert some.check(lambda x, c=2: np.nan * x if len(x) != 6 else x + 1).mistake is None


def test_other_arguments_for_which_an_answer_is_right_are_named():
    some = scaled({})
    assert some.check(lambda x, c=2: 0.1 * x).findings[0].diagnosis == (
        "It returns the right result for c = 0.1, whatever c is."
    )
    assert some.check(lambda x, c=2: c * np.sqrt(np.abs(x)) * np.sign(x)).mistake is None
    assert some.check(lambda x, c=2: c * (x - x.mean())).mistake == "x minus its mean"


def test_input_that_is_changed_is_mentioned_beside_wrong_values():
    def centred(x, c=2):
        x -= x.mean()
        return c * x

    assert "changes an array" in scaled({}, mutation="none").check(centred).findings[0].message


def test_a_wrong_truth_value_is_said_and_a_mistake_in_it_named_with_care():
    rules = (Rule("values", 1, several_vectors),)
    mistakes = {"falls": Mistake(lambda x, c: bool(x[0] >= x[-1]), "It asks whether x falls.")}
    some = CourseExercise("rises(x, c)", "A slide", lambda x, c: bool(x[0] < x[-1]), rules, mistakes)
    assert some.check(lambda x, c: True).findings[0].message.startswith("got True for")
    falls = some.check(lambda x, c: not x[0] < x[-1])
    assert falls.findings[0].diagnosis == "It looks like this: It asks whether x falls."


def test_a_known_mistake_in_another_dress_is_named_if_its_values_are_wrong():
    assert double.check(lambda x: list(x * 0.5) if x.ndim == 1 else x * 0.5).mistake == "half"
    assert double.check(lambda x: list(x * 2.0) if x.ndim == 1 else x * 2.0).mistake is None


def test_an_unknown_mistake_is_told_by_how_its_values_are_related_to_the_right_ones():
    verdict = double.check(lambda x: 4 * x)
    assert verdict.mistake == "twice as large"
    assert verdict.findings[0].diagnosis == "Every number is exactly twice as large as it should be."
    assert double.check(lambda x: 2 * x).mistake is None


def test_an_answer_that_only_changes_its_input_is_not_told_anything_of_its_values():
    def in_place(x):
        x *= 2
        return x

    assert double.check(in_place).findings[1].diagnosis is None


def test_made_functions_reach_the_student_as_functions():
    walk = CourseExercise("walk(grad, w)", "A slide", lambda grad, w: w - grad(w), (Rule("step", 1, a_gradient),))
    assert walk.check(lambda grad, w: w - grad(w)).passed
    assert not walk.check(lambda grad, w: w + grad(w)).passed


def test_a_rule_can_replay_what_a_made_function_was_asked():
    def asked_once_at_w(asked, value, calls):
        return None if np.array_equal(calls[0], [asked.args[1]]) else "it asks elsewhere"

    rules = (Rule("asks", 1, a_gradient, check_trace=asked_once_at_w), Rule("w", 1, a_gradient, mutation="none"))
    walk = CourseExercise("walk(grad, w)", "A slide", lambda grad, w: w - grad(w), rules)
    assert walk.check(lambda grad, w: w - grad(w)).passed
    assert walk.check(lambda grad, w: w - w).score == 1
    assert walk.check(lambda grad, w: w - grad(w + 1) + 1).findings[0].message == "it asks elsewhere"


def test_input_must_be_left_alone_also_where_a_rule_looks_at_a_property():
    def sorts_in_place(x):
        x.sort()
        return 2 * x

    rule = Rule("a property", 1, some_vectors, mutation="none", check=lambda asked, value: None)
    some = CourseExercise(double.signature, double.slide, double.reference, (rule,))
    assert some.check(np.sort).passed
    assert not some.check(sorts_in_place).passed


def test_the_same_seed_draws_the_same_inputs_and_another_seed_others():
    first, again, other = (double.draw(seed).to_json() for seed in (1, 1, 2))
    assert first == again != other


def test_what_travels_to_the_student_holds_no_expected_value():
    drawn = double.draw(3)
    travels = str(drawn.to_json())
    assert set(drawn.to_json()) == {"name", "cases"}
    for answer in drawn.ask(double.reference)["answers"]:
        assert answer["value"]["data"] not in travels


@pytest.mark.parametrize(("got", "want"), [
    (1, 1.0), (np.float32(1), 1.0), (np.array(1.0), 1.0), (np.float64(1), np.array(1.0)),
    ([1.0, 2.0], (1.0, 2.0)), (np.array([1, 2]), np.array([1.0, 2.0])), (np.uint8([1]), np.array([1])),
])  # fmt: skip
def test_equal_values_in_another_dress_do_not_differ(got, want):
    assert describe_difference(got, want) is None


@pytest.mark.parametrize(("got", "want"), [
    (True, 1.0), ([1.0], np.array([1.0])), (np.array([1.0]), 1.0), (1.0, np.array([1.0])), (np.array([True]), np.array([1])),
    (np.array([1.0]), np.array([1])), ("1", 1), (np.array(["1"]), np.array([1.0])), ({1}, 1), ([1.0, 2.0], [1.0]),
])  # fmt: skip
def test_values_of_another_kind_differ(got, want):
    assert describe_difference(got, want)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_the_reference_answers_other_questions_at_once(exercise):
    """Whatever is changed about the arguments: it must not loop over -3 steps forever."""
    drawn = exercise.draw(0)
    reference = ReferenceProfile(drawn)
    started = time.process_time()
    for _, change in changes(reference.arguments) if reference.can_be_recomputed else ():
        for row in range(min(len(drawn.cases), 3)):
            reference.recompute(row, change)
    assert time.process_time() - started < 2


ODD = [None, "text", {"a": 1}, [], [1, [2, 3]], ("a", None), 10**400, [10**400], True, np.nan, np.inf, np.zeros((0, 3)),
       np.array("x"), np.array([1, None]), 1j, np.zeros((1, 1, 1, 1)), [np.zeros(2), 1], object(), np.uint8([0, 255])]  # fmt: skip


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_nothing_that_comes_back_stops_the_judge(exercise):
    drawn = exercise.draw(0)
    for first in range(3):
        values = iter(ODD[first:] * 50)
        assert judge(drawn, drawn.ask(lambda *args, values=values, **kwargs: next(values))).score < exercise.points


@pytest.mark.parametrize("value", [np.str_("a"), np.array("a"), 10**400, np.array([1, None])])
def test_a_value_that_a_check_cannot_handle_costs_that_rule_only(value):
    def check_mean(case, returned):
        return None if returned / 2 > float(len(case.args[0])) else "its mean is too small"

    rules = (
        Rule("mean", 1, several_vectors, check=check_mean),
        Rule("no error", 1, several_vectors, check=lambda *_: None),
    )
    some = CourseExercise("scaled(x, c=2)", "A slide", lambda x, c=2: 1e6, rules)
    assert some.check(lambda x, c=2: value).score == 1
