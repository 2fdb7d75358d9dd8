package samples

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/compliance"
)

const levelsDocument = "../../docs/levels.md"

// block is an example, which may stand indented in a list.
var block = regexp.MustCompile("(?s)\n( *)```yaml\n(.*?)\n *```")

// documented are the objects of the examples, each read strictly into its type.
func documented(t *testing.T) []runtime.Object {
	t.Helper()
	text, err := os.ReadFile(levelsDocument)
	if err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	var objects []runtime.Object
	for _, found := range block.FindAllStringSubmatch(string(text), -1) {
		example := strings.ReplaceAll("\n"+found[2], "\n"+found[1], "\n")
		for document := range strings.SplitSeq(example, "\n---\n") {
			objects = append(objects, readStrictly(t, scheme, document))
		}
	}
	if fences := strings.Count(string(text), "```yaml"); len(block.FindAllString(string(text), -1)) != fences {
		t.Errorf("not all of %d examples were read", fences)
	}
	return objects
}

func readStrictly(t *testing.T, scheme *runtime.Scheme, document string) runtime.Object {
	t.Helper()
	var kind runtime.TypeMeta
	if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
		t.Fatal(err)
	}
	if kind.APIVersion != v1alpha1.GroupVersion.String() {
		t.Fatalf("an example is of version %q:\n%s", kind.APIVersion, document)
	}
	object, err := scheme.New(v1alpha1.GroupVersion.WithKind(kind.Kind))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
		t.Errorf("an example is no %s: %v\n%s", kind.Kind, err, document)
	}
	return object
}

func documentedOf[T runtime.Object](t *testing.T) []T {
	t.Helper()
	var of []T
	for _, object := range documented(t) {
		if typed, ok := object.(T); ok {
			of = append(of, typed)
		}
	}
	return of
}

// TestDocumentedKinds: each kind of record that the operator knows by itself, and each that a profile asks for, has an example.
func TestDocumentedKinds(t *testing.T) {
	want := []string{
		v1alpha1.EvidenceLevelDetermination, v1alpha1.EvidenceLevelAppraisal, v1alpha1.EvidenceLevelApproval, v1alpha1.EvidencePilotExchange,
	}
	for _, profile := range load(t).profiles {
		for _, duty := range profile.Spec.Duties {
			want = append(want, duty.Kind)
		}
	}
	shown := map[string]bool{}
	for _, record := range documentedOf[*v1alpha1.ComplianceEvidence](t) {
		shown[record.Spec.Kind] = true
	}
	slices.Sort(want)
	for _, kind := range slices.Compact(want) {
		if !shown[kind] {
			t.Errorf("%s has no record of the kind %s", levelsDocument, kind)
		}
	}
}

// TestDocumentedRecords judges the examples as the operator does: with them, the Connector is compliant; with the correction of one, not.
func TestDocumentedRecords(t *testing.T) {
	r := load(t)
	today, err := civil.Parse("2026-11-02")
	if err != nil {
		t.Fatal(err)
	}
	c := &compliance.Case{
		Connector: r.connectors["g12/g12"], Agency: r.agencies["g12"], Owners: []string{"g12"}, Regime: regimeNow, Today: today, Profiles: all(r.profiles),
	}
	var correction *v1alpha1.ComplianceEvidence
	for _, record := range documentedOf[*v1alpha1.ComplianceEvidence](t) {
		if record.Spec.Supersedes != nil {
			correction = record
			continue
		}
		c.Records = append(c.Records, *record)
	}
	subjects := []compliance.Subject{
		{Profile: r.profiles[regimeNow+"-level-3"], Ruling: true}, {Profile: r.profiles[regimeBefore+"-level-3"]},
	}
	for i := range c.Records {
		if denial := compliance.Examine(&c.Records[i], c); denial != nil {
			t.Errorf("%s is not accepted: %s", c.Records[i].Name, denial.Message)
		}
	}
	for _, status := range compliance.Judge(c, subjects) {
		if !ptr.Deref(status.Satisfied, false) {
			t.Errorf("%s is not satisfied: %+v", status.Regime, status.Shortfalls)
		}
	}
	if correction == nil {
		t.Fatal("no example corrects another")
	}
	c.Records = append(c.Records, *correction)
	if status := compliance.Judge(c, subjects)[0]; len(status.Shortfalls) != 1 || status.Shortfalls[0].Name != correction.Spec.Kind {
		t.Errorf("with the correction of a %s, what is short is %+v", correction.Spec.Kind, status.Shortfalls)
	}
	for _, waiver := range documentedOf[*v1alpha1.DutyWaiver](t) {
		c.Waivers = append(c.Waivers, *waiver)
		if denial := compliance.ExamineWaiver(waiver, c); denial != nil {
			t.Errorf("%s is not accepted: %s", waiver.Name, denial.Message)
		}
	}
	if status := compliance.Judge(c, subjects)[0]; !ptr.Deref(status.Satisfied, false) {
		t.Errorf("with the waiver, what is short is %+v", status.Shortfalls)
	}
}

// TestDocumentedPlan: the plan of the document is that of the samples, descriptions and citations aside.
func TestDocumentedPlan(t *testing.T) {
	plans := documentedOf[*v1alpha1.RolloutPlan](t)
	if len(plans) != 1 {
		t.Fatalf("there are %d plans in the document, want 1", len(plans))
	}
	sample := load(t).plans[plans[0].Name]
	if sample == nil {
		t.Fatalf("the samples have no plan %s", plans[0].Name)
	}
	sample = sample.DeepCopy()
	for i := range sample.Spec.Cohorts {
		sample.Spec.Cohorts[i].Description = ""
	}
	for i := range sample.Spec.Milestones {
		sample.Spec.Milestones[i].Description = ""
	}
	if got, want := text(t, plans[0].Spec), text(t, sample.Spec); got != want {
		t.Errorf("the document has\n%s\nand the samples have\n%s", got, want)
	}
}

func text(t *testing.T, value any) string {
	t.Helper()
	written, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}
