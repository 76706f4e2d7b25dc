#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. It installs Python 3.11 or later, and bubblewrap for the sandbox.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq bubblewrap python3 python3-venv >/dev/null
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    apt-get install -y -qq python3.11 python3.11-venv >/dev/null
    python=python3.11
fi
cd /autograder/source
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[instructor]"
