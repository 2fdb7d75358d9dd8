package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// curlClient sends with curl, started for each request.
type curlClient struct {
	flow      Flow
	program   string
	dir       string
	documents *documents
}

func newCurlClient(f Flow) (*curlClient, error) {
	program, err := exec.LookPath("curl")
	if err != nil {
		return nil, fmt.Errorf("curl is not on the PATH; install it: %w", err)
	}
	dir, err := os.MkdirTemp("", "load-curl-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for curl's files: %w", err)
	}
	return &curlClient{flow: f, program: program, dir: dir, documents: newDocuments()}, nil
}

func (c *curlClient) close() { _ = os.RemoveAll(c.dir) }

func (c *curlClient) send(ctx context.Context, to Target, size int64) error {
	d := document(to, size)
	digest, err := c.documents.digest(d)
	if err != nil {
		return err
	}
	dir, err := c.files()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	arguments, err := c.arguments(dir, to)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, c.program, arguments...)
	command.Stdin = d.Reader()
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return fmt.Errorf("curl: %w: %s", err, strings.TrimSpace(problems.String()))
	}
	return c.confirm(out.Bytes(), digest)
}

// confirm reads the answer, and the two lines that curl writes behind it.
func (c *curlClient) confirm(out []byte, digest string) error {
	answer, trailer, found := bytes.Cut(out, []byte(mark))
	code, version, whole := strings.Cut(string(trailer), " ")
	status, err := strconv.Atoi(code)
	if !found || !whole || err != nil {
		return fmt.Errorf("curl wrote %.200q instead of an answer", out)
	}
	if c.flow.HTTP2 != (version == "2") {
		return fmt.Errorf("the answer came to curl in HTTP/%s", version)
	}
	return confirmInbound(status, answer, digest)
}

// mark stands between the answer and what curl tells of it.
const mark = "\n--answered--\n"

func (c *curlClient) arguments(dir string, to Target) ([]string, error) {
	_, port, err := net.SplitHostPort(to.Host)
	if err != nil {
		return nil, fmt.Errorf("the target %s has no port: %w", to.Host, err)
	}
	protocol := "--http1.1"
	if c.flow.HTTP2 {
		protocol = "--http2"
	}
	name := strings.TrimSuffix(to.Host, ":"+port)
	return []string{
		"--silent", "--show-error", protocol, "--max-time", strconv.Itoa(int(requestTimeout.Seconds())),
		"--cert", filepath.Join(dir, "hub.crt"), "--key", filepath.Join(dir, "hub.key"), "--cacert", filepath.Join(dir, "anchors.pem"),
		"--connect-to", net.JoinHostPort(name, port) + ":" + to.Address,
		"--header", "Content-Type: application/xml", "--header", "Expect:",
		"--request", "POST", "--data-binary", "@-", "--write-out", mark + "%{http_code} %{http_version}",
		"https://" + to.Host + inboxPath,
	}, nil
}

// files writes the credentials of now into a directory of their own.
func (c *curlClient) files() (string, error) {
	credentials, err := c.flow.Credentials()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(c.dir, "")
	if err != nil {
		return "", fmt.Errorf("making a directory for curl's files: %w", err)
	}
	for name, content := range map[string][]byte{
		"hub.crt": credentials.Identity.Certificate, "hub.key": credentials.Identity.Key, "anchors.pem": credentials.Anchors,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return "", errors.Join(fmt.Errorf("writing curl's %s: %w", name, err), os.RemoveAll(dir))
		}
	}
	return dir, nil
}
