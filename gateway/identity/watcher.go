package identity

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
	"github.com/go-logr/logr"
	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/gateway/volume"
)

// Options say where the volumes are mounted.
type Options struct {
	ConfigDir   string
	IdentityDir string
	// PollInterval is how often the volumes are looked at without any event.
	PollInterval time.Duration
	Clock        clock.WithTicker
	Log          logr.Logger
	// Observe, if set, is told of every change of the snapshot or of the problems, one call at a time.
	Observe func(Change)
}

// Change is one outcome of looking at the volumes.
type Change struct {
	Old, New *Snapshot
	Problems []string
}

// Watcher holds the snapshot in use.
type Watcher struct {
	opts Options

	mu       sync.RWMutex
	current  *Snapshot
	problems []string
	lastLook time.Time
}

// NewWatcher reads the volumes once. A configuration that cannot be used is an error, since without it the gateway does not
// even know where to listen; a certificate or trust bundle that is missing is not.
func NewWatcher(opts Options) (*Watcher, error) {
	first := read(opts)
	if first.configErr != nil {
		return nil, fmt.Errorf("the gateway cannot start from %s: %w", opts.ConfigDir, first.configErr)
	}
	now := opts.Clock.Now()
	start := &Snapshot{Config: *first.config, ConfigDigest: first.configDigest}
	current, problems := decide(start, first, now)
	return &Watcher{opts: opts, current: current, problems: problems, lastLook: now}, nil
}

// Current is the snapshot in use.
func (w *Watcher) Current() *Snapshot {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.current
}

// Problems are whole sentences about what in the volumes is not in use, and why.
func (w *Watcher) Problems() []string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.Clone(w.problems)
}

// LastLook is when the volumes were last looked at; a time long past means that the watcher is stuck.
func (w *Watcher) LastLook() time.Time {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.lastLook
}

// Run follows the volumes until ctx ends.
func (w *Watcher) Run(ctx context.Context) error {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("file system events are not available; raise fs.inotify.max_user_instances on the node: %w", err)
	}
	defer func() { _ = events.Close() }()
	poll := w.opts.Clock.NewTicker(w.opts.PollInterval)
	defer poll.Stop()
	for {
		// Watched before it is read, and again on every round: a directory may have been missing or replaced.
		w.watchDirectories(events)
		w.look()
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C():
		case <-events.Events:
			drain(events.Events)
		case err := <-events.Errors:
			w.opts.Log.V(1).Info("A file system event was lost; the volumes are read again.", "error", err)
		}
	}
}

// drain takes the further events of the same write, so that one swap of a volume is read once.
func drain(events <-chan fsnotify.Event) {
	for {
		select {
		case <-events:
		default:
			return
		}
	}
}

func (w *Watcher) watchDirectories(events *fsnotify.Watcher) {
	for _, dir := range []string{w.opts.ConfigDir, w.opts.IdentityDir} {
		if slices.Contains(events.WatchList(), dir) {
			continue
		}
		if err := events.Add(dir); err != nil {
			w.opts.Log.V(1).Info("A directory cannot be watched for events; it is read on every poll.", "directory", dir, "error", err.Error())
		}
	}
}

// look reads the volumes once and publishes what follows.
func (w *Watcher) look() {
	found := read(w.opts)
	now := w.opts.Clock.Now()
	w.mu.Lock()
	old, oldProblems := w.current, w.problems
	next, problems := decide(old, found, now)
	if next.Same(old) {
		next = old
	}
	w.current, w.problems, w.lastLook = next, problems, now
	w.mu.Unlock()
	if next == old && slices.Equal(problems, oldProblems) {
		return
	}
	for _, problem := range problems {
		w.opts.Log.Info(problem)
	}
	if w.opts.Observe != nil {
		w.opts.Observe(Change{Old: old, New: next, Problems: slices.Clone(problems)})
	}
}

func read(opts Options) candidate {
	var c candidate
	files, err := volume.Read(opts.ConfigDir, ConfigFile, TrustFile, RevocationsFile)
	if err != nil {
		c.configErr, c.trustErr, c.revocationErr = err, err, err
	} else {
		c.parseConfig(files)
		c.parseTrust(files)
		c.parseRevocations(files)
	}
	files, err = volume.Read(opts.IdentityDir, CertificateFile, KeyFile)
	if err != nil {
		c.leafErr = err
	} else {
		c.parseLeaf(files)
	}
	return c
}
