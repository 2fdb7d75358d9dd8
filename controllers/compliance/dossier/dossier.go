// Package dossier reads a compliance.Case from the manager's cache: everything by which a Connector, a record or a waiver is judged.
//
// It is used in every pass of a controller that judges, so that all of them see the same. It keeps nothing, so a restart needs no
// recovery.
package dossier

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/index"
)

// Read reads the case of a Connector, which need not exist, at an instant. What was listed is shared with the cache, so it is only read.
func Read(ctx context.Context, reader client.Reader, connector types.NamespacedName, now time.Time) (*compliance.Case, error) {
	c := &compliance.Case{}
	var err error
	if c.Connector, err = find(ctx, reader, connector, &v1alpha1.Connector{}); err != nil {
		return nil, err
	}
	if c.Connector != nil {
		if err := readParties(ctx, reader, c); err != nil {
			return nil, err
		}
	}
	c.Today = civil.In(now, compliance.Zone(c.Agency))

	var profiles v1alpha1.SecurityProfileList
	if err := reader.List(ctx, &profiles, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing SecurityProfiles: %w", err)
	}
	var records v1alpha1.ComplianceEvidenceList
	if err := reader.List(ctx, &records, client.InNamespace(connector.Namespace),
		client.MatchingFields{index.EvidenceByConnector: connector.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the ComplianceEvidence of Connector %s: %w", connector, err)
	}
	var waivers v1alpha1.DutyWaiverList
	if err := reader.List(ctx, &waivers, client.InNamespace(connector.Namespace),
		client.MatchingFields{index.WaiverByConnector: connector.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the DutyWaivers of Connector %s: %w", connector, err)
	}
	c.Profiles, c.Records, c.Waivers = profiles.Items, records.Items, waivers.Items
	return c, readPerformers(ctx, reader, c)
}

// readPerformers reads the Agencies that the records name, of which any may operate the system by one of its names.
func readPerformers(ctx context.Context, reader client.Reader, c *compliance.Case) error {
	c.Agencies = map[string]*v1alpha1.Agency{}
	looked := map[string]bool{}
	for i := range c.Records {
		by := c.Records[i].Spec.PerformedBy.AgencyRef
		if by == nil || looked[by.Name] {
			continue
		}
		looked[by.Name] = true
		agency, err := find(ctx, reader, types.NamespacedName{Name: by.Name}, &v1alpha1.Agency{})
		if err != nil {
			return err
		}
		if agency != nil {
			c.Agencies[by.Name] = agency
		}
	}
	return nil
}

// readParties reads who the Connector acts for, and by which regime.
func readParties(ctx context.Context, reader client.Reader, c *compliance.Case) error {
	hub, err := find(ctx, reader, types.NamespacedName{Name: c.Connector.Spec.HubRef.Name}, &v1alpha1.ExchangeHub{})
	if err != nil {
		return err
	}
	if hub != nil {
		c.Regime = hub.Spec.Regime
	}
	name := c.Connector.Spec.AgencyRef.Name
	if c.Agency, err = find(ctx, reader, types.NamespacedName{Name: name}, &v1alpha1.Agency{}); err != nil {
		return err
	}
	// An Agency of which the parents go round in a circle is not accepted; here the round ends where it began.
	for at := c.Agency; at != nil && !slices.Contains(c.Owners, at.Name); {
		c.Owners = append(c.Owners, at.Name)
		if at.Spec.ParentRef == nil {
			break
		}
		if at, err = find(ctx, reader, types.NamespacedName{Name: at.Spec.ParentRef.Name}, &v1alpha1.Agency{}); err != nil {
			return err
		}
	}
	return nil
}

// find reads an object that may not exist; it is nil then.
func find[T client.Object](ctx context.Context, reader client.Reader, key types.NamespacedName, into T) (T, error) {
	err := reader.Get(ctx, key, into)
	if err == nil {
		return into, nil
	}
	var none T
	if apierrors.IsNotFound(err) {
		return none, nil
	}
	return none, fmt.Errorf("reading %T %s: %w", into, key, err)
}

// ConnectorsOf are the Connectors of an Agency and of every Agency that belongs to it: those whose cases name it among the owners.
func ConnectorsOf(ctx context.Context, reader client.Reader, agency string) ([]types.NamespacedName, error) {
	var connectors []types.NamespacedName
	agencies := []string{agency}
	// The list grows while it is walked.
	for i := 0; i < len(agencies); i++ {
		var own v1alpha1.ConnectorList
		if err := reader.List(ctx, &own, client.MatchingFields{index.ConnectorByAgency: agencies[i]}, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("listing the Connectors of Agency %s: %w", agencies[i], err)
		}
		for j := range own.Items {
			connectors = append(connectors, client.ObjectKeyFromObject(&own.Items[j]))
		}
		var parts v1alpha1.AgencyList
		if err := reader.List(ctx, &parts, client.MatchingFields{index.AgencyByParent: agencies[i]}, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("listing the Agencies that belong to %s: %w", agencies[i], err)
		}
		for j := range parts.Items {
			if !slices.Contains(agencies, parts.Items[j].Name) {
				agencies = append(agencies, parts.Items[j].Name)
			}
		}
	}
	return connectors, nil
}
