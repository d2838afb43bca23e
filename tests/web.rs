//! Tests that need a browser: the library as it runs inside of the page.
//!
//! Natively this file is empty. Run it by `cargo xtask test wasm` or `wasm-pack test --headless --chrome`.

#![cfg(target_arch = "wasm32")]

use warren as _;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_library_loads_in_a_browser() {
    let window = web_sys::window().expect("these tests are meant for a browser");
    assert!(window.document().is_some());
}
