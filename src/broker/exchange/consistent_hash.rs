//! `x-consistent-hash`: a ring of buckets, as many for each destination as its binding key says; a hash of the
//! message picks the bucket.
//! Source: `rabbitmq_consistent_hash_exchange/src/rabbit_exchange_type_consistent_hash.erl`.
//!
//! What always holds: a destination is on the ring once, by the binding that put it there; later bindings to it
//! add nothing, and removing *any* of its bindings takes it off. The hash is not RabbitMQ's `phash2`, nor its
//! random numbers: which queue a key goes to differs, how keys spread and move does not.

use super::headers::{Found, header};
use super::{Slot, headers};
use crate::broker::binding::{Bound, Target};
use crate::broker::error::AmqpError;
use crate::broker::message::Message;
use crate::broker::name::Name;
use crate::broker::table::{Table, Value};

/// The greatest weight of a binding.
const MAX_WEIGHT: u64 = 10_000;

/// What is hashed.
#[derive(Clone, Debug)]
enum HashOn {
    RoutingKey,
    Header(Name),
    CorrelationId,
    MessageId,
    Timestamp,
}

/// Refuses arguments that name nothing to hash; those of a wrong type crash the channel, as in RabbitMQ.
pub(super) fn validate(arguments: &Table) -> Result<(), AmqpError> {
    let text = |key: &str| match arguments.get(key) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(AmqpError::crash),
    };
    match (text("hash-header")?, text("hash-property")?) {
        (Some(_), Some(_)) => {
            Err(AmqpError::precondition_failed("hash-header and hash-property are mutually exclusive"))
        }
        (None, Some(property)) if !["correlation_id", "message_id", "timestamp"].contains(&property) => {
            Err(AmqpError::precondition_failed(format_args!("Unsupported property: {property}")))
        }
        _ => Ok(()),
    }
}

/// The weight a binding key stands for; 406 if it is none.
pub(super) fn weight(key: &str) -> Result<u64, AmqpError> {
    let (negative, digits) = match key.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, key.strip_prefix('+').unwrap_or(key)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let key = headers::erlang_binary(key.as_bytes());
        return Err(AmqpError::precondition_failed(format_args!("The binding key must be an integer: {key}")));
    }
    // What does not fit is too great anyway.
    match digits.parse().unwrap_or(u64::MAX) {
        weight if negative || weight == 0 => {
            Err(AmqpError::precondition_failed("The binding key must be greater than 0"))
        }
        weight if weight > MAX_WEIGHT => {
            Err(AmqpError::precondition_failed(format_args!("The binding key must not exceed {MAX_WEIGHT}")))
        }
        weight => Ok(weight),
    }
}

/// The ring.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    hash_on: HashOn,
    /// In the order of the buckets, which is that of binding.
    arcs: Vec<Arc>,
}

/// The buckets of one destination.
#[derive(Clone, Debug)]
struct Arc {
    slot: Slot,
    target: Target,
    buckets: u64,
    /// The bucket after its last.
    end: u64,
}

impl Ring {
    pub(super) fn new(arguments: &Table) -> Self {
        let header = arguments.get("hash-header").and_then(Value::as_name);
        let property = arguments.get("hash-property").and_then(Value::as_str);
        let hash_on = match (header, property) {
            (Some(header), _) => HashOn::Header(header.clone()),
            (_, Some("correlation_id")) => HashOn::CorrelationId,
            (_, Some("message_id")) => HashOn::MessageId,
            (_, Some("timestamp")) => HashOn::Timestamp,
            _ => HashOn::RoutingKey,
        };
        Ring { hash_on, arcs: Vec::new() }
    }

    pub(super) fn insert(&mut self, bound: &Bound, slot: Slot) {
        if self.arcs.iter().any(|arc| arc.target == bound.target) {
            return;
        }
        if let Ok(buckets) = weight(&bound.binding.routing_key) {
            let end = self.bucket_count() + buckets;
            self.arcs.push(Arc { slot, target: bound.target.clone(), buckets, end });
        }
    }

    pub(super) fn remove(&mut self, target: &Target) {
        self.arcs.retain(|arc| arc.target != *target);
        let mut end = 0;
        for arc in &mut self.arcs {
            end += arc.buckets;
            arc.end = end;
        }
    }

    /// Whether that binding is the one that put its destination on the ring.
    pub(super) fn holds(&self, slot: Slot) -> bool {
        self.arcs.binary_search_by_key(&slot, |arc| arc.slot).is_ok()
    }

    pub(super) fn choose(&self, message: &Message) -> Option<Slot> {
        let bucket = jump_consistent_hash(self.hash(message), self.bucket_count())?;
        let arc = self.arcs.partition_point(|arc| arc.end <= bucket);
        self.arcs.get(arc).map(|arc| arc.slot)
    }

    fn bucket_count(&self) -> u64 {
        self.arcs.last().map_or(0, |arc| arc.end)
    }

    /// The number a message stands for. Of several routing keys the first one counts. What is missing has a
    /// number too, always the same.
    fn hash(&self, message: &Message) -> u64 {
        let text = |text: &Option<Name>| text.as_deref().map(|text| Hasher::of(text.as_bytes()));
        let hash = match &self.hash_on {
            HashOn::RoutingKey => Some(Hasher::of(message.routing_keys.key.as_bytes())),
            HashOn::Header(key) => header(message, key).map(|found| match found {
                Found::Text(text) => Hasher::of(text.as_bytes()),
                Found::Value(value) => {
                    let mut hasher = Hasher::default();
                    hasher.value(value);
                    hasher.finish()
                }
            }),
            HashOn::CorrelationId => text(&message.properties.correlation_id),
            HashOn::MessageId => text(&message.properties.message_id),
            HashOn::Timestamp => message.properties.timestamp.map(|at| Hasher::of(at.to_string().as_bytes())),
        };
        hash.unwrap_or_else(|| Hasher::default().finish())
    }
}

/// The bucket of a number: of `buckets` + 1 buckets only the part that goes to the new one moves.
/// Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm".
fn jump_consistent_hash(mut number: u64, buckets: u64) -> Option<u64> {
    let (mut bucket, mut next) = (None, 0);
    while next < buckets {
        bucket = Some(next);
        number = number.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        let step = (1_u64 << 31) as f64 / ((number >> 33) + 1) as f64;
        next = ((next + 1) as f64 * step) as u64;
    }
    bucket
}

/// FNV-1a of 64 bits, its bits mixed at the end as SplitMix64 does.
struct Hasher(u64);

impl Default for Hasher {
    fn default() -> Self {
        Hasher(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher {
    fn of(bytes: &[u8]) -> u64 {
        let mut hasher = Hasher::default();
        hasher.bytes(bytes);
        hasher.finish()
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Values that are one Erlang term have one hash.
    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.bytes(text.as_bytes()),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Table(table) => table.iter().for_each(|(key, value)| {
                self.bytes(key.as_bytes());
                self.value(value);
            }),
            Value::F32(_) | Value::F64(_) => self.bytes(&value.as_float().unwrap_or_default().to_bits().to_le_bytes()),
            other => self.bytes(other.to_string().as_bytes()),
        }
    }

    fn finish(self) -> u64 {
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{exchange, message, routed, table, to_queue};
    use super::super::{Exchange, ExchangeType};
    use super::*;

    fn ring(weights: &[(u32, &str)]) -> Exchange {
        let mut x = exchange("x", ExchangeType::ConsistentHash, &[]);
        weights.iter().for_each(|(queue, weight)| assert!(x.bind(to_queue(*queue, weight))));
        x
    }

    /// Which queue each of 10,000 keys goes to.
    fn spread(x: &Exchange) -> Vec<u32> {
        let choice = |n: u32| match routed(x, &message(&[&format!("key{n}")], None), 0)[..] {
            [queue] => queue,
            _ => 0,
        };
        (0..10_000).map(choice).collect()
    }

    #[test]
    fn weights_share_the_keys_and_a_new_queue_moves_only_its_own() {
        let two = spread(&ring(&[(1, "1"), (2, "3")]));
        let share = two.iter().filter(|queue| **queue == 2).count();
        assert!((7_200..7_800).contains(&share), "{share}");
        let three = spread(&ring(&[(1, "1"), (2, "3"), (3, "2")]));
        assert!(two.iter().zip(&three).all(|(before, after)| before == after || *after == 3));
        assert_eq!(spread(&ring(&[]))[..3], [0, 0, 0]);
    }

    #[test]
    fn a_destination_is_on_the_ring_once_and_leaves_with_any_binding() {
        let mut x = ring(&[(1, "1"), (2, "1"), (1, "5")]);
        assert_eq!(spread(&x), spread(&ring(&[(1, "1"), (2, "1")])));
        x.unbind(&to_queue(1, "5").binding);
        assert_eq!(x.binding_count(), 2);
        assert!(spread(&x).iter().all(|queue| *queue == 2));
        let read: Exchange = serde_json::from_str(&serde_json::to_string(&x).expect("json")).expect("json");
        assert_eq!(read, x);
        assert!(spread(&read).iter().all(|queue| *queue == 2));
    }

    #[test]
    fn header_or_property_is_hashed() {
        let on = |arguments: &[(&str, Value)]| {
            let mut x = exchange("x", ExchangeType::ConsistentHash, arguments);
            (0..50).for_each(|queue| assert!(x.bind(to_queue(queue, "1"))));
            x
        };
        let with = |value: Value| message(&["any"], Some(table(&[("h", value)])));
        let x = on(&[("hash-header", "h".into())]);
        let to = |message: &Message| routed(&x, message, 0);
        assert_eq!(to(&with(Value::I32(7))), to(&with(Value::I64(7))));
        assert_ne!(to(&with("a".into())), to(&with("b".into())));
        assert_eq!(to(&message(&["a"], None)), to(&message(&["b"], None)));

        let mut id = (*message(&["a"], None)).clone();
        id.properties = std::rc::Rc::new(crate::broker::properties::Properties {
            message_id: Some("a".into()),
            ..Default::default()
        });
        let by_id = on(&[("hash-property", "message_id".into())]);
        assert_eq!(routed(&by_id, &id, 0), to(&with("a".into())));
    }

    #[test]
    fn refusals() {
        let text =
            |result: Result<u64, AmqpError>| result.map_err(|error| error.text.replace("PRECONDITION_FAILED - ", ""));
        for (key, want) in [
            ("abc", "The binding key must be an integer: <<\"abc\">>"),
            ("", "The binding key must be an integer: <<>>"),
            ("1.5", "The binding key must be an integer: <<\"1.5\">>"),
            ("0", "The binding key must be greater than 0"),
            ("-99999999999999999999", "The binding key must be greater than 0"),
            ("10001", "The binding key must not exceed 10000"),
            ("99999999999999999999", "The binding key must not exceed 10000"),
        ] {
            assert_eq!(text(weight(key)), Err(want.into()), "{key}");
        }
        assert_eq!((weight("10000"), weight("+007")), (Ok(10_000), Ok(7)));

        let both = table(&[("hash-header", "h".into()), ("hash-property", "message_id".into())]);
        let bad = table(&[("hash-property", "bad".into())]);
        let wrong = table(&[("hash-header", Value::I32(1))]);
        let errors = [both, bad, wrong].map(|arguments| validate(&arguments).expect_err("wrong").text);
        assert_eq!(
            errors,
            [
                "PRECONDITION_FAILED - hash-header and hash-property are mutually exclusive",
                "PRECONDITION_FAILED - Unsupported property: bad",
                "INTERNAL_ERROR",
            ]
        );
    }
}
