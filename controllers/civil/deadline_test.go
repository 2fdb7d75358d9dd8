package civil

import (
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

func TestDeadlineInstant(t *testing.T) {
	tests := map[string]struct {
		boundary v1alpha1.DeadlineBoundary
		date     string
		zone     string
		want     string
	}{
		"trước ngày, read as the law writes it": {v1alpha1.DeadlineBefore, "2018-12-31", "Asia/Ho_Chi_Minh", "2018-12-30T17:00:00Z"},
		"trước ngày, read as practice has it":   {v1alpha1.DeadlineOnOrBefore, "2018-12-31", "Asia/Ho_Chi_Minh", "2018-12-31T17:00:00Z"},
		"kể từ ngày":                            {v1alpha1.DeadlineInForceFrom, "2019-01-01", "Asia/Ho_Chi_Minh", "2018-12-31T17:00:00Z"},
		"end of a month":                        {v1alpha1.DeadlineOnOrBefore, "2019-06-30", "Asia/Ho_Chi_Minh", "2019-06-30T17:00:00Z"},
		"leap day":                              {v1alpha1.DeadlineOnOrBefore, "2020-02-28", "Asia/Ho_Chi_Minh", "2020-02-28T17:00:00Z"},
		"leap day itself":                       {v1alpha1.DeadlineOnOrBefore, "2020-02-29", "Asia/Ho_Chi_Minh", "2020-02-29T17:00:00Z"},
		"before a day without midnight":         {v1alpha1.DeadlineBefore, "2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		"by the day before it":                  {v1alpha1.DeadlineOnOrBefore, "2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		"by a day of 23 hours":                  {v1alpha1.DeadlineOnOrBefore, "2019-03-31", "Europe/Berlin", "2019-03-31T22:00:00Z"},
		"by a day of 25 hours":                  {v1alpha1.DeadlineOnOrBefore, "2019-10-27", "Europe/Berlin", "2019-10-27T23:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := DeadlineInstant(tt.boundary, date(t, tt.date), zone(t, tt.zone)).UTC().Format(time.RFC3339)
			if got != tt.want {
				t.Errorf("the deadline passes at %s, want %s", got, tt.want)
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	hanoi := zone(t, "Asia/Ho_Chi_Minh")
	tests := []struct {
		deadline                   v1alpha1.Deadline
		words, tooLate, daysBefore string
		lastDay                    string
	}{
		{v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"}, "before 2018-12-31", "2018-12-31T00:00:00+07:00", "2018-12-17T00:00:00+07:00", "2018-12-30"},
		{v1alpha1.Deadline{Boundary: v1alpha1.DeadlineOnOrBefore, Date: "2018-12-31"}, "on or before 2018-12-31", "2019-01-01T00:00:00+07:00", "2018-12-17T00:00:00+07:00", "2018-12-31"},
		{v1alpha1.Deadline{Boundary: v1alpha1.DeadlineInForceFrom, Date: "2019-01-01"}, "from 2019-01-01 on", "2019-01-01T00:00:01+07:00", "2018-12-18T00:00:00+07:00", "2018-12-31"},
	}
	for _, tt := range tests {
		d, err := ParseDeadline(tt.deadline, hanoi)
		if err != nil {
			t.Fatal(err)
		}
		if d.API() != tt.deadline {
			t.Errorf("API() = %v, want %v", d.API(), tt.deadline)
		}
		if got := d.String(); got != tt.words {
			t.Errorf("String() = %q, want %q", got, tt.words)
		}
		if got := d.TooLate().Format(time.RFC3339); got != tt.tooLate {
			t.Errorf("%s: too late at %s, want %s", d, got, tt.tooLate)
		}
		if got := d.LastDay().String(); got != tt.lastDay {
			t.Errorf("%s: the last day is %s, want %s", d, got, tt.lastDay)
		}
		if got := d.DaysBefore(14).Format(time.RFC3339); got != tt.daysBefore {
			t.Errorf("%s: 14 days before is %s, want %s", d, got, tt.daysBefore)
		}
	}
	if _, err := ParseDeadline(v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-02-30"}, hanoi); err == nil {
		t.Error("an impossible date was read")
	}
}
