package locale

import "lienthong.gov.vn/connector-operator/api/v1alpha1"

// Day writes a day as letters of both languages do, such as 31/12/2018. What is no day is given as it is.
func Day(d v1alpha1.CivilDate) string {
	if len(d) != len("2018-12-31") || d[4] != '-' || d[7] != '-' {
		return string(d)
	}
	return string(d[8:] + "/" + d[5:7] + "/" + d[:4])
}

// DueOn writes a deadline as a letter does: as Deadline, with its day as Day.
func (l Language) DueOn(d v1alpha1.Deadline) string {
	return l.Deadline(v1alpha1.Deadline{Boundary: d.Boundary, Date: v1alpha1.CivilDate(Day(d.Date))})
}
