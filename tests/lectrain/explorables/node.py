"""Run the functions of an explorable in Node, where there is no page."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lectrain.widgets import EXPLORABLES, module_of

NAMES = sorted(file.stem for file in EXPLORABLES.glob("*.mjs") if file.with_suffix(".png").exists())


def evaluate(name: str, expression: str, value: Any = None) -> Any:
    """The value of a JavaScript expression. In it, `own` has the exports of the module, and `value` is the given one."""
    return evaluate_file(EXPLORABLES / f"{name}.mjs", expression, value)


def evaluate_file(module: Path, expression: str, value: Any = None) -> Any:
    """The same, for a module elsewhere."""
    address = module.as_uri()
    code = f'import * as own from "{address}"; const value = {json.dumps(value)}; console.log(JSON.stringify({expression}));'
    return json.loads(_run(code))


def load_bundle(name: str) -> str:
    """Load the module that a page gets. It must do nothing before it is asked to."""
    return _run(f"{module_of(name)}\nconsole.log(typeof render);")


def _run(code: str) -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("tests of explorables need node: apt-get install nodejs")
    done = subprocess.run([node, "--input-type=module"], input=code, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
