package desired

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/gateway/config"
)

// Keys of the gateway's ConfigMap.
const (
	ConfigKey = "gateway.yaml"
	TrustKey  = "trust.pem"
	// RevocationsKey is there even when nothing is revoked, so that a list that vanishes is noticed.
	RevocationsKey = "revocations.json"
)

// Timings of the gateway that nobody has asked to change yet; they are the gateway's, not the law's.
const (
	healthInterval = 5 * time.Second
	healthTimeout  = 3 * time.Second
	headerTimeout  = 30 * time.Second
	idleTimeout    = 90 * time.Second
	stallTimeout   = 60 * time.Second
	maxHeaderBytes = 32 << 10
)

// ConfigMap holds the gateway's configuration and its trust bundle. Neither is secret.
func ConfigMap(in Inputs) (*corev1.ConfigMap, error) {
	if in.logsToCollector() && in.Hub.Spec.LogCollector == nil {
		return nil, fmt.Errorf("SecurityProfile %s sends the request log to the hub's collector, but ExchangeHub %s has none; "+
			"ask the platform to write its logCollector", in.Profile.Name, in.Hub.Name)
	}
	gateway := GatewayConfig(in)
	// The gateway would refuse to start with a configuration that it finds wrong, and so would every later pod.
	if err := gateway.Validate(); err != nil {
		return nil, err
	}
	if err := gateway.CheckFIPS140(in.fips140()); err != nil {
		return nil, err
	}
	rendered, err := in.render(gateway)
	if err != nil {
		return nil, fmt.Errorf("rendering %s: %w", ConfigKey, err)
	}
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: in.meta(),
		Data:       map[string]string{ConfigKey: string(rendered), TrustKey: in.TrustBundle, RevocationsKey: string(in.Revocations)},
	}, nil
}

// GatewayConfig is what the gateway of a Connector is told.
func GatewayConfig(in Inputs) config.Config {
	ports := in.Class.Spec.Ports
	limits := gatewayLimits(in.Class)
	identities := words(in.Hub.Spec.Identities)
	endpoints := make([]config.Endpoint, 0, len(in.Hub.Spec.Endpoints))
	for _, e := range in.Hub.Spec.Endpoints {
		endpoints = append(endpoints, config.Endpoint{
			Name: e.Name, URL: e.URL, Priority: *e.Priority, AllowedPeers: identities,
		})
	}
	return config.Config{
		APIVersion: config.APIVersion,
		Agency:     in.Agency.Spec.Code,
		Connector:  in.Connector.Namespace + "/" + in.Connector.Name,
		SPIFFEID:   SPIFFEID(in.Hub, in.Agency, in.Connector),
		Services:   words(in.Connector.Spec.Services),
		TLS: config.TLS{
			MinVersion:   tlsVersion(in.Profile.Spec.TLS.MinVersion),
			CipherSuites: words(in.Profile.Spec.TLS.CipherSuites), KeyExchange: words(in.Profile.Spec.TLS.KeyExchange),
		},
		Cryptography: config.Cryptography{FIPS140: in.fips140() && !in.FIPS140Withheld},
		Log:          gatewayLog(in),
		Trust:        config.Trust{QuietPeriod: in.Hub.Spec.Rollover.QuietPeriod},
		Inbound: config.Inbound{
			Listen: listen(ports.Inbound), AllowedPeers: identities,
			Backend: config.Backend{URL: in.Connector.Spec.Backend.URL}, Limits: limits,
		},
		Outbound: config.Outbound{
			Listen: listen(ports.Outbound), Endpoints: endpoints, Limits: limits,
			HealthCheck: config.HealthCheck{
				Interval: metav1.Duration{Duration: healthInterval}, Timeout: metav1.Duration{Duration: healthTimeout},
				Path: in.Hub.Spec.HealthPath,
			},
		},
		Status: config.Status{Listen: listen(ports.Status), AllowedPeers: []string{OperatorSPIFFEID(in.Hub)}},
		Probes: config.Probes{Listen: listen(ports.Probes)},
		Drain:  config.Drain{Delay: in.Class.Spec.Drain.Delay, Timeout: in.Class.Spec.Drain.Timeout},
	}
}

// gatewayLog is what the gateway logs of each request, and where to.
func gatewayLog(in Inputs) config.Log {
	result := config.Log{Fields: words(in.Profile.Spec.Logging.Fields)}
	if collector := in.Hub.Spec.LogCollector; in.logsToCollector() && collector != nil {
		result.Collector = &config.LogCollector{Address: collector.Address, CAPEM: collector.CAPEM}
	}
	return result
}

// words are the same values as plain strings; nil if there are none, so that nothing is rendered.
func words[T ~string](values []T) []string {
	var result []string
	for _, v := range values {
		result = append(result, string(v))
	}
	return result
}

func gatewayLimits(class *v1alpha1.ConnectorClass) config.Limits {
	return config.Limits{
		MaxBodyBytes:          class.Spec.Limits.MaxBodySize.Value(),
		MaxHeaderBytes:        maxHeaderBytes,
		MaxConcurrentRequests: int(class.Spec.Limits.MaxConcurrentRequests),
		HeaderTimeout:         metav1.Duration{Duration: headerTimeout},
		IdleTimeout:           metav1.Duration{Duration: idleTimeout},
		StallTimeout:          metav1.Duration{Duration: stallTimeout},
	}
}

func tlsVersion(v v1alpha1.TLSVersion) string {
	if v == v1alpha1.VersionTLS13 {
		return "1.3"
	}
	return "1.2"
}

func listen(port int32) string { return fmt.Sprintf(":%d", port) }
