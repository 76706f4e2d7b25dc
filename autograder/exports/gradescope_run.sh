#!/usr/bin/env bash
# Gradescope runs this for each submission. To try it elsewhere, set AUTOGRADER_ROOT and AUTOGRADER_PYTHON.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
python="${AUTOGRADER_PYTHON:-$root/source/.venv/bin/python}"
cd "$root/source"
exec "$python" -m autograder.exports.gradescope ASSIGNMENT "$root"
