package v1alpha1

// WorkingCalendar tells working days from days off. It is data: governments decree the days off, and those that are worked instead, a year
// at a time.
// +kubebuilder:validation:MinProperties=1
type WorkingCalendar struct {
	// weekend are the days of the week that are off; unset means Saturday and Sunday.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=6
	Weekend []Weekday `json:"weekend,omitempty"`

	// years has what is decreed for each. In a year that is not among them, only weekends are days off, and the plan's status says so.
	// +optional
	// +listType=map
	// +listMapKey=year
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Years []CalendarYear `json:"years,omitempty"`
}

// CalendarYear is what is decreed for one year.
// +kubebuilder:validation:XValidation:rule="!has(self.daysOff) || self.daysOff.all(d, int(d.date.substring(0, 4)) == self.year)",message="Each date of daysOff lies in its year; write it under its own year."
// +kubebuilder:validation:XValidation:rule="!has(self.workedInstead) || self.workedInstead.all(d, int(d.date.substring(0, 4)) == self.year)",message="Each date of workedInstead lies in its year; write it under its own year."
type CalendarYear struct {
	// year in the Gregorian calendar.
	// +required
	// +kubebuilder:validation:Minimum=1000
	// +kubebuilder:validation:Maximum=2999
	Year int32 `json:"year,omitempty"`

	// source is the act or the announcement that sets the days.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Source string `json:"source,omitempty"`

	// confidence is how sure the days are: confirmed (read in the act), secondary (read in a source that cites it), memory-NN (remembered, NN % sure),
	// or derived.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Confidence string `json:"confidence,omitempty"`

	// daysOff are the holidays, and the days that are off in their stead or in exchange for another ("nghỉ bù", "hoán đổi").
	// +optional
	// +listType=map
	// +listMapKey=date
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=40
	DaysOff []CalendarDay `json:"daysOff,omitempty"`

	// workedInstead are days of a weekend that are worked in exchange for a day off ("làm bù").
	// +optional
	// +listType=map
	// +listMapKey=date
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	WorkedInstead []CalendarDay `json:"workedInstead,omitempty"`
}

// CalendarDay is one day with its name.
type CalendarDay struct {
	// date of the day.
	// +required
	Date CivilDate `json:"date,omitempty"`

	// name of the day, such as Tết Nguyên đán.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Name string `json:"name,omitempty"`
}
