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

// CertManager gives the windows to cert-manager, for certificates of that life which are renewed that long before their end. It leaves
// out each window that may not open between the time of renewal and the end of some certificate, and gives nil if none is left.
//
// cert-manager takes windows as a preference. It renews at renewBefore if a window is open then, and otherwise when the next one opens,
// even if that is up to a window's length after the end of the certificate. If none opens until then it renews at renewBefore, but
// holds the Certificate for not ready from its issuance on (reason WindowError), which would take down a Connector that works;
// v1.21 does so even if only the last window of the list does not open. So it learns of a window only if that one always comes in
// time. Without windows it renews at renewBefore at any time: whoever gets nil although there are windows has to look after them.
//
// A start that the clocks skip has no window for cert-manager that day, and one that they show twice has two. Whoever needs the
// certificate in time has to look at its end all the same, and to ask for a renewal that cannot wait for Next.
func (s Set) CertManager(life, renewBefore time.Duration) *cmapi.CertificateRenewal {
	if renewBefore <= 0 || renewBefore >= life {
		renewBefore = life / 3 // as cert-manager does
	}
	certain := s.within(renewBefore)
	if certain.Unrestricted() {
		return nil
	}
	renewal := &cmapi.CertificateRenewal{Policy: cmapi.CertificateRenewalPolicyRenewBefore}
	for i := range certain.windows {
		w := &certain.windows[i]
		renewal.Windows = append(renewal.Windows, cmapi.CertificateRenewalWindows{
			Timezone: w.zone.String(), WindowDuration: &metav1.Duration{Duration: w.duration}, Cron: w.cron(),
		})
	}
	return renewal
}

// within gives those of the windows that each open in every stretch of that length.
func (s Set) within(stretch time.Duration) Set {
	var certain Set
	for _, w := range s.windows {
		if w.longestWait()+margin <= stretch {
			certain.windows = append(certain.windows, w)
		}
	}
	return certain
}

// longestWait is the longest time from one opening to the next. It looks at two weeks, in which each window opens twice at least; they
// are like any others but for the hour by which clocks are moved, for which there is the margin.
func (w *window) longestWait() time.Duration {
	alone := Set{windows: []window{*w}}
	week := time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)
	all := slices.Concat(alone.openings(week), alone.openings(week.AddDate(0, 0, ahead-1)))
	slices.SortFunc(all, func(a, b opening) int { return a.start.Compare(b.start) })
	var longest time.Duration
	for i := range all[1:] {
		longest = max(longest, all[i+1].start.Sub(all[i].end))
	}
	return longest
}
