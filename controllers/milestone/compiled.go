package milestone

import (
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Compiled keeps plans made ready, so that the thousands of agencies of a plan do not each make it ready again. Its zero value is empty and
// can be used, by many at once; after a restart it fills again.
type Compiled struct {
	mu    sync.Mutex
	plans map[string]compiled
}

type compiled struct {
	uid        types.UID
	generation int64
	plan       *Plan
	problem    *Problem
}

// Of is Compile, done once for each generation of a plan's spec, on which alone it depends.
func (c *Compiled) Of(plan *v1alpha1.RolloutPlan) (*Plan, *Problem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	known, ok := c.plans[plan.Name]
	if ok && known.uid == plan.UID && known.generation == plan.Generation {
		return known.plan, known.problem
	}
	known = compiled{uid: plan.UID, generation: plan.Generation}
	known.plan, known.problem = Compile(plan)
	if c.plans == nil {
		c.plans = map[string]compiled{}
	}
	c.plans[plan.Name] = known
	return known.plan, known.problem
}

// Prune drops what is kept of plans that are gone, given all that there are.
func (c *Compiled) Prune(plans []v1alpha1.RolloutPlan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.plans) <= len(plans) {
		return
	}
	there := make(map[string]struct{}, len(plans))
	for i := range plans {
		there[plans[i].Name] = struct{}{}
	}
	maps.DeleteFunc(c.plans, func(name string, _ compiled) bool {
		_, ok := there[name]
		return !ok
	})
}
