package integration

import (
	"errors"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/config/crd"
)

const (
	oneLine     = " is a text on one line, without a space at its beginning or end and without characters that no screen shows"
	oneLabel    = "podSelector names at least one label that the pods of the agency's system have"
	oneOperator = "An expression of podSelector has the operator In or NotIn and values, or the operator Exists or DoesNotExist and no values."
	ownDomain   = "Each of domains is the agency's own, because every host name below it may become the agency's; gov.vn and its like belong to many, " +
		"so write one below, such as mof.gov.vn."
	noSystem = "never one of loopback, unspecified, link-local or multicast addresses."
	sinkName = "The host of a sink's url is a DNS name, such as thongbao.example.gov.vn, or an address in its plain form"
	oneEmail = "email is one address in plain letters, such as trungtam@example.gov.vn."
)

// evidenceOf is a record that is taken as it is.
func evidenceOf() client.Object {
	record := &v1alpha1.ComplianceEvidence{}
	record.Name, record.Namespace = "odd", "default"
	record.Spec = v1alpha1.ComplianceEvidenceSpec{
		ConnectorRef: v1alpha1.ConnectorReference{Name: "main"}, Kind: v1alpha1.EvidencePenetrationTest, PerformedAt: "2026-09-01",
		PerformedBy: v1alpha1.Performer{Organisation: "Example testers"}, IndependentOfOperations: new(true),
		Outcome:  v1alpha1.EvidenceOutcome{Result: v1alpha1.EvidencePassed},
		Document: v1alpha1.DocumentReference{Reference: "Report 12", SHA256: strings.Repeat("5dad83bc", 8)},
	}
	return record
}

// Values that look right at first sight: they have the right type and nearly the right form.
func TestOddInputIsRefusedWithASentence(t *testing.T) {
	sink := func(url, pem string) func(content) {
		return set("spec.noticeSinks", items(content{"name": "focal-point", "url": url, "caPEM": pem}))
	}
	const authority = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"
	tests := map[string]struct {
		kind string
		edit func(content)
		want string
	}{
		"selector of every pod":        {"Connector", set("spec.backend.podSelector", content{}), oneLabel},
		"selector of no label":         {"Connector", set("spec.backend.podSelector", content{"matchLabels": content{}}), oneLabel},
		"selector of all other pods":   {"Connector", set("spec.backend.podSelector", expression("NotIn", "gateway")), oneLabel},
		"selector of what a pod lacks": {"Connector", set("spec.backend.podSelector", expression("DoesNotExist")), oneLabel},
		"selector with odd operator":   {"Connector", set("spec.backend.podSelector", expression("Equals", "qlvb")), oneOperator},
		"selector without a value":     {"Connector", set("spec.backend.podSelector", expression("In")), oneOperator},
		"selector with a value":        {"Connector", set("spec.backend.podSelector", expression("Exists", "qlvb")), oneOperator},
		"network with an address in it": {"Connector", set("spec.backend.cidrs", items("10.12.0.0/24", "10.0.0.1/8")),
			"Each of cidrs begins with the first address of its network, such as 10.12.0.0/24; write /32 (IPv6: /128) behind an address to mean that one only."},
		"network of the machine itself":   {"Connector", set("spec.backend.cidrs", items("127.0.0.1/32")), noSystem},
		"network of the machine on IPv6":  {"Connector", set("spec.backend.cidrs", items("::1/128")), noSystem},
		"network of no address":           {"Connector", set("spec.backend.cidrs", items("0.0.0.0/8")), noSystem},
		"network of the link":             {"Connector", set("spec.backend.cidrs", items("169.254.0.0/16", "10.12.0.0/24")), noSystem},
		"network of many":                 {"Connector", set("spec.backend.cidrs", items("224.0.0.0/8")), noSystem},
		"network of a colon":              {"Connector", set("spec.backend.cidrs", items(":/64")), "Each of cidrs is a network in CIDR form"},
		"host name with a long part":      {"Connector", set("spec.hostnames", items(strings.Repeat("a", 64)+".mof.gov.vn")), "longer than 63 characters"},
		"host name that is an address":    {"Connector", set("spec.hostnames", items("10.12.0.7")), "it is no IP address"},
		"host name with diacritics":       {"Connector", set("spec.hostnames", items("liênthông.mof.gov.vn")), "Each of hostnames is a full DNS name"},
		"host name with a space":          {"Connector", set("spec.hostnames", items("lienthong.mof.gov.vn ")), "Each of hostnames is a full DNS name"},
		"domain of every agency":          {"Agency", set("spec.domains", items("mof.gov.vn", "gov.vn")), ownDomain},
		"domain of every company":         {"Agency", set("spec.domains", items("com.vn")), ownDomain},
		"domain of a country":             {"Agency", set("spec.domains", items("vn")), "with at least one dot and no wildcard"},
		"domain that is a wildcard alone": {"Agency", set("spec.domains", items("*")), "with at least one dot and no wildcard"},
		"domain that is an address":       {"Agency", set("spec.domains", items("10.12.0.7")), "it is no IP address"},
		"zone by its offset":              {"Agency", set("spec.timeZone", "+07:00"), "timeZone is a name of the IANA time zone database"},
		"name of two lines":               {"Agency", set("spec.names.vi", "Bộ\nTài chính"), "A name in Vietnamese" + oneLine},
		"name of a space":                 {"Agency", set("spec.names.vi", " "), "A name in Vietnamese" + oneLine},
		"name with a space at its end":    {"Agency", set("spec.names.vi", "Bộ Tài chính\u00a0"), "A name in Vietnamese" + oneLine},
		"name that turns around":          {"Agency", set("spec.names.en", "Ministry \u202eof Finance"), "A name in English" + oneLine},
		"name with a joiner":              {"Agency", set("spec.names.en", "Ministry\u200d of Finance"), "A name in English" + oneLine},
		"unit with a bell":                {"Agency", set("spec.focalPoint", content{"unit": "Trung tâm\u0007"}), "A unit" + oneLine},
		"phone with a mark":               {"Agency", set("spec.focalPoint", content{"unit": "x", "phone": "024\u200e123"}), "phone" + oneLine},
		"phone in words":                  {"Agency", set("spec.focalPoint", content{"unit": "x", "phone": "không có"}), "phone is a telephone number, such as 024 000 0000."},
		"two addresses":                   {"Agency", set("spec.focalPoint", content{"unit": "x", "email": "a@b.gov.vn,c@d.gov.vn"}), oneEmail},
		"address with diacritics":         {"Agency", set("spec.focalPoint", content{"unit": "x", "email": "trungtâm@b.gov.vn"}), oneEmail},
		"address of no domain":            {"Agency", set("spec.focalPoint", content{"unit": "x", "email": "a@b"}), oneEmail},
		"operator of two lines":           {"Agency", set("spec.operatedBy", "a\u2028b"), "operatedBy" + oneLine},
		"sink in hexadecimal":             {"Agency", sink("https://0x7f.1", authority), sinkName},
		"sink with a private key": {"Agency", sink("https://a.gov.vn", authority+"-----BEGIN PRIVATE KEY-----\n"+secret),
			"caPEM holds certificates only; remove the private key, and replace it, since it has now been sent to the cluster."},
		"testers that turn around": {"ComplianceEvidence", set("spec.performedBy.organisation", "Testers \u2066x"), "An organisation" + oneLine},
		"document with a line":     {"ComplianceEvidence", set("spec.document.reference", "Report\r12"), "A document's reference" + oneLine},
		"day that does not exist":  {"ComplianceEvidence", set("spec.performedAt", "2026-02-31"), "is no day of the calendar"},
	}
	env, good := suite(t), goodObjects(t)
	good["ComplianceEvidence"] = evidenceOf()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			object := loose(t, env.Scheme, good[tt.kind])
			tt.edit(object.Object)
			err := env.Client.Create(t.Context(), object, client.DryRunAll)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("it was answered with\n%v\nwant\n%s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the refusal repeats a secret: %v", err)
			}
		})
	}
}

// What comes near to an odd value and is none is taken.
func TestWhatOnlyLooksOddIsTaken(t *testing.T) {
	good := goodObjects(t)
	good["ComplianceEvidence"] = evidenceOf()
	areTaken(t, good, map[string]edited{
		"a label that pods have": {"Connector", set("spec.backend.podSelector", expression("In", "qlvb"))},
		"a label of any value":   {"Connector", set("spec.backend.podSelector", expression("Exists"))},
		"one address":            {"Connector", set("spec.backend.cidrs", items("10.12.0.7/32", "2001:db8::7/128"))},
		"a long part":            {"Connector", set("spec.hostnames", items(strings.Repeat("a", 63)+".mof.gov.vn"))},
		"domains of two parts":   {"Agency", set("spec.domains", items("chinhphu.vn", "hanoi.gov.vn", "4g.vn"))},
		"a name of one letter":   {"Agency", set("spec.names", content{"vi": "Ỷ", "en": "Ministry (No. 1) – “Finance”"})},
		"letters in two parts":   {"Agency", set("spec.names.vi", "Bo\u0323\u0302 Ta\u0300i chi\u0301nh")},
		"a phone with a branch":  {"Agency", set("spec.focalPoint", content{"unit": "x", "phone": "(024) 000 0000, máy lẻ 12"})},
		"a long address":         {"Agency", set("spec.focalPoint", content{"unit": "x", "email": "van-thu.bo+lt@mail.mof.gov.vn"})},
		"a record":               {"ComplianceEvidence", set("spec.performedBy.unit", "Đơn vị chuyên trách về an toàn thông tin")},
	})
}

// expression is a selector by the label app.
func expression(operator string, values ...any) content {
	one := content{"key": "app", "operator": operator}
	if len(values) > 0 {
		one["values"] = values
	}
	return content{"matchExpressions": items(one)}
}

// What was stored when less was refused can still be edited, as long as the odd value itself is left as it is: the definitions of today are
// put on objects that were created without a single rule. The copies are in a group of their own, so that no operator takes them up.
func TestWhatIsStoredCanStillBeEdited(t *testing.T) {
	env, good := suite(t), goodObjects(t)
	stored := map[string]struct {
		odd     []func(content)
		another func(content)
		worse   func(content)
	}{
		"Connector": {
			odd: []func(content){
				set("spec.backend", content{"url": "http://0x7f.1", "podSelector": content{}, "cidrs": items("10.0.0.1/8")}),
				set("spec.hostnames", items("10.12.0.7")),
			},
			another: set("spec.securityLevel", int64(3)), worse: set("spec.backend.url", "http://0x7f.2"),
		},
		"Agency": {
			odd: []func(content){
				set("spec.names.vi", "Bộ\nTài chính"), set("spec.domains", items("gov.vn")),
				set("spec.focalPoint", content{"unit": " x", "email": "a@b"}),
			},
			another: set("spec.operatedBy", "Trung tâm Thông tin"), worse: set("spec.domains", items("com.vn")),
		},
	}
	definitions, err := crd.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	for _, definition := range definitions {
		kind := definition.Spec.Names.Kind
		if _, tested := stored[kind]; !tested {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			object := loose(t, env.Scheme, good[kind])
			object.SetGroupVersionKind(schema.GroupVersionKind{Group: "older.lienthong.test", Version: "v1alpha1", Kind: kind})
			if object.GetNamespace() != "" {
				object.SetNamespace("default")
			}
			today := definition.DeepCopy()
			today.Spec.Group, today.Name = "older.lienthong.test", today.Spec.Names.Plural+".older.lienthong.test"
			today.Spec.Names.ShortNames, today.Spec.Names.Categories = nil, nil
			older := today.DeepCopy()
			for i := range older.Spec.Versions {
				withoutRules(older.Spec.Versions[i].Schema.OpenAPIV3Schema)
			}
			for _, edit := range stored[kind].odd {
				edit(object.Object)
			}
			env.Create(t, asObject(t, older))
			env.Eventually(t, func() error { return env.Client.Create(t.Context(), object.DeepCopy()) })
			if err := env.Client.Patch(t.Context(), asObject(t, today), client.Merge); err != nil {
				t.Fatal(err)
			}
			env.Eventually(t, func() error {
				other := object.DeepCopy()
				other.SetName("another")
				if err := env.Client.Create(t.Context(), other, client.DryRunAll); err == nil {
					return errors.New("the definition of today is not in force yet")
				}
				return nil
			})
			change := func(edit func(content)) error {
				if err := env.Client.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
					t.Fatal(err)
				}
				edit(object.Object)
				return env.Client.Update(t.Context(), object, client.DryRunAll)
			}
			if err := change(stored[kind].another); err != nil {
				t.Errorf("another field cannot be edited any more: %v", err)
			}
			if err := change(stored[kind].worse); err == nil {
				t.Error("an odd value is taken in place of the one that is stored")
			}
		})
	}
}

// asObject makes an object of a definition, whose type the tests' scheme does not know.
func asObject(t *testing.T, definition *apiextensionsv1.CustomResourceDefinition) *unstructured.Unstructured {
	t.Helper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(definition)
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{Object: fields}
	object.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	return object
}

// withoutRules takes out of a schema what refuses a value of the right type.
func withoutRules(of *apiextensionsv1.JSONSchemaProps) {
	of.XValidations = nil
	for name := range of.Properties {
		property := of.Properties[name]
		withoutRules(&property)
		of.Properties[name] = property
	}
	if of.Items != nil && of.Items.Schema != nil {
		withoutRules(of.Items.Schema)
	}
}
