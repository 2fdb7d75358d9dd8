package samples

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestProfiles(t *testing.T) {
	profiles := load(t).profiles
	if len(profiles) != 10 {
		t.Errorf("there are %d profiles; there is one for each of five levels under each of two regimes", len(profiles))
	}
	for _, data := range readRegimes(t) {
		for level := v1alpha1.SecurityLevel(1); level <= 5; level++ {
			name := fmt.Sprintf("%s-level-%d", data.name, level)
			t.Run(name, func(t *testing.T) {
				profile := profiles[name]
				if profile == nil {
					t.Fatal("there is no profile of this name")
				}
				if profile.Spec.Regime != data.name || profile.Spec.Level != level {
					t.Errorf("it is for level %d of %s", profile.Spec.Level, profile.Spec.Regime)
				}
				compareValidity(t, profile, data)
				compareDuties(t, profile, data.duties)
				compareRequirements(t, profile, data.requirements)
				compareApproval(t, profile, data.approval)
				compareTechnique(t, profile, data)
				compareCitations(t, profile, data)
			})
		}
	}
}

func compareValidity(t *testing.T, profile *v1alpha1.SecurityProfile, data regimeData) {
	t.Helper()
	want := v1alpha1.Validity{From: data.inForce.From, Until: data.inForce.Until, TransitionUntil: data.transition}
	if got := profile.Spec.Validity; got == nil || *got != want {
		t.Errorf("validity is %+v, and the data say %+v", got, want)
	}
}

func compareDuties(t *testing.T, profile *v1alpha1.SecurityProfile, data map[string]levelData) {
	t.Helper()
	for kind, row := range data {
		value := row.of(profile.Spec.Level)
		at := slices.IndexFunc(profile.Spec.Duties, func(d v1alpha1.Duty) bool { return d.Kind == kind })
		switch {
		case value == noFigure && at >= 0:
			t.Errorf("it has the duty %s, which the data do not ask for", kind)
		case value != noFigure && at < 0:
			t.Errorf("it lacks the duty %s", kind)
		case at >= 0:
			compareDuty(t, profile.Spec.Duties[at], value)
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
	case isNumber && (duty.DueSoonDays == nil || float64(*duty.DueSoonDays) >= months*28):
		t.Errorf("%s is not told to be due soon, or is so all the time", duty.Kind)
	case !isNumber && duty.DueSoonDays != nil:
		t.Errorf("%s never falls due, so it is never due soon", duty.Kind)
	case duty.Independent != nil:
		t.Errorf("%s says who may perform it, and the data do not", duty.Kind)
	}
}

// compareRequirements compares what is asked of the whole system. What is not asked for is left out.
func compareRequirements(t *testing.T, profile *v1alpha1.SecurityProfile, data map[string]levelData) {
	t.Helper()
	want := map[string]string{}
	for name, row := range data {
		if value := fmt.Sprint(row.of(profile.Spec.Level)); value != noFigure && value != "false" {
			want[name] = value
		}
	}
	for _, requirement := range profile.Spec.SystemRequirements {
		if requirement.Value != want[requirement.Name] {
			t.Errorf("%s is %q, and the data say %q", requirement.Name, requirement.Value, want[requirement.Name])
		}
		delete(want, requirement.Name)
	}
	for name, value := range want {
		t.Errorf("it lacks %s, which is %q in the data", name, value)
	}
}

// dossierRule is how the data say how long it takes to answer an incomplete dossier.
var dossierRule = regexp.MustCompile(`incomplete dossier is answered within ([0-9]+) working days`)

func compareApproval(t *testing.T, profile *v1alpha1.SecurityProfile, data approvalData) {
	t.Helper()
	row, asked := data.levels[profile.Spec.Level]
	got := profile.Spec.Approval
	if got == nil || !asked {
		if got != nil || asked {
			t.Errorf("approval is %+v, and the data say %+v", got, row)
		}
		return
	}
	if row.Approver == "same" {
		row.Approver = row.Appraiser
	}
	compareParty(t, "appraiser", got.Appraiser, row.Appraiser)
	compareParty(t, "approver", got.Approver, row.Approver)
	if !equal(got.AppraisalWorkingDays, row.AppraisalDays) || !equal(got.ApprovalWorkingDays, row.ApprovalDays) {
		t.Errorf("the working days differ from the data: %+v", row)
	}
	rules := strings.Join(data.rules, "\n")
	var dossier *int32
	if found := dossierRule.FindStringSubmatch(rules); found != nil {
		days, err := strconv.ParseInt(found[1], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		dossier = new(int32(days))
	}
	if !equal(got.DossierWorkingDays, dossier) {
		t.Errorf("dossierWorkingDays differ from the rules of the data: %s", rules)
	}
	if forbids := strings.Contains(rules, "no splitting or merging"); forbids != (got.LoweringArticle != "") {
		t.Errorf("loweringArticle is %q, and the rules of the data are: %s", got.LoweringArticle, rules)
	}
}

// compareParty compares who is responsible. An organisation that is one of the agencies refers to it.
func compareParty(t *testing.T, what string, got v1alpha1.ResponsibleParty, text string) {
	t.Helper()
	want := v1alpha1.ResponsibleParty{Role: v1alpha1.RoleOrganisation, Name: strings.TrimSuffix(text, " (list)")}
	switch text {
	case "the agency's specialised security unit":
		want.Role = v1alpha1.RoleSecurityUnit
	case "the system's owner":
		want.Role = v1alpha1.RoleSystemOwner
	}
	for _, agency := range readAgencies(t) {
		if agency.En == want.Name {
			want.AgencyRef, want.OtherNames = &v1alpha1.ObjectReference{Name: agency.slug()}, []string{agency.Vi}
		}
	}
	if want.Name == "Prime Minister" {
		want.OtherNames = []string{"Thủ tướng Chính phủ"}
	}
	if got.Role != want.Role || got.Name != want.Name || (got.AgencyRef == nil) != (want.AgencyRef == nil) ||
		got.AgencyRef != nil && *got.AgencyRef != *want.AgencyRef || !slices.Equal(got.OtherNames, want.OtherNames) {
		t.Errorf("the %s is %+v, and the data say %q", what, got, text)
	}
}

// compareTechnique checks the project's own choices against the requirements that they are to meet.
func compareTechnique(t *testing.T, profile *v1alpha1.SecurityProfile, data regimeData) {
	t.Helper()
	spec := profile.Spec
	if floor := "VersionTLS" + strings.ReplaceAll(data.transport.TLSMinimum.Value, ".", ""); string(spec.TLS.MinVersion) < floor {
		t.Errorf("tls.minVersion is %s, and the data ask for %s at least", spec.TLS.MinVersion, floor)
	}
	if spec.Certificate.KeyAlgorithm == v1alpha1.KeyAlgorithmRSA && spec.Certificate.KeySize < data.transport.RSAMinimumBits.Value {
		t.Errorf("keys have %d bits, and the data ask for %d at least", spec.Certificate.KeySize, data.transport.RSAMinimumBits.Value)
	}
	if rest := 3 * spec.Certificate.RenewBefore.Duration; rest != spec.Certificate.Duration.Duration {
		t.Errorf("a certificate of %s is renewed %s before its end, which is not a third of its life",
			spec.Certificate.Duration.Duration, spec.Certificate.RenewBefore.Duration)
	}
	if spec.Cryptography.FIPS140 == v1alpha1.FIPS140Enabled {
		t.Error("it asks for FIPS 140, and the data do not")
	}
	if data.name == regimeNow {
		compareWithFigures(t, spec, data.requirements)
	} else if spec.Workload.MaxImageAgeMonths != nil {
		t.Error("it bounds the age of images, and the data have no figure that this could be derived from")
	}
}

// compareWithFigures checks what stands for a figure of the whole system.
func compareWithFigures(t *testing.T, spec v1alpha1.SecurityProfileSpec, data map[string]levelData) {
	t.Helper()
	if standby, _ := data["hotStandby"].of(spec.Level).(bool); standby != (spec.Workload.MinReplicas >= 2) {
		t.Errorf("it has %d replicas, and the data say hotStandby %v", spec.Workload.MinReplicas, standby)
	}
	if controlled := spec.Level >= 3; controlled != (spec.Network.Egress == v1alpha1.EgressControlled) {
		t.Errorf("egress is %s; outbound traffic is controlled from level 3 on", spec.Network.Egress)
	}
	months, isNumber := data["sbomRefreshMonths"].of(spec.Level).(float64)
	if age := spec.Workload.MaxImageAgeMonths; isNumber != (age != nil) || isNumber && float64(*age) != months {
		t.Errorf("maxImageAgeMonths is not the sbomRefreshMonths %v of the data", data["sbomRefreshMonths"].of(spec.Level))
	}
}

// TestRegimesDoNotDisturb: a hub that changes its regime issues no certificate anew and moves no pod for it.
func TestRegimesDoNotDisturb(t *testing.T) {
	profiles := load(t).profiles
	for level := v1alpha1.SecurityLevel(1); level <= 5; level++ {
		now := profiles[fmt.Sprintf("%s-level-%d", regimeNow, level)].Spec
		before := profiles[fmt.Sprintf("%s-level-%d", regimeBefore, level)].Spec
		// The age of images is not enforced on a pod, so it may differ.
		before.Workload.MaxImageAgeMonths = now.Workload.MaxImageAgeMonths
		if fmt.Sprint(now.Certificate) != fmt.Sprint(before.Certificate) || now.Workload != before.Workload || now.Network != before.Network {
			t.Errorf("at level %d the regimes differ in certificates, pods or network", level)
		}
	}
}

// TestCertificateLivesShrink: levels do not inherit, but no higher level may let a key live longer than a lower one.
func TestCertificateLivesShrink(t *testing.T) {
	profiles := load(t).profiles
	for _, regime := range []string{regimeNow, regimeBefore} {
		for level := v1alpha1.SecurityLevel(2); level <= 5; level++ {
			lower := profiles[fmt.Sprintf("%s-level-%d", regime, level-1)].Spec.Certificate.Duration
			higher := profiles[fmt.Sprintf("%s-level-%d", regime, level)].Spec.Certificate.Duration
			if higher.Duration > lower.Duration {
				t.Errorf("%s: a key lives %s at level %d and only %s at level %d", regime, higher.Duration, level, lower.Duration, level-1)
			}
		}
	}
}

func equal(a, b *int32) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
