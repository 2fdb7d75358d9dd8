package compliance

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func organised(p *v1alpha1.SecurityProfile) {
	p.Spec.Approval = &v1alpha1.ApprovalRequirements{
		Appraiser: v1alpha1.ResponsibleParty{
			Role: v1alpha1.RoleOrganisation, Name: "Bộ Công an", AgencyRef: &v1alpha1.ObjectReference{Name: "g01"},
		},
		Approver: v1alpha1.ResponsibleParty{
			Role: v1alpha1.RoleOrganisation, Name: "Prime Minister (list)", OtherNames: []string{"the Premier", "Thủ tướng Chính phủ"},
		},
	}
}

func TestExamine(t *testing.T) {
	const (
		test      = v1alpha1.EvidencePenetrationTest
		appraisal = v1alpha1.EvidenceLevelAppraisal
		approval  = v1alpha1.EvidenceLevelApproval
	)
	operated := func(c *Case) { c.Agency.Spec.OperatedBy = "Trung tâm Công nghệ thông tin" }
	notMade := func(c *Case) { c.Records[len(c.Records)-1].CreationTimestamp = metav1.Time{} }
	madeAt := func(instant string) func(*Case) {
		return func(c *Case) { c.Records[len(c.Records)-1].CreationTimestamp = metav1.NewTime(at(t, instant)) }
	}
	// A restore from a backup makes every record anew, later, and in another order.
	restored := func(c *Case) {
		for i := range c.Records {
			c.Records[i].Status.RecordedAt = c.Records[i].CreationTimestamp.DeepCopy()
			c.Records[i].CreationTimestamp = metav1.NewTime(at(t, "2026-09-01T00:00:00Z").Add(-time.Duration(i) * time.Second))
		}
	}
	// There the day that begins last where most agencies are has long begun.
	east := func(c *Case) {
		c.Agency.Spec.TimeZone = "Pacific/Kiritimati"
		c.Records[0].CreationTimestamp = metav1.NewTime(at(t, "2026-06-01T11:00:00Z"))
	}
	// operatedBy is another agency, which has names of its own.
	operatedBy := func(name string) func(*Case) {
		return func(c *Case) {
			center := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "g12-it"}}
			center.Spec.Code, center.Spec.Names = "G12.18.7", v1alpha1.LocalizedNames{Vi: "Trung tâm Dữ liệu", En: "Data Centre"}
			c.Agency.Spec.OperatedBy, c.Agencies = name, map[string]*v1alpha1.Agency{"g12-it": center}
		}
	}
	byCentre := record("r", appraisal, "2026-01-01", level(5), byAgency("g12-it", "Security"))
	noHub := func(c *Case) { c.Regime = "" }
	noAgency := func(c *Case) { c.Agency, c.Owners = nil, nil }
	first := record("first", test, "2026-01-01")
	tests := map[string]struct {
		record v1alpha1.ComplianceEvidence
		others []v1alpha1.ComplianceEvidence
		edit   func(*Case)
		reason string
		says   string
	}{
		"what is in order":                                       {record: first},
		"what was done today":                                    {record: record("r", test, "2026-06-01")},
		"what is done tomorrow":                                  {record: record("r", test, "2026-06-02"), reason: v1alpha1.ReasonPerformedInFuture, says: "performedAt is 2026-06-02, and the record was made on 2026-06-01 where the agency is (Asia/Ho_Chi_Minh), before that day; it never counts. Record it once more when it was done."},
		"what was not done when it was recorded, ever":           {record: record("r", test, "2026-06-02"), edit: func(c *Case) { c.Today = c.Today.AddDays(400) }, reason: v1alpha1.ReasonPerformedInFuture, says: "the record was made on 2026-06-01"},
		"what is not in the cluster yet, and done today":         {record: record("r", test, "2026-06-01"), edit: notMade},
		"what is not in the cluster yet, and done tomorrow":      {record: record("r", test, "2026-06-02"), edit: notMade, reason: v1alpha1.ReasonPerformedInFuture},
		"what was made in the last second of its day's eve":      {record: record("r", test, "2026-06-01"), edit: madeAt("2026-05-31T16:59:59Z"), reason: v1alpha1.ReasonPerformedInFuture},
		"what was made in the first second of its day":           {record: record("r", test, "2026-06-01"), edit: madeAt("2026-05-31T17:00:00Z")},
		"what was made too early, and restored later":            {record: record("r", test, "2026-06-02"), edit: restored, reason: v1alpha1.ReasonPerformedInFuture, says: "the record was made on 2026-06-01"},
		"a correction that was restored before what it corrects": {record: record("r", test, "2026-01-01", supersedes("first")), others: []v1alpha1.ComplianceEvidence{first}, edit: restored},
		"what was done on the other side of the globe today":     {record: record("r", test, "2026-06-02"), edit: east},
		"what is no day":                                         {record: record("r", test, "2026-02-30"), reason: v1alpha1.ReasonInvalidSpec, says: "2026-02-30"},
		"what failed":                                            {record: record("r", test, "2026-01-01", failed)},
		"for no Connector":                                       {record: first, edit: func(c *Case) { c.Connector = nil }, reason: v1alpha1.ReasonConnectorNotFound, says: "connectorRef names Connector main, which does not exist in namespace g12-18. A record counts only for a Connector of its own namespace;"},
		"for another Connector":                                  {record: record("r", test, "2026-01-01", func(e *v1alpha1.ComplianceEvidence) { e.Spec.ConnectorRef.Name = "second" }), reason: v1alpha1.ReasonConnectorNotFound, says: "Connector second, which does not exist in namespace g12-18"},
		"from another namespace":                                 {record: record("r", test, "2026-01-01", func(e *v1alpha1.ComplianceEvidence) { e.Namespace = "g13" }), reason: v1alpha1.ReasonConnectorNotFound, says: "which does not exist in namespace g13"},

		"a correction":                   {record: record("r", test, "2026-01-01", supersedes("first")), others: []v1alpha1.ComplianceEvidence{first}},
		"a correction of nothing":        {record: record("r", test, "2026-01-01", supersedes("none")), reason: v1alpha1.ReasonInvalidSupersedes, says: "supersedes names none, which is no record of Connector main in this namespace. A record supersedes an older one of the same Connector, kind and regime;"},
		"a correction of itself":         {record: record("r", test, "2026-01-01", supersedes("r")), reason: v1alpha1.ReasonInvalidSupersedes, says: "supersedes names r, which is not older than this record"},
		"a correction of another kind":   {record: record("r", "RestoreTest", "2026-01-01", supersedes("first")), others: []v1alpha1.ComplianceEvidence{first}, reason: v1alpha1.ReasonInvalidSupersedes, says: "supersedes names first, which is of the kind PenetrationTest and not RestoreTest"},
		"a correction of another's":      {record: record("r", test, "2026-01-01", supersedes("first")), others: []v1alpha1.ComplianceEvidence{record("first", test, "2026-01-01", func(e *v1alpha1.ComplianceEvidence) { e.Spec.ConnectorRef.Name = "second" })}, reason: v1alpha1.ReasonInvalidSupersedes, says: "supersedes names first, which is no record of Connector main in this namespace"},
		"a correction of a later record": {record: record("a", test, "2026-01-01", supersedes("first")), edit: func(c *Case) { c.with(first) }, reason: v1alpha1.ReasonInvalidSupersedes, says: "supersedes names first, which is not older than this record"},

		"a correction in the same second, however they are called": {record: record("a", test, "2026-01-01", supersedes("first")), others: []v1alpha1.ComplianceEvidence{first}, edit: (*Case).atOnce},
		"a correction in the same second of what corrects it":      {record: record("z", test, "2026-01-01", supersedes("first")), others: []v1alpha1.ComplianceEvidence{record("first", test, "2026-01-01", supersedes("z"))}, edit: (*Case).atOnce},
		"one that is corrected by what it corrects":                {record: record("a", test, "2026-01-01", supersedes("first")), others: []v1alpha1.ComplianceEvidence{record("first", test, "2026-01-01", supersedes("a"))}, edit: (*Case).atOnce, reason: v1alpha1.ReasonInvalidSupersedes, says: "not older than this record"},
		"a correction of itself in the same second":                {record: record("r", test, "2026-01-01", supersedes("r")), edit: (*Case).atOnce, reason: v1alpha1.ReasonInvalidSupersedes},

		"a correction under the same regime":                      {record: record("r", test, "2026-01-01", under(earlier), supersedes("first")), others: []v1alpha1.ComplianceEvidence{record("first", test, "2026-01-01", under(earlier))}},
		"a correction under another regime":                       {record: record("r", test, "2026-01-01", under(earlier), supersedes("first")), others: []v1alpha1.ComplianceEvidence{record("first", test, "2026-01-01", under(regime))}, reason: v1alpha1.ReasonInvalidSupersedes, says: "supersedes names first, which names regime nd331-2026, while this record names regime nd85-2016."},
		"a correction under a regime, of what names none":         {record: record("r", test, "2026-01-01", under(regime), supersedes("first")), others: []v1alpha1.ComplianceEvidence{first}, reason: v1alpha1.ReasonInvalidSupersedes, says: "which names no regime, while this record names regime nd331-2026."},
		"an approval taken back by the owner":                     {record: record("r", approval, "2026-01-01", level(2), supersedes("g")), others: []v1alpha1.ComplianceEvidence{record("g", approval, "2026-01-01", level(3))}},
		"an approval taken back by somebody, at an unruled level": {record: record("r", approval, "2026-01-01", level(2), byOrganisation("ACME"), supersedes("g")), others: []v1alpha1.ComplianceEvidence{record("g", approval, "2026-01-01", level(3))}, reason: v1alpha1.ReasonInvalidSupersedes, says: "supersedes names g, and performedBy is ACME, but under regime nd331-2026 level 3 is approved by the owner of the system, which is Agency g12.18 or one that it belongs to (g12), and nobody else takes that back;"},
		"an appraisal taken back by somebody, at another level":   {record: record("r", appraisal, "2026-01-01", level(2), byOrganisation("ACME"), supersedes("a")), others: []v1alpha1.ComplianceEvidence{record("a", appraisal, "2026-01-01", level(4), byAgency("g01", ""))}, reason: v1alpha1.ReasonInvalidSupersedes, says: "level 4 is appraised by Bộ Công an (Agency g01), and nobody else takes that back;"},
		"a mistaken approval taken back by who may give it":       {record: record("r", approval, "2026-01-01", level(3), supersedes("g")), others: []v1alpha1.ComplianceEvidence{record("g", approval, "2026-01-01", level(3), byOrganisation("ACME"))}},
		"an unruled approval taken back by anybody":               {record: record("r", approval, "2026-01-01", level(2), byOrganisation("ACME"), supersedes("g")), others: []v1alpha1.ComplianceEvidence{record("g", approval, "2026-01-01", level(2))}},
		"under a regime that there is not":                        {record: record("r", approval, "2026-01-01", level(3), byOrganisation("ACME"), under("invented")), reason: v1alpha1.ReasonRegimeNotFound, says: "regime is invented, and there is no SecurityProfile of that regime; there are those of nd331-2026, nd85-2016. Record it once more"},
		"tested under a regime that there is not":                 {record: record("r", test, "2026-01-01", under("invented")), reason: v1alpha1.ReasonRegimeNotFound},

		"approved while the hub is absent":                    {record: record("r", approval, "2026-01-01", level(3)), edit: noHub, reason: v1alpha1.ReasonHubNotFound, says: "ExchangeHub axis of Connector main, by whose regime it is examined then, does not exist; it is examined as soon as the hub exists."},
		"appraised while the hub is absent":                   {record: record("r", appraisal, "2026-01-01", level(3), byOrganisation("ACME")), edit: noHub, reason: v1alpha1.ReasonHubNotFound},
		"approved under a regime while the hub is absent":     {record: record("r", approval, "2026-01-01", level(3), under(regime)), edit: noHub},
		"tested while the hub is absent":                      {record: first, edit: noHub},
		"approved at an unruled level, the agency not known":  {record: record("r", approval, "2026-01-01", level(2)), edit: noAgency, reason: v1alpha1.ReasonAgencyNotFound},
		"determined while neither the agency nor the hub are": {record: record("r", v1alpha1.EvidenceLevelDetermination, "2026-01-01", level(3)), edit: func(c *Case) { noAgency(c); noHub(c) }},

		"appraised by the agency that operates, by its object":         {record: byCentre, edit: operatedBy("G12-IT"), reason: v1alpha1.ReasonAppraiserOperates, says: "performedBy is Security of Agency g12-it, and G12-IT operates the system by the word of Agency g12.18"},
		"appraised by the agency that operates, by its code":           {record: byCentre, edit: operatedBy("g12.18.7"), reason: v1alpha1.ReasonAppraiserOperates},
		"appraised by the agency that operates, by its name":           {record: byCentre, edit: operatedBy("trung tâm  dữ liệu"), reason: v1alpha1.ReasonAppraiserOperates},
		"appraised by the agency that operates, by its English name":   {record: byCentre, edit: operatedBy("DATA CENTRE"), reason: v1alpha1.ReasonAppraiserOperates},
		"appraised by an agency that is gone and operates":             {record: byCentre, edit: func(c *Case) { operatedBy("g12-it")(c); c.Agencies = nil }, reason: v1alpha1.ReasonAppraiserOperates},
		"appraised by another agency's unit of the operator's name":    {record: record("r", appraisal, "2026-01-01", level(5), byAgency("g13", "Data centre")), edit: operatedBy("Data Centre")},
		"appraised by another unit of the agency that operates itself": {record: record("r", appraisal, "2026-01-01", level(3)), edit: operatedBy("g12.18")},
		"appraised by the ministry's unit that operates":               {record: record("r", appraisal, "2026-01-01", level(3), byAgency("g12", "Data centre")), edit: operatedBy("Data Centre"), reason: v1alpha1.ReasonAppraiserOperates},

		"determined by anybody":                                                   {record: record("r", v1alpha1.EvidenceLevelDetermination, "2026-01-01", level(3), byOrganisation("ACME"))},
		"appraised by the unit":                                                   {record: record("r", appraisal, "2026-01-01", level(3))},
		"appraised by the unit of the ministry":                                   {record: record("r", appraisal, "2026-01-01", level(3), byAgency("g12", "Cục An toàn thông tin"))},
		"appraised by the agency, no unit named":                                  {record: record("r", appraisal, "2026-01-01", level(3), byAgency("g12.18", "")), reason: v1alpha1.ReasonWrongAppraiser, says: "performedBy is Agency g12.18, but under regime nd331-2026 level 3 is appraised by the specialised security unit of Agency g12.18 or one that it belongs to (g12), with its unit named; have it appraised there"},
		"appraised by a blank unit":                                               {record: record("r", appraisal, "2026-01-01", level(3), byAgency("g12.18", "  ")), reason: v1alpha1.ReasonWrongAppraiser},
		"appraised by another agency's unit":                                      {record: record("r", appraisal, "2026-01-01", level(3), byAgency("g13", "IT")), reason: v1alpha1.ReasonWrongAppraiser, says: "performedBy is IT of Agency g13"},
		"appraised by a firm":                                                     {record: record("r", appraisal, "2026-01-01", level(3), byOrganisation("g12.18")), reason: v1alpha1.ReasonWrongAppraiser},
		"approved by the owner":                                                   {record: record("r", approval, "2026-01-01", level(3), byAgency("g12.18", ""))},
		"approved by the owner above":                                             {record: record("r", approval, "2026-01-01", level(3), byAgency("g12", ""))},
		"approved by another":                                                     {record: record("r", approval, "2026-01-01", level(3), byAgency("g13", "")), reason: v1alpha1.ReasonWrongApprover, says: "under regime nd331-2026 level 3 is approved by the owner of the system, which is Agency g12.18 or one that it belongs to (g12); have it approved there, and record that. If that was done under another regime, write that one into regime."},
		"approved at a level above, by who may not":                               {record: record("r", approval, "2026-01-01", level(4), byAgency("g12", "")), reason: v1alpha1.ReasonWrongApprover, says: "level 4 is approved by Prime Minister (list) or the Premier or Thủ tướng Chính phủ; have"},
		"approved at a level above, by name":                                      {record: record("r", approval, "2026-01-01", level(4), byOrganisation("  PRIME  minister (List) "))},
		"approved at a level above, by its name in Vietnamese":                    {record: record("r", approval, "2026-01-01", level(4), byOrganisation("Thủ tướng  chính phủ"))},
		"approved at a level above, by a part of its name":                        {record: record("r", approval, "2026-01-01", level(4), byOrganisation("Thủ tướng")), reason: v1alpha1.ReasonWrongApprover},
		"appraised at a level above, by reference":                                {record: record("r", appraisal, "2026-01-01", level(4), byAgency("g01", ""))},
		"appraised at a level above, by name, its letters put together otherwise": {record: record("r", appraisal, "2026-01-01", level(4), byOrganisation("bo\u0323\u0302 co\u0302ng an"))},
		"appraised at a level above, by the unit":                                 {record: record("r", appraisal, "2026-01-01", level(4)), reason: v1alpha1.ReasonWrongAppraiser, says: "level 4 is appraised by Bộ Công an (Agency g01); have"},
		"of a level without a profile":                                            {record: record("r", approval, "2026-01-01", level(5), byOrganisation("ACME"))},
		"of a level whose profile has no approval":                                {record: record("r", approval, "2026-01-01", level(2), byOrganisation("ACME"))},
		"under a regime that says otherwise":                                      {record: record("r", approval, "2026-01-01", level(3), byOrganisation("Prime Minister (list)"), under(earlier))},
		"under a regime that says otherwise, by who may not":                      {record: record("r", approval, "2026-01-01", level(3), under(earlier)), reason: v1alpha1.ReasonWrongApprover, says: "but under regime nd85-2016 level 3 is approved by Prime Minister (list) or the Premier or Thủ tướng Chính phủ; have it approved there, and record that."},
		"approved while the agency is not known":                                  {record: record("r", approval, "2026-01-01", level(3)), edit: noAgency, reason: v1alpha1.ReasonAgencyNotFound, says: "Agency g12.18, which Connector main acts for, does not exist, so it is not known who may appraise or approve its level; the record is examined as soon as the Agency exists."},

		"appraised by the unit that operates":    {record: record("r", appraisal, "2026-01-01", level(3), byAgency("g12.18", "trung tâm công nghệ thông tin ")), edit: operated, reason: v1alpha1.ReasonAppraiserOperates, says: "Trung tâm Công nghệ thông tin operates the system by the word of Agency g12.18; have the level appraised by who does not operate it"},
		"appraised by the firm that operates":    {record: record("r", appraisal, "2026-01-01", level(5), byOrganisation("Trung tâm Công nghệ thông tin")), edit: operated, reason: v1alpha1.ReasonAppraiserOperates},
		"appraised by it, with what nobody sees": {record: record("r", appraisal, "2026-01-01", level(5), byOrganisation("Trung tâm Công nghệ \u200bthông tin\u00ad")), edit: operated, reason: v1alpha1.ReasonAppraiserOperates},
		"approved by the unit that operates":     {record: record("r", approval, "2026-01-01", level(3), byAgency("g12.18", "Trung tâm Công nghệ thông tin")), edit: operated},
		"appraised where nobody says who does":   {record: record("r", appraisal, "2026-01-01", level(5), byOrganisation("ACME"))},
		"tested by the unit that operates, only": {record: record("r", test, "2026-01-01", byOrganisation("Trung tâm Công nghệ thông tin")), edit: operated},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseOf(date(t, "2026-06-01"), profileOf(regime, 3, approvedBy), profileOf(regime, 4, organised), profileOf(regime, 2),
				profileOf(earlier, 3, organised)).with(tt.others...).with(tt.record)
			if tt.edit != nil {
				tt.edit(c)
			}
			denial := Examine(&c.Records[len(tt.others)], c)
			switch {
			case denial == nil && tt.reason != "":
				t.Fatalf("it is accepted, want %s", tt.reason)
			case denial != nil && (denial.Reason != tt.reason || !strings.Contains(denial.Message, tt.says)):
				t.Errorf("it is refused with %s: %s\nwant %q: %s", denial.Reason, denial.Message, tt.reason, tt.says)
			case denial != nil && denial.Waits != (tt.reason == v1alpha1.ReasonHubNotFound || tt.reason == v1alpha1.ReasonAgencyNotFound):
				t.Errorf("it waits: %t, with %s", denial.Waits, denial.Reason)
			}
		})
	}
}

func TestSupersededBy(t *testing.T) {
	const kind = v1alpha1.EvidencePenetrationTest
	c := caseOf(date(t, "2026-06-01")).with(
		record("first", kind, "2026-01-01"),
		record("tomorrow", kind, "2026-06-02", supersedes("first")),
		record("second", kind, "2026-01-02", supersedes("first")),
		record("another", kind, "2026-01-03", supersedes("first")),
		record("third", kind, "2026-01-03", supersedes("second")),
	)
	for i, want := range []string{"second", "", "third", "", ""} {
		if got := SupersededBy(&c.Records[i], c); got != want {
			t.Errorf("record %s is superseded by %q, want %q", c.Records[i].Name, got, want)
		}
	}
}

// However records that were made within one second correct each other, also in a circle, one of them counts, and it does not hang on their order.
func TestOneOfACircleCounts(t *testing.T) {
	const kind = v1alpha1.EvidencePenetrationTest
	circle := []v1alpha1.ComplianceEvidence{
		record("a", kind, "2026-01-01", supersedes("b")),
		record("b", kind, "2026-01-01", supersedes("c")),
		record("c", kind, "2026-01-01", supersedes("d")),
		record("d", kind, "2026-01-01", supersedes("a")),
	}
	for _, size := range []int{2, 3, 4} {
		for first := range size {
			c := caseOf(date(t, "2026-06-01"))
			for i := range size {
				c.with(*circle[(first+i)%size].DeepCopy())
			}
			for i := range c.Records {
				if c.Records[i].Name == circle[size-1].Name {
					c.Records[i].Spec.Supersedes.Name = "a"
				}
			}
			c.atOnce()
			var counting []string
			for _, e := range c.open(regime) {
				counting = append(counting, e.Name)
			}
			if want := circle[size-1].Name; len(counting) != 1 || counting[0] != want {
				t.Errorf("of %d records, beginning with number %d, %v count, want %s", size, first, counting, want)
			}
		}
	}
}

func TestExamineWaiver(t *testing.T) {
	p := profileOf(regime, 3, duty(v1alpha1.EvidencePenetrationTest, 12, 30), duty(v1alpha1.EvidenceLogReview, 1, 3))
	old := profileOf(earlier, 3, duty(v1alpha1.EvidenceSecurityAssessment, 24, 30))
	four := profileOf(regime, 4, duty(v1alpha1.EvidenceRiskReview, 12, 30))
	tests := map[string]struct {
		duties []string
		edit   func(*Case)
		reason string
		says   string
	}{
		"of the ruling regime":   {duties: []string{v1alpha1.EvidenceLogReview, v1alpha1.EvidencePenetrationTest}},
		"of another regime":      {duties: []string{v1alpha1.EvidenceSecurityAssessment}},
		"of another level":       {duties: []string{v1alpha1.EvidenceRiskReview}, reason: v1alpha1.ReasonUnknownDuty, says: "duties names RiskReview, which no SecurityProfile asks for at the level of Connector main; there are LogReview, PenetrationTest, SecurityAssessment."},
		"of the approved level":  {duties: []string{v1alpha1.EvidenceRiskReview}, edit: func(c *Case) { c.with(record("r", v1alpha1.EvidenceLevelApproval, "2026-01-01", level(4))) }},
		"of some level, in part": {duties: []string{"Juggling", "Abseiling", v1alpha1.EvidenceLogReview}},
		"of no level":            {duties: []string{"Juggling", "Abseiling"}, reason: v1alpha1.ReasonUnknownDuty, says: "duties names Abseiling, Juggling, which no"},
		"where there are none":   {duties: []string{v1alpha1.EvidenceLogReview}, edit: func(c *Case) { c.Profiles = nil }, reason: v1alpha1.ReasonUnknownDuty, says: "; there are none."},
		"where no Connector is":  {duties: []string{v1alpha1.EvidenceLogReview}, edit: func(c *Case) { c.Connector = nil }, reason: v1alpha1.ReasonConnectorNotFound, says: "A waiver counts only for a Connector of its own namespace;"},
		"of another's Connector": {duties: []string{v1alpha1.EvidenceLogReview}, edit: func(c *Case) { c.Waivers[0].Namespace = "g13" }, reason: v1alpha1.ReasonConnectorNotFound, says: "does not exist in namespace g13"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := caseOf(date(t, "2026-06-01"), p, old, four).waive("w", "2026-01-01", "2027-01-01", tt.duties...)
			if tt.edit != nil {
				tt.edit(c)
			}
			denial := ExamineWaiver(&c.Waivers[0], c)
			switch {
			case denial == nil && tt.reason != "":
				t.Fatalf("it is accepted, want %s", tt.reason)
			case denial != nil && (denial.Reason != tt.reason || !strings.Contains(denial.Message, tt.says)):
				t.Errorf("it is refused with %s: %s\nwant %q: %s", denial.Reason, denial.Message, tt.reason, tt.says)
			}
		})
	}
}
