package samples

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/milestone"
)

// lookingAhead are the two examples of that section: a plan, and what the status of an Agency says then.
func lookingAhead(t *testing.T) (*v1alpha1.RolloutPlan, v1alpha1.AgencyMilestone) {
	t.Helper()
	text, err := os.ReadFile("../../docs/deadlines.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Looking ahead\n")
	section, _, _ = strings.Cut(section, "\n## ")
	examples := block.FindAllStringSubmatch(section, -1)
	if len(examples) != 2 {
		t.Fatalf("the section has %d examples", len(examples))
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	plan, ok := readStrictly(t, scheme, examples[0][2]).(*v1alpha1.RolloutPlan)
	if !ok {
		t.Fatal("the first example is no RolloutPlan")
	}
	var status v1alpha1.AgencyStatus
	if err := yaml.UnmarshalStrict([]byte(examples[1][2]), &status); err != nil || len(status.Milestones) != 1 {
		t.Fatalf("the second example is no status with one milestone: %v", err)
	}
	return plan, status.Milestones[0]
}

// What the page says of its example is what the operator says, by the profile that is shipped.
func TestLookingAheadIsDocumented(t *testing.T) {
	plan, want := lookingAhead(t)
	plan.Generation = 1
	ready, problem := milestone.Compile(plan)
	if problem != nil {
		t.Fatal(problem.Message)
	}
	profile := load(t).profiles["nd331-2026-level-3"]
	if profile == nil {
		t.Fatal("no profile is named nd331-2026-level-3")
	}
	connector := v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"},
		Spec:       v1alpha1.ConnectorSpec{HubRef: plan.Spec.HubRef, SecurityLevel: 3},
	}
	judged := v1alpha1.ComplianceStatus{Regime: "nd331-2026", Profile: profile.Name}
	for _, kind := range []string{v1alpha1.EvidenceLevelAppraisal, v1alpha1.EvidenceLevelApproval} {
		judged.Shortfalls = append(judged.Shortfalls, v1alpha1.Shortfall{Type: v1alpha1.ShortfallLevel, Name: kind})
	}
	connector.Status.Compliance = []v1alpha1.ComplianceStatus{judged}
	on := func(day string) v1alpha1.AgencyMilestone {
		now, err := time.Parse(time.RFC3339, day+"T08:00:00+07:00")
		if err != nil {
			t.Fatal(err)
		}
		return ready.Evaluate("all", milestone.Observation{
			Agency: &v1alpha1.Agency{}, Connectors: []v1alpha1.Connector{connector}, Profiles: []v1alpha1.SecurityProfile{*profile}, Now: now,
		}).Milestones[0]
	}
	if diff := cmp.Diff(want, on("2027-02-01")); diff != "" {
		t.Errorf("the status on 1 February (-documented +judged):\n%s", diff)
	}
	if before, after := on("2027-01-14").State, on("2027-01-15").State; before != v1alpha1.MilestonePending || after != v1alpha1.MilestoneAtRisk {
		t.Errorf("it is %s on 14 January and %s on the 15th", before, after)
	}
	plan.Spec.WorkingCalendar = nil
	if ready, problem = milestone.Compile(plan); problem != nil {
		t.Fatal(problem.Message)
	}
	if got := on("2027-02-01").LatestStart; got != "2027-01-28" {
		t.Errorf("without Tết it could have begun on %s", got)
	}
}
