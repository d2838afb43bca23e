//! *My scenarios*: what this browser keeps, in a dialog like the gallery's: open, rename, duplicate, delete and put back.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use crate::share::{self, File};
use crate::view::Layout;
use crate::view::shelf::{Kept, Shelf, ago};
use crate::view::sketch::sketch;

use super::gallery::{blank, picture};
use super::keeper::Keeper;
use super::opened::{NEW, address_of, go_to};
use super::store::{new_id, now_ms};

/// What the dialog works on.
#[derive(Clone, PartialEq, Properties)]
pub struct MineProps {
    /// To open it by.
    pub dialog: NodeRef,
    /// What is there.
    pub keeper: Rc<Keeper>,
    /// Gives what is open another name.
    pub on_rename: Callback<String>,
    /// Another number each time that it is to be opened.
    pub opened: u32,
    /// Another number each time that something was kept.
    pub news: u32,
}

/// What people do to a scenario of the list.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Rename(String),
    Duplicate,
    Delete,
    PutBack,
}

/// The dialog. It stays closed until it is shown.
#[component]
pub fn Mine(props: &MineProps) -> Html {
    let shelf = use_state(|| None::<Shelf>);
    let refused = use_state(|| None::<&'static str>);
    let look = {
        let (shelf, refused) = (shelf.setter(), refused.setter());
        use_callback(props.keeper.clone(), move |why: Option<&'static str>, keeper| {
            let (shelf, refused, keeper) = (shelf.clone(), refused.clone(), keeper.clone());
            spawn_local(async move {
                shelf.set(Some(keeper.store().shelf().await));
                refused.set(why);
            });
        })
    };
    {
        let (look, dialog) = (look.clone(), props.dialog.clone());
        use_effect_with(props.opened, move |opened| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>().filter(|dialog| *opened > 0 && !dialog.open()) {
                look.emit(None);
                // It is in the document and closed, so there is no reason to refuse.
                let _ = dialog.show_modal();
            }
        });
    }
    {
        let (look, dialog) = (look.clone(), props.dialog.clone());
        use_effect_with(props.news, move |_| {
            if dialog.cast::<HtmlDialogElement>().is_some_and(|dialog| dialog.open()) {
                look.emit(None);
            }
        });
    }
    let act = {
        let (keeper, on_rename, shelf) = (props.keeper.clone(), props.on_rename.clone(), shelf.clone());
        Callback::from(move |(kept, deed): (Kept, Deed)| {
            let (keeper, on_rename, look) = (keeper.clone(), on_rename.clone(), look.clone());
            let shelf = (*shelf).clone().unwrap_or_default();
            spawn_local(async move { look.emit(perform(&keeper, &shelf, kept, deed, &on_rename).await) });
        })
    };
    let close = {
        let dialog = props.dialog.clone();
        Callback::from(move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        })
    };
    html! {
        <dialog ref={props.dialog.clone()} class="gallery mine" aria-labelledby="mine-title">
            <div class="heading">
                <h2 id="mine-title">{ "My scenarios" }</h2>
                <a class="button" href={NEW} onclick={close.reform(|_| ())}>{ "New" }</a>
                <form method="dialog"><button type="submit">{ "Close" }</button></form>
            </div>
            <p class="soft">{ "Whatever you change or open is kept here by itself, in this browser and nowhere else." }</p>
            <p class="bad" role="alert" hidden={refused.is_none()}>{ (*refused).unwrap_or_default() }</p>
            if let Some(shelf) = &*shelf { { shown(shelf, &props.keeper, &act, &close) } }
        </dialog>
    }
}

fn shown(shelf: &Shelf, keeper: &Rc<Keeper>, act: &Callback<(Kept, Deed)>, close: &Callback<()>) -> Html {
    let open_id = keeper.open_id();
    let card = |kept: &Kept| {
        let (is_open, keeper) = (open_id.as_ref() == Some(&kept.id), keeper.clone());
        html! {
            <Card key={kept.id.clone()} {keeper} kept={kept.clone()} {is_open} act={act.clone()} close={close.clone()} />
        }
    };
    let deleted = |kept: &Kept| {
        let (act, of) = (act.clone(), kept.clone());
        let onclick = move |_: MouseEvent| act.emit((of.clone(), Deed::PutBack));
        html! {
            <li key={kept.id.clone()}>
                <span>{ kept.name.clone() }</span>
                <span class="soft">{ format!("deleted {}", ago(now_ms(), kept.deleted_ms.unwrap_or_default())) }</span>
                <button type="button" aria-label={format!("Put back {}", kept.name)} {onclick}>{ "Put back" }</button>
            </li>
        }
    };
    html! {
        <div>
            <p class="empty" hidden={!shelf.there.is_empty()}>{ "Nothing yet." }</p>
            <ul class="cards" aria-label="My scenarios">{ for shelf.there.iter().map(card) }</ul>
            <section hidden={shelf.deleted.is_empty()} aria-label="Deleted">
                <h3>{ "Deleted" }</h3>
                <ul class="deleted">{ for shelf.deleted.iter().map(deleted) }</ul>
            </section>
        </div>
    }
}

/// Does something to a scenario. Answers why the browser refused it.
async fn perform(
    keeper: &Rc<Keeper>,
    shelf: &Shelf,
    kept: Kept,
    deed: Deed,
    on_rename: &Callback<String>,
) -> Option<&'static str> {
    let is_open = keeper.open_id().as_ref() == Some(&kept.id);
    match deed {
        Deed::Rename(name) if is_open => {
            on_rename.emit(name);
            None
        }
        Deed::Rename(name) => save_as(keeper, kept.clone(), kept, &name).await,
        Deed::Duplicate => {
            let name = shelf.free_name(&kept.name);
            save_as(keeper, kept, Kept::new(new_id(), &name), &name).await
        }
        Deed::Delete => {
            let done = keeper.store().set_deleted(&kept.id, true).await;
            if is_open && done.is_ok() {
                go_to("#");
            }
            done.err()
        }
        Deed::PutBack => keeper.store().set_deleted(&kept.id, false).await.err(),
    }
}

/// The file of one scenario under another name, as another or the same one.
async fn save_as(keeper: &Keeper, from: Kept, to: Kept, name: &str) -> Option<&'static str> {
    let (stored, text) = keeper.store().file(&from.id).await?;
    let to = if to.id == from.id { stored } else { to };
    let mut file = share::parse(text).ok()?;
    file.scenario.name = name.into();
    keeper.store().save(&to, name, file.to_text().ok()?).await.refused
}

#[derive(Clone, PartialEq, Properties)]
struct CardProps {
    keeper: Rc<Keeper>,
    kept: Kept,
    is_open: bool,
    act: Callback<(Kept, Deed)>,
    close: Callback<()>,
}

/// A scenario: its picture, its name, when it was saved, and what can be done with it.
#[component]
fn Card(props: &CardProps) -> Html {
    let layout = use_state(|| None::<Layout>);
    {
        let layout = layout.setter();
        use_effect_with((props.kept.clone(), props.keeper.clone()), move |(kept, keeper)| {
            let (id, keeper) = (kept.id.clone(), keeper.clone());
            spawn_local(async move {
                let file: Option<File> = keeper.store().file(&id).await.and_then(|(_, text)| share::parse(text).ok());
                layout.set(file.and_then(|file| sketch(&file.scenario).ok()));
            });
        });
    }
    let is_renaming = use_state(|| false);
    let name = &props.kept.name;
    let button = |label: &'static str, deed: Deed| {
        let (act, kept) = (props.act.clone(), props.kept.clone());
        let onclick = move |_: MouseEvent| act.emit((kept.clone(), deed.clone()));
        html! { <button type="button" aria-label={format!("{label} {name}")} {onclick}>{ label }</button> }
    };
    let on_named = {
        let (act, kept, is_renaming) = (props.act.clone(), props.kept.clone(), is_renaming.setter());
        Callback::from(move |name: Option<String>| {
            is_renaming.set(false);
            if let Some(name) = name.filter(|name| *name != kept.name) {
                act.emit((kept.clone(), Deed::Rename(name)));
            }
        })
    };
    let rename = {
        let is_renaming = is_renaming.setter();
        move |_: MouseEvent| is_renaming.set(true)
    };
    let saved = format!("saved {}", ago(now_ms(), props.kept.saved_ms));
    html! {
        <li class="card">
            <a href={address_of(&props.kept.id)} onclick={props.close.reform(|_| ())}>
                { (*layout).as_ref().map_or_else(blank, picture) }
                <strong>{ name.clone() }</strong>
                <span>{ if props.is_open { format!("open, {saved}") } else { saved } }</span>
            </a>
            <div class="deeds" hidden={*is_renaming}>
                <button type="button" aria-label={format!("Rename {name}")} onclick={rename}>{ "Rename" }</button>
                { button("Duplicate", Deed::Duplicate) }
                { button("Delete", Deed::Delete) }
            </div>
            if *is_renaming { <NameField name={name.clone()} on_named={on_named} /> }
        </li>
    }
}

/// What a name is typed into.
#[derive(Clone, PartialEq, Properties)]
pub struct NameFieldProps {
    /// The name that it has.
    pub name: String,
    /// Gets the new one; none if it stays as it is.
    pub on_named: Callback<Option<String>>,
}

/// A name while it is typed: Enter takes it, and so does going elsewhere; Escape leaves it as it was.
#[component]
pub fn NameField(props: &NameFieldProps) -> Html {
    let input = use_node_ref();
    {
        let input = input.clone();
        use_effect_with((), move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                // An element that is shown can be focused, and so can its text be chosen.
                let _ = input.focus();
                input.select();
            }
        });
    }
    let typed = |event: &Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        input.map(|input| input.value().trim().to_owned()).filter(|name| !name.is_empty())
    };
    let onkeydown = {
        let on_named = props.on_named.clone();
        move |event: KeyboardEvent| match event.key().as_str() {
            "Enter" => on_named.emit(typed(&event)),
            "Escape" => {
                // The dialog around it stays.
                event.prevent_default();
                on_named.emit(None);
            }
            _ => {}
        }
    };
    let onblur = {
        let on_named = props.on_named.clone();
        move |event: FocusEvent| on_named.emit(typed(&event))
    };
    html! {
        <input ref={input} type="text" class="name-field" aria-label="Name of the scenario" maxlength="100" autocomplete="off"
            spellcheck="false" value={props.name.clone()} {onkeydown} {onblur} />
    }
}
