// Package shelf keeps the revisions of SecurityProfiles and of ConnectorClasses as ControllerRevisions in the operator's namespace.
//
// The controllers of profiles and of classes call Put in each pass before anybody gets a turn, because once the object is changed again its
// revision could not be known any more, and Sweep at its end. What is in the way of a revision and is not the operator's is left alone, and
// the sentence that Put gives says so. Owners and Matters tell the controllers whom a change of what is stored concerns.
//
// Nothing is remembered. An operator that restarts looks at every object, and puts and sweeps what is missing or not needed any more.
package shelf
