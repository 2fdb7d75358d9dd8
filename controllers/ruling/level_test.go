package ruling

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// world is what a Connector main of Agency agency on hub is resolved in, at level 1, without an approval of its own.
func world() (*v1alpha1.Connector, []client.Object) {
	main := connectorOf("g12", "main", "agency", "hub")
	return main, []client.Object{
		main, profileOf(ours, 1), profileOf(ours, 3), profileOf(theirs, 1), profileOf(theirs, 3),
		&v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "agency"}, Spec: v1alpha1.AgencySpec{Namespaces: []string{"g12", "g12-b"}}},
		&v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "hub"}, Spec: v1alpha1.ExchangeHubSpec{Regime: ours}},
	}
}

func connectorOf(namespace, name, agency, hub string) *v1alpha1.Connector {
	return &v1alpha1.Connector{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.ConnectorSpec{
			AgencyRef: v1alpha1.ObjectReference{Name: agency}, HubRef: v1alpha1.ObjectReference{Name: hub}, SecurityLevel: 1,
		},
	}
}

func recordFor(
	connector string, level v1alpha1.SecurityLevel, performedAt v1alpha1.CivilDate, edits ...func(*v1alpha1.ComplianceEvidence),
) *v1alpha1.ComplianceEvidence {
	e := approvalOf(level, performedAt)
	e.Name, e.Spec.ConnectorRef.Name = connector+"-"+string(performedAt), connector
	for _, edit := range edits {
		edit(e)
	}
	return e
}

// Nobody lowers a level by another name.
func TestFloor(t *testing.T) {
	sibling := func(namespace, agency, hub string, approved v1alpha1.SecurityLevel) *v1alpha1.Connector {
		c := connectorOf(namespace, "first", agency, hub)
		c.Status.ApprovedLevel = &approved
		return c
	}
	in := func(namespace string) func(*v1alpha1.ComplianceEvidence) {
		return func(e *v1alpha1.ComplianceEvidence) { e.Namespace = namespace }
	}
	by := func(agency string) func(*v1alpha1.ComplianceEvidence) {
		return func(e *v1alpha1.ComplianceEvidence) {
			e.Spec.PerformedBy = v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: agency}}
		}
	}
	tests := map[string]struct {
		add  []client.Object
		want v1alpha1.SecurityLevel
	}{
		"nothing is approved for any":           {nil, 0},
		"another of the Agency on the hub":      {[]client.Object{sibling("elsewhere", "agency", "hub", 3)}, 3},
		"another of the Agency on another hub":  {[]client.Object{sibling("elsewhere", "agency", "test-hub", 3)}, 0},
		"of another Agency":                     {[]client.Object{sibling("g12", "other", "hub", 3), recordFor("first", 3, "2026-01-10")}, 0},
		"one that was deleted":                  {[]client.Object{recordFor("first", 3, "2026-01-10")}, 3},
		"deleted in the other namespace":        {[]client.Object{recordFor("first", 3, "2026-01-10", in("g12-b"))}, 3},
		"deleted in a foreign namespace":        {[]client.Object{recordFor("first", 3, "2026-01-10", in("h29"))}, 0},
		"deleted, of another Agency":            {[]client.Object{recordFor("first", 3, "2026-01-10", by("other"))}, 0},
		"the newest of each counts":             {[]client.Object{recordFor("first", 3, "2026-01-10"), recordFor("first", 1, "2026-02-10")}, 0},
		"the highest of all":                    {[]client.Object{recordFor("first", 2, "2026-01-10"), recordFor("second", 3, "2026-01-09")}, 3},
		"its own approval rules":                {[]client.Object{recordFor("first", 3, "2026-01-10"), recordFor("main", 1, "2026-02-10")}, 0},
		"created anew, which tells nothing yet": {[]client.Object{connectorOf("g12", "first", "agency", "hub"), recordFor("first", 3, "2026-01-10")}, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			main, objects := world()
			got, err := Resolve(t.Context(), reader(t, append(objects, tt.add...)...), "lienthong-system", main, noon())
			if err != nil {
				t.Fatal(err)
			}
			switch lowered := got.Lowered(); {
			case lowered == nil && tt.want == 0:
			case lowered == nil || lowered.Level != tt.want:
				t.Errorf("the floor is %+v, want %d", lowered, tt.want)
			}
		})
	}
}

// An approved level outlives what is changed around it, until it is corrected or another one is approved.
func TestApprovedLevelIsKept(t *testing.T) {
	three := v1alpha1.SecurityLevel(3)
	under := func(regime string) func(*v1alpha1.ComplianceEvidence) {
		return func(e *v1alpha1.ComplianceEvidence) { e.Spec.Regime = regime }
	}
	corrects := func(e *v1alpha1.ComplianceEvidence) {
		e.Spec.Supersedes = &v1alpha1.RecordReference{Name: "main-2026-01-10"}
		e.Spec.Outcome.Result = v1alpha1.EvidenceFailed
		e.CreationTimestamp = metav1.NewTime(noon())
	}
	// The profile of level 3 asks for an approver whom no record names.
	strict := func(objects []client.Object) {
		for _, o := range objects {
			if p, ok := o.(*v1alpha1.SecurityProfile); ok && p.Spec.Level == 3 {
				p.Spec.Approval = &v1alpha1.ApprovalRequirements{
					Appraiser: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSecurityUnit}, Approver: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner},
				}
			}
		}
	}
	tests := map[string]struct {
		told   *v1alpha1.SecurityLevel
		edit   func([]client.Object)
		add    []client.Object
		expect *v1alpha1.SecurityLevel
	}{
		"approved under the regime before":          {nil, nil, []client.Object{recordFor("main", 3, "2026-01-10", under(theirs))}, &three},
		"approved under both":                       {nil, nil, []client.Object{recordFor("main", 3, "2026-01-10", under(ours)), recordFor("main", 1, "2026-02-10", under(theirs))}, &three},
		"the profile was edited":                    {&three, strict, []client.Object{recordFor("main", 3, "2026-01-10")}, &three},
		"the profile was edited, nothing was told":  {nil, strict, []client.Object{recordFor("main", 3, "2026-01-10")}, nil},
		"the profile was edited, an earlier counts": {&three, strict, []client.Object{recordFor("main", 3, "2026-01-10"), recordFor("main", 1, "2025-01-10")}, &three},
		"a lower level was approved later":          {&three, strict, []client.Object{recordFor("main", 3, "2026-01-10"), recordFor("main", 1, "2026-02-10")}, new(v1alpha1.SecurityLevel(1))},
		"the record is gone":                        {&three, nil, nil, nil},
		"the record was corrected":                  {&three, nil, []client.Object{recordFor("main", 3, "2026-01-10"), recordFor("main", 3, "2026-02-10", corrects)}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			main, objects := world()
			if tt.edit != nil {
				tt.edit(objects)
			}
			main.Status.ApprovedLevel = tt.told
			got, err := Resolve(t.Context(), reader(t, append(objects, tt.add...)...), "lienthong-system", main, noon())
			if err != nil {
				t.Fatal(err)
			}
			if !same(got.Approved, tt.expect) {
				t.Errorf("the approved level is %v, want %v", got.Approved, tt.expect)
			}
		})
	}
}
