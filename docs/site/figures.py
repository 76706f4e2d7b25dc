"""Measure the numbers of the page "How grading works". ``make figures`` runs this, and writes ``figures.json``."""

import datetime
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COMMANDS = {
    "diagnosis": "python benchmarks/diagnosis.py",
    "grading": "python benchmarks/grading.py --students 16 --turns 2",
    "scale": "python benchmarks/scale.py --students 200",
}


def measure(command: str) -> object:
    """Run a benchmark, and return the numbers that it writes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "numbers.json"
        words = [*shlex.split(command)[1:], "--json", str(file)]
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True)
        return json.loads(file.read_text(encoding="utf-8"))


def main() -> None:
    machine = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    figures = {"date": datetime.date.today().isoformat(), "machine": machine, "commands": COMMANDS}
    figures |= {name: measure(command) for name, command in COMMANDS.items()}
    (HERE / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
