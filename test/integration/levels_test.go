package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

const (
	appraisingUnit  = "Đơn vị chuyên trách về an toàn thông tin"
	loweringArticle = "Decree 331/2026/NĐ-CP, Art. 8.3"
)

// lives of certificates at each level, by which the level that rules is known.
var lives = map[v1alpha1.SecurityLevel]time.Duration{2: 24 * time.Hour, 3: 20 * time.Hour, 4: 16 * time.Hour}

// levelled is a world whose regime has profiles for the levels 2, 3 and 4, each of which is to be appraised and approved.
func levelled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.simulate(atOnce)
	w.profile.Spec.Approval = &v1alpha1.ApprovalRequirements{
		Appraiser: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSecurityUnit}, Approver: v1alpha1.ResponsibleParty{Role: v1alpha1.RoleSystemOwner},
		LoweringArticle: loweringArticle,
	}
	for _, level := range []v1alpha1.SecurityLevel{3, 4} {
		profile := w.profile.DeepCopy()
		profile.Name, profile.Spec.Level = w.levelName(level), level
		profile.Spec.Certificate.Duration.Duration = lives[level]
		w.Create(t, profile)
	}
	return w
}

func (w *world) levelName(level v1alpha1.SecurityLevel) string {
	if level == 2 {
		return w.namespace
	}
	return fmt.Sprintf("%s-%d", w.namespace, level)
}

// recordOf is a record that counts, of something that was done for the world's Connector.
func (w *world) recordOf(kind string, performedAt v1alpha1.CivilDate) *v1alpha1.ComplianceEvidence {
	return &v1alpha1.ComplianceEvidence{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: strings.ToLower(kind) + "-" + string(performedAt)},
		Spec: v1alpha1.ComplianceEvidenceSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: w.connector.Name}, Kind: kind, PerformedAt: performedAt,
			PerformedBy:             v1alpha1.Performer{AgencyRef: &v1alpha1.ObjectReference{Name: w.agency.Name}, Unit: appraisingUnit},
			IndependentOfOperations: new(true), Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
			Document: v1alpha1.DocumentReference{Reference: "12/QĐ-ATTT", SHA256: strings.Repeat("0a", 32)},
		},
	}
}

// approve records that a level was determined, appraised and approved on a day.
func (w *world) approve(t *testing.T, level v1alpha1.SecurityLevel, day v1alpha1.CivilDate) {
	t.Helper()
	for _, kind := range []string{v1alpha1.EvidenceLevelDetermination, v1alpha1.EvidenceLevelAppraisal, v1alpha1.EvidenceLevelApproval} {
		record := w.recordOf(kind, day)
		record.Name, record.Spec.Level = fmt.Sprintf("%s-%d", record.Name, level), &level
		w.Create(t, record)
	}
}

// ruledBy waits until the status tells that a level rules, and which was approved (0: none), and the certificate is that of the level.
func (w *world) ruledBy(t *testing.T, level, approved v1alpha1.SecurityLevel) {
	t.Helper()
	w.Eventually(t, func() error {
		if err := w.StatusIsLegal(t.Context(), w.connector); err != nil {
			return err
		}
		s := w.connector.Status
		told := v1alpha1.SecurityLevel(0)
		if s.ApprovedLevel != nil {
			told = *s.ApprovedLevel
		}
		if s.SecurityLevel != level || told != approved || s.Profile != w.levelName(level) || s.ProfileRevision == "" {
			return fmt.Errorf("level %d rules by %s (%q), level %d is approved; want %d by %s, and %d",
				s.SecurityLevel, s.Profile, s.ProfileRevision, told, level, w.levelName(level), approved)
		}
		if s.Certificate == nil || s.Certificate.NotAfter.Sub(s.Certificate.NotBefore.Time).Round(time.Hour) != lives[level] {
			return fmt.Errorf("the certificate is %+v, want one that lives %s", s.Certificate, lives[level])
		}
		return nil
	})
}

// nothingDenied fails the test if a request for a certificate was ever denied.
func (w *world) nothingDenied(t *testing.T) {
	t.Helper()
	requests, err := w.requests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range requests {
		for _, c := range requests[i].Status.Conditions {
			if c.Type == cmapi.CertificateRequestConditionDenied {
				t.Errorf("request %s was denied: %s", requests[i].Name, c.Message)
			}
		}
	}
	if notes := append(w.notes(t, "CertificateRequestDenied"), w.notes(t, "CertificateRequestWithheld")...); len(notes) > 0 {
		t.Errorf("requests were kept back: %q", notes)
	}
}

// declare writes the level, and gives what the API server says of that.
func (w *world) declare(t *testing.T, level v1alpha1.SecurityLevel) error {
	t.Helper()
	if err := w.get(t.Context(), w.connector); err != nil {
		t.Fatal(err)
	}
	before := w.connector.DeepCopy()
	w.connector.Spec.SecurityLevel = level
	return w.Client.Patch(t.Context(), w.connector, client.MergeFrom(before))
}

// TestLevelRises takes a Connector from a level that nobody approved to one that was, and to a higher one.
func TestLevelRises(t *testing.T) {
	w := levelled(t)
	w.connect(t)
	// Before the first approval the declared level rules, and what is missing is told.
	w.ruledBy(t, 2, 0)
	message := w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "LevelNotApproved")
	if !strings.Contains(message, "Level 2 is declared") || !strings.Contains(message, "0 of 3 duties satisfied") {
		t.Errorf("the user reads %q", message)
	}
	w.expect(t, w.connector, v1alpha1.ConditionStalled, metav1.ConditionTrue, "LevelNotApproved")
	if err := w.declare(t, 3); err != nil {
		t.Fatal(err)
	}
	w.ruledBy(t, 3, 0)
	w.nothingDenied(t)

	w.approve(t, 3, "2026-01-20")
	w.ruledBy(t, 3, 3)
	w.expectMessage(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionTrue, "RequirementsMet", "All 3 duties are satisfied.")
	w.ready(t)

	// From then on a level that is declared rules when it is approved, and not before.
	revision := int(w.connector.Status.Certificate.Revision)
	if err := w.declare(t, 4); err != nil {
		t.Fatal(err)
	}
	message = w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "LevelNotApproved")
	if !strings.HasPrefix(message, "Level 4 is declared, and no accepted record") && !strings.Contains(message, "Level 4 is declared, level 3 is approved and rules until level 4 is approved.") {
		t.Errorf("the user reads %q", message)
	}
	w.ruledBy(t, 3, 3)
	w.staysAt(t, revision)
	shortfalls := w.connector.Status.Compliance[0].Shortfalls
	if !slices.ContainsFunc(shortfalls, func(f v1alpha1.Shortfall) bool {
		return f.Type == v1alpha1.ShortfallLevel && f.Message == "Level 4 is declared, level 3 is approved and rules until level 4 is approved."
	}) {
		t.Errorf("the status tells %+v", shortfalls)
	}
	w.approve(t, 4, "2026-02-20")
	w.ruledBy(t, 4, 4)
	w.ready(t)
	w.nothingDenied(t)
	w.told(t, "LevelChanged", 2) // by declaration from 2 to 3, and by approval from 3 to 4
}

// TestLevelIsLowered is allowed to a level that is approved, and to no other.
func TestLevelIsLowered(t *testing.T) {
	w := levelled(t)
	w.connector.Spec.SecurityLevel = 3
	w.connect(t)
	w.approve(t, 3, "2026-01-20")
	w.ruledBy(t, 3, 3)
	w.ready(t)

	err := w.declare(t, 2)
	if err == nil || !strings.Contains(err.Error(), "securityLevel is lowered only to a level that is approved or rules already") ||
		!strings.Contains(err.Error(), "("+loweringArticle+")") {
		t.Fatalf("lowering was answered with %v", err)
	}
	w.approve(t, 2, "2026-03-20")
	w.ruledBy(t, 2, 2)
	// The level is still declared as 3, which is now above the approved one.
	w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "LevelNotApproved")
	if err := w.declare(t, 2); err != nil {
		t.Fatal(err)
	}
	w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionTrue, "RequirementsMet")
	w.ready(t)
	w.nothingDenied(t)
}

// TestLevelIsNotLoweredByCreatingAnew deletes a Connector and creates it again with a lower level, which admission cannot see.
func TestLevelIsNotLoweredByCreatingAnew(t *testing.T) {
	w := levelled(t)
	w.connector.Spec.SecurityLevel = 3
	lower := w.connector.DeepCopy()
	lower.Spec.SecurityLevel = 2
	w.connect(t)
	w.approve(t, 3, "2026-01-20")
	w.ruledBy(t, 3, 3)
	w.removed(t, w.connector)

	w.connector = lower
	w.Create(t, w.connector)
	w.expectMessage(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, "LevelLowered",
		"securityLevel is 2, but level 3 is approved, and a system is not split or merged to lower its level ("+loweringArticle+"; see SecurityProfile "+w.levelName(3)+"); "+
			"write 3, or have level 2 appraised and approved first.")
	w.expect(t, w.connector, v1alpha1.ConditionStalled, metav1.ConditionTrue, "LevelLowered")
	w.nothingProvisioned(t)
	if err := w.declare(t, 3); err != nil {
		t.Fatal(err)
	}
	w.ruledBy(t, 3, 3)
	w.ready(t)
}

// TestLevelIsNotLoweredByAnotherName declares a lower level under another name, beside a Connector of which the level is approved, and after
// it was deleted.
func TestLevelIsNotLoweredByAnotherName(t *testing.T) {
	w := levelled(t)
	w.connector.Spec.SecurityLevel = 3
	second := w.connector.DeepCopy()
	second.Name, second.Spec.SecurityLevel = "second", 2
	w.connect(t)
	w.approve(t, 3, "2026-01-20")
	w.ruledBy(t, 3, 3)
	first := w.connector
	w.connector = second
	w.Create(t, second)
	refused := fmt.Sprintf("securityLevel is 2, but level 3 is approved for Connector %s/%s of the same Agency, and a system is not split or merged to "+
		"lower its level (%s; see SecurityProfile %s); write 3 or more, or have this system's own level determined, appraised and approved, and recorded as "+
		"LevelApproval for Connector second.", w.namespace, first.Name, loweringArticle, w.levelName(2))
	w.expectMessage(t, second, v1alpha1.ConditionAccepted, metav1.ConditionFalse, "LevelLowered", refused)
	w.expect(t, second, v1alpha1.ConditionStalled, metav1.ConditionTrue, "LevelLowered")
	w.nothingProvisioned(t)
	w.removed(t, first)
	w.seen(t)
	w.expectMessage(t, second, v1alpha1.ConditionAccepted, metav1.ConditionFalse, "LevelLowered", refused)
	w.nothingProvisioned(t)

	// It has a level of its own as soon as that is approved.
	w.approve(t, 2, "2026-03-20")
	w.ruledBy(t, 2, 2)
	w.ready(t)
	w.nothingDenied(t)
}

// TestLostRevisionLeavesChildrenAlone loses what a Connector, whose turn has not come, was made by: nothing is made by guesswork, and what is
// revoked reaches its gateways all the same.
func TestLostRevisionLeavesChildrenAlone(t *testing.T) {
	w := newWorld(t)
	w.simulate(atOnce)
	w.connector.Spec.MaintenanceWindows = []v1alpha1.MaintenanceWindow{closed()}
	w.connect(t)
	w.ready(t)
	before, has := w.versions(t), w.connector.Status.ProfileRevision
	w.change(t, w.profile, func() { w.profile.Spec.Workload.MinReplicas, w.profile.Spec.Certificate.KeySize = 2, 384 })
	w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "TechnicalShortfall")
	stored := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{
		Namespace: controllers.DefaultNamespace, Name: staging.Name(w.profile.Name, has),
	}}
	w.remove(t, stored)
	says := fmt.Sprintf(
		"SecurityProfile %s was changed, and how it was when the Connector's objects were made is not known any more; they stay as they are until it is the Connector's turn.",
		w.profile.Name)
	w.Eventually(t, func() error {
		// The operator may see the Connector's change before it sees that the revision is gone, and does not look again for that alone.
		w.seen(t)
		if got := w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "TechnicalShortfall"); got != says {
			return fmt.Errorf("the user reads %q, want %q", got, says)
		}
		return nil
	})
	w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonAccepted)
	if after := w.versions(t); after != before || w.connector.Status.ProfileRevision != has {
		t.Errorf("the children were touched: versions %s, were %s; their revision is %s", after, before, w.connector.Status.ProfileRevision)
	}
	const serial = "abcdef"
	w.change(t, w.hub, func() { w.hub.Spec.Revocations = []v1alpha1.Revocation{{SerialNumber: serial}} })
	w.Eventually(t, func() error {
		if list := w.configMap(t).Data[desired.RevocationsKey]; !strings.Contains(list, serial) {
			return fmt.Errorf("the gateways are given the revocations %s", list)
		}
		return nil
	})
	w.edit(t, func(c *v1alpha1.Connector) { c.Spec.MaintenanceWindows = nil })
	w.Eventually(t, func() error {
		w.ready(t)
		if s := w.connector.Status; s.ProfileRevision == has || *s.ObservedPods.Total != 2 {
			return fmt.Errorf("the objects are made by %s, with %d pods", s.ProfileRevision, *s.ObservedPods.Total)
		}
		return nil
	})
}

// TestHigherApprovalIsEnforced approves a level above the declared one of a Connector that runs: it is refused, which spares it nothing.
func TestHigherApprovalIsEnforced(t *testing.T) {
	w := levelled(t)
	w.connect(t)
	w.approve(t, 2, "2026-01-20")
	w.ruledBy(t, 2, 2)
	w.ready(t)
	w.approve(t, 4, "2026-02-20")
	w.expect(t, w.connector, v1alpha1.ConditionAccepted, metav1.ConditionFalse, "LevelLowered")
	w.ruledBy(t, 4, 4)
	if life := w.certificate(t).Spec.Duration; life == nil || life.Duration != lives[4] {
		t.Errorf("the Certificate asks for a life of %v, want %s", life, lives[4])
	}
	w.expect(t, w.connector, v1alpha1.ConditionCompliant, metav1.ConditionFalse, "LevelNotApproved")
	w.nothingDenied(t)
	if err := w.declare(t, 4); err != nil {
		t.Fatal(err)
	}
	w.ruledBy(t, 4, 4)
	w.ready(t)
}
