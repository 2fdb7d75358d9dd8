package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// deaf is a cluster in which some resources cannot be read.
type deaf struct {
	client.Reader
	err func(list any) error
}

func (d deaf) List(ctx context.Context, list client.ObjectList, o ...client.ListOption) error {
	if err := d.err(list); err != nil {
		return err
	}
	return d.Reader.List(ctx, list, o...)
}

func (d deaf) Get(ctx context.Context, key client.ObjectKey, object client.Object, o ...client.GetOption) error {
	if err := d.err(object); err != nil {
		return err
	}
	return d.Reader.Get(ctx, key, object, o...)
}

func forbidden(resource string) error {
	return apierrors.NewForbidden(schema.GroupResource{Group: v1alpha1.GroupName, Resource: resource}, "", errors.New("no"))
}

func always(err error) func(any) error { return func(any) error { return err } }

// Every way in which a call fails has its exit code, says what is wrong on stderr and what to do next, and leaves stdout empty.
func TestFailures(t *testing.T) {
	fine := country(t)
	tests := map[string]struct {
		cluster client.Reader
		args    []string
		code    int
		says    []string
	}{
		"unknown command":   {fine, []string{"stauts"}, codeUsage, []string{`no command "stauts"`, "Did you mean status?"}},
		"help on nothing":   {fine, []string{"help", "stauts"}, codeUsage, []string{`no command "stauts"`, "Did you mean status?"}},
		"help on too much":  {fine, []string{"help", "status", "all"}, codeUsage, []string{`no command "all"`}},
		"unknown flag":      {fine, []string{"status", "--foo"}, codeUsage, []string{"unknown flag: --foo", "kubectl lienthong -h"}},
		"too many words":    {fine, []string{"status", "all"}, codeUsage, []string{`status takes no "all"`}},
		"unknown language":  {fine, []string{"status", "--language", "fr"}, codeUsage, []string{"vi or en"}},
		"unknown format":    {fine, []string{"report", "--format", "pdf"}, codeUsage, []string{`no format "pdf"`, "table, json, csv, markdown"}},
		"unknown state":     {fine, []string{"status", "--state", "late"}, codeUsage, []string{`no state "late"`, "Overdue"}},
		"nothing explained": {fine, []string{"explain"}, codeUsage, []string{"agency/G12"}},
		"half a Connector":  {fine, []string{"explain", "connector/main"}, codeUsage, []string{"connector/g12/main"}},
		"watch and exit":    {fine, []string{"status", "--watch", "--exit-code"}, codeUsage, []string{"--exit-code"}},
		"unknown agency":    {fine, []string{"explain", "agency/G02"}, codeFailure, []string{`"G02"`, "Did you mean g01, g12, g22?"}},
		"agency by its name": {
			fine, []string{"explain", "agency/ho chi minh"}, codeFailure, []string{"Did you mean h29?"},
		},
		"unknown Connector": {fine, []string{"explain", "connector/h29/mian"}, codeFailure, []string{"Did you mean h29/main"}},
		"unknown plan":      {fine, []string{"status", "--plan", "decision-82"}, codeFailure, []string{"Did you mean decision-28?"}},
		"agency of status":  {fine, []string{"status", "--agency", "h92"}, codeFailure, []string{"Did you mean h29?"}},
		"a right is missing": {
			deaf{fine, always(forbidden("rolloutplans"))}, []string{"report"}, codeFailure,
			[]string{"may not list rolloutplans.lienthong.gov.vn", "--clusterrole=connector-operator-auditor"},
		},
		"not this Connector": {
			deaf{fine, always(forbidden("connectors"))}, []string{"explain", "connector/h29/main"}, codeFailure,
			[]string{"may not get connectors.lienthong.gov.vn in namespace h29"},
		},
		"no operator": {
			deaf{fine, always(apierrors.NewNotFound(schema.GroupResource{}, ""))}, []string{"status"}, codeFailure, []string{"install the operator"},
		},
		"no login":   {deaf{fine, always(apierrors.NewUnauthorized("who"))}, []string{"status"}, codeFailure, []string{"log in again"}},
		"no cluster": {deaf{fine, always(&url.Error{Op: "Get", URL: "https://x", Err: io.EOF})}, []string{"status"}, codeFailure, []string{"cannot be reached"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := call(t, tt.cluster, tt.args...)
			if got.code != tt.code || got.stdout != "" {
				t.Errorf("exit code %d, want %d; on stdout: %s", got.code, tt.code, got.stdout)
			}
			for _, words := range tt.says {
				if !strings.Contains(got.stderr, words) {
					t.Errorf("stderr does not say %q:\n%s", words, got.stderr)
				}
			}
			if vi := call(t, tt.cluster, append(tt.args, "--language=vi")...); name != "unknown language" && vi.stderr == got.stderr {
				t.Errorf("in Vietnamese it says the same:\n%s", vi.stderr)
			}
		})
	}
}

// The exit code tells the result, if it is asked to.
func TestExitCodes(t *testing.T) {
	tests := map[string]struct {
		args []string
		code int
	}{
		"overdue":              {[]string{"status", "--exit-code"}, codeOverdue},
		"overdue, not asked":   {[]string{"status"}, codeFine},
		"overdue in a report":  {[]string{"report", "--format", "json", "--exit-code"}, codeOverdue},
		"at risk":              {[]string{"status", "--exit-code", "--agency", "h29"}, codeAtRisk},
		"fine":                 {[]string{"status", "--exit-code", "--agency", "g12"}, codeFine},
		"not ready":            {[]string{"explain", "agency/h29", "--exit-code"}, codeNotReady},
		"not ready, not asked": {[]string{"explain", "agency/h29"}, codeFine},
		"a Connector not":      {[]string{"explain", "connector/h29/main", "--exit-code"}, codeNotReady},
		"ready":                {[]string{"explain", "agency/g12", "--exit-code"}, codeFine},
		"help":                 {[]string{"help", "status"}, codeFine},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := call(t, country(t), tt.args...); got.code != tt.code || got.stdout == "" {
				t.Errorf("exit code %d, want %d: %s%s", got.code, tt.code, got.stdout, got.stderr)
			}
		})
	}
}

// What may not be read beside the object itself is left out, and named.
func TestExplanationWithFewRights(t *testing.T) {
	tenant := deaf{country(t), func(object any) error {
		switch object.(type) {
		case *v1alpha1.Agency:
			return forbidden("agencies")
		case *v1alpha1.ExchangeHub:
			return forbidden("exchangehubs")
		case *v1alpha1.SecurityProfileList:
			return forbidden("securityprofiles")
		}
		return nil
	}}
	got := call(t, tenant, "explain", "connector/h29/main")
	if got.code != codeFine || !strings.Contains(got.stdout, "You may not read agencies, securityprofiles, exchangehubs") {
		t.Errorf("exit code %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
	if !strings.Contains(got.stdout, "Duty PenetrationTest is overdue") {
		t.Errorf("what may be read is not told:\n%s", got.stdout)
	}
}

// A report goes into a file whole, and one that cannot be made leaves the file as it was.
func TestReportIntoAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.csv")
	if got := call(t, country(t), "report", "--format", "csv", "-o", file); got.code != codeFine || got.stdout+got.stderr != "" {
		t.Fatalf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := call(t, country(t), "report", "--format", "csv").stdout; string(written) != want {
		t.Errorf("the file has\n%s\nwant\n%s", written, want)
	}
	if got := call(t, deaf{country(t), always(forbidden("agencies"))}, "report", "--format", "csv", "-o", file); got.code != codeFailure {
		t.Errorf("exit code %d", got.code)
	}
	if still, err := os.ReadFile(file); err != nil || !bytes.Equal(still, written) {
		t.Errorf("the file was touched (%v):\n%s", err, still)
	}
	if got := call(t, country(t), "report", "-o", filepath.Join(file, "below")); got.code != codeFailure || !strings.Contains(got.stderr, "writing the report") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
}

// Progress is shown on stderr if it is asked for, and never on stdout.
func TestProgress(t *testing.T) {
	quiet, loud := call(t, country(t), "report", "--format", "json"), call(t, country(t), "report", "--format", "json", "--progress")
	if quiet.stderr != "" || quiet.stdout != loud.stdout {
		t.Errorf("without --progress stderr says %q; stdout differs: %t", quiet.stderr, quiet.stdout != loud.stdout)
	}
	for _, line := range []string{"Reading rolloutplans: 1\n", "Reading agencies: 5\n", "Reading connectors: 4\n"} {
		if !strings.Contains(loud.stderr, line) {
			t.Errorf("stderr does not say %q: %s", line, loud.stderr)
		}
	}
}

// The language is that of the environment unless the call says another.
func TestLanguage(t *testing.T) {
	tests := map[string]struct {
		environment map[string]string
		args        []string
		want        locale.Language
	}{
		"nothing":              {nil, nil, locale.English},
		"LANG":                 {map[string]string{"LANG": "vi_VN.UTF-8"}, nil, locale.Vietnamese},
		"LC_ALL before LANG":   {map[string]string{"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, nil, locale.English},
		"another":              {map[string]string{"LANG": "fr_FR.UTF-8"}, nil, locale.English},
		"flag before LC_ALL":   {map[string]string{"LC_ALL": "vi_VN.UTF-8"}, []string{"--language", "en"}, locale.English},
		"flag with equal sign": {nil, []string{"--language=vi"}, locale.Vietnamese},
		"not behind dashes":    {nil, []string{"--", "--language=vi"}, locale.English},
	}
	for name, tt := range tests {
		s := &session{Call: Call{Args: tt.args, Getenv: func(name string) string { return tt.environment[name] }}}
		if got, err := s.chosen(); err != nil || got != tt.want {
			t.Errorf("%s: %s (%v), want %s", name, got, err, tt.want)
		}
	}
}

// A command of another package gets its arguments as they are, behind the language of the reader, and its exit code is that of the call. Its help
// is its own.
func TestOtherCommands(t *testing.T) {
	var got []string
	var out, errs strings.Builder
	verify := Command{
		Name: "verify", Short: func(l locale.Language) string { return l.Say("Kiểm tra", "Check") },
		Run: func(_ context.Context, args []string, _ io.Reader, stdout, _ io.Writer) int {
			got = args
			_, _ = io.WriteString(stdout, "checked")
			return 7
		},
	}
	made := Call{
		Program: "kubectl lienthong", Args: []string{"verify", "--chain", "a", "-h"}, Stdout: &out, Stderr: &errs,
		Getenv: func(string) string { return "" }, Others: []Command{verify},
	}
	if code := Run(t.Context(), made); code != 7 || out.String() != "checked" || strings.Join(got, " ") != "--language=en --chain a -h" {
		t.Errorf("exit code %d, arguments %q, stdout %q, stderr %q", code, got, out.String(), errs.String())
	}
	made.Args, made.Getenv = []string{"help", "verify"}, func(string) string { return "vi_VN.UTF-8" }
	if code := Run(t.Context(), made); code != 7 || strings.Join(got, " ") != "--language=vi -h" {
		t.Errorf("help: exit code %d, arguments %q, stderr %q", code, got, errs.String())
	}
}
