//! What is put into a link, so that who follows it sees what the sender saw.
//!
//! What always holds: a link to a moment opens at the entry that is shown, standing still, with the same message followed and
//! the same panel open. A scenario that is an example, unchanged, is called by the example's name.

use crate::share::link::{CHAT_CHARS_MAX, What};
use crate::share::{File, Link, Node, Panel, View};

use super::board::Board;
use super::desk::Desk;
use super::graph::NodeId;
use super::layout::Layout;
use super::player::Player;

/// What the sender wants to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// This moment, and not the beginning.
    pub moment: bool,
    /// What plays alone, with nothing to edit.
    pub player: bool,
}

/// What the sender has before them, beside the scenario and its moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// What is selected.
    pub selection: Option<Node>,
    /// The message that is followed, by its number.
    pub message: Option<u64>,
    /// The open panel; none where there is none.
    pub panel: Option<Panel>,
}

/// The panel that is open where nothing says which: what is followed or selected is what one wants to see.
pub fn usual_panel(view: &View) -> Panel {
    match view {
        View { panel: Some(panel), .. } => *panel,
        View { message: Some(_), .. } => Panel::Message,
        View { selection: Some(_), .. } => Panel::Inspector,
        _ => Panel::Story,
    }
}

/// The link to what is on a desk. `example` is the example's name, if it is one, as it came.
pub fn link(desk: &Desk, example: Option<&str>, seen: Seen, wish: Wish) -> Link {
    let what = match example.filter(|_| desk.edition() == 0) {
        Some(name) => What::Example(name.to_owned()),
        None => What::Scenario(Box::new(File { view: begun(&desk.file().view), ..desk.file().clone() })),
    };
    let mut view = View::default();
    if wish.moment {
        let Seen { selection, message, .. } = seen;
        // What was done while it played is played as part of the script, and may so be other messages.
        let message = message.filter(|_| desk.player().deeds().next().is_none());
        let cursor = u64::try_from(cursor(desk.file(), desk.player())).ok();
        view = View { cursor, selection, message, playing: Some(false), ..view };
    }
    let shown = begun(&desk.file().view).under(view.clone());
    let is_empty = |panel| match panel {
        Panel::Inspector => shown.selection.is_none(),
        Panel::Message => shown.message.is_none(),
        Panel::Story | Panel::Tables | Panel::Sequence | Panel::Charts | Panel::Problems => false,
    };
    view.panel = seen.panel.filter(|panel| !wish.player && *panel != usual_panel(&shown) && !is_empty(*panel));
    Link { what, view, is_player: wish.player }
}

/// What a node is called in a link.
pub fn name_of(board: &Board, node: &NodeId) -> Option<Node> {
    let (vhost, name) = match node {
        NodeId::Client(id) => return board.clients.get(id).map(|client| Node::Client(client.spec.name.clone())),
        NodeId::Exchange(resource) | NodeId::Queue(resource) => (resource.vhost.clone(), resource.name.clone()),
    };
    Some(if matches!(node, NodeId::Queue(_)) { Node::Queue { vhost, name } } else { Node::Exchange { vhost, name } })
}

/// The node that is called so, if it is there.
pub fn node_called(board: &Board, node: &Node) -> Option<NodeId> {
    let found = match node {
        Node::Exchange { vhost, name } => NodeId::exchange(vhost, name),
        Node::Queue { vhost, name } => NodeId::queue(vhost, name),
        Node::Client(name) => {
            let mut present = board.present();
            NodeId::Client(present.find(|(_, client)| client.spec.name == *name).map(|(id, _)| id)?)
        }
    };
    board.has(&found).then_some(found)
}

/// The same as a player, standing still: at an entry, if one is given.
pub fn locked(link: Link, cursor: Option<u64>) -> Link {
    let cursor = cursor.or(link.view.cursor);
    Link { view: View { cursor, playing: Some(false), ..link.view }, is_player: true, ..link }
}

/// What a file shows, but for the moment: it may have come by a link to one itself.
fn begun(view: &View) -> View {
    View { cursor: None, playing: None, message: None, ..view.clone() }
}

/// How many entries have happened at the player's moment, once the file is played from its beginning.
fn cursor(file: &File, player: &Player) -> usize {
    if player.deeds().next().is_none() {
        return player.cursor();
    }
    // What was done while it played is part of the scenario now, which so has other entries.
    Player::new(&file.scenario).map_or(player.cursor(), |mut anew| {
        anew.seek_ms(player.clock_ms());
        anew.cursor()
    })
}

/// How high a picture is shown best in a frame of some width, CSS pixels: whole, no larger than it is meant, and neither
/// a strip nor a tower.
pub fn wanted_height(layout: &Layout, width: f64) -> f64 {
    const LOWEST: f64 = 180.0;
    const HIGHEST: f64 = 620.0;
    const MARGIN: f64 = 24.0;
    let all = layout.bounds;
    let scale = (width / (all.width + MARGIN)).min(1.0);
    ((all.height + MARGIN) * scale).clamp(LOWEST, HIGHEST)
}

/// What is to be said of an address that is longer than some chat programs take, none of another.
pub fn warning(address: &str) -> Option<String> {
    let chars = address.chars().count();
    (chars > CHAT_CHARS_MAX).then(|| {
        format!(
            "This link has {chars} characters; some chat programs cut off what is beyond {CHAT_CHARS_MAX}. Save the scenario as a file \
             instead: who gets it drops it on this page. Put beside Warren on a site of your own, it opens at ?src= and its name."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Command;
    use crate::share::{self, examples, link};

    fn desk() -> Desk {
        Desk::open(share::parse(examples::NATURE).expect("it is one")).expect("it begins")
    }

    /// Who follows the address.
    fn followed(address: &str) -> (Player, View) {
        let link = Link::read(address).expect("it is right").expect("a link");
        let mut file = match link.what {
            What::Scenario(file) => *file,
            What::Example(_) => share::parse(examples::NATURE).expect("it is one"),
        };
        link::show(&mut file, link.view);
        let mut player = Player::new(&file.scenario).expect("it begins");
        player.seek(file.view.cursor.and_then(|cursor| usize::try_from(cursor).ok()).unwrap_or(player.start()));
        (player, file.view)
    }

    const MOMENT: Wish = Wish { moment: true, player: false };

    #[test]
    fn an_example_is_called_by_its_name_until_it_is_changed() {
        let mut desk = desk();
        desk.player_mut().seek(40);
        let sent = link(&desk, Some("nature"), Seen::default(), MOMENT).to_address().expect("it fits");
        assert_eq!(sent, "#/example/nature?cursor=40&playing=false");
        desk.run(&Command::parse("queue more").expect("a command")).expect("it is done");
        let sent = link(&desk, Some("nature"), Seen::default(), Wish { moment: false, player: true });
        assert!(matches!(&sent.what, What::Scenario(file) if *file == Box::new(desk.file().clone())));
        assert!(sent.is_player && sent.view.is_usual());
    }

    #[test]
    fn who_follows_a_link_is_at_the_same_moment() {
        let mut desk = desk();
        for cursor in [desk.player().start(), 30, 31, 57, 200] {
            desk.player_mut().seek(cursor);
            let node = Node::Client("dove".into());
            let seen = Seen { selection: Some(node.clone()), ..Seen::default() };
            let sent = link(&desk, None, seen, MOMENT).to_address().expect("it fits");
            let (player, view) = followed(&sent);
            assert_eq!((player.cursor(), player.current()), (cursor, desk.player().current()));
            assert_eq!((view.selection, view.playing), (Some(node), Some(false)));
        }
    }

    #[test]
    fn the_panel_and_the_message_are_part_of_it_where_they_are_not_what_one_expects() {
        let desk = desk();
        let node = Some(Node::Client("dove".into()));
        let sent = |seen: Seen, wish| link(&desk, Some("nature"), seen, wish).view;
        let seen = |panel, message| Seen { selection: node.clone(), message, panel: Some(panel) };
        assert_eq!(sent(seen(Panel::Inspector, None), MOMENT).panel, None, "it opens by itself for what is selected");
        assert_eq!(sent(seen(Panel::Story, None), MOMENT).panel, Some(Panel::Story));
        let view = sent(seen(Panel::Message, Some(4)), MOMENT);
        assert_eq!((view.message, view.panel), (Some(4), None));
        let view = sent(seen(Panel::Sequence, Some(4)), MOMENT);
        assert_eq!((view.message, view.panel), (Some(4), Some(Panel::Sequence)));
        // From the beginning nothing is selected or followed.
        let begins = Wish { moment: false, player: false };
        assert_eq!(sent(seen(Panel::Charts, Some(4)), begins), View { panel: Some(Panel::Charts), ..View::default() });
        for panel in [Panel::Story, Panel::Inspector, Panel::Message] {
            assert!(sent(seen(panel, Some(4)), begins).is_usual(), "{panel:?}");
        }
        assert_eq!(sent(seen(Panel::Charts, None), Wish { moment: false, player: true }).panel, None);
    }

    #[test]
    fn a_panel_that_the_file_opens_is_left_by_a_link_that_says_so() {
        let mut file = share::parse(examples::NATURE).expect("it is one");
        file.view.panel = Some(Panel::Tables);
        let desk = Desk::open(file).expect("it begins");
        let sent = |panel| {
            let seen = Seen { panel: Some(panel), ..Seen::default() };
            let (_, view) = followed(&link(&desk, None, seen, MOMENT).to_address().expect("it fits"));
            usual_panel(&view)
        };
        assert_eq!([sent(Panel::Tables), sent(Panel::Story)], [Panel::Tables, Panel::Story]);
    }

    #[test]
    fn what_was_done_meanwhile_has_happened_for_them_too() {
        let mut desk = desk();
        desk.player_mut().seek(60);
        desk.run(&Command::parse("purge birds_only").expect("a command")).expect("it is done");
        desk.player_mut().seek_ms(9_000.0);
        let (player, _) = followed(&link(&desk, None, Seen::default(), MOMENT).to_address().expect("it fits"));
        assert_eq!(player.board().queues, desk.player().board().queues);
        assert!((player.clock_ms() - desk.player().clock_ms()).abs() < 1_000.0);
    }

    #[test]
    fn a_link_from_a_link_says_its_own_moment() {
        let mut file = share::parse(examples::NATURE).expect("it is one");
        file.view.cursor = Some(90);
        file.view.playing = Some(false);
        let desk = Desk::open(file).expect("it begins");
        let (_, view) = followed(
            &link(&desk, None, Seen::default(), Wish { moment: false, player: false }).to_address().expect("it fits"),
        );
        assert_eq!((view.cursor, view.playing), (None, None));
    }

    #[test]
    fn nodes_are_found_again_by_what_they_are_called() {
        let mut desk = desk();
        desk.player_mut().seek(60);
        let board = desk.player().board();
        let nodes = crate::view::graph::graph(board).nodes;
        assert_eq!(nodes.len(), 5);
        for node in nodes {
            let called = name_of(board, &node.id).expect("it is there");
            assert_eq!(node_called(board, &called), Some(node.id));
        }
        assert_eq!(node_called(board, &Node::Client("nobody".into())), None);
        assert_eq!(node_called(board, &Node::Queue { vhost: "/".into(), name: "none".into() }), None);
    }

    #[test]
    fn a_player_changes_nothing() {
        let mut desk = desk();
        desk.fix();
        for line in ["queue more", "purge birds_only"] {
            let refusal = desk.run(&Command::parse(line).expect("a command")).expect_err(line);
            assert!(refusal.problem.starts_with("this is a player"), "{refusal}");
        }
        assert_eq!((desk.edition(), desk.can_undo()), (0, None));
    }

    #[test]
    fn only_a_long_link_is_warned_of() {
        assert_eq!(warning(&"x".repeat(CHAT_CHARS_MAX)), None);
        let said = warning(&"\u{e9}".repeat(CHAT_CHARS_MAX + 1)).expect("it is too long");
        assert!(said.starts_with("This link has 8001 characters"), "{said}");
    }
}
