//! Where everything stands.
//!
//! A side is a panel with two columns of boxes and a channel between them. Between two panels is a gutter in which each
//! connection has a lane of its own: straight from a box at the gutter to another, or with one bend on the vendor's
//! side where the order of the boxes does not allow that.

use super::canvas::Rect;
use super::parts::Part;
use super::wires::{self, Channel, End};
use crate::scenario::model::{Link, Placement, Scenario};
use crate::scenario::words::{Component, Side};

/// Sixteen to nine, when the scenario is not larger than a slide.
const WIDTH: i32 = 1280;
pub(super) const HEIGHT: i32 = 720;
pub(super) const MARGIN: i32 = 32;
const PANEL_TOP: i32 = 102;
const PANEL_HEAD: i32 = 36;
const PAD: i32 = 14;
/// Room for boxes on a slide.
const CONTENT: i32 = 418;
/// Between two boxes of a column.
const GAP: i32 = 12;
const LEAST_GUTTER: i32 = 232;
/// Boxes of a panel that has the picture for itself.
const LEAST_WIDE: i32 = 300;
const LEAST_CHANNEL: i32 = 200;
/// The customer's boxes beside a vendor's panel.
const LEAST_NARROW: i32 = 164;
const VENDOR_FAR: i32 = 140;
const VENDOR_NEAR: i32 = 164;
/// Lanes farther apart than this look like strangers.
const WIDEST_PITCH: i32 = 88;
const TRACK_PITCH: i32 = 9;

/// A side's ground.
pub(super) struct Panel {
    pub(super) side: Side,
    pub(super) rect: Rect,
}

/// A box in its place.
pub(super) struct Placed<'a> {
    pub(super) part: Part<'a>,
    pub(super) rect: Rect,
}

/// A connection between the sides.
pub(super) struct Lane<'a> {
    pub(super) link: &'a Link,
    /// From the vendor's box to the customer's, whoever opens it.
    pub(super) points: Vec<(i32, i32)>,
    pub(super) y: i32,
}

/// The connections within a side.
pub(super) struct Wiring<'a> {
    pub(super) ends: Vec<End>,
    pub(super) links: Vec<&'a Link>,
    pub(super) channel: Channel,
    pub(super) x: i32,
}

/// The middle part of the picture.
pub(super) struct Layout<'a> {
    pub(super) panels: Vec<Panel>,
    pub(super) boxes: Vec<Placed<'a>>,
    pub(super) lanes: Vec<Lane<'a>>,
    /// Where labels of lanes may stand; none when there is one side only.
    pub(super) gutter: Option<Rect>,
    pub(super) wirings: Vec<Wiring<'a>>,
    pub(super) width: i32,
    /// How much higher than a slide the picture has to be.
    pub(super) excess: i32,
}

impl Layout<'_> {
    /// Where the panels end.
    pub(super) fn bottom(&self) -> i32 {
        PANEL_TOP + PANEL_HEAD + CONTENT + self.excess + PAD
    }
}

/// Two columns of parts with what connects them.
struct Columns<'a> {
    side: Side,
    left: Vec<Part<'a>>,
    right: Vec<Part<'a>>,
    inner: Vec<&'a Link>,
    channel: Channel,
}

impl<'a> Columns<'a> {
    fn narrow(scenario: &'a Scenario, side: Side, left: Vec<Part<'a>>, right: Vec<Part<'a>>) -> Self {
        let inner = inner_links(scenario, side);
        let is_left = |component: Component| left.iter().any(|part| part.placement.component == component);
        let channel = Channel::narrow(&inner, is_left);
        Self { side, left, right, inner, channel }
    }

    fn ports(&self, part: &Part<'_>) -> usize {
        wires::ports(part.placement.component, &self.inner)
    }

    fn least_height(&self, part: &Part<'_>, width: i32) -> i32 {
        part.least_height(width, self.ports(part))
    }
}

fn inner_links(scenario: &Scenario, side: Side) -> Vec<&Link> {
    scenario.links.iter().filter(|link| !link.crosses() && link.from_side == side).collect()
}

/// Places all components of a scenario.
pub(super) fn layout(scenario: &Scenario) -> Layout<'_> {
    if scenario.is_single_sided() { one_sided(scenario) } else { two_sided(scenario) }
}

/// Services left, stores right, and wide boxes with room for notes.
fn one_sided(scenario: &Scenario) -> Layout<'_> {
    let side = scenario.components.first().map_or(Side::Customer, |placement| placement.side);
    let parts = scenario.components.iter().map(|placement| Part::new(scenario, placement));
    let (right, left): (Vec<Part<'_>>, Vec<Part<'_>>) = parts.partition(|part| is_store(part.placement.component));
    let inner = inner_links(scenario, side);
    let is_left = |component: Component| !is_store(component);
    let frame = 2 * MARGIN + 2 * PAD;
    let width = WIDTH.max(frame + 2 * LEAST_WIDE + Channel::narrow(&inner, is_left).width());
    let room = width - frame;
    let wanted = Channel::wanted(&inner, is_left).width().max(LEAST_CHANNEL);
    let box_width = ((room - wanted) / 2).clamp(LEAST_WIDE, 410);
    let channel = Channel::wide(&inner, is_left, room - 2 * box_width);
    let columns = Columns { side, left, right, inner, channel };
    let needed = [&columns.left, &columns.right].map(|column| stack_height(&columns, column, box_width));
    let content = needed.into_iter().fold(CONTENT, i32::max);
    let rect = Rect::new(MARGIN, PANEL_TOP, width - 2 * MARGIN, PANEL_HEAD + content + PAD);
    let left_x = rect.x + PAD;
    let right_x = rect.right() - PAD - box_width;
    let mut layout = Layout {
        panels: vec![Panel { side, rect }],
        boxes: Vec::new(),
        lanes: Vec::new(),
        gutter: None,
        wirings: Vec::new(),
        width,
        excess: content - CONTENT,
    };
    let left = stack(&columns, &columns.left, (left_x, box_width), content);
    let right = stack(&columns, &columns.right, (right_x, box_width), content);
    layout.place(columns, left, right, left_x + box_width);
    layout
}

fn is_store(component: Component) -> bool {
    use Component as C;
    match component {
        C::Client
        | C::Server
        | C::Dashboard
        | C::Mlflow
        | C::ControlPlane
        | C::ControlPlaneDashboard
        | C::Agent
        | C::WorkloadManager => false,
        C::Database
        | C::SecretsStore
        | C::ArtifactStore
        | C::ContainerRegistry
        | C::ControlPlaneDatabase
        | C::IdentityProvider
        | C::LogStore
        | C::ServiceConnectors => true,
    }
}

/// The least height of a column.
fn stack_height(columns: &Columns<'_>, parts: &[Part<'_>], width: i32) -> i32 {
    let heights: i32 = parts.iter().map(|part| columns.least_height(part, width) + GAP).sum();
    heights - GAP
}

/// Boxes under each other, in the middle of the room they have.
fn stack(columns: &Columns<'_>, parts: &[Part<'_>], (x, width): (i32, i32), content: i32) -> Vec<Rect> {
    let heights: Vec<i32> = parts.iter().map(|part| columns.least_height(part, width)).collect();
    let count = i32::try_from(parts.len()).unwrap_or(1).max(1);
    let free = (content - heights.iter().sum::<i32>() - GAP * (count - 1)).max(0);
    // Half of the free room makes boxes higher, half goes between them.
    let taller = (free / (2 * count)).min(26);
    let gap = GAP + ((free - taller * count) / (count - 1).max(1)).min(30);
    let total = heights.iter().map(|height| height + taller).sum::<i32>() + gap * (count - 1);
    let mut y = PANEL_TOP + PANEL_HEAD + (content - total) / 2;
    let mut rects = Vec::new();
    for height in heights {
        rects.push(Rect::new(x, y, width, height + taller));
        y += height + taller + gap;
    }
    rects
}

impl<'a> Layout<'a> {
    /// Takes the columns of a panel in, with the wiring between them.
    fn place(&mut self, columns: Columns<'a>, left: Vec<Rect>, right: Vec<Rect>, channel_x: i32) {
        let mut ends = Vec::new();
        for (parts, rects, is_left) in [(columns.left, left, true), (columns.right, right, false)] {
            for (part, rect) in parts.into_iter().zip(rects) {
                ends.push(End { component: part.placement.component, rect, left: is_left });
                self.boxes.push(Placed { part, rect });
            }
        }
        self.wirings.push(Wiring { ends, links: columns.inner, channel: columns.channel, x: channel_x });
    }
}

/// The boxes at the gutter, and their lanes in order.
struct Gutter<'a> {
    vendor: Vec<&'a Placement>,
    customer: Vec<&'a Placement>,
    lanes: Vec<&'a Link>,
}

impl<'a> Gutter<'a> {
    /// Client first; then as listed. The vendor's boxes stand where their lanes are, so that few lanes cross.
    fn new(scenario: &'a Scenario) -> Self {
        let crossing: Vec<&Link> = scenario.crossing_links().collect();
        let at_gutter = |side: Side| -> Vec<&Placement> {
            let touches = |p: &&Placement| crossing.iter().any(|link| end(link, side) == p.component);
            scenario.components.iter().filter(|placement| placement.side == side).filter(touches).collect()
        };
        let mut customer = at_gutter(Side::Customer);
        customer.sort_by_key(|placement| placement.component != Component::Client);
        let mut vendor = at_gutter(Side::Vendor);
        vendor.sort_by_key(|placement| {
            let lanes = crossing.iter().filter(|link| end(link, Side::Vendor) == placement.component);
            let rows: Vec<usize> = lanes.map(|link| position(&customer, end(link, Side::Customer))).collect();
            // The mean, in thousandths.
            (rows.iter().sum::<usize>() * 1000 / rows.len().max(1), std::cmp::Reverse(placement.component))
        });
        let mut lanes = crossing;
        lanes.sort_by_key(|link| {
            (position(&customer, end(link, Side::Customer)), position(&vendor, end(link, Side::Vendor)))
        });
        Self { vendor, customer, lanes }
    }

    fn lanes_of(&self, side: Side, component: Component) -> i32 {
        let count = self.lanes.iter().filter(|link| end(link, side) == component).count();
        i32::try_from(count).unwrap_or(1).max(1)
    }

    /// How far lanes have to be apart for every box to hold what stands in it.
    fn least_pitch(&self, columns: &Columns<'_>, near: &[Part<'_>], width: i32) -> i32 {
        let needs = near.iter().map(|part| {
            let lanes = self.lanes_of(columns.side, part.placement.component);
            (columns.least_height(part, width) + GAP + lanes - 1) / lanes
        });
        needs.max().unwrap_or(0)
    }

    /// The boxes of a side at the gutter: each as high as its lanes.
    fn rects(&self, side: Side, (x, width): (i32, i32), grid: Grid) -> Vec<Rect> {
        let near = if side == Side::Vendor { &self.vendor } else { &self.customer };
        let mut first = 0;
        let mut rects = Vec::new();
        for placement in near {
            let lanes = self.lanes_of(side, placement.component);
            let top = grid.top + first * grid.pitch + GAP / 2;
            rects.push(Rect::new(x, top, width, lanes * grid.pitch - GAP));
            first += lanes;
        }
        rects
    }
}

/// The component at a link's end on one side.
fn end(link: &Link, side: Side) -> Component {
    if link.from_side == side { link.from } else { link.to }
}

fn position(placements: &[&Placement], component: Component) -> usize {
    placements.iter().position(|placement| placement.component == component).unwrap_or(usize::MAX)
}

/// The lanes' places from top to bottom.
#[derive(Clone, Copy)]
struct Grid {
    top: i32,
    pitch: i32,
}

impl Grid {
    fn y(self, slot: usize) -> i32 {
        self.top + i32::try_from(slot).unwrap_or(0) * self.pitch + self.pitch / 2
    }
}

fn two_sided(scenario: &Scenario) -> Layout<'_> {
    let gutter = Gutter::new(scenario);
    let (vendor_near, vendor_far) = near_and_far(scenario, Side::Vendor, &gutter.vendor);
    let (customer_near, customer_far) = near_and_far(scenario, Side::Customer, &gutter.customer);
    let mut vendor = Columns::narrow(scenario, Side::Vendor, vendor_far, vendor_near);
    if vendor.inner.is_empty() {
        vendor.channel = Channel::none(if vendor.left.is_empty() { 0 } else { GAP });
    }
    let customer = Columns::narrow(scenario, Side::Customer, customer_near, customer_far);
    place_two_sides(&gutter, vendor, customer)
}

fn near_and_far<'a>(scenario: &'a Scenario, side: Side, near: &[&'a Placement]) -> (Vec<Part<'a>>, Vec<Part<'a>>) {
    let is_far = |placement: &&Placement| !near.iter().any(|other| std::ptr::eq(*other, *placement));
    let far = scenario.components.iter().filter(|placement| placement.side == side).filter(is_far);
    let near = near.iter().map(|placement| Part::new(scenario, placement));
    (near.collect(), far.map(|placement| Part::new(scenario, placement)).collect())
}

/// How the room is shared between two sides.
struct Shares {
    width: i32,
    content: i32,
    /// Of the vendor's column away from the gutter.
    far: i32,
    /// Of the customer's columns.
    box_width: i32,
    vendor: Rect,
    customer: Rect,
    grid: Grid,
}

impl Shares {
    fn new(gutter: &Gutter<'_>, vendor: &Columns<'_>, customer: &Columns<'_>) -> Self {
        let far = if vendor.left.is_empty() { 0 } else { VENDOR_FAR };
        let vendor_width = 2 * PAD + far + vendor.channel.width() + VENDOR_NEAR;
        let columns = if customer.right.is_empty() { 1 } else { 2 };
        let frame = 2 * MARGIN + vendor_width + LEAST_GUTTER + 2 * PAD + customer.channel.width();
        let width = WIDTH.max(frame + columns * LEAST_NARROW);
        let box_width = ((width - frame) / columns).clamp(LEAST_NARROW, 220);
        let customer_width = 2 * PAD + customer.channel.width() + columns * box_width;

        let count = i32::try_from(gutter.lanes.len()).unwrap_or(1).max(1);
        let least = gutter.least_pitch(vendor, &vendor.right, VENDOR_NEAR).max(gutter.least_pitch(
            customer,
            &customer.left,
            box_width,
        ));
        let pitch = (CONTENT / count).clamp(least, WIDEST_PITCH.max(least));
        let stacks = stack_height(vendor, &vendor.left, far).max(stack_height(customer, &customer.right, box_width));
        let content = CONTENT.max(count * pitch).max(stacks);
        let height = PANEL_HEAD + content + PAD;
        Self {
            width,
            content,
            far,
            box_width,
            vendor: Rect::new(MARGIN, PANEL_TOP, vendor_width, height),
            customer: Rect::new(width - MARGIN - customer_width, PANEL_TOP, customer_width, height),
            grid: Grid { top: PANEL_TOP + PANEL_HEAD + (content - count * pitch) / 2, pitch },
        }
    }
}

fn place_two_sides<'a>(gutter: &Gutter<'a>, vendor: Columns<'a>, customer: Columns<'a>) -> Layout<'a> {
    let Shares { width, content, far, box_width, vendor: vendor_panel, customer: customer_panel, grid } =
        Shares::new(gutter, &vendor, &customer);
    let vendor_x = vendor_panel.x + PAD;
    let near_x = vendor_panel.right() - PAD - VENDOR_NEAR;
    let customer_x = customer_panel.x + PAD;
    let far_x = customer_panel.right() - PAD - box_width;
    let vendor_far = stack(&vendor, &vendor.left, (vendor_x, far), content);
    let vendor_near = gutter.rects(Side::Vendor, (near_x, VENDOR_NEAR), grid);
    let customer_near = gutter.rects(Side::Customer, (customer_x, box_width), grid);
    let customer_far = stack(&customer, &customer.right, (far_x, box_width), content);
    let (lanes, bends) = lanes(gutter, grid, near_x + VENDOR_NEAR, customer_x, vendor_panel.right());
    let labels_x = vendor_panel.right() + 8 + bends * TRACK_PITCH;
    let mut layout = Layout {
        panels: vec![
            Panel { side: Side::Vendor, rect: vendor_panel },
            Panel { side: Side::Customer, rect: customer_panel },
        ],
        boxes: Vec::new(),
        lanes,
        gutter: Some(Rect::new(labels_x, PANEL_TOP, customer_panel.x - 8 - labels_x, vendor_panel.h)),
        wirings: Vec::new(),
        width,
        excess: content - CONTENT,
    };
    layout.place(vendor, vendor_far, vendor_near, vendor_x + far);
    layout.place(customer, customer_near, customer_far, customer_x + box_width);
    layout
}

/// The lanes with their points, and how many of them bend. A lane bends where the vendor's box has it in another slot
/// than the customer's; then it leaves the box a little above the slot, so that it does not lie on the lane there.
fn lanes<'a>(gutter: &Gutter<'a>, grid: Grid, from_x: i32, to_x: i32, edge: i32) -> (Vec<Lane<'a>>, i32) {
    let mut slots: Vec<usize> = (0..gutter.lanes.len()).collect();
    slots.sort_by_key(|lane| (position(&gutter.vendor, end(gutter.lanes[*lane], Side::Vendor)), *lane));
    let mut bends = 0;
    let mut lanes = Vec::new();
    for (number, link) in gutter.lanes.iter().copied().enumerate() {
        let slot = slots.iter().position(|lane| *lane == number).unwrap_or(number);
        let y = grid.y(number);
        let points = if slot == number {
            vec![(from_x, y), (to_x, y)]
        } else {
            let x = edge + 4 + bends * TRACK_PITCH;
            bends += 1;
            let stub = grid.y(slot) - 9;
            vec![(from_x, stub), (x, stub), (x, y), (to_x, y)]
        };
        lanes.push(Lane { link, points, y });
    }
    (lanes, bends)
}
