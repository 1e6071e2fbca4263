//! Connections within a side, in the channel between its two columns of boxes.
//!
//! Each component that opens connections has one upright track in the channel; its connections leave the track as
//! level branches. A branch ends at a port of its own, so no two lines lie on each other, and labels stand in zones at
//! both edges of the channel where no track is, so no line runs through a text.

use super::canvas::{Anchor, Canvas, Rect, Stroke};
use super::measure::Face;
use super::palette;
use crate::scenario::model::Link;
use crate::scenario::words::Component;

/// The least distance of two ports on a box: a line, and the label above the next.
pub(super) const PORT_PITCH: i32 = 16;
const WIDEST_PITCH: i32 = 24;
const TRACK_PITCH: i32 = 12;
const LABEL: Face = Face::plain(10);
/// An arrow's head, and air at both ends of a label.
const LABEL_AIR: i32 = 26;
const NO_LABELS: i32 = 18;

/// A box at the channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) component: Component,
    pub(super) rect: Rect,
    /// It stands left of the channel.
    pub(super) left: bool,
}

/// How wide the parts of the channel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Channel {
    left_zone: i32,
    tracks: i32,
    right_zone: i32,
    /// Whether labels say what is carried, even if not all of it has room.
    says_loads: bool,
}

impl Channel {
    /// As narrow as labels with port and protocol allow.
    pub(super) fn narrow(links: &[&Link], is_left: impl Fn(Component) -> bool) -> Self {
        let zone = |left: bool| {
            let targets = links.iter().filter(|link| is_left(link.to) == left);
            targets.map(|link| LABEL.width(&port(link)) + LABEL_AIR).max().unwrap_or(NO_LABELS)
        };
        Self { left_zone: zone(true), tracks: tracks_width(links), right_zone: zone(false), says_loads: false }
    }

    /// As wide as labels want that say what is carried, too.
    pub(super) fn wanted(links: &[&Link], is_left: impl Fn(Component) -> bool) -> Self {
        let zone = |left: bool| {
            let targets = links.iter().filter(|link| is_left(link.to) == left);
            targets.map(|link| LABEL.width(&label(link)) + LABEL_AIR).max().unwrap_or(NO_LABELS)
        };
        Self { left_zone: zone(true), tracks: tracks_width(links), right_zone: zone(false), says_loads: true }
    }

    /// The same in the room that there is: too much goes to both zones, too little is taken from what the zones have
    /// beyond the room for port and protocol.
    pub(super) fn wide(links: &[&Link], is_left: impl Fn(Component) -> bool + Copy, width: i32) -> Self {
        let (least, wanted) = (Self::narrow(links, is_left), Self::wanted(links, is_left));
        let free = width - wanted.width();
        let spare = (wanted.width() - least.width()).max(1);
        let left_zone = match free {
            0.. => wanted.left_zone + free / 2,
            _ => wanted.left_zone + free * (wanted.left_zone - least.left_zone) / spare,
        };
        Self { left_zone, right_zone: width - wanted.tracks - left_zone, ..wanted }
    }

    /// A gap between two columns that nothing connects.
    pub(super) fn none(width: i32) -> Self {
        Self { left_zone: 0, tracks: width, right_zone: 0, says_loads: false }
    }

    pub(super) fn width(self) -> i32 {
        self.left_zone + self.tracks + self.right_zone
    }
}

fn tracks_width(links: &[&Link]) -> i32 {
    let count = i32::try_from(sources(links).len()).unwrap_or(0);
    (count - 1).max(0) * TRACK_PITCH + 12
}

/// Who opens connections, in the order of the links.
fn sources(links: &[&Link]) -> Vec<Component> {
    let mut sources = Vec::new();
    for link in links {
        if !sources.contains(&link.from) {
            sources.push(link.from);
        }
    }
    sources
}

/// How many lines end at a box: one for each connection to it, and one for all that it opens.
pub(super) fn ports(component: Component, links: &[&Link]) -> usize {
    let incoming = links.iter().filter(|link| link.to == component).count();
    incoming + usize::from(links.iter().any(|link| link.from == component))
}

/// All connections that one component opens.
struct Bus<'a> {
    source: Component,
    /// Of the track.
    x: i32,
    /// Where the source's own line meets the channel.
    stub: (i32, i32),
    branches: Vec<Branch<'a>>,
}

struct Branch<'a> {
    link: &'a Link,
    /// The arrow's point.
    x: i32,
    y: i32,
    to_right: bool,
}

/// Which line ends at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// The connection of that number comes in.
    In(usize),
    Out,
}

struct Port {
    end: usize,
    used: Use,
    /// Whose track it leads to.
    source: Component,
    y: i32,
}

/// Draws the connections of a side. `x` is the channel's left edge.
pub(super) fn draw(ends: &[End], links: &[&Link], channel: Channel, x: i32, canvas: &mut Canvas) {
    let buses = route(ends, links, channel, x);
    for bus in &buses {
        draw_lines(bus, canvas);
    }
    for bus in &buses {
        for branch in &bus.branches {
            draw_label(branch, channel, x, canvas);
        }
    }
}

fn route<'a>(ends: &[End], links: &[&'a Link], channel: Channel, x: i32) -> Vec<Bus<'a>> {
    let ports = place_ports(ends, links);
    let first_track = x + channel.left_zone + 6;
    let mut buses = Vec::new();
    for (number, source) in (0..).zip(sources(links)) {
        let edge =
            |port: &Port| ends.get(port.end).map_or(x, |end| if end.left { end.rect.right() } else { end.rect.x });
        let stub = ports.iter().find(|port| port.used == Use::Out && port.source == source);
        let Some(stub) = stub.map(|port| (edge(port), port.y)) else { continue };
        let incoming = ports.iter().filter(|port| port.source == source);
        let branches = incoming.filter_map(|port| match port.used {
            Use::In(link) => {
                let to_right = ends.get(port.end).is_some_and(|end| !end.left);
                links.get(link).map(|link| Branch { link, x: edge(port), y: port.y, to_right })
            }
            Use::Out => None,
        });
        buses.push(Bus { source, x: first_track + number * TRACK_PITCH, stub, branches: branches.collect() });
    }
    buses
}

/// Ports of each box from top to bottom in the order of what they lead to, so that few lines cross.
fn place_ports(ends: &[End], links: &[&Link]) -> Vec<Port> {
    let middle =
        |component: Component| ends.iter().find(|end| end.component == component).map_or(0, |end| end.rect.middle());
    let mut placed: Vec<Port> = Vec::new();
    for (number, end) in ends.iter().enumerate() {
        let mut wanted: Vec<(i32, Use, Component)> = Vec::new();
        for (index, link) in links.iter().enumerate().filter(|(_, link)| link.to == end.component) {
            wanted.push((middle(link.from), Use::In(index), link.from));
        }
        let targets: Vec<i32> =
            links.iter().filter(|link| link.from == end.component).map(|link| middle(link.to)).collect();
        if let Some(count) = i32::try_from(targets.len()).ok().filter(|count| *count > 0) {
            wanted.push((targets.iter().sum::<i32>() / count, Use::Out, end.component));
        }
        wanted.sort_by_key(|(y, _, _)| *y);
        let count = i32::try_from(wanted.len()).unwrap_or(1).max(1);
        let pitch = ((end.rect.h - 8) / count).clamp(PORT_PITCH, WIDEST_PITCH);
        // The label is above the line, so lines stand a little below the middle.
        let top = end.rect.middle() - pitch * (count - 1) / 2 + if count > 1 { 3 } else { 0 };
        for (index, (_, used, source)) in (0..).zip(wanted) {
            let y = apart(&placed, ends, end.left, source, top + index * pitch);
            placed.push(Port { end: number, used, source, y });
        }
    }
    placed
}

/// Two lines from opposite edges must not lie on each other where their tracks overlap.
fn apart(placed: &[Port], ends: &[End], left: bool, source: Component, y: i32) -> i32 {
    let opposite = |port: &&Port| ends.get(port.end).is_some_and(|end| end.left != left) && port.source != source;
    let near = placed.iter().filter(opposite).find(|port| (port.y - y).abs() < 4);
    near.map_or(y, |port| if port.y > y { port.y - 4 } else { port.y + 4 })
}

fn draw_lines(bus: &Bus<'_>, canvas: &mut Canvas) {
    let ink = palette::component_ink(bus.source);
    let stroke = Stroke::new(ink, 14);
    let (stub_x, stub_y) = bus.stub;
    let ys: Vec<i32> = bus.branches.iter().map(|branch| branch.y).chain([stub_y]).collect();
    let (top, bottom) = (ys.iter().min().copied().unwrap_or(stub_y), ys.iter().max().copied().unwrap_or(stub_y));
    canvas.line(vec![(stub_x, stub_y), (bus.x, stub_y)], stroke);
    if top < bottom {
        canvas.line(vec![(bus.x, top), (bus.x, bottom)], stroke);
    }
    for branch in &bus.branches {
        let end = branch.x + if branch.to_right { -8 } else { 8 };
        canvas.line(vec![(bus.x, branch.y), (end, branch.y)], stroke.dashed(branch.link.optional));
        canvas.arrow_head(branch.x, branch.y, branch.to_right, 4, ink);
    }
    // A dot says that lines meet; where they only cross there is none.
    for y in ys.iter().filter(|y| top < **y && **y < bottom) {
        canvas.dot(bus.x, *y, 2, ink, None);
    }
}

fn draw_label(branch: &Branch<'_>, channel: Channel, x: i32, canvas: &mut Canvas) {
    let (left, zone) = if branch.to_right {
        (x + channel.width() - channel.right_zone + 8, channel.right_zone)
    } else {
        (branch.x + 14, channel.left_zone)
    };
    let room = zone - LABEL_AIR + 4;
    let full = label(branch.link);
    let fits = channel.says_loads || LABEL.width(&full) <= room;
    let text = LABEL.fit(&if fits { full } else { port(branch.link) }, room);
    canvas.text(left, branch.y - 4, &text, LABEL, palette::MUTED, Anchor::Start);
}

fn port(link: &Link) -> String {
    format!("{} {}", link.port, link.protocol)
}

fn label(link: &Link) -> String {
    let classes: Vec<&str> = link.carries.iter().map(|data| data.as_str()).collect();
    if classes.is_empty() { port(link) } else { format!("{} · {}", port(link), classes.join(", ")) }
}
