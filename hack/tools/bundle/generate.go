package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blang/semver/v4"
	"github.com/operator-framework/api/pkg/lib/version"
	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	// packageName is what the Operator Lifecycle Manager calls the operator.
	packageName = "lienthong-connector-operator"
	// channel is the one that bundles go to while the API is v1alpha1.
	channel = "candidate-v0"
	// repository is where the image is if nobody says otherwise.
	repository = "lienthong.gov.vn/connector-operator"
)

// bundle is the content of the directory.
type bundle struct {
	csv *v1alpha1.ClusterServiceVersion
	// beside are the objects that stand beside the ClusterServiceVersion.
	beside []unstructured.Unstructured
}

func generate(operator, samples []unstructured.Unstructured, o options) (*bundle, error) {
	csvs, err := ofKind[v1alpha1.ClusterServiceVersion](operator, v1alpha1.ClusterServiceVersionKind)
	if err != nil {
		return nil, err
	}
	if len(csvs) != 1 {
		return nil, fmt.Errorf("there are %d ClusterServiceVersions in what was rendered; config/manifests is to have one", len(csvs))
	}
	csv := csvs[0]
	image, err := identify(csv, o)
	if err != nil {
		return nil, err
	}
	if csv.Spec.InstallStrategy, err = strategy(operator, image); err != nil {
		return nil, err
	}
	csv.Spec.RelatedImages = []v1alpha1.RelatedImage{{Name: "connector-operator", Image: image}}
	owned := csv.Spec.CustomResourceDefinitions.Owned
	if csv.Spec.CustomResourceDefinitions.Owned, err = describe(operator, owned); err != nil {
		return nil, err
	}
	if csv.Annotations["alm-examples"], err = examples(samples, csv.Spec.CustomResourceDefinitions.Owned); err != nil {
		return nil, err
	}
	beside, err := besides(operator)
	return &bundle{csv: csv, beside: beside}, err
}

// identify writes the version, the image and the date wherever a ClusterServiceVersion tells them, and gives the image.
func identify(csv *v1alpha1.ClusterServiceVersion, o options) (image string, err error) {
	if o.version != "" {
		parsed, err := semver.Parse(strings.TrimPrefix(o.version, "v"))
		if err != nil {
			return "", fmt.Errorf("%q is no semantic version: %w; write one such as v0.1.0", o.version, err)
		}
		csv.Spec.Version = version.OperatorVersion{Version: parsed}
	}
	said := "v" + csv.Spec.Version.String()
	csv.Name = packageName + "." + said
	image = o.image
	if image == "" {
		image = repository + ":" + said
	}
	csv.Annotations["containerImage"] = image
	if o.created != "" {
		csv.Annotations["createdAt"] = o.created
	}
	return image, nil
}

// strategy is the deployment with the permissions of its ServiceAccount.
func strategy(operator []unstructured.Unstructured, image string) (v1alpha1.NamedInstallStrategy, error) {
	deployments, err := ofKind[appsv1.Deployment](operator, "Deployment")
	if err != nil {
		return v1alpha1.NamedInstallStrategy{}, err
	}
	details := v1alpha1.StrategyDetailsDeployment{}
	for _, deployment := range deployments {
		for n := range deployment.Spec.Template.Spec.Containers {
			deployment.Spec.Template.Spec.Containers[n].Image = image
		}
		details.DeploymentSpecs = append(details.DeploymentSpecs, v1alpha1.StrategyDeploymentSpec{
			Name: deployment.Name, Spec: deployment.Spec, Label: deployment.Labels,
		})
	}
	if len(details.DeploymentSpecs) != 1 {
		return v1alpha1.NamedInstallStrategy{}, fmt.Errorf("there are %d Deployments in what was rendered; the operator is to be one", len(details.DeploymentSpecs))
	}
	account := details.DeploymentSpecs[0].Spec.Template.Spec.ServiceAccountName
	if details.ClusterPermissions, details.Permissions, err = permissions(operator, account); err != nil {
		return v1alpha1.NamedInstallStrategy{}, err
	}
	return v1alpha1.NamedInstallStrategy{StrategyName: v1alpha1.InstallStrategyNameDeployment, StrategySpec: details}, nil
}

// besides are the objects that a bundle holds next to its ClusterServiceVersion: the definitions, and the roles of people, which are bound to nobody.
// What the ClusterServiceVersion tells is left out, and so is what no bundle may hold; anything else is an error, so that nothing new is forgotten.
func besides(operator []unstructured.Unstructured) ([]unstructured.Unstructured, error) {
	told := []string{"ClusterServiceVersion", "Deployment", "Namespace", "ServiceAccount", "RoleBinding", "ClusterRoleBinding"}
	elsewhere := []string{"NetworkPolicy", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
	allowed := []string{"CustomResourceDefinition", "ClusterRole", "Role", "Service", "ConfigMap", "PodDisruptionBudget", "PriorityClass"}
	bound, err := boundRoles(operator)
	if err != nil {
		return nil, err
	}
	var beside []unstructured.Unstructured
	for _, object := range operator {
		kind := object.GetKind()
		switch {
		case slices.Contains(told, kind), slices.Contains(elsewhere, kind), bound[kind+" "+object.GetName()]:
		case slices.Contains(allowed, kind):
			object = *object.DeepCopy()
			// The Operator Lifecycle Manager puts it where the operator is.
			object.SetNamespace("")
			beside = append(beside, object)
		default:
			return nil, fmt.Errorf("%s %s: it is not known whether a bundle may hold this kind; say so in hack/tools/bundle", kind, object.GetName())
		}
	}
	return beside, nil
}
