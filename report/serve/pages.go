package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/page"
	"lienthong.gov.vn/connector-operator/report/view"
)

// patience is how long the making of a page may take.
const patience = 30 * time.Second

// pages makes the page of each language, and hands the same one to everybody who asks within a while.
type pages struct {
	collect func(context.Context) (*view.View, error)
	clock   clock.PassiveClock
	log     logr.Logger

	mu   sync.Mutex
	made map[locale.Language]*made
}

// made is a page, or why there is none. A failure counts like a page, so that a cluster in trouble is not asked all the more.
type made struct {
	// done is closed when the rest may be read.
	done chan struct{}
	// begun is when the making began: what the page tells is not older.
	begun time.Time
	html  []byte
	tag   string
	err   error
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	language := locale.Vietnamese
	if asked := r.URL.Query().Get("lang"); asked != "" {
		var err error
		if language, err = locale.Parse(asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	m := p.page(r.Context(), language)
	select {
	case <-m.done:
	case <-r.Context().Done():
		return
	}
	if m.err != nil {
		w.Header().Set("Retry-After", fmt.Sprint(int(refresh.Seconds())))
		http.Error(w, "The report cannot be made now. The operator's log says why; try again in a moment.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(language))
	w.Header().Set("Etag", m.tag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(m.html))
}

// page gives the page that is there or is being made, or has one made if that is too old.
func (p *pages) page(ctx context.Context, language locale.Language) *made {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if m := p.made[language]; m != nil && now.Sub(m.begun) < refresh {
		return m
	}
	m := &made{done: make(chan struct{}), begun: now}
	if p.made == nil {
		p.made = map[locale.Language]*made{}
	}
	p.made[language] = m
	// Others wait for the same page, so it does not end with the request of the first.
	go p.make(context.WithoutCancel(ctx), m, language)
	return m
}

func (p *pages) make(ctx context.Context, m *made, language locale.Language) {
	defer close(m.done)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m.html, m.err = p.render(ctx, language)
	if m.err != nil {
		p.log.Error(m.err, "The page could not be made.", "language", language)
		return
	}
	sum := sha256.Sum256(m.html)
	m.tag = `"` + hex.EncodeToString(sum[:]) + `"`
}

func (p *pages) render(ctx context.Context, language locale.Language) ([]byte, error) {
	v, err := p.collect(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading where the agencies stand: %w", err)
	}
	var html bytes.Buffer
	if err := page.Render(&html, v, page.Options{Language: language}); err != nil {
		return nil, err
	}
	return html.Bytes(), nil
}

// readOnly lets through who only reads the page, as the right that is asked for says, and tells browsers to load nothing, to keep nothing
// and to show the page nowhere else.
func readOnly(next http.Handler) (http.Handler, error) {
	policy, err := page.Policy()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	// GET stands for HEAD too, and any other method is answered with 405.
	mux.HandleFunc(http.MethodGet+" "+Path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			// Who may read the page may read its head, which the server cuts off: one right for both.
			r = r.Clone(r.Context())
			r.Method = http.MethodGet
		}
		next.ServeHTTP(&unknown{ResponseWriter: w}, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Cache-Control":                "no-store",
			"Content-Security-Policy":      policy + "; frame-ancestors 'none'",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy":              "no-referrer",
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
		} {
			w.Header().Set(name, value)
		}
		mux.ServeHTTP(w, r)
	}), nil
}
