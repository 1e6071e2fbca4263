package main

import (
	"fmt"
	gotemplate "text/template"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// lookups is `lookup` over the objects of the question, as Helm's finds them in a cluster: one object by its name, all
// of a kind as a list without a name, an empty map for what is not there.
func (q *Question) lookups() (gotemplate.FuncMap, error) {
	var objects []*unstructured.Unstructured
	for _, text := range q.Cluster {
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			return nil, fmt.Errorf("question: %w", err)
		}
		objects = append(objects, object)
	}
	lookup := func(version, kind, namespace, name string) (map[string]any, error) {
		items := []any{}
		for _, object := range objects {
			if object.GetAPIVersion() != version || object.GetKind() != kind {
				continue
			}
			if namespace != "" && object.GetNamespace() != namespace {
				continue
			}
			if name != "" && object.GetName() == name {
				return object.UnstructuredContent(), nil
			}
			items = append(items, object.UnstructuredContent())
		}
		if name != "" {
			return map[string]any{}, nil
		}
		return map[string]any{"apiVersion": version, "kind": kind + "List", "items": items}, nil
	}
	return gotemplate.FuncMap{"lookup": lookup}, nil
}
