package config

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Default returns the values that hold for every field a file leaves out. What only the operator can know (agency,
// identity, peers, backend, endpoints) stays empty, and Validate asks for it.
func Default() Config {
	return Config{
		APIVersion: APIVersion,
		TLS:        TLS{MinVersion: "1.3"},
		Trust:      Trust{QuietPeriod: quietPeriod()},
		Inbound:    Inbound{Listen: ":8443", Limits: defaultLimits()},
		Outbound: Outbound{
			Listen: ":8080",
			HealthCheck: HealthCheck{
				Interval: seconds(5),
				Timeout:  seconds(3),
			},
			Limits: defaultLimits(),
		},
		Status: Status{Listen: ":8444"},
		Probes: Probes{Listen: ":8081"},
		Drain:  Drain{Delay: seconds(5), Timeout: seconds(30)},
	}
}

// quietPeriod is far longer than the interval of any health check, and short beside the life of a certificate.
func quietPeriod() metav1.Duration { return metav1.Duration{Duration: time.Hour} }

// defaultLimits takes 50 MiB from the size guard of the gateways that agencies run today.
func defaultLimits() Limits {
	return Limits{
		MaxBodyBytes:          50 << 20,
		MaxHeaderBytes:        64 << 10,
		MaxConcurrentRequests: 512,
		HeaderTimeout:         seconds(30),
		IdleTimeout:           seconds(120),
		StallTimeout:          seconds(60),
	}
}

func seconds(n int) metav1.Duration {
	return metav1.Duration{Duration: time.Duration(n) * time.Second}
}
