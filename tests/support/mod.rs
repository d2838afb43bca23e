//! What the property tests and the fuzz target share: commands out of bytes, a ledger kept from events alone, and a
//! drive that applies the ones while the other looks on.

pub mod commands;
pub mod drive;
pub mod ledger;
