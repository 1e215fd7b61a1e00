#!/bin/sh
# Tries the files of a release on a bare Debian, as root:
#   deploy/dist/try.sh [FOLDER]
# FOLDER is target/dist if none is named. The program of the archive, and in another Debian that of the
# package, must make keys and serve a person who registers, signs in and refreshes.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-target/dist}
if [ ! -e "$folder/SHA256SUMS" ]; then
    echo "$folder has no files of a release: make dist" >&2
    exit 1
fi
(cd "$folder" && sha256sum --check --strict --quiet SHA256SUMS)
echo 'SHA256SUMS: every file is as it was built'
if [ "$(id -u)" -ne 0 ]; then
    echo "Making a Debian needs root: run this as root" >&2
    exit 1
fi
archive=$(echo "$folder"/signet-*-linux-*.tar.gz)
package=$(echo "$folder"/signet_*.deb)
work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "$1" >&2
    exit 1
}

# Commands have these variables only. Each server chooses free ports.
variables='PATH=/usr/sbin:/usr/bin:/sbin:/bin SIGNET_LISTEN=127.0.0.1:0 SIGNET_OPS_LISTEN=127.0.0.1:0'

# Runs a command in the Debian.
inside() {
    chroot "$root" env -i $variables "$@"
}

# Sends JSON to a path, and wants this status.
post() {
    status=$(curl --silent --show-error --max-time 30 --header 'Content-Type: application/json' --data "$3" \
        --output "$work/answer" --write-out '%{http_code}' "$address$2")
    [ "$status" = "$1" ] || fail "POST $2 is answered with $status, not $1: $(cat "$work/answer")"
}

# Serves with the command of the arguments until a person has registered, signed in and refreshed.
serve_a_person() {
    ready=$work/ready
    mkfifo "$ready"
    # Not a function, so that the process of $! is the server.
    chroot "$root" env -i $variables "$@" >"$ready" 2>"$work/log" &
    server=$!
    # The line that says where it listens; there is none if the server has ended.
    read -r line <"$ready" || fail "The server does not start: $(cat "$work/log")"
    rm "$ready"
    address=${line##* }
    person='{"email": "ada@example.com", "password": "engine no. 9 steams", "token_delivery": "body"}'
    post 201 /auth/register "$person"
    post 200 /auth/login "$person"
    token=$(sed -n 's/.*"refresh_token":"\([^"]*\)".*/\1/p' "$work/answer")
    post 200 /auth/refresh "{\"refresh_token\": \"$token\"}"
    kill "$server"
    wait "$server" || fail "The server ends with $?: $(cat "$work/log")"
    server=
}

try_archive() {
    root=$work/archive-root
    tests/install-debian.sh "$root" >/dev/null
    tar --extract --gzip --file "$archive" --directory "$root/opt" --strip-components=1
    case $archive in
    *-static.tar.gz)
        # It needs nothing else: not even a Debian.
        mkdir "$work/empty"
        cp "$root/opt/signet" "$work/empty"
        chroot "$work/empty" /signet --version >/dev/null
        ;;
    esac
    version=$(inside /opt/signet --version)
    inside sh -euc 'mkdir /srv/signet && cd /srv/signet && /opt/signet keys init' >/dev/null
    serve_a_person sh -euc 'cd /srv/signet && exec /opt/signet serve'
    echo "${archive##*/}: $version makes keys, registers, signs in and refreshes"
}

# The Debian is temporary, so nothing waits until it is on the disk.
quick=--force-unsafe-io

# A value of the unit that the package has installed.
unit() {
    sed -n "s/^$1=//p" "$root/usr/lib/systemd/system/signet.service"
}

# Runs a command as the unit does.
as_unit() {
    "$1" setpriv --reuid="$(unit User)" --regid="$(unit Group)" --clear-groups \
        sh -euc "umask $(unit UMask) && cd $(unit WorkingDirectory) && exec $2"
}

# Runs a command as the documentation says, in the folder of the settings and as the owner of the keys.
as_told() {
    inside sh -euc 'cd /etc/signet && runuser -u signet -- signet "$@"' sh "$@" >"$work/ran" 2>&1 ||
        fail "signet $*: $(cat "$work/ran")"
}

try_package() {
    root=$work/package-root
    tests/install-debian.sh "$root" >/dev/null
    cp "$package" "$root/signet.deb"
    inside dpkg $quick --install /signet.deb >"$work/said" 2>&1 || fail "$(cat "$work/said")"
    grep -q 'systemctl enable --now signet.service' "$work/said" || fail "No word on how to start: $(cat "$work/said")"
    owners=$(inside stat -c '%n %U %a' /var/lib/signet /var/lib/signet/keys /etc/signet/signet.toml)
    [ "$owners" = "/var/lib/signet signet 700
/var/lib/signet/keys signet 700
/etc/signet/signet.toml root 640" ] || fail "Wrong owners or modes: $owners"
    [ "$(inside signet --version)" = "$version" ] || fail "The package has another program than the archive."
    as_unit inside "$(unit ExecStartPre)"
    as_unit serve_a_person "$(unit ExecStart)"
    # The line that the package prints, with each command behind it.
    grep -q 'cd /etc/signet && runuser -u signet -- signet doctor$' "$work/said" || fail "No word on commands: $(cat "$work/said")"
    as_told doctor
    grep -q 'the file is signet.toml$' "$work/ran" || fail "Another file: $(cat "$work/ran")"
    as_told account add grace@example.com
    as_told account list
    grep -q grace@example.com "$work/ran" || fail "No account: $(cat "$work/ran")"
    as_told backup /var/lib/signet/backup.db
    ! inside signet doctor --config /etc/signet/signet.toml >"$work/ran" 2>&1 || fail "root is not told: $(cat "$work/ran")"
    ! grep chown "$work/ran" || fail "root is told to take the keys of the service."
    echo "${package##*/}: installed, and the unit's command registers, signs in and refreshes"
    echo "${package##*/}: commands of an operator find the settings, the keys and the database"
    # An upgrade keeps the keys, removing keeps keys and data, and purging deletes them.
    keys=$(inside sha256sum /var/lib/signet/keys/keyring.json)
    inside sh -euc "dpkg $quick --install /signet.deb && dpkg $quick --remove signet" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
    [ "$(inside sha256sum /var/lib/signet/keys/keyring.json)" = "$keys" ] || fail "An upgrade or the removal has changed the keys."
    inside test -s /var/lib/signet/signet.db
    inside dpkg $quick --purge signet >"$work/said" 2>&1 || fail "$(cat "$work/said")"
    left=$(inside find /var/lib/signet /etc/signet /usr/bin/signet /usr/lib/systemd/system -name '*signet*' 2>/dev/null || true)
    [ -z "$left" ] || fail "Purging leaves files: $left"
    echo "${package##*/}: an upgrade keeps the keys, and purging leaves nothing"
}

try_archive
try_package
