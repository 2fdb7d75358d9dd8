package cli

import (
	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/locale"
	"lienthong.gov.vn/connector-operator/report/view"
)

// Exit codes. The last three are given with --exit-code only.
const (
	codeFine     = 0
	codeFailure  = 1
	codeUsage    = 2
	codeOverdue  = 3
	codeAtRisk   = 4
	codeNotReady = 5
)

// codeOf is the exit code for what a view shows.
func codeOf(v *view.View) int {
	code := codeFine
	for i := range v.Agencies {
		for j := range v.Agencies[i].Milestones {
			switch v.Agencies[i].Milestones[j].State {
			case v1alpha1.MilestoneOverdue:
				return codeOverdue
			case v1alpha1.MilestoneAtRisk:
				code = codeAtRisk
			default:
			}
		}
	}
	return code
}

// codesInWords is the end of every help text.
func codesInWords(l locale.Language) string {
	return l.Say(`Mã thoát: 0 bình thường; 1 lỗi (không tới được cụm máy, thiếu quyền, không tìm thấy); 2 gọi lệnh sai.
Với --exit-code: status và report trả 3 nếu có cơ quan quá hạn, nếu không thì 4 nếu có cơ quan có nguy cơ chậm;
explain trả 5 nếu chưa sẵn sàng.`,
		`Exit codes: 0 fine; 1 failure (cluster not reached, a right is missing, nothing found); 2 the call is not understood.
With --exit-code: status and report give 3 if an agency is overdue, and otherwise 4 if one is at risk;
explain gives 5 if it is not ready.`)
}
