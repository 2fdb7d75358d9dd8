#!/usr/bin/env bash
# Generates files from api/ and controllers/ into a directory that is laid out as this repository: the repository itself, or a
# temporary one that is then compared with it.
#
#   hack/generate.sh manifests|docs|bundle <directory>
#
# A release says BUNDLE_VERSION, BUNDLE_IMAGE and BUNDLE_CREATED for its bundle; what is checked in is that of the next version.
set -euo pipefail

cd "$(dirname "$0")/.."
what="${1:?say what to generate: manifests, docs or bundle}"
into="${2:?say into which directory}"
bin="$PWD/bin"

case "$what" in
manifests)
	mkdir -p "$into/api/v1alpha1" "$into/config/crd/bases" "$into/config/rbac"
	"$bin/controller-gen" object paths=./api/... output:object:dir="$into/api/v1alpha1"
	"$bin/controller-gen" crd paths=./api/... output:crd:dir="$into/config/crd/bases"
	"$bin/controller-gen" rbac:roleName=connector-operator-manager paths=./controllers/... output:rbac:dir="$into/config/rbac"
	go run ./hack/agencyvalues "$into"
	go run ./hack/chartgen "$into"
	;;
docs)
	mkdir -p "$into/docs"
	"$bin/crd-ref-docs" --source-path=api --config=hack/apidocs/config.yaml \
		--renderer=markdown --max-depth=12 --output-path="$into/docs/api-reference.md" --log-level=ERROR
	;;
bundle)
	work="$(mktemp -d)"
	trap 'rm -rf "$work"' EXIT
	"$bin/kustomize" build config/manifests >"$work/operator.yaml"
	"$bin/kustomize" build config/samples >"$work/samples.yaml"
	go -C hack/tools/bundle run . -operator "$work/operator.yaml" -samples "$work/samples.yaml" -version "${BUNDLE_VERSION:-}" \
		-image "${BUNDLE_IMAGE:-}" -created "${BUNDLE_CREATED:-}" -o "$(cd "$into" && pwd)/bundle"
	;;
*)
	echo "hack/generate.sh: cannot generate \"$what\"; say manifests, docs or bundle" >&2
	exit 2
	;;
esac
