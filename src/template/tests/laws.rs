//! What holds for any text.

use proptest::prelude::*;

use super::super::{Budget, Tree};
use super::{run, set, value};

/// Texts of the fixtures, to start from.
fn sources() -> Vec<String> {
    let lines = include_str!("language.jsonl").lines().chain(include_str!("generated.jsonl").lines());
    let cases = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a case"));
    let texts = cases.map(|case| match &case[0] {
        serde_json::Value::String(text) => text.clone(),
        pairs => pairs.as_array().and_then(|pairs| pairs.last()?[1].as_str()).unwrap_or_default().to_owned(),
    });
    texts.filter(|text| !text.is_empty()).collect()
}

fn print(tree: &Tree) -> String {
    tree.print(tree.root())
}

/// Go's print of a tree is a text with the same tree, unless a text holds a delimiter or a comment was taken out.
#[test]
fn printed_trees_parse_to_the_same_trees() {
    let mut checked = 0;
    for source in sources() {
        let mut parsed = set(&[]);
        let Ok(tree) = parsed.add("t", source.as_str()) else { continue };
        let first = print(&tree);
        // Trimmed space may bring a brace in front of a delimiter, where Go's own print is ambiguous too.
        if first.contains("{{{") || source.contains("{{/*") || source.contains("define") {
            continue;
        }
        let again = set(&[]).add("t", first.as_str()).unwrap_or_else(|error| panic!("{source} → {first}: {error}"));
        assert_eq!(print(&again), first, "{source}");
        checked += 1;
    }
    assert!(checked > 500, "only {checked} texts were checked");
}

/// A change of some bytes.
#[derive(Debug, Clone)]
struct Change {
    at: prop::sample::Index,
    removed: usize,
    added: Vec<u8>,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let pieces = prop::sample::select(vec![
        "{{", "}}", "{{-", "-}}", "(", ")", "|", "\"", "`", "'", "$x", ".", ":=", "=", ",", "/*", "*/", "end", "else",
        "range ", "if ", "\n", " ", "\\", "☃", "1e9", "0x", "%",
    ]);
    let added = prop_oneof![
        pieces.prop_map(|piece: &str| piece.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    let change = (any::<prop::sample::Index>(), 0_usize..6, added);
    prop::collection::vec(change.prop_map(|(at, removed, added)| Change { at, removed, added }), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn changed_texts_never_panic(start in any::<prop::sample::Index>(), changes in changes()) {
        thread_local!(static SOURCES: Vec<String> = sources());
        let mut text = SOURCES.with(|sources| start.get(sources).clone().into_bytes());
        for change in changes {
            let at = change.at.index(text.len() + 1);
            let end = (at + change.removed).min(text.len());
            text.splice(at..end, change.added);
        }
        let mut parsed = set(&[]);
        if let Ok(tree) = parsed.add("t", text) {
            for (id, node) in tree.nodes() {
                prop_assert!(node.start <= node.end && node.end as usize <= tree.source.len());
                let _ = (tree.print(id), tree.place(node.position), tree.children(id));
            }
            let budget = Budget { steps: 20_000, output: 1 << 20, ..Budget::default() };
            let data = value(&serde_json::from_str(include_str!("data.json")).expect("data"));
            let _ = parsed.execute("t", &data, &budget, None);
        }
    }

    #[test]
    fn quoted_texts_are_read_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let quoted = super::super::quote(&bytes);
        prop_assert_eq!(super::super::quote::unquote(quoted.as_bytes()), Some(bytes));
    }

    /// As many digits as it takes, and no more.
    #[test]
    fn floats_are_read_back(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        for format in ["%v", "%x", "%e"] {
            let precise = if format == "%e" { "%.20e" } else { format };
            let text = super::super::format_text(precise.as_bytes(), &[super::super::Value::Float(float)]);
            let back = super::super::number::parse_float(&text.to_str());
            prop_assert_eq!(back.map(f64::to_bits), Some(bits), "{} as {}", text, format);
        }
    }

    #[test]
    fn plain_texts_stay_as_they_are(text in "[^{]*") {
        prop_assert_eq!(run(&text, &super::super::Value::Nil).expect("it runs"), text);
    }
}
