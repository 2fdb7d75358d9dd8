package milestone

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// recordedMet is the MilestoneRecord of an agency that met the pilot; metBy may be empty.
func recordedMet(t testing.TB, agency, metAt, metBy string) v1alpha1.MilestoneRecord {
	t.Helper()
	return v1alpha1.MilestoneRecord{
		ObjectMeta: metav1.ObjectMeta{Name: "decision-28.pilot." + agency},
		Spec: v1alpha1.MilestoneRecordSpec{
			Plan: "decision-28", Milestone: "pilot", Agency: agency, MetAt: metav1.Time{Time: at(t, metAt)}, MetBy: metBy,
		},
	}
}

func TestWhatWasMetBefore(t *testing.T) {
	const lost = "No Connector to hub axis acts for the agency."
	of := func(agency, metAt string) v1alpha1.MilestoneRecord { return recordedMet(t, agency, metAt, "") }
	elsewhere := of("mof", "2018-01-01T00:00:00Z")
	elsewhere.Spec.Plan = "another"
	otherwise := of("mof", "2018-01-01T00:00:00Z")
	otherwise.Spec.Milestone = "official"
	tests := map[string]struct {
		inStatus              string
		met                   []v1alpha1.MilestoneRecord
		state                 v1alpha1.MilestoneState
		metAt, metBy, message string
	}{
		"nowhere": {"", []v1alpha1.MilestoneRecord{elsewhere, otherwise}, v1alpha1.MilestonePending, "", "", "Due before 2018-12-31. " + lost},
		"in a record only": {
			"", []v1alpha1.MilestoneRecord{of("mof", "2018-10-05T03:00:00Z")}, v1alpha1.MilestoneMet, "2018-10-05T03:00:00Z", "",
			"Met on 2018-10-05, in time: it was due before 2018-12-31. It no longer holds: " + lost,
		},
		"in the status and in a record": {
			"2018-10-05T03:00:00Z", []v1alpha1.MilestoneRecord{of("mof", "2018-10-05T03:00:00Z")}, v1alpha1.MilestoneMet, "2018-10-05T03:00:00Z", "",
			"Met on 2018-10-05, in time: it was due before 2018-12-31. It no longer holds: " + lost,
		},
		"in two ways": {
			"2018-10-05T03:00:00Z", []v1alpha1.MilestoneRecord{of("mof", "2018-10-04T03:00:00Z")}, v1alpha1.MilestoneMet, "2018-10-05T03:00:00Z", "",
			"Met on 2018-10-05, in time: it was due before 2018-12-31. MilestoneRecord decision-28.pilot.mof tells of 2018-10-04T03:00:00Z instead; " +
				"find out who wrote it. It no longer holds: " + lost,
		},
		"by those that were merged, the first of them": {
			"", []v1alpha1.MilestoneRecord{of("mpi", "2018-10-07T03:00:00Z"), of("zoo", "2018-10-06T03:00:00Z"), of("tax", "2018-10-06T03:00:00Z")},
			v1alpha1.MilestoneMet, "2018-10-06T03:00:00Z", "tax",
			"Met on 2018-10-06 by Agency tax, which was merged into this one, in time: it was due before 2018-12-31. It no longer holds: " + lost,
		},
		"by one that was merged into one that was merged": {
			"", []v1alpha1.MilestoneRecord{recordedMet(t, "mpi", "2018-10-06T03:00:00Z", "tax")}, v1alpha1.MilestoneMet, "2018-10-06T03:00:00Z", "tax",
			"Met on 2018-10-06 by Agency tax, which was merged into this one, in time: it was due before 2018-12-31. It no longer holds: " + lost,
		},
		"by itself, although one that was merged was earlier": {
			"", []v1alpha1.MilestoneRecord{of("mpi", "2018-10-01T03:00:00Z"), of("mof", "2018-10-05T03:00:00Z")},
			v1alpha1.MilestoneMet, "2018-10-05T03:00:00Z", "",
			"Met on 2018-10-05, in time: it was due before 2018-12-31. It no longer holds: " + lost,
		},
		"carried over before": {
			"", []v1alpha1.MilestoneRecord{recordedMet(t, "mof", "2019-01-02T03:00:00Z", "mpi")}, v1alpha1.MilestoneMetLate, "2019-01-02T03:00:00Z", "mpi",
			"Met on 2019-01-02 by Agency mpi, which was merged into this one, late: it was due before 2018-12-31. It no longer holds: " + lost,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := Observation{Agency: mof(t, tt.inStatus), Met: tt.met, Now: at(t, "2018-11-01T00:00:00+07:00")}
			got := ready(t, onePlan()).Evaluate("ready-2018", o).Milestones[0]
			if got.State != tt.state || got.Message != tt.message || format(got.MetAt) != tt.metAt || got.MetBy != tt.metBy {
				t.Errorf("%s at %q by %q: %s\nwant %s at %q by %q: %s", got.State, format(got.MetAt), got.MetBy, got.Message, tt.state, tt.metAt, tt.metBy, tt.message)
			}
			regressed := ""
			if tt.metAt != "" {
				regressed = lost
			}
			if got.Regressed != regressed {
				t.Errorf("regressed is %q, want %q", got.Regressed, regressed)
			}
		})
	}
}

// Nothing has regressed of a milestone that holds, that was never met, or that is not asked of the agency.
func TestNothingHasRegressed(t *testing.T) {
	for name, tt := range map[string]struct {
		plan  *v1alpha1.RolloutPlan
		metAt string
		state string
	}{
		"it holds":     {onePlan(), "2018-10-05T03:00:00Z", "HubConnected=True"},
		"it was not":   {onePlan(), "", "HubConnected=False"},
		"it is exempt": {onePlan(excepted(nil)), "2018-10-05T03:00:00Z", "HubConnected=False"},
	} {
		o := Observation{
			Agency: mof(t, tt.metAt), Connectors: []v1alpha1.Connector{connector("a", tt.state)}, Now: at(t, "2018-11-01T00:00:00+07:00"),
		}
		if got := ready(t, tt.plan).Evaluate("ready-2018", o).Milestones[0]; got.Regressed != "" {
			t.Errorf("%s: regressed is %q", name, got.Regressed)
		}
	}
}
