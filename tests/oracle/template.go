package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	ci "helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
)

// release makes the release that `helm template` prints. The rest of that command has no function to call; its steps
// stand here again, and the tests compare some answers with the real command's.
func (q *Question) release() (*release.Release, error) {
	configuration := action.NewConfiguration()
	lookups, err := q.lookups()
	if err != nil {
		return nil, err
	}
	configuration.CustomTemplateFuncs = lookups
	client := action.NewInstall(configuration)
	if q.KubeVersion != "" {
		parsed, err := common.ParseKubeVersion(q.KubeVersion)
		if err != nil {
			return nil, fmt.Errorf("invalid kube version '%s': %w", q.KubeVersion, err)
		}
		client.KubeVersion = parsed
	}
	client.DryRunStrategy = action.DryRunClient
	client.ReleaseName = q.Name
	client.Namespace = q.Namespace
	client.Replace = true
	client.APIVersions = common.VersionSet(q.APIVersions)
	client.IncludeCRDs = q.IncludeCRDs
	client.IsUpgrade = q.IsUpgrade
	client.SkipSchemaValidation = q.SkipSchema
	values, err := q.Merge()
	if err != nil {
		return nil, err
	}
	chrt, err := q.Chart.Load()
	if err != nil {
		return nil, err
	}
	accessor, err := ci.NewAccessor(chrt)
	if err != nil {
		return nil, err
	}
	if kind := chrt.Metadata.Type; kind != "" && kind != "application" {
		return nil, fmt.Errorf("%s charts are not installable", kind)
	}
	if required := accessor.MetaDependencies(); len(required) > 0 {
		if err := action.CheckDependencies(chrt, required); err != nil {
			return nil, fmt.Errorf("an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: %w", err)
		}
	}
	made, err := client.RunWithContext(context.Background(), chrt, values)
	found, ok := made.(*release.Release)
	if made != nil && !ok {
		return nil, errors.New("question: a release of another version")
	}
	return found, err
}

// template: what `helm template` writes to stdout. The fields of render, and no_hooks, skip_tests, show_only.
// {…} → {"stdout": text, "notes": text}; an error is what stands after `Error: ` on stderr.
func template(line json.RawMessage) (Answer, error) {
	var question Question
	if err := question.read(line); err != nil {
		return nil, err
	}
	found, err := question.release()
	if err != nil && found != nil {
		return nil, fmt.Errorf("%w\n\nUse --debug flag to render out invalid YAML", err)
	} else if err != nil {
		return nil, err
	}
	var manifests bytes.Buffer
	fmt.Fprintln(&manifests, strings.TrimSpace(found.Manifest))
	for _, hook := range found.Hooks {
		if question.NoHooks || question.SkipTests && slices.Contains(hook.Events, release.HookTest) {
			continue
		}
		fmt.Fprintf(&manifests, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	text := manifests.String()
	if len(question.ShowOnly) > 0 {
		if text, err = only(text, question.ShowOnly); err != nil {
			return nil, err
		}
	}
	return Answer{"stdout": Text(text), "notes": Text(found.Info.Notes)}, nil
}

var sourceLine = regexp.MustCompile("# Source: [^/]+/(.+)")

// only leaves the documents whose template fits one of the patterns.
func only(text string, patterns []string) (string, error) {
	documents := releaseutil.SplitManifests(text)
	var names []string
	for name := range documents {
		names = append(names, name)
	}
	sort.Sort(releaseutil.BySplitManifestsOrder(names))
	var out strings.Builder
	for _, pattern := range patterns {
		missing := true
		for _, name := range names {
			source := sourceLine.FindStringSubmatch(documents[name])
			if len(source) == 0 {
				continue
			}
			if fits, _ := filepath.Match(pattern, source[1]); fits {
				fmt.Fprintf(&out, "---\n%s\n", documents[name])
				missing = false
			}
		}
		if missing {
			return "", fmt.Errorf("could not find template %s in chart", pattern)
		}
	}
	return out.String(), nil
}
