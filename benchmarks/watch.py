"""How long students wait for feedback on a hub: from Submit to a page that can be fetched.

30 students submit 60 times within a minute, while ``python -m autograder watch`` grades what arrives. If you are root,
each student is an account of this machine during the measurement, and the owners of the submissions are checked.
"""

import argparse
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import numpy as np
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from autograder.authoring.simulate import simulate
from autograder.course import Course
from autograder.generated_notebooks import generate_assignment

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "01-sigmoid"


def make_course(top: Path, owners: bool) -> Course:
    """A course with an exchange, in which the assignment has been released."""
    course, exchange = top / "course", top / "exchange"
    course.mkdir()
    exchange.mkdir()
    top.chmod(0o755)
    exchange.chmod(0o777)
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, course / "solutions" / ASSIGNMENT)
    config = (ROOT / "nbgrader_config.py").read_text()
    config += f'\nc.Exchange.root = "{exchange}"\nc.ExchangeCollect.check_owner = {owners}\n'
    (course / "nbgrader_config.py").write_text(config)
    opened = Course.at(course)
    generate_assignment(opened, ASSIGNMENT, course / "notebooks")
    result = NbGraderAPI(opened.directory, config=opened.config).release_assignment(ASSIGNMENT)
    assert result["success"], result
    return opened


def as_student(account: str, home: Path, work) -> None:
    """Call a function in a child process with the rights of an account."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if os.geteuid() == 0:
                entry = pwd.getpwnam(account)
                os.setgroups([])
                os.setgid(entry.pw_gid)
                os.setuid(entry.pw_uid)
            os.environ["HOME"] = str(home)
            os.chdir(home)
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0, f"{account} could not do it"


def exchange_of(top: Path, student: str) -> tuple[ExchangeFactory, CourseDirectory]:
    home = top / "homes" / student
    config = Config({"Exchange": {"root": str(top / "exchange"), "cache": str(home / "cache"), "assignment_dir": "."}})
    directory = CourseDirectory(
        course_id="lectrain", assignment_id=ASSIGNMENT, student_id=student, root=str(home), config=config
    )
    return ExchangeFactory(config=config), directory


def submit(top: Path, student: str) -> None:
    """What the button Submit does, in a process of the student."""
    from nbgrader.auth import Authenticator

    def work() -> None:
        factory, directory = exchange_of(top, student)
        factory.Submit(coursedir=directory, authenticator=Authenticator()).start()

    as_student(student, top / "homes" / student, work)


def page_of(top: Path, submission: Path) -> Path:
    """The file in the exchange that "Fetch Feedback" looks for."""
    secret = (submission / "submission_secret.txt").read_text()
    name = notebook_hash(secret=secret, notebook_id="sigmoid")
    return top / "exchange" / "lectrain" / "feedback" / f"{name}.html"


def measure(top: Path, students: list[str], submissions: int, seconds: float, seed: int) -> list[float]:
    """Submit at random times, and measure how long each submission waits for its page."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, seconds, size=submissions))
    who = [students[i % len(students)] for i in rng.permutation(submissions)]
    started, waiting, waited = time.monotonic(), {}, []
    plan = list(zip(times, who, strict=True))
    while plan or waiting:
        now = time.monotonic() - started
        if plan and plan[0][0] <= now:
            _, student = plan.pop(0)
            before = set((top / "homes" / student / "cache" / "lectrain").glob("*"))
            pressed = time.monotonic()
            submit(top, student)
            (new,) = set((top / "homes" / student / "cache" / "lectrain").glob("*")) - before
            waiting[page_of(top, new)] = pressed, student
        for page in [page for page in waiting if page.exists()]:
            pressed, student = waiting.pop(page)
            waited.append(time.monotonic() - pressed)
        if now > seconds + 120:
            raise TimeoutError(f"{len(waiting)} submissions have no feedback after {now:.0f} s")
        time.sleep(0.02)
    return waited


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=541)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    is_root = os.geteuid() == 0
    prefix = f"lw{secrets.token_hex(2)}"
    students = [f"{prefix}{number:02d}" for number in range(arguments.students)]
    with ExitStack() as stack:
        top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watch-")))
        course = make_course(top, owners=is_root)
        simulate(course, ASSIGNMENT, arguments.students, arguments.seed)
        made = sorted((course.root / "submitted").glob(f"*/{ASSIGNMENT}"))
        for student, folder in zip(students, made, strict=True):
            home = top / "homes" / student
            shutil.copytree(folder, home / ASSIGNMENT)
            if is_root:
                subprocess.run(["useradd", "--no-create-home", "--home-dir", home, student], check=True)
                stack.callback(subprocess.run, ["userdel", student], check=False, stderr=subprocess.DEVNULL)
                subprocess.run(["chown", "-R", student, home], check=True)
        shutil.rmtree(course.root / "submitted")
        command = [sys.executable, "-m", "autograder", "watch", ASSIGNMENT, "--course-dir", str(course.root)]
        watch = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        stack.callback(watch.kill)
        while not (course.root / "reports" / f"{ASSIGNMENT}-class.html").exists() and watch.poll() is None:
            time.sleep(0.1)
        measure(top, students[:1], submissions=1, seconds=0, seed=arguments.seed)  # the workers are warm, as in class
        waited = measure(top, students, arguments.submissions, arguments.seconds, arguments.seed)
        watch.send_signal(signal.SIGTERM)
        summary, _ = watch.communicate(timeout=60)
        for student in students:  # the pages can be fetched by the student
            factory, directory = exchange_of(top, student)
            as_student(student, top / "homes" / student, factory.FetchFeedback(coursedir=directory).start)
        fetched = len(list((top / "homes").glob(f"*/{ASSIGNMENT}/feedback/*/sigmoid.html")))
    result = {
        "students": arguments.students,
        "submissions": len(waited),
        "accounts": is_root,
        "median": median(waited),
        "p95": float(np.quantile(waited, 0.95)),
        "max": max(waited),
        "under_10_s": sum(seconds < 10 for seconds in waited) / len(waited),
        "fetched": fetched,
    }
    print(summary.strip().splitlines()[-1])
    print(
        f"{result['submissions']} submissions by {result['students']} students within {arguments.seconds:g} s, "
        f"{os.cpu_count()} cores, {'one account each' if is_root else 'one account for all'}\n"
        f"from Submit to feedback: median {result['median']:.1f} s, 95 % within {result['p95']:.1f} s, "
        f"longest {result['max']:.1f} s; {100 * result['under_10_s']:.0f} % under 10 s; {fetched} pages fetched"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(result | {"waited": waited}, indent=1))


if __name__ == "__main__":
    main()
