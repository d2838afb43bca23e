//! An SVG as pixels: drawn by the browser on a canvas nobody sees, and as PNG.

use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, Url};

/// A canvas of so many pixels.
pub struct Board {
    /// It.
    pub canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Board {
    /// A new one.
    ///
    /// # Errors
    ///
    /// The browser has none to give.
    pub fn new(width: u32, height: u32) -> Result<Board, JsValue> {
        let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::UNDEFINED)?;
        let canvas: HtmlCanvasElement = document.create_element("canvas")?.dyn_into()?;
        canvas.set_width(width);
        canvas.set_height(height);
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
        let context = canvas.get_context_with_context_options("2d", &options)?.ok_or(JsValue::UNDEFINED)?;
        Ok(Board { canvas, context: context.dyn_into()? })
    }

    /// Draws an SVG over all of it.
    ///
    /// # Errors
    ///
    /// The browser cannot draw it.
    pub async fn draw(&self, svg: &str) -> Result<(), JsValue> {
        let kind = BlobPropertyBag::new();
        kind.set_type("image/svg+xml");
        let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&svg.into()), &kind)?;
        let address = Url::create_object_url_with_blob(&blob)?;
        let image = HtmlImageElement::new()?;
        image.set_src(&address);
        let decoded = JsFuture::from(image.decode()).await;
        let (width, height) = (f64::from(self.canvas.width()), f64::from(self.canvas.height()));
        let drawn = decoded.and_then(|_| {
            self.context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)
        });
        Url::revoke_object_url(&address)?;
        drawn
    }

    /// A part of another one.
    ///
    /// # Errors
    ///
    /// The browser refuses.
    pub fn part(&self, x: u32, y: u32, width: u32, height: u32) -> Result<Board, JsValue> {
        let part = Board::new(width, height)?;
        part.context.draw_image_with_html_canvas_element(&self.canvas, -f64::from(x), -f64::from(y))?;
        Ok(part)
    }

    /// Its pixels, four bytes each.
    ///
    /// # Errors
    ///
    /// The browser refuses.
    pub fn pixels(&self) -> Result<Vec<u8>, JsValue> {
        let (width, height) = (f64::from(self.canvas.width()), f64::from(self.canvas.height()));
        Ok(self.context.get_image_data(0.0, 0.0, width, height)?.data().0)
    }

    /// It as PNG.
    ///
    /// # Errors
    ///
    /// The browser cannot make one, as of too many pixels.
    pub async fn png(&self) -> Result<Blob, JsValue> {
        let promise = Promise::new(&mut |resolve: Function, reject: Function| {
            let refused = reject.clone();
            let told = Closure::once_into_js(move |blob: Option<Blob>| {
                // Whoever waits is told; there is nobody else.
                let _ = match blob {
                    Some(blob) => resolve.call1(&JsValue::NULL, &blob),
                    None => reject.call0(&JsValue::NULL),
                };
            });
            if let Err(error) = self.canvas.to_blob(told.unchecked_ref()) {
                let _ = refused.call1(&JsValue::NULL, &error);
            }
        });
        JsFuture::from(promise).await?.dyn_into()
    }
}

/// The bytes of a blob.
///
/// # Errors
///
/// The browser cannot read it.
pub async fn bytes(blob: &Blob) -> Result<Vec<u8>, JsValue> {
    Ok(Uint8Array::new(&JsFuture::from(blob.array_buffer()).await?).to_vec())
}
