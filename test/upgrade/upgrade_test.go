//go:build upgrade

package upgrade

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

const (
	// first is the chart that was released first, below this folder.
	first = "released/connector-operator-0.1.0.tgz"
	// batch is how many Connectors may take up a change of the class at once.
	batch = 40
	// land is the name of the hub, of the class and of the profile of the Connectors.
	land = "land"
)

// upgradeValues are those of the installation: the class is that of the Connectors.
const upgradeValues = values + `class:
  name: land
  image: gateway.example/gateway@sha256:%s
  rollout:
    batchSize: 40
profiles:
  regimes: [nd331-2026]
`

// installed is a fleet of 300 Connectors under an operator that Helm installed.
type installed struct {
	*world
	fleet *fleet.Fleet
	// chart is the folder of the newer chart.
	chart string
	// before is what there was when the fleet was settled.
	before snapshot
}

// TestUpgrade takes 300 Connectors through the life of an installation; each step begins where the one before ended.
func TestUpgrade(t *testing.T) {
	u := &installed{world: newWorld(t, "upgrade", t.TempDir())}
	for _, step := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"InstallTheFirstRelease", u.install},
		{"UpgradeWithAChangedDefinition", u.upgrade},
		{"RollBackAndUpgradeAgain", u.rollback},
		{"ChangeTheImageInBatches", u.changeImage},
		{"Uninstall", u.uninstall},
		{"Reinstall", u.reinstall},
		{"ReinstallElsewhere", u.elsewhere},
		{"RemoveEverything", u.removeEverything},
	} {
		begun := time.Now()
		if !t.Run(step.name, step.run) {
			t.Fatal("the next step needs this one")
		}
		t.Logf("%s took %s", step.name, time.Since(begun).Round(time.Second))
	}
}

func (u *installed) install(t *testing.T) {
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	u.valuesWith(t, "1")
	u.sh(t, `helm install connector-operator "$FIRST" --namespace lienthong-system --create-namespace --values values.yaml`,
		"FIRST="+filepath.Join(root, "test", "upgrade", first))
	anchor, err := u.Authority(t.Context(), authority)
	if err != nil {
		t.Fatal(err)
	}
	u.fleet = fleet.New(land, authority, anchor, fleet.Size{Agencies: 30, Sites: 10})
	u.fleet.Class = nil
	u.watch(t)
	u.start(t)
	for _, do := range []func(context.Context, client.Client) error{u.fleet.LendAddresses, u.fleet.CreatePlatform, u.fleet.CreateConnectors} {
		if err := do(t.Context(), u.Client); err != nil {
			t.Fatal(err)
		}
	}
	u.await(t, func(ctx context.Context) error { return u.lookout.Ready(ctx, u.fleet.Connectors()) })
	u.settle(t)
	u.before = u.snapshot(t)
}

// valuesWith writes the values with an image of that digest for the class.
func (u *installed) valuesWith(t *testing.T, digit string) {
	t.Helper()
	text := fmt.Sprintf(upgradeValues, strings.Repeat(digit, 64))
	if err := os.WriteFile(filepath.Join(u.dir, "values.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// settle waits until the operator has looked at everything and writes nothing.
func (u *installed) settle(t *testing.T) {
	t.Helper()
	if err := trial.Settle(t.Context(), u.operator, patience); err != nil {
		t.Fatal(err)
	}
}

// looks waits until an operator that was just started has looked at all Connectors, and has nothing more to do.
func (u *installed) looks(t *testing.T) {
	t.Helper()
	u.await(t, func(context.Context) error {
		done := u.operator.Looked(u.fleet.Size)
		if done != nil && strings.Contains(done.Error(), "controller connector ") {
			return done
		}
		return nil
	})
	u.settle(t)
}

// wroteNoChild checks that the operator has written to nothing of a Connector since it was started, other than to these resources.
func (u *installed) wroteNoChild(t *testing.T, but ...string) {
	t.Helper()
	list, err := u.operator.Calls()
	if err != nil {
		t.Fatal(err)
	}
	counts := calls.ByClass(calls.Writes(list))
	for class := range counts {
		for _, child := range []string{"deployments", "configmaps", "certificates", "services", "networkpolicies", "serviceaccounts", "poddisruptionbudgets"} {
			if strings.Contains(class, " "+child+".") || strings.HasSuffix(class, " "+child) {
				exempt := false
				for _, resource := range but {
					exempt = exempt || resource == child
				}
				if !exempt {
					t.Errorf("the operator wrote to what belongs to Connectors: %s, %d times", class, counts[class])
				}
			}
		}
	}
	t.Logf("what the operator wrote:\n%s", calls.Format(counts))
}

// changed is a copy of the chart with another version, and a definition with another column and another field.
func (u *installed) changed(t *testing.T) string {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	chart := filepath.Join(u.dir, "connector-operator")
	if err := os.CopyFS(chart, os.DirFS(filepath.Join(root, "charts", "connector-operator"))); err != nil {
		t.Fatal(err)
	}
	edit := func(file, was, is string) {
		path := filepath.Join(chart, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), was) {
			t.Fatalf("%s has no %q", file, was)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), was, is, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit("Chart.yaml", "\nversion: ", "\nversion: 0.2.0 # was ")
	definition := filepath.Join("crds", "lienthong.gov.vn_connectors.yaml")
	edit(definition, "  - additionalPrinterColumns:\n", "  - additionalPrinterColumns:\n    - jsonPath: .spec.room\n      name: Room\n      type: string\n")
	edit(definition, "            properties:\n              agencyRef:\n", "            properties:\n              room:\n                type: string\n              agencyRef:\n")
	return chart
}

func (u *installed) upgrade(t *testing.T) {
	u.chart = u.changed(t)
	for _, block := range commands(t, "upgrade.md", "Before an upgrade") {
		u.sh(t, block)
	}
	u.stop(t)
	for _, block := range commands(t, "upgrade.md", "Upgrade the operator") {
		u.sh(t, block, "CHART="+u.chart, "NAMESPACE="+namespace)
	}
	u.start(t)
	u.looks(t)
	u.untouched(t, "after the upgrade", u.before)
	u.wroteNoChild(t)
	if columns := u.sh(t, "kubectl get connectors --namespace land-00"); !strings.Contains(columns, "ROOM") {
		t.Errorf("the definition was not changed; the columns are %s", columns)
	}
	if stored := u.sh(t, "kubectl explain connector.spec.room"); !strings.Contains(stored, "room") {
		t.Errorf("the definition has no new field: %s", stored)
	}
}

// rolling is what a change of the class does to the fleet at one moment.
type rolling struct{ deployments, changed, turns int }

// watchRollout looks, until it is told to stop, at how many Deployments roll, and gives the most at once.
func (u *installed) watchRollout(t *testing.T, image string) (stop func() rolling) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan rolling, 1)
	go func() {
		var most rolling
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			now, err := u.rollsNow(ctx, image)
			if err == nil {
				most = rolling{max(most.deployments, now.deployments), now.changed, max(most.turns, now.turns)}
			}
			<-tick.C
		}
		result <- most
	}()
	return func() rolling {
		cancel()
		return <-result
	}
}

func (u *installed) rollsNow(ctx context.Context, image string) (rolling, error) {
	var now rolling
	var class v1alpha1.ConnectorClass
	var deployments appsv1.DeploymentList
	if err := errors.Join(
		u.lookout.Get(ctx, types.NamespacedName{Name: land}, &class), u.lookout.List(ctx, &deployments, client.UnsafeDisableDeepCopy),
	); err != nil {
		return now, err
	}
	if class.Status.Rollout != nil {
		now.turns = len(class.Status.Rollout.Batch)
	}
	for i := range deployments.Items {
		d := &deployments.Items[i]
		// An old pod that is yet to go when all the new ones are available disturbs nobody.
		if d.Status.ObservedGeneration != d.Generation || d.Status.UpdatedReplicas != *d.Spec.Replicas || d.Status.UnavailableReplicas > 0 {
			now.deployments++
		}
		if d.Spec.Template.Spec.Containers[0].Image == image {
			now.changed++
		}
	}
	return now, nil
}

func (u *installed) changeImage(t *testing.T) {
	u.valuesWith(t, "2")
	image := "gateway.example/gateway@sha256:" + strings.Repeat("2", 64)
	stop := u.watchRollout(t, image)
	begun := time.Now()
	u.sh(t, `helm upgrade connector-operator "$CHART" --namespace lienthong-system --values values.yaml`, "CHART="+u.chart)
	all := u.fleet.Connectors()
	u.await(t, func(ctx context.Context) error {
		now, err := u.rollsNow(ctx, image)
		if err != nil || now.changed != all || now.deployments > 0 || now.turns > 0 {
			return fmt.Errorf("of %d Deployments %d have the image, and %d roll: %w", all, now.changed, now.deployments, err)
		}
		return nil
	})
	most := stop()
	for _, block := range commands(t, "upgrade.md", "Change the image of the gateways") {
		told := u.sh(t, strings.ReplaceAll(block, "connectorclass gateway", "connectorclass "+land))
		if want := fmt.Sprintf("%s\nComplete: %d of %d\n", image, all, all); told != want {
			t.Errorf("the class tells %q, want %q", told, want)
		}
	}
	t.Logf("%d Connectors have another image after %s; at most %d had their turn and %d Deployments were rolling at once, of %d in a batch",
		all, time.Since(begun).Round(time.Second), most.turns, most.deployments, batch)
	if most.turns > batch || most.deployments > batch || most.deployments == 0 {
		t.Errorf("at most %d had their turn and %d Deployments were rolling at once, want at most %d", most.turns, most.deployments, batch)
	}
	u.settle(t)
	after := u.snapshot(t)
	if err := sameMaps("Secrets", u.before.Data, after.Data); err != nil {
		t.Error(err)
	}
	for name, was := range u.before.Workloads {
		if strings.HasPrefix(name, "Pod ") && after.Workloads[name] == was {
			t.Errorf("%s was not replaced", name)
		}
	}
	u.before = after
}

// rollback goes to the first chart again, and forth.
func (u *installed) rollback(t *testing.T) {
	u.stop(t)
	for _, block := range commands(t, "upgrade.md", "Rollback") {
		u.sh(t, block)
	}
	if version := u.deployment(t).Labels["helm.sh/chart"]; version != "connector-operator-0.1.0" {
		t.Errorf("after the way back, the chart is %s", version)
	}
	u.start(t)
	u.looks(t)
	u.untouched(t, "after the way back", u.before)
	u.wroteNoChild(t)
	u.stop(t)
	u.sh(t, `helm upgrade connector-operator "$CHART" --namespace lienthong-system --values values.yaml`, "CHART="+u.chart)
	u.start(t)
	u.looks(t)
	u.untouched(t, "after the second upgrade", u.before)
}

func (u *installed) uninstall(t *testing.T) {
	u.stop(t)
	for _, block := range commands(t, "upgrade.md", "Uninstall") {
		u.sh(t, block, "NAMESPACE="+namespace)
	}
	u.untouched(t, "after the removal", u.before)
	if left := u.sh(t, "helm list --all-namespaces --short"); left != "" {
		t.Errorf("Helm still knows of %s", left)
	}
}

func (u *installed) reinstall(t *testing.T) {
	for _, block := range commands(t, "upgrade.md", "Install it again") {
		u.sh(t, block, "CHART="+u.chart, "NAMESPACE="+namespace)
	}
	u.start(t)
	u.looks(t)
	u.untouched(t, "after another installation", u.before)
	u.wroteNoChild(t)
}

// elsewhere installs it under another name and into another namespace, where the gateways' policies let the operator in from.
func (u *installed) elsewhere(t *testing.T) {
	u.stop(t)
	u.sh(t, "helm uninstall connector-operator --namespace lienthong-system --wait")
	for _, block := range commands(t, "upgrade.md", "Another name or namespace") {
		u.sh(t, block, "CHART="+u.chart)
	}
	u.start(t)
	u.looks(t)
	u.untouched(t, "after an installation elsewhere", u.before)
	u.wroteNoChild(t, "networkpolicies")
}

// removeEverything ends the installation, which has another name here than in the documents.
func (u *installed) removeEverything(t *testing.T) {
	u.stop(t)
	for _, block := range commands(t, "upgrade.md", "Remove everything") {
		u.sh(t, strings.ReplaceAll(block, "helm uninstall connector-operator", "helm uninstall exchange"), "NAMESPACE=exchange-system")
	}
	if left := u.sh(t, "kubectl get customresourcedefinitions -o name"); strings.Contains(left, "lienthong") {
		t.Errorf("left are %s", left)
	}
	u.eventually(t, func(context.Context) error {
		left := u.sh(t, "kubectl get deployments,pods --all-namespaces --selector app.kubernetes.io/managed-by=lienthong-connector-operator -o name")
		if left != "" {
			return fmt.Errorf("left are %s", left)
		}
		return nil
	})
}
