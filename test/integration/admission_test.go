package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// policies is what the names of this project's admission policies begin with.
const policies = "connector-operator-"

// attacker is somebody with more rights in a namespace than the project gives to anybody.
type attacker struct {
	client.Client
	*kubernetes.Clientset

	config *rest.Config
}

// attacker binds a user to ClusterRoles in the world's namespace, or, with no role, to one that allows everything there. What is to be
// refused must be refused by admission then.
func (w *world) attacker(t *testing.T, user string, roles ...string) attacker {
	t.Helper()
	if len(roles) == 0 {
		everything := rbacv1.PolicyRule{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}
		role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "everything"}, Rules: []rbacv1.PolicyRule{everything}}
		w.Create(t, role)
		w.bindTo(t, user, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name})
	}
	for _, role := range roles {
		w.bindTo(t, user, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role})
	}
	acting := w.acting(t, w.as(user))
	// The API server's authorizer learns of bindings through a watch.
	w.Eventually(t, func() error {
		return acting.List(t.Context(), &cmapi.CertificateList{}, client.InNamespace(w.namespace))
	})
	return acting
}

// acting is who a configuration says.
func (w *world) acting(t *testing.T, config *rest.Config) attacker {
	t.Helper()
	c, err := client.New(config, client.Options{Scheme: w.Scheme})
	if err != nil {
		t.Fatal(err)
	}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return attacker{c, set, config}
}

// subjects are a user of the world and the ServiceAccount of that name.
func (w *world) subjects(user string) []rbacv1.Subject {
	return []rbacv1.Subject{
		{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user + "@" + w.namespace},
		{Kind: rbacv1.ServiceAccountKind, Namespace: w.namespace, Name: user},
	}
}

func (w *world) bindTo(t *testing.T, user string, role rbacv1.RoleRef) {
	t.Helper()
	w.Create(t, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: user + "-" + role.Name}, RoleRef: role,
		Subjects: w.subjects(user),
	})
}

// guarded waits until the API server evaluates the policies that ask for the world's Connector and hub: for half a minute after the
// definitions came it does not know their kinds.
func (w *world) guarded(t *testing.T, a attacker) {
	t.Helper()
	thief := thief(w, func(spec *corev1.PodSpec) { mount(spec, desired.SecretName(w.connector.Name)) })
	w.Eventually(t, func() error {
		if err := a.Client.Create(t.Context(), thief.DeepCopy(), client.DryRunAll); !refusedBy(err, "identity-secret") {
			return fmt.Errorf("a pod that mounts the identity was not refused as it should be: %w", orPassed(err))
		}
		issued := foreignCertificate(w.namespace, "spiffe://lienthong.test/hub")
		if err := a.Client.Create(t.Context(), issued, client.DryRunAll); !refusedBy(err, "hub-issuer") {
			return fmt.Errorf("a Certificate of the hub's issuer was not refused as it should be: %w", orPassed(err))
		}
		return nil
	})
}

// orPassed is the error, or one that tells that there was none.
func orPassed(err error) error {
	if err == nil {
		return errors.New("it was let pass")
	}
	return err
}

// refusedBy tells whether the error is a refusal by that policy, which says so in whole sentences.
func refusedBy(err error, policy string) bool {
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "ValidatingAdmissionPolicy '"+policies+policy+"'") {
		return false
	}
	_, sentence, found := strings.Cut(err.Error(), "denied request: ")
	return found && len(sentence) > 80 && strings.HasSuffix(sentence, ".")
}

// TestTenantsCannotPass attacks a Connector's gateway, identity and records as somebody to whom a role in the namespace allows everything. Each
// attempt is refused by the policy that is named for it, and the gateway stays as it was.
func TestTenantsCannotPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	owner := w.attacker(t, "owner")
	w.guarded(t, owner)
	serial, before := w.leaf(t).SerialNumber, w.versionsOfChildren(t)
	for _, a := range attacks(t, w) {
		t.Run(a.policy+"/"+a.does, func(t *testing.T) {
			if err := a.attempt(t.Context(), owner); !refusedBy(err, a.policy) {
				t.Errorf("who may do everything in the namespace gets: %v\nwant a refusal by %s", err, policies+a.policy)
			}
		})
	}
	if after := w.versionsOfChildren(t); !slices.Equal(before, after) {
		t.Errorf("the operator's objects changed from %v to %v", before, after)
	}
	w.nothingIssuedBut(t, serial)
}

// TestBuiltInRolesCannotPass makes the same attempts with the roles that many clusters give tenants. What the role does not allow at all is
// refused by it, the rest by a policy.
func TestBuiltInRolesCannotPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	all := attacks(t, w)
	for _, role := range []string{"edit", "admin"} {
		with := w.attacker(t, role, role, "connector-operator-tenant")
		w.guarded(t, with)
		byPolicy := 0
		for _, a := range all {
			err := a.attempt(t.Context(), with)
			if !apierrors.IsForbidden(err) {
				t.Errorf("with the role %s, %q gets: %v, want a refusal", role, a.does, err)
			}
			if refusedBy(err, a.policy) {
				byPolicy++
			}
		}
		if byPolicy == 0 {
			t.Errorf("no policy refused anything to the role %s, so this shows nothing of them", role)
		}
	}
}

// versionsOfChildren tells what would change if anybody wrote the operator's objects.
func (w *world) versionsOfChildren(t *testing.T) []string {
	t.Helper()
	var versions []string
	for _, child := range w.children() {
		if err := w.get(t.Context(), child); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, fmt.Sprintf("%T %s %d %v", child, child.GetUID(), child.GetGeneration(), child.GetLabels()))
	}
	return versions
}

// TestPoliciesAreSound looks at what the API server says of each policy: it has no doubt about any expression.
func TestPoliciesAreSound(t *testing.T) {
	env := suite(t)
	env.Eventually(t, func() error {
		var list admissionv1.ValidatingAdmissionPolicyList
		if err := env.Client.List(t.Context(), &list); err != nil {
			return err
		}
		checked := 0
		for i := range list.Items {
			p := &list.Items[i]
			if !strings.HasPrefix(p.Name, policies) {
				continue
			}
			checked++
			if p.Status.ObservedGeneration != p.Generation || p.Status.TypeChecking == nil {
				return fmt.Errorf("policy %s was not checked yet", p.Name)
			}
			for _, warning := range p.Status.TypeChecking.ExpressionWarnings {
				t.Errorf("policy %s, %s: %s", p.Name, warning.FieldRef, warning.Warning)
			}
		}
		if checked == 0 {
			return fmt.Errorf("no policy begins with %s", policies)
		}
		return nil
	})
}

// TestPoliciesLetPass does what tenants, and those who look after the cluster, rightly do beside a gateway.
func TestPoliciesLetPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	owner := w.attacker(t, "owner")
	w.guarded(t, owner)
	for _, a := range harmless(t, w) {
		t.Run(a.does, func(t *testing.T) {
			if err := a.attempt(t.Context(), owner); err != nil && (apierrors.IsForbidden(err) || !a.mayFail) {
				t.Errorf("refused: %v", err)
			}
		})
	}
	// Removing everything is the tenant's right, and leaves nothing behind.
	if err := owner.Client.Delete(t.Context(), w.connector); err != nil {
		t.Fatal(err)
	}
	w.gone(t, w.connector)
}

// TestIngressGetsNoIdentity asks as cert-manager, which makes a Certificate for whoever annotates an Ingress, and gives it the labels of the Ingress.
func TestIngressGetsNoIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	w.guarded(t, w.attacker(t, "owner"))
	config := rest.CopyConfig(w.Admin)
	config.Impersonate = rest.ImpersonationConfig{UserName: certManagerUser, Groups: []string{"system:serviceaccounts", "system:authenticated"}}
	manager := w.acting(t, config)
	asked := foreignCertificate(w.namespace, "spiffe://lienthong.test/hub")
	if err := manager.Client.Create(t.Context(), asked); !refusedBy(err, "hub-issuer") {
		t.Errorf("a Certificate of the hub's issuer gets %v, want a refusal", err)
	}
	marked := ownCertificate(metav1.ObjectMeta{Namespace: w.namespace, Name: "marked", Labels: desired.Selector(w.connector.Name)})
	if err := manager.Client.Create(t.Context(), marked); !refusedBy(err, "owned-objects") {
		t.Errorf("a Certificate with the operator's labels gets %v, want a refusal", err)
	}
}

// TestClusterAdministratorsPass shows that nobody is locked out: who may do everything in the whole cluster, and who was given
// connector-operator-break-glass beside a role in the namespace, gets through; the operator still puts back what is not its own.
func TestClusterAdministratorsPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	for _, role := range []string{"cluster-admin", "connector-operator-break-glass"} {
		rescuer := w.attacker(t, role, "edit")
		w.everywhere(t, role, role)
		w.Eventually(t, func() error { return labelled(t.Context(), rescuer, w.deployment(t)) })
		w.Eventually(t, func() error { return writeStatus(t.Context(), rescuer, w) })
	}
	w.settled(t)
}

// everywhere binds a user of the world to a ClusterRole in the whole cluster.
func (w *world) everywhere(t *testing.T, user, role string) {
	t.Helper()
	w.Create(t, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-" + user},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   w.subjects(user),
	})
}

// labelled puts a foreign label on an object.
func labelled(ctx context.Context, a attacker, object client.Object) error {
	before, ok := object.DeepCopyObject().(client.Object)
	if !ok {
		return fmt.Errorf("%T is no object of the API", object)
	}
	labels := object.GetLabels()
	labels["example.vn/seen"] = "true"
	object.SetLabels(labels)
	return a.Client.Patch(ctx, object, client.MergeFrom(before))
}
