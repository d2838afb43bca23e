//! The gallery: the examples that come with Warren, each with its picture.
//!
//! Choosing an example is following a link to `#/example/NAME`, so that an address can be given to somebody. The files are
//! fetched from beside the page, when they are wanted.

use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::share::link::EXAMPLE;
use crate::share::{self, File, examples};
use crate::view::Layout;
use crate::view::graph::Shape;
use crate::view::layout::{CLIENT_RADIUS, EXCHANGE_SIZE, Placed, QUEUE_ROW_Y, QUEUE_SIZE};
use crate::view::sketch::sketch;

use super::opened::fetched;

/// The button in the header, and the dialog that it opens.
#[component]
pub fn Gallery() -> Html {
    let dialog = use_node_ref();
    let is_open = use_state(|| false);
    {
        let dialog = dialog.clone();
        use_effect_with(*is_open, move |is_open| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>().filter(|dialog| *is_open && !dialog.open()) {
                // It is in the document and closed, so there is no reason to refuse.
                let _ = dialog.show_modal();
            }
        });
    }
    let set = |wanted: bool| {
        let is_open = is_open.setter();
        move || is_open.set(wanted)
    };
    let (open, closed) = (set(true), set(false));
    let choose = {
        let dialog = dialog.clone();
        // What is open already changes no address: then the dialog has only to go.
        Callback::from(move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        })
    };
    html! {
        <>
            <button type="button" class="quiet" aria-haspopup="dialog" onclick={move |_| open()}>{ "Examples" }</button>
            <dialog ref={dialog} class="gallery" aria-labelledby="gallery-title" onclose={move |_| closed()}>
                <div class="heading">
                    <h2 id="gallery-title">{ "Examples" }</h2>
                    <form method="dialog"><button type="submit">{ "Close" }</button></form>
                </div>
                if *is_open {
                    { for examples::GROUPS.iter().map(|(heading, names)| html! {
                        <section key={*heading} aria-label={*heading}>
                            <h3>{ *heading }</h3>
                            <ul>{ for names.iter().map(|name| html! { <Card key={*name} name={*name} choose={choose.clone()} /> }) }</ul>
                        </section>
                    }) }
                }
            </dialog>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CardProps {
    name: &'static str,
    choose: Callback<()>,
}

/// An example: its picture, its title and what it says first. All of it comes with its file; as long as it has not come,
/// or if it does not, that is said, and the link is there all the same.
#[component]
fn Card(props: &CardProps) -> Html {
    let (shown, has_failed) = (use_state(|| None::<(File, Option<Layout>)>), use_state(|| false));
    let failed = has_failed.setter();
    let setter = shown.setter();
    use_effect_with(props.name, move |name| {
        let name = *name;
        spawn_local(async move {
            let file = fetched(name).await.and_then(|text| share::parse(text).ok());
            match file {
                Some(file) => {
                    let layout = sketch(&file.scenario).ok();
                    setter.set(Some((file, layout)));
                }
                None => failed.set(true),
            }
        });
    });
    let lesson = shown.as_ref().and_then(|(file, _)| file.lesson.as_ref());
    let title = lesson.map_or(props.name, |lesson| lesson.title.as_str());
    let said = match lesson {
        Some(lesson) => lesson.first_sentence(),
        None if *has_failed => "It could not be fetched.",
        None => "Loading\u{2026}",
    };
    html! {
        <li>
            <a href={format!("{EXAMPLE}{}", props.name)} onclick={props.choose.reform(|_| ())}>
                { shown.as_ref().and_then(|(_, layout)| layout.as_ref()).map_or_else(blank, picture) }
                <strong>{ title }</strong>
                <span>{ said }</span>
            </a>
        </li>
    }
}

/// As high as a picture, so that nothing moves when it comes.
pub fn blank() -> Html {
    html! { <svg aria-hidden="true" /> }
}

/// A layout, small.
pub fn picture(layout: &Layout) -> Html {
    let bounds = layout.bounds;
    let view = format!("{} {} {} {}", bounds.x, bounds.y, bounds.width, bounds.height);
    let lines = layout.edges.iter().map(|drawn| {
        let [a, b, c, d] = drawn.curve.0;
        let path = format!("M {} {} C {} {} {} {} {} {}", a.x, a.y, b.x, b.y, c.x, c.y, d.x, d.y);
        html! { <path class="line" d={path} /> }
    });
    html! {
        <svg aria-hidden="true" viewBox={view}>
            { for lines }
            { for layout.nodes.iter().map(body) }
        </svg>
    }
}

fn body(placed: &Placed) -> Html {
    let (x, y) = (placed.centre.x, placed.centre.y);
    let (width, height) = match placed.node.shape {
        Shape::Queue => QUEUE_SIZE,
        Shape::Exchange => EXCHANGE_SIZE,
        _ => {
            let (x, y, r) = (x.to_string(), y.to_string(), CLIENT_RADIUS.to_string());
            return html! { <circle class="body" cx={x} cy={y} r={r} /> };
        }
    };
    if placed.node.shape == Shape::Exchange {
        let (across, down) = (width / 2.0, height / 2.0);
        let corners = format!("{},{y} {x},{} {},{y} {x},{}", x - across, y - down, x + across, y + down);
        return html! { <polygon class="body exchange" points={corners} /> };
    }
    let (left, top) = ((x - width / 2.0).to_string(), (y - QUEUE_ROW_Y).to_string());
    html! { <rect class="body queue" x={left} y={top} width={width.to_string()} height={height.to_string()} rx="10" /> }
}
