//! What can be done to the broker as a whole.

use std::rc::Rc;

use yew::prelude::*;

use crate::edit::Command as Edit;
use crate::edit::command::BrokerControl;

use super::super::engine::Engine;

/// The broker.
#[derive(Clone, PartialEq, Properties)]
pub struct BrokerProps {
    /// Does it.
    pub engine: Rc<Engine>,
    /// Whether it is down.
    pub is_down: bool,
}

/// Stop, crash, start: those that can be done now.
#[component]
pub fn BrokerControls(props: &BrokerProps) -> Html {
    let press = |control: BrokerControl, label: &'static str| {
        let engine = props.engine.clone();
        let onclick = move |_: MouseEvent| {
            // Why it was refused is said where commands are.
            let _ = engine.attempt(&Edit::Broker(control));
        };
        html! { <button type="button" key={label} {onclick}>{ label }</button> }
    };
    html! {
        <section class="by-hand" aria-label="Broker">
            <h2>{ "Broker" }</h2>
            <p class="soft">{ if props.is_down { "It is stopped." } else { "It is running." } }</p>
            <div class="row">
                if props.is_down {
                    { press(BrokerControl::Start, "Start broker") }
                } else {
                    { press(BrokerControl::Stop, "Stop broker") }
                    { press(BrokerControl::Crash, "Crash broker") }
                }
            </div>
        </section>
    }
}
