"""A JupyterHub for the course, on one machine. `install.sh` replaces this file: change `settings.py` instead."""

import grp
import os
import stat
import sys
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent))
from safety import find_problems

c = get_config()  # noqa: F821 (JupyterHub defines it)

BASE = Path(os.environ["LECTRAIN_BASE"])
COURSE, STUDENT = BASE / "course", BASE / "student"
INSTRUCTORS, STUDENTS = f"{BASE.name}-instructors", f"{BASE.name}-students"

c.ConfigurableHTTPProxy.command = [str(BASE / "hub/proxy/node_modules/.bin/configurable-http-proxy")]
c.JupyterHub.cookie_secret_file = str(BASE / "hub/state/cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{BASE / 'hub/state/jupyterhub.sqlite'}"

# The accounts of this machine, with their own passwords. The two groups decide who may log in.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allow_all = False
c.PAMAuthenticator.allowed_groups = {INSTRUCTORS, STUDENTS}

c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.default_url = "/lab"
c.Spawner.http_timeout = 120  # at the beginning of a class, many servers start at once
c.LectrainHub.memory = 3_000_000_000
c.LectrainHub.processes = 500
c.LectrainHub.file_size = 1_000_000_000
c.LectrainHub.page_port = 8002
load_subconfig(os.environ["LECTRAIN_SETTINGS"])  # noqa: F821 (JupyterHub defines it)


def refuse_to_start(problems):
    """End the hub if it would be unsafe."""
    for problem in problems:
        print(f"the hub does not start: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)


refuse_to_start(list(find_problems(BASE)))
address = c.JupyterHub.get("subdomain_host", "")
if not address and not c.LectrainHub.get("one_origin_lets_students_act_as_instructors", False):
    refuse_to_start(
        [
            "c.JupyterHub.subdomain_host is empty, so all servers share one origin, and a page on a student's server "
            "can read the solutions and open a terminal as the instructor who visits it. Set it in hub/settings.py; "
            "to accept the danger, set c.LectrainHub.one_origin_lets_students_act_as_instructors = True"
        ]
    )
# A server cannot set a cookie with this prefix for its neighbours. Browsers accept it over HTTPS only.
c.JupyterHub.cookie_host_prefix_enabled = address.startswith("https://")

LIMITS = [
    "/usr/bin/prlimit",
    *(
        f"--{name}={getattr(c.LectrainHub, setting)}"
        for name, setting in (("data", "memory"), ("nproc", "processes"), ("fsize", "file_size"))
    ),
]
c.Spawner.cmd = [*LIMITS, str(STUDENT / "bin/jupyterhub-singleuser")]
c.Spawner.environment = {
    "PATH": f"{STUDENT / 'bin'}:/usr/local/bin:/usr/bin:/bin",
    "LECTRAIN_DATA": str(BASE / "data"),
}

# The students' page. It reads the gradebook, so it runs with the account of the course.
PAGE = "assignments"
c.JupyterHub.services = [
    *c.JupyterHub.get("services", []),
    {
        "name": PAGE,
        "url": f"http://127.0.0.1:{c.LectrainHub.page_port}",
        "command": [str(COURSE / ".venv/bin/python"), str(COURSE / "deploy/jupyterhub/assignments_page.py")],
        "cwd": str(COURSE),
        "user": f"{BASE.name}-course",
        "environment": {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"},
        "oauth_no_confirm": True,
    },
]
c.JupyterHub.load_roles = [
    *c.JupyterHub.get("load_roles", []),
    {"name": "user", "scopes": ["self", f"access:services!service={PAGE}"]},
]


def choose_start_page(handler):
    """After the login, a student sees the assignments. An instructor's server starts."""
    user = handler.current_user
    if user is None or user.name in grp.getgrnam(INSTRUCTORS).gr_mem:
        return ""
    host = ""
    if address:
        parts = urlsplit(address)
        host = f"{parts.scheme}://{PAGE}--service.{parts.netloc}"
    return f"{host}/services/{PAGE}/"


c.JupyterHub.default_url = choose_start_page


def prepare_server(spawner):
    """Close the home of the user, and give an instructor the environment and the folder of the course."""
    home = Path(os.path.expanduser(f"~{spawner.user.name}"))
    if home.is_dir() and home.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        home.chmod(0o700)
    if spawner.user.name in grp.getgrnam(INSTRUCTORS).gr_mem:
        spawner.cmd = [str(COURSE / ".venv/bin/jupyterhub-singleuser")]
        spawner.environment = {
            "PATH": f"{COURSE / '.venv/bin'}:/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_COUNT": "1",  # the course belongs to an account of its own, and git asks whether to trust that
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": str(COURSE),
        }
        spawner.notebook_dir = str(COURSE)


c.Spawner.pre_spawn_hook = prepare_server
