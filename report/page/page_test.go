package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

func rendered(t *testing.T, v *view.View, language locale.Language) string {
	t.Helper()
	var out bytes.Buffer
	if err := Render(&out, v, Options{Language: language}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func before(date v1alpha1.CivilDate) v1alpha1.Deadline {
	return v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: date}
}

// someView is one plan with four agencies, each in another state, and an agency in no plan.
func someView() *view.View {
	at := func(state v1alpha1.MilestoneState) v1alpha1.AgencyMilestone {
		return v1alpha1.AgencyMilestone{Plan: "plan", Milestone: "pilot", Cohort: "ready", State: state, Deadline: before("2018-12-31"), Message: "A message."}
	}
	met := at(v1alpha1.MilestoneMet)
	// Late in the evening in UTC, which is the next day in Hanoi.
	met.MetAt = &metav1.Time{Time: time.Date(2018, time.November, 30, 18, 0, 0, 0, time.UTC)}
	met.Regressed = "The link is down."
	risk := at(v1alpha1.MilestoneAtRisk)
	risk.LatestStart = "2018-12-21"
	risk.Path = []v1alpha1.MilestoneStep{{What: v1alpha1.EvidenceLevelAppraisal, Who: "Cục ATTT", WorkingDays: new(int32(15)), LatestStart: "2018-12-21"}}
	agency := func(code, vi, en string, milestones ...v1alpha1.AgencyMilestone) view.Agency {
		return view.Agency{
			Name: strings.ToLower(code), Code: code, Names: v1alpha1.LocalizedNames{Vi: vi, En: en}, Ready: "False", Milestones: milestones,
			Connectors: []view.Connector{{Hub: "hub", Level: 3}, {Hub: "hub", Level: 2}, {Hub: "another", Level: 5}},
		}
	}
	return &view.View{
		TakenAt: time.Date(2018, time.December, 20, 2, 0, 0, 0, time.UTC),
		Plans: []view.Plan{{
			Name: "plan", TimeZone: "Asia/Ho_Chi_Minh", Hub: "hub", Accepted: true, NextDeadline: new(before("2018-12-31")),
			Cohorts: []view.Cohort{{Name: "ready", Agencies: 4}},
			Milestones: []view.Milestone{{
				Name: "pilot", Cohort: "ready", Deadline: before("2018-12-31"),
				Counts: map[v1alpha1.MilestoneState]int{
					v1alpha1.MilestoneMet: 1, v1alpha1.MilestoneAtRisk: 1, v1alpha1.MilestoneOverdue: 1, v1alpha1.MilestoneExempt: 1,
				},
			}},
		}},
		Agencies: []view.Agency{
			agency("G01", "Bộ Công an", "Ministry of Public Security", met),
			agency("G02", "Bộ Công Thương", "Ministry of Industry and Trade", risk),
			agency("G03", "Bộ Y tế", "", at(v1alpha1.MilestoneOverdue)),
			agency("G04", "Bộ Tư pháp", "Ministry of Justice", at(v1alpha1.MilestoneExempt)),
			agency("G05", "Bộ Ngoại giao", "Ministry of Foreign Affairs"),
		},
	}
}

func TestHeadlines(t *testing.T) {
	tests := map[string]struct {
		change func(*view.View)
		vi, en string
	}{
		"in the middle": {
			func(*view.View) {},
			"1 cơ quan quá hạn: Bộ Y tế. 1 cơ quan có nguy cơ chậm: Bộ Công Thương. Tiếp theo: mốc pilot trước ngày 31/12/2018, còn 2 cơ quan chưa hoàn thành (còn 11 ngày).",
			"1 overdue: Bộ Y tế. 1 at risk: Ministry of Industry and Trade. Next: pilot before 31/12/2018, with 2 still to meet it (in 11 days).",
		},
		"nobody is in trouble": {
			func(v *view.View) { set(v, v1alpha1.MilestoneOnTrack) },
			"Không có cơ quan nào quá hạn hay có nguy cơ chậm. Tiếp theo: mốc pilot trước ngày 31/12/2018, còn 4 cơ quan chưa hoàn thành (còn 11 ngày).",
			"No agency is overdue or at risk. Next: pilot before 31/12/2018, with 4 still to meet it (in 11 days).",
		},
		"more than are named": {
			func(v *view.View) { set(v, v1alpha1.MilestoneOverdue); v.Plans[0].NextDeadline = nil },
			"4 cơ quan quá hạn: Bộ Công an, Bộ Công Thương, Bộ Y tế và 1 cơ quan khác. Mọi thời hạn đã qua.",
			"4 overdue: Ministry of Public Security, Ministry of Industry and Trade, Bộ Y tế and 1 more. Every deadline has passed.",
		},
		"everybody is done": {
			func(v *view.View) { set(v, v1alpha1.MilestoneMetLate) },
			"Tất cả 4 cơ quan đã hoàn thành mọi mốc của kế hoạch.", "All 4 agencies are done with every milestone of the plan.",
		},
		"a day is left": {
			func(v *view.View) { set(v, v1alpha1.MilestoneOnTrack); v.TakenAt = v.TakenAt.AddDate(0, 0, 10) },
			"Không có cơ quan nào quá hạn hay có nguy cơ chậm. Tiếp theo: mốc pilot trước ngày 31/12/2018, còn 4 cơ quan chưa hoàn thành (còn 1 ngày).",
			"No agency is overdue or at risk. Next: pilot before 31/12/2018, with 4 still to meet it (in 1 day).",
		},
		"a deadline of no milestone": {
			func(v *view.View) { v.Plans[0].NextDeadline = new(before("2018-12-20")); v.Agencies = v.Agencies[1:2] },
			"1 cơ quan có nguy cơ chậm: Bộ Công Thương. Tiếp theo: thời hạn trước ngày 20/12/2018 (hôm nay).",
			"1 at risk: Ministry of Industry and Trade. Next deadline: before 20/12/2018 (today).",
		},
		"nobody is asked": {
			func(v *view.View) { v.Agencies = v.Agencies[4:] },
			"Kế hoạch chưa có cơ quan nào.", "No agency is part of the plan yet.",
		},
		"not accepted": {
			func(v *view.View) { v.Plans[0].Accepted, v.Plans[0].Message = false, "The zone is unknown." },
			"Kế hoạch chưa có hiệu lực. The zone is unknown.", "The plan is not in force. The zone is unknown.",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v := someView()
			test.change(v)
			for language, want := range map[locale.Language]string{locale.Vietnamese: test.vi, locale.English: test.en} {
				if got := newDocument(v, language).Headlines[0].Says.Shown; got != want {
					t.Errorf("in %s the headline is\n%s\nwant\n%s", language, got, want)
				}
			}
		})
	}
}

func set(v *view.View, state v1alpha1.MilestoneState) {
	for i := range v.Agencies {
		for j := range v.Agencies[i].Milestones {
			v.Agencies[i].Milestones[j].State = state
		}
	}
}

func TestRowsTellDayStepAndRegression(t *testing.T) {
	for language, words := range map[locale.Language][]string{
		locale.Vietnamese: {
			"Hoàn thành ngày 01/12/2018.", "Việc tiếp theo: thẩm định cấp độ an toàn; thực hiện: Cục ATTT; số ngày làm việc cần: 15; bắt đầu chậm nhất ngày 21/12/2018.",
			"The link is down.", ">2, 3<", "Số liệu lúc 09:00 20/12/2018, múi giờ Asia/Ho_Chi_Minh",
		},
		locale.English: {
			"Met on 01/12/2018.", "Next: appraisal of the security level; to be done by: Cục ATTT; working days: 15; to begin by 21/12/2018.",
			"The link is down.", "Agencies in no plan", "As of 09:00 20/12/2018, time zone Asia/Ho_Chi_Minh",
		},
	} {
		page := rendered(t, someView(), language)
		for _, word := range words {
			if !strings.Contains(page, word) {
				t.Errorf("in %s the page does not say %q", language, word)
			}
		}
		if !strings.Contains(page, `<html lang="`+string(language)+`">`) {
			t.Errorf("the page is not in %s", language)
		}
	}
}

func TestSameViewGivesSameBytes(t *testing.T) {
	first := rendered(t, someView(), locale.Vietnamese)
	for range 20 {
		if again := rendered(t, someView(), locale.Vietnamese); again != first {
			t.Fatal("the same view gives another page")
		}
	}
}

func TestVietnameseUnlessTold(t *testing.T) {
	if page := rendered(t, someView(), ""); !strings.Contains(page, `<html lang="vi">`) {
		t.Error("a page whose language nobody chose is not Vietnamese")
	}
	if err := Render(&bytes.Buffer{}, someView(), Options{Language: "fr"}); err == nil || !strings.Contains(err.Error(), "write vi or en") {
		t.Errorf("a page in French: %v", err)
	}
}

// TestPolicyAllowsWhatIsThere finds the digest of what stands between the tags, as a browser does.
func TestPolicyAllowsWhatIsThere(t *testing.T) {
	page := rendered(t, someView(), locale.English)
	policy, err := Policy()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"style", "script"} {
		_, rest, _ := strings.Cut(page, "<"+tag+">")
		source, _, found := strings.Cut(rest, "</"+tag+">")
		sum := sha256.Sum256([]byte(source))
		if want := tag + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !found || !strings.Contains(policy, want) {
			t.Errorf("the policy %q does not allow %q", policy, want)
		}
	}
	if n := strings.Count(page, "<script"); n != 2 {
		t.Errorf("the page has %d scripts, want its own and the data", n)
	}
	for _, address := range regexp.MustCompile(`(?i)(src|href|action)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(address[2], "#") && address[2] != "data:," {
			t.Errorf("the page refers to %s", address[0])
		}
	}
}

func TestHostileNamesDoNotBreakOut(t *testing.T) {
	const attack = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'` + "`\u2028" + `{{.}}</title></style>`
	v := someView()
	v.Plans[0].Message, v.Plans[0].Milestones[0].Description, v.Plans[0].Cohorts[0].Description = attack, attack, attack
	for i := range v.Agencies {
		a := &v.Agencies[i]
		a.Names = v1alpha1.LocalizedNames{Vi: attack + "vi", En: attack + "en"}
		a.LegacyCode, a.Message = attack, attack
		for j := range a.Milestones {
			m := &a.Milestones[j]
			m.Message, m.Regressed, m.MetBy = attack, attack, attack
			for k := range m.Path {
				m.Path[k].Who, m.Path[k].What = attack, attack
			}
		}
	}
	page := rendered(t, v, locale.English)
	if strings.Contains(page, "alert(1)</script>") || strings.Contains(page, "<img") ||
		strings.Count(page, "<script") != 2 || strings.Count(page, "</style>") != 1 {
		t.Error("a name broke out of where it was written")
	}
	_, rest, _ := strings.Cut(page, `<script type="application/json" id="data">`)
	text, _, _ := strings.Cut(rest, "</script>")
	var d data
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("the data cannot be read: %v", err)
	}
	if got := d.Entries[0].Keys.Names[0]; got != view.Line(attack+"vi") {
		t.Errorf("the data has the name %q", got)
	}
}

func TestPlanWithUnknownZoneAndDeadlineIsShown(t *testing.T) {
	v := someView()
	v.Plans[0].TimeZone, v.Plans[0].Milestones[0].Deadline.Date = "Nowhere/Atlantis", "31/12/2018"
	if page := rendered(t, v, locale.English); !strings.Contains(page, "Nowhere") && !strings.Contains(page, "time zone UTC") {
		t.Error("a plan that cannot be accepted is not shown in UTC")
	}
}

// TestNumbersOfTextsLeadToTheTexts reads the page as the script does when the language is switched.
func TestNumbersOfTextsLeadToTheTexts(t *testing.T) {
	for at, language := range []locale.Language{locale.Vietnamese, locale.English} {
		page := rendered(t, someView(), language)
		_, rest, _ := strings.Cut(page, `<script type="application/json" id="data">`)
		text, _, _ := strings.Cut(rest, "</script>")
		var d data
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		shown := regexp.MustCompile(`data-t="(\d+)">([^<]*)<`).FindAllStringSubmatch(page, -1)
		if len(shown) < 50 {
			t.Fatalf("the page has %d texts only", len(shown))
		}
		for _, s := range shown {
			number, err := strconv.Atoi(s[1])
			if err != nil {
				t.Fatal(err)
			}
			if want := d.Texts[number][at]; html.UnescapeString(s[2]) != want {
				t.Errorf("text %d is shown as %q, and switched to %q", number, s[2], want)
			}
		}
	}
}

func TestMilestonesComeInTheOrderOfThePlan(t *testing.T) {
	v := someView()
	for _, name := range []string{"official", "audited"} {
		v.Plans[0].Milestones = append(v.Plans[0].Milestones, view.Milestone{Name: name, Cohort: "ready", Deadline: before("2019-01-01")})
	}
	of := v.Agencies[0].Milestones[0]
	v.Agencies[0].Milestones = nil
	for _, name := range []string{"dropped", "audited", "official", "pilot"} {
		of.Milestone = name
		v.Agencies[0].Milestones = append(v.Agencies[0].Milestones, of)
	}
	var got []string
	for _, r := range newDocument(v, locale.English).Plans[0].Entries[0].Rows {
		got = append(got, r.Milestone)
	}
	if words := strings.Join(got, " "); words != "pilot official audited dropped" {
		t.Errorf("the milestones come as %s", words)
	}
}

func TestChartsTellWhatTheyDraw(t *testing.T) {
	p := newDocument(someView(), locale.English).Plans[0]
	if got, want := p.Progress.Says.Shown, "Cohort ready: 4 agencies, 33% of its milestones met."; got != want {
		t.Errorf("the chart of cohorts says %q, want %q", got, want)
	}
	if got, want := p.Milestones[0].BurnUp.Says.Shown, "1 of 3 agencies had met it by 20/12/2018."; got != want {
		t.Errorf("the burn-up says %q, want %q", got, want)
	}
	// The agency met it in the evening in UTC, which was the next day in Hanoi.
	if days := p.Milestones[0].Days; len(days) != 1 || days[0].Day != "01/12/2018" || days[0].Count != 1 {
		t.Errorf("the days of the burn-up are %+v", days)
	}
}

// TestNothingTurnsTheWriting looks for what is not seen and changes what is.
func TestNothingTurnsTheWriting(t *testing.T) {
	const evil = "a\u202eb\x1b[2Jc\nd"
	v := someView()
	v.Plans[0].Milestones[0].Description = evil
	v.Agencies[0].Names.Vi, v.Agencies[0].Milestones[0].MetBy, v.Agencies[0].Milestones[0].Message = evil, evil, evil
	page := rendered(t, v, locale.English)
	if strings.ContainsAny(page, "\u202e\x1b") || strings.Contains(page, `\u202e`) || strings.Contains(page, "c\nd") {
		t.Error("a control character of a name is in the page")
	}
	if n := strings.Count(page, "ab[2Jc d"); n < 4 {
		t.Errorf("what can be read of the names is shown %d times", n)
	}
}
