"""What the hub refuses to start with, and what students and instructors cannot change."""

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Hub, HubRefusedError, free_port, running_hub

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


def start(hub: Hub, tmp_path, subdomain: str = "") -> None:
    with running_hub(hub.accounts, tmp_path, free_port(), subdomain):
        pass


def test_the_hub_does_not_start_on_one_origin(hub, tmp_path):
    with pytest.raises(HubRefusedError, match="one_origin_lets_students_act_as_instructors"):
        start(hub, tmp_path)


@pytest.mark.attack("the hub")
def test_nobody_but_root_adds_a_course_to_the_exchange(hub, tmp_path):
    exchange = hub.base / "exchange"
    for who in ("eve", "prof"):
        hub.run(who, f"mkdir {exchange}/next-term", fails=True)
        hub.run(who, f"mkdir {exchange}/lectrain/more", fails=True)
    folder = exchange / "next-term"
    folder.mkdir()
    try:
        shutil.chown(folder, hub.accounts["eve"])  # as in an exchange that everybody can write to
        with pytest.raises(HubRefusedError, match=f"{folder} must belong to root"):
            start(hub, tmp_path, "lectrain.localhost:1")
    finally:
        folder.rmdir()


@pytest.mark.attack("the hub")
def test_an_instructor_cannot_change_what_root_runs(hub, tmp_path):
    for path in ("source/deploy/jupyterhub/install.sh", "hub/settings.py", "hub/start", "hub/bin/jupyterhub"):
        hub.run("tutor", f"echo >> {hub.base / path}", fails=True)
    for path in ("source", "hub"):
        hub.run("tutor", f"mv {hub.base / path} {hub.base / path}.old", fails=True)
    assert str(hub.course) in hub.run("tutor", "echo $PATH")
    of_root = subprocess.run(["bash", "-lc", "echo $PATH"], capture_output=True, text=True, check=True).stdout
    assert str(hub.base) not in of_root, "root would run the instructors' python"
    settings = hub.base / "hub" / "settings.py"
    settings.chmod(0o666)
    try:
        with pytest.raises(HubRefusedError, match=f"root runs {settings}, which other accounts can change"):
            start(hub, tmp_path, "lectrain.localhost:1")
    finally:
        settings.chmod(0o644)


@pytest.mark.attack("the hub")
def test_instructors_commit_in_the_course_whose_hooks_root_does_not_run(hub):
    commit = "git -c user.name=t -c user.email=t commit -q --allow-empty -m x && git reset -q HEAD~1"
    for who in ("tutor", "prof"):
        hub.run(who, commit)
    root = subprocess.run(["git", "-C", hub.course, "status"], capture_output=True, text=True, check=False)
    assert "dubious ownership" in root.stderr


def test_a_roster_becomes_accounts(hub, tmp_path):
    """As Excel saves it: with semicolons, and in an encoding of its own."""
    name = hub.accounts["ada"] + "x"
    roster = tmp_path / "students.csv"
    roster.write_bytes(
        f"id;last_name\n{name};Horák\nroot;Root\nA B;Space\n{hub.accounts['prof']};Prof\n".encode("cp1250")
    )
    passwords = hub.base / "hub" / "state" / "passwords.csv"
    command = [hub.base / "source/deploy/jupyterhub/add_users.py", "students", "--roster", roster]
    shadow = shadow_lines()
    try:
        added = subprocess.run(command, capture_output=True, text=True, check=False)
        assert added.returncode == 1, added.stderr
        assert "'root': an account of the system" in added.stderr
        assert "'A B': not a login name" in added.stderr
        assert f"{hub.accounts['prof']!r}: already one of the instructors" in added.stderr
        assert passwords.stat().st_mode & 0o777 == 0o600
        (line,) = [line for line in passwords.read_text().splitlines() if line.startswith(name)]
        assert login_works(hub, name, line.split(",")[1])
        assert not login_works(hub, name, "wrong")
        new = shadow_lines() - shadow
        assert [entry.split(":")[0] for entry in new] == [name], "no other password was changed"
        assert (Path("/home") / name).stat().st_mode & 0o777 == 0o700
        again = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "new accounts" not in again.stdout
    finally:
        subprocess.run(["userdel", "--remove", "--force", name], stderr=subprocess.DEVNULL, check=False)


def shadow_lines() -> set[str]:
    return set(Path("/etc/shadow").read_text().splitlines())


def login_works(hub: Hub, account: str, password: str) -> bool:
    check = "import pamela, sys; pamela.authenticate(sys.argv[1], sys.argv[2], service='login')"
    command = [hub.base / "hub/bin/python", "-c", check, account, password]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
