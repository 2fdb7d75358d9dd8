// Package v1alpha1 is the API of the Lienthong connector operator: the group lienthong.gov.vn in version v1alpha1.
//
// It holds types, their validation rules and small accessors; no client and no I/O. Rules that concern one object alone are
// CEL expressions in the schema, so that the API server refuses a wrong object with a sentence that says what to write
// instead; rules that need a second object are decided by the controllers and shown in the condition Accepted. The package
// keeps no state, so a restart of the operator means nothing to it.
//
// +kubebuilder:object:generate=true
// +groupName=lienthong.gov.vn
package v1alpha1
