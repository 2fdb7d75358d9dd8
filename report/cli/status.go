package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"lienthong.gov.vn/connector-operator/report/format"
)

func (s *session) statusCommand() *cobra.Command {
	var by selection
	var watch, exitCode bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: s.l.Say("Bảng các kế hoạch, mốc và cơ quan", "Tables of plans, milestones and agencies"),
		Long: s.l.Say(
			"Cho xem các kế hoạch, các mốc với số cơ quan ở từng trạng thái, và từng cơ quan với mốc cần chú ý nhất.\nVới --watch, bảng được vẽ lại mỗi khi có thay đổi, cho tới khi bị ngắt.",
			"Shows the plans, the milestones with how many agencies are in which state, and each agency with the milestone that it has to look after first.\nWith --watch, the tables are drawn again at every change, until they are interrupted.") + "\n\n" + codesInWords(s.l),
		Example: "  " + s.Program + " status --state overdue\n  " + s.Program + " status --plan decision-28 --watch",
		Args:    s.noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if watch && exitCode {
				return &usageError{err: errors.New(s.l.Say("--watch không có kết quả cuối, nên không đi cùng --exit-code.",
					"--watch has no last result, so it does not go with --exit-code."))}
			}
			if _, err := s.stateOf(by.state); err != nil {
				return err
			}
			cluster, err := s.connect()
			if err != nil {
				return err
			}
			if watch {
				return s.watch(cmd.Context(), cluster, by)
			}
			options, done := s.reading()
			v, err := s.selected(cmd.Context(), cluster, options, by)
			done()
			if err != nil {
				return err
			}
			if exitCode {
				s.code = codeOf(v)
			}
			return format.Status(s.Stdout, v, s.style(s.Stdout))
		},
	}
	s.selecting(cmd.Flags(), &by)
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, s.l.Say("vẽ lại khi có thay đổi", "draw again at every change"))
	s.exitCodeFlag(cmd, &exitCode)
	return cmd
}

func (s *session) exitCodeFlag(cmd *cobra.Command, exitCode *bool) {
	cmd.Flags().BoolVar(exitCode, "exit-code", false, s.l.Say("cho kết quả vào mã thoát", "tell the result in the exit code"))
}

func (s *session) connect() (Cluster, error) {
	s.access.UserAgent = "lienthong-report/" + s.Version
	return s.Connect(s.access)
}
