package chain

import (
	"bytes"
	"encoding/json"
	"fmt"

	kjson "sigs.k8s.io/json"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Link is a report as it was found somewhere.
type Link struct {
	// Source says where it was read, such as the name of a file. Links of one source are in the order in which they stand there.
	Source string
	// Name of the object.
	Name string
	// Spec as it was read, and Text the JSON that it was read from, which is what is digested: also what Spec has no field for.
	Spec v1alpha1.ReadinessReportSpec
	Text []byte
}

// Parse reads a ReadinessReport in JSON, and its fields by their exact names, as the API server does: a second spec that is called Spec is none.
func Parse(object []byte) (Link, error) {
	var read struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Spec json.RawMessage `json:"spec"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(object, &read); err != nil {
		return Link{}, fmt.Errorf("reading a ReadinessReport: %w", err)
	}
	l := Link{Name: read.Metadata.Name, Text: bytes.Clone(read.Spec)}
	if len(l.Text) == 0 {
		return Link{}, fmt.Errorf("ReadinessReport %s has no spec", l.Name)
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(l.Text, &l.Spec); err != nil {
		return Link{}, fmt.Errorf("reading the spec of ReadinessReport %s: %w", l.Name, err)
	}
	return l, nil
}

// Of makes the link of a report that was read from a cluster.
func Of(report *v1alpha1.ReadinessReport) (Link, error) {
	text, err := json.Marshal(report.Spec)
	if err != nil {
		return Link{}, fmt.Errorf("writing the spec of ReadinessReport %s: %w", report.Name, err)
	}
	return Link{Name: report.Name, Spec: report.Spec, Text: text}, nil
}

// part and parts are 1 in a report that does not say: it was changed, which its digest tells.
func (l *Link) part() int64  { return orOne(l.Spec.Part) }
func (l *Link) parts() int64 { return orOne(l.Spec.Parts) }

func orOne(n *int32) int64 {
	if n == nil {
		return 1
	}
	return int64(*n)
}
