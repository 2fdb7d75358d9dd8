package explain

import (
	"fmt"
	"strings"

	"lienthong.gov.vn/connector-operator/report/locale"
)

func list(names []string) string { return strings.Join(names, ", ") }

// platform is who declares hubs, agencies, classes, profiles and plans.
func platform(l locale.Language) string {
	return l.Say("kỹ sư nền tảng (đơn vị chủ quản trục)", "the platform engineer (the hub owner's team)")
}

// tenant is who has the Connector.
func tenant(l locale.Language) string {
	return l.Say("cán bộ vận hành của cơ quan (vai trò connector-operator-tenant)", "the ministry operator (role connector-operator-tenant)")
}

// viewer is whoever may read pods, their logs and certificates in the Connector's namespace.
func viewer(l locale.Language) string {
	return l.Say("người đọc được namespace của kết nối (ClusterRole view)", "whoever may read the Connector's namespace (ClusterRole view)")
}

// assessor is who records what people did.
func assessor(l locale.Language) string {
	return l.Say("người đánh giá (vai trò connector-operator-assessor)", "the assessor (role connector-operator-assessor)")
}

// auditor is whoever may read.
func auditor(l locale.Language) string {
	return l.Say("bất kỳ ai có quyền đọc (vai trò connector-operator-auditor)", "anybody who may read (role connector-operator-auditor)")
}

func (t *teller) workingDays(n int32) string {
	if n == 1 {
		return t.l.Say("1 ngày làm việc", "1 working day")
	}
	return t.l.Say("%d ngày làm việc", "%d working days", n)
}

func (t *teller) byPlatform(format string, args ...any) Command {
	return Command{Line: fmt.Sprintf(format, args...), Who: platform(t.l)}
}

func (t *teller) byTenant(format string, args ...any) Command {
	return Command{Line: fmt.Sprintf(format, args...), Who: tenant(t.l)}
}

func (t *teller) byViewer(format string, args ...any) Command {
	return Command{Line: fmt.Sprintf(format, args...), Who: viewer(t.l)}
}

func (t *teller) byAssessor(format string, args ...any) Command {
	return Command{Line: fmt.Sprintf(format, args...), Who: assessor(t.l)}
}

func (t *teller) byAuditor(format string, args ...any) Command {
	return Command{Line: fmt.Sprintf(format, args...), Who: auditor(t.l)}
}
