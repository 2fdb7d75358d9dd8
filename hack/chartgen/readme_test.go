package main

import (
	"strings"
	"testing"
)

func TestTableOf(t *testing.T) {
	tests := map[string]struct {
		values, want, wantErr string
	}{
		"a value":              {values: "# -- How many.\nreplicas: 2\n", want: "| `replicas` | `2` | How many. |\n"},
		"over two lines":       {values: "# -- How many,\n# and why.\nreplicas: 2\n", want: "How many, and why. |"},
		"up to an empty line":  {values: "# -- How many.\n#\n# An aside.\nreplicas: 2\n", want: "| How many. |"},
		"after an aside":       {values: "# An aside.\n# -- How many.\nreplicas: 2\n", want: "| How many. |"},
		"within a map":         {values: "manager:\n  # -- How many.\n  replicas: 2\n", want: "| `manager.replicas` |"},
		"a map as one":         {values: "# -- Labels.\nlabels:\n  a: b # aside\n  c: [d]\n", want: "| `labels` | `{a: b, c: [d]}` | Labels. |"},
		"a bar":                {values: "# -- One | other.\na: b\n", want: `One \| other.`},
		"not described":        {values: "replicas: 2\n", wantErr: "the value replicas is not described"},
		"not described within": {values: "manager:\n  replicas: 2\n", wantErr: "the value manager.replicas is not described"},
		"no YAML":              {values: "a: [\n", wantErr: "reading YAML"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tableOf([]byte(test.values))
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("the error is %v, want one that says %q", err, test.wantErr)
				}
				return
			}
			if err != nil || !strings.Contains(got, test.want) {
				t.Errorf("the table is %q (%v), want %q in it", got, err, test.want)
			}
		})
	}
}
