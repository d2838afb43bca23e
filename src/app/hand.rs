//! What can be done by hand to what is selected, in sections named as in RabbitMQ's management UI.
//!
//! What always holds: every press is a command of [`edit::hand`](crate::edit::hand), and shows what came of it at its place.

mod broker;
mod client;
mod parts;
mod publish;
mod queue;
mod several;
mod what_if;

use std::rc::Rc;

use yew::prelude::*;

use crate::edit::Command as Edit;
use crate::edit::command::{Control, Settings, Target};
use crate::view::NodeId;

use super::engine::Engine;
use super::scene::Scene;

pub use broker::BrokerControls;
use client::ClientHand;
use parts::Section;
use publish::PublishForm;
use queue::QueueHand;
pub use several::SeveralHand;
use what_if::{Tester, Ways};

/// What is worked on.
#[derive(Clone, PartialEq, Properties)]
pub struct HandProps {
    /// Does what is asked for.
    pub engine: Rc<Engine>,
    /// The moment.
    pub scene: Scene,
    /// To what.
    pub node: NodeId,
}

/// Runs commands, and knows which section did so last.
#[derive(Clone, PartialEq)]
pub struct Doer {
    engine: Rc<Engine>,
    last: UseStateHandle<&'static str>,
}

impl Doer {
    /// A command of a section is carried out. Answers whether it was.
    pub fn run(&self, section: &'static str, command: &Edit) -> bool {
        self.last.set(section);
        self.engine.attempt(command).is_ok()
    }

    /// The same on a press; nothing while there is no command.
    pub fn press(&self, section: &'static str, command: Option<Edit>) -> Callback<MouseEvent> {
        let doer = self.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(command) = &command {
                doer.run(section, command);
            }
        })
    }

    /// Whether a section did the last thing.
    pub fn did(&self, section: &'static str) -> bool {
        *self.last == section
    }
}

/// What lets a client do something.
fn control(control: Control, target: &Target, settings: Settings) -> Edit {
    Edit::Control { control, target: target.clone(), settings }
}

/// The sections for what is selected.
#[component]
pub fn Hand(props: &HandProps) -> Html {
    let doer = Doer { engine: props.engine.clone(), last: use_state(|| "") };
    let scene = &props.scene;
    let sections = match &props.node {
        NodeId::Exchange(resource) => html! {
            <>
            <Section title="Publish message" did={doer.did("publish")} scene={scene.clone()}>
                <PublishForm doer={doer.clone()} exchange={Some(resource.name.clone())} vhost={resource.vhost.clone()}
                    exchanges={Vec::new()} />
            </Section>
            <Section title="What if" did={false} scene={scene.clone()}>
                <Tester engine={props.engine.clone()} scene={scene.clone()} of={resource.clone()} />
            </Section>
            </>
        },
        NodeId::Queue(resource) => {
            html! {
                <>
                <QueueHand doer={doer.clone()} scene={scene.clone()} queue={resource.clone()} />
                <Section title="Which keys come here" did={false} scene={scene.clone()}>
                    <Ways engine={props.engine.clone()} scene={scene.clone()} of={resource.clone()} />
                </Section>
                </>
            }
        }
        NodeId::Client(id) => match (scene.board.clients.get(id), props.engine.target_of(&props.node)) {
            (Some(client), Some(target)) => html! {
                <ClientHand doer={doer.clone()} scene={scene.clone()} client={client.clone()} {target} />
            },
            _ => html! {},
        },
    };
    // Always one element: what is around it keeps its place, whoever comes or goes (Yew issue 4092).
    html! { <div class="hands">{ sections }</div> }
}
