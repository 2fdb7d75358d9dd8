package rules

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

const root = "../../../.."

// documented are the labels of each metric, by its name, as docs/metrics.md has them; a test of the operator keeps that page equal to what
// is registered.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	page, err := os.ReadFile(root + "/docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	row, code := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (\\w+) \\| ([^|]*) \\|"), regexp.MustCompile("`([^`]+)`")
	all := map[string][]string{"up": nil}
	for _, columns := range row.FindAllStringSubmatch(string(page), -1) {
		var names []string
		for _, label := range code.FindAllStringSubmatch(columns[3], -1) {
			names = append(names, label[1])
		}
		if columns[2] != "histogram" {
			all[columns[1]] = names
			continue
		}
		all[columns[1]+"_bucket"] = append(slices.Clone(names), "le")
		all[columns[1]+"_sum"], all[columns[1]+"_count"] = names, names
	}
	if len(all) < 40 {
		t.Fatalf("docs/metrics.md has %d metrics; its table is read wrongly", len(all))
	}
	return all
}

// target are the labels that scraping adds, as config/prometheus has it.
func target() []string {
	return []string{"job", "instance", "namespace", "pod", "container", "connector", "agency_code"}
}

// parsed is the expression, if every metric in it is documented and has every label that is asked for.
func parsed(t *testing.T, where, expression string) parser.Expr {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return nil
	}
	known := documented(t)
	var has []string
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		names, ok := known[selector.Name]
		if !ok {
			t.Errorf("%s: there is no metric %s", where, selector.Name)
		}
		has = append(has, names...)
		for _, m := range selector.LabelMatchers {
			if m.Name != labels.MetricName && !slices.Contains(names, m.Name) && !slices.Contains(target(), m.Name) {
				t.Errorf("%s: %s has no label %s", where, selector.Name, m.Name)
			}
		}
		return nil
	})
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if aggregate, ok := node.(*parser.AggregateExpr); ok {
			for _, label := range aggregate.Grouping {
				if !slices.Contains(has, label) && !slices.Contains(target(), label) {
					t.Errorf("%s: no metric of it has the label %s", where, label)
				}
			}
		}
		return nil
	})
	return expr
}

// panel is what the tests look at of a Grafana panel.
type panel struct {
	ID          int        `json:"id"`
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Datasource  datasource `json:"datasource"`
	Targets     []struct {
		Expr       string     `json:"expr"`
		RefID      string     `json:"refId"`
		Datasource datasource `json:"datasource"`
	} `json:"targets"`
	GridPos struct{ X, Y, W, H int } `json:"gridPos"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type dashboard struct {
	UID           string  `json:"uid"`
	Title         string  `json:"title"`
	SchemaVersion int     `json:"schemaVersion"`
	Panels        []panel `json:"panels"`
	Templating    struct {
		List []struct {
			Name       string     `json:"name"`
			Type       string     `json:"type"`
			Datasource datasource `json:"datasource"`
			Query      any        `json:"query"`
		} `json:"list"`
	} `json:"templating"`
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	text, err := os.ReadFile(root + "/config/grafana/lienthong.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// filled puts in what Grafana does for its variables.
func filled(expression string) string {
	return strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h").Replace(expression)
}

func TestDashboardPanels(t *testing.T) {
	d := readDashboard(t)
	ids, queries := map[int]string{}, 0
	for i, p := range d.Panels {
		where := "panel " + p.Title
		if before, twice := ids[p.ID]; twice || p.ID == 0 {
			t.Errorf("%s has the id %d, as %q has", where, p.ID, before)
		}
		ids[p.ID] = p.Title
		for _, other := range d.Panels[:i] {
			a, b := p.GridPos, other.GridPos
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%s lies over panel %s", where, other.Title)
			}
		}
		if p.Type == "row" {
			continue
		}
		if p.Title == "" || p.Description == "" || len(p.Targets) == 0 {
			t.Errorf("%s has no title, no description or no query", where)
		}
		for _, q := range p.Targets {
			queries++
			parsed(t, where, filled(q.Expr))
			if q.Datasource.UID != "${datasource}" || p.Datasource.UID != "${datasource}" {
				t.Errorf("%s asks the datasource %q; write ${datasource}, which the reader chooses", where, q.Datasource.UID)
			}
		}
	}
	if queries < 20 {
		t.Errorf("the dashboard has %d queries only", queries)
	}
}

func TestDashboardVariables(t *testing.T) {
	d := readDashboard(t)
	if d.UID == "" || d.Title == "" || d.SchemaVersion < 42 {
		t.Errorf("the dashboard has the uid %q, the title %q and version %d of the schema", d.UID, d.Title, d.SchemaVersion)
	}
	asked := regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)
	for i, v := range d.Templating.List {
		if i == 0 && (v.Type != "datasource" || v.Name != "datasource" || v.Query != "prometheus") {
			t.Errorf("the first variable is %+v; it has to be the datasource, for the others to be asked there", v)
		}
		if v.Type != "query" {
			continue
		}
		query, ok := v.Query.(map[string]any)
		if !ok || v.Datasource.UID != "${datasource}" {
			t.Errorf("the variable %s does not ask the datasource that the reader chooses", v.Name)
			continue
		}
		text, _ := query["query"].(string)
		parts := asked.FindStringSubmatch(text)
		if parts == nil {
			t.Errorf("the variable %s asks %q", v.Name, text)
			continue
		}
		parsed(t, "variable "+v.Name, "sum by ("+parts[2]+") ("+filled(parts[1])+")")
	}
}
