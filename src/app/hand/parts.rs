//! The pieces that the forms are made of.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::app::engine::Said;
use crate::app::scene::Scene;
use crate::edit::hand::Wrong;
use crate::view::hand::Shown;

/// A section.
#[derive(Clone, PartialEq, Properties)]
pub struct SectionProps {
    /// Its name in the management UI.
    pub title: AttrValue,
    /// Whether what was done last was done here: then what came of it is told here.
    pub did: bool,
    /// The moment.
    pub scene: Scene,
    /// Whether it is open from the beginning.
    #[prop_or_default]
    pub open: bool,
    /// What is in it.
    pub children: Html,
}

/// A section that folds, with what came of what was done in it.
#[component]
pub fn Section(props: &SectionProps) -> Html {
    let is_open = use_state(|| props.open);
    let onclick = {
        let is_open = is_open.clone();
        move |event: MouseEvent| {
            event.prevent_default();
            is_open.set(!*is_open);
        }
    };
    html! {
        <details class="by-hand" open={*is_open}>
            <summary {onclick}>{ props.title.clone() }</summary>
            if *is_open {
                <div>
                    { props.children.clone() }
                    if props.did { { came_of_it(&props.scene) } }
                </div>
            }
        </details>
    }
}

/// What came of the last thing that was done by hand.
fn came_of_it(scene: &Scene) -> Html {
    if let Some(Said::Refused(why)) = &scene.said {
        return html! { <p class="result bad">{ why.clone() }</p> };
    }
    let Some(outcome) = &scene.outcome else { return html! {} };
    let class = if outcome.is_good { "result" } else { "result bad" };
    html! {
        <>
            <p {class} role="status">{ outcome.text.clone() }</p>
            if let Some((_, shown)) = &outcome.got {
                <ol class="messages" aria-label="Messages">
                    { for shown.iter().enumerate().map(|(place, shown)| html! {
                        <li key={place}><h3>{ format!("Message {}", place + 1) }</h3>{ message(shown) }</li>
                    }) }
                </ol>
            }
        </>
    }
}

/// A message as the management UI shows one.
pub fn message(shown: &Shown) -> Html {
    let redelivered = if shown.redelivered { "\u{25cf} yes" } else { "\u{25cb} no" };
    html! {
        <>
            <dl>
                <div><dt>{ "Exchange" }</dt><dd>{ shown.exchange.to_string() }</dd></div>
                <div><dt>{ "Routing Key" }</dt><dd>{ shown.routing_key.to_string() }</dd></div>
                <div><dt>{ "Redelivered" }</dt><dd>{ redelivered }</dd></div>
                { for shown.properties.iter().map(|(name, value)| html! {
                    <div key={name.clone()}><dt>{ name.clone() }</dt><dd>{ value.clone() }</dd></div>
                }) }
                <div><dt>{ "Payload" }</dt><dd>{ format!("{} bytes, encoding {}", shown.bytes, shown.encoding) }</dd></div>
            </dl>
            <pre>{ shown.payload.clone() }</pre>
        </>
    }
}

/// What was written into a field.
pub fn written(event: &Event) -> String {
    let Some(target) = event.target() else { return String::new() };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return input.value();
    }
    if let Some(area) = target.dyn_ref::<HtmlTextAreaElement>() {
        return area.value();
    }
    target.dyn_ref::<HtmlSelectElement>().map(HtmlSelectElement::value).unwrap_or_default()
}

/// Whether a box is ticked.
pub fn ticked(event: &Event) -> bool {
    event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()).is_some_and(|input| input.checked())
}

/// A field with its label, and what is wrong with it.
#[derive(Clone, PartialEq, Properties)]
pub struct FieldProps {
    /// What it is called.
    pub label: AttrValue,
    /// What is written in it.
    pub value: AttrValue,
    /// What it takes, in a few words.
    #[prop_or_default]
    pub hint: AttrValue,
    /// What is wrong with it; empty is nothing.
    #[prop_or_default]
    pub wrong: AttrValue,
    /// What can be chosen by its list.
    #[prop_or_default]
    pub offers: Vec<AttrValue>,
    /// Whether numbers are written in it.
    #[prop_or_default]
    pub numeric: bool,
    /// Whether the label is heard and not seen.
    #[prop_or_default]
    pub bare: bool,
    /// It is written in.
    pub on_write: Callback<String>,
}

/// A field for one line of text.
#[component]
pub fn Field(props: &FieldProps) -> Html {
    let oninput = props.on_write.reform(|event: InputEvent| written(&event));
    let id = props.label.replace([' ', '/'], "-").to_lowercase();
    let (list, note) = (format!("offers-{id}"), format!("wrong-{id}"));
    let is_wrong = !props.wrong.is_empty();
    html! {
        <label class={classes!("field", props.bare.then_some("bare"))}>
            <span>{ props.label.clone() }</span>
            <input type="text" value={props.value.clone()} {oninput} autocomplete="off" spellcheck="false"
                placeholder={props.hint.clone()} inputmode={props.numeric.then_some("numeric")}
                list={(!props.offers.is_empty()).then(|| list.clone())}
                aria-invalid={is_wrong.to_string()} aria-describedby={is_wrong.then(|| note.clone())} />
            if is_wrong { <em id={note}>{ props.wrong.clone() }</em> }
            if !props.offers.is_empty() {
                <datalist id={list}>{ for props.offers.iter().map(|offer| html! { <option value={offer.clone()} /> }) }</datalist>
            }
        </label>
    }
}

/// What is wrong with a field.
pub fn wrong_at(wrong: &Wrong, field: &str) -> AttrValue {
    let found = wrong.iter().find(|(name, _)| name == field);
    found.map(|(_, problem)| AttrValue::from(problem.clone())).unwrap_or_default()
}

/// A choice of one word among several.
pub fn choice(
    label: &str,
    chosen: &str,
    words: impl Iterator<Item = (AttrValue, AttrValue)>,
    on_choose: Callback<String>,
) -> Html {
    let onchange = on_choose.reform(|event: Event| written(&event));
    html! {
        <label class="field">
            <span>{ label.to_owned() }</span>
            <select {onchange}>
                { for words.map(|(value, text)| {
                    let selected = value == chosen;
                    html! { <option key={value.to_string()} {value} {selected}>{ text }</option> }
                }) }
            </select>
        </label>
    }
}

/// A box to tick.
pub fn tick(label: &str, is_ticked: bool, on_tick: Callback<bool>) -> Html {
    let onchange = on_tick.reform(|event: Event| ticked(&event));
    html! {
        <label class="tick"><input type="checkbox" checked={is_ticked} {onchange} /><span>{ label.to_owned() }</span></label>
    }
}
