//go:build e2e

package e2e

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/pki"
)

// revokedWithin is the promise: how long after it is written down a revocation holds at every gateway.
const revokedWithin = 5 * time.Second

// revocationsReachEveryGateway revokes a certificate of the hub, one of a Connector, and a whole agency, under the traffic of all others.
func revocationsReachEveryGateway(t *testing.T) {
	const cast = "h57"
	t.Cleanup(func() { editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.Revocations = nil }) })
	traffic := startCountry(t, cast)
	traffic.begins(t, "revocation of a hub's certificate")
	stolenCertificateIsThrownOut(t)
	traffic.begins(t, "revocation of a Connector's certificate")
	revokedLeafIsReplaced(t, "g14")
	traffic.begins(t, "revocation of an agency")
	revokedAgencyIsOut(t, cast)
	traffic.nothingFailed(t, "revocation of a hub's certificate", "revocation of a Connector's certificate", "revocation of an agency")
}

// stolenCertificateIsThrownOut revokes one certificate of the hub's identity, while the hub goes on with another.
func stolenCertificateIsThrownOut(t *testing.T) {
	t.Helper()
	stolen := must(sign(pairOf(secret(t, "cert-manager", authority)), leaf{}))(t)
	inside := enter(t, stolen, allPods(t))
	inside.stay(t)
	begin := time.Now()
	editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.Revocations = []v1alpha1.Revocation{{SerialNumber: parsed(t, stolen).SerialNumber.Text(16), Reason: v1alpha1.RevocationKeyCompromise}}
	})
	took := inside.thrownOut(t, begin)
	longest := took[len(took)-1]
	measuredf(t, "a certificate was revoked: each of %d pods had cut the open connection and refused another one, the median after %s, the last after %s",
		len(took), round(took[len(took)/2]), round(longest))
	if longest > revokedWithin {
		t.Errorf("the revocation held everywhere after %s, want %s", longest, revokedWithin)
	}
	begin = time.Now()
	editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.Revocations = nil })
	measuredf(t, "the revocation was lifted: the last of %d pods let the certificate in again after %s", len(took), round(inside.letIn(t, begin)))
}

func parsed(t *testing.T, pair pki.Pair) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(pair.Certificate)
	return must(x509.ParseCertificate(block.Bytes))(t)
}

// revokedLeafIsReplaced revokes the very certificate that a Connector serves: it gets another one, with another key.
func revokedLeafIsReplaced(t *testing.T, agency string) {
	t.Helper()
	ask := newAsker(t)
	old := parsed(t, pairOf(secret(t, agency, desired.SecretName(agency))))
	serial := old.SerialNumber.Text(16)
	begin := time.Now()
	editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.Revocations = []v1alpha1.Revocation{{SerialNumber: serial}} })
	eventually(t, func() error {
		c, err := connector(t.Context(), agency)
		if err != nil {
			return err
		}
		r := c.Status.Rotation
		if r == nil || r.FromSerialNumber != serial || r.Reason != v1alpha1.RotationRevoked || r.ServedAt == nil {
			return fmt.Errorf("Connector %s has not replaced its revoked certificate %s: %+v", agency, serial, r)
		}
		return errors.Join(isReady(c), serves(t, ask, agency, c.Status.Certificate.SerialNumber))
	})
	measuredf(t, "a Connector's own certificate was revoked: every pod served another one after %s", round(time.Since(begin)))
	hasAnotherKey(t, agency, old)
	editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.Revocations = nil })
}

func hasAnotherKey(t *testing.T, agency string, old *x509.Certificate) {
	t.Helper()
	now := parsed(t, pairOf(secret(t, agency, desired.SecretName(agency))))
	if bytes.Equal(now.RawSubjectPublicKeyInfo, old.RawSubjectPublicKeyInfo) {
		t.Errorf("the certificate of %s was replaced by one with the same key", agency)
	}
}

// revokedAgencyIsOut revokes every certificate of an agency: its gateway goes, and when the revocation is lifted it comes back with
// another certificate, while the one before stays revoked.
func revokedAgencyIsOut(t *testing.T, agency string) {
	t.Helper()
	before := must(connector(t.Context(), agency))(t)
	kept := pairOf(secret(t, agency, desired.SecretName(agency)))
	old := parsed(t, kept)
	replayIsServed(t, agency, kept)
	known := must(exchangeHub(t.Context()))(t).Status.RevocationDigest
	ask, begin := newAsker(t), time.Now()
	editHub(t, func(s *v1alpha1.ExchangeHubSpec) {
		s.Revocations = []v1alpha1.Revocation{{AgencyRef: &before.Spec.AgencyRef, Reason: v1alpha1.RevocationPrivilegeWithdrawn}}
	})
	everyGatewayKnows(t, ask, begin, agency, known)
	lostItsRight(t, agency, v1alpha1.ReasonAgencyRevoked, begin)
	replayIsRefused(t, agency, kept, begin)
	begin = time.Now()
	editHub(t, func(s *v1alpha1.ExchangeHubSpec) { s.Revocations = nil })
	comesBack(t, before, old, begin)
}

// lostItsRight waits until a Connector that may not act any more says why, runs nowhere, and its identity is revoked.
func lostItsRight(t *testing.T, agency, reason string, begin time.Time) {
	t.Helper()
	eventually(t, func() error {
		c, err := connector(t.Context(), agency)
		if err != nil {
			return err
		}
		return errors.Join(has(c, v1alpha1.ConditionAccepted, metav1.ConditionFalse), because(c, v1alpha1.ConditionAccepted, reason))
	})
	measuredf(t, "%s lost its right (%s): its Connector said so after %s", agency, reason, round(time.Since(begin)))
	c := must(connector(t.Context(), agency))(t)
	eventually(t, func() error {
		_, err := revokedIdentity(t, c.Status.SPIFFEID)
		return err
	})
	measuredf(t, "%s lost its right (%s): its identity was revoked after %s", agency, reason, round(time.Since(begin)))
	eventually(t, func() error {
		pods, err := gatewayPods(t.Context(), agency)
		if err == nil && len(pods) > 0 {
			err = fmt.Errorf("the gateway of %s still has %d pods", agency, len(pods))
		}
		return err
	})
	measuredf(t, "%s lost its right (%s): the last of its pods was leaving after %s", agency, reason, round(time.Since(begin)))
}

func revokedIdentity(t *testing.T, spiffeID string) (*v1alpha1.RevokedIdentity, error) {
	t.Helper()
	hub, err := exchangeHub(t.Context())
	if err != nil {
		return nil, err
	}
	for i := range hub.Status.RevokedIdentities {
		if hub.Status.RevokedIdentities[i].SPIFFEID == spiffeID {
			return &hub.Status.RevokedIdentities[i], nil
		}
	}
	return nil, fmt.Errorf("the identity %s is not revoked", spiffeID)
}

// everyGatewayKnows waits until every pod of every other agency uses the hub's list of revocations, which is another one than before, and
// fails the test if that took longer than is promised. They are asked at the same time: one after the other, the last would be asked long after
// it knew.
func everyGatewayKnows(t *testing.T, ask *asker, begin time.Time, without, before string) {
	t.Helper()
	var knows sync.Map
	eventually(t, func() error {
		hub, err := exchangeHub(t.Context())
		if err != nil {
			return err
		}
		if hub.Status.RevocationDigest == before {
			return errors.New("the hub's list of revocations is still the one before")
		}
		return everyConnectorAtOnce(t.Context(), func(c *v1alpha1.Connector) error {
			if _, there := knows.Load(c.Name); there || c.Name == without {
				return nil
			}
			reports, err := ask.all(t.Context(), c.Name)
			if err != nil {
				return err
			}
			for pod, report := range reports {
				if report.RevocationDigest == "" || report.RevocationDigest != hub.Status.RevocationDigest {
					return fmt.Errorf("pod %s/%s uses the revocations %q, and the hub's are %q", c.Name, pod, report.RevocationDigest, hub.Status.RevocationDigest)
				}
			}
			knows.Store(c.Name, true)
			return nil
		})
	})
	took := time.Since(begin)
	measuredf(t, "every pod of the other agencies used the hub's list of revocations after %s", round(took))
	if took > revokedWithin {
		t.Errorf("the last gateway used the hub's list of revocations after %s, want %s", took, revokedWithin)
	}
}

// comesBack waits until a Connector that has its right again is Ready, with another certificate and another key; what it had before
// stays revoked.
func comesBack(t *testing.T, before *v1alpha1.Connector, old *x509.Certificate, begin time.Time) {
	t.Helper()
	ask := newAsker(t)
	eventually(t, func() error {
		c, err := connector(t.Context(), before.Name)
		if err != nil {
			return err
		}
		if err := errors.Join(isReady(c), allCurrent(c)); err != nil {
			return err
		}
		serial := c.Status.Certificate.SerialNumber
		if serial == old.SerialNumber.Text(16) {
			return fmt.Errorf("Connector %s came back with the certificate %s that it had before", c.Name, serial)
		}
		return serves(t, ask, c.Name, serial)
	})
	measuredf(t, "%s has its right again: Ready with another certificate after %s", before.Name, round(time.Since(begin)))
	hasAnotherKey(t, before.Name, old)
	entry, err := revokedIdentity(t, before.Status.SPIFFEID)
	if err != nil {
		t.Fatalf("the certificates of before are valid again: %v", err)
	}
	now := parsed(t, pairOf(secret(t, before.Name, desired.SecretName(before.Name))))
	if old.NotBefore.After(entry.ValidBefore.Time) || !now.NotBefore.After(entry.ValidBefore.Time) || entry.Until.Time.Before(old.NotAfter) {
		t.Errorf("the entry %+v does not part the certificate from %s (until %s) from the one from %s", entry, old.NotBefore, old.NotAfter, now.NotBefore)
	}
}

func because(c *v1alpha1.Connector, condition, reason string) error {
	for _, got := range c.Status.Conditions {
		if got.Type == condition && got.Reason != reason {
			return fmt.Errorf("%s of Connector %s is %s (%s), want the reason %s", condition, c.Name, got.Reason, got.Message, reason)
		}
	}
	return nil
}
