package samples

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
)

// TestRecordsMakeCompliant judges a Connector by the records as the operator does, under each profile that the project ships.
func TestRecordsMakeCompliant(t *testing.T) {
	r := load(t)
	today, err := civil.Parse("2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	for name, profile := range r.profiles {
		for _, agency := range []string{"g22", "g12", "h29"} {
			t.Run(name+"/"+agency, func(t *testing.T) {
				connector := r.connectors[agency+"/"+agency].DeepCopy()
				connector.Spec.SecurityLevel = profile.Spec.Level
				c := &compliance.Case{
					Connector: connector, Agency: r.agencies[agency], Owners: []string{agency}, Regime: profile.Spec.Regime, Today: today,
					Profiles: all(r.profiles), Records: Records(connector, r.agencies[agency], profile, today),
				}
				checkRecords(t, c, profile)
			})
		}
	}
}

func checkRecords(t *testing.T, c *compliance.Case, profile *v1alpha1.SecurityProfile) {
	t.Helper()
	names := map[string]bool{}
	for i := range c.Records {
		record := &c.Records[i]
		if denial := compliance.Examine(record, c); denial != nil {
			t.Errorf("%s is not accepted: %s", record.Name, denial.Message)
		}
		for _, problem := range validation.IsDNS1123Subdomain(record.Name) {
			t.Errorf("%s is no name of an object: %s", record.Name, problem)
		}
		names[record.Name] = true
	}
	want := len(profile.Spec.Duties)
	if profile.Spec.Approval != nil {
		want += 3
	}
	if len(names) != want {
		t.Errorf("there are %d records, want %d", len(names), want)
	}
	for _, status := range compliance.Judge(c, []compliance.Subject{{Profile: profile, Ruling: true}}) {
		if !ptr.Deref(status.Satisfied, false) {
			t.Errorf("it is not compliant under %s: %+v", status.Regime, status.Shortfalls)
		}
	}
	if approved := compliance.ApprovedLevel(c); profile.Spec.Approval != nil && (approved == nil || *approved != profile.Spec.Level) {
		t.Errorf("the approved level is %v, want %d", approved, profile.Spec.Level)
	}
}

func all(profiles map[string]*v1alpha1.SecurityProfile) []v1alpha1.SecurityProfile {
	var list []v1alpha1.SecurityProfile
	for _, profile := range profiles {
		list = append(list, *profile)
	}
	return list
}

func TestKebab(t *testing.T) {
	for kind, want := range map[string]string{
		"PenetrationTest": "penetration-test", "SBOMRefresh": "sbomrefresh", "Level2Check": "level2-check", "A": "a",
	} {
		if got := kebab(kind); got != want {
			t.Errorf("kebab(%q) = %q, want %q", kind, got, want)
		}
	}
}
