package ruling

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/compliance/dossier"
	"lienthong.gov.vn/connector-operator/controllers/index"
	"lienthong.gov.vn/connector-operator/controllers/precedence"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// Ruling is by what a Connector is made and judged.
type Ruling struct {
	// Case is everything that the Connector is judged by. What it lists is shared with the cache, so it is only read.
	Case *compliance.Case
	// Approved is the level of the newest approval that counts, or still stands; nil if there is none.
	Approved *v1alpha1.SecurityLevel
	// Floor is what is approved for the Agency's other Connectors; nil if nothing is, or if the Connector has an approved level of its own.
	Floor *Floor
	// Level rules: the approved one or, before the first approval, the declared one.
	Level v1alpha1.SecurityLevel
	// Newest is the profile of the hub's regime for that level, as it is written now; nil if there is none. The other fields about a
	// profile are set with it.
	Newest *v1alpha1.SecurityProfile
	// Staged tells how far the changes of that profile have reached the Connector.
	Staged staging.Staged
	// Profile is what is enforced: as staged, and with the Connector's hardening.
	Profile *v1alpha1.SecurityProfile
	// Lax are the wishes of the hardening for less than the profile asks for, which change nothing.
	Lax []Laxity
	// Others are the profiles of the other regimes in force or to come for the declared level, by regime.
	Others []*v1alpha1.SecurityProfile
}

// Resolve finds by what the Connector is made at an instant.
func Resolve(
	ctx context.Context, reader client.Reader, operatorNamespace string, connector *v1alpha1.Connector, now time.Time,
) (*Ruling, error) {
	c, err := dossier.Read(ctx, reader, client.ObjectKeyFromObject(connector), now)
	if err != nil {
		return nil, err
	}
	c.Connector = connector
	r := &Ruling{Case: c, Approved: approved(c), Level: connector.Spec.SecurityLevel, Others: others(c)}
	if r.Approved != nil {
		r.Level = *r.Approved
	} else if c.Agency != nil {
		if r.Floor, err = floor(ctx, reader, c); err != nil {
			return nil, err
		}
	}
	if c.Regime == "" {
		return r, nil
	}
	if r.Newest, err = index.RulingProfile(ctx, reader, c.Regime, r.Level); err != nil || r.Newest == nil {
		return r, err
	}
	if r.Staged, err = staging.Pick(ctx, reader, operatorNamespace, r.Newest, connector); err != nil {
		return nil, err
	}
	r.Profile, r.Lax = Harden(r.Staged.Profile, connector.Spec.Hardening)
	return r, nil
}

// others finds for each other regime the first profile for the declared level that was created, unless the regime has ended.
func others(c *compliance.Case) []*v1alpha1.SecurityProfile {
	first := map[string]*v1alpha1.SecurityProfile{}
	for i := range c.Profiles {
		p := &c.Profiles[i]
		regime := p.Spec.Regime
		if regime == c.Regime || p.Spec.Level != c.Connector.Spec.SecurityLevel {
			continue
		}
		if f := first[regime]; f == nil || precedence.Precedes(p, f) {
			first[regime] = p
		}
	}
	var result []*v1alpha1.SecurityProfile
	for _, p := range first {
		if !ended(p, c) {
			result = append(result, p)
		}
	}
	slices.SortFunc(result, func(a, b *v1alpha1.SecurityProfile) int { return cmp.Compare(a.Spec.Regime, b.Spec.Regime) })
	return result
}

func ended(profile *v1alpha1.SecurityProfile, c *compliance.Case) bool {
	validity := profile.Spec.Validity
	// Days are written so that they sort as they follow each other.
	return validity != nil && validity.Until != "" && v1alpha1.CivilDate(c.Today.String()) >= validity.Until
}
