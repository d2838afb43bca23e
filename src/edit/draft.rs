//! A scenario file that is being changed: its tree, and what is where in it.
//!
//! What always holds: a draft is a tree only. Whether it is a file that can be opened, [`Draft::finish`] tells, by the same
//! rules and in the same words as for any other file.

use crate::share::{FORMAT, File, Node, Tree};

use super::command::{Kind, Target};
use super::refusal::Refusal;

/// The virtual host that every broker begins with.
pub const SLASH: &str = "/";

/// Something in a draft: its list and its number there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its number in its list.
    pub index: usize,
    /// The virtual host that it is in; its own name, for a virtual host.
    pub vhost: String,
    /// Its name.
    pub name: String,
}

impl Found {
    /// Where it stands in the file.
    pub fn path(&self) -> String {
        let section = section(self.kind);
        let around = if is_top(section) { "" } else { "definitions." };
        format!("{around}{section}.{}", self.index)
    }

    /// What it is called in a file's layout; none for what is no node.
    pub fn node(&self) -> Option<Node> {
        let (vhost, name) = (self.vhost.as_str().into(), self.name.as_str().into());
        match self.kind {
            Kind::Exchange => Some(Node::Exchange { vhost, name }),
            Kind::Queue => Some(Node::Queue { vhost, name }),
            kind if kind.is_client() => Some(Node::Client(name)),
            _ => None,
        }
    }
}

/// Where things of a kind stand in a file.
pub fn section(kind: Kind) -> &'static str {
    match kind {
        Kind::Vhost => "vhosts",
        Kind::Exchange => "exchanges",
        Kind::Queue => "queues",
        Kind::Policy => "policies",
        Kind::Producer | Kind::Consumer | Kind::Worker | Kind::RpcClient | Kind::RpcServer => "clients",
    }
}

/// A client's role as a file has it.
pub fn role(kind: Kind) -> String {
    kind.word().replace('-', "_")
}

/// A file's tree while it is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    tree: Tree,
}

impl Draft {
    /// A draft of a file.
    ///
    /// # Errors
    ///
    /// What is more than a file may hold.
    pub fn of(file: &File) -> Result<Draft, Refusal> {
        Ok(Draft { tree: file.to_tree()? })
    }

    /// A draft with nothing in it but a name.
    pub fn empty(name: &str) -> Draft {
        let fields = [("format", FORMAT), ("name", name)];
        Draft { tree: Tree::Object(fields.map(|(field, text)| (field.to_owned(), Tree::from(text))).to_vec()) }
    }

    /// Lets every node find a place by itself.
    pub fn forget_places(&mut self) {
        self.tree.set("layout", Tree::Null);
    }

    /// The file that it has become.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn finish(&self) -> Result<File, Refusal> {
        Ok(File::from_tree(&self.tree)?)
    }

    /// Gives the scenario itself another name.
    ///
    /// # Errors
    ///
    /// If it is none.
    pub fn call(&mut self, name: &str) -> Result<(), Refusal> {
        if name.trim().is_empty() {
            return Err(Refusal::new("expected a name"));
        }
        self.tree.set("name", Tree::from(name.trim()));
        Ok(())
    }

    /// The file as it is.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The same, to be changed.
    pub fn tree_mut(&mut self) -> &mut Tree {
        &mut self.tree
    }

    /// The names of the virtual hosts: if none are written down, there is `/`.
    pub fn vhosts(&self) -> Vec<String> {
        let named: Vec<String> = self.all(Kind::Vhost).map(|found| found.name).collect();
        if named.is_empty() { vec![SLASH.to_owned()] } else { named }
    }

    /// The entries of a list: `clients`, `script`, or a section of the definitions.
    pub fn list(&self, section: &str) -> &[Tree] {
        let around = if is_top(section) { Some(&self.tree) } else { self.tree.field("definitions") };
        match around.and_then(|around| around.field(section)) {
            Some(Tree::List(entries)) => entries,
            _ => &[],
        }
    }

    /// The same, to be changed; made if it is not there.
    pub fn list_mut(&mut self, section: &str) -> Option<&mut Vec<Tree>> {
        let around = if is_top(section) { &mut self.tree } else { field(&mut self.tree, "definitions", empty_object)? };
        match field(around, section, || Tree::List(Vec::new()))? {
            Tree::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// All things of a kind.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = Found> {
        let wanted = role(kind);
        let entries = self.list(section(kind)).iter().enumerate();
        entries.filter(move |(_, entry)| !kind.is_client() || entry.text("role") == Some(&wanted)).map(
            move |(index, entry)| {
                let name = entry.text("name").unwrap_or_default().to_owned();
                let vhost = if kind == Kind::Vhost { name.clone() } else { vhost_of(entry).to_owned() };
                Found { kind, index, vhost, name }
            },
        )
    }

    /// What a name means.
    ///
    /// # Errors
    ///
    /// If nothing or more than one thing is called so.
    pub fn find(&self, target: &Target, vhost: Option<&str>) -> Result<Found, Refusal> {
        let kinds: Vec<Kind> = target.kind.map_or_else(|| Kind::ALL.to_vec(), |kind| vec![kind]);
        let vhost = vhost.or(target.vhost.as_deref());
        let here = |found: &Found| *found.name == *target.name && vhost.is_none_or(|vhost| found.vhost == vhost);
        let found: Vec<Found> = kinds.into_iter().flat_map(|kind| self.all(kind)).filter(here).collect();
        let what = target.kind.map_or("nothing called", |kind| kind.word());
        match &found[..] {
            [] if target.kind.is_some() => Err(Refusal::new(format!("there is no {what} `{}`", target.name))),
            [] => Err(Refusal::new(format!("there is {what} `{}`", target.name))),
            [only] => Ok(only.clone()),
            [first, others @ ..] if others.iter().any(|other| other.kind != first.kind) => {
                let names: Vec<String> = found
                    .iter()
                    .map(|found| Target::new(found.kind, &found.name.as_str().into()).to_string())
                    .collect();
                Err(Refusal::new(format!("several things are called so: write {}", names.join(" or "))))
            }
            _ => {
                let vhosts: Vec<String> = found.iter().map(|found| format!("vhost={}", found.vhost)).collect();
                Err(Refusal::new(format!("it is in several virtual hosts: add {}", vhosts.join(" or "))))
            }
        }
    }

    /// The entry itself, to be changed.
    pub fn entry_mut(&mut self, found: &Found) -> Option<&mut Tree> {
        self.list_mut(section(found.kind))?.get_mut(found.index)
    }

    /// Adds an entry at the end.
    pub fn add(&mut self, kind: Kind, entry: Tree) {
        if let Some(list) = self.list_mut(section(kind)) {
            list.push(entry);
        }
    }

    /// Takes an entry out. What comes after it has another number then.
    pub fn remove(&mut self, found: &Found) {
        if let Some(list) = self.list_mut(section(found.kind)).filter(|list| found.index < list.len()) {
            list.remove(found.index);
        }
    }

    /// The virtual host that something new is in, if nobody says another.
    pub fn usual_vhost(&self) -> String {
        let mut vhosts = self.all(Kind::Vhost).map(|found| found.name).peekable();
        let first = vhosts.peek().cloned().unwrap_or_else(|| SLASH.to_owned());
        if vhosts.any(|name| name == SLASH) { SLASH.to_owned() } else { first }
    }

    /// Whether there is something of this kind and name. Clients have their names for themselves, whatever they do.
    pub fn is_taken(&self, kind: Kind, vhost: &str, name: &str) -> bool {
        if kind.is_client() {
            return self.list("clients").iter().any(|client| client.text("name") == Some(name));
        }
        self.all(kind).any(|found| found.name == name && (kind == Kind::Vhost || found.vhost == vhost))
    }

    /// A name that is free: `queue1`, or `orders-2` where it is to be like another.
    pub fn free_name(&self, kind: Kind, vhost: &str, like: Option<&str>) -> String {
        let stem = like.map_or_else(|| kind.word().to_owned(), |like| format!("{}-", like.trim_end_matches(is_count)));
        let first = if like.is_some() { 2 } else { 1 };
        // There is a free one among one more than there are names.
        let names = (first..).map(|number: u64| format!("{stem}{number}"));
        names.take(self.list(section(kind)).len() + 2).find(|name| !self.is_taken(kind, vhost, name)).unwrap_or(stem)
    }

    /// Puts a node somewhere; none lets it find a place by itself.
    pub fn place(&mut self, node: &Node, at: Option<Tree>) {
        if let Some(layout) = object(&mut self.tree, "layout") {
            layout.set(&node.to_string(), at.unwrap_or(Tree::Null));
        }
    }

    /// Where a node has been put.
    pub fn placed(&self, node: &Node) -> Option<Tree> {
        self.tree.field("layout")?.field(&node.to_string()).cloned()
    }
}

fn is_count(sign: char) -> bool {
    sign.is_ascii_digit() || sign == '-'
}

fn is_top(section: &str) -> bool {
    matches!(section, "clients" | "script" | "expect")
}

/// The virtual host of an entry; `/` is not written down.
pub fn vhost_of(entry: &Tree) -> &str {
    entry.text("vhost").unwrap_or(SLASH)
}

/// A field that is an object, made if it is not there. None if there can be none.
pub fn object<'a>(around: &'a mut Tree, name: &str) -> Option<&'a mut Tree> {
    field(around, name, empty_object)
}

fn empty_object() -> Tree {
    Tree::Object(Vec::new())
}

/// A field, made if it is not there. None if `around` is no object.
fn field<'a>(around: &'a mut Tree, name: &str, make: fn() -> Tree) -> Option<&'a mut Tree> {
    if around.field(name).is_none() {
        around.set(name, make());
    }
    around.field_mut(name)
}
