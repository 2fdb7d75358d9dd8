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

// LabelProfile names the SecurityProfile of which a ControllerRevision holds the technical part; a long name is shortened.
const LabelProfile = v1alpha1.GroupName + "/security-profile"

// LabelRevision is the revision that a ControllerRevision holds.
const LabelRevision = v1alpha1.GroupName + "/profile-revision"

const (
	// maxName and maxLabel are the longest name and value of a label that the API server takes.
	maxName  = 253
	maxLabel = 63
)

// Name is that of the ControllerRevision that holds a revision of a profile.
func Name(profile, revision string) string {
	return shorten(profile, maxName-1-digits) + "-" + revision
}

// LabelValue is the value of LabelProfile for a profile.
func LabelValue(profile string) string { return shorten(profile, maxLabel) }

// shorten cuts a name that is too long and tells it by its digest from others that begin in the same way.
func shorten(name string, most int) string {
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	mark := hex.EncodeToString(sum[:8])
	return strings.TrimRight(name[:most-1-len(mark)], "-.") + "-" + mark
}

// Object is the ControllerRevision that holds the newest revision of a profile. Its number is the generation of the profile in which
// the revision was first seen. Nobody owns it: it has to outlive a profile that is deleted while Connectors have it.
func Object(profile *v1alpha1.SecurityProfile, operatorNamespace string) (*appsv1.ControllerRevision, error) {
	text, err := encode(profile.Spec)
	if err != nil {
		return nil, err
	}
	return &appsv1.ControllerRevision{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ControllerRevision"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: operatorNamespace, Name: Name(profile.Name, digest(text)),
			Labels: map[string]string{
				desired.LabelManagedBy: desired.ManagedBy, LabelProfile: LabelValue(profile.Name), LabelRevision: digest(text),
			},
		},
		Data:     runtime.RawExtension{Raw: text},
		Revision: profile.Generation,
	}, nil
}

// Holds tells whether a ControllerRevision holds what its name promises for a profile of this name.
func Holds(stored *appsv1.ControllerRevision, profile string) bool {
	revision, ok := strings.CutPrefix(stored.Name, Name(profile, ""))
	if !ok {
		return false
	}
	_, err := decode(stored.Data.Raw, revision)
	return err == nil
}

// Ours tells whether a ControllerRevision is one that the operator stored for a profile. One of before, which its profile owns, is, too.
func Ours(stored *appsv1.ControllerRevision) bool {
	if stored.Labels[desired.LabelManagedBy] != desired.ManagedBy || stored.Labels[LabelProfile] == "" {
		return false
	}
	owner := metav1.GetControllerOf(stored)
	return owner == nil || owner.Kind == "SecurityProfile" && owner.APIVersion == v1alpha1.GroupVersion.String()
}

// RevisionOf reads from the name of a ControllerRevision which revision it holds.
func RevisionOf(stored *appsv1.ControllerRevision) string {
	return stored.Name[max(len(stored.Name)-digits, 0):]
}
