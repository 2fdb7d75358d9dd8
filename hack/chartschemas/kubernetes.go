package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

const (
	references = "#/definitions/"
	quantity   = "io.k8s.apimachinery.pkg.api.resource.Quantity"
)

// kubernetes writes a schema for every kind that the OpenAPI document tells of.
func kubernetes(openAPI, into string) error {
	text, err := os.ReadFile(openAPI)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	var document struct {
		Definitions map[string]node `json:"definitions"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if len(document.Definitions) == 0 {
		return fmt.Errorf("there are no definitions in it; it is to be a document of OpenAPI 2")
	}
	for _, definition := range document.Definitions {
		harden(definition)
	}
	// A quantity is a text in the document, and the API server takes a number as well.
	document.Definitions[quantity] = node{"type": []any{"string", "number"}}
	for name, definition := range document.Definitions {
		kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 { // Options of requests belong to every group.
			continue
		}
		of, _ := kinds[0].(node)
		group, _ := of["group"].(string)
		version, _ := of["version"].(string)
		kind, _ := of["kind"].(string)
		schema := node{"$ref": references + name, "definitions": closure(document.Definitions, name)}
		if err := write(into, group, version, kind, schema); err != nil {
			return err
		}
	}
	return nil
}

// closure are the definitions that one refers to, by way of others too, and itself.
func closure(definitions map[string]node, name string) node {
	found := node{}
	var add func(string)
	var follow func(any)
	add = func(name string) {
		if _, known := found[name]; !known {
			found[name] = definitions[name]
			follow(definitions[name])
		}
	}
	follow = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, item := range value {
				follow(item)
			}
		case node:
			for key, item := range value {
				if reference, ok := item.(string); ok && key == "$ref" {
					add(strings.TrimPrefix(reference, references))
					continue
				}
				follow(item)
			}
		}
	}
	add(name)
	return found
}
