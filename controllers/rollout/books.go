package rollout

import (
	"sync"

	"k8s.io/apimachinery/pkg/util/sets"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// books keep the ledgers of the plans from pass to pass, and note which agencies have changed since each was brought up to date. The zero
// value has none. Events are noted by whoever tells of them; a ledger is touched by the one worker that has the plan's pass.
type books struct {
	mu   sync.Mutex
	open map[string]*book
}

type book struct {
	// ledger is nil while the first is being filled.
	ledger  *ledger
	changed sets.Set[string]
}

// note tells every ledger that an agency has come, gone or changed.
func (b *books) note(agency string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, kept := range b.open {
		kept.changed.Insert(agency)
	}
}

// take gives the ledger of a plan as it is at this generation, and the agencies to be brought up to date in it. If there is none, a new book is
// opened at once, so that no change is missed while its ledger is filled.
func (b *books) take(plan *v1alpha1.RolloutPlan) (*ledger, sets.Set[string]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept := b.open[plan.Name]
	if kept != nil && kept.ledger != nil && kept.ledger.api.UID == plan.UID && kept.ledger.api.Generation == plan.Generation {
		changed := kept.changed
		kept.changed = sets.New[string]()
		return kept.ledger, changed
	}
	if b.open == nil {
		b.open = map[string]*book{}
	}
	b.open[plan.Name] = &book{changed: sets.New[string]()}
	return nil, nil
}

// keep puts a new ledger into the book that take has opened.
func (b *books) keep(plan string, l *ledger) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if kept := b.open[plan]; kept != nil {
		kept.ledger = l
	}
}

// drop closes the book of a plan that is gone, cannot be honoured, or of which a pass failed: the next one fills a new ledger.
func (b *books) drop(plan string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, plan)
}
