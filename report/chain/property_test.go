package chain

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// One byte of the spec of one report is changed, anywhere in its YAML. Either it cannot be read any more, or it says the same as before, as
// another quotation mark does, or it is found.
func TestAnyChangedByteIsFound(t *testing.T) {
	reports := chainOf(t, 1, 2, 1)
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(reports)-1).Draw(rt, "report")
		text, err := yaml.Marshal(reports[at].Spec)
		if err != nil {
			rt.Fatal(err)
		}
		position := rapid.IntRange(0, len(text)-1).Draw(rt, "position")
		changed := bytes.Clone(text)
		changed[position] = rapid.Byte().Filter(func(b byte) bool { return b != text[position] }).Draw(rt, "byte")

		spec, err := yaml.YAMLToJSONStrict(changed)
		if err != nil || same(rt, text, spec) {
			return
		}
		all := links(t, reports)
		link, err := Parse([]byte(`{"metadata":{"name":"` + all[at].Name + `"},"spec":` + string(spec) + `}`))
		if err != nil {
			return
		}
		link.Source = all[at].Source
		all[at] = link
		if !broken(Verify(all, nil)) {
			rt.Errorf("byte %d of %s became %q and nothing was found:\n%s", position, all[at].Name, changed[position], changed)
		}
	})
}

// same tells whether YAML and JSON say the same.
func same(rt *rapid.T, asYAML, asJSON []byte) bool {
	var a, b any
	if err := yaml.Unmarshal(asYAML, &a); err != nil {
		rt.Fatal(err)
	}
	if err := json.Unmarshal(asJSON, &b); err != nil {
		rt.Fatal(err)
	}
	return reflect.DeepEqual(a, b)
}

func broken(chains []Chain) bool {
	for _, c := range chains {
		if len(c.Findings) > 0 {
			return true
		}
	}
	return false
}

// Of a chain whose head is known, any reports are dropped, two of them are swapped, or one gets another content and a digest that fits.
func TestAnyDropSwapAndForgeryIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int32Range(1, 4), 1, 6).Draw(rt, "parts")
		reports := chainOf(t, parts...)
		head := headOf(reports)
		if chains := Verify(links(t, reports), []Head{head}); broken(chains) || !chains[0].Anchored {
			rt.Fatalf("the chain is broken before anything was done to it: %+v", chains[0].Findings)
		}
		anywhere := rapid.IntRange(0, len(reports)-1)
		at, other := anywhere.Draw(rt, "at"), anywhere.Draw(rt, "other")
		what := rapid.SampledFrom([]string{"drop", "swap", "forge", "cut"}).Draw(rt, "what")
		var found []Link
		switch what {
		case "drop":
			found = links(t, without(reports, at, other))
		case "cut":
			found = links(t, reports[:at])
		case "forge":
			forged := append([]v1alpha1.ReadinessReport{}, reports...)
			forged[at] = resealed(t, reports[at])
			found = links(t, forged)
		case "swap":
			if at == other {
				return
			}
			swapped := append([]v1alpha1.ReadinessReport{}, reports...)
			swapped[at], swapped[other] = swapped[other], swapped[at]
			if rapid.Bool().Draw(rt, "with their names") {
				swapped[at].Name, swapped[other].Name = swapped[other].Name, swapped[at].Name
			}
			found = links(t, swapped)
		}
		if !broken(Verify(found, []Head{head})) {
			rt.Errorf("%s %d and %d of %d was not found", what, at, other, len(reports))
		}
	})
}
