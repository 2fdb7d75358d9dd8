package observe

import (
	"errors"
	"strings"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"
)

func TestWithoutAnIdentityNobodyIsAsked(t *testing.T) {
	dir := t.TempDir()
	fetcher := &IdentityFetcher{Dir: dir, Clock: testclock.NewFakePassiveClock(time.Unix(0, 0))}
	_, err := fetcher.Fetch(t.Context(), Target{Hub: "national-hub"})
	if !errors.Is(err, ErrNoIdentity) || !strings.Contains(err.Error(), "mount a certificate for the operator at "+dir+"/national-hub") {
		t.Errorf("the error is %v; want it to say where to mount which certificate", err)
	}
}
