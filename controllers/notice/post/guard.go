package post

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// Guard tells which addresses may be connected to. Networks that are allowed are so whatever else is said; then come those that are denied,
// by the platform engineer or always. All others are allowed, private ones too, because a state's networks are private.
type Guard struct {
	Allow, Deny []netip.Prefix
}

// ParseNetworks reads networks in CIDR form, separated by commas.
func ParseNetworks(text string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		network, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is no network in CIDR form; write it such as 10.96.0.0/12: %w", part, err)
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// ForbiddenError tells that the name of a sink leads to an address that no request may go to.
type ForbiddenError struct{ Address netip.Addr }

// Error says what to do about it.
func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("the address %s is none that notices may be sent to; if it should be, open it with --notice-allow-networks", e.Address)
}

// Control is for a net.Dialer. It is called with each address, once the name is resolved and before anything is sent.
func (g *Guard) Control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("reading the address of a sink: %w", err)
	}
	if ip := to.Addr().Unmap().WithZone(""); !g.allows(ip) {
		return &ForbiddenError{ip}
	}
	return nil
}

func (g *Guard) allows(ip netip.Addr) bool {
	contains := func(p netip.Prefix) bool { return p.Contains(ip) }
	if slices.ContainsFunc(g.Allow, contains) {
		return true
	}
	if slices.ContainsFunc(g.Deny, contains) || slices.ContainsFunc(never(), contains) || !ip.IsValid() {
		return false
	}
	inner, tunnelled := within(ip)
	return !tunnelled || g.allows(inner)
}

// never are the networks in which a request would meet the operator itself, its node, everybody at once, or what tells the machines of a cloud who they
// are: most clouds do that in 169.254.0.0/16, and some also at an address of their own, which ends the list.
func never() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
		netip.MustParsePrefix("224.0.0.0/3"), netip.MustParsePrefix("::/127"), netip.MustParsePrefix("fe80::/10"),
		netip.MustParsePrefix("fec0::/10"), netip.MustParsePrefix("ff00::/8"),
		netip.MustParsePrefix("fd00:ec2::254/128"), netip.MustParsePrefix("fd20:ce::254/128"), netip.MustParsePrefix("100.100.100.200/32"),
		netip.MustParsePrefix("168.63.129.16/32"), netip.MustParsePrefix("192.0.0.192/32"),
	}
}

// within is the IPv4 address to which an IPv6 address leads where there is a translator: IPv4-compatible and IPv4-translated, NAT64 by its
// well-known prefix and by the one for local use, and 6to4.
func within(ip netip.Addr) (netip.Addr, bool) {
	if !ip.Is6() {
		return netip.Addr{}, false
	}
	b := ip.As16()
	switch {
	case netip.MustParsePrefix("::/96").Contains(ip), netip.MustParsePrefix("::ffff:0:0:0/96").Contains(ip),
		netip.MustParsePrefix("64:ff9b::/96").Contains(ip), netip.MustParsePrefix("64:ff9b:1::/48").Contains(ip):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case netip.MustParsePrefix("2002::/16").Contains(ip):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}
