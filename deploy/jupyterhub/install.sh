#!/bin/bash
# Install a JupyterHub for this course on one machine with Debian or Ubuntu. Run it as root; running it again updates.
#
#     git clone REPOSITORY /srv/lectrain/source
#     /srv/lectrain/source/deploy/jupyterhub/install.sh
#
# The folder above the repository, here /srv/lectrain, holds everything, and its name begins the names of the groups.
#
# Root runs what is in `source` and `hub`, which only root can change. Everything that instructors can change (the course,
# what is built from it) is run by an account of its own, because code that root runs would make an instructor root.
set -euo pipefail
umask 022
unset PYTHONPATH PYTHONHOME
here=$(dirname "$(realpath "$0")")
source=$(realpath "$here/../..")
base=$(dirname "$source")
course=$base/course
name=$(basename "$base")
account=$name-course instructors=$name-instructors students=$name-students
PYTHON=${PYTHON:-/usr/bin/python3} # all accounts must be able to run it

step() { echo "== $*"; }
fail() {
    echo "install.sh: $*" >&2
    exit 1
}
[ "$(id -u)" = 0 ] || fail "run it as root"
[ "$base" != / ] || fail "put the repository into a folder of its own, such as /srv/lectrain/source"
[ "$source" != "$course" ] || fail "clone the repository to $base/source: $course is the instructors' clone, which this script makes"

step "packages"
missing=$("$PYTHON" -c 'import ensurepip' 2>/dev/null || echo python3-venv)
for tool in setfacl bwrap unzip node npm git; do command -v "$tool" >/dev/null || missing+=" $tool"; done
[ -e /etc/pam.d/login ] || missing+=" login" # the hub asks PAM for passwords under this name
if [ -n "$missing" ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3-venv acl bubblewrap unzip nodejs npm login git >/dev/null
fi
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or later is needed"

step "groups $instructors and $students, account $account"
groupadd -f "$instructors"
groupadd -f "$students"
id "$account" >/dev/null 2>&1 || useradd --system --no-create-home --gid "$instructors" --shell /usr/sbin/nologin "$account"
chown root:root "$base" "$source"
chmod 755 "$base"
chmod 700 "$source" # it holds the solutions
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chown "$account" "$scratch"
settings=() # how pip reaches a package index
while IFS= read -r -d '' entry; do
    case $entry in PIP_* | *_proxy=* | *_PROXY=* | SSL_CERT_* | REQUESTS_CA_BUNDLE=*) settings+=("$entry") ;; esac
done < <(env -0)
as_account() {
    runuser -u "$account" -- env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$scratch" LANG=C.UTF-8 \
        GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$course" "${settings[@]}" "$@"
}
make_venv() { # FOLDER OWNER
    [ -x "$1/bin/python" ] && return
    install -d -o "$2" "$1"
    runuser -u "$2" -- "$PYTHON" -m venv "$1"
}

step "the hub, in $base/hub"
mkdir -p "$base/hub/state"
chmod 700 "$base/hub/state"
make_venv "$base/hub" root
"$base/hub/bin/pip" install -q --disable-pip-version-check jupyterhub &
if [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then proxy=configurable-http-proxy@5; else proxy=configurable-http-proxy@4; fi
npm install --silent --no-fund --no-audit --prefix "$base/hub/proxy" "$proxy"
wait $!
version=$("$base/hub/bin/python" -c 'import jupyterhub; print(jupyterhub.__version__)')

# The instructors' clone is made once. Later they update it themselves: this script leaves it as it is.
step "the course, in $course"
if [ ! -e "$course/nbgrader_config.py" ]; then
    draft=$base/course.new # readable by root only, until it belongs to the account
    rm -rf "$draft"
    (umask 077 && git clone -q --no-hardlinks "$source" "$draft")
    upstream=$(git -C "$source" remote get-url origin 2>/dev/null || echo "$source")
    git -C "$draft" remote set-url origin "$upstream"
    git -C "$draft" config core.sharedRepository group
    chmod -R u=rwX,g=rX,o= "$draft"
    chown -R "$account:$instructors" "$draft"
    mv "$draft" "$course"
fi
[ "$(stat -c %U "$course")" = "$account" ] || fail "$course belongs to $(stat -c %U "$course"), from an earlier recipe: see \"From an earlier recipe\" in README.md"
cd "$course"

# The instructors work in the environment of the repository: Formgrader's Autograde needs its packages.
step "the instructors' environment, in $course/.venv"
[ -x .venv/bin/python ] || as_account "$PYTHON" -m venv .venv
as_account .venv/bin/pip install -q --disable-pip-version-check -e "$course[instructor]" "jupyterhub==$version"
describe() { as_account .venv/bin/python -c "from pathlib import Path; from autograder.course import *; course = Course.at(Path('.')); $1"; }
course_id=$(describe 'print(course.directory.course_id)')
[[ $course_id =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || fail "c.CourseDirectory.course_id must consist of letters, digits, dots, - and _, not $course_id"
describe 'from autograder.course_secret import read_secret; read_secret(course.secret_file); course.gradebook().close()'

# The students work with what the zip holds, and with nothing else of the repository.
step "the students' environment, in $base/student"
as_account .venv/bin/python -m autograder release
as_account unzip -q dist/lectrain-students.zip -d "$scratch"
unpacked=$scratch/lectrain
make_venv "$base/student" "$account"
cd "$unpacked"
student=$base/student/bin
as_account "$student/pip" install -q --disable-pip-version-check -r requirements.txt "jupyterhub==$version"
as_account "$student/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$unpacked"/lectrain-*.whl
for extension in formgrader course-list create-assignment; do # these menus are the instructors'
    as_account "$student/jupyter" labextension disable --level=sys_prefix "@jupyter/nbgrader:$extension" 2>/dev/null
done
for extension in formgrader course_list; do
    as_account "$student/jupyter" server extension disable --sys-prefix "nbgrader.server_extensions.$extension" >/dev/null 2>&1
done
purelib=$(as_account "$student/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
as_account tee "$purelib/lectrain_hub.py" >/dev/null <"$here/lectrain_hub.py"
as_account tee "$base/student/etc/jupyter/jupyter_server_config.d/lectrain_hub.json" >/dev/null <<END
{"ServerApp": {"jpserver_extensions": {"lectrain_hub": true}}}
END

# One copy of the data, also unpacked: otherwise every notebook unpacks 53 MB of it.
step "the data, in $base/data"
rm -rf "$base/data"
install -d -o "$account" "$base/data"
as_account cp -r "$unpacked/data/." "$base/data"
as_account sh -c "gunzip --keep $base/data/fashion-mnist/*.gz && chmod -R u=rwX,go=rX $base/data"
cd /

# The folders of nbgrader's exchange exist from the start, with the rights that several instructors need. Nobody but root
# can add a folder beside them: whoever makes the folder of next term's course stays its owner. In `inbound`, students
# can add a folder, but neither list the others' nor remove them.
step "the exchange, in $base/exchange"
install -d -o root -g root -m 755 "$base/exchange"
for folder in "$base/exchange"/*; do
    [ ! -e "$folder" ] || [ "$(stat -c %U "$folder")" = root ] ||
        fail "$folder belongs to $(stat -c %U "$folder"), not to root: look into it, then remove it or chown it to root"
done
install -d -o root -g root -m 755 "$base/exchange/$course_id"
install -d -g "$instructors" -m 2775 "$base/exchange/$course_id/outbound"
install -d -g "$instructors" -m 3773 "$base/exchange/$course_id/inbound"
install -d -g "$instructors" -m 2771 "$base/exchange/$course_id/feedback"

step "the configuration"
as_account install -d "$base/student/etc/jupyter" "$course/.venv/etc/jupyter"
as_account tee "$base/student/etc/jupyter/nbgrader_config.py" >/dev/null <<END
c = get_config()
c.Exchange.root = "$base/exchange"
c.CourseDirectory.course_id = "$course_id"  # students see this name in their Assignment List
c.CourseDirectory.groupshared = True  # otherwise nbgrader asks that everybody can add courses to the exchange
END
as_account tee "$course/.venv/etc/jupyter/nbgrader_config.py" >/dev/null <<END
c = get_config()
load_subconfig("$course/nbgrader_config.py")  # Formgrader's server begins in the instructor's home
c.Exchange.root = "$base/exchange"
c.CourseDirectory.groupshared = True  # several instructors write to the same files
END
for file in jupyterhub_config.py safety.py; do install -m 644 "$here/$file" "$base/hub/$file"; done
[ -e "$base/hub/settings.py" ] || install -m 644 "$here/settings.py" "$base/hub/settings.py" # yours: never replaced
cat >"/etc/profile.d/$name.sh" <<END
# Terminals find nbgrader and Python: instructors those of the repository, students their own. Root finds neither,
# because instructors can change them.
if [ "\$(id -u)" != 0 ]; then
    if [ -x "$course/.venv/bin/python" ]; then
        PATH="$course/.venv/bin:\$PATH"
        export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0="$course"
    else
        PATH="$base/student/bin:\$PATH"
        export LECTRAIN_DATA="$base/data"
    fi
fi
END
cat >"$base/hub/start" <<END
#!/bin/sh
cd "$base/hub/state" && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 LECTRAIN_BASE="$base" \\
    LECTRAIN_SETTINGS="\${LECTRAIN_SETTINGS:-$base/hub/settings.py}" \\
    "$base/hub/bin/jupyterhub" -f "$base/hub/jupyterhub_config.py" "\$@"
END
chmod 755 "$base/hub/start"
if [ -d /run/systemd/system ]; then
    sed "s|@BASE@|$base|" "$here/jupyterhub.service" >"/etc/systemd/system/$name-hub.service"
    systemctl daemon-reload
fi

# The course holds answers, marks and the secret: it is closed to everybody but the instructors, who share every file.
# New files inherit these rights. The account sets them, on its own files: root would follow a link of an instructor.
step "the rights of $course"
chmod 2770 "$course"
as_account find "$course" -path "$course/.venv" -prune -o -user "$account" -print0 |
    as_account xargs -0 setfacl -P -m "g:$instructors:rwX"
as_account find "$course" -path "$course/.venv" -prune -o -user "$account" -type d -print0 |
    as_account xargs -0 setfacl -P -m "d:g:$instructors:rwX,g:$instructors:rwx"

"$here/check.sh"
