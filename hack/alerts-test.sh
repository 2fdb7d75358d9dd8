#!/usr/bin/env bash
# Checks the alerts with Prometheus' own tool: their syntax, and that each fires when it is to and not when it is not to (test/alerts).
#
#   hack/alerts-test.sh <promtool>
set -euo pipefail

cd "$(dirname "$0")/.."
promtool="${1:?say where promtool is}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

go -C hack/tools/promtool run ./extract "$PWD/config/prometheus/rules.yaml" "$work/rules.yaml"
cp test/alerts/*.yaml "$work/"
cd "$work"
"$promtool" check rules --lint=all --lint-fatal rules.yaml
for file in *.yaml; do
	if [ "$file" != rules.yaml ]; then
		"$promtool" test rules "$file"
	fi
done
