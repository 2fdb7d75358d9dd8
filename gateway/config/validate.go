package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

const maxAgencyCode = 35

// problem says which field is wrong, what stands there, and what to write instead.
func problem(field string, value any, instead string) error {
	return fmt.Errorf("%s is %q; write %s", field, fmt.Sprint(value), instead)
}

// Validate checks every field and returns all that is wrong, one error per field, joined.
func (c Config) Validate() error {
	return errors.Join(
		c.validateWho(),
		c.TLS.validate(c.Cryptography.FIPS140),
		c.Log.validate("log"),
		c.Inbound.validate("inbound"),
		c.Outbound.validate("outbound"),
		validatePeers("status.allowedPeers", c.Status.AllowedPeers),
		c.validateListeners(),
		nonNegative("trust.quietPeriod", c.Trust.QuietPeriod.Duration),
		nonNegative("drain.delay", c.Drain.Delay.Duration),
		positive("drain.timeout", c.Drain.Timeout.Duration),
	)
}

func (c Config) validateWho() error {
	// Compiled per call: it runs once per change of a file, and a package-level variable would be state.
	agency := regexp.MustCompile(`^[A-Z][0-9]{2}(\.[0-9A-Z]+)*$`)
	var errs []error
	if c.APIVersion != APIVersion {
		errs = append(errs, problem("apiVersion", c.APIVersion, APIVersion))
	}
	if !agency.MatchString(c.Agency) || len(c.Agency) > maxAgencyCode {
		errs = append(errs, problem("agency", c.Agency, "a Decision 20/2020 code of at most 35 characters, such as G12 or G12.18"))
	}
	if namespace, name, ok := strings.Cut(c.Connector, "/"); !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		errs = append(errs, problem("connector", c.Connector, "<namespace>/<name>"))
	}
	if !validSPIFFEID(c.SPIFFEID) {
		errs = append(errs, problem("spiffeID", c.SPIFFEID, "a SPIFFE ID with a path, such as spiffe://example.gov.vn/agency/G12/connector/g12/main"))
	}
	seen := map[string]bool{}
	for i, service := range c.Services {
		if service == "" || seen[service] {
			errs = append(errs, problem(fmt.Sprintf("services[%d]", i), service, "the name of a service, each only once"))
		}
		seen[service] = true
	}
	return errors.Join(errs...)
}

func (in Inbound) validate(at string) error {
	return errors.Join(
		validatePeers(at+".allowedPeers", in.AllowedPeers),
		validateURL(at+".backend.url", in.Backend.URL, "http", "https"),
		in.Limits.validate(at+".limits"),
	)
}

func (out Outbound) validate(at string) error {
	errs := []error{out.HealthCheck.validate(at + ".healthCheck"), out.Limits.validate(at + ".limits")}
	if len(out.Endpoints) == 0 {
		errs = append(errs, problem(at+".endpoints", "", "at least one endpoint of the hub"))
	}
	names := map[string]bool{}
	for i, endpoint := range out.Endpoints {
		field := fmt.Sprintf("%s.endpoints[%d]", at, i)
		if endpoint.Name == "" || names[endpoint.Name] {
			errs = append(errs, problem(field+".name", endpoint.Name, "a name that no other endpoint has"))
		}
		names[endpoint.Name] = true
		errs = append(errs,
			validateURL(field+".url", endpoint.URL, "https"),
			validatePeers(field+".allowedPeers", endpoint.AllowedPeers))
	}
	return errors.Join(errs...)
}

func (h HealthCheck) validate(at string) error {
	errs := []error{positive(at+".interval", h.Interval.Duration), positive(at+".timeout", h.Timeout.Duration)}
	if h.Path != "" && !validPath(h.Path) {
		errs = append(errs, problem(at+".path", h.Path, "a path that begins with one / and has no query, fragment or space, or nothing"))
	}
	return errors.Join(errs...)
}

func (l Limits) validate(at string) error {
	var errs []error
	if l.MaxBodyBytes <= 0 {
		errs = append(errs, problem(at+".maxBodyBytes", l.MaxBodyBytes, "a number above 0"))
	}
	if l.MaxHeaderBytes < 1<<10 || l.MaxHeaderBytes > 1<<20 {
		errs = append(errs, problem(at+".maxHeaderBytes", l.MaxHeaderBytes, "a number from 1024 to 1048576"))
	}
	if l.MaxConcurrentRequests <= 0 || l.MaxConcurrentRequests > 1<<20 {
		errs = append(errs, problem(at+".maxConcurrentRequests", l.MaxConcurrentRequests, "a number from 1 to 1048576"))
	}
	return errors.Join(append(errs,
		positive(at+".headerTimeout", l.HeaderTimeout.Duration),
		positive(at+".idleTimeout", l.IdleTimeout.Duration),
		positive(at+".stallTimeout", l.StallTimeout.Duration))...)
}

func positive(field string, d time.Duration) error {
	if d <= 0 {
		return problem(field, d, "a duration above 0, such as 30s")
	}
	return nil
}

func nonNegative(field string, d time.Duration) error {
	if d < 0 {
		return problem(field, d, "a duration of 0s or more, such as 5s")
	}
	return nil
}
