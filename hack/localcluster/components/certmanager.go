//go:build components

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver" // each of these registers one controller
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca" // and each of these one kind of issuer
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	"github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
)

// certManagerOptions are the few settings that a local cluster needs of cert-manager.
type certManagerOptions struct {
	kubeconfig        string
	resourceNamespace string
	healthAddress     string
	qps               float32
	burst             int
	workers           int
}

// runCertManager runs cert-manager's controllers for CA and self-signed issuers. cert-manager's own binary is a module that
// cannot be imported; what it does beyond this is leader election, ACME, Vault and Venafi, none of which a cluster on
// one machine can use. All state is in the API server, so that it may be killed and started at any time.
func runCertManager() int {
	opts, err := certManagerFlags(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "cert-manager: %v\n", err)
		return 2
	}
	logs.InitLogs()
	defer logs.FlushLogs()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := serveCertManager(ctx, opts); err != nil {
		fmt.Fprintf(os.Stderr, "cert-manager: %v\n", err)
		return 1
	}
	return 0
}

func certManagerFlags(args []string) (certManagerOptions, error) {
	var o certManagerOptions
	flags := pflag.NewFlagSet("cert-manager", pflag.ContinueOnError)
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "how to reach the API server, as cert-manager's own user")
	flags.StringVar(&o.resourceNamespace, "cluster-resource-namespace", "cert-manager", "where the Secrets of ClusterIssuers are")
	flags.StringVar(&o.healthAddress, "health-address", "127.0.0.1:9403", "where /livez is served")
	flags.Float32Var(&o.qps, "kube-api-qps", 200, "requests per second, if the API server has no flow control of its own")
	flags.IntVar(&o.burst, "kube-api-burst", 400, "requests at once, likewise")
	flags.IntVar(&o.workers, "concurrent-workers", 10, "workers of each controller")
	return o, flags.Parse(args)
}

// serveCertManager runs every registered controller until the context ends or one of them fails.
func serveCertManager(ctx context.Context, o certManagerOptions) error {
	group, ctx := errgroup.WithContext(ctx)
	factory, err := controller.NewContextFactory(ctx, contextOptions(o))
	if err != nil {
		return fmt.Errorf("connect with the kubeconfig %s: %w", o.kubeconfig, err)
	}
	shared, err := factory.Build()
	if err != nil {
		return fmt.Errorf("build the clients: %w", err)
	}
	for name, construct := range controller.Known() {
		running, err := construct(factory)
		if err != nil {
			return fmt.Errorf("build the controller %s: %w", name, err)
		}
		group.Go(func() error {
			if err := running.Run(o.workers, ctx); err != nil {
				return fmt.Errorf("run the controller %s: %w", name, err)
			}
			return nil
		})
	}
	// All contexts of a factory share these informers; they start once every controller has asked for its own.
	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.SharedInformerFactory.WaitForCacheSync(ctx.Done())
	shared.KubeSharedInformerFactory.WaitForCacheSync(ctx.Done())
	group.Go(func() error { return serveHealth(ctx, o.healthAddress) })
	return group.Wait()
}

// contextOptions keeps cert-manager's own defaults where they matter: a failed request is retried after an hour.
func contextOptions(o certManagerOptions) controller.ContextOptions {
	return controller.ContextOptions{
		Kubeconfig:         o.kubeconfig,
		KubernetesAPIQPS:   o.qps,
		KubernetesAPIBurst: o.burst,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: o.resourceNamespace},
		CertificateOptions: controller.CertificateOptions{
			// A private key goes with the Certificate it was made for (--enable-certificate-owner-ref). The operator may not
			// touch Secrets, so nobody else would remove it.
			EnableOwnerRef:                           true,
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
			// What cert-manager's own binary copies from a Certificate to its requests.
			CopiedAnnotationPrefixes: []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
		},
	}
}

// serveHealth answers once the caches are filled, so that "healthy" means that certificates are being issued.
func serveHealth(ctx context.Context, address string) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	server := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health on %s: %w", address, err)
	}
	return nil
}
