//! Two worlds beside each other: the scenario as it is and with one thing changed, one clock for both, and what differs.
//!
//! What always holds: both are at the same virtual moment; nothing in them can be changed. Whoever likes the change keeps
//! it: then it is made in the scenario itself, and can be taken back there.

mod clock;
mod differences;

use std::rc::Rc;

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::view::compare::apart;
use crate::view::{Select, Selection};

use super::engine::{Compared, Engine};
use super::stage::Stage;
use clock::{Clock, Going, key, transport, use_beat};
use differences::{fates, figures, of};

/// What is compared.
#[derive(Clone, PartialEq, Properties)]
pub struct CompareProps {
    /// Knows what is compared, if anything is.
    pub engine: Rc<Engine>,
    /// The two worlds.
    pub compared: Option<Rc<Compared>>,
    /// Selects.
    pub on_select: Callback<Select>,
}

/// The dialog; it is closed where nothing is compared.
#[component]
pub fn Compare(props: &CompareProps) -> Html {
    let dialog = use_node_ref();
    let why = use_state(String::new);
    {
        let (dialog, why) = (dialog.clone(), why.setter());
        use_effect_with(props.compared.clone(), move |compared| {
            why.set(String::new());
            let dialog = dialog.cast::<HtmlDialogElement>().filter(|dialog| compared.is_some() && !dialog.open());
            if let Some(dialog) = dialog {
                // It is in the document and closed, so there is no reason to refuse.
                let _ = dialog.show_modal();
            }
        });
    }
    let onclose = {
        let engine = props.engine.clone();
        move |_: Event| engine.compare_no_more()
    };
    let keep = {
        let (engine, dialog, why, on_select) =
            (props.engine.clone(), dialog.clone(), why.setter(), props.on_select.clone());
        move |_: MouseEvent| match engine.keep_compared() {
            Ok(nodes) => {
                // A client that was changed is another one in the picture.
                if !nodes.is_empty() {
                    on_select.emit(Select::These(nodes));
                }
                dialog.cast::<HtmlDialogElement>().iter().for_each(HtmlDialogElement::close);
            }
            Err(refusal) => why.set(refusal.to_string()),
        }
    };
    html! {
        <dialog ref={dialog} class="compare" aria-labelledby="compare-title" {onclose}>
            <h2 id="compare-title">
                { "Compare" }
                if let Some(compared) = &props.compared { { ": " }<code>{ compared.line.clone() }</code> }
            </h2>
            if let Some(compared) = &props.compared {
                <Both key={compared.line.clone()} compared={compared.clone()} />
            }
            <form method="dialog" class="leave-it">
                <p class="bad" role="alert">{ (*why).clone() }</p>
                <button type="button" onclick={keep} title="Makes the change in the scenario; undo takes it back">{ "Keep this change" }</button>
                <button type="submit" class="primary">{ "Close" }</button>
            </form>
        </dialog>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct BothProps {
    compared: Rc<Compared>,
}

#[component]
fn Both(props: &BothProps) -> Html {
    let compared = props.compared.clone();
    let update = use_force_update();
    let clock = use_memo((), |()| Clock::default());
    let going = Going { is_playing: use_state(|| false), speed: use_state(|| 1.0) };
    let is_all = use_state(|| false);
    {
        let compared = compared.clone();
        use_effect_with((), move |()| {
            for world in compared.worlds() {
                let update = update.clone();
                world.attach(move || update.force_update());
            }
            move || compared.worlds().into_iter().for_each(|world| world.detach())
        });
    }
    use_beat(&compared, &clock, &going);
    let found = of(&compared, &clock.fates);
    let apart = Rc::new(apart(&found.rows));
    let onkeydown = key(&compared, &clock, &going);
    html! {
        <div class="compared" {onkeydown}>
            { parting(&compared, &clock, &going) }
            { transport(&compared, &clock, &going) }
            <div class="both">
                { for compared.worlds().into_iter().zip(["As it is", "With the change"]).map(|(world, label)| html! {
                    <figure key={label}>
                        <figcaption>{ label }</figcaption>
                        <Stage engine={world.clone()} scene={world.scene()} selection={Rc::new(Selection::default())}
                            on_select={Callback::noop()} apart={apart.clone()} {label} is_whole=true />
                    </figure>
                }) }
            </div>
            { figures(&found.rows, &is_all) }
            { fates(&found) }
        </div>
    }
}

/// Where they part, and the way there.
fn parting(compared: &Rc<Compared>, clock: &Rc<Clock>, going: &Going) -> Html {
    let at_ms = compared.look.parting.as_ref().map(|parting| parting.at_ms as f64);
    let onclick = {
        let (compared, clock, going) = (compared.clone(), clock.clone(), going.clone());
        move |_: MouseEvent| {
            going.is_playing.set(false);
            clock.go(&compared, at_ms.unwrap_or_default());
        }
    };
    html! {
        <div class="parting">
            <p>{ compared.look.told() }</p>
            <button type="button" hidden={at_ms.is_none()} {onclick}>{ "Go to where they part" }</button>
        </div>
    }
}
