//go:build charts

package cluster

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/config/crd"
	"lienthong.gov.vn/connector-operator/hack/manifests"
	"lienthong.gov.vn/connector-operator/install/crds"
)

const job = "connector-operator-crds"

// definitionsAreBroughtUpToDate does what the Job before an upgrade does, with the rights that the chart gives it.
func definitionsAreBroughtUpToDate(t *testing.T) {
	admin, limited := as(t, ""), as(t, job)
	text := mustHelm(t, "template", release, "--kube-version=1.36.0", chart("connector-operator"), "--values", operatorValues())
	giveRights(t, admin, text)
	definitions, err := crd.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := crds.Apply(t.Context(), limited, definitions, &out); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := crds.Apply(t.Context(), limited, definitions, &out); err != nil || strings.Count(out.String(), "was up to date") != len(definitions) {
		t.Errorf("applied once more, all is to be up to date: %v\n%s", err, &out)
	}

	changed, removed := "agencies.lienthong.gov.vn", "dutywaivers.lienthong.gov.vn"
	edit(t, admin, changed, func(d *apiextensionsv1.CustomResourceDefinition) {
		d.Spec.Names.ShortNames = []string{"old"}
		d.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["ofAnOlderOne"] = apiextensionsv1.JSONSchemaProps{Type: "string"}
	})
	if err := admin.Delete(t.Context(), definition(t, admin, removed)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		if err := admin.Get(t.Context(), types.NamespacedName{Name: removed}, &apiextensionsv1.CustomResourceDefinition{}); !apierrors.IsNotFound(err) {
			return fmt.Errorf("%s is not gone: %w", removed, err)
		}
		return nil
	})
	out.Reset()
	if err := crds.Apply(t.Context(), limited, definitions, &out); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{changed + " was brought up to date", removed + " was made"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("it does not say %q:\n%s", line, &out)
		}
	}
	now := definition(t, admin, changed)
	properties := now.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties
	if _, old := properties["ofAnOlderOne"]; old || now.Spec.Names.ShortNames[0] == "old" {
		t.Errorf("the definition is not what the operator carries: %v %v", now.Spec.Names, properties)
	}
}

// definitionsAreNotTakenBack holds that nothing is changed where objects may be stored in a version that is not known.
func definitionsAreNotTakenBack(t *testing.T) {
	admin, limited := as(t, ""), as(t, job)
	giveRights(t, admin, mustHelm(t, "template", release, "--kube-version=1.36.0", chart("connector-operator"), "--values", operatorValues()))
	definitions, err := crd.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	newer, other := "noticequeues.lienthong.gov.vn", "agencies.lienthong.gov.vn"
	edit(t, admin, newer, func(d *apiextensionsv1.CustomResourceDefinition) {
		next := *d.Spec.Versions[0].DeepCopy()
		next.Name = "v1"
		d.Spec.Versions[0].Storage = false
		d.Spec.Versions = append(d.Spec.Versions, next)
	})
	edit(t, admin, other, func(d *apiextensionsv1.CustomResourceDefinition) { d.Spec.Names.ShortNames = []string{"old"} })
	changed := definition(t, admin, other).Generation
	err = crds.Apply(t.Context(), limited, definitions, &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), newer+" has objects that are stored as v1") {
		t.Errorf("the definition of a newer operator is taken back: %v", err)
	}
	if definition(t, admin, other).Generation != changed {
		t.Errorf("although it was refused, %s was changed", other)
	}
}

// theJobMayDoNothingElse holds that the rights of the Job end at these definitions.
func theJobMayDoNothingElse(t *testing.T) {
	admin, limited := as(t, ""), as(t, job)
	giveRights(t, admin, mustHelm(t, "template", release, "--kube-version=1.36.0", chart("connector-operator"), "--values", operatorValues()))
	for _, name := range []string{"certificates.cert-manager.io", "issuers.cert-manager.io"} {
		theirs := &apiextensionsv1.CustomResourceDefinition{}
		if err := limited.Get(t.Context(), types.NamespacedName{Name: name}, theirs); !apierrors.IsForbidden(err) {
			t.Errorf("reading %s: %v, want it to be forbidden", name, err)
		}
	}
	if err := limited.Delete(t.Context(), definition(t, admin, "agencies.lienthong.gov.vn")); !apierrors.IsForbidden(err) {
		t.Errorf("deleting a definition: %v, want it to be forbidden", err)
	}
}

// giveRights applies what of a rendered chart is the Job's: Helm has taken it away after the Job ended.
func giveRights(t *testing.T, admin client.Client, rendered string) {
	t.Helper()
	objects, err := manifests.Read("the chart", strings.NewReader(rendered))
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for _, object := range objects {
		switch object.GetKind() {
		case "ServiceAccount", "ClusterRole", "ClusterRoleBinding":
		default:
			continue
		}
		if object.GetName() != job {
			continue
		}
		given++
		err := admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("charts-test"), client.ForceOwnership)
		if err != nil {
			t.Fatal(err)
		}
	}
	const all = 3
	if given != all {
		t.Fatalf("the Job has %d objects for its rights, want %d", given, all)
	}
	limited := as(t, job)
	eventually(t, func() error {
		return limited.Get(t.Context(), types.NamespacedName{Name: "agencies.lienthong.gov.vn"}, &apiextensionsv1.CustomResourceDefinition{})
	})
}

func definition(t *testing.T, c client.Client, name string) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	d := &apiextensionsv1.CustomResourceDefinition{}
	if err := c.Get(t.Context(), types.NamespacedName{Name: name}, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// edit changes a definition, as the one of an older or newer operator.
func edit(t *testing.T, c client.Client, name string, change func(*apiextensionsv1.CustomResourceDefinition)) {
	t.Helper()
	// The API server writes the status of a definition meanwhile.
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		d := definition(t, c, name)
		change(d)
		return c.Update(t.Context(), d, client.FieldOwner("Helm"))
	})
	if err != nil {
		t.Fatal(err)
	}
}
