//! What can be done with what is selected, and with the whole picture, by presses.

use std::rc::Rc;

use yew::prelude::*;

use crate::edit::link::is_source;
use crate::view::Selection;

use super::clipboard::Clip;
use super::drawing::Ask;
use super::engine::Engine;

/// What the tools work on.
#[derive(Clone, PartialEq, Properties)]
pub struct ToolsProps {
    /// Asks the picture.
    pub engine: Rc<Engine>,
    /// What is selected.
    pub selection: Rc<Selection>,
}

/// The tools.
#[component]
pub fn Tools(props: &ToolsProps) -> Html {
    let (engine, selection) = (&props.engine, &props.selection);
    let tool = |label: &'static str, keys: &'static str, ask: Ask| {
        let engine = engine.clone();
        let onclick = move |_: MouseEvent| engine.ask(ask);
        html! { <button type="button" title={format!("{label} ({keys})")} {onclick}>{ label }</button> }
    };
    let nodes = selection.nodes();
    let end = selection.only().and_then(|node| engine.end_of(node));
    let several = {
        let engine = engine.clone();
        move |_: MouseEvent| engine.ask(Ask::Several)
    };
    html! {
        <div class="tools" role="toolbar" aria-label="Selection">
            { tool("Arrange", "Shift+A", Ask::Arrange) }
            { tool("Paste", "Control+V", Ask::Clip(Clip::Paste)) }
            <button type="button" aria-pressed={selection.is_several().to_string()} onclick={several}
                title="Each press selects one more, and dragging selects what is in the frame (without this: hold Shift)">
                { "Select several" }
            </button>
            if end.is_some_and(|end| is_source(end.kind)) {
                { tool("Link", "L", Ask::Link) }
            }
            if selection.only().is_some() {
                { tool("Compare\u{2026}", "C", Ask::Compare) }
            }
            if !nodes.is_empty() {
                { tool("Duplicate", "Control+D", Ask::Duplicate) }
                { tool("Copy", "Control+C", Ask::Clip(Clip::Copy)) }
                { tool("Cut", "Control+X", Ask::Clip(Clip::Cut)) }
            }
            if !selection.is_empty() {
                { tool("Delete", "Delete", Ask::Delete) }
            }
            if nodes.len() > 1 {
                { tool("Align\u{2026}", "in line, or spread evenly", Ask::Align) }
            }
        </div>
    }
}
