// The judge of our charts: answers with what the real Helm does.
//
// One JSON object a line comes in on stdin, one goes out on stdout, in the same order. `operation` says what is asked;
// each operation's fields stand beside its function. Answers hold either what was asked for or `error`, and `panic`
// where Helm itself would have crashed.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"unicode/utf8"
)

// Text is a string of bytes that need not be UTF-8: those that are not travel as {"base64": …}.
type Text string

// MarshalJSON writes a plain string where that loses nothing.
func (t Text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(t))})
}

// UnmarshalJSON reads both forms.
func (t *Text) UnmarshalJSON(data []byte) error {
	var plain string
	if json.Unmarshal(data, &plain) == nil {
		*t = Text(plain)
		return nil
	}
	var coded struct {
		Base64 []byte `json:"base64"`
	}
	err := json.Unmarshal(data, &coded)
	*t = Text(coded.Base64)
	return err
}

// Answer is what goes out for one question.
type Answer map[string]any

var operations = map[string]func(json.RawMessage) (Answer, error){
	"version":    version,
	"functions":  functions,
	"render":     render,
	"template":   template,
	"expression": expression,
	"values":     values,
	"yaml":       readYAML,
	"json":       readJSON,
	"set":        parseSet,
	"schema":     validateSchema,
	"record":     writeRecord,
	"read":       readRecord,
	"bench":      bench,
	"coverage":   coverage,
}

// What Helm would have written to stderr while it answered.
var warnings strings.Builder

func answer(line []byte) (out Answer) {
	defer func() {
		if cause := recover(); cause != nil {
			out = Answer{"panic": fmt.Sprint(cause)}
		}
		if warnings.Len() > 0 {
			out["warnings"] = Text(warnings.String())
			warnings.Reset()
		}
	}()
	var head struct {
		Operation string `json:"operation"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return Answer{"error": Text("question: " + err.Error())}
	}
	operation, known := operations[head.Operation]
	if !known {
		return Answer{"error": Text("question: no operation " + head.Operation)}
	}
	out, err := operation(line)
	if out == nil {
		out = Answer{}
	}
	if err != nil {
		out["error"] = Text(err.Error())
	}
	return out
}

func main() {
	log.SetOutput(&warnings)
	log.SetFlags(0)
	slog.SetDefault(slog.New(slog.NewTextHandler(&warnings, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(_ []string, attribute slog.Attr) slog.Attr {
			if attribute.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attribute
		},
	})))
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	writer := json.NewEncoder(out)
	writer.SetEscapeHTML(false)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			if err := writer.Encode(answer(line)); err != nil {
				_ = writer.Encode(Answer{"error": Text("answer: " + err.Error())})
			}
		}
		if in.Buffered() == 0 || err != nil {
			if err := out.Flush(); err != nil {
				os.Exit(1)
			}
		}
		if err == io.EOF {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
