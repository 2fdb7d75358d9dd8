package gateway_test

import (
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/gateway/config"
)

// demand is what a level's profile says of TLS.
type demand struct {
	title string
	tls   config.TLS
	fips  bool
}

// TestLevelsFromOutside starts a gateway with the TLS settings of each level's shipped profile, and measures with OpenSSL, and with Go where
// OpenSSL lacks a group, what its listener takes and what it offers to the hub: all that the profile allows, and nothing else. What no
// shipped profile asks for today is measured besides: a choice of suites, and FIPS 140 mode with and without a choice of groups.
func TestLevelsFromOutside(t *testing.T) {
	measured := map[string][]finding{} // many levels ask for the same
	for _, dir := range regimes(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) { compareWithOutside(t, readDemands(t, dir), measured) })
	}
	t.Run("beyond", func(t *testing.T) {
		compareWithOutside(t, []demand{
			{title: "suites chosen", tls: config.TLS{MinVersion: "1.2", KeyExchange: []string{"X25519MLKEM768", "secp384r1"},
				CipherSuites: []string{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"}}},
			{title: "FIPS 140", tls: config.TLS{MinVersion: "1.2"}, fips: true},
			{title: "FIPS 140, groups chosen", tls: config.TLS{MinVersion: "1.3", KeyExchange: []string{"SecP256r1MLKEM768", "X25519", "secp384r1"}}, fips: true},
		}, measured)
	})
}

func compareWithOutside(t *testing.T, demands []demand, measured map[string][]finding) {
	t.Helper()
	var columns []column
	for _, d := range demands {
		key := fmt.Sprint(d.tls, d.fips)
		if measured[key] == nil {
			measured[key] = measure(t, d)
		}
		columns = append(columns, column{d.title, measured[key]})
		for _, f := range measured[key] {
			if want := d.allows(f); f.taken != want {
				t.Errorf("%s: %s %s is taken %t and not %t: %s", d.title, f.section, f.name, f.taken, want, f.detail)
			}
		}
	}
	t.Logf("measured from outside:\n%s", table(columns))
}

// allows says what is to be found, by the demand alone. What is not known here is never allowed.
func (d demand) allows(f finding) bool {
	twelve := d.tls.MinVersion == "1.2"
	isTwelve := strings.Contains(f.section, "TLS 1.2")
	if isTwelve && !twelve {
		return false
	}
	switch f.kind {
	case protocols:
		return f.name == "TLS 1.3" || f.name == "TLS 1.2" && twelve
	case suites:
		if !isTwelve {
			return slices.Contains([]string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"}, f.name) || f.name == "TLS_CHACHA20_POLY1305_SHA256" && !d.fips
		}
		return chosen(d.tls.CipherSuites, f.name, secureSuites()) && (!d.fips || !strings.Contains(f.name, "CHACHA20"))
	case groups:
		return chosen(d.tls.KeyExchange, f.name, allGroups()) && (!d.fips || f.name != "X25519") && (!isTwelve || !strings.Contains(f.name, "MLKEM"))
	}
	return false
}

func chosen(choice []string, name string, otherwise []string) bool {
	if len(choice) == 0 {
		choice = otherwise
	}
	return slices.Contains(choice, name)
}

func secureSuites() []string {
	var names []string
	for _, key := range []string{"ECDSA", "RSA"} {
		for _, cipher := range []string{"AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"} {
			names = append(names, "TLS_ECDHE_"+key+"_WITH_"+cipher)
		}
	}
	return names
}

func allGroups() []string {
	return append(quantumGroups(), "X25519", "secp256r1", "secp384r1", "secp521r1")
}

func quantumGroups() []string {
	return []string{"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"}
}

// regimes are the directories with a profile for each level.
func regimes(t *testing.T) []string {
	t.Helper()
	first := must(filepath.Glob("../config/profiles/*/level-1.yaml"))
	if len(first) == 0 {
		t.Fatal("there are no profiles in config/profiles")
	}
	var dirs []string
	for _, path := range first {
		dirs = append(dirs, filepath.Dir(path))
	}
	return dirs
}

func readDemands(t *testing.T, dir string) []demand {
	t.Helper()
	var demands []demand
	for level := 1; level <= 5; level++ {
		data := must(os.ReadFile(filepath.Join(dir, fmt.Sprintf("level-%d.yaml", level))))
		var profile v1alpha1.SecurityProfile
		check(t, yaml.UnmarshalStrict(data, &profile))
		d := demand{title: fmt.Sprint("level ", level), fips: profile.Spec.Cryptography.FIPS140 == v1alpha1.FIPS140Enabled, tls: config.TLS{MinVersion: "1.2"}}
		if profile.Spec.TLS.MinVersion == v1alpha1.VersionTLS13 {
			d.tls.MinVersion = "1.3"
		}
		for _, suite := range profile.Spec.TLS.CipherSuites {
			d.tls.CipherSuites = append(d.tls.CipherSuites, string(suite))
		}
		for _, group := range profile.Spec.TLS.KeyExchange {
			d.tls.KeyExchange = append(d.tls.KeyExchange, string(group))
		}
		demands = append(demands, d)
	}
	return demands
}

// column is one level in the table.
type column struct {
	title    string
	findings []finding
}

// table renders a row for each finding.
func table(columns []column) string {
	var b strings.Builder
	b.WriteString("| | measured with |")
	for _, c := range columns {
		b.WriteString(" " + c.title + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for i, f := range columns[0].findings {
		fmt.Fprintf(&b, "| %s: %s | %s |", f.section, f.name, f.tool)
		for _, c := range columns {
			b.WriteString(map[bool]string{true: " yes |", false: " no |"}[c.findings[i].taken])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// curve is the group of a name.
func curve(name string) tls.CurveID {
	return (config.TLS{KeyExchange: []string{name}}).Groups()[0]
}
