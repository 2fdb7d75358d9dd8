package delivery

import (
	"context"
	"fmt"

	"github.com/cert-manager/cert-manager/pkg/api/util"
	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// reasonReplacement is the reason of cert-manager's condition Issuing where the operator set it.
const reasonReplacement = "ReplacementRequested"

// Replace sets cert-manager's condition Issuing, as its own command line does. Which revision is to be replaced stands in the same
// object as the revision that there is, and the write carries the object's version: a replacement is begun exactly once,
// whatever the cache has not seen yet and whenever the operator was restarted.
func (c *CertManager) Replace(ctx context.Context, connector *v1alpha1.Connector) (bool, error) {
	before, err := c.certificate(ctx, connector)
	if err != nil || before == nil {
		return false, err
	}
	wanted := desired.ReplacementOf(before)
	if wanted == nil || wanted.FromRevision != revision(before) || isIssuing(before) {
		return false, nil
	}
	if refused, err := c.clear(ctx, connector, before); err != nil || refused {
		return false, err
	}
	certificate := before.DeepCopy()
	util.SetCertificateCondition(certificate, certificate.Generation, cmapi.CertificateConditionIssuing, cmmeta.ConditionTrue, reasonReplacement,
		"The connector operator asked for another certificate: "+wanted.Token+".")
	locked := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Status().Patch(ctx, certificate, locked); err != nil {
		return false, fmt.Errorf("asking cert-manager to replace the certificate of Connector %s: %w", client.ObjectKeyFromObject(connector), err)
	}
	return true, nil
}

// clear removes the requests for the revision to come that were refused, and tells whether there were any: then the replacement is begun
// when they are seen gone. cert-manager itself removes those that failed, but not those that were denied, and ends each later
// issuance of the revision at the sight of one.
func (c *CertManager) clear(ctx context.Context, connector *v1alpha1.Connector, certificate *cmapi.Certificate) (found bool, err error) {
	requests, err := c.requests(ctx, connector, certificate)
	if err != nil {
		return false, err
	}
	for i := range requests {
		request := &requests[i]
		if revisionOf(request) <= revision(certificate) || whyRefused(request) == "" {
			continue
		}
		found = true
		if err := client.IgnoreNotFound(c.Client.Delete(ctx, request, client.Preconditions{UID: &request.UID})); err != nil {
			return true, fmt.Errorf("removing CertificateRequest %s, which was refused: %w", client.ObjectKeyFromObject(request), err)
		}
	}
	return found, nil
}
