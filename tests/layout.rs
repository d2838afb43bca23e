//! Layouts of random graphs: nothing overlaps, and a small change moves little.

use proptest::prelude::*;
use warren::view::NodeId;
use warren::view::geometry::{Point, Rect};
use warren::view::graph::{Edge, EdgeKind, Graph, Node, Shape};
use warren::view::layout::{Direction, Layout, Places, layout};

/// A random graph: so many nodes of each shape, edges between neighbouring columns by number.
fn random_graph(counts: [usize; 4], edges: &[(usize, usize, String)]) -> Graph {
    let shapes = [Shape::Producer, Shape::Exchange, Shape::Queue, Shape::Consumer];
    let name = |shape: usize, number: usize| {
        format!("{}-{number}", ["producer", "exchange", "a_rather_long_queue_name", "c"][shape])
    };
    let id = |shape: usize, number: usize| match shape {
        1 => NodeId::exchange(&"/".into(), &name(1, number).into()),
        2 => NodeId::queue(&"/".into(), &name(2, number).into()),
        _ => NodeId::Client(warren::simulation::ClientId((shape * 1_000 + number) as u32)),
    };
    let nodes = (0..4).flat_map(|shape| {
        (0..counts[shape]).map(move |number| Node {
            id: id(shape, number),
            shape: shapes[shape],
            name: name(shape, number).into(),
            note: "some.routing.key".into(),
        })
    });
    let mut graph = Graph { nodes: nodes.collect(), edges: Vec::new() };
    for (from, to, key) in edges {
        let shape = from % 3;
        let (from, to) = (id(shape, from % counts[shape]), id(shape + 1, to % counts[shape + 1]));
        let kind = [EdgeKind::Publish, EdgeKind::Binding, EdgeKind::Consume][shape];
        let labels = if kind == EdgeKind::Binding { vec![key.as_str().into()] } else { Vec::new() };
        if !graph.edges.iter().any(|edge| edge.from == from && edge.to == to) {
            graph.edges.push(Edge { from, to, kind, labels });
        }
    }
    graph
}

fn places(made: &Layout) -> Places {
    made.nodes.iter().map(|placed| (placed.node.id.clone(), placed.centre)).collect()
}

fn assert_apart(rects: &[Rect]) -> Result<(), TestCaseError> {
    for (index, rect) in rects.iter().enumerate() {
        for other in &rects[index + 1..] {
            prop_assert!(!rect.overlaps(other), "{:?} and {:?}", rect, other);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn boxes_and_labels_never_overlap(
        counts in prop::array::uniform4(1_usize..7),
        edges in prop::collection::vec((0_usize..60, 0_usize..60, "[a-z*#.]{0,24}"), 0..40),
    ) {
        let graph = random_graph(counts, &edges);
        for direction in [Direction::Across, Direction::Down] {
            let made = layout(&graph, direction, &Places::new());
            prop_assert_eq!(&made, &layout(&graph, direction, &Places::new()));
            let labels = made.edges.iter().filter_map(|drawn| drawn.label.as_ref().map(|(_, rect)| *rect));
            let rects: Vec<Rect> = made.nodes.iter().map(|placed| placed.rect).chain(labels).collect();
            for (index, rect) in rects.iter().enumerate() {
                prop_assert!(rect.x >= made.bounds.x && rect.y >= made.bounds.y);
                prop_assert!(rect.x + rect.width <= made.bounds.x + made.bounds.width);
                prop_assert!(rect.y + rect.height <= made.bounds.y + made.bounds.height);
                for other in &rects[index + 1..] {
                    prop_assert!(!rect.overlaps(other), "{:?} and {:?}", rect, other);
                }
            }
        }
    }


    #[test]
    fn a_small_change_moves_nothing_else(
        counts in prop::array::uniform4(1_usize..7),
        edges in prop::collection::vec((0_usize..60, 0_usize..60, "[a-z*#.]{0,24}"), 0..40),
        gone in 0_usize..20,
        moved in (-500.0..500.0_f64, -500.0..500.0_f64),
    ) {
        let graph = random_graph(counts, &edges);
        let mut kept = places(&layout(&graph, Direction::Across, &Places::new()));
        // Everything as a whole is somewhere else, and one node has no place yet.
        for centre in kept.values_mut() {
            *centre = Point::new(centre.x + moved.0, centre.y + moved.1);
        }
        let new = graph.nodes[gone % graph.nodes.len()].id.clone();
        kept.remove(&new);
        let again = layout(&graph, Direction::Across, &kept);
        for placed in again.nodes.iter().filter(|placed| placed.node.id != new) {
            prop_assert_eq!(kept.get(&placed.node.id), Some(&placed.centre));
        }
        assert_apart(&again.nodes.iter().map(|placed| placed.rect).collect::<Vec<_>>())?;
        if !kept.is_empty() {
            prop_assert_eq!(layout(&graph, Direction::Across, &places(&again)).nodes, again.nodes);
        }
    }
}
