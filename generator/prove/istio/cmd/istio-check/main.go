// Command istio-check runs Istio's own validation, that of istiod's webhook, on each Istio document of YAML files; a finding is a line of JSON.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
)

type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

func main() {
	log.SetFlags(0)
	output := json.NewEncoder(os.Stdout)
	for _, file := range os.Args[1:] {
		content, err := os.ReadFile(file)
		if err != nil {
			log.Fatal(err)
		}
		for _, document := range split(string(content)) {
			warning, err := check(document.text)
			report(output, finding{file, document.line, "warning", ""}, warning)
			report(output, finding{file, document.line, "error", ""}, err)
		}
	}
}

type document struct {
	line int
	text string
}

// split keeps the number of the line that each document begins at, which is not its comment.
func split(content string) []document {
	documents := []document{{}}
	for index, line := range strings.SplitAfter(content, "\n") {
		if strings.HasPrefix(line, "---") {
			documents = append(documents, document{})
			continue
		}
		last := &documents[len(documents)-1]
		last.text += line
		if text := strings.TrimSpace(line); last.line == 0 && text != "" && text[0] != '#' {
			last.line = index + 1
		}
	}
	return documents
}

// check leaves what is not Istio's to others, and says all that Istio says of the rest.
func check(text string) (warning, refusal error) {
	content := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &content); err != nil {
		return nil, err
	}
	object := unstructured.Unstructured{Object: content}
	kind := object.GroupVersionKind()
	if !strings.HasSuffix(kind.Group, ".istio.io") {
		return nil, nil
	}
	schema, known := collections.Pilot.FindByGroupVersionAliasesKind(config.FromKubernetesGVK(kind))
	if !known {
		return nil, fmt.Errorf("Istio has no %s in %s", kind.Kind, object.GetAPIVersion())
	}
	for key := range content {
		switch key {
		case "apiVersion", "kind", "metadata", "spec", "status":
		default:
			return nil, fmt.Errorf("unknown field %q", key)
		}
	}
	raw, err := json.Marshal(content["spec"])
	if err != nil {
		return nil, err
	}
	spec, err := schema.NewInstance()
	if err != nil {
		return nil, err
	}
	if err := config.ApplyJSONStrict(spec, string(raw)); err != nil {
		return nil, err
	}
	meta := config.Meta{
		GroupVersionKind: schema.GroupVersionKind(),
		Name:             object.GetName(),
		Namespace:        cmp.Or(object.GetNamespace(), "default"),
		Labels:           object.GetLabels(),
		Annotations:      object.GetAnnotations(),
	}
	return schema.ValidateConfig(config.Config{Meta: meta, Spec: spec})
}

// report writes a line for each of the errors that Istio collected in one.
func report(output *json.Encoder, found finding, err error) {
	switch several := err.(type) {
	case nil:
	case interface{ WrappedErrors() []error }:
		for _, each := range several.WrappedErrors() {
			report(output, found, each)
		}
	case interface{ Unwrap() []error }:
		for _, each := range several.Unwrap() {
			report(output, found, each)
		}
	default:
		found.Message = err.Error()
		if err := output.Encode(found); err != nil {
			log.Fatal(err)
		}
	}
}
