package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/observe"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/scale/calls"
	"lienthong.gov.vn/connector-operator/test/scale/fleet"
	"lienthong.gov.vn/connector-operator/test/scale/trial"
)

// The operator runs in a process of its own, so that its CPU time and its memory are its alone: this same program, called with
// operatorCommand. It is what the manager subcommand runs, with its calls counted on the way; the metrics of client-go, which
// the manager serves, tell no resources and would have to be asked for, with calls of their own.
const operatorCommand = "operator"

// Questions that the parent asks, one per line; each is answered with one line of JSON.
const (
	askCalls  = "calls"
	askLooked = "looked"
)

// answer is what the operator's process says.
type answer struct {
	Calls   []calls.Call `json:"calls,omitempty"`
	Problem string       `json:"problem,omitempty"`
}

// runOperator runs the operator until its standard input ends.
func runOperator(ctx context.Context, kubeconfig string, size fleet.Size) error {
	admin, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", kubeconfig, err)
	}
	scheme, err := controllers.NewScheme()
	if err != nil {
		return err
	}
	recorder := calls.NewRecorder(scheme, calls.OfConnector)
	// Nobody is asked: simulated pods have no address.
	operator, err := trial.StartInProcess(ctx, harness.AsOperator(admin), recorder, nobody{}, observe.DefaultTiming())
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(answer{}); err != nil {
		return errors.Join(err, operator.Stop())
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var reply answer
		var problem error
		switch in.Text() {
		case askCalls:
			reply.Calls, problem = operator.Calls()
		case askLooked:
			problem = operator.Looked(size)
		}
		if problem != nil {
			reply.Problem = problem.Error()
		}
		if err := out.Encode(reply); err != nil {
			return errors.Join(err, operator.Stop())
		}
	}
	return operator.Stop()
}

// child is an operator in a process of its own.
type child struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *json.Decoder
}

var _ trial.Operator = (*child)(nil)

// startChild starts an operator and waits until its cache is filled.
func startChild(ctx context.Context, kubeconfig string, size fleet.Size) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	c := &child{command: exec.CommandContext(ctx, self, operatorCommand, kubeconfig, strconv.Itoa(size.Agencies), strconv.Itoa(size.Sites))}
	c.command.Stderr = os.Stderr
	if c.in, err = c.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("connecting to the operator's process: %w", err)
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("connecting to the operator's process: %w", err)
	}
	c.out = json.NewDecoder(bufio.NewReader(out))
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("starting the operator's process: %w", err)
	}
	if err := c.out.Decode(&answer{}); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for the operator's process: %w", err), c.Stop())
	}
	return c, nil
}

func (c *child) ask(question string) (answer, error) {
	var reply answer
	if _, err := io.WriteString(c.in, question+"\n"); err != nil {
		return reply, fmt.Errorf("asking the operator's process for %s: %w", question, err)
	}
	if err := c.out.Decode(&reply); err != nil {
		return reply, fmt.Errorf("asking the operator's process for %s: %w", question, err)
	}
	return reply, nil
}

// Calls gives every call so far.
func (c *child) Calls() ([]calls.Call, error) {
	reply, err := c.ask(askCalls)
	return reply.Calls, err
}

// Looked says what is missing until each object of a fleet of that size was reconciled since the start, and nothing is queued.
func (c *child) Looked(fleet.Size) error {
	reply, err := c.ask(askLooked)
	if err == nil && reply.Problem != "" {
		err = errors.New(reply.Problem)
	}
	return err
}

// Stop stops it and waits until it is gone.
func (c *child) Stop() error {
	if err := errors.Join(c.in.Close(), c.command.Wait()); err != nil {
		return fmt.Errorf("the operator's process ended: %w", err)
	}
	return nil
}

// usage is what the running process has taken so far: CPU time, and the most memory that it held at once. The peak that a process leaves
// behind (ru_maxrss) is no use, because Linux lets it begin with that of the parent.
func (c *child) usage() (cpu time.Duration, peakMiB float64, err error) {
	proc := fmt.Sprintf("/proc/%d/", c.command.Process.Pid)
	status, err := os.ReadFile(proc + "status")
	if err != nil {
		return 0, 0, fmt.Errorf("reading the memory of the operator's process, which needs Linux: %w", err)
	}
	_, text, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.ParseFloat(strings.Fields(text)[0], 64)
	if err != nil {
		return 0, 0, fmt.Errorf("reading VmHWM of the operator's process: %w", err)
	}
	stat, err := os.ReadFile(proc + "stat")
	if err != nil {
		return 0, 0, fmt.Errorf("reading the CPU time of the operator's process: %w", err)
	}
	// The name in brackets may hold anything; utime and stime are the 12th and 13th field after it.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("reading the CPU time of the operator's process: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, kib / 1024, nil
}

// ticksPerSecond is the unit of /proc on every Linux that Go runs on.
const ticksPerSecond = 100
