//! Why something that was typed was refused, at the node that it is about.
//!
//! What always holds: it takes no focus, since who typed goes on typing; the next command takes it away.

use std::rc::Rc;

use yew::prelude::*;

use crate::view::Layout;
use crate::view::camera::Camera;

use super::engine::Engine;
use super::scene::Scene;

/// About its width and height, CSS pixels.
const SIZE: (f64, f64) = (292.0, 110.0);

/// Where it is told.
#[derive(Clone, PartialEq, Properties)]
pub struct RefusedProps {
    /// Knows what was refused.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// Where everything stands.
    pub layout: Rc<Layout>,
    /// Which part of it is seen.
    pub camera: Camera,
    /// How much room there is, CSS pixels.
    pub room: (f64, f64),
}

/// The refusal. Who listens has heard it from the line.
#[component]
pub fn Refused(props: &RefusedProps) -> Html {
    let told = props.scene.refused.as_ref().and_then(|refused| {
        let (node, why) = &**refused;
        Some((props.layout.node(node)?, why))
    });
    let Some((placed, why)) = told else { return html! { <div class="refused" hidden=true /> } };
    let rect = placed.rect;
    let mut at = rect.centre();
    at.y = rect.y + rect.height;
    let at = props.camera.to_screen(at);
    let x = (at.x - SIZE.0 / 2.0).min(props.room.0 - SIZE.0).max(6.0);
    let y = (at.y + 6.0).min(props.room.1 - SIZE.1).max(6.0);
    let close = {
        let engine = props.engine.clone();
        move |_: MouseEvent| {
            engine.forget_refusal();
        }
    };
    html! {
        <div class="refused" ~style={format!("left:{x:.0}px;top:{y:.0}px")}>
            <p>{ why.clone() }</p>
            <button type="button" class="quiet" aria-label={format!("Close: {why}")} title="Close" onclick={close}>{ "\u{2715}" }</button>
        </div>
    }
}
