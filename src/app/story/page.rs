//! The story's own tab: paragraphs, what to read of, and ways to take it along.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::app::engine::{Engine, seconds};
use crate::app::keys::Command;
use crate::app::later::{Later, use_later};
use crate::app::scene::Scene;
use crate::app::why::Asked;
use crate::view::Selection;
use crate::view::inspect::facts;
use crate::view::sentence::count;
use crate::view::story::{Filter, KINDS, Kinds, Page, Paragraph};
use crate::view::why::Answer;

use super::copy::Copy;
use super::{StoryLine, told};

/// Lines that are shown.
const LINES: usize = 60;
/// The same while more happens than can be read.
const LINES_MIN: usize = 16;

/// What somebody reads of, kept while other things are looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    kinds: Kinds,
    typed: String,
    only_node: bool,
    only_message: bool,
    /// So many more pages.
    more: usize,
    is_open: bool,
    /// The line of which *Why?* is asked, by its number.
    asked: Option<u64>,
    /// So often that was asked by its key.
    asked_by_key: u32,
}

impl Reading {
    /// With *Why?* asked of a line, by its key.
    pub fn asking(&self, seq: Option<u64>) -> Self {
        Reading { asked: seq, asked_by_key: self.asked_by_key + 1, ..self.clone() }
    }

    fn filter(&self, selection: &Selection, scene: &Scene) -> Filter {
        Filter {
            kinds: self.kinds,
            node: selection.last().filter(|_| self.only_node).cloned(),
            message: scene.following.as_ref().filter(|_| self.only_message).map(|following| following.id),
            words: Filter::words_of(&self.typed),
        }
    }
}

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct StoryPageProps {
    /// Tells it.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What is selected.
    pub selection: Rc<Selection>,
    /// What somebody reads of.
    pub reading: UseStateHandle<Reading>,
    /// Where words are typed to look for.
    pub search: NodeRef,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The tab.
#[component]
pub fn StoryPage(props: &StoryPageProps) -> Html {
    let StoryPageProps { engine, scene, selection, reading, .. } = props;
    let filter = reading.filter(selection, scene);
    let hurries = engine.hurries();
    let lines = if hurries { LINES_MIN } else { LINES * (reading.more + 1) };
    let page = engine.page(&filter, lines);
    let current = use_node_ref();
    let on_ask = use_ask(reading);
    let heard = use_found(&filter, &page);
    let asked = use_asked(props);
    let is_on_page = |seq: u64| page.paragraphs.iter().any(|paragraph| paragraph.has(seq));
    let later = use_later();
    let floods = later == Later::Here && engine.floods();
    let elsewhere = asked.as_ref().filter(|asked| floods || !is_on_page(asked.seq));
    use_in_view(&current, scene);
    let told = |paragraph: &Rc<Paragraph>| {
        html! {
            <Told key={paragraph.heading.seq} paragraph={paragraph.clone()} on_command={props.on_command.clone()}
                on_ask={on_ask.clone()} asked={asked.clone().filter(|asked| paragraph.has(asked.seq))} />
        }
    };
    html! {
        <div class="telling">
            <h2 class="heard">{ "Story" }</h2>
            { toolbar(props, &filter) }
            { counted(&page, &filter, scene) }
            <div class="elsewhere">{ for elsewhere.map(Answered::html) }</div>
            <div class="story paragraphs" ref={current}>
                if !floods { { for page.paragraphs.iter().map(told) } }
            </div>
            <div class="story flood">
                if floods { { for page.paragraphs.iter().flat_map(|paragraph| flood(paragraph)) } }
            </div>
            if page.paragraphs.is_empty() {
                <p class="empty">{ nothing(&filter, scene) }</p>
            }
            { earlier(props, &page) }
            <p class="heard" role="status">{ heard }</p>
        </div>
    }
}

/// A line of which *Why?* is asked, with the answer.
#[derive(Clone, PartialEq)]
struct Answered {
    seq: u64,
    answer: Rc<Answer>,
    on_close: Callback<()>,
    on_command: Callback<Command>,
}

impl Answered {
    fn html(&self) -> Html {
        html! { <Asked answer={self.answer.clone()} on_close={self.on_close.clone()} on_command={self.on_command.clone()} /> }
    }
}

/// Asks *Why?* of a line; of none any more.
#[hook]
fn use_ask(reading: &UseStateHandle<Reading>) -> Callback<Option<u64>> {
    let latest = use_mut_ref(|| reading.clone());
    (*latest.borrow_mut()).clone_from(reading);
    use_callback((), move |seq, ()| {
        let reading = latest.borrow().clone();
        reading.set(Reading { asked: seq, ..(*reading).clone() });
    })
}

/// What is asked, and the answer at this moment. Who asked by the key is led to it.
#[hook]
fn use_asked(props: &StoryPageProps) -> Option<Answered> {
    let on_close = use_ask(&props.reading).reform(|()| None);
    use_effect_with(props.reading.asked_by_key, |count| {
        let document = web_sys::window().and_then(|window| window.document()).filter(|_| *count > 0);
        let answer = document.and_then(|document| document.query_selector(".telling .answer").ok()?);
        if let Some(answer) = answer.and_then(|answer| answer.dyn_into::<HtmlElement>().ok()) {
            // An element that is shown can be focused.
            let _ = answer.focus();
        }
    });
    let seq = props.reading.asked?;
    let answer = Rc::new(props.engine.why_of_trouble(seq)?);
    Some(Answered { seq, answer, on_close, on_command: props.on_command.clone() })
}

/// How much was found is said aloud when something else is looked for, not whenever something happens.
#[hook]
fn use_found(filter: &Filter, page: &Page) -> String {
    let found = page.found.0;
    let told = use_memo(filter.clone(), |filter| {
        if filter.is_all() { String::new() } else { format!("{} found", count(found as u64, "event")) }
    });
    (*told).clone()
}

/// The step that happened last is kept in view where the story has a place of its own, while time stands still. When it goes on,
/// one reads from the top, where the newest is.
#[hook]
fn use_in_view(around: &NodeRef, scene: &Scene) {
    let above = around.clone();
    use_effect_with(scene.playing, move |playing| {
        if let Some(content) = above.cast::<Element>().and_then(|above| content(&above)).filter(|_| *playing) {
            content.set_scroll_top(0);
        }
    });
    let around = around.clone();
    use_effect_with((scene.cursor, scene.playing), move |(_, playing)| {
        if *playing {
            return;
        }
        let found = around
            .cast::<Element>()
            .and_then(|around| Some((around.query_selector("[aria-current=step]").ok()??, content(&around)?)));
        if let Some((line, content)) = found {
            let (line, room) = (line.get_bounding_client_rect(), content.get_bounding_client_rect());
            let (above, below) = (line.top() - room.top(), line.bottom() - room.bottom());
            if above < 0.0 {
                content.set_scroll_top(content.scroll_top() + above as i32 - 24);
            } else if below > 0.0 {
                content.set_scroll_top(content.scroll_top() + below as i32 + 24);
            }
        }
    });
}

/// What is scrolled around an element.
fn content(element: &Element) -> Option<Element> {
    element.closest(".content").ok()?
}

fn toolbar(props: &StoryPageProps, filter: &Filter) -> Html {
    let reading = &props.reading;
    let set = {
        let reading = reading.clone();
        move |change: fn(&mut Reading)| {
            let mut next = (*reading).clone();
            change(&mut next);
            reading.set(next);
        }
    };
    let oninput = {
        let reading = reading.clone();
        move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let typed = input.map(|input| input.value()).unwrap_or_default();
            reading.set(Reading { typed, more: 0, ..(*reading).clone() });
        }
    };
    let open = move |_: MouseEvent| set(|reading| reading.is_open = !reading.is_open);
    let chosen = KINDS.iter().filter(|(kind, _)| filter.kinds.has(*kind)).count()
        + usize::from(filter.node.is_some())
        + usize::from(filter.message.is_some());
    html! {
        <div class="reading" role="search" aria-label="Story">
            <div class="row">
                <input ref={props.search.clone()} type="search" aria-label="Search the story" aria-keyshortcuts="T" placeholder="Search the story"
                    value={reading.typed.clone()} {oninput} autocomplete="off" spellcheck="false" />
                <button type="button" class={classes!((chosen > 0).then_some("chosen"))} aria-expanded={reading.is_open.to_string()}
                    aria-controls="story-filter" onclick={open}>
                    { if chosen > 0 { format!("Filter: {chosen}") } else { "Filter".to_owned() } }
                </button>
            </div>
            <div id="story-filter" hidden={!reading.is_open}>
                <div class="chips" role="group" aria-label="Only">{ kinds(props) }{ things(props) }</div>
                <Copy engine={props.engine.clone()} filter={filter.clone()} />
            </div>
        </div>
    }
}

fn chip(label: &str, pressed: bool, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button key={label.to_owned()} type="button" aria-pressed={pressed.to_string()} {onclick}>{ label.to_owned() }</button>
    }
}

fn kinds(props: &StoryPageProps) -> Html {
    let reading = &props.reading;
    let chips = KINDS.iter().map(|(kind, label)| {
        let (reading, kind) = (reading.clone(), *kind);
        let pressed = reading.kinds.has(kind);
        let press = move |_: MouseEvent| {
            reading.set(Reading { kinds: reading.kinds.toggled(kind), more: 0, ..(*reading).clone() });
        };
        chip(label, pressed, Callback::from(press))
    });
    html! { <>{ for chips }</> }
}

/// What is selected, and the message that is followed.
fn things(props: &StoryPageProps) -> Html {
    let StoryPageProps { reading, scene, selection, .. } = props;
    let node = selection.last().map(|node| facts(&scene.board, node).0);
    let message = scene.following.as_ref().map(|following| format!("Message {}", following.key));
    let press_node = {
        let reading = reading.clone();
        move |_: MouseEvent| reading.set(Reading { only_node: !reading.only_node, more: 0, ..(*reading).clone() })
    };
    let press_message = {
        let reading = reading.clone();
        move |_: MouseEvent| reading.set(Reading { only_message: !reading.only_message, more: 0, ..(*reading).clone() })
    };
    html! {
        <>
            { for node.map(|label| chip(&label, reading.only_node, Callback::from(press_node))) }
            { for message.map(|label| chip(&label, reading.only_message, Callback::from(press_message))) }
            if selection.is_empty() && scene.following.is_none() {
                <p class="hint">{ "Select a node, or follow a message (F), to read of that one only." }</p>
            }
        </>
    }
}

/// How many lines there are to read. The page counts its events from the end of the set-up, and so does this.
fn counted(page: &Page, filter: &Filter, scene: &Scene) -> Html {
    let (found, of) = page.found;
    let set_up = if scene.range.0 > scene.start { 0 } else { of.min(scene.start) };
    let text = match filter.is_all() {
        true if set_up > 0 => format!("{}, and {set_up} of the set-up", count((of - set_up) as u64, "event")),
        true => count(of as u64, "event"),
        false => format!("{found} of {}", count(of as u64, "event")),
    };
    let from = page.searched_from_ms.map(|ms| format!(" since {}", seconds(ms as f64)));
    html! { <p class="counted">{ text }{ from }</p> }
}

/// What to do where nothing was found.
fn nothing(filter: &Filter, scene: &Scene) -> String {
    if filter.is_all() {
        return "Nothing has happened yet. Press Play, or N for the first event.".to_owned();
    }
    let told = filter.told(&scene.board);
    format!(
        "Nothing of that has happened so far ({told}). Play on, search further back, or take a part of the filter away."
    )
}

fn earlier(props: &StoryPageProps, page: &Page) -> Html {
    let (reading, engine) = (props.reading.clone(), props.engine.clone());
    if page.has_more {
        let more = move |_: MouseEvent| reading.set(Reading { more: reading.more + 1, ..(*reading).clone() });
        return html! { <button type="button" class="earlier" onclick={more}>{ "Show earlier" }</button> };
    }
    if page.searched_from_ms.is_some() {
        let back = move |_: MouseEvent| engine.look_back();
        return html! { <button type="button" class="earlier" onclick={back}>{ "Search further back" }</button> };
    }
    html! {}
}

/// A paragraph that is gone before anybody has read it: words alone, put into the same elements again and again, so that
/// they take little of a frame.
fn flood(paragraph: &Paragraph) -> impl Iterator<Item = Html> {
    let heading = std::iter::once((&paragraph.heading, "line heading"));
    heading.chain(paragraph.steps.iter().map(|step| (step, "line"))).map(|(line, class)| {
        html! { <p {class}><span class="moment">{ seconds(line.at_ms as f64) }</span><span>{ line.sentence.to_string() }</span></p> }
    })
}

#[derive(Clone, PartialEq, Properties)]
struct ToldProps {
    paragraph: Rc<Paragraph>,
    on_command: Callback<Command>,
    on_ask: Callback<Option<u64>>,
    /// If it is one of its lines.
    asked: Option<Answered>,
}

/// A paragraph. It is rendered again only if something came or went.
#[component]
fn Told(props: &ToldProps) -> Html {
    let Paragraph { heading, is_event, steps, left_out, current } = &*props.paragraph;
    let answer = |line: &super::Line| props.asked.as_ref().filter(|asked| asked.seq == line.seq);
    let line = |line: &Rc<super::Line>, newest: bool| {
        let is_asked = answer(line).is_some();
        html! { <StoryLine line={line.clone()} {newest} on_command={props.on_command.clone()} on_ask={props.on_ask.clone()} {is_asked} /> }
    };
    let below = |line: &Rc<super::Line>| html! { <div class="below">{ for answer(line).map(Answered::html) }</div> };
    let steps = steps.iter().map(|step| {
        html! { <li key={step.seq}>{ line(step, *current == Some(step.seq)) }{ below(step) }</li> }
    });
    html! {
        <section class="paragraph">
            <h3>
                if *is_event {
                    { line(heading, *current == Some(heading.seq)) }
                } else {
                    { told(heading.sentence.parts()) }
                }
            </h3>
            <div class="below">{ for answer(heading).filter(|_| *is_event).map(Answered::html) }</div>
            if *left_out > 0 {
                <p class="left-out">{ format!("{left_out} steps before these are not shown.") }</p>
            }
            <ol>{ for steps }</ol>
        </section>
    }
}
