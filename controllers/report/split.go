package report

import (
	"encoding/json"
	"fmt"
	"math"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/chain"
)

// Limits bound one part of a report.
type Limits struct {
	// Entries is how many a part has at most. The schema takes no more than 1000.
	Entries int
	// Bytes is how long the canonical form of a part is at most.
	Bytes int
}

// DefaultLimits keep a part far below what the API server takes, and quick to read.
func DefaultLimits() Limits { return Limits{Entries: 1000, Bytes: 256 << 10} }

// compose makes the links of a report: base with its content, split by the limits, from the given head on.
func compose(base v1alpha1.ReadinessReportSpec, head *v1alpha1.ReportChainHead, limits Limits) ([]v1alpha1.ReadinessReport, error) {
	chunks, err := split(base, limits)
	if err != nil {
		return nil, err
	}
	sequence, previous := int64(1), v1alpha1.SHA256Digest("")
	if head != nil {
		sequence, previous = head.Sequence+1, head.SHA256
	}
	var links []v1alpha1.ReadinessReport
	for i, entries := range chunks {
		spec := *base.DeepCopy()
		spec.Content.Entries = entries
		spec.Sequence, spec.PreviousSHA256 = sequence, previous
		spec.Part, spec.Parts = new(int32(i+1)), new(int32(len(chunks)))
		if i > 0 {
			spec.Abandoned = nil
		}
		if _, err := chain.Seal(&spec); err != nil {
			return nil, err
		}
		link := v1alpha1.ReadinessReport{Spec: spec}
		link.Name = chain.Name(spec.Plan.Name, sequence)
		links = append(links, link)
		sequence, previous = sequence+1, spec.SHA256
	}
	return links, nil
}

// split cuts the entries where a part would become too long. There is always one part, also without entries.
func split(base v1alpha1.ReadinessReportSpec, limits Limits) ([][]v1alpha1.ReportEntry, error) {
	entries := base.Content.Entries
	frame, err := frameSize(base)
	if err != nil {
		return nil, err
	}
	var chunks [][]v1alpha1.ReportEntry
	begin, size := 0, frame
	for i := range entries {
		text, err := json.Marshal(&entries[i])
		if err != nil {
			return nil, fmt.Errorf("writing an entry of a report: %w", err)
		}
		// The canonical form is never longer: it escapes less.
		longer := size + len(text) + 1
		if i > begin && (i-begin == limits.Entries || longer > limits.Bytes) {
			chunks = append(chunks, entries[begin:i])
			begin, longer = i, frame+len(text)+1
		}
		size = longer
	}
	return append(chunks, entries[begin:]), nil
}

// frameSize is how long a part is without its entries, at most.
func frameSize(base v1alpha1.ReadinessReportSpec) (int, error) {
	frame := *base.DeepCopy()
	frame.Content.Entries = nil
	frame.Sequence, frame.PreviousSHA256 = math.MaxInt64, "0000000000000000000000000000000000000000000000000000000000000000"
	frame.Part, frame.Parts = new(int32(math.MaxInt32)), new(int32(math.MaxInt32))
	text, err := json.Marshal(&frame)
	if err != nil {
		return 0, fmt.Errorf("writing the spec of a report: %w", err)
	}
	return len(text) + len(`"entries":[],`), nil
}
