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

const (
	leafFirst = "code is root first (Decision 20/2020/QĐ-TTg), such as G12.18; this one is leaf first, so write it into legacyCode and the " +
		"root-first code here."
	tooWide = "Each of cidrs is /8 or narrower for IPv4 and /32 or narrower for IPv6, because every address in it can reach the connector's " +
		"plain port; write the network of the agency's system, such as 10.12.0.0/24."
	fourResources = "resources.requests and resources.limits both name cpu and memory, so that no gateway starves its neighbours; write all four, " +
		"such as 20m and 32Mi, and 1 and 128Mi."
	twoMounts = "mounts.identity and mounts.config are two directories, neither within the other, such as /var/run/lienthong/identity and " +
		"/etc/lienthong/gateway."
)

// The rules of addresses, which the gateway holds too.
const (
	backendShape = "backend.url is http:// or https://, a host and, if wanted, a port in digits, such as http://qlvb.g12.svc:8080."
	backendPort  = "The port of backend.url is a number from 1 to 65535, such as 8080."
	backendParts = "backend.url has no user, password, query or fragment: write http://<host>:<port>/<path>."
	backendHost  = "The host of backend.url is the agency's system, never the gateway's own pod or node: write a DNS name or a plain IPv4 or IPv6 " +
		"address, not localhost and not a loopback, unspecified, link-local or multicast address."
	backendName = "The host of backend.url is a DNS name, such as qlvb.g12.svc, or an address in its plain form, such as 10.12.0.7 or [2001:db8::7]; " +
		"another spelling of an address, such as 0x7f.1 or 2130706433, is neither."
	endpointShape = "An endpoint's url is https://, a host and, if wanted, a port in digits, such as https://truc.lienthong.gov.vn:8443, because the " +
		"link must be encrypted and authenticated."
	endpointName  = "The host of an endpoint's url is a DNS name, such as truc.lienthong.gov.vn, or an address in its plain form, such as 10.12.0.7"
	endpointPort  = "The port of an endpoint's url is a number from 1 to 65535, such as 8443."
	endpointParts = "An endpoint's url has no user, password, query or fragment: write https://<host>:<port>/<path>."
	pathShape     = "healthPath is the path of a URL: it begins with one slash and has no query, fragment or space, such as /healthz."
	identityShape = "An identity is a SPIFFE ID, such as spiffe://lienthong.gov.vn/hub."
	identityDots  = "An identity has no . or .. between its slashes, because it is compared as it is written; write the whole path, such as " +
		"spiffe://lienthong.gov.vn/hub."
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
		"code of 129 characters": {"Agency", set("spec.code", "G12."+strings.Repeat("1", 125)),
			"code has at most 35 characters (Decision 20/2020/QĐ-TTg), and this one has more; write the published code, such as G12.18."},
		"code leaf first":                        {"Agency", set("spec.code", "000.00.18.G12"), leafFirst},
		"code leaf first and in lower case":      {"Agency", set("spec.code", "000.00.18.g12"), leafFirst},
		"code in lower case with an empty group": {"Agency", set("spec.code", "g12..18"), codeShape},
		"empty code":                             {"Agency", set("spec.code", ""), codeShape},
		"code without digits":                    {"Agency", set("spec.code", "FINANCE"), codeShape},
		"code with an empty group":               {"Agency", set("spec.code", "G12..18"), codeShape},
		"legacy code root first": {"Agency", set("spec.legacyCode", "G12.18"),
			"legacyCode has thirteen characters, leaf first (QCVN 102:2016/BTTTT), such as 000.00.18.G12."},
		"merged, into nobody": {"Agency", set("spec.lifecycle", "Superseded"),
			"An agency that was merged into another has both lifecycle: Superseded and supersededBy; an active one has neither."},
		"domain with a wildcard": {"Agency", set("spec.domains", items("*.mof.gov.vn")),
			"Each of domains is a DNS name in lower case with at least one dot and no wildcard, such as mof.gov.vn."},

		"domain with a dot at its end": {"Agency", set("spec.domains", items("mof.gov.vn.")),
			"Each of domains ends without a dot, as in mof.gov.vn; leave the dot at the end out."},
		"empty domain": {"Agency", set("spec.domains", items("")), "spec.domains[0] in body should be at least 1 chars long"},

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
			backendShape},
		"backend with a password": {"Connector", set("spec.backend.url", "http://admin:"+secret+"@qlvb.g12.svc:8080"),
			backendParts},
		"host name with a wildcard": {"Connector", set("spec.hostnames", items("*.mof.gov.vn")),
			"Each of hostnames is a full DNS name in lower case, without a wildcard, such as lienthong.mof.gov.vn."},
		"host name with a dot at its end": {"Connector", set("spec.hostnames", items("lienthong.mof.gov.vn.")),
			"Each of hostnames ends without a dot, as in lienthong.mof.gov.vn; leave the dot at the end out."},
		"host name told twice": {"Connector", set("spec.hostnames", items("a.mof.gov.vn", "a.mof.gov.vn")), `spec.hostnames[1]: Duplicate value: "a.mof.gov.vn"`},
		"network that is none": {"Connector", set("spec.backend.cidrs", items("10.12.0.0")),
			"Each of cidrs is a network in CIDR form, such as 10.12.0.0/24 or 2001:db8::/64."},
		"network of everybody":         {"Connector", set("spec.backend.cidrs", items("10.12.0.0/24", "0.0.0.0/0")), tooWide},
		"network wider than /8":        {"Connector", set("spec.backend.cidrs", items("10.0.0.0/7")), tooWide},
		"network of everybody on IPv6": {"Connector", set("spec.backend.cidrs", items("::/0")), tooWide},
		"network wider than /32":       {"Connector", set("spec.backend.cidrs", items("2001:da0::/31")), tooWide},
		"service told twice": {"Connector", set("spec.services", items("ElectronicDocuments", "ElectronicDocuments")),
			`spec.services[1]: Duplicate value: "ElectronicDocuments"`},
		"empty service":         {"Connector", set("spec.services", items("")), "A service is named in CamelCase, such as ElectronicDocuments."},
		"empty site":            {"Connector", set("spec.site", ""), "spec.site in body should be at least 1 chars long"},
		"service in lower case": {"Connector", set("spec.services", items("documents")), "A service is named in CamelCase, such as ElectronicDocuments."},

		"endpoint that is not https": {"ExchangeHub", endpoint("http://truc.lienthong.gov.vn"),
			endpointShape},
		"endpoint with an address twice over": {"ExchangeHub", endpoint("https://truc.lienthong.gov.vn:8443:8443"), endpointShape},
		"path of checks without a slash":      {"ExchangeHub", set("spec.healthPath", "healthz"), pathShape},
		"service of a hub told twice": {"ExchangeHub", set("spec.services", items("ElectronicDocuments", "ElectronicDocuments")),
			`spec.services[1]: Duplicate value: "ElectronicDocuments"`},
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
			backendShape},
		"endpoint with a password": {"ExchangeHub", endpoint("https://admin:" + secret + "@truc.lienthong.gov.vn"),
			endpointParts},
		"anchor told twice": {"ExchangeHub", anchor(content{
			"name": "root", "pem": "-----BEGIN CERTIFICATE-----", "configMapRef": content{"namespace": "lienthong-system", "name": "anchors"},
		}), "A trust anchor has either pem or configMapRef, not both and not neither."},
		"anchor not told": {"ExchangeHub", anchor(content{"name": "root"}), "A trust anchor has either pem or configMapRef, not both and not neither."},

		"image by tag": {"ConnectorClass", set("spec.image", "registry.example/connector-operator:v1"),
			"image is pinned by digest, such as registry.example/connector-operator@sha256:<64 hexadecimal digits>; a tag can be moved and is not accepted."},
		"one port for two": {"ConnectorClass", set("spec.ports", content{"inbound": int64(8443), "outbound": int64(8443), "status": int64(8444), "probes": int64(8081)}),
			"The four ports of a class are different from each other."},

		"requests without memory": {"ConnectorClass", set("spec.resources.requests", content{"cpu": "20m"}), fourResources},
		"limits without cpu":      {"ConnectorClass", set("spec.resources.limits", content{"memory": "64Mi"}), fourResources},
		"no limits":               {"ConnectorClass", set("spec.resources.limits", nil), "spec.resources.limits: Required value"},
		"one mount for two":       {"ConnectorClass", set("spec.mounts", content{"identity": "/run/gateway", "config": "/run/gateway"}), twoMounts},
		"a mount in the other":    {"ConnectorClass", set("spec.mounts", content{"identity": "/run/gateway/identity", "config": "/run/gateway"}), twoMounts},
		"the other in the one":    {"ConnectorClass", set("spec.mounts", content{"identity": "/run", "config": "/run/gateway"}), twoMounts},
		"mount with a slash at its end": {"ConnectorClass", set("spec.mounts", content{"identity": "/run/gateway/"}),
			"mounts.identity is an absolute path without . or .., without a colon and without a slash at its end, such as /var/run/lienthong/identity."},
		"mount with two dots": {"ConnectorClass", set("spec.mounts", content{"config": "/etc/gateway/.."}),
			"mounts.config is an absolute path without . or .., without a colon and without a slash at its end, such as /etc/lienthong/gateway."},
		"delay in days": {"ConnectorClass", set("spec.drain", content{"delay": "1d"}),
			"drain.delay is in hours, minutes and seconds, such as 5s; days are not a unit of durations."},
		"timeout in words": {"ConnectorClass", set("spec.drain", content{"timeout": "half an hour"}),
			"drain.timeout is in hours, minutes and seconds, such as 30s; days are not a unit of durations."},
		"negative delay": {"ConnectorClass", set("spec.drain", content{"delay": "-5s"}),
			"delay is not negative, timeout is at least one second (1s), and both together last at most one hour."},

		"life in days": {"SecurityProfile", set("spec.certificate.duration", "90d"),
			"duration is in hours, minutes and seconds: write hours, such as 2160h; days are not a unit of durations."},
		"renewal in days": {"SecurityProfile", set("spec.certificate.renewBefore", "30d"),
			"renewBefore is in hours, minutes and seconds: write hours, such as 720h; days are not a unit of durations."},
		"RSA of 1024 bits": {"SecurityProfile", set("spec.certificate", content{"keyAlgorithm": "RSA", "keySize": int64(1024), "duration": "24h", "renewBefore": "8h"}),
			"keySize is 2048, 3072 or 4096 for RSA, and 256, 384 or 521 for ECDSA."},
		"renewal before the beginning": {"SecurityProfile", set("spec.certificate", content{"keyAlgorithm": "ECDSA", "keySize": int64(256), "duration": "24h", "renewBefore": "24h"}),
			"renewBefore is at least five minutes (5m) and shorter than duration."},

		"requirement that is no condition": {"RolloutPlan", milestone("requires", items(content{"condition": "Connected"})),
			`"Connected" is no condition of a Connector; write one of Accepted, CertificateReady, WorkloadAvailable, HubConnected, Compliant and Ready.`},
		"requirement of both kinds": {"RolloutPlan", milestone("requires", items(content{"condition": "Ready", "evidence": "ContractSigned"})),
			"A requirement has exactly one of condition, evidence, regime and milestone."},
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

// endpoint replaces the endpoints of a hub by one.
func endpoint(url string) func(content) {
	return set("spec.endpoints", items(content{"name": "primary", "url": url, "priority": int64(0)}))
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

func TestTheLongestNameIsTaken(t *testing.T) {
	w := newWorld(t)
	w.connector.Name = "g" + strings.Repeat("1", 50)
	if err := w.Client.Create(t.Context(), w.connector, client.DryRunAll); err != nil {
		t.Errorf("a Connector's name of 51 characters: %v", err)
	}
}

// Networks as wide as they may be, and durations in every unit, are taken.
func TestWhatIsJustAllowedIsTaken(t *testing.T) {
	areTaken(t, goodObjects(t), map[string]edited{
		"networks":                {"Connector", set("spec.backend.cidrs", items("10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"))},
		"life in hours":           {"SecurityProfile", set("spec.certificate.duration", "2160h")},
		"life in all":             {"SecurityProfile", set("spec.certificate.duration", "47h59m59.5s")},
		"drain at once":           {"ConnectorClass", set("spec.drain", content{"delay": "0s", "timeout": "1500ms"})},
		"mounts that begin alike": {"ConnectorClass", set("spec.mounts", content{"identity": "/run/gateway", "config": "/run/gateway-config"})},
		"code of 35":              {"Agency", set("spec.code", "G12."+strings.Repeat("1", 31))},
	})
}

// edited is a good object of a kind, and what is changed of it.
type edited struct {
	kind string
	edit func(content)
}

// areTaken expects that the API server takes each of the edited objects.
func areTaken(t *testing.T, good map[string]client.Object, tests map[string]edited) {
	t.Helper()
	env := suite(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			object := loose(t, env.Scheme, good[tt.kind])
			tt.edit(object.Object)
			if err := env.Client.Create(t.Context(), object, client.DryRunAll); err != nil {
				t.Error(err)
			}
		})
	}
}

// A code that is written leaf first and in lower case has one thing to mend, and is told of that only.
func TestLeafFirstIsToldOfNothingElse(t *testing.T) {
	env, good := suite(t), goodObjects(t)
	object := loose(t, env.Scheme, good["Agency"])
	set("spec.code", "000.00.18.g12")(object.Object)
	err := env.Client.Create(t.Context(), object, client.DryRunAll)
	if err == nil || strings.Contains(err.Error(), "capitals") {
		t.Errorf("it was answered with %v", err)
	}
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
