package gateway

import (
	"io"
	"net"
	"os"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
)

// Options of a gateway. The zero value of each field but Log stands for its default.
type Options struct {
	// ConfigDir holds gateway.yaml, trust.pem and, if anything is revoked, revocations.json; by default /etc/lienthong/gateway.
	ConfigDir string
	// IdentityDir holds tls.crt and tls.key; by default /var/run/lienthong/identity.
	IdentityDir string
	// Version is told in /status and in the metric build_info.
	Version string
	Log     logr.Logger
	// RequestLog gets a line for every request; it is standard output by default.
	RequestLog io.Writer
	// Host is what the log collector is told as the name of this pod; by default the host name.
	Host string
	// Clock is the real one by default.
	Clock clock.WithTickerAndDelayedExecution
	// PollInterval is how often the directories are read without a file system event; by default 10 seconds.
	PollInterval time.Duration
	// OnListening, if set, is called once, when all listeners are open.
	OnListening func(Addresses)
}

// Addresses are where a gateway really listens, which matters where the configuration says port 0.
type Addresses struct {
	Inbound, Outbound, Status, Probes net.Addr
}

// The defaults of the directories.
const (
	DefaultConfigDir   = "/etc/lienthong/gateway"
	DefaultIdentityDir = "/var/run/lienthong/identity"
	defaultPoll        = 10 * time.Second
)

func (o Options) withDefaults() Options {
	if o.ConfigDir == "" {
		o.ConfigDir = DefaultConfigDir
	}
	if o.IdentityDir == "" {
		o.IdentityDir = DefaultIdentityDir
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.RequestLog == nil {
		o.RequestLog = os.Stdout
	}
	if o.Host == "" {
		o.Host, _ = os.Hostname() // none is better than no gateway
	}
	if o.PollInterval <= 0 {
		o.PollInterval = defaultPoll
	}
	if o.Version == "" {
		o.Version = "unknown"
	}
	return o
}
