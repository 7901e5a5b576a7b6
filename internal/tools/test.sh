#!/usr/bin/env bash
# Runs `go test` with the given arguments on SQLite and on PostgreSQL, and names
# the ten slowest packages at the end. What `go test` prints stays as it is, and
# its exit code is this script's.
#
# Databases and other files of the tests are in memory where /dev/shm has room,
# because SQLite waits for the disk at every commit.
set -euo pipefail

# usable reports whether tests can use a directory: 4 GB are free there, and
# programs may be run from it (containers often forbid that).
usable() {
	[ -d "$1" ] && [ -w "$1" ] && [ "$(df --output=avail "$1" 2>/dev/null | tail -1)" -ge 4194304 ] || return 1
	local probe
	probe=$(mktemp "$1/myaccess.XXXXXX") || return 1
	printf '#!/bin/sh\n' >"$probe" && chmod 700 "$probe" && "$probe" 2>/dev/null
	local ok=$?
	rm -f "$probe"
	return "$ok"
}

export GOTMPDIR=${GOTMPDIR:-${TMPDIR:-/tmp}} # what is built needs no memory
memory=${TMPDIR:-/tmp}
if usable /dev/shm; then
	memory=/dev/shm
fi
dir=$(mktemp -d "$memory/myaccess.XXXXXX")
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
chmod 711 "$dir" # the server is not run as root, and its directory is in this one
mkdir "$dir/tmp"
chmod 711 "$dir/tmp"

# A tenth of the processor time was garbage collection, and each package waited
# for a second at its end for reports of the race detector, which come at once.
export GOGC=${GOGC:-400} GORACE="atexit_sleep_ms=0 ${GORACE:-}"

code=0
TMPDIR="$dir/tmp" "$(dirname "$0")/postgres.sh" "${GO:-go}" test "$@" | tee "$dir/output" || code=$?
slowest=$(awk '($1 == "ok" || $1 == "FAIL") && $3 ~ /^[0-9.]+s$/ { printf "%9s  %s\n", $3, $2 }' "$dir/output" |
	sort -rn | sed 10q)
printf '\nThe slowest packages:\n%s\n' "${slowest:-none was run}"
exit "$code"
