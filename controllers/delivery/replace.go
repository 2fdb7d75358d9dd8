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
	certificate := before.DeepCopy()
	util.SetCertificateCondition(certificate, certificate.Generation, cmapi.CertificateConditionIssuing, cmmeta.ConditionTrue, reasonReplacement,
		"The connector operator asked for another certificate: "+wanted.Token+".")
	locked := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Status().Patch(ctx, certificate, locked); err != nil {
		return false, fmt.Errorf("asking cert-manager to replace the certificate of Connector %s: %w", client.ObjectKeyFromObject(connector), err)
	}
	return true, nil
}
