#!/usr/bin/env bash
# Generates everything into a temporary directory and compares it with what is checked in. Nothing in the repository is touched.
set -euo pipefail

cd "$(dirname "$0")/.."
fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT

hack/generate.sh manifests "$fresh"
hack/generate.sh docs "$fresh"
hack/generate.sh bundle "$fresh"

stale=0
compare() { # compare <path>: a file, or a directory of generated files only
	if ! diff -ruN "$1" "$fresh/$1"; then
		stale=1
	fi
}
compare api/v1alpha1/zz_generated.deepcopy.go
compare config/crd/bases
compare config/rbac/role.yaml
compare charts/agency-connector/README.md
compare charts/agency-connector/examples
compare docs/api-reference.md
compare bundle
for part in crds files README.md; do
	compare "charts/connector-operator/$part"
done

if [ "$stale" -ne 0 ]; then
	echo "verify-generated: the files above differ from what their sources generate; run \"make generate\" and commit the result" >&2
	exit 1
fi
echo "verify-generated: every generated file is up to date"
