package crd

import (
	"os"
	"strings"
	"testing"
)

func TestDefinitionsAreAllOfThem(t *testing.T) {
	definitions, err := Definitions()
	if err != nil {
		t.Fatal(err)
	}
	kustomization, err := os.ReadFile("kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if installed := strings.Count(string(kustomization), "- bases/"); installed != len(definitions) {
		t.Errorf("%d definitions are carried, and the kustomization installs %d", len(definitions), installed)
	}
	for _, definition := range definitions {
		if file := "- bases/" + definition.Spec.Group + "_" + definition.Spec.Names.Plural + ".yaml\n"; !strings.Contains(string(kustomization), file) {
			t.Errorf("the kustomization does not install %s", definition.Name)
		}
	}
}
