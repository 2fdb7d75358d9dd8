package check

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// everyClusterIssuer stands for the ClusterIssuers that are not there yet: a hub's may be one of them.
const everyClusterIssuer = "clusterissuers.cert-manager.io/*"

// Finding is the answer to one question.
type Finding struct {
	// Good tells whether all is well.
	Good bool
	// Says in a sentence what was found, and if it is not good, what to do.
	Says string
}

// Cluster asks a cluster every question. requesters are the users that cert-manager makes requests as. An error means that a question could not be asked.
func Cluster(ctx context.Context, c client.Client, requesters []string) ([]Finding, error) {
	var hubs v1alpha1.ExchangeHubList
	if err := c.List(ctx, &hubs); meta.IsNoMatchError(err) {
		return []Finding{{Says: "The API server does not serve the kinds of " + v1alpha1.GroupName +
			". Install the CustomResourceDefinitions: connector-operator crds apply, or helm upgrade with crds.upgrade=true."}}, nil
	} else if err != nil {
		return nil, fmt.Errorf("listing the ExchangeHubs: %w", err)
	}
	findings := []Finding{{Good: true, Says: "The API server serves the kinds of " + v1alpha1.GroupName + "."}}
	if len(hubs.Items) == 0 {
		findings = append(findings, Finding{Good: true, Says: "No ExchangeHub is declared yet, so only what holds for all ClusterIssuers was asked."})
	}
	signers := []string{everyClusterIssuer}
	for i := range hubs.Items {
		signer, err := signerOf(c.RESTMapper(), hubs.Items[i].Spec.IssuerRef)
		if err != nil {
			findings = append(findings, Finding{Says: fmt.Sprintf("The issuer of ExchangeHub %s is of a kind that the cluster does not know: %v.",
				hubs.Items[i].Name, err)})
			continue
		}
		for _, name := range []string{signer, everyOf(signer)} {
			if !slices.Contains(signers, name) {
				signers = append(signers, name)
			}
		}
		finding, err := operatorApproves(ctx, c, hubs.Items[i].Name, signer)
		if err != nil {
			return nil, err
		}
		findings = append(findings, finding)
	}
	for _, user := range requesters {
		for _, signer := range signers {
			finding, err := othersDoNot(ctx, c, user, signer)
			if err != nil {
				return nil, err
			}
			findings = append(findings, finding)
		}
	}
	return findings, nil
}

// signerOf gives an issuer the name that cert-manager has for it where permissions to approve are given.
func signerOf(mapper meta.RESTMapper, issuer v1alpha1.IssuerReference) (string, error) {
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: issuer.Group, Kind: string(issuer.Kind)})
	if err != nil {
		return "", err
	}
	return mapping.Resource.Resource + "." + issuer.Group + "/" + issuer.Name, nil
}

// everyOf is the name that stands for all issuers of a signer's kind, which cert-manager takes as well as the signer's own.
func everyOf(signer string) string {
	kind, _, _ := strings.Cut(signer, "/")
	return kind + "/*"
}

func attributes(signer string) *authorizationv1.ResourceAttributes {
	return &authorizationv1.ResourceAttributes{Group: "cert-manager.io", Resource: "signers", Verb: "approve", Name: signer}
}

// operatorApproves asks whether whoever runs the check, which is the operator, may approve for the hub's issuer, or for all of its kind: cert-manager takes
// either permission.
func operatorApproves(ctx context.Context, c client.Client, hub, signer string) (Finding, error) {
	for _, name := range []string{signer, everyOf(signer)} {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: attributes(name)}}
		if err := c.Create(ctx, review); err != nil {
			return Finding{}, fmt.Errorf("asking whether the operator may approve for %s: %w", name, err)
		}
		if review.Status.Allowed {
			return Finding{Good: true, Says: fmt.Sprintf("The operator may approve for %s, the issuer of ExchangeHub %s.", signer, hub)}, nil
		}
	}
	return Finding{Says: fmt.Sprintf("The operator may not approve for %s, the issuer of ExchangeHub %s, so no Connector gets a certificate. "+
		"Add it to rbac.approveSigners of the chart.", signer, hub)}, nil
}

// othersDoNot asks whether cert-manager's own approver is kept off an issuer.
func othersDoNot(ctx context.Context, c client.Client, user, signer string) (Finding, error) {
	review := &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{User: user, Groups: groupsOf(user), ResourceAttributes: attributes(signer)},
	}
	if err := c.Create(ctx, review); err != nil {
		return Finding{}, fmt.Errorf("asking whether %s may approve for %s: %w", user, signer, err)
	}
	if !review.Status.Allowed {
		return Finding{Good: true, Says: fmt.Sprintf("%s may not approve for %s.", user, signer)}, nil
	}
	return Finding{Says: fmt.Sprintf("%s may approve for %s, so whoever may create Certificates gets any identity on the hub. Install cert-manager with "+
		"disableAutoApproval=true, or with approveSignerNames that name other issuers only.", user, signer)}, nil
}

// groupsOf a user, as the API server gives them to a ServiceAccount.
func groupsOf(user string) []string {
	groups := []string{"system:authenticated"}
	if account, found := strings.CutPrefix(user, "system:serviceaccount:"); found {
		namespace, _, _ := strings.Cut(account, ":")
		groups = append(groups, "system:serviceaccounts", "system:serviceaccounts:"+namespace)
	}
	return groups
}

// Tell writes one line per finding, and gives an error if one is not good.
func Tell(out io.Writer, findings []Finding) error {
	bad := 0
	for _, finding := range findings {
		mark := "ok   "
		if !finding.Good {
			mark = "WRONG"
			bad++
		}
		if _, err := fmt.Fprintln(out, mark, finding.Says); err != nil {
			return fmt.Errorf("telling what was found: %w", err)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d answers are not as they have to be; the lines that begin with WRONG say what to do", bad, len(findings))
	}
	return nil
}
