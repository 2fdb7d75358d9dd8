package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/report/collect"
	"lienthong.gov.vn/connector-operator/report/explain"
	"lienthong.gov.vn/connector-operator/report/format"
)

func (s *session) explainCommand() *cobra.Command {
	var exitCode bool
	cmd := &cobra.Command{
		Use: s.l.Say("explain agency/<tên hoặc mã> | connector/<namespace>/<tên>", "explain agency/<name or code> | connector/<namespace>/<name>"),
		Short: s.l.Say("Vì sao một cơ quan hoặc kết nối chưa sẵn sàng, và làm gì tiếp theo",
			"Why an agency or a Connector is not ready, and what to do next"),
		Long: s.l.Say("Giải thích cả chuỗi lý do vì sao chưa sẵn sàng, từ kết luận tới gốc, với lệnh tiếp theo và ai được chạy lệnh đó.",
			"Tells the whole chain of why it is not ready, from the summary to the root, with the next command to run and who may run it.") +
			"\n\n" + codesInWords(s.l),
		Example: "  " + s.Program + " explain agency/G12\n  " + s.Program + " explain connector/g12/main",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return s.whatToExplain()
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := s.explanation(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if exitCode && !e.Ready {
				s.code = codeNotReady
			}
			return format.Explanation(s.Stdout, e, s.style(s.Stdout))
		},
	}
	s.exitCodeFlag(cmd, &exitCode)
	return cmd
}

func (s *session) whatToExplain() error {
	return &usageError{err: errors.New(s.l.Say(
		"Hãy ghi agency/<tên hoặc mã định danh>, ví dụ agency/G12, hoặc connector/<namespace>/<tên>, ví dụ connector/g12/main.",
		"Write agency/<name or code>, such as agency/G12, or connector/<namespace>/<name>, such as connector/g12/main."))}
}

func (s *session) explanation(ctx context.Context, what string) (*explain.Explanation, error) {
	kind, name, _ := strings.Cut(what, "/")
	namespace, connector, namespaced := strings.Cut(name, "/")
	isAgency := (kind == "agency" || kind == "ag") && name != ""
	isConnector := (kind == "connector" || kind == "conn") && namespaced && namespace != "" && connector != "" && !strings.Contains(connector, "/")
	if !isAgency && !isConnector {
		return nil, s.whatToExplain()
	}
	cluster, err := s.connect()
	if err != nil {
		return nil, err
	}
	options, done := s.reading()
	defer done()
	if isAgency {
		c, err := collect.Agency(ctx, cluster, options, name)
		if err != nil {
			return nil, err
		}
		return explain.Agency(s.l, c), nil
	}
	c, err := collect.Connector(ctx, cluster, options, client.ObjectKey{Namespace: namespace, Name: connector})
	if err != nil {
		return nil, err
	}
	return explain.Connector(s.l, c), nil
}
