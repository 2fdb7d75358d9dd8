package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/config"
	"lienthong.gov.vn/connector-operator/hack/localcluster/internal/process"
)

const (
	// stopGrace is how long a process may take to end in good order before it is killed.
	stopGrace = 5 * time.Second
	// readyTimeout is generous: on a busy machine with two cores an API server has been seen to take half a minute.
	readyTimeout = 3 * time.Minute
	// probeInterval is how often a component that is not ready is asked again.
	probeInterval = 100 * time.Millisecond
	// logLines is how much of a log is shown when a component does not work.
	logLines = 15
)

// startPhase starts what does not run of one phase, and waits until all of it is ready.
func (t *Tool) startPhase(ctx context.Context, phase []config.Component) error {
	ended := make([]<-chan error, len(phase))
	for i, c := range phase {
		var err error
		if ended[i], err = t.ensureRunning(ctx, c); err != nil {
			return err
		}
	}
	// The first that fails ends the wait for the others, which may wait for it.
	waiting, waitCtx := errgroup.WithContext(ctx)
	for i, c := range phase {
		waiting.Go(func() error { return t.waitReady(waitCtx, c, ended[i]) })
	}
	return waiting.Wait()
}

// ensureRunning starts the component unless it runs with exactly this configuration. The channel is nil if it did.
func (t *Tool) ensureRunning(ctx context.Context, c config.Component) (<-chan error, error) {
	for path, content := range c.Files {
		if err := writeIfChanged(path, content); err != nil {
			return nil, fmt.Errorf("write the configuration of %s: %w", c.Name, err)
		}
	}
	digest, err := c.Digest()
	if err != nil {
		return nil, err
	}
	record, err := process.ReadRecord(c.PIDFile)
	if err != nil {
		return nil, err
	}
	switch {
	case record.Alive() && record.Digest == digest:
		return nil, nil
	case record.Alive():
		t.report("%s was configured differently, starting it again", c.Name)
		if err := record.Stop(ctx, stopGrace); err != nil {
			return nil, err
		}
	case record != nil:
		t.report("%s has ended, starting it again", c.Name)
	}
	return c.Start(digest)
}

// waitReady polls until the component works, ends, or takes too long.
func (t *Tool) waitReady(ctx context.Context, c config.Component, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		err := c.Ready(ctx)
		if err == nil {
			if ended != nil {
				t.report("%s is ready", c.Name)
			}
			return nil
		}
		select {
		case exit := <-ended:
			if exit == nil {
				exit = errors.New("it ended without an error")
			}
			return fmt.Errorf("%s ended before it was ready: %w; the end of %s:\n%s", c.Name, exit, c.LogFile, process.LogTail(c.LogFile, logLines))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; the end of %s:\n%s", c.Name, err, c.LogFile, process.LogTail(c.LogFile, logLines))
		case <-time.After(probeInterval):
		}
	}
}
