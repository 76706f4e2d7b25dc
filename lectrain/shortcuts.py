"""Find libraries that do the work of an answer, by the objects that its code uses: another name hides nothing."""

import builtins
import collections
import dis
import gc
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType
from typing import Any

SHORTCUTS = (
    *("scipy.optimize", "scipy.special", "scipy.stats", "sklearn", "pandas", "torch", "jax", "optax", "tensorflow"),
    *("keras", "lightning", "pytorch_lightning", "lectrain.check.numerical_gradient"),
)
WRAPPERS = ("builtins", "functools", "numpy")  # modules of types that contain other objects: list, partial, vectorize
VARIABLES = ("LOAD_GLOBAL", "LOAD_NAME")  # kinds of steps in the code of a function
ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM")
MAX_OBJECTS, MAX_PARTS = 10_000, 100  # that are visited, in all and of each list


def find_shortcuts(name: str, variables: Mapping[str, Any], forbidden: Sequence[str] = SHORTCUTS) -> list[str]:
    """Find what a function uses of the forbidden modules, itself or through other functions of the notebook.

    `variables` are those of the notebook, `forbidden` the names of modules, or of functions with their module. Not seen
    are objects that are found by a text, as with `getattr`, and results that were computed before.
    """
    prefixes = tuple(f"{path}." for path in forbidden)
    found: set[str] = set()
    seen: dict[int, Any] = {}  # the objects stay alive, so no other one gets the same id
    pending = collections.deque([(variables[name], "")] if callable(variables.get(name)) else [])
    while pending and len(seen) < MAX_OBJECTS:
        value, path = pending.popleft()  # what the function itself loads comes before the parts of its data
        full_names = [full for full in (path, _full_name(value, forbidden)) if f"{full}.".startswith(prefixes)]
        if full_names:
            found.add(full_names[0])
        elif id(value) not in seen and value is not variables:
            seen[id(value)] = value
            pending += _used_by(value, variables, is_answer=value is variables[name])
    return sorted(path for path in found if not any(other.startswith(f"{path}.") for other in found))


def _used_by(value: Any, variables: Mapping[str, Any], is_answer: bool) -> Iterable[tuple[Any, str]]:
    """What code of the notebook loads, or the parts of a class or a container that it made; nothing of a library."""
    if issubclass(type(value), FunctionType):  # `isinstance` would ask the object itself for its class
        folder = os.path.dirname(value.__code__.co_filename)  # empty for code that has no file
        is_own = is_answer or value.__globals__ is variables or folder in ("", os.getcwd())
        return _loaded(value) if is_own else ()
    kind = value if issubclass(type(value), type) else type(value)
    if kind.__module__ == variables.get("__name__") or (kind is not value and kind.__module__ in WRAPPERS):
        parts = [*kind.__bases__, *vars(kind).values()] if kind is value else gc.get_referents(value)[:MAX_PARTS]
        return [(part, "") for part in parts if not issubclass(type(part), ModuleType | str | int | float)]
    return ()


def _full_name(value: Any, forbidden: Sequence[str]) -> str:
    """The name of a module; that of a function, a class or an object's class with its module, without private parts."""
    if issubclass(type(value), ModuleType | dict | None):  # scikit-learn returns data sets as a kind of dict
        return value.__name__ if issubclass(type(value), ModuleType) else ""
    texts: dict[str, Any] = {"__name__": type(value).__name__}
    for attribute in ("__name__", "__module__"):
        with suppress(Exception):  # of a property. The object's own way to look up attributes could do anything.
            if isinstance(found := object.__getattribute__(value, attribute), str):
                texts[attribute] = found
    name, module = texts["__name__"], texts.get("__module__")
    if module is None:  # functions in C may not know their module
        module = next((path for path in forbidden if getattr(sys.modules.get(path), name, None) is value), "")
    return ".".join(part for part in f"{module}.{name}".split(".") if not part.startswith("_"))


def _loaded(function: FunctionType) -> Iterator[tuple[Any, str]]:
    """Yield each object that a function may load, as far as it is known without a call, and its name in a module or "".

    An attribute of a global variable is looked up in its value, that of a local variable in each module that is loaded.
    """
    variables, imports, attributes = _names(function.__code__)
    known = {**vars(builtins), **function.__globals__}  # below: the name in the code, the object, its name in a module
    own = function.__defaults__, function.__kwdefaults__, *(function.__closure__ or ())
    loaded = [("", value, "") for value in gc.get_referents(*own)]  # what these tuples, dicts and cells hold
    loaded += [(name, known.get(name), "") for name in variables]
    loaded += [("", sys.modules.get(name), name) for name in imports]
    members: set[str] = set()
    for name, value, path in loaded:  # which grows
        yield value, path
        for owner, part in attributes if issubclass(type(value), ModuleType) else ():
            member = f"{value.__name__}.{part}"
            if owner in ("", name) and member not in members and (part in vars(value) or member in sys.modules):
                members.add(member)
                loaded.append((part, vars(value).get(part, sys.modules.get(member)), member))


def _names(code: CodeType) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """The names of global variables in some code, of modules that it imports, and of attributes.

    Each attribute has the name in front of its dot, or "" if that is a local variable or a result.

    >>> _names((lambda v: np.linalg.norm(v).real).__code__)
    (['np'], [], [('', 'real'), ('linalg', 'norm'), ('np', 'linalg')])
    """
    variables, imports, attributes = set[str](), set[str](), set[tuple[str, str]]()
    steps = (step for part in nested_code(code) for step in dis.get_instructions(part))
    for before, step in pairwise(step for step in steps if step.opname != "EXTENDED_ARG"):
        if step.opname in VARIABLES:
            variables.add(step.argval)
        elif step.opname == "IMPORT_NAME":  # `import a.b` gives a
            imports |= {step.argval, step.argval.partition(".")[0]}
        elif step.opname in ATTRIBUTES:
            attributes.add((before.argval if before.opname in VARIABLES + ATTRIBUTES else "", step.argval))
    return sorted(variables), sorted(imports), sorted(attributes)


def nested_code(code: CodeType) -> list[CodeType]:
    """The code of a function, and of the functions that it defines."""
    found = [code]
    for outer in found:  # which grows
        found += [part for part in outer.co_consts if isinstance(part, CodeType)]
    return found
