package rules

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"sigs.k8s.io/yaml"
)

// runbooks is where the address of every page begins: the name of the module, and the directory in it.
const runbooks = "https://lienthong.gov.vn/connector-operator/docs/runbooks/"

func alerts(t *testing.T) map[string]monitoringv1.Rule {
	t.Helper()
	rule, err := Read(root + "/config/prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]monitoringv1.Rule{}
	for _, group := range rule.Spec.Groups {
		for _, r := range group.Rules {
			if _, twice := all[r.Alert]; twice || r.Alert == "" {
				t.Errorf("the group %s has a rule that is no alert, or a second alert %q", group.Name, r.Alert)
			}
			all[r.Alert] = r
		}
	}
	return all
}

// Every alert says how bad it is, what is wrong in whole sentences and in both languages, and where to read on.
func TestAlerts(t *testing.T) {
	for name, r := range alerts(t) {
		parsed(t, name, r.Expr.String())
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
			t.Errorf("%s has the severity %q", name, r.Labels["severity"])
		}
		for _, annotation := range []string{"summary", "summary_vi", "description"} {
			text := r.Annotations[annotation]
			if !strings.HasSuffix(text, ".") || strings.ContainsAny(text, "\n\t") || len(text) < 20 {
				t.Errorf("%s: %s is no whole sentence: %q", name, annotation, text)
			}
			if first, _ := utf8.DecodeRuneInString(text); !unicode.IsUpper(first) && !strings.HasPrefix(text, "{{") {
				t.Errorf("%s: %s does not begin as a sentence does: %q", name, annotation, text)
			}
		}
		if got := r.Annotations["runbook_url"]; got != runbooks+name+".md" {
			t.Errorf("%s has its page at %q, and not at %s%s.md", name, got, runbooks, name)
		}
	}
}

// Each alert has its page, each page its alert, and each page answers the same questions. The overview has them all.
func TestRunbooks(t *testing.T) {
	overview, err := os.ReadFile(root + "/docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	all := alerts(t)
	for name := range all {
		page, err := os.ReadFile(filepath.Join(root, "docs/runbooks", name+".md"))
		if err != nil {
			t.Errorf("%s has no page: %v", name, err)
			continue
		}
		at := 0
		for _, heading := range []string{"# " + name + "\n", "\n## Meaning\n", "\n## Impact\n", "\n## Diagnosis\n", "\n## Remedy\n", "\n## Silencing\n"} {
			found := strings.Index(string(page[at:]), heading)
			if found < 0 {
				t.Errorf("the page of %s has no heading %q, or not in its place", name, strings.TrimSpace(heading))
				break
			}
			at += found + len(heading) - 1
		}
		if !strings.Contains(string(page), "```sh\n") {
			t.Errorf("the page of %s gives no command to diagnose with", name)
		}
		for line := range strings.Lines(string(page)) {
			if query, ok := strings.CutPrefix(line, "#   "); ok {
				parsed(t, "the page of "+name, query)
			}
		}
		if !strings.Contains(string(overview), "["+name+"](runbooks/"+name+".md)") {
			t.Errorf("docs/observability.md does not list %s", name)
		}
	}
	pages, err := filepath.Glob(root + "/docs/runbooks/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if _, ok := all[strings.TrimSuffix(filepath.Base(page), ".md")]; !ok {
			t.Errorf("%s is the page of no alert", page)
		}
	}
}

// cases are what the tests look at of a file of tests for promtool.
type cases struct {
	Tests []struct {
		Name           string `json:"name"`
		AlertRuleTests []struct {
			Alert    string `json:"alertname"`
			Expected []any  `json:"exp_alerts"`
		} `json:"alert_rule_test"`
	} `json:"tests"`
}

// Each alert is shown to fire, and not to fire.
func TestEveryAlertIsTested(t *testing.T) {
	files, err := filepath.Glob(root + "/test/alerts/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of tests: %v", len(files), err)
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c cases
		if err := yaml.Unmarshal(text, &c); err != nil {
			t.Fatal(err)
		}
		for _, test := range c.Tests {
			for _, a := range test.AlertRuleTests {
				if len(a.Expected) > 0 {
					fires[a.Alert] = true
				} else {
					silent[a.Alert] = true
				}
			}
		}
	}
	for name := range alerts(t) {
		if !fires[name] || !silent[name] {
			t.Errorf("%s: shown to fire: %t; shown not to: %t", name, fires[name], silent[name])
		}
	}
}

// What the Prometheus operator is given is of its types, without a field that it does not know.
func TestMonitors(t *testing.T) {
	var service monitoringv1.ServiceMonitor
	var pods monitoringv1.PodMonitor
	if err := Strictly(root+"/config/prometheus/service_monitor.yaml", &service); err != nil {
		t.Fatal(err)
	}
	if err := Strictly(root+"/config/prometheus/pod_monitor.yaml", &pods); err != nil {
		t.Fatal(err)
	}
	if service.Kind != monitoringv1.ServiceMonitorsKind || pods.Kind != monitoringv1.PodMonitorsKind {
		t.Errorf("the kinds are %q and %q", service.Kind, pods.Kind)
	}
	if len(service.Spec.Endpoints) != 1 || len(pods.Spec.PodMetricsEndpoints) != 1 {
		t.Fatalf("%d and %d endpoints", len(service.Spec.Endpoints), len(pods.Spec.PodMetricsEndpoints))
	}
	s, p := service.Spec.Endpoints[0], pods.Spec.PodMetricsEndpoints[0]
	if !s.HonorLabels || p.HonorLabels {
		t.Error("the operator's figures name their namespace themselves; a gateway may not")
	}
	if s.TLSConfig == nil || s.TLSConfig.InsecureSkipVerify != nil && *s.TLSConfig.InsecureSkipVerify {
		t.Error("the token is handed to whoever answers")
	}
	for _, duration := range []monitoringv1.Duration{s.Interval, s.ScrapeTimeout, p.Interval, p.ScrapeTimeout} {
		if _, err := model.ParseDuration(string(duration)); err != nil {
			t.Error(err)
		}
	}
}
