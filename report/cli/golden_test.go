package cli

import (
	"path/filepath"
	"testing"

	"lienthong.gov.vn/connector-operator/report/format"
)

// commands of the golden files, by name.
func commands() map[string][]string {
	all := map[string][]string{
		"status":            {"status"},
		"status-overdue":    {"status", "--state", "overdue"},
		"status-agency":     {"status", "--agency", "h29"},
		"explain-ready":     {"explain", "agency/G12"},
		"explain-strangers": {"explain", "agency/g01"},
		"explain-path":      {"explain", "agency/h29"},
		"explain-nobody":    {"explain", "agency/h26"},
		"explain-owner":     {"explain", "agency/000.00.00.G22"},
		"explain-connector": {"explain", "connector/g01-moi/main"},
	}
	for _, name := range format.Names() {
		// The page has tests of its own, in a browser.
		if name != "html" {
			all["report-"+name] = []string{"report", "--format", name}
		}
	}
	return all
}

// What every command says, in both languages.
func TestOutput(t *testing.T) {
	for name, args := range commands() {
		for _, l := range languages() {
			t.Run(name+"/"+string(l), func(t *testing.T) {
				got := call(t, country(t), append(args, "--language", string(l))...)
				if got.code != 0 || got.stderr != "" {
					t.Fatalf("exit code %d, and on stderr: %s", got.code, got.stderr)
				}
				golden(t, name+"."+string(l)+".golden", got.stdout)
			})
		}
	}
}

// TestGoldenFilesAreAllInUse: a file that no test compares shows what is no longer so.
func TestGoldenFilesAreAllInUse(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if want := len(commands()) * len(languages()); len(files) != want {
		t.Errorf("testdata has %d golden files, and %d are compared; remove the others", len(files), want)
	}
}
