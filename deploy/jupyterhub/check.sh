#!/bin/bash
# As root: check that the hub is safe and complete. Each problem is one line; exit status 1 if there are any.
set -uo pipefail
unset PYTHONPATH PYTHONHOME
here=$(dirname "$(realpath "$0")")
base=$(realpath "$here/../../..")
course=$base/course
name=$(basename "$base")
problems=0
problem() {
    echo "problem: $*"
    problems=$((problems + 1))
}
as_account() { runuser -u "$name-course" -- env -i PATH=/usr/bin:/bin LANG=C.UTF-8 "$@"; }

"$base/hub/bin/python" -I "$here/safety.py" "$base" || problems=$((problems + $?)) # the hub checks the same at each start
members() { getent group "$1" | cut -d: -f4 | tr , ' '; }
for user in $(members "$name-students") $(members "$name-instructors"); do
    home=$(getent passwd "$user" | cut -d: -f6)
    [ ! -e "$home" ] || [ "$(stat -c %A "$home" | cut -c5-10)" = "------" ] ||
        problem "$home can be read by others: chmod 700 $home"
done
[ "$(stat -c %a "$course")" = 2770 ] || problem "$course must have mode 2770: run install.sh again"
for path in "$base/student/bin/python" "$course/.venv/bin/python"; do
    case $(readlink -f "$path") in /root/* | /home/*) problem "$path leads into a home, which other accounts cannot read: set PYTHON" ;; esac
done
for venv in "$course/.venv" "$base/student"; do
    own=$(as_account "$venv/bin/python" -c 'import jupyterhub; print(jupyterhub.__version__)' 2>/dev/null)
    hub=$("$base/hub/bin/python" -c 'import jupyterhub; print(jupyterhub.__version__)')
    [ "$own" = "$hub" ] || problem "$venv has JupyterHub ${own:-none}, the hub has $hub: run install.sh again"
done
as_account "$base/student/bin/python" -I -c 'import autograder' 2>/dev/null && problem "the students' environment contains the autograder"
quotaon -pu "$(findmnt -no TARGET --target /home)" 2>/dev/null | grep -q "is on" ||
    echo "note: /home has no disk quotas, so one student can fill the disk: see \"Size\" in README.md"
free=$(df --output=avail -k "$base" | tail -1)
[ "$free" -gt 2000000 ] || problem "less than 2 GB are free in $base"
(cd "$course" && as_account .venv/bin/python -) <<'END' || problem "student code cannot be confined here: grade on another machine"
from autograder.runner import open_runner

with open_runner() as runner:
    print("sandbox:", runner.isolation)
END
if [ "$problems" = 0 ]; then echo "no problems: start the hub with $base/hub/start"; else exit 1; fi
