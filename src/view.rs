//! The read model: what of a world is seen, heard and read at a moment. Pure, and without any knowledge of a page.
//!
//! ```text
//! World --log--> Film (History<Scene>, show times, motions, marks)
//!                  |  position = (cursor, moment)
//!                  +--> Scene: Board -> Graph -> Layout     what stands where
//!                  |           Rates                    what was counted, and how fast it grows
//!                  +--> flights                      what moves
//!                  +--> sentences, tables            the same as text
//! ```
//!
//! What always holds: everything here is a function of (log, cursor, moment). The world never waits for the picture,
//! and a moment looked at twice looks the same, whichever way one came to it.

pub mod align;
pub mod blame;
pub mod board;
pub mod camera;
pub mod chart;
pub mod check;
pub mod compare;
pub mod course;
pub mod crowd;
pub mod csv;
pub mod desk;
pub mod explain;
pub mod export;
pub mod fate;
pub mod features;
pub mod film;
pub mod flight;
pub mod flow;
pub mod follow;
pub mod geometry;
pub mod gesture;
pub mod goals;
pub mod graph;
pub mod hand;
pub mod inspect;
pub mod layout;
pub mod life;
pub mod markdown;
pub mod marks;
pub mod moment;
pub mod motion;
pub mod notice;
pub mod pace;
pub mod paper;
pub mod pixels;
pub mod places;
pub mod player;
pub mod rates;
pub mod row;
pub mod scene;
pub mod selection;
pub mod sentence;
pub mod sequence;
pub mod sharing;
pub mod shelf;
pub mod sketch;
pub mod story;
pub mod svg;
pub mod tables;
pub mod tour;
pub mod what_if;
pub mod why;
pub mod written;

pub use board::Board;
pub use desk::Desk;
pub use film::Film;
pub use graph::{EdgeId, Graph, NodeId};
pub use layout::Layout;
pub use player::Player;
pub use rates::Rates;
pub use scene::Scene;
pub use selection::{Select, Selection};
pub use sentence::Sentence;

/// How many colours tell routing keys apart.
pub const COLOURS: usize = 8;
