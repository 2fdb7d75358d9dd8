#!/usr/bin/env bash
# Holds what a release consists of against its version and the digest of its image: each part is to tell the same.
#
#   hack/verify-release.sh <version> <image by digest> <directory>
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
version="${1:?say which version}"
image="${2:?say which image}"
cd "${3:?say in which directory}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
wrong=0

says() { # says <what> <got> <want>
	if [ "$2" != "$3" ]; then
		printf 'verify-release: %s says %q, and the release is %q\n' "$1" "$2" "$3" >&2
		wrong=1
	fi
}

has() { # has <what> <file> <fixed text>
	if ! grep -qF -- "$3" "$2"; then
		printf 'verify-release: %s lacks %q\n' "$1" "$3" >&2
		wrong=1
	fi
}

arch="$(go env GOHOSTARCH)"
if [ "$(go env GOHOSTOS)" = linux ]; then
	says "the operator" "$("./connector-operator_${version}_linux_$arch" version)" "$version"
	tar -xzf "kubectl-lienthong_${version}_linux_$arch.tar.gz" -C "$work"
	has "the plugin" <("$work/kubectl-lienthong" version) "$version"
fi
has IMAGES IMAGES "$image"
has install.yaml install.yaml "image: $image"
has install.yaml install.yaml "app.kubernetes.io/version: $version"
has "the SBOM" connector-operator.cdx.json "\"version\": \"$version\""
tar -xzf "lienthong-connector-operator-bundle_$version.tar.gz" -C "$work"
has "the bundle" "$work/bundle/manifests/lienthong-connector-operator.clusterserviceversion.yaml" "version: ${version#v}"
has "the bundle" "$work/bundle/manifests/lienthong-connector-operator.clusterserviceversion.yaml" "image: $image"
tar -xOf connector-operator.oci.tar index.json >"$work/index.json"
has "the image's archive" "$work/index.json" "${image#*@}"
for chart in "$root"/charts/*/Chart.yaml; do
	name="$(basename "$(dirname "$chart")")"
	package="$name-${version#v}.tgz"
	"$root/bin/helm" show chart "$package" >"$work/chart"
	has "the chart $name" "$work/chart" "version: ${version#v}"
	if [ "$name" = connector-operator ]; then
		has "the chart $name" "$work/chart" "appVersion: $version"
		# Two charts that an agency sees: the operator's image is told by one of them.
		"$root/bin/helm" template connector-operator "$package" --namespace lienthong-system >"$work/rendered"
		has "what the chart $name installs" "$work/rendered" "$image"
	fi
done
if [ "$wrong" -ne 0 ]; then
	exit 1
fi
echo "verify-release: every part says $version and ${image#*@}"
