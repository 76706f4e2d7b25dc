"""Code and documents avoid unclear phrases. CONTRIBUTING.md describes the style."""

import re

import pytest

from tests.conftest import REPOSITORY

UNCLEAR_PHRASES = re.compile(
    r"\bwhoever\b|\bwhat (came|comes) back\b|\bwhat (it|they) (is|are) (told|given|handed|asked)\b|\b(is|are|was) told\b"
    r"|\bsays so\b|\bsay so\b|\bno word by\b|(?<!here )\b(is|are) no (?!longer|more)\w+|\bstands? in (its|the|a)\b|\bl(ie|ies|ying) (in|beside)\b"
    r"|\bbears? (a|the)\b|\bhung up\b|\bstumbled\b|\basked for for\b|\bit is off\b|\bit says (True|False)\b|\bwill do\b"
    r"|\bmade (class|submissions?|students?) (of|are|is)\b|\btaken for\b|\bhas no use for\b|\bto be had\b|\bin words\b|\bas a present\b"
)
PATTERNS = (
    *("autograder/**/*.py", "autograder/**/*.html", "lectrain/*.py", "docs/*.md", "*.md"),
    *("docs/site/*.py", "docs/site/pages/**/*.md"),
    *("tests/**/test_*.py", "tests/**/conftest.py", "benchmarks/*.py"),
)
FILES = sorted(path for pattern in PATTERNS for path in REPOSITORY.glob(pattern))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_text_contains_no_unclear_phrases(path):
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    found = [f"line {number}: {match.group()}" for number, line in lines for match in UNCLEAR_PHRASES.finditer(line)]
    assert found == []
