package integration

import (
	"context"
	"fmt"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// attempt is one thing that somebody tries to do.
type attempt struct {
	// policy that is to refuse it, without the beginning of its name.
	policy  string
	does    string
	attempt func(context.Context, attacker) error
	// mayFail is set where a simulated pod cannot do what is asked of it.
	mayFail bool
}

// thief is a pod that nobody objects to unless spec says otherwise.
func thief(w *world, spec func(*corev1.PodSpec)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "thief"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "example.invalid/thief"}}},
	}
	spec(&pod.Spec)
	return pod
}

func mount(spec *corev1.PodSpec, secret string) {
	spec.Volumes = append(spec.Volumes, corev1.Volume{Name: "stolen", VolumeSource: corev1.VolumeSource{
		Secret: &corev1.SecretVolumeSource{SecretName: secret},
	}})
}

// merge is an attempt to patch an object.
func merge(object client.Object, patch string) func(context.Context, attacker) error {
	return func(ctx context.Context, a attacker) error {
		target, ok := object.DeepCopyObject().(client.Object)
		if !ok {
			return fmt.Errorf("%T is no object of the API", object)
		}
		return a.Client.Patch(ctx, target, client.RawPatch(types.MergePatchType, []byte(patch)))
	}
}

func create(object client.Object, options ...client.CreateOption) func(context.Context, attacker) error {
	return func(ctx context.Context, a attacker) error {
		made, ok := object.DeepCopyObject().(client.Object)
		if !ok {
			return fmt.Errorf("%T is no object of the API", object)
		}
		return a.Client.Create(ctx, made, options...)
	}
}

func remove(object client.Object, options ...client.DeleteOption) func(context.Context, attacker) error {
	return func(ctx context.Context, a attacker) error { return a.Client.Delete(ctx, object, options...) }
}

// attacks are all attempts on a world whose Connector is up.
func attacks(t *testing.T, w *world) []attempt {
	t.Helper()
	var all []attempt
	for _, list := range [][]attempt{
		onChildren(w), forgeries(w), onPods(t, w), onAccess(t, w), onScale(w), onIdentity(w), onIssuer(w), onNetwork(w), onRecords(t, w), onConnector(w),
	} {
		all = append(all, list...)
	}
	return all
}

func (w *world) gatewayMeta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: desired.GatewayName(w.connector.Name)}
}

// onChildren edits and deletes each object of the operator, and the Secret of the identity.
func onChildren(w *world) []attempt {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: desired.SecretName(w.connector.Name)}}
	var all []attempt
	for _, child := range append(w.children(), secret) {
		for does, patch := range map[string]string{
			"labels":               `{"metadata":{"labels":{"example.vn/a":"b"}}}`,
			"takes the labels off": `{"metadata":{"labels":null}}`,
			"adds a finalizer to":  `{"metadata":{"finalizers":["example.vn/stay"]}}`,
			"frees of its owner":   `{"metadata":{"ownerReferences":null,"annotations":null}}`,
		} {
			all = append(all, attempt{policy: "owned-objects", does: fmt.Sprintf("%s the %T", does, child), attempt: merge(child, patch)})
		}
		all = append(all, attempt{policy: "owned-objects", does: fmt.Sprintf("deletes the %T", child), attempt: remove(child)})
	}
	meta := w.gatewayMeta()
	for does, try := range map[string]func(context.Context, attacker) error{
		"runs another image": merge(&appsv1.Deployment{ObjectMeta: meta},
			`{"spec":{"template":{"spec":{"containers":[{"name":"gateway","image":"example.invalid/own"}]}}}}`),
		"trusts another authority": merge(&corev1.ConfigMap{ObjectMeta: meta}, `{"data":{"trust.pem":""}}`),
		"asks for other names":     merge(&cmapi.Certificate{ObjectMeta: meta}, `{"spec":{"dnsNames":["hub.example.vn"]}}`),
		"replaces the key":         merge(secret, `{"data":{"tls.key":""}}`),
		"deletes all Deployments": func(ctx context.Context, a attacker) error {
			return a.Client.DeleteAllOf(ctx, &appsv1.Deployment{}, client.InNamespace(w.namespace))
		},
		"renews by the status": func(ctx context.Context, a attacker) error {
			return a.Client.Status().Patch(ctx, &cmapi.Certificate{ObjectMeta: meta},
				client.RawPatch(types.MergePatchType, []byte(`{"status":{"failedIssuanceAttempts":7}}`)))
		},
	} {
		all = append(all, attempt{policy: "owned-objects", does: does, attempt: try})
	}
	return all
}

// forgeries are objects of the attacker's own that bear what the operator trusts.
func forgeries(w *world) []attempt {
	marks := map[string]metav1.ObjectMeta{
		"the label managed-by":            {Labels: map[string]string{desired.LabelManagedBy: desired.ManagedBy}},
		"the label of a Connector":        {Labels: map[string]string{desired.LabelConnector: w.connector.Name}},
		"the annotation with its UID":     {Annotations: map[string]string{desired.AnnotationConnectorUID: string(w.connector.UID)}},
		"a Connector as its owner":        {OwnerReferences: []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Connector", Name: w.connector.Name, UID: w.connector.UID}}},
		"an annotation of the operator's": {Annotations: map[string]string{desired.AnnotationReplacement: "Requested"}},
	}
	var all []attempt
	for does, meta := range marks {
		meta.Namespace, meta.Name = w.namespace, "forged"
		all = append(all,
			attempt{policy: "owned-objects", does: "creates a ConfigMap with " + does, attempt: create(&corev1.ConfigMap{ObjectMeta: meta})},
			attempt{policy: "owned-objects", does: "creates a Secret with " + does, attempt: create(&corev1.Secret{ObjectMeta: meta})},
			attempt{policy: "owned-objects", does: "creates a Certificate with " + does, attempt: create(ownCertificate(meta))},
			attempt{policy: "gateway-pods", does: "creates a pod with " + does, attempt: func(ctx context.Context, a attacker) error {
				pod := thief(w, func(*corev1.PodSpec) {})
				pod.ObjectMeta = meta
				return a.Client.Create(ctx, pod)
			}},
		)
		if len(meta.OwnerReferences) > 0 {
			continue // A template has none.
		}
		template := corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: meta.Labels, Annotations: meta.Annotations}}
		for _, workload := range workloads(w, template, func(*corev1.PodSpec) {}) {
			policy := "pod-templates"
			switch workload.(type) {
			case *corev1.ReplicationController, *batchv1.Job:
				// The API server gives these the labels of their template.
				if len(meta.Labels) > 0 {
					policy = "owned-objects"
				}
			}
			all = append(all, attempt{policy: policy, does: fmt.Sprintf("creates a %T of pods with %s", workload, does), attempt: create(workload)})
		}
	}
	return all
}

// ownCertificate is of an Issuer of the tenant's own.
func ownCertificate(meta metav1.ObjectMeta) *cmapi.Certificate {
	return &cmapi.Certificate{ObjectMeta: meta, Spec: cmapi.CertificateSpec{
		SecretName: "own-tls", DNSNames: []string{"own.example.vn"}, IssuerRef: cmmeta.IssuerReference{Name: "own"},
	}}
}

// onPods changes a pod of the gateway.
func onPods(t *testing.T, w *world) []attempt {
	t.Helper()
	pod := w.pods(t)[0]
	var all []attempt
	for does, patch := range map[string]string{
		"urges a gateway's pod":                 `{"metadata":{"annotations":{"lienthong.gov.vn/sync":"now"}}}`,
		"labels a gateway's pod":                `{"metadata":{"labels":{"example.vn/a":"b"}}}`,
		"takes a pod away from its Service":     `{"metadata":{"labels":{"app.kubernetes.io/name":"other"}}}`,
		"holds a gateway's pod by a finalizer":  `{"metadata":{"finalizers":["example.vn/stay"]}}`,
		"runs another image in a gateway's pod": fmt.Sprintf(`{"spec":{"containers":[{"name":%q,"image":"example.invalid/own"}]}}`, pod.Spec.Containers[0].Name),
	} {
		object := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
		try := func(ctx context.Context, a attacker) error {
			return a.Client.Patch(ctx, object, client.RawPatch(types.StrategicMergePatchType, []byte(patch)))
		}
		all = append(all, attempt{policy: "gateway-pods", does: does, attempt: try})
	}
	return append(all, attempt{policy: "gateway-pods", does: "debugs a gateway's pod", attempt: func(ctx context.Context, a attacker) error {
		debugged := pod.DeepCopy()
		debugged.Spec.EphemeralContainers = []corev1.EphemeralContainer{{
			EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug", Image: "example.invalid/debug"},
		}}
		_, err := a.CoreV1().Pods(pod.Namespace).UpdateEphemeralContainers(ctx, pod.Name, debugged, metav1.UpdateOptions{})
		return err
	}})
}

// connectTo opens a subresource of a pod or a service.
func connectTo(w *world, resource, name, subresource string) func(context.Context, attacker) error {
	return func(ctx context.Context, a attacker) error {
		request := a.CoreV1().RESTClient().Post().Namespace(w.namespace).Resource(resource).Name(name).SubResource(subresource)
		switch subresource {
		case "exec":
			command := []string{"cat", "/var/run/lienthong/identity/tls.key"}
			request = request.VersionedParams(&corev1.PodExecOptions{Command: command, Stdout: true}, scheme.ParameterCodec)
		case "attach":
			request = request.VersionedParams(&corev1.PodAttachOptions{Stdout: true}, scheme.ParameterCodec)
		case "portforward":
			request = request.VersionedParams(&corev1.PodPortForwardOptions{Ports: []int32{8080}}, scheme.ParameterCodec)
		}
		return request.Do(ctx).Error()
	}
}

// onAccess enters the gateway's pods.
func onAccess(t *testing.T, w *world) []attempt {
	t.Helper()
	pod, service := w.pods(t)[0].Name, desired.GatewayName(w.connector.Name)
	return []attempt{
		{policy: "gateway-access", does: "runs a command in a gateway's pod", attempt: connectTo(w, "pods", pod, "exec")},
		{policy: "gateway-access", does: "attaches to a gateway's pod", attempt: connectTo(w, "pods", pod, "attach")},
		{policy: "gateway-access", does: "forwards a port of a gateway's pod", attempt: connectTo(w, "pods", pod, "portforward")},
		{policy: "gateway-access", does: "goes to a pod through the API server", attempt: connectTo(w, "pods", "http:"+pod+":8080", "proxy")},
		{policy: "gateway-access", does: "goes to the Service through the API server", attempt: connectTo(w, "services", service+":outbound", "proxy")},
	}
}

// onScale changes the number of pods past the Deployment.
func onScale(w *world) []attempt {
	return []attempt{
		{policy: "gateway-scale", does: "scales the gateway to nothing", attempt: func(ctx context.Context, a attacker) error {
			scale := &autoscalingv1.Scale{ObjectMeta: w.gatewayMeta()}
			_, err := a.AppsV1().Deployments(w.namespace).UpdateScale(ctx, scale.Name, scale, metav1.UpdateOptions{})
			return err
		}},
		{policy: "gateway-scale", does: "has the gateway scaled", attempt: create(&autoscalingv2.HorizontalPodAutoscaler{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "own"},
			Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MaxReplicas: 1, ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{
				APIVersion: "apps/v1", Kind: "Deployment", Name: w.gatewayMeta().Name,
			}},
		})},
	}
}

// takings are all ways for a pod to get at a Secret.
func takings(secret string) map[string]func(*corev1.PodSpec) {
	env := []corev1.EnvVar{{Name: "KEY", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: secret}, Key: "tls.key",
	}}}}
	source := corev1.LocalObjectReference{Name: secret}
	return map[string]func(*corev1.PodSpec){
		"mounts": func(s *corev1.PodSpec) { mount(s, secret) },
		"projects": func(s *corev1.PodSpec) {
			s.Volumes = []corev1.Volume{{Name: "stolen", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
				Sources: []corev1.VolumeProjection{{Secret: &corev1.SecretProjection{LocalObjectReference: source}}},
			}}}}
		},
		"hands a driver": func(s *corev1.PodSpec) {
			s.Volumes = []corev1.Volume{{Name: "stolen", VolumeSource: corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{
				Driver: "csi.example.vn", NodePublishSecretRef: &source,
			}}}}
		},
		"reads as a variable": func(s *corev1.PodSpec) { s.Containers[0].Env = env },
		"reads in an init container": func(s *corev1.PodSpec) {
			s.InitContainers = []corev1.Container{{Name: "init", Image: "example.invalid/thief", Env: env}}
		},
		"reads as an environment": func(s *corev1.PodSpec) {
			s.Containers[0].EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: source}}}
		},
	}
}

// onIdentity takes the identity without reading the Secret.
func onIdentity(w *world) []attempt {
	var all []attempt
	for does, spec := range takings(desired.GatewayName(w.connector.Name) + "-x7k2p") {
		all = append(all, attempt{policy: "identity-secret", does: "a pod " + does + " the key of a renewal", attempt: create(thief(w, spec))})
	}
	for does, spec := range takings(desired.SecretName(w.connector.Name)) {
		all = append(all, attempt{policy: "identity-secret", does: "a pod " + does + " the identity", attempt: create(thief(w, spec))})
		for _, workload := range workloads(w, corev1.PodTemplateSpec{}, spec) {
			all = append(all, attempt{policy: "identity-secret", does: fmt.Sprintf("a %T %s the identity", workload, does), attempt: create(workload)})
		}
	}
	return all
}

// onIssuer asks the hub's issuer for identities.
func onIssuer(w *world) []attempt {
	const victim = "spiffe://lienthong.test/agency/G22/connector/g22/main"
	certificate := foreignCertificate(w.namespace, victim)
	request := &cmapi.CertificateRequest{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "forged"},
		Spec:       cmapi.CertificateRequestSpec{Request: []byte("request"), IssuerRef: certificate.Spec.IssuerRef},
	}
	shorter := certificate.DeepCopy()
	shorter.Spec.IssuerRef.Group = ""
	return []attempt{
		{policy: "hub-issuer", does: "asks the hub's issuer for another agency's identity", attempt: create(certificate)},
		{policy: "hub-issuer", does: "asks it without naming its group", attempt: create(shorter)},
		{policy: "hub-issuer", does: "makes a request of its own", attempt: create(request)},
	}
}

// opens allows everything in, to the pods of a selector.
func opens(w *world, selector metav1.LabelSelector) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "own"}, Spec: networkingv1.NetworkPolicySpec{
		PodSelector: selector, Ingress: []networkingv1.NetworkPolicyIngressRule{{}},
	}}
}

func selecting(key string, operator metav1.LabelSelectorOperator, values ...string) metav1.LabelSelector {
	return metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: key, Operator: operator, Values: values}}}
}

// onNetwork opens what the level closes, by a policy beside the operator's.
func onNetwork(w *world) []attempt {
	outward := opens(w, metav1.LabelSelector{})
	outward.Spec.Ingress, outward.Spec.Egress = nil, []networkingv1.NetworkPolicyEgressRule{{}}
	tries := map[string]client.Object{"opens all pods inwards": opens(w, metav1.LabelSelector{}), "opens all pods outwards": outward}
	for does, selector := range map[string]metav1.LabelSelector{
		"opens gateways by a label":           {MatchLabels: desired.Selector(w.connector.Name)},
		"opens gateways by the agency's code": {MatchLabels: map[string]string{desired.LabelAgencyCode: w.agency.Spec.Code}},
		"opens gateways by a list":            selecting(desired.LabelName, metav1.LabelSelectorOpIn, "other", "connector-gateway"),
		"opens gateways by what they lack":    selecting("app", metav1.LabelSelectorOpDoesNotExist),
		"opens gateways by what they are not": selecting(desired.LabelName, metav1.LabelSelectorOpNotIn, "other"),
		"opens gateways by what they have":    selecting(desired.LabelConnector, metav1.LabelSelectorOpExists),
	} {
		tries[does] = opens(w, selector)
	}
	var all []attempt
	for does, object := range tries {
		all = append(all, attempt{policy: "network-openings", does: does, attempt: create(object)})
	}
	return all
}

// onRecords judges the own Connector, and writes what the operator saw.
func onRecords(t *testing.T, w *world) []attempt {
	t.Helper()
	failed := w.recorded("failed", "PenetrationTest", "2026-01-05")
	w.Create(t, failed)
	good := w.recorded("good", "PenetrationTest", "2026-01-06")
	return []attempt{
		{policy: "own-evidence", does: "records evidence for itself", attempt: create(good)},
		{policy: "own-evidence", does: "removes evidence against itself", attempt: remove(failed)},
		{policy: "own-evidence", does: "waives its own duty", attempt: create(w.waiver())},
		{policy: "records", does: "writes its own status", attempt: func(ctx context.Context, a attacker) error { return writeStatus(ctx, a, w) }},
		{policy: "namespace-labels", does: "opens gateways to its namespace", attempt: merge(
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}, `{"metadata":{"labels":{"lienthong.gov.vn/monitoring":"true"}}}`)},
	}
}

// waiver excuses the world's Connector.
func (w *world) waiver() *v1alpha1.DutyWaiver {
	return &v1alpha1.DutyWaiver{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "mine"},
		Spec: v1alpha1.DutyWaiverSpec{
			ConnectorRef: v1alpha1.ConnectorReference{Name: w.connector.Name}, Duties: []string{"PenetrationTest"},
			Reason: "None.", Approver: "Myself", From: "2026-01-01", Until: "2027-01-01",
		},
	}
}

// writeStatus says of the world's Connector that it is under another identity.
func writeStatus(ctx context.Context, a attacker, w *world) error {
	patch := client.RawPatch(types.MergePatchType, []byte(`{"status":{"spiffeID":"spiffe://lienthong.test/forged"}}`))
	return a.Client.Status().Patch(ctx, &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: w.connector.Name}}, patch)
}

// onConnector leaves a gateway without a Connector.
func onConnector(w *world) []attempt {
	own := &v1alpha1.Connector{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: w.connector.Name}}
	return []attempt{
		{policy: "connector-removal", does: "leaves the gateway behind", attempt: remove(own, client.PropagationPolicy(metav1.DeletePropagationOrphan))},
		{policy: "connector-removal", does: "prepares to leave it behind", attempt: merge(own, `{"metadata":{"finalizers":["orphan"]}}`)},
	}
}
