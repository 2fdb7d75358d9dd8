package build

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"
)

// progressInterval is how often a running build says how far it is.
const progressInterval = 15 * time.Second

// compile builds one program next to its place and moves it there when it is complete.
func compile(ctx context.Context, moduleDir, output, program string, recipe []string, report Reporter) error {
	next := output + ".new"
	args := append(append([]string{}, recipe...), "-v", "-o", next, program)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = moduleDir
	// Static, so that no C compiler is needed and the pause program runs in an empty image.
	cmd.Env = append(environment(), "CGO_ENABLED=0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("build %s: %w", program, err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("build %s: %w", program, err)
	}
	progress := &progress{program: program, started: time.Now()}
	stop := progress.every(progressInterval, report)
	problems := progress.read(stderr)
	err = cmd.Wait()
	stop()
	if err != nil {
		return fmt.Errorf("build %s in %s: %w\n%s", program, moduleDir, err, problems)
	}
	if err := replace(next, output); err != nil {
		return fmt.Errorf("put %s in its place: %w", program, err)
	}
	report("built %s in %s", program, time.Since(progress.started).Round(time.Second))
	return nil
}

// replace leaves a program alone that came out the same, so that what runs it is not started again.
func replace(next, output string) error {
	fresh, err := os.ReadFile(next)
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(output); err == nil && bytes.Equal(old, fresh) {
		return os.Remove(next)
	}
	return os.Rename(next, output)
}

type progress struct {
	program  string
	started  time.Time
	packages atomic.Int64
}

// read counts the packages that `go build -v` names, one on a line, and returns whatever else it says.
func (p *progress) read(r io.Reader) string {
	var problems []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if line := lines.Text(); isPackage(line) {
			p.packages.Add(1)
		} else if !strings.HasPrefix(line, "go: downloading ") {
			problems = append(problems, line)
		}
	}
	return strings.Join(problems, "\n")
}

func isPackage(line string) bool {
	return line != "" && !strings.HasPrefix(line, "#") && !strings.ContainsAny(line, " \t:")
}

// every reports until the returned function is called.
func (p *progress) every(interval time.Duration, report Reporter) (stop func()) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				report("building %s: %s, %d packages compiled (of about 3000 the first time, which takes 10 minutes on two cores)",
					p.program, time.Since(p.started).Round(time.Second), p.packages.Load())
			}
		}
	}()
	return func() { close(done) }
}
