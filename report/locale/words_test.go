package locale

import (
	"testing"

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
