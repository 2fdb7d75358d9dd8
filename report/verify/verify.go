package verify

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/chain"
	"lienthong.gov.vn/connector-operator/report/locale"
)

// Exit codes.
const (
	Intact     = 0
	Broken     = 1
	Usage      = 2
	Unreadable = 3
)

const usage = `Usage: report verify [flags] FILE|DIR|-...

Verifies exported chains of ReadinessReports offline, for example those of

  kubectl get readinessreports,rolloutplans -o yaml | connector-operator report verify -

A plan in the input tells the head of its chain, by which missing reports at the end are found.

Exit codes: 0 intact, 1 broken, 2 the call is not understood, 3 the input cannot be read or has no reports in it.

Flags:
`

// call is what the command was asked for.
type call struct {
	head     string
	plan     string
	language locale.Language
	paths    []string
}

// Run verifies what the arguments name and gives the exit code.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return Intact
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return Usage
	}
	var in input
	if err := in.readAll(ctx, c.paths, stdin); err != nil {
		fmt.Fprintf(stderr, "The input cannot be read: %v.\n", err)
		return Unreadable
	}
	links, heads, err := c.selected(in)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return Usage
	}
	if len(links) == 0 && len(heads) == 0 {
		fmt.Fprintln(stderr, "There are no ReadinessReports in the input; export them with kubectl get readinessreports,rolloutplans -o yaml.")
		return Unreadable
	}
	code := Intact
	for _, found := range chain.Verify(links, heads) {
		tell(stdout, c.language, found)
		if len(found.Findings) > 0 {
			code = Broken
		}
	}
	return code
}

// parse takes flags before and after the paths.
func parse(args []string, stderr io.Writer) (call, error) {
	flags := flag.NewFlagSet("report verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	var c call
	var language string
	flags.StringVar(&c.head, "head", "", "Digest of a report that has to be in the chain, as sha256:<64 hexadecimal digits>, such as the last one when it was noted.")
	flags.StringVar(&c.plan, "plan", "", "Verify only the chain of this RolloutPlan.")
	flags.StringVar(&language, "language", string(locale.English), "Language of what is said: vi or en.")
	for rest := args; ; {
		if err := flags.Parse(rest); err != nil {
			return call{}, err
		}
		if flags.NArg() == 0 {
			break
		}
		c.paths = append(c.paths, flags.Arg(0))
		rest = flags.Args()[1:]
	}
	if len(c.paths) == 0 {
		return call{}, errors.New("say what to verify: a file, a folder, or - for the standard input")
	}
	c.head = strings.TrimPrefix(c.head, "sha256:")
	if c.head != "" && !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(c.head) {
		return call{}, errors.New("--head is no SHA-256 digest; write sha256: and 64 hexadecimal digits in lower case")
	}
	var err error
	c.language, err = locale.Parse(language)
	return c, err
}

// selected leaves what belongs to --plan and adds --head.
func (c call) selected(in input) ([]chain.Link, []chain.Head, error) {
	if c.plan != "" {
		in.links = slices.DeleteFunc(in.links, func(l chain.Link) bool { return l.Spec.Plan.Name != c.plan })
		in.heads = slices.DeleteFunc(in.heads, func(h chain.Head) bool { return h.Plan != c.plan })
	}
	if c.head == "" {
		return in.links, in.heads, nil
	}
	plan := c.plan
	for _, l := range in.links {
		if plan != "" && l.Spec.Plan.Name != plan {
			return nil, nil, errors.New("the input has reports of several plans; say with --plan whose chain --head belongs to")
		}
		plan = l.Spec.Plan.Name
	}
	return in.links, append(in.heads, chain.Head{Plan: plan, SHA256: v1alpha1.SHA256Digest(c.head)}), nil
}
