package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

// Turn is how long it took to create the fleet once, in seconds from the first Connector's creation.
type Turn struct {
	LastChild   float64 `json:"lastChildSeconds"`
	Provisioned float64 `json:"provisionedSeconds"`
}

// OperatorTurn is what that cost besides, when the operator did it.
type OperatorTurn struct {
	Turn
	// Most is how many calls the most expensive Connector cost, and PerConnector how many Connectors cost how many.
	Most         int         `json:"mostCallsPerConnector"`
	PerConnector map[int]int `json:"connectorsByCalls"`
	// Reads are calls that read, other than watches and discovery.
	Reads   int            `json:"reads"`
	ByClass map[string]int `json:"callsByClass"`
	CPU     float64        `json:"cpuSeconds"`
	PeakMiB float64        `json:"peakMiB"`
}

func (t *OperatorTurn) count(made []calls.Call, connectors int) {
	t.ByClass, t.PerConnector = calls.ByClass(made), map[int]int{}
	owned := calls.ByOwner(made)
	for _, own := range owned {
		t.PerConnector[len(own)]++
		t.Most = max(t.Most, len(own))
	}
	if missing := connectors - len(owned); missing > 0 {
		t.PerConnector[0] = missing
	}
	t.Reads = len(calls.Reads(made))
}

// Quiet is a time in which nothing should have been written.
type Quiet struct {
	Seconds float64 `json:"seconds"`
	Writes  int     `json:"writes"`
}

// Repairs are children that were deleted while the whole fleet was being changed.
type Repairs struct {
	Storm   string         `json:"storm"`
	Median  float64        `json:"medianSeconds"`
	Slowest float64        `json:"slowestSeconds"`
	Each    []trial.Repair `json:"each"`
}

func newRepairs(storm string, each []trial.Repair) Repairs {
	took := trial.Took(each)
	return Repairs{storm, trial.Median(took).Seconds(), slices.Max(took).Seconds(), each}
}

// Report is bench.json.
type Report struct {
	At          time.Time      `json:"at"`
	CPUs        int            `json:"cpus"`
	Go          string         `json:"go"`
	Agencies    int            `json:"agencies"`
	Connectors  int            `json:"connectors"`
	Concurrency int            `json:"concurrency"`
	Bare        []Turn         `json:"bareClient"`
	Operator    []OperatorTurn `json:"operator"`
	Idle        Quiet          `json:"idle"`
	Repairs     []Repairs      `json:"repairs"`
	Restart     Quiet          `json:"restart"`
	Served      []float64      `json:"servedAfterRestartSeconds"`
	LifeCPU     float64        `json:"cpuSecondsUntilRestart"`
	LifePeakMiB float64        `json:"peakMiBUntilRestart"`
	// Renewal is measured in a part of its own.
	Renewal *RenewalReport `json:"renewal,omitempty"`
}

func newReport(o options) *Report {
	return &Report{
		At: time.Now().UTC().Truncate(time.Second), CPUs: runtime.NumCPU(), Go: runtime.Version(),
		Agencies: o.size.Agencies, Connectors: o.size.Connectors(), Concurrency: fleet.Concurrency,
	}
}

// ratio of the operator's time to the bare client's: all turns of the one to all turns of the other.
func (r *Report) ratio(of func(Turn) float64) float64 {
	var operator, bare float64
	for i := range r.Operator {
		operator += of(r.Operator[i].Turn)
		bare += of(r.Bare[i])
	}
	return operator / bare
}

// table has one line per figure, with what is wanted of it.
func (r *Report) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 1, ' ', 0)
	line := func(what, got, goal string) { fmt.Fprintf(w, "| %s\t| %s\t| %s\t|\n", what, got, goal) }
	fmt.Fprintf(w, "%d Connectors of %d agencies, %d CPUs, %s\n\n", r.Connectors, r.Agencies, r.CPUs, r.Go)
	line("what", "measured", "goal")
	line("---", "---", "---")
	most, reads, cpu, peak := 0, 0, 0.0, 0.0
	for i := range r.Operator {
		most, reads = max(most, r.Operator[i].Most), max(reads, r.Operator[i].Reads)
		cpu, peak = cpu+r.Operator[i].CPU/float64(len(r.Operator)), max(peak, r.Operator[i].PeakMiB)
	}
	line("calls per Connector at creation, the most", fmt.Sprint(most), fmt.Sprintf("%d", desired.Children+3))
	line("live reads at creation, in all", fmt.Sprint(reads), "0")
	line(fmt.Sprintf("writes in %.0f idle seconds", r.Idle.Seconds), fmt.Sprint(r.Idle.Writes), "0")
	line("writes after a restart", fmt.Sprint(r.Restart.Writes), "0")
	for _, repairs := range r.Repairs {
		line("deleted child back, "+repairs.Storm+": median / slowest", fmt.Sprintf("%.2f s / %.2f s", repairs.Median, repairs.Slowest), "1 s")
	}
	if len(r.Served) > 0 {
		sorted := slices.Sorted(slices.Values(r.Served))
		line("new Connector served after a restart: median / slowest",
			fmt.Sprintf("%.2f s / %.2f s", sorted[len(sorted)/2], sorted[len(sorted)-1]), "2 s")
	}
	for i := range r.Operator {
		operator, bare := r.Operator[i], r.Bare[i]
		line(fmt.Sprintf("last child exists, turn %d: operator / bare client", i+1),
			fmt.Sprintf("%.1f s / %.1f s = %.2f", operator.LastChild, bare.LastChild, operator.LastChild/bare.LastChild), "")
		line(fmt.Sprintf("all issued and available, turn %d: operator / bare client", i+1),
			fmt.Sprintf("%.1f s / %.1f s = %.2f", operator.Provisioned, bare.Provisioned, operator.Provisioned/bare.Provisioned), "")
	}
	line("wall time of all turns, operator to bare client, last child", fmt.Sprintf("%.2f", r.ratio(func(t Turn) float64 { return t.LastChild })), "1.3")
	line("wall time of all turns, operator to bare client, all issued and available", fmt.Sprintf("%.2f", r.ratio(func(t Turn) float64 { return t.Provisioned })), "")
	line("CPU time of the operator to create the fleet", fmt.Sprintf("%.1f s", cpu), "")
	line("peak memory of the operator, fleet created", fmt.Sprintf("%.0f MiB", peak), "")
	line("peak memory of the operator in the last turn, storms included", fmt.Sprintf("%.0f MiB", r.LifePeakMiB), "")
	// Nothing fails to be written to memory.
	_ = w.Flush()
	return text.String()
}
