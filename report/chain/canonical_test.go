package chain

import (
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// The form is fixed for good: a digest that was noted years ago has to come out again.
func TestCanonicalForm(t *testing.T) {
	r := sealed(t, report(nil, 1, 1))
	text := links(t, []v1alpha1.ReadinessReport{r})[0].Text
	canonical, err := Canonical(text)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"content":{"agencies":1,"cohorts":[{"agencies":1,"name":"ready"}],"entries":[{"agency":"g12","code":"G12","cohort":"ready",` +
		`"deadline":{"boundary":"Before","date":"2018-12-31"},"message":"Quá hạn <1>: \"chưa kết nối\" & chưa xong…","milestone":"pilot",` +
		`"state":"Overdue"}]},"dueAt":"2018-07-01T17:00:00Z","late":false,"part":1,"parts":1,` +
		`"plan":{"generation":1,"hub":"axis","name":"decision-28","timeZone":"Asia/Ho_Chi_Minh"},"sequence":1,` +
		`"takenAt":"2018-07-01T17:00:03Z","trigger":{"period":"2018-07","type":"Cadence"}}`
	if string(canonical) != want {
		t.Errorf("canonical form is\n%s\nwant\n%s", canonical, want)
	}
	// printf '%s' "$want" | sha256sum
	const digest = "70bc3155945d01112cd189d4f8c5abe5a8d7ad46a1502262f66a293a2f4ffb91"
	if r.Spec.SHA256 != digest {
		t.Errorf("digest is %s, want %s", r.Spec.SHA256, digest)
	}
}

// What is written differently in JSON but says the same has the same digest, and a field that nobody knows is digested as well.
func TestDigestIsOfWhatIsSaid(t *testing.T) {
	tests := map[string]struct {
		a, b string
		same bool
	}{
		"order and space":     {`{"a": 1, "b": [1, 2]}`, `{"b":[1,2],"a":1}`, true},
		"escapes":             {`{"a":"ch\u01b0a"}`, `{"a":"chưa"}`, true},
		"numbers":             {`{"a":10}`, `{"a":1e1}`, true},
		"its own digest":      {`{"a":1,"sha256":"x"}`, `{"a":1}`, true},
		"a digest deep in it": {`{"a":{"sha256":"x"}}`, `{"a":{}}`, false},
		"order of a list":     {`{"b":[1,2]}`, `{"b":[2,1]}`, false},
		"unknown field":       {`{"a":1,"z":null}`, `{"a":1}`, false},
		"forms of a letter":   {`{"a":"\u00e1"}`, `{"a":"a\u0301"}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, err := Digest([]byte(tt.a))
			if err != nil {
				t.Fatal(err)
			}
			b, err := Digest([]byte(tt.b))
			if err != nil {
				t.Fatal(err)
			}
			if (a == b) != tt.same {
				t.Errorf("digests are %s and %s", a, b)
			}
		})
	}
}

func TestName(t *testing.T) {
	long := strings.Repeat("a", 240) + "."
	tests := map[string]struct {
		plan     string
		sequence int64
		want     string
	}{
		"first":         {"decision-28", 1, "decision-28-000001"},
		"seven digits":  {"decision-28", 1234567, "decision-28-1234567"},
		"just fits":     {strings.Repeat("b", 246), 9, strings.Repeat("b", 246) + "-000009"},
		"is cut":        {strings.Repeat("b", 253), 9, strings.Repeat("b", 235) + "-af5a4872cb-000009"},
		"ends in a dot": {long[:234] + "." + strings.Repeat("c", 18), 1, strings.Repeat("a", 234) + "-74a89904ae-000001"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Name(tt.plan, tt.sequence); got != tt.want || len(got) > maxName {
				t.Errorf("name is %s, want %s", got, tt.want)
			}
		})
	}
}
