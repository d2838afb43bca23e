//! Copies: of things beside themselves, into a text of their own, and out of one.
//!
//! What always holds: copies are connected with each other as what they are copies of is; all that is copied gets a name
//! that is free.

use crate::broker::ordered::OrderedMap;
use crate::share::incoming::is_brokers;
use crate::share::{File, Node, Point, Tree};

use super::change::{check_free, is_same_binding};
use super::command::{Kind, Target};
use super::draft::{Draft, Found, SLASH, vhost_of};
use super::refusal::Refusal;
use super::rename;

/// What copies are called, by kind, virtual host and name of what they are copies of.
#[derive(Default)]
struct Names {
    known: Vec<(Kind, String, String, String)>,
}

impl Names {
    fn of(&self, kind: Kind, vhost: &str, old: &str) -> Option<&str> {
        let same =
            |(other, at, name, _): &&(Kind, String, String, String)| *other == kind && at == vhost && name == old;
        self.known.iter().find(same).map(|(.., new)| new.as_str())
    }

    /// Writes the new name into a field that has an old one. Answers whether it did.
    fn swap(&self, entry: &mut Tree, field: &str, kind: Kind, vhost: &str) -> bool {
        let new = entry.text(field).and_then(|old| self.of(kind, vhost, old)).map(Tree::from);
        let is_new = new.is_some();
        if let Some(new) = new {
            entry.set(field, new);
        }
        is_new
    }

    /// What an entry says of others, said of their copies.
    fn swap_within(&self, entry: &mut Tree, kind: Kind, vhost: &str) {
        if kind.is_client() {
            for part in rename::parts(entry) {
                if part.text("exchange").unwrap_or_default().is_empty() {
                    self.swap(part, "routing_key", Kind::Queue, vhost);
                }
                self.swap(part, "exchange", Kind::Exchange, vhost);
                let Some(Tree::List(queues)) = part.field_mut("queues") else { continue };
                for queue in queues {
                    if let Tree::Text(name) = queue
                        && let Some(new) = self.of(Kind::Queue, vhost, name)
                    {
                        *name = new.to_owned();
                    }
                }
            }
        } else if let Some(arguments) = entry.field_mut("arguments") {
            if arguments.text("x-dead-letter-exchange") == Some("") {
                self.swap(arguments, "x-dead-letter-routing-key", Kind::Queue, vhost);
            }
            for field in ["x-dead-letter-exchange", "alternate-exchange"] {
                self.swap(arguments, field, Kind::Exchange, vhost);
            }
        }
    }

    /// A binding of copies; none if it is about none.
    fn bound(&self, binding: &Tree) -> Option<Tree> {
        let (mut copy, vhost) = (binding.clone(), vhost_of(binding));
        let kind = if binding.text("destination_type") == Some("exchange") { Kind::Exchange } else { Kind::Queue };
        let comes = self.swap(&mut copy, "source", Kind::Exchange, vhost);
        let goes = self.swap(&mut copy, "destination", kind, vhost);
        (comes || goes).then_some(copy)
    }
}

/// Makes others like some things. They get what these get, and give it on to the same.
pub fn duplicate(draft: &mut Draft, targets: &[Target], name: &str) -> Result<Vec<Found>, Refusal> {
    let found = targets.iter().map(|target| draft.find(target, None)).collect::<Result<Vec<Found>, Refusal>>()?;
    let (mut names, mut copies) = (Names::default(), Vec::new());
    for Found { kind, vhost, name: old, .. } in &found {
        let new = if name.is_empty() { draft.free_name(*kind, vhost, Some(old)) } else { name.to_owned() };
        check_free(draft, *kind, vhost, &new)?;
        let target = Target::new(*kind, &old.as_str().into());
        let original = draft.find(&target, (*kind != Kind::Vhost).then_some(vhost.as_str()))?;
        let Some(mut copy) = draft.entry_mut(&original).map(|entry| entry.clone()) else { continue };
        copy.set("name", Tree::from(new.as_str()));
        draft.add(*kind, copy);
        names.known.push((*kind, vhost.clone(), old.clone(), new.clone()));
        copies.push((*kind, vhost.clone(), new));
    }
    let bindings: Vec<Tree> = draft.list("bindings").iter().filter_map(|binding| names.bound(binding)).collect();
    add_bindings(draft, bindings);
    settle(draft, &names, &copies)
}

fn add_bindings(draft: &mut Draft, bindings: Vec<Tree>) {
    if let Some(list) = draft.list_mut("bindings").filter(|_| !bindings.is_empty()) {
        for binding in bindings {
            if !list.iter().any(|other| is_same_binding(other, &binding)) {
                list.push(binding);
            }
        }
    }
}

/// Connects copies with each other; answers where they are.
fn settle(draft: &mut Draft, names: &Names, copies: &[(Kind, String, String)]) -> Result<Vec<Found>, Refusal> {
    let mut found = Vec::new();
    for (kind, vhost, name) in copies {
        let target = Target::new(*kind, &name.as_str().into());
        let copy = draft.find(&target, (*kind != Kind::Vhost).then_some(vhost.as_str()))?;
        if let Some(entry) = draft.entry_mut(&copy) {
            names.swap_within(entry, *kind, vhost);
        }
        found.push(copy);
    }
    Ok(found)
}

/// Some things as a scenario of their own, with where they stand: what a clipboard holds.
///
/// # Errors
///
/// If one of them is not in the file.
pub fn excerpt(file: &File, targets: &[Target], places: &OrderedMap<Node, Point>) -> Result<String, Refusal> {
    let mut draft = Draft::of(file)?;
    let found = targets.iter().map(|target| draft.find(target, None)).collect::<Result<Vec<Found>, Refusal>>()?;
    let is_in = |kind: Kind, vhost: &str, name: &str| {
        found.iter().any(|other| other.kind == kind && other.vhost == vhost && other.name == name)
    };
    let bindings = draft.list("bindings").iter().filter(|binding| {
        let (vhost, text) = (vhost_of(binding), |field| binding.text(field).unwrap_or_default());
        let kind = if text("destination_type") == "exchange" { Kind::Exchange } else { Kind::Queue };
        is_in(Kind::Exchange, vhost, text("source")) && is_in(kind, vhost, text("destination"))
    });
    let bindings: Vec<Tree> = bindings.cloned().collect();
    let vhosts: Vec<Found> =
        draft.all(Kind::Vhost).filter(|vhost| found.iter().any(|other| other.vhost == vhost.name)).collect();
    let mut part = Draft::empty(&file.scenario.name);
    for found in vhosts.iter().chain(&found) {
        let entry = draft.entry_mut(found).map(|entry| entry.clone());
        if let Some(entry) = entry.filter(|_| !part.is_taken(found.kind, &found.vhost, &found.name)) {
            part.add(found.kind, entry);
        }
        if let Some((node, at)) = found.node().and_then(|node| Some((node.clone(), *places.get(&node)?))) {
            part.place(&node, Some(super::change::point(f64::from(at.x), f64::from(at.y))));
        }
    }
    add_bindings(&mut part, bindings);
    Ok(part.finish()?.to_text()?)
}

/// The scenario that a text is, to be pasted.
///
/// # Errors
///
/// Why it is none.
pub fn pasted(text: &str) -> Result<Tree, Refusal> {
    const WANTED: &str = "Only a scenario can be pasted here (the text that Copy makes, or a scenario file)";
    if text.trim().is_empty() {
        return Err(Refusal::new(format!("{WANTED}, and there is no text to paste.")));
    }
    let wrong = |why: Refusal| {
        let place = if why.place.is_empty() { String::new() } else { format!("{}: ", why.place) };
        Refusal::new(format!("{WANTED}. This is none: {place}{}", why.problem))
    };
    if is_brokers(text) {
        return Err(Refusal::new("This is a broker's definitions: press Ctrl V on the picture, or open it as a file."));
    }
    let tree = Tree::parse(text.as_bytes()).map_err(|error| wrong(error.into()))?;
    File::from_tree(&tree).map_err(|error| wrong(error.into()))?;
    Ok(tree)
}

/// Adds what another scenario has in it.
pub fn paste(draft: &mut Draft, scenario: &Tree, to: Option<(f64, f64)>) -> Result<Vec<Found>, Refusal> {
    let file = File::from_tree(scenario)?;
    let mut other = Draft::of(&file)?;
    let (mut names, mut copies) = (Names::default(), Vec::new());
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Vhost) {
        for found in other.all(kind).collect::<Vec<Found>>() {
            let Some(mut entry) = other.entry_mut(&found).map(|entry| entry.clone()) else { continue };
            let vhost = vhost_for(draft, &mut other, &found.vhost);
            let is_taken = draft.is_taken(kind, &vhost, &found.name);
            let name = if is_taken { draft.free_name(kind, &vhost, Some(&found.name)) } else { found.name.clone() };
            entry.set("name", Tree::from(name.as_str()));
            entry.set("vhost", Tree::from(vhost.as_str()));
            draft.add(kind, entry);
            names.known.push((kind, vhost.clone(), found.name.clone(), name.clone()));
            copies.push((kind, vhost, name));
        }
    }
    if copies.is_empty() {
        return Err(Refusal::new("there is nothing in it that could be pasted"));
    }
    let mut bindings = Vec::new();
    for binding in other.list("bindings").to_vec() {
        let vhost = vhost_for(draft, &mut other, vhost_of(&binding));
        let mut moved = binding;
        moved.set("vhost", Tree::from(vhost.as_str()));
        bindings.push(names.bound(&moved).unwrap_or(moved));
    }
    add_bindings(draft, bindings);
    let placed: Vec<(Node, Point)> = file.layout.iter().map(|(node, at)| (node.clone(), *at)).collect();
    let found = settle(draft, &names, &copies)?;
    found.iter().for_each(|found| forget_strangers(draft, found));
    place_all(draft, &names, &placed, to);
    Ok(found)
}

/// The virtual host that something pasted goes to: one of its name, made if its scenario has it; else the usual one.
fn vhost_for(draft: &mut Draft, other: &mut Draft, vhost: &str) -> String {
    if draft.is_taken(Kind::Vhost, vhost, vhost) || (draft.list("vhosts").is_empty() && vhost == SLASH) {
        return vhost.to_owned();
    }
    let there = other.find(&Target::new(Kind::Vhost, &vhost.into()), None).ok();
    match there.and_then(|found| other.entry_mut(&found).map(|entry| entry.clone())) {
        Some(entry) => {
            super::change::keep_slash(draft);
            draft.add(Kind::Vhost, entry);
            vhost.to_owned()
        }
        None => draft.usual_vhost(),
    }
}

/// A consumer cannot begin with a queue that is not there.
fn forget_strangers(draft: &mut Draft, found: &Found) {
    if !found.kind.is_client() {
        return;
    }
    let here: Vec<String> =
        draft.all(Kind::Queue).filter(|queue| queue.vhost == found.vhost).map(|queue| queue.name).collect();
    for part in draft.entry_mut(found).into_iter().flat_map(rename::parts) {
        if let Some(Tree::List(queues)) = part.field_mut("queues") {
            queues.retain(|queue| here.iter().any(|name| Tree::from(name.as_str()) == *queue));
        }
    }
}

/// Puts copies where what they are copies of stood, so that the top left of all is at a place.
fn place_all(draft: &mut Draft, names: &Names, placed: &[(Node, Point)], to: Option<(f64, f64)>) {
    let Some((x, y)) = to else { return };
    let left = placed.iter().map(|(_, at)| at.x).min().unwrap_or_default();
    let top = placed.iter().map(|(_, at)| at.y).min().unwrap_or_default();
    for (node, at) in placed {
        let new = |kind: Kind, old: &str| {
            let same = |(other, _, name, _): &&(Kind, String, String, String)| *other == kind && name == old;
            names.known.iter().find(same).map(|(_, vhost, _, new)| (vhost.as_str().into(), new.as_str().into()))
        };
        let copy = match node {
            Node::Exchange { name, .. } => {
                new(Kind::Exchange, name).map(|(vhost, name)| Node::Exchange { vhost, name })
            }
            Node::Queue { name, .. } => new(Kind::Queue, name).map(|(vhost, name)| Node::Queue { vhost, name }),
            Node::Client(name) => {
                let mut kinds = Kind::ALL.into_iter().filter(|kind| kind.is_client());
                kinds.find_map(|kind| new(kind, name)).map(|(_, name)| Node::Client(name))
            }
        };
        if let Some(copy) = copy {
            draft.place(&copy, Some(super::change::point(x + f64::from(at.x - left), y + f64::from(at.y - top))));
        }
    }
}
