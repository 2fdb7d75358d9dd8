package integration

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers"
	"lienthong.gov.vn/connector-operator/test/harness"
	"lienthong.gov.vn/connector-operator/test/rights"
)

// enact gives every persona of the matrix its roles and no others, with the world's namespace as its own, and waits until the API server knows.
func (w *world) enact(t *testing.T) {
	t.Helper()
	for _, p := range rights.Personas() {
		if p.Name == rights.Operator {
			continue
		}
		for _, role := range p.Own {
			w.bindTo(t, p.Name, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role})
		}
		for _, role := range p.Everywhere {
			w.everywhere(t, p.Name, role)
		}
		for _, role := range p.System {
			w.Create(t, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: controllers.DefaultNamespace, Name: w.namespace},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role},
				Subjects:   w.subjects(p.Name),
			})
		}
	}
	for _, r := range rights.Matrix() {
		for persona, verbs := range r.Allowed {
			if len(verbs) > 0 {
				w.Eventually(t, func() error { return w.mayAlready(t.Context(), r, persona, verbs[0]) })
			}
		}
	}
}

// mayAlready tells whether the API server knows of one right of a persona.
func (w *world) mayAlready(ctx context.Context, r rights.Row, persona, verb string) error {
	allowed, err := w.asks(ctx, r, persona, verb, "another")
	if err == nil && !allowed {
		err = fmt.Errorf("%s may not yet %s %s in %s", persona, verb, r.Title(), r.Place)
	}
	return err
}

// asks the API server whether a persona may do what a row is about.
func (w *world) asks(ctx context.Context, r rights.Row, persona, verb, another string) (bool, error) {
	spec := authorizationv1.SubjectAccessReviewSpec{User: persona + "@" + w.namespace, Groups: []string{"system:authenticated"}}
	if persona == rights.Operator {
		spec.User, spec.Groups = harness.OperatorUser, harness.OperatorGroups()
	}
	if r.Place == rights.Path {
		spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: r.Resource, Verb: verb}
	} else {
		resource, subresource, _ := strings.Cut(r.Resource, "/")
		spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
			Group: r.Group, Resource: resource, Subresource: subresource, Name: r.Name, Verb: verb,
			Namespace: map[rights.Place]string{rights.Own: w.namespace, rights.Another: another, rights.System: controllers.DefaultNamespace}[r.Place],
		}
	}
	review := &authorizationv1.SubjectAccessReview{Spec: spec}
	err := w.Client.Create(ctx, review)
	return review.Status.Allowed, err
}

// TestRightsMatrix asks the API server every question of the matrix, and prints the table. What the table does not allow is refused.
func TestRightsMatrix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enact(t)
	another := w.Namespace(t)
	var asked, allowed atomic.Int64
	var group sync.WaitGroup
	rows := make(chan rights.Row)
	for range 8 {
		group.Go(func() {
			for r := range rows {
				for _, p := range rights.Personas() {
					asked.Add(int64(len(r.Asked())))
					allowed.Add(w.answered(t, r, p.Name, another))
				}
			}
		})
	}
	for _, r := range rights.Matrix() {
		rows <- r
	}
	close(rows)
	group.Wait()
	t.Logf("%d questions, %d of them answered with yes:\n%s", asked.Load(), allowed.Load(), rights.Markdown())
}

// answered compares what a persona may with the row, verb by verb, and counts what it may.
func (w *world) answered(t *testing.T, r rights.Row, persona, another string) (allowed int64) {
	for _, verb := range r.Asked() {
		got, err := w.asks(t.Context(), r, persona, verb, another)
		if err != nil {
			t.Error(err)
		}
		if want := r.Allows(persona, verb); got != want {
			t.Errorf("%s may %s %s in %s: %t, want %t", persona, verb, r.Title(), r.Place, got, want)
		}
		if got {
			allowed++
		}
	}
	return allowed
}

// TestMatrixKnowsEveryKind finds a kind of the group that the matrix forgot.
func TestMatrixKnowsEveryKind(t *testing.T) {
	env := suite(t)
	set, err := kubernetes.NewForConfig(env.Admin)
	if err != nil {
		t.Fatal(err)
	}
	list, err := set.Discovery().ServerResourcesForGroupVersion(v1alpha1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range rights.Matrix() {
		if r.Group == v1alpha1.GroupName {
			known[r.Resource] = true
		}
	}
	for _, resource := range list.APIResources {
		if !known[resource.Name] {
			t.Errorf("the matrix does not tell who may do what to %s", resource.Name)
		}
	}
	if len(list.APIResources) == 0 {
		t.Fatal("the API server knows nothing of the group, so this shows nothing")
	}
}

// persona acts as one of the matrix, with a token of a ServiceAccount that has its roles.
func (w *world) persona(t *testing.T, name string) attacker {
	t.Helper()
	config := rest.AnonymousClientConfig(w.Admin)
	config.BearerToken = w.token(t, name)
	return w.acting(t, config)
}

// TestPersonasEscalateNowhere tries, as each persona, what would give it more than its roles do. The real request is refused, not only the question
// whether it would be.
func TestPersonasEscalateNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(t)
	w.settled(t)
	w.enact(t)
	stranger := newWorld(t)
	stranger.connect(t)
	stranger.settled(t)
	for _, p := range rights.Personas() {
		if p.Name == rights.Operator || p.Name == rights.BreakGlass {
			continue
		}
		acting := w.persona(t, p.Name)
		for does, try := range escalations(w, stranger, p.Name) {
			if err := try(t.Context(), acting); !apierrors.IsForbidden(err) {
				t.Errorf("%s %s and gets: %v, want a refusal", p.Name, does, err)
			}
		}
	}
}

// escalations are what no persona may do.
func escalations(w, stranger *world, persona string) map[string]func(context.Context, attacker) error {
	meta := metav1.ObjectMeta{Name: "escalation", Namespace: w.namespace}
	everything := []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}}
	all := bindings(w, persona)
	maps.Copy(all, map[string]func(context.Context, attacker) error{
		"mounts the identity":               create(thief(w, func(s *corev1.PodSpec) { mount(s, "main-gateway-tls") })),
		"reads the identity":                reads(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "main-gateway-tls"}}),
		"reads another agency's ConfigMap":  reads(&corev1.ConfigMap{ObjectMeta: stranger.gatewayMeta()}),
		"lists the ConfigMaps of everybody": func(ctx context.Context, a attacker) error { return a.List(ctx, &corev1.ConfigMapList{}) },
		"edits the gateway's ConfigMap": func(ctx context.Context, a attacker) error {
			var config corev1.ConfigMap
			if err := a.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: w.gatewayMeta().Name}, &config); err != nil {
				return err
			}
			config.Data = nil
			return a.Update(ctx, &config)
		},
		"deletes the gateway's ConfigMap": remove(&corev1.ConfigMap{ObjectMeta: w.gatewayMeta()}),
		"writes a status":                 func(ctx context.Context, a attacker) error { return writeStatus(ctx, a, w) },
		"records evidence for itself": func(ctx context.Context, a attacker) error {
			if persona == rights.Assessor {
				return create(stranger.recorded("own", "PenetrationTest", "2026-01-05"))(ctx, a)
			}
			return create(w.recorded("own", "PenetrationTest", "2026-01-05"))(ctx, a)
		},
		"proves a milestone": create(&v1alpha1.MilestoneRecord{ObjectMeta: metav1.ObjectMeta{Name: "forged"}}),
		"makes a role":       create(&rbacv1.Role{ObjectMeta: meta, Rules: everything}),
		"takes the operator's token": func(ctx context.Context, a attacker) error {
			accounts, request := a.CoreV1().ServiceAccounts(controllers.DefaultNamespace), &authenticationv1.TokenRequest{}
			_, err := accounts.CreateToken(ctx, "connector-operator", request, metav1.CreateOptions{})
			return err
		},
		"acts as the operator":     actsAs(harness.OperatorUser),
		"acts as an administrator": actsAs("system:admin"),
	})
	if persona != rights.PlatformAdmin {
		agency := stranger.agency.DeepCopy()
		agency.ObjectMeta = metav1.ObjectMeta{Name: w.namespace + "-forged"}
		all["declares an agency"] = create(agency)
		all["acts for another agency"] = merge(&v1alpha1.Agency{ObjectMeta: metav1.ObjectMeta{Name: stranger.agency.Name}},
			fmt.Sprintf(`{"spec":{"namespaces":[%q]}}`, w.namespace))
		all["waives a duty"] = create(w.waiver())
		all["makes a namespace"] = create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-own"}})
	}
	return all
}

// bindings give a persona a role that it does not have, or one that it has in a place where it does not have it.
func bindings(w *world, persona string) map[string]func(context.Context, attacker) error {
	bound := func(namespace, role string) func(context.Context, attacker) error {
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
		meta := metav1.ObjectMeta{Namespace: namespace, Name: w.namespace + "-escalation"}
		if namespace == "" {
			return create(&rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: w.subjects(persona)})
		}
		return create(&rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: w.subjects(persona)})
	}
	return map[string]func(context.Context, attacker) error{
		"is an administrator of the cluster":      bound("", "cluster-admin"),
		"breaks the glass":                        bound("", "connector-operator-break-glass"),
		"is the operator":                         bound("", "connector-operator-manager"),
		"is an administrator of the namespace":    bound(w.namespace, "admin"),
		"is a tenant everywhere":                  bound("", "connector-operator-tenant"),
		"is a tenant where the cluster is ruled":  bound("kube-system", "connector-operator-tenant"),
		"is a tenant of the operator's namespace": bound(controllers.DefaultNamespace, "connector-operator-tenant"),
	}
}

func reads(object client.Object) func(context.Context, attacker) error {
	return func(ctx context.Context, a attacker) error {
		return a.Get(ctx, client.ObjectKeyFromObject(object), object)
	}
}

// actsAs claims to be somebody else.
func actsAs(user string) func(context.Context, attacker) error {
	return func(ctx context.Context, a attacker) error {
		config := rest.CopyConfig(a.config)
		config.Impersonate.UserName = user
		set, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		_, err = set.CoreV1().Namespaces().Get(ctx, controllers.DefaultNamespace, metav1.GetOptions{})
		return err
	}
}

// TestPersonasDoTheirWork makes, as each persona, the requests that it is there for.
func TestPersonasDoTheirWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enact(t)
	platform, tenant := w.persona(t, rights.PlatformAdmin), w.persona(t, rights.Tenant)
	assessor, auditor := w.persona(t, rights.Assessor), w.persona(t, rights.Auditor)
	for _, object := range []client.Object{w.profile, w.class, w.agency, w.hub} {
		w.createdBy(t, platform, object)
	}
	w.createdBy(t, tenant, w.connector)
	w.settled(t)
	w.createdBy(t, tenant, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "sh.helm.release.v1.main.v1"}})
	w.createdBy(t, assessor, w.recorded("test", "PenetrationTest", "2026-01-05"))
	w.createdBy(t, platform, w.waiver())
	if err := auditor.Client.Get(t.Context(), client.ObjectKeyFromObject(w.connector), w.connector); err != nil {
		t.Errorf("the auditor cannot read a Connector: %v", err)
	}
	ministry := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-new", Labels: map[string]string{"lienthong.gov.vn/tenant": "true"}}}
	w.createdBy(t, platform, ministry)
	w.createdBy(t, platform, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: ministry.Name, Name: "tenant"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "connector-operator-tenant"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "ministry"}},
	})
	if err := tenant.Client.Delete(t.Context(), w.connector); err != nil {
		t.Errorf("the tenant cannot remove its Connector: %v", err)
	}
	w.gone(t, w.connector)
}

// createdBy makes an object as somebody, and has it removed after the test.
func (w *world) createdBy(t *testing.T, a attacker, object client.Object) {
	t.Helper()
	if err := a.Client.Create(t.Context(), object); err != nil {
		t.Fatalf("creating %T %s: %v", object, object.GetName(), err)
	}
	t.Cleanup(func() {
		if err := client.IgnoreNotFound(w.Client.Delete(context.Background(), object)); err != nil {
			t.Errorf("removing %T %s: %v", object, object.GetName(), err)
		}
	})
}
