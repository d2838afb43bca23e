//! How tables are looked at: which one, filtered by words, in the order of a column.
//!
//! What always holds: a table is only ever looked at otherwise; no row and no cell is another than before. Rows that are alike in
//! the column keep their order.

use std::cmp::Ordering;

use super::Table;

/// So many rows of a table are shown before somebody wants to see more.
pub const ROWS_MAX: usize = 200;

/// The order of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which column, from 0.
    pub column: usize,
    /// The greatest first.
    pub descending: bool,
}

/// What somebody wants to see of tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// The caption of the only table that is wanted; all, if none is.
    pub only: Option<&'static str>,
    /// Words that a row must have, each of them in any cell.
    pub typed: String,
    /// Tables of which all rows are wanted.
    pub whole: Vec<&'static str>,
    /// By caption, the order that somebody chose.
    pub orders: Vec<(&'static str, Order)>,
}

impl Arrangement {
    /// The order of a table, if somebody chose one.
    pub fn order(&self, caption: &str) -> Option<Order> {
        self.orders.iter().find(|(of, _)| *of == caption).map(|(_, order)| *order)
    }

    /// The same after a heading was pressed: ascending by that column, and the other way round when it is pressed again.
    #[must_use]
    pub fn pressed(&self, caption: &'static str, column: usize) -> Arrangement {
        let descending = self.order(caption) == Some(Order { column, descending: false });
        let mut next = self.clone();
        next.orders.retain(|(of, _)| *of != caption);
        next.orders.push((caption, Order { column, descending }));
        next
    }

    /// The tables that are wanted, as they are wanted. Where there is nothing by that caption any more, all are.
    pub fn arranged(&self, mut tables: Vec<Table>) -> Vec<Table> {
        if let Some(only) = self.only.filter(|only| tables.iter().any(|table| table.caption == *only)) {
            tables.retain(|table| table.caption == only);
        }
        let words: Vec<String> = self.typed.split_whitespace().map(str::to_lowercase).collect();
        for table in &mut tables {
            if !words.is_empty() {
                table.rows.retain(|row| words.iter().all(|word| has(&row.cells, word)));
            }
            if let Some(order) = self.order(table.caption) {
                table.sort(order);
            }
        }
        tables
    }
}

fn has(cells: &[String], word: &str) -> bool {
    cells.iter().any(|cell| cell.to_lowercase().contains(word))
}

impl Table {
    fn sort(&mut self, Order { column, descending }: Order) {
        let Some(numeric) = self.columns.get(column).map(|column| column.numeric) else { return };
        // Sorting keeps the order of what is equal, also the other way round.
        self.rows.sort_by(|one, other| {
            let (one, other) = (one.cells.get(column), other.cells.get(column));
            let (one, other) = (one.map_or("", String::as_str), other.map_or("", String::as_str));
            compared(one, other, numeric, descending)
        });
    }
}

/// What is no number comes after those that are, either way.
fn compared(one: &str, other: &str, numeric: bool, descending: bool) -> Ordering {
    let turned = |order: Ordering| if descending { order.reverse() } else { order };
    if !numeric {
        return turned(one.to_lowercase().cmp(&other.to_lowercase()));
    }
    match (value(one), value(other)) {
        (Some(one), Some(other)) => turned(one.cmp(&other)),
        (None, None) => Ordering::Equal,
        (one, other) => other.is_some().cmp(&one.is_some()),
    }
}

/// The number that a cell begins with, in thousandths: `1,200/s` and `85%` have one.
fn value(cell: &str) -> Option<i64> {
    let (negative, cell) = cell.strip_prefix('-').map_or((false, cell), |rest| (true, rest));
    let end = cell.find(|sign: char| !sign.is_ascii_digit() && !matches!(sign, ',' | '.')).unwrap_or(cell.len());
    let (whole, part) = cell.get(..end)?.split_once('.').unwrap_or((cell.get(..end)?, ""));
    let whole: i64 = whole.replace(',', "").parse().ok()?;
    let part: i64 = format!("{part:0<3}").get(..3)?.parse().ok()?;
    let value = whole.checked_mul(1_000)?.checked_add(part)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::super::{number, text};
    use super::*;

    fn table(rows: &[[&str; 2]]) -> Table {
        let rows = rows.iter().map(|row| row.map(str::to_owned).to_vec().into()).collect();
        Table { caption: "Queues", columns: vec![text("Name"), number("incoming")], rows }
    }

    fn names(tables: &[Table]) -> Vec<&str> {
        tables.iter().flat_map(|table| &table.rows).map(|row| row.cells[0].as_str()).collect()
    }

    #[test]
    fn numbers_are_sorted_as_numbers_and_what_is_none_comes_last() {
        let rows = [["b", "12/s"], ["none", ""], ["c", "1,200/s"], ["a", "0.40/s"], ["d", "2.5/s"], ["e", "12/s"]];
        let arrangement = Arrangement::default().pressed("Queues", 1);
        assert_eq!(names(&arrangement.arranged(vec![table(&rows)])), ["a", "d", "b", "e", "c", "none"]);
        let again = arrangement.pressed("Queues", 1);
        assert_eq!(again.order("Queues"), Some(Order { column: 1, descending: true }));
        assert_eq!(names(&again.arranged(vec![table(&rows)])), ["c", "b", "e", "d", "a", "none"]);
        assert_eq!(again.pressed("Queues", 1), arrangement);
        assert_eq!(value("100%"), Some(100_000));
        assert_eq!(value("-1.25"), Some(-1_250));
        assert_eq!(value("unlimited"), None);
    }

    #[test]
    fn names_are_sorted_whatever_their_case() {
        let arrangement = Arrangement::default().pressed("Queues", 0);
        let rows = [["b", "1"], ["A", "2"], ["C", "3"]];
        assert_eq!(names(&arrangement.arranged(vec![table(&rows)])), ["A", "b", "C"]);
        assert_eq!(names(&arrangement.pressed("Queues", 0).arranged(vec![table(&rows)])), ["C", "b", "A"]);
    }

    #[test]
    fn all_words_are_in_what_is_left() {
        let rows = [["orders.new", "5"], ["orders.old", "7"], ["audit", "5"]];
        let left = |typed: &str| {
            let arrangement = Arrangement { typed: typed.to_owned(), ..Arrangement::default() };
            names(&arrangement.arranged(vec![table(&rows)])).join(" ")
        };
        assert_eq!(left(" ORDERS "), "orders.new orders.old");
        assert_eq!(left("orders 5"), "orders.new");
        assert_eq!(left("nothing"), "");
    }

    #[test]
    fn one_table_alone_as_long_as_it_is_there() {
        let two = || vec![table(&[["a", "1"]]), Table { caption: "Policies", ..table(&[["p", "1"]]) }];
        let only = |caption| Arrangement { only: Some(caption), ..Arrangement::default() };
        assert_eq!(names(&only("Policies").arranged(two())), ["p"]);
        assert_eq!(names(&only("Requests").arranged(two())), ["a", "p"]);
    }
}
