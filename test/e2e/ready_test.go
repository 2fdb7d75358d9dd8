//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/hack/livingplan/shift"
)

// counts of a milestone, in the order in which a plan lists them.
type counts struct{ pending, onTrack, atRisk, overdue, met, metLate, exempt int32 }

// wantedCounts are what the plans say once all connectors work and what their levels ask people to do is recorded, but nothing else. The
// living plan's dates lie around today, so there the two deadlines of the ready agencies are not over; nor is that of the transition.
func wantedCounts() map[string]map[string]counts {
	return map[string]map[string]counts{
		"decision-28-2018": {
			"technical-requirements": {overdue: 1}, "contract-signed": {overdue: 1}, "archive-software": {overdue: 1},
			"own-system-connected": {metLate: 1}, "pilot": {metLate: 25}, "official": {metLate: 25}, "connected": {metLate: 1},
		},
		shift.Name: {
			"technical-requirements": {overdue: 1}, "contract-signed": {overdue: 1}, "archive-software": {atRisk: 1},
			"own-system-connected": {metLate: 1}, "pilot": {met: 25}, "official": {met: 25}, "connected": {met: 1},
		},
		"transition-nd331-2026": {"new-measures": {met: 27}},
	}
}

func agenciesAreReady(t *testing.T) {
	measuredf(t, "%d Connectors Ready %s after the first object was applied, building of images included", agencyCount, round(shared.setTook))
	if err := everyConnector(t.Context(), isReady); err != nil {
		t.Fatal(err)
	}
	want := wantedCounts()
	eventually(t, func() error {
		var plans v1alpha1.RolloutPlanList
		if err := shared.stage.Client.List(t.Context(), &plans); err != nil {
			return fmt.Errorf("listing the plans: %w", err)
		}
		got := map[string]map[string]counts{}
		for i := range plans.Items {
			got[plans.Items[i].Name] = countsOf(&plans.Items[i])
		}
		if !maps.EqualFunc(got, want, maps.Equal[map[string]counts, map[string]counts]) {
			return fmt.Errorf("the plans count\n%+v, want\n%+v", got, want)
		}
		return nil
	})
}

func countsOf(plan *v1alpha1.RolloutPlan) map[string]counts {
	number := func(n *int32) int32 {
		if n == nil {
			return 0
		}
		return *n
	}
	result := map[string]counts{}
	for _, m := range plan.Status.Milestones {
		result[m.Name] = counts{
			number(m.Pending), number(m.OnTrack), number(m.AtRisk), number(m.Overdue), number(m.Met), number(m.MetLate), number(m.Exempt),
		}
	}
	return result
}

// podsAreHardened looks at what runs, not at what was asked for: admission, defaults and drift lie in between. The image holds no
// shell, so the pods' specs and the container runtime's word on the image have to tell.
func podsAreHardened(t *testing.T) {
	var list corev1.PodList
	err := shared.stage.Client.List(t.Context(), &list, client.MatchingLabels{desired.LabelManagedBy: desired.ManagedBy})
	if err != nil {
		t.Fatalf("listing the gateway pods: %v", err)
	}
	namespaces := map[string]int{}
	for i := range list.Items {
		pod := &list.Items[i]
		if pod.DeletionTimestamp != nil {
			continue
		}
		namespaces[pod.Namespace]++
		for _, complaint := range complaints(pod) {
			t.Errorf("pod %s/%s %s", pod.Namespace, pod.Name, complaint)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(namespaces)) {
		var namespace corev1.Namespace
		if err := shared.stage.Client.Get(t.Context(), client.ObjectKey{Name: name}, &namespace); err != nil {
			t.Fatalf("reading namespace %s: %v", name, err)
		}
		if level := namespace.Labels["pod-security.kubernetes.io/enforce"]; level != "restricted" {
			t.Errorf("namespace %s enforces the pod security %q, want restricted", name, level)
		}
		if namespaces[name] < 2 {
			t.Errorf("the gateway in namespace %s has %d pods; its level asks for 2", name, namespaces[name])
		}
	}
	if len(namespaces) != agencyCount {
		t.Errorf("gateways run in %d namespaces, want %d", len(namespaces), agencyCount)
	}
	total := 0
	for _, n := range namespaces {
		total += n
	}
	measuredf(t, "%d gateway pods in %d namespaces that enforce restricted pod security", total, len(namespaces))
}

var byDigest = regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)

func complaints(pod *corev1.Pod) []string {
	var found []string
	expect := func(ok bool, complaint string) {
		if !ok {
			found = append(found, complaint)
		}
	}
	spec := &pod.Spec
	expect(spec.AutomountServiceAccountToken != nil && !*spec.AutomountServiceAccountToken, "mounts a token if it can")
	expect(!spec.HostNetwork && !spec.HostPID && !spec.HostIPC, "shares a namespace of its node")
	expect(len(spec.Containers) == 1 && len(spec.InitContainers) == 0 && len(spec.EphemeralContainers) == 0, "has other containers than the gateway")
	for _, volume := range spec.Volumes {
		expect(volume.Projected == nil && volume.HostPath == nil, "has the volume "+volume.Name+", which may hold a token or the node's files")
	}
	for i := range spec.Containers {
		c := &spec.Containers[i]
		expect(byDigest.MatchString(c.Image), "runs the image "+c.Image+", which is not pinned by digest")
		for _, mount := range c.VolumeMounts {
			expect(mount.ReadOnly, "can write to "+mount.MountPath)
		}
		security := c.SecurityContext
		expect(security != nil && security.ReadOnlyRootFilesystem != nil && *security.ReadOnlyRootFilesystem, "can write to its root file system")
		expect(security != nil && security.RunAsNonRoot != nil && *security.RunAsNonRoot, "may run as root")
		expect(security != nil && security.AllowPrivilegeEscalation != nil && !*security.AllowPrivilegeEscalation, "may gain privileges")
		expect(security != nil && security.Capabilities != nil && slices.Equal(security.Capabilities.Drop, []corev1.Capability{"ALL"}) &&
			len(security.Capabilities.Add) == 0, "keeps capabilities")
		expect(security != nil && security.SeccompProfile != nil && security.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
			"has no seccomp profile")
	}
	for _, status := range pod.Status.ContainerStatuses {
		expect(status.Image != "" && byDigest.MatchString(status.ImageID), "runs "+status.ImageID+", of which the runtime knows no digest")
		expect(status.User == nil || status.User.Linux == nil || status.User.Linux.UID != 0, "runs as root")
	}
	return found
}
