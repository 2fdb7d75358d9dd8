package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"sigs.k8s.io/yaml"
)

//go:embed licences.yaml
var licencesFile []byte

// licences is what the project knows and accepts of them.
type licences struct {
	// Permissive are the identifiers of SPDX that are accepted.
	Permissive []string `json:"permissive"`
	// Corrections are for modules whose licence is not found in their files, or taken for another.
	Corrections []correction `json:"corrections"`
}

type correction struct {
	// Module is the path of a module, or, with a slash at its end, the beginning of several.
	Module string `json:"module"`
	// Found is what the detector says; empty if it finds nothing. When it says something else, the correction does not apply any more.
	Found string `json:"found"`
	Is    string `json:"is"`
	Why   string `json:"why"`
}

func readLicences() (*licences, error) {
	known := &licences{}
	if err := yaml.UnmarshalStrict(licencesFile, known); err != nil {
		return nil, fmt.Errorf("licences.yaml: %w", err)
	}
	return known, nil
}

// correct puts a wrong or missing licence right.
func (l *licences) correct(component *cdx.Component) {
	found := strings.Join(identifiers(component), " ")
	for _, c := range l.Corrections {
		within := c.Module == component.Name || strings.HasSuffix(c.Module, "/") && strings.HasPrefix(component.Name, c.Module)
		if within && c.Found == found {
			component.Licenses = &cdx.Licenses{{License: &cdx.License{ID: c.Is}}}
			return
		}
	}
}

// check refuses modules under licences that ask for more than to be named.
func (l *licences) check(document *cdx.BOM) error {
	var bad []string
	for _, component := range append([]cdx.Component{*document.Metadata.Component}, *document.Components...) {
		of := identifiers(&component)
		if len(of) == 0 {
			bad = append(bad, component.Name+"@"+component.Version+": no licence found")
		}
		for _, id := range of {
			if !slices.Contains(l.Permissive, id) {
				bad = append(bad, component.Name+"@"+component.Version+": "+id)
			}
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("these modules are not known to be under a permissive licence:\n  %s\nread their licences; do without them, or write into "+
			"hack/tools/sbom/licences.yaml what they are under", strings.Join(bad, "\n  "))
	}
	return nil
}

// identifiers are the licences of a component, by their names in SPDX where they have one.
func identifiers(component *cdx.Component) []string {
	var of []string
	if component.Licenses == nil {
		return of
	}
	for _, choice := range *component.Licenses {
		switch {
		case choice.License != nil && choice.License.ID != "":
			of = append(of, choice.License.ID)
		case choice.License != nil:
			of = append(of, choice.License.Name)
		default:
			of = append(of, choice.Expression)
		}
	}
	return of
}
