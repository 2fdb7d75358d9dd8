package facts

import (
	"fmt"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// quiet is the value of a milestone that is neither at risk nor overdue nor met.
const quiet = "None"

// OfMilestones are the facts of the milestones of an agency. Those of a plan whose hub is not known are left out.
func OfMilestones(a *v1alpha1.Agency, hubOfPlan map[string]string) []Fact {
	facts := make([]Fact, 0, len(a.Status.Milestones))
	for i := range a.Status.Milestones {
		m := &a.Status.Milestones[i]
		hub := hubOfPlan[m.Plan]
		if hub == "" {
			continue
		}
		kind, value := milestoneType(m.State)
		subject := "milestones/" + m.Plan + "/" + m.Milestone
		facts = append(facts, Fact{
			Key: "milestone/" + m.Plan + "/" + m.Milestone, Value: value,
			tell: func(string, bool) *Notice {
				if kind == "" {
					return nil
				}
				return &Notice{Type: kind, Subject: subject, Hub: hub, Data: milestoneData(a, m, hub).encode()}
			},
		})
	}
	return facts
}

// milestoneType gives the notice of a state and the value that stands for it. Met in time and met late are the same: a deadline that is moved
// afterwards makes nothing to be met again.
func milestoneType(state v1alpha1.MilestoneState) (v1alpha1.NoticeType, string) {
	switch state {
	case v1alpha1.MilestoneMet, v1alpha1.MilestoneMetLate:
		return v1alpha1.NoticeMilestoneMet, "Met"
	case v1alpha1.MilestoneAtRisk:
		return v1alpha1.NoticeMilestoneAtRisk, "AtRisk"
	case v1alpha1.MilestoneOverdue:
		return v1alpha1.NoticeMilestoneOverdue, "Overdue"
	default:
		return "", quiet
	}
}

func milestoneData(a *v1alpha1.Agency, m *v1alpha1.AgencyMilestone, hub string) Data {
	d := Data{Hub: hub, Agency: agencyOf(a), Milestone: &Milestone{
		Plan: m.Plan, Name: m.Milestone, Cohort: m.Cohort, State: m.State, Deadline: m.Deadline, LatestStart: m.LatestStart,
	}}
	if m.MetAt != nil {
		d.Milestone.MetAt = m.MetAt.UTC().Format(time.RFC3339)
	}
	message := func(l locale.Language, name, format string) string {
		return fmt.Sprintf(format, name, m.Milestone, m.Plan, l.State(m.State), l.Deadline(m.Deadline))
	}
	d.Message = Message{
		Vi: message(locale.Vietnamese, inVietnamese(a), "%s: mốc %s của kế hoạch %s — %s (thời hạn: %s)."),
		En: message(locale.English, inEnglish(a), "%s: milestone %s of plan %s — %s (due %s)."),
	}
	return d
}

// OfConnector are the facts of one Connector that acts for the agency.
func OfConnector(a *v1alpha1.Agency, c *v1alpha1.Connector) []Fact {
	of := connectorFacts{agency: a, connector: c}
	var facts []Fact
	for _, f := range []*Fact{of.rotation(), of.expiry(), of.level()} {
		if f != nil {
			facts = append(facts, *f)
		}
	}
	return facts
}

type connectorFacts struct {
	agency    *v1alpha1.Agency
	connector *v1alpha1.Connector
}

func (f connectorFacts) key(what string) string {
	return what + "/" + f.connector.Namespace + "/" + f.connector.Name
}

func (f connectorFacts) notice(t v1alpha1.NoticeType, d Data) *Notice {
	d.Hub, d.Agency = f.connector.Spec.HubRef.Name, agencyOf(f.agency)
	d.Connector = &Connector{Namespace: f.connector.Namespace, Name: f.connector.Name}
	return &Notice{Type: t, Subject: f.key("connectors"), Hub: d.Hub, Data: d.encode()}
}

// rotation is the certificate that every pod serves. While one does not, that of before counts.
func (f connectorFacts) rotation() *Fact {
	r := f.connector.Status.Rotation
	switch {
	case r == nil && f.connector.Status.Certificate == nil:
		return nil
	case r == nil:
		return served(f.key("certificate"), f.connector.Status.Certificate.SerialNumber, true)
	case r.ServedAt == nil:
		return served(f.key("certificate"), r.FromSerialNumber, true)
	}
	fact := served(f.key("certificate"), r.ToSerialNumber, false)
	fact.tell = func(before string, known bool) *Notice {
		if !known {
			return nil
		}
		d := Data{Certificate: &Certificate{SerialNumber: r.ToSerialNumber, PreviousSerialNumber: before, Reason: string(r.Reason)}}
		if newest := f.connector.Status.Certificate; newest != nil && newest.SerialNumber == r.ToSerialNumber {
			d.Certificate.NotAfter = notAfter(newest)
		}
		d.Message = f.message("%s: kết nối %s đã thay chứng thư số %s bằng %s.",
			"%s: Connector %s serves certificate %s no more, but %s.", before, r.ToSerialNumber)
		return f.notice(v1alpha1.NoticeCertificateRotated, d)
	}
	return fact
}

func served(key, serial string, weak bool) *Fact {
	if serial == "" {
		return nil
	}
	return &Fact{Key: key, Value: serial, Weak: weak, tell: func(string, bool) *Notice { return nil }}
}

// expiry is the smallest distance to the end of the newest certificate that is reached, and which certificate that is.
func (f connectorFacts) expiry() *Fact {
	c := f.connector.Status.Certificate
	if c == nil || c.SerialNumber == "" {
		return nil
	}
	fact := &Fact{Key: f.key("expiry"), Value: quiet, tell: func(string, bool) *Notice { return nil }}
	if c.ExpiryWarning == nil {
		return fact
	}
	distance := c.ExpiryWarning.Duration
	fact.Value = distance.String() + " " + c.SerialNumber
	fact.tell = func(before string, _ bool) *Notice {
		var was, serial string
		if n, err := fmt.Sscan(before, &was, &serial); err == nil && n == 2 && serial == c.SerialNumber {
			if earlier, err := time.ParseDuration(was); err == nil && earlier <= distance {
				// Another profile may set the distances anew; the certificate is no nearer to its end for that.
				return nil
			}
		}
		d := Data{Certificate: &Certificate{SerialNumber: c.SerialNumber, NotAfter: notAfter(c), WarningSeconds: int64(distance.Seconds())}}
		d.Message = f.message("%s: chứng thư số %[3]s của kết nối %[2]s hết hạn lúc %[4]s.",
			"%s: the certificate %[3]s of Connector %[2]s expires at %[4]s.", c.SerialNumber, notAfter(c))
		return f.notice(v1alpha1.NoticeCertificateExpiring, d)
	}
	return fact
}

// level is the security level that rules.
func (f connectorFacts) level() *Fact {
	level := f.connector.Status.SecurityLevel
	if level == 0 {
		return nil
	}
	return &Fact{Key: f.key("level"), Value: fmt.Sprint(level), tell: func(before string, known bool) *Notice {
		if !known {
			return nil
		}
		d := Data{Level: &Level{To: int32(level)}}
		if _, err := fmt.Sscan(before, &d.Level.From); err != nil {
			return nil
		}
		d.Message = f.message("%s: cấp độ an toàn của kết nối %s đổi từ %s thành %s.",
			"%s: the security level of Connector %s was %s and is %s now.", before, fmt.Sprint(level))
		return f.notice(v1alpha1.NoticeLevelChanged, d)
	}}
}

func (f connectorFacts) message(vi, en, from, to string) Message {
	name := f.connector.Namespace + "/" + f.connector.Name
	return Message{
		Vi: fmt.Sprintf(vi, inVietnamese(f.agency), name, from, to), En: fmt.Sprintf(en, inEnglish(f.agency), name, from, to),
	}
}

func notAfter(c *v1alpha1.CertificateStatus) string {
	if c.NotAfter == nil {
		return ""
	}
	return c.NotAfter.UTC().Format(time.RFC3339)
}

func agencyOf(a *v1alpha1.Agency) *Agency {
	return &Agency{Name: a.Name, Code: a.Spec.Code, Names: a.Spec.Names}
}

func inVietnamese(a *v1alpha1.Agency) string { return a.Spec.Names.Vi + " (" + a.Spec.Code + ")" }

func inEnglish(a *v1alpha1.Agency) string {
	if a.Spec.Names.En == "" {
		return inVietnamese(a)
	}
	return a.Spec.Names.En + " (" + a.Spec.Code + ")"
}
