package samples

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// cohortReady is the cohort, and the label, of the agencies that the plan expects to be ready.
const cohortReady = "ready-2018"

// agencyData is one row of agencies.yaml.
type agencyData struct {
	Code, LegacyCode, Type, Vi, En, Role, Cohort, Confidence string
	Sites                                                    int
}

// slug is the name of an agency's object, of its namespace and of its connector.
func (a agencyData) slug() string { return strings.ToLower(a.Code) }

func readAgencies(t *testing.T) []agencyData {
	t.Helper()
	rows := read[struct{ Agencies []agencyData }](t, "agencies.yaml").Agencies
	if len(rows) != 27 {
		t.Fatalf("agencies.yaml has %d agencies; the first roll-out has 27", len(rows))
	}
	return rows
}

func TestAgencies(t *testing.T) {
	got := load(t).agencies
	rows := readAgencies(t)
	if len(got) != len(rows) {
		t.Errorf("there are %d Agencies for %d rows of data", len(got), len(rows))
	}
	for _, row := range rows {
		t.Run(row.Code, func(t *testing.T) {
			agency := got[row.slug()]
			if agency == nil {
				t.Fatalf("no Agency is named %s", row.slug())
			}
			compareAgency(t, row, agency)
		})
	}
}

func compareAgency(t *testing.T, row agencyData, agency *v1alpha1.Agency) {
	t.Helper()
	figures := []struct{ what, got, want string }{
		{"code", agency.Spec.Code, row.Code},
		{"legacyCode", agency.Spec.LegacyCode, row.LegacyCode},
		{"type", string(agency.Spec.Type), row.Type},
		{"names.vi", agency.Spec.Names.Vi, row.Vi},
		{"names.en", agency.Spec.Names.En, row.En},
		{"namespaces", strings.Join(agency.Spec.Namespaces, " "), row.slug()},
		{"domains", strings.Join(agency.Spec.Domains, " "), ""},
	}
	for _, figure := range figures {
		if figure.got != figure.want {
			t.Errorf("%s is %q, and the data say %q", figure.what, figure.got, figure.want)
		}
	}
	for _, field := range []string{"code", "legacyCode"} {
		if text := agency.Annotations[citation+field]; !says(text, "confidence: "+row.Confidence) {
			t.Errorf("the citation of %s is %q; the data say confidence: %s", field, text, row.Confidence)
		}
	}
	label := agency.Labels[v1alpha1.GroupName+"/cohort"]
	if ready := row.Cohort == cohortReady; ready != (label == cohortReady) {
		t.Errorf("the cohort label is %q, and the data say cohort %q", label, row.Cohort)
	}
	sites := agency.Annotations[v1alpha1.GroupName+"/sites"]
	if row.Sites > 0 && sites != fmt.Sprint(row.Sites) || row.Sites == 0 && sites != "" {
		t.Errorf("it has %q sites, and the data say %d", sites, row.Sites)
	}
}

// says tells whether a text has the words, and then ends or goes on behind them with something else than a letter.
func says(text, words string) bool {
	_, rest, found := strings.Cut(text, words)
	return found && (rest == "" || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, ";"))
}

func TestConnectors(t *testing.T) {
	r := load(t)
	hub := r.hubs["national-hub"]
	if hub == nil {
		t.Fatal("no ExchangeHub is named national-hub")
	}
	rows := readAgencies(t)
	if len(r.connectors) != len(rows) {
		t.Errorf("there are %d Connectors for %d agencies", len(r.connectors), len(rows))
	}
	for _, row := range rows {
		t.Run(row.Code, func(t *testing.T) {
			connector := r.connectors[row.slug()+"/"+row.slug()]
			if connector == nil {
				t.Fatalf("no Connector is named %[1]s in the namespace %[1]s", row.slug())
			}
			compareConnector(t, row, connector, hub)
			if r.namespaces[row.slug()]["pod-security.kubernetes.io/enforce"] != "restricted" {
				t.Errorf("the namespace %s is missing or does not enforce restricted pods", row.slug())
			}
		})
	}
}

func compareConnector(t *testing.T, row agencyData, connector *v1alpha1.Connector, hub *v1alpha1.ExchangeHub) {
	t.Helper()
	if connector.Spec.AgencyRef.Name != row.slug() || connector.Spec.HubRef.Name != hub.Name {
		t.Errorf("it links agency %s to hub %s", connector.Spec.AgencyRef.Name, connector.Spec.HubRef.Name)
	}
	levels := read[struct {
		LikelyLevels struct{ MinistryOrProvinceConnector int32 }
	}](t, "security-levels.yaml")
	if got, want := int32(connector.Spec.SecurityLevel), levels.LikelyLevels.MinistryOrProvinceConnector; got != want {
		t.Errorf("its level is %d, and the data say %d", got, want)
	}
	if !strings.HasPrefix(connector.Annotations[citation+"securityLevel"], "derived: ") {
		t.Error("its level is a hypothesis and is not marked as derived")
	}
	for _, service := range connector.Spec.Services {
		if !slices.Contains(hub.Spec.Services, service) {
			t.Errorf("the hub does not carry %s", service)
		}
	}
	if !slices.Contains(connector.Spec.Services, v1alpha1.ServiceElectronicDocuments) {
		t.Error("it does not take part in electronic documents, which the roll-out is about")
	}
	if want := "http://agency-system." + row.slug() + ".svc.cluster.local:8080"; connector.Spec.Backend.URL != want {
		t.Errorf("its backend is %s, want %s", connector.Spec.Backend.URL, want)
	}
}
