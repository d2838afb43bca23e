//! The page's binary, built by trunk for wasm32. Natively there is no page to show.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    warren::app::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("Warren's page runs in a browser: use `cargo xtask serve`, or `cargo xtask test`.");
    std::process::exit(2);
}
