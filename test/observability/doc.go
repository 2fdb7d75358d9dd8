// Package observability keeps docs/metrics.md equal to what the operator and the gateway register, so that the document cannot rot. The
// tests of alerts and dashboards take the names of metrics from there. Run it with -update to write the document.
package observability
