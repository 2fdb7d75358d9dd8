#!/usr/bin/env bash
# Checks every chart in charts/ with every values file that it brings (ci/*-values.yaml and examples/*.yaml): helm lint, helm-unittest
# (tests/*_test.yaml), kubeconform with schemas made from what clusters go by, and kube-score. Then the Go tests of test/charts: wrong values are
# refused in words, and the chart installs what the kustomization does. Nothing is downloaded but Go modules.
#
#   hack/charts-test.sh [<chart>...]       all charts, or those that are named
#
# What kube-score finds and a chart does on purpose stands in <chart>/ci/kube-score-ignored.txt, one check per line with the reason behind it.
set -euo pipefail

cd "$(dirname "$0")/.."
export PATH="$PWD/bin:$PATH"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
schemas="$work/schemas"

schemas() { # from the Kubernetes release of the local cluster, this project's definitions, cert-manager's, and the types of the Prometheus operator
	local kubernetes certmanager
	kubernetes="$(go -C hack/localcluster mod download -json k8s.io/kubernetes | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
	certmanager="$(go mod download -json github.com/cert-manager/cert-manager | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
	(
		cd hack/tools/promtool
		controller-gen crd:ignoreUnexportedFields=true,crdVersions=v1,generateEmbeddedObjectMeta=true,allowDangerousTypes=true \
			paths=github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1 output:crd:dir="$work/monitoring"
	)
	go run ./hack/chartschemas -openapi "$kubernetes/api/openapi-spec/swagger.json" -o "$schemas" \
		config/crd/bases "$certmanager/deploy/crds" "$work/monitoring"
}

namespace_of() { # namespace_of <chart>: the platform's, and for the chart of agencies one of an agency
	case "$1" in
	*agency-connector) echo an-agency ;;
	*) echo lienthong-system ;;
	esac
}

checked=0
check() { # check <chart> <values file> <name>: one chart with one values file
	local chart="$1" values="$2" rendered ignored=()
	rendered="$work/$(basename "$chart")-$3.yaml"
	echo "charts-test: $chart with $values"
	helm lint --strict --quiet "$chart" --namespace "$(namespace_of "$chart")" --values "$values"
	helm template release "$chart" --namespace "$(namespace_of "$chart")" --include-crds --values "$values" >"$rendered"
	kubeconform -strict -summary -schema-location "$schemas/{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json" "$rendered"
	if [ -e "$chart/ci/kube-score-ignored.txt" ]; then
		while read -r check _; do
			ignored+=(--ignore-test "$check")
		done < <(grep -v '^#' "$chart/ci/kube-score-ignored.txt")
	fi
	helm template release "$chart" --namespace "$(namespace_of "$chart")" --values "$values" |
		kube-score score --output-format ci --exit-one-on-warning "${ignored[@]}" - >"$work/score" || {
		grep -v -e '^\[OK\]' -e '^\[SKIPPED\]' "$work/score" >&2
		echo "charts-test: kube-score complains about $chart with $values; mend it, or name the check and the reason in $chart/ci/kube-score-ignored.txt" >&2
		return 1
	}
	checked=$((checked + 1))
}

charts=("$@")
if [ "${#charts[@]}" -eq 0 ]; then
	for chart in charts/*/Chart.yaml; do
		charts+=("$(dirname "$chart")")
	done
fi

schemas
for chart in "${charts[@]}"; do
	found=0
	for values in "$chart"/ci/*-values.yaml "$chart"/examples/*.yaml "$chart"/examples/*/*.yaml; do
		if [ -e "$values" ]; then
			check "$chart" "$values" "$(tr / - <<<"${values#"$chart"/}")"
			found=1
		fi
	done
	if [ "$found" -eq 0 ]; then
		echo "charts-test: $chart has no values file to check it with; write $chart/ci/default-values.yaml" >&2
		exit 1
	fi
	if compgen -G "$chart/tests/*_test.yaml" >/dev/null; then
		helm-unittest --strict "$chart"
	fi
done
go test -tags=charts -count=1 ./test/charts/...
echo "charts-test: $checked combinations of a chart and its values are as they should be"
