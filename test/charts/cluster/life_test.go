//go:build charts

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const edited = "nd331-2026-level-3"

// life takes the chart of the operator from its installation to its installation over what was kept. The steps build on each other.
func life(t *testing.T) {
	admin := as(t, "")
	install := func(more ...string) []string {
		return append([]string{"install", release, chart("connector-operator"), "--create-namespace", "--wait", "--values", operatorValues()}, more...)
	}
	upgrade := func(more ...string) []string {
		return append([]string{"upgrade", release, chart("connector-operator"), "--wait", "--values", operatorValues()}, more...)
	}

	notes := mustHelm(t, install()...)
	for _, next := range []string{"helm test " + release, "connector-operator-identity", "agency-connector"} {
		if !strings.Contains(notes, next) {
			t.Errorf("the notes do not say %q:\n%s", next, notes)
		}
	}
	const shipped = 10
	uids := kept(t, admin)
	if len(uids) != shipped+1 {
		t.Errorf("%d profiles and classes are there, want %d", len(uids), shipped+1)
	}

	minReplicas(t, admin, 4)
	_, err := helm(t.Context(), upgrade()...)
	switch conflicts := !strings.HasPrefix(mustHelm(t, "version", "--template", "{{.Version}}"), "v3."); {
	case conflicts && (err == nil || !strings.Contains(err.Error(), "conflict") || !strings.Contains(err.Error(), "minReplicas")):
		t.Errorf("an upgrade over what somebody edited in the cluster is to name the field and stop: %v", err)
	case !conflicts && err != nil:
		t.Errorf("Helm 3 is to leave what somebody edited in the cluster: %v", err)
	}
	if got := replicasOf(t, admin); got != 4 {
		t.Errorf("the upgrade lost the edit: %d replicas, want 4", got)
	}
	overrides := filepath.Join(t.TempDir(), "overrides.yaml")
	text := "profiles: {overrides: {" + edited + ": {workload: {minReplicas: 4}}}}\nmanager: {replicas: 3}\n"
	if err := os.WriteFile(overrides, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	mustHelm(t, upgrade("--values", overrides)...)
	if got := replicasOf(t, admin); got != 4 {
		t.Errorf("written as an override, the edit is lost: %d replicas, want 4", got)
	}
	mustHelm(t, upgrade("--values", overrides, "--set", "profiles.create=false", "--set", "class.create=false")...)
	expectKept(t, admin, uids, "after profiles.create and class.create were turned off")
	mustHelm(t, upgrade("--values", overrides)...)

	mustHelm(t, "uninstall", release, "--wait")
	expectKept(t, admin, uids, "after the removal")
	deployment := &appsv1.Deployment{}
	if err := admin.Get(t.Context(), types.NamespacedName{Namespace: namespace, Name: release}, deployment); !apierrors.IsNotFound(err) {
		t.Errorf("after the removal, the Deployment is still there: %v", err)
	}
	mustHelm(t, install("--values", overrides)...)
	expectKept(t, admin, uids, "after the installation over what was kept")
}

// kept are the UIDs of what outlives a release.
func kept(t *testing.T, c client.Client) map[string]types.UID {
	t.Helper()
	uids := map[string]types.UID{}
	var profiles v1alpha1.SecurityProfileList
	var classes v1alpha1.ConnectorClassList
	if err := c.List(t.Context(), &profiles); err != nil {
		t.Fatal(err)
	}
	if err := c.List(t.Context(), &classes); err != nil {
		t.Fatal(err)
	}
	for i := range profiles.Items {
		uids["SecurityProfile "+profiles.Items[i].Name] = profiles.Items[i].UID
	}
	for i := range classes.Items {
		uids["ConnectorClass "+classes.Items[i].Name] = classes.Items[i].UID
	}
	return uids
}

func expectKept(t *testing.T, c client.Client, want map[string]types.UID, when string) {
	t.Helper()
	got := kept(t, c)
	for name, uid := range want {
		if got[name] != uid {
			t.Errorf("%s, %s has the UID %q, and had %q", when, name, got[name], uid)
		}
	}
}

// minReplicas edits a shipped profile as somebody with kubectl would.
func minReplicas(t *testing.T, c client.Client, replicas int32) {
	t.Helper()
	profile := &v1alpha1.SecurityProfile{}
	profile.Name = edited
	patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"workload":{"minReplicas":%d}}}`, replicas))
	if err := c.Patch(t.Context(), profile, patch, client.FieldOwner("kubectl-edit")); err != nil {
		t.Fatal(err)
	}
}

func replicasOf(t *testing.T, c client.Client) int32 {
	t.Helper()
	profile := &v1alpha1.SecurityProfile{}
	if err := c.Get(t.Context(), types.NamespacedName{Name: edited}, profile); err != nil {
		t.Fatal(err)
	}
	return profile.Spec.Workload.MinReplicas
}
