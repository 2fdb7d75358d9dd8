package post

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/controllers/notice/signature"
)

// Bounds of one attempt.
const (
	connectTimeout = 5 * time.Second
	// Timeout of all of it.
	Timeout = 10 * time.Second
	// mostHeader and mostBody are how much of an answer is read.
	mostHeader = 16 * 1024
	mostBody   = 64 * 1024
)

// Target is where to send to, and who has to be there.
type Target struct {
	URL, CAPEM string
}

// Verdict is what became of an attempt.
type Verdict int

// Verdicts.
const (
	// Delivered: the sink has taken the notice.
	Delivered Verdict = iota
	// Unavailable: nothing at all is to be had of the sink now.
	Unavailable
	// Refused: the sink does not take this notice as it is, and a person has to look why.
	Refused
	// Gone: the sink wants nothing any more.
	Gone
)

// Outcome of an attempt.
type Outcome struct {
	Verdict Verdict
	// Problem in a sentence, with nothing secret in it.
	Problem string
	// RetryAfter is how long the sink asked to be left alone; zero if it did not.
	RetryAfter time.Duration
}

// Sender sends notices. Its methods may be called from several goroutines.
type Sender struct {
	Guard Guard
	// Identity is the operator's own on a hub, as it is now.
	Identity func(hub string) (tls.Certificate, error)
	Clock    clock.PassiveClock
	// Timeout of one attempt; the constant if zero.
	Timeout time.Duration
}

// Send makes one attempt.
func (s *Sender) Send(ctx context.Context, to Target, m Message) Outcome {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := s.request(ctx, to, m)
	if err != nil {
		return Outcome{Verdict: Unavailable, Problem: fmt.Sprintf("The notice could not be signed: %v.", err)}
	}
	client, err := s.client(to)
	if err != nil {
		return Outcome{Verdict: Unavailable, Problem: fmt.Sprintf("The sink cannot be used as it is declared: %v.", err)}
	}
	response, err := client.Do(request)
	if err != nil {
		return Outcome{Verdict: Unavailable, Problem: fmt.Sprintf("The sink could not be reached: %v.", reason(err))}
	}
	defer func() { _ = response.Body.Close() }() // the attempt is judged by the status alone
	outcome := s.judge(response)
	// What is said beyond the status interests nobody, but a sink that is cut short may take it for a failure.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, mostBody))
	return outcome
}

func (s *Sender) request(ctx context.Context, to Target, m Message) (*http.Request, error) {
	content, err := m.Encode()
	if err != nil {
		return nil, err
	}
	identity, err := s.Identity(m.Notice.Hub)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("its target is no URL: %w", reason(err))
	}
	if request.URL.Scheme != "https" || request.URL.User != nil {
		return nil, errors.New("its target is no https URL without a user and a password")
	}
	if request.URL.Path == "" {
		// So it is sent, and so the receiver sees it.
		request.URL.Path = "/"
	}
	request.Header.Set("Content-Type", event.ApplicationCloudEventsJSON+"; charset=utf-8")
	request.Header.Set("User-Agent", "lienthong-connector-operator")
	return request, signature.Sign(request, content, &identity, s.Clock.Now())
}

// client knows one sink and serves one attempt.
func (s *Sender) client(to Target) (*http.Client, error) {
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM([]byte(to.CAPEM)) {
		return nil, errors.New("its caPEM has no certificate that can be read")
	}
	dialer := &net.Dialer{Timeout: connectTimeout, Control: s.Guard.Control}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities, Time: s.Clock.Now},
			TLSHandshakeTimeout:    connectTimeout,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: mostHeader,
		},
	}, nil
}

// reason leaves out the URL, whose path an owner may not want to read in a status.
func reason(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return errors.New("it did not answer in time")
		}
		return wrapped.Err
	}
	return err
}

func (s *Sender) judge(r *http.Response) Outcome {
	answer := fmt.Sprintf("The sink answered %d", r.StatusCode)
	switch code := r.StatusCode; {
	case code >= 200 && code < 300:
		return Outcome{Verdict: Delivered}
	case code >= 300 && code < 400:
		return Outcome{Verdict: Refused, Problem: answer + ", a redirect, and those are never followed; declare the address that it is to be sent to."}
	case code == http.StatusGone:
		return Outcome{Verdict: Gone, Problem: answer + ": it wants no notices any more; take it off, or let it answer again."}
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests, code >= 500:
		return Outcome{Verdict: Unavailable, Problem: answer + ".", RetryAfter: s.retryAfter(r.Header.Get("Retry-After"))}
	default:
		return Outcome{Verdict: Refused, Problem: answer + ": it does not take the notice; see there why."}
	}
}

// retryAfter reads seconds or a date.
func (s *Sender) retryAfter(text string) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(s.Clock.Now()), 0)
	}
	return 0
}
