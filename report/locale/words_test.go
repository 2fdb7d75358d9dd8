package locale

import (
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestDueOn(t *testing.T) {
	for _, test := range []struct {
		deadline v1alpha1.Deadline
		vi, en   string
	}{
		{v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"}, "trước ngày 31/12/2018", "before 31/12/2018"},
		{v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: "2018-09-06"}, "chậm nhất ngày 06/09/2018", "on or before 06/09/2018"},
		{v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: "2019-01-01"}, "kể từ ngày 01/01/2019", "from 01/01/2019 on"},
		{v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "soon"}, "trước ngày soon", "before soon"},
	} {
		if vi, en := Vietnamese.DueOn(test.deadline), English.DueOn(test.deadline); vi != test.vi || en != test.en {
			t.Errorf("%+v is %q and %q, want %q and %q", test.deadline, vi, en, test.vi, test.en)
		}
	}
}

func TestStepsAreNamedInBothLanguages(t *testing.T) {
	for what := range steps() {
		if vi, en := Vietnamese.Step(what), English.Step(what); vi == "" || en == "" || vi == what || en == what || vi == en {
			t.Errorf("%s is %q and %q", what, vi, en)
		}
	}
	if got := Vietnamese.Step("ContractSigned"); got != "ContractSigned" {
		t.Errorf("a kind of a plan of one's own is %q", got)
	}
}

// What the shipped profiles call a party is said in the reader's language.
func TestPartiesAreNamedInBothLanguages(t *testing.T) {
	files, err := filepath.Glob("../../config/profiles/*/level-*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d profiles: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var profile v1alpha1.SecurityProfile
		if err := yaml.UnmarshalStrict(text, &profile); err != nil {
			t.Fatal(err)
		}
		approval := profile.Spec.Approval
		if approval == nil {
			continue
		}
		for _, who := range []string{approval.Appraiser.Name, approval.Approver.Name} {
			if who != "" && (Vietnamese.Who(who) == who || English.Who(who) != who) {
				t.Errorf("%s: %q is %q and %q", file, who, Vietnamese.Who(who), English.Who(who))
			}
		}
	}
	if got := Vietnamese.Who("Cục A05"); got != "Cục A05" {
		t.Errorf("another party is %q", got)
	}
}
