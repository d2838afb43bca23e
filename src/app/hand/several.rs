//! What can be done to several selected nodes at once, beside what their form offers.

use std::rc::Rc;

use yew::prelude::*;

use crate::broker::Resource;
use crate::edit::Command as Edit;
use crate::edit::command::{Control, Settings};
use crate::edit::form::{Subject, policy};
use crate::edit::hand::purge;
use crate::view::sentence;
use crate::view::{NodeId, Selection};

use super::super::clipboard::Clip;
use super::super::drawing::Ask;
use super::super::engine::Engine;
use super::super::scene::Scene;
use super::control;

/// What is worked on.
#[derive(Clone, PartialEq, Properties)]
pub struct SeveralProps {
    /// Does what is asked for.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What is selected.
    pub selection: Rc<Selection>,
    /// Opens what comes of it.
    pub on_touched: Callback<Subject>,
}

/// The queues among some nodes that can be emptied.
fn purges(props: &SeveralProps) -> Vec<Edit> {
    let queues = props.selection.nodes().iter().filter_map(|node| match node {
        NodeId::Queue(queue) => Some((queue, props.scene.board.queues.get(queue)?)),
        _ => None,
    });
    let emptied = queues.filter(|(_, state)| state.kind != "stream");
    emptied
        .map(|(queue, _)| {
            let Resource { vhost, name } = &**queue;
            purge(vhost, name)
        })
        .collect()
}

/// The clients among what is selected, each to be told the same.
fn told(props: &SeveralProps, what: Control) -> Vec<Edit> {
    let clients = props.selection.nodes().iter().filter(|node| matches!(node, NodeId::Client(_)));
    let targets = clients.filter_map(|node| props.engine.target_of(node));
    targets.map(|target| control(what, &target, Settings::new())).collect()
}

/// Presses for all that is selected.
#[component]
pub fn SeveralHand(props: &SeveralProps) -> Html {
    let run = |label: String, command: Edit| {
        let (engine, title, on_touched) = (props.engine.clone(), command.to_string(), props.on_touched.clone());
        let onclick = move |_: MouseEvent| {
            if let Ok(touched) = engine.attempt(&command)
                && let Some(found) = touched.first()
            {
                on_touched.emit(Subject::of(found));
            }
        };
        html! { <button type="button" {title} {onclick}>{ label }</button> }
    };
    let ask = |label: &'static str, ask: Ask| {
        let engine = props.engine.clone();
        html! { <button type="button" onclick={move |_: MouseEvent| engine.ask(ask)}>{ label }</button> }
    };
    let clients = |what: Control, label: &str| {
        let all = told(props, what);
        let count = all.len();
        if count == 0 {
            html! {}
        } else {
            run(format!("{label} {}", sentence::count(count as u64, "client")), Edit::Steps(all))
        }
    };
    let purges = purges(props);
    let count = purges.len();
    let subject = props.engine.subjects_of(props.selection.nodes());
    let policy = match (props.engine.draft(), &subject) {
        (Some(draft), Subject::Several(things)) => policy(&draft, things),
        _ => None,
    };
    html! {
        <div class="acts" role="group" aria-label="All that is selected">
            { ask("Copy", Ask::Clip(Clip::Copy)) }
            { ask("Align\u{2026}", Ask::Align) }
            if count > 0 {
                { run(if count == 1 { "Purge the queue".to_owned() } else { format!("Purge {count} queues") }, Edit::Steps(purges)) }
            }
            { clients(Control::Kill, "Kill") }
            { clients(Control::Restart, "Restart") }
            if let Some(command) = policy {
                { run("Add a policy that matches the queues".to_owned(), command) }
            }
        </div>
    }
}
