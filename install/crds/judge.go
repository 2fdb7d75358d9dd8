package crds

import (
	"fmt"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// judge says why a definition must not take the place of the one in the cluster; nil if it may.
func judge(live, wanted *apiextensionsv1.CustomResourceDefinition) error {
	if live.DeletionTimestamp != nil {
		return fmt.Errorf("%s is being deleted in this cluster, and all its objects with it; wait until it is gone, or find out what deletes it", live.Name)
	}
	if live.Spec.Scope != wanted.Spec.Scope {
		return fmt.Errorf("%s is %s in this cluster and %s here, which cannot be changed; it is none of this operator's, so remove what installed it",
			live.Name, live.Spec.Scope, wanted.Spec.Scope)
	}
	known := versions(wanted)
	for _, stored := range live.Status.StoredVersions {
		if !slices.Contains(known, stored) {
			return fmt.Errorf("%s has objects that are stored as %s, and this version of the operator knows only %s: they could not be read any more. "+
				"Install a version of the operator that knows %s; to go back nevertheless, store every object anew as %s first, and then take %s out of "+
				"status.storedVersions of the definition", live.Name, stored, strings.Join(known, ", "), stored, known[0], stored)
		}
	}
	return nil
}

// versions of a definition, the one that objects are stored as first.
func versions(of *apiextensionsv1.CustomResourceDefinition) []string {
	var names []string
	for _, version := range of.Spec.Versions {
		if version.Storage {
			names = slices.Insert(names, 0, version.Name)
			continue
		}
		names = append(names, version.Name)
	}
	return names
}

// served tells whether the API server serves the definition; if not, why not.
func served(live *apiextensionsv1.CustomResourceDefinition) (bool, string) {
	for _, wanted := range []apiextensionsv1.CustomResourceDefinitionConditionType{apiextensionsv1.NamesAccepted, apiextensionsv1.Established} {
		why := fmt.Sprintf("%s is not known yet", wanted)
		is := false
		for _, condition := range live.Status.Conditions {
			if condition.Type == wanted {
				is = condition.Status == apiextensionsv1.ConditionTrue
				why = fmt.Sprintf("%s is %s: %s", wanted, condition.Status, condition.Message)
			}
		}
		if !is {
			return false, why
		}
	}
	return true, ""
}
