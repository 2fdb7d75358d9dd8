package crds

import (
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func definition(change ...func(*apiextensionsv1.CustomResourceDefinition)) *apiextensionsv1.CustomResourceDefinition {
	d := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "agencies.lienthong.gov.vn"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Scope:    apiextensionsv1.ClusterScoped,
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1alpha1", Served: true, Storage: true}},
		},
		Status: apiextensionsv1.CustomResourceDefinitionStatus{StoredVersions: []string{"v1alpha1"}},
	}
	for _, c := range change {
		c(d)
	}
	return d
}

func TestJudge(t *testing.T) {
	newer := func(d *apiextensionsv1.CustomResourceDefinition) {
		d.Spec.Versions[0].Storage = false
		d.Spec.Versions = append(d.Spec.Versions, apiextensionsv1.CustomResourceDefinitionVersion{Name: "v1beta1", Served: true, Storage: true})
	}
	storedAnew := func(d *apiextensionsv1.CustomResourceDefinition) {
		d.Status.StoredVersions = []string{"v1alpha1", "v1beta1"}
	}
	tests := map[string]struct {
		live, wanted *apiextensionsv1.CustomResourceDefinition
		want         []string
	}{
		"the same":                         {live: definition(), wanted: definition()},
		"a version more":                   {live: definition(), wanted: definition(newer)},
		"a version less, nothing stored":   {live: definition(newer), wanted: definition()},
		"a version less, something stored": {live: definition(newer, storedAnew), wanted: definition(), want: []string{"stored as v1beta1", "knows only v1alpha1", "status.storedVersions"}},
		"another scope": {
			live:   definition(func(d *apiextensionsv1.CustomResourceDefinition) { d.Spec.Scope = apiextensionsv1.NamespaceScoped }),
			wanted: definition(), want: []string{"is Namespaced in this cluster and Cluster here"},
		},
		"being deleted": {
			live: definition(func(d *apiextensionsv1.CustomResourceDefinition) {
				d.DeletionTimestamp = new(metav1.NewTime(time.Unix(0, 0)))
			}),
			wanted: definition(), want: []string{"is being deleted", "wait until it is gone"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := judge(test.live, test.wanted)
			if (err != nil) != (len(test.want) > 0) {
				t.Fatalf("the judgement is %v, want one that says %q", err, test.want)
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the judgement %q does not say %q", err, part)
				}
			}
		})
	}
}

func TestServed(t *testing.T) {
	condition := func(
		kind apiextensionsv1.CustomResourceDefinitionConditionType, status apiextensionsv1.ConditionStatus,
	) func(*apiextensionsv1.CustomResourceDefinition) {
		return func(d *apiextensionsv1.CustomResourceDefinition) {
			d.Status.Conditions = append(d.Status.Conditions, apiextensionsv1.CustomResourceDefinitionCondition{Type: kind, Status: status, Message: "because"})
		}
	}
	tests := map[string]struct {
		live *apiextensionsv1.CustomResourceDefinition
		want string
	}{
		"nothing known":   {definition(), "NamesAccepted is not known yet"},
		"names taken":     {definition(condition(apiextensionsv1.NamesAccepted, apiextensionsv1.ConditionFalse)), "NamesAccepted is False: because"},
		"not established": {definition(condition(apiextensionsv1.NamesAccepted, apiextensionsv1.ConditionTrue)), "Established is not known yet"},
		"served": {definition(condition(apiextensionsv1.Established, apiextensionsv1.ConditionTrue),
			condition(apiextensionsv1.NamesAccepted, apiextensionsv1.ConditionTrue)), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if is, why := served(test.live); is != (test.want == "") || why != test.want {
				t.Errorf("served: %t, because %q; want %q", is, why, test.want)
			}
		})
	}
}
