package hub

import (
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// bundleOf makes a bundle of anchors written as name and state.
func bundleOf(t *testing.T, list ...string) (bundle *anchors.Bundle, named map[string]string) {
	t.Helper()
	hub := &v1alpha1.ExchangeHub{}
	named = map[string]string{}
	for _, entry := range list {
		name, state, _ := strings.Cut(entry, " ")
		ca, err := pki.NewCA(name)
		if err != nil {
			t.Fatal(err)
		}
		named[name] = anchors.Fingerprint(ca.Certificate)
		if state == "Held" {
			hub.Status.TrustAnchors = append(hub.Status.TrustAnchors, v1alpha1.ObservedTrustAnchor{
				Name: name, SHA256: named[name], State: v1alpha1.TrustAnchorHeld, Certificate: string(ca.PEM()),
			})
			continue
		}
		hub.Spec.TrustAnchors = append(hub.Spec.TrustAnchors, v1alpha1.TrustAnchor{
			Name: name, PEM: string(ca.PEM()), Distrusted: new(state == "Distrusted"),
		})
	}
	bundle, err := anchors.Resolve(t.Context(), nil, hub, "system")
	if err != nil {
		t.Fatal(err)
	}
	return bundle, named
}

func TestLetGo(t *testing.T) {
	// The authorities of tests are valid for five years from now on.
	for name, tt := range map[string]struct {
		anchors []string
		unused  []string
		years   int
		want    string
	}{
		"nothing to let go":         {[]string{"new Trusted", "old Held"}, nil, 0, "new old"},
		"one that nobody relies on": {[]string{"new Trusted", "old Held"}, []string{"old"}, 0, "new"},
		"one that has expired":      {[]string{"new Trusted", "old Held"}, nil, 6, "new"},
		"never the last":            {[]string{"bad Distrusted", "old Held"}, []string{"old"}, 0, "bad old"},
	} {
		t.Run(name, func(t *testing.T) {
			bundle, named := bundleOf(t, tt.anchors...)
			var unused []string
			for _, n := range tt.unused {
				unused = append(unused, named[n])
			}
			kept, err := letGo(bundle, unused, time.Now().AddDate(tt.years, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, a := range kept.Anchors {
				names = append(names, a.Name)
			}
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("what stays is %q, want %q", got, tt.want)
			}
		})
	}
}
