#!/usr/bin/env bash
# Fetches the third-party files under static/vendor by the manifest, and refuses files
# with another checksum than in the manifest. To update to a newer version, change
# the version there, run this, review the files, and enter their checksums.
set -euo pipefail
cd "$(dirname "$0")/../../static/vendor"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# package is the folder of a package in a version, fetched once.
package() {
	local into="$dir/$1@$2"
	if [ ! -d "$into" ]; then
		mkdir -p "$into"
		(cd "$dir" && npm pack --silent --pack-destination "$into" "$1@$2" >/dev/null)
		tar -xzf "$into"/*.tgz -C "$into"
	fi
	echo "$into/package"
}

# check says whether a file has the checksum that the manifest gives its row.
failed=0
check() {
	local sum
	sum=$(sha256sum "$1" | cut -d' ' -f1)
	if [ "$sum" != "$2" ]; then
		echo "$3 has the checksum $sum, not $2" >&2
		failed=1
	fi
}

mkdir "$dir/new"
while read -r file name version _ sum source; do
	case $file in
	'#'* | '') ;;
	*.svg'#'*) # an icon becomes a symbol of the sprite, its drawing untouched
		from="$(package "$name" "$version")/$source"
		check "$from" "$sum" "$file"
		sed -E 's|^<svg [^>]*viewBox="([^"]*)"[^>]*>(.*)</svg>$|<symbol id="'"${file#*#}"'" viewBox="\1">\2</symbol>|' "$from" >>"$dir/symbols"
		echo >>"$dir/symbols"
		;;
	*.svg)
		{
			echo '<svg xmlns="http://www.w3.org/2000/svg">'
			cat "$dir/symbols"
			echo '</svg>'
		} >"$dir/new/$file"
		check "$dir/new/$file" "$sum" "$file"
		;;
	*)
		cp "$(package "$name" "$version")/$source" "$dir/new/$file"
		check "$dir/new/$file" "$sum" "$file"
		;;
	esac
done <manifest.txt

[ "$failed" -eq 0 ] || exit 1
cp "$dir"/new/* .
