//! What hands do on the picture, told from pointers: panning, zooming, dragging a node, drawing a line, a frame around
//! several nodes, a tap.
//!
//! What always holds: a finger that has hardly moved drags nothing; a second finger ends whatever the first one drags,
//! without effect. A mouse drags a node at once, a finger only one that is selected: else it pans, as nodes may fill a
//! small screen.

use super::geometry::Point;
use super::graph::NodeId;

/// What a pointer is on.
#[derive(Clone, Debug, PartialEq)]
pub enum On {
    /// Nothing, or an edge.
    Ground,
    /// A node.
    Node {
        /// Which.
        node: NodeId,
        /// Whether it is selected.
        is_selected: bool,
    },
    /// The handle of a node, from which lines are drawn.
    Handle(NodeId),
}

/// A pointer at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointer {
    /// Which pointer.
    pub id: i32,
    /// Where it is, CSS pixels.
    pub at: Point,
    /// Whether it is a finger.
    pub is_touch: bool,
    /// Whether Shift is held, or several are to be selected.
    pub also: bool,
    /// When, milliseconds.
    pub at_ms: f64,
}

/// What is dragged.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A node, and all others that are selected if it is.
    Node(NodeId),
    /// A line from a node.
    Line(NodeId),
    /// A frame around nodes.
    Frame,
}

/// Something that is dragged, from one point of the screen to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Dragged {
    /// What.
    pub what: What,
    /// Where it began, CSS pixels.
    pub from: Point,
    /// Where it is, CSS pixels.
    pub to: Point,
}

/// What the hand wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Gesture {
    /// To move what is seen by so many CSS pixels.
    Pan(f64, f64),
    /// To see it so many times larger; the point stays.
    Zoom(f64, Point),
    /// Nothing but to touch the ground.
    Tap(Point),
    /// To touch it twice.
    DoubleTap(Point),
    /// To drag something; it is not let go of yet.
    Drag(Dragged),
    /// To let go of it.
    Drop(Dragged),
    /// Not to have dragged it.
    Stop,
}

/// A hand that is on the picture.
#[derive(Debug, Default)]
pub struct Hand {
    fingers: Vec<(i32, Point)>,
    begun: Option<Begun>,
    has_moved: bool,
    tapped: Option<(f64, Point)>,
}

#[derive(Debug)]
struct Begun {
    what: Option<What>,
    on_ground: bool,
    from: Point,
    is_touch: bool,
}

/// How far a mouse and a finger move before it is no tap any more, CSS pixels.
const TAP_PX: (f64, f64) = (4.0, 9.0);
/// Two taps so close after each other are one, milliseconds and CSS pixels.
const TWICE: (f64, f64) = (400.0, 24.0);

impl Hand {
    /// A pointer is pressed.
    pub fn down(&mut self, pointer: Pointer, on: On) -> Option<Gesture> {
        self.fingers.retain(|(id, _)| *id != pointer.id);
        self.fingers.push((pointer.id, pointer.at));
        if self.fingers.len() > 1 {
            let stopped = self.has_moved && self.begun.as_ref().is_some_and(|begun| begun.what.is_some());
            self.begun = None;
            self.has_moved = true;
            return stopped.then_some(Gesture::Stop);
        }
        let on_ground = on == On::Ground;
        let what = match on {
            On::Handle(node) => Some(What::Line(node)),
            On::Node { node, is_selected } => (!pointer.is_touch || is_selected).then_some(What::Node(node)),
            On::Ground => pointer.also.then_some(What::Frame),
        };
        self.has_moved = false;
        self.begun = Some(Begun { what, on_ground, from: pointer.at, is_touch: pointer.is_touch });
        None
    }

    /// A pointer is moved.
    pub fn moved(&mut self, pointer: Pointer) -> Option<Gesture> {
        let index = self.fingers.iter().position(|(id, _)| *id == pointer.id)?;
        let was = self.fingers.get(index)?.1;
        let other = self.fingers.iter().find(|(id, _)| *id != pointer.id).map(|(_, at)| *at);
        if let Some(begun) = self.begun.as_ref().filter(|_| !self.has_moved) {
            let still = if begun.is_touch { TAP_PX.1 } else { TAP_PX.0 };
            if was.distance(pointer.at) < still {
                return None;
            }
        }
        self.has_moved = true;
        if let Some(finger) = self.fingers.get_mut(index) {
            finger.1 = pointer.at;
        }
        if let Some(other) = other {
            let factor = other.distance(pointer.at).max(1.0) / other.distance(was).max(1.0);
            return Some(Gesture::Zoom(factor, other.towards(pointer.at, 0.5)));
        }
        Some(match self.dragged(pointer.at) {
            Some(dragged) => Gesture::Drag(dragged),
            None => Gesture::Pan(pointer.at.x - was.x, pointer.at.y - was.y),
        })
    }

    /// A pointer is let go of.
    pub fn up(&mut self, pointer: Pointer) -> Option<Gesture> {
        let before = self.fingers.len();
        self.fingers.retain(|(id, _)| *id != pointer.id);
        if before != 1 || !self.fingers.is_empty() {
            return None;
        }
        if self.has_moved {
            let dropped = self.dragged(pointer.at).map(Gesture::Drop);
            self.begun = None;
            return dropped;
        }
        self.begun.take().filter(|begun| begun.on_ground)?;
        let last = self.tapped.replace((pointer.at_ms, pointer.at));
        let again =
            last.is_some_and(|(at_ms, at)| pointer.at_ms - at_ms <= TWICE.0 && at.distance(pointer.at) <= TWICE.1);
        if again {
            self.tapped = None;
        }
        Some(if again { Gesture::DoubleTap(pointer.at) } else { Gesture::Tap(pointer.at) })
    }

    /// What is dragged is not to be dragged any more, or a pointer is gone.
    pub fn stop(&mut self) -> Option<Gesture> {
        let dragged = self.has_moved && self.begun.as_ref().is_some_and(|begun| begun.what.is_some());
        self.fingers.clear();
        self.begun = None;
        dragged.then_some(Gesture::Stop)
    }

    fn dragged(&self, to: Point) -> Option<Dragged> {
        let begun = self.begun.as_ref()?;
        Some(Dragged { what: begun.what.clone()?, from: begun.from, to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(id: i32, x: f64, y: f64) -> Pointer {
        Pointer { id, at: Point::new(x, y), is_touch: false, also: false, at_ms: 0.0 }
    }

    fn node() -> NodeId {
        NodeId::queue(&"/".into(), &"q".into())
    }

    #[test]
    fn the_ground_is_panned_and_with_shift_a_frame_is_drawn() {
        let mut hand = Hand::default();
        assert_eq!(hand.down(at(1, 0.0, 0.0), On::Ground), None);
        assert_eq!(hand.moved(at(1, 2.0, 0.0)), None);
        assert_eq!(hand.moved(at(1, 10.0, 5.0)), Some(Gesture::Pan(10.0, 5.0)));
        assert_eq!(hand.moved(at(1, 11.0, 5.0)), Some(Gesture::Pan(1.0, 0.0)));
        assert_eq!(hand.up(at(1, 11.0, 5.0)), None);
        hand.down(Pointer { also: true, ..at(1, 0.0, 0.0) }, On::Ground);
        let frame = |x, y| Dragged { what: What::Frame, from: Point::new(0.0, 0.0), to: Point::new(x, y) };
        assert_eq!(hand.moved(at(1, 20.0, 9.0)), Some(Gesture::Drag(frame(20.0, 9.0))));
        assert_eq!(hand.up(at(1, 30.0, 9.0)), Some(Gesture::Drop(frame(30.0, 9.0))));
    }

    #[test]
    fn a_finger_drags_only_what_is_selected() {
        let mut hand = Hand::default();
        let finger = |x: f64| Pointer { is_touch: true, ..at(1, x, 0.0) };
        hand.down(finger(0.0), On::Node { node: node(), is_selected: false });
        assert_eq!(hand.moved(finger(7.0)), None);
        assert_eq!(hand.moved(finger(20.0)), Some(Gesture::Pan(20.0, 0.0)));
        hand.up(finger(20.0));
        hand.down(finger(0.0), On::Node { node: node(), is_selected: true });
        let dragged = hand.moved(finger(20.0));
        assert!(matches!(dragged, Some(Gesture::Drag(Dragged { what: What::Node(_), .. }))));
        assert!(matches!(hand.up(finger(30.0)), Some(Gesture::Drop(_))));
        hand.down(at(1, 0.0, 0.0), On::Node { node: node(), is_selected: false });
        assert!(matches!(hand.moved(at(1, 20.0, 0.0)), Some(Gesture::Drag(_))));
    }

    #[test]
    fn a_second_finger_ends_what_the_first_drags_and_zooms() {
        let mut hand = Hand::default();
        hand.down(at(1, 0.0, 0.0), On::Handle(node()));
        assert!(matches!(hand.moved(at(1, 30.0, 0.0)), Some(Gesture::Drag(_))));
        assert_eq!(hand.down(at(2, 60.0, 0.0), On::Ground), Some(Gesture::Stop));
        assert_eq!(hand.moved(at(2, 90.0, 0.0)), Some(Gesture::Zoom(2.0, Point::new(60.0, 0.0))));
        assert_eq!(hand.up(at(1, 30.0, 0.0)), None);
        assert_eq!(hand.up(at(2, 90.0, 0.0)), None);
    }

    #[test]
    fn taps_and_double_taps_are_on_the_ground() {
        let mut hand = Hand::default();
        let mut tap = |on: On, at_ms: f64, x: f64| {
            let pointer = Pointer { at_ms, ..at(1, x, 0.0) };
            hand.down(pointer, on);
            hand.up(pointer)
        };
        assert_eq!(tap(On::Ground, 0.0, 0.0), Some(Gesture::Tap(Point::new(0.0, 0.0))));
        assert_eq!(tap(On::Ground, 300.0, 5.0), Some(Gesture::DoubleTap(Point::new(5.0, 0.0))));
        assert_eq!(tap(On::Ground, 500.0, 5.0), Some(Gesture::Tap(Point::new(5.0, 0.0))));
        assert_eq!(tap(On::Ground, 600.0, 50.0), Some(Gesture::Tap(Point::new(50.0, 0.0))));
        assert_eq!(tap(On::Ground, 1_200.0, 50.0), Some(Gesture::Tap(Point::new(50.0, 0.0))));
        assert_eq!(tap(On::Node { node: node(), is_selected: true }, 1_300.0, 50.0), None);
    }

    #[test]
    fn what_is_stopped_has_no_effect() {
        let mut hand = Hand::default();
        hand.down(at(1, 0.0, 0.0), On::Handle(node()));
        hand.moved(at(1, 30.0, 0.0));
        assert_eq!(hand.stop(), Some(Gesture::Stop));
        assert_eq!(hand.moved(at(1, 40.0, 0.0)), None);
        assert_eq!(hand.up(at(1, 40.0, 0.0)), None);
        assert_eq!(hand.stop(), None);
    }
}
