//go:build e2e

package docs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lienthong.gov.vn/connector-operator/test/docs/scenario"
)

const (
	// patience is how long a step may take, and how long one is repeated.
	patience = 2 * time.Minute
	// between is how long is waited before a step is repeated.
	between = 500 * time.Millisecond
)

// shell is the reader's terminal during one document.
type shell struct {
	world *world
	path  string
	// state is the file in which variables and the folder are kept from one step to the next.
	state string
	set   []scenario.Placeholder
	// left are processes that steps left running, by their groups.
	left []int
}

// wrap runs a script as the next lines of the terminal, which ends at the first command that fails.
const wrap = `[ ! -e "$STATE" ] || { set -a; . "$STATE" 2>/dev/null; set +a; cd "$DOCS_FOLDER"; }
[ -z "${PERSONA:-}" ] || export KUBECONFIG="$PERSONA"
keep() {
	local code=$?
	[ -z "${PERSONA:-}" ] || exit $code
	export DOCS_FOLDER="$PWD"
	export -p | command grep -vE '^declare -x (STATE|PERSONA|SHLVL)=' >"$STATE"
	exit $code
}
trap keep EXIT
# That a search finds nothing is no failure: only the reader can tell.
grep() { command grep "$@" || [ $? -eq 1 ]; }
set -aeo pipefail
`

// result is what a step did.
type result struct {
	out  string
	code int
}

func (s *shell) execute(ctx context.Context, step scenario.Step) (result, error) {
	text, err := s.script(ctx, step)
	if err != nil {
		return result{}, err
	}
	persona := ""
	if step.GoesOn {
		// It has to be there for a while: what cannot start ends at once.
		text = "{ " + strings.TrimRight(text, "\n") + "\n} & sleep 3; kill -0 $!"
	}
	if step.As != "" {
		if persona, err = s.world.persona(step.As); err != nil {
			return result{}, err
		}
	}
	return s.bash(ctx, text, persona)
}

// bash runs a script, and gives what it printed once it has ended, whatever it left running.
func (s *shell) bash(ctx context.Context, text, persona string) (result, error) {
	output, err := os.CreateTemp(filepath.Join(s.world.reader, ".tools"), "output-")
	if err != nil {
		return result{}, err
	}
	defer func() { _, _ = output.Close(), os.Remove(output.Name()) }()
	command := exec.CommandContext(ctx, "bash", "-c", wrap+text)
	command.Dir = s.world.reader
	command.Env = slices.Concat(s.world.environment, []string{"STATE=" + s.state, "PERSONA=" + persona})
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		return result{}, err
	}
	s.left = append(s.left, command.Process.Pid)
	err = command.Wait()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		return result{}, err
	}
	printed, err := os.ReadFile(output.Name())
	return result{out: string(printed), code: command.ProcessState.ExitCode()}, err
}

// script is what is run for a step.
func (s *shell) script(ctx context.Context, step scenario.Step) (string, error) {
	text, err := s.replace(ctx, step.Text)
	if err != nil {
		return "", err
	}
	const end = "\nDOCS_END_OF_TEXT\n"
	switch step.Kind {
	case scenario.Apply:
		return "kubectl apply -f - <<'DOCS_END_OF_TEXT'\n" + text + end, nil
	case scenario.Try:
		return "kubectl apply --dry-run=server -f - <<'DOCS_END_OF_TEXT'\n" + text + end, nil
	case scenario.File:
		return "mkdir -p \"$(dirname '" + step.Name + "')\" && cat >'" + step.Name + "' <<'DOCS_END_OF_TEXT'\n" + text + end, nil
	case scenario.Fragment:
		return "kubectl patch " + step.Name + " --type=merge --dry-run=server --patch-file=/dev/stdin <<'DOCS_END_OF_TEXT'\n" + text + end, nil
	case scenario.Run:
	}
	return text, nil
}

// replace puts in for each placeholder what the reader puts in for it.
func (s *shell) replace(ctx context.Context, text string) (string, error) {
	for _, p := range s.set {
		word := regexp.MustCompile(edge(p.Word))
		if !word.MatchString(text) {
			continue
		}
		value := p.Value
		if strings.Contains(value, "$") {
			got, err := s.bash(ctx, `printf %s "`+value+`"`, "")
			if err != nil || got.code != 0 || got.out == "" {
				return "", fmt.Errorf("nothing is to be put in for %s: %s: %w", p.Word, got.out, err)
			}
			value = got.out
		}
		text = word.ReplaceAllLiteralString(text, value)
	}
	return text, nil
}

// edge is the expression of a placeholder, which is not found within another word.
func edge(word string) string {
	expression := regexp.QuoteMeta(word)
	if regexp.MustCompile(`^\w`).MatchString(word) {
		expression = `\b` + expression
	}
	if regexp.MustCompile(`\w$`).MatchString(word) {
		expression += `\b`
	}
	return expression
}

// do runs a step until it does what is expected of it, once where nothing is said of time.
func (s *shell) do(t *testing.T, step scenario.Step) {
	t.Helper()
	s.set = append(s.set, step.Set...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		got, err := s.execute(ctx, step)
		var complaint string
		switch {
		case ctx.Err() != nil:
			t.Errorf("%s:%d: it took longer than %s:\n%s\n%s", s.path, step.Line, patience, step.Text, got.out)
			return
		case err != nil:
			complaint = err.Error()
		default:
			complaint = s.judge(ctx, step, got)
		}
		if complaint == "" {
			return
		}
		if !step.Eventually {
			t.Errorf("%s:%d: %s\n%s%s", s.path, step.Line, complaint, step.Text, indented(got.out))
			return
		}
		select {
		case <-ctx.Done():
			t.Errorf("%s:%d: after %s, %s\n%s%s", s.path, step.Line, patience, complaint, step.Text, indented(got.out))
			return
		case <-time.After(between):
		}
	}
}

// judge says what is not as the document tells it.
func (s *shell) judge(ctx context.Context, step scenario.Step, got result) string {
	switch {
	case step.Refusal != "" && got.code == 0:
		return "it is to be refused, and is not"
	case step.Refusal == "" && got.code != step.Exit:
		return fmt.Sprintf("it ends with the code %d", got.code)
	case !strings.Contains(strings.Join(strings.Fields(got.out), " "), step.Refusal):
		return fmt.Sprintf("the refusal does not say %q", step.Refusal)
	}
	if step.Output == nil {
		return ""
	}
	shown, err := s.replace(ctx, *step.Output)
	if err != nil {
		return err.Error()
	}
	if !scenario.Matches(shown, got.out, step.Varies) {
		return "it prints something else than the document shows (-document +printed):\n" + cmp.Diff(strings.Split(shown, "\n"), strings.Split(got.out, "\n"))
	}
	return ""
}

// end ends what steps left running.
func (s *shell) end() {
	for _, group := range s.left {
		// Most have ended by themselves.
		_ = syscall.Kill(-group, syscall.SIGTERM)
	}
}

func indented(out string) string {
	return "    | " + strings.ReplaceAll(strings.TrimRight(out, "\n"), "\n", "\n    | ")
}

// stateOf is the file with the reader's variables at the end of a document.
func (w *world) stateOf(path string) string {
	return filepath.Join(w.reader, ".tools", strings.ReplaceAll(path, "/", "_")+".state")
}
