//! The panel beside the picture: the story, the inspector, the tables, one at a time.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::view::inspect::{Fact, facts};
use crate::view::rates::Window;
use crate::view::tables::Arrangement;
use crate::view::{NodeId, Select, Selection};

use super::charts::Charts;
use super::engine::Engine;
use super::follow::{Messages, ROWS};
use super::form::Inspector;
use super::hand::{BrokerControls, Hand};
use super::keys::{Command, is_for_the_page};
use super::life::Message;
use super::problems::Problems;
use super::scene::Scene;
use super::sequence::Sequence;
use super::story::{Reading, Story, StoryPage};
use super::tables::Tables;
use super::tabs::{Tab, Tabs};
use super::why::{PassedBy, Why};

/// Lines the inspector shows, and how far back it looks for them.
const NODE_LINES: usize = 12;

/// What the panel shows.
#[derive(Clone, PartialEq, Properties)]
pub struct PanelProps {
    /// Tells the story.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What is selected.
    pub selection: Rc<Selection>,
    /// Selects.
    pub on_select: Callback<Select>,
    /// Does something.
    pub on_command: Callback<Command>,
}

/// The panel.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    let (tab, open) = use_tab(props);
    let is_wide = use_state(|| false);
    let widen = {
        let is_wide = is_wide.clone();
        move |_: MouseEvent| is_wide.set(!*is_wide)
    };
    let name = use_called(&open, Tab::Inspector, is_rename);
    let search = use_called(&open, Tab::Story, is_search);
    let reading = use_state(Reading::default);
    let arrangement = use_state(Arrangement::default);
    let window = use_state(|| Window::Minute);
    use_why_key(&open, &reading, &props.engine);
    let problems = props.engine.problems(tab == Tab::Problems);
    let content = match tab {
        Tab::Story => html! {
            <StoryPage engine={props.engine.clone()} scene={props.scene.clone()} selection={props.selection.clone()} {reading} {search}
                on_command={props.on_command.clone()} />
        },
        Tab::Inspector => inspector(props, &name),
        Tab::Message => message(props),
        Tab::Sequence => {
            html! { <Sequence engine={props.engine.clone()} scene={props.scene.clone()} on_command={props.on_command.clone()} /> }
        }
        Tab::Tables => html! {
            <Tables engine={props.engine.clone()} scene={props.scene.clone()} {arrangement} on_select={props.on_select.clone()} />
        },
        Tab::Charts => html! {
            <Charts engine={props.engine.clone()} scene={props.scene.clone()} selection={props.selection.clone()} {window} />
        },
        Tab::Problems => html! {
            <Problems engine={props.engine.clone()} problems={problems.clone().unwrap_or_default()} on_select={props.on_select.clone()} />
        },
    };
    let found = problems.map_or(0, |problems| problems.len());
    let id = tab.as_str();
    html! {
        <section class={classes!("panel", is_wide.then_some("wide"))} aria-label="Details">
            <div class="tabs">
                <Tabs {tab} problems={found} on_tab={open} />
                <button type="button" class="widen" aria-label="Wide" aria-pressed={is_wide.to_string()} title="Give the details the room of the picture" onclick={widen}>
                    { "\u{2194}" }
                </button>
            </div>
            <div class="content" id="panel" role="tabpanel" aria-labelledby={format!("tab-{id}")} tabindex="0">
                <div key={id}>{ content }</div>
            </div>
        </section>
    }
}

/// The tab that is open, and what opens another: what was just selected, or what one begins to follow, is what one wants to
/// see. What the scenario or a link selects by itself opens none, if they say which one is open.
#[hook]
fn use_tab(props: &PanelProps) -> (Tab, Callback<Tab>) {
    let engine = &props.engine;
    let tab = use_state_eq(|| engine.panel());
    let open = {
        let tab = tab.setter();
        // Whoever makes a link knows of it at once.
        use_callback(engine.clone(), move |next, engine| {
            engine.note_panel(next);
            tab.set(next);
        })
    };
    use_effect_with(engine.clone(), |engine| engine.note_panel(engine.panel()));
    // Whether what is selected, and what is followed, may be what the file says.
    let is_first = use_mut_ref(|| (engine.opens_panel(), engine.opens_panel()));
    {
        let (open, is_first, engine) = (open.clone(), is_first.clone(), engine.clone());
        use_effect_with(props.selection.clone(), move |selection| {
            let Some(node) = selection.last() else {
                // An edge is nothing that a file selects.
                return if !selection.is_empty() {
                    open.emit(Tab::Inspector)
                };
            };
            let is_of_file =
                std::mem::take(&mut is_first.borrow_mut().0) && engine.selected_at_first().as_ref() == Some(node);
            if !is_of_file {
                open.emit(Tab::Inspector);
            }
        });
    }
    {
        let (open, engine) = (open.clone(), engine.clone());
        let followed = props.scene.following.as_ref().map(|following| following.id);
        use_effect_with(followed, move |followed| {
            let is_of_file =
                |id| std::mem::take(&mut is_first.borrow_mut().1) && engine.followed_at_first() == Some(id);
            if followed.is_some_and(|id| !is_of_file(id)) {
                open.emit(Tab::Message);
            }
        });
    }
    (*tab, open)
}

/// The message that is followed.
fn message(props: &PanelProps) -> Html {
    let (engine, following) = (props.engine.clone(), props.scene.following.clone());
    html! {
        <>
            { for props.selection.last().filter(|_| following.is_some()).map(|node| why(props, node)) }
            <Message {engine} {following} cursor={props.scene.cursor} on_command={props.on_command.clone()} />
        </>
    }
}

/// Why the message that is followed is at what is selected, or is not.
fn why(props: &PanelProps, node: &NodeId) -> Html {
    html! {
        <Why engine={props.engine.clone()} scene={props.scene.clone()} node={node.clone()} on_command={props.on_command.clone()} />
    }
}

/// What there is to know of what is selected, what can be edited, and what happened to it.
fn inspector(props: &PanelProps, name: &NodeRef) -> Html {
    let nodes = props.selection.nodes();
    let node = match nodes {
        [_, _, ..] => Some(props.engine.subjects_of(nodes)),
        _ => props.selection.last().and_then(|node| props.engine.subject_of(node)),
    };
    let edge = || props.selection.edge().and_then(|edge| props.engine.subject_of_edge(edge));
    let subject = node.or_else(edge);
    let form = html! {
        <Inspector engine={props.engine.clone()} edition={props.engine.edition()} made={props.engine.changes_made()}
            is_behind={props.engine.is_behind()} selected={subject} on_select={props.on_select.clone()}
            on_command={props.on_command.clone()} name={name.clone()} several={several(props)} />
    };
    if nodes.len() > 1 {
        return html! { <div class="inspector">{ form }</div> };
    }
    let Some(node) = props.selection.last() else {
        let broker = html! { <BrokerControls engine={props.engine.clone()} is_down={props.scene.board.is_down} /> };
        return html! { <div class="inspector">{ form }{ broker }</div> };
    };
    let (title, facts) = facts(&props.scene.board, node);
    // What is written for one node is for no other.
    let (title_key, passed_key) = (title.clone(), format!("passed by {title}"));
    let (rows, total) = props.engine.rows(node, ROWS);
    html! {
        <div class="inspector">
            <h2>{ title }</h2>
            { why(props, node) }
            <dl>{ for facts.iter().map(fact) }</dl>
            <Hand key={title_key} engine={props.engine.clone()} scene={props.scene.clone()} node={node.clone()} />
            <Messages {rows} {total} on_command={props.on_command.clone()} />
            <PassedBy key={passed_key} engine={props.engine.clone()} scene={props.scene.clone()} node={node.clone()}
                on_command={props.on_command.clone()} />
            { form }
            <h3>{ "What happened to it" }</h3>
            <Story lines={props.engine.story_of(node, NODE_LINES)} on_command={props.on_command.clone()} empty="Nothing yet." />
        </div>
    }
}

/// What can be done to several nodes, if several are selected.
fn several(props: &PanelProps) -> Option<(Scene, Rc<Selection>)> {
    (props.selection.nodes().len() > 1).then(|| (props.scene.clone(), props.selection.clone()))
}

fn fact(fact: &Fact) -> Html {
    html! { <div key={fact.label}><dt>{ fact.label }</dt><dd>{ fact.value.clone() }</dd></div> }
}

/// A key that leads to an input of a tab, wherever one is: the input.
#[hook]
fn use_called(open: &Callback<Tab>, leads_to: Tab, is_meant: fn(&KeyboardEvent) -> bool) -> NodeRef {
    let (input, calls) = (use_node_ref(), use_state(|| 0_u32));
    {
        let (open, calls, count) = (open.clone(), calls.setter(), use_mut_ref(|| 0_u32));
        use_effect_with((), move |()| {
            let listener = on_key(is_meant, move || {
                *count.borrow_mut() += 1;
                open.emit(leads_to);
                calls.set(*count.borrow());
            });
            move || drop(listener)
        });
    }
    {
        let input = input.clone();
        use_effect_with(*calls, move |calls| {
            if let Some(input) = input.cast::<HtmlInputElement>().filter(|_| *calls > 0) {
                // An element that is shown can be focused.
                let _ = input.focus();
                input.select();
            }
        });
    }
    input
}

/// W asks *Why?* of the newest line of the story at which something went wrong.
#[hook]
fn use_why_key(open: &Callback<Tab>, reading: &UseStateHandle<Reading>, engine: &Rc<Engine>) {
    let latest = use_mut_ref(|| reading.clone());
    (*latest.borrow_mut()).clone_from(reading);
    let (open, engine) = (open.clone(), engine.clone());
    use_effect_with((), move |()| {
        let listener = on_key(is_why, move || {
            let reading = latest.borrow().clone();
            open.emit(Tab::Story);
            reading.set(reading.asking(engine.newest_trouble()));
        });
        move || drop(listener)
    });
}

fn is_why(event: &KeyboardEvent) -> bool {
    matches!(event.key().as_str(), "w" | "W") && is_for_the_page(event)
}

/// F2 goes to the name of what is selected.
fn is_rename(event: &KeyboardEvent) -> bool {
    event.key() == "F2"
}

/// T goes to where the story is searched.
fn is_search(event: &KeyboardEvent) -> bool {
    matches!(event.key().as_str(), "t" | "T") && is_for_the_page(event)
}

/// Listens for a key until the answer is dropped.
fn on_key(is_meant: fn(&KeyboardEvent) -> bool, act: impl Fn() + 'static) -> Option<EventListener> {
    let (window, options) = (web_sys::window()?, EventListenerOptions::enable_prevent_default());
    Some(EventListener::new_with_options(&window, "keydown", options, move |event| {
        let is_new = |event: &&KeyboardEvent| is_meant(event) && !event.default_prevented();
        if let Some(event) = event.dyn_ref::<KeyboardEvent>().filter(is_new) {
            event.prevent_default();
            act();
        }
    }))
}
