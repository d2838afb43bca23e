//! Forms: what there is to edit of something, as a list of rows that anybody can draw; what is wrong with what was typed;
//! and the command that it amounts to.
//!
//! What always holds: a form is made anew from a scenario file and from what was typed and is not applied; so nothing that
//! was typed is lost, and nothing shown is out of date. Every property of the format is in one of them.

mod check;
mod entries;
mod lay;
mod policies;
mod read;
mod several;
mod shape;
mod shapes;
mod subject;
mod vary;

use crate::share::Tree;

use super::command::{Command, Target};
use super::path::put;

pub use check::{Offer, Pending};
pub use policies::{Match, matches};
pub use several::policy;
pub use subject::{Entry, Section, Subject, between, bindings, contents, form};
pub use vary::{Variation, variations};

use read::Takes;

/// What is to become of places in something: paths in it, and what is put there.
pub type Edit = Vec<(String, Tree)>;

/// What stands for a value that is to be taken away: nobody types it.
const GONE: &str = "\0";

/// What was typed and is not applied: a row's id, and the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    texts: Vec<(String, String)>,
}

impl Typed {
    /// What was typed in a row.
    pub fn get(&self, id: &str) -> Option<&str> {
        self.texts.iter().find(|(other, _)| other == id).map(|(_, text)| text.as_str())
    }

    /// Keeps what was typed in a row.
    pub fn set(&mut self, id: &str, text: &str) {
        self.remove(id);
        self.texts.push((id.to_owned(), text.to_owned()));
    }

    /// Forgets what was typed in a row, and in what belongs to it.
    pub fn remove(&mut self, id: &str) {
        self.texts.retain(|(other, _)| other != id);
    }

    /// Keeps that a row's value is to be taken away.
    pub fn take_away(&mut self, id: &str) {
        self.set(id, GONE);
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// Something that can be chosen, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it is written.
    pub value: String,
    /// As it is shown; empty if that is the same.
    pub label: String,
}

/// How a row is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A line of text, with what is usual there.
    Line(Vec<Choice>),
    /// Several lines.
    Lines,
    /// A number.
    Number,
    /// Yes or no: `true` or `false`.
    Tick,
    /// One of these.
    Choice(Vec<Choice>),
}

/// Something to fill in.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its path in what is edited: unique in the form.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// What RabbitMQ or the file calls it, if that is another name.
    pub name: String,
    /// What it does.
    pub help: String,
    /// The unit of a number.
    pub unit: &'static str,
    /// How it is filled in.
    pub input: Input,
    /// What stands there.
    pub stands: String,
    /// What is shown there: what was typed, or what stands there.
    pub text: String,
    /// What is wrong with that.
    pub fault: Option<String>,
    /// What one may want to know about that.
    pub note: Option<String>,
    /// What takes it away.
    pub remove: Option<Edit>,
    /// Whether it is to be taken away.
    pub is_gone: bool,
    takes: Takes,
}

impl Row {
    /// Whether something else was typed than what stands there.
    pub fn is_changed(&self) -> bool {
        self.is_gone || self.text != self.stands
    }

    /// What it amounts to.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn edit(&self) -> Result<Edit, String> {
        if self.is_gone { Ok(vec![(self.id.clone(), Tree::Null)]) } else { self.takes.edit(&self.id, &self.text) }
    }
}

/// Rows that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Unique among the form's groups.
    pub id: String,
    /// The heading.
    pub label: String,
    /// What it is for.
    pub help: String,
    /// Whether there is so much in it, or so rarely of interest, that it is folded at first.
    pub is_folded: bool,
    /// What is in it.
    pub items: Vec<Item>,
    /// What takes it away.
    pub remove: Option<Edit>,
}

/// A press that changes something.
#[derive(Clone, Debug, PartialEq)]
pub struct Press {
    /// What it says.
    pub label: String,
    /// What it does.
    pub edit: Edit,
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// Something to fill in.
    Row(Box<Row>),
    /// More of them.
    Group(Group),
    /// Something to press.
    Press(Press),
    /// Names that can be written into a row by a press.
    Names(String, Vec<Choice>),
}

/// What there is to edit of something.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// What it is about.
    pub subject: Subject,
    /// What it is called.
    pub title: String,
    /// Its parts.
    pub items: Vec<Item>,
    /// What one should know first.
    pub remark: Option<String>,
    /// What RabbitMQ does not change while it is there, and what can be done about that.
    pub pending: Option<Pending>,
    /// What a policy's pattern matches as it is typed; none if it is no policy.
    pub matches: Option<Vec<Match>>,
    /// Whether edits wait until somebody says how.
    is_declared: bool,
    does: Does,
    target: Option<Target>,
    prefix: String,
}

/// What an edit is to be done to.
#[derive(Clone, Debug, PartialEq)]
enum Does {
    /// What the form is about.
    One,
    /// A binding: none that is there can be changed, so it is another one afterwards. Whether its virtual host has to be
    /// named.
    Binding(Tree, bool),
    /// All of these.
    All(Vec<Target>),
}

/// What is to be done about what was typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Entered {
    /// Nothing: it stands there already.
    Same,
    /// Nothing: something is wrong with it.
    Wrong,
    /// Nothing yet: RabbitMQ does not change it, and somebody has to say what then.
    Waits,
    /// This.
    Do(Command),
}

impl Form {
    /// All rows, also those in groups.
    pub fn rows(&self) -> Vec<&Row> {
        let mut rows = Vec::new();
        collect(&self.items, &mut rows);
        rows
    }

    /// The row of that id.
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows().into_iter().find(|row| row.id == id)
    }

    /// What is to be done when somebody has filled in a row.
    pub fn entered(&self, id: &str) -> Entered {
        let Some(row) = self.row(id) else { return Entered::Same };
        if !row.is_changed() {
            return Entered::Same;
        }
        match row.edit() {
            _ if row.fault.is_some() => Entered::Wrong,
            Err(_) => Entered::Wrong,
            Ok(edit) if edit.is_empty() => Entered::Same,
            Ok(edit) => self.done(&edit),
        }
    }

    /// What is to be done about an edit.
    pub fn done(&self, edit: &Edit) -> Entered {
        let is_name = edit.iter().any(|(path, _)| path == "name");
        if self.is_declared && !is_name {
            return Entered::Waits;
        }
        Entered::Do(self.command(edit))
    }

    /// The command that makes an edit.
    fn command(&self, edit: &Edit) -> Command {
        let plain = |target: Option<Target>| self.subject.command(target, &self.prefix, edit);
        match &self.does {
            Does::One => plain(self.target.clone()),
            Does::Binding(binding, is_named) => rebound(binding, edit, *is_named).unwrap_or_else(|| plain(None)),
            Does::All(targets) => {
                let steps = targets.iter().map(|target| several::set(target, edit));
                Command::Steps(steps.collect())
            }
        }
    }

    /// Tells at a row why what it says was refused.
    pub fn refuse(&mut self, id: &str, why: &str) {
        if let Some(row) = check::row_mut(&mut self.items, id) {
            row.fault = Some(why.to_owned());
        }
    }

    /// Tells where something else stood at a moment of the past.
    pub fn remember(&mut self, then: &Form) {
        let stood = |row: &Row| then.row(&row.id).map_or("", |row| row.stands.as_str()).to_owned();
        let others = self.rows().into_iter().filter(|row| !row.id.contains('/') && stood(row) != row.stands);
        let others: Vec<(String, String)> = others.map(|row| (row.id.clone(), stood(row))).collect();
        for (id, stood) in others {
            let stood = if stood.is_empty() { "nothing" } else { &stood };
            if let Some(row) = check::row_mut(&mut self.items, &id) {
                row.note = Some(format!("At this moment it is still: {stood}"));
            }
        }
        let gone = then.rows().into_iter().filter(|row| !row.id.contains('/') && self.row(&row.id).is_none());
        let gone: Vec<String> = gone.map(|row| format!("{} {}", row.label, row.stands)).collect();
        if !gone.is_empty() {
            let told = format!("At this moment it still has: {}", gone.join(", "));
            self.remark = Some(self.remark.take().map_or(told.clone(), |remark| format!("{remark} {told}")));
        }
    }

    /// The row that a refusal is about, by the place in the file that it names.
    pub fn place_of(&self, place: &str) -> Option<String> {
        let path = place.replace('[', ".").replace(']', "");
        let inside = path.strip_prefix(self.prefix.as_str())?.trim_start_matches('.').to_owned();
        self.rows()
            .into_iter()
            .map(|row| &row.id)
            .filter(|id| inside.starts_with(id.as_str()))
            .max_by_key(|id| id.len())
            .cloned()
    }
}

/// What makes another binding of one.
fn rebound(binding: &Tree, edit: &Edit, is_named: bool) -> Option<Command> {
    let mut would = binding.clone();
    edit.iter().try_for_each(|(path, value)| put(&mut would, path, value)).ok()?;
    let unbind = subject::bind_command(binding, true, is_named)?;
    Some(Command::Steps(vec![unbind, subject::bind_command(&would, false, is_named)?]))
}

fn collect<'a>(items: &'a [Item], rows: &mut Vec<&'a Row>) {
    for item in items {
        match item {
            Item::Row(row) => rows.push(row),
            Item::Group(group) => collect(&group.items, rows),
            Item::Press(_) | Item::Names(..) => {}
        }
    }
}

#[cfg(test)]
mod tests;
