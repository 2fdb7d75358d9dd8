//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"lienthong.gov.vn/connector-operator/gateway/metrics"
	"lienthong.gov.vn/connector-operator/gateway/mtls"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
)

// visitor is somebody who knocks at a port of a gateway.
type visitor struct {
	title string
	// identity to show; empty for none.
	identity string
	// old stands for TLS 1.1, plain for no TLS at all.
	old, plain bool
	// want is the reason that the gateway should count; empty if the visitor should be let in.
	want mtls.Reason
}

// door is one mTLS port of one gateway pod.
type door struct {
	pod       corev1.Pod
	direction metrics.Direction
	port      int
	path      string
	ids       *identities
}

// tool is a program that this project has no part in.
type tool struct {
	name  string
	knock func(context.Context, *door, visitor) (answer string, err error)
}

func tools() []tool { return []tool{{"openssl", openssl}, {"curl", curl}} }

func strangersAreRefused(t *testing.T) {
	d := &door{pod: onePod(t, "g12"), direction: metrics.Inbound, port: inboundPort, path: "/v1/received", ids: newIdentities(t)}
	before := received(t, "g12")
	d.try(t, []visitor{
		{title: "nobody", want: mtls.NoCertificate},
		{title: "the hub's name, another authority", identity: "other-ca", want: mtls.Untrusted},
		{title: "another agency's connector", identity: "agency", want: mtls.WrongIdentity},
		{title: "the operator", identity: "operator", want: mtls.WrongIdentity},
		{title: "the hub, of another trust domain", identity: "other-domain", want: mtls.WrongIdentity},
		{title: "the hub and the operator at once", identity: "two-ids", want: mtls.WrongIdentity},
		{title: "the hub, able to sign others", identity: "issuing", want: mtls.WrongIdentity},
		{title: "the hub, expired a minute ago", identity: "expired", want: mtls.Expired},
		{title: "the hub, for servers only", identity: "server-only", want: mtls.Untrusted},
		{title: "the hub, with TLS 1.1", identity: "hub", old: true, want: mtls.Version},
		{title: "plain HTTP", plain: true, want: mtls.NotTLS},
		{title: "the hub", identity: "hub"},
	})
	if after := received(t, "g12"); !slices.Equal(after, before) {
		t.Errorf("the agency's own system received something meanwhile: %+v", after)
	}
	hubReachesBackend(t, d)
}

// hubReachesBackend shows that what was tried would have reached the agency's system, had it been let in.
func hubReachesBackend(t *testing.T, d *door) {
	t.Helper()
	certificate, key := d.ids.files("hub")
	out, err := exec.CommandContext(t.Context(), "curl", append(d.curlArguments(), "--cert", certificate, "--key", key,
		"--data-binary", "a document", d.url("/v1/inbox"))...).CombinedOutput()
	var receipt agencyserver.Receipt
	if err != nil || json.Unmarshal(bytes.TrimSuffix(out, []byte("\n200")), &receipt) != nil {
		t.Fatalf("the hub's own identity does not get through: %v: %s", err, out)
	}
	all := received(t, "g12")
	if last := all[len(all)-1]; last.Digest != receipt.Digest || last.Peer != hubID {
		t.Errorf("the agency's system received %+v, want digest %s from %s", last, receipt.Digest, hubID)
	}
}

func statusIsForTheOperator(t *testing.T) {
	d := &door{pod: onePod(t, "g12"), direction: metrics.Status, port: statusPort, path: "/status", ids: newIdentities(t)}
	d.try(t, []visitor{
		{title: "nobody", want: mtls.NoCertificate},
		{title: "the hub", identity: "hub", want: mtls.WrongIdentity},
		{title: "another agency's connector", identity: "agency", want: mtls.WrongIdentity},
		{title: "the operator", identity: "operator"},
	})
}

// try lets each visitor knock with each tool, and prints what came back. What the gateway counted tells that the visitor was
// refused for the right reason.
func (d *door) try(t *testing.T, visitors []visitor) {
	t.Helper()
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nWHO CAME TO THE %s PORT\tTOOL\tWHAT CAME BACK\tCOUNTED AS\n", strings.ToUpper(string(d.direction)))
	for _, v := range visitors {
		for _, tool := range tools() {
			if _, err := exec.LookPath(tool.name); err != nil {
				t.Fatalf("%s is not on the PATH, and nothing else shows that strangers are refused; install it: %v", tool.name, err)
			}
			if v.plain && tool.name == "openssl" {
				continue // It speaks nothing but TLS.
			}
			answer, counted := d.visit(t, tool, v)
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", v.title, tool.name, answer, counted)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log(table.String())
}

// visit lets one visitor knock with one tool, and gives what came back and what the gateway counted.
func (d *door) visit(t *testing.T, with tool, v visitor) (answer, counted string) {
	t.Helper()
	before := must(d.failures(t.Context()))(t)
	answer, err := with.knock(t.Context(), d, v)
	if err != nil {
		t.Errorf("%s with %s: %v", v.title, with.name, err)
	}
	letIn := answer == "HTTP 200"
	if letIn != (v.want == "") {
		t.Errorf("%s was answered %q by %s", v.title, answer, with.name)
	}
	if !letIn {
		// The visitor hears of the refusal a moment before it is counted.
		eventually(t, func() error {
			if counted = difference(before, must(d.failures(t.Context()))(t)); counted == "" {
				return fmt.Errorf("that %s was refused is not counted", v.title)
			}
			return nil
		})
	}
	if counted != string(v.want) {
		t.Errorf("%s with %s was counted as %q, want %q", v.title, with.name, counted, v.want)
	}
	return answer, counted
}

var (
	alert  = regexp.MustCompile(`alert [a-z ]+[a-z]`)
	answer = regexp.MustCompile(`HTTP/1\.[01] (\d+)`)
)

// openssl shakes hands with s_client, and asks for the path.
func openssl(ctx context.Context, d *door, v visitor) (string, error) {
	arguments := []string{"s_client", "-quiet", "-connect", address(d.pod.Status.PodIP, d.port), "-CAfile", d.ids.ca, "-verify_return_error"}
	if v.identity != "" {
		certificate, key := d.ids.files(v.identity)
		arguments = append(arguments, "-cert", certificate, "-key", key)
	}
	if v.old {
		arguments = append(arguments, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, "openssl", arguments...)
	command.Stdin = strings.NewReader("GET " + d.path + " HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n")
	out, err := command.CombinedOutput()
	return verdict(out, err)
}

func curl(ctx context.Context, d *door, v visitor) (string, error) {
	url := d.url(d.path)
	if v.plain {
		url = strings.Replace(url, "https://", "http://", 1)
	}
	arguments := d.curlArguments()
	if v.identity != "" {
		certificate, key := d.ids.files(v.identity)
		arguments = append(arguments, "--cert", certificate, "--key", key)
	}
	if v.old {
		arguments = append(arguments, "--tlsv1.0", "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0")
	}
	out, err := exec.CommandContext(ctx, "curl", append(arguments, "--include", "--http1.1", url)...).CombinedOutput()
	return verdict(out, err)
}

func (d *door) host() string {
	return fmt.Sprintf("%s-gateway.%s.svc", d.pod.Namespace, d.pod.Namespace)
}

func (d *door) url(path string) string { return "https://" + address(d.host(), d.port) + path }

func (d *door) curlArguments() []string {
	return []string{
		"--silent", "--show-error", "--max-time", fmt.Sprint(int(requestTimeout / time.Second)), "--cacert", d.ids.ca,
		"--resolve", address(d.host(), d.port) + ":" + d.pod.Status.PodIP, "--write-out", "\n%{http_code}",
	}
}

// verdict is the status of an HTTP answer, or the TLS alert that came instead.
func verdict(out []byte, err error) (string, error) {
	if found := answer.FindSubmatch(out); found != nil {
		return "HTTP " + string(found[1]), nil
	}
	if found := alert.Find(out); found != nil {
		return "TLS " + string(found), nil
	}
	return "nothing", fmt.Errorf("neither an answer nor an alert came back: %w: %s", err, out)
}

var failureMetric = regexp.MustCompile(`(?m)^lienthong_gateway_handshake_failures_total\{direction="(\w+)",reason="(\w+)"\} (\d+)$`)

// failures are the handshakes that the pod refused so far, by reason.
func (d *door) failures(ctx context.Context) (map[string]string, error) {
	text, err := get(ctx, "http://"+address(d.pod.Status.PodIP, probesPort)+"/metrics")
	if err != nil {
		return nil, err
	}
	counts := map[string]string{}
	for _, found := range failureMetric.FindAllSubmatch(text, -1) {
		if string(found[1]) == string(d.direction) {
			counts[string(found[2])] = string(found[3])
		}
	}
	if len(counts) == 0 {
		return nil, errors.New("the gateway exports no refused handshakes")
	}
	return counts, nil
}

func difference(before, after map[string]string) string {
	var reasons []string
	for reason, count := range after {
		if count != before[reason] {
			reasons = append(reasons, reason)
		}
	}
	return strings.Join(reasons, " and ")
}

func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", url, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the answer of %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered with status %d: %.200s", url, response.StatusCode, text)
	}
	return text, nil
}

// received are the documents that an agency's own system remembers.
func received(t *testing.T, agency string) []agencyserver.Receipt {
	t.Helper()
	var service corev1.Service
	if err := shared.stage.Client.Get(t.Context(), types.NamespacedName{Namespace: agency, Name: "agency-system"}, &service); err != nil {
		t.Fatalf("finding the system of %s: %v", agency, err)
	}
	text := must(get(t.Context(), "http://"+address(service.Spec.ClusterIP, 8080)+"/v1/received"))(t)
	var receipts []agencyserver.Receipt
	if err := json.Unmarshal(text, &receipts); err != nil {
		t.Fatalf("reading what the system of %s received: %v", agency, err)
	}
	return receipts
}
