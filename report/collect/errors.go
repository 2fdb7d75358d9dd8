package collect

import (
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// AuditorRole is the ClusterRole that has every right that a report needs.
const AuditorRole = "connector-operator-auditor"

// RightError tells which right a reader of the cluster lacks.
type RightError struct {
	// Verb and Resource that were refused; Namespace is empty for all of them, or for a resource that is in none.
	Verb, Resource, Namespace string
	// Err is the answer of the API server.
	Err error
}

func (e *RightError) Error() string {
	where := ""
	if e.Namespace != "" {
		where = " in namespace " + e.Namespace
	}
	return fmt.Sprintf("you may not %s %s.%s%s; ask the platform to bind you to the ClusterRole %s (%v)",
		e.Verb, e.Resource, v1alpha1.GroupName, where, AuditorRole, e.Err)
}

func (e *RightError) Unwrap() error { return e.Err }

// NotInstalledError tells that the cluster does not know a kind of this project.
type NotInstalledError struct {
	Resource string
	Err      error
}

func (e *NotInstalledError) Error() string {
	return fmt.Sprintf("the cluster does not know %s.%s; install the operator there, or choose another cluster with --context (%v)",
		e.Resource, v1alpha1.GroupName, e.Err)
}

func (e *NotInstalledError) Unwrap() error { return e.Err }

// NotFoundError tells that there is no agency or Connector of that name.
type NotFoundError struct {
	// Kind is Agency or Connector, and Name what was asked for.
	Kind, Name string
	// Near are names that it may have meant, best first.
	Near []string
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("there is no %s %s; near are %q", e.Kind, e.Name, e.Near)
}

// explained names the right or the kind that is missing.
func explained(err error, verb, resource, namespace string) error {
	switch {
	case err == nil:
		return nil
	case apierrors.IsForbidden(err):
		return &RightError{Verb: verb, Resource: resource, Namespace: namespace, Err: err}
	case meta.IsNoMatchError(err), verb == verbList && apierrors.IsNotFound(err):
		return &NotInstalledError{Resource: resource, Err: err}
	}
	return fmt.Errorf("reading %s: %w", resource, err)
}

// isRight tells that an error is a missing right.
func isRight(err error) bool {
	var right *RightError
	return errors.As(err, &right)
}
