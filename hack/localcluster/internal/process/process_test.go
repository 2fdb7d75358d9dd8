package process

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func spec(t *testing.T, script string) Spec {
	t.Helper()
	dir := t.TempDir()
	return Spec{
		Name: "test", Path: "/bin/sh", Args: []string{"-c", script}, Dir: dir,
		LogFile: filepath.Join(dir, "logs", "test.log"), PIDFile: filepath.Join(dir, "run", "test.pid"),
	}
}

func start(t *testing.T, s Spec) *Record {
	t.Helper()
	if _, err := s.Start("digest"); err != nil {
		t.Fatal(err)
	}
	r, err := ReadRecord(s.PIDFile)
	if err != nil || r == nil {
		t.Fatalf("there is no record: %v, %v", r, err)
	}
	t.Cleanup(func() { _ = r.Kill(context.Background()) })
	return r
}

func TestAProcessIsFoundAgainAndEnded(t *testing.T) {
	r := start(t, spec(t, "sleep 60"))
	if !r.Alive() || r.Digest != "digest" {
		t.Fatalf("the record %+v is not that of the process", r)
	}
	if err := r.Stop(context.Background(), 5*time.Second); err != nil || r.Alive() {
		t.Errorf("after Stop it is alive: %v, %v", r.Alive(), err)
	}
}

func TestAProcessThatDoesNotWantToEndIsKilled(t *testing.T) {
	s := spec(t, "trap '' TERM; echo ready; while :; do sleep 0.1; done")
	r := start(t, s)
	for deadline := time.Now().Add(5 * time.Second); LogTail(s.LogFile, 1) != "ready" && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if err := r.Stop(context.Background(), 100*time.Millisecond); err != nil || r.Alive() {
		t.Errorf("after Stop it is alive: %v, %v", r.Alive(), err)
	}
}

func TestAnotherProcessWithTheSamePidIsNotOurs(t *testing.T) {
	r := start(t, spec(t, "sleep 60"))
	stranger := &Record{PID: r.PID, Identity: "of another time"}
	if err := stranger.Kill(context.Background()); err != nil || stranger.Alive() || !r.Alive() {
		t.Errorf("the process was mistaken for another: %v", err)
	}
}

func TestAProcessThatEndsIsNoticed(t *testing.T) {
	s := spec(t, "echo why; exit 3")
	ended, err := s.Start("digest")
	if err != nil {
		t.Fatal(err)
	}
	if exit := <-ended; exit == nil || !strings.Contains(exit.Error(), "3") {
		t.Errorf("it ended with %v", exit)
	}
	if got := LogTail(s.LogFile, 5); got != "why" {
		t.Errorf("its log ends with %q", got)
	}
}

func TestDamagedPIDFilesAreAsGoodAsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pid")
	if err := os.WriteFile(path, []byte("12"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := ReadRecord(path); r != nil || err != nil || r.Alive() {
		t.Errorf("got %v, %v", r, err)
	}
}
