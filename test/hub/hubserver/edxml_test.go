package hubserver

import (
	"net/url"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
)

func TestParseEnvelope(t *testing.T) {
	header, err := parseEnvelope(agencyserver.Document{From: "000.00.18.G12", To: []string{"G22", "H29&x"}, Bytes: 10}.Reader())
	if err != nil || header.From != "000.00.18.G12" || strings.Join(header.To, " ") != "G22 H29&x" {
		t.Errorf("the header is %+v (%v)", header, err)
	}
	for text, want := range map[string]string{
		"":                                "no MessageHeader",
		"hello":                           "no MessageHeader",
		"<a><b></a>":                      "not XML",
		"<MessageHeader></MessageHeader>": "no From or no To",
	} {
		if _, err := parseEnvelope(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q was answered with %v", text, err)
		}
	}
}

func TestSameAgency(t *testing.T) {
	cases := []struct {
		peer, from string
		want       bool
	}{
		{"spiffe://vn/agency/G12.18/connector/tax/main", "000.00.18.G12", true},
		{"spiffe://vn/agency/G12.18/connector/tax/main", "G12.18", true},
		{"spiffe://vn/agency/H59.01.01/connector/a/b", "000.01.01.H59", true},
		{"spiffe://vn/agency/G12/connector/tax/main", "000.00.18.G12", false},
		{"spiffe://vn/agency/G12.18/connector/tax/main", "000.00.00.G12", false},
		{"spiffe://vn/hub/national", "G12", false},
		{"spiffe://vn/agency/G12/connector/tax", "G12", false},
	}
	for _, c := range cases {
		peer, err := url.Parse(c.peer)
		if err != nil {
			t.Fatal(err)
		}
		if err := sameAgency(peer, c.from); (err == nil) != c.want {
			t.Errorf("%s may send for %s: %v", c.peer, c.from, err)
		}
	}
}
