package v1alpha1

// ObjectReference names a cluster-scoped object whose kind the field tells.
type ObjectReference struct {
	// name of the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
}

// LocalizedNames are the names of something in the languages its readers use.
type LocalizedNames struct {
	// vi is the name in Vietnamese, as the law writes it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="A name in Vietnamese is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	Vi string `json:"vi,omitempty"`

	// en is the name in English.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[^\pZ\pC]([^\pC\p{Zl}\p{Zp}]*[^\pZ\pC])?$')`,message="A name in English is a text on one line, without a space at its beginning or end and without characters that no screen shows, such as those that turn the direction of writing; type it anew instead of pasting it."
	En string `json:"en,omitempty"`
}

// ConnectorTally counts the Connectors of an Agency or a hub.
type ConnectorTally struct {
	// total is how many there are.
	// +optional
	Total *int32 `json:"total,omitempty"`

	// ready is how many of them have the condition Ready=True.
	// +optional
	Ready *int32 `json:"ready,omitempty"`
}

// Service is one kind of exchange that the hub carries. The list is open: a hub names what it carries, and a Connector
// may ask for nothing else. The five constants are those of the plan for the national document exchange axis of 2018.
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z][A-Za-z0-9]*$')",message="A service is named in CamelCase, such as ElectronicDocuments."
type Service string

// Services of the plan for the national document exchange axis (Decision 676/QĐ-VPCP, 2018).
const (
	// ServiceElectronicDocuments is "văn bản điện tử".
	ServiceElectronicDocuments Service = "ElectronicDocuments"
	// ServiceOnlinePublicServices is "dịch vụ công trực tuyến".
	ServiceOnlinePublicServices Service = "OnlinePublicServices"
	// ServiceElectronicReports is "báo cáo điện tử".
	ServiceElectronicReports Service = "ElectronicReports"
	// ServiceAdministrativeProcedures is "thủ tục hành chính".
	ServiceAdministrativeProcedures Service = "AdministrativeProcedures"
	// ServiceElectronicGazette is "công báo điện tử".
	ServiceElectronicGazette Service = "ElectronicGazette"
)

// SecurityLevel is an information-security level ("cấp độ", 1 to 5). It is not an online-service level ("mức độ").
// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 5",message="A security level (cấp độ an toàn) is a whole number from 1 to 5; write the level that was determined and approved for the system. Online-service levels (mức độ) are another scale."
type SecurityLevel int32

// TLSVersion is the least version of TLS that is accepted.
// +kubebuilder:validation:Enum=VersionTLS12;VersionTLS13
type TLSVersion string

// TLS versions.
const (
	VersionTLS12 TLSVersion = "VersionTLS12"
	VersionTLS13 TLSVersion = "VersionTLS13"
)
