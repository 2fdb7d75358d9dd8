package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const plan = "../../config/samples/decision-28/plan.yaml"

func TestRun(t *testing.T) {
	// Half past six in the evening in London is already the next day in Ho Chi Minh City.
	evening := time.Date(2026, 11, 20, 18, 30, 0, 0, time.UTC)
	tests := map[string]struct {
		args      []string
		wantPilot string
		wantErr   string
	}{
		"today in the plan's time zone": {args: nil, wantPilot: "2026-12-02"},
		"a given day":                   {args: []string{"--today", "2018-12-20"}, wantPilot: "2018-12-31"},
		"another anchor":                {args: []string{"--today", "2018-12-20", "--anchor", "2018-12-19"}, wantPilot: "2019-01-01"},
		"no day":                        {args: []string{"--today", "20/12/2018"}, wantErr: "--today"},
		"no anchor":                     {args: []string{"--anchor", "never"}, wantErr: "--anchor"},
		"no plan":                       {args: []string{"--plan", "/nowhere"}, wantErr: "cannot read the plan"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(append([]string{"--plan", plan}, test.args...), evening, &out)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Fatalf("the error is %v; it should say %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var shifted v1alpha1.RolloutPlan
			if err := yaml.UnmarshalStrict(out.Bytes(), &shifted); err != nil {
				t.Fatal(err)
			}
			for _, milestone := range shifted.Spec.Milestones {
				if milestone.Name == "pilot" && string(milestone.Deadline.Date) != test.wantPilot {
					t.Errorf("the pilot is due %s, want %s", milestone.Deadline.Date, test.wantPilot)
				}
			}
			if strings.Contains(out.String(), "status:") {
				t.Error("the plan has a status, which is the operator's to write")
			}
		})
	}
}
