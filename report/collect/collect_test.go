package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/view"
)

// paged is a cluster with many agencies and nothing else, which gives them a page at a time.
type paged struct {
	client.Reader
	agencies int
	// expires lets the page with that token expire, as an API server does with one that is minutes old.
	expires string
	// cache gives everything, and the token that the cache of controller-runtime gives with it.
	cache bool
	calls []string
}

func (p *paged) List(_ context.Context, list client.ObjectList, o ...client.ListOption) error {
	agencies, ok := list.(*v1alpha1.AgencyList)
	if !ok {
		return nil
	}
	options := (&client.ListOptions{}).ApplyOptions(o)
	p.calls = append(p.calls, fmt.Sprintf("%d from %q", options.Limit, options.Continue))
	if options.Continue != "" && options.Continue == p.expires {
		return apierrors.NewResourceExpired("the token is too old")
	}
	from := 0
	if options.Continue != "" {
		if _, err := fmt.Sscanf(options.Continue, "from-%d", &from); err != nil {
			return err
		}
	}
	to := p.agencies
	if options.Limit > 0 {
		to = min(to, from+int(options.Limit))
	}
	for i := from; i < to; i++ {
		agencies.Items = append(agencies.Items, v1alpha1.Agency{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("a%d", i)}, Spec: v1alpha1.AgencySpec{Code: fmt.Sprintf("T%04d", i)},
		})
	}
	if p.cache {
		agencies.Continue = "continue-not-supported"
	}
	if to < p.agencies {
		agencies.Continue, agencies.RemainingItemCount = fmt.Sprintf("from-%d", to), new(int64(p.agencies-to))
	}
	return nil
}

// Every agency is read, once, whatever the pages do.
func TestPages(t *testing.T) {
	tests := map[string]struct {
		cluster paged
		size    int64
		calls   []string
	}{
		"several": {paged{agencies: 1200}, 500, []string{`500 from ""`, `500 from "from-500"`, `500 from "from-1000"`}},
		"exactly": {paged{agencies: 500}, 500, []string{`500 from ""`}},
		"none":    {paged{}, 500, []string{`500 from ""`}},
		"a cache": {paged{agencies: 1200, cache: true}, 0, []string{`0 from ""`}},
		"expired": {paged{agencies: 1200, expires: "from-500"}, 500, []string{`500 from ""`, `500 from "from-500"`, `0 from ""`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var last Progress
			v, err := View(t.Context(), &tt.cluster, Options{
				Now: time.Unix(0, 0), PageSize: tt.size, Progress: func(p Progress) {
					if p.Resource == "agencies" {
						last = p
					}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(v.Agencies) != tt.cluster.agencies || !slices.Equal(tt.cluster.calls, tt.calls) {
				t.Errorf("%d agencies in %q, want %d in %q", len(v.Agencies), tt.cluster.calls, tt.cluster.agencies, tt.calls)
			}
			if last.Read != int64(tt.cluster.agencies) || last.Remaining != 0 {
				t.Errorf("the last progress is %+v", last)
			}
			seen := map[string]bool{}
			for _, a := range v.Agencies {
				seen[a.Code] = true
			}
			if len(seen) != tt.cluster.agencies {
				t.Errorf("%d different agencies, want %d", len(seen), tt.cluster.agencies)
			}
		})
	}
}

// An error that is no missing right stops an explanation: half of it would be taken for the whole.
func TestExplanationStopsAtAnError(t *testing.T) {
	broken := errors.New("the wire is cut")
	_, err := Agency(t.Context(), &cut{paged: paged{agencies: 3}, err: broken}, Options{}, "T0001")
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v, want %v", err, broken)
	}
	refused := apierrors.NewForbidden(schema.GroupResource{}, "", nil)
	c, err := Agency(t.Context(), &cut{paged: paged{agencies: 3}, err: refused}, Options{}, "T0001")
	if err != nil || !slices.Equal(c.Unread, []string{"rolloutplans", "connectors"}) {
		t.Errorf("unread is %v (%v), want rolloutplans and connectors", c, err)
	}
}

// cut is a cluster of which only the agencies can be read.
type cut struct {
	paged
	err error
}

func (c *cut) List(ctx context.Context, list client.ObjectList, o ...client.ListOption) error {
	if _, ok := list.(*v1alpha1.AgencyList); !ok {
		return c.err
	}
	return c.paged.List(ctx, list, o...)
}

func TestNear(t *testing.T) {
	names := []string{"bo-tai-chinh", "bo-cong-an", "ha-noi", "h29", "h26"}
	tests := map[string][]string{
		"bo-tai-chin": {"bo-tai-chinh"}, "Hà Nội": {"ha-noi"}, "h92": {"h29"}, "bo-": {"bo-tai-chinh", "bo-cong-an"}, "something": nil, "": nil,
		"h2": {"h29", "h26"},
	}
	for asked, want := range tests {
		if got := Near(asked, names); !slices.Equal(got, want) {
			t.Errorf("near %q are %q, want %q", asked, got, want)
		}
	}
}

// An agency is meant by its name before another one is by its code, here as in an explanation.
func TestNamed(t *testing.T) {
	v := &view.View{Agencies: []view.Agency{
		{Name: "first", Code: "G01", LegacyCode: "000.00.00.G01"}, {Name: "second", Code: "G02"}, {Name: "g01", Code: "G03"}, {Name: "000.00.00.g01", Code: "G04"},
	}}
	for asked, want := range map[string]string{
		"first": "first", "g02": "second", "G01": "first", "g01": "g01", "000.00.00.G01": "first", "000.00.00.g01": "000.00.00.g01",
	} {
		if got, err := Named(v, asked); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", asked, got, err, want)
		}
	}
	for _, asked := range []string{"", "G09"} {
		if got, err := Named(v, asked); err == nil {
			t.Errorf("%q is %q", asked, got)
		}
	}
}
