package main

import (
	"encoding/json"
	"reflect"

	"github.com/Masterminds/sprig/v3"
)

// functions: the functions of sprig that Helm has, with what they take. {} → {"functions": {name: [type]}}, where the
// last type of a variadic function begins with dots.
func functions(json.RawMessage) (Answer, error) {
	found := map[string][]string{}
	for name, function := range sprig.TxtFuncMap() {
		if name == "env" || name == "expandenv" {
			continue
		}
		shape := reflect.TypeOf(function)
		types := []string{}
		for position := range shape.NumIn() {
			if shape.IsVariadic() && position == shape.NumIn()-1 {
				types = append(types, "..."+shape.In(position).Elem().String())
			} else {
				types = append(types, shape.In(position).String())
			}
		}
		found[name] = types
	}
	return Answer{"functions": found}, nil
}
