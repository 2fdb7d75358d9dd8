#!/usr/bin/env bash
# Builds the operator's image twice from the files of this checkout and compares the digests: in two directories, with two homes, umasks, time
# zones and, as root, users. With a cache that is empty the second build compiles everything anew, which takes minutes.
#
#   hack/verify-reproducible.sh <image tool> shared|empty
set -euo pipefail

cd "$(dirname "$0")/.."
tool="${1:?say where the image tool is}"
cache="${2:?say which cache the second build has: shared or empty}"
work="$(mktemp -d)"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 0755 "$work"
modules="$(go env GOMODCACHE)"
shared="$(go env GOCACHE)"
compiler="$(dirname "$(command -v go)")"

# What is copied is what an engine would be sent for the Dockerfile. Git is not asked, because it does not answer everybody.
copy() { # copy <directory>
	mkdir -p "$1/source" "$1/home"
	sed 's|^|./|' .dockerignore | tar --anchored --exclude-from=- -cf - . | tar -C "$1/source" -xf -
}

build() { # build <directory> <umask> <zone> <GOCACHE> [command before...]: prints the image's reference by digest
	local place="$1" mask="$2" zone="$3" gocache="$4"
	shift 4
	(
		cd "$place/source"
		umask "$mask"
		"$@" env -i PATH="$compiler:/usr/bin:/bin" HOME="$place/home" TZ="$zone" GOCACHE="$gocache" GOMODCACHE="$modules" GOFLAGS= \
			go run ./hack/image -version v0.0.0 -o "$place/out/connector-operator" >&2
		SOURCE_DATE_EPOCH=1735689600 "$tool" -binary "$place/out/connector-operator" -version v0.0.0 -revision none \
			-ref registry.example/connector-operator:v0.0.0
	)
}

first="$work/here"
second="$work/some where/else"
copy "$first"
copy "$second"
as=()
other="$shared"
if [ "$cache" = empty ]; then
	other="$second/cache"
fi
if [ "$(id -u)" -eq 0 ]; then
	chown -R 61234:61234 "$second"
	# Another user, who keeps one right: to read and write caches that are root's.
	as=(setpriv --reuid=61234 --regid=61234 --clear-groups "--inh-caps=-all,+dac_override" "--ambient-caps=-all,+dac_override")
	if ! "${as[@]}" true 2>/dev/null; then
		as=()
	fi
fi
one="$(build "$first" 022 UTC "$shared")"
two="$(build "$second" 077 Asia/Ho_Chi_Minh "$other" "${as[@]}")"
if [ "$one" != "$two" ]; then
	printf 'verify-reproducible: two builds of the same source gave two images:\n  %s\n  %s\n' "$one" "$two" >&2
	exit 1
fi
printf 'verify-reproducible: two builds in two places gave one image: %s\n' "$one"
