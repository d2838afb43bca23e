//! Places: what was put somewhere stands there, everything else stays where it was, nothing covers anything.

use std::rc::Rc;

use warren::edit::Command;
use warren::share::{examples, parse};
use warren::view::align::{Align, aligned, edge_at, moved, node_at, snapped, within};
use warren::view::geometry::Point;
use warren::view::graph::graph;
use warren::view::layout::Direction;
use warren::view::places::{Arranger, Standing, name_of};
use warren::view::{Desk, Layout, NodeId};

const WIDE: (f64, f64) = (1_200.0, 700.0);
const NARROW: (f64, f64) = (340.0, 700.0);

fn desk() -> Desk {
    Desk::open(parse(examples::NATURE).expect("the example is right")).expect("it begins")
}

fn run(desk: &mut Desk, line: &str) {
    let command = Command::parse(line).unwrap_or_else(|mistake| panic!("{line}: {mistake}"));
    desk.run(&command).unwrap_or_else(|refusal| panic!("{line}: {refusal}"));
}

fn made(desk: &Desk, arranger: &mut Arranger, room: (f64, f64)) -> Layout {
    let made = arranger.layout(&graph(desk.player().board()), desk.put(), room);
    for (index, placed) in made.nodes.iter().enumerate() {
        let covered = made.nodes[index + 1..].iter().find(|other| other.rect.overlaps(&placed.rect));
        assert!(covered.is_none(), "{} and {:?}", placed.node.name, covered.map(|other| &other.node.name));
    }
    made
}

fn at(layout: &Layout, name: &str) -> Point {
    layout.nodes.iter().find(|placed| placed.node.name == name).map(|placed| placed.centre).unwrap_or_default()
}

fn id(layout: &Layout, name: &str) -> NodeId {
    let placed = layout.nodes.iter().find(|placed| placed.node.name == name);
    placed.map(|placed| placed.node.id.clone()).unwrap_or_else(|| panic!("{name} is not there"))
}

#[test]
fn nothing_moves_while_the_topology_grows_and_clients_come() {
    let (mut desk, mut arranger) = (desk(), Arranger::default());
    let first = made(&desk, &mut arranger, WIDE);
    desk.player_mut().seek_ms(3_000.0);
    for line in ["queue a", "queue b", "exchange c", "consumer d <- a", "bind nature -> a x", "bind c -> b"] {
        run(&mut desk, line);
    }
    desk.player_mut().seek_ms(6_000.0);
    let then = made(&desk, &mut arranger, WIDE);
    for placed in &first.nodes {
        assert_eq!(then.node(&placed.node.id).map(|now| now.centre), Some(placed.centre), "{}", placed.node.name);
    }
    assert!(then.nodes.len() >= first.nodes.len() + 4);
}

#[test]
fn the_layout_of_a_board_is_made_once_and_again_for_each_change() {
    let (mut desk, mut standing) = (desk(), Standing::default());
    let mut now = |desk: &Desk, room| standing.of(&Rc::new(desk.player().board().clone()), desk.put(), room);
    assert!(now(&desk, (0.0, 0.0)).nodes.is_empty(), "there is no room");
    let first = now(&desk, WIDE);
    desk.player_mut().seek_ms(6_000.0);
    assert!(Rc::ptr_eq(&first, &now(&desk, WIDE)), "messages move nothing");
    run(&mut desk, "move birds_only 900 300");
    let moved = now(&desk, WIDE);
    assert_eq!(at(&moved, "birds_only"), Point::new(900.0, 300.0));
    run(&mut desk, "queue cats");
    let more = now(&desk, WIDE);
    assert_eq!((more.nodes.len(), at(&more, "birds_only")), (moved.nodes.len() + 1, Point::new(900.0, 300.0)));
    assert!(!Rc::ptr_eq(&more, &now(&desk, NARROW)));
}

#[test]
fn what_was_put_somewhere_stands_there_and_comes_back_by_undo() {
    let (mut desk, mut arranger) = (desk(), Arranger::default());
    let first = made(&desk, &mut arranger, WIDE);
    run(&mut desk, "move queue:birds_only 600 500");
    let then = made(&desk, &mut arranger, WIDE);
    assert_eq!(at(&then, "birds_only"), Point::new(600.0, 500.0));
    assert_eq!(at(&then, "nature"), at(&first, "nature"));
    // Another page that opens the file shows it there, and all else where it would be.
    let again = made(&desk, &mut Arranger::default(), WIDE);
    assert_eq!(at(&again, "birds_only"), Point::new(600.0, 500.0));
    assert_eq!(at(&again, "nature"), at(&first, "nature"));
    desk.undo().expect("it can be undone");
    assert_eq!(at(&made(&desk, &mut arranger, WIDE), "birds_only"), at(&first, "birds_only"));
}

#[test]
fn arranging_afresh_forgets_places_and_undo_brings_them_back() {
    let (mut desk, mut arranger) = (desk(), Arranger::default());
    made(&desk, &mut arranger, WIDE);
    for line in ["queue a", "move queue:a 50 900", "queue b", "bind nature -> b x"] {
        run(&mut desk, line);
        made(&desk, &mut arranger, WIDE);
    }
    let before = made(&desk, &mut arranger, WIDE);
    run(&mut desk, "arrange");
    let after = made(&desk, &mut arranger, WIDE);
    let afresh = made(&desk, &mut Arranger::default(), WIDE);
    assert_eq!(after.nodes, afresh.nodes);
    assert_ne!(at(&after, "a"), at(&before, "a"));
    desk.undo().expect("it can be undone");
    assert_eq!(made(&desk, &mut arranger, WIDE).nodes, before.nodes);
    desk.redo().expect("it can be done again");
    assert_eq!(made(&desk, &mut arranger, WIDE).nodes, after.nodes);
}

#[test]
fn the_way_of_messages_fits_the_room_until_something_is_put_somewhere() {
    let (mut desk, mut arranger) = (desk(), Arranger::default());
    assert_eq!(made(&desk, &mut arranger, WIDE).direction, Direction::Across);
    assert_eq!(made(&desk, &mut arranger, NARROW).direction, Direction::Down);
    let down = made(&desk, &mut arranger, NARROW);
    let to = at(&down, "birds_only");
    run(&mut desk, &format!("move queue:birds_only {} {}", to.x, to.y + 40.0));
    assert_eq!(made(&desk, &mut arranger, WIDE).direction, Direction::Down);
}

#[test]
fn what_is_dropped_on_another_stands_beside_it() {
    let layout = made(&desk(), &mut Arranger::default(), WIDE);
    let (queue, consumer) = (id(&layout, "birds_only"), id(&layout, "bird-watcher"));
    let (from, to) = (at(&layout, "bird-watcher"), at(&layout, "birds_only"));
    let places = moved(&layout, std::slice::from_ref(&consumer), Point::new(to.x - from.x, to.y - from.y));
    let mut desk = desk();
    for (node, to) in &places {
        assert_eq!(*node, consumer);
        run(&mut desk, &format!("move consumer:bird-watcher {} {}", to.x, to.y));
    }
    let then = made(&desk, &mut Arranger::default(), WIDE);
    assert_eq!(then.node(&queue).map(|placed| placed.centre), Some(to));
    assert_eq!(places.first().map(|(_, to)| *to), then.node(&consumer).map(|placed| placed.centre));
}

#[test]
fn a_dragged_node_snaps_to_others_and_shows_what_it_is_in_line_with() {
    let layout = made(&desk(), &mut Arranger::default(), WIDE);
    let queue = id(&layout, "birds_only");
    let (from, row) = (at(&layout, "birds_only"), at(&layout, "dove-producer"));
    let by = Point::new(17.0, row.y - from.y + 5.0);
    let (snapped_by, guides) = snapped(&layout, std::slice::from_ref(&queue), by, 8.0);
    assert_eq!(snapped_by, Point::new(17.0, row.y - from.y));
    assert_eq!(guides.len(), 1);
    let (free, none) = snapped(&layout, &[queue], Point::new(17.0, 333.0), 8.0);
    assert_eq!((free, none.len()), (Point::new(17.0, 333.0), 0));
}

#[test]
fn several_are_put_in_line_and_spread_without_covering_each_other() {
    let (mut desk, mut arranger) = (desk(), Arranger::default());
    for line in
        ["queue a", "queue b", "queue c", "move queue:a 900 300", "move queue:b 930 310", "move queue:c 980 700"]
    {
        run(&mut desk, line);
    }
    let layout = made(&desk, &mut arranger, WIDE);
    let nodes = ["a", "b", "c"].map(|name| id(&layout, name));
    for (how, _) in Align::ALL {
        let places = aligned(&layout, &nodes, how);
        assert_eq!(places.len(), 3, "{how:?}");
        let mut desk = Desk::open(desk.file().clone()).expect("it begins");
        for (node, to) in &places {
            let name = layout.node(node).map(|placed| placed.node.name.clone()).unwrap_or_default();
            run(&mut desk, &format!("move queue:{name} {} {}", to.x, to.y));
        }
        let then = made(&desk, &mut Arranger::default(), WIDE);
        let [a, b, c] = ["a", "b", "c"].map(|name| at(&then, name));
        match how {
            Align::Left | Align::Centre | Align::Right => assert!(a.x == b.x && b.x == c.x, "{how:?}"),
            Align::Top | Align::Middle | Align::Bottom => assert!(a.y == b.y && b.y == c.y, "{how:?}"),
            Align::Down => assert!(((b.y - a.y) - (c.y - b.y)).abs() <= 2.0, "{a:?} {b:?} {c:?}"),
            Align::Across => assert!(((b.x - a.x) - (c.x - b.x)).abs() <= 2.0, "{a:?} {b:?} {c:?}"),
        }
    }
}

#[test]
fn what_is_under_a_point_is_found() {
    let layout = made(&desk(), &mut Arranger::default(), WIDE);
    let queue = id(&layout, "birds_only");
    let found = node_at(&layout, at(&layout, "birds_only")).map(|placed| placed.node.id.clone());
    assert_eq!(found, Some(queue.clone()));
    assert_eq!(within(&layout, &layout.bounds).len(), layout.nodes.len());
    for drawn in &layout.edges {
        assert_eq!(edge_at(&layout, drawn.curve.at(0.5), 5.0), Some(drawn.edge.id()));
    }
    let nowhere = Point::new(layout.bounds.x - 300.0, layout.bounds.y - 300.0);
    assert!(node_at(&layout, nowhere).is_none() && edge_at(&layout, nowhere, 5.0).is_none());
    let moved = layout.lines_moved(&[queue], Point::new(10.0, 20.0));
    assert!(!moved.is_empty() && moved.len() < layout.edges.len() + 1);
    assert!(layout.nodes.iter().all(|placed| name_of(&placed.node).to_string().contains(&*placed.node.name)));
}
