//! What a picture promises, asked of the shapes before they are written: nothing lies on anything else.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::canvas::{Anchor, Canvas, Rect, Role, Shape};
use super::*;
use crate::scenario::{
    Alias, Catalogue, Component, DataClass, Link, Placement, Scenario, Side, TargetKind, Vocabulary,
};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::embedded().expect("good scenarios"));

fn text_rect(shape: &Shape) -> Option<(Rect, &str)> {
    let Shape::Text { x, y, face, anchor, text, .. } = shape else { return None };
    let width = face.width(text);
    let left = match anchor {
        Anchor::Start => *x,
        Anchor::Middle => x - width / 2,
        Anchor::End => x - width,
    };
    Some((Rect::new(left, y - face.size * 3 / 4, width, face.size * 3 / 4), text))
}

fn meet(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

fn holds(outer: Rect, inner: Rect) -> bool {
    outer.x <= inner.x && inner.right() <= outer.right() && outer.y <= inner.y && inner.bottom() <= outer.bottom()
}

fn boxes(canvas: &Canvas) -> Vec<Rect> {
    let solid = canvas.shapes.iter().filter_map(|shape| match shape {
        Shape::Rect { rect, role: Role::Box, .. } => Some(*rect),
        _ => None,
    });
    solid.collect()
}

/// Each straight piece of each line, as a rectangle without width.
fn pieces(canvas: &Canvas) -> Vec<Rect> {
    let lines = canvas.shapes.iter().filter_map(|shape| match shape {
        Shape::Line { points, .. } => Some(points),
        _ => None,
    });
    let pairs = lines.flat_map(|points| points.windows(2));
    pairs
        .map(|pair| {
            let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
            assert!(x1 == x2 || y1 == y2, "a line is level or upright");
            Rect::new(x1.min(x2), y1.min(y2), (x1 - x2).abs(), (y1 - y2).abs())
        })
        .collect()
}

/// Everything that is wrong with a picture, in words.
fn faults(canvas: &Canvas) -> Vec<String> {
    let mut faults = Vec::new();
    let paper = Rect::new(0, 0, canvas.width, canvas.height);
    let texts: Vec<(Rect, &str)> = canvas.shapes.iter().filter_map(text_rect).collect();
    let boxes = boxes(canvas);
    let pieces = pieces(canvas);
    for (index, (rect, text)) in texts.iter().enumerate() {
        let clash = texts[..index].iter().find(|(other, _)| meet(*rect, *other));
        faults.extend(clash.map(|(_, other)| format!("{text:?} lies on {other:?}")));
        if !holds(paper, *rect) {
            faults.push(format!("{text:?} leaves the paper"));
        }
        if boxes.iter().any(|outer| meet(*rect, *outer) && !holds(*outer, *rect)) {
            faults.push(format!("{text:?} leaves its box"));
        }
        // A line without width meets a text when it runs through its inside.
        let inner = Rect::new(rect.x, rect.y + 1, rect.w, rect.h - 1);
        if pieces.iter().any(|piece| meet(inner, Rect::new(piece.x, piece.y, piece.w.max(1), piece.h.max(1)))) {
            faults.push(format!("a line runs through {text:?}"));
        }
    }
    for (index, rect) in boxes.iter().enumerate() {
        if boxes[..index].iter().any(|other| meet(*rect, *other)) || !holds(paper, *rect) {
            faults.push(format!("a box at {},{} lies on another or leaves the paper", rect.x, rect.y));
        }
        let inner = Rect::new(rect.x + 1, rect.y + 1, rect.w - 2, rect.h - 2);
        if pieces.iter().any(|piece| meet(inner, Rect::new(piece.x, piece.y, piece.w.max(1), piece.h.max(1)))) {
            faults.push(format!("a line runs through the box at {},{}", rect.x, rect.y));
        }
    }
    for (index, piece) in pieces.iter().enumerate() {
        let same_way = |other: &&Rect| {
            let level = piece.h == 0 && other.h == 0 && piece.y == other.y;
            let upright = piece.w == 0 && other.w == 0 && piece.x == other.x;
            let shared = |a: i32, a_end: i32, b: i32, b_end: i32| a_end.min(b_end) - a.max(b) > 1;
            level && shared(piece.x, piece.right(), other.x, other.right())
                || upright && shared(piece.y, piece.bottom(), other.y, other.bottom())
        };
        if pieces[..index].iter().any(|other| same_way(&other)) {
            faults.push(format!("two lines lie on each other at {},{}", piece.x, piece.y));
        }
    }
    faults
}

#[test]
fn nothing_overlaps_in_the_built_in_scenarios() {
    for scenario in CATALOGUE.iter() {
        let canvas = svg::draw(scenario);
        assert_eq!(faults(&canvas), Vec::<String>::new(), "{}", scenario.name);
        assert_eq!((canvas.width, canvas.height), (1280, 720), "{} fits a slide", scenario.name);
    }
}

#[test]
fn the_built_in_scenarios_are_said_in_full() {
    for scenario in CATALOGUE.iter() {
        let picture = svg(scenario);
        for link in scenario.crossing_links() {
            let host = link.host.as_deref().unwrap_or("443");
            assert!(picture.contains(host), "{} has no room for {host}", scenario.name);
        }
        for placement in &scenario.components {
            let first_word = crate::scenario::phrase::component(placement.component).split(' ').next().unwrap();
            assert!(picture.contains(&crate::scenario::phrase::sentence(first_word)), "{first_word}");
        }
        let summary_ends = scenario.summary.split_whitespace().last().unwrap();
        assert!(picture.matches(&canvas::escape(summary_ends)).count() >= 2, "{}: the summary is cut", scenario.name);
    }
}

/// Reads a picture as XML and gives back all text in it.
fn xml_text(svg: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(svg);
    let mut text = String::new();
    let mut depth = 0;
    loop {
        match reader.read_event().expect("well-formed XML") {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Text(words) => text.push_str(&String::from_utf8_lossy(words.as_ref())),
            quick_xml::events::Event::GeneralRef(name) => {
                text.push_str(&format!("&{};", String::from_utf8_lossy(name.as_ref())));
            }
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    text
}

#[test]
fn pictures_are_self_contained_xml_and_always_the_same_bytes() {
    for scenario in CATALOGUE.iter() {
        let picture = svg(scenario);
        assert!(xml_text(&picture).contains(&canvas::escape(&scenario.title)));
        assert_eq!(picture, svg(scenario));
        for foreign in ["<script", "<image", "href", "url(", "@import", "<style"] {
            assert!(!picture.contains(foreign), "{}: {foreign}", scenario.name);
        }
    }
}

#[test]
fn words_that_look_like_markup_stay_words() {
    let mut scenario = CATALOGUE.find("agent").unwrap().clone();
    scenario.title = "a <b> & \"c\" 'd' \u{1}]]>".to_owned();
    scenario.links[0].protocol = "h<t&\"t#p".to_owned();
    let text = xml_text(&svg(&scenario));
    assert!(text.contains("a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; ]]&gt;"), "{text}");
    let chart = mermaid(&scenario);
    assert!(chart.contains("443 h#lt;t&#quot;t#35;p"), "{chart}");
    assert!(chart.contains(r#"title: "a <b> & \"c\" 'd' \u0001]]>""#), "{chart}");
}

/// Any scenario that can be written down, sense or not.
fn any_scenario() -> impl Strategy<Value = Scenario> {
    let placements = proptest::collection::vec((0..Component::ALL.len(), 0..3_u8, any::<bool>()), 1..24);
    let links = proptest::collection::vec((any::<u16>(), any::<u16>(), any::<u16>(), any::<bool>(), 0..9_usize), 0..22);
    let words = proptest::collection::vec("[a-z]{1,14}[,;.]?", 0..60);
    (placements, links, words, 0..6_usize).prop_map(|(placements, links, words, aliases)| {
        let mut scenario = CATALOGUE.find("full-saas").unwrap().clone();
        let text = words.join(" ");
        scenario.components = some_placements(&placements, &text);
        scenario.links = some_links(&links, &scenario.components);
        scenario.title.clone_from(&text);
        scenario.summary = format!("{text} {text}");
        scenario.aliases = vec![Alias { vocabulary: Vocabulary::Pro1, name: "hybrid SaaS option".to_owned() }; aliases];
        scenario
    })
}

fn some_placements(wanted: &[(usize, u8, bool)], note: &str) -> Vec<Placement> {
    let mut placements: Vec<Placement> = Vec::new();
    for (component, sides, optional) in wanted {
        let component = Component::ALL[*component];
        let side = if *sides == 0 { Side::Vendor } else { Side::Customer };
        if !placements.iter().any(|placement| placement.component == component && placement.side == side) {
            let targets = vec![TargetKind::Local];
            placements.push(Placement { component, side, targets, optional: *optional, note: Some(note.to_owned()) });
        }
    }
    placements
}

fn some_links(wanted: &[(u16, u16, u16, bool, usize)], placements: &[Placement]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for (from, to, port, flag, carries) in wanted {
        let from = &placements[usize::from(*from) % placements.len()];
        let to = &placements[usize::from(*to) % placements.len()];
        let known = |link: &Link| {
            (link.from, link.from_side, link.to, link.to_side) == (from.component, from.side, to.component, to.side)
        };
        let same_end = from.component == to.component && from.side == to.side;
        if same_end || links.iter().any(known) {
            continue;
        }
        links.push(Link {
            from: from.component,
            from_side: from.side,
            to: to.component,
            to_side: to.side,
            port: *port,
            protocol: if *flag { "postgres+tls" } else { "https" }.to_owned(),
            host: flag.then(|| "a-rather-long-name.of-some.example".to_owned()),
            purpose: "x".to_owned(),
            carries: DataClass::ALL[..*carries].to_vec(),
            mutual_tls: *flag,
            optional: *flag,
        });
    }
    links
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_overlaps_in_any_scenario(scenario in any_scenario()) {
        let canvas = svg::draw(&scenario);
        prop_assert_eq!(faults(&canvas), Vec::<String>::new());
        xml_text(&svg(&scenario));
    }
}
