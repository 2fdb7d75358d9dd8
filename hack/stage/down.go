package stage

import (
	"context"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/hack/manifests"
)

const (
	// markMade is on everything that a stage made in a cluster that existed before. What was there already does not get it, and
	// only what has it is removed.
	markMade = v1alpha1.GroupName + "/made-by-demo"
	// removalPatience is how long one step of a removal may take; the slowest ends the pods of 27 namespaces.
	removalPatience = 10 * time.Minute
)

// Down removes what a stage made: the local cluster with everything on it, or, from a cluster that existed before, every object
// that the stage made there. It may be repeated.
func Down(ctx context.Context, o Options) error {
	s := &Stage{Options: o, local: o.Kubeconfig == "", started: time.Now()}
	if !s.local {
		if err := s.connect(); err != nil {
			return err
		}
		return s.remove(ctx)
	}
	if err := s.stopOperatorProcess(ctx); err != nil {
		return err
	}
	return s.localCluster(ctx, o.Out, "down")
}

// mark marks the objects that this stage makes, or made in an earlier run, in a cluster that existed before.
func (s *Stage) mark(ctx context.Context, objects []*unstructured.Unstructured) error {
	if s.local {
		return nil
	}
	for _, object := range objects {
		seen, err := s.look(ctx, object)
		if err != nil {
			return err
		}
		if seen != nil && seen.GetAnnotations()[markMade] == "" {
			continue
		}
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[markMade] = "true"
		object.SetAnnotations(annotations)
	}
	return nil
}

// look gives the object as it is in the cluster; nil if it, or even its kind, is not there.
func (s *Stage) look(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	seen := &unstructured.Unstructured{}
	seen.SetGroupVersionKind(object.GroupVersionKind())
	err := s.Client.Get(ctx, client.ObjectKeyFromObject(object), seen)
	switch {
	case err == nil:
		return seen, nil
	case apierrors.IsNotFound(err), meta.IsNoMatchError(err):
		return nil, nil //nolint:nilnil // Nothing there is an answer.
	default:
		return nil, fmt.Errorf("looking for %s %s: %w", object.GetKind(), object.GetName(), err)
	}
}

// remove takes everything back that was made: first what the operator serves, then the operator with the authority, and the
// API last, because every object of its kinds goes with it.
func (s *Stage) remove(ctx context.Context) error {
	served, err := s.servedObjects()
	if err != nil {
		return err
	}
	records, err := s.sampleRecords(ctx)
	if err != nil {
		return err
	}
	connectors, others := split(served, "Connector")
	namespaces, others := split(others, "Namespace")
	for _, step := range []struct {
		title   string
		objects []*unstructured.Unstructured
	}{
		{"Removing the Connectors", connectors},
		{"Removing their sample records", records},
		{"Removing the agencies, the plans, the hub and the stand-ins", others},
		{"Removing their namespaces", namespaces},
	} {
		if err := s.removeAll(ctx, step.title, step.objects); err != nil {
			return err
		}
	}
	if err := s.removeOutlasting(ctx, others); err != nil {
		return err
	}
	foreign, err := s.remaining(ctx)
	if err != nil {
		return err
	}
	if foreign != "" {
		s.sayf("The operator, its API and the certification authority stay, because the cluster has %s, which the demo did not make; "+
			"remove it and repeat this command, or keep them", foreign)
		return nil
	}
	if err := s.removeFoundations(ctx); err != nil {
		return err
	}
	s.sayf("Everything that the demo made in the cluster of %s is removed", s.Kubeconfig)
	return nil
}

// servedObjects are what stands on the operator: the samples, the living plan and the stand-ins.
func (s *Stage) servedObjects() ([]*unstructured.Unstructured, error) {
	all, err := manifests.Kustomize(s.path(SamplesDir))
	if err != nil {
		return nil, err
	}
	hub, err := manifests.ReadFiles(s.path(standInDir, "hub.yaml"))
	if err != nil {
		return nil, err
	}
	connectors, err := s.sampleConnectors()
	if err != nil {
		return nil, err
	}
	systems, err := s.agencySystemObjects(connectors)
	if err != nil {
		return nil, err
	}
	living, err := s.livingPlan(time.Now())
	if err != nil {
		return nil, err
	}
	plan, err := untyped(living)
	if err != nil {
		return nil, err
	}
	all = append(append(append(all, hub...), systems...), plan)
	return append(all, named("ConfigMap", HubNamespace, routesName),
		named("Secret", HubNamespace, platformIssuer)), nil
}

// removeFoundations removes the operator, the authority with its key, and then the API.
func (s *Stage) removeFoundations(ctx context.Context) error {
	installed, err := manifests.Kustomize(s.path("config/default"))
	if err != nil {
		return err
	}
	definitions, operator := split(installed, "CustomResourceDefinition")
	certification, err := manifests.ReadFiles(s.path(standInDir, "authority.yaml"))
	if err != nil {
		return err
	}
	own, err := s.look(ctx, named("Secret", "cert-manager", authority))
	if err != nil {
		return err
	}
	root, _ := split(certification, "Certificate")
	made, err := s.made(ctx, root)
	if err != nil {
		return err
	}
	operator = append(operator, named("ConfigMap", controllers.DefaultNamespace, anchorsName),
		named("Secret", controllers.DefaultNamespace, platformIssuer))
	if err := s.removeAll(ctx, "Removing the operator", operator); err != nil {
		return err
	}
	if err := s.removeAll(ctx, "Removing the certification authority", certification); err != nil {
		return err
	}
	// cert-manager wrote the key, and writes it again while the Certificate is there.
	if own != nil && len(made) > 0 {
		if err := client.IgnoreNotFound(s.Client.Delete(ctx, own)); err != nil {
			return fmt.Errorf("removing the key of the certification authority: %w", err)
		}
	}
	return s.removeAll(ctx, "Removing the API", definitions)
}

func named(kind, namespace, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion("v1")
	object.SetKind(kind)
	object.SetNamespace(namespace)
	object.SetName(name)
	return object
}

func split(objects []*unstructured.Unstructured, kind string) (of, others []*unstructured.Unstructured) {
	for _, object := range objects {
		if object.GetKind() == kind {
			of = append(of, object)
		} else {
			others = append(others, object)
		}
	}
	return of, others
}

// made are those of the objects that are there and that a stage made.
func (s *Stage) made(ctx context.Context, objects []*unstructured.Unstructured) ([]*unstructured.Unstructured, error) {
	var made []*unstructured.Unstructured
	for _, object := range objects {
		seen, err := s.look(ctx, object)
		if err != nil {
			return nil, err
		}
		if seen != nil && seen.GetAnnotations()[markMade] != "" {
			made = append(made, seen)
		}
	}
	return made, nil
}

// removeAll deletes those of the objects that a stage made, and waits until they are gone.
func (s *Stage) removeAll(ctx context.Context, title string, objects []*unstructured.Unstructured) error {
	left, err := s.made(ctx, objects)
	if err != nil {
		return err
	}
	s.sayf("%s: %d objects", title, len(left))
	installer, err := s.installer()
	if err != nil {
		return err
	}
	if err := installer.Delete(ctx, left); err != nil {
		return err
	}
	saidAt := time.Now()
	err = wait.PollUntilContextTimeout(ctx, time.Second/2, removalPatience, true, func(ctx context.Context) (bool, error) {
		if left, err = s.made(ctx, left); err != nil {
			return false, err
		}
		if len(left) > 0 && time.Since(saidAt) >= progressEvery/3 {
			s.sayf("%d of them are still there", len(left))
			saidAt = time.Now()
		}
		return len(left) == 0, nil
	})
	if err != nil && len(left) > 0 {
		return fmt.Errorf("%s: %s %s is still there, and perhaps a finalizer holds it; repeat the command when it is gone: %w",
			title, left[0].GetKind(), left[0].GetName(), err)
	}
	return err
}

// remaining names what the cluster has of this project's kinds.
func (s *Stage) remaining(ctx context.Context) (string, error) {
	var names []string
	for _, kind := range []string{
		"Connector", "ComplianceEvidence", "DutyWaiver", "ExchangeHub", kindAgency, "ConnectorClass", "SecurityProfile", kindPlan,
		// These outlive what they tell of, and nobody can write them again.
		"MilestoneRecord", "ReadinessReport",
	} {
		objects := &unstructured.UnstructuredList{}
		objects.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
		if err := client.IgnoreNotFound(s.Client.List(ctx, objects)); err != nil && !meta.IsNoMatchError(err) {
			return "", fmt.Errorf("looking for a remaining %s: %w", kind, err)
		}
		for i := range objects.Items {
			names = append(names, strings.TrimPrefix(objects.Items[i].GetNamespace()+"/", "/")+objects.Items[i].GetName())
		}
		if len(names) > 0 {
			return fmt.Sprintf("%s %s", kind, strings.Join(names, ", ")), nil
		}
	}
	return "", nil
}
