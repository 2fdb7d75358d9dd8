package post

import (
	"encoding/json"
	"fmt"

	"github.com/cloudevents/sdk-go/v2/event"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/notice/outbox"
)

// extensionSequence is the CloudEvents extension by which a receiver puts the events of one queue in order.
const extensionSequence = "sequence"

// Message is a notice together with what makes it an event: whose queue it is from.
type Message struct {
	Queue   types.UID
	Subject v1alpha1.NoticeSubject
	Notice  v1alpha1.PendingNotice
}

// EventType is the type of the CloudEvents for a type of notices.
func EventType(t v1alpha1.NoticeType) string {
	const prefix = "vn.gov.lienthong."
	switch t {
	case v1alpha1.NoticeMilestoneMet:
		return prefix + "milestone.met.v1"
	case v1alpha1.NoticeMilestoneAtRisk:
		return prefix + "milestone.atrisk.v1"
	case v1alpha1.NoticeMilestoneOverdue:
		return prefix + "milestone.overdue.v1"
	case v1alpha1.NoticeCertificateRotated:
		return prefix + "certificate.rotated.v1"
	case v1alpha1.NoticeCertificateExpiring:
		return prefix + "certificate.expiring.v1"
	case v1alpha1.NoticeLevelChanged:
		return prefix + "level.changed.v1"
	case v1alpha1.NoticeHubEndpointsChanged:
		return prefix + "hub.endpoints.changed.v1"
	case v1alpha1.NoticeHubIdentitiesChanged:
		return prefix + "hub.identities.changed.v1"
	default:
		return prefix + "hub.trust.changed.v1"
	}
}

// Encode writes the CloudEvent in its JSON format. It is the same at each attempt.
func (m *Message) Encode() ([]byte, error) {
	e := event.New()
	e.SetID(fmt.Sprintf("%s-%d", m.Queue, m.Notice.Sequence))
	e.SetSource(m.source())
	e.SetType(EventType(m.Notice.Type))
	e.SetSubject(m.Notice.Subject)
	e.SetTime(m.Notice.Time.UTC())
	// As strings they are in order too.
	e.SetExtension(extensionSequence, fmt.Sprintf("%019d", m.Notice.Sequence))
	if err := e.SetData(event.ApplicationJSON, json.RawMessage(m.Notice.Data)); err != nil {
		return nil, fmt.Errorf("putting the data into a CloudEvent: %w", err)
	}
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("making a CloudEvent of a notice: %w", err)
	}
	return e.MarshalJSON()
}

// source is the object of the API that has changed.
func (m *Message) source() string {
	of := "/apis/" + v1alpha1.GroupVersion.String()
	if outbox.OfHub(m.Notice.Type) {
		return of + "/exchangehubs/" + m.Notice.Hub
	}
	return of + "/agencies/" + m.Subject.Name
}
