package facts

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func agency(states ...v1alpha1.MilestoneState) *v1alpha1.Agency {
	a := &v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: "mof"}}
	a.Spec.Code, a.Spec.Names = "G12", v1alpha1.LocalizedNames{Vi: "Bộ Tài chính", En: "Ministry of Finance"}
	for i, state := range states {
		m := v1alpha1.AgencyMilestone{
			Plan: "decision-28", Milestone: fmt.Sprintf("m%d", i), Cohort: "all", State: state,
			Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
		}
		if state == v1alpha1.MilestoneMet || state == v1alpha1.MilestoneMetLate {
			m.MetAt = &metav1.Time{Time: time.Date(2018, 12, 12, 8, 0, 0, 0, time.FixedZone("", 7*3600))}
		}
		a.Status.Milestones = append(a.Status.Milestones, m)
	}
	return a
}

func plans() map[string]string { return map[string]string{"decision-28": "national-hub"} }

// connector has been issued the serial number, and serves it.
func connector(serial string) *v1alpha1.Connector {
	c := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: "g12", Name: "main"}}
	c.Spec.HubRef.Name = "national-hub"
	if serial != "" {
		c.Status.Certificate = &v1alpha1.CertificateStatus{SerialNumber: serial, NotAfter: &metav1.Time{Time: time.Unix(1e9, 0)}}
	}
	return c
}

func with(c *v1alpha1.Connector, change func(*v1alpha1.Connector)) *v1alpha1.Connector {
	change(c)
	return c
}

func rotation(from, to string, served bool) func(*v1alpha1.Connector) {
	return func(c *v1alpha1.Connector) {
		c.Status.Rotation = &v1alpha1.RotationStatus{FromSerialNumber: from, ToSerialNumber: to, Reason: v1alpha1.RotationRenewal}
		if served {
			c.Status.Rotation.ServedAt = &metav1.Time{Time: time.Unix(1, 0)}
		}
	}
}

func warned(within time.Duration) func(*v1alpha1.Connector) {
	return func(c *v1alpha1.Connector) { c.Status.Certificate.ExpiryWarning = &metav1.Duration{Duration: within} }
}

func level(l v1alpha1.SecurityLevel) func(*v1alpha1.Connector) {
	return func(c *v1alpha1.Connector) { c.Status.SecurityLevel = l }
}

func hub(change func(*v1alpha1.ExchangeHub)) *v1alpha1.ExchangeHub {
	h := &v1alpha1.ExchangeHub{ObjectMeta: metav1.ObjectMeta{Name: "national-hub"}}
	h.Spec.Endpoints = []v1alpha1.HubEndpoint{
		{Name: "primary", URL: "https://a.example.gov.vn", Priority: new(int32(0))}, {Name: "fallback", URL: "https://b.example.gov.vn", Priority: new(int32(1))},
	}
	h.Spec.Identities = []v1alpha1.SPIFFEID{"spiffe://lienthong.test/hub", "spiffe://lienthong.test/hub2"}
	h.Status.TrustDigest = "sha256:1"
	if change != nil {
		change(h)
	}
	return h
}

func ofMilestone(state v1alpha1.MilestoneState) []Fact { return OfMilestones(agency(state), plans()) }

func factsOf(serial string, changes ...func(*v1alpha1.Connector)) []Fact {
	c := connector(serial)
	for _, change := range changes {
		with(c, change)
	}
	return OfConnector(agency(), c)
}

// Each change is told once, and nothing else is.
func TestWhatIsToldOfWhichChange(t *testing.T) {
	const (
		met, risk, overdue = v1alpha1.NoticeMilestoneMet, v1alpha1.NoticeMilestoneAtRisk, v1alpha1.NoticeMilestoneOverdue
		rotated, expiring  = v1alpha1.NoticeCertificateRotated, v1alpha1.NoticeCertificateExpiring
	)
	month, week := 30*24*time.Hour, 7*24*time.Hour
	moved := func(h *v1alpha1.ExchangeHub) { h.Spec.Endpoints[0].URL = "https://c.example.gov.vn" }
	for name, tt := range map[string]struct {
		before, now []Fact
		want        []v1alpha1.NoticeType
	}{
		"a milestone at risk":              {ofMilestone("OnTrack"), ofMilestone("AtRisk"), []v1alpha1.NoticeType{risk}},
		"a milestone overdue":              {ofMilestone("AtRisk"), ofMilestone("Overdue"), []v1alpha1.NoticeType{overdue}},
		"a milestone met":                  {ofMilestone("OnTrack"), ofMilestone("Met"), []v1alpha1.NoticeType{met}},
		"a milestone met late":             {ofMilestone("Overdue"), ofMilestone("MetLate"), []v1alpha1.NoticeType{met}},
		"a met one of which the day moved": {ofMilestone("MetLate"), ofMilestone("Met"), nil},
		"a milestone that recovers":        {ofMilestone("AtRisk"), ofMilestone("OnTrack"), nil},
		"a milestone that begins":          {ofMilestone("Pending"), ofMilestone("OnTrack"), nil},
		"an exemption":                     {ofMilestone("Overdue"), ofMilestone("Exempt"), nil},
		"a new milestone":                  {nil, ofMilestone("Pending"), nil},
		"a new milestone, overdue":         {nil, ofMilestone("Overdue"), []v1alpha1.NoticeType{overdue}},
		"a plan that is gone":              {ofMilestone("Overdue"), nil, nil},
		"a plan whose hub is not known":    {ofMilestone("OnTrack"), OfMilestones(agency("Met"), nil), nil},
		"nothing with a milestone":         {ofMilestone("Overdue"), ofMilestone("Overdue"), nil},

		"a first certificate":         {factsOf(""), factsOf("a1"), nil},
		"a certificate issued":        {factsOf("a1"), factsOf("b2", rotation("a1", "b2", false)), nil},
		"a certificate rotated":       {factsOf("a1"), factsOf("b2", rotation("a1", "b2", true)), []v1alpha1.NoticeType{rotated}},
		"a rotation that was seen":    {factsOf("b2", rotation("a1", "b2", true)), factsOf("b2", rotation("a1", "b2", true)), nil},
		"a rotation overtaken":        {factsOf("b2", rotation("a1", "b2", false)), factsOf("c3", rotation("b2", "c3", false)), nil},
		"the next rotation under way": {factsOf("b2", rotation("a1", "b2", true)), factsOf("c3", rotation("b2", "c3", false)), nil},
		"a status that was lost":      {factsOf("a1", level(2)), factsOf(""), nil},
		"a first warning":             {factsOf("a1"), factsOf("a1", warned(month)), []v1alpha1.NoticeType{expiring}},
		"the next warning":            {factsOf("a1", warned(month)), factsOf("a1", warned(week)), []v1alpha1.NoticeType{expiring}},
		"distances set anew":          {factsOf("a1", warned(week)), factsOf("a1", warned(month)), nil},
		"a warning of the next":       {factsOf("a1", warned(week)), factsOf("b2", warned(week)), []v1alpha1.NoticeType{expiring}},
		"a warning that is over":      {factsOf("a1", warned(week)), factsOf("b2"), nil},
		"a first level":               {factsOf("a1"), factsOf("a1", level(2)), nil},
		"a level raised":              {factsOf("a1", level(2)), factsOf("a1", level(3)), []v1alpha1.NoticeType{v1alpha1.NoticeLevelChanged}},
		"a level that is not known":   {factsOf("a1", level(2)), factsOf("a1"), nil},

		"a hub seen first":  {nil, OfHub(hub(nil)), nil},
		"a hub as it was":   {OfHub(hub(nil)), OfHub(hub(nil)), nil},
		"an endpoint moved": {OfHub(hub(nil)), OfHub(hub(moved)), []v1alpha1.NoticeType{v1alpha1.NoticeHubEndpointsChanged}},
		"endpoints listed the other way round": {OfHub(hub(nil)), OfHub(hub(func(h *v1alpha1.ExchangeHub) {
			e := h.Spec.Endpoints
			e[0], e[1] = e[1], e[0]
		})), nil},
		"endpoints in another order": {OfHub(hub(nil)), OfHub(hub(func(h *v1alpha1.ExchangeHub) { h.Spec.Endpoints[0].Priority = new(int32(9)) })),
			[]v1alpha1.NoticeType{v1alpha1.NoticeHubEndpointsChanged}},
		"an identity less": {OfHub(hub(nil)), OfHub(hub(func(h *v1alpha1.ExchangeHub) { h.Spec.Identities = h.Spec.Identities[:1] })),
			[]v1alpha1.NoticeType{v1alpha1.NoticeHubIdentitiesChanged}},
		"other trust": {OfHub(hub(nil)), OfHub(hub(func(h *v1alpha1.ExchangeHub) { h.Status.TrustDigest = "sha256:2" })),
			[]v1alpha1.NoticeType{v1alpha1.NoticeHubTrustChanged}},
		"trust that is not known": {OfHub(hub(nil)), OfHub(hub(func(h *v1alpha1.ExchangeHub) { h.Status.TrustDigest = "" })), nil},
	} {
		t.Run(name, func(t *testing.T) {
			observed, told := Diff(nil, tt.before, true)
			if len(told) != 0 {
				t.Errorf("the baseline tells %v", told)
			}
			after, told := Diff(observed, tt.now, false)
			var types []v1alpha1.NoticeType
			for _, n := range told {
				types = append(types, n.Type)
				if !json.Valid([]byte(n.Data)) || n.Hub != "national-hub" || n.Subject == "" {
					t.Errorf("the notice is %+v", n)
				}
			}
			if diff := cmp.Diff(tt.want, types); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if again, told := Diff(after, tt.now, false); len(told) != 0 || cmp.Diff(after, again) != "" {
				t.Errorf("looking again tells %v", told)
			}
		})
	}
}

// A plan or a Connector that goes and comes back as it was is no change.
func TestWhatComesBackAsItWasIsNotTold(t *testing.T) {
	now := append(ofMilestone("Met"), factsOf("b2", rotation("a1", "b2", true), level(2))...)
	observed, _ := Diff(nil, now, true)
	observed, _ = Diff(observed, nil, false)
	if _, told := Diff(observed, now, false); len(told) != 0 {
		t.Errorf("it tells %v", told)
	}
}

// A certificate that was replaced before every pod served it was never served: what comes after replaces the one before it.
func TestOvertakenRotation(t *testing.T) {
	observed, _ := Diff(nil, factsOf("a1"), true)
	observed, _ = Diff(observed, factsOf("c3", rotation("b2", "c3", false)), false)
	_, told := Diff(observed, factsOf("c3", rotation("b2", "c3", true)), false)
	if len(told) != 1 || !strings.Contains(told[0].Data, `"serialNumber":"c3","previousSerialNumber":"a1"`) {
		t.Errorf("told is %+v", told)
	}
}

func TestFactsAreBounded(t *testing.T) {
	var many []Fact
	for i := range Most + 5 {
		many = append(many, *served(fmt.Sprintf("certificate/%04d", i), "a1", false))
	}
	observed, _ := Diff(nil, many, true)
	if len(observed) != Most {
		t.Errorf("%d are kept", len(observed))
	}
	// What is seen now displaces what is not.
	observed, _ = Diff(observed, ofMilestone("Met"), false)
	if len(observed) != Most || observed[Most-1].Key != "milestone/decision-28/m0" {
		t.Errorf("%d are kept, the last is %+v", len(observed), observed[len(observed)-1])
	}
}

func TestData(t *testing.T) {
	_, told := Diff([]v1alpha1.ObservedFact{{Key: "certificate/g12/main", Value: "a1"}, {Key: "level/g12/main", Value: "2"}},
		append(OfMilestones(agency("MetLate"), plans()), factsOf("b2", rotation("a1", "b2", true), warned(time.Hour), level(3))...), false)
	want := []string{
		`{"hub":"national-hub","agency":{"name":"mof","code":"G12","names":{"vi":"Bộ Tài chính","en":"Ministry of Finance"}},` +
			`"milestone":{"plan":"decision-28","name":"m0","cohort":"all","state":"MetLate","deadline":{"boundary":"Before","date":"2018-12-31"},` +
			`"metAt":"2018-12-12T01:00:00Z"},"message":{"vi":"Bộ Tài chính (G12): mốc m0 của kế hoạch decision-28 — Hoàn thành muộn (thời hạn: trước ngày ` +
			`2018-12-31).","en":"Ministry of Finance (G12): milestone m0 of plan decision-28 — Met late (due before 2018-12-31)."}}`,
		`{"hub":"national-hub","agency":{"name":"mof","code":"G12","names":{"vi":"Bộ Tài chính","en":"Ministry of Finance"}},` +
			`"connector":{"namespace":"g12","name":"main"},"certificate":{"serialNumber":"b2","previousSerialNumber":"a1","reason":"Renewal",` +
			`"notAfter":"2001-09-09T01:46:40Z"},"message":{"vi":"Bộ Tài chính (G12): kết nối g12/main đã thay chứng thư số a1 bằng b2.",` +
			`"en":"Ministry of Finance (G12): Connector g12/main serves certificate a1 no more, but b2."}}`,
		`{"hub":"national-hub","agency":{"name":"mof","code":"G12","names":{"vi":"Bộ Tài chính","en":"Ministry of Finance"}},` +
			`"connector":{"namespace":"g12","name":"main"},"certificate":{"serialNumber":"b2","notAfter":"2001-09-09T01:46:40Z","warningSeconds":3600},` +
			`"message":{"vi":"Bộ Tài chính (G12): chứng thư số b2 của kết nối g12/main hết hạn lúc 2001-09-09T01:46:40Z.",` +
			`"en":"Ministry of Finance (G12): the certificate b2 of Connector g12/main expires at 2001-09-09T01:46:40Z."}}`,
		`{"hub":"national-hub","agency":{"name":"mof","code":"G12","names":{"vi":"Bộ Tài chính","en":"Ministry of Finance"}},` +
			`"connector":{"namespace":"g12","name":"main"},"level":{"from":2,"to":3},` +
			`"message":{"vi":"Bộ Tài chính (G12): cấp độ an toàn của kết nối g12/main đổi từ 2 thành 3.",` +
			`"en":"Ministry of Finance (G12): the security level of Connector g12/main was 2 and is 3 now."}}`,
	}
	var got []string
	for _, n := range told {
		got = append(got, n.Data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

// The longest hub that the API takes makes a notice that the API takes.
func TestDataIsBounded(t *testing.T) {
	long := hub(func(h *v1alpha1.ExchangeHub) {
		h.Spec.Endpoints = nil
		for i := range 16 {
			h.Spec.Endpoints = append(h.Spec.Endpoints, v1alpha1.HubEndpoint{
				Name: fmt.Sprint(i), URL: "https://" + strings.Repeat(`"`, 1016), Priority: new(int32(0)),
			})
		}
	})
	observed, _ := Diff(nil, OfHub(hub(nil)), true)
	_, told := Diff(observed, OfHub(long), false)
	if len(told) != 1 || len(told[0].Data) > mostData || !strings.Contains(told[0].Data, "The addresses of exchange hub national-hub have changed.") {
		t.Errorf("told is %v", told)
	}
}
