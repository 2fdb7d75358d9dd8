package controllers

import (
	"cmp"
	"flag"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"lienthong.gov.vn/connector-operator/controllers/notice/post"
)

// Options are what the person who installs the operator decides.
type Options struct {
	// Namespace that the operator runs in. Trust anchors lie there, and only from there may gateways be asked.
	Namespace string
	// IdentityDir holds the operator's own identity on each hub: one directory per hub, named after it.
	IdentityDir string
	// MetricsAddress of the metrics listener; "0" for none.
	MetricsAddress string
	// MetricsCertDir holds the certificate of the metrics listener.
	MetricsCertDir string
	// ProbeAddress of the health listener; "0" for none.
	ProbeAddress string
	// ReportAddress of the listener that serves the page of reports; "0" for none.
	ReportAddress string
	// ReportCertDir holds tls.crt and tls.key of that listener.
	ReportCertDir string
	// LeaderElection lets several replicas run, of which one works.
	LeaderElection bool
	// Concurrency is how many Connectors are reconciled at once.
	Concurrency int
	// CertManagerUsers are the users that cert-manager makes CertificateRequests as, separated by commas;
	// DefaultCertManagerUser if empty.
	CertManagerUsers string
	// NoticeAllowNetworks and NoticeDenyNetworks are networks in CIDR form, separated by commas, that notices may be sent to whatever else is
	// said, and may not be sent to.
	NoticeAllowNetworks, NoticeDenyNetworks string
	// SkipNameValidation lets several managers run in one process, one after the other; only tests do that.
	SkipNameValidation bool
}

// DefaultNamespace is where the operator runs if POD_NAMESPACE does not tell otherwise.
const DefaultNamespace = "lienthong-system"

// DefaultCertManagerUser is the ServiceAccount that cert-manager's Helm chart installs it with.
const DefaultCertManagerUser = "system:serviceaccount:cert-manager:cert-manager"

// BindFlags declares the flags of the manager.
func (o *Options) BindFlags(flags *flag.FlagSet) {
	namespace := os.Getenv("POD_NAMESPACE")
	if namespace == "" {
		namespace = DefaultNamespace
	}
	flags.StringVar(&o.Namespace, "namespace", namespace, "Namespace that the operator runs in; trust anchors lie there.")
	flags.StringVar(&o.IdentityDir, "identity-dir", "/var/run/lienthong/identity",
		"Directory with the operator's identities: one sub-directory per ExchangeHub, named after it, with tls.crt and tls.key.")
	flags.StringVar(&o.MetricsAddress, "metrics-bind-address", "0", "Address of the metrics listener, such as :8443; 0 for none.")
	flags.StringVar(&o.MetricsCertDir, "metrics-cert-dir", "",
		"Directory with tls.crt and tls.key of the metrics listener; without them at the start, it makes itself a certificate that nobody can check.")
	flags.StringVar(&o.ProbeAddress, "health-probe-bind-address", ":8081", "Address of /healthz and /readyz; 0 for none.")
	flags.StringVar(&o.ReportAddress, "report-bind-address", "0",
		"Address that serves the page of reports over HTTPS at /report, such as :8444, to those who may get that non-resource URL; 0 for none.")
	flags.StringVar(&o.ReportCertDir, "report-cert-dir", "/var/run/lienthong/report-tls",
		"Directory with tls.crt and tls.key of the page of reports; if it has neither, the operator signs a certificate for itself.")
	flags.BoolVar(&o.LeaderElection, "leader-elect", false, "Let one of several replicas work, and the others wait.")
	o.BindCertManagerUsers(flags)
	flags.StringVar(&o.NoticeDenyNetworks, "notice-deny-networks", "",
		"Networks that no notice is sent to, such as those of pods and Services; several are separated by commas. "+
			"Loopback, link-local and multicast addresses and the API server are denied always.")
	flags.StringVar(&o.NoticeAllowNetworks, "notice-allow-networks", "",
		"Networks that notices may be sent to although they are denied; several are separated by commas.")
	flags.IntVar(&o.Concurrency, "concurrency", 16, "How many Connectors are reconciled at once.")
}

// BindCertManagerUsers declares the flag by which every command is told who cert-manager is.
func (o *Options) BindCertManagerUsers(flags *flag.FlagSet) {
	flags.StringVar(&o.CertManagerUsers, "cert-manager-user", DefaultCertManagerUser,
		"User that cert-manager makes CertificateRequests as; several are separated by commas. Requests of others for a hub's issuer are denied.")
}

// Validate says what is wrong with the options.
func (o *Options) Validate() error {
	if o.Concurrency < 1 {
		return fmt.Errorf("--concurrency is %d; write 1 or more", o.Concurrency)
	}
	if _, err := o.noticeGuard(""); err != nil {
		return err
	}
	if len(o.Requesters()) == 0 {
		return fmt.Errorf("--cert-manager-user is %q and names nobody; write the user that cert-manager runs as, such as %s",
			o.CertManagerUsers, DefaultCertManagerUser)
	}
	return nil
}

// noticeGuard tells where notices may go: never to the API server, which lies at that URL.
func (o *Options) noticeGuard(apiServer string) (post.Guard, error) {
	var guard post.Guard
	var err error
	if guard.Allow, err = post.ParseNetworks(o.NoticeAllowNetworks); err != nil {
		return guard, fmt.Errorf("--notice-allow-networks: %w", err)
	}
	if guard.Deny, err = post.ParseNetworks(o.NoticeDenyNetworks); err != nil {
		return guard, fmt.Errorf("--notice-deny-networks: %w", err)
	}
	if u, err := url.Parse(apiServer); err == nil {
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
			guard.Deny = append(guard.Deny, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
		}
	}
	return guard, nil
}

// Requesters are the users that cert-manager makes its requests as.
func (o *Options) Requesters() []string {
	var users []string
	for _, user := range strings.Split(cmp.Or(o.CertManagerUsers, DefaultCertManagerUser), ",") {
		if user = strings.TrimSpace(user); user != "" {
			users = append(users, user)
		}
	}
	return users
}
