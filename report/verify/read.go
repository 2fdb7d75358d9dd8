package verify

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"lienthong.gov.vn/connector-operator/api/v1alpha1"
	"lienthong.gov.vn/connector-operator/report/chain"
)

// input is everything that was read.
type input struct {
	links []chain.Link
	heads []chain.Head
}

// plans are the names of those that the input has something of, in order.
func (in *input) plans() []string {
	names := map[string]bool{}
	for i := range in.links {
		names[in.links[i].Spec.Plan.Name] = true
	}
	for _, head := range in.heads {
		names[head.Plan] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// stdinName stands for the standard input, in the call and in what is said of it.
const stdinName = "-"

func (in *input) readAll(ctx context.Context, paths []string, stdin io.Reader) error {
	for _, path := range paths {
		if path == stdinName {
			if err := in.readStream(ctx, stdinName, stdin); err != nil {
				return err
			}
			continue
		}
		files, err := filesOf(path)
		if err != nil {
			return err
		}
		for _, file := range files {
			if err := in.readFile(ctx, file); err != nil {
				return err
			}
		}
	}
	return nil
}

// filesOf gives the file itself, or the files in YAML and JSON below a folder.
func filesOf(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(file))) {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for files in %s: %w", path, err)
	}
	return files, nil
}

func (in *input) readFile(ctx context.Context, file string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("opening %s: %w", file, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return in.readStream(ctx, file, f)
}

// readStream reads documents one after the other, in JSON if the first is an object in JSON, and otherwise in YAML; in UTF-8 or, where a mark at the
// beginning says so, in UTF-16, in which PowerShell writes what a command prints.
func (in *input) readStream(ctx context.Context, source string, r io.Reader) error {
	buffered := bufio.NewReader(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	next := yamlDocuments(buffered)
	if isJSON(buffered) {
		next = jsonDocuments(buffered)
	}
	for number := 1; ; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		document, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = in.add(source, document)
		}
		if err != nil {
			return fmt.Errorf("document %d of %s: %w", number, source, err)
		}
	}
}

func isJSON(r *bufio.Reader) bool {
	for size := 1; ; size++ {
		begin, err := r.Peek(size)
		if err != nil || len(begin) < size {
			return false
		}
		if last := begin[size-1]; !slices.Contains([]byte(" \t\r\n"), last) {
			return last == '{'
		}
	}
}

func jsonDocuments(r io.Reader) func() ([]byte, error) {
	decoder := json.NewDecoder(r)
	return func() ([]byte, error) {
		var document json.RawMessage
		if err := decoder.Decode(&document); err != nil {
			return nil, err
		}
		strict, err := kjson.UnmarshalStrict(document, &map[string]any{})
		return document, errors.Join(append(strict, err)...)
	}
}

// yamlDocuments refuses a field that stands there twice, because readers would not agree on what it says.
func yamlDocuments(r *bufio.Reader) func() ([]byte, error) {
	reader := utilyaml.NewYAMLReader(r)
	return func() ([]byte, error) {
		document, err := reader.Read()
		if err != nil {
			return nil, err
		}
		return yaml.YAMLToJSONStrict(document)
	}
}

// add takes what a document says. What is neither a report nor a plan is refused: a report of which the kind was changed must not vanish.
func (in *input) add(source string, document []byte) error {
	document = bytes.TrimSpace(document)
	if s := string(document); s == "" || s == "null" {
		return nil
	}
	var head struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Items      []json.RawMessage `json:"items"`
	}
	if document[0] != '{' {
		return fmt.Errorf("it is no object; give only ReadinessReports and RolloutPlans of %s", v1alpha1.GroupVersion)
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(document, &head); err != nil {
		return fmt.Errorf("its apiVersion, kind or items cannot be read: %w", err)
	}
	ours := head.APIVersion == v1alpha1.GroupVersion.String()
	switch {
	case head.Kind == "List" && head.APIVersion == "v1", ours && (head.Kind == "ReadinessReportList" || head.Kind == "RolloutPlanList"):
		for i, item := range head.Items {
			if err := in.add(source, item); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
		}
		return nil
	case ours && head.Kind == "ReadinessReport":
		return in.addReport(source, document)
	case ours && head.Kind == "RolloutPlan":
		return in.addPlan(document)
	default:
		return fmt.Errorf("it is a %q of %q; give only ReadinessReports and RolloutPlans of %s", head.Kind, head.APIVersion, v1alpha1.GroupVersion)
	}
}

func (in *input) addReport(source string, document []byte) error {
	link, err := chain.Parse(document)
	if err != nil {
		return err
	}
	link.Source = source
	in.links = append(in.links, link)
	return nil
}

// addPlan takes the head that the plan recorded.
func (in *input) addPlan(document []byte) error {
	var plan v1alpha1.RolloutPlan
	if err := kjson.UnmarshalCaseSensitivePreserveInts(document, &plan); err != nil {
		return fmt.Errorf("reading a RolloutPlan: %w", err)
	}
	if reports := plan.Status.Reports; reports != nil && reports.Last != nil {
		in.heads = append(in.heads, chain.Head{Plan: plan.Name, Sequence: reports.Last.Sequence, SHA256: reports.Last.SHA256})
	}
	return nil
}
