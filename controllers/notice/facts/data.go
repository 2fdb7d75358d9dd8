package facts

import (
	"bytes"
	"encoding/json"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// mostData is the length of data from which on its lists are left out; the receiver reads them from the hub.
const mostData = 32 * 1024

// Data is what a notice carries. Everything in it is public among the agencies of a hub.
type Data struct {
	// Hub that the change concerns, by the name of its ExchangeHub.
	Hub string `json:"hub"`
	// Agency that it concerns.
	Agency *Agency `json:"agency,omitempty"`
	// Connector that it concerns.
	Connector *Connector `json:"connector,omitempty"`
	// Milestone that was met, is at risk or overdue.
	Milestone *Milestone `json:"milestone,omitempty"`
	// Certificate that was rotated or nears its end.
	Certificate *Certificate `json:"certificate,omitempty"`
	// Level before and now.
	Level *Level `json:"level,omitempty"`
	// Endpoints of the hub now.
	Endpoints []Endpoint `json:"endpoints,omitempty"`
	// Identities of the hub now.
	Identities []v1alpha1.SPIFFEID `json:"identities,omitempty"`
	// Trust is the digest of the trust anchors before and now.
	Trust *Trust `json:"trust,omitempty"`
	// Message for a person.
	Message Message `json:"message"`
}

// Agency names an agency.
type Agency struct {
	Name  string                  `json:"name"`
	Code  string                  `json:"code"`
	Names v1alpha1.LocalizedNames `json:"names"`
}

// Connector names a Connector.
type Connector struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// Milestone tells where the agency stands before one.
type Milestone struct {
	Plan        string                  `json:"plan"`
	Name        string                  `json:"name"`
	Cohort      string                  `json:"cohort"`
	State       v1alpha1.MilestoneState `json:"state"`
	Deadline    v1alpha1.Deadline       `json:"deadline"`
	MetAt       string                  `json:"metAt,omitempty"`
	LatestStart v1alpha1.CivilDate      `json:"latestStart,omitempty"`
}

// Certificate tells of a certificate.
type Certificate struct {
	SerialNumber         string `json:"serialNumber"`
	PreviousSerialNumber string `json:"previousSerialNumber,omitempty"`
	Reason               string `json:"reason,omitempty"`
	NotAfter             string `json:"notAfter,omitempty"`
	// WarningSeconds is the distance to the end that was reached.
	WarningSeconds int64 `json:"warningSeconds,omitempty"`
}

// Level tells of a security level.
type Level struct {
	From int32 `json:"from"`
	To   int32 `json:"to"`
}

// Endpoint is one address of a hub.
type Endpoint struct {
	Name     string `json:"name"`
	URL      string `json:"url"`
	Priority int32  `json:"priority"`
}

// Trust tells of the trust anchors in force.
type Trust struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Message is a sentence in the two languages of the readers.
type Message struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

func (d Data) encode() string {
	text := encode(d)
	if len(text) > mostData {
		d.Endpoints, d.Identities = nil, nil
		text = encode(d)
	}
	return text
}

// encode writes what of its nature can always be written: strings and numbers.
func encode(d Data) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return "{}"
	}
	return strings.TrimSuffix(b.String(), "\n")
}
