package connector

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/apply"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
	"lienthong.gov.vn/connector-operator/controllers/ruling"
	"lienthong.gov.vn/connector-operator/controllers/staging"
)

// sworn is running, with a penetration test that is asked for each year, and an approval of the level.
func sworn(records ...v1alpha1.ComplianceEvidence) *scope {
	s := running()
	s.ruling.Newest.Spec.Duties = []v1alpha1.Duty{{Kind: v1alpha1.EvidencePenetrationTest, IntervalMonths: new(int32(12)), DueSoonDays: new(int32(30))}}
	s.ruling.Case.Profiles = []v1alpha1.SecurityProfile{*s.ruling.Newest}
	s.ruling.Case.Records = records
	return s
}

func done(kind string, day v1alpha1.CivilDate) v1alpha1.ComplianceEvidence {
	return v1alpha1.ComplianceEvidence{
		ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: strings.ToLower(kind)},
		Spec: v1alpha1.ComplianceEvidenceSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: "main"}, Kind: kind, PerformedAt: day,
			Outcome: v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
		},
	}
}

func TestCompliant(t *testing.T) {
	const kind = v1alpha1.EvidencePenetrationTest
	tests := map[string]struct {
		scope   func() *scope
		status  metav1.ConditionStatus
		reason  string
		says    string
		stalled bool
	}{
		"nothing is asked of people": {running, metav1.ConditionTrue, reasonRequirementsMet, "Nothing is short", false},
		"the duty is done": {
			func() *scope { return sworn(done(kind, "2026-01-10")) }, metav1.ConditionTrue, reasonRequirementsMet, "The only duty is satisfied.", false,
		},
		"the duty is overdue": {
			func() *scope { return sworn(done(kind, "2025-01-10")) },
			metav1.ConditionFalse, reasonDutiesOverdue, "PenetrationTest overdue since 2026-01-11", true,
		},
		"the duty was never done": {
			func() *scope { return sworn() }, metav1.ConditionFalse, reasonDutiesMissing, "PenetrationTest has no valid record", true,
		},
		"the declared level is approved": {
			func() *scope { s := running(); s.ruling.Approved = new(v1alpha1.SecurityLevel(3)); return s },
			metav1.ConditionTrue, reasonRequirementsMet, "Nothing is short", false,
		},
		"a higher level is declared than approved": {
			func() *scope { s := running(); s.ruling.Approved = new(v1alpha1.SecurityLevel(2)); return s },
			metav1.ConditionFalse, reasonLevelNotApproved, "Level 3 is declared, level 2 is approved and rules until level 3 is approved.", true,
		},
		"the image is too old": {
			func() *scope {
				s := running()
				s.profile.Spec.Workload.MaxImageAgeMonths, s.class.Spec.ImageBuiltOn = new(int32(6)), "2025-11-30"
				return s
			}, metav1.ConditionFalse, reasonTechnicalShortfall, "lets it run until 2026-05-30, 6 months later", true,
		},
		"a change has not reached it": {
			func() *scope { s := running(); s.ruling.Newest.Spec.Certificate.KeySize = 384; return s },
			metav1.ConditionFalse, reasonTechnicalShortfall, "The change of the profile has not reached the Connector yet.", false,
		},
		"what people owe comes first": {
			func() *scope { s := sworn(); s.ruling.Newest.Spec.Certificate.KeySize = 384; return s },
			metav1.ConditionFalse, reasonDutiesMissing, "has not reached the Connector yet. 0 of 1 duties satisfied", true,
		},
		"while something else is under way, people are not all that is missing": {
			func() *scope { s := sworn(); s.leaf.Issued = nil; return s }, metav1.ConditionFalse, reasonDutiesMissing, "", false,
		},
		"refused": {
			func() *scope { s := sworn(); s.refusal = &refusal{reason: "Wrong", waits: true}; return s },
			metav1.ConditionUnknown, reasonNotEnforced, "while the Connector is not accepted", false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := observedStatus(tt.scope(), noon())
			c := meta.FindStatusCondition(got.Conditions, v1alpha1.ConditionCompliant)
			if c.Status != tt.status || c.Reason != tt.reason || !strings.Contains(c.Message, tt.says) {
				t.Errorf("Compliant is %s, %s, %q; want %s, %s and a message that says %q", c.Status, c.Reason, c.Message, tt.status, tt.reason, tt.says)
			}
			if stalled := meta.IsStatusConditionTrue(got.Conditions, v1alpha1.ConditionStalled); stalled != tt.stalled {
				t.Errorf("stalled is %t, want %t", stalled, tt.stalled)
			}
			ruling := rulingStatus(got.Compliance)
			if ruling == nil || *ruling.Satisfied != (tt.status == metav1.ConditionTrue) {
				t.Errorf("the status tells %+v", ruling)
			}
		})
	}
}

func TestTechnicalShortfalls(t *testing.T) {
	tests := map[string]struct {
		change func(*scope)
		want   []string
	}{
		"none": {func(*scope) {}, nil},
		"not accepted, which hides the rest": {
			func(s *scope) { s.refusal, s.leaf.Issued.NotAfter = &refusal{}, noon().Add(100*time.Hour) }, []string{shortEnforcement},
		},
		"paused":             {func(s *scope) { s.connector.Spec.Paused = new(true) }, []string{shortEnforcement}},
		"object not written": {func(s *scope) { s.unapplied = errUnapplied{} }, []string{shortEnforcement}},
		"object in the way":  {func(s *scope) { s.foreign = []*apply.ForeignObjectError{{}} }, []string{shortEnforcement}},
		"its revision is not known any more": {
			func(s *scope) { s.ruling.Staged.Newest, s.ruling.Staged.Lost = false, true }, []string{shortRevision},
		},
		"the revision of its class is not known any more": {func(s *scope) { s.stagedClass.Lost = true }, []string{shortRevision}},
		"a newer revision that asks for more": {
			func(s *scope) {
				s.ruling.Newest.Spec.TLS.MinVersion, s.ruling.Newest.Spec.Workload.MinReplicas = v1alpha1.VersionTLS13, 3
			}, []string{"tls.minVersion", "workload.minReplicas"},
		},
		"a newer revision that asks for less": {func(s *scope) { s.ruling.Newest.Spec.Network.Egress = v1alpha1.EgressPorts }, nil},
		"a newer revision that the hardening meets already": {
			func(s *scope) {
				s.profile.Spec.TLS.MinVersion, s.ruling.Newest.Spec.TLS.MinVersion = v1alpha1.VersionTLS13, v1alpha1.VersionTLS13
			}, nil,
		},
		"a newer revision that waits for a window": {
			func(s *scope) {
				s.heldBack, s.before.Status.Profile, s.before.Status.ProfileRevision = true, s.profile.Name, "older"
			}, []string{shortTemplate},
		},
		"another image that waits for a window": {
			func(s *scope) {
				s.heldBack, s.before.Status.Profile, s.before.Status.ProfileRevision = true, s.profile.Name, "newest"
			}, nil,
		},
		"pods of an earlier template": {
			func(s *scope) { s.deployment.Status.Replicas, s.deployment.Status.UpdatedReplicas = 2, 1 }, []string{shortTemplate},
		},
		"pods that come up for the first time": {
			func(s *scope) {
				s.deployment.Status = appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: 1, UpdatedReplicas: 1}
			}, nil,
		},
		"a template that was just written": {
			func(s *scope) {
				s.deployment.Generation, s.deployment.Status.Replicas, s.written.Workload = 2, 2, "another"
			}, []string{shortTemplate},
		},
		"more pods of the same template": {
			func(s *scope) {
				s.deployment.Generation, s.deployment.Status.Replicas, s.written.Workload = 2, 2, "same"
				s.before.Status.Written = &v1alpha1.WrittenDigests{Workload: "same"}
			}, nil,
		},
		"an image on its last day":         {func(s *scope) { s.imageOf("2025-12-01", 6) }, nil},
		"an image a day later":             {func(s *scope) { s.imageOf("2025-11-30", 6) }, []string{fieldImageAge}},
		"an image of nobody knows when":    {func(s *scope) { s.imageOf("", 6) }, []string{fieldImageAge}},
		"pods on one host that may be":     {func(s *scope) { s.pods[0].host, s.pods[1].host = "a", "a" }, nil},
		"pods on one host, and in a zone":  {func(s *scope) { s.place("a", "a", "z", "z") }, []string{fieldSpreadHosts, fieldSpreadZones}},
		"pods on two hosts in one zone":    {func(s *scope) { s.place("a", "b", "z", "z") }, []string{fieldSpreadZones}},
		"pods on hosts in unknown zones":   {func(s *scope) { s.place("a", "b", "", "") }, nil},
		"pods of which one has no host":    {func(s *scope) { s.place("a", "", "", "") }, nil},
		"pods on one host, being replaced": {func(s *scope) { s.place("a", "a", "", ""); s.pods[1].ready = false }, nil},
		"a life that an issuer made longer": {
			func(s *scope) { s.leaf.Issued.NotAfter = s.leaf.Issued.NotBefore.Add(25*time.Hour + 2*time.Minute) }, []string{fieldLife},
		},
		"a life that begins before the issuance": {
			func(s *scope) {
				issued := metav1.NewTime(noon())
				s.leaf.Issued.IssuedAt, s.leaf.Issued.NotAfter = &issued, noon().Add(25*time.Hour)
			}, nil,
		},
		"the key that is asked for": {func(s *scope) { s.keyed(&ecdsa.PublicKey{Curve: elliptic.P256()}) }, nil},
		"a larger key":              {func(s *scope) { s.keyed(&ecdsa.PublicKey{Curve: elliptic.P384()}) }, nil},
		"a smaller key":             {func(s *scope) { s.keyed(&ecdsa.PublicKey{Curve: elliptic.P224()}) }, []string{fieldKeySize}},
		"a key of another algorithm": {
			func(s *scope) { s.keyed(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 4095), E: 65537}) }, []string{fieldAlgorithm},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := running()
			tt.change(s)
			var got []string
			for _, f := range s.technicalShortfalls() {
				got = append(got, f.Name)
				if f.Type != v1alpha1.ShortfallTechnical || !strings.HasSuffix(f.Message, ".") {
					t.Errorf("%+v is no technical shortfall in a sentence", f)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("short is %v, want %v", got, tt.want)
			}
		})
	}
}

func (s *scope) imageOf(day v1alpha1.CivilDate, months int32) {
	s.class.Spec.ImageBuiltOn, s.profile.Spec.Workload.MaxImageAgeMonths = day, &months
}

func (s *scope) place(host0, host1, zone0, zone1 string) {
	s.profile.Spec.Workload.SpreadHosts, s.profile.Spec.Workload.SpreadZones = v1alpha1.SpreadRequired, v1alpha1.SpreadRequired
	s.ruling.Newest.Spec.Workload = s.profile.Spec.Workload
	s.pods[0].host, s.pods[1].host, s.pods[0].zone, s.pods[1].zone = host0, host1, zone0, zone1
}

func (s *scope) keyed(key any) { s.leaf.Issued.Chain = []*x509.Certificate{{PublicKey: key}} }

func TestProfileRevision(t *testing.T) {
	tests := map[string]struct {
		change func(*scope)
		want   string
	}{
		"everything was applied": {func(*scope) {}, "newest"},
		"refused":                {func(s *scope) { s.refusal = &refusal{} }, "before"},
		"paused":                 {func(s *scope) { s.connector.Spec.Paused = new(true) }, "before"},
		"held for a window":      {func(s *scope) { s.heldBack = true }, "before"},
		"not every object":       {func(s *scope) { s.unapplied = errUnapplied{} }, "before"},
		"waiting for its turn":   {func(s *scope) { s.ruling.Staged.Lost = true }, "before"},
		"held, of another profile": {func(s *scope) {
			s.heldBack, s.before.Status.Profile, s.before.Status.SecurityLevel = true, "another", s.ruling.Level
		}, "before"},
		"held, of another level": {func(s *scope) {
			s.heldBack, s.before.Status.Profile, s.before.Status.SecurityLevel = true, "another", s.ruling.Level-1
		}, ""},
		"refused, and held to what rules it": {func(s *scope) { s.refusal = &refusal{enforced: true} }, "newest"},
		"a request waits for a pass":         {func(s *scope) { s.plan.held = []string{"the certificate is to be replaced"} }, "newest"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := running()
			s.before.Status.Profile, s.before.Status.ProfileRevision = s.profile.Name, "before"
			tt.change(s)
			if got := observedStatus(s, noon()); got.ProfileRevision != tt.want || got.Profile != s.profile.Name {
				t.Errorf("the objects are told to be made by %s of %s, want %s", got.ProfileRevision, got.Profile, tt.want)
			}
		})
	}
}

func TestClassRevision(t *testing.T) {
	tests := map[string]struct {
		change func(*scope)
		want   string
	}{
		"everything was applied": {func(*scope) {}, "gateway newest"},
		"refused":                {func(s *scope) { s.refusal = &refusal{} }, "other before"},
		"held for a window":      {func(s *scope) { s.heldBack = true }, "other before"},
		"waiting for its turn":   {func(s *scope) { s.stagedClass.Lost = true }, "other before"},
		"the class is gone":      {func(s *scope) { s.class, s.refusal = nil, &refusal{} }, "other before"},
	}
	for name, tt := range tests {
		s := running()
		s.class.Name, s.stagedClass = "gateway", staging.StagedClass{Class: s.class, Revision: "newest"}
		s.before.Status.ClassName, s.before.Status.ClassRevision = "other", "before"
		tt.change(s)
		if got := observedStatus(s, noon()); got.ClassName+" "+got.ClassRevision != tt.want {
			t.Errorf("%s: the objects are told to be made by %s %s, want %s", name, got.ClassName, got.ClassRevision, tt.want)
		}
	}
}

// What cannot be found for a moment is not forgotten.
func TestRulingIsRemembered(t *testing.T) {
	s := running()
	told := v1alpha1.ConnectorStatus{SecurityLevel: 3, ApprovedLevel: new(v1alpha1.SecurityLevel(3)), Profile: "three", ProfileRevision: "before"}
	s.before.Status = told
	s.profile, s.refusal = nil, &refusal{reason: v1alpha1.ReasonProfileNotFound}
	s.ruling = &ruling.Ruling{Case: s.ruling.Case, Approved: told.ApprovedLevel, Level: 4}
	got := observedStatus(s, noon())
	if got.SecurityLevel != 3 || got.ApprovedLevel == nil || *got.ApprovedLevel != 3 || got.Profile != "three" || got.ProfileRevision != "before" {
		t.Errorf("without a profile the status tells level %d, approved %v, by %s of %s", got.SecurityLevel, got.ApprovedLevel, got.ProfileRevision, got.Profile)
	}
}

// A Connector waits for the first day on which something changes by itself, where its agency is.
func TestNextJudgement(t *testing.T) {
	const kind = v1alpha1.EvidencePenetrationTest
	tests := map[string]struct {
		scope *scope
		want  string
	}{
		"nothing ever changes":   {running(), ""},
		"a duty is due soon":     {sworn(done(kind, "2025-10-10")), "2026-09-10"},
		"a duty is missing":      {sworn(), ""},
		"a duty has been missed": {sworn(done(kind, "2025-01-10")), ""},
	}
	old := running()
	old.imageOf("2025-12-01", 6)
	tests["an image grows old"] = struct {
		scope *scope
		want  string
	}{old, "2026-06-02"}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := nextJudgement(tt.scope)
			if tt.want == "" {
				if !got.IsZero() {
					t.Errorf("the next judgement is at %s, want none", got)
				}
				return
			}
			day, err := civil.Parse(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			if want := day.Start(compliance.Zone(tt.scope.agency)); !got.Equal(want) {
				t.Errorf("the next judgement is at %s, want %s", got, want)
			}
		})
	}
}

func TestOtherRegimes(t *testing.T) {
	s := running()
	other := s.profile.DeepCopy()
	other.Name, other.Spec.Regime = "nd85-2016-level-3", "nd85-2016"
	other.Spec.TLS.MinVersion, other.Spec.Duties = v1alpha1.VersionTLS13, []v1alpha1.Duty{{Kind: v1alpha1.EvidenceRestoreTest}}
	s.ruling.Others = []*v1alpha1.SecurityProfile{other}
	s.ruling.Case.Profiles = []v1alpha1.SecurityProfile{*s.ruling.Newest, *other}
	all := observedStatus(s, noon()).Compliance
	if len(all) != 2 || all[0].Regime != "nd331-2026" || !*all[0].Ruling || !*all[0].Satisfied || all[1].Regime != "nd85-2016" || *all[1].Ruling {
		t.Fatalf("the status tells %+v", all)
	}
	var names []string
	for _, f := range all[1].Shortfalls {
		names = append(names, string(f.Type)+" "+f.Name)
	}
	if want := []string{"Technical tls.minVersion", "Duty RestoreTest"}; !slices.Equal(names, want) {
		t.Errorf("short under the other regime is %v, want %v", names, want)
	}
	if c := meta.FindStatusCondition(observedStatus(s, noon()).Conditions, v1alpha1.ConditionReady); c.Status != metav1.ConditionTrue {
		t.Errorf("what another regime asks for keeps the Connector from being ready: %+v", c)
	}
}
