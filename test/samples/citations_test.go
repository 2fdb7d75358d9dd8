package samples

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// compareCitations checks that each figure that is set has a citation, with the confidence of the data or as the project's own choice,
// and that nothing else has one.
func compareCitations(t *testing.T, profile *v1alpha1.SecurityProfile, data regimeData) {
	t.Helper()
	figures := figuresOf(t, profile)
	for _, c := range profile.Spec.Citations {
		if !figures[c.Field] {
			t.Errorf("%s is cited, and the profile does not set it", c.Field)
			continue
		}
		delete(figures, c.Field)
		if want := confidenceOf(profile, data, c.Field); want != "" && c.Confidence != want {
			t.Errorf("%s is cited as %s, and the data say %s", c.Field, c.Confidence, want)
		}
		if own := strings.HasPrefix(c.Source, "The project's own choice"); own != (c.Confidence == derived) {
			t.Errorf("%s is cited as %s with the source %q", c.Field, c.Confidence, c.Source)
		}
	}
	for _, field := range slices.Sorted(maps.Keys(figures)) {
		t.Errorf("%s is set and has no citation", field)
	}
}

// figuresOf are the fields of a profile that say something of their own, in the words of Citation.field.
func figuresOf(t *testing.T, profile *v1alpha1.SecurityProfile) map[string]bool {
	t.Helper()
	text, err := json.Marshal(profile.Spec)
	if err != nil {
		t.Fatal(err)
	}
	var spec map[string]any
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"regime", "level", "citations", "rollout"} {
		delete(spec, other)
	}
	fields := map[string]bool{}
	for part, value := range spec {
		switch value := value.(type) {
		case map[string]any:
			for name := range value {
				fields[part+"."+name] = true
			}
		case []any:
			for _, entry := range value {
				addEntry(t, fields, part, entry)
			}
		default:
			t.Errorf("%s is %v, which this test does not know", part, value)
		}
	}
	return fields
}

// addEntry adds one duty or one requirement. What a duty says beside its interval is cited by itself.
func addEntry(t *testing.T, fields map[string]bool, part string, entry any) {
	t.Helper()
	row, _ := entry.(map[string]any)
	name, _ := row["name"].(string)
	if kind, isDuty := row["kind"].(string); isDuty {
		name = kind
	}
	if name == "" {
		t.Errorf("an entry of %s has no name: %v", part, entry)
	}
	fields[part+"."+name] = true
	for key := range row {
		if !slices.Contains([]string{"kind", "name", "value", "note", "intervalMonths"}, key) {
			fields[part+"."+name+"."+key] = true
		}
	}
}

// confidenceOf is the confidence that the data have for a field of a profile; empty if they do not say.
func confidenceOf(profile *v1alpha1.SecurityProfile, data regimeData, field string) string {
	part, name, _ := strings.Cut(field, ".")
	switch part {
	case "validity":
		return data.confidence
	case "approval":
		return data.approval.confidence
	case "duties":
		if row, found := data.duties[name]; found {
			return row.confidence()
		}
	case "systemRequirements":
		return data.requirements[name].confidence()
	}
	// Two fields of the technical part have a figure of the law; the others are the project's own.
	switch {
	case field == "tls.minVersion" && profile.Spec.TLS.MinVersion == v1alpha1.VersionTLS12:
		return data.transport.TLSMinimum.Confidence
	case field == "network.egress" && data.name == regimeNow && profile.Spec.Network.Egress == v1alpha1.EgressControlled:
		return data.requirements["networkZones"].confidence()
	}
	return derived
}
