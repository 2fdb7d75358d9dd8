package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// operator starts the operator: as a Deployment where pods run, and as a process of this machine where they are simulated. It has
// the permissions of its ServiceAccount either way.
func (s *Stage) operator(ctx context.Context) error {
	if s.Simulated {
		return errors.Join(s.applyKustomization(ctx, "config/rbac"), s.startOperatorProcess(ctx))
	}
	objects, err := manifests.Kustomize(s.path("config/default"))
	if err != nil {
		return err
	}
	return s.apply(ctx, objects)
}

func codeOf(agency string) string { return strings.ToUpper(strings.ReplaceAll(agency, "-", ".")) }

// startOperatorProcess replaces the operator's process of an earlier run by one of today's binary.
func (s *Stage) startOperatorProcess(ctx context.Context) error {
	if err := s.stopOperatorProcess(ctx); err != nil {
		return err
	}
	kubeconfig, err := s.KubeconfigOf(ctx, controllers.DefaultNamespace, "connector-operator", s.data("operator.kubeconfig"))
	if err != nil {
		return err
	}
	if err := s.writeIdentity(ctx, controllers.DefaultNamespace, "connector-operator-identity", s.data("identity", HubName)); err != nil {
		return err
	}
	log, err := os.OpenFile(s.data("logs", "operator.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("opening the operator's log: %w", err)
	}
	defer func() { _ = log.Close() }() // the process has its own copy
	// The process outlives this command, so it is not bound to the context.
	process := exec.CommandContext(context.WithoutCancel(ctx), s.path(".local", "bin", "connector-operator"), "manager",
		"--kubeconfig", kubeconfig, "--identity-dir", s.data("identity"), "--health-probe-bind-address=0")
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := process.Start(); err != nil {
		return fmt.Errorf("starting the operator: %w", err)
	}
	if err := os.WriteFile(s.data("operator.pid"), []byte(strconv.Itoa(process.Process.Pid)), 0o600); err != nil {
		return fmt.Errorf("noting the operator's process: %w", errors.Join(err, process.Process.Kill()))
	}
	return process.Process.Release()
}

// stopOperatorProcess ends the process that startOperatorProcess noted, if it still is the operator, and returns when it is gone:
// two operators would write side by side.
func (s *Stage) stopOperatorProcess(ctx context.Context) error {
	text, err := os.ReadFile(s.data("operator.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("finding the operator's process: %w", err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		return fmt.Errorf("%s holds no process number: %w", s.data("operator.pid"), err)
	}
	if err := endOperator(ctx, pid); err != nil {
		return err
	}
	return os.Remove(s.data("operator.pid"))
}

// endOperator asks the operator's process to end, and ends it by force where it does not.
func endOperator(ctx context.Context, pid int) error {
	for _, try := range []struct {
		signal   syscall.Signal
		patience time.Duration
	}{{syscall.SIGTERM, 20 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if !isOperator(pid) {
			return nil
		}
		if err := syscall.Kill(pid, try.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stopping the operator's process %d: %w", pid, err)
		}
		err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, try.patience, true, func(context.Context) (bool, error) {
			return !isOperator(pid), nil
		})
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("waiting for the end of the operator's process %d: %w", pid, ctx.Err())
		}
	}
	return fmt.Errorf("the operator's process %d does not end; end it with kill -KILL %d and repeat the command", pid, pid)
}

// isOperator tells whether the process still is the operator, and not another one that got its number.
func isOperator(pid int) bool {
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	// A binary that was built anew meanwhile is marked as deleted.
	return err == nil && filepath.Base(strings.TrimSuffix(program, " (deleted)")) == "connector-operator"
}

// KubeconfigOf writes a kubeconfig with a token of a ServiceAccount, good for a day, and gives its path.
func (s *Stage) KubeconfigOf(ctx context.Context, namespace, serviceAccount, path string) (string, error) {
	const day = 24 * 60 * 60
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(day))}}
	token, err := s.Clients.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, serviceAccount, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("asking for a token of ServiceAccount %s/%s: %w", namespace, serviceAccount, err)
	}
	config := clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{s.Name: {
			Server: s.Config.Host, CertificateAuthority: s.Config.CAFile, CertificateAuthorityData: s.Config.CAData,
		}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{serviceAccount: {Token: token.Status.Token}},
		Contexts:       map[string]*clientcmdapi.Context{serviceAccount: {Cluster: s.Name, AuthInfo: serviceAccount, Namespace: namespace}},
		CurrentContext: serviceAccount,
	}
	if err := clientcmd.WriteToFile(config, path); err != nil {
		return "", fmt.Errorf("writing the kubeconfig of ServiceAccount %s/%s: %w", namespace, serviceAccount, err)
	}
	return path, nil
}

// writeIdentity writes what is in a Secret with a certificate into a directory, as the kubelet would.
func (s *Stage) writeIdentity(ctx context.Context, namespace, name, dir string) error {
	secret, err := s.Secret(ctx, namespace, name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making %s: %w", dir, err)
	}
	for _, key := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey} {
		if err := os.WriteFile(filepath.Join(dir, key), secret.Data[key], 0o600); err != nil {
			return fmt.Errorf("writing the identity of Secret %s/%s: %w", namespace, name, err)
		}
	}
	return nil
}
