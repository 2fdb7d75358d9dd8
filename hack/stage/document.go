package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/test/agencysystem/agencyserver"
	"lienthong.gov.vn/connector-operator/test/hub/hubserver"
)

// Delivery is what became of one document.
type Delivery struct {
	From, To string
	Bytes    int64
	// Sent is the digest of the document as it was written, Received the one that the receiving agency's system reported.
	Sent, Received string
}

// SendDocument sends one document from the agency of one namespace, through its gateway and the hub, to the system of the agency of
// another.
func (s *Stage) SendDocument(ctx context.Context, from, to string, size int64) (Delivery, error) {
	document := agencyserver.Document{From: codeOf(from), To: []string{codeOf(to)}, Bytes: size}
	digest := sha256.New()
	if _, err := io.Copy(digest, document.Reader()); err != nil {
		return Delivery{}, fmt.Errorf("writing the document: %w", err)
	}
	send := s.sendFromPod
	if s.Simulated {
		send = s.sendOnLoopback
	}
	text, err := send(ctx, from, to, document)
	if err != nil {
		return Delivery{}, fmt.Errorf("sending a document from %s to %s: %w", document.From, document.To[0], err)
	}
	var answer hubserver.Answer
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.Pushes) != 1 {
		return Delivery{}, fmt.Errorf("the hub answered %q instead of telling of one delivery: %w", text, err)
	}
	return Delivery{
		From: document.From, To: document.To[0], Bytes: document.Size(),
		Sent: "sha256:" + hex.EncodeToString(digest.Sum(nil)), Received: answer.Pushes[0].Digest,
	}, nil
}

// sendFromPod sends from a pod of the agency, and gives the hub's answer from the pod's log.
func (s *Stage) sendFromPod(ctx context.Context, from, _ string, document agencyserver.Document) ([]byte, error) {
	pods := s.Clients.CoreV1().Pods(from)
	pod, err := pods.Create(ctx, s.senderPod(from, document), metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("starting the sender: %w", err)
	}
	defer func() {
		// The context may have ended, and a pod that is left behind does no harm.
		_ = pods.Delete(context.WithoutCancel(ctx), pod.Name, metav1.DeleteOptions{})
	}()
	var phase corev1.PodPhase
	err = wait.PollUntilContextTimeout(ctx, 250*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		p, err := pods.Get(ctx, pod.Name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		phase = p.Status.Phase
		return phase == corev1.PodSucceeded || phase == corev1.PodFailed, nil
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for the sender: %w", err)
	}
	log, err := pods.GetLogs(pod.Name, &corev1.PodLogOptions{}).DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what the sender wrote: %w", err)
	}
	if phase != corev1.PodSucceeded {
		return nil, fmt.Errorf("the sender failed: %s", log)
	}
	return log, nil
}

func (s *Stage) senderPod(namespace string, document agencyserver.Document) *corev1.Pod {
	nobody := int64(65532)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: "send-document-", Namespace: namespace,
			// As the agency's own system, so that the gateway's network policy lets it through.
			Labels: map[string]string{desired.LabelName: "agency-system", "app.kubernetes.io/component": "sender"},
		},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: new(false), EnableServiceLinks: new(false),
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: new(true), RunAsUser: &nobody, SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{
				Name: "sender", Image: s.Images.AgencySystem, ImagePullPolicy: corev1.PullIfNotPresent,
				Args: []string{
					"send", "-gateway", fmt.Sprintf("http://%s.%s.svc.cluster.local:8080", desired.GatewayName(namespace), namespace),
					"-from", document.From, "-to", document.To[0], "-bytes", strconv.FormatInt(document.Bytes, 10),
				},
				SecurityContext: &corev1.SecurityContext{
					AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true),
					Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
				},
			}},
		},
	}
}
