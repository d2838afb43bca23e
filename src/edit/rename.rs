//! Another name for something, wherever a scenario file speaks of it.

use crate::share::Tree;

use super::command::{Kind, Target};
use super::draft::{Draft, Found, vhost_of};
use super::refusal::Refusal;

/// Gives something another name.
pub fn rename(draft: &mut Draft, found: &Found, name: &str) -> Result<Found, Refusal> {
    if name.is_empty() {
        return Err(Refusal::new("expected a name"));
    }
    if found.name == name {
        return Ok(found.clone());
    }
    if draft.is_taken(found.kind, &found.vhost, name) {
        return Err(Refusal::new(format!("there is a {} `{name}` already", found.kind.word())));
    }
    let place = found.node().and_then(|node| {
        let place = draft.placed(&node);
        draft.place(&node, None);
        place
    });
    if let Some(entry) = draft.entry_mut(found) {
        entry.set("name", Tree::from(name));
    }
    match found.kind {
        Kind::Exchange => exchange(draft, found, name),
        Kind::Queue => queue(draft, found, name),
        Kind::Vhost => vhost(draft, found, name),
        Kind::Policy => {}
        _ => client(draft, found, name),
    }
    let vhost = if found.kind == Kind::Vhost { None } else { Some(found.vhost.as_str()) };
    let renamed = draft.find(&Target::new(found.kind, &name.into()), vhost)?;
    if let (Some(node), Some(place)) = (renamed.node(), place) {
        draft.place(&node, Some(place));
    }
    Ok(renamed)
}

fn client(draft: &mut Draft, found: &Found, new: &str) {
    each(draft, &["script"], |timed| {
        if client_of(timed) == Some(&found.name)
            && let Some(client) = timed.field_mut("action").and_then(|action| action.field_mut("client"))
        {
            client.set("name", Tree::from(new));
        }
    });
    expectations(draft, "client", &found.name, new);
}

/// The client that a timed action is about.
pub fn client_of(timed: &Tree) -> Option<&str> {
    timed.field("action")?.field("client")?.text("name")
}

fn each(draft: &mut Draft, sections: &[&str], change: impl Fn(&mut Tree)) {
    for section in sections {
        if !draft.list(section).is_empty() {
            draft.list_mut(section).into_iter().flatten().for_each(&change);
        }
    }
}

/// What of a client says where it consumes from and publishes to: itself, or the parts it has for that.
pub fn parts(client: &mut Tree) -> Vec<&mut Tree> {
    const PARTS: [&str; 4] = ["consume", "publish", "request", "answer"];
    if PARTS.iter().all(|part| client.field(part).is_none()) {
        return vec![client];
    }
    let Tree::Object(fields) = client else { return Vec::new() };
    fields.iter_mut().filter(|(field, _)| PARTS.contains(&field.as_str())).map(|(_, part)| part).collect()
}

/// What is expected of something is expected of it under its new name.
fn expectations(draft: &mut Draft, field: &str, old: &str, new: &str) {
    each(draft, &["expect"], |goal| swap_within(goal, field, old, new));
}

fn swap_within(tree: &mut Tree, field: &str, old: &str, new: &str) {
    swap(tree, field, old, new);
    match tree {
        Tree::Object(fields) => fields.iter_mut().for_each(|(_, inside)| swap_within(inside, field, old, new)),
        Tree::List(entries) => entries.iter_mut().for_each(|inside| swap_within(inside, field, old, new)),
        _ => {}
    }
}

/// Sets a field that has the old name.
fn swap(entry: &mut Tree, field: &str, old: &str, new: &str) {
    if entry.text(field) == Some(old) {
        entry.set(field, Tree::from(new));
    }
}

fn exchange(draft: &mut Draft, found: &Found, new: &str) {
    let old = found.name.as_str();
    let here = |entry: &Tree| vhost_of(entry) == found.vhost;
    each(draft, &["bindings"], |binding| {
        if here(binding) {
            swap(binding, "source", old, new);
            if binding.text("destination_type") == Some("exchange") {
                swap(binding, "destination", old, new);
            }
        }
    });
    each(draft, &["exchanges", "queues", "policies"], |entry| {
        if here(entry) {
            for (inside, key) in [
                ("arguments", "alternate-exchange"),
                ("arguments", "x-dead-letter-exchange"),
                ("definition", "alternate-exchange"),
                ("definition", "dead-letter-exchange"),
            ] {
                entry.field_mut(inside).into_iter().for_each(|inside| swap(inside, key, old, new));
            }
        }
    });
    each(draft, &["clients"], |client| {
        if here(client) {
            parts(client).into_iter().for_each(|part| swap(part, "exchange", old, new));
        }
    });
    published_by_hand(draft, &found.vhost, |publish| swap(publish, "exchange", old, new));
    expectations(draft, "exchange", old, new);
}

/// What a script publishes in a virtual host.
fn published_by_hand(draft: &mut Draft, vhost: &str, change: impl Fn(&mut Tree)) {
    let here = |entry: &&Tree| vhost_of(entry) == vhost;
    let clients = draft.list("clients").iter().filter(here).filter_map(|client| client.text("name"));
    let clients: Vec<String> = clients.map(str::to_owned).collect();
    each(draft, &["script"], |timed| {
        let is_of_client = client_of(timed).is_some_and(|name| clients.iter().any(|client| client == name));
        let Some(action) = timed.field_mut("action") else { return };
        let around = match action.field("operate").is_some_and(|operate| vhost_of(operate) == vhost) {
            true => action.field_mut("operate").and_then(|operate| operate.field_mut("operation")),
            false => action.field_mut("client").filter(|_| is_of_client).and_then(|client| client.field_mut("control")),
        };
        let Some(Tree::Object(fields)) = around else { return };
        let publishes = fields.iter_mut().filter(|(kind, _)| kind == "basic_publish" || kind == "publish");
        publishes.for_each(|(_, publish)| change(publish));
    });
}

fn queue(draft: &mut Draft, found: &Found, new: &str) {
    let old = found.name.as_str();
    let here = |entry: &Tree| vhost_of(entry) == found.vhost;
    each(draft, &["bindings"], |binding| {
        if here(binding) && binding.text("destination_type") == Some("queue") {
            swap(binding, "destination", old, new);
        }
    });
    // Where the default exchange is asked, the routing key is a queue's name.
    each(draft, &["queues"], |entry| {
        if let Some(arguments) = entry.field_mut("arguments").filter(|inside| inside.text(DLX) == Some("")) {
            swap(arguments, "x-dead-letter-routing-key", old, new);
        }
    });
    each(draft, &["clients"], |client| {
        if !here(client) {
            return;
        }
        for part in parts(client) {
            if part.text("exchange").unwrap_or_default().is_empty() {
                swap(part, "routing_key", old, new);
            }
            if let Some(Tree::List(queues)) = part.field_mut("queues") {
                queues.iter_mut().filter(|name| **name == Tree::from(old)).for_each(|name| *name = Tree::from(new));
            }
        }
    });
    each(draft, &["script"], |timed| {
        let Some(Tree::Object(actions)) = timed.field_mut("action") else { return };
        actions.iter_mut().filter(|(_, action)| here(action)).for_each(|(_, action)| {
            swap(action, "queue", old, new);
            swap(action, "to", old, new);
        });
    });
    published_by_hand(draft, &found.vhost, |publish| {
        if publish.text("exchange").unwrap_or_default().is_empty() {
            swap(publish, "routing_key", old, new);
        }
    });
    expectations(draft, "queue", old, new);
}

const DLX: &str = "x-dead-letter-exchange";

fn vhost(draft: &mut Draft, found: &Found, new: &str) {
    const WITH_VHOST: [&str; 8] =
        ["exchanges", "queues", "bindings", "policies", "permissions", "topic_permissions", "parameters", "clients"];
    let inside: Vec<Found> = [Kind::Exchange, Kind::Queue]
        .into_iter()
        .flat_map(|kind| draft.all(kind).collect::<Vec<_>>())
        .filter(|other| other.vhost == found.name)
        .collect();
    for other in inside {
        let moved = Found { vhost: new.to_owned(), ..other.clone() };
        if let (Some(from), Some(to)) = (other.node(), moved.node())
            && let Some(place) = draft.placed(&from)
        {
            draft.place(&from, None);
            draft.place(&to, Some(place));
        }
    }
    each(draft, &WITH_VHOST, |entry| {
        if vhost_of(entry) == found.name {
            entry.set("vhost", Tree::from(new));
        }
    });
    each(draft, &["script"], |timed| {
        let Some(Tree::Object(actions)) = timed.field_mut("action") else { return };
        for (_, action) in actions.iter_mut() {
            // What is done to a client names no virtual host.
            if action.field("client").is_none() && action.field("control").is_none() && vhost_of(action) == found.name {
                action.set("vhost", Tree::from(new));
            }
        }
    });
}
