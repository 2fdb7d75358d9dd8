package upgrade

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/levels"
)

// released is the folder with what the first release makes, and builder the way in which it builds.
const (
	released = "released"
	builder  = 1
)

// TestChildrenOfTheFirstRelease compares what is made of a Connector of each shipped profile with what the first release makes. Where the pods
// differ, an upgrade replaces every pod of the country, so it has to be meant: desired.Builder is increased then, by which it happens in batches. With
// UPDATE_RELEASED=1, the files are written anew; that is for the release itself.
func TestChildrenOfTheFirstRelease(t *testing.T) {
	for _, profile := range levels.Profiles(t) {
		t.Run(profile.Name, func(t *testing.T) {
			objects, err := desired.All(levels.Inputs(t, profile))
			if err != nil {
				t.Fatal(err)
			}
			var now []byte
			for _, object := range objects {
				if d, ok := object.(*appsv1.Deployment); ok {
					if now, err = yaml.Marshal(d.Spec.Template); err != nil {
						t.Fatal(err)
					}
				}
			}
			file := filepath.Join(released, "pods-of-"+profile.Name+".yaml")
			if os.Getenv("UPDATE_RELEASED") == "1" {
				if err := os.WriteFile(file, now, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			then, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			diff := cmp.Diff(string(then), string(now))
			if diff != "" && desired.Builder == builder {
				t.Errorf("pods are made in another way than by the first release; if that is meant, increase desired.Builder, and say it in the notes of the "+
					"release (-released +now):\n%s", diff)
			}
		})
	}
}
