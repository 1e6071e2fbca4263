//! Why a value does not meet a schema, as the tree that Helm prints.
//!
//! Properties are looked at in the order of their names; Helm takes them as they come, in another order each time.

use serde_json::{Map, Value as Json};

use super::words;

/// None if nothing was found, or something that this walk does not know.
pub(super) fn explain(schema: &Json, value: &Json) -> Option<String> {
    let mut walk = Walk { root: schema, draft: Draft::of(schema), is_sure: true, depth: 0 };
    let problem = walk.schema(schema, value, "")?;
    if !walk.is_sure {
        return None;
    }
    let causes = match problem {
        Problem { kind: Kind::Group, causes, .. } => causes,
        other => vec![other],
    };
    let mut text = String::new();
    for cause in &causes {
        cause.print(&mut text, 1);
    }
    Some(text.trim_start_matches('\n').to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Draft {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

impl Draft {
    fn of(schema: &Json) -> Self {
        let named = schema.get("$schema").and_then(Json::as_str).unwrap_or_default();
        match named {
            name if name.contains("draft-04") => Self::Draft4,
            name if name.contains("draft-06") => Self::Draft6,
            name if name.contains("draft-07") => Self::Draft7,
            name if name.contains("2019-09") => Self::Draft2019,
            _ => Self::Draft2020,
        }
    }
}

#[derive(Debug)]
struct Problem {
    at: String,
    kind: Kind,
    causes: Vec<Problem>,
}

#[derive(Debug)]
enum Kind {
    /// Several at once.
    Group,
    /// What a `$ref` leads to.
    Reference,
    Said(String),
}

impl Problem {
    fn print(&self, text: &mut String, indent: usize) {
        let is_skipped = matches!(self.kind, Kind::Reference) && self.causes.len() == 1;
        let mut indent = indent;
        if !is_skipped {
            text.push('\n');
            text.push_str(&"  ".repeat(indent - 1));
            let said = match &self.kind {
                Kind::Said(said) => said,
                Kind::Group | Kind::Reference => "validation failed",
            };
            text.push_str(&format!("- at {}: {said}", words::quoted(&self.at)));
            indent += 1;
        }
        for cause in &self.causes {
            cause.print(text, indent);
        }
    }
}

struct Walk<'a> {
    root: &'a Json,
    draft: Draft,
    is_sure: bool,
    depth: usize,
}

/// Keywords that this walk does not follow.
const UNKNOWN: &[&str] = &[
    "unevaluatedProperties",
    "unevaluatedItems",
    "$dynamicRef",
    "$recursiveRef",
    "contentEncoding",
    "contentMediaType",
    "minContains",
    "maxContains",
];
const DEEPEST: usize = 200;

impl Walk<'_> {
    fn schema(&mut self, schema: &Json, value: &Json, at: &str) -> Option<Problem> {
        let said = |said: String| Some(Problem { at: at.to_owned(), kind: Kind::Said(said), causes: Vec::new() });
        let schema = match schema {
            Json::Bool(false) => return said("false schema".to_owned()),
            Json::Object(schema) => schema,
            _ => return None,
        };
        if self.depth > DEEPEST || UNKNOWN.iter().any(|keyword| schema.contains_key(*keyword)) {
            self.is_sure = false;
            return None;
        }
        if let Some(text) = wrong_value(schema, value) {
            return said(text);
        }
        if schema.contains_key("format") && self.draft <= Draft::Draft7 {
            self.format(schema, value);
        }
        let mut problems = Vec::new();
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            let problem = self.reference(reference, value, at);
            if self.draft < Draft::Draft2019 {
                return problem;
            }
            problems.extend(problem);
        }
        self.depth += 1;
        match value {
            Json::Object(object) => self.object(schema, object, at, &mut problems),
            Json::Array(array) => self.array(schema, array, at, &mut problems),
            Json::String(text) => self.string(schema, text, at, &mut problems),
            Json::Number(number) => number_limits(schema, number.as_f64().unwrap_or(f64::NAN), at, &mut problems),
            _ => {}
        }
        self.combined(schema, value, at, &mut problems);
        self.depth -= 1;
        match problems.len() {
            0 | 1 => problems.pop(),
            _ => Some(Problem { at: at.to_owned(), kind: Kind::Group, causes: problems }),
        }
    }

    /// Formats are left to the validator; its words for them are not Helm's.
    fn format(&mut self, schema: &Map<String, Json>, value: &Json) {
        let alone = serde_json::json!({"$schema": self.root.get("$schema"), "format": schema.get("format")});
        if !jsonschema::is_valid(&alone, value) {
            self.is_sure = false;
        }
    }

    fn reference(&mut self, reference: &str, value: &Json, at: &str) -> Option<Problem> {
        let pointer = reference.strip_prefix('#').map(percent_decoded);
        let target = pointer.and_then(|pointer| match pointer.as_str() {
            "" => Some(self.root),
            pointer => self.root.pointer(pointer),
        });
        let Some(target) = target else {
            self.is_sure = false;
            return None;
        };
        self.depth += 1;
        let problem = self.schema(target, value, at);
        self.depth -= 1;
        let causes = match problem? {
            Problem { kind: Kind::Group, causes, .. } => causes,
            other => vec![other],
        };
        Some(Problem { at: at.to_owned(), kind: Kind::Reference, causes })
    }

    fn object(
        &mut self,
        schema: &Map<String, Json>,
        object: &Map<String, Json>,
        at: &str,
        problems: &mut Vec<Problem>,
    ) {
        let mut say = Sayer { at, problems };
        let (size, limit) = (object.len(), |keyword| limit(schema, keyword));
        if let Some(wanted) = limit("minProperties").filter(|wanted| size < *wanted) {
            say.counted("minProperties", size, wanted);
        }
        if let Some(wanted) = limit("maxProperties").filter(|wanted| size > *wanted) {
            say.counted("maxProperties", size, wanted);
        }
        if let Some(required) = schema.get("required") {
            match missing(object, required).as_slice() {
                [] => {}
                [one] => say.said(format!("missing property {}", words::quoted(one))),
                several => say.said(format!("missing properties {}", words::all_quoted(several.iter().copied()))),
            }
        }
        self.dependencies(schema, object, "dependencies", at, problems);
        self.properties(schema, object, at, problems);
        if self.draft > Draft::Draft4 {
            self.property_names(schema, object, at, problems);
        }
        if self.draft > Draft::Draft6 {
            self.dependencies(schema, object, "dependentSchemas", at, problems);
            self.dependencies(schema, object, "dependentRequired", at, problems);
        }
    }

    fn dependencies(
        &mut self,
        schema: &Map<String, Json>,
        object: &Map<String, Json>,
        keyword: &str,
        at: &str,
        problems: &mut Vec<Problem>,
    ) {
        let Some(Json::Object(dependencies)) = schema.get(keyword) else { return };
        for (name, wanted) in sorted(dependencies).into_iter().filter(|(name, _)| object.contains_key(*name)) {
            if wanted.is_array() {
                let missing = missing(object, wanted);
                if !missing.is_empty() {
                    let missing = words::all_quoted(missing.iter().copied());
                    let name = words::quoted(name);
                    Sayer { at, problems }.said(format!("properties {missing} required, if {name} exists"));
                }
            } else {
                problems.extend(self.schema(wanted, &Json::Object(object.clone()), at));
            }
        }
    }

    fn properties(
        &mut self,
        schema: &Map<String, Json>,
        object: &Map<String, Json>,
        at: &str,
        problems: &mut Vec<Problem>,
    ) {
        let mut not_allowed = Vec::new();
        for (name, value) in sorted(object) {
            let inner = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            let mut is_known = false;
            if let Some(property) = schema.get("properties").and_then(|properties| properties.get(name)) {
                is_known = true;
                problems.extend(self.schema(property, value, &inner));
            }
            if let Some(Json::Object(patterns)) = schema.get("patternProperties") {
                for (pattern, property) in sorted(patterns) {
                    if self.matches(pattern, name) {
                        is_known = true;
                        problems.extend(self.schema(property, value, &inner));
                    }
                }
            }
            match schema.get("additionalProperties") {
                Some(Json::Bool(false)) if !is_known => not_allowed.push(name),
                Some(additional) if !is_known => problems.extend(self.schema(additional, value, &inner)),
                _ => {}
            }
        }
        if !not_allowed.is_empty() {
            let names = words::all_quoted(not_allowed);
            Sayer { at, problems }.said(format!("additional properties {names} not allowed"));
        }
    }

    fn property_names(
        &mut self,
        schema: &Map<String, Json>,
        object: &Map<String, Json>,
        at: &str,
        problems: &mut Vec<Problem>,
    ) {
        let Some(names) = schema.get("propertyNames") else { return };
        for (name, _) in sorted(object) {
            let Some(problem) = self.schema(names, &Json::String(name.to_owned()), "") else { continue };
            let causes = match problem {
                Problem { kind: Kind::Group, causes, .. } => causes,
                other => vec![other],
            };
            let kind = Kind::Said(format!("invalid propertyName {}", words::quoted(name)));
            problems.push(Problem { at: at.to_owned(), kind, causes });
        }
    }

    fn array(&mut self, schema: &Map<String, Json>, array: &[Json], at: &str, problems: &mut Vec<Problem>) {
        let mut say = Sayer { at, problems };
        let size = array.len();
        if let Some(wanted) = limit(schema, "minItems").filter(|wanted| size < *wanted) {
            say.counted("minItems", size, wanted);
        }
        if let Some(wanted) = limit(schema, "maxItems").filter(|wanted| size > *wanted) {
            say.counted("maxItems", size, wanted);
        }
        if schema.get("uniqueItems") == Some(&Json::Bool(true))
            && let Some((first, second)) = duplicates(array)
        {
            say.said(format!("items at {} and {} are equal", words::count(first), words::count(second)));
        }
        self.items(schema, array, at, problems);
        if let Some(contains) = schema.get("contains") {
            let found: Vec<Option<Problem>> = array
                .iter()
                .enumerate()
                .map(|(index, item)| self.schema(contains, item, &format!("{at}/{index}")))
                .collect();
            if found.iter().all(Option::is_some) {
                let kind = Kind::Said("no items match contains schema".to_owned());
                problems.push(Problem { at: at.to_owned(), kind, causes: found.into_iter().flatten().collect() });
            }
        }
    }

    fn items(&mut self, schema: &Map<String, Json>, array: &[Json], at: &str, problems: &mut Vec<Problem>) {
        let first_keyword = if self.draft < Draft::Draft2020 { "items" } else { "prefixItems" };
        let rest_keyword = if self.draft < Draft::Draft2020 { "additionalItems" } else { "items" };
        let (first, rest) = match schema.get(first_keyword) {
            Some(Json::Array(first)) => (first.as_slice(), schema.get(rest_keyword)),
            all if self.draft < Draft::Draft2020 => (&[][..], all),
            _ => (&[][..], schema.get(rest_keyword)),
        };
        if let Some(Json::Bool(false)) = rest
            && self.draft < Draft::Draft2020
            && array.len() > first.len()
        {
            let count = words::count(array.len() - first.len());
            Sayer { at, problems }.said(format!("last {count} additionalItem(s) not allowed"));
            return;
        }
        for (index, item) in array.iter().enumerate() {
            if let Some(schema) = first.get(index).or(rest) {
                problems.extend(self.schema(schema, item, &format!("{at}/{index}")));
            }
        }
    }

    fn string(&mut self, schema: &Map<String, Json>, text: &str, at: &str, problems: &mut Vec<Problem>) {
        let length = text.chars().count();
        let mut say = Sayer { at, problems };
        if let Some(wanted) = limit(schema, "minLength").filter(|wanted| length < *wanted) {
            say.counted("minLength", length, wanted);
        }
        if let Some(wanted) = limit(schema, "maxLength").filter(|wanted| length > *wanted) {
            say.counted("maxLength", length, wanted);
        }
        if let Some(pattern) = schema.get("pattern").and_then(Json::as_str)
            && !self.matches(pattern, text)
        {
            let (text, pattern) = (words::quoted(text), words::quoted(pattern));
            Sayer { at, problems }.said(format!("{text} does not match pattern {pattern}"));
        }
    }

    /// By the validator's own regular expressions.
    #[allow(clippy::unused_self, reason = "it is asked as the other keywords are")]
    fn matches(&mut self, pattern: &str, text: &str) -> bool {
        jsonschema::is_valid(&serde_json::json!({ "pattern": pattern }), &Json::String(text.to_owned()))
    }

    fn combined(&mut self, schema: &Map<String, Json>, value: &Json, at: &str, problems: &mut Vec<Problem>) {
        if let Some(not) = schema.get("not")
            && self.schema(not, value, at).is_none()
        {
            Sayer { at, problems }.said("'not' failed".to_owned());
        }
        let list = |keyword: &str| schema.get(keyword).and_then(Json::as_array).filter(|list| !list.is_empty());
        if let Some(all) = list("allOf") {
            let causes: Vec<Problem> = all.iter().filter_map(|schema| self.schema(schema, value, at)).collect();
            if !causes.is_empty() {
                problems.push(Problem { at: at.to_owned(), kind: Kind::Said("'allOf' failed".to_owned()), causes });
            }
        }
        if let Some(any) = list("anyOf") {
            let found: Vec<Option<Problem>> = any.iter().map(|schema| self.schema(schema, value, at)).collect();
            if found.iter().all(Option::is_some) {
                let causes = found.into_iter().flatten().collect();
                problems.push(Problem { at: at.to_owned(), kind: Kind::Said("'anyOf' failed".to_owned()), causes });
            }
        }
        if let Some(one) = list("oneOf") {
            self.one_of(one, value, at, problems);
        }
        if let Some(condition) = schema.get("if") {
            let branch = if self.schema(condition, value, at).is_none() { "then" } else { "else" };
            if let Some(branch) = schema.get(branch) {
                problems.extend(self.schema(branch, value, at));
            }
        }
    }

    fn one_of(&mut self, schemas: &[Json], value: &Json, at: &str, problems: &mut Vec<Problem>) {
        let found: Vec<Option<Problem>> = schemas.iter().map(|schema| self.schema(schema, value, at)).collect();
        let matched: Vec<usize> =
            found.iter().enumerate().filter(|(_, problem)| problem.is_none()).map(|(index, _)| index).collect();
        match matched.as_slice() {
            [] => {
                let kind = Kind::Said("'oneOf' failed, none matched".to_owned());
                problems.push(Problem { at: at.to_owned(), kind, causes: found.into_iter().flatten().collect() });
            }
            [_] => {}
            [first, second, ..] => {
                Sayer { at, problems }.said(format!("'oneOf' failed, subschemas {first}, {second} matched"));
            }
        }
    }
}

struct Sayer<'a> {
    at: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Sayer<'_> {
    fn said(&mut self, said: String) {
        self.problems.push(Problem { at: self.at.to_owned(), kind: Kind::Said(said), causes: Vec::new() });
    }

    fn counted(&mut self, keyword: &str, found: usize, wanted: usize) {
        self.said(format!("{keyword}: got {}, want {}", words::count(found), words::count(wanted)));
    }
}

/// Type, constant and enumeration; after one of them nothing else is looked at.
fn wrong_value(schema: &Map<String, Json>, value: &Json) -> Option<String> {
    const TYPES: &[&str] = &["null", "boolean", "number", "integer", "string", "array", "object"];
    let types: Vec<&str> = match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let found = type_of(value);
    let is_whole = value.as_f64().is_some_and(|number| number.fract() == 0.0);
    let fits = types.contains(&found) || (types.contains(&"integer") && found == "number" && is_whole);
    if !types.is_empty() && !fits {
        let wanted: Vec<&str> = TYPES.iter().copied().filter(|known| types.contains(known)).collect();
        return Some(format!("got {found}, want {}", wanted.join(" or ")));
    }
    if let Some(constant) = schema.get("const")
        && !equal(constant, value)
    {
        return Some(match constant {
            Json::Array(_) | Json::Object(_) => "'const' failed".to_owned(),
            plain => format!("value must be {}", displayed(plain)),
        });
    }
    let allowed = schema.get("enum").and_then(Json::as_array)?;
    if allowed.iter().any(|item| equal(item, value)) {
        return None;
    }
    if allowed.iter().any(|item| item.is_array() || item.is_object()) {
        return Some("'enum' failed".to_owned());
    }
    let shown: Vec<String> = allowed.iter().map(displayed).collect();
    let one_of = if shown.len() == 1 { "" } else { "one of " };
    Some(format!("value must be {one_of}{}", shown.join(", ")))
}

fn number_limits(schema: &Map<String, Json>, number: f64, at: &str, problems: &mut Vec<Problem>) {
    type Fits = fn(f64, f64) -> bool;
    const LIMITS: &[(&str, Fits)] = &[
        ("minimum", |number, limit| number >= limit),
        ("maximum", |number, limit| number <= limit),
        ("exclusiveMinimum", |number, limit| number > limit),
        ("exclusiveMaximum", |number, limit| number < limit),
        ("multipleOf", |number, limit| (number / limit).fract().abs() < f64::EPSILON),
    ];
    for (keyword, fits) in LIMITS {
        let Some(limit) = schema.get(*keyword).and_then(Json::as_f64) else { continue };
        if !fits(number, limit) {
            let (found, wanted) = (words::number(number), words::number(limit));
            Sayer { at, problems }.said(format!("{keyword}: got {found}, want {wanted}"));
        }
    }
}

fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// Numbers are equal by value, whether they are written as whole ones or not.
fn equal(first: &Json, second: &Json) -> bool {
    match (first, second) {
        (Json::Number(first), Json::Number(second)) => first.as_f64() == second.as_f64(),
        (Json::Array(first), Json::Array(second)) => {
            first.len() == second.len() && first.iter().zip(second).all(|(first, second)| equal(first, second))
        }
        (Json::Object(first), Json::Object(second)) => {
            first.len() == second.len()
                && first.iter().all(|(key, value)| second.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => first == second,
    }
}

fn duplicates(array: &[Json]) -> Option<(usize, usize)> {
    (0..array.len()).find_map(|first| {
        (first + 1..array.len()).find(|second| equal(&array[first], &array[*second])).map(|second| (first, second))
    })
}

fn displayed(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => words::quoted(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        other => other.to_string(),
    }
}

fn missing<'a>(object: &Map<String, Json>, required: &'a Json) -> Vec<&'a str> {
    let names = required.as_array().into_iter().flatten().filter_map(Json::as_str);
    names.filter(|name| !object.contains_key(*name)).collect()
}

#[allow(clippy::cast_sign_loss, reason = "what is below zero is left out before")]
fn limit(schema: &Map<String, Json>, keyword: &str) -> Option<usize> {
    let number = schema.get(keyword)?.as_f64()?;
    (number >= 0.0).then_some(number as usize)
}

fn sorted(object: &Map<String, Json>) -> Vec<(&str, &Json)> {
    let mut entries: Vec<(&str, &Json)> = object.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
