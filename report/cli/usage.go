package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lienthong.gov.vn/connector-operator/report/format"
)

// usage tells how a command is called. cobra's own has its words in English, and counts bytes where a terminal counts places.
func (s *session) usage(cmd *cobra.Command) error {
	out := cmd.OutOrStderr()
	fmt.Fprintln(out, s.l.Say("Cách dùng:", "Usage:"))
	flags := s.l.Say("[tùy chọn]", "[flags]")
	if cmd.HasParent() || s.Reports {
		_, arguments, _ := strings.Cut(cmd.Use, " ")
		fmt.Fprintln(out, "  "+strings.Join(strings.Fields(cmd.CommandPath()+" "+arguments+" "+flags), " "))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintln(out, "  "+cmd.CommandPath()+" "+s.l.Say("<lệnh>", "<command>")+" "+flags)
	}
	if cmd.Example != "" {
		fmt.Fprintf(out, "\n%s\n%s\n", s.l.Say("Ví dụ:", "Examples:"), cmd.Example)
	}
	var commands [][]string
	for _, c := range cmd.Commands() {
		commands = append(commands, []string{c.Name(), c.Short})
	}
	for _, part := range []struct {
		title string
		rows  [][]string
	}{
		{s.l.Say("Các lệnh:", "Commands:"), commands},
		{s.l.Say("Tùy chọn:", "Flags:"), s.flagRows(cmd.LocalNonPersistentFlags())},
		{s.l.Say("Tùy chọn chung:", "Flags of every command:"), s.flagRows(cmd.Root().PersistentFlags())},
	} {
		if len(part.rows) == 0 {
			continue
		}
		fmt.Fprintf(out, "\n%s\n", part.title)
		if err := format.Columns(out, "  ", part.rows); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) flagRows(flags *pflag.FlagSet) [][]string {
	var rows [][]string
	flags.VisitAll(func(f *pflag.Flag) {
		value, words := pflag.UnquoteUsage(f)
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		if value != "" {
			name += " " + value
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			words += s.l.Say(" (nếu không ghi: %s)", " (if left out: %s)", f.DefValue)
		}
		rows = append(rows, []string{name, words})
	})
	return rows
}
