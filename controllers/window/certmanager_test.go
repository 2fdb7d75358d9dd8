package window

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const day = 24 * time.Hour

func TestCertManager(t *testing.T) {
	got := set(t, each("22:30", 2*time.Hour, hanoi), each("00:05", 90*time.Minute, "UTC", "Saturday", "Sunday", "Monday")).CertManager(90*day, 30*day)
	want := &cmapi.CertificateRenewal{
		Policy: cmapi.CertificateRenewalPolicyRenewBefore,
		Windows: []cmapi.CertificateRenewalWindows{
			{Timezone: hanoi, WindowDuration: &metav1.Duration{Duration: 2 * time.Hour}, Cron: "30 22 * * *"},
			{Timezone: "UTC", WindowDuration: &metav1.Duration{Duration: 90 * time.Minute}, Cron: "5 0 * * 0,1,6"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the renewal differs (-want +got):\n%s", diff)
	}
}

// The weekly window would make cert-manager forget that the nightly one opens.
func TestCertManagerIsSparedWindowsThatMayNotCome(t *testing.T) {
	got := set(t, each("22:00", time.Hour, "UTC"), each("10:00", time.Hour, "UTC", "Sunday")).CertManager(7*day, 2*day)
	if len(got.Windows) != 1 || got.Windows[0].Cron != "0 22 * * *" {
		t.Errorf("cert-manager is told of %+v", got)
	}
}

func TestCertManagerLearnsOfWindowsThatAlwaysCome(t *testing.T) {
	weekly, nightly := each("22:00", 2*time.Hour, hanoi, "Sunday"), each("22:00", 2*time.Hour, hanoi)
	tests := map[string]struct {
		windows           []v1alpha1.MaintenanceWindow
		life, renewBefore time.Duration
		told              bool
	}{
		"none":                                 {nil, 90 * day, 30 * day, false},
		"weekly, a month before the end":       {[]v1alpha1.MaintenanceWindow{weekly}, 90 * day, 30 * day, true},
		"weekly, a week before the end":        {[]v1alpha1.MaintenanceWindow{weekly}, 30 * day, 7 * day, true},
		"weekly, just under the longest wait":  {[]v1alpha1.MaintenanceWindow{weekly}, 30 * day, 7*day - 2*time.Hour + margin - time.Second, false},
		"weekly, five days before the end":     {[]v1alpha1.MaintenanceWindow{weekly}, 30 * day, 5 * day, false},
		"weekly, a life of a day":              {[]v1alpha1.MaintenanceWindow{weekly}, day, 8 * time.Hour, false},
		"nightly, a life of a day":             {[]v1alpha1.MaintenanceWindow{nightly}, day, 8 * time.Hour, false},
		"nightly, two days before the end":     {[]v1alpha1.MaintenanceWindow{nightly}, 7 * day, 2 * day, true},
		"one of them comes often enough":       {[]v1alpha1.MaintenanceWindow{weekly, nightly}, 7 * day, 2 * day, true},
		"nightly, an hour before the end":      {[]v1alpha1.MaintenanceWindow{nightly}, 90 * day, time.Hour, false},
		"always open, a life of a day":         {[]v1alpha1.MaintenanceWindow{each("00:00", day, hanoi)}, day, 8 * time.Hour, true},
		"weekly, no time of renewal: a third":  {[]v1alpha1.MaintenanceWindow{weekly}, 90 * day, 0, true},
		"weekly, renewBefore longer than life": {[]v1alpha1.MaintenanceWindow{weekly}, 12 * day, 30 * day, false},
	}
	for name, tt := range tests {
		if got := set(t, tt.windows...).CertManager(tt.life, tt.renewBefore); (got != nil) != tt.told {
			t.Errorf("%s: cert-manager is told of %+v", name, got)
		}
	}
}

// choose is cert-manager's choice of a time of renewal (pkg/util/pki of v1.21): at once if a window is open at that time, else when
// the next one opens. A window that does not open until its length after the end makes it forget those before it in the list.
func choose(t testing.TB, windows []cmapi.CertificateRenewalWindows, desired, end time.Time) time.Time {
	t.Helper()
	desired = desired.Truncate(time.Second)
	var best time.Time
	for _, w := range windows {
		found := false
		zone, err := time.LoadLocation(w.Timezone)
		if err != nil {
			t.Fatal(err)
		}
		for at := desired.Add(-w.WindowDuration.Duration).Truncate(time.Minute); !at.After(end.Add(w.WindowDuration.Duration)); at = at.Add(time.Minute) {
			if !cronMatches(t, w.Cron, at.In(zone)) || !at.Add(w.WindowDuration.Duration).After(desired) {
				continue
			}
			if !at.After(desired) {
				return desired
			}
			if best.IsZero() || at.Before(best) {
				best = at
			}
			found = true
			break
		}
		if !found {
			best = time.Time{}
		}
	}
	return best
}

func cronMatches(t testing.TB, cron string, at time.Time) bool {
	t.Helper()
	var minute, hour int
	var days string
	if _, err := fmt.Sscanf(cron, "%d %d * * %s", &minute, &hour, &days); err != nil {
		t.Fatalf("cron %q: %v", cron, err)
	}
	return at.Minute() == minute && at.Hour() == hour &&
		(days == "*" || slices.Contains(strings.Split(days, ","), strconv.Itoa(int(at.Weekday()))))
}

// cert-manager finds a time in an open window and before the end of every certificate, so it never complains.
func TestCertManagerFindsTheWindows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		// In zones without a change of clocks cert-manager's windows are exactly ours.
		s := set(t, anyWindows(rt, hanoi, "UTC", "Pacific/Kiritimati", "Asia/Kathmandu")...)
		life := time.Duration(rapid.IntRange(1, 90*24).Draw(rt, "life")) * time.Hour
		renewBefore := time.Duration(float64(life) * rapid.Float64Range(0.05, 0.9).Draw(rt, "part")).Truncate(time.Second)
		renewal := s.CertManager(life, renewBefore)
		if renewal == nil {
			return
		}
		notAfter := anyInstant(rt).Add(life)
		got := choose(t, renewal.Windows, notAfter.Add(-renewBefore), notAfter)
		want := s.within(renewBefore).Next(notAfter.Add(-renewBefore))
		if !got.Equal(want) || !s.Open(got) || !got.Before(notAfter) {
			rt.Fatalf("of a certificate until %s that is renewed %s before, cert-manager would renew at %s, want %s", notAfter, renewBefore, got, want)
		}
	})
}

// Where clocks change cert-manager may miss an opening or see one more, but it finds one before the end.
func TestCertManagerFindsAWindowWhereClocksChange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		renewBefore := 15 * day
		renewal := set(t, anyWindows(rt, newYork)...).CertManager(30*day, renewBefore)
		end := anyInstant(rt)
		if got := choose(t, renewal.Windows, end.Add(-renewBefore), end); got.IsZero() || !got.Before(end) {
			rt.Fatalf("cert-manager would renew at %s a certificate until %s", got, end)
		}
	})
}
