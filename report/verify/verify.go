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
	"lienthong.gov.vn/connector-operator/report/view"
)

// Exit codes.
const (
	Intact     = 0
	Broken     = 1
	Usage      = 2
	Unreadable = 3
)

// usage is the help, of which the flags are the end.
func usage(l locale.Language) string {
	return l.Say(`Kiểm tra ngoại tuyến các chuỗi ReadinessReport đã xuất, ví dụ kết quả của

  kubectl get readinessreports,rolloutplans -o yaml | connector-operator report verify -

Kế hoạch (RolloutPlan) có trong đầu vào cho biết báo cáo cuối của chuỗi, nhờ đó thấy được báo cáo thiếu ở cuối.

Mã thoát: 0 nguyên vẹn, 1 bị phá vỡ, 2 gọi lệnh sai, 3 không đọc được đầu vào hoặc đầu vào không có báo cáo.

Cách dùng:
  connector-operator report verify [tùy chọn] TỆP|THƯ-MỤC|-...
  kubectl lienthong verify [tùy chọn] TỆP|THƯ-MỤC|-...

Tùy chọn:
`, `Verifies exported chains of ReadinessReports offline, for example those of

  kubectl get readinessreports,rolloutplans -o yaml | connector-operator report verify -

A plan in the input tells the head of its chain, by which missing reports at the end are found.

Exit codes: 0 intact, 1 broken, 2 the call is not understood, 3 the input cannot be read or has no reports in it.

Usage:
  connector-operator report verify [flags] FILE|DIR|-...
  kubectl lienthong verify [flags] FILE|DIR|-...

Flags:
`)
}

// call is what the command was asked for.
type call struct {
	head     string
	plan     string
	language locale.Language
	paths    []string
}

// Run verifies what the arguments name and gives the exit code.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c, err := parse(args, stdout)
	l := c.language
	if errors.Is(err, flag.ErrHelp) {
		return Intact
	}
	if err != nil {
		return misunderstood(stderr, l, err)
	}
	var in input
	if err := in.readAll(ctx, c.paths, stdin); err != nil {
		fmt.Fprintln(stderr, view.Line(l.Say("Không đọc được đầu vào: %v.", "The input cannot be read: %v.", err)))
		return Unreadable
	}
	plans := in.plans()
	links, heads, err := c.selected(in)
	if err != nil {
		return misunderstood(stderr, l, err)
	}
	if len(links) == 0 && len(heads) == 0 && len(plans) > 0 {
		names := view.Line(strings.Join(plans, ", "))
		fmt.Fprintln(stderr, l.Say("Đầu vào không có báo cáo nào của kế hoạch %q, mà có của: %s. Hãy sửa --plan.",
			"The input has no reports of the plan %q; it has those of %s. Correct --plan.", c.plan, names))
		return Unreadable
	}
	if len(links) == 0 && len(heads) == 0 {
		fmt.Fprintln(stderr, l.Say("Đầu vào không có ReadinessReport nào; hãy xuất bằng kubectl get readinessreports,rolloutplans -o yaml.",
			"There are no ReadinessReports in the input; export them with kubectl get readinessreports,rolloutplans -o yaml."))
		return Unreadable
	}
	code := Intact
	for _, found := range chain.Verify(links, heads) {
		tell(stdout, l, found)
		if len(found.Findings) > 0 {
			code = Broken
		}
	}
	return code
}

func misunderstood(stderr io.Writer, l locale.Language, err error) int {
	fmt.Fprintln(stderr, l.Say("Gọi lệnh chưa đúng: %v.\nXem verify -h.", "The call is not understood: %v.\nSee verify -h.", err))
	return Usage
}

// parse takes flags before and after the paths. The language is known also of a call that is not understood, as far as it was read.
func parse(args []string, stdout io.Writer) (call, error) {
	c := call{language: locale.English}
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Func("language", "vi | en", func(value string) (err error) {
		spoken, err := locale.Parse(value)
		if err == nil {
			c.language = spoken
		}
		return err
	})
	flags.StringVar(&c.head, "head", "", "")
	flags.StringVar(&c.plan, "plan", "", "")
	for rest := args; ; {
		err := flags.Parse(rest)
		if errors.Is(err, flag.ErrHelp) {
			help(stdout, c.language)
		}
		if err != nil {
			return c, err
		}
		if flags.NArg() == 0 {
			break
		}
		c.paths = append(c.paths, flags.Arg(0))
		rest = flags.Args()[1:]
	}
	if len(c.paths) == 0 {
		return c, errors.New(c.language.Say("hãy cho biết kiểm tra gì: một tệp, một thư mục, hoặc - cho đầu vào chuẩn",
			"say what to verify: a file, a folder, or - for the standard input"))
	}
	c.head = strings.TrimPrefix(c.head, "sha256:")
	if c.head != "" && !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(c.head) {
		return c, errors.New(c.language.Say("--head không phải giá trị băm SHA-256; hãy ghi sha256: và 64 chữ số thập lục phân viết thường",
			"--head is no SHA-256 digest; write sha256: and 64 hexadecimal digits in lower case"))
	}
	return c, nil
}

// help tells what can be asked for.
func help(stdout io.Writer, l locale.Language) {
	fmt.Fprint(stdout, usage(l), l.Say(
		`  --head digest        báo cáo phải có trong chuỗi, dạng sha256:<64 chữ số thập lục phân>, ví dụ báo cáo cuối khi được ghi lại
  --language language  ngôn ngữ: vi hoặc en; nếu không ghi thì theo LC_ALL hoặc LANG
  --plan plan          chỉ kiểm tra chuỗi của RolloutPlan này
`,
		`  --head digest        report that has to be in the chain, as sha256:<64 hexadecimal digits>, such as the last one when it was noted
  --language language  language: vi or en; that of LC_ALL or LANG if it is left out
  --plan plan          verify only the chain of this RolloutPlan
`))
}

// selected leaves what belongs to --plan and adds --head.
func (c call) selected(in input) ([]chain.Link, []chain.Head, error) {
	if c.plan != "" {
		in.links = slices.DeleteFunc(in.links, func(l chain.Link) bool { return l.Spec.Plan.Name != c.plan })
		in.heads = slices.DeleteFunc(in.heads, func(h chain.Head) bool { return h.Plan != c.plan })
	}
	plans := in.plans()
	switch {
	case c.head == "" || len(plans) == 0:
		return in.links, in.heads, nil
	case len(plans) > 1:
		return nil, nil, errors.New(c.language.Say("đầu vào có nhiều kế hoạch; hãy cho biết bằng --plan --head thuộc chuỗi nào",
			"the input has several plans; say with --plan whose chain --head belongs to"))
	}
	return in.links, append(in.heads, chain.Head{Plan: plans[0], SHA256: v1alpha1.SHA256Digest(c.head)}), nil
}
