#!/bin/bash
# As root: let accounts use the hub. An account that does not exist is created, without a password.
#
#     add_users.sh students ada bob eve
#     add_users.sh instructors prof tutor
set -euo pipefail
base=$(dirname "$(realpath "$(dirname "$(realpath "$0")")/../..")")
case ${1:-} in students | instructors) group=$(basename "$base")-$1 ;; *)
    echo "usage: add_users.sh students|instructors NAME…" >&2
    exit 1
    ;;
esac
for user in "${@:2}"; do
    id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user"
    usermod --append --groups "$group" "$user"
    chmod 700 "$(getent passwd "$user" | cut -d: -f6)" # Debian leaves homes open: answers could be read
done
