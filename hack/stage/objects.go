package stage

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/controllers/civil"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/hack/livingplan/shift"
	"lienthong.gov.vn/connector-operator/hack/manifests"
)

// ConfigMaps that are written when their content is known.
const (
	// anchorsName has the hub's trust anchors; the samples refer to it.
	anchorsName = "hub-trust-anchors"
	// routesName is what the stand-in hub mounts.
	routesName = "hub-routes"
	// trustName is mounted too; the operator writes it, because the sample hub's publishTo names it.
	trustName = "hub-trust"
)

func (s *Stage) apply(ctx context.Context, objects []*unstructured.Unstructured) error {
	installer, err := s.installer()
	if err != nil {
		return err
	}
	images := manifests.Images{
		"connector-operator": s.Images.Operator, "stand-in-hub": s.Images.Hub, "stand-in-agency-system": s.Images.AgencySystem,
	}
	if _, err := images.Set(objects); err != nil {
		return err
	}
	if err := s.mark(ctx, objects); err != nil {
		return err
	}
	return installer.Apply(ctx, objects)
}

func (s *Stage) applyKustomization(ctx context.Context, dir string) error {
	objects, err := manifests.Kustomize(s.path(dir))
	if err != nil {
		return err
	}
	return s.apply(ctx, objects)
}

func (s *Stage) applyFile(ctx context.Context, file string) error {
	objects, err := manifests.ReadFiles(s.path(file))
	if err != nil {
		return err
	}
	return s.apply(ctx, objects)
}

func (s *Stage) applyTyped(ctx context.Context, object runtime.Object) error {
	converted, err := untyped(object)
	if err != nil {
		return err
	}
	return s.apply(ctx, []*unstructured.Unstructured{converted})
}

func untyped(object runtime.Object) (*unstructured.Unstructured, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return nil, fmt.Errorf("converting %T: %w", object, err)
	}
	return &unstructured.Unstructured{Object: content}, nil
}

func (s *Stage) installAPI(ctx context.Context) error {
	if err := s.applyKustomization(ctx, "config/crd"); err != nil {
		return err
	}
	return s.namespace(ctx)
}

func (s *Stage) namespace(ctx context.Context) error {
	return s.applyFile(ctx, "config/manager/namespace.yaml")
}

// authority makes the certification authority, publishes its certificate as trust anchor, and lets the platform's Issuer sign with it.
func (s *Stage) authority(ctx context.Context) error {
	if err := s.applyFile(ctx, standInDir+"/authority.yaml"); err != nil {
		return err
	}
	anchor, err := s.Secret(ctx, "cert-manager", authority)
	if err != nil {
		return err
	}
	ca := string(anchor.Data[corev1.TLSCertKey])
	if err := s.applyTyped(ctx, configMap(controllers.DefaultNamespace, anchorsName, "ca.crt", ca)); err != nil {
		return err
	}
	return s.lendAuthority(ctx, anchor, controllers.DefaultNamespace)
}

// identity has the operator's own identity issued, so that the operator finds it mounted when it starts.
func (s *Stage) identity(ctx context.Context) error {
	if err := s.applyFile(ctx, SamplesDir+"/identity.yaml"); err != nil {
		return err
	}
	_, err := s.Secret(ctx, controllers.DefaultNamespace, "connector-operator-identity")
	return err
}

// lendAuthority copies the authority's pair into one of the platform's namespaces, where an Issuer signs with it.
func (s *Stage) lendAuthority(ctx context.Context, pair *corev1.Secret, namespace string) error {
	return s.applyTyped(ctx, &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: platformIssuer},
		Type:       pair.Type,
		Data: map[string][]byte{
			corev1.TLSCertKey: pair.Data[corev1.TLSCertKey], corev1.TLSPrivateKeyKey: pair.Data[corev1.TLSPrivateKeyKey],
		},
	})
}

// hub starts the stand-in hub and its fallback. Simulated pods cannot serve, so there they are left out.
func (s *Stage) hub(ctx context.Context) error {
	anchor, err := s.Secret(ctx, "cert-manager", authority)
	if err != nil {
		return err
	}
	objects, err := manifests.ReadFiles(s.path(standInDir, "hub.yaml"))
	if err != nil {
		return err
	}
	if s.Simulated {
		objects = withoutWorkloads(objects)
	}
	if err := s.apply(ctx, objects); err != nil {
		return err
	}
	return s.lendAuthority(ctx, anchor, HubNamespace)
}

// routeSamples tells the stand-in hub where the Connectors of the samples are.
func (s *Stage) routeSamples(ctx context.Context) error {
	connectors, err := s.sampleConnectors()
	if err != nil {
		return err
	}
	return s.Route(ctx, connectors)
}

// Route tells the stand-in hub where connectors are; it knows none beside them.
func (s *Stage) Route(ctx context.Context, connectors []v1alpha1.Connector) error {
	routes, err := yaml.Marshal(routesOf(connectors))
	if err != nil {
		return fmt.Errorf("writing the hub's route table: %w", err)
	}
	return s.applyTyped(ctx, configMap(HubNamespace, routesName, "routes.yaml", string(routes)))
}

func withoutWorkloads(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	var result []*unstructured.Unstructured
	for _, object := range objects {
		if object.GetKind() != "Deployment" {
			result = append(result, object)
		}
	}
	return result
}

// declare applies the samples, and the plan of 2018 once more with dates that lie around today.
func (s *Stage) declare(ctx context.Context) error {
	if err := s.applyKustomization(ctx, SamplesDir); err != nil {
		return err
	}
	living, err := s.livingPlan(time.Now())
	if err != nil {
		return err
	}
	return s.applyTyped(ctx, living)
}

// livingAnchor is the day of the plan of 2018 that the shifted plan makes today: the pilot's deadline is near, and the last
// deadline is half a year away.
const livingAnchor = "2018-12-20"

func (s *Stage) livingPlan(now time.Time) (*v1alpha1.RolloutPlan, error) {
	text, err := os.ReadFile(s.path(SamplesDir, "plan.yaml"))
	if err != nil {
		return nil, fmt.Errorf("reading the plan of 2018: %w", err)
	}
	plan := &v1alpha1.RolloutPlan{}
	if err := yaml.UnmarshalStrict(text, plan); err != nil {
		return nil, fmt.Errorf("reading the plan of 2018: %w", err)
	}
	zone, err := time.LoadLocation(plan.Spec.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the plan's time zone: %w", err)
	}
	anchor, err := civil.Parse(livingAnchor)
	if err != nil {
		return nil, err
	}
	return shift.Plan(plan, anchor, civil.In(now, zone))
}

// sampleAgencySystems starts each agency's own system in its namespace; simulated pods cannot serve, so there they are left out.
func (s *Stage) sampleAgencySystems(ctx context.Context) error {
	if s.Simulated {
		return nil
	}
	connectors, err := s.sampleConnectors()
	if err != nil {
		return err
	}
	return s.AgencySystems(ctx, connectors)
}

// AgencySystems starts a stand-in for an agency's own system in the namespace of each Connector.
func (s *Stage) AgencySystems(ctx context.Context, connectors []v1alpha1.Connector) error {
	objects, err := s.agencySystemObjects(connectors)
	if err != nil {
		return err
	}
	return s.apply(ctx, objects)
}

func (s *Stage) agencySystemObjects(connectors []v1alpha1.Connector) ([]*unstructured.Unstructured, error) {
	system, err := manifests.ReadFiles(s.path(standInDir, "agency-system.yaml"))
	if err != nil {
		return nil, err
	}
	var all []*unstructured.Unstructured
	for i := range connectors {
		for _, object := range system {
			one := object.DeepCopy()
			one.SetNamespace(connectors[i].Namespace)
			all = append(all, one)
		}
	}
	return all, nil
}

// route is one line of the stand-in hub's table.
type route struct {
	URL      string `json:"url"`
	SPIFFEID string `json:"spiffeID"`
}

// routesOf writes down where each agency's connector is; in the samples, an Agency is named after its code.
func routesOf(connectors []v1alpha1.Connector) map[string]route {
	routes := map[string]route{}
	for i := range connectors {
		c := &connectors[i]
		code := codeOf(c.Spec.AgencyRef.Name)
		routes[code] = route{
			URL:      fmt.Sprintf("https://%s.%s.svc.cluster.local:8443", desired.GatewayName(c.Name), c.Namespace),
			SPIFFEID: fmt.Sprintf("spiffe://lienthong.gov.vn/agency/%s/connector/%s/%s", code, c.Namespace, c.Name),
		}
	}
	return routes
}

func (s *Stage) sampleConnectors() ([]v1alpha1.Connector, error) {
	objects, err := manifests.Kustomize(s.path(SamplesDir))
	if err != nil {
		return nil, err
	}
	var connectors []v1alpha1.Connector
	for _, object := range objects {
		if object.GetKind() != "Connector" {
			continue
		}
		var c v1alpha1.Connector
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &c); err != nil {
			return nil, fmt.Errorf("reading the sample %s: %w", object.GetName(), err)
		}
		connectors = append(connectors, c)
	}
	return connectors, nil
}

func configMap(namespace, name, key, value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Data:       map[string]string{key: value},
	}
}

// Secret waits until cert-manager has written a certificate into the Secret, and gives it.
func (s *Stage) Secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	key := types.NamespacedName{Namespace: namespace, Name: name}
	var secret corev1.Secret
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		if err := s.Client.Get(ctx, key, &secret); err != nil {
			return false, client.IgnoreNotFound(err)
		}
		return len(secret.Data[corev1.TLSCertKey]) > 0, nil
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for a certificate in Secret %s (is cert-manager running?): %w", key, err)
	}
	return &secret, nil
}
