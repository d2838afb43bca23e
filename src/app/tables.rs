//! The text twin of the picture: the view's tables as HTML tables.

use yew::prelude::*;

use crate::view::tables::{Column, Table};

/// The tables to show.
#[derive(Clone, PartialEq, Properties)]
pub struct TablesProps {
    /// In order.
    pub tables: Vec<Table>,
}

/// Tables.
#[component]
pub fn Tables(props: &TablesProps) -> Html {
    html! {
        <div class="tables">{ for props.tables.iter().map(table) }</div>
    }
}

fn class(column: &Column) -> Option<&'static str> {
    column.numeric.then_some("number")
}

fn table(table: &Table) -> Html {
    html! {
        <div class="wide" key={table.caption} tabindex="0" role="region" aria-label={table.caption}>
            <table>
                <caption>{ table.caption }</caption>
                <thead><tr>
                    { for table.columns.iter().map(|column| html! {
                        <th key={column.heading} scope="col" class={classes!(class(column))}>{ column.heading }</th>
                    }) }
                </tr></thead>
                <tbody>
                    { for table.rows.iter().enumerate().map(|(place, row)| html! {
                        <tr key={place}>{ for row.iter().zip(&table.columns).enumerate().map(|(place, (cell, column))| {
                            if place == 0 {
                                html! { <th key={place} scope="row">{ cell.clone() }</th> }
                            } else {
                                html! { <td key={place} class={classes!(class(column))}>{ cell.clone() }</td> }
                            }
                        }) }</tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
