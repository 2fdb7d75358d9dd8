package chain

import (
	"cmp"
	"maps"
	"slices"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Head is what is known of the end of a chain from elsewhere.
type Head struct {
	// Plan whose chain it is.
	Plan string
	// SHA256 of the report that was the last one when the head was recorded.
	SHA256 v1alpha1.SHA256Digest
	// Sequence of that report; 0 if it is not known.
	Sequence int64
}

// Chain sums up one chain.
type Chain struct {
	// Plan whose reports they are.
	Plan string
	// Links is how many there are, each part for itself.
	Links int
	// Last is the newest; nil if there is none.
	Last *Link
	// Anchored tells that a head was known and is in the chain, and After how many links came after it.
	Anchored bool
	After    int64
	// Abandoned is how many reports broke off and were written anew, as is documented in the chain itself.
	Abandoned int
	// Findings in the order of the chain; none if it is intact.
	Findings []Finding
}

// Verify looks at every chain that the links belong to or that a head is known of, sorted by plan.
func Verify(links []Link, heads []Head) []Chain {
	byPlan := map[string][]Link{}
	for i := range links {
		plan := links[i].Spec.Plan.Name
		byPlan[plan] = append(byPlan[plan], links[i])
	}
	for _, h := range heads {
		if _, ok := byPlan[h.Plan]; !ok {
			byPlan[h.Plan] = nil
		}
	}
	var chains []Chain
	for _, plan := range slices.Sorted(maps.Keys(byPlan)) {
		chains = append(chains, examine(plan, byPlan[plan], heads))
	}
	return chains
}

func examine(plan string, found []Link, heads []Head) Chain {
	c := Chain{Plan: plan}
	c.checkOrder(found)
	links := sorted(found)
	c.Links = len(links)
	for i := range links {
		c.checkItself(&links[i])
	}
	for i := range links {
		var before *Link
		if i > 0 {
			before = &links[i-1]
		}
		c.checkPlace(before, &links[i])
	}
	c.checkParts(links)
	if len(links) > 0 {
		c.Last = &links[len(links)-1]
	}
	for _, h := range heads {
		if h.Plan == plan {
			c.checkHead(links, h)
		}
	}
	return c
}

func (c *Chain) add(f Finding) { c.Findings = append(c.Findings, f) }

// sorted brings links into the order of the chain, and takes one that was found twice, such as in two exports, once.
func sorted(found []Link) []Link {
	links := slices.Clone(found)
	slices.SortStableFunc(links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Spec.Sequence, b.Spec.Sequence), cmp.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(links, func(a, b Link) bool { return a.Name == b.Name && sameContent(&a, &b) })
}

func sameContent(a, b *Link) bool {
	first, err := Canonical(a.Text)
	if err != nil {
		return false
	}
	second, err := Canonical(b.Text)
	return err == nil && a.Spec.Sequence == b.Spec.Sequence && a.Spec.SHA256 == b.Spec.SHA256 && slices.Equal(first, second)
}

// checkOrder looks at each source for itself: an export has the reports in the order of the chain.
func (c *Chain) checkOrder(found []Link) {
	last := map[string]*Link{}
	for i := range found {
		l := &found[i]
		if before := last[l.Source]; before != nil && before.Spec.Sequence > l.Spec.Sequence {
			c.add(says(Reordered, c.Plan, l.Name,
				"Báo cáo %s (số %d) đứng sau %s (số %d) trong %s: hai báo cáo đã bị đổi chỗ.",
				"Report %s (number %d) stands after %s (number %d) in %s: two reports were swapped.",
				l.Name, l.Spec.Sequence, before.Name, before.Spec.Sequence, l.Source))
		}
		last[l.Source] = l
	}
}

// checkItself looks at what one report says of itself.
func (c *Chain) checkItself(l *Link) {
	digest, err := Digest(l.Text)
	if err != nil || digest != l.Spec.SHA256 {
		c.add(says(Changed, c.Plan, l.Name,
			"Báo cáo %s đã bị thay đổi sau khi được ghi: nội dung có mã băm %s, nhưng báo cáo ghi %s.",
			"Report %s was changed after it was written: its content has the digest %s, and it states %s.",
			l.Name, short(digest), short(l.Spec.SHA256)))
	}
	if l.Spec.Sequence < 1 {
		c.add(says(Misnamed, c.Plan, l.Name,
			"Báo cáo %s có số %d, trong khi các số của một chuỗi bắt đầu từ 1.",
			"Report %s has number %d, and the numbers of a chain begin with 1.",
			l.Name, l.Spec.Sequence))
	} else if want := Name(c.Plan, l.Spec.Sequence); l.Name != want {
		c.add(says(Misnamed, c.Plan, l.Name,
			"Báo cáo %s có số %d của kế hoạch %s, nên phải mang tên %s.",
			"Report %s has number %d of plan %s, so its name has to be %s.",
			l.Name, l.Spec.Sequence, c.Plan, want))
	}
}

// checkPlace looks at how a report follows the one before; before is nil for the first that there is.
func (c *Chain) checkPlace(before, l *Link) {
	expected := int64(1)
	if before != nil {
		expected = before.Spec.Sequence + 1
	}
	switch {
	case before != nil && l.Spec.Sequence == before.Spec.Sequence:
		c.add(says(Forked, c.Plan, l.Name,
			"Có hai báo cáo khác nhau cùng mang số %d của kế hoạch %s: %s và %s.",
			"Two different reports have number %d of plan %s: %s and %s.",
			l.Spec.Sequence, c.Plan, before.Name, l.Name))
		return
	case l.Spec.Sequence > expected:
		c.missing(expected, l.Spec.Sequence-1)
		return
	}
	if before == nil {
		if l.Spec.PreviousSHA256 != "" {
			c.add(says(Replaced, c.Plan, l.Name,
				"Báo cáo %s là báo cáo đầu tiên, nhưng ghi mã băm %s của một báo cáo trước nó.",
				"Report %s is the first, and states the digest %s of a report before it.",
				l.Name, short(l.Spec.PreviousSHA256)))
		}
		return
	}
	if l.Spec.PreviousSHA256 != before.Spec.SHA256 {
		c.add(says(Replaced, c.Plan, l.Name,
			"Báo cáo %[1]s nối tiếp một báo cáo có mã băm %[2]s, nhưng %[3]s có mã băm %[4]s: một trong hai đã bị thay thế.",
			"Report %[1]s follows a report with the digest %[2]s, and %[3]s has the digest %[4]s: one of them was replaced.",
			l.Name, short(l.Spec.PreviousSHA256), before.Name, short(before.Spec.SHA256)))
	}
}

func (c *Chain) missing(from, to int64) {
	first := Name(c.Plan, from)
	if from == to {
		c.add(says(Missing, c.Plan, first, "Thiếu báo cáo %s.", "Report %s is missing.", first))
		return
	}
	c.add(says(Missing, c.Plan, first,
		"Thiếu %d báo cáo, từ %s đến %s.", "%d reports are missing, from %s to %s.", to-from+1, first, Name(c.Plan, to)))
}

// checkHead looks for the report that was the last one when the head was recorded.
func (c *Chain) checkHead(links []Link, h Head) {
	at := slices.IndexFunc(links, func(l Link) bool {
		return l.Spec.SHA256 == h.SHA256 && (h.Sequence == 0 || h.Sequence == l.Spec.Sequence)
	})
	if at >= 0 {
		c.Anchored, c.After = true, links[len(links)-1].Spec.Sequence-links[at].Spec.Sequence
		return
	}
	newest := int64(0)
	if len(links) > 0 {
		newest = links[len(links)-1].Spec.Sequence
	}
	switch {
	case h.Sequence > newest:
		c.missing(newest+1, h.Sequence)
	case h.Sequence > 0:
		name := Name(c.Plan, h.Sequence)
		c.add(says(OtherHead, c.Plan, name,
			"Kế hoạch ghi nhận báo cáo %s có mã băm %s, nhưng chuỗi không có báo cáo ấy: nó đã bị thay thế.",
			"The plan recorded report %s with the digest %s, and the chain has no such report: it was replaced.",
			name, short(h.SHA256)))
	default:
		c.add(says(OtherHead, c.Plan, "",
			"Chuỗi của kế hoạch %s không có báo cáo nào mang mã băm %s: báo cáo ấy đã bị thay thế hoặc bị bỏ.",
			"The chain of plan %s has no report with the digest %s: that report was replaced or dropped.",
			c.Plan, short(h.SHA256)))
	}
}
