package page

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestFilters(t *testing.T) {
	o := open(t, "rollout-vi")
	all := expected(t, "rollout-vi")
	for _, filter := range []struct {
		name, value string
		wanted      func(agency) bool
	}{
		{"state", "Overdue", func(a agency) bool { return slices.Contains(a.States, "Overdue") }},
		{"state", "AtRisk", func(a agency) bool { return slices.Contains(a.States, "AtRisk") }},
		{"state", "Exempt", func(a agency) bool { return slices.Contains(a.States, "Exempt") }},
		{"state", "", func(agency) bool { return true }},
		{"cohort", "ready-2018", func(a agency) bool { return a.Cohort == "ready-2018" }},
		{"cohort", "", func(agency) bool { return true }},
		{"plan", "0", func(a agency) bool { return a.Cohort != "" }},
		{"plan", "", func(agency) bool { return true }},
	} {
		o.choose(filter.name, filter.value)
		var want []string
		for _, a := range all {
			if filter.wanted(a) {
				want = append(want, a.Code)
			}
		}
		got := o.visible()
		slices.Sort(got)
		slices.Sort(want)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("with %s=%q the page shows %v, want %v", filter.name, filter.value, got, want)
		}
		if count := look[string](o, `document.getElementById("shown").dataset.count`); count != look[string](o, `String(document.querySelectorAll("tbody.agency:not([hidden])").length)`) {
			t.Errorf("with %s=%q the page counts %s agencies", filter.name, filter.value, count)
		}
	}
}

func TestFiltersTogetherAndReset(t *testing.T) {
	o := open(t, "rollout-vi")
	o.choose("cohort", "ready-2018")
	o.choose("state", "Met")
	o.choose("search", "quang")
	for _, code := range o.visible() {
		if code != "H46" && code != "H49" {
			t.Errorf("%s is shown, which is no Quảng", code)
		}
	}
	o.do(chromedp.Click(`button[type=reset]`))
	o.settled()
	if got, want := len(o.visible()), len(expected(t, "rollout-vi")); got != want {
		t.Errorf("after the reset %d agencies are shown, want %d", got, want)
	}
}

func TestSearch(t *testing.T) {
	o := open(t, "rollout-vi")
	for typed, want := range map[string]string{
		"Bộ Tài chính": "G12", "bo tai chinh": "G12", "BO TAI CHINH": "G12", "tài": "G04 G12 G13", "da nang": "H17", "đà nẵng": "H17", "Ministry of Fin": "G12",
		"g12": "G12", "000.00.00.G12": "G12", "  chinh   tai ": "G12", "dien bien": "H18", "dau tu": "G05", // whose name in English has nothing of it
		"no such agency": "",
		// Typed in the other form of Unicode, as some keyboards do.
		"Bo\u0323\u0302 Ta\u0300i chi\u0301nh": "G12",
	} {
		o.choose("search", typed)
		if got := strings.Join(o.visible(), " "); got != want {
			t.Errorf("a search for %q finds %q, want %q", typed, got, want)
		}
		if told := look[bool](o, `document.querySelector(".nobody").checkVisibility()`); told != (want == "") {
			t.Errorf("a search for %q tells that nobody was found: %t", typed, told)
		}
	}
}

func TestSort(t *testing.T) {
	o := open(t, "rollout-en")
	before := o.visible()
	sorted := func(column string) []string {
		o.do(chromedp.Click(`th[data-sort=` + column + `] button`))
		return look[[]string](o, `Array.from(document.querySelector("table.agencies").tBodies, body => body.querySelector(".code").textContent)`)
	}
	ascending := sorted("code")
	if !slices.IsSorted(ascending) {
		t.Errorf("by code: %v", ascending)
	}
	descending := sorted("code")
	slices.Reverse(descending)
	if !slices.Equal(ascending, descending) {
		t.Errorf("by code, downwards: %v", descending)
	}
	if direction := look[string](o, `document.querySelector("th[data-sort=code]").ariaSort`); direction != "descending" {
		t.Errorf("the column says that it is sorted %q", direction)
	}
	if first := sorted("state")[0]; first != "G22" {
		t.Errorf("by state, %s comes first, want G22, the one that is overdue", first)
	}
	if sorted := look[int](o, `document.querySelectorAll("table.agencies [aria-sort]").length`); sorted != 1 {
		t.Errorf("%d columns say that they are sorted, want 1", sorted)
	}
	names := func() []string {
		sorted("agency")
		return look[[]string](o, `Array.from(document.querySelector("table.agencies").tBodies, body => (body.querySelector("th [lang=en]") ?? body.querySelector("th")).textContent)`)
	}
	if english := names(); !slices.IsSorted(english) {
		t.Errorf("by name: %v", english)
	}
	for _, column := range []string{"cohort", "level", "due", "latest"} {
		if got := sorted(column); len(got) != len(before)-1 { // one agency is in no plan, and has a table of its own
			t.Errorf("sorted by %s, the table has %d agencies, want %d", column, len(got), len(before)-1)
		}
	}
	if last := look[string](o, `Array.from(document.querySelector("table.agencies").tBodies).at(-1).textContent`); strings.Contains(last, "to begin by") {
		t.Errorf("sorted by the latest start, an agency that has one comes last: %s", last)
	}
}

func TestLanguageSwitchesWithoutReload(t *testing.T) {
	o := open(t, "rollout-vi")
	o.do(script(`window.before = true`))
	o.choose("search", "g22")
	for language, words := range map[string][]string{
		"en": {"Readiness report", "Overdue", "Latest start", "on or before 06/09/2018", "1 of 28 entries", "Next: establish the link"},
		"vi": {"Báo cáo tiến độ", "Quá hạn", "Bắt đầu chậm nhất", "chậm nhất ngày 06/09/2018", "1 trên 28 dòng", "Việc tiếp theo: thông kết nối"},
	} {
		o.do(chromedp.Click(`input[value=` + language + `]`))
		text := look[string](o, `document.body.textContent`)
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("in %s the page does not say %q", language, word)
			}
		}
		if got := look[string](o, `document.documentElement.lang`); got != language {
			t.Errorf("the language of the document is %q, want %q", got, language)
		}
		if title := look[string](o, `document.title`); !strings.Contains(title, words[0]) {
			t.Errorf("in %s the title is %q", language, title)
		}
		if title := look[string](o, `document.querySelector("svg title").textContent`); title == "" || (language == "en") != strings.HasPrefix(title, "Progress") {
			t.Errorf("in %s the chart is called %q", language, title)
		}
	}
	if !look[bool](o, `window.before`) {
		t.Error("the page was loaded anew")
	}
	if got := o.visible(); len(got) != 1 {
		t.Errorf("the switch of language lost the filter: %v", got)
	}
}

// TestSwitchedPageEqualsPageInThatLanguage finds whatever the switch forgets.
func TestSwitchedPageEqualsPageInThatLanguage(t *testing.T) {
	// What only those see whose browser runs no scripts cannot be switched.
	const words = `document.querySelectorAll("noscript, script").forEach(element => element.remove()), document.title + document.body.textContent`
	switched, own := open(t, "rollout-vi"), open(t, "rollout-en")
	switched.do(chromedp.Click(`input[value=en]`))
	if a, b := look[string](switched, words), look[string](own, words); a != b {
		at := 0
		for at < len(a) && at < len(b) && a[at] == b[at] {
			at++
		}
		t.Errorf("switched to English the page says %q, and made in English %q", a[max(0, at-40):min(len(a), at+80)], b[max(0, at-40):min(len(b), at+80)])
	}
}

// TestKeyboardAlone does everything with the keyboard, and demands that the focus is seen all the way.
func TestKeyboardAlone(t *testing.T) {
	o := open(t, "rollout-vi")
	tab := func() string {
		o.do(chromedp.KeyEvent(kb.Tab))
		if style := look[string](o, `getComputedStyle(document.activeElement).outlineStyle`); style == "none" {
			t.Errorf("the focus is not seen on %s", look[string](o, `document.activeElement.outerHTML.slice(0, 200)`))
		}
		return look[string](o, `document.activeElement.className + document.activeElement.name + (document.activeElement.closest("[data-sort]")?.dataset.sort ?? "")`)
	}
	reach := func(wanted string) {
		for range 60 {
			if strings.Contains(tab(), wanted) {
				return
			}
		}
		t.Fatalf("%s cannot be reached with the keyboard", wanted)
	}
	if first := tab(); first != "skip" {
		t.Errorf("the first stop is %q, want the link that skips to the table", first)
	}
	if !look[bool](o, `document.activeElement.getBoundingClientRect().top >= 0`) {
		t.Error("the link that skips is not seen when it has the focus")
	}
	reach("language")
	o.do(chromedp.KeyEvent(kb.ArrowRight))
	if got := look[string](o, `document.documentElement.lang`); got != "en" {
		t.Errorf("the arrow key switches to %q, want en", got)
	}
	reach("search")
	o.do(chromedp.KeyEvent("bo tai"))
	o.settled()
	if got := strings.Join(o.visible(), " "); got != "G04 G12 G13" {
		t.Errorf("typing finds %q, want G04 G12 G13", got)
	}
	reach("state")
	o.do(chromedp.KeyEvent("A")) // the first state that begins with it
	o.settled()
	if got := look[string](o, `document.querySelector("[name=state]").value`); got == "" {
		t.Error("the state cannot be chosen with the keyboard")
	}
	o.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	o.settled()
	if got, want := len(o.visible()), len(expected(t, "rollout-vi")); got != want {
		t.Errorf("after the reset %d agencies are shown, want %d", got, want)
	}
	reach("level")
	o.do(chromedp.KeyEvent(kb.Enter))
	if got := look[string](o, `document.querySelector("th[data-sort=level]").ariaSort ?? ""`); got != "ascending" {
		t.Errorf("Enter sorts the column %q", got)
	}
	o.do(chromedp.KeyEvent(" "))
	if got := look[string](o, `document.querySelector("th[data-sort=level]").ariaSort ?? ""`); got != "descending" {
		t.Errorf("Space sorts the column %q", got)
	}
}
