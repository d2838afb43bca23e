//! Links: a scenario and a moment of it in the part of an address after `#`, which no browser sends to a server.
//!
//! | address | what it opens |
//! |---|---|
//! | `#/example/NAME` | an example |
//! | `#/1/DATA` | a scenario: its file on one line, as zlib packs it, in base64 for addresses without padding |
//!
//! After either may stand `?` and what is shown, `&` between: the fields of a file's `view` (`cursor=57`,
//! `selection=queues/%252F/orders`, `panel=story`, `speed=2`, `playing=false`, `message=4`), which prevail over those of the
//! file, and `player`: only what plays is shown.
//!
//! What always holds:
//!
//! * What is written reads as the same link again. `1` is the version: what it means never changes, so a link opens for ever.
//! * Whatever the address is, there is a link, none, or an error that says what is wrong; what it unpacks to has a bound.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

use super::File;
use super::error::FileError;
use super::examples;
use super::limits::FILE_BYTES_MAX;
use super::picture::{Node, Panel, View};
use super::place::Place;
use super::tree::Tree;

/// Before the name of an example.
pub const EXAMPLE: &str = "#/example/";
/// Before a scenario.
pub const SCENARIO: &str = "#/1/";
/// An address that is longer, in characters, is cut by some chat programs.
pub const CHAT_CHARS_MAX: usize = 8_000;

/// As small as it gets: a link is made seldom and sent often.
const LEVEL: u8 = 10;

/// What a link says.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// What it opens.
    pub what: What,
    /// What is shown of it, as far as the link says.
    pub view: View,
    /// Whether nothing is shown but what plays.
    pub is_player: bool,
}

/// What a link opens.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An example, by its name.
    Example(String),
    /// A scenario.
    Scenario(Box<File>),
}

/// Whether an address means to be a link: one that [`Link::read`] reads, or refuses.
pub fn is_meant(address: &str) -> bool {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    match path.strip_prefix(EXAMPLE) {
        // An example with nothing else said has its own way, which is quicker.
        Some(name) => !query.is_empty() || !examples::is_there(name),
        None => version(path).is_some(),
    }
}

/// The version of a link to a scenario.
fn version(path: &str) -> Option<&str> {
    let (version, _) = path.strip_prefix("#/")?.split_once('/')?;
    (!version.is_empty() && version.bytes().all(|sign| sign.is_ascii_digit())).then_some(version)
}

impl Link {
    /// Reads the part of an address that begins with `#`. None if it is no link, but another address of the page.
    ///
    /// # Errors
    ///
    /// What is wrong with it: of another version, damaged, larger than a file may be, or a file that is wrong; or the first
    /// part of what is shown that cannot be understood.
    pub fn read(address: &str) -> Result<Option<Link>, FileError> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let what = if let Some(name) = path.strip_prefix(EXAMPLE) {
            if !examples::is_there(name) {
                return Err(wrong(&format!("there is no example {name:?}")));
            }
            What::Example(name.to_owned())
        } else if let Some(data) = path.strip_prefix(SCENARIO) {
            What::Scenario(Box::new(unpacked(data)?))
        } else {
            return match version(path) {
                Some(_) => Err(wrong("it is of another version than this Warren reads: open it with a newer one")),
                None => Ok(None),
            };
        };
        let (view, is_player) = shown(query)?;
        Ok(Some(Link { what, view, is_player }))
    }

    /// The link as the part of an address that begins with `#`.
    ///
    /// # Errors
    ///
    /// What is more than a file may hold.
    pub fn to_address(&self) -> Result<String, FileError> {
        let mut address = match &self.what {
            What::Example(name) => format!("{EXAMPLE}{name}"),
            What::Scenario(file) => packed(file.to_tree()?.to_line().as_bytes()),
        };
        let query = query(&self.view, self.is_player);
        if !query.is_empty() {
            address.push('?');
            address.push_str(&query);
        }
        Ok(address)
    }
}

/// The same address, not as a player.
pub fn unlocked(address: &str) -> &str {
    // It is always said last.
    let rest = address.strip_suffix("player").and_then(|rest| rest.strip_suffix(['?', '&']));
    rest.unwrap_or(address)
}

/// Puts what a link shows over what a file shows.
pub fn show(file: &mut File, over: View) {
    file.view = std::mem::take(&mut file.view).under(over);
}

fn wrong(problem: &str) -> FileError {
    FileError { place: "link".to_owned(), problem: problem.to_owned() }
}

/// The link to a scenario whose file has these bytes, whatever they are.
pub fn packed(file: &[u8]) -> String {
    format!("{SCENARIO}{}", BASE64.encode(compress_to_vec_zlib(file, LEVEL)))
}

fn unpacked(data: &str) -> Result<File, FileError> {
    let damaged = || wrong("it was cut short or changed on its way: copy the whole of it once more");
    let packed = BASE64.decode(data).map_err(|_| damaged())?;
    let text = decompress_to_vec_zlib_with_limit(&packed, FILE_BYTES_MAX).map_err(|failure| match failure.status {
        TINFLStatus::HasMoreOutput => wrong(&format!("what it holds is more than {FILE_BYTES_MAX} bytes")),
        _ => damaged(),
    })?;
    File::from_tree(&Tree::parse(&text)?)
}

fn query(view: &View, is_player: bool) -> String {
    let View { selection, panel, speed, playing, cursor, message } = view;
    let mut query = form_urlencoded::Serializer::new(String::new());
    let fields = [
        ("cursor", cursor.map(|cursor| cursor.to_string())),
        ("selection", selection.as_ref().map(Node::to_string)),
        ("panel", panel.map(|panel| panel.as_str().to_owned())),
        ("speed", speed.map(|speed| speed.to_string())),
        ("playing", playing.map(|playing| playing.to_string())),
        ("message", message.map(|message| message.to_string())),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    if is_player {
        query.append_key_only("player");
    }
    query.finish()
}

fn shown(query: &str) -> Result<(View, bool), FileError> {
    let (mut view, mut is_player) = (View::default(), false);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = &*value;
        let is_read = match &*name {
            "cursor" => put(&mut view.cursor, value.parse().ok()),
            "selection" => put(&mut view.selection, Node::from_text(value)),
            "panel" => put(&mut view.panel, Panel::from_text(value)),
            "speed" => put(&mut view.speed, value.parse().ok()),
            "playing" => put(&mut view.playing, value.parse().ok()),
            "message" => put(&mut view.message, value.parse().ok()),
            "player" => {
                is_player = true;
                value.is_empty()
            }
            // A later version may say more, which this one can do without.
            _ => true,
        };
        if !is_read {
            return Err(wrong(&format!("{name}={value:?} cannot be understood")));
        }
    }
    view.check(&Place::Top).map_err(|error| wrong(&format!("its {}", error)))?;
    Ok((view, is_player))
}

fn put<T>(field: &mut Option<T>, value: Option<T>) -> bool {
    *field = value;
    field.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(address: &str) -> String {
        Link::read(address).expect_err(address).to_string()
    }

    fn nature() -> File {
        crate::share::parse(examples::NATURE).expect("it is one")
    }

    fn view() -> View {
        View {
            selection: Some(Node::Queue { vhost: "/".into(), name: "50% & more".into() }),
            panel: Some(Panel::Tables),
            speed: Some(0.5),
            playing: Some(false),
            cursor: Some(57),
            message: Some(4),
        }
    }

    #[test]
    fn an_example_is_called_by_its_name() {
        let link = Link { what: What::Example("nature".into()), view: view(), is_player: true };
        let address = link.to_address().expect("it fits");
        assert_eq!(
            address,
            "#/example/nature?cursor=57&selection=queues%2F%252F%2F50%2525+%26+more&panel=tables&speed=0.5&playing=false&message=4&player"
        );
        assert_eq!(Link::read(&address), Ok(Some(link)));
        assert_eq!(error("#/example/natur"), "link: there is no example \"natur\"");
    }

    #[test]
    fn a_scenario_comes_back_from_its_link() {
        let link = Link { what: What::Scenario(Box::new(nature())), view: View::default(), is_player: false };
        let address = link.to_address().expect("it fits");
        assert!(address.len() < CHAT_CHARS_MAX, "{}", address.len());
        assert!(address.chars().skip(1).all(|sign| sign.is_ascii_alphanumeric() || "/-_".contains(sign)), "{address}");
        assert_eq!(Link::read(&address), Ok(Some(link)));
    }

    #[test]
    fn a_player_is_unlocked() {
        for (player, address) in [
            ("#/example/nature?player", "#/example/nature"),
            ("#/1/eA?cursor=7&player", "#/1/eA?cursor=7"),
            ("#/1/player", "#/1/player"),
        ] {
            assert_eq!(unlocked(player), address);
        }
    }

    #[test]
    fn what_the_link_shows_prevails() {
        let mut file = nature();
        file.view = View { speed: Some(4.0), cursor: Some(1), ..View::default() };
        show(&mut file, View { cursor: Some(9), panel: Some(Panel::Story), ..View::default() });
        let both = View { speed: Some(4.0), cursor: Some(9), panel: Some(Panel::Story), ..View::default() };
        assert_eq!(file.view, both);
    }

    #[test]
    fn other_addresses_are_no_links() {
        for address in ["", "#", "#/", "#/new", "#/mine/7", "#/example", "#what", "#//x"] {
            assert_eq!(Link::read(address), Ok(None), "{address}");
            assert!(!is_meant(address), "{address}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let link = Link { what: What::Scenario(Box::new(nature())), view: View::default(), is_player: false };
        let whole = link.to_address().expect("it fits");
        let damaged = "link: it was cut short or changed on its way: copy the whole of it once more";
        for cut in [SCENARIO.len(), whole.len() / 2, whole.len() - 1, whole.len() - 4] {
            assert_eq!(error(&whole[..cut]), damaged, "{cut}");
        }
        for address in ["#/1/", "#/2/x", "#/example/", "#/example/natur", "#/example/nature?cursor=1", &whole] {
            assert!(is_meant(address), "{address}");
        }
        assert!(!is_meant("#/example/nature"));
        let middle = whole.len() / 2;
        let sign = if whole.as_bytes()[middle] == b'A' { "B" } else { "A" };
        assert_eq!(error(&format!("{}{sign}{}", &whole[..middle], &whole[middle + 1..])), damaged);
        assert_eq!(error(&format!("{whole}\u{e9}<script>")), damaged);
        assert!(error(&whole.replacen("#/1/", "#/2/", 1)).contains("a newer one"));
        for (query, told) in [
            ("cursor=-1", "link: cursor=\"-1\" cannot be understood"),
            ("selection=queues", "link: selection=\"queues\" cannot be understood"),
            ("panel=<b>", "link: panel=\"<b>\" cannot be understood"),
            ("message=-4", "link: message=\"-4\" cannot be understood"),
            ("player=1", "link: player=\"1\" cannot be understood"),
            ("speed=0", "link: its speed: expected a number from 0.01 to 1000"),
            ("speed=NaN", "link: its speed: expected a number from 0.01 to 1000"),
        ] {
            assert_eq!(error(&format!("#/example/nature?{query}")), told);
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_before_it_is_there() {
        let bomb = packed(&vec![b' '; FILE_BYTES_MAX * 4]);
        assert!(bomb.len() < FILE_BYTES_MAX / 50, "{}", bomb.len());
        assert_eq!(error(&bomb), format!("link: what it holds is more than {FILE_BYTES_MAX} bytes"));
        let deep = packed("[".repeat(1_000_000).as_bytes());
        assert!(error(&deep).contains("expected"), "{}", error(&deep));
        let format = r#"{"format": "warren/1", "name": "x", "__proto__": {}}"#;
        assert!(error(&packed(format.as_bytes())).starts_with("__proto__: expected a known field"));
    }
}
