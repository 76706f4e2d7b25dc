#!/bin/bash
# As root: check that the hub is safe and complete. Each problem is one line; exit status 1 if there are any.
set -uo pipefail
unset PYTHONPATH PYTHONHOME
course=$(realpath "$(dirname "$(realpath "$0")")/../..")
base=$(dirname "$course")
name=$(basename "$base")
problems=0
problem() {
    echo "problem: $*"
    problems=$((problems + 1))
}

members() { getent group "$1" | cut -d: -f4 | tr , ' '; }
for user in $(members "$name-students") $(members "$name-instructors"); do
    home=$(getent passwd "$user" | cut -d: -f6)
    [ ! -e "$home" ] || [ "$(stat -c %A "$home" | cut -c5-10)" = "------" ] ||
        problem "$home can be read by others: chmod 700 $home"
done
for user in $(members "$name-students"); do
    id -nG "$user" | tr ' ' '\n' | grep -qx "$name-instructors" && problem "$user is a student and an instructor"
done
[ "$(stat -c %a "$course")" = 2770 ] || problem "$course must have mode 2770: run install.sh again"
[ "$(stat -c %a "$base"/exchange/*/inbound | sort -u)" = 3773 ] || problem "the exchange's inbound must have mode 3773: run install.sh again"
for path in "$base/student/bin/python" "$course/.venv/bin/python"; do
    case $(readlink -f "$path") in /root/* | /home/*) problem "$path leads into a home, which other accounts cannot read: set PYTHON" ;; esac
done
for venv in "$course/.venv" "$base/student"; do
    own=$("$venv/bin/python" -c 'import jupyterhub; print(jupyterhub.__version__)' 2>/dev/null)
    hub=$("$base/hub/bin/python" -c 'import jupyterhub; print(jupyterhub.__version__)')
    [ "$own" = "$hub" ] || problem "$venv has JupyterHub ${own:-none}, the hub has $hub"
done
"$base/student/bin/python" -I -c 'import autograder' 2>/dev/null && problem "the students' environment contains the autograder"
free=$(df --output=avail -k "$base" | tail -1)
[ "$free" -gt 2000000 ] || problem "less than 2 GB are free in $base"
(cd "$course" && .venv/bin/python - <<'END') || problem "student code cannot be confined here: grade on another machine"
from autograder.runner import open_runner

with open_runner() as runner:
    print("sandbox:", runner.isolation)
END
if [ "$problems" = 0 ]; then echo "no problems: start the hub with $base/hub/start"; else exit 1; fi
