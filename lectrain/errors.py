"""Explain the errors that Python and NumPy raise in a student's function."""

import ast
import re
from itertools import compress
from linecache import getline
from traceback import FrameSummary, extract_tb, walk_tb

from IPython.core.getipython import get_ipython

NOT_AN_INTEGER = "An index or a size is not an integer. Is it an array? `//`, int() and .astype(int) give integers."
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")  # frames that repeat their function's line
CALLED_BY = r"^(?:expect_untouched|expect_no_warning|peak_memory)\((\w+), (.*?)(?:, property=.*)?\)$"
# The first that fits: the type of the error, a pattern in the message of Python or NumPy, and the likely cause.
CAUSES: tuple[tuple[type[Exception], str, str], ...] = (
    (UnboundLocalError, "", "The function uses this variable before it assigns a value to it."),
    (NameError, "", "Is the name spelled correctly? Is it assigned in this function, or in a cell that you ran?"),
    (Exception, "NoneType", "One of the values is None. Is a value or `return` missing? Is it an optional argument?"),
    (Exception, "unpack", "The number of names on the left differs from the number of values on the right."),
    (TypeError, r"(function|method|\btype|ufunc)'", "A function is called with ( ), as in f(x)."),
    (TypeError, "'generator'", "A generator is neither a list nor an array. Make a list of it first: list(…)."),
    (TypeError, "indices .* not (tuple|list)$", "A list takes one integer or slice in [ ]. Use an array: np.array(…)."),
    (TypeError, "multiply sequence", "A list cannot be scaled as a whole. Scale its items one by one."),
    (Exception, r"'(int|float)' object has no|subscriptable|no len\(\)|not iterable", "Use an array or a list here."),
    (AttributeError, "", "Is the name after the dot spelled correctly? Is the value of the type that you expect?"),
    (TypeError, "positional argument|keyword argument", "Compare the call with the parameters of the function."),
    (TypeError, "Python scalar", "Functions such as math.sqrt take one number. NumPy's functions take arrays."),
    (TypeError, "only integer scalar", "One integer is needed here, not an array. Can NumPy use the whole array?"),
    (Exception, r"valid indices|(an|of|only) integer|must be integers", NOT_AN_INTEGER),
    (TypeError, r"bitwise_xor|for \^", "The power is `**`. In Python, `^` combines the bits of integers."),
    (TypeError, "not callable", "Does a variable have the name of a function, or is an operator missing before `(`?"),
    (TypeError, "Cannot cast", "An array of integers cannot store fractions in place. Make it an array of floats."),
    (ValueError, "reshape .* size 0 .*newaxis", "For an empty array, write each size of the new shape instead of −1."),
    (ValueError, "cannot reshape", "Too few or too many elements. With np.bincount: is its `minlength` given?"),
    (ValueError, "inhomogeneous", "A list of arrays of different shapes is not one array. Use its arrays one by one."),
    (ValueError, "matmul|aligned", "In A @ B, A has as many columns as B has rows. Print both shapes."),
    (ValueError, "^axis ", "Print the shape. If the index is a tuple, make it a list, which selects several rows."),
    (ValueError, "broadcast|shape|dimension", "Print the shapes. Which shape should each have?"),
    (ValueError, "size 0|zero-size|at least one array|empty", "An array or a list has no elements here."),
    (ValueError, "truth value", "`if`, `and`, `or`, `max` need one truth value, not an array. Test None with `is`."),
    (ValueError, "read-only", "The function may not write into this array. Work on a copy."),
    (IndexError, "", "Compare the index with the shape: the first index is 0, the last is the length minus 1."),
    (OverflowError, "out of bounds", "The number does not fit the array's integer dtype. First use .astype(float)."),
    (Exception, "float (infinity|NaN)", "Infinity and nan cannot become integers. Where does the value come from?"),
    (OverflowError, "", "The result is too large for a float. For which argument?"),
    (ZeroDivisionError, "", "For which argument is the denominator 0?"),
    (RecursionError, "", "The function calls itself without an end."),
)


def explain(error: Exception) -> str:
    """Describe an error in a block `with checking(…):` by the call, the lines, the message and the likely cause."""
    check, lines = locate(error)
    if not lines and "unpack" in str(error):  # the check takes apart what the student's function returned
        return "it must return as many values as its docstring lists. Is one of them missing, or a `return`?"
    ends = {at.name: f"line {at.lineno} of the cell with `{at.name}`, `{at.line}`" for at in lines[:1] + lines[-1:]}
    place = f" in {', called from '.join(reversed(ends.values()))}" if ends else ""
    cause = next((c for kind, pattern, c in CAUSES if isinstance(error, kind) and re.search(pattern, str(error))), "")
    message = re.sub(r", [^,(]*signature \S+", "", f"{type(error).__name__}: {error}").rstrip(". ")
    return f"{_call(check)} fails{place}: {message}. {cause}".rstrip()


def locate(error: Exception) -> tuple[FrameSummary, list[FrameSummary]]:
    """The line of the check that raised an error, and the lines of the student's functions that it passed through.

    A student's function has the variables of the check, since cells share them, but each cell has a file of its own.
    """
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]  # the first is that of the check
    summaries = extract_tb(error.__traceback__)
    variables, file = frames[0].f_globals, frames[0].f_code.co_filename
    own = [frame.f_globals is variables and frame.f_code.co_filename != file for frame in frames]
    return summaries[0], [line for line in compress(summaries, own) if line.name not in COMPREHENSIONS]


def last_cell_has_syntax_error(name: str) -> bool:
    """Whether the last cell that defines an answer failed to compile. Then its value, if any, is of an earlier run."""
    history = getattr(get_ipython(), "history_manager", None)
    cells = history.input_hist_parsed if history else ()  # all that were run
    defines = re.compile(rf"^(def +{name} *\(|{name} *=[^=])", re.MULTILINE).search
    try:
        ast.parse(next(filter(defines, reversed(cells)), ""))
    except SyntaxError:
        return True
    return False


def _call(check: FrameSummary) -> str:
    """The call in the check that failed, if it fits on one line: `f(x)` for `expect_untouched(f, x)`."""
    if not check.line or check.lineno is None or check.end_lineno != check.lineno:
        return "the call"
    line = getline(check.filename, check.lineno).encode()  # the columns count bytes
    call = re.sub(CALLED_BY, r"\1(\2)", line[check.colno : check.end_colno].decode(errors="replace"))
    return f"`{call}`"
