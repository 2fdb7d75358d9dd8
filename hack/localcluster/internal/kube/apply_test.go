package kube

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestPaths(t *testing.T) {
	objects, err := Decode("test", []byte(`# a comment
---
apiVersion: v1
kind: Namespace
metadata: {name: a}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: b, namespace: a}
---
# nothing
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/api/v1/namespaces/a", "/apis/rbac.authorization.k8s.io/v1/namespaces/a/roles/b"}
	if len(objects) != len(want) {
		t.Fatalf("decoded %d objects, want %d", len(objects), len(want))
	}
	for i, o := range objects {
		if got, err := o.Path(); err != nil || got != want[i] {
			t.Errorf("%s is at %s, %v; want %s", o, got, err, want[i])
		}
	}
	if _, err := (Object{Kind: "Unheard"}).Path(); err == nil {
		t.Error("a kind that nobody knows has a path")
	}
}

func TestApplyKeepsWhatOthersOwn(t *testing.T) {
	for code, want := range map[int]struct{ kept, failed bool }{
		http.StatusOK: {}, http.StatusCreated: {}, http.StatusConflict: {kept: true}, http.StatusForbidden: {failed: true},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPatch || r.URL.Query().Get("fieldManager") != fieldManager || r.URL.Query().Has("force") {
				t.Errorf("got %s %s", r.Method, r.URL)
			}
			w.WriteHeader(code)
		}))
		objects, _ := Decode("test", []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}"))
		client := &Client{http: server.Client(), Base: server.URL}
		kept, err := client.Apply(context.Background(), objects[0])
		if kept != want.kept || (err != nil) != want.failed {
			t.Errorf("an answer of %d gives %v, %v", code, kept, err)
		}
		server.Close()
	}
}
