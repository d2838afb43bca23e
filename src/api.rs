//! The JavaScript edge: a world for other people's pages and tests, without a picture.
//!
//! What always holds: it converts and does nothing else; what a word means is decided in `edit` and `view`. Whatever is
//! wrong is thrown as an `Error` with a `code` (`file`, `command`, `refused`, `argument`) and, where there is one, a `place`; the world
//! is as it was then. Nothing is borrowed while a listener is called, so listeners may ask the world.

mod error;

use std::cell::{Cell, RefCell};

use js_sys::Function;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::edit::Command;
use crate::share::link::What;
use crate::share::{self, File, Incoming, Link, outgoing};
use crate::simulation::Scenario;
use crate::view::Desk;
use crate::view::goals::{Goals, word};
use crate::view::sharing::{self, Seen, Wish};
use crate::view::story::newest;
use crate::view::tables::{shown_ms, tables};

use error::Thrown;

/// What the values are that functions give, for TypeScript.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What is thrown. */
export interface WarrenError extends Error {
    /** Which kind: what is wrong is a file or link, a command's line, what a command asks for, or an argument. */
    code: "file" | "command" | "refused" | "argument";
    /** Where: `clients[3].prefetch` in a file, the offset in a line. */
    place?: string;
}
/** Where a world is. */
export interface State {
    scenario: string;
    /** So many events have happened, from `start` on; `end` are known. */
    cursor: number;
    start: number;
    end: number;
    /** Virtual milliseconds. */
    atMs: number;
}
/** Something that happened, as the story tells it. */
export interface Told {
    cursor: number;
    atMs: number;
    text: string;
}
/** What the picture says, under the names of RabbitMQ's management UI. */
export interface Table {
    caption: string;
    columns: { heading: string; numeric: boolean }[];
    rows: string[][];
}
/** Something to be reached. */
export interface Goal {
    text: string;
    state: "met" | "open" | "failed";
}
/** What there is to know of a broker's file. */
export interface Remark {
    place: string;
    text: string;
}
"#;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct State<'a> {
    scenario: &'a str,
    cursor: usize,
    start: usize,
    end: usize,
    at_ms: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    cursor: usize,
    at_ms: u64,
    text: String,
}

#[derive(Serialize)]
struct Table<'a> {
    caption: &'a str,
    columns: Vec<Column<'a>>,
    rows: Vec<&'a [String]>,
}

#[derive(Serialize)]
struct Column<'a> {
    heading: &'a str,
    numeric: bool,
}

#[derive(Serialize)]
struct Goal<'a> {
    text: &'a str,
    state: &'a str,
}

#[derive(Serialize)]
struct Remark {
    place: String,
    text: String,
}

/// A value as JavaScript has it: objects, and no `Map`s.
fn value(of: &impl Serialize) -> Result<JsValue, Thrown> {
    of.serialize(&Serializer::json_compatible()).map_err(|error| Thrown::argument(&error.to_string()))
}

/// A world: a RabbitMQ, its clients, and all that has happened so far.
#[wasm_bindgen]
pub struct World {
    desk: RefCell<Desk>,
    goals: RefCell<Goals>,
    remarks: Vec<Remark>,
    listeners: RefCell<Vec<(u32, Function)>>,
    last: Cell<u32>,
}

#[wasm_bindgen]
impl World {
    /// An empty one: a fresh broker, and nobody connected.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<World, JsValue> {
        let scenario = Scenario {
            name: "untitled".into(),
            seed: 0,
            definitions: Default::default(),
            clients: Vec::new(),
            script: Vec::new(),
        };
        World::of(File::from(scenario), Vec::new())
    }

    /// The world of a scenario file's text, or of the definitions that a RabbitMQ exports; it stands where the file says.
    pub fn load(text: &str) -> Result<World, JsValue> {
        let incoming = Incoming::read(text.as_bytes(), "").map_err(Thrown::from)?;
        let remark = |remark: crate::definitions::Remark| Remark { place: remark.place, text: remark.text };
        World::of(incoming.file, incoming.remarks.into_iter().map(remark).collect())
    }

    /// The world of a link that *Share* made. Of an example, a link has only the name: fetch its file, and load that.
    #[wasm_bindgen(js_name = fromLink)]
    pub fn from_link(link: &str) -> Result<World, JsValue> {
        let fragment = link.get(link.find('#').unwrap_or_default()..).unwrap_or_default();
        let read = Link::read(fragment).map_err(Thrown::from)?;
        let Some(Link { what: What::Scenario(mut file), view, .. }) = read else {
            return Err(Thrown::argument("expected a link that holds a scenario").into());
        };
        share::link::show(&mut file, view);
        World::of(*file, Vec::new())
    }

    fn of(file: File, remarks: Vec<Remark>) -> Result<World, JsValue> {
        let cursor = file.view.cursor.and_then(|cursor| usize::try_from(cursor).ok());
        let mut desk = Desk::open(file).map_err(Thrown::from)?;
        desk.player_mut().set_jump_cuts(true);
        if let Some(cursor) = cursor {
            desk.player_mut().seek(cursor);
        }
        Ok(World {
            desk: RefCell::new(desk),
            goals: RefCell::default(),
            remarks,
            listeners: RefCell::default(),
            last: Cell::default(),
        })
    }

    /// What of a broker's definitions is not as they say: passed over, refused, or not simulated.
    #[wasm_bindgen(unchecked_return_type = "Remark[]")]
    pub fn remarks(&self) -> Result<JsValue, JsValue> {
        Ok(value(&self.remarks)?)
    }

    /// Where it is.
    #[wasm_bindgen(unchecked_return_type = "State")]
    pub fn state(&self) -> Result<JsValue, JsValue> {
        let desk = self.desk.borrow();
        let player = desk.player();
        let (cursor, start, end) = (player.cursor(), player.start(), player.film().len());
        Ok(value(&State { scenario: &desk.file().scenario.name, cursor, start, end, at_ms: player.clock_ms() })?)
    }

    /// One event on. False if nothing will ever happen any more.
    pub fn step(&self) -> Result<bool, JsValue> {
        let before = self.cursor();
        let is_done = self.desk.borrow_mut().player_mut().step();
        self.tell_since(before)?;
        Ok(is_done)
    }

    /// One event back. False at the beginning.
    pub fn back(&self) -> bool {
        self.desk.borrow_mut().player_mut().step_back()
    }

    /// To where so many events have happened, or as near as one can get; answers where that is.
    pub fn seek(&self, cursor: f64) -> Result<usize, JsValue> {
        if !(cursor.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&cursor)) {
            return Err(Thrown::argument("expected a whole number of events").into());
        }
        let before = self.cursor();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let reached = self.desk.borrow_mut().player_mut().seek(cursor as usize);
        self.tell_since(before)?;
        Ok(reached)
    }

    /// To a moment of the virtual clock, milliseconds: everything due up to then has happened.
    #[wasm_bindgen(js_name = seekMs)]
    pub fn seek_ms(&self, at_ms: f64) -> Result<(), JsValue> {
        let before = self.cursor();
        self.desk.borrow_mut().player_mut().seek_ms(at_ms);
        self.tell_since(before)
    }

    /// Carries a command out, as the page's command line does: `queue orders x-max-length=3`.
    pub fn run(&self, line: &str) -> Result<(), JsValue> {
        let command = Command::parse(line).map_err(Thrown::from)?;
        let before = self.cursor();
        {
            let mut desk = self.desk.borrow_mut();
            desk.run(&command).map_err(Thrown::from)?;
            desk.show_last();
        }
        self.tell_since(before)
    }

    /// Calls a function with each event that happens from now on; answers a number to unsubscribe by. What it throws ends the
    /// step that it was called in.
    pub fn subscribe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "(told: Told) => void")] listener: &JsValue,
    ) -> Result<u32, JsValue> {
        let listener = listener.dyn_ref::<Function>().ok_or_else(|| Thrown::argument("expected a function"))?;
        let id = self.last.get() + 1;
        self.last.set(id);
        self.listeners.borrow_mut().push((id, listener.clone()));
        Ok(id)
    }

    /// Calls it no more. False if there was none of this number.
    pub fn unsubscribe(&self, id: u32) -> bool {
        let mut listeners = self.listeners.borrow_mut();
        let before = listeners.len();
        listeners.retain(|(other, _)| *other != id);
        listeners.len() < before
    }

    /// The newest of the story, so many lines at most, the last one first.
    #[wasm_bindgen(unchecked_return_type = "Told[]")]
    pub fn story(&self, most: u32) -> Result<JsValue, JsValue> {
        Ok(value(&self.told(most as usize))?)
    }

    /// All tables of the moment.
    #[wasm_bindgen(unchecked_return_type = "Table[]")]
    pub fn tables(&self) -> Result<JsValue, JsValue> {
        let desk = self.desk.borrow();
        let tables = tables(desk.player().scene(), shown_ms(desk.player()));
        let tables: Vec<Table> = tables
            .iter()
            .map(|table| {
                let column =
                    |column: &crate::view::tables::Column| Column { heading: column.heading, numeric: column.numeric };
                let rows = table.rows.iter().map(|row| &row.cells[..]).collect();
                Table { caption: table.caption, columns: table.columns.iter().map(column).collect(), rows }
            })
            .collect();
        Ok(value(&tables)?)
    }

    /// The scenario's goals, and how far they are.
    #[wasm_bindgen(unchecked_return_type = "Goal[]")]
    pub fn goals(&self) -> Result<JsValue, JsValue> {
        let desk = self.desk.borrow();
        let reached = self.goals.borrow_mut().at(desk.player(), &desk.file().expect);
        let goals: Vec<Goal> = reached.iter().map(|goal| Goal { text: &goal.text, state: word(goal.state) }).collect();
        Ok(value(&goals)?)
    }

    /// The scenario as a file's text.
    pub fn file(&self) -> Result<String, JsValue> {
        Ok(self.desk.borrow().file().to_text().map_err(Thrown::from)?)
    }

    /// The definitions that it begins with, as RabbitMQ exports them: of the whole broker, or of one virtual host.
    pub fn definitions(&self, vhost: Option<String>) -> Result<String, JsValue> {
        let desk = self.desk.borrow();
        let text = outgoing::definitions(&desk.file().scenario.definitions, vhost.as_deref());
        Ok(text.map_err(Thrown::from)?)
    }

    /// A link to this moment: the part of an address from # on.
    pub fn link(&self) -> Result<String, JsValue> {
        let link = sharing::link(&self.desk.borrow(), None, Seen::default(), Wish { moment: true, player: false });
        Ok(link.to_address().map_err(Thrown::from)?)
    }
}

impl World {
    fn cursor(&self) -> usize {
        self.desk.borrow().player().cursor()
    }

    fn told(&self, most: usize) -> Vec<Told> {
        let desk = self.desk.borrow();
        let cursor = desk.player().cursor();
        let lines = newest(desk.player(), most, most, |_, _| true);
        let told = lines.into_iter().enumerate();
        told.map(|(back, line)| Told { cursor: cursor - back, at_ms: line.at_ms, text: line.sentence.to_string() })
            .collect()
    }

    /// Tells listeners what has happened since a cursor, in its order.
    fn tell_since(&self, before: usize) -> Result<(), JsValue> {
        let listeners = self.listeners.borrow().clone();
        let most = self.cursor().saturating_sub(before);
        if listeners.is_empty() || most == 0 {
            return Ok(());
        }
        for told in self.told(most).iter().rev() {
            for (_, listener) in &listeners {
                listener.call1(&JsValue::NULL, &value(told)?)?;
            }
        }
        Ok(())
    }
}
