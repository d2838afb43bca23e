//! What can be done to a client by hand: let it publish, kill and restart it, close its channel or its connection.

use std::rc::Rc;

use yew::prelude::*;

use crate::edit::command::{Control, Settings, Target};
use crate::share::Tree;
use crate::view::board::ClientState;

use super::super::scene::Scene;
use super::parts::{Field, Section, choice};
use super::publish::PublishForm;
use super::{Doer, control};

/// A client.
#[derive(Clone, PartialEq, Properties)]
pub struct ClientProps {
    /// Does it.
    pub doer: Doer,
    /// The moment.
    pub scene: Scene,
    /// Which.
    pub client: Rc<ClientState>,
    /// What it is called in commands.
    pub target: Target,
}

/// The sections for a client.
#[component]
pub fn ClientHand(props: &ClientProps) -> Html {
    let ClientProps { doer, scene, client, target } = props;
    let press = |what: Control, label: &'static str| {
        let onclick = doer.press("client", Some(control(what, target, Settings::new())));
        html! { <button type="button" {onclick}>{ label }</button> }
    };
    let vhost = client.spec.vhost.clone();
    let exchanges = scene.board.exchanges.keys().filter(|known| known.vhost == vhost && !known.name.is_empty());
    let exchanges: Vec<AttrValue> = exchanges.map(|known| AttrValue::from(known.name.to_string())).collect();
    let producer = client.spec.role.producer();
    let key = producer.filter(|producer| !producer.templates).map(|producer| producer.routing_key.to_string());
    html! {
        <>
            <Section title="Publish message" did={doer.did("publish")} scene={scene.clone()}>
                <PublishForm doer={doer.clone()} exchange={None} {vhost} {exchanges} from={Some(client.spec.name.clone())}
                    first_exchange={client.spec.role.exchange().unwrap_or_default().to_string()}
                    routing_key={key.unwrap_or_default()} />
            </Section>
            <Section title="Kill / Restart" did={doer.did("client")} scene={scene.clone()}>
                <div class="row">
                    { press(Control::Kill, "Kill") }
                    { press(Control::Restart, "Restart") }
                    if client.is_paused { { press(Control::Resume, "Resume") } } else { { press(Control::Pause, "Pause") } }
                    { press(Control::CloseChannel, "Close channel") }
                </div>
            </Section>
            <Section title="Close this connection" did={doer.did("close")} scene={scene.clone()}>
                <CloseForm doer={doer.clone()} target={target.clone()} connections={client.connections.len()} />
            </Section>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CloseProps {
    doer: Doer,
    target: Target,
    connections: usize,
}

/// *Close this connection*
#[component]
fn CloseForm(props: &CloseProps) -> Html {
    let (reason, which) = (use_state(String::new), use_state(String::new));
    let mut settings = Settings::new();
    if let Ok(number) = which.parse() {
        settings.push(("connection".to_owned(), Tree::Count(number)));
    }
    if !reason.is_empty() {
        settings.push(("reason".to_owned(), Tree::from(reason.as_str())));
    }
    let onsubmit = {
        let (doer, command) = (props.doer.clone(), control(Control::ForceClose, &props.target, settings));
        move |event: SubmitEvent| {
            event.prevent_default();
            doer.run("close", &command);
        }
    };
    let write = |state: &UseStateHandle<String>| {
        let state = state.setter();
        Callback::from(move |text| state.set(text))
    };
    let each = (0..props.connections).map(|number| (number.to_string().into(), format!("{}", number + 1).into()));
    let all = std::iter::once((AttrValue::from(""), AttrValue::from("all of them")));
    html! {
        <form {onsubmit}>
            if props.connections > 1 {
                { choice("Connection", &which, all.chain(each), write(&which)) }
            }
            <Field label="Reason" value={(*reason).clone()} hint="Closed via management plugin" on_write={write(&reason)} />
            <button type="submit">{ "Force Close" }</button>
        </form>
    }
}
