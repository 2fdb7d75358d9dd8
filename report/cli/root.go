package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lienthong.gov.vn/connector-operator/report/collect"
)

// root has all commands.
func (s *session) root() *cobra.Command {
	words := strings.Fields(s.Program)
	root := &cobra.Command{
		Use:         words[len(words)-1],
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: s.Program},
		Short:       s.l.Say("Cơ quan nào đã sẵn sàng cho thời hạn nào", "Who is ready for which deadline"),
		Long: s.l.Say(
			"Cho biết cơ quan nào đã sẵn sàng cho thời hạn nào, và vì sao chưa. Chỉ đọc; chỉ cần quyền của kiểm toán viên (ClusterRole connector-operator-auditor).",
			"Tells who is ready for which deadline, and why not. It only reads, and needs an auditor's rights (ClusterRole connector-operator-auditor).") +
			"\n\n" + codesInWords(s.l),
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              s.noArguments,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	if s.Reports {
		s.reports(root)
	}
	root.SetIn(s.Stdin)
	root.SetOut(s.Stdout)
	root.SetErr(s.Stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err: err} })
	root.SetUsageFunc(s.usage)
	s.persistent(root.PersistentFlags())
	root.AddCommand(s.statusCommand(), s.reportCommand(), s.explainCommand())
	for _, o := range s.Others {
		root.AddCommand(s.other(o))
	}
	root.SetHelpCommand(s.helpCommand(root))
	for _, c := range append(root.Commands(), root) {
		c.Flags().BoolP("help", "h", false, s.l.Say("giải thích lệnh này", "explain this command"))
	}
	return root
}

func (s *session) persistent(flags *pflag.FlagSet) {
	flags.StringVar(&s.access.Kubeconfig, "kubeconfig", "", s.l.Say("`tệp` cấu hình của cụm máy", "`file` that says how to reach the cluster"))
	flags.StringVar(&s.access.Context, "context", "", s.l.Say("`ngữ-cảnh` trong tệp cấu hình", "`context` of the kubeconfig"))
	flags.StringVar(&s.access.As, "as", "", s.l.Say("đọc với tư cách `người-dùng` này", "`user` to act as"))
	flags.StringArrayVar(&s.access.AsGroups, "as-group", nil, s.l.Say("và `nhóm` này; có thể lặp lại", "`group` to act as; may be repeated"))
	flags.StringVar(&s.language, "language", string(s.l), s.l.Say("`ngôn-ngữ`: vi hoặc en; nếu không ghi thì theo LC_ALL hoặc LANG",
		"`language`: vi or en; that of LC_ALL or LANG if it is left out"))
	flags.Lookup("language").DefValue = "" // the words say it
	flags.BoolVar(&s.progress, "progress", false, s.l.Say("báo tiến độ ra stderr; luôn có trên màn hình, trừ khi --progress=false",
		"show progress on stderr; on a terminal it is shown unless --progress=false"))
	s.progressSet = func() bool { return flags.Changed("progress") }
}

// other hands everything behind the name of a command to another package, with the language before it: the environment may have chosen that.
func (s *session) other(o Command) *cobra.Command {
	return &cobra.Command{
		Use: o.Name, Short: o.Short(s.l), DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			args = append([]string{"--language=" + string(s.l)}, args...)
			s.code = o.Run(cmd.Context(), args, s.Stdin, s.Stdout, s.Stderr)
			return nil
		},
	}
}

func (s *session) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: s.l.Say("help [lệnh]", "help [command]"), Short: s.l.Say("Giải thích một lệnh", "Explain a command"),
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if len(rest) > 0 {
				return s.unknownCommand(root, rest[0])
			}
			if err != nil {
				return err
			}
			if found.DisableFlagParsing {
				// Only the other package knows what its command takes.
				found.SetContext(cmd.Context())
				return found.RunE(found, []string{"-h"})
			}
			return found.Help()
		},
	}
}

// noArguments refuses what is no command.
func (s *session) noArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return s.unknownCommand(cmd, args[0])
	}
	return &usageError{err: errors.New(s.l.Say("Lệnh %s không nhận thêm %q.", "The command %s takes no %q.", cmd.Name(), args[0]))}
}

func (s *session) unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	text := s.l.Say("Không có lệnh %q.", "There is no command %q.", name)
	if near := collect.Near(name, names); len(near) > 0 {
		text += " " + s.l.Say("Ý bạn là %s?", "Did you mean %s?", strings.Join(near, ", "))
	}
	return &usageError{err: errors.New(text)}
}
