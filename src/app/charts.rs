//! The charts: lines as SVG with marks of a shape of their own, a legend with the present values, and a table behind.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlSelectElement};
use yew::prelude::*;

use crate::view::chart::{Chart, Line, SHAPES, SIZE};
use crate::view::inspect::facts;
use crate::view::rates::Window;
use crate::view::{NodeId, Selection};

use super::engine::Engine;
use super::scene::Scene;
use super::tables::{plain, use_seconds};
use super::take::Take;

/// Room around the lines for their marks.
const EDGE: f64 = 6.0;

/// What the tab shows.
#[derive(Clone, PartialEq, Properties)]
pub struct ChartsProps {
    /// Counts.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// What is selected: the charts are of that, unless those of the whole broker are wanted.
    pub selection: Rc<Selection>,
    /// How far back they go.
    pub window: UseStateHandle<Window>,
}

/// The tab.
#[component]
pub fn Charts(props: &ChartsProps) -> Html {
    use_seconds(props.scene.playing);
    // Of all, though something is selected.
    let of_all = use_state(|| false);
    let selected: Option<&NodeId> = props.selection.last();
    let shown = selected.filter(|_| !*of_all);
    let charts = props.engine.charts(shown, *props.window);
    let of = |label: String, is_all: bool| {
        let onclick = {
            let of_all = of_all.setter();
            move |_: MouseEvent| of_all.set(is_all)
        };
        let pressed = shown.is_none() == is_all;
        html! { <button type="button" key={label.clone()} aria-pressed={pressed.to_string()} {onclick}>{ label }</button> }
    };
    let ways = std::iter::once(("Overview".to_owned(), true));
    let ways = ways.chain(selected.map(|node| (facts(&props.scene.board, node).0, false)));
    html! {
        <div class="charts">
            <h2 class="heard">{ "Charts" }</h2>
            <div class="choose">
                <div class="chips" role="group" aria-label="Charts of">{ for ways.map(|(label, is_all)| of(label, is_all)) }</div>
                <label>{ "Time span" }{ " " }{ windows(&props.window) }</label>
            </div>
            <p class="hint" hidden={selected.is_some()}>{ "Select a queue, an exchange or a client to see its own charts." }</p>
            <div class="figures">
                { for charts.into_iter().map(|chart| html! {
                    <Figure key={chart.title} chart={chart.clone()} name={props.scene.scenario.to_string()} />
                }) }
            </div>
        </div>
    }
}

fn windows(window: &UseStateHandle<Window>) -> Html {
    let onchange = {
        let window = window.setter();
        move |event: Event| {
            let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let place = select.and_then(|select| usize::try_from(select.selected_index()).ok());
            if let Some(chosen) = place.and_then(|place| Window::ALL.get(place)) {
                window.set(*chosen);
            }
        }
    };
    html! {
        <select {onchange}>
            { for Window::ALL.iter().map(|each| html! {
                <option key={each.label()} selected={*each == **window}>{ each.label() }</option>
            }) }
        </select>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FigureProps {
    chart: Chart,
    name: String,
}

/// A chart, its legend, and the table behind it, which is there only where somebody looks at it.
#[component]
fn Figure(props: &FigureProps) -> Html {
    let FigureProps { chart, name } = props;
    let is_open = use_state(|| false);
    let ontoggle = {
        let is_open = is_open.setter();
        move |event: Event| {
            let details = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            is_open.set(details.is_some_and(|details| details.has_attribute("open")));
        }
    };
    html! {
        <figure>
            <figcaption>
                <h3>{ chart.title }</h3>
                <span class="soft">{ chart.of.clone() }{ ", " }{ chart.window.label().to_lowercase() }</span>
            </figcaption>
            { plot(chart) }
            <ul class="legend">{ for chart.lines.iter().map(legend) }</ul>
            <details {ontoggle}>
                <summary aria-label={format!("{} as a table", chart.title)}>{ "As a table" }</summary>
                if *is_open {
                    <div class="behind">{ plain(&chart.table()) }<Take table={chart.table()} name={name.clone()} /></div>
                }
            </details>
        </figure>
    }
}

fn plot(chart: &Chart) -> Html {
    let name = format!("{}, {}, {}", chart.title, chart.of, chart.window.label().to_lowercase());
    let seen = format!("{} {} {} {}", -EDGE, -EDGE, SIZE.0 + 2.0 * EDGE, SIZE.1 + 2.0 * EDGE);
    let (width, height, middle) = (SIZE.0, SIZE.1, SIZE.1 / 2.0);
    html! {
        <div class="plot">
            <div class="values" aria-hidden="true"><span>{ chart.top_written() }</span><span>{ "0" }</span></div>
            <svg class="chart" viewBox={seen} role="img" aria-label={name}>
                <path class="grid" d={format!("M 0 0 H {width} M 0 {middle} H {width}")} />
                <path class="edge" d={format!("M 0 0 V {height} H {width}")} />
                <g>{ for chart.lines.iter().filter(|line| chart.is_seen(line)).map(|line| drawn(chart, line)) }</g>
            </svg>
            <div class="moments" aria-hidden="true"><span>{ chart.began() }</span><span>{ chart.ended() }</span></div>
        </div>
    }
}

fn class(line: &Line) -> Classes {
    classes!("chart-line", format!("k{}", line.colour))
}

fn drawn(chart: &Chart, line: &Line) -> Html {
    let marks = chart.marks(line).into_iter().enumerate();
    html! {
        <g key={line.label} class={class(line)}>
            <path class="run" d={chart.path(line)} />
            <g>
                { for marks.map(|(place, (x, y))| html! {
                    <path key={place} class="mark" d={outline(line.shape)} transform={format!("translate({x:.1} {y:.1})")} />
                }) }
            </g>
        </g>
    }
}

fn legend(line: &Line) -> Html {
    html! {
        <li key={line.label}>
            <svg class={class(line)} viewBox="-8 -8 16 16" aria-hidden="true">
                <path class="run" d="M -8 0 H 8" /><path class="mark" d={outline(line.shape)} />
            </svg>
            <span>{ line.label }</span><b>{ line.now.clone() }</b>
        </li>
    }
}

/// A shape around the origin; there are fewer shapes than lines, but no line has the same shape and the same colour as another.
fn outline(shape: usize) -> &'static str {
    const OUTLINES: [&str; SHAPES] = [
        "M -3.5 0 A 3.5 3.5 0 1 1 3.5 0 A 3.5 3.5 0 1 1 -3.5 0 Z",
        "M -3.5 -3.5 H 3.5 V 3.5 H -3.5 Z",
        "M 0 -4.5 L 4.5 3.5 H -4.5 Z",
        "M 0 -4.5 L 4.5 0 L 0 4.5 L -4.5 0 Z",
        "M -4 -4 L 4 4 M 4 -4 L -4 4",
        "M 0 -4.5 V 4.5 M -4.5 0 H 4.5",
    ];
    OUTLINES.get(shape % SHAPES).copied().unwrap_or_default()
}
