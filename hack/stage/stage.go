package stage

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/hack/install"
)

// Names of what stands on the stage.
const (
	HubNamespace = "lienthong-hub"
	HubName      = "national-hub"
	SamplesDir   = "config/samples/decision-28"
	standInDir   = "config/samples/stand-in"
	// authority is the Secret with the authority's key, in the namespace of cert-manager, and the ClusterIssuer that signs with it.
	authority = "lienthong-hub-ca"
	// platformIssuer is the Issuer, and its Secret, that signs the platform's own identities in each of its namespaces.
	platformIssuer = "lienthong-platform"
)

// Images are what runs in pods, by digest.
type Images struct {
	Operator, Hub, AgencySystem string
}

// Options of a stage.
type Options struct {
	// Root is the folder of the project.
	Root string
	// Name of the local cluster.
	Name string
	// Pods is containers, simulated, or empty for the better of the two that is possible.
	Pods string
	// Kubeconfig of a cluster that exists already; empty for a local one.
	Kubeconfig string
	// Images to use in a cluster that exists already, which must be able to pull them.
	Images Images
	// Out is told what happens.
	Out io.Writer
}

// Stage is a cluster with, step by step, everything on it.
type Stage struct {
	Options
	// Simulated tells that the pods are simulated: nothing listens in them.
	Simulated bool
	// Config and the clients are an administrator's.
	Config  *rest.Config
	Client  client.Client
	Clients kubernetes.Interface

	local   bool
	started time.Time
}

// Local tells that the cluster is one that the stage started itself.
func (s *Stage) Local() bool { return s.local }

// New prepares a stage and starts the cluster if it is a local one.
func New(ctx context.Context, o Options) (*Stage, error) {
	s := &Stage{Options: o, local: o.Kubeconfig == "", started: time.Now()}
	if !s.local {
		if err := s.checkImages(); err != nil {
			return nil, err
		}
	} else if err := s.startCluster(ctx); err != nil {
		return nil, err
	}
	if err := s.connect(); err != nil {
		return nil, err
	}
	return s, nil
}

// checkImages makes sure that a cluster that exists already can be told every image, because it cannot get any from here.
func (s *Stage) checkImages() error {
	var missing []string
	for _, image := range []struct{ of, reference string }{
		{"the operator", s.Images.Operator},
		{"the stand-in hub", s.Images.Hub},
		{"the stand-in agency system", s.Images.AgencySystem},
	} {
		switch {
		case image.reference == "":
			missing = append(missing, "that of "+image.of+" is not named")
		case !strings.Contains(image.reference, "@sha256:"):
			missing = append(missing, "that of "+image.of+" is named without a digest")
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the cluster of %s cannot get images from here, and %s; build them with make images, push them to a registry "+
		"that the cluster reaches, and name each as <repository>@sha256:<digest>: with DEMO_IMAGE, DEMO_HUB_IMAGE and DEMO_AGENCY_IMAGE "+
		"for make demo, with E2E_IMAGE, E2E_HUB_IMAGE and E2E_AGENCY_IMAGE for make e2e", s.Kubeconfig, strings.Join(missing, ", "))
}

func (s *Stage) connect() error {
	config, err := clientcmd.BuildConfigFromFlags("", s.Kubeconfig)
	if err != nil {
		return fmt.Errorf("reading %s: %w", s.Kubeconfig, err)
	}
	config.QPS = -1
	scheme, err := controllers.NewScheme()
	if err != nil {
		return err
	}
	s.Config = config
	if s.Client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("making a client for %s: %w", config.Host, err)
	}
	if s.Clients, err = kubernetes.NewForConfig(config); err != nil {
		return fmt.Errorf("making a client for %s: %w", config.Host, err)
	}
	return nil
}

// Set puts everything on the stage, up to the 27 Connectors; AwaitConnectors waits for them.
func (s *Stage) Set(ctx context.Context) error {
	return s.run(ctx, []step{
		{"Building the images", s.images},
		{"Installing the API", s.installAPI},
		{"Setting up the certification authority", s.authority},
		{"Having the operator's own identity issued", s.identity},
		{"Starting the operator", s.operator},
		{"Starting the hub and its fallback", s.hub},
		{"Telling the hub where the connectors are", s.routeSamples},
		{"Declaring the 27 agencies, the hub, the profiles and the plans", s.declare},
		{"Recording what their levels ask people to do", s.recordSamples},
		{"Starting the agencies' own systems", s.sampleAgencySystems},
	})
}

// SetPlatform puts on the stage what is there before anybody installs the operator: images that the cluster can run, the certification
// authority, and the hub with its fallback, which wait for somebody to tell them whom to trust and where connectors are.
func (s *Stage) SetPlatform(ctx context.Context) error {
	return s.run(ctx, []step{
		{"Building the images", s.images},
		{"Making the operator's namespace", s.namespace},
		{"Setting up the certification authority", s.authority},
		{"Starting the hub and its fallback", s.hub},
	})
}

type step struct {
	title string
	do    func(context.Context) error
}

func (s *Stage) run(ctx context.Context, steps []step) error {
	for _, step := range steps {
		s.sayf("%s", step.title)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return nil
}

// sayf tells what happens, with the time since the start.
func (s *Stage) sayf(format string, args ...any) {
	// A line that cannot be written is no reason to stop half-way.
	_, _ = fmt.Fprintf(s.Out, "[%6.1fs] %s\n", time.Since(s.started).Seconds(), fmt.Sprintf(format, args...))
}

func (s *Stage) path(elements ...string) string {
	return filepath.Join(append([]string{s.Root}, elements...)...)
}

// data is where the local cluster and the demo keep their files.
func (s *Stage) data(elements ...string) string {
	return s.path(append([]string{".local", s.Name}, elements...)...)
}

func (s *Stage) installer() (*install.Installer, error) {
	// Forced, because a second run must be able to take back what somebody tried out by hand.
	return install.New(s.Config, install.Options{Out: io.Discard, Force: true})
}

// FindRoot is the folder of the project that the working directory lies in.
func FindRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the working directory: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "PROJECT")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no folder above the working directory has a file PROJECT; run this from the project")
		}
	}
}
