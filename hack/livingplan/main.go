// Command livingplan writes the roll-out plan of 2018 as if its last weeks were now: a second plan of the same shape, with every
// deadline shifted by the same number of days, so that today stands where 2018-12-20 stood.
//
//	go run ./hack/livingplan [--today YYYY-MM-DD] [--plan file] | go run ./hack/apply -f -
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
	_ "time/tzdata" // a bare machine has no time zone database

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/hack/livingplan/shift"
)

const (
	defaultPlan   = "config/samples/decision-28/plan.yaml"
	defaultAnchor = "2018-12-20"
	defaultZone   = "Asia/Ho_Chi_Minh"
)

func main() {
	err := run(os.Args[1:], time.Now(), os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "livingplan: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, now time.Time, out io.Writer) error {
	flags := flag.NewFlagSet("livingplan", flag.ContinueOnError)
	path := flags.String("plan", defaultPlan, "`file` with the RolloutPlan to shift")
	today := flags.String("today", "", "`day` that stands where the anchor stood, as YYYY-MM-DD; the default is today in the plan's time zone")
	anchor := flags.String("anchor", defaultAnchor, "`day` of the plan that becomes today, as YYYY-MM-DD")
	if err := flags.Parse(args); err != nil {
		return err
	}
	plan, err := read(*path)
	if err != nil {
		return err
	}
	from, err := civil.Parse(*anchor)
	if err != nil {
		return fmt.Errorf("--anchor: %w", err)
	}
	to, err := day(*today, plan.Spec.TimeZone, now)
	if err != nil {
		return err
	}
	shifted, err := shift.Plan(plan, from, to)
	if err != nil {
		return err
	}
	return write(shifted, out)
}

func read(path string) (*v1alpha1.RolloutPlan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the plan: %w; run from the root of the repository, or give --plan", err)
	}
	plan := &v1alpha1.RolloutPlan{}
	if err := yaml.UnmarshalStrict(text, plan); err != nil {
		return nil, fmt.Errorf("%s is no RolloutPlan: %w", path, err)
	}
	return plan, nil
}

// day is the one that was asked for, or today in the time zone.
func day(text, zone string, now time.Time) (civil.Date, error) {
	if text != "" {
		date, err := civil.Parse(text)
		if err != nil {
			return civil.Date{}, fmt.Errorf("--today: %w", err)
		}
		return date, nil
	}
	if zone == "" {
		zone = defaultZone
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return civil.Date{}, fmt.Errorf("the plan's timeZone: %w", err)
	}
	return civil.In(now, location), nil
}

// write leaves the status out: it is the operator's to write.
func write(plan *v1alpha1.RolloutPlan, out io.Writer) error {
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(plan)
	if err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	delete(object, "status")
	text, err := yaml.Marshal(object)
	if err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("cannot write the plan: %w", err)
	}
	return nil
}
