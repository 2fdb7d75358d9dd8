package observe

import (
	"reflect"
	"regexp"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/gateway/status"
	"lienthong.gov.vn/connector-operator/gateway/trust"
)

// Target is one gateway pod to ask.
type Target struct {
	// Pod is the UID of the pod; another pod of the same name is another target.
	Pod types.UID
	// Name and Namespace of the pod, for logs.
	Namespace, Name string
	// Address of the status listener, as host:port.
	Address string
	// Hub whose operator identity is shown to the gateway.
	Hub string
	// SPIFFEID that the gateway must present.
	SPIFFEID string
	// Anchors that the gateway's certificate must chain to.
	Anchors *trust.Bundle
}

func (t Target) same(other Target) bool {
	return t.Address == other.Address && t.Hub == other.Hub && t.SPIFFEID == other.SPIFFEID &&
		t.Anchors.Digest == other.Anchors.Digest
}

// Observation is what one pod said, or why it could not be asked; exactly one of the two is set.
type Observation struct {
	Report  *status.Report
	Problem string
}

// settle strips from an answer what changes although nothing happened, such as the time of the last handshake and the local
// port in an error text, so that only a real change wakes a Connector.
func settle(r status.Report) *status.Report {
	r.LastHandshake = nil
	endpoints := make([]status.Endpoint, len(r.Endpoints))
	for i, e := range r.Endpoints {
		e.LastHandshake = nil
		e.Error = stable(e.Error)
		endpoints[i] = e
	}
	r.Endpoints = endpoints
	problems := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		problems[i] = stable(p)
	}
	r.Problems = problems
	return &r
}

// stable removes the local address of a connection ("10.1.2.3:45678->") from an error text.
func stable(text string) string {
	return regexp.MustCompile(`\S+:\d+->`).ReplaceAllString(text, "")
}

func (o Observation) equal(other Observation) bool { return reflect.DeepEqual(o, other) }
