package gateway_test

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"lienthong.gov.vn/connector-operator/gateway/config"
)

// process is a gateway in a process of its own.
type process struct {
	f      *fixture
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	stdout *bytes.Buffer // what came after the addresses; to be read when the process has ended
	done   chan error
}

func (f *fixture) startProcess(env ...string) *process {
	f.t.Helper()
	p := &process{f: f, cmd: exec.Command(must(os.Executable())), stderr: &bytes.Buffer{}, stdout: &bytes.Buffer{}, done: make(chan error, 1)}
	p.cmd.Env = append(append(os.Environ(), asGateway+"="+f.configDir+":"+f.identityDir), env...)
	p.cmd.Stderr = p.stderr
	stdout := must(p.cmd.StdoutPipe())
	check(f.t, p.cmd.Start())
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	if err != nil {
		_ = p.cmd.Wait()
		f.t.Fatalf("the process printed no addresses: %v\n%s", err, p.stderr)
	}
	go func() {
		_, _ = p.stdout.ReadFrom(lines)
		p.done <- p.cmd.Wait()
	}()
	parts := strings.Fields(line)
	for i, addr := range []*net.Addr{&f.addrs.Inbound, &f.addrs.Outbound, &f.addrs.Status, &f.addrs.Probes} {
		*addr = must(net.ResolveTCPAddr("tcp", parts[i]))
	}
	f.waitReady()
	return p
}

func (p *process) signal() { check(p.f.t, p.cmd.Process.Signal(syscall.SIGTERM)) }

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	p.wait()
}

func (p *process) wait() int {
	p.f.t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		return 0
	case <-time.After(patience):
		p.f.t.Fatal("the process does not end")
		return -1
	}
}

// TestProcessEndsWithCodeZero: SIGTERM drains and ends with 0; the log is JSON and holds no key.
func TestProcessEndsWithCodeZero(t *testing.T) {
	f := newFixture(t, backend(t, echo), nil)
	pair := f.issue(gatewayID)
	f.writeIdentity(pair)
	p := f.startProcess()
	p.signal()
	if code := p.wait(); code != 0 {
		t.Errorf("the exit code is %d and not 0:\n%s", code, p.stderr)
	}
	if !strings.Contains(p.stderr.String(), `"msg":"The gateway has drained."`) {
		t.Errorf("the log does not tell of the drain:\n%s", p.stderr)
	}
	if secret := strings.Split(string(pair.Key), "\n")[1]; strings.Contains(p.stderr.String(), secret) {
		t.Error("the log holds the private key")
	}
}

// TestSecondSignalEndsAtOnce does not wait for the drain.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	f := newFixture(t, backend(t, echo), func(c *config.Config) { c.Drain.Delay = duration(time.Hour) })
	f.writeIdentity(f.issue(gatewayID))
	p := f.startProcess()
	p.signal()
	f.waitDraining()
	p.signal()
	if code := p.wait(); code != 1 {
		t.Errorf("the exit code after a second signal is %d and not 1", code)
	}
}
