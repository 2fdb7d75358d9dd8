package connector

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/window"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

const requestedAt = "2026-06-01T11:59:00Z"

// observedOnce is a scope whose status was written once, so that nothing is new.
func observedOnce() *scope {
	s := running()
	s.before.Status = observedStatus(s, noon())
	s.connector.Status = *s.before.Status.DeepCopy()
	return s
}

func request(s *scope, value string) {
	s.connector.Annotations = map[string]string{v1alpha1.AnnotationRenewRequestedAt: value}
}

// onlySundays are windows that are closed at noon, which is on a Monday.
func onlySundays(t *testing.T, s *scope) {
	t.Helper()
	set, err := window.Parse([]v1alpha1.MaintenanceWindow{{
		Days: []v1alpha1.Weekday{"Sunday"}, Start: "02:00", Duration: metav1.Duration{Duration: time.Hour}, TimeZone: "Asia/Ho_Chi_Minh",
	}})
	if err != nil {
		t.Fatal(err)
	}
	s.windows = set
	s.profile.Spec.Certificate.Duration.Duration = 30 * 24 * time.Hour
	s.profile.Spec.Certificate.RenewBefore.Duration = 10 * 24 * time.Hour
	s.leaf.Issued.NotAfter = noon().Add(20 * 24 * time.Hour)
}

func turn(serial string) func(*scope) {
	return func(s *scope) {
		s.hub.Status.Rollover = &v1alpha1.RolloverStatus{
			Phase: v1alpha1.RolloverReissuing,
			Batch: []v1alpha1.RolloverTurn{{Namespace: "g12", Name: "main", FromSerialNumber: serial}},
		}
	}
}

func TestDemanded(t *testing.T) {
	tests := map[string]struct {
		change func(*testing.T, *scope)
		token  string
		urgent bool
		held   bool
	}{
		"nothing": {func(*testing.T, *scope) {}, "", false, false},
		"requested": {
			func(_ *testing.T, s *scope) { request(s, requestedAt) }, "requested/" + requestedAt, false, false,
		},
		"requested before the Connector's first certificate": {
			func(_ *testing.T, s *scope) { request(s, requestedAt); s.before.Status.Certificate = nil }, "", false, false,
		},
		"requested and fulfilled, as the status tells": {
			func(_ *testing.T, s *scope) { request(s, requestedAt); s.before.Status.RenewRequestedAt = requestedAt }, "", false, false,
		},
		"requested and fulfilled, which the status does not tell yet": {
			func(_ *testing.T, s *scope) {
				request(s, requestedAt)
				s.leaf.Replacement = &desired.Replacement{Token: "requested/" + requestedAt, FromRevision: 1}
			}, "", false, false,
		},
		"requested with something that is no time": {
			func(_ *testing.T, s *scope) { request(s, "now") }, "", false, false,
		},
		"requested outside of the windows": {
			func(t *testing.T, s *scope) { onlySundays(t, s); request(s, requestedAt) }, "requested/" + requestedAt, false, true,
		},
		"revoked": {
			func(_ *testing.T, s *scope) { s.revocations.List.SerialNumbers = []string{"abc"} }, "revoked/abc", true, false,
		},
		"revoked outside of the windows": {
			func(t *testing.T, s *scope) { onlySundays(t, s); s.revocations.List.SerialNumbers = []string{"abc"} }, "revoked/abc", true, false,
		},
		"revoked while the Connector waits for its turn with a revision that is lost": {
			func(_ *testing.T, s *scope) {
				s.revocations.List.SerialNumbers, s.ruling.Staged.Lost = []string{"abc"}, true
			}, "revoked/abc", true, false,
		},
		"requested while the Connector waits for its turn with a revision that is lost": {
			func(_ *testing.T, s *scope) { request(s, requestedAt); s.ruling.Staged.Lost = true }, "", false, false,
		},
		"revoked, and so would the next one be": {
			func(_ *testing.T, s *scope) { s.revocations.List.Agencies = []string{"G12"} }, "", false, false,
		},
		"the hub's turn, for another authority behind the same issuer": {
			func(_ *testing.T, s *scope) { turn("abc")(s) }, "authority/abc", true, false,
		},
		"the hub's turn, and the certificate is as the hub wants it": {
			func(_ *testing.T, s *scope) {
				turn("abc")(s)
				s.leaf.Issued.Serial = ""
				s.pods[0].answer.Report.Reliances = []status.Reliance{{Peer: "self", Anchors: []string{"f00d"}}}
				s.bundle.Anchors = []v1alpha1.ObservedTrustAnchor{{SHA256: "f00d", State: v1alpha1.TrustAnchorTrusted}}
				s.hub.Status.Rollover.Batch[0].FromSerialNumber = ""
			}, "", false, false,
		},
		"the hub's turn is done": {
			func(_ *testing.T, s *scope) { turn("abb")(s) }, "", false, false,
		},
		"the hub's turn, for another issuer, which the Certificate tells": {
			func(_ *testing.T, s *scope) { turn("abc")(s); s.hub.Spec.IssuerRef.Name = "other" }, "", false, false,
		},
		"a turn of an earlier spec of the hub": {
			func(_ *testing.T, s *scope) { turn("abc")(s); s.hub.Generation = 7 }, "", false, false,
		},
		"due, and a window comes in time": {
			func(t *testing.T, s *scope) {
				onlySundays(t, s)
				s.leaf.Issued.NotAfter = noon().Add(9 * 24 * time.Hour)
			}, "", false, false,
		},
		"due, and the next window comes too late": {
			func(t *testing.T, s *scope) {
				onlySundays(t, s)
				s.leaf.Issued.NotAfter = noon().Add(5 * 24 * time.Hour)
			}, "expiring/abc", true, false,
		},
		"due, and cert-manager cannot keep to the windows": {
			func(t *testing.T, s *scope) {
				onlySundays(t, s)
				s.profile.Spec.Certificate.RenewBefore.Duration = 7 * 24 * time.Hour
				s.leaf.Issued.NotAfter = noon().Add(7 * 24 * time.Hour)
			}, "due/abc", false, true,
		},
		"not due yet, and cert-manager cannot keep to the windows": {
			func(t *testing.T, s *scope) {
				onlySundays(t, s)
				s.profile.Spec.Certificate.RenewBefore.Duration = 7 * 24 * time.Hour
			}, "", false, false,
		},
		"due and refused, a while ago": {
			func(_ *testing.T, s *scope) { refusedRenewal(s, noon().Add(-time.Second)) }, "retry/abc/3", false, false,
		},
		"due and refused before, of which nothing is told any more": {
			func(_ *testing.T, s *scope) { refusedRenewal(s, noon().Add(-time.Second)); s.leaf.Refused = "" }, "retry/abc/3", false, false,
		},
		"due and refused, just now": {
			func(_ *testing.T, s *scope) { refusedRenewal(s, noon().Add(time.Second)) }, "", false, false,
		},
		"refused, and not due": {
			func(_ *testing.T, s *scope) {
				refusedRenewal(s, noon().Add(-time.Second))
				s.leaf.Issued.NotAfter = noon().Add(48 * time.Hour)
			}, "", false, false,
		},
		"refused": {
			func(_ *testing.T, s *scope) {
				s.revocations.List.SerialNumbers, s.refusal = []string{"abc"}, &refusal{reason: "NamespaceNotListed"}
			}, "", false, false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := observedOnce()
			tt.change(t, s)
			got := decideWhatToDo(s, noon())
			if got.demand == nil {
				got.demand = &demand{}
			}
			if got.demand.token != tt.token || got.demand.urgent != tt.urgent || got.demandHeld != tt.held {
				t.Errorf("demanded %+v, held %t; want %q, urgent %t, held %t", got.demand, got.demandHeld, tt.token, tt.urgent, tt.held)
			}
			if asked := s.replacement(); (asked != nil) != (tt.token != "" && !tt.held) || asked != nil && asked.FromRevision != 2 {
				t.Errorf("the Certificate is to ask for %+v", asked)
			}
		})
	}
}

// A replacement that is asked for keeps the revision that it began from, so that it is fulfilled by the next one.
func TestReplacementIsAskedForOnce(t *testing.T) {
	s := observedOnce()
	request(s, requestedAt)
	first := &desired.Replacement{Token: "requested/" + requestedAt, FromRevision: 2}
	s.leaf.Replacement = first
	s.plan = decideWhatToDo(s, noon())
	if got := s.replacement(); got != first {
		t.Errorf("asked for %+v, want %+v again", got, first)
	}
}

func TestIssuer(t *testing.T) {
	before := v1alpha1.IssuerReference{Name: "before"}
	now := v1alpha1.IssuerReference{Name: "now"}
	foreign := v1alpha1.IssuerReference{Name: "foreign"}
	tests := map[string]struct {
		signed, asked v1alpha1.IssuerReference
		turn          bool
		want          v1alpha1.IssuerReference
	}{
		"as the hub wants":   {now, now, false, now},
		"waits for its turn": {before, before, false, before},
		"has its turn":       {before, before, true, now},
		"has been asked, and the hub's status lags": {before, now, false, now},
		"somebody wrote another issuer":             {before, foreign, false, before},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := observedOnce()
			s.hub.Spec.IssuerRef, s.before.Status.Certificate.IssuerRef, s.leaf.Issuer = now, &tt.signed, tt.asked
			if tt.turn {
				turn("abc")(s)
			}
			if got := s.issuer(); got != tt.want {
				t.Errorf("the leaf is asked of %s, want %s", got.Name, tt.want.Name)
			}
		})
	}
	s := running()
	s.hub.Spec.IssuerRef, s.leaf.Issuer = now, foreign
	if got := s.issuer(); got != now {
		t.Errorf("the first leaf is asked of %s, want the hub's issuer", got.Name)
	}
}

func TestRenewalAccepted(t *testing.T) {
	tests := map[string]struct {
		change func(*testing.T, *scope)
		status metav1.ConditionStatus
		reason string
	}{
		"malformed": {func(_ *testing.T, s *scope) { request(s, "tomorrow") }, "False", v1alpha1.ReasonInvalidRenewRequest},
		"under way": {func(_ *testing.T, s *scope) { request(s, requestedAt) }, "False", "Renewing"},
		"held":      {func(t *testing.T, s *scope) { onlySundays(t, s); request(s, requestedAt) }, "False", "Waiting"},
		"paused":    {func(_ *testing.T, s *scope) { request(s, requestedAt); s.connector.Spec.Paused = new(true) }, "False", "Waiting"},
		"done":      {func(_ *testing.T, s *scope) { request(s, requestedAt); s.before.Status.RenewRequestedAt = requestedAt }, "True", "Renewed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := observedOnce()
			tt.change(t, s)
			s.plan = decideWhatToDo(s, noon())
			got := renewalAccepted(s)
			if len(got) != 1 || got[0].Status != tt.status || got[0].Reason != tt.reason {
				t.Errorf("the condition is %+v, want %s, %s", got, tt.status, tt.reason)
			}
		})
	}
	if got := renewalAccepted(observedOnce()); got != nil {
		t.Errorf("without a request there is the condition %+v", got)
	}
}

// Where cert-manager cannot keep to the windows, the status tells when the operator will ask for the renewal.
func TestRenewalTime(t *testing.T) {
	s := observedOnce()
	theirs := metav1.NewTime(noon().Add(time.Hour))
	s.leaf.RenewalTime = &theirs
	if got := s.renewalTime(); got != &theirs {
		t.Errorf("without windows, the renewal is told for %s, want cert-manager's %s", got, theirs)
	}
	onlySundays(t, s)
	s.profile.Spec.Certificate.RenewBefore.Duration = 7 * 24 * time.Hour
	want := time.Date(2026, 6, 20, 19, 0, 0, 0, time.UTC) // 02:00 of Sunday, 21 June, in Vietnam
	if got := s.renewalTime(); !got.Time.Equal(want) {
		t.Errorf("with a window on Sundays, the renewal is told for %s, want %s", got.UTC(), want)
	}
}

// What can wait is asked for only when the status tells of the leaf that there is, or the reason for that one would be lost.
func TestDemandWaitsUntilTheLeafBeforeIsTold(t *testing.T) {
	s := observedOnce()
	request(s, requestedAt)
	s.before.Status.Certificate.SerialNumber = "abb"
	if got := decideWhatToDo(s, noon()); got.demand != nil || !got.untold || nextLook(s, noon()) != settling {
		t.Errorf("the plan is %+v, and the next look in %s", got, nextLook(s, noon()))
	}
	s.before.Status.Certificate.SerialNumber = s.newestSerial()
	if got := decideWhatToDo(s, noon()); got.demand == nil || got.untold {
		t.Errorf("once it is told, the plan is %+v", got)
	}
}

// refusedRenewal was refused three times, and may be asked for again at the given time.
func refusedRenewal(s *scope, retryAt time.Time) {
	s.profile.Spec.Certificate.RenewBefore.Duration = 36 * time.Hour
	s.leaf.Refused, s.leaf.Failures, s.leaf.RetryAt = "No.", 3, retryAt
}

// While another leaf is awaited, a Connector is looked at now and then, so that nothing depends on hearing of every step.
func TestAwaitedLeafIsLookedFor(t *testing.T) {
	tests := map[string]struct {
		change func(*scope)
		want   time.Duration
	}{
		"nothing is awaited":             {func(*scope) {}, 0},
		"it is being issued":             {func(s *scope) { s.leaf.IssuingSince = noon() }, leastReplacementPause},
		"many are being issued":          {func(s *scope) { s.leaf.IssuingSince, s.replacedAtOnce = noon(), 300 }, 30 * time.Second},
		"it is not as it should be":      {func(s *scope) { s.leaf.Fulfilled = false }, leastReplacementPause},
		"it is to be replaced":           {func(s *scope) { request(s, requestedAt) }, leastReplacementPause},
		"the first has yet to be issued": {func(s *scope) { s.leaf.IssuingSince, s.before.Status.Certificate = noon(), nil }, 0},
		"the Connector is refused":       {func(s *scope) { s.leaf.IssuingSince, s.refusal = noon(), &refusal{} }, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := observedOnce()
			s.leaf.Asked, s.connector.Status.Certificate, s.leaf.Issued.NotAfter = true, nil, noon().Add(1000*time.Hour)
			tt.change(s)
			decideWhatToDo(s, noon())
			if got := nextLook(s, noon()); got != tt.want && (tt.want != 0 || got < time.Hour && got != 0) {
				t.Errorf("the next look is in %s, want %s", got, tt.want)
			}
		})
	}
}
