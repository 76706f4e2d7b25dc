"""The class report: the numbers are those of the records, and the page is complete."""

import csv
import html
import re
import shutil
import time
from collections import Counter
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from autograder import exercises
from autograder.grading import records
from autograder.grading.records import Record
from autograder.reports import class_report, marks
from autograder.reports.marks import Total
from autograder.reports.similarity import alike

from .conftest import ASSIGNMENT, python, run


@pytest.fixture(scope="module")
def report(graded):
    return (graded.root / "reports" / f"{ASSIGNMENT}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read(graded):
    return records.read_all(graded.root / "records", ASSIGNMENT)


def section(report, name):
    return report.split(f"<h2>{name}</h2>")[1].split("<h2>")[0]


def test_it_names_who_needs_a_person_and_why(report):
    assert "broken" in section(report, "Needs a person")
    assert "unreadable" in section(report, "Needs a person")
    assert re.search(r"\d+ written answers? waits? for marks", section(report, "Needs a person"))


def test_the_distribution_counts_everybody_once_and_has_a_table(report, graded):
    table = section(report, "Scores")
    counts = [int(n) for n in re.findall(r'<td class="number">(\d+)</td>', table)]
    assert sum(counts) == 11
    assert re.search(r'<img alt="Histogram of 11 scores: most, \d+, lie in [^"]+" src="data:image/png;base64,', table)


def test_points_per_exercise_are_those_of_the_records(report, read):
    rows = {row["name"]: row for row in class_report.exercises(read)}
    for name, row in rows.items():
        verdicts = [v for r in read for v in r.verdicts if v["exercise"] == name]
        earned = [sum(f["points"] for f in v["findings"] if f["passed"]) for v in verdicts]
        assert row["mean"] == pytest.approx(np.mean(earned))
        assert row["points"] == exercises[name].points
        assert row["full"] == sum(e == row["points"] for e in earned)
        assert row["full"] + row["none"] + row["silent"] <= row["of"] == len(verdicts)
        assert f"<code>{name}</code>" in section(report, "Exercises")


def test_every_rule_is_counted(report, read):
    kept = Counter((v["exercise"], f["rule"]) for r in read for v in r.verdicts for f in v["findings"] if f["passed"])
    for row in class_report.rules_kept(read):
        assert row["kept"] == kept[row["exercise"], row["rule"]]
        assert row["slide"]
        assert html.escape(row["rule"], quote=False).split("`")[0] in html.unescape(section(report, "Rules")).replace(
            "&", "&amp;"
        )


def test_mistakes_are_counted_explained_and_linked_to_students(report, read):
    part = section(report, "Mistakes")
    seen = class_report.mistakes_seen(read)
    assert {"hostile"} <= {s for row in seen if row["mistake"] == "twice as large" for s in row["students"]}
    assert [len(row["students"]) for row in seen] == sorted((len(row["students"]) for row in seen), reverse=True)
    for row in seen:
        assert f"<summary>{len(row['students'])}</summary>" in part
    links = re.findall(r'<a href="#(student-\d+)">([^<]+)</a>', part)
    assert links
    for anchor, name in links:
        assert re.search(rf'<tr id="{anchor}"><th scope="row">{re.escape(name)}</th>', report)


def test_alike_answers_are_flagged_with_an_example(report):
    part = section(report, "Alike")
    assert "no verdict" in part
    row = next(row for row in part.split("<tr>") if ">one</a>" in row)
    assert ">other</a>" in row
    assert "clever" in row or "third line" in row


def test_pairs_share_what_few_others_wrote():
    common = "import numpy as np\nreturn 1 / (1 + np.exp(-z))\n"
    odd = "my_odd_variable = 17\n# a very odd comment here\nanother_odd_name = my_odd_variable\n"
    answers = {f"s{i}": common for i in range(10)} | {"a": common + odd, "b": odd + common, "c": common + odd[:40]}
    pairs = alike(answers)
    assert [(pair.first, pair.second, pair.shared) for pair in pairs] == [("a", "b", 3)]
    assert alike(answers, released=odd.splitlines()) == []
    assert alike({}) == []


def test_the_students_stand_with_score_outcome_and_feedback(report, graded, read):
    part = section(report, "Students")
    with graded.gradebook() as gradebook:
        totals = marks.totals(gradebook, ASSIGNMENT)
    for record in read:
        total = totals.get(record.student, Total(0, 20))  # the one that could not be read
        assert f"{total.score:g} of {total.max_score:g}" in part
    assert f'href="../feedback/student-001/{ASSIGNMENT}/sigmoid.html"' in part


def test_a_link_leads_to_whoever_has_an_odd_name(graded):
    student = "ada #1? 50%"
    folder = graded.folder("feedback", student, ASSIGNMENT)
    folder.mkdir(parents=True)
    (folder / "sigmoid.html").touch()
    text = class_report.page(graded, ASSIGNMENT, [Record(student, ASSIGNMENT, "graded")], {student: Total(0, 20)})
    link = urlsplit(re.search(r'href="(\.\./feedback/[^"]+)"', text)[1])
    found = (graded.root / "reports" / unquote(link.path)).is_file()
    shutil.rmtree(folder.parent)  # the class is that of other tests, too
    assert found


def test_the_table_as_csv_has_a_row_per_student(graded, read):
    with open(graded.root / "reports" / f"{ASSIGNMENT}.csv", encoding="utf-8", newline="") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert set(rows) == {r.student.replace("=cmd()", "'=cmd()") for r in read}
    hostile = next(r for r in read if r.student == "hostile")
    assert float(rows["hostile"]["score"]) == pytest.approx(hostile.score)
    assert rows["hostile"]["sigmoid: mistake"] == "twice as large"
    assert rows["hostile"]["outcome"] == hostile.outcome
    assert rows["broken"]["sigmoid"] == ""


def test_unsandboxed_grading_is_marked(graded):
    record = Record("ada", ASSIGNMENT, "graded", 1, 2, verdicts=[], isolation="UNSANDBOXED")
    text = class_report.page(graded, ASSIGNMENT, [record], {"ada": Total(1, 2)})
    assert "<strong>UNSANDBOXED:</strong>" in text
    assert "<strong>UNSANDBOXED:</strong>" not in class_report.page(
        graded, ASSIGNMENT, [Record("ada", ASSIGNMENT, "graded")], {"ada": Total(0, 0)}
    )


def test_it_gives_nothing_away_and_asks_for_nothing(report):
    assert "HIDDEN TESTS" not in report
    assert "<script" not in report
    assert not re.search(r'(?:src|href)="(?!data:image/png|#|\.\./feedback/)', report)


def test_what_records_say_is_escaped(graded):
    evil = "<script>alert(1)</script>"
    finding = {"rule": evil, "passed": False, "points": 1.0, "message": evil, "slide": evil, "diagnosis": evil}
    verdict = {"exercise": evil, "mistake": evil, "findings": [finding], "notes": [evil]}
    record = Record(evil, ASSIGNMENT, "crashed", 0, 1, messages=[evil], verdicts=[verdict], isolation=evil)
    assert evil not in class_report.page(graded, ASSIGNMENT, [record], {evil: Total(0, 1)})


def test_the_command_says_where(graded):
    assert f"{ASSIGNMENT}.html" in run(graded, python, "-m", "autograder", "report", ASSIGNMENT)
    assert "10 pages" in run(graded, python, "-m", "autograder", "feedback", ASSIGNMENT)


def test_a_class_of_500_takes_seconds(graded):
    """Processor time, with answers that are all different; benchmarks/reports.py measures the whole."""
    rng = np.random.default_rng(0)
    lines = [f"a line that some wrote: {i}" for i in range(20_000)]
    answers = {f"s{i}": "\n".join(lines[k] for k in rng.integers(len(lines), size=150)) for i in range(500)}
    names = list(exercises)[:12]
    read = [
        Record(
            s,
            ASSIGNMENT,
            "graded",
            float(rng.uniform(0, 20)),
            20,
            1.0,
            verdicts=[_verdict(name, rng) for name in names],
        )
        for s in answers
    ]
    started = time.process_time()
    alike(answers)
    class_report.page(graded, ASSIGNMENT, read, {r.student: Total(r.score, 20) for r in read})
    assert time.process_time() - started < 10


def _verdict(name, rng):
    findings = [
        {
            "rule": f"rule {i}",
            "passed": bool(rng.uniform() < 0.7),
            "points": 1.0,
            "message": "m",
            "slide": "S",
            "diagnosis": None,
        }
        for i in range(4)
    ]
    return {
        "exercise": name,
        "mistake": f"mistake {rng.integers(9)}" if rng.uniform() < 0.4 else None,
        "findings": findings,
    }
