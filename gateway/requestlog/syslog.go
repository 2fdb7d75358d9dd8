package requestlog

import (
	"strconv"
	"strings"
)

const (
	// priority is that of RFC 5424: the facility "log audit" (13) with the severity "informational" (6).
	priority = "<110>1 "
	appName  = "lienthong-gateway"
	// messageID tells lines of requests from whatever a gateway may send one day.
	messageID = "request"
)

// header is what all messages of a gateway have between the time and the line.
func header(host, connector, version string) string {
	namespace, _, _ := strings.Cut(connector, "/")
	const maxHost = 255
	return " " + token(host+"."+namespace, maxHost) + " " + appName + " - " + messageID +
		` [origin software="` + appName + `" swVersion="` + parameter(version) + `"] `
}

// token holds to the characters of a header field.
func token(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return '_'
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}

// parameter holds to what needs no escape in structured data. RFC 5424 allows 32 characters for a version.
func parameter(s string) string {
	const most = 32
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"\]`, r) {
			return '_'
		}
		return r
	}, token(s, most))
}

// appendFrame writes a line as one octet-counted message.
func appendFrame(frames []byte, it item, header string) []byte {
	length := len(priority) + len(timeFormat) + len(header) + len(it.line)
	frames = append(strconv.AppendInt(frames, int64(length), 10), ' ')
	frames = append(frames, priority...)
	frames = it.at.UTC().AppendFormat(frames, timeFormat)
	frames = append(frames, header...)
	return append(frames, it.line...)
}
