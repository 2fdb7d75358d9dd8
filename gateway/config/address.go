package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// Listener is one address the gateway listens on, with the field it stands in.
type Listener struct {
	Field   string
	Address string
}

// Listeners are all the addresses of a configuration. They cannot change in a running gateway.
func (c Config) Listeners() []Listener {
	return []Listener{
		{"inbound.listen", c.Inbound.Listen},
		{"outbound.listen", c.Outbound.Listen},
		{"status.listen", c.Status.Listen},
		{"probes.listen", c.Probes.Listen},
	}
}

func (c Config) validateListeners() error {
	var errs []error
	ports := map[string]string{}
	for _, l := range c.Listeners() {
		_, port, err := net.SplitHostPort(l.Address)
		number, numberErr := strconv.ParseUint(port, 10, 16)
		if err != nil || numberErr != nil {
			errs = append(errs, problem(l.Field, l.Address, "[host]:port with a numeric port, such as :8443"))
			continue
		}
		if other, taken := ports[port]; taken && number != 0 {
			errs = append(errs, problem(l.Field, l.Address, "a port other than that of "+other))
		}
		ports[port] = l.Field
	}
	return errors.Join(errs...)
}

// validatePeers refuses an empty list: a listener without peers would look up and serve nobody.
func validatePeers(field string, peers []string) error {
	var errs []error
	if len(peers) == 0 {
		errs = append(errs, problem(field, "", "at least one SPIFFE ID, such as spiffe://example.gov.vn/hub/main"))
	}
	for i, peer := range peers {
		if !validSPIFFEID(peer) || slices.Contains(peers[:i], peer) {
			errs = append(errs, problem(fmt.Sprintf("%s[%d]", field, i), peer, "a SPIFFE ID with a path, each only once"))
		}
	}
	return errors.Join(errs...)
}

// validSPIFFEID asks for a path too: an ID without one names a whole trust domain, never one workload.
func validSPIFFEID(s string) bool {
	id, err := spiffeid.FromString(s)
	return err == nil && id.Path() != ""
}

// validateURL does not repeat the value where it has user information, because that may hold a password.
func validateURL(field, value string, schemes ...string) error {
	instead := fmt.Sprintf("%s://<host>[:port][/base/path] without user, query or fragment", strings.Join(schemes, ":// or "))
	u, err := url.Parse(value)
	if err != nil {
		return fmt.Errorf("%s is not a URL; write %s", field, instead)
	}
	if u.User != nil {
		return fmt.Errorf("%s holds user information; write %s", field, instead)
	}
	port := u.Port()
	number, portErr := strconv.ParseUint(port, 10, 16)
	switch {
	case !slices.Contains(schemes, u.Scheme), u.Hostname() == "", u.Opaque != "",
		port != "" && (portErr != nil || number == 0),
		u.RawQuery != "", u.ForceQuery, strings.Contains(value, "#"):
		return problem(field, value, instead)
	}
	return nil
}

func validPath(path string) bool {
	u, err := url.Parse(path)
	return err == nil && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		u.RawQuery == "" && !u.ForceQuery && !strings.ContainsAny(path, "# ")
}
