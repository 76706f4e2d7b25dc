"""The inputs of a student's function: `Case`, `FactoryArg`, how to write them, and how they are sent."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

import numpy as np

from ..values import MAX_TEXT, decode, encode
from .leaves import find_unknown, leaves


@dataclass(frozen=True, eq=False)  # arrays have no single truth value, so arguments are compared by identity
class FactoryArg:
    """An argument that cannot be sent as data, such as a function. The student's process makes it."""

    factory: Callable[..., Any]  # of `autograder.factories.FACTORIES`: ``default_rng``, or a class of the course
    params: Mapping[str, Any]  # its keyword arguments: numbers and arrays

    def make(self) -> Any:
        """Make the argument in this process."""
        return self.factory(**self.params)


@dataclass(frozen=True, eq=False)
class Case:
    """One call of the student's function."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""  # what is special about the arguments, for messages: "logits near -1000"
    # The number of calls in each round; if empty, the function is called once. With rounds, the value is a list of the
    # returned values for each round. Its calls share their arguments, so a random generator continues where it stopped;
    # every round begins with fresh arguments.
    rounds: tuple[int, ...] = ()
    strided: bool = False  # whether arrays are passed in another memory layout: columns first, or with gaps
    alone: bool = False  # whether arrays are passed in memory of their own, not in that of an earlier case

    @property
    def values(self) -> list[Any]:
        """The arguments, without their names."""
        return [*self.args, *self.kwargs.values()]

    def to_json(self, watch: bool = False) -> dict[str, Any]:
        """Encode the inputs for the probe. With ``watch``, the probe also records floating-point warnings."""
        args = [_encode_argument(a) for a in self.args]
        call = {"args": args, "kwargs": {k: _encode_argument(v) for k, v in self.kwargs.items()}, "watch": watch}
        optional = {"rounds": list(self.rounds), "strided": self.strided, "alone": self.alone}
        return call | {name: value for name, value in optional.items() if value}


def _encode_argument(argument: Any) -> Any:
    if isinstance(argument, FactoryArg):
        params = {name: _encode_argument(value) for name, value in argument.params.items()}
        return {"factory": argument.factory.__name__, "params": params}
    data = encode(argument)
    if unknown := find_unknown(decode(data)):
        raise ValueError(f"an argument of type {unknown.type_name} cannot be sent as data: use a FactoryArg")
    if any(isinstance(leaf, str) and len(leaf) > MAX_TEXT for leaf in leaves(argument)):
        raise ValueError(
            f"an argument has a text of more than {MAX_TEXT} characters, of which the rest would not be sent"
        )
    return data


class _ValueCase(Case):
    """The only case of an exercise whose answer is a variable, such as a quiz."""

    def to_json(self, watch: bool = False) -> dict[str, Any]:
        return {"value": True}


VALUE_CASE = _ValueCase(())
Cases = Callable[[np.random.Generator], Iterable[Case]]  # draws the cases of a rule


def case(*args: Any, about: str = "", rounds: tuple[int, ...] = (), **kwargs: Any) -> Case:
    """Create a case from the arguments of a call, none named `about` or `rounds`: ``case(X, w, about="one row")``."""
    return Case(args, kwargs, about, rounds)


def with_strided_repeat(cases: Cases) -> Cases:
    """Decorate a function that draws cases: it repeats the first case, with strided arrays.

    Neither a second call nor the memory layout may change the answer.
    """

    @wraps(cases)
    def with_repeat(rng: np.random.Generator) -> Iterable[Case]:
        first, *others = cases(rng)
        about = f"{first.about or 'the first input'}, in a second call, with another memory layout"
        again = replace(first, about=about, strided=True)
        return [first, again, *others]

    return with_repeat
