//! A scenario file by address: `?src=lessons/first.json` opens the page with that file.
//!
//! What always holds: the address is taken relative to the page's own, and another origin than the page's is never
//! asked.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, Url, window};

/// What the page's address says after `src=`, if it does.
pub fn asked() -> Option<String> {
    let search = window()?.location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search).ok()?.get("src").filter(|source| !source.is_empty())
}

/// The text at an address.
///
/// # Errors
///
/// A sentence for people: why there is none.
pub async fn text_at(source: &str) -> Result<String, String> {
    let address = own_address(source).ok_or_else(|| {
        format!("src: expected an address below the page's own site, as lessons/first.json, but it is {source:?}")
    })?;
    let response = get(&address).await.map_err(|_| format!("{source}: the site does not answer"))?;
    if !response.ok() {
        return Err(format!("{source}: the site answers {} {}", response.status(), response.status_text()));
    }
    read(&response).await.map_err(|_| format!("{source}: the site stopped in the midst of its answer"))
}

/// The whole address; none if it is of another origin.
fn own_address(source: &str) -> Option<String> {
    let location = window()?.location();
    let address = Url::new_with_base(source, &location.href().ok()?).ok()?;
    (address.origin() == location.origin().ok()?).then(|| address.href())
}

async fn get(address: &str) -> Result<Response, JsValue> {
    let window = window().ok_or(JsValue::NULL)?;
    JsFuture::from(window.fetch_with_str(address)).await?.dyn_into()
}

async fn read(response: &Response) -> Result<String, JsValue> {
    JsFuture::from(response.text()?).await?.as_string().ok_or(JsValue::NULL)
}
