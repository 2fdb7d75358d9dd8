package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
	"lienthong.gov.vn/connector-operator/gateway/status"
)

// evictionRetry is how long a restart waits that the PodDisruptionBudget does not allow now.
const evictionRetry = 10 * time.Second

// follow sees to it that the pods take up what they were given: it has the kubelet refresh the volumes of those that lag, and
// restarts one that does not follow within the bound of its class.
func (r *Reconciler) follow(ctx context.Context, s *scope, now time.Time) error {
	if s.paused() || s.class == nil || s.expected == nil || s.deployment == nil {
		return nil
	}
	var errs []error
	for i := range s.pods {
		value, due := urge(s, s.pods[i], now)
		if !due {
			continue
		}
		if err := r.sync(ctx, s, &s.pods[i], value); err != nil {
			errs = append(errs, err)
			continue
		}
		s.pods[i].sync = value
	}
	stuck, held := toEvict(s, now)
	if held {
		s.plan.hold("a pod that did not follow within " + s.class.Spec.Rotation.FollowWithin.Duration.String() + " is to be restarted")
	}
	if stuck != nil {
		errs = append(errs, r.evict(ctx, s, stuck))
	}
	return errors.Join(errs...)
}

// sync changes an annotation of a pod, at which the kubelet refreshes its volumes at once instead of within a minute or more.
func (r *Reconciler) sync(ctx context.Context, s *scope, p *pod, value string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": p.uid, "annotations": map[string]string{desired.AnnotationSync: value},
	}})
	if err != nil {
		return fmt.Errorf("writing the patch of pod %s: %w", p.name, err)
	}
	object := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.connector.Namespace, Name: p.name}}
	err = r.Client.Patch(ctx, object, client.RawPatch(types.MergePatchType, patch))
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // the pod is gone, and what takes its place starts with the newest
	}
	if err != nil {
		return fmt.Errorf("having the volumes of pod %s/%s refreshed: %w", s.connector.Namespace, p.name, err)
	}
	return nil
}

func (r *Reconciler) evict(ctx context.Context, s *scope, p *pod) error {
	object := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: s.connector.Namespace, Name: p.name, UID: p.uid}}
	eviction := &policyv1.Eviction{DeleteOptions: &metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &p.uid}}}
	err := r.Client.SubResource("eviction").Create(ctx, object, eviction)
	switch {
	case apierrors.IsTooManyRequests(err):
		s.retryAt = sooner(s.retryAt, evictionRetry)
		return nil
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return nil
	case err != nil:
		return fmt.Errorf("evicting pod %s/%s, which does not follow: %w", s.connector.Namespace, p.name, err)
	}
	if !r.sightings.evicts(client.ObjectKeyFromObject(s.connector), p.uid) {
		return nil
	}
	// Events that name the same objects are told as one, in the words of the first.
	r.Recorder.Eventf(s.connector, object, corev1.EventTypeWarning, "PodRestarted", "Restart",
		"Pod %s still serves the certificate with serial %s, and did not take up what is new within %s; it is restarted.",
		p.name, p.report().SerialNumber, s.class.Spec.Rotation.FollowWithin.Duration)
	return nil
}

// urging is what the annotation of a pod tells: what the pod is to take up, how often it was urged, and since when.
type urging struct {
	digest  string
	attempt int
	first   time.Time
}

func (u urging) String() string {
	return fmt.Sprintf("%s.%d.%d", u.digest, u.attempt, u.first.UnixMilli())
}

func parseSync(value string) (urging, bool) {
	parts := strings.Split(value, ".")
	if len(parts) != 3 {
		return urging{}, false
	}
	// Whoever may write pods may have written this.
	attempt, err := strconv.Atoi(parts[1])
	if err != nil || attempt < 1 || attempt > maxAttempts {
		return urging{}, false
	}
	first, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return urging{}, false
	}
	return urging{digest: parts[0], attempt: attempt, first: time.UnixMilli(first)}, true
}

const (
	// maxAttempts bounds how often one pod is urged to take up one thing; the pauses double from two seconds.
	maxAttempts = 10
	// firstLook is how long after a new leaf is seen a pod is urged to take it up: by then the pods have been asked once more, and who
	// serves it already needs no urging. Where leaves of many are replaced at once, it is longer. Trust and revocations do not wait.
	firstLook = 2 * time.Second
)

// urge gives the annotation that a pod is to get now, if it lags and has not been urged lately.
func urge(s *scope, p pod, now time.Time) (value string, due bool) {
	next, at, lags := nextUrging(s, p, now)
	if !lags || at.After(now) {
		return "", false
	}
	return next.String(), true
}

// nextUrging tells when a lagging pod is urged next, and how.
func nextUrging(s *scope, p pod, now time.Time) (next urging, at time.Time, lags bool) {
	report := p.report()
	if s.expected == nil || s.expected.leaf == nil || s.class == nil || s.class.Spec.Rotation.Method == v1alpha1.RotationRestart {
		return urging{}, time.Time{}, false
	}
	mark := s.expected.mark()
	before, ok := parseSync(p.sync)
	if report == nil {
		// One that was asked and is silent may lag so far that it is not believed any more. It is urged once.
		silent := p.answer != nil && (!ok || before.digest != mark)
		return urging{digest: mark, attempt: 1, first: now}, now, silent
	}
	if s.expected.metBy(report) {
		return urging{}, time.Time{}, false
	}
	if !ok || before.digest != mark {
		return urging{digest: mark, attempt: 1, first: now}, s.firstUrging(report, now), true
	}
	if before.attempt >= maxAttempts {
		return urging{}, time.Time{}, false
	}
	pause := time.Duration(1<<(before.attempt+1)-2) * time.Second
	return urging{digest: mark, attempt: before.attempt + 1, first: before.first}, before.first.Add(pause), true
}

// firstUrging is when a pod is urged for the first time.
func (s *scope) firstUrging(report *status.Report, now time.Time) time.Time {
	e := s.expected
	onlyTheLeaf := report.TrustDigest == e.trust && report.ConfigDigest == e.config && report.RevocationDigest == e.revocations
	if !onlyTheLeaf {
		return now
	}
	return e.since.Add(firstLook + s.patience)
}
