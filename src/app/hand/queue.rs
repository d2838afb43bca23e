//! What can be done to a queue by hand: publish to it, get from it, settle what is held, move, purge, delete.

use std::rc::Rc;

use yew::prelude::*;

use crate::broker::{Name, Resource};
use crate::edit::Command as Edit;
use crate::edit::command::{Answer, Kind, Target};
use crate::edit::hand::{ACK_MODES, ENCODINGS, get, move_messages, purge, settle};
use crate::simulation::{GetEncoding, GetMode};
use crate::view::hand::{Shown, held};

use super::super::scene::Scene;
use super::Doer;
use super::parts::{Field, Section, choice, message, tick};
use super::publish::PublishForm;

/// A queue.
#[derive(Clone, PartialEq, Properties)]
pub struct QueueProps {
    /// Does it.
    pub doer: Doer,
    /// The moment.
    pub scene: Scene,
    /// Which.
    pub queue: Rc<Resource>,
}

/// The sections for a queue.
#[component]
pub fn QueueHand(props: &QueueProps) -> Html {
    let QueueProps { doer, scene, queue } = props;
    let Some(state) = scene.board.queues.get(queue) else {
        return html! { <div hidden=true /> };
    };
    let (vhost, name) = (queue.vhost.clone(), queue.name.clone());
    let is_stream = state.kind == "stream";
    let held = held(state);
    let delete = Edit::Delete { targets: vec![Target::new(Kind::Queue, &name)] };
    html! {
        <>
            if !held.is_empty() {
                <Section title="Held by hand" did={doer.did("settle")} scene={scene.clone()} open={true}>
                    <HeldList doer={doer.clone()} vhost={vhost.clone()} {held} />
                </Section>
            }
            <Section title="Publish message" did={doer.did("publish")} scene={scene.clone()}>
                <PublishForm doer={doer.clone()} exchange={Some(Name::default())} vhost={vhost.clone()} exchanges={Vec::new()}
                    routing_key={name.to_string()} only_key={true} />
            </Section>
            if !is_stream {
                <Section title="Get messages" did={doer.did("get")} scene={scene.clone()}>
                    <GetForm doer={doer.clone()} queue={queue.clone()} />
                </Section>
            }
            <Section title="Move messages" did={doer.did("move")} scene={scene.clone()}>
                <MoveForm doer={doer.clone()} scene={scene.clone()} queue={queue.clone()} />
            </Section>
            <Section title="Delete / Purge" did={doer.did("purge")} scene={scene.clone()}>
                <div class="row">
                    if !is_stream {
                        <button type="button" onclick={doer.press("purge", Some(purge(&vhost, &name)))}>{ "Purge Messages" }</button>
                    }
                    <button type="button" onclick={doer.press("purge", Some(delete))}>{ "Delete Queue" }</button>
                </div>
                <p class="soft">{ "Undo takes either back." }</p>
            </Section>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    doer: Doer,
    queue: Rc<Resource>,
}

/// *Get messages*
#[component]
fn GetForm(props: &FormProps) -> Html {
    let (mode, encoding) = (use_state(GetMode::default), use_state(GetEncoding::default));
    let count = use_state(|| "1".to_owned());
    let Resource { vhost, name } = &*props.queue;
    let command = get(vhost, name, &count, *mode, *encoding);
    let wrong = if command.is_none() { "expected a number from 1 to 10000" } else { "" };
    let modes = ACK_MODES.into_iter().map(|(mode, text)| (mode.as_str().into(), text.into()));
    let on_choose = {
        let mode = mode.setter();
        Callback::from(move |word: String| {
            let found = GetMode::ALL.into_iter().find(|mode| mode.as_str() == word);
            mode.set(found.unwrap_or_default());
        })
    };
    let encodings = ENCODINGS.into_iter().map(|(encoding, text)| (encoding.as_str().into(), text.into()));
    let on_encoding = {
        let encoding = encoding.setter();
        Callback::from(move |word: String| {
            let found = GetEncoding::ALL.into_iter().find(|encoding| encoding.as_str() == word);
            encoding.set(found.unwrap_or_default());
        })
    };
    let on_write = {
        let count = count.setter();
        Callback::from(move |text| count.set(text))
    };
    let onsubmit = submit(&props.doer, "get", command);
    html! {
        <form {onsubmit}>
            <p class="soft">{ "Warning: getting messages from a queue is a destructive action." }</p>
            { choice("Ack Mode", mode.as_str(), modes, on_choose) }
            { choice("Encoding", encoding.as_str(), encodings, on_encoding) }
            <Field label="Messages" value={(*count).clone()} numeric={true} {wrong} {on_write} />
            <button type="submit" class="primary">{ "Get Message(s)" }</button>
        </form>
    }
}

fn submit(doer: &Doer, section: &'static str, command: Option<Edit>) -> Callback<SubmitEvent> {
    let doer = doer.clone();
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(command) = &command {
            doer.run(section, command);
        }
    })
}

#[derive(Clone, PartialEq, Properties)]
struct MoveProps {
    doer: Doer,
    scene: Scene,
    queue: Rc<Resource>,
}

/// *Move messages*
#[component]
fn MoveForm(props: &MoveProps) -> Html {
    let to = use_state(String::new);
    let Resource { vhost, name } = &*props.queue;
    let there = props.scene.board.queues.keys().filter(|other| other.vhost == *vhost && other.name != *name);
    let offers: Vec<AttrValue> = there.map(|other| AttrValue::from(other.name.to_string())).collect();
    let on_write = {
        let to = to.setter();
        Callback::from(move |text| to.set(text))
    };
    let onsubmit = submit(&props.doer, "move", move_messages(vhost, name, &to));
    html! {
        <form {onsubmit}>
            <p class="soft">{ "As the shovel plugin moves them. A queue that is not there is declared." }</p>
            <Field label="Destination queue" value={(*to).clone()} {offers} {on_write} />
            <button type="submit" class="primary" aria-disabled={to.is_empty().to_string()}>{ "Move messages" }</button>
        </form>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct HeldProps {
    doer: Doer,
    vhost: Name,
    held: Vec<Shown>,
}

/// The messages that an operator holds, to be settled.
#[component]
fn HeldList(props: &HeldProps) -> Html {
    let (requeue, multiple) = (use_state(|| true), use_state(|| false));
    let set = |flag: &UseStateHandle<bool>| {
        let flag = flag.setter();
        Callback::from(move |is_set| flag.set(is_set))
    };
    let press = |answer: Answer, tag: u64, name: &'static str| {
        let command = settle(&props.vhost, answer, tag, *multiple, *requeue);
        let (title, onclick) = (command.to_string(), props.doer.press("settle", Some(command)));
        html! { <button type="button" {title} aria-label={format!("{name} delivery tag {tag}")} {onclick}>{ name }</button> }
    };
    html! {
        <>
            { tick("Requeue (for Nack and Reject)", *requeue, set(&requeue)) }
            { tick("Multiple: all up to this one (for Ack and Nack)", *multiple, set(&multiple)) }
            <ol class="messages" aria-label="Messages held">
                { for props.held.iter().map(|shown| {
                    let tag = shown.delivery_tag;
                    html! {
                        <li key={tag}>
                            <h3>{ format!("Delivery tag {tag}") }</h3>
                            <div class="row">
                                { press(Answer::Ack, tag, "Ack") }
                                { press(Answer::Nack, tag, "Nack") }
                                { press(Answer::Reject, tag, "Reject") }
                            </div>
                            { message(shown) }
                        </li>
                    }
                }) }
            </ol>
        </>
    }
}
