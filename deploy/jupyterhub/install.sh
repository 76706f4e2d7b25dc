#!/bin/bash
# Install a JupyterHub for this course on one machine with Debian or Ubuntu. Run it as root; running it again updates.
#
#     git clone REPOSITORY /srv/lectrain/course
#     /srv/lectrain/course/deploy/jupyterhub/install.sh
#
# The folder above the repository, here /srv/lectrain, holds everything, and its name begins the names of the groups.
set -euo pipefail
umask 022
unset PYTHONPATH PYTHONHOME
here=$(dirname "$(realpath "$0")")
course=$(realpath "$here/../..")
base=$(dirname "$course")
name=$(basename "$base")
instructors=$name-instructors students=$name-students
PYTHON=${PYTHON:-/usr/bin/python3} # all accounts must be able to run it

[ "$(id -u)" = 0 ] || { echo "install.sh: run it as root" >&2; exit 1; }
[ "$base" != / ] || { echo "install.sh: put the repository into a folder of its own, such as /srv/lectrain/course" >&2; exit 1; }

step() { echo "== $*"; }

step "packages"
missing=$("$PYTHON" -c 'import ensurepip' 2>/dev/null || echo python3-venv)
for tool in setfacl bwrap unzip node npm; do command -v "$tool" >/dev/null || missing+=" $tool"; done
[ -e /etc/pam.d/login ] || missing+=" login" # the hub asks PAM for passwords under this name
if [ -n "$missing" ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3-venv acl bubblewrap unzip nodejs npm login >/dev/null
fi
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "install.sh: Python 3.11 or later is needed" >&2; exit 1; }

step "groups $instructors and $students"
groupadd -f "$instructors"
groupadd -f "$students"

# The hub's packages belong to root: an instructor who could change them would be root.
step "the hub, in $base/hub"
mkdir -p "$base/hub/state"
chmod 700 "$base/hub/state"
[ -x "$base/hub/bin/python" ] || "$PYTHON" -m venv "$base/hub"
"$base/hub/bin/pip" install -q --disable-pip-version-check jupyterhub &
if [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then proxy=configurable-http-proxy@5; else proxy=configurable-http-proxy@4; fi
npm install --silent --no-fund --no-audit --prefix "$base/hub/proxy" "$proxy"
wait $!
version=$("$base/hub/bin/python" -c 'import jupyterhub; print(jupyterhub.__version__)')

# The instructors work in the environment of the repository: Formgrader's Autograde needs its packages.
step "the instructors' environment, in $course/.venv"
[ -x "$course/.venv/bin/python" ] || "$PYTHON" -m venv "$course/.venv"
"$course/.venv/bin/pip" install -q --disable-pip-version-check -e "$course[instructor]" "jupyterhub==$version"

# The students work with what the zip holds, and with nothing else of the repository.
step "the students' environment, in $base/student"
(cd "$course" && .venv/bin/python -m autograder release)
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
unzip -q "$course/dist/lectrain-students.zip" -d "$unpacked"
[ -x "$base/student/bin/python" ] || "$PYTHON" -m venv "$base/student"
(cd "$unpacked/lectrain" && "$base/student/bin/pip" install -q --disable-pip-version-check -r requirements.txt "jupyterhub==$version")
"$base/student/bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$unpacked"/lectrain/lectrain-*.whl
for extension in formgrader course-list create-assignment; do # these menus are the instructors'
    "$base/student/bin/jupyter" labextension disable --level=sys_prefix "@jupyter/nbgrader:$extension" 2>/dev/null
done
for extension in formgrader course_list; do
    "$base/student/bin/jupyter" server extension disable --sys-prefix "nbgrader.server_extensions.$extension" >/dev/null 2>&1
done

# One copy of the data, also unpacked: otherwise every home gets 53 MB of it.
step "the data, in $base/data"
rm -rf "$base/data"
cp -r "$unpacked/lectrain/data" "$base/data"
LECTRAIN_DATA="$base/data" XDG_CACHE_HOME="$unpacked/cache" "$base/student/bin/python" -c '
from lectrain.data import load_fashion_mnist
load_fashion_mnist("train"), load_fashion_mnist("test")'
mv "$unpacked"/cache/lectrain/*.npy "$base/data/fashion-mnist/"
chmod -R u=rwX,go=rX "$base/data"

# The folders of nbgrader's exchange exist from the start, with the rights that several instructors need. In `inbound`,
# students can add a folder, but neither list the others' nor remove them.
step "the exchange, in $base/exchange"
course_id=$(cd "$course" && .venv/bin/python -c 'from pathlib import Path; from autograder.course import Course; print(Course.at(Path(".")).directory.course_id)')
install -d -m 1777 "$base/exchange"
install -d -m 2775 -g "$instructors" "$base/exchange/$course_id" "$base/exchange/$course_id/outbound"
install -d -m 3773 -g "$instructors" "$base/exchange/$course_id/inbound"
install -d -m 2771 -g "$instructors" "$base/exchange/$course_id/feedback"

step "the configuration"
install -d "$base/student/etc/jupyter" "$course/.venv/etc/jupyter"
cat >"$base/student/etc/jupyter/nbgrader_config.py" <<END
c = get_config()
c.Exchange.root = "$base/exchange"
c.CourseDirectory.course_id = "$course_id"  # students see this name in their Assignment List
END
cat >"$course/.venv/etc/jupyter/nbgrader_config.py" <<END
c = get_config()
load_subconfig("$course/nbgrader_config.py")  # Formgrader's server begins in the instructor's home
c.Exchange.root = "$base/exchange"
c.CourseDirectory.groupshared = True  # several instructors write to the same files
END
install -m 644 "$here/jupyterhub_config.py" "$base/hub/jupyterhub_config.py"
cat >"/etc/profile.d/$name.sh" <<END
# Terminals find nbgrader and Python: instructors those of the repository, students their own.
if [ -x "$course/.venv/bin/python" ]; then
    PATH="$course/.venv/bin:\$PATH"
else
    PATH="$base/student/bin:\$PATH"
    export LECTRAIN_DATA="$base/data"
fi
END
cat >"$base/hub/start" <<END
#!/bin/sh
cd "$base/hub/state" && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 LECTRAIN_BASE="$base" \\
    "$base/hub/bin/jupyterhub" -f "$base/hub/jupyterhub_config.py" "\$@"
END
chmod 755 "$base/hub/start"
if [ -d /run/systemd/system ]; then
    sed "s|@BASE@|$base|" "$here/jupyterhub.service" >"/etc/systemd/system/$name-hub.service"
    systemctl daemon-reload
fi

# The course holds answers, marks and the secret: it is closed to everybody but the instructors, who share every file.
step "the rights of $course"
(cd "$course" && .venv/bin/python -c 'from pathlib import Path; from autograder.course import Course, read_secret; read_secret(Course.at(Path(".")).secret_file)')
(cd "$course" && .venv/bin/python -c 'from pathlib import Path; from autograder.course import Course; Course.at(Path(".")).gradebook().close()')
chgrp "$instructors" "$course"
chmod 2770 "$course"
find "$course" -mindepth 1 -path "$course/.venv" -prune -o -path "$course/.git" -prune -o -print0 |
    xargs -0 setfacl -P -m "g:$instructors:rwX"
find "$course" -path "$course/.venv" -prune -o -path "$course/.git" -prune -o -type d -print0 |
    xargs -0 setfacl -P -m "d:g:$instructors:rwX,g:$instructors:rwx"

"$here/check.sh"
