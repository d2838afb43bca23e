//! Layouts of random graphs: nothing overlaps, and a small change moves little.

use std::collections::BTreeSet;

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
            badges: Vec::new(),
            vhost: "/".into(),
        })
    });
    let mut graph = Graph { nodes: nodes.collect(), ..Graph::default() };
    let mut known = BTreeSet::new();
    for (from, to, key) in edges {
        let shape = from % 3;
        let (from, to) = (id(shape, from % counts[shape]), id(shape + 1, to % counts[shape + 1]));
        let kind = [EdgeKind::Publish, EdgeKind::Binding, EdgeKind::Consume][shape];
        let labels = if kind == EdgeKind::Binding { vec![key.as_str().into()] } else { Vec::new() };
        if known.insert((from.clone(), to.clone())) {
            graph.edges.push(Edge { from, to, kind, labels });
        }
    }
    // Now and then a queue has a dead letter exchange, and an exchange an alternate one.
    let mut relate = |from: NodeId, to: NodeId, kind| {
        if from != to && known.insert((from.clone(), to.clone())) {
            let word = if kind == EdgeKind::DeadLetter { "dead letter" } else { "alternate" };
            graph.edges.push(Edge { from, to, kind, labels: vec![word.into()] });
        }
    };
    for (from, to, _) in edges.iter().step_by(5) {
        relate(id(2, from % counts[2]), id(1, to % counts[1]), EdgeKind::DeadLetter);
        relate(id(1, from % counts[1]), id(1, to % counts[1]), EdgeKind::Alternate);
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

/// So many queues with so many bindings, a few exchanges and clients.
fn large(queues: usize, bindings: usize) -> Graph {
    let publish = (0..30).map(|number| (3 * number, number, String::new()));
    let bound = (0..bindings).map(|number| (3 * number + 1, number / 30 + number * 7, format!("key.{number}")));
    let consume = (0..50).map(|number| (3 * number + 2, number, String::new()));
    let edges: Vec<(usize, usize, String)> = publish.chain(bound).chain(consume).collect();
    random_graph([20, 30, queues, 50], &edges)
}

#[test]
fn a_large_graph_takes_little_more_for_each_of_its_parts() {
    for (queues, bindings) in [(100, 500), (300, 1_000), (2_000, 10_000)] {
        let graph = large(queues, bindings);
        for direction in [Direction::Across, Direction::Down] {
            let made = layout(&graph, direction, &Places::new());
            let parts = (graph.nodes.len() + graph.edges.len()) as u64;
            assert!(made.effort < parts * 2_000, "{} for {parts} parts", made.effort);
            assert_eq!(made.is_crowded(), graph.nodes.len() > 200);
            let rects: Vec<Rect> = made.nodes.iter().map(|placed| placed.rect).collect();
            assert_apart(&rects).expect("no box overlaps another");
            // One more node finds its place without a look at all the others.
            let mut kept = places(&made);
            kept.pop_first();
            let again = layout(&graph, direction, &kept);
            assert!(again.effort < parts * 2_000, "{} for {parts} parts", again.effort);
        }
    }
}

#[test]
fn what_returns_to_its_exchange_stays_between_the_columns() {
    let graph = random_graph([1, 1, 4, 1], &[(1, 0, "a".to_owned()), (0, 0, String::new())]);
    let (exchange, mut graph) = (graph.nodes[1].id.clone(), graph);
    for node in graph.nodes.clone().iter().filter(|node| node.shape == Shape::Queue) {
        let (from, to, labels) = (node.id.clone(), exchange.clone(), vec!["dead letter".into()]);
        graph.edges.push(Edge { from, to, kind: EdgeKind::DeadLetter, labels });
    }
    for direction in [Direction::Across, Direction::Down] {
        let made = layout(&graph, direction, &Places::new());
        for drawn in made.edges.iter().filter(|drawn| drawn.edge.kind == EdgeKind::DeadLetter) {
            let ends = [&drawn.edge.from, &drawn.edge.to];
            for placed in made.nodes.iter().filter(|placed| !ends.contains(&&placed.node.id)) {
                let behind = |part| placed.rect.overlaps(&Rect::around(drawn.curve.at(part), 1.0, 1.0));
                let hidden = (1..50).filter(|part| behind(f64::from(*part) / 50.0)).count();
                assert_eq!(hidden, 0, "{:?} {:?} behind {:?}", direction, drawn.edge, placed.node.id);
            }
        }
    }
}

#[test]
fn virtual_hosts_have_frames_that_do_not_overlap() {
    let graph = random_graph([2, 3, 4, 3], &[(1, 0, "a".to_owned()), (0, 0, String::new()), (2, 1, String::new())]);
    assert!(layout(&graph, Direction::Across, &Places::new()).frames().is_empty(), "one alone needs no frame");
    let mut graph = graph;
    let names = ["/", "staging", "test"];
    for (number, node) in graph.nodes.iter_mut().enumerate() {
        node.vhost = names[number % 3].into();
    }
    for direction in [Direction::Across, Direction::Down] {
        let made = layout(&graph, direction, &Places::new());
        let frames = made.frames();
        assert_eq!(frames.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
        assert_apart(&frames.iter().map(|(_, rect)| *rect).collect::<Vec<_>>()).expect("frames are apart");
        for placed in &made.nodes {
            for (name, frame) in &frames {
                assert_eq!(frame.overlaps(&placed.rect), *name == placed.node.vhost, "{name} {:?}", placed.node.id);
            }
        }
    }
}

#[test]
fn a_virtual_host_with_nothing_in_it_has_a_frame_under_all_others() {
    let mut graph = random_graph([2, 3, 4, 3], &[(1, 0, "a".to_owned())]);
    let before = layout(&graph, Direction::Across, &Places::new());
    graph.empty = vec!["sales".into(), "test".into()];
    for direction in [Direction::Across, Direction::Down] {
        let made = layout(&graph, direction, &Places::new());
        let frames = made.frames();
        assert_eq!(frames.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["/", "sales", "test"]);
        assert_apart(&frames.iter().map(|(_, rect)| *rect).collect::<Vec<_>>()).expect("frames are apart");
        assert!(frames.iter().all(|(_, rect)| made.bounds.with(rect) == made.bounds), "all of them are seen");
        assert!(made.nodes.iter().all(|placed| !frames[1].1.overlaps(&placed.rect)));
    }
    let made = layout(&graph, Direction::Across, &Places::new());
    assert_eq!(made.nodes, before.nodes, "nothing moves for it");
    assert!(
        layout(&Graph { empty: vec!["/".into()], ..Graph::default() }, Direction::Across, &Places::new())
            .frames()
            .is_empty()
    );
}
