//! What is selected: any number of nodes, or one edge.
//!
//! What always holds: no node is selected twice, the one selected last is the last; where an edge is selected, no node is.

use super::graph::{EdgeId, NodeId};

/// What is selected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    nodes: Vec<NodeId>,
    edge: Option<EdgeId>,
    several: bool,
}

/// How what is selected changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Select {
    /// Nothing is selected any more.
    Nothing,
    /// A node alone; nothing, if it is selected alone already.
    Press(NodeId),
    /// A node alone, whatever was before.
    Only(NodeId),
    /// A node besides what is selected; no longer, if it is selected.
    Toggle(NodeId),
    /// These nodes.
    These(Vec<NodeId>),
    /// These nodes besides what is selected.
    Also(Vec<NodeId>),
    /// An edge.
    Edge(EdgeId),
    /// From now on a press selects a node besides what is selected; or, if that was so, alone.
    Several,
}

impl Selection {
    /// The selected nodes, the one that was selected last at the end.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// The selected edge.
    pub fn edge(&self) -> Option<&EdgeId> {
        self.edge.as_ref()
    }

    /// The selected node, if it is the only one.
    pub fn only(&self) -> Option<&NodeId> {
        match &self.nodes[..] {
            [node] => Some(node),
            _ => None,
        }
    }

    /// The node that was selected last.
    pub fn last(&self) -> Option<&NodeId> {
        self.nodes.last()
    }

    /// Whether a node is selected.
    pub fn contains(&self, node: &NodeId) -> bool {
        self.nodes.contains(node)
    }

    /// Whether a press selects a node besides what is selected.
    pub fn is_several(&self) -> bool {
        self.several
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.edge.is_none()
    }

    /// What is selected after a change.
    #[must_use]
    pub fn after(&self, change: Select) -> Selection {
        let nodes = match change {
            Select::Edge(edge) => return Selection { nodes: Vec::new(), edge: Some(edge), several: self.several },
            Select::Several => return Selection { several: !self.several, ..self.clone() },
            Select::Press(node) if self.several => return self.after(Select::Toggle(node)),
            Select::Nothing => Vec::new(),
            Select::Press(node) if self.only() == Some(&node) => Vec::new(),
            Select::Press(node) | Select::Only(node) => vec![node],
            Select::Toggle(node) => {
                let mut nodes = self.nodes.clone();
                match nodes.iter().position(|other| *other == node) {
                    Some(place) => {
                        nodes.remove(place);
                    }
                    None => nodes.push(node),
                }
                nodes
            }
            Select::These(nodes) => nodes,
            Select::Also(more) => self.nodes.iter().cloned().chain(more).collect(),
        };
        let mut once: Vec<NodeId> = Vec::with_capacity(nodes.len());
        for node in nodes {
            if !once.contains(&node) {
                once.push(node);
            }
        }
        Selection { nodes: once, edge: None, several: self.several }
    }

    /// The same without what is not there any more.
    #[must_use]
    pub fn among(&self, is_there: impl Fn(&NodeId) -> bool) -> Selection {
        let nodes = self.nodes.iter().filter(|node| is_there(node)).cloned().collect();
        let edge = self.edge.clone().filter(|edge| is_there(&edge.from) && is_there(&edge.to));
        Selection { nodes, edge, several: self.several }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> NodeId {
        NodeId::queue(&"/".into(), &name.into())
    }

    fn after(changes: Vec<Select>) -> Selection {
        changes.into_iter().fold(Selection::default(), |selection, change| selection.after(change))
    }

    #[test]
    fn presses_select_one_and_toggles_several() {
        let (a, b) = (node("a"), node("b"));
        assert_eq!(after(vec![Select::Press(a.clone())]).only(), Some(&a));
        assert!(after(vec![Select::Press(a.clone()), Select::Press(a.clone())]).is_empty());
        let both = after(vec![Select::Press(a.clone()), Select::Toggle(b.clone())]);
        assert_eq!((both.nodes().len(), both.only(), both.last()), (2, None, Some(&b)));
        assert_eq!(both.after(Select::Press(a.clone())).only(), Some(&a));
        assert_eq!(both.after(Select::Toggle(a.clone())).only(), Some(&b));
        assert_eq!(both.after(Select::Only(b.clone())).after(Select::Only(b.clone())).only(), Some(&b));
    }

    #[test]
    fn several_are_selected_by_presses_alone_where_that_is_wanted() {
        let (a, b) = (node("a"), node("b"));
        let both = after(vec![Select::Several, Select::Press(a.clone()), Select::Press(b.clone())]);
        assert_eq!(both.nodes(), [a.clone(), b]);
        assert_eq!(both.after(Select::Several).after(Select::Press(a.clone())).only(), Some(&a));
    }

    #[test]
    fn no_node_is_selected_twice() {
        let (a, b) = (node("a"), node("b"));
        let these = after(vec![Select::These(vec![a.clone(), b.clone(), a.clone()])]);
        assert_eq!(these.nodes(), [a.clone(), b.clone()]);
        assert_eq!(these.after(Select::Also(vec![b.clone(), a.clone()])).nodes(), [a, b]);
    }

    #[test]
    fn an_edge_is_selected_alone_and_goes_with_its_ends() {
        let (a, b) = (node("a"), node("b"));
        let edge = EdgeId { from: a.clone(), to: b.clone(), is_alternate: false };
        let selection = after(vec![Select::Only(a.clone()), Select::Edge(edge.clone())]);
        assert_eq!((selection.nodes().len(), selection.edge()), (0, Some(&edge)));
        assert!(selection.among(|node| *node != b).is_empty());
        assert!(selection.after(Select::Toggle(a.clone())).edge().is_none());
        assert_eq!(selection.among(|_| true), selection);
    }
}
