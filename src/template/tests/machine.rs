//! What errors and sets offer beyond Go's texts.

use super::super::{Budget, CallError, ExecutionError, NodeKind, ParseError, TemplateSet, Value};
use super::{functions, run, set, value};

fn failed(text: &str) -> ExecutionError {
    let data = serde_json::json!({"Values": {"image": {"repository": "r", "tag": "t"}, "replicas": 1}});
    run(text, &value(&data)).expect_err("it fails")
}

fn refused(text: &str) -> ParseError {
    set(&[]).add("t", text).expect_err("it is no template")
}

#[test]
fn levels_are_those_of_go_wrapped_errors() {
    let error =
        failed("{{define \"a\"}}\n {{include \"b\" .}}{{end}}{{define \"b\"}}{{boom}}{{end}}{{include \"a\" .}}");
    let inner = "template: t:2:41: executing \"b\" at <boom>: error calling boom: boom went off";
    let middle = format!("template: t:2:3: executing \"a\" at <include \"b\" .>: error calling include: {inner}");
    let outer = format!("template: t:2:56: executing \"t\" at <include \"a\" .>: error calling include: {middle}");
    assert_eq!(error.levels(), [outer, middle, inner.to_owned(), "boom went off".to_owned()]);
    let site = error.innermost().site.as_ref().expect("a place");
    assert_eq!((&*site.template, site.place.line, site.place.column), ("b", 2, 41));
}

#[test]
fn a_text_that_is_no_template_is_told_from_one_that_fails() {
    let error = failed("{{tpl \"{{\" .}}");
    let Some(CallError::Wrapped { message, cause }) = error.cause.as_deref() else { panic!("{error:?}") };
    assert_eq!(message, "cannot parse template \"{{\": ");
    assert!(matches!(&**cause, CallError::Parsing(parsing) if parsing.message == "unclosed action"));
    assert_eq!(error.levels().last().map(String::as_str), Some("template: gotpl:1: unclosed action"));
}

#[test]
fn a_name_that_no_template_has() {
    let set = set(&[("a.yaml", "")]);
    let error = set.execute("b.yaml", &Value::Nil, &Budget::default(), None).expect_err("there is none");
    assert_eq!(error.to_string(), "template: no template \"b.yaml\" associated with template \"gotpl\"");
    assert!(error.site.is_none());
}

#[test]
fn near_names_are_suggested() {
    assert_eq!(refused("{{uper .x}}").suggestions, ["upper"]);
    assert_eq!(refused("{{$name := 1}}{{$nmae}}").suggestions, ["$name"]);
    assert!(refused("{{somethingElse .x}}").suggestions.is_empty());
    assert_eq!(failed("{{.Values.imagee.tag.x}}").suggestions, ["image"]);
    assert_eq!(failed("{{.Value.image.tag}}").suggestions, ["Values"]);
    assert_eq!(failed("{{define \"labels\"}}{{end}}{{template \"lables\"}}").suggestions, ["labels"]);
    assert!(failed("{{.Values.other.tag}}").suggestions.is_empty());
}

#[test]
fn errors_name_the_text_of_the_node() {
    let text = "a\n  {{ .Values.nope.tag }}";
    let site = failed(text).site.clone().expect("a place");
    assert_eq!(&text[site.start as usize..site.end as usize], ".Values.nope.tag");
    let error = refused("a\n{{ nofunc 1 }}");
    assert_eq!((error.line, &"a\n{{ nofunc 1 }}"[error.offset..error.offset + 6]), (2, "nofunc"));
}

#[test]
fn a_clone_keeps_what_it_gets_to_itself() {
    let mut first = set(&[("a", "{{define \"x\"}}1{{end}}{{template \"x\"}}")]);
    let mut second = first.clone();
    second.add("b", "{{define \"x\"}}2{{end}}").expect("it parses");
    first.add("c", "{{define \"y\"}}3{{end}}").expect("it parses");
    let run = |set: &TemplateSet| set.execute("a", &Value::Nil, &Budget::default(), None).map(|text| text.to_string());
    assert_eq!(run(&first), Ok("1".to_owned()));
    assert_eq!(run(&second), Ok("2".to_owned()));
    assert!(second.get("y").is_none() && first.get("b").is_none());
    assert_eq!(first.names().iter().map(|name| &**name).collect::<Vec<_>>(), ["a", "c", "x", "y"]);
}

#[test]
fn missing_keys_may_be_errors() {
    for (text, expected) in [
        ("{{.nope}}", "template: t:1:2: executing \"t\" at <.nope>: map has no entry for key \"nope\""),
        ("{{$x := .none}}{{$x.y}}", "template: t:1:19: executing \"t\" at <$x.y>: nil data; no entry for key \"y\""),
    ] {
        let data = value(&serde_json::json!({"none": null}));
        let error = set(&[("t", text)]).needing_keys().execute("t", &data, &Budget::default(), None);
        assert_eq!(error.expect_err("a key is missing").to_string(), expected);
    }
}

#[test]
fn keywords_give_way_to_functions_of_their_name() {
    let own = functions::all().into_iter().find(|(name, _)| *name == "boom").map(|(_, function)| ("break", function));
    let mut set = TemplateSet::new("gotpl", own);
    set.add("t", "{{break}}").expect("a call of a function");
    let error = set.execute("t", &Value::Nil, &Budget::default(), None).expect_err("it fails");
    assert_eq!(error.to_string(), "template: t:1:2: executing \"t\" at <break>: error calling break: boom went off");
}

#[test]
fn trees_can_be_walked_with_places() {
    let mut set = set(&[]);
    let tree = set.add("t", "x\n{{if .a}}\n  {{- .Values.b.c | upper }}{{end}}").expect("it parses");
    let mut found = Vec::new();
    for (id, node) in tree.nodes() {
        if let NodeKind::Field(fields) | NodeKind::Variable { fields, .. } = &node.kind {
            let place = tree.place(node.start);
            found.push((
                fields.join("."),
                place.line,
                place.column,
                String::from_utf8_lossy(tree.source_of(id)).into_owned(),
            ));
        }
    }
    assert_eq!(
        found,
        [("a".to_owned(), 2, 5, ".a".to_owned()), ("Values.b.c".to_owned(), 3, 6, ".Values.b.c".to_owned())]
    );
    let branch = tree.children(tree.root())[1];
    assert_eq!(tree.source_of(branch), b"{{if .a}}\n  {{- .Values.b.c | upper }}{{end}}");
}
