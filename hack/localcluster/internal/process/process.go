// Package process starts the components as processes of their own, finds them again in later commands, and ends them.
//
// A process is put into a session of its own, so that it outlives the command and is not reached by a Ctrl-C meant for
// it. Its PID file has one line: the pid, the identity of the process, and the digest of what it was started with. The
// identity keeps a pid that was given to some other process, as after a restart of the machine, from being mistaken for
// ours; the digest tells whether the process must be started again because its configuration changed.
package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// pollInterval is how often a condition on a process is looked at again.
const pollInterval = 50 * time.Millisecond

// Spec is what a process is started with.
type Spec struct {
	Name string
	Path string
	Args []string
	Env  []string
	Dir  string
	// Inputs are files whose content the process reads once, when it starts.
	Inputs  []string
	LogFile string
	PIDFile string
}

// Record is the content of a PID file.
type Record struct {
	PID      int
	Identity string
	Digest   string
}

// Digest sums up everything that makes the process what it is.
func (s Spec) Digest() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q\n", s.Path, s.Args, s.Env)
	info, err := os.Stat(s.Path)
	if err != nil {
		return "", fmt.Errorf("look at the executable of %s: %w", s.Name, err)
	}
	fmt.Fprintf(h, "%d %d\n", info.Size(), info.ModTime().UnixNano())
	for _, path := range s.Inputs {
		raw, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("read what %s is started with: %w", s.Name, err)
		}
		fmt.Fprintf(h, "%s %x\n", path, sha256.Sum256(raw))
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// ReadRecord returns nil where there is no PID file, or none that can be understood.
func ReadRecord(pidFile string) (*Record, error) {
	raw, err := os.ReadFile(pidFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the PID file: %w", err)
	}
	r := &Record{}
	if _, err := fmt.Sscanf(string(raw), "%d %s %s", &r.PID, &r.Identity, &r.Digest); err != nil {
		return nil, nil
	}
	return r, nil
}

// Alive tells whether the very process of the record still runs.
func (r *Record) Alive() bool {
	if r == nil {
		return false
	}
	identity, running := identify(r.PID)
	return running && identity == r.Identity
}

// Start starts the process and writes its PID file. The channel delivers how the process ended if that happens while the
// calling command still runs.
func (s Spec) Start(digest string) (<-chan error, error) {
	for _, dir := range []string{filepath.Dir(s.LogFile), filepath.Dir(s.PIDFile), s.Dir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make a directory for %s: %w", s.Name, err)
		}
	}
	log, err := os.OpenFile(s.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", s.Name, err)
	}
	defer log.Close()
	cmd := exec.Command(s.Path, s.Args...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = s.Env, s.Dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Name, err)
	}
	identity, _ := identify(cmd.Process.Pid)
	line := fmt.Sprintf("%d %s %s\n", cmd.Process.Pid, identity, digest)
	if err := os.WriteFile(s.PIDFile, []byte(line), 0o600); err != nil {
		_ = cmd.Process.Kill() // without the file no later command would find it
		return nil, fmt.Errorf("write the PID file of %s: %w", s.Name, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, nil
}

// Stop asks the process to end and, if it has not after the given time, kills it.
func (r *Record) Stop(ctx context.Context, grace time.Duration) error {
	if !r.Alive() {
		return nil
	}
	if err := syscall.Kill(r.PID, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end process %d: %w", r.PID, err)
	}
	if r.waitGone(ctx, grace) {
		return nil
	}
	return r.Kill(ctx)
}

// Kill ends the process at once and waits until it is gone.
func (r *Record) Kill(ctx context.Context) error {
	if !r.Alive() {
		return nil
	}
	if err := syscall.Kill(r.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process %d: %w", r.PID, err)
	}
	if !r.waitGone(ctx, 10*time.Second) {
		return fmt.Errorf("process %d is still there 10 s after it was killed: it may hang in a system call; look at /proc/%d/stack",
			r.PID, r.PID)
	}
	return nil
}

func (r *Record) waitGone(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for r.Alive() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pollInterval):
		}
	}
	return true
}

// LogTail returns the last lines of a log, for an error message.
func LogTail(path string, lines int) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
