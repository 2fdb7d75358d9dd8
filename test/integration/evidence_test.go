package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// digest is of a document that is none.
const digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"

// recorded is a record that counts for the world's Connector.
func (w *world) recorded(name, kind, day string) *v1alpha1.ComplianceEvidence {
	return &v1alpha1.ComplianceEvidence{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.ComplianceEvidenceSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: w.connector.Name}, Kind: kind, PerformedAt: v1alpha1.CivilDate(day),
			PerformedBy:             v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: w.agency.Name}, Unit: "Information Security Division"},
			IndependentOfOperations: new(true), Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
			Document: v1alpha1.DocumentReference{Reference: "12/BC-CNTT, 01/06/2026", SHA256: digest},
		},
	}
}

// ofLevel is a record that the world's level was determined, appraised or approved.
func (w *world) ofLevel(name, kind, day string) *v1alpha1.ComplianceEvidence {
	e := w.recorded(name, kind, day)
	e.Spec.Level = new(w.connector.Spec.SecurityLevel)
	return e
}

// regulated is a world whose profile names who appraises and approves, and has two duties.
func regulated(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.profile.Spec.Approval = &v1alpha1.ApprovalRequirements{
		Appraiser: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSecurityUnit}, Approver: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner},
	}
	w.profile.Spec.Duties = []v1alpha1.Duty{
		{Kind: v1alpha1.EvidencePenetrationTest, IntervalMonths: new(int32(12))}, {Kind: v1alpha1.EvidenceRiskReview},
	}
	return w
}

// daysAway is the civil day so many days from today in Hanoi.
func daysAway(days int) string {
	return time.Now().UTC().Add(7*time.Hour).AddDate(0, 0, days).Format(time.DateOnly)
}

func TestRecordsThatAreNoneAreRefusedWithASentence(t *testing.T) {
	const (
		never  = "A record is never changed; create another ComplianceEvidence whose supersedes names this one."
		levels = "level is written for the kinds LevelDetermination, LevelAppraisal and LevelApproval, and for no other: it is the level that was " +
			"determined, appraised or approved."
		hexadecimal = "sha256 is the document's SHA-256 digest: 64 hexadecimal digits in lower case, as sha256sum prints it."
		noDocument  = "sha256 is the digest of no document, or of an empty one; write what sha256sum prints for the document itself."
		either      = "performedBy has either agencyRef, for an agency, or organisation, for anybody else."
		day         = "is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31."
	)
	tests := map[string]struct {
		kind string
		edit func(content)
		want string
	}{
		"a date that is none":             {"RiskReview", set("spec.performedAt", "2026-02-30"), `"2026-02-30" ` + day},
		"a time for a date":               {"RiskReview", set("spec.performedAt", "2026-02-03T00:00:00Z"), day},
		"a digest that is too short":      {"RiskReview", set("spec.document.sha256", digest[1:]), hexadecimal},
		"a digest that is too long":       {"RiskReview", set("spec.document.sha256", digest+"0"), hexadecimal},
		"a digest in upper case":          {"RiskReview", set("spec.document.sha256", strings.ToUpper(digest)), hexadecimal},
		"the digest of an empty file":     {"RiskReview", set("spec.document.sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), noDocument},
		"a digest of zeros":               {"RiskReview", set("spec.document.sha256", strings.Repeat("0", 64)), noDocument},
		"a level that is missing":         {"LevelApproval", set("spec.level", nil), levels},
		"a level that is superfluous":     {"RiskReview", set("spec.level", int64(2)), levels},
		"a level that is none":            {"LevelApproval", set("spec.level", int64(6)), levelShape},
		"an appraisal that is dependent":  {"LevelAppraisal", set("spec.independentOfOperations", false), "Who operates the system may not appraise its level; have it appraised by a unit that does not, and write independentOfOperations: true."},
		"nobody says whether independent": {"RiskReview", set("spec.independentOfOperations", nil), "spec.independentOfOperations: Required value"},
		"passed with critical findings": {"PenetrationTest", set("spec.outcome.findings", content{"critical": int64(1)}),
			"What has critical findings did not pass; write result: Failed, and another record when they are mended."},
		"performed by two":        {"RiskReview", set("spec.performedBy.organisation", "ACME"), either},
		"performed by nobody":     {"RiskReview", set("spec.performedBy", content{"unit": "IT"}), either},
		"a kind in another shape": {"RiskReview", set("spec.kind", "risk-review"), "A kind of evidence is in CamelCase, such as PenetrationTest."},
		"a regime in another":     {"RiskReview", set("spec.regime", "ND331"), "regime is lower-case letters, digits and dashes, such as nd331-2026."},
		"no document":             {"RiskReview", set("spec.document", nil), "spec.document: Required value"},
		"changed":                 {"", set("spec.outcome.result", "Failed"), never},
		"given another date":      {"", set("spec.performedAt", "2026-05-30"), never},
		"superseding later":       {"", set("spec.supersedes", content{"name": "other"}), never},
	}
	w := newWorld(t)
	kept := w.recorded("kept", v1alpha1.EvidenceRiskReview, "2026-06-01")
	w.Create(t, kept)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.kind == "" {
				if err := w.get(t.Context(), kept); err != nil {
					t.Fatal(err)
				}
				before := loose(t, w.Scheme, kept)
				after := before.DeepCopy()
				tt.edit(after.Object)
				expectRefusal(t, w.Client.Patch(t.Context(), after, client.MergeFrom(before), client.DryRunAll), tt.want)
				return
			}
			record := w.recorded("new", tt.kind, "2026-06-01")
			if strings.HasPrefix(tt.kind, "Level") {
				record = w.ofLevel("new", tt.kind, "2026-06-01")
			}
			if err := w.Client.Create(t.Context(), loose(t, w.Scheme, record), client.DryRunAll); err != nil {
				t.Fatalf("what the test begins with is refused: %v", err)
			}
			broken := loose(t, w.Scheme, record)
			tt.edit(broken.Object)
			expectRefusal(t, w.Client.Create(t.Context(), broken, client.DryRunAll), tt.want)
		})
	}
}

func expectRefusal(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("it was answered with\n%v\nwant\n%s", err, want)
	}
}

// What the schema cannot see is found by the operator: such a record counts for nothing, which is said once.
func TestRecordsThatCannotCountAreNotAccepted(t *testing.T) {
	w := regulated(t)
	w.agency.Spec.OperatedBy = "Trung tâm Công nghệ thông tin"
	stranger := w.another("b")
	elsewhere := newWorld(t)
	elsewhere.connector.Name = "second"
	w.connect(t)
	w.Create(t, stranger)
	elsewhere.Create(t, elsewhere.connector)
	first := w.recorded("first", v1alpha1.EvidenceRiskReview, "2026-01-01")
	first.Spec.Outcome.Result = v1alpha1.EvidenceFailed
	w.Create(t, first)
	w.expect(t, first, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	before := w.judged(t, nil)

	const notHere = "connectorRef names Connector %s, which does not exist in namespace %s. A record counts only for a Connector of its own namespace; " +
		"create the Connector there, or create this object anew with the right name and namespace."
	tests := map[string]struct {
		kind   string
		edit   func(*v1alpha1.ComplianceEvidence)
		reason string
		want   string
	}{
		"future": {v1alpha1.EvidencePenetrationTest, func(e *v1alpha1.ComplianceEvidence) { e.Spec.PerformedAt = "2999-12-31" }, v1alpha1.ReasonPerformedInFuture,
			"where the agency is (Asia/Ho_Chi_Minh), before that day; it never counts. Record it once more when it was done."},
		"tomorrow": {v1alpha1.EvidencePenetrationTest, func(e *v1alpha1.ComplianceEvidence) { e.Spec.PerformedAt = v1alpha1.CivilDate(daysAway(2)) },
			v1alpha1.ReasonPerformedInFuture, fmt.Sprintf("performedAt is %s, and the record was made on ", daysAway(2))},
		"invented-regime": {v1alpha1.EvidenceLevelApproval, func(e *v1alpha1.ComplianceEvidence) { e.Spec.Regime = "invented" }, v1alpha1.ReasonRegimeNotFound,
			"regime is invented, and there is no SecurityProfile of that regime;"},
		"supersedes-another-regime": {v1alpha1.EvidenceRiskReview, func(e *v1alpha1.ComplianceEvidence) {
			e.Spec.Regime, e.Spec.Supersedes = w.hub.Spec.Regime, &v1alpha1.RecordReference{Name: "first"}
		}, v1alpha1.ReasonInvalidSupersedes, "which names no regime, while this record names regime " + w.hub.Spec.Regime},
		"operating-unit": {v1alpha1.EvidenceLevelAppraisal, func(e *v1alpha1.ComplianceEvidence) { e.Spec.PerformedBy.Unit = "TRUNG TÂM  Công nghệ thông tin" },
			v1alpha1.ReasonAppraiserOperates, "Trung tâm Công nghệ thông tin operates the system by the word of Agency " + w.agency.Name +
				"; have the level appraised by who does not operate it, and record that."},
		"operating-firm": {v1alpha1.EvidenceLevelAppraisal, func(e *v1alpha1.ComplianceEvidence) {
			e.Spec.PerformedBy = v1alpha1.Performer{Organisation: "Trung tâm Công nghệ thông tin"}
		}, v1alpha1.ReasonAppraiserOperates, "operates the system by the word of Agency"},
		"wrong-appraiser": {v1alpha1.EvidenceLevelAppraisal, func(e *v1alpha1.ComplianceEvidence) { e.Spec.PerformedBy.Unit = "" }, v1alpha1.ReasonWrongAppraiser,
			fmt.Sprintf("performedBy is Agency %[1]s, but under regime %[1]s level 2 is appraised by the specialised security unit of Agency %[1]s, with its unit named; "+
				"have it appraised there, and record that. If that was done under another regime, write that one into regime.", w.agency.Name)},
		"wrong-approver": {v1alpha1.EvidenceLevelApproval, func(e *v1alpha1.ComplianceEvidence) { e.Spec.PerformedBy.AgencyRef.Name = stranger.Name },
			v1alpha1.ReasonWrongApprover, fmt.Sprintf("under regime %[1]s level 2 is approved by the owner of the system, which is Agency %[1]s; have it approved there",
				w.agency.Name)},
		"elsewhere": {v1alpha1.EvidencePenetrationTest, func(e *v1alpha1.ComplianceEvidence) { e.Spec.ConnectorRef.Name = "second" }, v1alpha1.ReasonConnectorNotFound,
			fmt.Sprintf(notHere, "second", w.namespace)},
		"nowhere": {v1alpha1.EvidencePenetrationTest, func(e *v1alpha1.ComplianceEvidence) { e.Spec.ConnectorRef.Name = "third" }, v1alpha1.ReasonConnectorNotFound,
			fmt.Sprintf(notHere, "third", w.namespace)},
		"supersedes-none": {v1alpha1.EvidencePenetrationTest, func(e *v1alpha1.ComplianceEvidence) { e.Spec.Supersedes = &v1alpha1.RecordReference{Name: "none"} },
			v1alpha1.ReasonInvalidSupersedes, "supersedes names none, which is no record of Connector main in this namespace."},
		"supersedes-another-kind": {v1alpha1.EvidencePenetrationTest, func(e *v1alpha1.ComplianceEvidence) { e.Spec.Supersedes = &v1alpha1.RecordReference{Name: "first"} },
			v1alpha1.ReasonInvalidSupersedes, "supersedes names first, which is of the kind RiskReview and not PenetrationTest."},
	}
	all := t // the records stay until the end
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			record := w.recorded(name, tt.kind, "2026-01-01")
			if strings.HasPrefix(tt.kind, "Level") {
				record = w.ofLevel(name, tt.kind, "2026-01-01")
			}
			tt.edit(record)
			w.Create(all, record)
			if message := w.expect(t, record, v1alpha1.ConditionAccepted, metav1.ConditionFalse, tt.reason); !strings.Contains(message, tt.want) {
				t.Errorf("it says\n%s\nwant\n%s", message, tt.want)
			}
			if note := w.event(t, "ComplianceEvidence", name, tt.reason); !strings.Contains(note, tt.want) {
				t.Errorf("the Event says %q", note)
			}
		})
	}
	// One that counts is judged after all of them, so what it changes is all that was changed.
	good := w.recorded("good", v1alpha1.EvidenceRiskReview, "2026-01-02")
	w.Create(t, good)
	after := w.judged(t, func(s *v1alpha1.ComplianceStatus) bool {
		return dutyOf(s, v1alpha1.EvidenceRiskReview).State == v1alpha1.DutySatisfied
	})
	for _, d := range before.Duties {
		if got := dutyOf(after, d.Kind); d.Kind != v1alpha1.EvidenceRiskReview && got != d {
			t.Errorf("the duty was %+v, and is %+v after refused records", d, got)
		}
	}
	if err := w.get(t.Context(), w.connector); err != nil || w.connector.Status.ApprovedLevel != nil {
		t.Errorf("level %v is approved by refused records (%v)", w.connector.Status.ApprovedLevel, err)
	}
}

func dutyOf(s *v1alpha1.ComplianceStatus, kind string) v1alpha1.DutyStatus {
	for _, d := range s.Duties {
		if d.Kind == kind {
			return d
		}
	}
	return v1alpha1.DutyStatus{}
}

// judged waits until the Connector is judged under the ruling regime, and as is wanted.
func (w *world) judged(t *testing.T, wanted func(*v1alpha1.ComplianceStatus) bool) *v1alpha1.ComplianceStatus {
	t.Helper()
	var found *v1alpha1.ComplianceStatus
	w.Eventually(t, func() error {
		if err := w.get(t.Context(), w.connector); err != nil {
			return err
		}
		for i := range w.connector.Status.Compliance {
			s := &w.connector.Status.Compliance[i]
			if s.Regime == w.hub.Spec.Regime && (wanted == nil || wanted(s)) {
				found = s
				return nil
			}
		}
		return fmt.Errorf("the Connector is judged as %+v", w.connector.Status.Compliance)
	})
	return found
}

// A record is judged again when what it hangs on changes, and written only then.
func TestRecordsFollowWhatTheyHangOn(t *testing.T) {
	w := regulated(t)
	parent := w.another("a")
	appraisal := w.ofLevel("appraisal", v1alpha1.EvidenceLevelAppraisal, "2026-01-01")
	approval := w.ofLevel("approval", v1alpha1.EvidenceLevelApproval, "2026-01-02")
	approval.Spec.PerformedBy = v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: parent.Name}}
	steady := w.ofLevel("steady", v1alpha1.EvidenceLevelAppraisal, "2026-01-01")
	steady.Spec.PerformedBy.Unit = "Cục An toàn thông tin"
	w.Create(t, appraisal, approval, steady)
	w.expect(t, appraisal, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonConnectorNotFound)
	w.expect(t, approval, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonConnectorNotFound)

	w.connect(t)
	w.Create(t, parent)
	w.expect(t, appraisal, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.expect(t, steady, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.expect(t, approval, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonWrongApprover)
	written := steady.ResourceVersion
	if note := w.event(t, "ComplianceEvidence", "appraisal", v1alpha1.ReasonAccepted); note != "The record is accepted." {
		t.Errorf("the Event says %q", note)
	}

	w.change(t, w.agency, func() { w.agency.Spec.ParentRef = &v1alpha1.ObjectReference{Name: parent.Name} })
	w.expect(t, approval, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.change(t, w.agency, func() { w.agency.Spec.OperatedBy = "information security division" })
	w.expect(t, appraisal, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonAppraiserOperates)
	w.change(t, w.agency, func() { w.agency.Spec.OperatedBy = "" })
	w.expect(t, appraisal, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)

	w.change(t, w.profile, func() {
		w.profile.Spec.Approval.Approver = v1alpha1.ResponsibleParty{Role: v1alpha1.RoleOrganisation, Name: "Prime Minister (list)"}
	})
	w.expect(t, approval, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonWrongApprover)
	w.change(t, w.hub, func() { w.hub.Spec.Regime = "another" })
	w.expect(t, approval, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	if err := w.get(t.Context(), steady); err != nil || steady.ResourceVersion != written {
		t.Errorf("a record that all this does not concern was written again: %+v (%v)", steady.Status, err)
	}

	w.remove(t, w.connector)
	w.expect(t, appraisal, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonConnectorNotFound)
}

func TestRecordIsCorrectedByAnother(t *testing.T) {
	w := regulated(t)
	w.connect(t)
	first := w.recorded("z-first", v1alpha1.EvidenceRiskReview, "2026-01-01")
	w.Create(t, first)
	w.expect(t, first, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	second := w.recorded("second", v1alpha1.EvidenceRiskReview, "2026-01-02")
	second.Spec.Supersedes = &v1alpha1.RecordReference{Name: first.Name}
	w.Create(t, second)
	w.expect(t, second, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.supersededBy(t, first, second.Name)
	w.expectMessage(t, first, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady,
		"The record is accepted. Record second corrects it, so it no longer counts.")
	w.judged(t, func(s *v1alpha1.ComplianceStatus) bool {
		return dutyOf(s, v1alpha1.EvidenceRiskReview).Evidence == second.Name
	})
	w.remove(t, second)
	w.supersededBy(t, first, "")
}

func (w *world) supersededBy(t *testing.T, record *v1alpha1.ComplianceEvidence, want string) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), record); err != nil {
			return err
		}
		if record.Status.SupersededBy != want {
			return fmt.Errorf("record %s is superseded by %q, want %q", record.Name, record.Status.SupersededBy, want)
		}
		return nil
	})
}

// A record of tomorrow is refused, also when tomorrow has come: it was made before what it tells of was done.
func TestRecordOfTomorrowNeverCounts(t *testing.T) {
	next := nextMidnight()
	w := regulated(t)
	w.agency.Spec.TimeZone = next.zone
	w.connect(t)
	first := w.recorded("a", v1alpha1.EvidenceRiskReview, "2026-01-01")
	tomorrow := w.recorded("b", v1alpha1.EvidenceRiskReview, next.day)
	tomorrow.Spec.Supersedes = &v1alpha1.RecordReference{Name: first.Name}
	w.Create(t, first, tomorrow)
	message := w.expect(t, tomorrow, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonPerformedInFuture)
	if !strings.Contains(message, next.zone) {
		t.Errorf("it says %q", message)
	}
	w.expect(t, tomorrow, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonPerformedInFuture)
	w.supersededBy(t, first, "")
	written := tomorrow.ResourceVersion
	// This begins on that day, and then a record of the same day counts.
	shared.operator.underClock(t, shifted{by: time.Until(next.at) + time.Second})
	again := w.recorded("c", v1alpha1.EvidenceRiskReview, daysAway(-1))
	again.Spec.Supersedes = &v1alpha1.RecordReference{Name: first.Name}
	w.Create(t, again)
	w.supersededBy(t, first, again.Name)
	if err := w.get(t.Context(), tomorrow); err != nil || tomorrow.ResourceVersion != written {
		t.Errorf("the record of tomorrow was written again: %+v (%v)", tomorrow.Status, err)
	}
}

// An approval is neither accepted nor refused while nobody knows by which regime it is examined, or for which agency.
func TestApprovalWaitsForItsHubAndAgency(t *testing.T) {
	w := regulated(t)
	approval := w.ofLevel("approval", v1alpha1.EvidenceLevelApproval, "2026-01-02")
	w.connect(t)
	w.Create(t, approval)
	w.expect(t, approval, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	for _, absent := range []struct {
		object client.Object
		reason string
	}{{w.hub, v1alpha1.ReasonHubNotFound}, {w.agency, v1alpha1.ReasonAgencyNotFound}} {
		w.remove(t, absent.object)
		w.expect(t, approval, v1alpha1.ConditionAccepted, metav1.ConditionUnknown, absent.reason)
		w.expect(t, approval, v1alpha1.ConditionReconciling, metav1.ConditionTrue, absent.reason)
		absent.object.SetResourceVersion("")
		w.Create(t, absent.object)
		w.expect(t, approval, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	}
}

// An agency operates a system by any of its names, which can change.
func TestAppraisalFollowsTheNamesOfWhoAppraised(t *testing.T) {
	w := regulated(t)
	w.agency.Spec.OperatedBy = "Trung tâm Dữ liệu"
	centre := w.another("a")
	w.profile.Spec.Approval.Appraiser = v1alpha1.ResponsibleParty{
		Role: v1alpha1.RoleOrganisation, Name: "Data centre", AgencyRef: &v1alpha1.ObjectReference{Name: centre.Name},
	}
	w.connect(t)
	w.Create(t, centre)
	appraisal := w.ofLevel("appraisal", v1alpha1.EvidenceLevelAppraisal, "2026-01-01")
	appraisal.Spec.PerformedBy = v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: centre.Name}, Unit: "Security"}
	w.Create(t, appraisal)
	w.expect(t, appraisal, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	w.change(t, centre, func() { centre.Spec.Names.Vi = "TRUNG TÂM dữ liệu" })
	w.expect(t, appraisal, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonAppraiserOperates)
}
