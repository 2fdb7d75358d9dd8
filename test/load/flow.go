package load

import (
	"errors"
	"fmt"
	"time"

	"lienthong.gov.vn/connector-operator/test/pki"
)

// Direction of a flow, as the gateway sees it.
type Direction string

// Directions. Inbound clients are the hub, outbound ones an agency's own system.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// Program is what sends the requests of a flow.
type Program string

// Programs. Curl shares no code with the gateway; it is started anew for each request, so its connections are always new.
const (
	NetHTTP Program = "net/http"
	Curl    Program = "curl"
)

// Flow is one kind of traffic at a steady rate.
type Flow struct {
	Name      string
	Direction Direction
	Program   Program
	// HTTP2 asks for HTTP/2, which the plain outbound port of a gateway does not offer.
	HTTP2 bool
	// NewConnections makes a connection for every request; otherwise they are kept.
	NewConnections bool
	// Every is the pause between two requests. Requests do not wait for each other, as they come from many people.
	Every time.Duration
	// Sizes of the bodies in bytes, and Targets of the requests; each list is taken in turn, for ever.
	Sizes   []int64
	Targets []Target
	// Credentials of the hub are asked for at each new connection of an inbound flow.
	Credentials func() (Credentials, error)
}

// Target is one gateway.
type Target struct {
	// Host is the name by which the gateway is asked for, and Address the host:port that is connected to.
	Host, Address string
	// SPIFFEID that an inbound gateway must prove.
	SPIFFEID string
	// From and To are the agencies of an outbound document.
	From, To string
}

// Credentials are what the hub shows, and the anchors in PEM that it accepts gateways by.
type Credentials struct {
	Identity pki.Pair
	Anchors  []byte
}

func (f Flow) check() error {
	switch {
	case f.Every <= 0 || len(f.Sizes) == 0 || len(f.Targets) == 0:
		return fmt.Errorf("the flow %s says no pause, no size or no target; give it each", f.Name)
	case f.Direction == Inbound && f.Credentials == nil:
		return fmt.Errorf("the inbound flow %s has no credentials; give it those of the hub", f.Name)
	case f.Direction == Outbound && (f.HTTP2 || f.Program == Curl):
		return errors.New("outbound flows speak HTTP/1.1 from net/http; the plain port of a gateway offers nothing else")
	}
	return nil
}
