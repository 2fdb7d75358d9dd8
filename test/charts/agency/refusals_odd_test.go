//go:build charts

package agency

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	backendURL = "'/connector/backend/url'"
	network    = "'/connector/backend/cidrs/0'"
	selector   = "'/connector/backend/podSelector"
	authority  = "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n"
	oneLine    = "without characters that no screen shows"
)

// oddRefusals are values that look right at first sight, and slips of the hand, by what is wrong.
var oddRefusals = map[string]refusal{
	"backend in hexadecimal":         {values: `connector: {backend: {url: "http://0x7f.1:8080"}}`, field: backendURL, expected: "an IP address in its plain form"},
	"backend in one number":          {values: `connector: {backend: {url: "http://2130706433"}}`, field: backendURL, expected: "an IP address in its plain form"},
	"backend beyond 255":             {values: `connector: {backend: {url: "http://300.1.1.1"}}`, field: backendURL, expected: "an IP address in its plain form"},
	"backend with two dots":          {values: `connector: {backend: {url: "http://qlvb..g12"}}`, field: backendURL, expected: "a DNS name without diacritics"},
	"backend with diacritics":        {values: `connector: {backend: {url: "http://qlvb.bộtàichính.vn"}}`, field: backendURL, expected: "a DNS name without diacritics"},
	"backend with a user":            {values: `connector: {backend: {url: "http://admin@qlvb"}}`, field: backendURL, expected: "no user, password"},
	"backend with a fragment":        {values: `connector: {backend: {url: "http://qlvb/#a"}}`, field: backendURL, expected: "fragment or space"},
	"backend with a space at an end": {values: `connector: {backend: {url: "http://qlvb "}}`, field: backendURL, expected: "fragment or space"},
	"backend with a tab":             {values: `connector: {backend: {url: "http://qlvb/a\tb"}}`, field: backendURL, expected: "fragment or space"},
	"backend with port 0":            {values: `connector: {backend: {url: "http://qlvb:0"}}`, field: backendURL, expected: "a number from 1 to 65535"},
	"backend with port 99999":        {values: `connector: {backend: {url: "http://qlvb:99999/a"}}`, field: backendURL, expected: "a number from 1 to 65535"},
	"backend with a service's name":  {values: `connector: {backend: {url: "http://qlvb:http"}}`, field: backendURL, expected: "a number from 1 to 65535"},
	"backend with an odd path":       {values: `connector: {backend: {url: "http://qlvb/%zz"}}`, field: backendURL, expected: "two hexadecimal digits"},
	"backend on localhost with a dot": {
		values: `connector: {backend: {url: "http://localhost.:80"}}`, field: backendURL, expected: "not localhost",
	},
	"backend for many":              {values: `connector: {backend: {url: "http://224.0.0.1"}}`, field: backendURL, expected: "multicast"},
	"backend without an address":    {values: `connector: {backend: {url: null}}`, field: "'/connector/backend'", expected: "a map with url"},
	"backend in one text":           {values: `connector: {backend: "http://qlvb"}`, field: "'/connector/backend'", expected: "where the system of the agency is, such as {url:"},
	"backend of none in another":    {values: `additionalConnectors: {backup: {backend: null}}`, field: "'/additionalConnectors/backup/backend'", expected: "where the system of the agency is"},
	"selector of every pod":         {values: `connector: {backend: {podSelector: {matchLabels: {app: null}}}}`, field: selector + "/matchLabels/app'", expected: "a label value"},
	"selector of no label":          {values: `additionalConnectors: {b: {backend: {url: "http://q", podSelector: {matchLabels: {}}}}}`, field: "/b/backend/podSelector'", expected: "at least one label"},
	"selector of all other pods":    {values: `additionalConnectors: {b: {backend: {url: "http://q", podSelector: {matchExpressions: [{key: a, operator: DoesNotExist}]}}}}`, field: "/b/backend/podSelector'", expected: "at least one label"},
	"selector without its map":      {values: `connector: {backend: {podSelector: {app: qlvb}}}`, field: selector + "': additional properties 'app'", expected: "nothing but matchLabels"},
	"selector in one text":          {values: `connector: {backend: {podSelector: app=qlvb}}`, field: selector + "'", expected: "such as {matchLabels: {app: qlvb}}"},
	"selector with an odd key":      {values: `connector: {backend: {podSelector: {matchLabels: {"a b": x}}}}`, field: selector + "/matchLabels'", expected: "labels whose keys are names"},
	"selector with an odd value":    {values: `connector: {backend: {podSelector: {matchLabels: {app: "q l"}}}}`, field: selector + "/matchLabels/app'", expected: "a label value in quotes"},
	"selector in of small letters":  {values: `connector: {backend: {podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}}`, field: "matchExpressions/0/operator'", expected: "In, NotIn, Exists or"},
	"selector in nothing":           {values: `connector: {backend: {podSelector: {matchExpressions: [{key: a, operator: In}]}}}`, field: "matchExpressions/0'", expected: "values where the operator is In"},
	"network of a colon":            {values: `connector: {backend: {cidrs: [":/64"]}}`, field: network, expected: "a network in CIDR form"},
	"network with two gaps":         {values: `connector: {backend: {cidrs: ["1::2::3/64"]}}`, field: network, expected: "a network in CIDR form"},
	"network of this machine":       {values: `connector: {backend: {cidrs: [127.0.0.0/8]}}`, field: network, expected: "never one of loopback"},
	"network from its middle":       {values: `connector: {backend: {cidrs: [10.0.0.1/8]}}`, field: "backend.cidrs: 10.0.0.1/8 of the Connector g12", expected: "write 10.0.0.0/8 for the whole network, or 10.0.0.1/32"},
	"small network from its middle": {values: `connector: {backend: {cidrs: [192.168.255.255/30]}}`, field: "backend.cidrs", expected: "write 192.168.255.252/30"},
	"networks in one text":          {values: `connector: {backend: {cidrs: 10.12.0.0/24}}`, field: "'/connector/backend/cidrs'", expected: "a list of at most 16 different networks"},
	"label with a space":            {values: `connector: {labels: {"a b": x}}`, field: "'/connector/labels'", expected: "at most 63 letters, digits"},
	"label behind two dots":         {values: `agency: {labels: {a..b/c: x}}`, field: "'/agency/labels'", expected: "behind a domain and a slash"},
	"annotation with a space":       {values: `connector: {annotations: {"a b": x}}`, field: "'/connector/annotations'", expected: "at most 63 letters, digits"},
	"annotation without a key":      {values: `agency: {annotations: {"/": x}}`, field: "'/agency/annotations'", expected: "at most 63 letters, digits"},
	"annotation that is a number":   {values: `connector: {annotations: {a: 3}}`, field: "'/connector/annotations/a'", expected: "a text in quotes"},
	"domain of every agency":        {values: `agency: {domains: [gov.vn]}`, field: "'/agency/domains/0'", expected: "a domain of the agency alone"},
	"domain of every company":       {values: `agency: {domains: [mof.gov.vn, com.vn]}`, field: "'/agency/domains/1'", expected: "a domain of the agency alone"},
	"domain of a country":           {values: `agency: {domains: [vn]}`, field: "'/agency/domains/0'", expected: "such as mof.gov.vn"},
	"domain of everybody":           {values: `agency: {domains: ["*"]}`, field: "'/agency/domains/0'", expected: "without a wildcard"},
	"domain with a long part":       {values: `agency: {domains: [` + strings.Repeat("a", 64) + `.gov.vn]}`, field: "'/agency/domains/0'", expected: "such as mof.gov.vn"},
	"domain that is an address":     {values: `agency: {domains: [10.12.0.7]}`, field: "'/agency/domains/0'", expected: "such as mof.gov.vn"},
	"domains as a map":              {values: `agency: {domains: {mof.gov.vn: true}}`, field: "'/agency/domains'", expected: "a list of at most 64"},
	"host name with diacritics":     {values: `connector: {hostnames: [liênthông.mof.example.gov.vn]}`, field: "'/connector/hostnames/0'", expected: "diacritics"},
	"host name with a space":        {values: `connector: {hostnames: ["a.mof.example.gov.vn "]}`, field: "'/connector/hostnames/0'", expected: "a space"},
	"host names in one text":        {values: `connector: {hostnames: a.mof.example.gov.vn}`, field: "'/connector/hostnames'", expected: "a list of at most 16"},
	"host name twice":               {values: `connector: {hostnames: [a.mof.example.gov.vn, a.mof.example.gov.vn]}`, field: "'/connector/hostnames'", expected: "nothing stands twice"},
	"renewal on 31 February":        {values: `connector: {renewRequestedAt: "2026-02-31T08:00:00Z"}`, field: "'/connector/renewRequestedAt'", expected: "a day of the calendar"},
	"renewal in a common year":      {values: `connector: {renewRequestedAt: "2026-02-29T08:00:00Z"}`, field: "'/connector/renewRequestedAt'", expected: "a day of the calendar"},
	"renewal far east":              {values: `connector: {renewRequestedAt: "2026-02-28T08:00:00+99:00"}`, field: "'/connector/renewRequestedAt'", expected: "RFC 3339"},
	"window at 24:00":               {values: window(`start: "24:00", duration: 2h, timeZone: Asia/Ho_Chi_Minh`), field: "maintenanceWindows/0/start'", expected: "from 00:00 to 23:59"},
	"window that never opens":       {values: window(`days: [], start: "22:00", duration: 2h, timeZone: Asia/Ho_Chi_Minh`), field: "maintenanceWindows/0/days'", expected: "the window would never open"},
	"window of no time":             {values: window(`start: "22:00", duration: 0h, timeZone: Asia/Ho_Chi_Minh`), field: "maintenanceWindows/0/duration'", expected: "from five minutes (5m)"},
	"window on chủ nhật":            {values: window(`days: [Chủ nhật], start: "22:00", duration: 2h, timeZone: Asia/Ho_Chi_Minh`), field: "days/0'", expected: "a day of the week in English"},
	"window in Hanoi":               {values: window(`start: "22:00", duration: 2h, timeZone: Asia/Hanoi`), field: "maintenanceWindows[0].timeZone of the Connector g12", expected: "such as Asia/Ho_Chi_Minh"},
	"window of the machine":         {values: window(`start: "22:00", duration: 2h, timeZone: Local`), field: "maintenanceWindows[0].timeZone", expected: "there is no time zone Local"},
	"window in words":               {values: `connector: {maintenanceWindows: [Sunday 22:00]}`, field: "maintenanceWindows/0'", expected: "a window in fields of its own"},
	"window without a list":         {values: `connector: {maintenanceWindows: {start: "22:00"}}`, field: "'/connector/maintenanceWindows'", expected: "a list of at most 14 windows"},
	"agency in ICT":                 {values: `agency: {timeZone: ICT}`, field: "agency.timeZone", expected: "there is no time zone ICT"},
	"name of two lines":             {values: `agency: {names: {vi: "Bộ\nTài chính"}}`, field: "'/agency/names/vi'", expected: oneLine},
	"name that turns around":        {values: `agency: {names: {en: "Ministry \u202eof"}}`, field: "'/agency/names/en'", expected: oneLine},
	"name with a space at its end":  {values: `agency: {names: {vi: "Bộ Tài chính "}}`, field: "'/agency/names/vi'", expected: "without a space at either end"},
	"unit with a bell":              {values: `agency: {focalPoint: {unit: "x\u0007"}}`, field: "'/agency/focalPoint/unit'", expected: oneLine},
	"phone that is a number":        {values: `agency: {focalPoint: {unit: x, phone: 0240000000}}`, field: "'/agency/focalPoint/phone'", expected: "in quotes"},
	"phone in words":                {values: `agency: {focalPoint: {unit: x, phone: không có}}`, field: "'/agency/focalPoint/phone'", expected: "a telephone number in quotes"},
	"contact of no unit":            {values: `agency: {focalPoint: {email: a@b.gov.vn}}`, field: "'/agency/focalPoint'", expected: "a focal point with unit"},
	"email with diacritics":         {values: `agency: {focalPoint: {unit: x, email: trungtâm@b.gov.vn}}`, field: "'/agency/focalPoint/email'", expected: "one address without diacritics"},
	"two emails":                    {values: `agency: {focalPoint: {unit: x, email: "a@b.gov.vn,c@d.gov.vn"}}`, field: "'/agency/focalPoint/email'", expected: "one address"},
	"note that hides something":     {values: `request: {note: "a\u202eb"}`, render: "request", field: "request: a text in it", expected: "type the text anew"},
	"person who turns around":       {values: `request: {operators: [{kind: User, name: "a\u2066b"}]}`, field: "'/request/operators/0/name'", expected: oneLine},
	"person with a space before":    {values: `request: {operators: [{kind: Group, name: " system:masters"}]}`, field: "'/request/operators/0/name'", expected: "without a space at either end"},
	"person twice":                  {values: `request: {operators: [{kind: User, name: a}, {kind: User, name: a}]}`, field: "'/request/operators'", expected: "nothing stands twice"},
	"person in one text":            {values: `request: {operators: [g12-operators]}`, field: "'/request/operators/0'", expected: "such as {kind: Group, name: g12-operators}"},
	"person of a namespace":         {values: `request: {operators: [{kind: User, name: a, namespace: g12}]}`, field: "'/request/operators/0'", expected: "no namespace for a user or group"},
	"account with a capital":        {values: `request: {operators: [{kind: ServiceAccount, name: Deployer}]}`, field: "'/request/operators/0'", expected: "lower-case letters"},
	"account of the cluster":        {values: `request: {operators: [{kind: ServiceAccount, name: x, namespace: kube-system}]}`, field: "'/request/operators/0/namespace'", expected: "a namespace of the agency"},
	"sink with a private key":       {values: `agency: {noticeSinks: [{name: a, url: "https://a.vn", caPEM: "` + authority + `-----BEGIN PRIVATE KEY----- hunter2"}]}`, field: "noticeSinks/0/caPEM'", expected: "never a private key"},
	"sink in hexadecimal":           {values: `agency: {noticeSinks: [{name: a, url: "https://0x7f.1", caPEM: "` + authority + `"}]}`, field: "noticeSinks/0/url'", expected: "an IP address in its plain form"},
	"two sinks of one name":         {values: `agency: {noticeSinks: [{name: a, url: "https://a.vn", caPEM: "` + authority + `"}, {name: a, url: "https://b.vn", caPEM: "` + authority + `"}]}`, field: "agency.noticeSinks[1].name", expected: "a name of its own"},
	"agency within itself":          {values: `agency: {parent: g12}`, field: "agency.parent: g12 is this agency itself", expected: "another Agency"},
	"agency merged into itself":     {values: `agency: {supersededBy: g12}`, field: "agency.supersededBy", expected: "another Agency"},
	"agency that is null":           {values: `agency: null`, field: "missing property 'agency'", expected: "null takes a default away"},
	"agency as a list":              {values: `agency: [{code: G12}]`, field: "'/agency'", expected: "such as {code: G12"},
	"services that are null":        {values: `connector: {services: null}`, field: "missing property 'services'", expected: "null takes a default away"},
	"namespace that is null":        {values: `request: {namespace: null}`, render: "request", field: "'/request'", expected: "null takes it away"},
	"name that is null":             {values: `agency: {names: {vi: null}}`, render: "request", field: "'/agency/names'", expected: "names with vi"},
	"further Connector in a text":   {values: `additionalConnectors: {backup: site}`, field: "'/additionalConnectors/backup'", expected: "a map, such as"},
	"two families for one":          {values: `connector: {ipFamilyPolicy: SingleStack, ipFamilies: [IPv4, IPv6]}`, field: "'/connector'", expected: "write PreferDualStack"},
	"evidence that is not there":    {values: `evidence: []`, render: "evidence", field: "evidence: there is no record to render", expected: "Write the documents"},
	"evidence as a map":             {values: `evidence: {kind: PenetrationTest}`, field: "'/evidence'", expected: "a dash before its first field"},
	"evidence of 31 April":          {values: strings.Replace(evidence("kind: PenetrationTest"), "2026-09-01", "2026-04-31", 1), field: "'/evidence/0/performedAt'", expected: "a day of the calendar"},
	"evidence of long ago":          {values: strings.Replace(evidence("kind: PenetrationTest"), "2026-09-01", "0206-09-01", 1), field: "'/evidence/0/performedAt'", expected: "a day of the calendar"},
	"evidence of no document":       {values: strings.Replace(evidence("kind: PenetrationTest"), "5dad83bcbb5a5c7f4e1e7a34d4a0ee0c7b1a5c1b59f3c2b9c7b4d2a7ff1fa301", `"`+strings.Repeat("0", 64)+`"`, 1), field: "document/sha256'", expected: "the document itself"},
	"evidence passed with findings": {values: strings.Replace(evidence("kind: PenetrationTest"), "Passed", "Passed, findings: {critical: 2}", 1), field: "'/evidence/0/outcome'", expected: "result: Failed"},
	"evidence with a hidden letter": {values: strings.Replace(evidence("kind: PenetrationTest"), "reference: Report", `reference: "Rep\u200bort"`, 1), field: "document/reference'", expected: oneLine},
}

// window is a Connector with one maintenance window.
func window(fields string) string { return "connector: {maintenanceWindows: [{" + fields + "}]}" }

// TestWhatOnlyLooksOddIsTaken: what comes near to a wrong value and is none.
func TestWhatOnlyLooksOddIsTaken(t *testing.T) {
	for name, values := range map[string]string{
		"backend by an address of IPv6":   `connector: {backend: {url: "http://[2001:db8::7]:8080/văn-bản/%20"}}`,
		"backend with a dot at its end":   `connector: {backend: {url: "https://qlvb.mof.gov.vn.:65535"}}`,
		"backend of a numbered namespace": `connector: {backend: {url: "http://qlvb.63-hcm:8080"}}`,
		"networks":                        `connector: {backend: {cidrs: [10.0.0.0/8, 10.12.0.7/32, 192.168.255.252/30, 172.16.4.0/22, "2001:db8::/32", "::ffff:0:0:0/96"]}}`,
		"leap day":                        `connector: {renewRequestedAt: "2028-02-29T23:59:59+07:00"}`,
		"zones":                           window(`start: "22:00", duration: 2h, timeZone: Etc/UTC}, {start: "00:00", duration: 24h, timeZone: Pacific/Kiritimati}, {start: "02:00", duration: 5m, timeZone: UTC`),
		"domains of two parts":            `agency: {domains: [chinhphu.vn, mof.example.gov.vn]}`,
		"contact":                         `agency: {focalPoint: {unit: "Trung tâm (CNTT) – “số 1”", email: van-thu.bo+lt@mof.gov.vn, phone: "(024) 000 0000, máy lẻ 12"}}`,
		"letters in two parts":            `agency: {names: {vi: "Bo\u0323\u0302 Ta\u0300i chi\u0301nh"}}`,
		"selector by an expression":       `additionalConnectors: {b: {backend: {url: "http://q", podSelector: {matchExpressions: [{key: app, operator: Exists}]}}}}`,
		"account of Flux":                 `request: {operators: [{kind: ServiceAccount, name: flux.deployer, namespace: flux-system}]}`,
		"codes that do not correspond":    `agency: {code: G12.18, legacyCode: 000.00.19.G12}`,
		"what is null and unset":          `connector: {replicas: null, hostnames: null, hardening: null, labels: null}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, render := range []string{"tenant", "request"} {
				if _, refusal := template(t, "g12", "--values", file(t, right), "--values", file(t, values), "--set", "render="+render); refusal != "" {
					t.Errorf("render=%s refuses:\n%s", render, refusal)
				}
			}
		})
	}
}

// TestCodesAreCompared: two codes that read as different units may both be right, so the reviewer is told and nothing is refused.
func TestCodesAreCompared(t *testing.T) {
	for codes, differ := range map[string]bool{
		"code: G12, legacyCode: 000.00.00.G12": false, "code: G12.18, legacyCode: 000.00.18.G12": false, "code: G12.8, legacyCode: 000.00.08.G12": false,
		"code: G12.18.5, legacyCode: 005.00.18.G12": true, "code: G12.18.7.5, legacyCode: 005.07.18.G12": false, `code: G12, legacyCode: ""`: false,
		"code: G12, legacyCode: 000.00.00.G14": true, "code: G12.18, legacyCode: 000.00.19.G12": true, "code: G12, legacyCode: 000.00.18.G12": true,
	} {
		rendered, refusal := template(t, "g12", "--values", file(t, right), "--values", file(t, "agency: {"+codes+"}"), "--set", "render=request")
		if refusal != "" || strings.Contains(rendered, "TO COMPARE / CẦN ĐỐI CHIẾU") != differ {
			t.Errorf("%s: want them compared: %v, got\n%s%s", codes, differ, refusal, rendered)
		}
	}
}

// TestRefusalsAreInBothLanguages: a ministry reads Vietnamese, and the platform's engineers English.
func TestRefusalsAreInBothLanguages(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(chart, "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	said := sentences(schema)
	templates, err := filepath.Glob(filepath.Join(chart, "templates", "*.tpl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range templates {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, regexp.MustCompile(`\bfail .*`).FindAllString(string(text), -1)...)
	}
	if len(said) < 100 {
		t.Errorf("only %d sentences were found", len(said))
	}
	for _, sentence := range said {
		if !vietnamese.MatchString(sentence) {
			t.Errorf("it has nothing in Vietnamese: %s", sentence)
		}
	}
}

// sentences are what a schema says instead of a value that it refuses.
func sentences(schema any) []string {
	var said []string
	switch schema := schema.(type) {
	case object:
		if then, is := schema["then"].(object); is {
			if sentence, is := then["const"].(string); is {
				said = append(said, sentence)
			}
		}
		for _, inner := range schema {
			said = append(said, sentences(inner)...)
		}
	case []any:
		for _, inner := range schema {
			said = append(said, sentences(inner)...)
		}
	}
	return said
}
