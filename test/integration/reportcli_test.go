package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/cli"
	"lienthong.gov.vn/connector-operator/report/format"
)

// printed is what a command wrote, which a test reads while it is being written.
type printed struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (p *printed) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.Write(text)
}

func (p *printed) String() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.text.String()
}

// as is the configuration of a user with the rights that the user is bound to, and no others.
func (w *world) as(user string) *rest.Config {
	config := rest.CopyConfig(w.Admin)
	config.Impersonate = rest.ImpersonationConfig{UserName: user + "@" + w.namespace, Groups: []string{"system:authenticated"}}
	return config
}

// report runs a command of reports, and gives its exit code.
func report(ctx context.Context, config *rest.Config, stdout, stderr io.Writer, args ...string) int {
	return cli.Run(ctx, cli.Call{
		Program: "kubectl lienthong", Args: args, Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr,
		Getenv: func(string) string { return "" }, Clock: clock.RealClock{}, Version: "test",
		Connect: func(cli.Access) (cli.Cluster, error) { return cli.NewCluster(config) },
	})
}

// printedReport runs a command as a user, and fails the test if it does not succeed.
func (w *world) printedReport(t *testing.T, user string, args ...string) string {
	t.Helper()
	var stdout, stderr printed
	if code := report(t.Context(), w.as(user), &stdout, &stderr, args...); code != 0 || stderr.String() != "" {
		t.Fatalf("%q gave %d: %s%s", args, code, stdout.String(), stderr.String())
	}
	return stdout.String()
}

// may asks the API server whether somebody may do something in the world's namespace. The resource may have a subresource behind a slash.
func (w *world) may(t *testing.T, user string, groups []string, verb, resource string) bool {
	t.Helper()
	resource, subresource, _ := strings.Cut(resource, "/")
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user, Groups: groups,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: w.namespace, Group: v1alpha1.GroupName, Verb: verb, Resource: resource, Subresource: subresource,
		},
	}}
	if err := w.Client.Create(t.Context(), review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}

// bound gives users one role each: the tenant and an assessor in the world's namespace, the auditor and another assessor everywhere.
func (w *world) bound(t *testing.T) {
	t.Helper()
	ref := func(role string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
	}
	subjects := func(user string) []rbacv1.Subject {
		return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user + "@" + w.namespace}}
	}
	for user, role := range map[string]string{"tenant": "connector-operator-tenant", "assessor": "connector-operator-assessor"} {
		w.Create(t, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: user}, RoleRef: ref(role), Subjects: subjects(user),
		})
	}
	for user, role := range map[string]string{"auditor": "connector-operator-auditor", "central-assessor": "connector-operator-assessor"} {
		w.Create(t, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-" + user}, RoleRef: ref(role), Subjects: subjects(user),
		})
	}
}

// seesAll waits until the API server knows what the auditor may do.
func (w *world) seesAll(t *testing.T) {
	t.Helper()
	w.bound(t)
	w.Eventually(t, func() error {
		if !w.may(t, "auditor@"+w.namespace, nil, "list", "rolloutplans") {
			return fmt.Errorf("the API server has not seen the rights of the auditor yet")
		}
		return nil
	})
}

// An auditor, with no right but an auditor's, gets every report and every explanation.
func TestAuditorReports(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.Create(t, w.asking(v1alpha1.MilestoneRequirement{Evidence: "ContractSigned"}))
	w.seesAll(t)
	w.says(t, v1alpha1.MilestoneOnTrack, fmt.Sprintf(
		"Due before 2999-12-31. Connector %s/main has no record of ContractSigned that is accepted and passed.", w.namespace))

	code, row := w.agency.Spec.Code, w.namespace+"/pilot"
	for _, args := range [][]string{{"status"}, {"status", "--plan", w.namespace}, {"status", "--state", "on-track"}, {"report"}} {
		if got := w.printedReport(t, "auditor", args...); !strings.Contains(got, code) || !strings.Contains(got, row) {
			t.Errorf("%q does not tell of agency %s and milestone %s:\n%s", args, code, row, got)
		}
	}
	for _, name := range format.Names() {
		if got := w.printedReport(t, "auditor", "report", "--format", name); !strings.Contains(got, code) || !strings.Contains(got, "ContractSigned") {
			t.Errorf("%s does not tell of agency %s:\n%s", name, code, got)
		}
	}
	var document format.Document
	if err := json.Unmarshal([]byte(w.printedReport(t, "auditor", "report", "--format", "json", "--agency", code)), &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Agencies) != 1 || len(document.Agencies[0].Connectors) != 1 || document.Agencies[0].Milestones[0].State != v1alpha1.MilestoneOnTrack {
		t.Errorf("the document has %+v", document.Agencies)
	}
	for _, what := range []string{"agency/" + code, "agency/" + w.agency.Name, "connector/" + w.namespace + "/main"} {
		got := w.printedReport(t, "auditor", "explain", what)
		if !strings.Contains(got, "kubectl -n "+w.namespace+" get pods") || strings.Contains(got, "You may not read") {
			t.Errorf("the explanation of %s does not lead to the pods:\n%s", what, got)
		}
	}
}

// Whoever has no rights is told which one is missing, and what to ask for.
func TestReportsWithoutRights(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	for command, right := range map[string]string{
		"status": "may not list rolloutplans.lienthong.gov.vn", "report": "may not list rolloutplans.lienthong.gov.vn",
		"explain agency/" + w.agency.Name: "may not list agencies.lienthong.gov.vn", "status --watch": "may not list rolloutplans.lienthong.gov.vn",
		"explain connector/" + w.namespace + "/main": "may not get connectors.lienthong.gov.vn in namespace " + w.namespace,
	} {
		var stdout, stderr printed
		code := report(t.Context(), w.as("nobody"), &stdout, &stderr, strings.Fields(command)...)
		if code != 1 || stdout.String() != "" || !strings.Contains(stderr.String(), right) ||
			!strings.Contains(stderr.String(), "--clusterrole=connector-operator-auditor") {
			t.Errorf("%s gave %d: %s%s", command, code, stdout.String(), stderr.String())
		}
	}
}

// A watch shows a change, outlives a lost connection, shows what happened meanwhile, and ends well when it is interrupted.
func TestWatchOutlivesTheConnection(t *testing.T) {
	w := newWorld(t)
	w.connect(t)
	w.seesAll(t)
	wire := newWire(t, w.Admin.Host)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stdout, stderr printed
	done := make(chan int, 1)
	go func() {
		done <- report(ctx, wire.through(w.as("auditor")), &stdout, &stderr, "status", "--watch", "--agency", w.agency.Name)
	}()
	w.shows(t, &stdout, w.agency.Spec.Names.Vi)
	w.rename(t, "Cơ quan đổi tên")
	w.shows(t, &stdout, "Cơ quan đổi tên")

	wire.cut()
	w.shows(t, &stderr, "The connection to the cluster is lost")
	w.rename(t, "Cơ quan đổi tên lần nữa")
	wire.mend()
	w.shows(t, &stderr, "The connection is back")
	w.shows(t, &stdout, "Cơ quan đổi tên lần nữa")

	interrupt()
	if code := <-done; code != 0 {
		t.Errorf("the watch ended with %d: %s", code, stderr.String())
	}
}

func (w *world) shows(t *testing.T, p *printed, words string) {
	t.Helper()
	w.Eventually(t, func() error {
		if text := p.String(); !strings.Contains(text, words) {
			return fmt.Errorf("%q is not shown:\n%s", words, text)
		}
		return nil
	})
}

func (w *world) rename(t *testing.T, name string) {
	t.Helper()
	patch := fmt.Sprintf(`{"spec":{"names":{"vi":%q}}}`, name)
	if err := w.Client.Patch(t.Context(), w.agency, client.RawPatch("application/merge-patch+json", []byte(patch))); err != nil {
		t.Fatal(err)
	}
}

// wire carries connections to the API server until it is cut.
type wire struct {
	listener net.Listener
	target   string
	mutex    sync.Mutex
	isCut    bool
	open     []net.Conn
}

func newWire(t *testing.T, server string) *wire {
	t.Helper()
	target := server
	if u, err := url.Parse(server); err == nil && u.Host != "" {
		target = u.Host
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, target: target}
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut()
	})
	go w.carry()
	return w
}

// through is a configuration that reaches the API server over the wire.
func (w *wire) through(config *rest.Config) *rest.Config {
	host, _, err := net.SplitHostPort(w.target)
	if err == nil {
		config.ServerName = host
	}
	config.Host = "https://" + w.listener.Addr().String()
	return config
}

func (w *wire) carry() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", w.target)
		if err != nil || !w.take(near, far) {
			_ = near.Close()
			continue
		}
		go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
		go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
	}
}

// take keeps two ends, so that they can be cut; it refuses them while the wire is.
func (w *wire) take(ends ...net.Conn) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !w.isCut {
		w.open = slices.Concat(w.open, ends)
	}
	return !w.isCut
}

func (w *wire) cut() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isCut = true
	for _, end := range w.open {
		_ = end.Close()
	}
	w.open = nil
}

func (w *wire) mend() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isCut = false
}
