//go:build charts

package agency

import "strings"

// refusal is a wrong value, the field that the refusal names, and words of what it says is expected.
type refusal struct {
	values, field, expected string
	// render, if it is not the default.
	render string
}

// refusals by what is wrong.
var refusals = map[string]refusal{
	"code in small letters":          {values: `agency: {code: g12}`, field: "'/agency/code'", expected: "such as G12 or G12.18"},
	"code leaf first":                {values: `agency: {code: 000.00.18.G12}`, field: "'/agency/code'", expected: "root first"},
	"code too long":                  {values: `agency: {code: G12` + strings.Repeat(".18", 11) + `}`, field: "'/agency/code'", expected: "at most 35 characters"},
	"code a number":                  {values: `agency: {code: 12}`, field: "'/agency/code'", expected: "mã định danh"},
	"no code":                        {values: `agency: {code: ""}`, field: "'/agency/code'", expected: "Decision 20/2020/QĐ-TTg"},
	"legacy code root first":         {values: `agency: {legacyCode: G12.18}`, field: "'/agency/legacyCode'", expected: "such as 000.00.18.G12"},
	"name of the Agency in capitals": {values: `agency: {name: G12}`, field: "'/agency/name'", expected: "lower-case letters"},
	"unknown type":                   {values: `agency: {type: ministry}`, field: "'/agency/type'", expected: "GovernmentOffice, Ministry,"},
	"unknown field of the agency": {
		values: `agency: {kode: G12}`, field: "'/agency': additional properties 'kode'", expected: "nothing but code, legacyCode",
	},
	"unknown field at the top":       {values: `agencyCode: G12`, field: "'agencyCode'", expected: "nothing but global, render, agency"},
	"unknown field of the connector": {values: `connector: {level: 3}`, field: "'level'", expected: "nothing but name, securityLevel"},
	"field of a ConnectorSpec":       {values: `connector: {image: nginx}`, field: "'/connector': additional properties 'image'", expected: "nothing but name"},
	"domain with a wildcard":         {values: `agency: {domains: ["*.mof.gov.vn"]}`, field: "'/agency/domains/0'", expected: "without a wildcard"},
	"domain in capitals":             {values: `agency: {domains: [MOF.gov.vn]}`, field: "'/agency/domains/0'", expected: "such as mof.gov.vn"},
	"domain twice":                   {values: `agency: {domains: [a.gov.vn, a.gov.vn]}`, field: "'/agency/domains'", expected: "nothing stands twice"},
	"email without an at":            {values: `agency: {focalPoint: {unit: x, email: trungtam}}`, field: "'/agency/focalPoint/email'", expected: "trungtam@example.gov.vn"},
	"unknown field of the contact":   {values: `agency: {focalPoint: {fax: "1"}}`, field: "'fax'", expected: "nothing but unit, email and phone"},
	"time zone by its offset":        {values: `agency: {timeZone: "+07:00"}`, field: "'/agency/timeZone'", expected: "Asia/Ho_Chi_Minh"},
	"namespace in capitals":          {values: `agency: {namespaces: [G12]}`, field: "'/agency/namespaces/0'", expected: "such as g12"},
	"notices not encrypted":          {values: `agency: {noticeSinks: [{name: a, url: "http://a.vn", caPEM: "-----BEGIN CERTIFICATE-----"}]}`, field: "noticeSinks/0/url", expected: "https://"},
	"notices without an authority":   {values: `agency: {noticeSinks: [{name: a, url: "https://a.vn", caPEM: "hunter2"}]}`, field: "noticeSinks/0/caPEM", expected: "certificates in PEM"},
	"level 0":                        {values: `connector: {securityLevel: 0}`, field: "'/connector/securityLevel'", expected: "a security level from 1 to 5"},
	"level 6":                        {values: `connector: {securityLevel: 6}`, field: "'/connector/securityLevel'", expected: "cấp độ an toàn từ 1 đến 5"},
	"level in quotes":                {values: `connector: {securityLevel: "3"}`, field: "'/connector/securityLevel'", expected: "a security level from 1 to 5"},
	"level between two":              {values: `connector: {securityLevel: 2.5}`, field: "'/connector/securityLevel'", expected: "a security level from 1 to 5"},
	"no services":                    {values: `connector: {services: []}`, field: "'/connector/services'", expected: "such as [ElectronicDocuments]"},
	"services in one text":           {values: `connector: {services: ElectronicDocuments}`, field: "'/connector/services'", expected: "a list of 1 to 64"},
	"service with dashes":            {values: `connector: {services: [electronic-documents]}`, field: "'/connector/services/0'", expected: "CamelCase"},
	"no backend":                     {values: `connector: {backend: null}`, field: "'/connector'", expected: "missing property 'backend'"},
	"backend without a scheme":       {values: `connector: {backend: {url: "qlvb.g12.svc:8080"}}`, field: "'/connector/backend/url'", expected: "such as http://qlvb.g12.svc:8080"},
	"backend of another scheme":      {values: `connector: {backend: {url: "ftp://qlvb.g12.svc"}}`, field: "'/connector/backend/url'", expected: "http:// or https://"},
	"backend with a password":        {values: `connector: {backend: {url: "http://u:hunter2@qlvb.g12.svc"}}`, field: "'/connector/backend/url'", expected: "no user, password"},
	"backend on localhost":           {values: `connector: {backend: {url: "http://localhost:8080"}}`, field: "'/connector/backend/url'", expected: "not localhost"},
	"backend on a loopback":          {values: `connector: {backend: {url: "http://127.0.0.1"}}`, field: "'/connector/backend/url'", expected: "a loopback"},
	"backend with port 70000":        {values: `connector: {backend: {url: "http://qlvb:70000"}}`, field: "'/connector/backend/url'", expected: "a number from 1 to 65535"},
	"backend that is nowhere":        {values: `connector: {backend: {podSelector: null}}`, field: "'/connector/backend'", expected: "podSelector if it runs in this namespace"},
	"network without a length":       {values: `connector: {backend: {cidrs: [10.12.0.0]}}`, field: "'/connector/backend/cidrs/0'", expected: "such as 10.12.0.0/24"},
	"network of everybody":           {values: `connector: {backend: {cidrs: [0.0.0.0/0]}}`, field: "'/connector/backend/cidrs/0'", expected: "/8 or narrower"},
	"host name with a scheme":        {values: `connector: {hostnames: ["https://a.mof.example.gov.vn"]}`, field: "'/connector/hostnames/0'", expected: "a scheme, a port"},
	"host name of somebody else":     {values: `connector: {hostnames: [a.moh.example.gov.vn]}`, field: "hostnames: a.moh.example.gov.vn", expected: "lies in none of agency.domains (mof.example.gov.vn)"},
	"no replica":                     {values: `connector: {replicas: 0}`, field: "'/connector/replicas'", expected: "from 1 to 100"},
	"replicas in quotes":             {values: `connector: {replicas: "2"}`, field: "'/connector/replicas'", expected: "a whole number"},
	"window at 25:00":                {values: `connector: {maintenanceWindows: [{start: "25:00", duration: 2h, timeZone: Asia/Ho_Chi_Minh}]}`, field: "maintenanceWindows/0/start", expected: `such as "22:00"`},
	"window of an unquoted time":     {values: `connector: {maintenanceWindows: [{start: 1320, duration: 2h, timeZone: Asia/Ho_Chi_Minh}]}`, field: "maintenanceWindows/0/start", expected: "in quotes"},
	"window of two days":             {values: `connector: {maintenanceWindows: [{start: "22:00", duration: 2d, timeZone: Asia/Ho_Chi_Minh}]}`, field: "maintenanceWindows/0/duration", expected: "from five minutes (5m) to one day (24h)"},
	"window of a minute":             {values: `connector: {maintenanceWindows: [{start: "22:00", duration: 1m, timeZone: Asia/Ho_Chi_Minh}]}`, field: "maintenanceWindows/0/duration", expected: "such as 2h, 90m"},
	"window without a time zone":     {values: `connector: {maintenanceWindows: [{start: "22:00", duration: 2h}]}`, field: "maintenanceWindows/0", expected: "missing property 'timeZone'"},
	"window on an unknown day":       {values: `connector: {maintenanceWindows: [{days: [Sun], start: "22:00", duration: 2h, timeZone: Asia/Ho_Chi_Minh}]}`, field: "days/0", expected: "Saturday or Sunday"},
	"old TLS":                        {values: `connector: {hardening: {minTLSVersion: VersionTLS11}}`, field: "'/connector/hardening/minTLSVersion'", expected: "VersionTLS12 or VersionTLS13"},
	"certificate life in days":       {values: `connector: {hardening: {certificateDuration: 7d}}`, field: "'/connector/hardening/certificateDuration'", expected: "such as 168h"},
	"renewal on a day":               {values: `connector: {renewRequestedAt: "2026-09-01"}`, field: "'/connector/renewRequestedAt'", expected: `such as "2026-09-01T08:00:00Z"`},
	"paused in quotes":               {values: `connector: {paused: "yes"}`, field: "'/connector/paused'", expected: "true or false"},
	"both families in one text":      {values: `connector: {ipFamilies: dual}`, field: "'/connector/ipFamilies'", expected: "IPv4 and IPv6"},
	"label of the operator":          {values: `connector: {labels: {lienthong.gov.vn/connector: g14}}`, field: "'/connector/labels'", expected: "are set by the chart and the platform"},
	"annotation of the operator":     {values: `connector: {annotations: {lienthong.gov.vn/sync: x}}`, field: "'/connector/annotations'", expected: "are set by the chart and the platform"},
	"name with a dot":                {values: `connector: {name: g12.18}`, field: "'/connector/name'", expected: "such as g12-18"},
	"name too long":                  {values: `connector: {name: a` + strings.Repeat("b", 51) + `}`, field: "'/connector/name'", expected: "at most 51"},
	"name too long together":         {values: `connector: {name: a` + strings.Repeat("b", 48) + "}\nadditionalConnectors: {backup: {}}", field: "connector.name", expected: "at most 51 characters"},
	"two Connectors of one name":     {values: `additionalConnectors: {backup: {name: g12}}`, field: "additionalConnectors.backup.name", expected: "g12-backup"},
	"mistake in a further Connector": {values: `additionalConnectors: {backup: {securityLevel: 7}}`, field: "'/additionalConnectors/backup/securityLevel'", expected: "from 1 to 5"},
	"further Connector with a bad end": {
		values: `additionalConnectors: {Backup: {}}`, field: "'/additionalConnectors'", expected: "such as {backup: {site: backup}}",
	},
	"hub in capitals":              {values: `hub: National`, field: "'/hub'", expected: "such as national-hub"},
	"no hub":                       {values: `hub: ""`, field: "'/hub'", expected: "such as national-hub"},
	"unknown part to render":       {values: `render: everything`, field: "'/render'", expected: "tenant, request, all or evidence"},
	"request without a type":       {values: `agency: {type: ""}`, render: "request", field: "'/agency/type'", expected: "a request needs it"},
	"request without a name":       {values: `agency: {names: {vi: ""}}`, render: "request", field: "'/agency/names/vi'", expected: "such as Bộ Tài chính"},
	"request without the domain":   {values: `agency: {domains: []}`, render: "request", field: "hostnames", expected: "for instance agency.domains"},
	"rights for everybody":         {values: `request: {operators: [{kind: Group, name: "system:authenticated"}]}`, field: "'/request/operators/0/name'", expected: "never one that the cluster defines"},
	"namespace that watches all":   {values: `request: {namespace: {labels: {lienthong.gov.vn/monitoring: "true"}}}`, field: "'/request/namespace/labels'", expected: "keys of your own"},
	"namespace for all pods":       {values: `request: {namespace: {labels: {pod-security.kubernetes.io/enforce: privileged}}}`, field: "'/request/namespace/labels'", expected: "keys of your own"},
	"rights for an unknown kind":   {values: `request: {operators: [{kind: Team, name: x}]}`, field: "'/request/operators/0/kind'", expected: "User, Group or ServiceAccount"},
	"operator who assesses":        {values: `request: {assessors: [{kind: Group, name: g12-operators}]}`, field: "request.assessors", expected: "name somebody else"},
	"evidence without a level":     {values: evidence(`kind: LevelApproval`), field: "evidence[0].level", expected: "for instance level: 3"},
	"evidence with a level":        {values: evidence("kind: PenetrationTest\n  level: 3"), field: "evidence[0].level", expected: "leave it out"},
	"evidence on a day in words":   {values: strings.Replace(evidence("kind: PenetrationTest"), "2026-09-01", "01/09/2026", 1), field: "'/evidence/0/performedAt'", expected: "year-month-day"},
	"evidence with a short digest": {values: strings.Replace(evidence("kind: PenetrationTest"), "5dad83", "", 1), field: "'/evidence/0/document/sha256'", expected: "64 hexadecimal digits"},
	"evidence by nobody":           {values: strings.Replace(evidence("kind: PenetrationTest"), "agency: g12", "unit: x", 1), field: "'/evidence/0/performedBy'", expected: "either agency"},
	"evidence of another system": {
		values: evidence("kind: PenetrationTest\n  connector: g14"), field: "evidence[0].connector", expected: "write one of g12",
	},
	"appraisal by who operates": {
		values: strings.Replace(evidence("kind: LevelAppraisal\n  level: 3"), "Operations: true", "Operations: false", 1),
		field:  "evidence[0].independentOfOperations", expected: "may not appraise",
	},
	"two records of one name": {
		values: evidence("kind: PenetrationTest") + strings.TrimPrefix(evidence("kind: PenetrationTest"), "evidence:\n"),
		field:  "evidence[1].name", expected: "give this one a name",
	},
}

// evidence is a list of one record that begins with these fields.
func evidence(begins string) string {
	return "evidence:\n- " + begins + `
  performedAt: 2026-09-01
  performedBy: {agency: g12}
  independentOfOperations: true
  outcome: {result: Passed}
  document: {reference: Report, sha256: 5dad83bcbb5a5c7f4e1e7a34d4a0ee0c7b1a5c1b59f3c2b9c7b4d2a7ff1fa301}
`
}
