//! The panel beside the picture: the story, the inspector, the tables, one at a time.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::view::Selection;
use crate::view::inspect::{Fact, facts};

use super::engine::Engine;
use super::keys::Command;
use super::scene::Scene;
use super::story::Story;
use super::tables::Tables;

/// Lines the story shows.
const STORY_LINES: usize = 60;
/// The same while more happens than can be read.
const STORY_LINES_MIN: usize = 16;
/// Lines the inspector shows, and how far back it looks for them.
const NODE_LINES: usize = 12;

/// What can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Story,
    Inspector,
    Tables,
}

const TABS: [(Tab, &str, &str); 3] =
    [(Tab::Story, "story", "Story"), (Tab::Inspector, "inspector", "Inspector"), (Tab::Tables, "tables", "Tables")];

/// What the panel shows.
#[derive(Clone, PartialEq, Properties)]
pub struct PanelProps {
    /// Tells the story.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What is selected.
    pub selection: Rc<Selection>,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The panel.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    let tab = use_state(|| Tab::Story);
    {
        // What was just selected is what one wants to see.
        let tab = tab.setter();
        use_effect_with(props.selection.clone(), move |selection| {
            if !selection.is_empty() {
                tab.set(Tab::Inspector);
            }
        });
    }
    let story_lines = if props.engine.hurries() { STORY_LINES_MIN } else { STORY_LINES };
    let content = match *tab {
        Tab::Story => html! { <Story lines={props.engine.story(story_lines)} on_command={props.on_command.clone()} /> },
        Tab::Inspector => inspector(props),
        Tab::Tables => html! { <Tables tables={props.engine.tables()} /> },
    };
    let id = TABS.iter().find(|(other, ..)| *other == *tab).map_or("story", |(_, id, _)| id);
    html! {
        <section class="panel" aria-label="Details">
            <div class="tabs" role="tablist" aria-label="Details">
                { for TABS.iter().enumerate().map(|(place, (other, id, label))| {
                    let chosen = *other == *tab;
                    let onclick = { let (tab, other) = (tab.setter(), *other); move |_: MouseEvent| tab.set(other) };
                    let onkeydown = { let tab = tab.setter(); move |event: KeyboardEvent| turn(&event, place, &tab) };
                    html! {
                        <button type="button" key={*id} role="tab" id={format!("tab-{id}")} aria-controls="panel"
                            aria-selected={chosen.to_string()} tabindex={if chosen { "0" } else { "-1" }} {onclick} {onkeydown}>
                            { *label }
                        </button>
                    }
                }) }
            </div>
            <div class="content" id="panel" role="tabpanel" aria-labelledby={format!("tab-{id}")} tabindex="0">
                <div key={id}>{ content }</div>
            </div>
        </section>
    }
}

/// The arrow keys go from tab to tab.
fn turn(event: &KeyboardEvent, place: usize, tab: &UseStateSetter<Tab>) {
    let next = match event.key().as_str() {
        "ArrowRight" => (place + 1) % TABS.len(),
        "ArrowLeft" => (place + TABS.len() - 1) % TABS.len(),
        "Home" => 0,
        "End" => TABS.len() - 1,
        _ => return,
    };
    event.prevent_default();
    let (chosen, id, _) = TABS[next];
    tab.set(chosen);
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.get_element_by_id(&format!("tab-{id}")));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that is shown can be focused.
        let _ = element.focus();
    }
}

fn inspector(props: &PanelProps) -> Html {
    let Some(node) = props.selection.last() else {
        return html! {
            <p class="empty">{ "Select a producer, an exchange, a queue or a consumer in the picture to look into it." }</p>
        };
    };
    let (title, facts) = facts(&props.scene.board, node);
    html! {
        <div class="inspector">
            <h2>{ title }</h2>
            <dl>{ for facts.iter().map(fact) }</dl>
            <h3>{ "What happened to it" }</h3>
            <Story lines={props.engine.story_of(node, NODE_LINES)} on_command={props.on_command.clone()} empty="Nothing yet." />
        </div>
    }
}

fn fact(fact: &Fact) -> Html {
    html! { <div key={fact.label}><dt>{ fact.label }</dt><dd>{ fact.value.clone() }</dd></div> }
}
