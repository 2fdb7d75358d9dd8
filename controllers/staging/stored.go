package staging

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/controllers/desired"
)

// Labels of ControllerRevisions: of which SecurityProfile one holds the technical part, or of which ConnectorClass the spec, where a long
// name is shortened; and the revision.
const (
	LabelProfile         = v1alpha1.GroupName + "/security-profile"
	LabelProfileRevision = v1alpha1.GroupName + "/profile-revision"
	LabelClass           = v1alpha1.GroupName + "/connector-class"
	LabelClassRevision   = v1alpha1.GroupName + "/class-revision"
)

const (
	// maxName and maxLabel are the longest name and value of a label that the API server takes.
	maxName  = 253
	maxLabel = 63
)

// Name is that of the ControllerRevision that holds a revision of an object of this name.
func Name(of, revision string) string {
	return shorten(of, maxName-1-digits) + "-" + revision
}

// LabelValue is the value of the label that names an object.
func LabelValue(name string) string { return shorten(name, maxLabel) }

// shorten cuts a name that is too long and tells it by its digest from others that begin in the same way.
func shorten(name string, most int) string {
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	mark := hex.EncodeToString(sum[:8])
	return strings.TrimRight(name[:most-1-len(mark)], "-.") + "-" + mark
}

// ProfileObject is the ControllerRevision that holds the newest revision of a profile.
func ProfileObject(profile *v1alpha1.SecurityProfile, operatorNamespace string) (*appsv1.ControllerRevision, error) {
	text, err := encodeProfile(profile.Spec)
	if err != nil {
		return nil, err
	}
	return Profiles().object(profile, text, operatorNamespace), nil
}

// ClassObject is the ControllerRevision that holds the newest revision of a class.
func ClassObject(class *v1alpha1.ConnectorClass, operatorNamespace string) (*appsv1.ControllerRevision, error) {
	text, err := encodeClass(class.Spec)
	if err != nil {
		return nil, err
	}
	return Classes().object(class, text, operatorNamespace), nil
}

// object is a ControllerRevision. Its number is the generation of the object in which the revision was first seen. Nobody owns it: it has to
// outlive an object that is deleted while Connectors have it.
func (k Kind) object(of metav1.Object, text []byte, operatorNamespace string) *appsv1.ControllerRevision {
	return &appsv1.ControllerRevision{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ControllerRevision"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: operatorNamespace, Name: Name(of.GetName(), digest(text)),
			Labels: map[string]string{desired.LabelManagedBy: desired.ManagedBy, k.of: LabelValue(of.GetName()), k.revision: digest(text)},
		},
		Data:     runtime.RawExtension{Raw: text},
		Revision: of.GetGeneration(),
	}
}

// Holds tells whether a ControllerRevision holds what its name promises for an object of this name.
func (k Kind) Holds(stored *appsv1.ControllerRevision, of string) bool {
	revision, ok := strings.CutPrefix(stored.Name, Name(of, ""))
	return ok && k.read(stored.Data.Raw, revision) == nil
}

// Ours tells whether a ControllerRevision is one that the operator stored of this kind. One of before, which its profile owns, is, too.
func (k Kind) Ours(stored *appsv1.ControllerRevision) bool {
	if stored.Labels[desired.LabelManagedBy] != desired.ManagedBy || stored.Labels[k.of] == "" {
		return false
	}
	owner := metav1.GetControllerOf(stored)
	return owner == nil || owner.Kind == k.owner && owner.APIVersion == v1alpha1.GroupVersion.String()
}

// Of tells whether a ControllerRevision bears the label of an object of this name.
func (k Kind) Of(stored metav1.Object, name string) bool {
	return stored.GetLabels()[k.of] == LabelValue(name)
}

// RevisionOf reads from the name of a ControllerRevision which revision it holds.
func RevisionOf(stored *appsv1.ControllerRevision) string {
	return stored.Name[max(len(stored.Name)-digits, 0):]
}
