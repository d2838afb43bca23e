//! A table as text for other programs: CSV for spreadsheets, Markdown for documents.
//!
//! What always holds: nothing of a name becomes anything but the text of its cell. What stands above several headings is left out.

use super::super::csv::{Field, record};
use super::super::markdown;
use super::super::paper::Form;
use super::{Column, Table};

/// A table as text.
pub fn written(table: &Table, form: Form) -> String {
    match form {
        Form::Csv => csv(table),
        Form::Markdown | Form::Text => as_markdown(table),
    }
}

/// Several tables under a title, as Markdown. Those without rows are left out.
pub fn all_written(title: &str, tables: &[Table]) -> String {
    let tables = tables.iter().filter(|table| !table.rows.is_empty()).map(|table| format!("\n{}", as_markdown(table)));
    std::iter::once(format!("# {}\n", markdown::text(title))).chain(tables).collect()
}

/// As CSV.
fn csv(table: &Table) -> String {
    let field = |column: &Column, text| if column.numeric { Field::Number(text) } else { Field::Text(text) };
    let headings = record(table.columns.iter().map(|column| Field::Text(column.heading)));
    let rows = table.rows.iter();
    let rows = rows.map(|row| record(table.columns.iter().zip(&row.cells).map(|(column, text)| field(column, text))));
    std::iter::once(headings).chain(rows).collect()
}

/// As a table in Markdown under its name, numbers at the right.
fn as_markdown(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let headings = table.columns.iter().map(|column| markdown::text(column.heading)).collect();
    let rules = table.columns.iter().map(|column| if column.numeric { "---:" } else { "---" }.to_owned()).collect();
    let rows = table.rows.iter().map(|row| line(row.cells.iter().map(|text| markdown::text(text)).collect()));
    let head = format!("## {}\n\n{}{}", markdown::text(table.caption), line(headings), line(rules));
    std::iter::once(head).chain(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{number, text};
    use super::*;

    fn table() -> Table {
        let rows = [["a,\"b\"", "-1"], ["=cmd()", "2"], ["*.bird|<b>\nx", "1,200/s"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec().into()).to_vec();
        Table { caption: "Queues", columns: vec![text("Name"), number("Ready")], rows }
    }

    #[test]
    fn names_stay_names() {
        let wanted = "Name,Ready\r\n\"a,\"\"b\"\"\",-1\r\n'=cmd(),2\r\n\"*.bird|<b>\nx\",\"1,200/s\"\r\n";
        assert_eq!(csv(&table()), wanted);
        let wanted = "## Queues\n\n| Name | Ready |\n| --- | ---: |\n| a,\"b\" | -1 |\n| =cmd() | 2 |\n| \\*.bird\\|\\<b\\> x | 1,200/s |\n";
        assert_eq!(as_markdown(&table()), wanted);
    }

    #[test]
    fn all_tables_stand_under_a_title() {
        let empty = Table { rows: Vec::new(), ..table() };
        let all = all_written("a_b", &[table(), empty]);
        assert_eq!(all, format!("# a\\_b\n\n{}", as_markdown(&table())));
    }
}
