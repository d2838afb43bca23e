//! Links: every one that was ever made opens for ever; each wrong one is refused with a reason.
//!
//! `tests/links/1/NAME.link` is a link, `NAME.json` the file that it opens, what the link shows in its `view`. With
//! `LINKS=write` a pair is made for each example that has none yet; one that is there is never made anew.
#![cfg(not(target_arch = "wasm32"))]

#[path = "support/link.rs"]
mod link;
#[path = "support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use link::try_text;
use proptest::prelude::*;
use support::worlds;
use warren::share::link::{CHAT_CHARS_MAX, SCENARIO, What, packed, show};
use warren::share::{self, File, Link, Node, Panel, View};

fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Files of a folder with an ending, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|other| other == ending)).collect();
    found.sort();
    found
}

fn link_to(file: File) -> Link {
    Link { what: What::Scenario(Box::new(file)), view: View::default(), is_player: false }
}

fn opened(address: &str) -> (File, bool) {
    let link = Link::read(address).unwrap_or_else(|error| panic!("{error}: {address}")).expect("a link");
    let mut file = match link.what {
        What::Scenario(file) => *file,
        What::Example(name) => {
            share::parse(read(&root().join(format!("www/examples/{name}.json")))).expect("it is one")
        }
    };
    show(&mut file, link.view);
    (file, link.is_player)
}

fn make_missing() {
    for path in files("www/examples", "json") {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let made = root().join("tests/links/1").join(format!("{name}.link"));
        if made.exists() {
            continue;
        }
        let mut link = link_to(share::parse(read(&path)).expect("it is one"));
        if let What::Scenario(file) = &link.what {
            let selection = file.scenario.clients.first().map(|client| Node::Client(client.name.clone()));
            link.view = View { selection, panel: Some(Panel::Story), cursor: Some(40), ..View::default() };
        }
        let address = link.to_address().expect("it fits");
        let (file, _) = opened(&address);
        std::fs::write(made.with_extension("json"), file.to_text().expect("it fits")).expect("it can be saved");
        std::fs::write(made, address).expect("it can be saved");
    }
}

#[test]
fn links_of_version_1_open_for_ever() {
    if std::env::var_os("LINKS").is_some_and(|value| value == "write") {
        make_missing();
    }
    let links = files("tests/links/1", "link");
    assert!(links.len() >= 27, "only {} links", links.len());
    for path in links {
        let (file, _) = opened(read(&path).trim_end());
        let text = read(&path.with_extension("json"));
        assert_eq!(share::parse(&text).as_ref(), Ok(&file), "{}", path.display());
    }
}

#[test]
fn examples_fit_into_a_link_that_chats_take() {
    for path in files("www/examples", "json") {
        let link = link_to(share::parse(read(&path)).expect("it is one"));
        let chars = link.to_address().expect("it fits").len();
        assert!(chars < CHAT_CHARS_MAX, "{}: {chars}", path.display());
    }
}

#[test]
fn hostile_files_in_links_are_refused_as_they_are_elsewhere() {
    let files = files("tests/scenario_files/malformed", "json");
    assert!(!files.is_empty());
    for path in files {
        let bytes = std::fs::read(&path).expect("it can be read");
        let said = share::parse(&bytes).map_err(|error| error.to_string()).map(|_| ());
        let of_link = Link::read(&packed(&bytes)).map_err(|error| error.to_string()).map(|_| ());
        assert_eq!(of_link, said, "{}", path.display());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_world_comes_back_from_its_link(number in any::<u64>(), cursor in any::<Option<u64>>(), is_player in any::<bool>()) {
        let mut link = link_to(File::from(worlds::scenario(number)));
        link.view.cursor = cursor;
        link.is_player = is_player;
        let address = link.to_address().expect("it fits");
        prop_assert_eq!(Link::read(&address), Ok(Some(link)));
    }

    #[test]
    fn whatever_text_is_followed_nothing_panics(text in "\\PC{0,60}", query in "\\PC{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for address in [text.clone(), format!("{SCENARIO}{text}"), format!("#/example/nature?{query}"), packed(&bytes)] {
            if let Err(wrong) = try_text(&address) {
                prop_assert!(false, "{}", wrong);
            }
        }
    }

    #[test]
    fn a_link_that_was_changed_on_its_way_is_refused_unless_it_means_the_same(number in any::<u64>(), at in any::<prop::sample::Index>(), sign in "[A-Za-z0-9_-]") {
        let address = link_to(File::from(worlds::scenario(number))).to_address().expect("it fits");
        let at = SCENARIO.len() + at.index(address.len() - SCENARIO.len());
        let changed = format!("{}{sign}{}", &address[..at], &address[at + 1..]);
        // The last sign of base64 holds bits that nobody reads, and so does the last byte before zlib's checksum.
        if let Ok(read) = Link::read(&changed) {
            prop_assert_eq!(read, Link::read(&address).expect("it is right"), "{}", changed);
        }
    }
}
