//! The inspector's forms: what can be edited of what is selected, or of the scenario if nothing is.
//!
//! What always holds: which rows there are, what is wrong with them and what they do is decided in
//! [`edit::form`](crate::edit::form); here they are drawn and listened to. What was typed and is not applied is kept, for
//! each thing.

mod fields;
mod vary;

use std::rc::Rc;

use yew::prelude::*;

use crate::edit::form::{Edit, Entered, Entry, Form, Pending, Section, Subject, Typed, bindings, contents, form};
use crate::edit::{Command, Draft, Kind};
use crate::view::{NodeId, Select, Selection};

use super::engine::{Engine, seconds};
use super::hand::SeveralHand;
use super::keys::Command as Key;
use super::scene::Scene;
use fields::Fields;
use vary::{beside, compare, vary};

/// What the inspector edits.
#[derive(Clone, PartialEq, Properties)]
pub struct InspectorProps {
    /// Does what is asked for.
    pub engine: Rc<Engine>,
    /// How often the scenario has changed: it is looked into anew only then.
    pub edition: u64,
    /// How many of the changes have been made at the moment that is looked at.
    pub made: usize,
    /// Whether something is written that counts from the next beginning on.
    pub is_behind: bool,
    /// What is selected.
    pub selected: Option<Subject>,
    /// Selects.
    pub on_select: Callback<Select>,
    /// Does something else.
    pub on_command: Callback<Key>,
    /// Several selected nodes, and the moment.
    #[prop_or_default]
    pub several: Option<(Scene, Rc<Selection>)>,
    /// The name, to go to.
    pub name: NodeRef,
}

/// What was opened and typed.
#[derive(Default)]
struct Desk {
    /// What was opened from what is selected.
    open: Option<Subject>,
    selected: Option<Subject>,
    typed: Vec<(Subject, Typed)>,
    /// Why the last command was refused, and the row that it is about.
    refused: Option<(String, String)>,
    /// The last command that was done.
    done: Option<String>,
    /// The row of which it is said what it can be compared with, and why not with what was typed.
    varied: Option<(String, String)>,
    draft: Option<(u64, Option<Rc<Draft>>)>,
    /// What was written at the moment that is looked at, where it is another than what is written now.
    then: Option<((u64, usize), Option<Then>)>,
}

/// What was written at a moment of the past, and what is told of what was changed since.
struct Then {
    draft: Draft,
    told: String,
}

impl Then {
    fn of(engine: &Engine) -> Option<Then> {
        let later = engine.later();
        let (first, more) = (later.first()?, later.len() - 1);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let told = format!("{}: {}{more}", seconds(first.at_ms as f64), first.line);
        Some(Then { draft: engine.draft_then()?, told })
    }
}

impl Desk {
    fn typed(&self, subject: &Subject) -> Typed {
        self.typed.iter().find(|(other, _)| other == subject).map(|(_, typed)| typed.clone()).unwrap_or_default()
    }

    fn keep(&mut self, subject: &Subject, typed: Typed) {
        self.typed.retain(|(other, _)| other != subject);
        if !typed.is_empty() {
            self.typed.push((subject.clone(), typed));
        }
    }
}

/// Something that somebody does in a form.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Types into a row.
    Type(String, String),
    /// Is done with a row.
    Enter(String),
    /// Presses something.
    Press(Edit),
    /// Takes a row's value away.
    Remove(String),
    /// Runs a command.
    Run(Command),
    /// Says what a row can be compared with, or no longer.
    Vary(String),
    /// Plays it beside itself with a change.
    Compare(Command),
    /// The same, with a row otherwise as it was typed.
    CompareTyped(String, String),
    /// Opens something.
    Open(Option<Subject>),
    /// Forgets what was typed.
    Forget,
}

/// The forms.
#[component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let desk = use_mut_ref(Desk::default);
    let update = use_force_update();
    let subject = {
        let mut desk = desk.borrow_mut();
        if desk.selected != props.selected {
            desk.selected.clone_from(&props.selected);
            (desk.open, desk.refused, desk.done, desk.varied) = (None, None, None, None);
        }
        if desk.draft.as_ref().is_none_or(|(edition, _)| *edition != props.edition) {
            desk.draft = Some((props.edition, props.engine.draft()));
        }
        let now = (props.edition, props.made);
        if desk.then.as_ref().is_none_or(|(then, _)| *then != now) {
            desk.then = Some((now, Then::of(&props.engine)));
        }
        desk.open.clone().or_else(|| props.selected.clone()).unwrap_or(Subject::Scenario)
    };
    let act = {
        let (desk, subject, props) = (desk.clone(), subject.clone(), props.clone());
        Callback::from(move |act: Act| {
            obey(&mut desk.borrow_mut(), &props, &subject, act);
            update.force_update();
        })
    };
    let desk = desk.borrow();
    let Some((_, Some(draft))) = &desk.draft else {
        return html! { <p class="empty">{ "This scenario is too large to be edited here." }</p> };
    };
    let then = desk.then.as_ref().and_then(|(_, then)| then.as_ref());
    let Some(mut form) = form(draft, &subject, &desk.typed(&subject)) else {
        return absent(&subject, then, &act);
    };
    if let Some(stood) = then.and_then(|then| self::form(&then.draft, &subject, &Typed::default())) {
        form.remember(&stood);
    }
    if let Some((row, why)) = &desk.refused {
        form.refuse(row, why);
    }
    html! {
        <div class="form">
            { head(&form, draft, props, &act) }
            { beside(draft, &subject, &act) }
            { past(then) }
            if let Some(done) = &desk.done { <p class="said">{ "Done: " }<code>{ done.clone() }</code></p> }
            if let Some((_, why)) = desk.refused.as_ref().filter(|(row, _)| form.row(row).is_none()) {
                <p class="said bad" role="alert">{ why.clone() }</p>
            }
            if subject == Subject::Scenario { { overview(draft, props, &act) }{ anew(props) } }
            <Fields items={form.items.clone()} act={act.clone()} name={props.name.clone()} vary={vary(&form, desk.varied.as_ref())} />
            if let Some(pending) = &form.pending { { offers(pending, &subject, props, &act) } }
            { hangs_on(&form, draft, &act) }
        </div>
    }
}

/// What was changed after the moment that is looked at.
fn past(then: Option<&Then>) -> Html {
    let Some(then) = then else { return html! {} };
    html! {
        <div class="pending later" role="status">
            <p>{ "This moment is in the past. Changed later, at " }<code>{ then.told.clone() }</code></p>
            <p class="help">
                { "The fields show what is written now. Whoever changes something here goes on from this moment, and takes those changes along." }
            </p>
        </div>
    }
}

/// The way to a beginning with what is written now.
fn anew(props: &InspectorProps) -> Html {
    let onclick = props.on_command.reform(|_: MouseEvent| Key::BeginAnew);
    let class = classes!("anew", props.is_behind.then_some("pending later"));
    html! {
        <div {class}>
            <p class="help">
                { if props.is_behind { "Seed, goals or script were changed since this began." } else { "Seed, goals and script count from the beginning on." } }
            </p>
            <button type="button" class={classes!(props.is_behind.then_some("primary"))} aria-keyshortcuts="R" title="From the beginning, with what is written now (R)" {onclick}>
                { "Begin anew" }
            </button>
        </div>
    }
}

/// What can be done to several nodes.
fn several(props: &InspectorProps, act: &Callback<Act>) -> Html {
    let Some((scene, selection)) = &props.several else { return html! {} };
    let on_touched = act.reform(|subject| Act::Open(Some(subject)));
    html! { <SeveralHand engine={props.engine.clone()} scene={scene.clone()} selection={selection.clone()} {on_touched} /> }
}

/// What is not in the file.
fn absent(subject: &Subject, then: Option<&Then>, act: &Callback<Act>) -> Html {
    let back = act.reform(|_: MouseEvent| Act::Open(None));
    let text = match subject {
        Subject::Thing { kind: Kind::Exchange, name, .. } if name.is_empty() || name.starts_with("amq.") => {
            "Every virtual host has this exchange, as it is: RabbitMQ refuses to change or delete it."
        }
        _ => "It is not part of the scenario: a client declared it, or it has gone. What is part of it can be edited.",
    };
    let is_gone_later = then.is_some_and(|then| form(&then.draft, subject, &Typed::default()).is_some());
    let text = if is_gone_later {
        "At this moment it is still there. It was taken away later; go on from here, or back to where it was changed."
    } else {
        text
    };
    html! {
        <div class="form">
            <p class="help">{ text }</p>
            { past(then.filter(|_| is_gone_later)) }
            if !matches!(subject, Subject::Thing { kind: Kind::Exchange | Kind::Queue, .. }) {
                <button type="button" onclick={back}>{ "Back" }</button>
            }
        </div>
    }
}

/// Does something. The draft is the one that is shown.
fn obey(desk: &mut Desk, props: &InspectorProps, subject: &Subject, act: Act) {
    let Some((_, Some(draft))) = desk.draft.clone() else { return };
    let mut typed = desk.typed(subject);
    let command = match act {
        Act::Type(row, text) => {
            typed.set(&row, &text);
            desk.keep(subject, typed);
            desk.refused = desk.refused.take().filter(|(refused, _)| *refused != row);
            return;
        }
        Act::Open(open) => {
            (desk.open, desk.refused, desk.done, desk.varied) = (open, None, None, None);
            return;
        }
        Act::Vary(row) => {
            let is_open = desk.varied.as_ref().is_some_and(|(open, _)| *open == row);
            desk.varied = (!is_open).then(|| (row, String::new()));
            return;
        }
        Act::Compare(command) => return compare(desk, props, command),
        Act::CompareTyped(row, text) => {
            let form = form(&draft, subject, &Typed::default());
            match form.map(|form| form.typed_variation(&row, &text)) {
                Some(Ok(variation)) => compare(desk, props, variation.command),
                Some(Err(why)) => desk.varied = Some((row, why)),
                None => {}
            }
            return;
        }
        Act::Forget => {
            desk.keep(subject, Typed::default());
            desk.refused = None;
            return;
        }
        Act::Remove(row) => {
            typed.take_away(&row);
            desk.keep(subject, typed.clone());
            form(&draft, subject, &typed).map(|form| (row.clone(), form.entered(&row)))
        }
        Act::Enter(row) => form(&draft, subject, &typed).map(|form| (row.clone(), form.entered(&row))),
        Act::Press(edit) => form(&draft, subject, &typed).map(|form| (String::new(), form.done(&edit))),
        Act::Run(command) => Some((String::new(), Entered::Do(command))),
    };
    match command {
        Some((row, Entered::Do(command))) => run(desk, props, subject, &row, &command),
        Some((row, Entered::Same)) if !row.contains('/') => {
            typed.remove(&row);
            desk.keep(subject, typed);
        }
        _ => {}
    }
}

fn run(desk: &mut Desk, props: &InspectorProps, subject: &Subject, row: &str, command: &Command) {
    match props.engine.attempt(command) {
        Ok(touched) => {
            let mut typed = desk.typed(subject);
            match row.split_once('/') {
                Some((table, _)) => {
                    ["name", "form", "value"].iter().for_each(|part| typed.remove(&format!("{table}/{part}")))
                }
                None if row.is_empty() && !matches!(subject, Subject::Scenario) => typed = Typed::default(),
                None => typed.remove(row),
            }
            desk.keep(subject, typed);
            desk.refused = None;
            desk.done = Some(command.to_string());
            if let (Subject::Binding(_), Command::Steps(steps)) = (subject, command)
                && let Some(Command::Bind { undo: false, .. }) = steps.last()
            {
                // It is another binding now: the last one.
                let last = props.engine.draft().and_then(|draft| draft.list("bindings").len().checked_sub(1));
                desk.open = last.map(Subject::Binding);
                return;
            }
            let Some(found) = touched.first() else {
                if let Command::Delete { .. } = command {
                    desk.open = None;
                }
                return;
            };
            // A client that was changed is another one in the picture.
            let nodes: Vec<NodeId> = touched.iter().filter_map(|found| props.engine.node_of(found)).collect();
            desk.open = match &nodes[..] {
                [] => Some(Subject::of(found)),
                _ => None,
            };
            match &nodes[..] {
                [] => {}
                [node] => {
                    desk.selected = props.engine.subject_of(node);
                    props.on_select.emit(Select::Only(node.clone()));
                }
                several => {
                    desk.selected = Some(props.engine.subjects_of(several));
                    props.on_select.emit(Select::These(nodes));
                }
            }
        }
        Err(refusal) => {
            let typed = desk.typed(subject);
            let draft = desk.draft.as_ref().and_then(|(_, draft)| draft.clone());
            let shown = draft.and_then(|draft| form(&draft, subject, &typed));
            let place = shown.and_then(|form| form.place_of(&refusal.place)).unwrap_or_else(|| row.to_owned());
            desk.refused = Some((place, refusal.problem));
            desk.done = None;
        }
    }
}

fn button(label: &'static str, act: &Callback<Act>, what: Act) -> Html {
    let onclick = act.reform(move |_: MouseEvent| what.clone());
    html! { <button type="button" {onclick}>{ label }</button> }
}

/// What it is, and what can be done with it as a whole.
fn head(form: &Form, draft: &Draft, props: &InspectorProps, act: &Callback<Act>) -> Html {
    let is_inside = props.selected.as_ref() != Some(&form.subject) && form.subject != Subject::Scenario;
    // Of what is in the picture, the panel tells more above.
    let has_title = matches!(&props.selected, Some(Subject::Thing { .. }));
    html! {
        <>
            if has_title {
                <h3>{ if is_inside { form.title.clone() } else { "Edit".to_owned() } }</h3>
            } else {
                <h2>{ form.title.clone() }</h2>
            }
            <div class="acts" role="group" aria-label={format!("{} as a whole", form.title)}>
                if is_inside { { button("Back", act, Act::Open(None)) } }
                if let Some(command) = form.subject.duplicate(draft) { { button("Duplicate", act, Act::Run(command)) } }
                if let Some(command) = form.subject.delete(draft) { { button("Delete", act, Act::Run(command)) } }
            </div>
            { several(props, act) }
            if let Some(remark) = &form.remark { <p class="help">{ remark.clone() }</p> }
        </>
    }
}

/// What a scenario holds, and what to do next.
fn overview(draft: &Draft, props: &InspectorProps, act: &Callback<Act>) -> Html {
    let section = |section: Section| {
        let label = format!("{} ({})", section.label, section.entries.len());
        html! {
            <details key={section.label}>
                <summary>{ label }</summary>
                if section.entries.is_empty() { <p class="help">{ section.none }</p> }
                <ul class="links">{ for section.entries.iter().map(|entry| link(entry, props, act)) }</ul>
                if let Some((label, command)) = section.add { { button(label, act, Act::Run(command)) } }
            </details>
        }
    };
    html! {
        <>
            <p class="help">{ "Select something in the picture to edit it, or open something here. Add more with the buttons above the picture." }</p>
            <div class="sections">{ for contents(draft).into_iter().map(section) }</div>
        </>
    }
}

fn link(entry: &Entry, props: &InspectorProps, act: &Callback<Act>) -> Html {
    let (entry, act) = (entry.clone(), act.clone());
    let (engine, on_select) = (props.engine.clone(), props.on_select.clone());
    let label = entry.label.clone();
    let onclick = move |_: MouseEvent| {
        let found = engine.draft().and_then(|draft| entry.subject.found(&draft));
        match found.and_then(|found| engine.node_of(&found)) {
            Some(node) => on_select.emit(Select::Only(node)),
            None => act.emit(Act::Open(Some(entry.subject.clone()))),
        }
    };
    html! { <li key={label.clone()}><button type="button" class="quiet" {onclick}>{ label }</button></li> }
}

/// What RabbitMQ does not change, and what can be done.
fn offers(pending: &Pending, subject: &Subject, props: &InspectorProps, act: &Callback<Act>) -> Html {
    let messages = props.engine.messages_in(subject);
    let offer = |offer: &crate::edit::form::Offer| {
        let lost = match messages {
            _ if !offer.loses_messages => String::new(),
            0 => " There are no messages to lose.".to_owned(),
            1 => " 1 message is lost.".to_owned(),
            _ => format!(" {messages} messages are lost."),
        };
        let onclick = {
            let what = Act::Run(offer.command.clone());
            act.reform(move |_: MouseEvent| what.clone())
        };
        html! {
            <li key={offer.label.clone()}>
                <button type="button" {onclick}>{ offer.label.clone() }</button>
                <p class="help">{ format!("{}{lost}", offer.help) }<code>{ offer.command.to_string() }</code></p>
            </li>
        }
    };
    html! {
        <div class="pending" role="status">
            <p>{ "Declared again like this, RabbitMQ answers: " }<q>{ pending.answer.clone() }</q></p>
            <ul>{ for pending.offers.iter().map(offer) }</ul>
            { button("Forget what was typed", act, Act::Forget) }
        </div>
    }
}

/// What belongs to it: the bindings of an exchange or a queue, what a policy matches.
fn hangs_on(form: &Form, draft: &Draft, act: &Callback<Act>) -> Html {
    if let Some(matches) = &form.matches {
        return html! {
            <div class="hangs" role="status">
                <h3>{ "It matches" }</h3>
                if matches.is_empty() { <p class="help">{ "No queue or exchange of its virtual host." }</p> }
                <ul>
                    { for matches.iter().map(|found| {
                        let beaten = found.beaten_by.as_ref().map(|other| format!(": {other} applies instead, by its priority"));
                        html! { <li key={format!("{} {}", found.kind.word(), found.name)}>{ format!("{} {}{}", found.kind.word(), found.name, beaten.unwrap_or_default()) }</li> }
                    }) }
                </ul>
            </div>
        };
    }
    // The scenario tells of its bindings above.
    let all = bindings(draft, &form.subject).filter(|_| form.subject != Subject::Scenario);
    let Some(all) = all else { return html! {} };
    html! {
        <div class="hangs">
            <h3>{ "Bindings" }</h3>
            if all.is_empty() { <p class="help">{ "None but the default exchange's." }</p> }
            <ul class="links">
                { for all.into_iter().map(|entry| {
                    let unbind = entry.subject.delete(draft);
                    let open = { let subject = entry.subject.clone(); act.reform(move |_: MouseEvent| Act::Open(Some(subject.clone()))) };
                    html! {
                        <li key={entry.label.clone()}>
                            <button type="button" class="quiet" onclick={open}>{ entry.label.clone() }</button>
                            if let Some(command) = unbind { { button("Unbind", act, Act::Run(command)) } }
                        </li>
                    }
                }) }
            </ul>
        </div>
    }
}
