//! The top of the page: what is open, whether it is kept, the ways to other scenarios, and the menu.

use std::rc::Rc;

use yew::prelude::*;

use crate::view::notice::Notice;

use super::gallery::Gallery;
use super::keeper::{Keeper, Keeping};
use super::keys::Command;
use super::menu::Menu;
use super::mine::NameField;

/// What the header shows.
#[derive(Clone, PartialEq, Properties)]
pub struct HeaderProps {
    /// The scenario's name.
    pub name: String,
    /// How it stands with it.
    pub keeping: Keeping,
    /// Does something.
    pub on_command: Callback<Command>,
    /// Gives the scenario another name.
    pub on_rename: Callback<String>,
}

/// The header.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let is_renaming = use_state(|| false);
    let on_named = {
        let (is_renaming, on_rename, name) = (is_renaming.setter(), props.on_rename.clone(), props.name.clone());
        Callback::from(move |new: Option<String>| {
            is_renaming.set(false);
            if let Some(new) = new.filter(|new| *new != name) {
                on_rename.emit(new);
            }
        })
    };
    let rename = {
        let is_renaming = is_renaming.setter();
        move |_: MouseEvent| is_renaming.set(true)
    };
    html! {
        <header class="top">
            <h1>{ "Warren" }</h1>
            <div class="open">
                if *is_renaming {
                    <NameField name={props.name.clone()} {on_named} />
                } else {
                    <button type="button" class="quiet name" title="Rename the scenario" onclick={rename}>
                        <span class="heard">{ "Scenario: " }</span><strong>{ props.name.clone() }</strong>
                    </button>
                }
                { state(props.keeping) }
            </div>
            <Gallery />
            <button type="button" class="quiet mine-button" aria-haspopup="dialog" onclick={props.on_command.reform(|_| Command::Mine)}>
                { "My scenarios" }
            </button>
            <button type="button" class="quiet share-button" aria-haspopup="dialog" onclick={props.on_command.reform(|_| Command::Share)}>
                { "Share" }
            </button>
            <Menu on_command={props.on_command.clone()} />
        </header>
    }
}

fn state(keeping: Keeping) -> Html {
    let (class, text, title) = match keeping {
        Keeping::Unchanged => ("state", "", ""),
        Keeping::Kept => ("state", "\u{2713} kept", "Every change is kept in this browser at once"),
        Keeping::Refused(why) => ("state bad", "\u{2715} not kept", why),
    };
    html! { <span {class} {title}>{ text }</span> }
}

/// What the page has to say.
#[derive(Clone, PartialEq, Properties)]
pub struct NoticesProps {
    /// What it is.
    pub notice: Option<Notice>,
    /// Puts it away, or does what it offers.
    pub keeper: Rc<Keeper>,
}

/// What the page has to say, until it is put away.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let Some(notice) = &props.notice else {
        return html! { <div class="notice" role="status" hidden=true /> };
    };
    let away = {
        let keeper = props.keeper.clone();
        move |_: MouseEvent| keeper.say(None)
    };
    let act = notice.action.map(|action| {
        let keeper = props.keeper.clone();
        let onclick = move |_: MouseEvent| keeper.act(action);
        html! { <button type="button" {onclick}>{ action.label() }</button> }
    });
    let role = if notice.is_bad { "alert" } else { "status" };
    html! {
        <div class={classes!("notice", notice.is_bad.then_some("bad"))} {role}>
            <p>{ notice.text.clone() }</p>
            { act.unwrap_or_default() }
            <button type="button" onclick={away}>{ "OK" }</button>
            if !notice.details.is_empty() {
                <details>
                    <summary>{ "Show them" }</summary>
                    <ul>{ for notice.details.iter().map(|line| html! { <li>{ line.clone() }</li> }) }</ul>
                </details>
            }
        </div>
    }
}
