package cli

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/clientcmd"

	"lienthong.gov.vn/connector-operator/report/collect"
)

// usageError is a call that is not understood.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// missingFilesError is a KUBECONFIG that names no file with a cluster in it.
type missingFilesError struct{ files []string }

func (e *missingFilesError) Error() string {
	return "KUBECONFIG names no cluster: " + strings.Join(e.files, ", ")
}

func isUsage(err error) bool {
	var usage *usageError
	return errors.As(err, &usage)
}

// complain says what went wrong and what to do next, in the reader's language.
func (s *session) complain(err error) {
	message := s.inWords(err)
	if isUsage(err) {
		message += "\n" + s.l.Say("Xem %s -h.", "See %s -h.", s.Program)
	}
	fmt.Fprintln(s.Stderr, message)
}

func (s *session) inWords(err error) string {
	var (
		right        *collect.RightError
		notInstalled *collect.NotInstalledError
		notFound     *collect.NotFoundError
		network      *url.Error
		usage        *usageError
		missing      *missingFilesError
	)
	switch {
	case errors.As(err, &right):
		return s.rightInWords(right)
	case errors.As(err, &notInstalled):
		return s.l.Say("Cụm máy này không biết %s.lienthong.gov.vn: hãy cài hệ thống điều hành, hoặc chọn cụm máy khác bằng --context.",
			"The cluster does not know %s.lienthong.gov.vn: install the operator there, or choose another cluster with --context.", notInstalled.Resource)
	case errors.As(err, &notFound):
		return s.notFoundInWords(notFound.Kind, notFound.Name, notFound.Near)
	case errors.As(err, &usage):
		return s.l.Say("Gọi lệnh chưa đúng: %v", "The call is not understood: %v", usage)
	case errors.As(err, &missing):
		return s.l.Say("Biến KUBECONFIG chỉ tới %s, nhưng tệp đó không có hoặc không nói tới cụm máy nào: hãy sửa biến, hoặc chỉ tệp bằng --kubeconfig.",
			"The variable KUBECONFIG names %s, which does not exist or names no cluster: correct it, or name a file with --kubeconfig.",
			strings.Join(missing.files, ", "))
	case isEmptyConfig(err):
		return s.l.Say("Chưa biết cụm máy nào: hãy chỉ tệp cấu hình bằng --kubeconfig hoặc biến KUBECONFIG.",
			"No cluster is known: name a kubeconfig with --kubeconfig or in the variable KUBECONFIG.")
	case apierrors.IsUnauthorized(err):
		return s.l.Say("Cụm máy không nhận ra bạn: hãy đăng nhập lại, hoặc kiểm tra tệp cấu hình. (%v)",
			"The cluster does not know who you are: log in again, or check the kubeconfig. (%v)", err)
	case errors.As(err, &network):
		return s.l.Say("Không tới được cụm máy: hãy kiểm tra mạng và tệp cấu hình. (%v)",
			"The cluster cannot be reached: check the network and the kubeconfig. (%v)", err)
	}
	return s.l.Say("Không làm được: %v", "It failed: %v", err)
}

// isEmptyConfig tells that nothing says how to reach a cluster. clientcmd does not look into what wraps its error.
func isEmptyConfig(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if clientcmd.IsEmptyConfig(err) {
			return true
		}
	}
	return false
}

// rightInWords says which right is missing and whom to ask for it.
func (s *session) rightInWords(e *collect.RightError) string {
	resource := e.Resource + ".lienthong.gov.vn"
	where := ""
	if e.Namespace != "" {
		where = s.l.Say(" trong namespace %s", " in namespace %s", e.Namespace)
	}
	text := s.l.Say("Bạn không có quyền %s %s%s.", "You may not %s %s%s.", e.Verb, resource, where) + " " + s.l.Say(
		"Hãy đề nghị bên quản trị nền tảng gắn cho bạn ClusterRole %s, ví dụ:", "Ask the platform to bind you to the ClusterRole %s, such as with:",
		collect.AuditorRole)
	return fmt.Sprintf("%s\n  kubectl create clusterrolebinding <%s> --clusterrole=%s --user=<%s>\n(%v)", text,
		s.l.Say("tên", "name"), collect.AuditorRole, s.l.Say("bạn", "you"), e.Err)
}

func (s *session) notFoundInWords(kind, name string, near []string) string {
	var text string
	switch kind {
	case "Agency":
		text = s.l.Say("Không có cơ quan nào mang tên hoặc mã định danh %q.", "There is no agency with the name or the code %q.", name)
	case "Connector":
		text = s.l.Say("Không có kết nối %q.", "There is no Connector %q.", name)
	default:
		text = s.l.Say("Không có kế hoạch %q.", "There is no plan %q.", name)
	}
	if len(near) > 0 {
		text += " " + s.l.Say("Ý bạn là %s?", "Did you mean %s?", strings.Join(near, ", "))
	}
	return text
}
