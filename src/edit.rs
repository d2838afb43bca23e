//! Editing: what people change about a scenario, as commands that are values and lines of text alike.

pub mod catalog;
pub mod command;
pub mod complete;
pub mod words;

pub use command::{Command, Kind, Target};
pub use words::Mistake;
