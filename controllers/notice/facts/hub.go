package facts

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// OfHub are the facts by which a hub is reached and known.
func OfHub(h *v1alpha1.ExchangeHub) []Fact {
	facts := []Fact{endpoints(h), identities(h)}
	if h.Status.TrustDigest != "" {
		facts = append(facts, trust(h))
	}
	return facts
}

func endpoints(h *v1alpha1.ExchangeHub) Fact {
	list := make([]Endpoint, 0, len(h.Spec.Endpoints))
	for _, e := range h.Spec.Endpoints {
		endpoint := Endpoint{Name: e.Name, URL: e.URL}
		if e.Priority != nil {
			endpoint.Priority = *e.Priority
		}
		list = append(list, endpoint)
	}
	slices.SortFunc(list, func(a, b Endpoint) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Name, b.Name))
	})
	return hubFact(h, "endpoints", digest(list), v1alpha1.NoticeHubEndpointsChanged, func(string) Data {
		return Data{Endpoints: list, Message: sentence(h, "địa chỉ", "addresses")}
	})
}

func identities(h *v1alpha1.ExchangeHub) Fact {
	list := slices.Sorted(slices.Values(h.Spec.Identities))
	return hubFact(h, "identities", digest(list), v1alpha1.NoticeHubIdentitiesChanged, func(string) Data {
		return Data{Identities: list, Message: sentence(h, "danh tính", "identities")}
	})
}

func trust(h *v1alpha1.ExchangeHub) Fact {
	now := h.Status.TrustDigest
	return hubFact(h, "trust", now, v1alpha1.NoticeHubTrustChanged, func(before string) Data {
		return Data{Trust: &Trust{From: before, To: now}, Message: sentence(h, "chứng thư gốc được tin cậy", "trust anchors")}
	})
}

func hubFact(h *v1alpha1.ExchangeHub, what, value string, t v1alpha1.NoticeType, data func(before string) Data) Fact {
	return Fact{Key: what + "/" + h.Name, Value: value, tell: func(before string, known bool) *Notice {
		if !known {
			return nil
		}
		d := data(before)
		d.Hub = h.Name
		return &Notice{Type: t, Subject: what, Hub: h.Name, Data: d.encode()}
	}}
}

func sentence(h *v1alpha1.ExchangeHub, vi, en string) Message {
	return Message{
		Vi: fmt.Sprintf("Trục liên thông %s: %s đã thay đổi.", h.Name, vi),
		En: fmt.Sprintf("The %s of exchange hub %s have changed.", en, h.Name),
	}
}

func digest(list any) string {
	// A list of strings and numbers can always be written.
	text, _ := json.Marshal(list)
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}
