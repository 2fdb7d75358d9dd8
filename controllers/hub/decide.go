package hub

import (
	"context"
	"slices"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/anchors"
	"lienthong.gov.vn/connector-operator/controllers/revocations"
	"lienthong.gov.vn/connector-operator/controllers/rollover"
)

// decide settles what is revoked, whose turn it is, and which anchors go. While the anchors cannot be read, the rollover stands still.
func (r *Reconciler) decide(ctx context.Context, s *scope, now time.Time) (err error) {
	s.hub.Status.RevokedIdentities = revokedIdentities(s, now)
	if s.revocations, err = revocations.Resolve(ctx, r.Client, s.hub, now); err != nil || s.bundle == nil {
		return err
	}
	s.operatorsOwn = s.operatorAnchors()
	s.decision = rollover.Plan(fleet(s, now))
	s.kept, err = letGo(s.bundle, s.decision.Drop, now)
	return err
}

// letGo takes out of the bundle the held anchors that nobody relies on, and those that have expired, by which nobody can prove
// anything. It never takes the last: a gateway without any anchor could not be told of the next one.
func letGo(bundle *anchors.Bundle, unused []string, now time.Time) (*anchors.Bundle, error) {
	going, staying := slices.Clone(unused), false
	for i := range bundle.Anchors {
		if a := &bundle.Anchors[i]; a.State == v1alpha1.TrustAnchorHeld && !a.NotAfter.After(now) {
			going = append(going, a.SHA256)
		}
	}
	for i := range bundle.Anchors {
		a := &bundle.Anchors[i]
		staying = staying || a.State != v1alpha1.TrustAnchorDistrusted && !slices.Contains(going, a.SHA256)
	}
	if !staying {
		return bundle, nil
	}
	return bundle.Without(going...)
}
