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
}

// RenewalTurn is one turn of cert-manager alone and one of the operator, which ends when every pod was seen to serve.
type RenewalTurn struct {
	OperatorFirst bool    `json:"operatorFirst"`
	Alone         Renewed `json:"certManagerAlone"`
	Operator      Renewed `json:"operator"`
	// IssuedSeconds is when the operator's certificates were all issued.
	IssuedSeconds float64 `json:"operatorIssuedSeconds"`
	// Own counts by object the operator's own writes that met a conflict, MostConflicts is the most of one object.
	Own           map[string]int `json:"operatorConflictsByObject,omitempty"`
	MostConflicts int            `json:"mostConflictsPerObject"`
	// MostWrites is how many writes the most expensive Connector cost, and PerConnector how many Connectors cost how many.
	MostWrites   int            `json:"mostWritesPerConnector"`
	PerConnector map[int]int    `json:"connectorsByWrites"`
	Reads        int            `json:"reads"`
	ByClass      map[string]int `json:"callsByClass"`
}

func (t *RenewalTurn) count(made []calls.Call) {
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
		line(fmt.Sprintf("all served / all issued by cert-manager alone, turn %d (%s first)", i+1, first),
			fmt.Sprintf("%.1f s / %.1f s = %.2f", t.Operator.Seconds, t.Alone.Seconds, t.Operator.Seconds/t.Alone.Seconds), "")
		line(fmt.Sprintf("refused by the API server, turn %d: operator / cert-manager alone", i+1),
			total(t.Operator.Conflicts)+" / "+total(t.Alone.Conflicts), "")
		writes, conflicts, reads = max(writes, t.MostWrites), max(conflicts, t.MostConflicts), max(reads, t.Reads)
	}
	line("wall time of all turns, operator to cert-manager alone, all served",
		fmt.Sprintf("%.2f", r.ratio(func(t *RenewalTurn) float64 { return t.Operator.Seconds })), fmt.Sprintf("%.2f", renewalGoal))
	line("wall time of all turns, operator to cert-manager alone, all issued",
		fmt.Sprintf("%.2f", r.ratio(func(t *RenewalTurn) float64 { return t.IssuedSeconds })), "")
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
