//! What differs between two worlds at a moment: the figures, and what became of messages.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::engine::Compared;
use crate::view::compare::{Fates, Parted, Row, parted};

/// So many messages are listed.
const LISTED: usize = 30;

/// What differs.
pub struct Found {
    /// All figures of both.
    pub rows: Vec<Row>,
    parted: Vec<Parted>,
    all: usize,
}

/// What differs where both are.
pub fn of(compared: &Compared, fates: &[RefCell<Fates>; 2]) -> Found {
    for (world, fates) in compared.worlds().into_iter().zip(fates) {
        world.take_fates(&mut fates.borrow_mut());
    }
    let [left, right] = fates;
    let (parted, all) = parted(&left.borrow(), &right.borrow(), LISTED);
    Found { rows: compared.summary(), parted, all }
}

/// The figures that differ, or all of them.
pub fn figures(rows: &[Row], is_all: &UseStateHandle<bool>) -> Html {
    let count = rows.iter().filter(|row| row.differs()).count();
    let onchange = {
        let is_all = is_all.setter();
        move |event: Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            is_all.set(input.is_some_and(|input| input.checked()));
        }
    };
    let shown: Vec<&Row> = rows.iter().filter(|row| **is_all || row.differs()).collect();
    html! {
        <div class="scrolls" tabindex="0" role="region" aria-label="Figures of both">
            <label class="tick"><input type="checkbox" checked={**is_all} {onchange} />{ "Also the figures that are the same" }</label>
            if shown.is_empty() {
                <p class="empty">{ "All figures of both are the same so far." }</p>
            }
            <table hidden={shown.is_empty()}>
                <caption>{ format!("Figures of both: {count} differ") }</caption>
                <thead><tr>
                    { for ["Figure", "As it is", "With the change", "Differs"].map(|heading| html! {
                        <th scope="col">{ heading }</th>
                    }) }
                </tr></thead>
                <tbody>
                    { for shown.into_iter().map(|row| html! {
                        <tr key={row.what.clone()} class={classes!(row.differs().then_some("differs"))}>
                            <th scope="row">{ row.what.clone() }</th>
                            <td class="number">{ row.values[0].clone() }</td>
                            <td class="number">{ row.values[1].clone() }</td>
                            <td>{ if row.differs() { "\u{2260} yes" } else { "no" } }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

/// The messages that come to something else.
pub fn fates(found: &Found) -> Html {
    let Found { parted, all, .. } = found;
    html! {
        <section class="parted" aria-label="Messages that differ">
            <h3>{ "Messages that come to something else" }</h3>
            if parted.is_empty() { <p class="empty">{ "None so far." }</p> }
            <table hidden={parted.is_empty()}>
                <thead><tr>
                    { for ["Message", "Routing key", "As it is", "With the change"].map(|heading| html! { <th scope="col">{ heading }</th> }) }
                </tr></thead>
                <tbody>
                    { for parted.iter().map(|it| html! {
                        <tr key={it.message.clone()}>
                            <th scope="row">{ it.message.clone() }</th>
                            <td><code>{ it.key.clone() }</code></td>
                            <td>{ it.fates[0].clone() }</td>
                            <td>{ it.fates[1].clone() }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            if *all > parted.len() { <p class="empty">{ format!("and {} more", all - parted.len()) }</p> }
        </section>
    }
}
