"""Classes whose students, files and notebooks have hostile names."""

import random
from dataclasses import dataclass, field

from tests.fuzz import fragments

FORMULAS = (
    *("=1+1", "=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", ";=1", ",=1", '";=1', '"=1"', "'=1", "|=1", "＝1", "＋1", "%=1"),
    *("a;=HYPERLINK(1)", "a,=1", "a\t=1", "a\n=1", "a\r=1", 'a";=1;"', "evil;=HYPERLINK(1)", "a;+1", "a;-1", "a;@x", "0", "1e5", "x" * 300),
)  # fmt: skip
PARTS = (
    *("ada", "King, of Lovelace", "Müller", "O'Brien", "名前", "..", ".hidden", "-rf", "~", "$HOME", "`id`", "%s", "{0}", "{{ x }}", "{% x %}", "*", "?", "[a]"),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "&amp;", "\\", "'; DROP TABLE grade; --", "con", "a.json", "a.ipynb"),
)  # fmt: skip
NOTEBOOKS = (
    *("sigmoid.ipynb", "sigmoid.ipynb", "Sigmoid.ipynb", "sigmoid (1).ipynb", "sigmoid-copy.ipynb", "sigmoid.ipynb.ipynb"),
    ".ipynb",
)  # fmt: skip
KINDS = ("notebook", "notebook", "notebook", "broken", "folder", "link", "pipe", "empty")
MAX_NAME_BYTES = 200


@dataclass(frozen=True)
class Student:
    """A student's names in the gradebook, and the files of the submission, as pairs of name and kind."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""
    files: list[tuple[str, str]] = field(default_factory=lambda: [("sigmoid.ipynb", "notebook")])
    timestamp: str | None = None


def make_class(rng: random.Random) -> list[Student]:
    students = {student.id: student for student in (_student(rng) for _ in range(fragments.size(rng, 5)))}
    return list(students.values())


def _student(rng: random.Random) -> Student:
    files = [
        (rng.choice((rng.choice(NOTEBOOKS), file_name(rng) + ".ipynb", file_name(rng))), rng.choice(KINDS))
        for _ in range(fragments.size(rng, 5))
    ]
    timestamp = rng.choice((None, None, "2026-11-02 10:00:00 UTC", fragments.text(rng)))
    return Student(file_name(rng), name(rng), name(rng), name(rng), name(rng), list(dict(files).items()), timestamp)


def name(rng: random.Random) -> str:
    """Any text that a gradebook may hold."""
    text = _text(rng, rng.choice((1, 1, 2, 3)))
    return text.encode(errors="replace").decode().replace("\x00", "")


def file_name(rng: random.Random) -> str:
    """A name that Linux accepts. It may be undecodable."""
    text = _text(rng, rng.choice((1, 1, 2)))
    encoded = text.replace("/", "∕").replace("\x00", "").encode(errors="replace")[:MAX_NAME_BYTES]
    if rng.random() < 0.05:
        encoded += b"\xff"  # not valid UTF-8
    decoded = encoded.decode(errors="ignore" if rng.random() < 0.95 else "surrogateescape")
    return decoded if decoded not in ("", ".", "..") else "ada"


def _text(rng: random.Random, parts: int) -> str:
    return "".join(rng.choice((rng.choice(FORMULAS), rng.choice(PARTS), fragments.text(rng))) for _ in range(parts))
