package controllers

import (
	"context"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"lienthong.gov.vn/connector-operator/report/collect"
	"lienthong.gov.vn/connector-operator/report/serve"
	"lienthong.gov.vn/connector-operator/report/view"
)

// serveReports serves the page of reports, made from the manager's cache.
func serveReports(ctx context.Context, mgr ctrl.Manager, o Options, c clock.PassiveClock) error {
	return serve.Add(ctx, mgr, serve.Options{
		Address: o.ReportAddress, CertDir: o.ReportCertDir, Clock: c,
		Collect: func(ctx context.Context) (*view.View, error) {
			return collect.View(ctx, mgr.GetClient(), collect.Options{Now: c.Now()})
		},
	})
}
