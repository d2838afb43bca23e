//! The page's binary, built by trunk for wasm32. Natively there is no page: there it plays a scenario file as text.

#[cfg(not(target_arch = "wasm32"))]
mod headless;

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    warren::app::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    headless::main()
}
