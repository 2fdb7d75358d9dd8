package page

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"lienthong.gov.vn/connector-operator/test/page/browser"
)

// TestEveryAgencyIsShown compares the table with what the page was made from.
func TestEveryAgencyIsShown(t *testing.T) {
	for _, page := range []string{"rollout-vi", "rollout-en", "hostile", "large"} {
		t.Run(page, func(t *testing.T) {
			everyAgency(t, open(t, page), page)
		})
	}
}

// TestWithoutScripts reads the page as somebody does who lets no scripts run.
func TestWithoutScripts(t *testing.T) {
	for _, page := range []string{"rollout-vi", "large"} {
		t.Run(page, func(t *testing.T) {
			o := open(t, page, browser.Command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
			everyAgency(t, o, page)
			if look[bool](o, `document.querySelector("form.filters").checkVisibility()`) {
				t.Error("filters are offered that cannot work")
			}
			if note := look[string](o, `document.querySelector("noscript").textContent`); !strings.Contains(note, "JavaScript") {
				t.Errorf("the note is %q, and should say what scripts would add", note)
			}
		})
	}
}

func everyAgency(t *testing.T, o *opened, page string) {
	t.Helper()
	type shown struct {
		Code, Name string
		States     []string
	}
	rows := look[[]shown](o, `Array.from(document.querySelectorAll("tbody.agency"), body => ({
		Code: body.querySelector(".code").textContent,
		Name: body.querySelector("th").textContent,
		States: Array.from(body.querySelectorAll("td[class^=s-]"), cell => cell.className.slice(2)),
	}))`)
	want := expected(t, page)
	if len(rows) != len(want) {
		t.Fatalf("%d agencies are shown, want %d", len(rows), len(want))
	}
	byCode := map[string]shown{}
	for _, row := range rows {
		byCode[row.Code] = row
	}
	for _, a := range want {
		row := byCode[a.Code]
		if !strings.Contains(row.Name, a.Vietnamese) || !strings.Contains(row.Name, a.English) {
			t.Errorf("agency %s is shown as %q, want %q and %q", a.Code, row.Name, a.Vietnamese, a.English)
		}
		if len(a.States) > 0 && !slices.Equal(row.States, a.States) {
			t.Errorf("agency %s is shown in %v, want %v", a.Code, row.States, a.States)
		}
	}
}

// TestHostileNamesStayNames looks for traces of a name that was taken for markup or for a script.
func TestHostileNamesStayNames(t *testing.T) {
	o := open(t, "hostile")
	o.settled()
	if title := look[string](o, `document.title`); strings.Contains(title, "broken out") {
		t.Error("a name became a script")
	}
	if n := look[int](o, `document.querySelectorAll("main img, main script, main style, main [onload], main [onerror], main a[href^=javascript]").length`); n > 0 {
		t.Errorf("names became %d elements", n)
	}
	if n := look[int](o, `document.querySelectorAll("script, style").length`); n != 3 {
		t.Errorf("the page has %d scripts and styles, want its own 3", n)
	}
	if !look[bool](o, `document.querySelector("h1").checkVisibility()`) {
		t.Error("a name became a style")
	}
	o.do(chromedp.Click(`input[value=vi]`))
	o.choose("search", "<script>document.title")
	if found := o.visible(); len(found) == 0 {
		t.Error("a name that looks like a script is not found as the name that it is")
	}
	if title := look[string](o, `document.title`); strings.Contains(title, "broken out") {
		t.Error("a name became a script when the language was switched")
	}
}

// TestPolicyHoldsInTheBrowser tries what the policy forbids, from within the page.
func TestPolicyHoldsInTheBrowser(t *testing.T) {
	tab, err := shared.chromium.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	// What is forbidden is logged, so this page is not silent.
	o := &opened{tab, t, address("rollout-en")}
	o.do(chromedp.Navigate(o.file))
	o.do(script(`window.violations = []; document.addEventListener("securitypolicyviolation", e => violations.push(e.effectiveDirective));
		{ const script = document.createElement("script"); script.textContent = "window.ran = true"; document.body.append(script);
		  const style = document.createElement("style"); style.textContent = "body { display: none }"; document.body.append(style);
		  const image = document.createElement("img"); image.src = "http://127.0.0.1:9/"; document.body.append(image); }
		fetch("http://127.0.0.1:9/").catch(() => 0)`))
	o.settled()
	violations := look[[]string](o, `violations`)
	for _, directive := range []string{"script-src-elem", "style-src-elem", "img-src", "connect-src"} {
		if !slices.Contains(violations, directive) {
			t.Errorf("%s was not refused: %v", directive, violations)
		}
	}
	if look[bool](o, `window.ran === true`) {
		t.Error("a foreign script ran")
	}
}

// TestEmptyPageSaysSo opens the page of a cluster that has nothing yet.
func TestEmptyPageSaysSo(t *testing.T) {
	o := open(t, "empty")
	if text := look[string](o, `document.querySelector(".headline").textContent`); !strings.Contains(text, "Chưa có kế hoạch") {
		t.Errorf("the headline is %q", text)
	}
}
