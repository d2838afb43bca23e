//! What property tests, scenario tests and the fuzz target share: commands out of bytes and a drive that applies them,
//! scenarios out of seeds, a ledger kept from events alone, and an audit of whole worlds; what must hold of any file.

#![allow(dead_code)] // each test program uses a part of it

pub mod audit;
pub mod commands;
pub mod drive;
pub mod ledger;
pub mod promises;
pub mod scenario_file;
pub mod worlds;
