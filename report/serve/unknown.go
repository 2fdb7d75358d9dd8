package serve

import (
	"bytes"
	"net/http"
)

// unknown answers 401 where the filter answers 500: it takes a token that the API server does not know, or not any more, for a failure of its
// own. Whoever reads the answer has to get another token, not to wait.
type unknown struct {
	http.ResponseWriter
	// held is whether a 500 waits for the words that say what it is about.
	held bool
}

// WriteHeader holds a 500 back.
func (u *unknown) WriteHeader(code int) {
	if code == http.StatusInternalServerError {
		u.held = true
		return
	}
	u.ResponseWriter.WriteHeader(code)
}

func (u *unknown) Write(words []byte) (int, error) {
	if u.held {
		u.held = false
		code := http.StatusInternalServerError
		if bytes.HasPrefix(words, []byte("Authentication failed")) {
			code = http.StatusUnauthorized
		}
		u.ResponseWriter.WriteHeader(code)
	}
	return u.ResponseWriter.Write(words)
}
