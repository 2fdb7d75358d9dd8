package requestlog

import (
	"crypto/tls"
	"crypto/x509"
	"strconv"
	"sync/atomic"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
)

// timeFormat has the precision that RFC 5424 allows at most.
const timeFormat = "2006-01-02T15:04:05.000000Z"

// What one field may hold at most, in bytes. Even with the longest path, a usual line is within the 2048 bytes that every collector takes.
const (
	maxPath  = 1024
	maxPeer  = 512
	maxField = 256
)

// Entry is what is known of a request at its end.
type Entry struct {
	// At is the end of the request.
	At        time.Time
	RequestID string
	Direction string
	// SourceAddress is where the request came from, with the port.
	SourceAddress string
	Method        string
	// Path as it came, still encoded and without the query, which may hold a secret.
	Path                        string
	Status                      int
	RequestBytes, ResponseBytes int64
	Duration                    time.Duration
	// Endpoint is the name of the hub's endpoint that an outbound request was last sent to.
	Endpoint string
	// TLS is the connection with the hub; nil if there was none.
	TLS *tls.ConnectionState
}

// field is one field of a line: its name, and how its value is written.
type field struct {
	name  string
	write func(line []byte, e *Entry) []byte
}

// choose gives the named fields in their own order, or all of them if none is named.
func choose(names []string) []field {
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	proven := &proofs{}
	var chosen []field
	for _, f := range append(requestFields(proven), connectionFields(proven)...) {
		if len(names) == 0 || wanted[f.name] {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

func requestFields(proven *proofs) []field {
	text := func(name string, most int, of func(*Entry) string) field {
		return field{name, func(line []byte, e *Entry) []byte { return appendString(line, of(e), most) }}
	}
	number := func(name string, of func(*Entry) int64) field {
		return field{name, func(line []byte, e *Entry) []byte { return strconv.AppendInt(line, of(e), 10) }}
	}
	return []field{
		text(config.FieldRequestID, maxField, func(e *Entry) string { return e.RequestID }),
		text(config.FieldDirection, maxField, func(e *Entry) string { return e.Direction }),
		text(config.FieldPeer, maxPeer, func(e *Entry) string { return proven.of(e.TLS).peer }),
		text(config.FieldSourceAddress, maxField, func(e *Entry) string { return e.SourceAddress }),
		text(config.FieldMethod, maxField, func(e *Entry) string { return e.Method }),
		text(config.FieldPath, maxPath, func(e *Entry) string { return e.Path }),
		number(config.FieldStatus, func(e *Entry) int64 { return int64(e.Status) }),
		number(config.FieldRequestBytes, func(e *Entry) int64 { return e.RequestBytes }),
		number(config.FieldResponseBytes, func(e *Entry) int64 { return e.ResponseBytes }),
		{config.FieldDuration, func(line []byte, e *Entry) []byte {
			return strconv.AppendFloat(line, e.Duration.Seconds(), 'f', 6, 64)
		}},
		text(config.FieldEndpoint, maxField, func(e *Entry) string { return e.Endpoint }),
	}
}

// connectionFields are empty where there was no connection with the hub.
func connectionFields(proven *proofs) []field {
	text := func(name string, of func(*tls.ConnectionState) string) field {
		return field{name, func(line []byte, e *Entry) []byte {
			if e.TLS == nil {
				return append(line, `""`...)
			}
			return appendString(line, of(e.TLS), maxField)
		}}
	}
	known := newNames()
	return []field{
		text(config.FieldTLSVersion, func(s *tls.ConnectionState) string { return tls.VersionName(s.Version) }),
		text(config.FieldCipherSuite, func(s *tls.ConnectionState) string { return known.suites[s.CipherSuite] }),
		text(config.FieldKeyExchange, func(s *tls.ConnectionState) string { return known.groups[s.CurveID] }),
		text(config.FieldPeerSerialNumber, func(s *tls.ConnectionState) string { return proven.of(s).serialNumber }),
	}
}

// proof is what is logged of the hub's certificate.
type proof struct {
	certificate        *x509.Certificate
	peer, serialNumber string
}

// names of what was negotiated, looked up once: Go makes its list of suites anew at every question.
type names struct {
	suites map[uint16]string
	groups map[tls.CurveID]string
}

func newNames() names {
	n := names{suites: map[uint16]string{}, groups: map[tls.CurveID]string{}}
	for _, suite := range tls.CipherSuites() {
		n.suites[suite.ID] = suite.Name
	}
	for _, group := range (config.TLS{KeyExchange: config.GroupNames()}).Groups() {
		n.groups[group] = config.GroupName(group)
	}
	return n
}

// proofs keeps the last one, since the hub shows the same certificate with almost every request, and to read it costs more than a line.
type proofs struct{ last atomic.Pointer[proof] }

func (p *proofs) of(s *tls.ConnectionState) proof {
	if s == nil || len(s.PeerCertificates) == 0 {
		return proof{}
	}
	leaf := s.PeerCertificates[0]
	if last := p.last.Load(); last != nil && last.certificate == leaf {
		return *last
	}
	read := proof{certificate: leaf, serialNumber: leaf.SerialNumber.Text(16)}
	if id, err := mtls.PeerID(s); err == nil {
		read.peer = id.String()
	}
	p.last.Store(&read)
	return read
}

// render writes the line of an entry, without a line break.
func render(e *Entry, fields []field) []byte {
	const usual = 640
	line := append(make([]byte, 0, usual), `{"time":"`...)
	line = append(e.At.UTC().AppendFormat(line, timeFormat), '"')
	for _, f := range fields {
		line = append(line, `,"`...)
		line = append(append(line, f.name...), `":`...)
		line = f.write(line, e)
	}
	return append(line, '}')
}
