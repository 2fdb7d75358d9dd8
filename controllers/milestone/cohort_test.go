package milestone

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func agency(name string, agencyType v1alpha1.AgencyType, region string) v1alpha1.Agency {
	return v1alpha1.Agency{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"region": region}},
		Spec:       v1alpha1.AgencySpec{Type: agencyType, Lifecycle: v1alpha1.AgencyActive},
	}
}

func superseded(a v1alpha1.Agency) v1alpha1.Agency {
	a.Spec.Lifecycle = v1alpha1.AgencySuperseded
	return a
}

func cohorts(list ...v1alpha1.Cohort) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) { p.Spec.Cohorts = list }
}

func TestMembers(t *testing.T) {
	named := v1alpha1.Cohort{Name: "named", Agencies: []string{"mof", "moj", "gone"}}
	north := v1alpha1.Cohort{Name: "north", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"region": "north"}}}
	rest := v1alpha1.Cohort{Name: "rest", AllOthers: &v1alpha1.AllOthers{}}
	provinces := v1alpha1.Cohort{Name: "rest", AllOthers: &v1alpha1.AllOthers{Types: []v1alpha1.AgencyType{v1alpha1.AgencyTypeProvince}}}
	agencies := []v1alpha1.Agency{
		agency("mof", v1alpha1.AgencyTypeMinistry, ""),
		superseded(agency("moj", v1alpha1.AgencyTypeMinistry, "")),
		agency("hanoi", v1alpha1.AgencyTypeProvince, "north"),
		agency("hue", v1alpha1.AgencyTypeProvince, "centre"),
		superseded(agency("hatay", v1alpha1.AgencyTypeProvince, "centre")),
		agency("mofa", v1alpha1.AgencyTypeMinistry, ""),
	}
	tests := map[string]struct {
		cohorts  []v1alpha1.Cohort
		want     map[string][]string
		overlaps []Overlap
	}{
		"others are those in no cohort, without the merged ones": {
			cohorts: []v1alpha1.Cohort{rest, named, north},
			want:    map[string][]string{"named": {"mof", "moj"}, "north": {"hanoi"}, "rest": {"hue", "mofa"}},
		},
		"others of some types": {
			cohorts: []v1alpha1.Cohort{named, provinces},
			want:    map[string][]string{"named": {"mof", "moj"}, "rest": {"hanoi", "hue"}},
		},
		"in two cohorts": {
			cohorts:  []v1alpha1.Cohort{{Name: "a", Agencies: []string{"mof", "hanoi", "gone"}}, north, {Name: "b", Agencies: []string{"mof"}}},
			want:     map[string][]string{"a": {"mof", "hanoi"}, "north": {"hanoi"}, "b": {"mof"}},
			overlaps: []Overlap{{"hanoi", []string{"a", "north"}}, {"mof", []string{"a", "b"}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ready(t, onePlan(cohorts(tt.cohorts...))).Members(agencies)
			names := map[string][]string{}
			for cohort, members := range got.Cohorts {
				for _, m := range members {
					names[cohort] = append(names[cohort], m.Name)
				}
			}
			if diff := cmp.Diff(tt.want, names); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.overlaps, got.Overlaps); diff != "" {
				t.Errorf("overlaps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"gone"}, got.Unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExceptionsNameAgenciesToo(t *testing.T) {
	got := ready(t, onePlan(excepted(nil))).Members(nil)
	if diff := cmp.Diff([]string{"mof"}, got.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}
