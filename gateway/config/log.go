package config

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"

	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// Fields of the request log.
const (
	FieldRequestID        = "RequestID"
	FieldDirection        = "Direction"
	FieldPeer             = "Peer"
	FieldSourceAddress    = "SourceAddress"
	FieldMethod           = "Method"
	FieldPath             = "Path"
	FieldStatus           = "Status"
	FieldRequestBytes     = "RequestBytes"
	FieldResponseBytes    = "ResponseBytes"
	FieldDuration         = "Duration"
	FieldEndpoint         = "Endpoint"
	FieldTLSVersion       = "TLSVersion"
	FieldCipherSuite      = "CipherSuite"
	FieldKeyExchange      = "KeyExchange"
	FieldPeerSerialNumber = "PeerSerialNumber"
)

// LogFields are all fields, in the order in which they stand in a line.
func LogFields() []string {
	return []string{
		FieldRequestID, FieldDirection, FieldPeer, FieldSourceAddress, FieldMethod, FieldPath,
		FieldStatus, FieldRequestBytes, FieldResponseBytes, FieldDuration, FieldEndpoint,
		FieldTLSVersion, FieldCipherSuite, FieldKeyExchange, FieldPeerSerialNumber,
	}
}

func (l Log) validate(at string) error {
	errs := []error{validateNames(at+".fields", l.Fields, LogFields())}
	if l.Collector != nil {
		errs = append(errs, l.Collector.validate(at+".collector"))
	}
	return errors.Join(errs...)
}

// validate never repeats what stands in caPEM: a private key may stand there by mistake.
func (c LogCollector) validate(at string) error {
	var errs []error
	if host, port, err := net.SplitHostPort(c.Address); err != nil || !validHost(host) || !validPort(port) {
		errs = append(errs, problem(at+".address", c.Address, "<host>:<port> with a port in digits from 1 to 65535, such as log.example.gov.vn:6514"))
	}
	if _, err := trust.Parse([]byte(c.CAPEM)); err != nil {
		errs = append(errs, fmt.Errorf("%s.caPEM cannot be used; write the certificates of the collector's authorities in PEM: %w", at, err))
	}
	return errors.Join(errs...)
}

func validHost(host string) bool {
	const longest = 253
	// Compiled per call: it runs once per change of a file, and a package-level variable would be state.
	name := regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$`)
	return net.ParseIP(host) != nil || len(host) <= longest && name.MatchString(host)
}

// validPort takes digits only, and no sign.
func validPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0
}
