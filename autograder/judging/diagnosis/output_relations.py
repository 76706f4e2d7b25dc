"""Find how wrong values are related to the right ones: twice as large, transposed, off by a constant.

No catalogue of mistakes is complete. If no known mistake matches an answer, a simple relation that holds in all cases
still shows the student where to look. Relations are tried on any numbers: `diagnose` ignores NumPy's warnings.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ..compare import is_numeric
from ..relations import ExactTable, Explanation, FittedTable, Pair, Relation, is_predicted, lower_first
from .exact_relations import EXACT
from .fitted_relations import FITTED
from .pairs import Pairs, count_distinct, is_right, many_distinct


def find_exact(pairs: Pairs, table: ExactTable = ()) -> Explanation | None:
    """Find the first relation without a free parameter that holds on every pair.

    Examples
    --------
    >>> find_exact([Pair({}, np.array([2.0, 4.0]), np.array([1.0, 2.0]))])
    ('twice as large', 'Every number is exactly twice as large as it should be.')
    """
    return _search_item_by_item(pairs, partial(_find_exact_relation, (*table, *EXACT)))


def find_partial_or_fitted(pairs: Pairs, exact: ExactTable = (), fitted: FittedTable = ()) -> Explanation | None:
    """Find an exact relation of the wrong values alone, or else a fitted one of all.

    A course's own relations, `exact` and `fitted`, are tried before those of the engine.

    Examples
    --------
    >>> find_partial_or_fitted([Pair({}, np.array([3.0, 6.0, 9.0, 12.0]), np.array([1.0, 2.0, 3.0, 4.0]))])
    ('a constant factor', 'Every number is about 3 times as large as it should be.')
    """
    found = _search_item_by_item(pairs, partial(_find_relation_where_wrong, (*exact, *EXACT)))
    return found or _search_item_by_item(pairs, partial(_find_fitted_relation, (*fitted, *FITTED)))


def _find_exact_relation(table: ExactTable, pairs: Pairs) -> Explanation | None:
    if count_distinct(pairs) < 2:  # many relations hold of equal numbers
        return None
    if all(is_predicted(pair, pair.want) for pair in pairs):  # smaller errors than these are left to `FITTED`
        return None
    relations = (relation for line in table for relation in ((line,) if isinstance(line, Relation) else line(pairs)))
    return next(((relation.name, relation.sentence) for relation in relations if relation.holds(pairs)), None)


def _find_relation_where_wrong(table: ExactTable, pairs: Pairs) -> Explanation | None:
    wrong = [pair for pair in pairs if not is_right([pair])]
    if not many_distinct(wrong) or not (found := _find_exact_relation(table, wrong)):
        return None
    name, sentence = found
    return f"where wrong: {name}", f"Where it is wrong: {lower_first(sentence)}"


def _find_fitted_relation(table: FittedTable, pairs: Pairs) -> Explanation | None:
    """Search numbers that are all finite: messages of the rules report nan and inf."""
    can_be_fitted = all(p.got.shape == p.want.shape and np.isfinite([p.got, p.want]).all() for p in pairs)
    if not can_be_fitted or not many_distinct(pairs):
        return None
    return next((found for find_all in table for found in find_all(pairs)), None)


def _search_item_by_item(pairs: Pairs, find: Callable[[Pairs], Explanation | None]) -> Explanation | None:
    """Search each part that is wrong. Name the item of the first relation, unless it is true of all items."""
    parts = _parts(pairs)  # those without pairs count as right
    wrong = {i: part for i, part in enumerate(parts) if not is_right(part)}
    found = {i: explanation for i, part in wrong.items() if (explanation := find(part))}
    if not found:
        return None
    i, (name, sentence) = next(iter(found.items()))
    # such as both gradients with the opposite sign; if only one of them is wrong, it must say which
    is_of_all = len(found) == sum(map(bool, parts)) > 1 and len(set(found.values())) == 1
    if len(parts) == 1 or is_of_all:
        return name, sentence
    return f"item {i}: {name}", f"Item {i}: {lower_first(sentence)}"


def _parts(pairs: Pairs) -> list[list[Pair]]:
    """The pairs as arrays: a part for each item of a tuple, or one with all items of a list, which share a relation.

    No part if lengths differ. A part has no pairs if there is nothing to compare: see `_numeric_pairs`.
    """
    if pairs and all(isinstance(pair.want, tuple) and isinstance(pair.got, tuple | list) for pair in pairs):
        lengths = {len(value) for pair in pairs for value in (pair.got, pair.want)}
        items = range(min(lengths)) if len(lengths) == 1 else ()
        return [_numeric_pairs([_pair_of_item(pair, i) for pair in pairs]) for i in items]
    if pairs and all(isinstance(pair.want, list) and isinstance(pair.got, tuple | list) for pair in pairs):
        same_length = all(len(pair.got) == len(pair.want) for pair in pairs)
        return [_numeric_pairs([item for pair in pairs for item in _pairs_of_list(pair)])] if same_length else []
    return [_numeric_pairs(pairs)]


def _pair_of_item(pair: Pair, i: int) -> Pair:
    """An item of a tuple. The other right ones become arguments: "item 1 unchanged" shows that two were exchanged."""
    others = {f"item {j}": value for j, value in enumerate(pair.want) if j != i}
    return pair._replace(arguments=pair.arguments | others, got=pair.got[i], want=pair.want[i])


def _pairs_of_list(pair: Pair) -> Iterator[Pair]:
    """The items of a list, each with the item of the same index of arguments that are as long."""
    for i, (got, want) in enumerate(zip(pair.got, pair.want, strict=True)):
        arguments = {
            name: value[i] if isinstance(value, list | tuple) and len(value) == len(pair.want) else value
            for name, value in pair.arguments.items()
        }
        yield pair._replace(arguments=arguments, got=got, want=want)


def _numeric_pairs(pairs: Pairs) -> list[Pair]:
    """The pairs as float arrays; an empty list if a value is not numeric.

    Left out are those of which the right value is None or an empty array.
    """
    pairs = [pair for pair in pairs if pair.want is not None and getattr(pair.want, "size", True)]
    values = [value for pair in pairs for value in (pair.got, pair.want)]
    if not all(map(is_numeric, values)):
        return []
    return [pair._replace(got=np.asarray(pair.got, float), want=np.asarray(pair.want, float)) for pair in pairs]
