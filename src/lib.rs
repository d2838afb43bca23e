//! Warren: a RabbitMQ that runs inside a web page, and can be watched, stopped, stepped forward and back, and
//! asked why.
//!
//! Layers, each knowing only those before it: [`broker`], [`definitions`], [`simulation`], [`history`], [`lesson`],
//! [`share`], [`view`], `app` and `api`.
//! ARCHITECTURE.md has the map.

#[cfg(all(target_arch = "wasm32", feature = "api"))]
pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod broker;
pub mod definitions;
pub mod edit;
pub mod history;
pub mod lesson;
pub mod share;
pub mod simulation;
pub mod view;
