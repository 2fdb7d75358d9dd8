package cli

import (
	"context"
	"io"
	"strings"

	"k8s.io/utils/clock"

	"lienthong.gov.vn/connector-operator/report/locale"
)

// Call is one call of the program.
type Call struct {
	// Program is how the reader calls it, such as kubectl lienthong.
	Program string
	// Reports tells that the program without a command writes a report, as connector-operator report does.
	Reports bool
	Args    []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(string) string
	Clock   clock.Clock
	// Version is told to the API server.
	Version string
	// Connect reaches a cluster; Connect of this package, unless a test has another.
	Connect func(Access) (Cluster, error)
	// Others are commands of other packages.
	Others []Command
}

// Command is a command of another package, which reads its own flags, --language and -h among them, and gives its exit code.
type Command struct {
	Name string
	// Short says in a line what it does.
	Short func(locale.Language) string
	Run   func(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int
}

// session is a call with what its flags say.
type session struct {
	Call
	l        locale.Language
	access   Access
	language string
	progress bool
	// progressSet tells that --progress was given, either way.
	progressSet func() bool
	code        int
}

// Run runs one call and gives its exit code.
func Run(ctx context.Context, call Call) int {
	s := &session{Call: call}
	l, err := s.chosen()
	s.l = l
	if err != nil {
		s.complain(&usageError{err: err})
		return codeUsage
	}
	root := s.root() //nolint:contextcheck // a command gets its context from cobra, when it runs
	root.SetArgs(call.Args)
	if err := root.ExecuteContext(ctx); err != nil {
		s.complain(err)
		if isUsage(err) {
			return codeUsage
		}
		return codeFailure
	}
	return s.code
}

// chosen is the language of the reader. It has to be known before the flags are read, because their help is written in it.
func (s *session) chosen() (locale.Language, error) {
	l := locale.FromEnvironment(s.Getenv)
	for i, arg := range s.Args {
		value, given := strings.CutPrefix(arg, "--language=")
		switch {
		case arg == "--":
			return l, nil
		case arg == "--language" && i+1 < len(s.Args):
			value = s.Args[i+1]
		case !given:
			continue
		}
		chosen, err := locale.Parse(value)
		if err != nil {
			return l, err
		}
		l = chosen
	}
	return l, nil
}
