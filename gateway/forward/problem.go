package forward

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// ErrStalled is the cause of the context of a request that was ended because one side stood still.
var ErrStalled = errors.New("the request made no progress")

// Unavailable is the error of a transport that has nowhere to send a request. The client is told the sentence.
type Unavailable struct {
	Sentence   string
	RetryAfter time.Duration
}

func (u *Unavailable) Error() string { return u.Sentence }

// WriteProblem answers with an RFC 9457 problem document.
func WriteProblem(w http.ResponseWriter, status int, detail string) {
	body, _ := json.Marshal(struct { // strings and a number always marshal
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, detail})
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func tooLarge(maximum int64) *refusal {
	return &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than the %d bytes that this gateway forwards; send a smaller one.", maximum)}
}

func setRetryAfter(w http.ResponseWriter, d time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(d.Round(time.Second)/time.Second))))
}
