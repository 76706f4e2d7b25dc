"""A JupyterHub for the course, on one machine. `install.sh` copies this file; `hub/start` tells where the hub lies."""

import grp
import os
import stat
from pathlib import Path

c = get_config()  # noqa: F821 (JupyterHub defines it)

BASE = Path(os.environ["LECTRAIN_BASE"])
COURSE, STUDENT = BASE / "course", BASE / "student"
INSTRUCTORS, STUDENTS = f"{BASE.name}-instructors", f"{BASE.name}-students"

# Loopback only. Put a web server with HTTPS in front of it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.ConfigurableHTTPProxy.command = [str(BASE / "hub/proxy/node_modules/.bin/configurable-http-proxy")]
c.JupyterHub.cookie_secret_file = str(BASE / "hub/state/cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{BASE / 'hub/state/jupyterhub.sqlite'}"

# The accounts of this machine, with their own passwords. The two groups decide who may log in.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allow_all = False
c.PAMAuthenticator.allowed_groups = {INSTRUCTORS, STUDENTS}

c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.default_url = "/lab"
c.Spawner.cmd = [str(STUDENT / "bin/jupyterhub-singleuser")]
c.Spawner.environment = {
    "PATH": f"{STUDENT / 'bin'}:/usr/local/bin:/usr/bin:/bin",
    "LECTRAIN_DATA": str(BASE / "data"),
}


def prepare_server(spawner):
    """Close the home of the user, and give an instructor the environment and the folder of the course."""
    home = Path(os.path.expanduser(f"~{spawner.user.name}"))
    if home.is_dir() and home.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        home.chmod(0o700)
    if spawner.user.name in grp.getgrnam(INSTRUCTORS).gr_mem:
        spawner.cmd = [str(COURSE / ".venv/bin/jupyterhub-singleuser")]
        spawner.environment = {"PATH": f"{COURSE / '.venv/bin'}:/usr/local/bin:/usr/bin:/bin"}
        spawner.notebook_dir = str(COURSE)


c.Spawner.pre_spawn_hook = prepare_server
