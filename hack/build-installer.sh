#!/usr/bin/env bash
# Writes one file with everything that config/default installs, for an image.
#
#   hack/build-installer.sh <kustomize> <version> <image> <file> [component...]
#
# A component is a directory of config/components.
set -euo pipefail

cd "$(dirname "$0")/.."
kustomize="${1:?say where kustomize is}"
version="${2:?say which version}"
image="${3:?say which image, as repository:tag or repository@sha256:digest}"
file="${4:?say which file to write}"
shift 4

# Kustomize takes a tag or a digest, not both; the digest is the stronger of them.
name="${image%%@*}"
if [[ "$name" =~ :[^/]*$ ]]; then
	tag="${name##*:}"
	name="${name%:*}"
fi
if [[ "$image" == *@* ]]; then
	reference="digest: ${image#*@}"
elif [ -n "${tag:-}" ]; then
	reference="newTag: \"$tag\""
else
	echo "build-installer: $image has no tag and no digest; write repository:tag or repository@sha256:digest" >&2
	exit 2
fi

mkdir -p "$(dirname "$file")"
# Kustomize takes bases by relative paths only, so the kustomization has to lie in the repository.
work="$(mktemp -d "$PWD/.installer-XXXXXX")"
trap 'rm -rf "$work"' EXIT
{
	cat <<-EOF
		apiVersion: kustomize.config.k8s.io/v1beta1
		kind: Kustomization
		resources:
		- ../config/default
		images:
		- name: connector-operator
		  newName: $name
		  $reference
		labels:
		- pairs:
		    app.kubernetes.io/version: "$version"
		sortOptions:
		  order: legacy
	EOF
	if [ $# -gt 0 ]; then
		echo "components:"
	fi
	for component in "$@"; do
		if [ ! -e "config/components/$component/kustomization.yaml" ]; then
			printf 'build-installer: there is no component %s; there are: %s\n' "$component" "$(ls config/components | tr '\n' ' ')" >&2
			exit 2
		fi
		echo "- ../config/components/$component"
	done
} >"$work/kustomization.yaml"
{
	cat <<-EOF
		# The Lienthong connector operator, $version: definitions, permissions, the manager, its network policy, what is refused at admission.
		#
		#   kubectl apply --server-side -f $(basename "$file")
	EOF
	"$kustomize" build "$work"
} >"$file.new"
mv "$file.new" "$file"
echo "$file"
