// Package locale has the words of reports in the two languages of their readers. It is pure data, used wherever a report is written, and a
// restart means nothing here.
package locale

import (
	"fmt"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Language is one that reports are written in.
type Language string

// Languages of reports.
const (
	Vietnamese Language = "vi"
	English    Language = "en"
)

// Parse reads the name of a language.
func Parse(s string) (Language, error) {
	switch l := Language(s); l {
	case Vietnamese, English:
		return l, nil
	default:
		return "", fmt.Errorf("there are no reports in language %q; write vi or en", s)
	}
}

// State names the state of a milestone.
func (l Language) State(state v1alpha1.MilestoneState) string {
	var vi, en string
	switch state {
	case v1alpha1.MilestonePending:
		vi, en = "Chưa bắt đầu", "Pending"
	case v1alpha1.MilestoneOnTrack:
		vi, en = "Đúng tiến độ", "On track"
	case v1alpha1.MilestoneAtRisk:
		vi, en = "Có nguy cơ chậm", "At risk"
	case v1alpha1.MilestoneOverdue:
		vi, en = "Quá hạn", "Overdue"
	case v1alpha1.MilestoneMet:
		vi, en = "Hoàn thành đúng hạn", "Met in time"
	case v1alpha1.MilestoneMetLate:
		vi, en = "Hoàn thành muộn", "Met late"
	case v1alpha1.MilestoneExempt:
		vi, en = "Được miễn", "Exempt"
	default:
		return string(state)
	}
	return l.pick(vi, en)
}

// Deadline writes a deadline as a law does.
func (l Language) Deadline(d v1alpha1.Deadline) string {
	switch d.Boundary {
	case v1alpha1.DeadlineBefore:
		return l.pick("trước ngày ", "before ") + string(d.Date)
	case v1alpha1.DeadlineInForceFrom:
		return l.pick("kể từ ngày ", "from ") + string(d.Date) + l.pick("", " on")
	default:
		return l.pick("chậm nhất ngày ", "on or before ") + string(d.Date)
	}
}

func (l Language) pick(vi, en string) string {
	if l == Vietnamese {
		return vi
	}
	return en
}
