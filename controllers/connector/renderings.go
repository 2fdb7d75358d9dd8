package connector

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/gateway/config"
)

// renderings remember how the configuration of each Connector was last rendered: in most passes it is the same again, and writing YAML is
// what a pass would spend most of its time on. What is rendered depends on the configuration alone, so it may be forgotten at any time.
type renderings struct {
	last sync.Map // types.NamespacedName to rendering
}

type rendering struct {
	of   [sha256.Size]byte
	text []byte
}

// of renders for one Connector.
func (r *renderings) of(key types.NamespacedName) func(config.Config) ([]byte, error) {
	return func(cfg config.Config) ([]byte, error) {
		asJSON, err := json.Marshal(cfg)
		if err != nil {
			return nil, fmt.Errorf("the configuration cannot be rendered as JSON: %w", err)
		}
		digest := sha256.Sum256(asJSON)
		if last, ok := r.last.Load(key); ok {
			if l, ok := last.(rendering); ok && l.of == digest {
				return l.text, nil
			}
		}
		text, err := config.Marshal(cfg)
		if err == nil {
			r.last.Store(key, rendering{digest, text})
		}
		return text, err
	}
}

func (r *renderings) forget(key types.NamespacedName) { r.last.Delete(key) }
