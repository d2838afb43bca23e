//! The gallery: the examples that come with Warren, each with its picture, and the address that opens one.
//!
//! Choosing an example is following a link to `#/example/NAME`, so that the browser's own Back leads to what was open
//! before, and an address can be given to somebody. The files are fetched from beside the page, when they are wanted.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlDialogElement, Response};
use yew::prelude::*;

use crate::share::{self, File, examples};
use crate::view::Layout;
use crate::view::graph::Shape;
use crate::view::layout::{CLIENT_RADIUS, EXCHANGE_SIZE, Placed, QUEUE_ROW_Y, QUEUE_SIZE};
use crate::view::sketch::sketch;

const ADDRESS: &str = "#/example/";

/// What is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Where it comes from: the name of an example, or nothing for what the page begins with.
    pub name: AttrValue,
    /// The scenario file, or why there is none.
    pub file: Result<AttrValue, AttrValue>,
}

/// The example that the page's address names.
fn addressed() -> Option<String> {
    let hash = web_sys::window()?.location().hash().ok()?;
    hash.strip_prefix(ADDRESS).filter(|name| examples::is_there(name)).map(str::to_owned)
}

async fn fetched(name: &str) -> Option<String> {
    let window = web_sys::window()?;
    let response = JsFuture::from(window.fetch_with_str(&format!("examples/{name}.json"))).await.ok()?;
    let response = response.dyn_into::<Response>().ok().filter(Response::ok)?;
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// What the address names, else this file; none while it is being fetched for the first time.
#[hook]
pub fn use_opened(first: &AttrValue) -> Option<Opened> {
    let begin = Opened { name: AttrValue::default(), file: Ok(first.clone()) };
    let opened = use_state(|| addressed().is_none().then(|| begin.clone()));
    let setter = opened.setter();
    use_effect_with(begin, move |begin| {
        let begin = begin.clone();
        let follow = move || {
            let (setter, begin) = (setter.clone(), begin.clone());
            let Some(name) = addressed() else { return setter.set(Some(begin)) };
            spawn_local(async move {
                let text = fetched(&name).await.map(AttrValue::from);
                // Meanwhile another one may have been chosen.
                if addressed().as_ref() == Some(&name) {
                    let file = text.ok_or_else(|| "The example could not be fetched.".into());
                    setter.set(Some(Opened { name: name.into(), file }));
                }
            });
        };
        if addressed().is_some() {
            follow();
        }
        let listener = web_sys::window().map(|window| EventListener::new(&window, "hashchange", move |_| follow()));
        move || drop(listener)
    });
    (*opened).clone()
}

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

/// An example: its picture, its title and what it says first. All of it comes with its file.
#[component]
fn Card(props: &CardProps) -> Html {
    let shown = use_state(|| None::<(File, Option<Layout>)>);
    let setter = shown.setter();
    use_effect_with(props.name, move |name| {
        let name = *name;
        spawn_local(async move {
            let file = fetched(name).await.and_then(|text| share::parse(text).ok());
            if let Some(file) = file {
                let layout = sketch(&file.scenario).ok();
                setter.set(Some((file, layout)));
            }
        });
    });
    let lesson = shown.as_ref().and_then(|(file, _)| file.lesson.as_ref());
    let title = lesson.map_or(props.name, |lesson| lesson.title.as_str());
    html! {
        <li>
            <a href={format!("{ADDRESS}{}", props.name)} onclick={props.choose.reform(|_| ())}>
                { shown.as_ref().and_then(|(_, layout)| layout.as_ref()).map_or_else(blank, picture) }
                <strong>{ title }</strong>
                if let Some(lesson) = lesson { <span>{ lesson.first_sentence() }</span> }
            </a>
        </li>
    }
}

/// As high as a picture, so that nothing moves when it comes.
fn blank() -> Html {
    html! { <svg aria-hidden="true" /> }
}

fn picture(layout: &Layout) -> Html {
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
