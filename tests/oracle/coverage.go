package main

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template/parse"

	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/engine"
)

// The function that the changed templates call when a branch is entered.
const markName = "oracleBranchEntered"

// marks is what one chart's branches are, and which of them were entered.
type marks struct {
	all     []string
	entered map[string]bool
	// Where the template being marked stands in its file.
	file string
	text string
}

// coverage: which branches of a chart's templates a number of value sets reach. A branch is the body of a template,
// an if, else, with or range, and the way past each of them that has no else.
// {"chart", "cases": [the fields of render]} → {"branches": n, "reached": n, "missed": [place], "answers": [error or ""]}
func coverage(line json.RawMessage) (Answer, error) {
	var question struct {
		Chart Source            `json:"chart"`
		Cases []json.RawMessage `json:"cases"`
	}
	if err := json.Unmarshal(line, &question); err != nil {
		return nil, fmt.Errorf("question: %w", err)
	}
	found := &marks{entered: map[string]bool{}}
	first := true
	var answers []string
	for _, one := range question.Cases {
		chrt, err := question.Chart.Load()
		if err != nil {
			return nil, err
		}
		collect := found
		if !first {
			collect = &marks{entered: found.entered}
		}
		if err := collect.chart(chrt); err != nil {
			return nil, err
		}
		first = false
		var asked Question
		if err := asked.read(one); err != nil {
			return nil, err
		}
		answers = append(answers, found.run(&asked, chrt))
	}
	missed := []string{}
	for _, place := range found.all {
		if !found.entered[place] {
			missed = append(missed, place)
		}
	}
	return Answer{
		"branches": len(found.all), "reached": len(found.all) - len(missed), "missed": missed, "answers": answers,
	}, nil
}

func (m *marks) run(asked *Question, chrt *chart.Chart) string {
	values, err := asked.Merge()
	if err != nil {
		return err.Error()
	}
	top, err := asked.RenderValues(chrt, values)
	if err != nil {
		return err.Error()
	}
	functions, err := asked.lookups()
	if err != nil {
		return err.Error()
	}
	functions[markName] = func(place string) string {
		m.entered[place] = true
		return ""
	}
	if _, err := (engine.Engine{CustomTemplateFuncs: functions}).Render(chrt, top); err != nil {
		return err.Error()
	}
	return ""
}

// chart replaces the templates of a chart and its subcharts by marked ones.
func (m *marks) chart(chrt *chart.Chart) error {
	for _, file := range chrt.Templates {
		text, err := m.mark(chrt.Name()+"/"+file.Name, string(file.Data))
		if err != nil {
			return err
		}
		file.Data = []byte(text)
	}
	for _, child := range chrt.Dependencies() {
		if err := m.chart(child); err != nil {
			return err
		}
	}
	return nil
}

func (m *marks) mark(file, text string) (string, error) {
	m.file, m.text = file, text
	trees := map[string]*parse.Tree{}
	tree := parse.New(file)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		return "", err
	}
	var names []string
	for name := range trees {
		names = append(names, name)
	}
	slices.Sort(names)
	out := ""
	for _, name := range names {
		// Files of definitions are never executed themselves.
		if name == file && strings.HasPrefix(path.Base(file), "_") {
			continue
		}
		m.list(trees[name].Root, "template "+name)
		if name != file {
			out += fmt.Sprintf("{{define %q}}%s{{end}}", name, trees[name].Root)
		}
	}
	if main, ok := trees[file]; ok && !strings.HasPrefix(path.Base(file), "_") {
		out += main.Root.String()
	}
	return out, nil
}

// list marks a body as one branch and goes on into what it holds.
func (m *marks) list(list *parse.ListNode, what string) {
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.IfNode:
			m.branch(&node.BranchNode, "if")
		case *parse.WithNode:
			m.branch(&node.BranchNode, "with")
		case *parse.RangeNode:
			m.branch(&node.BranchNode, "range")
		}
	}
	line := 1
	for _, character := range m.text[:list.Position()] {
		if character == '\n' {
			line++
		}
	}
	place := fmt.Sprintf("%s:%d: %s", m.file, line, what)
	m.all = append(m.all, place)
	call := &parse.TextNode{NodeType: parse.NodeText, Text: fmt.Appendf(nil, "{{%s %q}}", markName, place)}
	list.Nodes = append([]parse.Node{call}, list.Nodes...)
}

func (m *marks) branch(node *parse.BranchNode, what string) {
	m.list(node.List, fmt.Sprintf("%s %s", what, node.Pipe))
	if node.ElseList == nil {
		node.ElseList = &parse.ListNode{NodeType: parse.NodeList, Pos: node.List.Position()}
	}
	m.list(node.ElseList, fmt.Sprintf("%s %s: else", what, node.Pipe))
}
