#!/usr/bin/env bash
# Generates files from api/ and controllers/ into a directory that is laid out as this repository: the repository itself, or a
# temporary one that is then compared with it.
#
#   hack/generate.sh manifests|docs <directory>
set -euo pipefail

cd "$(dirname "$0")/.."
what="${1:?say what to generate: manifests or docs}"
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
*)
	echo "hack/generate.sh: cannot generate \"$what\"; say manifests or docs" >&2
	exit 2
	;;
esac
