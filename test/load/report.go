package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// Report prints what became of the requests: a line for each flow in each period, and one for each period as a whole.
func (l *Ledger) Report(out io.Writer) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "PERIOD\tFLOW\tSENT\tFAILED\tRESETS\tP50\tP99\tSLOWEST\t")
	for _, p := range l.periods {
		var all []*tally
		for _, name := range slices.Sorted(maps.Keys(p.flows)) {
			line(w, p.name, name, sum(p.flows[name]))
			all = append(all, p.flows[name])
		}
		line(w, p.name, "ALL", sum(all...))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the report of the load: %w", err)
	}
	return nil
}

func line(w io.Writer, period, flow string, t Totals) {
	fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s\t%s\t\n", period, flow, t.Sent, t.Failed, t.Resets, short(t.P50), short(t.P99), short(t.Slowest))
}

func short(d time.Duration) string {
	const fine = 100 * time.Microsecond
	return d.Round(fine).String()
}
