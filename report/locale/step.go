package locale

import "lienthong.gov.vn/connector-operator/api/v1alpha1"

// stepDossier is how a critical path names the dossier that an appraisal or an approval waits for.
const stepDossier = "Dossier"

// Step names what a step of a critical path has to bring about, to follow "next:". A kind of evidence, a regime or a milestone of a plan
// of one's own is given as it is.
func (l Language) Step(what string) string {
	words, known := steps()[what]
	if !known {
		return what
	}
	return l.pick(words[0], words[1])
}

// steps have their Vietnamese and their English wording.
func steps() map[string][2]string {
	return map[string][2]string{
		stepDossier:                         {"hoàn thiện hồ sơ đề xuất cấp độ", "complete the dossier of the level"},
		v1alpha1.ConditionAccepted:          {"đăng ký kết nối được chấp nhận", "have the connection accepted"},
		v1alpha1.ConditionCertificateReady:  {"cấp chứng thư số", "have the certificate issued"},
		v1alpha1.ConditionWorkloadAvailable: {"đưa cổng kết nối vào hoạt động", "bring the gateway into operation"},
		v1alpha1.ConditionHubConnected:      {"thông kết nối với trục", "establish the link to the hub"},
		v1alpha1.ConditionCompliant:         {"đáp ứng yêu cầu an toàn theo cấp độ", "meet the security duties of the level"},
		v1alpha1.ConditionReady:             {"sẵn sàng vận hành chính thức", "be ready for official operation"},

		v1alpha1.EvidenceLevelDetermination: {"xác định cấp độ an toàn", "determine the security level"},
		v1alpha1.EvidenceLevelAppraisal:     {"thẩm định cấp độ an toàn", "appraisal of the security level"},
		v1alpha1.EvidenceLevelApproval:      {"phê duyệt cấp độ an toàn", "approval of the security level"},
		v1alpha1.EvidencePenetrationTest:    {"kiểm thử xâm nhập", "penetration test"},
		v1alpha1.EvidenceVulnerabilityScan:  {"rà quét lỗ hổng", "vulnerability scan"},
		v1alpha1.EvidenceRestoreTest:        {"kiểm tra khôi phục dữ liệu", "restore test"},
		v1alpha1.EvidenceAccountReview:      {"rà soát tài khoản", "review of accounts"},
		v1alpha1.EvidenceIncidentDrill:      {"diễn tập ứng cứu sự cố", "incident drill"},
		v1alpha1.EvidenceRiskReview:         {"đánh giá rủi ro", "review of risks"},
		v1alpha1.EvidenceLogReview:          {"rà soát nhật ký", "review of logs"},
		v1alpha1.EvidenceSecurityAssessment: {"đánh giá an toàn thông tin", "security assessment"},
		v1alpha1.EvidencePilotExchange:      {"gửi, nhận văn bản thí điểm", "pilot exchange of documents"},
	}
}

// Who names who has to take a step. The parties that every country has are said in the language of the reader, as the shipped profiles name them
// and as the operator does where a profile has no name; any other is given as it is.
func (l Language) Who(who string) string {
	vi, known := parties()[who]
	if !known {
		return who
	}
	return l.pick(vi, who)
}

// parties have their English wording, as the operator writes it, and their Vietnamese one.
func parties() map[string]string {
	return map[string]string{
		"the agency's specialised security unit":     "đơn vị chuyên trách về an toàn thông tin của cơ quan",
		"the system's owner":                         "chủ quản hệ thống thông tin",
		"Prime Minister":                             "Thủ tướng Chính phủ",
		"Ministry of Public Security":                "Bộ Công an",
		"Ministry of Information and Communications": "Bộ Thông tin và Truyền thông",
	}
}
