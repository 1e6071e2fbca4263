//! Nothing that a template does may crash or run for ever.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::super::{Budget, ExecutionError, Exhausted, Value, to_text};
use super::{run, set};

fn within(text: &str, budget: &Budget) -> Result<String, ExecutionError> {
    set(&[("t", text)]).execute("t", &Value::Nil, budget, None).map(|output| output.to_string())
}

fn exhausted(text: &str, budget: &Budget) -> Option<Exhausted> {
    within(text, budget).expect_err("a budget runs out").exhausted
}

#[test]
fn templates_that_call_themselves_end_with_an_error() {
    let text = "{{define \"x\"}}{{template \"x\"}}{{end}}{{template \"x\"}}";
    let error = run(text, &Value::Nil).expect_err("it never ends");
    let expected =
        "template: t:1:25: executing \"x\" at <{{template \"x\"}}>: exceeded maximum template depth (100000)";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.exhausted, Some(Exhausted::Depth));
}

#[test]
fn calls_that_call_themselves_end_with_an_error() {
    let budget = Budget { depth: 5_000, ..Budget::default() };
    let text = "{{define \"x\"}}{{if true}}{{include \"x\" .}}{{end}}{{end}}{{include \"x\" .}}";
    let error = within(text, &budget).expect_err("it never ends");
    assert_eq!(error.exhausted, Some(Exhausted::Depth));
    assert!(error.to_string().ends_with("exceeded maximum template depth (100000)"));
    assert_eq!(error.innermost().site.as_ref().map(|site| &*site.template), Some("x"));

    let text = "{{define \"x\"}}{{tpl \"{{include \\\"x\\\" .}}\" .}}{{end}}{{include \"x\" .}}";
    assert_eq!(exhausted(text, &budget), Some(Exhausted::Depth));
}

#[test]
fn expressions_are_nested_as_deep_as_in_go() {
    let nested = |depth: usize| format!("{{{{{}1{}}}}}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(run(&nested(10_000), &Value::Nil).expect("it runs"), "1");
    let error = set(&[]).add("t", nested(100_000)).expect_err("too deep");
    assert_eq!(error.to_string(), "template: t:1: max expression depth exceeded");
}

#[test]
fn branches_are_nested_without_end() {
    for (open, close) in [
        ("{{if true}}", "{{end}}"),
        ("{{with 1}}", "{{end}}"),
        ("{{range 1}}", "{{end}}"),
        ("{{if false}}{{else}}", "{{end}}"),
        ("{{block \"b\" .}}", "{{end}}"),
    ] {
        let text = format!("{}x{}", open.repeat(50_000), close.repeat(50_000));
        let mut parsed = set(&[]);
        if parsed.add("t", text).is_ok() {
            let _ = parsed.execute("t", &Value::Nil, &Budget::default(), None).map_err(|error| error.to_string());
        }
    }
    let text = format!("{{{{if false}}}}{}x{{{{end}}}}", "{{else if false}}".repeat(50_000));
    assert_eq!(run(&text, &Value::Nil).expect("it runs"), "");
    let mut parsed = set(&[]);
    let deep = parsed.add("t", format!("{}x{}", "{{if true}}".repeat(50_000), "{{end}}".repeat(50_000)));
    let tree = deep.expect("it parses");
    assert_eq!(tree.print(tree.root()).len(), 50_000 * 18 + 1);
}

#[test]
fn values_are_nested_without_end() {
    let budget = Budget { output: 100_000, ..Budget::default() };
    let deep = "{{$x := list}}{{range 300000}}{{$x = list $x}}{{end}}";
    assert_eq!(within(&format!("{deep}{{{{len $x}}}}"), &budget).expect("it runs"), "1");
    assert!(exhausted(&format!("{deep}{{{{$x}}}}"), &budget).is_some());
    let deep = "{{$x := dict}}{{range 300000}}{{$x = dict \"a\" $x}}{{end}}";
    assert_eq!(within(&format!("{deep}{{{{len $x}}}}"), &budget).expect("it runs"), "1");
}

#[test]
fn a_dict_that_holds_itself_is_not_printed_for_ever() {
    let text = "{{$x := dict}}{{$y := set $x \"x\" $x}}{{$x}}";
    assert!(exhausted(text, &Budget::default()).is_some());
    let text = "{{$x := dict}}{{$y := set $x \"x\" $x}}{{printf \"%v\" $x}}";
    assert!(exhausted(text, &Budget::default()).is_some());
    let dict = super::super::Dict::new();
    dict.insert("x", Value::Dict(dict.clone()));
    assert!(to_text(&Value::Dict(dict.clone())).len() > 100_000);
    dict.remove("x");
}

#[test]
fn each_budget_has_its_own_error() {
    let endless = "{{range 1000000000}}{{range 1000000000}}{{end}}{{end}}";
    let budget = Budget { steps: 100_000, ..Budget::default() };
    assert_eq!(exhausted(endless, &budget), Some(Exhausted::Steps));
    let writing = "{{range 1000000000}}0123456789{{end}}";
    let budget = Budget { output: 100_000, ..Budget::default() };
    assert_eq!(exhausted(writing, &budget), Some(Exhausted::Output));
    let doubling = "{{$x := \"0123456789\"}}{{range 100}}{{$x = print $x $x}}{{end}}";
    let budget = Budget { memory: 1_000_000, ..Budget::default() };
    assert_eq!(exhausted(doubling, &budget), Some(Exhausted::Memory));
    let wide = "{{printf \"%999999d\" 1 | len}}";
    let budget = Budget { output: 100_000, ..Budget::default() };
    assert_eq!(exhausted(wide, &budget), Some(Exhausted::Output));
}

#[test]
fn the_clock_is_asked_now_and_then() {
    let asked = Rc::new(Cell::new(0));
    let counter = Rc::clone(&asked);
    let start = Instant::now();
    let is_expired = move || {
        counter.set(counter.get() + 1);
        start.elapsed() > Duration::from_millis(50)
    };
    let budget = Budget { is_expired: Some(Rc::new(is_expired)), ..Budget::default() };
    let endless = "{{range 1000000000}}{{end}}";
    assert_eq!(exhausted(endless, &budget), Some(Exhausted::Time));
    assert!(asked.get() > 1);
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// A template cannot go on after a budget has run out in a call, whatever surrounds it.
#[test]
fn a_budget_that_runs_out_in_a_call_ends_everything() {
    let budget = Budget { steps: 10_000, ..Budget::default() };
    let text = "{{define \"x\"}}{{range 1000000000}}{{end}}{{end}}{{or (include \"x\" .) 1}}";
    let error = within(text, &budget).expect_err("steps run out");
    assert_eq!(error.exhausted, Some(Exhausted::Steps));
    assert_eq!(error.levels().len(), 2);
}
