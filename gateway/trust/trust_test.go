package trust_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/gateway/trust"
	"lienthong.gov.vn/connector-operator/test/pki"
)

func newCA(t *testing.T, name string) *pki.CA {
	t.Helper()
	ca, err := pki.NewCA(name)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// TestDigest compares with the definition, computed in another way, and with other spellings of the same set.
func TestDigest(t *testing.T) {
	a, b := newCA(t, "a"), newCA(t, "b")
	sums := [][]byte{}
	for _, ca := range []*pki.CA{a, b} {
		sum := sha256.Sum256(ca.Certificate.Raw)
		sums = append(sums, sum[:])
	}
	slices.SortFunc(sums, bytes.Compare)
	whole := sha256.Sum256(bytes.Join(sums, nil))
	want := "sha256:" + hex.EncodeToString(whole[:])
	for name, text := range map[string]string{
		"in order":        string(a.PEM()) + string(b.PEM()),
		"other order":     string(b.PEM()) + string(a.PEM()),
		"comments":        "# root of the state\n" + string(a.PEM()) + "\n# and another\n\n" + string(b.PEM()) + "# end",
		"duplicates":      string(a.PEM()) + string(b.PEM()) + string(a.PEM()),
		"other line ends": strings.ReplaceAll(string(a.PEM())+string(b.PEM()), "\n", "\r\n"),
	} {
		bundle, err := trust.Parse([]byte(text))
		if err != nil || bundle.Digest != want {
			t.Errorf("%s: the bundle is %v (%v) and its digest not %s", name, bundle, err, want)
		}
	}
	if other, err := trust.Parse(a.PEM()); err != nil || other.Digest == want {
		t.Errorf("another set has the same digest (%v)", err)
	}
}

func TestParseRefuses(t *testing.T) {
	a := newCA(t, "a")
	leaf, err := a.Issue(pki.Request{SPIFFEID: "spiffe://example.gov.vn/x"})
	if err != nil {
		t.Fatal(err)
	}
	whole := string(a.PEM())
	for name, c := range map[string]struct{ text, want string }{
		"nothing":    {"", "holds no certificate"},
		"no PEM":     {"hello", "holds no certificate"},
		"a leaf":     {string(leaf.Certificate), "is not a CA"},
		"a key":      {whole + string(leaf.Key), `"PRIVATE KEY" block`},
		"cut short":  {whole + whole[:len(whole)/2], "cut short"},
		"broken DER": {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "not an X.509 certificate"},
	} {
		if _, err := trust.Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v and does not say %q", name, err, c.want)
		}
	}
}
