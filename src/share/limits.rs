//! How much a scenario file may hold. Every limit of the format stands here, beside those that the simulation has of
//! its own; what exceeds one is refused with its place, before anything is made from it.

/// A file, bytes.
pub const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Values inside of values.
pub const DEPTH_MAX: usize = 40;
/// Values of a file, all together.
pub const VALUES_MAX: usize = 1_000_000;
/// Entries of a list, or fields of an object, wherever no smaller limit holds.
pub const ENTRIES_MAX: usize = 100_000;
/// A name, a key, and any other text that is a short string in AMQP, bytes.
pub const NAME_BYTES_MAX: usize = 255;
/// A payload, a text of a lesson, the value of a header; bytes.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// Nodes may stand so far from the middle, either way, in the layout's units.
pub const LAYOUT_MAX: i32 = 1_000_000;
/// The slowest and the fastest speed of a view, virtual milliseconds a real one.
pub const SPEEDS: std::ops::RangeInclusive<f64> = 0.01..=1_000.0;

/// Entries of some lists: their field, and how many.
const LISTS: [(&str, usize); 3] = [("clients", 1_000), ("script", 10_000), ("expect", 1_000)];

/// Fields that are prose, patterns or secrets, and no names.
const LONG_TEXTS: [&str; 10] = [
    "text",
    "description",
    "explanation",
    "pattern",
    "configure",
    "write",
    "read",
    "payload_contains",
    "password_hash",
    "payload",
];

/// How many entries a list may have, if it is the value of this field.
pub fn entries_max(field: &str) -> usize {
    LISTS.iter().find(|(name, _)| *name == field).map_or(ENTRIES_MAX, |(_, most)| *most)
}

/// How many bytes a text may have, if it is the value of this field.
pub fn text_bytes_max(field: &str) -> usize {
    if LONG_TEXTS.contains(&field) { TEXT_BYTES_MAX } else { NAME_BYTES_MAX }
}
