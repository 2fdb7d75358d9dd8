package page

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"lienthong.gov.vn/connector-operator/test/page/browser"
)

// TestPrint prints the page to PDF and reads it again: every agency is on paper, also when filters hide some.
func TestPrint(t *testing.T) {
	for name, prepare := range map[string]func(*opened){
		"rollout-vi": func(*opened) {},
		"rollout-en": func(o *opened) { o.choose("search", "bo tai chinh") },
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t, name)
			prepare(o)
			text := printed(t, o)
			for _, a := range expected(t, name) {
				if !strings.Contains(text, a.Code) {
					t.Errorf("agency %s is not on paper", a.Code)
				}
			}
			for _, word := range []string{"decision-28-2018", "Bộ Tài chính"} {
				if !strings.Contains(text, word) {
					t.Errorf("%q is not on paper", word)
				}
			}
			if hidden := map[string]string{"rollout-vi": "Bỏ lọc", "rollout-en": "Clear"}[name]; strings.Contains(text, hidden) {
				t.Errorf("the filters are on paper: %s", hidden)
			}
		})
	}
}

// TestPrintMany prints more agencies than have a table whose head is repeated.
func TestPrintMany(t *testing.T) {
	o := open(t, "many")
	text := printed(t, o)
	missing := 0
	for _, a := range expected(t, "many") {
		if !strings.Contains(text, a.Code) {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d agencies are not on paper", missing)
	}
}

// printed gives the text of the page as it is on paper.
func printed(t *testing.T, o *opened) string {
	t.Helper()
	pdf, err := browser.Get(o.Tab, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatalf("reading the PDF of %d bytes: %v", len(pdf), err)
	}
	return string(text)
}
