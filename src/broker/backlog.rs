//! A map whose keys arrive nearly ascending and leave nearly from the front: what is unsettled, what is planned.
//!
//! What always holds: keys ascend, and none is there twice. Adding or taking moves what is on the shorter side, so both
//! ends are quick, however long it is; with [`OrderedMap`](super::ordered::OrderedMap), only the back is.

use std::collections::{VecDeque, vec_deque};

use serde::{Deserialize, Serialize, Serializer};

use super::ordered::OrderedMap;

/// Values by key, in the order of keys.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "OrderedMap<K, V>", bound(deserialize = "K: Deserialize<'de> + Ord, V: Deserialize<'de>"))]
pub struct Backlog<K, V>(VecDeque<(K, V)>);

impl<K, V> Backlog<K, V> {
    /// An empty one.
    pub const fn new() -> Self {
        Backlog(VecDeque::new())
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys, ascending.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values, by key.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values, by key, to be changed.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// The values, by key.
    pub fn into_values(self) -> impl ExactSizeIterator<Item = V> {
        self.0.into_iter().map(|(_, value)| value)
    }

    /// Takes the smallest key.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        self.0.pop_front()
    }
}

impl<K: Ord, V> Backlog<K, V> {
    /// Where a key is, or where it belongs.
    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        let place = self.place(key).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        // Nearly always the greatest.
        let place = match self.0.back() {
            Some((last, _)) if *last >= key => self.place(&key),
            _ => Err(self.0.len()),
        };
        match place {
            Ok(place) => self.0[place].1 = value,
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    /// Takes a key away; its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.place(key).ok()?;
        self.0.remove(place).map(|(_, value)| value)
    }
}

impl<K, V> Default for Backlog<K, V> {
    fn default() -> Self {
        Backlog::new()
    }
}

impl<K, V> From<OrderedMap<K, V>> for Backlog<K, V> {
    fn from(map: OrderedMap<K, V>) -> Self {
        Backlog(map.into_iter().collect())
    }
}

impl<'a, K, V> IntoIterator for &'a Backlog<K, V> {
    type Item = &'a (K, V);
    type IntoIter = vec_deque::Iter<'a, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<K: Serialize, V: Serialize> Serialize for Backlog<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_is_what_the_standard_map_is() {
        let (mut backlog, mut other) = (Backlog::default(), BTreeMap::new());
        let mut rng = oorandom::Rand64::new(7);
        for value in 0..5_000 {
            let key = rng.rand_range(0..100);
            match rng.rand_range(0..5) {
                0 | 1 => {
                    backlog.insert(key, value);
                    other.insert(key, value);
                }
                2 => assert_eq!(backlog.remove(&key), other.remove(&key)),
                3 if key < 30 => assert_eq!(backlog.pop_first(), other.pop_first()),
                _ => assert_eq!(backlog.get(&key), other.get(&key)),
            }
            assert!(backlog.iter().eq(other.iter()) && backlog.len() == other.len());
            assert!(backlog.keys().eq(other.keys()) && backlog.values().eq(other.values()));
        }
        let text = serde_json::to_string(&backlog).expect("text");
        assert_eq!(Ok(text.clone()), serde_json::to_string(&other).map_err(|error| error.to_string()));
        assert_eq!(serde_json::from_str::<Backlog<u64, u64>>(&text).expect("a map"), backlog);
    }
}
