"""Checks accept right results and reject wrong ones. Messages locate and describe a fault, not the right value."""

import re
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lectrain.check import (
    CheckFailed,
    checking,
    expect_answered,
    expect_close,
    expect_gradient,
    expect_no_warning,
    expect_shape,
    expect_true,
    expect_untouched,
    numerical_gradient,
    peak_memory,
)

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)
MODERATE = st.floats(-100, 100)
DISTINCTIVE = st.tuples(st.integers(1, 8), st.floats(0.2, 0.8)).map(sum)  # unlike any index, size or power of ten
PROPERTY = {"property": "it grows"}


def message_of(failing, *args, **kwargs):
    about = {} if failing is expect_untouched else PROPERTY
    with pytest.raises(CheckFailed) as failure, checking("square", slide="Warm-up"):
        failing(*args, **about, **kwargs)
    return str(failure.value)


# --- the message ----------------------------------------------------------------------------------------------------


def test_message_names_property_fault_hint_and_slide_in_one_line(capsys):
    got = [[0.5, 0.5], [np.nan, 1.0]]
    message = message_of(expect_close, got, [[0.5, 0.5], [0.25, 0.75]], hint="What can you subtract?")
    assert message == (
        "square: it grows: row 1 of 2, column 0 is wrong: got nan (2 of 4 elements are wrong). "
        "What can you subtract? (slide: Warm-up)"
    )
    assert capsys.readouterr().out == ""


def test_expect_true_raises_a_message_of_the_same_form():
    expect_true(np.True_, **PROPERTY, otherwise="it falls")
    assert message_of(expect_true, np.False_, otherwise="it falls") == "square: it grows: it falls. (slide: Warm-up)"
    assert message_of(expect_true, None, otherwise="it falls", hint="Which sign?") == (
        "square: it grows: it falls. Which sign? (slide: Warm-up)"
    )


def test_a_notebook_shows_the_message_without_a_traceback():
    assert CheckFailed("square: is nan")._render_traceback_() == ["CheckFailed: square: is nan"]


def test_plain_python_shows_a_traceback_that_ends_in_the_message():
    program = "from lectrain.check import *\nexpect_close(1, 2, 'is one')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.strip().endswith("CheckFailed: is one: the value is wrong: got 1.")


@given(hnp.arrays(float, SHAPES, elements=DISTINCTIVE), hnp.arrays(int, SHAPES, elements=st.integers(-99, 99)))
def test_message_never_contains_the_right_value(want, got):
    assume(want.size and got.size)
    got = np.resize(got, want.shape)
    message = message_of(expect_close, got, want)
    for number in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", message):
        assert not np.isclose(abs(float(number)), np.abs(want), rtol=0, atol=0.05).any(), message
        assert not np.isclose(abs(float(number)), np.abs(want - got), rtol=0, atol=0.05).any(), message


@given(DISTINCTIVE, st.integers(-6, -2), st.sampled_from([0.7, 1.1, 1.2, 2]))  # not between two rounded values
def test_message_does_not_reveal_the_sign_of_the_error(got, decade, digit):
    error = got * digit * 10**decade
    assert message_of(expect_close, got, got + error) == message_of(expect_close, got, got - error)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_message_about_a_zero_does_not_depend_on_the_right_value(want, other):
    assume(want != 0 and other != 0)
    assert message_of(expect_close, 0.0, want) == message_of(expect_close, 0.0, other)


@given(DISTINCTIVE, st.floats(-3, 3))
def test_gradient_message_never_contains_the_right_value(slope, factor):
    assume(abs(abs(factor) - 1) > 1e-2)  # its own value is shown, and may be near to the right one
    message = message_of(expect_gradient, lambda w: factor * slope + 0 * w, lambda w: slope * w.sum(), np.zeros((2, 3)))
    for number in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", message):
        assert not np.isclose(abs(float(number)), slope, rtol=1e-3), message


# --- numerical_gradient ---------------------------------------------------------------------------------------------


@given(hnp.arrays(float, SHAPES, elements=st.floats(-10, 10)))
def test_numerical_gradient_of_a_sum_of_cubes_is_three_squares(w):
    slope = numerical_gradient(lambda w: (w**3).sum(), w)
    assert slope.shape == w.shape
    np.testing.assert_allclose(slope, 3 * w**2, rtol=1e-6, atol=1e-5)


def test_numerical_gradient_error_shrinks_with_the_square_of_the_step():
    errors = [abs(numerical_gradient(lambda w: w**3, 1.0, h=h) - 3.0) for h in (1e-1, 1e-2)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=1e-3)


def test_numerical_gradient_accepts_lists_and_integers_without_modifying_them():
    w = np.array([1, 2])
    assert numerical_gradient(lambda w: (w**2).sum(), w) == pytest.approx([2, 4])
    assert numerical_gradient(lambda w: (w**2).sum(), [1, 2]) == pytest.approx([2, 4])
    assert w.tolist() == [1, 2]


def test_numerical_gradient_is_right_for_a_loss_that_modifies_its_argument():
    def loss(w):
        w *= 2
        return w.sum()

    assert numerical_gradient(loss, np.ones((2, 2))) == pytest.approx(2 * np.ones((2, 2)))


@pytest.mark.parametrize("value", [None, "0.5", [1.0, 2.0], np.ones((1,)), 1j, {}, object()])
def test_numerical_gradient_rejects_a_loss_that_is_not_a_single_number(value):
    with pytest.raises(CheckFailed, match=r"the loss: (is|returned|got shape)"):
        numerical_gradient(lambda w: value, [1.0])


# --- expect_shape ---------------------------------------------------------------------------------------------------


@given(SHAPES, st.sampled_from([np.float64, np.float32, np.float16, np.longdouble]))
def test_shape_accepts_any_precision(shape, dtype):
    expect_shape(np.zeros(shape, dtype), shape, **PROPERTY, dtype=float)


@pytest.mark.parametrize("number", [0.5, np.float64(0.5), np.array(0.5), np.float32(0.5)])
def test_shape_accepts_a_single_number_of_any_type(number):
    expect_shape(number, (), **PROPERTY, dtype=float)


@given(SHAPES, SHAPES)
def test_shape_rejects_every_other_shape(got, want):
    assume(got != want)
    message = message_of(expect_shape, np.zeros(got), want)
    assert "expected" in message
    for shape in (got, want):
        assert (f"shape {shape}" if shape else "a single number") in message


@pytest.mark.parametrize(
    ("got", "dtype", "expected"),
    [
        (np.zeros(3, bool), int, "dtype bool, expected int"),
        (np.zeros(3), int, "dtype float64, expected int"),
        (np.zeros(3, int), float, "dtype int64, expected float"),
        (np.zeros(3, np.uint8), bool, "dtype uint8, expected bool"),
        ([0, 0, 0], int, "is of type list, expected an array of shape (3,)"),
        ((0, 0, 0), None, "is of type tuple, expected an array of shape (3,)"),
        (np.zeros(3, complex), float, "complex"),
        (1.5, None, "got a single number, expected shape (3,)"),
        (np.array(["a", "b", "c"]), None, "is text, not real numbers: got ['a', 'b', 'c']"),
        (np.array([1, None, 2]), None, "not real numbers: got [1, None, 2]"),
        (np.array(None), None, "is None, not real numbers."),
        (None, None, "returned None: is a `return` missing?"),
        ({}, None, "is a dict, not real numbers"),
        ([[1], [2, 3]], None, "is of type list, not real numbers"),
        (np.zeros, None, "not real numbers"),
        (np.array(v for v in [1]), None, "is a generator, not real numbers"),
    ],
)
def test_shape_message_describes_the_returned_value(got, dtype, expected):
    assert expected in message_of(expect_shape, got, (3,), dtype=dtype)


# --- expect_close ---------------------------------------------------------------------------------------------------


@given(hnp.arrays(float, SHAPES, elements=st.floats(allow_nan=False)))
def test_close_accepts_equal_arrays_even_infinite_ones(values):
    expect_close(values, values.copy(), **PROPERTY)
    expect_close(values.tolist(), values, **PROPERTY)


@given(hnp.arrays(float, (3, 2), elements=MODERATE), hnp.arrays(float, (3, 2), elements=MODERATE))
def test_close_decides_as_numpy_does(got, want):
    for rtol, atol in ((1e-7, 0.0), (0.1, 0.0), (0.0, 1.0), (0.5, 5.0)):
        if np.allclose(got, want, rtol=rtol, atol=atol):
            expect_close(got, want, **PROPERTY, rtol=rtol, atol=atol)
        else:
            message_of(expect_close, got, want, rtol=rtol, atol=atol)


@given(st.integers(2, 6), st.data())
def test_close_message_locates_the_wrong_element(n, draw):
    wrong = draw.draw(st.integers(0, n - 1))
    got = np.arange(n) + 10.0
    got[wrong] += 1
    message = message_of(expect_close, got, np.arange(n) + 10.0)
    assert f"element {wrong} of {n} is wrong: got {11 + wrong} (1 of {n} elements are wrong)" in message


def test_message_names_the_worst_element():
    assert "element 1 of 3 is wrong: got 9" in message_of(expect_close, [1.001, 9.0, 1.1], np.ones(3))
    assert "element 2 of 3 is wrong: got 15" in message_of(
        expect_gradient, lambda w: 2 * w + [0.001, 0, 9.0], lambda w: (w**2).sum(), [1.0, 2.0, 3.0]
    )


@pytest.mark.parametrize(
    ("got", "want", "expected"),
    [
        (1.0001, 1.0, "the value has a relative error of 1e-04. (slide"),
        (1.002, 1.0, "the value is wrong: got 1.002. (slide"),
        (np.nextafter(1.0, 2), 1.0, "the value has a relative error of 2e-16"),
        (0.0101, 0.01, "the value is wrong: got 0.0101"),
        (2.0, 1.0, "the value is wrong: got 2"),
        (101.0, 100.0, "the value is wrong: got 101"),
        (60_001, 60_000, "the value is wrong: got 60001"),
        (1e-10, 0.0, "the value is wrong: got 1e-10"),
        (1 / 3, 1.0, "the value is wrong: got 0.333333"),
        (1e308, -1e308, "the value is wrong: got 1e+308"),
        (5e-324, 0.0, "the value is wrong: got 4.94066e-324"),
        (0.0, np.nan, "the value is wrong: got 0"),
        (np.nan, np.nan, "the value is wrong: got nan"),
        (np.inf, 1.0, "the value is wrong: got inf"),
        (np.inf, -np.inf, "the value is wrong: got inf"),
        (1.0, np.inf, "the value is wrong: got 1"),
        (1.5, -np.inf, "the value is wrong: got 1.5"),
        ([1.0, np.nan], [1.0, 2.0], "element 1 of 2 is wrong: got nan"),
        (np.uint8([1]), np.uint8([255]), "element 0 of 1 is wrong: got 1"),
        (np.ones((2, 2, 2)), np.zeros((2, 2, 2)), "row 0 of 2, column 0, 0 is wrong: got 1 (8 of 8"),
        (np.ones((3, 1)), np.ones(3), "got shape (3, 1), expected shape (3,)"),
        (np.ones(1), 1.0, "got shape (1,), expected a single number"),
        (1.0, np.ones(1), "got a single number, expected shape (1,)"),
        (None, 1.0, "returned None: is a `return` missing? (slide"),
        ([1j], [1.0], "is complex, not real numbers"),
        ("1.0", 1.0, "is text, not real numbers: got '1.0'"),
        (object(), 1.0, "is a object, not real numbers"),
    ],
)
def test_close_message_describes_the_fault(got, want, expected):
    assert expected in message_of(expect_close, got, want, rtol=1e-17)


@pytest.mark.parametrize(
    ("got", "inputs", "expected"),
    [
        (1.0, {"w": np.array([1.0, 2.0]), "lr": 0.1}, "the value is wrong: got 1 for w = [1.0, 2.0], lr = 0.1."),
        ([0.0, 1.0], {"z": np.array([3, 4])}, "element 1 of 2 is wrong: got 1 for z = 4 (1 of 2 elements"),
        ([0.0, 1.0], {"x": np.eye(2), "w": [5, 6]}, "element 1 of 2 is wrong: got 1 for x = [0.0, 1.0], w = [5, 6] (1"),
        ([[0, 0], [1, 0]], {"x": np.array([7, 8])}, "row 1 of 2, column 0 is wrong: got 1 for x = 8 (1 of 4"),
        ([0.0, 1.0], {"f(w)": "2w"}, "element 1 of 2 is wrong: got 1 for f(w) = 2w (1 of 2"),
    ],
)
def test_a_message_names_the_inputs_and_of_an_array_the_part_that_belongs_to_the_wrong_element(got, inputs, expected):
    assert expected in message_of(expect_close, got, np.zeros(np.shape(got)), inputs=inputs)


def test_close_rejects_an_array_that_claims_to_equal_everything():
    class EqualToEverything(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

        def __array_function__(self, *_):
            return True

        def __array_ufunc__(self, *_, **__):
            return np.ones(self.shape, bool)

    message_of(expect_close, np.zeros(3).view(EqualToEverything), np.ones(3))


def test_close_rejects_an_object_that_cannot_be_converted():
    class Unconvertible:
        def __array__(self, *_, **__):
            raise RuntimeError("no")

    assert "not real numbers" in message_of(expect_close, Unconvertible(), 1.0)


def test_replacing_numpy_functions_does_not_change_the_checks(monkeypatch):
    names = "allclose array_equal isclose all any abs asarray array isnan isinf isfinite zeros_like argwhere log10"
    for name in names.split():
        monkeypatch.setattr(np, name, lambda *_, **__: True)
    monkeypatch.setattr(np.testing, "assert_allclose", lambda *_, **__: None)
    expect_close([1.0, 2.0], [1.0, 2.0], **PROPERTY)
    expect_gradient(lambda w: 2 * w, lambda w: (w**2).sum(), [1.0, 2.0], **PROPERTY)
    assert "element 1 of 2 is wrong: got nan" in message_of(expect_close, [1.0, float("nan")], [1.0, 2.0])
    assert "is wrong: got 1.01" in message_of(expect_close, 1.01, 1.0)
    assert "opposite sign" in message_of(expect_gradient, lambda w: -w, lambda w: (w**2).sum(), [1.0, 2.0])


# --- expect_gradient ------------------------------------------------------------------------------------------------


@st.composite
def quadratics(draw):
    """A symmetric matrix H, and a point w at which the gradient H w is not small."""
    n = draw(st.integers(2, 4))
    A = draw(hnp.arrays(float, (n, n), elements=st.floats(-3, 3)))
    w = draw(hnp.arrays(float, n, elements=st.floats(-3, 3)))
    H = A + A.T
    assume(np.linalg.norm(H @ w) > 0.1)
    return H, w


@given(quadratics())
def test_gradient_accepts_the_gradient_of_a_quadratic(quadratic):
    H, w = quadratic
    expect_gradient(lambda w: H @ w, lambda w: w @ H @ w / 2, w, **PROPERTY)
    expect_gradient(lambda w: (H @ w).tolist(), lambda w: w @ H @ w / 2, w.tolist(), **PROPERTY)


@given(quadratics())
def test_gradient_message_distinguishes_sign_length_and_direction(quadratic):
    H, w = quadratic

    def message(factor, extra=0.0):
        return message_of(expect_gradient, lambda w: factor * (H @ w) + extra, lambda w: w @ H @ w / 2, w)

    assert re.search(r"it has the opposite sign: element \d of \d is wrong: got", message(-1))
    assert "it has the opposite sign" in message(-3)
    assert re.search(r"the length is not \(look for a constant factor\): element \d of \d is wrong: got", message(2))
    assert "the direction is right, but the length is not" in message(1 / 7)
    sideways = np.roll(H @ w, 1) * np.where(np.arange(len(w)) % 2, 3, -2)
    assume(abs(sideways @ (H @ w)) < 0.99 * np.linalg.norm(sideways) * np.linalg.norm(H @ w))
    assert re.search(r"element \d of \d (is|has)", message(0, sideways))


@pytest.mark.parametrize(
    ("grad", "expected"),
    [
        (lambda w: None, "returned None: is a `return` missing?"),
        (lambda w: w[:, np.newaxis], "got shape (3, 1), expected shape (3,)"),
        (lambda w: w.sum(), "got a single number, expected shape (3,)"),
        (lambda w: w * np.nan, "element 0 of 3 is wrong: got nan"),
        (lambda w: w * np.inf, "element 0 of 3 is wrong: got inf"),
        (lambda w: 0 * w, "element 2 of 3 is wrong: got 0"),
        (lambda w: w * 1j, "complex"),
        (lambda w: 2 * w + [0, 0, 9], "element 2 of 3 is wrong: got 15 for w = 3.0 (1 of 3"),
        (lambda w: -2 * w, "it has the opposite sign: element 2 of 3 is wrong: got -6 for w = 3.0 (3 of 3"),
    ],
)
def test_gradient_message_describes_the_fault(grad, expected):
    w = np.array([1.0, 2.0, 3.0])
    assert expected in message_of(expect_gradient, grad, lambda w: (w**2).sum(), w, inputs={"w": w})


@pytest.mark.parametrize(("factor", "is_shown"), [(-1, False), (2, False), ([1, 5], True)])
def test_gradient_hint_is_left_out_if_the_message_already_names_the_mistake(factor, is_shown):
    hint, w = "Which axis?", np.array([1.0, 2.0])
    message = message_of(expect_gradient, lambda w: 2 * w * factor, lambda w: (w**2).sum(), w, hint=hint)
    assert (hint in message) == is_shown


def test_gradient_message_for_a_single_weight_reports_only_a_wrong_sign():
    assert "the value is wrong: got 3" in message_of(expect_gradient, lambda w: w, lambda w: w**2, 3.0)
    assert "it has the opposite sign" in message_of(expect_gradient, lambda w: -w, lambda w: w**2, 3.0)


def test_gradient_message_reports_no_factor_where_the_slope_is_0():
    message = message_of(expect_gradient, lambda w: w + 1, lambda w: (w**2).sum(), [0.0, 0.0])
    assert "element 0 of 2 is wrong: got 1" in message


def test_gradient_tolerance_is_relative_to_the_largest_element():
    def grad(error):
        return lambda w: 2 * w + error * (np.arange(100) == 7)

    w = np.ones(100)
    w[50] = 10.0
    expect_gradient(grad(1e-4), lambda w: (w**2).sum(), w, **PROPERTY)
    assert "element 7 of 100" in message_of(expect_gradient, grad(4e-4), lambda w: (w**2).sum(), w)


def test_gradient_message_blames_an_invalid_loss():
    assert "the loss is not finite" in message_of(expect_gradient, lambda w: w, lambda w: np.nan, [1.0, 2.0])
    assert "the loss: returned None" in message_of(expect_gradient, lambda w: w, lambda w: None, [1.0, 2.0])


def test_gradient_is_checked_on_a_copy_of_the_weights():
    def grad(w):
        w *= 2
        return w

    w = np.array([1.0, 2.0])
    expect_gradient(grad, lambda w: (w**2).sum(), w, **PROPERTY)
    assert w.tolist() == [1.0, 2.0]


# --- expect_no_warning, expect_untouched ----------------------------------------------------------------------------


def raise_without_message():
    raise ZeroDivisionError


def test_no_warning_returns_the_result_of_the_function():
    assert expect_no_warning(lambda a, b: a + b, 1, 2, **PROPERTY) == 3


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda: np.float64(1e308) * 10, "overflow encountered"),
        (lambda: np.ones(2) / np.zeros(2), "divide by zero encountered"),
        (lambda: np.sqrt(np.array([-1.0])), "invalid value encountered"),
        (lambda: 10.0**400, "result out of range"),
        (lambda: 1 / 0, "division by zero"),
        (raise_without_message, "ZeroDivisionError"),
        (lambda: np.seterr(over="ignore"), "switches NumPy's warnings off permanently"),
    ],
)
def test_no_warning_message_names_the_floating_point_error(f, expected):
    assert expected in message_of(expect_no_warning, f)


def test_no_warning_accepts_a_warning_silenced_with_errstate():
    def overflow_silently():
        with np.errstate(over="ignore"):
            return np.exp(1000.0)

    assert expect_no_warning(overflow_silently, **PROPERTY) == np.inf


def test_no_warning_accepts_underflow():
    assert expect_no_warning(lambda: np.float64(1e-308) * 1e-308, **PROPERTY) == 0


def test_peak_memory_counts_a_temporary_array_and_not_earlier_ones():
    earlier = np.ones(2_000_000)
    assert peak_memory(lambda x: np.outer(x, x).mean(), earlier[:1000]) == pytest.approx(8, abs=0.5)
    assert peak_memory(np.mean, earlier) < 0.5


def test_peak_memory_stops_tracing_after_an_error():
    with pytest.raises(ValueError, match="invalid literal"):
        peak_memory(int, "one")
    assert not tracemalloc.is_tracing()


def test_untouched_rejects_the_smallest_modification_in_place_and_another_shape():
    def modifies_b(a, b):
        b[0, 0] = np.nextafter(b[0, 0], np.inf)
        return a

    def flattens(a):
        a.resize(a.size)

    def modifies_the_third(a, *others):
        others[1][:] = 0

    ones = np.ones((2, 2))
    message = "the argument b was modified in place. Is there a `+=`, `-=`, `*=`, a `.sort()` or an `x[…] = …`?"
    assert message in message_of(expect_untouched, modifies_b, np.ones(3), ones)
    assert "the argument a was modified in place" in message_of(expect_untouched, flattens, ones)
    assert "the argument others was modified in place" in message_of(expect_untouched, modifies_the_third, *[ones] * 3)
    assert expect_untouched(lambda a, k: a + k, np.ones(3), 2).tolist() == [3, 3, 3]
    assert expect_untouched(lambda a: a.size, np.array([np.nan])) == 1  # nan is unchanged


def test_untouched_rejects_a_modified_list_and_keeps_the_list_of_the_caller():
    def replaces_an_array(f, arrays):
        arrays[1] = arrays[1] + 1
        return arrays

    def modifies_an_array(f, arrays):
        arrays[0] *= 2
        return arrays

    arrays = [np.ones((2, 2)), np.ones(3)[::-1]]
    for modifies in (replaces_an_array, modifies_an_array):
        assert "the argument arrays was modified" in message_of(expect_untouched, modifies, np.sum, arrays)
        assert (arrays[0].sum(), arrays[1].sum()) == (4, 3)
    assert len(expect_untouched(lambda arrays, rng: [*arrays, rng], arrays, np.random.default_rng(1))) == 3
    assert expect_untouched(len, [*arrays, arrays[0].T]) == 3
    assert expect_untouched(len, ["setosa", "virginica"]) == 2
    assert "the argument items was modified" in message_of(expect_untouched, lambda items: items.sort(), ["b", "a"])


def test_an_unsolved_exercise_raises_its_own_error():
    def unsolved(_):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        expect_no_warning(unsolved, 1.0, **PROPERTY)
    with pytest.raises(NotImplementedError):
        expect_untouched(unsolved, 1.0)
    with pytest.raises(NotImplementedError):
        expect_gradient(unsolved, lambda w: w.sum(), [1.0], **PROPERTY)


# --- expect_answered ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ({"a"}, {"a"}),
        ({"B", " c "}, {"a"}),
        (["a", "d"], {"a"}),
        (["c", "c"], ["a", "a"]),
        (("c", "c"), ["a", "a"]),
        ({"blank": "d"}, {"blank": "a"}),
        ({"blank": {"d"}}, {"blank": "a"}),
        (set(), {"a"}),
    ],
)
def test_answered_accepts_every_existing_letter(answer, form):
    expect_answered(answer, form, "abcd")


@pytest.mark.parametrize(
    ("answer", "form", "expected"),
    [
        ({"e"}, {"a"}, "'e' is not one of the letters a, b, c, d"),
        ({1}, {"a"}, "1 is not one of the letters"),
        ("ab", {"a"}, "your answer 'ab' (a str) is in the wrong format: write it like {'a'} (a set)"),
        ({}, {"a"}, "your answer {} (a dict) is in the wrong format"),
        ("a", ["a"], "in the wrong format"),
        (
            ["a"],
            ["a", "a"],
            "your answer ['a'] (a list) is in the wrong format: write it like ['a', 'a'] (a list of 2)",
        ),
        ({"a", "b"}, ["a", "a"], "in the wrong format"),
        ({"a": "b"}, {"a"}, "in the wrong format"),
        ({"other": "b"}, {"blank": "a"}, "in the wrong format: write"),
        ({1: "a"}, {"one": "a", "two": "b"}, "in the wrong format: write"),
        ({"one": "a"}, {"one": "a", "two": "b"}, "in the wrong format: write"),
        ({"one": "a"}, ["a"], "in the wrong format: write"),
        (["b"], {"blank": "a"}, "in the wrong format"),
        ({"blank": "ab"}, {"blank": "a"}, "'ab' is not one of the letters"),
    ],
)
def test_answered_message_shows_the_right_format(answer, form, expected):
    with pytest.raises(CheckFailed) as failure:
        expect_answered(answer, form, "abcd")
    assert expected in str(failure.value)
    assert f"write it like {form}" in str(failure.value)


def test_answered_accepts_only_the_letters_of_each_blank():
    form, options = {"far": "a", "first": "c"}, {"far": "ab", "first": "cd"}
    expect_answered({"far": "b", "first": "D"}, form, options)
    with pytest.raises(CheckFailed, match="'c' is not one of the letters a, b of 'far': write it like"):
        expect_answered({"far": "c", "first": "c"}, form, options)


def test_answered_treats_a_missing_answer_as_unsolved():
    with pytest.raises(NotImplementedError):
        expect_answered(None, {"a"}, "abcd")
