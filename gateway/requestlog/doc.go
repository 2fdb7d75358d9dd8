// Package requestlog tells of every request in one line of JSON, on standard output and, where the configuration names a collector,
// as a syslog message over mutual TLS as well (RFC 5424 and RFC 5425).
//
// It runs at the end of every request, which only puts the line into a queue: neither a slow reader of standard output nor a collector
// that is gone ever holds up traffic. A queue is bounded; what does not fit is dropped and counted. Lines wait in memory only: at a drain
// they are brought out within its timeout, and what waits when the gateway is killed is lost. After a restart it begins with empty queues.
package requestlog
