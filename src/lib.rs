//! Warren: a RabbitMQ that runs inside a web page, and can be watched, stopped, stepped forward and back, and
//! asked why.
//!
//! Layers, each knowing only those before it: [`broker`], `simulation`, `history`, `view`, `app`.
//! ARCHITECTURE.md has the map.

pub mod broker;
