//! The story as text, as Markdown and as CSV, oldest first, to be pasted elsewhere.
//!
//! What always holds: nothing of a name or a payload is taken for Markdown, HTML or a formula.

use std::rc::Rc;

use crate::view::csv::{Field, record};
use crate::view::markdown;
use crate::view::paper::Form;
use crate::view::sentence::{Part, Sentence};

use super::page::{Line, Page, Paragraph};

/// A page under a title. What is not on it is said. The set-up was `start` entries: events are counted from there on.
pub fn written(title: &str, page: &Page, form: Form, start: usize) -> String {
    let mut text = match form {
        Form::Text => format!("{}\n", one_line(title)),
        Form::Markdown => format!("# {}\n", markdown::text(title)),
        Form::Csv => return csv(page, start),
    };
    if page.has_more || page.searched_from_ms.is_some() {
        text.push_str("\nWhat came before this is left out.\n");
    }
    for paragraph in page.paragraphs.iter().rev() {
        text.push('\n');
        paragraph_in(&mut text, paragraph, form);
    }
    text
}

/// A record for each event, and the paragraph that it is in: paragraphs are counted from the first that is told. What belongs to
/// the set-up has no number.
fn csv(page: &Page, start: usize) -> String {
    let headings = ["Paragraph", "Event", "Time (ms)", "What happened"].map(Field::Text);
    let mut text = record(headings);
    for (place, paragraph) in page.paragraphs.iter().rev().enumerate() {
        let heading = paragraph.is_event.then_some(&paragraph.heading);
        for line in heading.into_iter().chain(&paragraph.steps) {
            let event = line.seq.saturating_sub(start as u64);
            let event = if event == 0 { String::new() } else { event.to_string() };
            let (place, at_ms) = ((place + 1).to_string(), line.at_ms.to_string());
            let sentence = sentence(&line.sentence, Form::Csv);
            let fields = [Field::Number(&place), Field::Number(&event), Field::Number(&at_ms), Field::Text(&sentence)];
            text.push_str(&record(fields));
        }
    }
    text
}

fn paragraph_in(text: &mut String, Paragraph { heading, steps, left_out, .. }: &Paragraph, form: Form) {
    let (before, between, after) = match form {
        Form::Text | Form::Csv => ("", "  ", "\n"),
        Form::Markdown => ("**", "** ", "\n\n"),
    };
    line_in(text, (before, between, after), heading, form);
    let (before, between, after) = match form {
        Form::Text | Form::Csv => ("    ", "  ", "\n"),
        Form::Markdown => ("- ", ": ", "\n"),
    };
    if *left_out > 0 {
        text.push_str(before);
        text.push_str(&format!("({left_out} steps are left out)\n"));
    }
    for step in steps {
        line_in(text, (before, between, after), step, form);
    }
}

fn line_in(text: &mut String, around: (&str, &str, &str), line: &Rc<Line>, form: Form) {
    let (before, between, after) = around;
    text.push_str(before);
    text.push_str(&seconds(line.at_ms));
    text.push_str(between);
    text.push_str(&sentence(&line.sentence, form));
    text.push_str(after);
}

/// A moment as the page writes it: seconds with one digit behind the point.
fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
}

fn sentence(sentence: &Sentence, form: Form) -> String {
    match form {
        Form::Text | Form::Csv => one_line(&sentence.parts().iter().map(in_words).collect::<String>()),
        Form::Markdown => markdown::sentence(sentence),
    }
}

/// A part of a sentence in plain text: a name that could be taken for the words around it stands between quotation marks.
fn in_words(part: &Part) -> String {
    match part {
        Part::Words(words) => words.clone(),
        Part::Name(name) => {
            // What stands in brackets, like (AMQP default), is told from words by these.
            let blends_in = !name.starts_with('(')
                && (name.contains(char::is_whitespace) || name.ends_with(['.', ',', ':', ';', '!', '?']));
            if blends_in { format!("\u{201c}{name}\u{201d}") } else { name.to_string() }
        }
    }
}

/// Text on one line.
fn one_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}
