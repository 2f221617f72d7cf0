#!/bin/sh
# Rehearse both commands on a bare Debian 12: nothing there but Python 3.11 and pip.
#
#   sudo scripts/rehearse_bare_debian.sh FOLDER [MIRROR] [COMMIT]
#
# FOLDER receives the system (about 1.5 GB in the end) and is used again when it exists, with the
# project replaced. Needs root and debootstrap. PIP_* and *_proxy variables are handed on, and the
# certificates that PIP_CERT names are copied in. Prints times and sizes.
set -eu

folder=${1:?usage: rehearse_bare_debian.sh FOLDER [MIRROR] [COMMIT]}
mirror=${2:-http://deb.debian.org/debian}
commit=${3:-HEAD}
here=$(cd "$(dirname "$0")/.." && pwd)

if [ ! -e "$folder/usr/bin/pip3" ]; then
    debootstrap --variant=minbase --include=python3,python3-pip bookworm "$folder" "$mirror"
fi
mkdir -p "$folder/proc" "$folder/dev" "$folder/srv/fankeeper"
rm -rf "$folder/srv/fankeeper"
mkdir -p "$folder/srv/fankeeper"
git -C "$here" archive "$commit" | tar -x -C "$folder/srv/fankeeper"
cp /etc/resolv.conf "$folder/etc/resolv.conf"
cp /etc/hosts "$folder/etc/hosts"
if [ -n "${PIP_CERT:-}" ]; then
    mkdir -p "$folder$(dirname "$PIP_CERT")"
    cp "$PIP_CERT" "$folder$PIP_CERT"
fi

mount -t proc proc "$folder/proc" 2>/dev/null || echo "no /proc inside: this machine does not allow it"
mount --rbind /dev "$folder/dev" 2>/dev/null || echo "no /dev inside: this machine does not allow it"
trap 'umount -l "$folder/proc" "$folder/dev" 2>/dev/null || true' EXIT

keep=$(env | grep -E '^(PIP_|[a-z]+_proxy=|[A-Z]+_PROXY=)' || true)
inside() {
    # Only what a login on a fresh machine has, and the package index of this one.
    env -i $keep PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        chroot "$folder" sh -c "cd /srv/fankeeper && $1"
}
timed() {
    started=$(date +%s)
    inside "$1"
    echo "== $1: $(($(date +%s) - started)) s"
}

echo "== bare system: $(du -smx "$folder" | cut -f1) MB; $(inside 'python3 --version'); $(inside 'python3 -m pip --version')"
timed "python3 bootstrap.py setup"
echo "== after set-up: $(du -smx "$folder" | cut -f1) MB, of which .venv $(du -sm "$folder/srv/fankeeper/.venv" | cut -f1) MB"
timed "python3 bootstrap.py setup"
timed "python3 bootstrap.py test"
timed "python3 bootstrap.py run"
