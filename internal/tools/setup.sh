#!/usr/bin/env bash
# Installs what the tests need and the machine lacks, where it may: on Debian,
# as root. Elsewhere it names the one command that does. Run again, it does
# nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages() {
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo postgresql
	command -v gcc >/dev/null || echo gcc libc6-dev # for the race detector
	command -v chromium >/dev/null || echo chromium
	command -v node >/dev/null || echo nodejs
	command -v npm >/dev/null || echo npm
}

# old says whether Node is older than the browser tests need.
old() {
	! command -v node >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]
}

missing=$(packages | xargs)
if [ -n "$missing" ] || old; then
	if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
		echo "The tests need more than this machine has (${missing:-Node 20}). On Debian: sudo internal/tools/setup.sh" >&2
		exit 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	if [ -n "$missing" ]; then
		apt-get update -qq
		# shellcheck disable=SC2086 # the words are packages
		apt-get install -y -qq --no-install-recommends $missing
	fi
	if hash -r && old; then # Debian 12 has Node 18
		npm install --global --no-audit --no-fund node@22
	fi
fi

# The browser tests have packages of their own, pinned by a lock file. They
# belong to the developer's account, not to root.
lock=internal/e2e/package-lock.json
if [ -z "${SUDO_USER:-}" ] && [ -f $lock ] && [ ! internal/e2e/node_modules/.package-lock.json -nt $lock ]; then
	(cd internal/e2e && npm ci --no-audit --no-fund --ignore-scripts && touch node_modules/.package-lock.json)
fi
