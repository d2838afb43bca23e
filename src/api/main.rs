//! The JavaScript edge as a module: what it exports is [`warren::api`]; by itself it does nothing.

#[cfg(target_arch = "wasm32")]
use warren as _;

fn main() {}
