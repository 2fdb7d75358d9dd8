// Package e2e tests the whole first roll-out on a cluster whose pods really run: 27 agencies, the hub and its fallback, the
// operator, and documents on their way between the agencies' own systems. `make e2e` runs it; the build tag is e2e.
//
// One stage serves the whole suite. A test that disturbs something puts it back, and ends only when every Connector is Ready
// again with a status that kstatus can read; so each scenario may be run alone:
//
//	go test -tags=e2e -count=1 -v ./test/e2e -run TestRollout/hub
//
// The rollover is the exception: the authority stays the new one, so it comes last but for the removal of a Connector. What changes
// identities, trust or revocations is done under steady traffic over all agencies (package load), of which no request may fail.
//
// The cluster is a local one of the name e2e. It is removed when the suite ends, be it by success, failure, an interrupt or the end
// of its time; after a crash, the next run finds it and removes it. With E2E_KEEP=1 it is left as it is. Where KUBECONFIG is set, that
// cluster is used instead; E2E_IMAGE, E2E_HUB_IMAGE and E2E_AGENCY_IMAGE then name the images by digest. Scenarios that need to reach
// pods from this machine, or to kill parts of the control plane, are left out where that is not possible, and say so.
//
// Figures are logged in lines that begin with MEASURED.
package e2e
