package main

import (
	"context"
	"fmt"

	"github.com/cert-manager/cert-manager/pkg/api/util"
	cmapi "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"golang.org/x/sync/errgroup"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"lienthong.gov.vn/connector-operator/test/scale/fleet"
)

// approve approves every CertificateRequest of the fleet that comes until the context ends, in the place of the operator, without which nothing
// is signed for a ClusterIssuer. It decides nothing, and reads no more than a watch tells.
func (s *stage) approve(ctx context.Context) error {
	informer, err := s.lookout.GetInformer(ctx, &cmapi.CertificateRequest{})
	if err != nil {
		return fmt.Errorf("watching CertificateRequests: %w", err)
	}
	come := make(chan *cmapi.CertificateRequest, s.size.Connectors())
	handler, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{AddFunc: func(event any) {
		if request, ok := event.(*cmapi.CertificateRequest); ok && !util.CertificateRequestIsApproved(request) {
			come <- request.DeepCopy()
		}
	}})
	if err != nil {
		return fmt.Errorf("watching CertificateRequests: %w", err)
	}
	defer func() { _ = informer.RemoveEventHandler(handler) }() // it fails only where there is no such handler
	group, working := errgroup.WithContext(ctx)
	for range fleet.Concurrency {
		group.Go(func() error {
			for {
				select {
				case <-working.Done():
					return nil
				case request := <-come:
					util.SetCertificateRequestCondition(request, cmapi.CertificateRequestConditionApproved, cmmeta.ConditionTrue, "bench", "Approved.")
					if err := s.hands.Status().Update(working, request); client.IgnoreNotFound(err) != nil && working.Err() == nil {
						return fmt.Errorf("approving CertificateRequest %s: %w", client.ObjectKeyFromObject(request), err)
					}
				}
			}
		})
	}
	return group.Wait()
}
