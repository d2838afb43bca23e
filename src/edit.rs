//! Editing: what people change about a scenario, as commands that are values and lines of text alike.

pub mod catalog;
mod change;
pub mod command;
pub mod complete;
mod copy;
mod deed;
mod difference;
mod draft;
pub mod edge;
pub mod form;
pub mod hand;
pub mod hint;
pub mod link;
pub mod nearest;
pub mod path;
mod refusal;
mod rename;
pub mod words;

pub use change::{Changed, as_change, change, varied};
pub use command::{Command, Kind, Target};
pub use copy::{excerpt, pasted};
pub use deed::{are_deeds, deed};
pub use difference::difference;
pub use draft::{Draft, Found};
pub use link::{End, Offer};
pub use refusal::Refusal;
pub use words::Mistake;
