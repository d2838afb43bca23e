//! What is printed: lines for people, or JSON for programs.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

use serde_json::json;
use warren::simulation::LogEntry;
use warren::view::explain::Teller;
use warren::view::tables::{Table, tables};
use warren::view::{Film, Scene};

/// Standard output, until nobody reads it any more.
pub struct Printer {
    out: BufWriter<Stdout>,
    json: bool,
    is_closed: bool,
}

impl Printer {
    pub fn new(json: bool) -> Self {
        Printer { out: BufWriter::new(io::stdout()), json, is_closed: false }
    }

    /// An entry of the log.
    pub fn entry(&mut self, entry: &LogEntry, film: &Film) -> Result<(), String> {
        if self.json {
            let line = serde_json::to_string(entry).map_err(|error| format!("entry {}: {error}", entry.seq))?;
            return self.line(&line);
        }
        let sentence = Teller::new(film, &film.history().front().board).sentence(entry).to_string();
        self.line(&format!("{:>8} ms  {}", entry.at_ms, harmless(&sentence)))
    }

    /// What is where at the end.
    pub fn tables(&mut self, now_ms: u64, scene: &Scene) -> Result<(), String> {
        if !self.json {
            self.line(&format!("\nAt {now_ms} ms"))?;
        }
        for table in tables(scene, now_ms) {
            if self.json {
                let columns: Vec<&str> = table.columns.iter().map(|column| column.heading).collect();
                let rows: Vec<&[String]> = table.rows.iter().map(|row| &row.cells[..]).collect();
                let table = json!({"caption": table.caption, "columns": columns, "rows": rows});
                self.line(&json!({ "table": table }).to_string())?;
            } else if !table.rows.is_empty() {
                self.line(&format!("\n{}", table.caption))?;
                self.line(&aligned(&table))?;
            }
        }
        if !self.json {
            self.line("")?;
        }
        Ok(())
    }

    /// What was expected.
    pub fn goal(&mut self, text: &str, is_met: bool, told: &str) -> Result<(), String> {
        if self.json {
            return self.line(&json!({"goal": {"text": text, "met": is_met, "counted": told}}).to_string());
        }
        let sign = if is_met { "met    " } else { "not met" };
        self.line(&format!("{sign}  {} ({})", harmless(text), harmless(told)))
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        if self.is_closed {
            return Ok(());
        }
        self.written(|out| writeln!(out, "{line}"))
    }

    fn written(&mut self, write: impl FnOnce(&mut BufWriter<Stdout>) -> io::Result<()>) -> Result<(), String> {
        match write(&mut self.out) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            Err(error) => Err(format!("standard output: {error}")),
        }
    }

    /// Nothing more will be printed.
    pub fn finish(mut self) -> Result<(), String> {
        if self.is_closed { Ok(()) } else { self.written(BufWriter::flush) }
    }
}

/// Text that cannot control a terminal: control characters are written out.
fn harmless(text: &str) -> String {
    let written = |sign: char| if sign.is_control() { sign.escape_default().to_string() } else { sign.to_string() };
    text.chars().map(written).collect()
}

/// A table as text: numbers to the right, all else to the left.
fn aligned(table: &Table) -> String {
    let headings = table.columns.iter().map(|column| column.heading.to_owned()).collect();
    let rows = std::iter::once(headings).chain(table.rows.iter().map(|row| row.cells.clone()));
    let rows: Vec<Vec<String>> = rows.map(|row| row.iter().map(|cell| harmless(cell)).collect()).collect();
    let width = |index: usize| rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..table.columns.len()).map(|index| width(index).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&table.columns).zip(&widths).map(|((cell, column), width)| {
            if column.numeric { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
        });
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
