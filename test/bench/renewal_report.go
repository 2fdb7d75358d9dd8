package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"lienthong.gov.vn/connector-operator/test/scale/calls"
)

// renewalGoal is what the operator may take of cert-manager's own time.
const renewalGoal = 1.15

// Renewed is how long it took to renew every certificate once, and what the API server refused meanwhile, by resource.
type Renewed struct {
	Seconds   float64        `json:"seconds"`
	Conflicts map[string]int `json:"conflictsByResource"`
	// Requests are all that the API server answered meanwhile, whoever made them.
	Requests served `json:"requests"`
}

// RenewalTurn is one turn of cert-manager alone, and two beside the operator: one begun in the same way, and one that the operator was asked
// for by the annotation of each Connector.
type RenewalTurn struct {
	OperatorFirst bool         `json:"operatorFirst"`
	Alone         Renewed      `json:"certManagerAlone"`
	Operator      RenewedFleet `json:"operator"`
	Requested     RenewedFleet `json:"requestedOfOperator"`
}

// RenewedFleet tells of the renewal of a fleet, which ends when every pod was seen to serve.
type RenewedFleet struct {
	Renewed
	// IssuedSeconds is when the certificates were all issued.
	IssuedSeconds float64 `json:"issuedSeconds"`
	// Own counts by object the operator's own writes that met a conflict, MostConflicts is the most of one object.
	Own           map[string]int `json:"operatorConflictsByObject,omitempty"`
	MostConflicts int            `json:"mostConflictsPerObject"`
	// MostWrites is how many writes the most expensive Connector cost, and PerConnector how many Connectors cost how many.
	MostWrites   int            `json:"mostWritesPerConnector"`
	PerConnector map[int]int    `json:"connectorsByWrites"`
	Reads        int            `json:"reads"`
	ByClass      map[string]int `json:"callsByClass"`
}

func (t *RenewedFleet) count(made []calls.Call) {
	t.Own, t.PerConnector = calls.Conflicts(made), map[int]int{}
	for _, n := range t.Own {
		t.MostConflicts = max(t.MostConflicts, n)
	}
	for _, own := range calls.ByOwner(calls.Writes(made)) {
		t.PerConnector[len(own)]++
		t.MostWrites = max(t.MostWrites, len(own))
	}
	t.Reads, t.ByClass = len(calls.Reads(made)), calls.ByClass(made)
}

// RenewalReport is the part of bench.json about renewals.
type RenewalReport struct {
	At           time.Time     `json:"at"`
	CPUs         int           `json:"cpus"`
	Go           string        `json:"go"`
	Certificates int           `json:"certificates"`
	Replicas     int           `json:"replicas"`
	Turns        []RenewalTurn `json:"turns"`
}

// ratio of the operator's time to cert-manager's own, all turns of the one to all turns of the other.
func (r *RenewalReport) ratio(of func(*RenewalTurn) float64) float64 {
	var operator, alone float64
	for i := range r.Turns {
		operator += of(&r.Turns[i])
		alone += r.Turns[i].Alone.Seconds
	}
	return operator / alone
}

// table has one line per figure, with what is wanted of it.
func (r *RenewalReport) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 1, ' ', 0)
	line := func(what, got, goal string) { fmt.Fprintf(w, "| %s\t| %s\t| %s\t|\n", what, got, goal) }
	fmt.Fprintf(w, "%d certificates renewed at once, %d simulated pods each, %d CPUs, %s\n\n", r.Certificates, r.Replicas, r.CPUs, r.Go)
	line("what", "measured", "goal")
	line("---", "---", "---")
	writes, conflicts, reads := 0, 0, 0
	for i := range r.Turns {
		t := &r.Turns[i]
		first := "cert-manager alone"
		if t.OperatorFirst {
			first = "operator"
		}
		for _, how := range []string{"begun alike", "requested"} {
			f := &t.Operator
			if how == "requested" {
				f = &t.Requested
			}
			line(fmt.Sprintf("%s: all issued / by cert-manager alone, turn %d (%s first)", how, i+1, first),
				fmt.Sprintf("%.1f s / %.1f s = %.2f", f.IssuedSeconds, t.Alone.Seconds, f.IssuedSeconds/t.Alone.Seconds), "")
			line(fmt.Sprintf("%s: all served / all issued by cert-manager alone, turn %d", how, i+1),
				fmt.Sprintf("%.1f s / %.1f s = %.2f", f.Seconds, t.Alone.Seconds, f.Seconds/t.Alone.Seconds), "")
			line(fmt.Sprintf("%s: refused by the API server / for cert-manager alone, turn %d", how, i+1), total(f.Conflicts)+" / "+total(t.Alone.Conflicts), "")
			writes, conflicts, reads = max(writes, f.MostWrites), max(conflicts, f.MostConflicts), max(reads, f.Reads)
		}
	}
	goal := fmt.Sprintf("%.2f", renewalGoal)
	for _, ratio := range []struct {
		what string
		of   func(*RenewalTurn) float64
	}{
		{"begun alike, all issued", func(t *RenewalTurn) float64 { return t.Operator.IssuedSeconds }},
		{"begun alike, all served", func(t *RenewalTurn) float64 { return t.Operator.Seconds }},
		{"requested, all issued", func(t *RenewalTurn) float64 { return t.Requested.IssuedSeconds }},
		{"requested, all served", func(t *RenewalTurn) float64 { return t.Requested.Seconds }},
	} {
		line("wall time of all turns, to cert-manager alone: "+ratio.what, fmt.Sprintf("%.2f", r.ratio(ratio.of)), goal)
	}
	line("conflicts that the operator's writes of one object met, the most", fmt.Sprint(conflicts), "1")
	line("writes of the operator per Connector, the most", fmt.Sprint(writes), "")
	line("live reads of the operator, in all", fmt.Sprint(reads), "0")
	// Nothing fails to be written to memory.
	_ = w.Flush()
	return text.String()
}

func total(counts map[string]int) string {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	var parts []string
	for _, resource := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[resource], resource))
	}
	if len(parts) == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", sum, strings.Join(parts, ", "))
}
