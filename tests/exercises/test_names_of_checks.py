"""A visible check replaces no name of the student, and needs no other check.

A student may call a helper `orders`. If a check bound `orders`, the student's right answer would fail in it and in all
cells below. So a check binds only names that end in `_`, `_few` or `_far`.
"""

import ast

import nbformat
import pytest

from tests.conftest import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*/*.ipynb"))


class TopLevelNames(ast.NodeVisitor):
    """The names that a cell binds, and those that it reads without binding them."""

    def __init__(self, source: str):
        self.bound: set[str] = set()
        self.read: set[str] = set()
        self.visit(ast.parse(source))

    def visit_FunctionDef(self, node):
        self.bound.add(node.name)
        inner = TopLevelNames(ast.unparse(ast.Module(node.body, [])))
        self.read |= inner.read - inner.bound - {argument.arg for argument in node.args.args}

    def visit_ListComp(self, node):
        own = {n.id for part in node.generators for n in ast.walk(part.target) if isinstance(n, ast.Name)}
        self.read |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - own

    visit_GeneratorExp = visit_SetComp = visit_DictComp = visit_ListComp

    def visit_Name(self, node):
        (self.bound if isinstance(node.ctx, ast.Store) else self.read).add(node.id)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_check_binds_only_names_that_students_do_not_use_and_reads_none_of_another_check(path):
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.source.startswith("# ▸ Check")]
    names = [TopLevelNames(cell.source) for cell in cells]
    assert len(cells) > 5
    for cell, own in zip(cells, names, strict=True):
        assert [name for name in own.bound if not name.endswith(("_", "_few", "_far"))] == [], cell.id
        of_others = set().union(*(other.bound for other in names if other is not own)) - {"_"}
        assert (own.read - own.bound) & of_others == set(), cell.id
