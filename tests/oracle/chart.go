package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	anyloader "helm.sh/helm/v4/pkg/chart/loader"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/strvals"
)

// Source says where a chart comes from: a path as Helm takes it, or files.
type Source struct {
	Path  string          `json:"path"`
	Files map[string]Text `json:"files"`
	// Files go through a folder on disk, so that .helmignore and symbolic names count.
	Folder bool `json:"folder"`
}

// Load reads the chart as `helm template` does.
func (s Source) Load() (*chart.Chart, error) {
	path := s.Path
	if path == "" && !s.Folder {
		var files []*archive.BufferedFile
		for name, text := range s.Files {
			files = append(files, &archive.BufferedFile{Name: name, Data: []byte(text)})
		}
		// As they would lie in an archive; the order of a map is no order.
		slices.SortFunc(files, func(a, b *archive.BufferedFile) int { return strings.Compare(a.Name, b.Name) })
		return loader.LoadFiles(files)
	}
	if path == "" {
		folder, err := os.MkdirTemp("", "oracle")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(folder)
		for name, text := range s.Files {
			file := filepath.Join(folder, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return nil, err
			}
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				return nil, err
			}
		}
		path = folder
	}
	loaded, err := anyloader.Load(path)
	if err != nil {
		return nil, err
	}
	found, ok := loaded.(*chart.Chart)
	if !ok {
		return nil, errors.New("question: not a chart of version 1 or 2")
	}
	return found, nil
}

// Flags are the options of `helm template` that shape the values.
type Flags struct {
	// Texts of values files.
	Values     []Text   `json:"values"`
	ValueFiles []string `json:"value_files"`
	JSON       []string `json:"set_json"`
	Set        []string `json:"set"`
	String     []string `json:"set_string"`
	File       []string `json:"set_file"`
	Literal    []string `json:"set_literal"`
}

// Merge is MergeValues of Helm's command line, but also takes texts, which it calls values-1.yaml and so on.
func (f Flags) Merge() (map[string]any, error) {
	base := map[string]any{}
	merge := func(name string, text []byte) error {
		next, err := loader.LoadValues(bytes.NewReader(text))
		if err != nil {
			return fmt.Errorf("failed to parse %s: %w", name, err)
		}
		base = loader.MergeMaps(base, next)
		return nil
	}
	for number, text := range f.Values {
		if err := merge(fmt.Sprintf("values-%d.yaml", number+1), []byte(text)); err != nil {
			return nil, err
		}
	}
	for _, path := range f.ValueFiles {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if err := merge(path, text); err != nil {
			return nil, err
		}
	}
	for _, value := range f.JSON {
		if trimmed := strings.TrimSpace(value); strings.HasPrefix(trimmed, "{") {
			var object map[string]any
			if err := json.Unmarshal([]byte(trimmed), &object); err != nil {
				return nil, fmt.Errorf("failed parsing --set-json data JSON: %s", value)
			}
			base = loader.MergeMaps(base, object)
		} else if err := strvals.ParseJSON(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-json data %s", value)
		}
	}
	for _, value := range f.Set {
		if err := strvals.ParseInto(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set data: %w", err)
		}
	}
	for _, value := range f.String {
		if err := strvals.ParseIntoString(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-string data: %w", err)
		}
	}
	for _, value := range f.File {
		read := func(path []rune) (any, error) {
			text, err := os.ReadFile(string(path))
			return string(text), err
		}
		if err := strvals.ParseIntoFile(value, base, read); err != nil {
			return nil, fmt.Errorf("failed parsing --set-file data: %w", err)
		}
	}
	for _, value := range f.Literal {
		if err := strvals.ParseLiteralInto(value, base); err != nil {
			return nil, fmt.Errorf("failed parsing --set-literal data: %w", err)
		}
	}
	return base, nil
}

// Question is what render, template, record, values and bench are asked.
type Question struct {
	Chart Source `json:"chart"`
	Flags
	Name        string   `json:"name"`
	Namespace   string   `json:"namespace"`
	KubeVersion string   `json:"kube_version"`
	APIVersions []string `json:"api_versions"`
	IsUpgrade   bool     `json:"is_upgrade"`
	SkipSchema  bool     `json:"skip_schema"`
	IncludeCRDs bool     `json:"include_crds"`
	NoHooks     bool     `json:"no_hooks"`
	SkipTests   bool     `json:"skip_tests"`
	ShowOnly    []string `json:"show_only"`
	// Objects that lookup finds.
	Cluster []json.RawMessage `json:"cluster"`
}

func (q *Question) read(line json.RawMessage) error {
	if err := json.Unmarshal(line, q); err != nil {
		return fmt.Errorf("question: %w", err)
	}
	if q.Name == "" {
		q.Name = "release-name"
	}
	if q.Namespace == "" {
		q.Namespace = "default"
	}
	return nil
}

// Capabilities as `helm template` makes them up.
func (q *Question) Capabilities() (*common.Capabilities, error) {
	found := common.DefaultCapabilities.Copy()
	if q.KubeVersion != "" {
		parsed, err := common.ParseKubeVersion(q.KubeVersion)
		if err != nil {
			return nil, fmt.Errorf("invalid kube version '%s': %w", q.KubeVersion, err)
		}
		found.KubeVersion = *parsed
	}
	found.APIVersions = append(found.APIVersions, q.APIVersions...)
	return found, nil
}

// RenderValues is the top of the values that templates see.
func (q *Question) RenderValues(chrt *chart.Chart, values map[string]any) (common.Values, error) {
	capabilities, err := q.Capabilities()
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(chrt, values); err != nil {
		return nil, fmt.Errorf("chart dependencies processing failed: %w", err)
	}
	options := common.ReleaseOptions{
		Name: q.Name, Namespace: q.Namespace, Revision: 1, IsInstall: !q.IsUpgrade, IsUpgrade: q.IsUpgrade,
	}
	return util.ToRenderValuesWithSchemaValidation(chrt, values, options, capabilities, q.SkipSchema)
}

// render: the text of every template. {"chart", flags, "name", …} → {"files": {path: text}}
func render(line json.RawMessage) (Answer, error) {
	var question Question
	if err := question.read(line); err != nil {
		return nil, err
	}
	values, err := question.Merge()
	if err != nil {
		return nil, err
	}
	chrt, err := question.Chart.Load()
	if err != nil {
		return nil, err
	}
	top, err := question.RenderValues(chrt, values)
	if err != nil {
		return nil, err
	}
	lookups, err := question.lookups()
	if err != nil {
		return nil, err
	}
	files, err := engine.Engine{CustomTemplateFuncs: lookups}.Render(chrt, top)
	if err != nil {
		return nil, err
	}
	texts := map[string]Text{}
	for name, text := range files {
		texts[name] = Text(text)
	}
	return Answer{"files": texts}, nil
}

// values: what templates see as .Values, as JSON. The same question as render.
func values(line json.RawMessage) (Answer, error) {
	var question Question
	if err := question.read(line); err != nil {
		return nil, err
	}
	values, err := question.Merge()
	if err != nil {
		return nil, err
	}
	if question.Chart.Path == "" && question.Chart.Files == nil {
		return Answer{"values": values}, nil
	}
	chrt, err := question.Chart.Load()
	if err != nil {
		return nil, err
	}
	top, err := question.RenderValues(chrt, values)
	if err != nil {
		return nil, err
	}
	return Answer{"values": top["Values"]}, nil
}

// expression: templates of a chart held in memory, one after the other, each with the same values.
// {"templates": [text], "values": [yaml]} → {"answers": [{"text"} or {"error"}]}
func expression(line json.RawMessage) (Answer, error) {
	var question struct {
		Templates []Text `json:"templates"`
		Values    []Text `json:"values"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	capabilities := common.DefaultCapabilities
	options := common.ReleaseOptions{Name: "release-name", Namespace: "default", Revision: 1, IsInstall: true}
	answers := []Answer{}
	for _, text := range question.Templates {
		answers = append(answers, expressionOne(string(text), question.Values, options, capabilities))
	}
	return Answer{"answers": answers}, nil
}

func expressionOne(text string, texts []Text, options common.ReleaseOptions, capabilities *common.Capabilities) (out Answer) {
	defer func() {
		if cause := recover(); cause != nil {
			out = Answer{"panic": fmt.Sprint(cause)}
		}
	}()
	values, err := Flags{Values: texts}.Merge()
	if err != nil {
		return Answer{"error": Text(err.Error())}
	}
	chrt := &chart.Chart{
		Metadata:  &chart.Metadata{APIVersion: "v2", Name: "c", Version: "1.0.0"},
		Templates: []*common.File{{Name: "templates/t", Data: []byte(text)}},
	}
	top, err := util.ToRenderValues(chrt, values, options, capabilities)
	if err != nil {
		return Answer{"error": Text(err.Error())}
	}
	files, err := engine.Render(chrt, top)
	if err != nil {
		return Answer{"error": Text(err.Error())}
	}
	return Answer{"text": Text(files["c/templates/t"])}
}

// version: which Helm this is.
func version(json.RawMessage) (Answer, error) {
	found := "unknown"
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == "helm.sh/helm/v4" {
				found = module.Version
			}
		}
	}
	return Answer{"helm": found, "capabilities": common.DefaultCapabilities}, nil
}

// schema: {"schema": text, "values": [yaml]} → nothing or an error
func validateSchema(line json.RawMessage) (Answer, error) {
	var question struct {
		Schema Text   `json:"schema"`
		Values []Text `json:"values"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	values, err := Flags{Values: question.Values}.Merge()
	if err != nil {
		return nil, err
	}
	return nil, util.ValidateAgainstSingleSchema(values, []byte(question.Schema))
}
