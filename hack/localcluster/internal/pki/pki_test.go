package pki

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var (
	now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	id  = Identity{Address: "10.200.0.1", KubernetesService: "10.200.128.1", NodeName: "lienthong-demo"}
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func parse(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode(read(t, path))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestEveryCertificateVerifiesWithItsOwnAuthorityOnly(t *testing.T) {
	dir := t.TempDir()
	if err := Ensure(dir, id, now); err != nil {
		t.Fatal(err)
	}
	for _, r := range Requests(id) {
		cert := parse(t, filepath.Join(dir, r.Name+".crt"))
		for _, name := range []string{ClusterCA, EtcdCA, FrontProxyCA} {
			a, err := EnsureAuthority(filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key"), "", now)
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Verify(cert, r.Leaf, now); (err == nil) != (name == r.CA) {
				t.Errorf("%s verified with %s: %v", r.Name, name, err)
			}
		}
	}
}

func TestPrivateKeysAreForTheOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	if err := Ensure(dir, id, now); err != nil {
		t.Fatal(err)
	}
	keys, _ := filepath.Glob(filepath.Join(dir, "*.key"))
	if want := len(Requests(id)) + 4; len(keys) != want {
		t.Errorf("there are %d keys, want %d", len(keys), want)
	}
	for _, key := range keys {
		if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", key, info.Mode(), err)
		}
	}
}

func TestOnlyTheUserIsAdministrator(t *testing.T) {
	names := map[string]string{}
	for _, r := range Requests(id) {
		if slices.Contains(r.Groups, "system:masters") != (r.Name == "admin") {
			t.Errorf("%s has the groups %v", r.Name, r.Groups)
		}
		if !slices.Equal(r.Usages, client) {
			continue
		}
		if other, taken := names[r.CommonName]; taken {
			t.Errorf("%s and %s are the same user %s", r.Name, other, r.CommonName)
		}
		names[r.CommonName] = r.Name
	}
}

func TestASecondRunChangesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := Ensure(dir, id, now); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	before := map[string]string{}
	for _, f := range files {
		before[f] = string(read(t, f))
	}
	if err := Ensure(dir, id, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if before[f] != string(read(t, f)) {
			t.Errorf("%s was made anew", f)
		}
	}
}

func TestWhatIsNoLongerGoodIsMadeAnew(t *testing.T) {
	admin := func(dir string) string { return filepath.Join(dir, "admin.crt") }
	server := func(dir string) string { return filepath.Join(dir, "kube-apiserver.crt") }
	for _, c := range []struct {
		name  string
		file  func(dir string) string
		spoil func(dir string) (Identity, time.Time)
	}{
		{"about to expire", admin, func(string) (Identity, time.Time) { return id, now.Add(leafLife - renewBefore + time.Hour) }},
		{"for another address", server, func(string) (Identity, time.Time) {
			return Identity{Address: "10.199.0.1", KubernetesService: id.KubernetesService, NodeName: id.NodeName}, now
		}},
		{"key of another certificate", admin, func(dir string) (Identity, time.Time) {
			_ = os.Rename(filepath.Join(dir, "kwok.key"), filepath.Join(dir, "admin.key"))
			return id, now
		}},
		{"damaged", admin, func(dir string) (Identity, time.Time) {
			_ = os.WriteFile(admin(dir), []byte("x"), 0o600)
			return id, now
		}},
		{"of an authority that was lost", admin, func(dir string) (Identity, time.Time) {
			_ = os.Remove(filepath.Join(dir, "ca.key"))
			return id, now
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := Ensure(dir, id, now); err != nil {
				t.Fatal(err)
			}
			before, tokens := string(read(t, c.file(dir))), string(read(t, filepath.Join(dir, "sa.key")))
			otherID, at := c.spoil(dir)
			if err := Ensure(dir, otherID, at); err != nil {
				t.Fatal(err)
			}
			if string(read(t, c.file(dir))) == before {
				t.Error("it was kept")
			}
			if string(read(t, filepath.Join(dir, "sa.key"))) != tokens {
				t.Error("the key for service accounts was made anew, which voids every token")
			}
		})
	}
}
