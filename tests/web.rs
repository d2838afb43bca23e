//! Tests that need a browser: the library as it runs inside of the page.
//!
//! Natively this file is empty. Run it by `cargo xtask test wasm` or `wasm-pack test --headless --chrome`.

#![cfg(target_arch = "wasm32")]

mod nature;

use nature::{DIGEST_OF_A_MINUTE, DIGEST_OF_CHANCE, digest, digest_of_a_minute, digest_of_chance, log_of};
use warren::app::{App, AppProps};
use warren::share::{File, examples};
use warren::simulation::{ConsumerSpec, Role};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Document, Element};
use yew::scheduler::flush;

wasm_bindgen_test_configure!(run_in_browser);

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("these tests are meant for a browser")
}

/// A page of its own for each test.
fn host() -> Element {
    let host = document().create_element("div").expect("an element can be made");
    document().body().expect("there is a body").append_child(&host).expect("it can be added");
    host
}

fn text(host: &Element, selector: &str) -> String {
    let found = host.query_selector(selector).expect("the selector is right");
    found.and_then(|element| element.text_content()).unwrap_or_default()
}

#[wasm_bindgen_test]
fn the_log_is_the_same_as_natively() {
    assert_eq!(digest_of_a_minute(), DIGEST_OF_A_MINUTE);
    assert_eq!(digest_of_chance(), DIGEST_OF_CHANCE);
    let log = log_of(&examples::nature(), 5_000);
    assert_eq!(digest(&log), digest(&log_of(&examples::nature(), 5_000)));
}

#[wasm_bindgen_test]
async fn the_page_appears_stands_still_and_goes_away() {
    let host = host();
    let props = AppProps { playing: false, ..AppProps::default() };
    let app = yew::Renderer::<App>::with_root_and_props(host.clone(), props).render();
    flush().await;
    assert!(text(&host, "h1").contains("Warren"));
    assert!(text(&host, "footer").contains("trademark"));
    assert!(text(&host, "[role=tabpanel]").contains("bird-watcher consumes from birds_only"));
    assert_eq!(host.query_selector_all("canvas").expect("the selector is right").length(), 1);
    app.destroy();
    flush().await;
    assert_eq!(host.child_element_count(), 0);
}

#[wasm_bindgen_test]
async fn a_wrong_scenario_is_told_not_thrown() {
    let host = host();
    let mut scenario = examples::nature();
    scenario.clients[2].role = Role::Consumer(ConsumerSpec { queues: vec!["cats".into()], ..ConsumerSpec::default() });
    let props = AppProps { file: File::from(scenario).to_text().expect("it can be written").into(), playing: false };
    let app = yew::Renderer::<App>::with_root_and_props(host.clone(), props).render();
    flush().await;
    assert!(text(&host, "[role=alert]").contains("NOT_FOUND - no queue 'cats'"));
    app.destroy();
}
