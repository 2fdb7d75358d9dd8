package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lienthong.gov.vn/connector-operator/report/format"
)

func (s *session) reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: s.l.Say("Báo cáo đầy đủ, dạng bảng hoặc tệp", "The whole report, as tables or in a file"),
		Long: s.l.Say("Ghi báo cáo đầy đủ: mọi kế hoạch, mọi cơ quan, mọi mốc.", "Writes the whole report: every plan, every agency, every milestone.") +
			"\n\n" + codesInWords(s.l),
		Example: "  " + s.Program + " report --format csv -o report.csv\n  " + s.Program + " report --format json | jq '.agencies[].code'",
		Args:    s.noArguments,
	}
	s.reports(cmd)
	return cmd
}

// reports lets a command write the report.
func (s *session) reports(cmd *cobra.Command) {
	var by selection
	var name, file string
	var exitCode bool
	s.selecting(cmd.Flags(), &by)
	s.exitCodeFlag(cmd, &exitCode)
	cmd.Flags().StringVar(&name, "format", format.Names()[0], s.l.Say("`dạng`: %s", "`format`: %s", strings.Join(format.Names(), ", ")))
	cmd.Flags().StringVarP(&file, "output", "o", "", s.l.Say("`tệp` để ghi; nếu không ghi thì ra stdout", "`file` to write; stdout if it is left out"))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		at := slices.IndexFunc(format.All(), func(f format.Format) bool { return f.Name == name })
		if at < 0 {
			return &usageError{err: errors.New(s.l.Say("Không có dạng %q; hãy ghi một trong %s.", "There is no format %q; write one of %s.",
				name, strings.Join(format.Names(), ", ")))}
		}
		if _, err := s.stateOf(by.state); err != nil {
			return err
		}
		cluster, err := s.connect()
		if err != nil {
			return err
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
		if file == "" || file == "-" {
			return format.All()[at].Write(s.Stdout, v, s.style(s.Stdout))
		}
		// The file is touched once the whole report is there, so that a failure leaves the one of yesterday.
		var whole bytes.Buffer
		if err := format.All()[at].Write(&whole, v, format.Options{Language: s.l}); err != nil {
			return err
		}
		if err := os.WriteFile(file, whole.Bytes(), 0o600); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
		return nil
	}
}
