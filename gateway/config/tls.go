package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// suite is one cipher suite of TLS 1.2 with forward secrecy and authenticated encryption; TLS 1.3 has no others.
type suite struct {
	id uint16
	// fips: Go's TLS offers and accepts it in its FIPS 140 mode too.
	fips bool
}

// suites are all that may be named, in the order in which they are offered if none is.
func suites() []suite {
	return []suite{
		{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, true},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true},
		{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, false},
		{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, true},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true},
		{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, false},
	}
}

// group is one way to exchange keys.
type group struct {
	name string // that of IANA, which is not always Go's
	id   tls.CurveID
	// twelve: it exists with TLS 1.2 too.
	twelve bool
	// fips: as of a suite.
	fips bool
}

func groups() []group {
	return []group{
		{"X25519MLKEM768", tls.X25519MLKEM768, false, true},
		{"SecP256r1MLKEM768", tls.SecP256r1MLKEM768, false, true},
		{"SecP384r1MLKEM1024", tls.SecP384r1MLKEM1024, false, true},
		{"X25519", tls.X25519, true, false},
		{"secp256r1", tls.CurveP256, true, true},
		{"secp384r1", tls.CurveP384, true, true},
		{"secp521r1", tls.CurveP521, true, true},
	}
}

// Suites are the identifiers of CipherSuites, or of all that may be named if it is empty.
func (t TLS) Suites() []uint16 {
	var ids []uint16
	for _, s := range suites() {
		if len(t.CipherSuites) == 0 || slices.Contains(t.CipherSuites, tls.CipherSuiteName(s.id)) {
			ids = append(ids, s.id)
		}
	}
	return ids
}

// Groups are the identifiers of KeyExchange; nil, by which Go chooses, if it is empty.
func (t TLS) Groups() []tls.CurveID {
	var ids []tls.CurveID
	for _, g := range groups() {
		if slices.Contains(t.KeyExchange, g.name) {
			ids = append(ids, g.id)
		}
	}
	return ids
}

// GroupNames are all that KeyExchange may name.
func GroupNames() []string { return groupsThat(func(group) bool { return true }) }

// GroupName is the IANA name of a group, by which it stands in configurations and in the request log.
func GroupName(id tls.CurveID) string {
	for _, g := range groups() {
		if g.id == id {
			return g.name
		}
	}
	return ""
}

// validate checks that there is something left to offer, in FIPS 140 mode or outside of it. The floor of 1.2 is a promise to
// peers that know nothing newer, so that something must be left for them too.
func (t TLS) validate(fips bool) error {
	var errs []error
	if t.MinVersion != "1.2" && t.MinVersion != "1.3" {
		errs = append(errs, problem("tls.minVersion", t.MinVersion, `"1.2" or "1.3", in quotes`))
	}
	errs = append(errs,
		validateNames("tls.cipherSuites", t.CipherSuites, suitesThat(func(suite) bool { return true })),
		validateNames("tls.keyExchange", t.KeyExchange, GroupNames()))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return errors.Join(t.validateSuites(fips), t.validateGroups(fips))
}

func (t TLS) validateSuites(fips bool) error {
	if len(t.CipherSuites) == 0 {
		return nil
	}
	if t.MinVersion == "1.3" {
		return errors.New(`tls.cipherSuites are those of TLS 1.2, which tls.minVersion "1.3" rules out; leave tls.cipherSuites out, or write tls.minVersion "1.2"`)
	}
	allowed := suitesThat(func(s suite) bool { return s.fips })
	if fips && !overlap(t.CipherSuites, allowed) {
		return fmt.Errorf("tls.cipherSuites is %s, of which nothing is left in FIPS 140 mode; write at least one of %s",
			strings.Join(t.CipherSuites, ", "), strings.Join(allowed, ", "))
	}
	return nil
}

func (t TLS) validateGroups(fips bool) error {
	usable := func(twelve bool) []string {
		return groupsThat(func(g group) bool { return (!twelve || g.twelve) && (!fips || g.fips) })
	}
	twelve := t.MinVersion == "1.2"
	if len(t.KeyExchange) == 0 || overlap(t.KeyExchange, usable(twelve)) {
		return nil
	}
	stands, choice := strings.Join(t.KeyExchange, ", "), strings.Join(usable(twelve), ", ")
	switch {
	case twelve && overlap(t.KeyExchange, usable(false)):
		mode := ""
		if fips {
			mode = " in FIPS 140 mode"
		}
		return fmt.Errorf(`tls.keyExchange is %s, of which nothing is left with TLS 1.2%s; write at least one of %s, or tls.minVersion "1.3"`,
			stands, mode, choice)
	default:
		return fmt.Errorf("tls.keyExchange is %s, of which nothing is left in FIPS 140 mode; write at least one of %s", stands, choice)
	}
}

func suitesThat(which func(suite) bool) []string {
	var names []string
	for _, s := range suites() {
		if which(s) {
			names = append(names, tls.CipherSuiteName(s.id))
		}
	}
	return names
}

func groupsThat(which func(group) bool) []string {
	var names []string
	for _, g := range groups() {
		if which(g) {
			names = append(names, g.name)
		}
	}
	return names
}

// validateNames refuses what is not known, and what is there twice.
func validateNames(field string, names, known []string) error {
	var errs []error
	for i, name := range names {
		if !slices.Contains(known, name) || slices.Contains(names[:i], name) {
			errs = append(errs, problem(fmt.Sprintf("%s[%d]", field, i), name, "one of "+strings.Join(known, ", ")+", each only once"))
		}
	}
	return errors.Join(errs...)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
