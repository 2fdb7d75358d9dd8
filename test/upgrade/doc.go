// Package upgrade takes the operator through what its life brings beside work: it is installed with its chart, upgraded, taken away and
// brought back while 300 Connectors run, and what it knows is backed up and restored into another cluster. `make upgrade-test` runs it; the build
// tag is upgrade, and what is needed is helm and kubectl in bin/ (`make chart-tools`).
//
// Helm installs the real charts into a local control plane with simulated pods. The manager runs in the process of the test, with the
// arguments and the permissions that the chart gives it, because it has to ask simulated gateways; so the manager is always the present one,
// whichever version the chart has. That another version of the manager makes the same of a Connector is shown by the golden files in
// released/, which tests without the tag compare.
//
// released/ also has the chart that was released first. `make released-chart` packs the present one in its place, before that is released.
//
// Commands of docs/backup.md and docs/upgrade.md are read from there and run as they are.
package upgrade
