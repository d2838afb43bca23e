//! *What if*: a message that is thought of and never published, and what the bindings say to it; and which keys reach a queue.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::engine::{Engine, Tested};
use crate::app::scene::Scene;
use crate::app::story::told;
use crate::broker::table::Table;
use crate::broker::{Name, Resource};
use crate::edit::hand::{Header, Publish};
use crate::view::what_if::{Part, Told, Way};

use super::parts::{Field, wrong_at};
use super::publish::{Change, headers, on};

/// What is tested.
#[derive(Clone, PartialEq, Properties)]
pub struct TesterProps {
    /// Answers.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// The exchange, or the queue.
    pub of: Rc<Resource>,
}

/// What an exchange would do with a message.
#[component]
pub fn Tester(props: &TesterProps) -> Html {
    let form = use_state(|| Publish {
        exchange: props.of.name.to_string(),
        vhost: props.of.vhost.to_string(),
        mandatory: true,
        ..Publish::default()
    });
    let change: Change = {
        let form = form.clone();
        Callback::from(move |change: Box<dyn FnOnce(&mut Publish)>| {
            let mut next = (*form).clone();
            change(&mut next);
            form.set(next);
        })
    };
    let wrong = form.wrong();
    let tested = props.engine.test(&props.of, &form);
    html! {
        <div class="what-if">
            <p class="soft">{ "Nothing is published: write a message, or take one of these, and see at once which bindings match." }</p>
            { samples(&props.engine.samples(&props.of), &form, &change) }
            <Field label="Routing key to try" value={form.routing_key.clone()} wrong={wrong_at(&wrong, "routing_key")}
                on_write={on(&change, |form, text| form.routing_key = text)} />
            { headers(&form, &wrong, &change) }
            <div>{ for tested.iter().map(answer) }</div>
        </div>
    }
}

/// Messages that are worth a try; a press writes one.
fn samples(samples: &[(Name, Table)], form: &Publish, change: &Change) -> Html {
    let sample = |(place, (key, table)): (usize, &(Name, Table))| {
        let headers = Header::all(table);
        let asks: Vec<String> = headers.iter().map(|header| format!("{} = {}", header.name, header.value)).collect();
        // Where headers count, the key does not.
        let text = if asks.is_empty() { shown(key) } else { asks.join(", ") };
        let is_it = form.routing_key == key.as_str() && form.headers == headers;
        let key = key.to_string();
        let onclick = on(change, move |form: &mut Publish, _: MouseEvent| {
            form.routing_key.clone_from(&key);
            form.headers.clone_from(&headers);
        });
        html! { <button key={place} type="button" aria-pressed={is_it.to_string()} {onclick}><code>{ text }</code></button> }
    };
    html! {
        <div class="samples" role="group" aria-label="Messages to try">
            { for samples.iter().enumerate().map(sample) }
        </div>
    }
}

/// What becomes of a message that is thought of.
fn answer(tested: &Tested) -> Html {
    html! {
        <>
            <p class="result" role="status">{ told(tested.to.parts()) }</p>
            <>{ for tested.asked.iter().enumerate().map(|(place, (heading, answers))| html! {
                <div key={place}>
                    <h3>{ told(heading.parts()) }</h3>
                    <ul class="answers">{ for answers.iter().map(line) }</ul>
                </div>
            }) }</>
        </>
    }
}

fn line(answer: &Told) -> Html {
    let (class, sign, word) = match answer.matches {
        Some(true) => ("yes", "\u{2713}", "Matches. "),
        Some(false) => ("no", "\u{2717}", "Does not match. "),
        None => ("maybe", "?", "Perhaps. "),
    };
    html! {
        <li {class}>
            <span aria-hidden="true">{ sign }</span>
            <div>
                <span class="heard">{ word }</span>{ told(answer.sentence.parts()) }
                <>{ aligned(&answer.parts) }</>
            </div>
        </li>
    }
}

/// What is asked for beside what is there, part by part.
fn aligned(parts: &[Part]) -> Html {
    if parts.is_empty() {
        return html! {};
    }
    let row = |(place, part): (usize, &Part)| {
        let (class, sign, word) =
            if part.fits { ("yes", "\u{2713}", "fits: ") } else { ("no", "\u{2717}", "does not fit: ") };
        html! {
            <tr key={place} {class}>
                <td><code>{ shown(&part.asked) }</code></td>
                <td><code>{ shown(&part.has) }</code></td>
                <td>
                    <span aria-hidden="true">{ sign }</span>{ " " }
                    <span class="heard">{ word }</span>{ told(part.why.parts()) }
                </td>
            </tr>
        }
    };
    html! {
        <table class="aligned">
            <thead><tr>
                { for ["Binding", "Message", "Fits"].map(|heading| html! { <th scope="col">{ heading }</th> }) }
            </tr></thead>
            <tbody>{ for parts.iter().enumerate().map(row) }</tbody>
        </table>
    }
}

/// Nothing is shown as a dash.
fn shown(text: &str) -> String {
    if text.is_empty() { "\u{2013}".to_owned() } else { text.to_owned() }
}

/// Which keys reach a queue.
#[component]
pub fn Ways(props: &TesterProps) -> Html {
    let tried = use_state(|| None);
    let ways = props.engine.ways_to(&props.of);
    let line = |(place, way): (usize, &Way)| {
        let tested = way.example.as_ref().filter(|_| *tried == Some(place)).and_then(|_| props.engine.test_way(way));
        let is_tried = tested.is_some();
        let tried = tried.clone();
        let onclick = move |_: MouseEvent| tried.set((!is_tried).then_some(place));
        let (class, sign) = if way.example.is_some() { ("yes", "\u{2713}") } else { ("no", "\u{2717}") };
        html! {
            <li key={place} {class}>
                <span aria-hidden="true">{ sign }</span>
                <div>
                    { told(way.told().parts()) }{ " " }
                    <button type="button" hidden={way.example.is_none()} aria-expanded={is_tried.to_string()} {onclick}>{ "Try it" }</button>
                    <div>{ for tested.iter().map(answer) }</div>
                </div>
            </li>
        }
    };
    html! {
        <div class="what-if">
            <p class="soft">{ "Each way that leads here, with a routing key that goes it." }</p>
            <ul class="answers">{ for ways.iter().enumerate().map(line) }</ul>
        </div>
    }
}
