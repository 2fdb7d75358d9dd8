package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Weekday names a day of the week.
// +kubebuilder:validation:Enum=Monday;Tuesday;Wednesday;Thursday;Friday;Saturday;Sunday
type Weekday string

// MaintenanceWindow is a time that comes again every week, or every day.
// +kubebuilder:validation:XValidation:rule="self.duration.matches('^([0-9]{1,6}([.][0-9]+)?(h|m|s)){1,3}$')",fieldPath=".duration",message="A window's duration is in hours, minutes and seconds, such as 2h or 90m; days are not a unit of durations."
// +kubebuilder:validation:XValidation:rule="!self.duration.matches('^([0-9]{1,6}([.][0-9]+)?(h|m|s)){1,3}$') || (duration(self.duration) >= duration('5m') && duration(self.duration) <= duration('24h'))",fieldPath=".duration",message="A window lasts from five minutes (5m) to one day (24h): a shorter one closes before anything could be done in it, so it would never really open; leave maintenanceWindows out to allow every time."
type MaintenanceWindow struct {
	// days on which the window opens; unset means every day.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	Days []Weekday `json:"days,omitempty"`

	// start is the time of day at which the window opens, such as 22:00.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=5
	// +kubebuilder:validation:XValidation:rule="self.matches('^([01][0-9]|2[0-3]):[0-5][0-9]$')",message="start is a time of day from 00:00 to 23:59, with two digits each, such as 22:00; there is no other hour at which the window could open."
	Start string `json:"start,omitempty"`

	// duration of the window, from 5m to 24h. A window may end on the next day.
	// +required
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	Duration metav1.Duration `json:"duration,omitzero"`

	// timeZone of start, as a name of the IANA database, such as Asia/Ho_Chi_Minh.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z][A-Za-z0-9+_-]*(/[A-Za-z0-9+_-]+)*$')",message="timeZone is a name of the IANA time zone database, such as Asia/Ho_Chi_Minh."
	TimeZone string `json:"timeZone,omitempty"`
}
