package agencyserver

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Document is an edXML document of a given size for tests.
type Document struct {
	From string
	To   []string
	// Bytes is how much attachment follows the header.
	Bytes int64
}

// Reader streams the document; Size is how long it is.
func (d Document) Reader() io.Reader {
	return io.MultiReader(strings.NewReader(d.head()), io.LimitReader(filler{}, d.Bytes), strings.NewReader(tail))
}

// Size of the whole document.
func (d Document) Size() int64 { return int64(len(d.head())) + d.Bytes + int64(len(tail)) }

const tail = `</Attachment></AttachmentEncoded></edXML>`

func (d Document) head() string {
	var head bytes.Buffer
	head.WriteString(`<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>`)
	organ := func(element, id string) {
		head.WriteString("<" + element + "><OrganId>")
		_ = xml.EscapeText(&head, []byte(id)) // a buffer takes everything
		head.WriteString("</OrganId></" + element + ">")
	}
	organ("From", d.From)
	for _, to := range d.To {
		organ("To", to)
	}
	head.WriteString(`</MessageHeader></edXMLHeader></edXMLEnvelope><AttachmentEncoded><Attachment ContentTransferEncoded="base64">`)
	return head.String()
}

// filler is an endless attachment.
type filler struct{}

func (filler) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'Q'
	}
	return len(p), nil
}

// Send posts a document to the gateway's outbound port and returns the hub's answer.
func Send(ctx context.Context, client *http.Client, gateway string, d Document) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(gateway, "/")+"/v1/documents", d.Reader())
	if err != nil {
		return 0, nil, fmt.Errorf("the gateway's URL %q cannot be used; write http://host:port: %w", gateway, err)
	}
	request.ContentLength = d.Size()
	request.Header.Set("Content-Type", "application/xml")
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("the gateway could not be reached: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	const most = 1 << 20
	body, err = io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return response.StatusCode, nil, fmt.Errorf("the gateway's answer broke off: %w", err)
	}
	return response.StatusCode, body, nil
}
