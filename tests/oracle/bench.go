package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

// bench: the chart is loaded once, then rendered many times. The fields of render, and "times".
// → {"engine": {"median", "least"}, "whole": {…}} in nanoseconds. The engine parses and executes, as it does in every
// real call; whole adds what comes before and after: reading values, coalescing, sorting of documents.
func bench(line json.RawMessage) (Answer, error) {
	var question Question
	if err := question.read(line); err != nil {
		return nil, err
	}
	var more struct {
		Times int `json:"times"`
	}
	if err := json.Unmarshal(line, &more); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	chrt, err := question.Chart.Load()
	if err != nil {
		return nil, err
	}
	var inside, whole []int64
	for range max(more.Times, 1) {
		began := time.Now()
		values, err := question.Merge()
		if err != nil {
			return nil, err
		}
		top, err := question.RenderValues(chrt, values)
		if err != nil {
			return nil, err
		}
		entered := time.Now()
		files, err := engine.Render(chrt, top)
		if err != nil {
			return nil, err
		}
		inside = append(inside, time.Since(entered).Nanoseconds())
		for name := range files {
			if len(name) >= 9 && name[len(name)-9:] == "NOTES.txt" {
				delete(files, name)
			}
		}
		if _, _, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder); err != nil {
			return nil, err
		}
		whole = append(whole, time.Since(began).Nanoseconds())
	}
	return Answer{"engine": summary(inside), "whole": summary(whole)}, nil
}

func summary(samples []int64) map[string]int64 {
	slices.Sort(samples)
	return map[string]int64{"median": samples[len(samples)/2], "least": samples[0]}
}
