// Package page tests the page in the real Chromium: what it shows, that it answers, that everybody can use it, that it prints, and that it
// asks the network for nothing.
package page

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"lienthong.gov.vn/connector-operator/test/page/browser"
)

// shared is what TestMain hands to the tests.
var shared struct {
	chromium *browser.Browser
	pages    string
	axe      string
}

func TestMain(m *testing.M) {
	code, err := prepared(m)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%v\nmake page-test installs what these tests need.\n", err)
		code = 1
	}
	os.Exit(code)
}

func prepared(m *testing.M) (int, error) {
	engine, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		return 0, fmt.Errorf("reading the accessibility engine: %w", err)
	}
	shared.axe = string(engine)
	if shared.pages, err = os.MkdirTemp("", "pages-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(shared.pages)
	examples := exec.Command("go", "run", "./hack/examplepages", "-o", shared.pages)
	examples.Dir, examples.Stderr = "../..", os.Stderr
	if err := examples.Run(); err != nil {
		return 0, fmt.Errorf("writing the example pages: %w", err)
	}
	if shared.chromium, err = browser.Start(context.Background()); err != nil {
		return 0, err
	}
	defer shared.chromium.Stop()
	return m.Run(), nil
}

// agency is one that a page must show.
type agency struct {
	Code, Vietnamese, English, Cohort string
	States                            []string
}

// expected is what hack/examplepages wrote beside a page.
func expected(t *testing.T, page string) []agency {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared.pages, page+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []agency
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func address(page string) string { return "file://" + filepath.Join(shared.pages, page+".html") }

// step is something to do in a page.
type step = chromedp.Action[chromedp.Void]

// script runs a script in the page, and waits for what it promises.
func script(source string) step {
	return chromedp.Evaluate[chromedp.Void](source, chromedp.EvalAwaitPromise)
}

// opened is a page in a tab, for one test.
type opened struct {
	*browser.Tab
	t    *testing.T
	file string
}

// open opens a page after what has to be done before. At the end of the test, the page must have been silent.
func open(t *testing.T, page string, before ...step) *opened {
	t.Helper()
	tab, err := shared.chromium.Open()
	if err != nil {
		t.Fatal(err)
	}
	o := &opened{tab, t, address(page)}
	t.Cleanup(func() {
		o.silent()
		tab.Close()
	})
	o.do(append(before, chromedp.Navigate(o.file))...)
	return o
}

// silent demands that nothing was logged or thrown, and nothing asked of the network.
func (o *opened) silent() {
	o.t.Helper()
	if said := o.Said(); len(said) > 0 {
		o.t.Errorf("the page logged or threw:\n%s", strings.Join(said, "\n"))
	}
	if requests := o.Requests(o.file); len(requests) > 0 {
		o.t.Errorf("the page asked the network for:\n%s", strings.Join(requests, "\n"))
	}
}

func (o *opened) do(actions ...step) {
	o.t.Helper()
	if err := o.Do(actions...); err != nil {
		o.t.Fatal(err)
	}
}

// look evaluates an expression in the page.
func look[T any](o *opened, expression string) T {
	o.t.Helper()
	value, err := browser.Get(o.Tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		o.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// settled lets the page answer: filters do so at the next frame.
func (o *opened) settled() {
	o.t.Helper()
	o.do(script(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))`))
}

// visible gives the codes of the agencies that are shown, in their order.
func (o *opened) visible() []string {
	o.t.Helper()
	return look[[]string](o, `Array.from(document.querySelectorAll("tbody.agency")).filter(body => body.checkVisibility())
		.map(body => body.querySelector(".code").textContent)`)
}

// choose selects an option, as a person does who picks it.
func (o *opened) choose(name, value string) {
	o.t.Helper()
	o.do(script(fmt.Sprintf(`{ const field = document.querySelector("[name=%s]"); field.value = %q;
		field.dispatchEvent(new Event("input", {bubbles: true})) }`, name, value)))
	o.settled()
}
