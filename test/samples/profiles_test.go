package samples

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	regime      = "nd331-2026"
	requirement = "requirement." + v1alpha1.GroupName + "/"
	// noFigure is how the data say that the law sets none.
	noFigure = "-"
)

// levelData is one row of security-levels.yaml: a value per level, and what is said about all of them.
type levelData map[string]any

func (l levelData) of(level v1alpha1.SecurityLevel) any { return l[fmt.Sprint(level)] }

func (l levelData) confidence() string { return fmt.Sprint(l["confidence"]) }

// profileData is security-levels.yaml, as far as this regime goes.
type profileData struct {
	duties, figures map[string]levelData
	approval        map[string]json.RawMessage
}

type approvalData struct {
	Appraiser, Approver         string
	AppraisalDays, ApprovalDays *int32
}

func readProfiles(t *testing.T) profileData {
	t.Helper()
	const file = "security-levels.yaml"
	data := profileData{
		duties: read[struct {
			Levels struct{ Duties map[string]levelData }
		}](t, file).Levels.Duties,
		figures: read[struct{ Levels map[string]levelData }](t, file).Levels,
		approval: read[struct {
			Approval map[string]map[string]json.RawMessage
		}](t, file).Approval[regime],
	}
	// It is a figure with an interval, so the profile has it as a duty.
	data.duties["SBOMRefresh"] = data.figures["sbomRefreshMonths"]
	for _, other := range []string{"duties", "sbomRefreshMonths", "assessmentMonths-nd85"} {
		delete(data.figures, other)
	}
	return data
}

func TestProfiles(t *testing.T) {
	profiles := load(t).profiles
	data := readProfiles(t)
	if len(profiles) != 5 {
		t.Errorf("there are profiles for %d levels; there are 5", len(profiles))
	}
	for level := v1alpha1.SecurityLevel(1); level <= 5; level++ {
		t.Run(fmt.Sprint("level ", level), func(t *testing.T) {
			profile := profiles[level]
			if profile == nil {
				t.Fatal("there is no profile")
			}
			if want := fmt.Sprintf("%s-level-%d", regime, level); profile.Name != want || profile.Spec.Regime != regime {
				t.Errorf("it is %s of regime %s, want %s", profile.Name, profile.Spec.Regime, want)
			}
			compareDuties(t, profile, data.duties)
			compareFigures(t, profile, data.figures)
			compareApproval(t, profile, data.approval)
			compareTechnique(t, profile, data.figures)
		})
	}
}

func compareDuties(t *testing.T, profile *v1alpha1.SecurityProfile, data map[string]levelData) {
	t.Helper()
	for kind, row := range data {
		value := row.of(profile.Spec.Level)
		at := slices.IndexFunc(profile.Spec.Duties, func(d v1alpha1.Duty) bool { return d.Kind == kind })
		if value == noFigure {
			if at >= 0 {
				t.Errorf("it has the duty %s, which the data do not ask for", kind)
			}
			continue
		}
		if at < 0 {
			t.Errorf("it lacks the duty %s", kind)
			continue
		}
		compareDuty(t, profile.Spec.Duties[at], value)
		text := profile.Annotations[citation+"duties."+kind]
		if !says(text, "confidence: "+row.confidence()) {
			t.Errorf("the citation of %s is %q; the data say confidence: %s", kind, text, row.confidence())
		}
	}
	for _, duty := range profile.Spec.Duties {
		if data[duty.Kind] == nil {
			t.Errorf("the data know no duty %s", duty.Kind)
		}
	}
}

// compareDuty compares one duty with its value in the data: a number of months, or words, which then set no interval.
func compareDuty(t *testing.T, duty v1alpha1.Duty, value any) {
	t.Helper()
	months, isNumber := value.(float64)
	switch {
	case isNumber && (duty.IntervalMonths == nil || float64(*duty.IntervalMonths) != months):
		t.Errorf("%s has another interval than %v months", duty.Kind, months)
	case !isNumber && duty.IntervalMonths != nil:
		t.Errorf("%s has an interval of %d months; the data only say %q", duty.Kind, *duty.IntervalMonths, value)
	case !isNumber && duty.Note == "":
		t.Errorf("%s has no note that says %q", duty.Kind, value)
	case value == "periodic" && !strings.HasPrefix(duty.Note, "Periodic"):
		t.Errorf("the note of %s is %q; it should say that it is periodic", duty.Kind, duty.Note)
	}
}

// compareFigures compares what the API has no field for, and the profile therefore says in annotations.
func compareFigures(t *testing.T, profile *v1alpha1.SecurityProfile, data map[string]levelData) {
	t.Helper()
	for name, row := range data {
		want := fmt.Sprint(row.of(profile.Spec.Level))
		if want == noFigure || want == "false" {
			want = ""
		}
		if got := profile.Annotations[requirement+name]; got != want {
			t.Errorf("%s is %q, and the data say %q", name, got, want)
		}
		if want != "" && !says(profile.Annotations[citation+name], "confidence: "+row.confidence()) {
			t.Errorf("%s is not cited with confidence: %s", name, row.confidence())
		}
	}
}

func compareApproval(t *testing.T, profile *v1alpha1.SecurityProfile, data map[string]json.RawMessage) {
	t.Helper()
	var row approvalData
	if err := json.Unmarshal(data[fmt.Sprint(profile.Spec.Level)], &row); err != nil {
		t.Fatal(err)
	}
	if row.Approver == "same" {
		row.Approver = row.Appraiser
	}
	got := profile.Spec.Approval
	if got == nil || got.Appraiser.Name != row.Appraiser || got.Approver.Name != row.Approver {
		t.Fatalf("approval is %+v, and the data say %+v", got, row)
	}
	if !equal(got.AppraisalWorkingDays, row.AppraisalDays) || !equal(got.ApprovalWorkingDays, row.ApprovalDays) {
		t.Errorf("the working days differ from the data: %+v", row)
	}
	fields := []string{"approval.appraiser", "approval.approver"}
	if row.AppraisalDays != nil {
		fields = append(fields, "approval.appraisalWorkingDays", "approval.approvalWorkingDays")
	}
	for _, field := range fields {
		if !cites(profile.Annotations, field) {
			t.Errorf("%s has no citation", field)
		}
	}
}

// compareTechnique checks the project's own choices against the requirements that they are to meet.
func compareTechnique(t *testing.T, profile *v1alpha1.SecurityProfile, data map[string]levelData) {
	t.Helper()
	spec := profile.Spec
	for _, field := range []string{
		"tls.minVersion", "certificate.keyAlgorithm", "certificate.keySize", "certificate.duration", "certificate.renewBefore",
		"workload.minReplicas", "workload.spreadHosts", "workload.spreadZones", "network.egress",
	} {
		if !cites(profile.Annotations, field) {
			t.Errorf("%s has no citation with a confidence, and is not marked as derived", field)
		}
	}
	if standby, _ := data["hotStandby"].of(spec.Level).(bool); standby != (spec.Workload.MinReplicas >= 2) {
		t.Errorf("it has %d replicas, and the data say hotStandby %v", spec.Workload.MinReplicas, standby)
	}
	if controlled := spec.Level >= 3; controlled != (spec.Network.Egress == v1alpha1.EgressControlled) {
		t.Errorf("egress is %s; outbound traffic is controlled from level 3 on", spec.Network.Egress)
	}
	if rest := 3 * spec.Certificate.RenewBefore.Duration; rest != spec.Certificate.Duration.Duration {
		t.Errorf("a certificate of %s is renewed %s before its end, which is not a third of its life",
			spec.Certificate.Duration.Duration, spec.Certificate.RenewBefore.Duration)
	}
}

// TestCertificateLivesShrink: levels do not inherit, but no higher level may let a key live longer than a lower one.
func TestCertificateLivesShrink(t *testing.T) {
	profiles := load(t).profiles
	for level := v1alpha1.SecurityLevel(2); level <= 5; level++ {
		lower, higher := profiles[level-1].Spec.Certificate.Duration, profiles[level].Spec.Certificate.Duration
		if higher.Duration > lower.Duration {
			t.Errorf("a key lives %s at level %d and only %s at level %d", higher.Duration, level, lower.Duration, level-1)
		}
	}
}

func equal(a, b *int32) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
