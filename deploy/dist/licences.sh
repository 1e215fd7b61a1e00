#!/bin/sh
# Collects the licence texts of every crate that is compiled into the program, each text once:
#   deploy/dist/licences.sh TARGET FILE
# Their licences ask for a copy of these texts with the program.
set -eu
target=$1 file=$2
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
crates=$(mktemp -d)
texts=$(mktemp)
trap 'rm -rf "$crates" "$texts"' EXIT
export LC_ALL=C

"$cargo" tree --locked --package signet-issuer --edges normal --target "$target" --prefix none --format '{p} |{l}' |
    sed -e 's/ (\*)$//' -e 's/ (proc-macro)//' | sort -u | while read -r name version rest; do
    # The crates of Signet have their path here.
    case $rest in '|'*) ;; *) continue ;; esac
    source=$(find "${CARGO_HOME:-$HOME/.cargo}"/registry/src -maxdepth 2 -name "$name-${version#v}" | head -n 1)
    found=$(find "$source" -maxdepth 2 -type f \( -iname 'licen[sc]e*' -o -iname 'copying*' -o -iname 'notice*' \) | sort)
    if [ -z "$found" ]; then
        echo "$name ${version#v}: ${rest#|}" >>"$crates/without"
        continue
    fi
    echo "$found" | while read -r text; do
        sum=$(sha256sum <"$text" | cut -c1-64)
        [ -e "$crates/$sum" ] || echo "$sum $text" >>"$texts"
        echo "$name ${version#v}" >>"$crates/$sum"
    done
done

if [ -e "$crates/without" ]; then
    printf '%s\n' 'These crates have no text of their own, only a licence:' ''
    sort -u "$crates/without"
    echo
fi >"$file"
while read -r sum text; do
    printf '%s\n' '================================================================' 'Used by:' ''
    sort -u "$crates/$sum"
    echo
    cat "$text"
    echo
done <"$texts" >>"$file"
