//! What an observer is told.

use std::fmt::Write;
use std::rc::Rc;

use super::super::{Budget, Observer, Origin, Site, Tree};
use super::{set, value};

/// Writes down everything.
#[derive(Default)]
struct Notes(String);

impl Observer for Notes {
    fn entered(&mut self, tree: &Tree, call: Option<Site<'_>>, is_captured: bool) {
        let from = call.map_or("nothing".to_owned(), |site| site.tree.print(site.node));
        let how = if is_captured { "captured " } else { "" };
        let _ = writeln!(self.0, "{how}{} from {from}", tree.name);
    }

    fn left(&mut self) {
        self.0.push_str("left\n");
    }

    fn wrote(&mut self, site: Site<'_>, bytes: &[u8]) {
        let place = site.tree.place(site.tree.node(site.node).start);
        let text = String::from_utf8_lossy(bytes);
        let _ = writeln!(self.0, "{}:{}:{} wrote {text:?}", site.tree.file, place.line, place.column);
    }

    fn read(&mut self, _site: Site<'_>, origin: Option<&Origin>, fields: &[Rc<str>]) {
        let start = origin.map_or("?".to_owned(), ToString::to_string);
        let _ = writeln!(self.0, "read {start}.{}", fields.join("."));
    }
}

#[test]
fn output_is_traced_to_templates_and_values() {
    let data = serde_json::json!({"Values": {"image": {"tag": "1"}, "list": [{"name": "n"}], "none": null}});
    let set = set(&[
        ("h.tpl", "{{define \"tag\"}}{{.image.tag}}{{end}}"),
        (
            "t",
            "a: {{ include \"tag\" .Values | upper }}\n{{range $x := .Values.list}}{{with .}}{{$x.name}}{{.nope}}{{end}}{{end}}{{template \"tag\" .Values}}{{(dict \"a\" 1).a}}",
        ),
    ]);
    let mut notes = Notes::default();
    let output = set.execute("t", &value(&data), &Budget::default(), Some(&mut notes)).expect("it runs");
    assert_eq!(output.to_string(), "a: 1\nn<no value>11");
    let expected = "t from nothing
t:1:0 wrote \"a: \"
read .Values
captured tag from include \"tag\" .Values
read .Values.image.tag
h.tpl:1:16 wrote \"1\"
left
t:1:3 wrote \"1\"
t:1:38 wrote \"\\n\"
read .Values.list
read .Values.list[0].name
t:2:38 wrote \"n\"
read .Values.list[0].nope
t:2:49 wrote \"<no value>\"
read .Values
tag from {{template \"tag\" .Values}}
read .Values.image.tag
h.tpl:1:16 wrote \"1\"
left
read ?.a
t:2:98 wrote \"1\"
left
";
    assert_eq!(notes.0, expected);
}
