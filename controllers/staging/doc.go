// Package staging says by which revision of its SecurityProfile, and of its ConnectorClass, a Connector is to be made, while a change of
// either reaches Connectors a batch at a time.
//
// A revision is the digest of the technical part of a profile: what the objects of a Connector are made by. Duties, citations and
// everything else that people fulfil are not in it; they hold at once. Each newest revision is stored as a ControllerRevision in the
// operator's namespace, and a Connector whose turn has not come is made by the stored one that it had.
//
// A revision is its content, whichever profile has it: a Connector that another profile rules from now on, because its hub changed to
// another regime or because the profile was deleted and created anew, keeps what it had until its turn, too. Only one whose level
// changed takes up the profile of the new level at once, because that is the approval of this one Connector.
//
// Of a class, the whole spec makes a revision, apart from how it is rolled out, together with the way in which the operator builds by it
// (desired.Builder): a new version of the operator that makes other pods of the same class changes its revision, and what an earlier one made
// stays as it is until its turn. A Connector that takes another class takes up that at once,
// because it is the change of this one Connector.
//
// Pick and PickClass run in every pass of a Connector, and ProfileObject and ClassObject when the controllers of profiles and of classes
// store a revision. Nothing is remembered: the turns stand in the status of the profile or of the class, the revision of a Connector in its
// own, and what is stored names itself by its content. An operator that restarts picks the same.
package staging
