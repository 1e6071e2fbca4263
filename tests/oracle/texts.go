package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"helm.sh/helm/v4/pkg/strvals"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

// yaml: {"texts": [yaml]} → {"answers": [{"json", "yaml", "pretty"} or {"error"}]}: what a text means, and how Helm
// writes that meaning again.
func readYAML(line json.RawMessage) (Answer, error) {
	return each(line, func(text []byte) (Answer, error) {
		var value any
		if err := yaml.Unmarshal(text, &value); err != nil {
			return nil, err
		}
		return written(value)
	})
}

// json: {"texts": [json]} → the same for a text of JSON.
func readJSON(line json.RawMessage) (Answer, error) {
	return each(line, func(text []byte) (Answer, error) {
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			return nil, err
		}
		return written(value)
	})
}

func each(line json.RawMessage, one func([]byte) (Answer, error)) (Answer, error) {
	var question struct {
		Texts []Text `json:"texts"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	answers := []Answer{}
	for _, text := range question.Texts {
		answers = append(answers, guarded(func() (Answer, error) { return one([]byte(text)) }))
	}
	return Answer{"answers": answers}, nil
}

func guarded(one func() (Answer, error)) (out Answer) {
	defer func() {
		if cause := recover(); cause != nil {
			out = Answer{"panic": fmt.Sprint(cause)}
		}
	}()
	out, err := one()
	if err != nil {
		return Answer{"error": Text(err.Error())}
	}
	return out
}

// written is a value in each of Helm's notations.
func written(value any) (Answer, error) {
	asJSON, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	asYAML, err := yaml.Marshal(value)
	if err != nil {
		return nil, err
	}
	var pretty bytes.Buffer
	encoder := goyaml.NewEncoder(&pretty)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return Answer{"json": Text(asJSON), "yaml": Text(asYAML), "pretty": Text(pretty.String())}, nil
}

// set: {"sets": [{"kind": "set|string|json|literal", "text", "base": yaml}]} → {"answers": [{"json"} or {"error"}]}
func parseSet(line json.RawMessage) (Answer, error) {
	var question struct {
		Sets []struct {
			Kind, Text, Base string
		} `json:"sets"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	parsers := map[string]func(string, map[string]any) error{
		"set":     strvals.ParseInto,
		"string":  strvals.ParseIntoString,
		"json":    strvals.ParseJSON,
		"literal": strvals.ParseLiteralInto,
	}
	answers := []Answer{}
	for _, set := range question.Sets {
		answers = append(answers, guarded(func() (Answer, error) {
			base := map[string]any{}
			if err := yaml.Unmarshal([]byte(set.Base), &base); err != nil {
				return nil, err
			}
			err := parsers[set.Kind](set.Text, base)
			// A failed text may have set values before it failed.
			found, failure := json.Marshal(base)
			if failure != nil {
				return nil, failure
			}
			out := Answer{"json": Text(found)}
			if err != nil {
				out["error"] = Text(err.Error())
			}
			return out, nil
		}))
	}
	return Answer{"answers": answers}, nil
}
