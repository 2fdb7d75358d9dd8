// Package observability keeps docs/metrics.md equal to what the operator and the gateway register, so that the document cannot rot, and
// config/prometheus equal to the labels, ports and certificates of what it is to scrape. The tests of alerts and dashboards take the names
// of metrics from that document. Run it with -update to write the document.
package observability
