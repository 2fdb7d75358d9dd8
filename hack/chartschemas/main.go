// Command chartschemas writes the JSON schemas by which kubeconform judges rendered charts, because the usual ones would be downloaded. They come from
// what clusters themselves go by: the OpenAPI document of the Kubernetes release that the local cluster is built from, and the
// CustomResourceDefinitions of everything that a chart makes objects of.
//
//	go run ./hack/chartschemas -openapi <swagger.json> -o <directory> <definition or directory of definitions>...
//
// Every schema is strict: a field that is not in it is an error. It stands by itself and is named <kind>-<group>-<version>.json, as kubeconform looks for it.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	openAPI := flag.String("openapi", "", "The OpenAPI document of a Kubernetes release, version 2.")
	into := flag.String("o", "", "Directory to write into.")
	flag.Parse()
	if err := run(*openAPI, *into, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "chartschemas:", err)
		os.Exit(1)
	}
}

func run(openAPI, into string, definitions []string) error {
	if openAPI == "" || into == "" {
		return errors.New("say where the OpenAPI document is with -openapi, and where to write with -o")
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return fmt.Errorf("making the directory: %w", err)
	}
	if err := kubernetes(openAPI, into); err != nil {
		return fmt.Errorf("%s: %w", openAPI, err)
	}
	for _, path := range definitions {
		files := []string{path}
		if info, err := os.Stat(path); err != nil {
			return fmt.Errorf("looking for definitions: %w", err)
		} else if info.IsDir() {
			if files, err = filepath.Glob(filepath.Join(path, "*.yaml")); err != nil {
				return fmt.Errorf("listing %s: %w", path, err)
			}
		}
		for _, file := range files {
			if err := custom(file, into); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

// node is a schema, or a part of one.
type node = map[string]any

// write stores the schema of one kind. To kubeconform, the group of a kind that has none is its version.
func write(into, group, version, kind string, schema node) error {
	name := strings.ToLower(kind) + "-" + cmp.Or(group, version)
	text, err := json.Marshal(schema)
	if err != nil {
		return fmt.Errorf("writing the schema of %s: %w", kind, err)
	}
	return os.WriteFile(filepath.Join(into, name+"-"+version+".json"), text, 0o644)
}

// harden makes a schema strict: what has fields has no others. It also puts JSON Schema in the place of what only Kubernetes knows.
func harden(value any) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			harden(item)
		}
	case node:
		for key, item := range value {
			if named, ok := item.(node); ok && (key == "properties" || key == "definitions") {
				for _, of := range named { // The names are those of fields and not of keywords.
					harden(of)
				}
				continue
			}
			harden(item)
		}
		hardenOne(value)
	}
}

func hardenOne(schema node) {
	_, hasFields := schema["properties"].(node)
	_, hasOthers := schema["additionalProperties"]
	takesAny, _ := schema["x-kubernetes-preserve-unknown-fields"].(bool)
	if hasFields && !hasOthers && !takesAny {
		schema["additionalProperties"] = false
	}
	numberOrText, _ := schema["x-kubernetes-int-or-string"].(bool)
	if numberOrText || schema["format"] == "int-or-string" {
		delete(schema, "format")
		schema["type"] = []any{"string", "integer"}
	}
}
