#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own, whose address is in
# MYACCESS_TEST_POSTGRES. The server listens on a loopback address only, keeps
# nothing, and is gone when the command ends.
set -euo pipefail

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
dir=$(mktemp -d)
chmod 755 "$dir"
as=()
if [ "$(id -u)" -eq 0 ]; then # PostgreSQL refuses to run as root
	chown nobody "$dir"
	as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
fi
stop() {
	"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$dir"
}
trap stop EXIT

"${as[@]}" "$bin/initdb" -D "$dir/data" -U test --auth=trust --encoding=UTF8 --locale=C >/dev/null
for _ in 1 2 3 4 5; do
	port=$((20000 + RANDOM % 20000))
	if "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" -o "-h 127.0.0.1 -p $port -k $dir \
		-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=200" start >/dev/null; then
		break
	fi
done
export MYACCESS_TEST_POSTGRES="postgres://test@127.0.0.1:$port/postgres?sslmode=disable"
"$@"
