// Package install tries the charts as newcomers would, on a cluster whose pods really run: a platform engineer installs the operator
// with helm, three ministries ask to be connected and install the chart agency-connector with a tenant's rights only, an assessor records what
// their levels ask people to do, and documents flow. Then a ministry changes its values, the operator is removed and installed again under
// traffic, and a ministry leaves. `make e2e` runs it after the tests of the whole roll-out; the build tag is e2e.
//
// Everybody uses the programs that people use, helm and kubectl, each with a kubeconfig of their own. The cluster is a local one of the name
// install, with cert-manager's controllers but without its definitions, which helm installs too. Figures are logged in lines that begin
// with MEASURED.
package install
