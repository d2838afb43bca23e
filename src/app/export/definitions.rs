//! The definitions, to be given to a RabbitMQ: a choice of the whole broker or one virtual host, and a button.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::broker::Name;
use crate::share::outgoing;

use super::super::engine::Engine;
use super::Still;

/// Of what they are saved.
#[derive(Clone, PartialEq, Properties)]
pub struct HandOverProps {
    /// Has the scenario.
    pub engine: Rc<Engine>,
    /// Saves them, and says so.
    pub still: Still,
}

/// The row. It shows the virtual hosts that there are when it is made.
#[component]
pub fn HandOver(props: &HandOverProps) -> Html {
    let vhosts = use_memo((), |()| outgoing::vhosts(&props.engine.scenario().scenario.definitions));
    let chosen = use_state(|| None::<Name>);
    let onchange = {
        let (chosen, vhosts) = (chosen.setter(), vhosts.clone());
        move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            // The first one is the whole broker.
            let at = select.and_then(|select| usize::try_from(select.selected_index()).ok()?.checked_sub(1));
            chosen.set(at.and_then(|at| vhosts.get(at).cloned()));
        }
    };
    let onclick = {
        let (engine, still, chosen) = (props.engine.clone(), props.still.clone(), chosen.clone());
        move |_: MouseEvent| still.definitions(&engine, chosen.as_deref())
    };
    html! {
        <div class="way">
            <button type="button" {onclick}>{ "Save definitions" }</button>
            <label>
                { "Of " }
                <select {onchange}>
                    <option key="whole" selected={chosen.is_none()}>{ "the whole broker" }</option>
                    { for vhosts.iter().enumerate().map(|(at, name)| html! {
                        <option key={at} selected={chosen.as_ref() == Some(name)}>{ format!("virtual host {name}") }</option>
                    }) }
                </select>
            </label>
            <span>{ "What the broker begins with, as RabbitMQ 4.3 exports it, and imports it by its management page." }</span>
        </div>
    }
}

impl Still {
    fn definitions(&self, engine: &Engine, vhost: Option<&str>) {
        match outgoing::definitions(&engine.scenario().scenario.definitions, vhost) {
            Ok(text) => self.save(self.called("definitions.json"), "application/json", &text.into()),
            Err(error) => self.say(Err(error.to_string())),
        }
    }
}
