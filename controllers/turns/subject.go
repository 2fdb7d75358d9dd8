package turns

import (
	"lienthong.gov.vn/connector-operator/api/v1alpha1"
)

// Subject is what was changed.
type Subject struct {
	// Noun names its kind in a sentence.
	Noun string
	// Nobody says, in a sentence, that it concerns no Connector.
	Nobody string
	// RevisionOf is by which revision of it the objects of a Connector were last made; empty if by none yet.
	RevisionOf func(*v1alpha1.Connector) string
	// Certificates tells that it says of what kind certificates are, so that a change may bring another certificate to a Connector.
	Certificates bool
}

// Profile is a SecurityProfile, whose technical part was changed. A Connector may have its revision from another profile of the same level.
func Profile() Subject {
	return Subject{
		Noun: "profile", Nobody: "The profile rules no Connector.", Certificates: true,
		RevisionOf: func(c *v1alpha1.Connector) string { return c.Status.ProfileRevision },
	}
}

// Class is a ConnectorClass. A Connector that another class made takes this one up at once, because that is the change of one Connector.
func Class() Subject {
	return Subject{
		Noun: "class", Nobody: "No Connector is of the class.",
		RevisionOf: func(c *v1alpha1.Connector) string {
			if c.Status.ClassName != c.Spec.ClassName {
				return ""
			}
			return c.Status.ClassRevision
		},
	}
}
