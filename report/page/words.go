package page

// word is what the page itself says, apart from what it tells of plans and agencies.
func word(name string) (both, bool) {
	b, known := words()[name]
	return b, known
}

func words() map[string]both {
	return map[string]both{
		"title":       {"Báo cáo tiến độ kết nối liên thông văn bản", "Readiness report: document exchange of the agencies"},
		"skip":        {"Đến bảng các cơ quan", "Skip to the table of agencies"},
		"language":    {"Ngôn ngữ", "Language"},
		"overview":    {"Tổng quan", "Overview"},
		"filters":     {"Lọc và tìm kiếm", "Filter and search"},
		"plan":        {"Kế hoạch", "Plan"},
		"cohort":      {"Nhóm", "Cohort"},
		"state":       {"Trạng thái", "State"},
		"search":      {"Tìm theo tên hoặc mã (có dấu hay không dấu)", "Search a name, with or without diacritics, or a code"},
		"all":         {"Tất cả", "All"},
		"reset":       {"Bỏ lọc", "Clear"},
		"shown":       {"Đang hiển thị {n} trên {all} dòng cơ quan.", "{n} of {all} entries of agencies are shown."},
		"noscript":    {"Trang này đọc và in được khi tắt JavaScript. Để lọc, sắp xếp và đổi ngôn ngữ, hãy bật JavaScript.", "This page can be read and printed without JavaScript. Turn it on to filter, to sort and to switch the language."},
		"nobody":      {"Không có cơ quan nào khớp với bộ lọc.", "No agency matches the filters."},
		"progress":    {"Tiến độ của các nhóm theo thời gian", "Progress of the cohorts over time"},
		"numbers":     {"Số trong vòng tròn là số thứ tự của mốc trong bảng dưới đây, đặt tại ngày đến hạn.", "A number in a circle is that of the milestone in the table below, at the day it is due."},
		"due-table":   {"Các mốc và số cơ quan theo trạng thái", "Milestones, and agencies by state"},
		"number":      {"Số", "No."},
		"milestone":   {"Mốc", "Milestone"},
		"due":         {"Thời hạn", "Due"},
		"total":       {"Tổng", "Total"},
		"slack":       {"Còn dư ít nhất", "Least slack"},
		"burn-ups":    {"Số cơ quan hoàn thành từng mốc", "Agencies that have met each milestone"},
		"figures":     {"Số liệu của biểu đồ", "Figures of the chart"},
		"day":         {"Ngày", "Day"},
		"met-count":   {"Số cơ quan đã hoàn thành", "Agencies that have met it"},
		"none-met":    {"Chưa có cơ quan nào hoàn thành.", "No agency has met it yet."},
		"agencies":    {"Các cơ quan", "Agencies"},
		"agencies-of": {"Các cơ quan trong kế hoạch", "Agencies of plan"},
		"code":        {"Mã", "Code"},
		"agency":      {"Cơ quan", "Agency"},
		"level":       {"Cấp độ", "Level"},
		"latest":      {"Bắt đầu chậm nhất", "Latest start"},
		"reason":      {"Lý do và việc tiếp theo", "Reason, and what comes next"},
		"others":      {"Cơ quan ngoài mọi kế hoạch", "Agencies in no plan"},
		"ready":       {"Sẵn sàng kết nối", "Connection ready"},
		"not-ready":   {"Chưa sẵn sàng kết nối", "Connection not ready"},
		"unknown":     {"Chưa rõ", "Not known"},
		"states":      {"Ký hiệu trạng thái", "Marks of states"},
		"empty":       {"Chưa có kế hoạch và cơ quan nào.", "There are no plans and no agencies yet."},
		"footer":      {"Trang này không tải và không gửi gì qua mạng.", "This page loads nothing and sends nothing over the network."},
		"today":       {"Hôm nay", "Today"},
	}
}
