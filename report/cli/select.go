package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/pflag"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/collect"
	"lienthong.gov.vn/connector-operator/report/view"
)

// selection are the flags that narrow what is shown.
type selection struct {
	plan, agency, state string
}

func (s *session) selecting(flags *pflag.FlagSet, by *selection) {
	flags.StringVar(&by.plan, "plan", "", s.l.Say("chỉ `kế-hoạch` này", "this `plan` only"))
	flags.StringVar(&by.agency, "agency", "", s.l.Say("chỉ `cơ-quan` này, theo tên hoặc mã định danh", "this `agency` only, by name or code"))
	flags.StringVar(&by.state, "state", "", s.l.Say("chỉ mốc ở `trạng-thái` này: %s", "milestones in this `state` only: %s", states()))
}

func states() string {
	var names []string
	for _, state := range v1alpha1.MilestoneStates() {
		names = append(names, string(state))
	}
	return strings.Join(names, ", ")
}

// stateOf reads the name of a state; case and dashes do not count.
func (s *session) stateOf(name string) (v1alpha1.MilestoneState, error) {
	if name == "" {
		return "", nil
	}
	for _, state := range v1alpha1.MilestoneStates() {
		if strings.EqualFold(string(state), strings.ReplaceAll(name, "-", "")) {
			return state, nil
		}
	}
	return "", &usageError{err: errors.New(s.l.Say("Không có trạng thái %q; hãy ghi một trong %s.", "There is no state %q; write one of %s.", name, states()))}
}

// selected reads the cluster and narrows what is there.
func (s *session) selected(ctx context.Context, reader client.Reader, o collect.Options, by selection) (*view.View, error) {
	state, err := s.stateOf(by.state)
	if err != nil {
		return nil, err
	}
	v, err := collect.View(ctx, reader, o)
	if err != nil {
		return nil, err
	}
	if err := hasPlan(v, by.plan); err != nil {
		return nil, err
	}
	narrow := view.Selection{Plan: by.plan, State: state}
	if by.agency != "" {
		if narrow.Agency, err = collect.Named(v, by.agency); err != nil {
			return nil, err
		}
	}
	return v.Select(narrow), nil
}

func hasPlan(v *view.View, name string) error {
	if name == "" {
		return nil
	}
	var names []string
	for i := range v.Plans {
		if v.Plans[i].Name == name {
			return nil
		}
		names = append(names, v.Plans[i].Name)
	}
	return &collect.NotFoundError{Kind: "RolloutPlan", Name: name, Near: collect.Near(name, names)}
}
