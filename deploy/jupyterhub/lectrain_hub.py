"""An extension of the students' servers: a link that fetches an assignment if it is missing, and opens a notebook."""

import asyncio
import sys
from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, authenticated


class OpenNotebook(JupyterHandler):
    """`lectrain/open/ASSIGNMENT/NOTEBOOK` leads to the notebook in JupyterLab."""

    @authenticated
    async def get(self, assignment, notebook):
        home = Path(self.settings["server_root_dir"]).expanduser()
        if not (home / assignment / notebook).is_file():
            fetch = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "nbgrader", "fetch_assignment", assignment),
                *(f"--ExchangeFetchAssignment.replace_missing_files={(home / assignment).is_dir()}",),
                cwd=home,
                stderr=asyncio.subprocess.PIPE,
            )
            _, output = await fetch.communicate()
            if fetch.returncode:
                lines = output.decode(errors="replace").strip().splitlines()
                raise HTTPError(404, f"{assignment} cannot be fetched: {lines[-1] if lines else 'nbgrader failed'}")
        self.redirect(url_path_join(self.base_url, "lab/tree", assignment, notebook))


def _jupyter_server_extension_points():
    return [{"module": "lectrain_hub"}]


def _load_jupyter_server_extension(server):
    path = url_path_join(server.base_url, r"lectrain/open/(\w[\w.-]*)/(\w[\w.-]*\.ipynb)")
    server.web_app.add_handlers(".*", [(path, OpenNotebook)])
