package rollover

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Fleet is what is known of a hub and of those who rely on its anchors.
type Fleet struct {
	// Now is the time of the pass.
	Now time.Time
	// Issuer that the hub asks for.
	Issuer v1alpha1.IssuerReference
	// Anchors are all that are known: in force (Trusted, Held), or Distrusted.
	Anchors []Anchor
	// Policy of the hub. Where the API's defaults are missing, batches and failures count one, and a turn may take any time.
	Policy v1alpha1.RolloverPolicy
	// Members are the Connectors of the hub.
	Members []Member
	// Before is the status as it was last written; nil at first.
	Before *v1alpha1.RolloverStatus
	// Operator has the anchors that the operator's own certificate ends in, of which any one suffices; nil if it has none.
	Operator []string
}

// Anchor is one certificate of a certification authority.
type Anchor struct {
	Fingerprint string
	Name        string
	State       v1alpha1.TrustAnchorState
	// Was is its state in the status as it was last written; empty if it is new.
	Was v1alpha1.TrustAnchorState
	// UnusedSince is since when it could go; zero if it could not until now.
	UnusedSince time.Time
}

// Member is a Connector as its status tells.
type Member struct {
	Namespace, Name string
	// Excluded is one that is paused or not accepted. It is not moved and holds up nobody; what it relies on is in use.
	Excluded bool
	// Trusting tells that all its pods have loaded the bundle in force.
	Trusting bool
	// HasCertificate is false while nothing was issued; the first certificate comes from the hub's issuer without a turn.
	HasCertificate bool
	// Issuer that signed the newest certificate.
	Issuer v1alpha1.IssuerReference
	// Serial of the newest certificate, and the fingerprint of the anchor that it ends in; the latter is empty if none does.
	Serial, Authority string
	// Renewed tells that it is not the first.
	Renewed bool
	// Served tells that all its pods serve the newest certificate.
	Served bool
	// Uses are the anchors that it relies on.
	Uses []string
	// Eligible tells that its maintenance window is open, or that it cannot wait for it.
	Eligible bool
	// Silent tells that a pod of it could not be asked.
	Silent bool
	// Problem is a whole sentence if it does not work now.
	Problem string
}

// Decision is what follows for the hub.
type Decision struct {
	Status v1alpha1.RolloverStatus
	// Condition RolloverComplete.
	Condition metav1.Condition
	// Uses has for the fingerprint of every known anchor how many rely on it: Connectors, and the operator.
	Uses map[string]int32
	// Drop are the fingerprints of Held anchors that are to leave the bundle now.
	Drop []string
	// UnusedSince has for the fingerprints of Held anchors that are to leave it soon since when they could.
	UnusedSince map[string]time.Time
	// Next is when time alone may change the decision; zero for never.
	Next time.Duration
}

// Plan decides whose turn it is and which anchors may go.
func Plan(f Fleet) Decision { return planBy(realRules(), f) }

func planBy(r rules, f Fleet) Decision {
	v := look(f)
	if r.mayBegin(v) {
		v.begin(r.room(v))
	}
	drop := v.drop(r)
	phase := v.phase(drop)
	return Decision{
		Status: v1alpha1.RolloverStatus{
			Phase:     phase,
			IssuerRef: new(f.Issuer),
			Trusting:  new(v.count(trusting)),
			Reissued:  new(v.count(v.done)),
			Waiting:   new(int32(len(v.waiting()))),
			Batch:     v.batch,
			Failed:    v.failed(),
		},
		Condition:   v.condition(phase),
		Uses:        v.uses,
		Drop:        drop,
		UnusedSince: v.leaving,
		Next:        v.next(),
	}
}

// Turn is the turn of a Connector to take the hub's issuer; nil if it has none, or if the status does not tell of the present
// spec of the hub.
func Turn(hub *v1alpha1.ExchangeHub, namespace, name string) *v1alpha1.RolloverTurn {
	if hub.Status.ObservedGeneration != hub.Generation || hub.Status.Rollover == nil {
		return nil
	}
	for i := range hub.Status.Rollover.Batch {
		if turn := &hub.Status.Rollover.Batch[i]; turn.Namespace == namespace && turn.Name == name {
			return turn
		}
	}
	return nil
}
