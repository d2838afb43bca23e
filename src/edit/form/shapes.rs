//! The shapes of a scenario file, part by part.

pub mod broker;
pub mod client;
pub mod play;
pub mod scenario;
