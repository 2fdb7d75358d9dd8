#!/usr/bin/env bash
# Runs every linter and goes on after a failure, so that one run tells everything.
#
#   hack/lint.sh <golangci-lint>
set -uo pipefail

cd "$(dirname "$0")/.." || exit 1
golangci="${1:?say where golangci-lint is}"
failed=()

step() { # step <name> <command...>
	local name="$1"
	shift
	echo "lint: $name"
	if ! "$@"; then
		failed+=("$name")
	fi
}

unformatted() { # unformatted <directory...>: fails, naming the files
	local files
	files="$(gofmt -l "$@")" || return 1
	if [ -n "$files" ]; then
		printf 'not formatted, run "make fmt":\n%s\n' "$files" >&2
		return 1
	fi
}

# Linters load every package's types; in a module that does not compile they would only repeat the compiler.
step "code of the root module" "$golangci" run ./...
step "API conventions" "$golangci" run -c .golangci.api.yml ./api/...
step "go vet of hack/localcluster" go -C hack/localcluster vet ./...
step "go vet of hack/tools" go -C hack/tools vet ./...
step "go vet of hack/tools/bundle" go -C hack/tools/bundle vet ./...
step "go vet of hack/tools/sbom" go -C hack/tools/sbom vet ./...
step "go vet of hack/tools/promtool" go -C hack/tools/promtool vet ./...
step "go vet of hack/tools/charts" go -C hack/tools/charts vet ./...
step "go vet of test/page" go -C test/page vet ./...
step "gofmt" unformatted api controllers gateway hack report test

if [ "${#failed[@]}" -ne 0 ]; then
	printf 'lint: failed: %s\n' "${failed[@]}" >&2
	exit 1
fi
echo "lint: nothing to complain about"
