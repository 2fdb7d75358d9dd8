// Package receiver is what a focal point's own system does with notices: it verifies who sent them, keeps each once, and answers.
//
// It runs in tests and in the stand-in program beside it. It shares no code with the operator: all that it knows is the documentation of
// notices and RFC 9421. What it has received lives as long as the process.
package receiver

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Event is a CloudEvent with the data of a notice.
type Event struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject"`
	Time            time.Time       `json:"time"`
	Sequence        string          `json:"sequence"`
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`
}

// Proof is what a signature was verified by, so that somebody else can verify it again.
type Proof struct {
	// Base is the text that was signed, Signature the bytes as they came, Algorithm its name, and Leaf the signer's certificate.
	Base, Signature []byte
	Algorithm       string
	Leaf            *x509.Certificate
}

// Receiver verifies and keeps events.
type Receiver struct {
	// Authorities sign the operator's identity; Operator is its SPIFFE ID.
	Authorities *x509.CertPool
	Operator    string
	Now         func() time.Time
	// Taken is called with each event; if it fails, the event is not taken. It may be nil.
	Taken func(Event, Proof) error

	mu       sync.Mutex
	answer   http.HandlerFunc
	events   []Event
	proofs   []Proof
	refused  []error
	requests int
}

// Answer lets the receiver do something else with requests than to take them; nil puts that back.
func (r *Receiver) Answer(f http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

// Events are those that were taken, in the order in which they came. One that came twice is there once.
func (r *Receiver) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	var once []Event
	for _, e := range r.events {
		if !seen[e.Source+" "+e.ID] {
			seen[e.Source+" "+e.ID] = true
			once = append(once, e)
		}
	}
	return once
}

// Requests is how many came, whatever became of them.
func (r *Receiver) Requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

// Proofs are those of the events that were taken, one for each time.
func (r *Receiver) Proofs() []Proof {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Proof(nil), r.proofs...)
}

// Refused are the reasons for which requests were not taken.
func (r *Receiver) Refused() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]error(nil), r.refused...)
}

// ServeHTTP takes one notice.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	r.requests++
	answer := r.answer
	r.mu.Unlock()
	if answer != nil {
		answer(w, request)
		return
	}
	event, proof, err := r.read(request)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.refused = append(r.refused, err)
		http.Error(w, "The notice could not be verified.", http.StatusUnauthorized)
		return
	}
	if r.Taken != nil {
		if err := r.Taken(event, proof); err != nil {
			http.Error(w, "The notice could not be kept.", http.StatusServiceUnavailable)
			return
		}
	}
	r.events, r.proofs = append(r.events, event), append(r.proofs, proof)
	w.WriteHeader(http.StatusNoContent)
}

func (r *Receiver) read(request *http.Request) (Event, Proof, error) {
	const most = 256 * 1024
	content, err := io.ReadAll(io.LimitReader(request.Body, most))
	if err != nil {
		return Event{}, Proof{}, fmt.Errorf("reading the content: %w", err)
	}
	proof, err := r.Verify(request, content)
	if err != nil {
		return Event{}, proof, err
	}
	var event Event
	if err := json.Unmarshal(content, &event); err != nil {
		return event, proof, fmt.Errorf("the content is no CloudEvent in JSON: %w", err)
	}
	return event, proof, nil
}

// Verify checks the signature of a request with that content.
func (r *Receiver) Verify(request *http.Request, content []byte) (Proof, error) {
	sum := sha256.Sum256(content)
	if got, want := request.Header.Get("Content-Digest"), "sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":"; got != want {
		return Proof{}, fmt.Errorf("Content-Digest is %s, but that of the content is %s", got, want)
	}
	leaf, err := r.signer(request.Header.Get("Lienthong-Certificates"))
	if err != nil {
		return Proof{}, err
	}
	input := regexp.MustCompile(`^lienthong=(\(([^)]*)\);created=(\d+);expires=(\d+);keyid="([^"]*)";alg="([^"]*)";tag="lienthong-notice")$`).
		FindStringSubmatch(request.Header.Get("Signature-Input"))
	if input == nil {
		return Proof{}, fmt.Errorf("Signature-Input is not that of a notice: %s", request.Header.Get("Signature-Input"))
	}
	if err := r.fresh(input[3], input[4]); err != nil {
		return Proof{}, err
	}
	fingerprint := sha256.Sum256(leaf.Raw)
	if input[5] != "sha256:"+hex.EncodeToString(fingerprint[:]) {
		return Proof{}, errors.New("keyid is not the fingerprint of the certificate that is offered")
	}
	base, err := signatureBase(request, input[2], input[1])
	if err != nil {
		return Proof{}, err
	}
	signature, err := byteSequence(strings.TrimPrefix(request.Header.Get("Signature"), "lienthong="))
	if err != nil {
		return Proof{}, fmt.Errorf("reading Signature: %w", err)
	}
	proof := Proof{Base: []byte(base), Signature: signature, Algorithm: input[6], Leaf: leaf}
	return proof, verify(proof)
}

// signer is the certificate of the signer, which must be the operator's.
func (r *Receiver) signer(header string) (*x509.Certificate, error) {
	var leaf *x509.Certificate
	intermediates := x509.NewCertPool()
	for i, item := range strings.Split(header, ",") {
		der, err := byteSequence(strings.TrimSpace(item))
		if err != nil {
			return nil, fmt.Errorf("reading Lienthong-Certificates: %w", err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("reading Lienthong-Certificates: %w", err)
		}
		if i == 0 {
			leaf = certificate
		} else {
			intermediates.AddCert(certificate)
		}
	}
	options := x509.VerifyOptions{
		Roots: r.Authorities, Intermediates: intermediates, CurrentTime: r.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if _, err := leaf.Verify(options); err != nil {
		return nil, fmt.Errorf("the certificate of the signer is not trusted: %w", err)
	}
	if len(leaf.URIs) != 1 || leaf.URIs[0].String() != r.Operator {
		return nil, fmt.Errorf("the signer is %v, and not %s", leaf.URIs, r.Operator)
	}
	return leaf, nil
}

func (r *Receiver) fresh(created, expires string) error {
	var from, until int64
	if _, err := fmt.Sscan(created+" "+expires, &from, &until); err != nil {
		return fmt.Errorf("reading when the signature was made: %w", err)
	}
	const skew = 60
	if now := r.Now().Unix(); now < from-skew || now > until+skew {
		return fmt.Errorf("the signature holds from %d to %d, and it is %d", from, until, now)
	}
	return nil
}

// signatureBase is the text that was signed (RFC 9421, section 2.5), of which all that matters must be part.
func signatureBase(request *http.Request, covered, parameters string) (string, error) {
	var base strings.Builder
	for _, component := range strings.Fields(covered) {
		var value string
		switch name := strings.Trim(component, `"`); name {
		case "@method":
			value = request.Method
		case "@target-uri":
			value = "https://" + request.Host + request.URL.RequestURI()
		default:
			value = request.Header.Get(name)
		}
		fmt.Fprintf(&base, "%s: %s\n", component, value)
	}
	for _, needed := range []string{`"@method"`, `"@target-uri"`, `"content-type"`, `"content-digest"`, `"lienthong-certificates"`} {
		if !strings.Contains(covered, needed) {
			return "", fmt.Errorf("the signature does not cover %s", needed)
		}
	}
	base.WriteString(`"@signature-params": ` + parameters)
	return base.String(), nil
}

func byteSequence(text string) ([]byte, error) {
	if len(text) < 2 || text[0] != ':' || text[len(text)-1] != ':' {
		return nil, fmt.Errorf("%q is no byte sequence", text)
	}
	return base64.StdEncoding.DecodeString(text[1 : len(text)-1])
}
