//! The text twin of the picture: tables as the management UI has them, filtered, sorted, and taken along.

use std::rc::Rc;

use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::view::tables::{Arrangement, Column, FEATURES, ROWS_MAX, Row, Table};
use crate::view::{NodeId, Select};

use super::engine::Engine;
use super::scene::Scene;
use super::take::Take;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct TablesProps {
    /// Counts.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What somebody wants to see, kept while other things are looked at.
    pub arrangement: UseStateHandle<Arrangement>,
    /// Selects.
    pub on_select: Callback<Select>,
}

/// The tab.
#[component]
pub fn Tables(props: &TablesProps) -> Html {
    use_seconds(props.scene.playing);
    let arrangement = &props.arrangement;
    let tables = props.engine.tables();
    let captions: Vec<&'static str> = tables.iter().map(|table| table.caption).collect();
    let tables = arrangement.arranged(tables);
    let name = props.scene.scenario.to_string();
    html! {
        <div class="tables">
            <h2 class="heard">{ "Tables" }</h2>
            { choices(arrangement, &captions) }
            <div class="all">
                { for tables.into_iter().map(|table| html! {
                    <section key={table.caption} class="listed">
                        <Listed table={table.clone()} arrangement={arrangement.clone()} on_select={props.on_select.clone()} />
                        <Take {table} name={name.clone()} />
                    </section>
                }) }
            </div>
        </div>
    }
}

/// Rates fall while nothing happens: while time goes on, they are looked at each second.
#[hook]
pub fn use_seconds(playing: bool) {
    let update = use_force_update();
    use_effect_with(playing, move |playing| {
        let each = playing.then(|| Interval::new(1_000, move || update.force_update()));
        move || drop(each)
    });
}

/// Which table, and what rows of it.
fn choices(arrangement: &UseStateHandle<Arrangement>, captions: &[&'static str]) -> Html {
    let oninput = {
        let arrangement = arrangement.clone();
        move |event: InputEvent| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let typed = input.map(|input| input.value()).unwrap_or_default();
            arrangement.set(Arrangement { typed, ..(*arrangement).clone() });
        }
    };
    let only = arrangement.only.filter(|only| captions.contains(only));
    let choice = |caption: Option<&'static str>| {
        let (label, pressed) = (caption.unwrap_or("All"), only == caption);
        let arrangement = arrangement.clone();
        let onclick = move |_: MouseEvent| arrangement.set(Arrangement { only: caption, ..(*arrangement).clone() });
        html! { <button type="button" key={label} aria-pressed={pressed.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <div class="reading" role="search" aria-label="Tables">
            <input type="search" aria-label="Filter rows" placeholder="Filter rows" value={arrangement.typed.clone()} {oninput}
                autocomplete="off" spellcheck="false" />
            <div class="chips" role="group" aria-label="Which table">
                { for std::iter::once(None).chain(captions.iter().copied().map(Some)).map(choice) }
            </div>
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ListedProps {
    table: Table,
    arrangement: UseStateHandle<Arrangement>,
    on_select: Callback<Select>,
}

/// A table whose headings sort it, and whose rows lead to what they are about.
#[component]
fn Listed(props: &ListedProps) -> Html {
    let ListedProps { table, arrangement, on_select } = props;
    let heading = |place: usize, column: &Column| {
        let order = arrangement.order(table.caption).filter(|order| order.column == place);
        let (sorted, sign) = match order {
            Some(order) if order.descending => ("descending", " \u{25bc}"),
            Some(_) => ("ascending", " \u{25b2}"),
            None => ("none", ""),
        };
        let press = {
            let (arrangement, caption) = (arrangement.clone(), table.caption);
            move |_: MouseEvent| arrangement.set(arrangement.pressed(caption, place))
        };
        html! {
            <th key={place} scope="col" class={class(column)} aria-sort={sorted}>
                <button type="button" class="sort" onclick={press}>{ column.heading }<span aria-hidden="true">{ sign }</span></button>
            </th>
        }
    };
    let headings = table.columns.iter().enumerate().map(|(place, column)| heading(place, column)).collect();
    let is_whole = arrangement.whole.contains(&table.caption);
    let most = if is_whole { usize::MAX } else { ROWS_MAX };
    let rows = table.rows.iter().take(most).enumerate();
    let rows = rows.map(|(place, row)| listed_row(table, place, row, on_select)).collect();
    let left_out = table.rows.len().saturating_sub(most);
    let more = {
        let (arrangement, caption) = (arrangement.clone(), table.caption);
        move |_: MouseEvent| {
            let mut next = (*arrangement).clone();
            next.whole.push(caption);
            arrangement.set(next);
        }
    };
    html! {
        <div class="sheet">
            { sheet(table, headings, rows) }
            <p class="nothing" hidden={!table.rows.is_empty()}>{ nothing(arrangement) }</p>
            <button type="button" class="earlier" hidden={left_out == 0} onclick={more}>{ format!("Show {left_out} more rows") }</button>
        </div>
    }
}

fn nothing(arrangement: &Arrangement) -> &'static str {
    if arrangement.typed.trim().is_empty() { "None at this moment." } else { "No row has these words." }
}

fn class(column: &Column) -> Option<&'static str> {
    column.numeric.then_some("number")
}

fn listed_row(table: &Table, place: usize, row: &Row, on_select: &Callback<Select>) -> Html {
    let first = row.cells.first().cloned().unwrap_or_default();
    let named = match &row.node {
        Some(node) => named(first, node.clone(), on_select),
        None => html! { { first } },
    };
    let cells = table.columns.iter().zip(&row.cells).skip(1);
    html! {
        <tr key={place}>
            <th scope="row">{ named }</th>
            { for cells.map(|(column, cell)| {
                let hint = Some(row.hint.clone()).filter(|hint| column.heading == FEATURES && !hint.is_empty());
                html! { <td class={class(column)} title={hint}>{ cell.clone() }</td> }
            }) }
        </tr>
    }
}

/// A name that leads to what it is the name of.
fn named(name: String, node: NodeId, on_select: &Callback<Select>) -> Html {
    let press = on_select.reform(move |_: MouseEvent| Select::Only(node.clone()));
    html! { <button type="button" class="link" title="Show it in the Inspector" onclick={press}>{ name }</button> }
}

/// A table with its caption; it scrolls by itself where it is too wide.
fn sheet(table: &Table, headings: Vec<Html>, rows: Vec<Html>) -> Html {
    html! {
        <div class="scrolls" tabindex="0" role="region" aria-label={table.caption}>
            <table>
                <caption>{ table.caption }</caption>
                <thead>
                    { groups(&table.columns) }
                    <tr>{ for headings }</tr>
                </thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
    }
}

/// What stands above several headings, as in the management UI. Its columns' own headings say enough to who hears them.
fn groups(columns: &[Column]) -> Html {
    let mut groups: Vec<(&'static str, usize)> = Vec::new();
    for column in columns {
        match groups.last_mut() {
            Some((group, span)) if *group == column.group => *span += 1,
            _ => groups.push((column.group, 1)),
        }
    }
    if groups.len() < 2 {
        return html! { <tr hidden=true></tr> };
    }
    html! {
        <tr class="groups" aria-hidden="true">
            { for groups.into_iter().enumerate().map(|(place, (group, span))| html! {
                <td key={place} colspan={span.to_string()}>{ group }</td>
            }) }
        </tr>
    }
}

/// A table as it is, to be read.
pub fn plain(table: &Table) -> Html {
    let headings =
        table.columns.iter().map(|column| html! { <th scope="col" class={class(column)}>{ column.heading }</th> });
    let rows = table.rows.iter().enumerate();
    let rows = rows.map(|(place, row)| listed_row(table, place, row, &Callback::noop()));
    sheet(table, headings.collect(), rows.collect())
}
