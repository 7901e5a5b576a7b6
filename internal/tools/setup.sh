#!/usr/bin/env bash
# Installs what the tests need and the machine lacks, where it may: on Debian,
# as root. Elsewhere it names the one command that does.
set -euo pipefail

missing=()
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
command -v gcc >/dev/null || missing+=(gcc libc6-dev) # for the race detector

[ ${#missing[@]} -eq 0 ] && exit 0
command="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	echo "The tests need more than this machine has. On Debian: sudo $command" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
$command
