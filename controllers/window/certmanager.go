package window

import (
	"slices"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// margin is what has to lie between the opening of the last window and the end of a certificate: an hour by which the clocks may have
// been moved, and the time to issue and to serve the new one.
const margin = time.Hour + 10*time.Minute

// CertManager gives the windows to cert-manager, for certificates of that life which are renewed that long before their end. It gives
// nil where cert-manager shall not know of them: if there are none, and if the end of a certificate may come between two of them.
//
// cert-manager takes windows as a preference. It renews at renewBefore if a window is open then, and otherwise when the next one opens,
// even if that is up to a window's length after the end of the certificate. If none opens until then, it renews at renewBefore, but
// holds the Certificate for not ready from its issuance on (reason WindowError), which would take down a Connector that
// works. So it learns of windows only if one certainly opens between the time of renewal and the end of every certificate;
// else it renews at renewBefore at any time, since no promise could be kept anyway.
//
// A start that the clocks skip has no window for cert-manager that day, and one that they show twice has two. Whoever needs the
// certificate in time has to look at its end all the same, and to ask for a renewal that cannot wait for Next.
func (s Set) CertManager(life, renewBefore time.Duration) *cmapi.CertificateRenewal {
	if renewBefore <= 0 || renewBefore >= life {
		renewBefore = life / 3 // as cert-manager does
	}
	if s.Unrestricted() || s.longestWait()+margin > renewBefore {
		return nil
	}
	renewal := &cmapi.CertificateRenewal{Policy: cmapi.CertificateRenewalPolicyRenewBefore}
	for i := range s.windows {
		w := &s.windows[i]
		renewal.Windows = append(renewal.Windows, cmapi.CertificateRenewalWindows{
			Timezone: w.zone.String(), WindowDuration: &metav1.Duration{Duration: w.duration}, Cron: w.cron(),
		})
	}
	return renewal
}

// longestWait is the longest time for which no window is open. It looks at two weeks, so that each window opens twice; the weeks are
// like any others but for the hour by which clocks are moved, for which there is the margin.
func (s Set) longestWait() time.Duration {
	week := time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	all := slices.Concat(s.openings(week), s.openings(week.AddDate(0, 0, ahead-1)))
	slices.SortFunc(all, func(a, b opening) int { return a.start.Compare(b.start) })
	var longest time.Duration
	for i, until := 1, all[0].end; i < len(all); i++ {
		longest = max(longest, all[i].start.Sub(until))
		if all[i].end.After(until) {
			until = all[i].end
		}
	}
	return longest
}
