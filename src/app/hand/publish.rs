//! *Publish message*: all properties, headers with their types, the payload.

use yew::prelude::*;

use crate::broker::Name;
use crate::edit::hand::{Header, HeaderType, Publish, Wrong, properties};

use super::Doer;
use super::parts::{Field, choice, tick, written, wrong_at};

/// What is published to.
#[derive(Clone, PartialEq, Properties)]
pub struct PublishProps {
    /// Does it.
    pub doer: Doer,
    /// The exchange; none lets one be chosen.
    pub exchange: Option<Name>,
    /// The virtual host.
    pub vhost: Name,
    /// The exchanges that can be chosen.
    pub exchanges: Vec<AttrValue>,
    /// The exchange that is chosen at first, where one can be chosen.
    #[prop_or_default]
    pub first_exchange: AttrValue,
    /// The routing key that is written at first.
    #[prop_or_default]
    pub routing_key: AttrValue,
    /// Whether that is the only one.
    #[prop_or_default]
    pub only_key: bool,
    /// The client that publishes; none is an operator.
    #[prop_or_default]
    pub from: Option<Name>,
}

fn first(props: &PublishProps) -> Publish {
    let exchange = props.exchange.as_ref().map_or_else(|| props.first_exchange.to_string(), Name::to_string);
    Publish {
        exchange,
        vhost: props.vhost.to_string(),
        from: props.from.clone(),
        routing_key: props.routing_key.to_string(),
        mandatory: props.from.is_none(),
        ..Publish::default()
    }
}

/// Changes the message that is being written.
pub(super) type Change = Callback<Box<dyn FnOnce(&mut Publish)>>;

/// What a change of one field is.
pub(super) fn on<T: 'static>(change: &Change, set: impl Fn(&mut Publish, T) + Clone + 'static) -> Callback<T> {
    let change = change.clone();
    Callback::from(move |value: T| {
        let set = set.clone();
        change.emit(Box::new(move |form: &mut Publish| set(form, value)));
    })
}

/// The form.
#[component]
pub fn PublishForm(props: &PublishProps) -> Html {
    let form = use_state(|| first(props));
    let change: Change = {
        let form = form.clone();
        Callback::from(move |change: Box<dyn FnOnce(&mut Publish)>| {
            let mut next = (*form).clone();
            change(&mut next);
            form.set(next);
        })
    };
    let wrong = form.wrong();
    let command = form.command();
    let onsubmit = {
        let (doer, command) = (props.doer.clone(), command.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(command) = &command {
                doer.run("publish", command);
            }
        }
    };
    html! {
        <form {onsubmit}>
            if props.exchange.is_none() {
                <Field label="Exchange" value={form.exchange.clone()} hint="empty is the default exchange" offers={props.exchanges.clone()}
                    on_write={on(&change, |form, text| form.exchange = text)} />
            }
            if props.only_key {
                <p class="soft">
                    { "Message will be published to the default exchange with routing key " }<strong>{ form.routing_key.clone() }</strong>
                    { ", routing it to this queue." }
                </p>
            } else {
                <Field label="Routing key" value={form.routing_key.clone()} wrong={wrong_at(&wrong, "routing_key")}
                    on_write={on(&change, |form, text| form.routing_key = text)} />
            }
            <label class="field">
                <span>{ "Payload" }</span>
                <textarea rows="3" spellcheck="false" value={form.payload.clone()}
                    aria-invalid={(!wrong_at(&wrong, "payload").is_empty()).to_string()}
                    oninput={on(&change, |form, text| form.payload = text).reform(|event: InputEvent| written(&event))} />
                <em>{ wrong_at(&wrong, "payload") }</em>
            </label>
            { choice("Payload encoding", if form.is_base64 { "base64" } else { "string" },
                ["string", "base64"].into_iter().map(|word| (word.into(), word.into())),
                on(&change, |form, text: String| form.is_base64 = text == "base64")) }
            { tick("Mandatory: return it if it reaches no queue", form.mandatory, on(&change, |form, flag| form.mandatory = flag)) }
            { headers(&form, &wrong, &change) }
            { all_properties(&form, &wrong, &change) }
            <button type="submit" class="primary" aria-disabled={command.is_none().to_string()}>{ "Publish message" }</button>
            if command.is_none() { <p class="result bad">{ "Something is wrong above: it is told at its place." }</p> }
        </form>
    }
}

/// Everything but headers, under the names of the management UI.
fn all_properties(form: &Publish, wrong: &Wrong, change: &Change) -> Html {
    let given = form.properties.len();
    html! {
        <details>
            <summary>{ if given == 0 { "Properties".to_owned() } else { format!("Properties ({given})") } }</summary>
            { for properties().map(|entry| {
                let key = entry.key;
                let on_write = on(change, move |form: &mut Publish, text| form.set_property(key, text));
                let value = form.property(key).to_owned();
                if key == "delivery_mode" {
                    let modes = [("", "not set"), ("1", "1 - Non-persistent"), ("2", "2 - Persistent")];
                    let modes = modes.into_iter().map(|(mode, text)| (mode.into(), text.into()));
                    return choice("Delivery mode", &value, modes, on_write);
                }
                html! { <Field key={key} label={entry.label} {value} hint={entry.help} wrong={wrong_at(wrong, key)} {on_write} /> }
            }) }
        </details>
    }
}

/// The headers, a row each.
pub(super) fn headers(form: &Publish, wrong: &Wrong, change: &Change) -> Html {
    let add = on(change, |form: &mut Publish, _: MouseEvent| form.headers.push(Header::default()));
    html! {
        <fieldset>
            <legend>{ "Headers" }</legend>
            // A list of its own: beside the button its rows would be matched from the back, and the one typed into made anew.
            <>{ for form.headers.iter().enumerate().map(|(place, header)| row(place, header, wrong, change)) }</>
            <button type="button" onclick={add}>{ "Add header" }</button>
        </fieldset>
    }
}

fn row(place: usize, header: &Header, wrong: &Wrong, change: &Change) -> Html {
    let number = place + 1;
    let at = move |form: &mut Publish, set: &dyn Fn(&mut Header)| form.headers.get_mut(place).into_iter().for_each(set);
    let name = on(change, move |form: &mut Publish, text: String| at(form, &|header| header.name.clone_from(&text)));
    let value = on(change, move |form: &mut Publish, text: String| at(form, &|header| header.value.clone_from(&text)));
    let kind =
        on(change, move |form: &mut Publish, word: String| at(form, &|header| header.kind = HeaderType::of(&word)));
    let remove = on(change, move |form: &mut Publish, _: MouseEvent| {
        if place < form.headers.len() {
            form.headers.remove(place);
        }
    });
    let kinds = HeaderType::ALL.map(HeaderType::word).into_iter().map(|word| (word.into(), word.into()));
    html! {
        <div class="header-row" role="group" aria-label={format!("Header {number}")}>
            <Field label={format!("Header {number} name")} bare={true} hint="name" value={header.name.clone()}
                wrong={wrong_at(wrong, &format!("headers[{place}].name"))} on_write={name} />
            <Field label={format!("Header {number} value")} bare={true} hint="value" value={header.value.clone()}
                wrong={wrong_at(wrong, &format!("headers[{place}].value"))} on_write={value} />
            <span class="bare">{ choice(&format!("Header {number} type"), header.kind.word(), kinds, kind) }</span>
            <button type="button" aria-label={format!("Remove header {number}")} onclick={remove}>{ "\u{00d7}" }</button>
        </div>
    }
}
