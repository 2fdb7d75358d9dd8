package integration

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// content is an object as YAML would have it, so that a test can write what the Go types cannot say.
type content = map[string]any

// set writes a value at a dotted path; nil removes the field.
func set(path string, value any) func(content) {
	return func(c content) {
		fields := strings.Split(path, ".")
		if value == nil {
			unstructured.RemoveNestedField(c, fields...)
			return
		}
		if err := unstructured.SetNestedField(c, value, fields...); err != nil {
			panic(err)
		}
	}
}

func items(values ...any) []any { return values }

// what a test can begin with: an object of each kind that would be taken as it is.
func goodObjects(t *testing.T) map[string]client.Object {
	w := newWorld(t)
	return map[string]client.Object{
		"Agency": w.agency, "ExchangeHub": w.hub, "ConnectorClass": w.class, "SecurityProfile": w.profile, "Connector": w.connector,
		"RolloutPlan": planOf(w.namespace, "mof"),
	}
}

// planOf is a plan with one milestone for the agencies that are named.
func planOf(name string, agencies ...string) *v1alpha1.RolloutPlan {
	plan := &v1alpha1.RolloutPlan{}
	plan.Name = name
	plan.Spec.HubRef.Name = name
	plan.Spec.Cohorts = []v1alpha1.Cohort{{Name: "ready-2018", Agencies: agencies}}
	plan.Spec.Milestones = []v1alpha1.Milestone{{
		Name: "pilot", Cohort: "ready-2018",
		Deadline: v1alpha1.Deadline{Boundary: v1alpha1.DeadlineBefore, Date: "2018-12-31"},
		Requires: []v1alpha1.MilestoneRequirement{{Condition: v1alpha1.ConditionAccepted}},
	}}
	return plan
}

const (
	codeShape  = "code is a capital letter and two digits, then groups of capitals and digits behind dots (Decision 20/2020/QĐ-TTg), such as G12 or G12.18."
	levelShape = "A security level (cấp độ an toàn) is a whole number from 1 to 5; write the level that was determined and approved for " +
		"the system. Online-service levels (mức độ) are another scale."
)

// secret stands for what a person should not have sent, and must not get back, because refusals end up in logs.
const secret = "Hunter2"

func TestBadInputIsRefusedWithASentence(t *testing.T) {
	tests := map[string]struct {
		kind string
		edit func(content)
		want string
	}{
		"code in lower case": {"Agency", set("spec.code", "g12.18"), "code has capitals only (Decision 20/2020/QĐ-TTg); write G12.18."},
		"code of 36 characters": {"Agency", set("spec.code", "G12."+strings.Repeat("1", 32)),
			"code has at most 35 characters (Decision 20/2020/QĐ-TTg), and this one has more; write the published code, such as G12.18."},
		"code leaf first": {"Agency", set("spec.code", "000.00.18.G12"),
			"code is root first (Decision 20/2020/QĐ-TTg), such as G12.18; this one is leaf first, so write it into legacyCode and the root-first code here."},
		"code without digits":      {"Agency", set("spec.code", "FINANCE"), codeShape},
		"code with an empty group": {"Agency", set("spec.code", "G12..18"), codeShape},
		"legacy code root first": {"Agency", set("spec.legacyCode", "G12.18"),
			"legacyCode has thirteen characters, leaf first (QCVN 102:2016/BTTTT), such as 000.00.18.G12."},
		"merged, into nobody": {"Agency", set("spec.lifecycle", "Superseded"),
			"An agency that was merged into another has both lifecycle: Superseded and supersededBy; an active one has neither."},
		"domain with a wildcard": {"Agency", set("spec.domains", items("*.mof.gov.vn")),
			"Each of domains is a DNS name in lower case with at least one dot and no wildcard, such as mof.gov.vn."},

		"level as a word":    {"Connector", set("spec.securityLevel", "three"), `spec.securityLevel in body must be of type integer: "string"`},
		"level left out":     {"Connector", set("spec.securityLevel", nil), "spec.securityLevel: Required value"},
		"level 0":            {"Connector", set("spec.securityLevel", int64(0)), levelShape},
		"level 6":            {"Connector", set("spec.securityLevel", int64(6)), levelShape},
		"level of a profile": {"SecurityProfile", set("spec.level", int64(6)), levelShape},
		"a name that leaves no room": {"Connector", set("metadata.name", "g"+strings.Repeat("1", 51)),
			"A Connector's name has at most 51 characters, because its Service and its Secret are named after it and may have 63; choose a shorter name."},
		"a name with dots": {"Connector", set("metadata.name", "g12.18"),
			"A Connector's name begins with a lower-case letter and has letters, digits and dashes only, because its Service is named after it; write g12-18, not g12.18."},
		"no backend":    {"Connector", set("spec.backend", nil), "spec.backend: Required value"},
		"empty backend": {"Connector", set("spec.backend", content{}), "spec.backend.url: Required value"},
		"backend nowhere": {"Connector", set("spec.backend", content{"url": "http://qlvb.g12.svc:8080"}),
			"backend says where the agency's system is: podSelector if it runs in the Connector's namespace, cidrs if it runs elsewhere, so that only it can reach the connector's plain port."},
		"backend without a scheme": {"Connector", set("spec.backend.url", "qlvb.g12.svc:8080"),
			"backend.url begins with http:// or https:// and has a host, such as http://qlvb.g12.svc:8080."},
		"backend with a password": {"Connector", set("spec.backend.url", "http://admin:"+secret+"@qlvb.g12.svc:8080"),
			"backend.url has no user, password, query or fragment: write http://<host>:<port>/<path>."},
		"host name with a wildcard": {"Connector", set("spec.hostnames", items("*.mof.gov.vn")),
			"Each of hostnames is a full DNS name in lower case, without a wildcard, such as lienthong.mof.gov.vn."},
		"service in lower case": {"Connector", set("spec.services", items("documents")), "A service is named in CamelCase, such as ElectronicDocuments."},

		"endpoint that is not https": {"ExchangeHub", set("spec.endpoints", items(content{"name": "primary", "url": "http://truc.lienthong.gov.vn", "priority": int64(0)})),
			"An endpoint's url begins with https:// and has a host, such as https://truc.lienthong.gov.vn:8443, because the link must be encrypted and authenticated."},
		"identity outside the trust domain": {"ExchangeHub", set("spec.identities", items("spiffe://elsewhere.test/hub")),
			"Each of identities lies in the hub's trustDomain: write spiffe://<trustDomain>/<path>."},
		"issuer of one namespace": {"ExchangeHub", set("spec.issuerRef.kind", "Issuer"),
			"issuerRef names a cluster-scoped issuer, because the connectors of all namespaces use it; write kind: ClusterIssuer or the kind of an external cluster-scoped issuer."},
		"anchor with a private key": {"ExchangeHub", anchor(content{"name": "root", "pem": "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n" + secret}),
			"pem holds certificates only; remove the private key, and replace it, since it has now been sent to the cluster."},
		"anchor that is no certificate": {"ExchangeHub", anchor(content{"name": "root", "pem": "MIIB"}),
			"pem holds CA certificates in PEM form, each between BEGIN CERTIFICATE and END CERTIFICATE."},
		"anchor that is only a private key": {"ExchangeHub", anchor(content{"name": "root", "pem": "-----BEGIN PRIVATE KEY-----\n" + secret}),
			"pem holds certificates only; remove the private key, and replace it, since it has now been sent to the cluster."},
		"backend of another scheme, with a password": {"Connector", set("spec.backend.url", "ftp://admin:"+secret+"@qlvb.g12.svc"),
			"backend.url begins with http:// or https:// and has a host, such as http://qlvb.g12.svc:8080."},
		"endpoint with a password": {"ExchangeHub", set("spec.endpoints", items(content{"name": "primary", "url": "https://admin:" + secret + "@truc.lienthong.gov.vn", "priority": int64(0)})),
			"An endpoint's url has no user, password, query or fragment: write https://<host>:<port>/<path>."},
		"anchor told twice": {"ExchangeHub", anchor(content{
			"name": "root", "pem": "-----BEGIN CERTIFICATE-----", "configMapRef": content{"namespace": "lienthong-system", "name": "anchors"},
		}), "A trust anchor has either pem or configMapRef, not both and not neither."},
		"anchor not told": {"ExchangeHub", anchor(content{"name": "root"}), "A trust anchor has either pem or configMapRef, not both and not neither."},

		"image by tag": {"ConnectorClass", set("spec.image", "registry.example/connector-operator:v1"),
			"image is pinned by digest, such as registry.example/connector-operator@sha256:<64 hexadecimal digits>; a tag can be moved and is not accepted."},
		"one port for two": {"ConnectorClass", set("spec.ports", content{"inbound": int64(8443), "outbound": int64(8443), "status": int64(8444), "probes": int64(8081)}),
			"The four ports of a class are different from each other."},

		"RSA of 1024 bits": {"SecurityProfile", set("spec.certificate", content{"keyAlgorithm": "RSA", "keySize": int64(1024), "duration": "24h", "renewBefore": "8h"}),
			"keySize is 2048, 3072 or 4096 for RSA, and 256, 384 or 521 for ECDSA."},
		"renewal before the beginning": {"SecurityProfile", set("spec.certificate", content{"keyAlgorithm": "ECDSA", "keySize": int64(256), "duration": "24h", "renewBefore": "24h"}),
			"renewBefore is at least five minutes (5m) and shorter than duration."},

		"requirement that is no condition": {"RolloutPlan", milestone("requires", items(content{"condition": "Connected"})),
			`"Connected" is no condition of a Connector; write one of Accepted, CertificateReady, WorkloadAvailable, HubConnected, Compliant and Ready.`},
		"requirement of both kinds": {"RolloutPlan", milestone("requires", items(content{"condition": "Ready", "evidence": "ContractSigned"})),
			"A requirement has either condition or evidence."},
		"impossible date": {"RolloutPlan", milestone("deadline", content{"boundary": "Before", "date": "2018-02-30"}),
			`"2018-02-30" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31.`},
		"date as it is written in Vietnam": {"RolloutPlan", milestone("deadline", content{"boundary": "Before", "date": "31/12/2018"}),
			`"31/12/2018" is no day of the calendar; write a date as YYYY-MM-DD, such as 2018-12-31.`},
		"milestone of an unknown cohort": {"RolloutPlan", milestone("cohort", "everybody"),
			"Each milestone names a cohort of the same plan; add the cohort or correct the milestone's cohort."},
		"exception from an unknown milestone": {"RolloutPlan", set("spec.exceptions", items(content{"agency": "mof", "milestone": "final", "reason": "r", "approver": "a"})),
			"Each exception names a milestone of the same plan; correct the exception's milestone."},
		"cohort told twice": {"RolloutPlan", set("spec.cohorts", items(content{"name": "ready-2018", "agencies": items("mof"), "allOthers": content{}})),
			"A cohort has exactly one of agencies, selector and allOthers."},
		"two rests": {"RolloutPlan", set("spec.cohorts", items(content{"name": "ready-2018", "allOthers": content{}}, content{"name": "b", "allOthers": content{}})),
			"At most one cohort of a plan is allOthers."},
	}
	env, good := suite(t), goodObjects(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			object := loose(t, env.Scheme, good[tt.kind])
			tt.edit(object.Object)
			err := env.Client.Create(t.Context(), object, client.DryRunAll)
			if err == nil {
				t.Fatalf("it was taken; want: %s", tt.want)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it was refused with\n%v\nwant\n%s", err, tt.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the refusal repeats a secret: %v", err)
			}
		})
	}
}

// anchor replaces the trust anchors of a hub by one.
func anchor(value content) func(content) { return set("spec.trustAnchors", items(value)) }

// milestone edits the one milestone of a plan.
func milestone(field string, value any) func(content) {
	return func(c content) {
		list, _, err := unstructured.NestedSlice(c, "spec", "milestones")
		if err != nil || len(list) != 1 {
			panic("the plan has no single milestone")
		}
		list[0].(content)[field] = value
		set("spec.milestones", list)(c)
	}
}

// loose is a copy of a typed object that can be given fields of any shape.
func loose(t *testing.T, scheme *runtime.Scheme, object client.Object) *unstructured.Unstructured {
	t.Helper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	u := &unstructured.Unstructured{Object: fields}
	kinds, _, err := scheme.ObjectKinds(object)
	if err != nil {
		t.Fatal(err)
	}
	u.SetGroupVersionKind(kinds[0])
	return u
}

// The unchanged objects of the table are taken, so each refusal is for what its row says.
func TestGoodInputIsTaken(t *testing.T) {
	env := suite(t)
	for kind, object := range goodObjects(t) {
		if err := env.Client.Create(t.Context(), loose(t, env.Scheme, object), client.DryRunAll); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestWhatNeverChangesCannotBeEdited(t *testing.T) {
	const another = "create another Agency and let this one be superseded by it."
	w := newWorld(t)
	w.agency.Spec.LegacyCode = "000.00.00.T01"
	w.connect(t)
	tests := map[string]struct {
		object client.Object
		edit   func(content)
		want   string
	}{
		"code":                {w.agency, set("spec.code", "T02"), "code is never altered once published (Decision 20/2020/QĐ-TTg); " + another},
		"legacy code":         {w.agency, set("spec.legacyCode", "000.00.00.T02"), "legacyCode is never altered once published; " + another},
		"legacy code removed": {w.agency, set("spec.legacyCode", nil), "legacyCode is never removed once it is published; keep it as it was."},
		"agency of a connector": {w.connector, set("spec.agencyRef.name", "another"),
			"agencyRef cannot be changed, because the connector's identity is the agency's; delete this Connector and create another one."},
		"hub of a connector": {w.connector, set("spec.hubRef.name", "another"),
			"hubRef cannot be changed, because the connector's identity is issued for its hub; delete this Connector and create another one."},
		"trust domain": {w.hub, func(c content) {
			set("spec.trustDomain", "another.test")(c)
			set("spec.identities", items("spiffe://another.test/hub"))(c)
		}, "trustDomain is part of every certificate and cannot be changed; create another ExchangeHub and move the Connectors to it."},
		"regime": {w.profile, set("spec.regime", "another"), "regime cannot be changed; create a SecurityProfile for the other regime."},
		"level":  {w.profile, set("spec.level", int64(3)), "level cannot be changed; create a SecurityProfile for the other level."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := w.get(t.Context(), tt.object); err != nil {
				t.Fatal(err)
			}
			before := loose(t, w.Scheme, tt.object)
			after := before.DeepCopy()
			tt.edit(after.Object)
			err := w.Client.Patch(t.Context(), after, client.MergeFrom(before), client.DryRunAll)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it was answered with\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}
