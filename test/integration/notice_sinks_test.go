package integration

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestBothSidesDeclareSinksThatCanBeUsed(t *testing.T) {
	const (
		shape = "A sink's url is https://, a host and, if wanted, a port in digits and a path, such as https://thongbao.example.gov.vn/lienthong, " +
			"because notices are sent encrypted only."
		port  = "The port of a sink's url is a number from 1 to 65535, such as 8443."
		parts = "A sink's url has no user, password, query or fragment: write https://<host>:<port>/<path>. A sink knows the operator by its " +
			"signature and needs no password."
		authority = "caPEM has certificates in PEM, each between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----."
		name      = "A sink's name is lower-case letters, digits and dashes, such as focal-point."
	)
	sink := func(changes ...any) any {
		s := content{"name": "focal-point", "url": "https://thongbao.example.gov.vn:8443/a", "caPEM": "-----BEGIN CERTIFICATE-----\n"}
		for i := 0; i < len(changes); i += 2 {
			if changes[i+1] == nil {
				delete(s, changes[i].(string))
			} else {
				s[changes[i].(string)] = changes[i+1]
			}
		}
		return s
	}
	var nine []any
	for _, n := range strings.Split("abcdefghi", "") {
		nine = append(nine, sink("name", n))
	}
	env, good := suite(t), goodObjects(t)
	for what, tt := range map[string]struct {
		sinks []any
		want  string
	}{
		"good":                 {items(sink(), sink("name", "b", "url", "HTTPS://[2001:db8::1]/", "types", items("MilestoneMet"))), ""},
		"plain HTTP":           {items(sink("url", "http://thongbao.example.gov.vn")), shape},
		"no host":              {items(sink("url", "https://:8443/")), shape},
		"no URL":               {items(sink("url", "thongbao")), shape},
		"port 0":               {items(sink("url", "https://thongbao.example.gov.vn:0")), port},
		"port 65536":           {items(sink("url", "https://thongbao.example.gov.vn:65536")), port},
		"a password":           {items(sink("url", "https://a:"+secret+"@thongbao.example.gov.vn")), parts},
		"a token in the query": {items(sink("url", "https://thongbao.example.gov.vn?t="+secret)), parts},
		"a fragment":           {items(sink("url", "https://thongbao.example.gov.vn/#"+secret)), parts},
		"no authority":         {items(sink("caPEM", nil)), "caPEM: Required value"},
		"no certificate":       {items(sink("caPEM", "x")), authority},
		"a name in capitals":   {items(sink("name", "Focal")), name},
		"one name twice":       {items(sink(), sink()), "Duplicate value"},
		"an unknown type":      {items(sink("types", items("Weather"))), "Unsupported value"},
		"nine":                 {nine, "must have at most 8 items"},
		"none":                 {[]any{}, "should have at least 1 items"},
	} {
		for _, kind := range []string{"Agency", "ExchangeHub"} {
			t.Run(kind+" "+what, func(t *testing.T) {
				object := loose(t, env.Scheme, good[kind])
				set("spec.noticeSinks", tt.sinks)(object.Object)
				err := env.Client.Create(t.Context(), object, client.DryRunAll)
				if (err != nil) != (tt.want != "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("the API answered\n%v\nwant\n%s", err, tt.want)
				}
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("the answer repeats what may be secret: %v", err)
				}
			})
		}
	}
}
