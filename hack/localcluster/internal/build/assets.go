package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/layout"
)

const (
	certManagerModule = "github.com/cert-manager/cert-manager"
	certManagerRBAC   = "cert-manager-rbac.yaml"
	certManagerCRDs   = "cert-manager-crds.yaml"
)

// Assets names the files made by this package that are applied to a new cluster, in their order.
func Assets() []string { return []string{certManagerCRDs, certManagerRBAC} }

// certManagerAssets takes cert-manager's definitions and roles from the module that the controllers are built from, so
// that they cannot differ from what the controllers expect.
func certManagerAssets(ctx context.Context, moduleDir string, l layout.Cluster) error {
	dir, err := moduleInfo(ctx, moduleDir, certManagerModule, "{{.Dir}}")
	if err != nil {
		return err
	}
	if dir == "" {
		return errors.New("Go has not downloaded " + certManagerModule + ": run `go mod download` in " + moduleDir)
	}
	crds, err := concatenate(filepath.Join(dir, "deploy", "crds", "*.yaml"))
	if err != nil {
		return err
	}
	chart, err := os.ReadFile(filepath.Join(dir, "deploy", "charts", "cert-manager", "templates", "rbac.yaml"))
	if err != nil {
		return fmt.Errorf("read the roles of cert-manager: %w", err)
	}
	rbac, err := renderRBAC(string(chart))
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{certManagerCRDs: crds, certManagerRBAC: rbac} {
		if err := os.WriteFile(l.Asset(name), content, 0o644); err != nil {
			return fmt.Errorf("write the manifests of cert-manager: %w", err)
		}
	}
	return nil
}

func concatenate(pattern string) ([]byte, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("there is nothing like %s: has cert-manager moved its definitions?", pattern)
	}
	slices.Sort(paths)
	var all bytes.Buffer
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read a definition of cert-manager: %w", err)
		}
		fmt.Fprintf(&all, "---\n%s\n", raw)
	}
	return all.Bytes(), nil
}

// The names that the chart's helpers give when a release is called cert-manager and installed in the namespace cert-manager.
const chartHelpers = `{{ define "cert-manager.name" }}cert-manager{{ end }}
{{- define "cert-manager.fullname" }}cert-manager{{ end }}
{{- define "cert-manager.serviceAccountName" }}cert-manager{{ end }}
{{- define "cert-manager.namespace" }}cert-manager{{ end }}
{{- define "labels" }}app.kubernetes.io/managed-by: localcluster{{ end }}`

// renderRBAC renders the one template of the chart that holds roles and bindings. It uses so little of Helm that the text
// template package of the standard library is enough; whatever it may use in a later version fails here by name.
func renderRBAC(chart string) ([]byte, error) {
	root := template.New("rbac")
	root.Funcs(template.FuncMap{
		"quote": func(v any) string { return fmt.Sprintf("%q", v) },
		"nindent": func(n int, s string) string {
			pad := "\n" + strings.Repeat(" ", n)
			return pad + strings.ReplaceAll(s, "\n", pad)
		},
		"include": func(name string, data any) (string, error) {
			var b strings.Builder
			err := root.ExecuteTemplate(&b, name, data)
			return b.String(), err
		},
	})
	if _, err := root.New("helpers").Parse(chartHelpers); err != nil {
		return nil, fmt.Errorf("parse the helpers for cert-manager's chart: %w", err)
	}
	if _, err := root.Parse(chart); err != nil {
		return nil, fmt.Errorf("parse the roles in cert-manager's chart: %w", err)
	}
	values := map[string]any{
		"global": map[string]any{
			"rbac":           map[string]any{"create": true, "aggregateClusterRoles": true},
			"leaderElection": map[string]any{"namespace": "kube-system"},
		},
		// What cert-manager may approve stands among the built-in manifests, which say more than the chart can.
		"disableAutoApproval": true,
	}
	var out bytes.Buffer
	if err := root.Execute(&out, map[string]any{"Values": values, "Release": map[string]any{"Name": "cert-manager"}}); err != nil {
		return nil, fmt.Errorf("render the roles in cert-manager's chart: %w", err)
	}
	return out.Bytes(), nil
}
