package hubserver

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

// Route is where an agency's connector is reached.
type Route struct {
	// URL is https://host:port of the connector's inbound listener.
	URL string `json:"url"`
	// SPIFFEID is the identity that it must present.
	SPIFFEID string `json:"spiffeID"`
}

// readRoutes reads the table: a YAML map of agency code to Route. It is read for every document, so that a change needs no
// restart.
func readRoutes(path string) (map[string]Route, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the route table cannot be read; check -routes: %w", err)
	}
	routes := map[string]Route{}
	if err := yaml.UnmarshalStrict(data, &routes); err != nil {
		return nil, fmt.Errorf("the route table %s is not a map of agency code to url and spiffeID: %w", path, err)
	}
	return routes, nil
}
