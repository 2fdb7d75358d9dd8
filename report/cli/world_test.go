package cli

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// With -update, the golden files and the examples of docs/cli.md are written anew.
var update = flag.Bool("update", false, "write the golden files and the examples anew")

// now is the day of the examples: 20 December 2018, nine o'clock in Hanoi.
var now = time.Date(2018, 12, 20, 2, 0, 0, 0, time.UTC)

// still is a cluster in which nothing happens.
type still struct{ client.Reader }

func (s still) Follow(context.Context, []client.Object, Follower) (client.Reader, error) {
	return s.Reader, nil
}

// objects are those of testdata/cluster.yaml, each read strictly into its type.
func objects(t *testing.T, scheme *runtime.Scheme) []client.Object {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "cluster.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all []client.Object
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var kind runtime.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
			t.Fatal(err)
		}
		object, err := scheme.New(v1alpha1.GroupVersion.WithKind(kind.Kind))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
			t.Fatalf("%v:\n%s", err, document)
		}
		all = append(all, object.(client.Object))
	}
	return all
}

// country is a cluster with the objects of testdata/cluster.yaml.
func country(t *testing.T) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects(t, scheme)...).Build()
}

// result is what one call gave.
type result struct {
	stdout, stderr string
	code           int
}

// call runs one call against a cluster.
func call(t *testing.T, cluster client.Reader, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), Call{
		Program: "kubectl lienthong", Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Version: "test",
		Getenv: func(string) string { return "" }, Clock: testingclock.NewFakeClock(now),
		Connect: func(Access) (Cluster, error) { return still{cluster}, nil },
	})
	return result{stdout.String(), stderr.String(), code}
}

// languages are those of every golden file.
func languages() []locale.Language { return []locale.Language{locale.English, locale.Vietnamese} }

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; if the change is meant, run go test ./report/cli -update (-want +got):\n%s", file, diff)
	}
}
