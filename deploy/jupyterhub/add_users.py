#!/usr/bin/python3
"""As root: let accounts use the hub. Accounts that do not exist are created.

add_users.py instructors prof tutor
add_users.py students ada bob eve
add_users.py students --roster students.csv

A roster is a table with a column `id`, as for `nbgrader db student import`. New accounts get a password, which is
written to `hub/state/passwords.csv`, which only root can read. An account that exists keeps its password.
"""

import argparse
import csv
import os
import pwd
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BASE = Path(__file__).resolve().parents[3]
NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")  # what `useradd` accepts
QUOTA = 2_000_000  # kB of the disk for a student
FIRST_PERSON = 1000  # accounts with smaller numbers belong to the system
ENCODINGS = ("utf-8-sig", "cp1250")  # of Excel


def read_roster(file: Path) -> Iterator[str]:
    """Yield the ids in a roster, whichever of Excel's ways it was saved in."""
    content = file.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        sys.exit(f"add_users.py: {file} is neither UTF-8 nor cp1250")
    heading = text.partition("\n")[0]
    rows = csv.DictReader(text.splitlines(), delimiter=max(",;\t", key=heading.count))
    if "id" not in (rows.fieldnames or []):
        sys.exit(f"add_users.py: {file} has no column id")
    yield from (row["id"].strip() for row in rows if (row["id"] or "").strip())


def find_problem(name: str, group: str) -> str:
    """Say why a name cannot be an account of the hub. Empty if it can."""
    if not NAME.fullmatch(name):
        return "not a login name: use small letters of a to z, digits, - and _, and begin with a letter"
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return ""
    if account.pw_uid < FIRST_PERSON:
        return "an account of the system"
    other = "students" if group == "instructors" else "instructors"
    groups = subprocess.run(["id", "-nG", name], capture_output=True, text=True, check=True).stdout.split()
    return f"already one of the {other}" if f"{BASE.name}-{other}" in groups else ""


def add(name: str, group: str) -> str:
    """Add an account to a group. Return its password if it is new."""
    password = ""
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", name], check=True)
        password = secrets.token_urlsafe(9)
        subprocess.run(["chpasswd"], input=f"{name}:{password}\n", text=True, check=True)
    subprocess.run(["usermod", "--append", "--groups", f"{BASE.name}-{group}", name], check=True)
    home = Path(pwd.getpwnam(name).pw_dir)
    home.chmod(0o700)  # Debian leaves homes open: answers could be read
    if group == "students":
        set_quota(name, home)
    return password


def set_quota(name: str, home: Path) -> None:
    """Limit what a student may store, if the file system of the homes has quotas."""
    mount = subprocess.run(["findmnt", "-no", "TARGET", "--target", home], capture_output=True, text=True, check=True)
    disk = mount.stdout.strip()
    if (
        shutil.which("quotaon")
        and "is on" in subprocess.run(["quotaon", "-pu", disk], capture_output=True, text=True).stdout
    ):
        subprocess.run(["setquota", "-u", name, str(QUOTA), str(QUOTA), "0", "0", disk], check=True)


def main() -> int:
    """Add all accounts that can be added, and report the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("group", choices=("students", "instructors"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--roster", type=Path)
    options = parser.parse_args()
    names = [*options.names, *(read_roster(options.roster) if options.roster else [])]
    passwords = {}
    problems = 0
    for name in dict.fromkeys(names):
        if problem := find_problem(name, options.group):
            print(f"add_users.py: {name!r}: {problem}", file=sys.stderr)
            problems += 1
        elif password := add(name, options.group):
            passwords[name] = password
    if passwords:
        table = BASE / "hub" / "state" / "passwords.csv"
        with open(os.open(table, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", newline="") as file:
            csv.writer(file).writerows(passwords.items())
        print(f"{len(passwords)} new accounts: their passwords are in {table}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
