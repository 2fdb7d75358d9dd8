package controllers

import (
	"net/netip"
	"strings"
	"testing"
)

func TestNoticesNeverGoToTheAPIServer(t *testing.T) {
	o := Options{Concurrency: 1, NoticeDenyNetworks: "10.244.0.0/16"}
	for _, host := range []string{"https://10.96.0.1:443", "https://[fd00::1]:443"} {
		guard, err := o.noticeGuard(host)
		if err != nil {
			t.Fatal(err)
		}
		address := netip.MustParseAddrPort(strings.TrimPrefix(host, "https://"))
		if err := guard.Control("tcp", address.String(), nil); err == nil {
			t.Errorf("notices may go to the API server at %s", host)
		}
		if err := guard.Control("tcp", "10.96.0.2:443", nil); err != nil {
			t.Errorf("its neighbour is denied: %v", err)
		}
		if err := guard.Control("tcp", "10.244.3.3:443", nil); err == nil {
			t.Error("what is denied by the flag is allowed")
		}
	}
}

func TestNetworksThatAreNoneAreRefused(t *testing.T) {
	for flag, o := range map[string]Options{
		"--notice-deny-networks":  {Concurrency: 1, NoticeDenyNetworks: "10.0.0.0"},
		"--notice-allow-networks": {Concurrency: 1, NoticeAllowNetworks: "10.0.0.0/8,x"},
	} {
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
