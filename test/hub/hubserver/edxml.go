package hubserver

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// envelope is what the hub reads of a document: who sends it and to whom.
type envelope struct {
	From string
	To   []string
}

// parseEnvelope reads an edXML document as it streams by and stops at the end of its MessageHeader: attachments follow it and
// may be large.
func parseEnvelope(r io.Reader) (envelope, error) {
	decoder := xml.NewDecoder(r)
	var found envelope
	var path []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return envelope{}, errors.New("the document has no MessageHeader; send an edXML document")
		}
		if err != nil {
			return envelope{}, fmt.Errorf("the document is not XML up to its MessageHeader; correct it: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
			if t.Name.Local == "MessageHeader" {
				err := found.check()
				return found, err
			}
		case xml.CharData:
			found.take(path, strings.TrimSpace(string(t)))
		}
	}
}

// take notes the organisation ids of <MessageHeader><From> and <To>.
func (e *envelope) take(path []string, text string) {
	if len(path) < 3 || text == "" || path[len(path)-1] != "OrganId" || path[len(path)-3] != "MessageHeader" {
		return
	}
	switch path[len(path)-2] {
	case "From":
		e.From = text
	case "To":
		e.To = append(e.To, text)
	}
}

func (e *envelope) check() error {
	if e.From == "" || len(e.To) == 0 {
		return errors.New("the MessageHeader names no From or no To organisation; give each an OrganId")
	}
	return nil
}

// agencyCode brings a QCVN 102 code such as 000.00.18.G12 to its Decision 20/2020 form, here G12.18, by reversing its groups
// and dropping those that are zero. Any other code stays as it is.
func agencyCode(code string) string {
	groups := strings.Split(code, ".")
	last := groups[len(groups)-1]
	if len(groups) < 2 || last == "" || last[0] < 'A' || last[0] > 'Z' || groups[0] == "" || groups[0][0] > '9' {
		return code
	}
	converted := []string{}
	for i := len(groups) - 1; i >= 0; i-- {
		if strings.Trim(groups[i], "0") != "" {
			converted = append(converted, groups[i])
		}
	}
	return strings.Join(converted, ".")
}

// agencyOf is the agency code in the path of a connector's SPIFFE ID, /agency/<code>/connector/<namespace>/<name>, or "".
func agencyOf(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) == 6 && parts[1] == "agency" && parts[3] == "connector" {
		return parts[2]
	}
	return ""
}
