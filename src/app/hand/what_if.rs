//! *What if*: a message that is thought of and never published, and what the bindings say to it; and which keys reach a queue.

use std::rc::Rc;

use yew::prelude::*;

use crate::app::engine::{Engine, Tested};
use crate::app::scene::Scene;
use crate::app::story::told;
use crate::broker::Resource;
use crate::edit::hand::Publish;
use crate::view::what_if::{Told, Way};

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
            <p class="soft">{ "Nothing is published: write a message, and see at once which bindings match." }</p>
            <Field label="Routing key to try" value={form.routing_key.clone()} wrong={wrong_at(&wrong, "routing_key")}
                on_write={on(&change, |form, text| form.routing_key = text)} />
            { headers(&form, &wrong, &change) }
            { for tested.iter().map(answer) }
        </div>
    }
}

fn answer(tested: &Tested) -> Html {
    html! {
        <>
            <p class="result" role="status">{ told(tested.to.parts()) }</p>
            { for tested.asked.iter().enumerate().map(|(place, (heading, answers))| html! {
                <div key={place}>
                    <h3>{ told(heading.parts()) }</h3>
                    <ul class="answers">{ for answers.iter().map(line) }</ul>
                </div>
            }) }
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
            <span><span class="heard">{ word }</span>{ told(answer.sentence.parts()) }</span>
        </li>
    }
}

/// Which keys reach a queue.
#[component]
pub fn Ways(props: &TesterProps) -> Html {
    let ways = props.engine.ways_to(&props.of);
    html! {
        <div class="what-if">
            <p class="soft">{ "Each way that leads here, with a routing key that goes it." }</p>
            <ul class="answers">{ for ways.iter().map(way) }</ul>
        </div>
    }
}

fn way(way: &Way) -> Html {
    let (class, sign) = if way.example.is_some() { ("yes", "\u{2713}") } else { ("no", "\u{2717}") };
    html! { <li {class}><span aria-hidden="true">{ sign }</span>{ told(way.told().parts()) }</li> }
}
