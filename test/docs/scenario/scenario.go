package scenario

import (
	"fmt"
	"strings"

	"lienthong.gov.vn/connector-operator/test/docs/markdown"
)

// Scenario is what is run of a document.
type Scenario struct {
	// Path of the document, from the folder of the project.
	Path string
	// Start is the document after which this one is read, or Nothing; empty for a document without steps.
	Start string
	// CommandsOf names the document that has the same commands in another language.
	CommandsOf string
	Steps      []Step
	Finally    []Step
	// NotRun are the blocks that are left out, with the reasons.
	NotRun []Omission
}

// Nothing is where a document starts that needs nothing but a cluster.
const Nothing = "nothing"

// Kind of a step.
type Kind string

// What is done with the text of a step.
const (
	// Run it as a script.
	Run Kind = "run"
	// Apply the objects that it is.
	Apply Kind = "apply"
	// Try the objects that it is: the API server checks them and stores nothing.
	Try Kind = "try"
	// File it under a name.
	File Kind = "file"
	// Fragment of an object: it is tried whether the API server takes it.
	Fragment Kind = "fragment"
)

// Step is something that the reader does, or that happens meanwhile.
type Step struct {
	Kind Kind
	// Text is a script, or what the block holds.
	Text string
	// Name of the file, or of the object that the text is a part of.
	Name string
	// Line in the document, and whether the reader sees it there.
	Line   int
	Hidden bool
	// As is the user whose rights are used; empty for the administrator.
	As         string
	Eventually bool
	NeedsPods  bool
	// GoesOn tells that the step does not end by itself.
	GoesOn bool
	// Output is what is printed; nil if anything may be.
	Output *string
	Varies []string
	// Refusal are words of the refusal; the step succeeds if it is empty and Exit is 0.
	Refusal string
	Exit    int
	// Set are the placeholders that hold from here on.
	Set []Placeholder
}

// Placeholder is a word of the document that the reader replaces.
type Placeholder struct {
	Word, Value string
}

// Omission is a block that is not run.
type Omission struct {
	Line   int
	Reason string
	// CoveredBy says what runs it instead.
	CoveredBy []string
}

// Of makes the scenario of a document, or says what its blocks lack.
func Of(document *markdown.Document) (*Scenario, error) {
	b := &builder{scenario: &Scenario{Path: document.Path}}
	for _, part := range document.Parts {
		var err error
		if part.Directive != nil {
			err = b.directive(part.Directive)
		} else {
			err = b.block(part.Block)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", document.Path, err)
		}
	}
	if len(b.pending) > 0 {
		return nil, fmt.Errorf("%s:%d: no block follows the directive %q", document.Path, b.pending[0].Line, b.pending[0].Name)
	}
	s := b.scenario
	if len(s.Steps) > 0 && s.Start == "" && s.CommandsOf == "" {
		return nil, fmt.Errorf("%s: it has commands, and does not say from what they start; write <!-- docs: start: … --> below the title", document.Path)
	}
	return s, nil
}

type builder struct {
	scenario *Scenario
	// pending are directives of the block to come.
	pending []*markdown.Directive
	// last is the step of the block before, of which an output may be shown.
	last int
	// set are placeholders for the next step.
	set []Placeholder
}

func (b *builder) directive(d *markdown.Directive) error {
	s := b.scenario
	switch d.Name {
	case "start":
		s.Start = d.Value
	case "commands of":
		s.CommandsOf = d.Value
	case "set":
		for line := range strings.Lines(d.Body) {
			word, value, ok := strings.Cut(strings.TrimSpace(line), " -> ")
			if !ok {
				return fmt.Errorf("line %d: %q is no placeholder; write it as NAME -> value", d.Line, line)
			}
			b.set = append(b.set, Placeholder{Word: word, Value: value})
		}
	case "run", "await":
		b.add(Step{Kind: Run, Text: d.Body, Line: d.Line, Hidden: true, Eventually: d.Name == "await", As: d.Value})
	case "finally":
		s.Finally = append(s.Finally, Step{Kind: Run, Text: d.Body, Line: d.Line, Hidden: true})
	default:
		b.pending = append(b.pending, d)
	}
	return nil
}

// add appends a step, which is then the one that an output is of.
func (b *builder) add(step Step) {
	step.Set, b.set = b.set, nil
	b.scenario.Steps = append(b.scenario.Steps, step)
	b.last = len(b.scenario.Steps)
}
