package desired

import "testing"

func TestPortOf(t *testing.T) {
	tests := map[string]struct {
		url     string
		want    int32
		refused bool
	}{
		"http":             {"http://qlvb.g12.svc/inbox", 80, false},
		"https":            {"https://qlvb.g12.svc", 443, false},
		"explicit":         {"http://qlvb.g12.svc:8080", 8080, false},
		"IPv6":             {"http://[2001:db8::1]:8080", 8080, false},
		"zero":             {"http://qlvb.g12.svc:0", 0, true},
		"beyond 65535":     {"http://qlvb.g12.svc:65536", 0, true},
		"not a number":     {"http://qlvb.g12.svc:web", 0, true},
		"not a URL at all": {"http://[::1", 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := portOf(tt.url)
			if got != tt.want || (err != nil) != tt.refused {
				t.Errorf("portOf(%q) = %d, %v; want %d, refused %t", tt.url, got, err, tt.want, tt.refused)
			}
		})
	}
}

func TestPortOfAddress(t *testing.T) {
	tests := map[string]struct {
		address string
		want    int32
		refused bool
	}{
		"name":         {"log.lienthong.gov.vn:6514", 6514, false},
		"IPv6":         {"[2001:db8::1]:6514", 6514, false},
		"no port":      {"log.lienthong.gov.vn", 0, true},
		"zero":         {"log.lienthong.gov.vn:0", 0, true},
		"beyond 65535": {"log.lienthong.gov.vn:99999", 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := portOfAddress(tt.address)
			if got != tt.want || (err != nil) != tt.refused {
				t.Errorf("portOfAddress(%q) = %d, %v; want %d, refused %t", tt.address, got, err, tt.want, tt.refused)
			}
		})
	}
}
