package locale

import "lienthong.gov.vn/connector-operator/api/v1alpha1"

// Readiness names the status of a condition.
func (l Language) Readiness(status string) string {
	switch status {
	case "True":
		return l.pick("Sẵn sàng", "Ready")
	case "False":
		return l.pick("Chưa sẵn sàng", "Not ready")
	default:
		return l.pick("Chưa rõ", "Unknown")
	}
}

// Condition names what a condition of a Connector, a hub or an agency tells of.
func (l Language) Condition(conditionType string) string {
	var vi, en string
	switch conditionType {
	case v1alpha1.ConditionAccepted:
		vi, en = "Được chấp nhận", "Accepted"
	case v1alpha1.ConditionCertificateReady:
		vi, en = "Chứng thư", "Certificate"
	case v1alpha1.ConditionWorkloadAvailable:
		vi, en = "Pod của cổng kết nối", "Gateway pods"
	case v1alpha1.ConditionHubConnected:
		vi, en = "Kết nối với trục", "Link to the hub"
	case v1alpha1.ConditionCompliant:
		vi, en = "Yêu cầu của cấp độ", "Requirements of the level"
	case v1alpha1.ConditionTrustResolved:
		vi, en = "Chứng thư gốc của trục", "Trust anchors of the hub"
	default:
		return conditionType
	}
	return l.pick(vi, en)
}

// Reason says a reason of a condition in words. A reason that is not known here is given as it is, so that nothing is hidden.
func (l Language) Reason(reason string) string {
	for _, reasons := range allReasons() {
		if words, known := reasons[reason]; known {
			return l.pick(words[0], words[1])
		}
	}
	return reason
}

func allReasons() []map[string][2]string {
	return []map[string][2]string{reasonsOfSpecs(), reasonsOfConnectors(), reasonsOfRecords()}
}

// reasonsOfSpecs are those for which a spec is honoured or not, each in its Vietnamese and its English wording.
func reasonsOfSpecs() map[string][2]string {
	return map[string][2]string{
		v1alpha1.ReasonReady:                  {"sẵn sàng", "ready"},
		v1alpha1.ReasonAccepted:               {"được chấp nhận", "accepted"},
		v1alpha1.ReasonPaused:                 {"đang tạm dừng", "paused"},
		v1alpha1.ReasonNoConnectors:           {"chưa có kết nối nào", "no Connector yet"},
		v1alpha1.ReasonConnectorsNotReady:     {"kết nối chưa sẵn sàng", "Connectors are not ready"},
		v1alpha1.ReasonNotObserved:            {"chưa quan sát được", "not observed yet"},
		v1alpha1.ReasonProgressing:            {"đang tiến hành", "under way"},
		v1alpha1.ReasonAgencyNotFound:         {"không có cơ quan này", "the agency does not exist"},
		v1alpha1.ReasonAgencyNotAccepted:      {"cơ quan chưa được chấp nhận", "the agency is not accepted"},
		v1alpha1.ReasonAgencyNotActive:        {"cơ quan đã sáp nhập", "the agency was merged into another"},
		v1alpha1.ReasonNamespaceNotListed:     {"cơ quan không ghi namespace này", "the agency does not list the namespace"},
		v1alpha1.ReasonHubNotFound:            {"không có trục này", "the hub does not exist"},
		v1alpha1.ReasonHubNotAccepted:         {"trục chưa được chấp nhận", "the hub is not accepted"},
		v1alpha1.ReasonClassNotFound:          {"không có lớp kết nối này", "the class does not exist"},
		v1alpha1.ReasonClassNotAccepted:       {"lớp kết nối chưa được chấp nhận", "the class is not accepted"},
		v1alpha1.ReasonProfileNotFound:        {"không có hồ sơ cho cấp độ này", "no profile for the level"},
		v1alpha1.ReasonProfileAmbiguous:       {"nhiều hồ sơ cho một cấp độ", "several profiles for one level"},
		v1alpha1.ReasonServiceNotCarried:      {"trục không cung cấp dịch vụ này", "the hub does not carry a service"},
		v1alpha1.ReasonHostnameOutsideDomains: {"tên máy chủ ngoài các tên miền của cơ quan", "a host name outside of the agency's domains"},
		v1alpha1.ReasonReplicasBelowProfile:   {"ít pod hơn hồ sơ yêu cầu", "fewer pods than the profile asks for"},
		v1alpha1.ReasonForeignObject:          {"đối tượng cùng tên của người khác", "an object of that name is somebody else's"},
		v1alpha1.ReasonDuplicateCode:          {"mã định danh bị trùng", "the code is another agency's"},
		v1alpha1.ReasonParentNotFound:         {"không có cơ quan cấp trên", "the parent does not exist"},
		v1alpha1.ReasonParentCycle:            {"cơ quan cấp trên tạo thành vòng", "the parents lead in a circle"},
		v1alpha1.ReasonSuccessorNotFound:      {"không có cơ quan kế thừa", "the successor does not exist"},
		v1alpha1.ReasonSuccessorCycle:         {"cơ quan kế thừa tạo thành vòng", "the successors lead in a circle"},
		v1alpha1.ReasonInvalidTimeZone:        {"múi giờ không có thật", "the time zone does not exist"},
		v1alpha1.ReasonTrustAnchorUnreadable:  {"không đọc được chứng thư gốc", "a trust anchor cannot be read"},
		v1alpha1.ReasonTrustAnchorExpired:     {"chứng thư gốc hết hạn", "a trust anchor has expired"},
		v1alpha1.ReasonOwnerNotFound:          {"không có cơ quan chủ quản trục", "the hub's owner does not exist"},
		v1alpha1.ReasonInvalidSpec:            {"khai báo không hợp lệ", "the spec is not valid"},
		v1alpha1.ReasonNotEnforced:            {"chưa áp dụng", "not enforced"},
		v1alpha1.ReasonAgencyNotListed:        {"trục không ghi cơ quan này", "the hub does not list the agency"},
		v1alpha1.ReasonAgencyRevoked:          {"cơ quan bị thu hồi quyền", "the agency is revoked"},
		v1alpha1.ReasonWindowNeverOpens:       {"khung giờ bảo trì không bao giờ mở", "a maintenance window never opens"},
		"InvalidConfiguration":                {"cấu hình không hợp lệ", "the configuration is not valid"},
		"HubNetworkUnknown":                   {"chưa rõ mạng của trục", "the hub's network is not known"},
		"ObjectRejected":                      {"cụm máy từ chối đối tượng", "the cluster rejects an object"},
		"LevelLowered":                        {"cấp độ bị hạ", "the level is lowered"},
		"HardeningBelowProfile":               {"hardening thấp hơn hồ sơ", "hardening asks for less than the profile"},
		"LogCollectorUnknown":                 {"chưa rõ nơi thu nhật ký", "the log collector is not known"},
	}
}

// reasonsOfConnectors are those of what runs for a Connector, and of what its level asks for.
func reasonsOfConnectors() map[string][2]string {
	return map[string][2]string{
		"RequestRefused":     {"yêu cầu chứng thư bị từ chối", "the certificate request is refused"},
		"RenewalRefused":     {"gia hạn chứng thư bị từ chối", "the renewal is refused"},
		"Issuing":            {"đang cấp chứng thư", "being issued"},
		"Reissuing":          {"đang cấp lại chứng thư", "being reissued"},
		"Expired":            {"chứng thư hết hạn", "expired"},
		"Revoked":            {"chứng thư bị thu hồi", "revoked"},
		"ExpiredOnPod":       {"pod dùng chứng thư hết hạn", "a pod serves an expired certificate"},
		"RevokedOnPod":       {"pod dùng chứng thư bị thu hồi", "a pod serves a revoked certificate"},
		"Served":             {"mọi pod dùng chứng thư mới nhất", "every pod serves the newest"},
		"Spreading":          {"chứng thư mới đang được phân phối", "the newest is yet to reach some pods"},
		"NotProvisioned":     {"chưa được tạo", "not made yet"},
		"Withdrawn":          {"bị rút", "withdrawn"},
		"PodsRefused":        {"cụm máy không cho tạo pod", "the cluster refuses the pods"},
		"PodsStuck":          {"pod không khởi động được", "the pods do not come up"},
		"Available":          {"mọi pod đang chạy", "all pods run"},
		"NoEndpoint":         {"không tới được điểm nào của trục", "no endpoint of the hub is reached"},
		"Connected":          {"đã kết nối, xác thực hai chiều", "connected, with mutual authentication"},
		"LevelNotApproved":   {"cấp độ chưa được phê duyệt", "the level is not approved"},
		"DutiesOverdue":      {"nghĩa vụ quá hạn", "duties are overdue"},
		"DutiesMissing":      {"nghĩa vụ chưa thực hiện", "duties are missing"},
		"TechnicalShortfall": {"chưa đạt yêu cầu kỹ thuật", "technical requirements are not met"},
		"RequirementsMet":    {"đạt mọi yêu cầu", "all requirements are met"},
	}
}

// reasonsOfRecords are those for which a record or a waiver counts for nothing.
func reasonsOfRecords() map[string][2]string {
	return map[string][2]string{
		v1alpha1.ReasonConnectorNotFound: {"không có kết nối này", "the Connector does not exist"},
		v1alpha1.ReasonPerformedInFuture: {"ngày thực hiện sau ngày ghi", "performed after it was recorded"},
		v1alpha1.ReasonAppraiserOperates: {"bên thẩm định cũng vận hành hệ thống", "the appraiser operates the system"},
		v1alpha1.ReasonWrongAppraiser:    {"không đúng bên thẩm định", "appraised by who may not"},
		v1alpha1.ReasonWrongApprover:     {"không đúng bên phê duyệt", "approved by who may not"},
		v1alpha1.ReasonInvalidSupersedes: {"thay thế hồ sơ không hợp lệ", "it supersedes what it cannot"},
		v1alpha1.ReasonRegimeNotFound:    {"không có chế độ pháp lý này", "the regime does not exist"},
		v1alpha1.ReasonUnknownDuty:       {"không hồ sơ an toàn nào yêu cầu nghĩa vụ này", "no profile asks for the duty"},
	}
}
