package observability

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/approval"
	"lienthong.gov.vn/connector-operator/controllers/metrics"
	gateway "lienthong.gov.vn/connector-operator/gateway/metrics"
)

const document = "../../docs/metrics.md"

var update = flag.Bool("update", false, "write docs/metrics.md")

// metric is a row of the document.
type metric struct {
	name, kind, help string
	labels           []string
}

// described is the form in which a description tells of itself; it has no other way.
func described(t *testing.T, d *prometheus.Desc) metric {
	t.Helper()
	form := regexp.MustCompile(`^Desc\{fqName: "([^"]+)", help: ("(?:[^"\\]|\\.)*"), unit: "[^"]*", constLabels: \{([^}]*)\}, variableLabels: \{([^}]*)\}\}$`)
	parts := form.FindStringSubmatch(d.String())
	if parts == nil {
		t.Fatalf("%s is not of the form that descriptions had", d)
	}
	m := metric{name: parts[1], help: strings.ReplaceAll(strings.Trim(parts[2], `"`), `\"`, `"`), kind: kindOf(parts[1])}
	for label := range strings.SplitSeq(parts[3], ",") {
		if name, _, ok := strings.Cut(label, "="); ok {
			m.labels = append(m.labels, name)
		}
	}
	if parts[4] != "" {
		m.labels = append(m.labels, strings.Split(parts[4], ",")...)
	}
	return m
}

// kindOf goes by the conventions of names, which the linter of metrics holds all of them to.
func kindOf(name string) string {
	switch {
	case strings.HasSuffix(name, "_total"):
		return "counter"
	case strings.HasSuffix(name, "request_duration_seconds"), strings.HasSuffix(name, "reconcile_time_seconds"),
		strings.HasSuffix(name, "queue_duration_seconds"):
		return "histogram"
	default:
		return "gauge"
	}
}

// from are the metrics of a collector whose names begin with one of the prefixes, by name.
func from(t *testing.T, c prometheus.Collector, prefixes ...string) []metric {
	t.Helper()
	descriptions := make(chan *prometheus.Desc)
	go func() {
		c.Describe(descriptions)
		close(descriptions)
	}()
	var all []metric
	for d := range descriptions {
		m := described(t, d)
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(m.name, p) }) {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b metric) int { return cmp.Compare(a.name, b.name) })
	return slices.CompactFunc(all, func(a, b metric) bool { return a.name == b.name })
}

func table(all []metric) string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | tells |\n| --- | --- | --- | --- |\n")
	for _, m := range all {
		labels := make([]string, 0, len(m.labels))
		for _, l := range m.labels {
			labels = append(labels, "`"+l+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.kind, strings.Join(labels, ", "), strings.ReplaceAll(m.help, "|", `\|`))
	}
	return b.String()
}

// registered is the registry of controller-runtime, which describes what is in it.
func registered(t *testing.T) prometheus.Collector {
	t.Helper()
	c, ok := ctrlmetrics.Registry.(prometheus.Collector)
	if !ok {
		t.Fatal("controller-runtime's registry does not describe its metrics any more")
	}
	return c
}

func operator(t *testing.T) []metric {
	t.Helper()
	scheme, err := controllers.NewScheme()
	if err != nil {
		t.Fatal(err)
	}
	return from(t, metrics.New(fake.NewClientBuilder().WithScheme(scheme).Build(), func(err error) { t.Error(err) }), "lienthong_")
}

func notices(t *testing.T) []metric {
	t.Helper()
	return from(t, metrics.NewNotices(fake.NewClientBuilder().Build(), func(err error) { t.Error(err) }), "lienthong_")
}

func approvals(t *testing.T) []metric {
	t.Helper()
	registry := prometheus.NewRegistry()
	if err := approval.RegisterMetrics(registry); err != nil {
		t.Fatal(err)
	}
	return from(t, registry, "lienthong_")
}

// ofGateway registers what a gateway registers only once it runs, too.
func ofGateway(t *testing.T) []metric {
	t.Helper()
	m := gateway.New("test")
	m.LogQueue("output", func() int { return 0 })
	return from(t, m.Registry, "lienthong_")
}

func TestDocument(t *testing.T) {
	want := strings.Join([]string{
		"# Metrics",
		"This page is written by a test from what the operator and the gateway register (`go test ./test/observability -update`).\n" +
			"[Observability](observability.md) says how they are scraped, which alerts are made of them, and what is left out on purpose.",
		"## The operator: Connectors, hubs, profiles and plans",
		"Made from the status of the objects at each scrape, by the replica that leads. What was not observed is missing rather than zero.",
		table(operator(t)),
		"## The operator: notices of change",
		"Made from the status of the NoticeQueues at each scrape, by the replica that leads. [Change notices](notices.md) says what they are.",
		table(notices(t)),
		"## The operator: certificates that were asked for",
		"Counted since the operator started.",
		table(approvals(t)),
		"## The operator: its own work",
		"Of controller-runtime, which tells more than these; alerts and the dashboard use these.",
		table(from(t, registered(t), "controller_runtime_reconcile_errors_total", "controller_runtime_reconcile_time_seconds",
			"controller_runtime_reconcile_total", "leader_election_master_status", "workqueue_depth", "workqueue_queue_duration_seconds")),
		"## The gateway",
		"`direction` is `inbound` from the hub to the agency's system, or `outbound` from there to the hub.",
		table(ofGateway(t)),
	}, "\n\n")
	want = strings.TrimRight(strings.ReplaceAll(want, "|\n\n\n", "|\n\n"), "\n") + "\n"
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/metrics.md differs from what is registered; run \"go test ./test/observability -update\" and commit it. It should be:\n%s", want)
	}
}
