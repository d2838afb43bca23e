//! *Share*: a dialog that makes a link to what is open, to be copied.
//!
//! What always holds: nothing leaves the page by it; a link that chat programs would cut is warned of, with a way out.

use std::rc::Rc;

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

use crate::view::sharing::{Wish, warning};

use super::clipboard::clipboard;
use super::engine::Engine;
use super::keys::Command;

/// What the dialog makes links of.
#[derive(Clone, PartialEq, Properties)]
pub struct SharingProps {
    /// Another number each time that it is to be opened.
    pub opened: u32,
    /// What is open.
    pub engine: Rc<Engine>,
    /// The example's name, if it is one.
    pub example: Option<String>,
    /// Saves it as a file.
    pub on_command: Callback<Command>,
}

/// The dialog. It stays closed until it is to be opened.
#[component]
pub fn Sharing(props: &SharingProps) -> Html {
    let dialog = use_node_ref();
    let field = use_node_ref();
    let wish = use_state(|| Wish { moment: true, player: false });
    let said = use_state(|| "");
    // Not before all of the page is as it shall be: what was selected just now opens a panel.
    let shown = use_state_eq(|| 0);
    {
        let shown = shown.setter();
        use_effect_with(props.opened, move |opened| shown.set(*opened));
    }
    let address =
        use_memo((*shown, *wish), |(shown, wish)| if *shown == 0 { Ok(String::new()) } else { address(props, *wish) });
    {
        let (dialog, said) = (dialog.clone(), said.setter());
        use_effect_with(*shown, move |shown| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>().filter(|dialog| *shown > 0 && !dialog.open()) {
                said.set("");
                // It is in the document and closed, so there is no reason to refuse.
                let _ = dialog.show_modal();
            }
        });
    }
    let copy = {
        let (address, field, said) = (address.clone(), field.clone(), said.setter());
        move |_: MouseEvent| copy(address.as_deref().unwrap_or_default(), &field, said.clone())
    };
    let wished = |change: fn(&mut Wish)| {
        let (wish, said) = (wish.clone(), said.setter());
        move |_: Event| {
            let mut next = *wish;
            change(&mut next);
            wish.set(next);
            said.set("");
        }
    };
    html! {
        <dialog ref={dialog} class="sharing" aria-labelledby="sharing-title">
            <div class="heading">
                <h2 id="sharing-title">{ "Share a link" }</h2>
                <form method="dialog"><button type="submit">{ "Close" }</button></form>
            </div>
            <p class="soft">{ "The link itself holds the scenario. Nothing is sent to a server, and nothing has to be kept for it." }</p>
            <fieldset>
                <legend>{ "It opens" }</legend>
                <label><input type="radio" name="opens" checked={wish.moment} onchange={wished(|wish| wish.moment = true)} />
                    { "at this moment, standing still" }</label>
                <label><input type="radio" name="opens" checked={!wish.moment} onchange={wished(|wish| wish.moment = false)} />
                    { "at the beginning, playing" }</label>
            </fieldset>
            <label><input type="checkbox" checked={wish.player} onchange={wished(|wish| wish.player = !wish.player)} />
                { "as a player: the picture and its transport, nothing that can be changed" }</label>
            { offered(&address, &field, copy, &props.on_command) }
            <p class="soft" role="status">{ *said }</p>
        </dialog>
    }
}

fn offered(
    address: &Result<String, String>,
    field: &NodeRef,
    copy: impl Fn(MouseEvent) + 'static,
    on_command: &Callback<Command>,
) -> Html {
    let address = match address {
        Ok(address) => address,
        Err(why) => return html! { <p class="bad" role="alert">{ format!("There is no link to it: {why}") }</p> },
    };
    let warning = warning(address).map(|warning| {
        html! {
            <div class="bad" role="alert">
                <p>{ warning }</p>
                <button type="button" onclick={on_command.reform(|_| Command::SaveFile)}>{ "Save as a file" }</button>
            </div>
        }
    });
    html! {
        <>
            <label class="address">{ "Link" }<input ref={field.clone()} type="text" readonly=true value={address.clone()} /></label>
            { warning.unwrap_or_default() }
            <button type="button" class="primary" onclick={copy}>{ "Copy the link" }</button>
        </>
    }
}

/// The whole address, or why there is none.
fn address(props: &SharingProps, wish: Wish) -> Result<String, String> {
    let link = props.engine.link(props.example.as_deref(), wish);
    let fragment = link.to_address().map_err(|error| error.to_string())?;
    let location = web_sys::window().map(|window| window.location());
    let page = location.and_then(|location| Some(location.origin().ok()? + &location.pathname().ok()?));
    Ok(page.unwrap_or_default() + &fragment)
}

fn copy(address: &str, field: &NodeRef, said: UseStateSetter<&'static str>) {
    let field = field.clone();
    let promise = clipboard().map(|clipboard| clipboard.write_text(address));
    spawn_local(async move {
        let is_copied = match promise {
            Some(promise) => JsFuture::from(promise).await.is_ok(),
            None => false,
        };
        if is_copied {
            said.set("Copied.");
        } else {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                // An element that is shown can be focused.
                let _ = field.focus();
                field.select();
            }
            said.set("The browser does not let the page use the clipboard by itself: press Control and C.");
        }
    });
}
