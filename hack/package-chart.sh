#!/usr/bin/env bash
# Packages a chart for a release: with its version, and, if it installs the operator, with the operator's image by digest.
#
#   hack/package-chart.sh <chart> <version> <image by digest> <directory>
#
# Of the environment it reads SOURCE_DATE_EPOCH.
set -euo pipefail

cd "$(dirname "$0")/.."
chart="${1:?say which chart}"
version="${2:?say which version}"
image="${3:?say which image, as registry/repository@sha256:digest}"
into="${4:?say into which directory}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp -R "$chart" "$work/"
copy="$work/$(basename "$chart")"
flags=(--version "${version#v}")

field() { # field <name>: of Chart.yaml
	sed -n "s/^$1: *//p" "$copy/Chart.yaml" | tr -d '"'
}

# A chart whose appVersion is the chart's installs the operator of that version; another names the version of the API that it writes.
if [ "$(field appVersion)" = "$(field version)" ]; then
	flags+=(--app-version "$version")
	name="${image%@*}"
	# The first digest, registry and repository below `image:` are those of the operator.
	awk -v digest="${image#*@}" -v registry="${name%%/*}" -v repository="${name#*/}" '
		/^[^ #]/ { inside = ($0 ~ /^image:/) }
		inside && /^  digest:/ { $0 = "  digest: " digest }
		inside && /^  registry:/ { $0 = "  registry: " registry }
		inside && /^  repository:/ { $0 = "  repository: " repository }
		{ print }
	' "$copy/values.yaml" >"$work/values.yaml"
	mv "$work/values.yaml" "$copy/values.yaml"
fi
bin/helm package "$copy" "${flags[@]}" --destination "$work/packed" >/dev/null
# Helm writes the time of packaging into its archive; the same chart is to give the same file.
mkdir "$work/content"
for package in "$work"/packed/*.tgz; do
	tar -C "$work/content" -xzf "$package"
	tar -C "$work/content" --sort=name --mtime="@${SOURCE_DATE_EPOCH:-0}" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
		-cf - "$(basename "$copy")" | gzip -n -9 >"$into/$(basename "$package")"
	echo "$into/$(basename "$package")"
done
