"""What the rewritten text of a function calls in the sandbox, where this text is run, too: see `instrument.SUPPORT`.

A student's code is in the same namespace. So all names begin with `_sheet` in some case, and no types are imported.
"""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as _sheet_np

_SHEET_MAX_PASSES = 3000  # through all loops of a call
_SHEET_MAX_NUMBERS = 40  # in a recorded value: larger ones are not asked for


class _SheetNeverEnds(BaseException):  # passes through a student's `except Exception`, as does the next
    pass


class _SheetNotAsked(BaseException):  # too long, undefined values, or an error before the call
    pass


class _SheetRun:
    # The student's function, callable, with counted loops. `make(run)` defines it anew and returns it. `fill` writes
    # `sentinel` into arrays that np.empty made: an answer that differs between two sentinels depends on them.
    # The rewritten text calls `enter` before a while loop, `tick` in each pass of any loop, and `fill` on new arrays.
    # It calls what has a keyword `where` by `call`.
    # To record, it calls `value` on an expression, `count` on a line, and `collect` on the variable of a for loop.
    #
    # If the variables of a while loop have values that they had before, the loop never ends: nothing else decides, or
    # `_sheet_freeze` does not know them. To be sure, the loop must also reach the limit of passes.

    def __init__(self, make, sentinel, num_watched):
        self.make, self.sentinel, self.num_watched = make, sentinel, num_watched

    def reset(self):
        self.passes, self.states = 0, {}
        self.repeats = False  # whether the last state of a while loop occurred before in the same loop
        self.records = [[0, None] for _ in range(self.num_watched)]  # by place: how often it was reached, what is kept

    def __call__(self, *args, **kwargs):
        self.reset()
        try:
            function = self.make(self)  # anew, so that no call depends on an earlier one
        except Exception as error:  # of the definition, not of the call
            raise _SheetNotAsked from error
        self.reset()  # the loops in the definitions do not count
        value = function(*args, **kwargs)
        return self.records if self.num_watched else value

    def enter(self, loop):
        self.states[loop] = set()

    def tick(self, loop=None, variables=None):
        self.passes += 1
        if self.passes > _SHEET_MAX_PASSES:
            raise _SheetNeverEnds if self.repeats else _SheetNotAsked
        if loop is not None:
            state = _sheet_freeze(variables)
            self.repeats = state in self.states[loop]
            self.states[loop].add(state)

    def fill(self, array):
        if array.dtype.kind in "biufc":
            array.fill(self.sentinel % 2 if array.dtype.kind == "b" else self.sentinel)
        return array

    def call(self, function, *args, **kwargs):
        out = kwargs.get("out")
        if "where" in kwargs and isinstance(function, _sheet_np.ufunc) and (out is None or type(out) is tuple):
            raise _SheetNotAsked  # an element that `where` leaves out is undefined, unless it is in a given array
        return function(*args, **kwargs)

    def count(self, index):
        self.records[index][0] += 1
        return self.records[index]

    def value(self, index, value):
        record = self.count(index)
        if record[0] == 1:
            record[1] = _sheet_copy(value)
        return value

    def collect(self, index, value):  # not copied, because only whole numbers are asked for
        record = self.count(index)
        record[1] = [*(record[1] or []), value] if record[0] <= _SHEET_MAX_NUMBERS else None


def _sheet_freeze(value, depth=0):
    if isinstance(value, _sheet_np.ndarray) and not value.dtype.hasobject:
        return "array", value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, dict) and depth < 3:
        return tuple((_sheet_freeze(key, depth + 1), _sheet_freeze(item, depth + 1)) for key, item in value.items())
    if isinstance(value, (list, tuple)) and depth < 3:
        return type(value).__name__, tuple(_sheet_freeze(item, depth + 1) for item in value)
    # NumPy and the `_SheetRun` may be among the `locals()`: their repr does not change from pass to pass.
    constants = (bool, int, float, str, _sheet_np.generic, type, type(_sheet_np), _SheetRun)
    if value is None or isinstance(value, constants):
        return type(value).__name__, repr(value)
    return "unknown", object()  # equal to no other state, so it never counts as a repetition


def _sheet_copy(value):
    if isinstance(value, _sheet_np.ndarray):
        return value.copy() if value.size <= _SHEET_MAX_NUMBERS else None
    if isinstance(value, (list, tuple)):
        if len(value) > _SHEET_MAX_NUMBERS:
            return None
        items = [*map(_sheet_copy, value)]
        return tuple(items) if isinstance(value, tuple) else items  # a named tuple takes no iterable
    return value
