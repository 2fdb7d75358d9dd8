# Everything that a contributor and the continuous integration run. `make` lists the commands.
# Needed: Go, GNU Make 4.3, git and gcc. The tools are built from the Go module proxy into bin/.

MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
SHELL     := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

ROOT := $(CURDIR)
# KUBECONFIG names the cluster that there is already; without, the tests and the demo start one of their own.
KUBECONFIG ?=
BIN  := $(ROOT)/bin
DIST := $(ROOT)/dist

# The checkout may belong to another user, whom git would not answer; nothing here needs the stamp.
GOFLAGS ?=
export GOFLAGS := $(strip $(filter-out -buildvcs=%,$(GOFLAGS)) -buildvcs=false)
GO ?= go

# VERSION is what the binary says of itself; git describes it, unless told.
VERSION ?= $(shell git -C "$(ROOT)" describe --tags --always --dirty 2>/dev/null || echo unknown)
# IMAGE is how the cluster refers to the operator's image.
IMAGE   ?= $(IMG)
# IMG is what kubebuilder calls it.
IMG     ?= lienthong.gov.vn/connector-operator:$(VERSION)
# PLATFORMS is what the operator's image is for; several, with commas between, make an index of images.
PLATFORMS ?= linux/$(shell $(GO) env GOHOSTARCH)
# FIPS is the version of Go's cryptographic module that is built in and runs in its FIPS 140 mode, such as certified (docs/releasing.md).
FIPS    ?= off
# What the image says of its source. The time is that of the last change and not that of the build, which would give every build another digest.
REVISION ?= $(shell git -C "$(ROOT)" rev-parse HEAD 2>/dev/null || echo unknown)
SOURCE_DATE_EPOCH ?= $(shell git -C "$(ROOT)" log -1 --format=%ct 2>/dev/null || echo 0)
DESCRIPTION := Runs the connectors of agencies to a document exchange hub: manager, gateway and reports in one binary
# Images by digest of the demo on a cluster of yours: the operator, the stand-in hub and the stand-in agency system.
DEMO_IMAGE        ?=
DEMO_HUB_IMAGE    ?=
DEMO_AGENCY_IMAGE ?=
DEMO_IMAGES = $(if $(DEMO_IMAGE),-image $(DEMO_IMAGE)) $(if $(DEMO_HUB_IMAGE),-hub-image $(DEMO_HUB_IMAGE)) \
	$(if $(DEMO_AGENCY_IMAGE),-agency-image $(DEMO_AGENCY_IMAGE))
# IMAGES_AT is what the names of the images begin with, and PUSH=-push sends them there with the logins of ~/.docker/config.json.
IMAGES_AT ?= lienthong.gov.vn
PUSH      ?=
# SBOM is a file that make sbom wrote, to go with the image as its referrer.
SBOM      ?=
# CACHE is which compiler's cache the second build of verify-reproducible has: shared, or empty.
CACHE     ?= shared
# The bundle says the version and the image of a release if these tell them, and of the next version otherwise.
BUNDLE_VERSION ?=
BUNDLE_IMAGE   ?=
# COMPONENTS of config/components that build-installer adds, such as report.
COMPONENTS ?=
# CLUSTER is the name of the local cluster that the cluster-* commands mean.
CLUSTER ?= dev
# PARALLEL is how many test packages run at once; each integration package has a control plane of its own.
PARALLEL ?= 2
TESTFLAGS ?=

# A tool is rebuilt when the module that pins it changes, told by content: a fresh checkout has fresh times.
checksum    = $(shell cat $(1)/go.mod $(1)/go.sum $(wildcard $(1)/*/*.go) 2>/dev/null | sha256sum | cut -c1-16)
TOOLS_STAMP := $(BIN)/.tools-$(call checksum,hack/tools)
LINT_STAMP  := $(BIN)/.lint-$(call checksum,hack/tools/lint)
PROMTOOL_STAMP := $(BIN)/.promtool-$(call checksum,hack/tools/promtool)
# Helm and kubectl; and what checks charts, each in a module of its own because their dependencies do not agree.
CHARTS_STAMP := $(BIN)/.charts-$(call checksum,hack/tools/charts)-$(call checksum,hack/tools/helmunittest)-$(call checksum,hack/tools/kubescore)

CONTROLLER_GEN := $(BIN)/controller-gen
CRD_REF_DOCS   := $(BIN)/crd-ref-docs
KUSTOMIZE      := $(BIN)/kustomize
GOVULNCHECK    := $(BIN)/govulncheck
GOLANGCI_LINT  := $(BIN)/golangci-lint
PROMTOOL       := $(BIN)/promtool

##@ Try it

.PHONY: help
help: ## List the commands.
	@awk 'BEGIN { FS = ":.*## "; printf "Usage: make <command>\n" } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z][a-z0-9-]*:.*## / { printf "  %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Show the 27 agencies of the first roll-out on a local cluster, or on that of KUBECONFIG (DEMO_IMAGE=... and companions).
	$(GO) run ./hack/demo $(DEMO_IMAGES)

.PHONY: demo-down
demo-down: ## Remove what demo made: the local cluster, or, where KUBECONFIG is set, its objects there.
	$(GO) run ./hack/demo -down

##@ Check it

.PHONY: test
test: ## Run the unit and integration tests; integration packages start a control plane unless KUBECONFIG is set.
	$(GO) test -p $(PARALLEL) -timeout=30m $(TESTFLAGS) ./...
	$(GO) -C hack/localcluster test -p $(PARALLEL) -timeout=30m $(TESTFLAGS) ./...
	$(GO) -C hack/tools test $(TESTFLAGS) ./...
	$(GO) -C hack/tools/gitops test -count=1 $(TESTFLAGS) ./...
	$(GO) -C hack/tools/bundle test $(TESTFLAGS) ./...
	$(GO) -C hack/tools/sbom test $(TESTFLAGS) ./...

.PHONY: alerts-test
alerts-test: $(PROMTOOL_STAMP) ## Check the alerts, their pages and the dashboard, and show that each alert fires when it is to.
	$(GO) -C hack/tools/promtool test $(TESTFLAGS) ./...
	@hack/alerts-test.sh $(PROMTOOL)

.PHONY: e2e
e2e: $(CHARTS_STAMP) ## Run the end-to-end tests with real pods; needs root on Linux, or KUBECONFIG.
	$(GO) -C hack/localcluster test -tags=e2e -count=1 -timeout=30m -v -run Life $(TESTFLAGS) .
	$(GO) test -tags=e2e -count=1 -timeout=40m -v $(TESTFLAGS) ./test/e2e
	$(if $(strip $(KUBECONFIG)),,$(GO) test -tags=e2e -count=1 -timeout=15m -v $(TESTFLAGS) ./test/install)

.PHONY: upgrade-test
upgrade-test: $(CHARTS_STAMP) ## Upgrade, remove and reinstall the operator under 300 Connectors, and restore a backup into new clusters.
	$(GO) test -tags=upgrade -count=1 -timeout=20m -v $(TESTFLAGS) ./test/upgrade

.PHONY: docs-test
docs-test: $(TOOLS_STAMP) $(CHARTS_STAMP) ## Run every command of the documents, on a cluster with real pods where root may (DOCS_ONLY=..., DOCS_PODS=simulated).
	$(GO) test -tags=e2e -count=1 -timeout=20m -v -run '^TestCommands$$' $(TESTFLAGS) ./test/docs

.PHONY: page-test
page-test: ## Open the page of reports in a real Chromium; installs what it needs on Debian as root.
	@test/page/install.sh
	$(GO) -C test/page test -count=1 -timeout=20m $(TESTFLAGS) ./...

.PHONY: chart-tools
chart-tools: $(CHARTS_STAMP) ## Build helm, kubectl and what checks charts into bin/.

.PHONY: charts-test
charts-test: $(TOOLS_STAMP) $(CHARTS_STAMP) ## Check every chart with all its values: lint, unit tests, schemas, scanner, wrong values, against the kustomization.
	@hack/charts-test.sh

.PHONY: page-screenshots
page-screenshots: ## Take the pictures of the page in docs/images; needs what page-test installs.
	@test/page/install.sh
	@mkdir -p $(DIST)/pages docs/images
	$(GO) run ./hack/examplepages -o $(DIST)/pages
	$(GO) -C test/page run ./pictures -pages $(DIST)/pages -o $(ROOT)/docs/images

.PHONY: bench
bench: ## Measure the operator at scale, and write bench.json.
	$(GO) run ./test/bench

.PHONY: lint
lint: $(LINT_STAMP) ## Run every linter: code, API conventions, vet, formatting.
	@hack/lint.sh $(GOLANGCI_LINT)

.PHONY: fmt
fmt: $(LINT_STAMP) ## Format the code.
	$(GOLANGCI_LINT) fmt ./...
	gofmt -w hack/localcluster hack/tools

.PHONY: vet
vet: ## Run go vet on every module.
	$(GO) vet ./...
	$(GO) vet -tags=e2e,charts,upgrade ./...
	$(GO) -C hack/localcluster vet ./...
	$(GO) -C hack/tools vet ./...
	$(GO) -C hack/tools/bundle vet ./...
	$(GO) -C hack/tools/sbom vet ./...
	$(GO) -C hack/tools/promtool vet ./...
	$(GO) -C hack/tools/charts vet ./...
	$(GO) -C hack/tools/gitops vet ./...
	$(GO) -C test/page vet ./...

.PHONY: vulncheck
vulncheck: $(TOOLS_STAMP) ## Look for known vulnerabilities in what the binary uses; needs vuln.go.dev.
	$(GOVULNCHECK) ./...

##@ Generate it

.PHONY: generate
generate: manifests docs bundle ## Generate everything: deep copies, CRDs, the operator's role, the chart's copies, the API reference, the bundle.

.PHONY: manifests
manifests: $(TOOLS_STAMP) ## Generate deep copies, CRDs and the operator's role from api/ and controllers/.
	@hack/generate.sh manifests "$(ROOT)"

# The first release is what every later one is compared with; after it, this is run no more.
.PHONY: released-chart
released-chart: $(CHARTS_STAMP) ## Pack the chart, and the pods that it makes, as those of the first release in test/upgrade/released.
	rm -f test/upgrade/released/*
	$(BIN)/helm package charts/connector-operator --destination test/upgrade/released
	UPDATE_RELEASED=1 $(GO) test -count=1 ./test/upgrade
	chmod 644 test/upgrade/released/*

.PHONY: docs
docs: $(TOOLS_STAMP) ## Generate docs/api-reference.md from api/.
	@hack/generate.sh docs "$(ROOT)"

.PHONY: bundle
bundle: $(TOOLS_STAMP) ## Generate bundle/ for the Operator Lifecycle Manager from config/ (BUNDLE_VERSION, BUNDLE_IMAGE).
	@BUNDLE_VERSION=$(BUNDLE_VERSION) BUNDLE_IMAGE=$(BUNDLE_IMAGE) hack/generate.sh bundle "$(ROOT)"

.PHONY: verify-generated
verify-generated: $(TOOLS_STAMP) ## Fail if a generated file differs from what its source generates.
	@hack/verify-generated.sh

.PHONY: verify-kustomize
verify-kustomize: $(TOOLS_STAMP) ## Render every kustomization.
	@hack/verify-kustomize.sh $(KUSTOMIZE)

##@ Build it

.PHONY: build
build: ## Build the static binary dist/connector-operator.
	$(GO) run ./hack/image -version $(VERSION) -fips $(FIPS) -o $(DIST)/connector-operator

.PHONY: kubectl-plugin
kubectl-plugin: ## Build dist/kubectl-lienthong; on the PATH, it is the plugin kubectl lienthong.
	$(GO) run ./hack/image -version $(VERSION) -os $(shell $(GO) env GOOS) -o $(DIST)/kubectl-lienthong

.PHONY: image
image: $(TOOLS_STAMP) ## Build the image dist/connector-operator.tar without a container engine, and print its digest (PLATFORMS, FIPS).
	@$(programs)
	@$(assemble) $(binaries) $(if $(SBOM),-sbom $(SBOM)) -description "$(DESCRIPTION)" -ref $(IMAGE) \
		-o $(DIST)/connector-operator.tar $(PUSH)

.PHONY: images
images: build $(TOOLS_STAMP) ## Build the images of the operator and of the demo's stand-ins (IMAGES_AT=registry.example PUSH=-push).
	$(call static,stand-in-hub,./test/hub)
	$(call static,stand-in-agency-system,./test/agencysystem)
	@for name in connector-operator stand-in-hub stand-in-agency-system; do \
		$(assemble) -binary $(DIST)/$$name -ref $(IMAGES_AT)/$$name:$(VERSION) -o $(DIST)/$$name.tar $(PUSH); \
	done

.PHONY: sbom
sbom: ## Write dist/connector-operator.cdx.json, the modules of the binary with their licences, and fail on one that is not permissive.
	@$(programs)
	@SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(GO) -C hack/tools/sbom run . -version $(VERSION) -o $(DIST)/connector-operator.cdx.json $(paths)

.PHONY: build-installer
build-installer: $(TOOLS_STAMP) ## Write dist/install.yaml, everything that deploy installs (IMAGE=..., COMPONENTS="report").
	@hack/build-installer.sh $(KUSTOMIZE) $(VERSION) $(IMAGE) $(DIST)/install.yaml $(COMPONENTS)

.PHONY: release
release: $(TOOLS_STAMP) $(CHARTS_STAMP) ## Write a release into dist/VERSION: binaries, images, manifests, bundle, charts, SBOM, checksums (VERSION=v0.1.0).
	@hack/release.sh $(VERSION) $(IMAGES_AT) $(DIST)/$(VERSION)

.PHONY: verify-reproducible
verify-reproducible: $(TOOLS_STAMP) ## Build the image in two places, as two users, and compare the digests (CACHE=empty: the second compiles everything anew).
	@hack/verify-reproducible.sh $(BIN)/image $(CACHE)

# programs builds the operator for every platform; binaries says where they are.
comma := ,
platforms = $(subst $(comma), ,$(PLATFORMS))
programs = $(foreach p,$(platforms),$(GO) run ./hack/image -version $(VERSION) -fips $(FIPS) \
	-os $(word 1,$(subst /, ,$(p))) -arch $(word 2,$(subst /, ,$(p))) -o $(DIST)/$(subst /,-,$(p))/connector-operator;)
paths    = $(foreach p,$(platforms),$(DIST)/$(subst /,-,$(p))/connector-operator)
binaries = $(foreach p,$(platforms),-binary $(p)=$(DIST)/$(subst /,-,$(p))/connector-operator)
assemble = SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(BIN)/image -version $(VERSION) -revision $(REVISION)

# static builds one program so that an image needs nothing else: $(call static,<name>,<package>)
static = CGO_ENABLED=0 GOOS=linux $(GO) build -trimpath -ldflags="-s -w -buildid=" -o $(DIST)/$(1) $(2)

##@ Run it in a cluster

.PHONY: cluster-up
cluster-up: ## Start a local cluster (CLUSTER=dev); real pods as root on Linux, simulated ones otherwise.
	$(GO) -C hack/localcluster run . up --name $(CLUSTER)

.PHONY: cluster-down
cluster-down: ## Stop the local cluster and remove its data.
	$(GO) -C hack/localcluster run . down --name $(CLUSTER)

.PHONY: cluster-status
cluster-status: ## Say whether the local cluster runs, and where its kubeconfig is.
	$(GO) -C hack/localcluster run . status --name $(CLUSTER)

.PHONY: cluster-load
cluster-load: image ## Give the local cluster the operator's image, and print the reference by digest for IMAGE.
	$(GO) -C hack/localcluster run . load-image --name $(CLUSTER) --archive $(DIST)/connector-operator.tar --ref $(IMAGE)

.PHONY: install
install: ## Install the CRDs into the cluster of KUBECONFIG.
	$(GO) run ./hack/apply -k config/crd --wait

.PHONY: uninstall
uninstall: ## Remove the CRDs, and with them every object of their kinds.
	$(GO) run ./hack/apply -k config/crd --delete --wait

.PHONY: deploy
deploy: ## Install the operator (IMAGE=...) into the cluster of KUBECONFIG.
	$(GO) run ./hack/apply -k config/default --set-image connector-operator=$(IMAGE) --wait

.PHONY: undeploy
undeploy: ## Remove the operator, its CRDs and every object of their kinds.
	$(GO) run ./hack/apply -k config/default --delete --wait

##@ Clean up

.PHONY: clean
clean: ## Remove what was built; local clusters are left alone.
	rm -rf "$(BIN)" "$(DIST)"

# --- tools -----------------------------------------------------------------------------------------------------------

$(TOOLS_STAMP):
	@mkdir -p $(BIN)
	$(GO) -C hack/tools build -trimpath -o $(BIN)/ tool ./...
	@rm -f $(BIN)/.tools-* && touch $@

$(LINT_STAMP):
	@mkdir -p $(BIN)
	$(GO) -C hack/tools/lint build -trimpath -o $(GOLANGCI_LINT) sigs.k8s.io/kube-api-linter/cmd/golangci-lint-kube-api-linter
	@rm -f $(BIN)/.lint-* && touch $@

# Without the tag, promtool brings the clients of two dozen clouds along, in which it looks for targets; nothing here asks it to.
$(PROMTOOL_STAMP):
	@mkdir -p $(BIN)
	$(GO) -C hack/tools/promtool build -trimpath -tags remove_all_sd -o $(PROMTOOL) github.com/prometheus/prometheus/cmd/promtool
	@rm -f $(BIN)/.promtool-* && touch $@

$(CHARTS_STAMP):
	@mkdir -p $(BIN)
	$(GO) -C hack/tools/charts build -trimpath -o $(BIN)/ tool ./...
	$(GO) -C hack/tools/helmunittest build -trimpath -o $(BIN)/ tool
	$(GO) -C hack/tools/kubescore build -trimpath -o $(BIN)/ tool
	@rm -f $(BIN)/.charts-* && touch $@
