package samples

import (
	"encoding/json"
	"fmt"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	// regimeNow is the regime in force, which most of the data are about, and regimeBefore the one that it took the place of.
	regimeNow, regimeBefore = "nd331-2026", "nd85-2016"
	levelsFile              = "security-levels.yaml"
	// noFigure is how the data say that the law sets none.
	noFigure = "-"
	derived  = "derived"
)

// levelData is one row of security-levels.yaml: a value per level, and what is said about all of them.
type levelData map[string]any

func (l levelData) of(level v1alpha1.SecurityLevel) any { return l[fmt.Sprint(level)] }

func (l levelData) confidence() string { return fmt.Sprint(l["confidence"]) }

// critical is the row of the figures that hold for critical systems only.
func (l levelData) critical() levelData {
	row := levelData{"confidence": l["confidence"]}
	figures, _ := l["critical"].(map[string]any)
	for level := v1alpha1.SecurityLevel(1); level <= 5; level++ {
		row[fmt.Sprint(level)] = any(noFigure)
		if value, found := figures[fmt.Sprint(level)]; found {
			row[fmt.Sprint(level)] = value
		}
	}
	return row
}

// regimeData is what security-levels.yaml says of one regime.
type regimeData struct {
	name    string
	inForce struct{ From, Until v1alpha1.CivilDate }
	// transition is until when systems that were approved earlier have time; empty if they have none.
	transition v1alpha1.CivilDate
	confidence string
	// duties by their kind, and requirements of the whole system by their name.
	duties, requirements map[string]levelData
	approval             approvalData
	transport            transportData
}

// approvalData is who approves under one regime. A level that is not in it has no approval.
type approvalData struct {
	levels     map[v1alpha1.SecurityLevel]approvalRow
	rules      []string
	confidence string
}

type approvalRow struct {
	Appraiser, Approver         string
	AppraisalDays, ApprovalDays *int32
}

type transportData struct {
	TLSMinimum     struct{ Value, Confidence string }
	RSAMinimumBits struct{ Value int32 }
}

func readRegimes(t *testing.T) map[string]regimeData {
	t.Helper()
	file := read[struct {
		Regimes []struct {
			Name       string
			InForce    struct{ From, Until v1alpha1.CivilDate }
			Confidence string
		}
		Transport transportData
		Approval  map[string]map[string]json.RawMessage
	}](t, levelsFile)
	regimes := map[string]regimeData{}
	for _, row := range file.Regimes {
		regimes[row.Name] = regimeData{
			name: row.Name, inForce: row.InForce, confidence: row.Confidence,
			approval: readApproval(t, file.Approval[row.Name]), transport: file.Transport,
		}
	}
	now, before := regimes[regimeNow], regimes[regimeBefore]
	now.transition = readTransition(t)
	now.duties, now.requirements, before.duties = readLevels(t)
	regimes[regimeNow], regimes[regimeBefore] = now, before
	return regimes
}

// readLevels gives the duties and the requirements of the regime in force, and the duties of the one before.
func readLevels(t *testing.T) (duties, requirements, before map[string]levelData) {
	t.Helper()
	duties = read[struct {
		Levels struct{ Duties map[string]levelData }
	}](t, levelsFile).Levels.Duties
	requirements = read[struct{ Levels map[string]levelData }](t, levelsFile).Levels
	before = map[string]levelData{v1alpha1.EvidenceSecurityAssessment: requirements["assessmentMonths-nd85"]}
	delete(requirements, "assessmentMonths-nd85")
	delete(requirements, "duties")
	requirements["criticalVulnerabilityScanMonths"] = duties[v1alpha1.EvidenceVulnerabilityScan].critical()
	return duties, requirements, before
}

func readApproval(t *testing.T, rows map[string]json.RawMessage) approvalData {
	t.Helper()
	data := approvalData{levels: map[v1alpha1.SecurityLevel]approvalRow{}}
	into := map[string]any{"rules": &data.rules, "confidence": &data.confidence}
	for level := v1alpha1.SecurityLevel(1); level <= 5; level++ {
		if _, found := rows[fmt.Sprint(level)]; found {
			into[fmt.Sprint(level)] = &approvalRow{}
		}
	}
	for key, text := range rows {
		if into[key] == nil {
			t.Fatalf("approval has %s, which this test does not know", key)
		}
		if err := json.Unmarshal(text, into[key]); err != nil {
			t.Fatal(err)
		}
	}
	for level := v1alpha1.SecurityLevel(1); level <= 5; level++ {
		if row, ok := into[fmt.Sprint(level)].(*approvalRow); ok {
			data.levels[level] = *row
		}
	}
	return data
}

// readTransition is until when systems with an approved level have time to meet the new measures.
func readTransition(t *testing.T) v1alpha1.CivilDate {
	t.Helper()
	rows := read[struct {
		Transition []struct {
			Name       string
			OnOrBefore v1alpha1.CivilDate
		}
	}](t, "rollout-decision-28.yaml").Transition
	for _, row := range rows {
		if row.Name == "new-measures" {
			return row.OnOrBefore
		}
	}
	t.Fatal("the data have no transition named new-measures")
	return ""
}
