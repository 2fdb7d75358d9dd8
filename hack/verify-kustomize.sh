#!/usr/bin/env bash
# Renders every kustomization under config/ and says how many objects each has.
#
#   hack/verify-kustomize.sh <kustomize>
set -euo pipefail

cd "$(dirname "$0")/.."
kustomize="${1:?say where kustomize is}"

while IFS= read -r file; do
	directory="$(dirname "$file")"
	if ! rendered="$("$kustomize" build "$directory")"; then
		echo "verify-kustomize: $directory does not render; the sentence above says why" >&2
		exit 1
	fi
	printf '%-36s %3d objects\n' "$directory" "$(grep -c '^kind:' <<<"$rendered")"
done < <(find config -name kustomization.yaml | sort)
