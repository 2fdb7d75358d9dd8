//go:build upgrade

package upgrade

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// values is what the chart is installed with, as the documents call the file.
const values = `image:
  registry: registry.example
  digest: sha256:0000000000000000000000000000000000000000000000000000000000000001
crds:
  upgrade: false
`

// TestBackup restores one cluster into another that is new: first before there is an operator, as the documents say, and then once more into a
// third, where one runs already.
func TestBackup(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "values.yaml"), []byte(values), 0o600); err != nil {
		t.Fatal(err)
	}
	var b backup
	if !t.Run("BackUp", func(t *testing.T) { b = backUp(t, dir) }) {
		t.Fatal("there is nothing to restore")
	}
	t.Run("RestoreBeforeTheOperator", func(t *testing.T) { restoreBefore(t, dir, b) })
	t.Run("RestoreBesideTheOperator", func(t *testing.T) { restoreBeside(t, dir, b) })
}

// backup is what there was when the backup was made.
type backup struct {
	past    past
	leaves  map[types.NamespacedName]leaf
	pending map[string][]int64
	// authority is the Secret with the key of the hub's authority.
	authority *corev1.Secret
}

func backUp(t *testing.T, dir string) backup {
	w := newWorld(t, "backup", dir)
	w.makeNamespace(t)
	anchor, err := w.Authority(t.Context(), authority)
	if err != nil {
		t.Fatal(err)
	}
	w.sh(t, `helm install connector-operator "$CHART" --namespace lienthong-system --values values.yaml`)
	w.watch(t)
	w.start(t)
	c := newCountry(t, w, anchor)
	w.stop(t)
	// A change that nobody has taken up yet.
	profile := c.fleet.Profile
	if err := c.Client.Get(t.Context(), client.ObjectKeyFromObject(profile), profile); err != nil {
		t.Fatal(err)
	}
	c.change(t, profile, func() { profile.Spec.Workload.MinReplicas = 3 })
	// A reader has one shell for all of them.
	t.Log(c.sh(t, strings.Join(commands(t, "backup.md", "Back up with kubectl"), "\n")))
	secret := &corev1.Secret{}
	if err := c.Client.Get(t.Context(), client.ObjectKey{Namespace: "cert-manager", Name: authority}, secret); err != nil {
		t.Fatal(err)
	}
	return backup{past: c.past(t), leaves: c.leaves(t), pending: c.pending(t), authority: secret}
}

// fresh is a new cluster that has the authority of the one before.
func fresh(t *testing.T, name, dir string, authorityOf *corev1.Secret) *country {
	t.Helper()
	w := newWorld(t, name, dir)
	c := &country{world: w, fleet: fleet.New("land", authority, "", fleet.Size{Agencies: 4, Sites: 2})}
	c.create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: authorityOf.Namespace, Name: authorityOf.Name}, Type: authorityOf.Type, Data: maps.Clone(authorityOf.Data),
	})
	c.create(t, &cmapi.ClusterIssuer{
		ObjectMeta: metav1.ObjectMeta{Name: authority},
		Spec:       cmapi.IssuerSpec{IssuerConfig: cmapi.IssuerConfig{CA: &cmapi.CAIssuer{SecretName: authority}}},
	})
	if err := c.fleet.LendAddresses(t.Context(), c.Client); err != nil {
		t.Fatal(err)
	}
	return c
}

func restoreBefore(t *testing.T, dir string, b backup) {
	c := fresh(t, "restored", dir, b.authority)
	blocks := commands(t, "backup.md", "Restore with kubectl")
	c.sh(t, blocks[0])
	if printed := c.sh(t, blocks[1]); !strings.Contains(printed, "the chain is intact") || strings.Contains(printed, "\n<") {
		t.Errorf("what was restored differs from the backup:\n%s", printed)
	}
	// One identity was not in the backup.
	lost := c.fleet.Connector(1)
	if err := c.Client.Delete(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: lost.Namespace, Name: desired.SecretName(lost.Name)},
	}); err != nil {
		t.Fatal(err)
	}
	c.sh(t, blocks[2], "NAMESPACE="+namespace)
	c.watch(t)
	c.start(t)
	c.settles(t)
	if diff := cmp.Diff(b.past, c.past(t)); diff != "" {
		t.Errorf("the past is another one (-before +after):\n%s", diff)
	}
	c.identities(t, b.leaves, client.ObjectKeyFromObject(lost))
	for queue, now := range c.pending(t) {
		for _, sequence := range b.pending[queue] {
			if !slices.Contains(now, sequence) {
				t.Errorf("notice %d of %s is pending no more: %v", sequence, queue, now)
			}
		}
	}
	c.report(t)
	if after := c.past(t); len(after.Chain) != 3 || after.Chain[1] != b.past.Chain[1] {
		t.Errorf("after another report, the chain is %v; it was %v", after.Chain, b.past.Chain)
	}
}

// identities checks that the one that was lost was issued, and that of the others none was: neither by cert-manager, nor by the hub, which has
// leaves replaced whose authority it does not know.
func (c *country) identities(t *testing.T, before map[types.NamespacedName]leaf, lost types.NamespacedName) {
	t.Helper()
	c.hubLooks(t)
	now := c.leaves(t)
	if now[lost] == before[lost] {
		t.Errorf("the certificate of Connector %s is the one from before, which was not restored", lost)
	}
	delete(now, lost)
	if len(now) != len(before)-1 {
		t.Errorf("there are identities of %d Connectors, want %d", len(now), len(before)-1)
	}
	for key, is := range now {
		if diff := cmp.Diff(before[key], is); diff != "" {
			t.Errorf("the identity of Connector %s, which was restored, is another one (-before +after):\n%s\n%s", key, diff,
				c.sh(t, "kubectl get certificates,certificaterequests,events --namespace "+key.Namespace))
		}
	}
}

// hubLooks has the hub look at all Connectors as they are now, and waits until it has nobody left to move.
func (c *country) hubLooks(t *testing.T) {
	t.Helper()
	hub := &v1alpha1.ExchangeHub{}
	key := client.ObjectKey{Name: c.fleet.Hub.Name}
	if err := c.Client.Get(t.Context(), key, hub); err != nil {
		t.Fatal(err)
	}
	c.change(t, hub, func() { hub.Spec.Rollover.Timeout.Duration += time.Second })
	c.eventually(t, func(ctx context.Context) error {
		if err := c.Client.Get(ctx, key, hub); err != nil {
			return err
		}
		told, want := hub.Status.Rollover, c.fleet.Connectors()-c.fleet.Sites
		if hub.Status.ObservedGeneration != hub.Generation || told == nil || told.Phase != v1alpha1.RolloverComplete || int(*told.Trusting) < want {
			return fmt.Errorf("the rollover of the hub is %+v, want %d Connectors that trust, and nobody to be moved", told, want)
		}
		return nil
	})
}

// settles waits until everything was looked at, and the change that was under way is through.
func (c *country) settles(t *testing.T) {
	t.Helper()
	c.await(t, func(ctx context.Context) error {
		var list v1alpha1.ConnectorList
		if err := c.lookout.List(ctx, &list); err != nil {
			return err
		}
		ready := 0
		for i := range list.Items {
			if pods := list.Items[i].Status.ObservedPods; meta.IsStatusConditionTrue(list.Items[i].Status.Conditions, v1alpha1.ConditionReady) &&
				pods != nil && *pods.Total == 3 && *pods.Current == 3 {
				ready++
			}
		}
		if want := c.fleet.Connectors() - c.fleet.Sites; ready != want {
			return fmt.Errorf("%d of %d Connectors are ready with what changed", ready, want)
		}
		return nil
	})
	c.eventually(t, func(ctx context.Context) error {
		profile, plan := &v1alpha1.SecurityProfile{}, &v1alpha1.RolloutPlan{}
		for object, name := range map[client.Object]string{profile: c.fleet.Profile.Name, plan: c.fleet.Plan.Name} {
			if err := c.Client.Get(ctx, client.ObjectKey{Name: name}, object); err != nil {
				return err
			}
		}
		// Those of the agency without a namespace are refused, and wait.
		told, moved := profile.Status.Rollout, c.fleet.Connectors()-c.fleet.Sites
		if told == nil || len(told.Batch) > 0 || int(*told.Updated) != moved || profile.Status.ObservedGeneration != profile.Generation {
			return fmt.Errorf("the change of the profile is %+v", told)
		}
		if plan.Status.ObservedGeneration != plan.Generation {
			return fmt.Errorf("the plan was not looked at: %+v", plan.Status)
		}
		return nil
	})
}

func restoreBeside(t *testing.T, dir string, b backup) {
	c := fresh(t, "beside", dir, b.authority)
	c.makeNamespace(t)
	c.sh(t, `helm install connector-operator "$CHART" --namespace lienthong-system --values values.yaml`)
	c.watch(t)
	c.start(t)
	c.sh(t, commands(t, "backup.md", "Restore with kubectl")[0])
	c.settles(t)
	c.stop(t)
	c.start(t)
	c.hasPast(t, b.past)

	for _, block := range commands(t, "backup.md", "Who may restore") {
		c.sh(t, block)
	}
	c.judgeWithoutRecords(t, b.past)
	if out, err := c.try(t, restoring(t)+"restore lienthong-connector-operator backup/records.yaml", "NAMESPACE="+namespace); err == nil ||
		!strings.Contains(err.Error(), "A record of a met milestone is never changed.") {
		t.Errorf("records that tell of other dates are restored over: %v\n%s", err, out)
	}
	c.stop(t)
	c.sh(t, restoring(t)+commands(t, "backup.md", "If the operator runs already")[0], "NAMESPACE="+namespace)
	c.start(t)
	c.hasPast(t, b.past)
}

// restoring is what the documents define for those who restore.
func restoring(t *testing.T) string {
	t.Helper()
	block := commands(t, "backup.md", "Restore with kubectl")[0]
	begin, end := strings.Index(block, "restore() {"), strings.Index(block, "\n}\n")
	if begin < 0 || end < begin {
		t.Fatal("docs/backup.md defines no function restore")
	}
	return block[begin : end+len("\n}\n")]
}

// hasPast waits until the past is that.
func (c *country) hasPast(t *testing.T, want past) {
	t.Helper()
	c.eventually(t, func(context.Context) error {
		if diff := cmp.Diff(want, c.past(t)); diff != "" {
			return fmt.Errorf("the past is another one (-before +after):\n%s", diff)
		}
		return nil
	})
}

// judgeWithoutRecords lets the operator judge agencies of which neither a record nor a status tells what they met, as after a restore in the
// wrong order.
func (c *country) judgeWithoutRecords(t *testing.T, before past) {
	t.Helper()
	c.stop(t)
	c.sh(t, `kubectl delete milestonerecords --all
kubectl get agencies -o name | xargs -I{} kubectl patch {} --subresource=status --type=merge -p '{"status":{"milestones":null}}'`)
	c.start(t)
	agency := c.fleet.Members[0].Name
	if at := c.met(t, agency, "ready"); text(&at) == before.MetAt[agency+"/ready"] {
		t.Errorf("Agency %s met its milestone at %s, as before; there is nothing to repair", agency, at)
	}
	c.stop(t)
}
