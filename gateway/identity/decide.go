package identity

import (
	"fmt"
	"time"
)

// decide is the whole policy of adoption, without I/O: from what is in use and what the volumes hold it makes what is to be
// in use, and whole sentences about everything that is not as it should be.
//
// Configuration and certificate arrive in two volumes, at different moments. Where the two name different identities they
// are only adopted as a pair that agrees, so that a change of the identity itself never leaves a gateway with none.
func decide(held *Snapshot, c candidate, now time.Time) (*Snapshot, []string) {
	next := *held
	var problems []string

	if c.trust != nil {
		next.Trust = c.trust
	} else {
		problems = append(problems, sentence(c.trustErr, held.Trust != nil, "the last good trust anchors stay in use", "no peer can be verified yet"))
	}
	problems = append(problems, decideRevocations(held, &next, c)...)

	leaf := c.leaf
	leafErr := c.leafErr
	if leaf != nil {
		leafErr = acceptable(leaf, held.Leaf, &next, now)
	}
	if leafErr != nil {
		leaf = nil
		problems = append(problems, sentence(leafErr, held.Leaf != nil, "the last good certificate stays in use", "the gateway waits for one and is not ready"))
	}

	proposed := *held
	if c.config != nil {
		proposed.Config, proposed.ConfigDigest = *c.config, c.configDigest
	} else {
		problems = append(problems, sentence(c.configErr, true, "the last good configuration stays in use", ""))
	}
	chosen, mismatch := pair(held, &proposed, leaf)
	next.Config, next.ConfigDigest, next.Leaf = chosen.Config, chosen.ConfigDigest, chosen.Leaf
	problems = append(problems, mismatch...)
	return &next, append(problems, refusedByPeers(&next, now)...)
}

// decideRevocations sets what is revoked. A list that was there once is never taken for none: losing it would let in again
// whoever stands on it. For the same reason no peer is verified from the start of a gateway until a list that is mounted
// can be read.
func decideRevocations(held, next *Snapshot, c candidate) []string {
	const stays = "the last good list of revocations stays in use"
	switch {
	case c.revocations != nil:
		next.Revocations, next.RevocationDigest = c.revocations, c.revocationDigest
		return nil
	case c.revocationErr != nil && held.Revocations == nil && held.Trust == nil:
		next.Trust = nil
		return []string{sentence(c.revocationErr, false, "", "no peer is verified until it can be read")}
	case c.revocationErr != nil:
		return []string{sentence(c.revocationErr, held.Revocations != nil, stays, "nothing was revoked before, and nothing is until it can be read")}
	case held.Revocations != nil:
		return []string{fmt.Sprintf("There is no file %s in the configuration directory any more; %s.", RevocationsFile, stays)}
	}
	return nil
}

// pair picks the newest configuration and certificate that agree on the identity.
func pair(held, proposed *Snapshot, leaf *Leaf) (*Snapshot, []string) {
	agree := func(s *Snapshot, l *Leaf) bool { return l != nil && l.ID.String() == s.Config.SPIFFEID }
	with := func(s *Snapshot, l *Leaf) *Snapshot {
		return &Snapshot{Config: s.Config, ConfigDigest: s.ConfigDigest, Leaf: l}
	}
	switch {
	case agree(proposed, leaf):
		return with(proposed, leaf), nil
	case agree(proposed, held.Leaf):
		return with(proposed, held.Leaf), wrongIdentity(leaf, proposed, "the last good certificate stays in use")
	case agree(held, leaf):
		return with(held, leaf), heldBack(proposed, leaf)
	case held.Leaf != nil:
		return with(held, held.Leaf), append(heldBack(proposed, held.Leaf), wrongIdentity(leaf, held, "the last good certificate stays in use")...)
	default:
		return with(proposed, nil), wrongIdentity(leaf, proposed, "the gateway waits for the right one and is not ready")
	}
}

// acceptable tells why a certificate must not replace the one held. The one held itself is only asked whether its time has
// come or gone: it is never dropped because the trust anchors or the revocations changed.
func acceptable(leaf, held *Leaf, s *Snapshot, now time.Time) error {
	if err := usable(leaf, now); err != nil || leaf.same(held) {
		return err
	}
	if err := anchored(leaf, s.Trust, now); err != nil {
		return err
	}
	// With a revoked one held there is nothing to lose.
	if err := s.Revocations.Check(leaf.X509, leaf.ID); err != nil && held != nil && s.Revocations.Check(held.X509, held.ID) == nil {
		return err
	}
	return nil
}

// usable tells why a certificate cannot be served now. One that is not valid yet is looked at again on every poll.
func usable(leaf *Leaf, now time.Time) error {
	switch {
	case now.Before(leaf.X509.NotBefore):
		// The time of now is not told: a problem that changed with every look would be logged with every look.
		return fmt.Errorf("the certificate with serial %x is valid only from %s, which is still to come on this node; compare its clock with the issuer's",
			leaf.X509.SerialNumber, stamp(leaf.X509.NotBefore))
	case now.After(leaf.X509.NotAfter):
		return fmt.Errorf("the certificate with serial %x expired at %s; have it renewed", leaf.X509.SerialNumber, stamp(leaf.X509.NotAfter))
	}
	return nil
}

func wrongIdentity(leaf *Leaf, s *Snapshot, then string) []string {
	if leaf == nil || leaf.ID.String() == s.Config.SPIFFEID {
		return nil
	}
	return []string{fmt.Sprintf("The certificate with serial %x is of %s, but the configuration asks for %s; %s.",
		leaf.X509.SerialNumber, leaf.ID, s.Config.SPIFFEID, then)}
}

func heldBack(proposed *Snapshot, leaf *Leaf) []string {
	if proposed.Config.SPIFFEID == leaf.ID.String() {
		return nil
	}
	return []string{fmt.Sprintf("The new configuration asks for the identity %s, but no certificate for it is mounted; the last good configuration stays in use.",
		proposed.Config.SPIFFEID)}
}

// sentence makes a whole sentence of an error and what follows from it.
func sentence(err error, haveGood bool, good, none string) string {
	then := none
	if haveGood {
		then = good
	}
	text := err.Error()
	if text != "" && text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	return text + "; " + then + "."
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
