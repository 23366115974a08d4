#!/bin/sh
# Makes this Debian computer a tablet of the class: at login Chromium shows /kiosk in full screen, with microphone and sound
# allowed for that page alone, and restarts if it ends. Run as root:
#
#     sudo deploy/kiosk/setup.sh USER [ADDRESS]
#
# Chromium then shows nothing else on this computer, to any user, and downloads nothing. A server with a certificate of its
# own (--lan) must be trusted first, with the guide on its port 5080; otherwise Chromium shows an error.
#
# USER logs in at this computer (without a keyboard, let the desktop log in automatically). ADDRESS is the server's,
# http://localhost:5000 by default. Running it again changes the address; `setup.sh --remove USER` undoes everything.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
policies=/etc/chromium/policies/managed/paadas-kiosk.json

fail() {
    echo "$1" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || fail "run this as root: sudo $0 $*"
remove=no
if [ "${1:-}" = --remove ]; then
    remove=yes
    shift
fi
user=${1:-}
address=${2:-http://localhost:5000}
[ -n "$user" ] || fail "usage: $0 [--remove] USER [ADDRESS]"
# USER controls everything in the home, links too, so only USER's own rights are used there.
as_user() {
    runuser -u "$user" -- "$@"
}
# put FOLDER NAME: writes standard input to that file, whole, replacing an older one.
put() {
    # shellcheck disable=SC2016  # the other shell is meant
    as_user sh -c 'mkdir -p "$1" && new=$(mktemp "$1/.paadas-XXXXXX") && cat > "$new" && chmod 644 "$new" && mv -fT "$new" "$1/$2"' \
        put "$1" "$2"
}
home=$(getent passwd "$user" | cut -d: -f6)
[ -d "$home" ] || fail "there is no user $user with a home"
units=$home/.config/systemd/user
autostart=$home/.config/autostart

if [ "$remove" = yes ]; then
    rm -f "$policies"
    as_user rm -f "$units/paadas-kiosk.service" "$autostart/paadas-kiosk.desktop"
    echo "Removed. Log $user out and in again."
    exit 0
fi

case $address in
    http://localhost | http://localhost:* | http://127.0.0.1 | http://127.0.0.1:* | https://*) ;;
    *) fail "browsers give the microphone only to https and to this computer itself: $address is neither" ;;
esac
case $address in
    *[!A-Za-z0-9.:/_-]*) fail "$address is no address: scheme, host and port are enough" ;;
esac
address=${address%/}
if ! command -v chromium > /dev/null || ! command -v curl > /dev/null; then
    apt-get install --yes --no-install-recommends chromium curl
fi

install -d /etc/chromium/policies/managed
sed "s|@ADDRESS@|$address|g" "$here/policies.json" > "$policies"
chmod 644 "$policies"

sed "s|@ADDRESS@|$address|g" "$here/paadas-kiosk.service" | put "$units" paadas-kiosk.service
put "$autostart" paadas-kiosk.desktop < "$here/paadas-kiosk.desktop"

echo "Done. Log $user out and in again: $address/kiosk comes by itself."
echo "Then set a PIN on $address/teacher: it keeps children on that page."
