//! Worlds: the same scenario gives the same log; frames take their time and keep their order; clients do what they say.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../nature/mod.rs"]
mod nature;

mod changes;
mod connections;
mod consumers;
mod controls;
mod hand;
mod losses;
mod play;
mod producers;
mod rpc;
mod scenarios;
mod setup;
mod time;
mod workers;
