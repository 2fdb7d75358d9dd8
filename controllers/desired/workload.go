package desired

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

const (
	volumeIdentity = "identity"
	volumeConfig   = "config"
	containerName  = "gateway"
	// leaveMargin is added to the drain so that the kubelet does not kill a gateway in the act of leaving.
	leaveMargin = 5 * time.Second
	// leastDomains is how many places a required spread needs, so that the loss of one never takes all pods.
	leastDomains int32 = 2
)

// PodDisruptionBudget lets one pod go at a time: of several, one always stays, and a single one never blocks the drain of its host. A pod
// that is not ready may always go: it serves nobody.
func PodDisruptionBudget(in Inputs) *policyv1.PodDisruptionBudget {
	one := intstr.FromInt32(1)
	always := policyv1.AlwaysAllow
	return &policyv1.PodDisruptionBudget{
		TypeMeta:   metav1.TypeMeta{APIVersion: policyv1.SchemeGroupVersion.String(), Kind: "PodDisruptionBudget"},
		ObjectMeta: in.meta(),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable:             &one,
			Selector:                   &metav1.LabelSelector{MatchLabels: Selector(in.Connector.Name)},
			UnhealthyPodEvictionPolicy: &always,
		},
	}
}

// Deployment runs the gateway. A change of the gateway's configuration, identity or trust is read by the running pods, so it
// leaves the template alone and restarts nothing.
func Deployment(in Inputs) *appsv1.Deployment {
	replicas := Replicas(in.Connector, in.Profile)
	none, one := intstr.FromInt32(0), intstr.FromInt32(1)
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: "Deployment"},
		ObjectMeta: in.meta(),
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: Selector(in.Connector.Name)},
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &none, MaxSurge: &one},
			},
			MinReadySeconds:         0,
			RevisionHistoryLimit:    new(int32(3)),
			ProgressDeadlineSeconds: new(int32(600)),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: in.labels(), Annotations: in.templateAnnotations()},
				Spec:       podSpec(in),
			},
		},
	}
}

// templateAnnotations are none until pods had to be restarted for the first time.
func (in Inputs) templateAnnotations() map[string]string {
	if in.RestartedFor == "" {
		return nil
	}
	return map[string]string{AnnotationRestartedFor: in.RestartedFor}
}

func podSpec(in Inputs) corev1.PodSpec {
	drain := in.Class.Spec.Drain
	grace := int64((drain.Delay.Duration + drain.Timeout.Duration + leaveMargin).Seconds())
	spec := corev1.PodSpec{
		ServiceAccountName: GatewayName(in.Connector.Name),
		// The older field of the same meaning is defaulted by the API server from the newer one.
		DeprecatedServiceAccount:      GatewayName(in.Connector.Name),
		AutomountServiceAccountToken:  new(false),
		EnableServiceLinks:            new(false),
		RestartPolicy:                 corev1.RestartPolicyAlways,
		DNSPolicy:                     corev1.DNSClusterFirst,
		SchedulerName:                 corev1.DefaultSchedulerName,
		TerminationGracePeriodSeconds: &grace,
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot:   new(true),
			RunAsUser:      new(nonRoot),
			RunAsGroup:     new(nonRoot),
			FSGroup:        new(nonRoot),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		TopologySpreadConstraints: spread(in),
		Containers:                []corev1.Container{container(in)},
		Volumes:                   volumes(in),
	}
	for _, name := range in.Class.Spec.ImagePullSecrets {
		spec.ImagePullSecrets = append(spec.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
	}
	return spec
}

func container(in Inputs) corev1.Container {
	ports, mounts := in.Class.Spec.Ports, in.Class.Spec.Mounts
	return corev1.Container{
		Name:                     containerName,
		Image:                    in.Class.Spec.Image,
		ImagePullPolicy:          corev1.PullIfNotPresent,
		Args:                     slices.Clone(in.Class.Spec.Args),
		Env:                      environment(in),
		TerminationMessagePath:   corev1.TerminationMessagePathDefault,
		TerminationMessagePolicy: corev1.TerminationMessageReadFile,
		Ports: []corev1.ContainerPort{
			containerPort(PortInbound, ports.Inbound),
			containerPort(PortOutbound, ports.Outbound),
			containerPort(PortStatus, ports.Status),
			containerPort(PortProbes, ports.Probes),
		},
		Resources: corev1.ResourceRequirements{
			Requests: in.Class.Spec.Resources.Requests.DeepCopy(),
			Limits:   in.Class.Spec.Resources.Limits.DeepCopy(),
		},
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(false),
			Privileged:               new(false),
			ReadOnlyRootFilesystem:   new(true),
			RunAsNonRoot:             new(true),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			SeccompProfile:           &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		StartupProbe:   probe("/livez", 1, 60),
		LivenessProbe:  probe("/livez", 10, 3),
		ReadinessProbe: probe("/readyz", 2, 2),
		VolumeMounts: []corev1.VolumeMount{
			{Name: volumeIdentity, MountPath: mounts.Identity, ReadOnly: true},
			{Name: volumeConfig, MountPath: mounts.Config, ReadOnly: true},
		},
	}
}

// environment turns Go's cryptographic module to its FIPS 140 mode, which is settled when a process starts. It is empty otherwise.
func environment(in Inputs) []corev1.EnvVar {
	if !in.fips140() {
		return nil
	}
	return []corev1.EnvVar{fips140Mode()}
}

func fips140Mode() corev1.EnvVar { return corev1.EnvVar{Name: "GODEBUG", Value: "fips140=on"} }

// StartsInFIPS140Mode tells whether the pods of a Deployment are started in FIPS 140 mode.
func StartsInFIPS140Mode(template corev1.PodTemplateSpec) bool {
	return slices.ContainsFunc(template.Spec.Containers, func(c corev1.Container) bool {
		return c.Name == containerName && slices.Contains(c.Env, fips140Mode())
	})
}

func containerPort(name string, port int32) corev1.ContainerPort {
	return corev1.ContainerPort{Name: name, ContainerPort: port, Protocol: corev1.ProtocolTCP}
}

func probe(path string, period, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
			Path: path, Port: intstr.FromString(PortProbes), Scheme: corev1.URISchemeHTTP,
		}},
		TimeoutSeconds: 2, PeriodSeconds: period, SuccessThreshold: 1, FailureThreshold: failures,
	}
}

// volumes are mounted whole, never by subPath, because the kubelet refreshes only whole volumes.
func volumes(in Inputs) []corev1.Volume {
	return []corev1.Volume{
		{Name: volumeIdentity, VolumeSource: in.Delivery.Volume(in)},
		{Name: volumeConfig, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: GatewayName(in.Connector.Name)}, DefaultMode: new(int32(0o444)),
		}}},
	}
}

// spread keeps the pods of one revision apart: those of the revision that is going must not push all that are coming to one place. A
// place that takes no pods, such as a drained host, does not count, so that the others may take more.
func spread(in Inputs) []corev1.TopologySpreadConstraint {
	var result []corev1.TopologySpreadConstraint
	for _, s := range []struct {
		key    string
		policy v1alpha1.SpreadPolicy
	}{
		{corev1.LabelHostname, in.Profile.Spec.Workload.SpreadHosts},
		{corev1.LabelTopologyZone, in.Profile.Spec.Workload.SpreadZones},
	} {
		honor := corev1.NodeInclusionPolicyHonor
		constraint := corev1.TopologySpreadConstraint{
			MaxSkew: 1, TopologyKey: s.key, WhenUnsatisfiable: corev1.ScheduleAnyway, NodeTaintsPolicy: &honor,
			LabelSelector:  &metav1.LabelSelector{MatchLabels: Selector(in.Connector.Name)},
			MatchLabelKeys: []string{appsv1.DefaultDeploymentUniqueLabelKey},
		}
		switch s.policy {
		case v1alpha1.SpreadRequired:
			constraint.WhenUnsatisfiable = corev1.DoNotSchedule
			// With one place alone, the pods in it would count as evenly spread.
			constraint.MinDomains = new(leastDomains)
		case v1alpha1.SpreadPreferred:
		default:
			continue
		}
		result = append(result, constraint)
	}
	return result
}
