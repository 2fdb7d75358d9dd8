#!/usr/bin/env bash
# Writes everything that a release consists of into one directory, with one version throughout, and sends nothing anywhere.
#
#   hack/release.sh <version> <repository of images> <directory>
#
# It calls make for each part, so that a part is the same as when it is made alone. The same revision and Go release give the same files.
# Of the environment it reads:
#   FIPS_MODULE  version of Go's cryptographic module for a second image (certified), or nothing for none
#   PLUGINS      platforms of the plugin, with spaces between
#   DIRTY        allowed: release files that are not committed, to try this out
set -euo pipefail

cd "$(dirname "$0")/.."
version="${1:?say which version, as v0.1.0}"
repository="${2:?say where the images will be, as registry.example}"
into="${3:?say into which directory}"
fips="${FIPS_MODULE-certified}"
if [[ ! "$version" =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
	echo "release: \"$version\" is no version of a release; write make release VERSION=v0.1.0" >&2
	exit 2
fi
if [ "${DIRTY:-}" != allowed ] && [ -n "$(git status --porcelain)" ]; then
	echo "release: there are files that are not committed, so the revision would not tell what is released; commit them first" >&2
	exit 2
fi
image="$repository/connector-operator:$version"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
rm -rf "$into"
mkdir -p "$into"
into="$(cd "$into" && pwd)"
epoch="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
created="$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)"

part() { # part <targets and variables...>: has make build into the working directory
	make --no-print-directory "$@" VERSION="$version" DIST="$work" SOURCE_DATE_EPOCH="$epoch"
}

pack() { # pack <archive> <directory> <file...>: the same files give the same archive
	local archive="$1" directory="$2"
	shift 2
	tar -C "$directory" --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf - "$@" | gzip -n -9 >"$archive"
}

echo "=== images"
platforms=linux/amd64,linux/arm64
part sbom PLATFORMS="$platforms"
cp "$work/connector-operator.cdx.json" "$into/"
part image PLATFORMS="$platforms" IMAGE="$image" SBOM="$work/connector-operator.cdx.json" | tee "$work/image"
by_digest="$(tail -n 1 "$work/image")"
cp "$work/connector-operator.tar" "$into/connector-operator.oci.tar"
printf '%s  connector-operator.oci.tar\n' "$by_digest" >"$into/IMAGES"
for platform in linux-amd64 linux-arm64; do
	cp "$work/$platform/connector-operator" "$into/connector-operator_${version}_${platform/-/_}"
done
if [ -n "$fips" ]; then
	echo "=== images with the cryptographic module $fips"
	part sbom PLATFORMS="$platforms" FIPS="$fips"
	cp "$work/connector-operator.cdx.json" "$into/connector-operator-fips.cdx.json"
	part image PLATFORMS="$platforms" IMAGE="$image-fips" FIPS="$fips" SBOM="$work/connector-operator.cdx.json" | tee "$work/image"
	cp "$work/connector-operator.tar" "$into/connector-operator-fips.oci.tar"
	printf '%s  connector-operator-fips.oci.tar\n' "$(tail -n 1 "$work/image")" >>"$into/IMAGES"
fi

echo "=== plugin of kubectl"
for platform in ${PLUGINS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64}; do
	os="${platform%/*}" arch="${platform#*/}" name=kubectl-lienthong
	mkdir -p "$work/plugin/$os-$arch"
	if [ "$os" = windows ]; then
		name=kubectl-lienthong.exe
	fi
	go run ./hack/image -version "$version" -os "$os" -arch "$arch" -o "$work/plugin/$os-$arch/$name"
	cp LICENSE "$work/plugin/$os-$arch/"
	SOURCE_DATE_EPOCH="$epoch" go -C hack/tools/sbom run . -version "$version" -o "$work/plugin/$os-$arch/sbom.cdx.json" "$work/plugin/$os-$arch/$name"
	pack "$into/kubectl-lienthong_${version}_${os}_$arch.tar.gz" "$work/plugin/$os-$arch" "$name" LICENSE sbom.cdx.json
done

echo "=== manifests"
part build-installer IMAGE="$by_digest"
cp "$work/install.yaml" "$into/"
mkdir -p "$work/generated"
BUNDLE_VERSION="$version" BUNDLE_IMAGE="$by_digest" BUNDLE_CREATED="$created" hack/generate.sh bundle "$work/generated"
pack "$into/lienthong-connector-operator-bundle_$version.tar.gz" "$work/generated" bundle

echo "=== charts"
for chart in charts/*/Chart.yaml; do
	SOURCE_DATE_EPOCH="$epoch" hack/package-chart.sh "$(dirname "$chart")" "$version" "$by_digest" "$into"
done

hack/verify-release.sh "$version" "$by_digest" "$into"
(cd "$into" && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)
echo "=== $into"
(cd "$into" && ls -l)
