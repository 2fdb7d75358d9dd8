//go:build e2e

package install

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// people is the namespace of the ServiceAccounts that stand for people. What they may do stands in bindings of roles, as for anybody.
const people = "people"

// person uses helm and kubectl with a kubeconfig of its own.
type person struct {
	kubeconfig string
	// home keeps the files that helm writes for one user.
	home string
	// driver is where helm keeps what it remembers of releases; empty for its default.
	driver string
}

// platform is the engineer who administers the cluster.
func platform(t *testing.T) person {
	t.Helper()
	return person{kubeconfig: shared.stage.Kubeconfig, home: t.TempDir()}
}

// newPerson makes somebody who may do nothing yet.
func newPerson(ctx context.Context, t *testing.T, name string) person {
	t.Helper()
	s := shared.stage
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := s.Clients.CoreV1().ServiceAccounts(people).Create(ctx, account, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	home := t.TempDir()
	kubeconfig, err := s.KubeconfigOf(ctx, people, name, filepath.Join(home, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	return person{kubeconfig: kubeconfig, home: home}
}

// run runs a program of bin/ in the project's folder, and gives what it printed.
func (p person) run(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := p.try(t, nil, program, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

// runOn is run with something on the standard input.
func (p person) runOn(t *testing.T, input, program string, args ...string) string {
	t.Helper()
	out, err := p.try(t, []byte(input), program, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

// refused runs what must fail, and checks that the answer says why.
func (p person) refused(t *testing.T, why, program string, args ...string) {
	t.Helper()
	out, err := p.try(t, nil, program, args...)
	if err == nil {
		t.Errorf("%s %s was done, and must be refused:\n%s", program, strings.Join(args, " "), out)
	} else if !strings.Contains(out, why) {
		t.Errorf("%s %s was refused, but does not say %q:\n%s", program, strings.Join(args, " "), why, out)
	}
}

func (p person) try(t *testing.T, input []byte, program string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(shared.stage.Root, "bin", program), args...)
	command.Dir = shared.stage.Root
	command.Env = append(os.Environ(), "KUBECONFIG="+p.kubeconfig, "HOME="+p.home, "HELM_DRIVER="+p.driver)
	if input != nil {
		command.Stdin = bytes.NewReader(input)
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.String() + stderr.String(), fmt.Errorf("running it: %w", err)
	}
	return stdout.String(), nil
}
