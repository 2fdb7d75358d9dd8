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

func TestCohorts(t *testing.T) {
	const ministry, province, department = v1alpha1.AgencyTypeMinistry, v1alpha1.AgencyTypeProvince, v1alpha1.AgencyTypeDepartment
	named := v1alpha1.Cohort{Name: "named", Agencies: []string{"mof", "mpi", "gone"}}
	north := v1alpha1.Cohort{Name: "north", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"region": "north"}}}
	rest := v1alpha1.Cohort{Name: "rest", AllOthers: &v1alpha1.AllOthers{}}
	provinces := v1alpha1.Cohort{Name: "rest", AllOthers: &v1alpha1.AllOthers{Types: []v1alpha1.AgencyType{province}}}
	usual := []v1alpha1.Cohort{rest, named, north}
	old := superseded
	tests := map[string]struct {
		cohorts []v1alpha1.Cohort
		agency  v1alpha1.Agency
		merged  []v1alpha1.Agency
		want    []string
	}{
		"by name":                              {usual, agency("mof", ministry, ""), nil, []string{"named"}},
		"by label":                             {usual, agency("hanoi", province, "north"), nil, []string{"north"}},
		"by both, which is a mistake":          {usual, agency("mof", ministry, "north"), nil, []string{"named", "north"}},
		"all others":                           {usual, agency("hue", province, ""), nil, []string{"rest"}},
		"all others of some types":             {[]v1alpha1.Cohort{named, provinces}, agency("hue", province, ""), nil, []string{"rest"}},
		"not of that type":                     {[]v1alpha1.Cohort{named, provinces}, agency("mofa", ministry, ""), nil, nil},
		"superseded, although it is named":     {usual, old(agency("mpi", ministry, "")), nil, nil},
		"superseded, although it is selected":  {usual, old(agency("hatay", province, "north")), nil, nil},
		"superseded, and one of all others":    {usual, old(agency("hatay", province, "")), nil, nil},
		"its predecessor's, before all others": {usual, agency("new", ministry, ""), []v1alpha1.Agency{old(agency("mpi", ministry, ""))}, []string{"named"}},
		"its own, before its predecessor's": {
			usual, agency("mof", ministry, ""), []v1alpha1.Agency{old(agency("hatay", province, "north"))}, []string{"named"},
		},
		"the first of several predecessors', in the order of the plan": {
			usual, agency("new", ministry, ""), []v1alpha1.Agency{old(agency("hatay", province, "north")), old(agency("mpi", ministry, ""))},
			[]string{"named"},
		},
		"one that names a predecessor twice over is no mistake of the successor": {
			usual, agency("new", ministry, ""), []v1alpha1.Agency{old(agency("mpi", ministry, "north"))}, []string{"named"},
		},
		"all others, by the type of a predecessor": {
			[]v1alpha1.Cohort{named, provinces}, agency("new", department, ""), []v1alpha1.Agency{old(agency("hatay", province, ""))}, []string{"rest"},
		},
		"a predecessor of no cohort": {
			[]v1alpha1.Cohort{named, provinces}, agency("new", department, ""), []v1alpha1.Agency{old(agency("x", ministry, ""))}, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ready(t, onePlan(asking(tt.cohorts...))).Cohorts(&tt.agency, tt.merged)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("cohorts (-want +got):\n%s", diff)
			}
		})
	}
}

// asking is cohorts, with the plan's milestone asked of the first.
func asking(list ...v1alpha1.Cohort) func(*v1alpha1.RolloutPlan) {
	return func(p *v1alpha1.RolloutPlan) { cohorts(list...)(p); p.Spec.Milestones[0].Cohort = list[0].Name }
}

func TestWhoStandsInThePlan(t *testing.T) {
	plan := onePlan(excepted(nil), cohorts(v1alpha1.Cohort{Name: "ready-2018", Agencies: []string{"moj", "hanoi"}}))
	p := ready(t, plan)
	if diff := cmp.Diff([]string{"hanoi", "mof", "moj"}, p.Named()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for _, name := range []string{"hanoi", "mof", "moj"} {
		if !p.Names(name) {
			t.Errorf("the plan does not name %s", name)
		}
	}
	if p.Names("hue") {
		t.Error("the plan names hue")
	}
}
