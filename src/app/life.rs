//! The page about the message that is followed: where it is, its way through dead letter exchanges, its whole life chapter by
//! chapter, and what is in it.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::view::explain::Tone;
use crate::view::follow::Following;
use crate::view::inspect::Fact;
use crate::view::life::content::Change;
use crate::view::life::page::{Chapter, Leg, Page, Told};
use crate::view::sentence::count;

use super::clipboard;
use super::engine::{Engine, seconds};
use super::keys::Command;
use super::story::told;

/// What is shown of a message.
#[derive(Clone, PartialEq, Properties)]
pub struct MessageProps {
    /// Knows its life.
    pub engine: Rc<Engine>,
    /// The message; none if none is followed.
    pub following: Option<Rc<Following>>,
    /// How many entries have happened.
    pub cursor: usize,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The message that is followed.
#[component]
pub fn Message(props: &MessageProps) -> Html {
    let Some(following) = &props.following else { return nothing(&props.on_command) };
    let Following { key, now, is_over, facts, .. } = &**following;
    let stop = props.on_command.reform(|_: MouseEvent| Command::StopFollowing);
    html! {
        <section class="inspector message" aria-label="Message">
            <header>
                <h2>{ "Message " }<code>{ key.to_string() }</code></h2>
                <Copying engine={props.engine.clone()} />
                <button type="button" aria-keyshortcuts="Escape" onclick={stop}>{ "Stop following" }</button>
            </header>
            <h3>{ if *is_over { "What became of it" } else { "Where it is now" } }</h3>
            <ul class="now">{ for now.iter().map(|sentence| html! { <li>{ told(sentence.parts()) }</li> }) }</ul>
            { props.engine.life_page().map(|page| life(&page, &props.on_command)).unwrap_or_default() }
            <h3>{ "What is in it" }</h3>
            <dl>{ for facts.iter().map(fact) }</dl>
        </section>
    }
}

fn nothing(on_command: &Callback<Command>) -> Html {
    let follow = on_command.reform(|_: MouseEvent| Command::FollowLast);
    html! {
        <section class="inspector" aria-label="No message">
            <p class="empty">
                { "No message is followed. Click one in the picture, press \u{25ce} beside a sentence of the story, or take the one that the last event was about." }
            </p>
            <button type="button" aria-keyshortcuts="F" onclick={follow}>{ "Follow the last message" }</button>
        </section>
    }
}

fn fact(fact: &Fact) -> Html {
    html! { <div><dt>{ fact.label }</dt><dd>{ fact.value.clone() }</dd></div> }
}

#[derive(Clone, PartialEq, Properties)]
struct CopyingProps {
    engine: Rc<Engine>,
}

/// Copies the page as text.
#[component]
fn Copying(props: &CopyingProps) -> Html {
    let said = use_state(|| "");
    let onclick = {
        let (engine, said) = (props.engine.clone(), said.setter());
        move |_: MouseEvent| {
            let Some(page) = engine.life_page() else { return };
            let said = said.clone();
            spawn_local(async move {
                said.set(match clipboard::put(&page.markdown()).await {
                    Ok(()) => "Copied.",
                    Err(()) => "The browser does not let the page copy it.",
                });
            });
        }
    };
    html! {
        <span class="copying">
            <button type="button" {onclick}>{ "Copy as Markdown" }</button>
            <span role="status">{ *said }</span>
        </span>
    }
}

fn life(page: &Page, on_command: &Callback<Command>) -> Html {
    let newest = page.chapters.iter().flat_map(|chapter| &chapter.lines).map(|line| line.seq).max();
    html! {
        <>
            <div class="deaths" key="deaths">
                if !page.legs.is_empty() {
                    <h3>{ "Its deaths (x-death)" }</h3>
                    <ol class="route" aria-label="Deaths, the first one first">{ for page.legs.iter().map(leg) }</ol>
                }
            </div>
            <div class="life" key="life">
                <h3>{ "Its life" }</h3>
                if page.chapters.is_empty() {
                    <p class="empty">{ "It is not published yet." }</p>
                }
                { for page.chapters.iter().enumerate().map(|(place, part)| html! {
                    <section key={place} class="chapter" ~style={format!("--depth: {}", part.depth.min(4))} aria-label={part.title.to_string()}>
                        { chapter(part, newest, on_command) }
                    </section>
                }) }
                if page.left_out > 0 {
                    <p class="empty">{ format!("and {}", count(page.left_out as u64, "more chapter")) }</p>
                }
            </div>
        </>
    }
}

fn leg(leg: &Leg) -> Html {
    let times = if leg.count > 1 { format!(" \u{d7}{}", leg.count) } else { String::new() };
    html! {
        <li>
            <span class="stop">{ "queue " }<code>{ leg.queue.to_string() }</code></span>
            <span class="why">{ format!("\u{2192} {}{times} \u{2192}", leg.reason.as_str()) }</span>
            <span class="stop">{ "exchange " }<code>{ leg.exchange.to_string() }</code></span>
            <span class="why">{ "\u{2192}" }</span>
            <span class="stop">
                if leg.to.is_empty() { { "no queue" } } else { { "queue " } }
                { for leg.to.iter().map(|queue| html! { <code>{ queue.to_string() }</code> }) }
            </span>
        </li>
    }
}

fn chapter(chapter: &Chapter, newest: Option<u64>, on_command: &Callback<Command>) -> Html {
    html! {
        <>
            <h4>{ told(chapter.title.parts()) }</h4>
            <ol class="story">
                { for chapter.lines.iter().enumerate().map(|(place, told)| {
                    let hidden = chapter.left_out.filter(|(_, before)| *before == place).map(|(hidden, _)| hidden);
                    html! { <>
                        if let Some(hidden) = hidden {
                            <li class="empty">{ format!("\u{2026} {} \u{2026}", count(hidden as u64, "more moment")) }</li>
                        }
                        { line(told, newest, on_command) }
                    </> }
                }) }
            </ol>
        </>
    }
}

fn line(line: &Told, newest: Option<u64>, on_command: &Callback<Command>) -> Html {
    let cursor = usize::try_from(line.seq).unwrap_or(usize::MAX);
    let onclick = on_command.reform(move |_: MouseEvent| Command::Seek(cursor));
    let is_newest = newest == Some(line.seq);
    let tone = match line.tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Bad => Some("bad"),
    };
    html! {
        <li key={line.seq} class={classes!(tone, is_newest.then_some("newest"))} aria-current={is_newest.then_some("step")}>
            <button type="button" class="moment" title="Go to this moment" {onclick}>{ seconds(line.at_ms as f64) }</button>
            <div>
                { told(line.sentence.parts()) }
                if !line.changes.is_empty() {
                    <ul class="changes" aria-label="What is different in it">{ for line.changes.iter().map(change) }</ul>
                }
            </div>
        </li>
    }
}

fn change(change: &Change) -> Html {
    let (sign, word) = change.sort();
    html! {
        <li class={word}>
            <b>{ format!("{sign} {word}") }</b>
            { format!(" {}: ", change.label) }
            if let Some(before) = &change.before { <del>{ before.clone() }</del> }
            if change.before.is_some() && change.after.is_some() { { " \u{2192} " } }
            if let Some(after) = &change.after { <ins>{ after.clone() }</ins> }
        </li>
    }
}
