package cli

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// followed is a cluster of which a test says what happens.
type followed struct {
	client.Reader
	follower chan Follower
}

func (f followed) Follow(_ context.Context, _ []client.Object, told Follower) (client.Reader, error) {
	f.follower <- told
	return f.Reader, nil
}

// lines hands on what is written, a writing at a time.
type lines chan string

func (l lines) Write(text []byte) (int, error) {
	l <- string(text)
	return len(text), nil
}

func (l lines) next(t *testing.T) string {
	t.Helper()
	select {
	case text := <-l:
		return text
	case <-time.After(time.Minute):
		t.Fatal("nothing is written")
		return ""
	}
}

// watched runs status --watch on the country, and gives who is told of what happens there.
func watched(ctx context.Context, t *testing.T, cluster client.Reader) (told Follower, stdout, stderr lines, code chan int) {
	t.Helper()
	stdout, stderr, code = make(lines, 16), make(lines, 16), make(chan int, 1)
	follower := make(chan Follower, 1)
	go func() {
		code <- Run(ctx, Call{
			Program: "kubectl lienthong", Args: []string{"status", "--watch"}, Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr,
			Getenv: func(string) string { return "" }, Clock: clock.RealClock{},
			Connect: func(Access) (Cluster, error) { return followed{cluster, follower}, nil },
		})
	}()
	if first := stdout.next(t); !strings.Contains(first, "Hanoi") {
		t.Fatalf("the first drawing is\n%s", first)
	}
	return <-follower, stdout, stderr, code
}

func rename(t *testing.T, cluster client.Client, name string) {
	t.Helper()
	agency := &v1alpha1.Agency{}
	if err := cluster.Get(t.Context(), client.ObjectKey{Name: "h26"}, agency); err != nil {
		t.Fatal(err)
	}
	agency.Spec.Names.En = name
	if err := cluster.Update(t.Context(), agency); err != nil {
		t.Fatal(err)
	}
}

// A change is drawn; what changes nothing that is shown is not; an interrupted watch has ended well.
func TestWatchDrawsChanges(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	cluster := country(t)
	told, stdout, _, code := watched(ctx, t, cluster)
	told.Changed() // nothing that is shown
	rename(t, cluster, "Thang Long")
	told.Changed()
	if next := stdout.next(t); !strings.Contains(next, "Thang Long") || !strings.HasPrefix(next, "\nAs of ") {
		t.Errorf("the next drawing is\n%s", next)
	}
	interrupt()
	if got := <-code; got != codeFine || len(stdout) != 0 {
		t.Errorf("the watch ended with %d, and has drawn %d times more", got, len(stdout))
	}
}

// A lost connection is told once until it is back, and so is that.
func TestWatchTellsOfTheConnection(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	told, _, stderr, _ := watched(ctx, t, country(t))
	told.Back()
	told.Lost(io.ErrUnexpectedEOF)
	told.Lost(io.ErrUnexpectedEOF)
	told.Back()
	told.Back()
	first, second := stderr.next(t), stderr.next(t)
	if !strings.Contains(first, "lost") || second != "The connection is back.\n" || len(stderr) != 0 {
		t.Errorf("told are %q and %q, and %d more", first, second, len(stderr))
	}
}

// Who may read and not watch is told which right is missing; any other end is an error as well.
func TestWatchThatIsRefused(t *testing.T) {
	for err, says := range map[error]string{
		forbidden("agencies"): "may not watch agencies.lienthong.gov.vn", errors.New("the copy is broken"): "the copy is broken",
	} {
		told, _, stderr, code := watched(t.Context(), t, country(t))
		told.Refused(err)
		if got := <-code; got != codeFailure {
			t.Errorf("the watch ended with %d", got)
		}
		if text := stderr.next(t); !strings.Contains(text, says) {
			t.Errorf("stderr does not say %q: %s", says, text)
		}
	}
}
