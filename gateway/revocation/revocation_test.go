package revocation

import (
	"crypto/x509"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

const (
	main12 = "spiffe://example.gov.vn/agency/G12/connector/g12/main"
	whole  = `{"apiVersion": "gateway.lienthong.gov.vn/v1alpha1", "serialNumbers": ["ab1"], "agencies": ["G12"],
		"identities": [{"spiffeID": "` + main12 + `", "validBefore": "2026-03-01T07:00:00+07:00"}]}`
)

func TestCheck(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	until := func(id string) *List { return &List{Identities: []Identity{{SPIFFEID: id, ValidBefore: noon}}} }
	serials := &List{SerialNumbers: []string{"ab1", "ff"}}
	agency := &List{Agencies: []string{"G12"}}
	cases := []struct {
		name   string
		list   *List
		id     string
		serial int64
		from   time.Time
		want   string // part of the reason, or "" if it is not revoked
	}{
		{"no list", nil, main12, 0xab1, noon, ""},
		{"an empty list", &List{}, main12, 0xab1, noon, ""},
		{"the serial", serials, main12, 0xab1, noon, "serial ab1 is revoked"},
		{"the serial of no identity", serials, "", 0xff, noon, "serial ff is revoked"},
		{"another serial", serials, main12, 0xab, noon, ""},
		{"the agency", agency, main12, 1, noon, "every certificate of agency G12"},
		{"the agency in another trust domain", agency, "spiffe://other.gov.vn/agency/G12/connector/x/y", 1, noon, "agency G12"},
		{"a unit below the agency", agency, "spiffe://example.gov.vn/agency/G12.18/connector/x/y", 1, noon, ""},
		{"an agency with a longer code", agency, "spiffe://example.gov.vn/agency/G122/connector/x/y", 1, noon, ""},
		{"the code elsewhere", agency, "spiffe://example.gov.vn/hub/agency/G12/x", 1, noon, ""},
		{"the agency's own path", agency, "spiffe://example.gov.vn/agency/G12", 1, noon, ""},
		{"no identity", agency, "", 1, noon, ""},
		{"before the time", until(main12), main12, 1, noon.Add(-time.Second), "became valid up to 2026-03-01T12:00:00Z"},
		{"at the time", until(main12), main12, 1, noon, "became valid up to"},
		{"after the time", until(main12), main12, 1, noon.Add(time.Second), ""},
		{"another identity", until(main12), main12 + "2", 1, noon.Add(-time.Second), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var id spiffeid.ID
			if c.id != "" {
				id = spiffeid.RequireFromString(c.id)
			}
			err := c.list.Check(&x509.Certificate{SerialNumber: big.NewInt(c.serial), NotBefore: c.from}, id)
			if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("the answer is %v and not %q", err, c.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	cases := []struct{ name, old, new, want string }{
		{"nothing", whole, "", "not the expected JSON"},
		{"cut short", `]}`, ``, "not the expected JSON"},
		{"something behind", `]}`, `]} {}`, "not the expected JSON"},
		{"unknown field", `"agencies"`, `"agency"`, `unknown field "agency"`},
		{"another case", `"agencies"`, `"Agencies"`, `unknown field "Agencies"`},
		{"twice", `"agencies"`, `"serialNumbers": [], "agencies"`, `duplicate field "serialNumbers"`},
		{"type", `["G12"]`, `"G12"`, "not the expected JSON"},
		{"version", `v1alpha1`, `v2`, `apiVersion "gateway.lienthong.gov.vn/v2"; write`},
		{"no version", `"apiVersion": "gateway.lienthong.gov.vn/v1alpha1", `, ``, `apiVersion ""`},
		{"capital serial", `ab1`, `AB1`, `"AB1" is not lower-case`},
		{"serial with zeros", `ab1`, `0ab1`, "leading zeros"},
		{"serial with colons", `ab1`, `ab:01`, "hexadecimal"},
		{"empty serial", `ab1`, ``, "hexadecimal"},
		{"null serial", `"ab1"`, `null`, "hexadecimal"},
		{"empty agency", `G12"]`, `"]`, `agency "" is no code`},
		{"path as agency", `"G12"]`, `"G12/connector"]`, "is no code"},
		{"identity", `spiffe:`, `https:`, "not a SPIFFE ID with a time"},
		{"identity without a time", `, "validBefore": "2026-03-01T07:00:00+07:00"`, ``, "not a SPIFFE ID with a time"},
		{"time", `2026-03-01T07:00:00+07:00`, `tomorrow`, "not the expected JSON"},
		{"time at the end of time", `2026-03-01T07:00:00+07:00`, `9999-12-31T23:59:59-07:00`, "not a SPIFFE ID with a time"},
		{"time that rounds to none", `2026-03-01T07:00:00+07:00`, `0001-01-01T00:00:00.5Z`, "not a SPIFFE ID with a time"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(whole, c.old, c.new, 1)
			if text == whole {
				t.Fatal("the case changes nothing")
			}
			if list, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it gave %+v (%v) and not an error that says %q", list, err, c.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	got, err := Parse([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &List{SerialNumbers: []string{"ab1"}, Agencies: []string{"G12"},
		Identities: []Identity{{SPIFFEID: main12, ValidBefore: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestMarshalHasOneForm: order, duplicates, time zones and parts of seconds do not change the digest; entries do.
func TestMarshalHasOneForm(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	hanoi := time.FixedZone("", 7*60*60)
	one := List{SerialNumbers: []string{"1", "2"}, Agencies: []string{"G12", "H29"},
		Identities: []Identity{{main12, at}, {main12, at.Add(time.Hour)}, {main12 + "2", at}}}
	same := List{SerialNumbers: []string{"2", "1", "2"}, Agencies: []string{"H29", "G12", "G12"},
		Identities: []Identity{{main12 + "2", at.Add(time.Millisecond)}, {main12, at.Add(time.Hour)}, {main12, at.In(hanoi)}, {main12, at}}}
	more := List{SerialNumbers: []string{"1", "2"}, Agencies: []string{"G12", "H29"}, Identities: one.Identities[1:]}
	digest := func(l List) string {
		data, err := Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		return Digest(data)
	}
	if digest(one) != digest(same) {
		t.Error("the same list has two digests")
	}
	if digest(one) == digest(more) || digest(List{}) == digest(one) {
		t.Error("different lists have one digest")
	}
	if same.SerialNumbers[0] != "2" {
		t.Error("the list given was reordered")
	}
	if _, err := Marshal(List{SerialNumbers: []string{"AB"}}); err == nil {
		t.Error("a list that no gateway reads was rendered")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{whole, `{}`, `{"apiVersion": "gateway.lienthong.gov.vn/v1alpha1"}`, strings.Replace(whole, "2026", "0000", 1)} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := Parse(data)
		if err != nil {
			return
		}
		rendered, err := Marshal(*list)
		if err != nil {
			t.Fatalf("what was parsed cannot be rendered: %v", err)
		}
		again, err := Parse(rendered)
		if err != nil {
			t.Fatalf("what was rendered cannot be parsed: %v\n%s", err, rendered)
		}
		twice, err := Marshal(*again)
		if err != nil || Digest(twice) != Digest(rendered) {
			t.Errorf("rendered and parsed again, it differs (%v):\n%s\n%s", err, rendered, twice)
		}
	})
}
