"""SECURITY.md describes the kinds of attacks that the tests try, and each attack has a kind."""

import ast
import re

from tests.attacks import NAMED_LIKE_ATTACKS
from tests.conftest import REPOSITORY

MODULES = [
    ast.parse(path.read_text(encoding="utf-8"))
    for path in (REPOSITORY / "tests").rglob("test_*.py")
    if path != REPOSITORY / "tests/test_attacks.py"
]


def kinds_in(tree: ast.AST) -> set[str]:
    """The kinds that the marks in a module, or of a test, name."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "pytest.mark.attack"}


def test_each_kind_of_attack_in_the_tests_is_described_and_each_described_kind_is_tried():
    section = (REPOSITORY / "SECURITY.md").read_text(encoding="utf-8").split("## Which attacks the tests try")[1]
    described = re.findall(r"^\| ([a-z -]+) \|", section.split("\n## ")[0], flags=re.MULTILINE)[1:]
    assert sorted(described) == sorted(set().union(*map(kinds_in, MODULES)))


def test_each_test_that_is_named_like_an_attack_has_a_kind():
    functions = [node for tree in MODULES for node in tree.body if isinstance(node, ast.FunctionDef)]
    tests = [test for test in functions if test.name.startswith("test_") and NAMED_LIKE_ATTACKS.search(test.name)]
    unmarked = [test.name for test in tests if not kinds_in(test)]
    assert unmarked == []
