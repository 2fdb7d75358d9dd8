package load_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/test/load"
)

// Rotations of both sides are nothing that a client notices.
func TestNothingFailsWhileIdentitiesRotate(t *testing.T) {
	w := newWorld(t)
	d := start(t, w.every()...)
	sent(t, d, "peace", 100)
	d.Mark("rotation")
	for n := 100; n <= 400; n += 100 {
		w.rotateGateway()
		w.rotateHub()
		sent(t, d, "rotation", n)
	}
	d.Stop()
	var report bytes.Buffer
	if err := d.Report(&report); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", report.String())
	for _, f := range d.Failures() {
		t.Error(f)
	}
	totals := d.Totals()
	if totals.Failed != 0 || totals.Resets != 0 || totals.P99 < totals.P50 || totals.P50 == 0 {
		t.Errorf("of all requests: %+v", totals)
	}
	for _, f := range w.every() {
		if n := strings.Count(report.String(), "  "+f.Name+"  "); n != 2 {
			t.Errorf("the report has %d lines of %q, want one for each period", n, f.Name)
		}
	}
}

// A gateway that breaks off must show in every kind of flow.
func TestFailuresAreCounted(t *testing.T) {
	w := newWorld(t)
	flows := w.every()
	d := start(t, flows...)
	sent(t, d, "peace", 100)
	d.Mark("broken off")
	w.endGate()
	failed := map[string]bool{}
	eventually(t, func() error {
		for _, f := range d.Failures() {
			failed[f.Flow] = true
		}
		if len(failed) < len(flows) {
			return fmt.Errorf("failures show in %v only", failed)
		}
		return nil
	})
	d.Stop()
	if failures := d.Failures(); !strings.Contains(failures[len(failures)-1].String(), `in the period "broken off"`) {
		t.Errorf("the last failure is %s", failures[len(failures)-1])
	}
}

func TestWhatIsWrongWithAFlow(t *testing.T) {
	w := newWorld(t)
	right := load.Flow{Name: "f", Every: time.Second, Sizes: []int64{1}}
	for want, flow := range map[string]load.Flow{
		"says no pause":      w.inbound(load.Flow{Name: "f", Sizes: []int64{1}}),
		"no size":            w.inbound(load.Flow{Name: "f", Every: time.Second}),
		"has no credentials": func() load.Flow { f := w.inbound(right); f.Credentials = nil; return f }(),
		"speak HTTP/1.1":     func() load.Flow { f := w.outbound(right); f.HTTP2 = true; return f }(),
	} {
		if _, err := load.Start("peace", flow); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a flow that %s was answered with %v", want, err)
		}
	}
}
