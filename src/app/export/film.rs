//! An animation of a range: the page goes from moment to moment, and each is kept as a picture.
//!
//! What always holds: how long a picture is shown follows from virtual time alone, however slow the browser is.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;

use crate::view::export::apng::{Animation, Part, changed};

use super::picture::svg;
use super::raster::{Board, bytes};
use crate::app::engine::Engine;
use crate::app::theme::Theme;

/// Pictures a second.
pub const RATE: u32 = 12;
/// So many pictures at most.
pub const PICTURES_MAX: u32 = 720;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// From when, virtual milliseconds.
    pub from_ms: u64,
    /// Until when.
    pub to_ms: u64,
    /// Virtual milliseconds a real one, times 100.
    pub speed_percent: u32,
}

impl Range {
    /// How many pictures that takes.
    pub fn pictures(&self) -> u32 {
        let shown_ms = self.to_ms.saturating_sub(self.from_ms) * 100 / u64::from(self.speed_percent.max(1));
        u32::try_from(shown_ms * u64::from(RATE) / 1_000 + 1).unwrap_or(u32::MAX)
    }

    fn moment_ms(&self, picture: u32) -> f64 {
        let step_ms = f64::from(self.speed_percent) * 10.0 / f64::from(RATE);
        self.from_ms as f64 + f64::from(picture) * step_ms
    }
}

/// The file; none if it was cancelled. `on_picture` is told how many pictures are done, and says whether to go on.
///
/// # Errors
///
/// Why there is none, for people.
pub async fn animation(
    engine: &Rc<Engine>,
    range: Range,
    title: &str,
    theme: Theme,
    on_picture: impl Fn(u32) -> bool,
) -> Result<Option<Vec<u8>>, String> {
    let before = engine.cursor();
    let made = pictures(engine, range, title, theme, on_picture).await;
    engine.seek(before);
    made
}

async fn pictures(
    engine: &Rc<Engine>,
    range: Range,
    title: &str,
    theme: Theme,
    on_picture: impl Fn(u32) -> bool,
) -> Result<Option<Vec<u8>>, String> {
    let mut animation = Animation::default();
    let mut last: Option<(Board, Vec<u8>)> = None;
    for picture in 0..range.pictures() {
        if !on_picture(picture) {
            return Ok(None);
        }
        engine.seek_ms(range.moment_ms(picture));
        // What is rendered is there when everything that waits has had its turn.
        TimeoutFuture::new(0).await;
        TimeoutFuture::new(0).await;
        let (text, room) = svg(engine, title, theme).ok_or("there is no picture")?;
        let board = match last.take() {
            Some((board, before)) => {
                let shown_ms = shown_ms(picture);
                board.draw(&text).await.map_err(refused)?;
                let pixels = board.pixels().map_err(refused)?;
                match changed(&before, &pixels, board.canvas.width()) {
                    None => animation.hold(shown_ms),
                    Some(part) => push(&mut animation, &board, part, shown_ms).await?,
                }
                (board, pixels)
            }
            None => {
                let (width, height) = (room.0.round().max(1.0) as u32, room.1.round().max(1.0) as u32);
                let board = Board::new(width, height).map_err(refused)?;
                board.draw(&text).await.map_err(refused)?;
                push(&mut animation, &board, Part { x: 0, y: 0, width, height }, shown_ms(picture)).await?;
                let pixels = board.pixels().map_err(refused)?;
                (board, pixels)
            }
        };
        last = Some(board);
    }
    Ok(Some(animation.finish()))
}

/// So long is a picture shown that they come to the rate together.
fn shown_ms(picture: u32) -> u32 {
    let until = |picture: u32| picture * 1_000 / RATE;
    until(picture + 1) - until(picture)
}

async fn push(animation: &mut Animation, board: &Board, part: Part, shown_ms: u32) -> Result<(), String> {
    let Part { x, y, width, height } = part;
    let part = board.part(x, y, width, height).map_err(refused)?;
    let png = bytes(&part.png().await.map_err(refused)?).await.map_err(refused)?;
    animation.push(&png, (x, y), shown_ms).map_err(|wrong| wrong.to_string())
}

fn refused(_: JsValue) -> String {
    "the browser cannot draw the picture".to_owned()
}
