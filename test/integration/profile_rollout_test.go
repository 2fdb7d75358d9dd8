package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	appsv1 "k8s.io/api/apps/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// batch is how many Connectors may take up a change at once.
const batch = 3

// changing is a world of twelve simulated Connectors under one profile.
type changing struct {
	*world
	names []string
}

// newChanging brings up the Connectors. Of the first few, edit may ask for something of their own.
func newChanging(t *testing.T, edit func(*v1alpha1.Connector)) *changing {
	t.Helper()
	c := &changing{world: newWorld(t)}
	c.simulate(atOnce)
	c.profile.Spec.Rollout = v1alpha1.RolloutPolicy{BatchSize: batch, MaxFailures: 1, Timeout: metav1.Duration{Duration: 10 * time.Second}}
	c.platform(t)
	for i := range 12 {
		connector := c.connector.DeepCopy()
		connector.Name = string(rune('a' + i))
		edit(connector)
		c.names = append(c.names, connector.Name)
		c.Create(t, connector)
	}
	c.rolledOut(t)
	return c
}

// rolledOut waits until every Connector has the newest revision and works with all its pods.
func (c *changing) rolledOut(t *testing.T) {
	t.Helper()
	c.profileSays(t, func(s *v1alpha1.RolloutProgress) error {
		unsettled, err := c.unsettled(t.Context(), s.Revision)
		if err != nil {
			return err
		}
		if s.Phase != v1alpha1.RolloutComplete || *s.Updated != int32(len(c.names)) || *s.Waiting != 0 || len(unsettled) > 0 {
			return fmt.Errorf("the roll-out is %s with %d updated and %d waiting, and unsettled are %v", s.Phase, *s.Updated, *s.Waiting, unsettled)
		}
		return nil
	})
}

// profileSays waits until the status of the profile, which must be legal and tell of the present spec, passes the check.
func (c *changing) profileSays(t *testing.T, check func(*v1alpha1.RolloutProgress) error) {
	t.Helper()
	c.Eventually(t, func() error {
		if err := c.StatusIsLegal(t.Context(), c.profile); err != nil {
			return err
		}
		told := c.profile.Status.Rollout
		if c.profile.Status.ObservedGeneration != c.profile.Generation || told == nil || told.Revision != staging.Revision(c.profile.Spec) {
			return fmt.Errorf("the status tells of generation %d, want %d", c.profile.Status.ObservedGeneration, c.profile.Generation)
		}
		return check(told)
	})
}

// unsettled are the Connectors that have not the revision, or do not work with all their pods, with how they are.
func (c *changing) unsettled(ctx context.Context, revision string) (map[string]string, error) {
	var list v1alpha1.ConnectorList
	if err := c.Client.List(ctx, &list, client.InNamespace(c.namespace)); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for i := range list.Items {
		n := &list.Items[i]
		pods := n.Status.ObservedPods
		if n.Status.ProfileRevision != revision || !tally.IsReady(n) || pods == nil || *pods.Current != *pods.Total {
			ready := meta.FindStatusCondition(n.Status.Conditions, v1alpha1.ConditionReady)
			names[n.Name] = fmt.Sprintf("%s has %s, Ready %+v, pods %+v", n.Name, n.Status.ProfileRevision, ready, pods)
		}
	}
	return names, nil
}

// watchOver looks, until it is told to stop, at who was moved already and is not settled yet, and at the batch. It gives the most of either.
// Whoever is found by both of two looks was so in between, together with the others.
func (c *changing) watchOver(t *testing.T, revision string, moved func(context.Context) ([]string, error)) (stop func() (disturbed []string, turns int)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	type most struct {
		disturbed []string
		turns     int
	}
	result := make(chan most, 1)
	go func() {
		var m most
		for ctx.Err() == nil {
			names, err := moved(ctx)
			unsettled, errUnsettled := c.unsettled(ctx, revision)
			var profile v1alpha1.SecurityProfile
			errProfile := c.Client.Get(ctx, client.ObjectKeyFromObject(c.profile), &profile)
			if err != nil || errUnsettled != nil || errProfile != nil {
				continue
			}
			var disturbed []string
			for _, name := range names {
				if how := unsettled[name]; how != "" {
					disturbed = append(disturbed, how)
				}
			}
			if len(disturbed) > len(m.disturbed) {
				m.disturbed = disturbed
			}
			if told := profile.Status.Rollout; told != nil {
				m.turns = max(m.turns, len(told.Batch))
			}
		}
		result <- m
	}()
	return func() ([]string, int) {
		cancel()
		m := <-result
		return m.disturbed, m.turns
	}
}

// living are the Connectors of whose Certificate this life is asked.
func (c *changing) living(life time.Duration) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		var list cmapi.CertificateList
		if err := c.Client.List(ctx, &list, client.InNamespace(c.namespace)); err != nil {
			return nil, err
		}
		var names []string
		for i := range list.Items {
			if d := list.Items[i].Spec.Duration; d != nil && d.Duration == life {
				names = append(names, list.Items[i].Labels[desired.LabelConnector])
			}
		}
		return names, nil
	}
}

// withPods are the Connectors that ask for so many pods.
func (c *changing) withPods(replicas int32) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		var list appsv1.DeploymentList
		if err := c.Client.List(ctx, &list, client.InNamespace(c.namespace)); err != nil {
			return nil, err
		}
		var names []string
		for i := range list.Items {
			if *list.Items[i].Spec.Replicas == replicas {
				names = append(names, list.Items[i].Labels[desired.LabelConnector])
			}
		}
		return names, nil
	}
}

// stored are the revisions of the profile that the operator keeps.
func (c *changing) stored(t *testing.T) []string {
	t.Helper()
	var list appsv1.ControllerRevisionList
	if err := c.Client.List(t.Context(), &list, client.InNamespace(controllers.DefaultNamespace),
		client.MatchingLabels{staging.LabelProfile: staging.LabelValue(c.profile.Name)}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range list.Items {
		names = append(names, strings.TrimPrefix(list.Items[i].Name, c.profile.Name+"-"))
	}
	return names
}

// profileEvents waits until the reasons of the Events about the profile are these, each told as often as it stands there.
func (c *changing) profileEvents(t *testing.T, want ...string) {
	t.Helper()
	c.Eventually(t, func() error {
		// Events about what has no namespace are written into that of the same name.
		var list eventsv1.EventList
		if err := c.Client.List(t.Context(), &list, client.InNamespace(metav1.NamespaceDefault)); err != nil {
			return err
		}
		told, wanted := map[string]int32{}, map[string]int32{}
		for i := range list.Items {
			if e := &list.Items[i]; e.Regarding.UID == c.profile.UID {
				told[e.Reason]++
				if e.Series != nil {
					told[e.Reason] += e.Series.Count - 1
				}
			}
		}
		for _, reason := range want {
			wanted[reason]++
		}
		if fmt.Sprint(told) != fmt.Sprint(wanted) {
			return fmt.Errorf("the Events about the profile are %v, want %v", told, wanted)
		}
		return nil
	})
}

// TestProfileChangeRollsOutInBatches restarts the operator in the middle of it.
func TestProfileChangeRollsOutInBatches(t *testing.T) {
	c := newChanging(t, func(*v1alpha1.Connector) {})
	first := c.profile.Status.Rollout.Revision
	if got := c.stored(t); len(got) != 1 || got[0] != first {
		t.Errorf("stored are %v, want %s", got, first)
	}

	c.change(t, c.profile, func() { c.profile.Spec.Certificate.Duration.Duration = 20 * time.Hour })
	second := staging.Revision(c.profile.Spec)
	most := c.watchOver(t, second, c.living(20*time.Hour))
	c.profileSays(t, func(s *v1alpha1.RolloutProgress) error {
		if s.Phase != v1alpha1.RolloutUnderWay || *s.Updated < batch {
			return fmt.Errorf("the roll-out is %+v, want %d updated", s, batch)
		}
		return nil
	})
	shared.operator.stop(t)
	if rest, err := c.unsettled(t.Context(), second); err != nil || len(rest) == 0 {
		t.Fatalf("the operator was not stopped in the middle: %v, %v", rest, err)
	}
	if got := c.stored(t); len(got) != 2 {
		t.Errorf("in the middle, stored are %v, want %s and %s", got, first, second)
	}
	shared.operator.again(t, clock.RealClock{})
	c.rolledOut(t)
	if disturbed, turns := most(); len(disturbed) > batch || turns > batch || turns == 0 {
		t.Errorf("up to %d Connectors had their turn, and these were disturbed at once, want at most %d:\n%s", turns, batch, strings.Join(disturbed, "\n"))
	}
	c.Eventually(t, func() error {
		if got := c.stored(t); len(got) != 1 || got[0] != second {
			return fmt.Errorf("stored are %v, want %s only", got, second)
		}
		return nil
	})
	c.profileEvents(t, "RolloutBegun", "RolloutComplete")

	// Nothing is to be done: nothing is written.
	if err := c.get(t.Context(), c.profile); err != nil {
		t.Fatal(err)
	}
	version := c.profile.ResourceVersion
	c.seenByProfile(t)
	if err := c.get(t.Context(), c.profile); err != nil {
		t.Fatal(err)
	}
	if c.profile.ResourceVersion != version {
		t.Errorf("the profile was written without need: %+v", c.profile.Status)
	}
}

// seenByProfile waits until the controller of profiles has run: what is deleted of its own is made again.
func (c *changing) seenByProfile(t *testing.T) {
	t.Helper()
	name := staging.Name(c.profile.Name, c.profile.Status.Rollout.Revision)
	stored := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: controllers.DefaultNamespace, Name: name}}
	if err := c.Client.Delete(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	c.Eventually(t, func() error { return c.get(t.Context(), stored) })
}

// TestProfileChangeStopsAtFailures has gateways that go on with what they had.
func TestProfileChangeStopsAtFailures(t *testing.T) {
	c := newChanging(t, func(*v1alpha1.Connector) {})
	gateways := shared.gateways.of(c.namespace)
	gateways.follow(never)
	c.change(t, c.profile, func() { c.profile.Spec.Logging.Fields = []v1alpha1.LogField{"Peer", "Status"} })
	second := staging.Revision(c.profile.Spec)
	most := c.watchOver(t, second, c.having(second))

	message := c.expect(t, c.profile, v1alpha1.ConditionRolledOut, metav1.ConditionFalse, v1alpha1.ReasonRolloutPaused)
	for _, part := range []string{"did not get through", "9 Connectors wait", c.namespace + "/a: "} {
		if !strings.Contains(message, part) {
			t.Errorf("the condition says %q, want it to say %q", message, part)
		}
	}
	c.expect(t, c.profile, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonRolloutPaused)
	if moved, err := c.having(second)(t.Context()); err != nil || len(moved) != batch {
		t.Errorf("changed are %v (%v), want %d", moved, err, batch)
	}
	gateways.follow(atOnce)
	c.rolledOut(t)
	if disturbed, turns := most(); len(disturbed) > batch || turns != batch {
		t.Errorf("up to %d Connectors had their turn, want %d, and these were disturbed at once:\n%s", turns, batch, strings.Join(disturbed, "\n"))
	}
	c.profileEvents(t, "RolloutBegun", "RolloutPaused", "RolloutResumed", "RolloutComplete")
}

// having are the Connectors that were made by a revision.
func (c *changing) having(revision string) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		var list v1alpha1.ConnectorList
		if err := c.Client.List(ctx, &list, client.InNamespace(c.namespace)); err != nil {
			return nil, err
		}
		var names []string
		for i := range list.Items {
			if list.Items[i].Status.ProfileRevision == revision {
				names = append(names, list.Items[i].Name)
			}
		}
		return names, nil
	}
}

// TestRefusedHoldUpNobody has the first three Connectors ask for fewer pods than the changed profile.
func TestRefusedHoldUpNobody(t *testing.T) {
	c := newChanging(t, func(connector *v1alpha1.Connector) {
		if connector.Name < "d" {
			connector.Spec.Replicas = new(int32(1))
		}
	})
	c.change(t, c.profile, func() { c.profile.Spec.Workload.MinReplicas = 2 })
	second := staging.Revision(c.profile.Spec)
	c.profileSays(t, func(s *v1alpha1.RolloutProgress) error {
		moved, err := c.having(second)(t.Context())
		if err == nil && (s.Phase != v1alpha1.RolloutComplete || len(s.Failed) > 0 || len(moved) != len(c.names)) {
			err = fmt.Errorf("the roll-out is %+v, and changed are %v", s, moved)
		}
		return err
	})
}

// TestAnotherRegimeReachesConnectorsInBatches has the hub change to another regime, whose profile asks for other certificates.
func TestAnotherRegimeReachesConnectorsInBatches(t *testing.T) {
	c := newChanging(t, func(*v1alpha1.Connector) {})
	other := &v1alpha1.SecurityProfile{ObjectMeta: metav1.ObjectMeta{Name: c.profile.Name + "-next"}, Spec: *c.profile.Spec.DeepCopy()}
	other.Spec.Regime, other.Spec.Workload.MinReplicas = c.profile.Spec.Regime+"-next", 2
	c.Create(t, other)
	c.profile = other
	second := staging.Revision(other.Spec)
	most := c.watchOver(t, second, c.withPods(2))
	c.change(t, c.hub, func() { c.hub.Spec.Regime = other.Spec.Regime })
	c.rolledOut(t)
	if disturbed, turns := most(); len(disturbed) > batch || turns != batch {
		t.Errorf("up to %d Connectors had their turn, want %d, and these were disturbed at once:\n%s", turns, batch, strings.Join(disturbed, "\n"))
	}
}

// TestForeignRevisionIsLeftAlone has something else where the next revision is to be stored.
func TestForeignRevisionIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.Create(t, w.profile)
	w.expect(t, w.profile, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	next := w.profile.DeepCopy()
	next.Spec.Workload.MinReplicas = 2
	foreign, err := staging.ProfileObject(next, controllers.DefaultNamespace)
	if err != nil {
		t.Fatal(err)
	}
	foreign.Labels, foreign.OwnerReferences = nil, nil
	w.Create(t, foreign)
	w.change(t, w.profile, func() { w.profile.Spec.Workload.MinReplicas = 2 })
	message := w.expect(t, w.profile, v1alpha1.ConditionRolledOut, metav1.ConditionFalse, v1alpha1.ReasonForeignObject)
	if !strings.Contains(message, foreign.Name) || !strings.Contains(message, "somebody else") {
		t.Errorf("the condition says %q, and not what is in the way", message)
	}
	w.expect(t, w.profile, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonForeignObject)
	if err := w.get(t.Context(), foreign); err != nil || len(foreign.OwnerReferences) > 0 {
		t.Errorf("the foreign object was written: %+v, %v", foreign.OwnerReferences, err)
	}

	w.remove(t, foreign)
	w.expect(t, w.profile, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	w.Eventually(t, func() error {
		if err := w.get(t.Context(), foreign); err != nil {
			return err
		}
		if !staging.Profiles().Ours(foreign) {
			return fmt.Errorf("what is stored has the labels %+v", foreign.Labels)
		}
		return nil
	})
}

// TestOperatorWritesRevisionsInItsNamespaceOnly asks for what the revisions of other workloads are.
func TestOperatorWritesRevisionsInItsNamespaceOnly(t *testing.T) {
	w := newWorld(t)
	operator, err := client.New(w.OperatorConfig(), client.Options{Scheme: w.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	if err := operator.List(t.Context(), &appsv1.ControllerRevisionList{}, client.InNamespace(w.namespace)); !apierrors.IsForbidden(err) {
		t.Errorf("listing ControllerRevisions of a tenant gives %v, want a refusal", err)
	}
	if err := operator.List(t.Context(), &appsv1.ControllerRevisionList{}, client.InNamespace(controllers.DefaultNamespace)); err != nil {
		t.Error(err)
	}
}
