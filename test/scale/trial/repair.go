package trial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// Storm changes the whole fleet, again and again.
type Storm struct {
	Name string
	// change makes the change of that round, and pending counts the Connectors that it has not reached.
	change  func(ctx context.Context, round int) error
	pending func(ctx context.Context, round int) (int, error)
}

// EditConnectors is a storm in which somebody edits the spec of each Connector, fleet.Concurrency of them at once.
func EditConnectors(c client.Client, l *fleet.Lookout, f *fleet.Fleet) Storm {
	url := func(namespace string, round int) string {
		return fmt.Sprintf("http://qlvb.%s.svc:8080/%d", namespace, round)
	}
	return Storm{
		Name: "each Connector edited",
		change: func(ctx context.Context, round int) error {
			return f.Each(ctx, func(ctx context.Context, connector *v1alpha1.Connector) error {
				patch := fmt.Sprintf(`{"spec":{"backend":{"url":%q}}}`, url(connector.Namespace, round))
				if err := c.Patch(ctx, connector, client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
					return fmt.Errorf("editing Connector %s: %w", client.ObjectKeyFromObject(connector), err)
				}
				return nil
			})
		},
		pending: func(ctx context.Context, round int) (int, error) {
			return l.Without(ctx, func(configMap *corev1.ConfigMap) string { return url(configMap.Namespace, round) + "\n" })
		},
	}
}

// EditHub is a storm in which somebody edits the hub, which changes the configuration of every Connector.
func EditHub(c client.Client, l *fleet.Lookout, f *fleet.Fleet) Storm {
	path := func(round int) string { return fmt.Sprintf("https://hub.example.vn:443/%d", round) }
	return Storm{
		Name: "hub edited",
		change: func(ctx context.Context, round int) error {
			edited := f.Hub.DeepCopy()
			edited.Spec.Endpoints[0].URL = path(round)
			if err := c.Patch(ctx, edited, client.MergeFrom(f.Hub)); err != nil {
				return fmt.Errorf("editing ExchangeHub %s: %w", f.Hub.Name, err)
			}
			f.Hub = edited
			return nil
		},
		pending: func(ctx context.Context, round int) (int, error) {
			return l.Without(ctx, func(*corev1.ConfigMap) string { return path(round) + "\n" })
		},
	}
}

// Repair is one child that was deleted.
type Repair struct {
	Kind string
	// Took is the time from before the call that deleted it until the Lookout saw another in its place.
	Took time.Duration
	// Asked is the part of Took until the operator sent the call that created it, and Answered until that was answered; the
	// rest is the API server's and the Lookout's.
	Asked, Answered time.Duration
	// Pending is how many Connectors the change of the whole fleet had still not reached then.
	Pending int

	begin     time.Time
	connector types.NamespacedName
}

// Repairs deletes children, one after the other and of each kind, while the storm goes on.
func Repairs(ctx context.Context, o Operator, c client.Client, l *fleet.Lookout, f *fleet.Fleet, storm Storm, count int) ([]Repair, error) {
	var repairs []Repair
	// Without a context of its own: Wait is called once a round, and must not end what follows.
	var changing errgroup.Group
	round, kinds := 0, fleet.ChildKinds()
	for i := range count {
		left, err := storm.left(ctx, round)
		if err != nil {
			return nil, err
		}
		// Well before the last Connector is reached, so that the change is under way all the time.
		if left < f.Connectors()/2 {
			if err := changing.Wait(); err != nil {
				return nil, err
			}
			round++
			next := round
			changing.Go(func() error { return storm.change(ctx, next) })
		}
		kind, connector := kinds[i%len(kinds)], f.Connector(i*37%f.Connectors())
		begin := time.Now()
		took, err := repair(ctx, c, l, kind, client.ObjectKeyFromObject(connector))
		if err != nil {
			return nil, errors.Join(err, changing.Wait())
		}
		if left, err = storm.left(ctx, round); err != nil {
			return nil, err
		}
		repairs = append(repairs, Repair{Kind: kindOf(kind), Took: took, Pending: left, begin: begin, connector: client.ObjectKeyFromObject(connector)})
	}
	if err := changing.Wait(); err != nil {
		return nil, err
	}
	err := fleet.Await(ctx, patience, func() error {
		left, err := storm.left(ctx, round)
		if err == nil && left > 0 {
			err = fmt.Errorf("the last change has not reached %d Connectors", left)
		}
		return err
	})
	return repairs, errors.Join(err, explain(o, repairs))
}

// explain finds the calls that mended what was deleted. It comes last, because the Lookout can be told of an object before the
// operator has the answer to its call.
func explain(o Operator, repairs []Repair) error {
	list, err := o.Calls()
	if err != nil {
		return err
	}
	for i := range repairs {
		r := &repairs[i]
		found := slices.IndexFunc(list, func(c calls.Call) bool {
			return c.Verb == "create" && c.Start.After(r.begin) && c.Owner == r.connector.Name && c.Namespace == r.connector.Namespace
		})
		if found < 0 {
			return fmt.Errorf("%s of Connector %s came back, but the operator did not create it", r.Kind, r.connector)
		}
		r.Asked, r.Answered = list[found].Start.Sub(r.begin), list[found].End.Sub(r.begin)
	}
	return nil
}

// left is how many Connectors the change of that round has not reached; there is none before the first.
func (s Storm) left(ctx context.Context, round int) (int, error) {
	if round == 0 {
		return 0, nil
	}
	return s.pending(ctx, round)
}

func repair(ctx context.Context, c client.Client, l *fleet.Lookout, kind client.Object, connector types.NamespacedName) (time.Duration, error) {
	ref := fleet.RefOf(kind, connector)
	old, ok := l.Child(ref)
	if !ok {
		return 0, fmt.Errorf("the Connector %s has no %T", connector, kind)
	}
	victim, ok := kind.DeepCopyObject().(client.Object)
	if !ok {
		return 0, fmt.Errorf("%T is no object of the API", kind)
	}
	victim.SetNamespace(connector.Namespace)
	victim.SetName(desired.GatewayName(connector.Name))
	begin := time.Now()
	if err := c.Delete(ctx, victim, client.Preconditions{UID: &old.UID}); err != nil {
		return 0, fmt.Errorf("deleting %T of Connector %s: %w", kind, connector, err)
	}
	var successor fleet.Birth
	err := fleet.Await(ctx, patience, func() error {
		if successor, ok = l.Child(ref); !ok || successor.UID == old.UID {
			return fmt.Errorf("%T of Connector %s was not created again", kind, connector)
		}
		return nil
	})
	return successor.At.Sub(begin), err
}

func kindOf(object client.Object) string {
	name := fmt.Sprintf("%T", object)
	return name[strings.LastIndex(name, ".")+1:]
}

// Median of durations; 0 of none.
func Median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// Took gives how long the repairs took.
func Took(repairs []Repair) []time.Duration {
	all := make([]time.Duration, 0, len(repairs))
	for _, r := range repairs {
		all = append(all, r.Took)
	}
	return all
}
