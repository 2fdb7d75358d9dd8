package integration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/controllers/staging"
	"lienthong.gov.vn/connector-operator/controllers/tally"
)

// classSays waits until the status of the class, which must be legal and tell of the present spec, passes the check.
func (c *changing) classSays(t *testing.T, check func(*v1alpha1.RolloutProgress) error) {
	t.Helper()
	c.Eventually(t, func() error {
		if err := c.StatusIsLegal(t.Context(), c.class); err != nil {
			return err
		}
		told := c.class.Status.Rollout
		if c.class.Status.ObservedGeneration != c.class.Generation || told == nil || told.Revision != staging.ClassRevision(c.class.Spec) {
			return fmt.Errorf("the status tells of generation %d, want %d", c.class.Status.ObservedGeneration, c.class.Generation)
		}
		return check(told)
	})
}

// images counts the Deployments by the image that they ask for.
func (c *changing) images(ctx context.Context) (map[string][]string, error) {
	var list appsv1.DeploymentList
	if err := c.Client.List(ctx, &list, client.InNamespace(c.namespace)); err != nil {
		return nil, err
	}
	images := map[string][]string{}
	for i := range list.Items {
		d := &list.Items[i]
		image := d.Spec.Template.Spec.Containers[0].Image
		images[image] = append(images[image], d.Labels[desired.LabelConnector])
	}
	return images, nil
}

// underClass are the Connectors that a revision of the class does not rule yet, or that do not work with all their pods.
func (c *changing) underClass(ctx context.Context, revision string) (unsettled []string, err error) {
	var list v1alpha1.ConnectorList
	if err := c.Client.List(ctx, &list, client.InNamespace(c.namespace)); err != nil {
		return nil, err
	}
	for i := range list.Items {
		n := &list.Items[i]
		pods := n.Status.ObservedPods
		if n.Status.ClassRevision != revision || !tally.IsReady(n) || pods == nil || *pods.Current != *pods.Total {
			unsettled = append(unsettled, n.Name)
		}
	}
	return unsettled, nil
}

// watchClass looks, until it is told to stop, at who has the image already and is not settled yet, and gives the most at once. What is made
// anew, as fresh is, disturbs nobody.
func (c *changing) watchClass(t *testing.T, image, revision string) (stop func() []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan []string, 1)
	go func() {
		var most []string
		for ctx.Err() == nil {
			images, err := c.images(ctx)
			unsettled, errUnsettled := c.underClass(ctx, revision)
			if err != nil || errUnsettled != nil {
				continue
			}
			disturbed := slices.DeleteFunc(images[image], func(name string) bool {
				return name == "fresh" || !slices.Contains(unsettled, name)
			})
			if len(disturbed) > len(most) {
				most = disturbed
			}
		}
		result <- most
	}()
	return func() []string {
		cancel()
		return <-result
	}
}

// TestClassChangeRollsOutInBatches restarts the operator in the middle of it.
func TestClassChangeRollsOutInBatches(t *testing.T) {
	c := newChanging(t, func(*v1alpha1.Connector) {})
	first := c.class.DeepCopy()
	c.change(t, c.class, func() {
		c.class.Spec.Rollout = v1alpha1.RolloutPolicy{BatchSize: batch, MaxFailures: 1, Timeout: metav1.Duration{Duration: 10 * time.Second}}
	})
	all := int32(len(c.names))
	c.classSays(t, func(s *v1alpha1.RolloutProgress) error {
		if s.Phase != v1alpha1.RolloutComplete || *s.Updated != all || s.Revision != staging.ClassRevision(first.Spec) {
			return fmt.Errorf("the roll-out is %+v, want it complete: that its budget changed is no change", s)
		}
		return nil
	})

	other := strings.ReplaceAll(c.class.Spec.Image, strings.Repeat("0", 64), strings.Repeat("1", 64))
	c.change(t, c.class, func() { c.class.Spec.Image = other })
	most := c.watchClass(t, other, staging.ClassRevision(c.class.Spec))
	c.classSays(t, func(s *v1alpha1.RolloutProgress) error {
		if s.Phase != v1alpha1.RolloutUnderWay || *s.Updated < batch {
			return fmt.Errorf("the roll-out is %+v, want %d updated", s, batch)
		}
		return nil
	})
	shared.operator.stop(t)
	images, err := c.images(t.Context())
	if err != nil || len(images[first.Spec.Image]) == 0 {
		t.Fatalf("the operator was not stopped in the middle: %v, %v", images, err)
	}
	shared.operator.again(t, clock.RealClock{})
	fresh := c.connector.DeepCopy()
	fresh.Name = "fresh"
	c.Create(t, fresh)
	c.classComplete(t, all+1)
	if disturbed := most(); len(disturbed) > batch || len(disturbed) == 0 {
		t.Errorf("these were disturbed at once, want at most %d: %v", batch, disturbed)
	}
	if images, err = c.images(t.Context()); err != nil || len(images[other]) != len(c.names)+1 {
		t.Errorf("in the end the images are %v (%v)", images, err)
	}
	c.onlyNewestStored(t)
}

// TestClassChangeStopsAtFailures has gateways that go on with what they had.
func TestClassChangeStopsAtFailures(t *testing.T) {
	c := newChanging(t, func(*v1alpha1.Connector) {})
	all := int32(len(c.names))
	c.change(t, c.class, func() {
		c.class.Spec.Rollout = v1alpha1.RolloutPolicy{BatchSize: batch, MaxFailures: 1, Timeout: metav1.Duration{Duration: 10 * time.Second}}
	})
	c.classComplete(t, all)
	gateways := shared.gateways.of(c.namespace)
	gateways.follow(never)
	c.change(t, c.class, func() { c.class.Spec.Limits.MaxConcurrentRequests = 7 })
	message := c.expect(t, c.class, v1alpha1.ConditionRolledOut, metav1.ConditionFalse, v1alpha1.ReasonRolloutPaused)
	for _, part := range []string{"did not get through", "9 Connectors wait", "change the class again"} {
		if !strings.Contains(message, part) {
			t.Errorf("the condition says %q, want it to say %q", message, part)
		}
	}
	c.expect(t, c.class, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonRolloutPaused)
	gateways.follow(atOnce)
	c.classComplete(t, all)
}

func (c *changing) classComplete(t *testing.T, connectors int32) {
	t.Helper()
	c.classSays(t, func(s *v1alpha1.RolloutProgress) error {
		if s.Phase != v1alpha1.RolloutComplete || *s.Updated != connectors {
			return fmt.Errorf("the roll-out is %s with %d updated, want it complete with %d", s.Phase, *s.Updated, connectors)
		}
		return nil
	})
}

func (c *changing) onlyNewestStored(t *testing.T) {
	t.Helper()
	c.Eventually(t, func() error {
		var stored appsv1.ControllerRevisionList
		if err := c.Client.List(t.Context(), &stored, client.InNamespace(controllers.DefaultNamespace),
			client.MatchingLabels{staging.LabelClass: staging.LabelValue(c.class.Name)}); err != nil {
			return err
		}
		if len(stored.Items) != 1 || staging.RevisionOf(&stored.Items[0]) != staging.ClassRevision(c.class.Spec) {
			return fmt.Errorf("%d revisions are stored, want the newest alone", len(stored.Items))
		}
		return nil
	})
}
