//! *Why is it here?* and *why not there?* in the inspector: the answer for the message that is followed, and the last messages
//! that passed by what is selected.
//!
//! What always holds: what is said and what is linked to is decided by [`view::why`](crate::view::why).

use std::rc::Rc;

use yew::prelude::*;

use crate::view::NodeId;
use crate::view::why::{Answer, Because, Outlook, Passed, Step};

use super::engine::{Engine, seconds};
use super::keys::Command;
use super::scene::Scene;
use super::story::told;

/// What is asked about.
#[derive(Clone, PartialEq, Properties)]
pub struct WhyProps {
    /// Answers.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// Where.
    pub node: NodeId,
    /// Goes to a moment.
    pub on_command: Callback<Command>,
}

/// The answer for the message that is followed; nothing if none is.
#[component]
pub fn Why(props: &WhyProps) -> Html {
    let answer = props.scene.following.as_ref().and_then(|_| props.engine.why(&props.node));
    match answer {
        Some(answer) => html! { <section class="why" aria-label="Why">{ shown(&answer, &props.on_command) }</section> },
        None => html! { <div class="why none"></div> },
    }
}

/// The answer for a line of the story, which can be closed.
#[derive(Clone, PartialEq, Properties)]
pub struct AskedProps {
    /// What is answered.
    pub answer: Rc<Answer>,
    /// Closes it.
    pub on_close: Callback<()>,
    /// Goes to a moment.
    pub on_command: Callback<Command>,
}

/// The answer, where it was asked. Escape closes it while the focus is in it.
#[component]
pub fn Asked(props: &AskedProps) -> Html {
    let close = props.on_close.reform(|_: MouseEvent| ());
    let onkeydown = {
        let on_close = props.on_close.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                on_close.emit(());
            }
        }
    };
    html! {
        <section class="why answer" aria-label="Why" tabindex="-1" {onkeydown}>
            { shown(&props.answer, &props.on_command) }
            <button type="button" onclick={close}>{ "Close" }</button>
        </section>
    }
}

/// An answer.
fn shown(answer: &Answer, on_command: &Callback<Command>) -> Html {
    html! {
        <>
            <h3>{ told(answer.question.parts()) }</h3>
            if !answer.reasons.is_empty() {
                <ul class="reasons">{ for answer.reasons.iter().enumerate().map(|(place, because)| reason(place, because, on_command)) }</ul>
            }
            if answer.is_here || answer.reasons.is_empty() {
                { way("How it came here", &answer.steps, on_command) }
            } else {
                { way("How far it came", &answer.steps, on_command) }
            }
        </>
    }
}

fn reason(place: usize, because: &Because, on_command: &Callback<Command>) -> Html {
    let Because { reason, sentence, seq, outlook } = because;
    let (page, lesson) = (reason.page(), reason.lesson());
    let word = match outlook {
        Outlook::Was => None,
        Outlook::May => Some("It may still come."),
        Outlook::Never => Some("It will not come."),
    };
    html! {
        <li key={place}>
            <p>{ told(sentence.parts()) }{ for word.map(|word| html! { <b>{ " " }{ word }</b> }) }</p>
            <p class="more">
                <span class="rule">{ reason.name() }</span>
                { for seq.map(|seq| moment(seq, "Go to this moment", on_command)) }
                <a href={format!("#/example/{lesson}")}>{ "Example: " }{ lesson.replace('-', " ") }</a>
                <a href={page.address()} target="_blank" rel="noopener">{ "RabbitMQ: " }{ page.title }</a>
            </p>
        </li>
    }
}

/// Leads to the moment of an entry.
fn moment(seq: u64, words: &'static str, on_command: &Callback<Command>) -> Html {
    let cursor = usize::try_from(seq).unwrap_or(usize::MAX);
    let onclick = on_command.reform(move |_: MouseEvent| Command::Seek(cursor));
    html! { <button type="button" {onclick}>{ words }</button> }
}

fn way(heading: &'static str, steps: &[Step], on_command: &Callback<Command>) -> Html {
    let line = |step: &Step| {
        let cursor = usize::try_from(step.seq).unwrap_or(usize::MAX);
        let onclick = on_command.reform(move |_: MouseEvent| Command::Seek(cursor));
        html! {
            <li key={step.seq}>
                <button type="button" class="moment" title="Go to this moment" {onclick}>{ seconds(step.at_ms as f64) }</button>
                { told(step.sentence.parts()) }
            </li>
        }
    };
    html! {
        <>
            <h4>{ heading }</h4>
            <ol class="story way">{ for steps.iter().map(line) }</ol>
        </>
    }
}

/// The last messages that did not come to what is selected, each with its question.
#[component]
pub fn PassedBy(props: &WhyProps) -> Html {
    let asked = use_state(|| None::<u64>);
    let passed = props.engine.passed_by(&props.node);
    if passed.is_empty() {
        return html! { <div class="passed none"></div> };
    }
    let line = |publish: &Passed| {
        let (seq, id) = (publish.seq, publish.id);
        let is_asked = *asked == Some(seq);
        let onclick = {
            let asked = asked.setter();
            move |_: MouseEvent| asked.set((!is_asked).then_some(seq))
        };
        let label = format!("Why not {}, published at {}?", publish.key, seconds(publish.at_ms as f64));
        html! {
            <li key={seq}>
                <div class="asked">
                    <span><code>{ publish.key.to_string() }</code>{ " " }<small>{ seconds(publish.at_ms as f64) }</small></span>
                    <button type="button" aria-label={label} aria-expanded={is_asked.to_string()} {onclick}>{ "Why not?" }</button>
                </div>
                if is_asked {
                    <div class="why" role="region" aria-label="Why not">{ shown(&props.engine.why_of(id, seq, &props.node), &props.on_command) }</div>
                }
            </li>
        }
    };
    html! {
        <section class="passed" aria-label="Did not come here">
            <h3>{ "Did not come here" }</h3>
            <ol>{ for passed.iter().map(line) }</ol>
        </section>
    }
}
