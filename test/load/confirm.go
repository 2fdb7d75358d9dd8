package load

import (
	"encoding/json"
	"fmt"
	"net/http"

	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
)

// Paths that the receivers serve.
const (
	inboxPath     = "/v1/inbox"
	documentsPath = "/v1/documents"
)

// confirmInbound wants the receipt of the agency's own system.
func confirmInbound(status int, body []byte, digest string) error {
	if status != http.StatusOK {
		return fmt.Errorf("status %d: %.200s", status, body)
	}
	var receipt agencyserver.Receipt
	if err := json.Unmarshal(body, &receipt); err != nil {
		return fmt.Errorf("reading the receipt %.200q: %w", body, err)
	}
	if receipt.Digest != digest {
		return fmt.Errorf("the agency's system received %s (%d bytes), and %s was sent", receipt.Digest, receipt.Bytes, digest)
	}
	return nil
}

// confirmOutbound wants the hub's word that it took the document and that the addressee's own system received it.
func confirmOutbound(status int, body []byte, digest string) error {
	if status != http.StatusAccepted {
		return fmt.Errorf("status %d: %.200s", status, body)
	}
	var answer hubserver.Answer
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("reading the hub's answer %.200q: %w", body, err)
	}
	if answer.Digest != digest {
		return fmt.Errorf("the hub received %s (%d bytes), and %s was sent", answer.Digest, answer.Bytes, digest)
	}
	if len(answer.Pushes) != 1 || answer.Pushes[0].Digest != digest {
		return fmt.Errorf("the hub took the document and could not deliver it: %+v", answer.Pushes)
	}
	return nil
}
