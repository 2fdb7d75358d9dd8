package desired

// Builder counts the ways in which operators have made pods of a Connector. It is increased by whoever changes here what the pod template of an
// unchanged Connector looks like, so that the change reaches pods in bounded batches, as one of the ConnectorClass does. A test compares with
// what the first release made.
const Builder = 1
