//! Several layers become one tree; later ones win, leaf by leaf, and each leaf remembers its layer.

use indexmap::IndexMap;

use super::assignment::Assignment;
use crate::diagnostics::Origin;
use crate::yaml::{Entry, Node, Value};

/// One layer, in the order of winning.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// A whole file.
    File(Node),
    /// One value.
    Assignment(Assignment),
}

/// Keys behind which exactly one choice stands. Another choice in a later layer replaces the earlier one as a whole,
/// instead of leaving two. The choices of secret sources are found by their names.
const CHOICES: &[&str] = &["target", "cloud", "database", "secretsStore", "artifactStore"];
const SECRET_SOURCES: &[&str] = &["fromEnv", "fromFile", "fromCommand", "prompt", "generate"];

/// All layers as one tree.
pub fn merge(layers: &[Layer]) -> Node {
    let mut tree = Node::empty_map(Origin::Default);
    for layer in layers {
        let node = match layer {
            Layer::File(node) => node.clone(),
            Layer::Assignment(assignment) => nest(&assignment.path, assignment.value.clone()),
        };
        if tree.as_map().is_some_and(IndexMap::is_empty) {
            tree = node;
        } else {
            merge_into(&mut tree, node, "");
        }
    }
    tree
}

fn nest(path: &[String], value: Node) -> Node {
    path.iter().rev().fold(value, |node, key| {
        let origin = node.origin.clone();
        let entry = Entry { key_origin: origin.clone(), node };
        Node::new(Value::Map(IndexMap::from([(key.clone(), entry)])), origin)
    })
}

fn merge_into(base: &mut Node, over: Node, path: &str) {
    let choice = CHOICES.contains(&path);
    let over = if choice { spell_out(over) } else { over };
    if choice {
        *base = spell_out(std::mem::replace(base, Node::new(Value::Null, Origin::Default)));
    }
    if replaces(base, &over, choice) {
        *base = over;
        return;
    }
    let Node { value: Value::Map(over_map), origin } = over else {
        *base = over;
        return;
    };
    let Value::Map(base_map) = &mut base.value else {
        *base = Node::new(Value::Map(over_map), origin);
        return;
    };
    for (key, entry) in over_map {
        let child = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        // Nothing takes back what an earlier layer said.
        if matches!(entry.node.value, Value::Null)
            && matches!(entry.node.origin, Origin::Flag(_) | Origin::Environment(_))
        {
            base_map.shift_remove(&key);
            continue;
        }
        match base_map.get_mut(&key) {
            Some(existing) => merge_into(&mut existing.node, entry.node, &child),
            None => {
                base_map.insert(key, entry);
            }
        }
    }
}

/// `database: mysql` is short for `database: { mysql: {} }`.
fn spell_out(node: Node) -> Node {
    match node.value {
        Value::Text(name) => {
            let origin = node.origin;
            let entry = Entry { key_origin: origin.clone(), node: Node::empty_map(origin.clone()) };
            Node::new(Value::Map(IndexMap::from([(name, entry)])), origin)
        }
        _ => node,
    }
}

fn replaces(base: &Node, over: &Node, choice: bool) -> bool {
    let (Some(base), Some(over)) = (base.as_map(), over.as_map()) else { return true };
    let is_source =
        |map: &IndexMap<String, Entry>| map.len() == 1 && map.keys().all(|key| SECRET_SOURCES.contains(&key.as_str()));
    if is_source(base) && is_source(over) {
        return true;
    }
    choice && over.keys().next() != base.keys().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::parse_assignment;
    use crate::diagnostics::SourceText;

    fn file(name: &str, text: &str) -> Layer {
        Layer::File(crate::yaml::parse(&SourceText::new(name, text)).unwrap())
    }

    fn set(text: &str) -> Layer {
        Layer::Assignment(parse_assignment(text, &Origin::Flag(format!("--set {text}"))).unwrap())
    }

    #[test]
    fn later_layers_win_leaf_by_leaf_and_are_remembered() {
        let tree = merge(&[
            file("a.yaml", "name: a\nserver: { port: 1, replicas: 2 }\n"),
            file("b.yaml", "server: { port: 2 }\n"),
            set("server.analytics=true"),
        ]);
        assert_eq!(tree.get("server.port").unwrap().origin.to_string(), "b.yaml:1:17");
        assert_eq!(tree.get("server.replicas").unwrap().origin.to_string(), "a.yaml:2:30");
        assert_eq!(tree.get("server.analytics").unwrap().origin.to_string(), "--set server.analytics=true");
    }

    #[test]
    fn another_choice_replaces_the_first_as_a_whole() {
        let base = file("a", "name: a\ndatabase: { mysql: { port: 1 } }\nserver: { adminPassword: { fromEnv: A } }\n");
        let tree = merge(&[base.clone(), set("database=sqlite")]);
        assert_eq!(tree.get("database").unwrap().to_json(), serde_json::json!({ "sqlite": {} }));
        let tree = merge(&[base.clone(), set("database.mysql.username=x")]);
        assert_eq!(
            tree.get("database").unwrap().to_json(),
            serde_json::json!({ "mysql": { "port": 1, "username": "x" } })
        );
        let tree = merge(&[base.clone(), set("server.adminPassword={ generate: {} }")]);
        assert_eq!(tree.get("server.adminPassword").unwrap().to_json(), serde_json::json!({ "generate": {} }));
        let tree = merge(&[base, set("database=null")]);
        assert!(tree.get("database").is_none());
    }

    #[test]
    fn merging_with_nothing_changes_nothing_and_twice_is_once() {
        let layer = file("a", "name: a\nserver: { port: 1, environment: { A: b } }\ndatabase: mysql\n");
        let once = merge(std::slice::from_ref(&layer));
        let twice = merge(&[layer.clone(), layer]);
        assert_eq!(once.get("server").unwrap().to_json(), twice.get("server").unwrap().to_json());
        assert_eq!(twice.get("database").unwrap().to_json(), serde_json::json!({ "mysql": {} }));
    }
}
