package forward

import (
	"net/http"
	"strings"

	"lienthong.gov.vn/connector-operator/gateway/metrics"
)

// The headers that a gateway sets and that only a gateway may set.
const (
	// PeerHeader tells the backend the SPIFFE ID that the peer proved.
	PeerHeader = "Lienthong-Peer"
	// AgencyHeader tells the hub the code of the sending agency.
	AgencyHeader = "Lienthong-Agency"
	// RequestIDHeader tells both sides by which name the request stands in this gateway's log.
	RequestIDHeader = "Lienthong-Request-Id"
)

// StripIdentity removes every header by which a client could claim an identity or an origin that it did not prove. Many
// backends read "_" as "-", so both are removed.
func StripIdentity(header http.Header) {
	for name := range header {
		if claimsIdentity(name) {
			delete(header, name)
		}
	}
}

func claimsIdentity(name string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	switch name {
	case "forwarded", "x-real-ip", "x-client-cert", "x-client-verify", "true-client-ip", "cf-connecting-ip":
		return true
	}
	for _, prefix := range []string{"lienthong-", "x-forwarded-", "x-ssl-", "ssl-client-", "x-spiffe-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// refusal is an answer the gateway gives by itself.
type refusal struct {
	status int
	detail string
}

// failure is what the metrics count it as.
func (r *refusal) failure() metrics.Failure {
	if r.status == http.StatusRequestEntityTooLarge {
		return metrics.TooLarge
	}
	return metrics.Refused
}

// refuse tells why a request is not forwarded whatever the state of the gateway, or nil. It also drops the offer to go on
// in unencrypted HTTP/2, which a server is free to ignore.
func refuse(r *http.Request, maxBody int64) *refusal {
	if strings.EqualFold(r.Header.Get("Upgrade"), "h2c") {
		r.Header.Del("Upgrade")
	}
	switch {
	case r.Method == http.MethodConnect:
		return &refusal{http.StatusMethodNotAllowed, "This gateway opens no tunnels; send the request itself."}
	case r.Header.Get("Upgrade") != "":
		return &refusal{http.StatusNotImplemented, "This gateway does not switch protocols; send plain HTTP requests without an Upgrade header."}
	case hasDotSegment(r.URL.Path):
		return &refusal{http.StatusBadRequest, "The path has a segment of dots only; send the path without it."}
	case r.ContentLength > maxBody:
		return tooLarge(maxBody)
	}
	return nil
}

// hasDotSegment finds the segments that would lead out of the base path at a server that resolves them. The path is
// decoded already, so an encoded one is found too.
func hasDotSegment(path string) bool {
	for segment := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
