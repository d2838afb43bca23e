//! The forms by which something is done by hand: what is written in them, what is wrong with it, and the command that
//! it comes to. Their words are those of RabbitMQ's management UI.
//!
//! What always holds: a form that has nothing wrong with it has a command, and that is what a press of its button does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::broker::Name;
use crate::broker::table::{Table, Value};
use crate::share::Tree;
use crate::simulation::{GetEncoding, GetMode};

use super::catalog::{Entry, Form, PROPERTIES};
use super::command::{Answer, Command, Kind, Settings, Target};

/// What kind of value a header has, as the management UI offers it, and two that AMQP has besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderType {
    /// Text.
    #[default]
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list, as JSON has it.
    List,
    /// A table, as JSON has it.
    Table,
    /// Seconds since 1970.
    Timestamp,
}

impl HeaderType {
    /// All of them, in the order in which they are offered.
    pub const ALL: [HeaderType; 6] = [
        HeaderType::String,
        HeaderType::Number,
        HeaderType::Boolean,
        HeaderType::List,
        HeaderType::Table,
        HeaderType::Timestamp,
    ];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            HeaderType::String => "String",
            HeaderType::Number => "Number",
            HeaderType::Boolean => "Boolean",
            HeaderType::List => "List",
            HeaderType::Table => "Table",
            HeaderType::Timestamp => "Timestamp",
        }
    }

    /// The type of that name.
    pub fn of(word: &str) -> HeaderType {
        HeaderType::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or_default()
    }

    fn value(self, text: &str) -> Result<Tree, &'static str> {
        let number = |text: &str| match Tree::parse(text.trim().as_bytes()) {
            Ok(tree @ (Tree::Count(_) | Tree::Negative(_) | Tree::Fraction(_))) => Some(tree),
            _ => None,
        };
        match self {
            HeaderType::String => Ok(Tree::Text(text.to_owned())),
            HeaderType::Number => number(text).ok_or("expected a number"),
            HeaderType::Boolean => match text.trim() {
                "true" => Ok(Tree::Flag(true)),
                "false" => Ok(Tree::Flag(false)),
                _ => Err("expected true or false"),
            },
            HeaderType::List => match Tree::parse(text.as_bytes()) {
                Ok(tree @ Tree::List(_)) => Ok(tree),
                _ => Err("expected a list as JSON has it, such as [1, \"two\"]"),
            },
            HeaderType::Table => match Tree::parse(text.as_bytes()) {
                Ok(tree @ Tree::Object(_)) => Ok(tree),
                _ => Err("expected a table as JSON has it, such as {\"a\": 1}"),
            },
            HeaderType::Timestamp => match number(text) {
                Some(seconds @ Tree::Count(_)) => Ok(Tree::Object(vec![("timestamp".to_owned(), seconds)])),
                _ => Err("expected seconds since 1970"),
            },
        }
    }
}

/// A header that is being written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// The type of its value.
    pub kind: HeaderType,
    /// Its value.
    pub value: String,
}

impl Header {
    /// The headers of a table, as they would be written; without those that a form has no way to write.
    pub fn all(table: &Table) -> Vec<Header> {
        let headers = table.iter().filter_map(|(name, value)| {
            let kind = match value {
                Value::String(_) => HeaderType::String,
                Value::Bool(_) => HeaderType::Boolean,
                Value::Timestamp(_) => HeaderType::Timestamp,
                _ => HeaderType::Number,
            };
            let text = value.to_string();
            kind.value(&text).is_ok().then(|| Header { name: name.to_string(), kind, value: text })
        });
        headers.collect()
    }
}

/// A message that is being written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publish {
    /// The exchange; empty is the default one.
    pub exchange: String,
    /// The virtual host of the exchange.
    pub vhost: String,
    /// The client that publishes it; none is an operator.
    pub from: Option<Name>,
    /// The routing key.
    pub routing_key: String,
    /// The headers.
    pub headers: Vec<Header>,
    /// The other properties that are not empty, by their names in AMQP.
    pub properties: Vec<(&'static str, String)>,
    /// The payload.
    pub payload: String,
    /// Whether it is written in base64.
    pub is_base64: bool,
    /// Whether it comes back if it reaches no queue.
    pub mandatory: bool,
}

/// What is wrong with a field, by the field's name.
pub type Wrong = Vec<(String, String)>;

/// The properties that are offered, without those that stand by themselves.
pub fn properties() -> impl Iterator<Item = &'static Entry> {
    PROPERTIES.iter().filter(|entry| !["headers", "mandatory"].contains(&entry.key))
}

impl Publish {
    /// The value of a property, as it is written.
    pub fn property(&self, key: &str) -> &str {
        self.properties.iter().find(|(known, _)| *known == key).map_or("", |(_, value)| value)
    }

    /// Writes a property; an empty one is not there.
    pub fn set_property(&mut self, key: &'static str, value: String) {
        self.properties.retain(|(known, _)| *known != key);
        if !value.is_empty() {
            self.properties.push((key, value));
        }
    }

    /// What is wrong, field by field: `headers[0].value`, `priority`, `payload`.
    pub fn wrong(&self) -> Wrong {
        let mut wrong = Wrong::new();
        for (key, value) in &self.properties {
            if let Some(problem) = property_problem(key, value) {
                wrong.push(((*key).to_owned(), problem.to_owned()));
            }
        }
        for (index, header) in self.headers.iter().enumerate() {
            let is_again = self.headers[..index].iter().any(|other| other.name == header.name);
            let problem = match header.name.as_str() {
                "" if header.value.is_empty() => continue,
                "" => Some("expected a name"),
                name if name.len() > 255 => Some("expected at most 255 bytes"),
                _ if is_again => Some("this header is there already"),
                _ => None,
            };
            wrong.extend(problem.map(|problem| (format!("headers[{index}].name"), problem.to_owned())));
            if let Err(problem) = header.kind.value(&header.value) {
                wrong.push((format!("headers[{index}].value"), problem.to_owned()));
            }
        }
        if self.is_base64 && STANDARD.decode(self.payload.trim()).is_err() {
            wrong.push(("payload".to_owned(), "expected base64, such as aGVsbG8=".to_owned()));
        }
        if self.routing_key.len() > 255 {
            wrong.push(("routing_key".to_owned(), "expected at most 255 bytes".to_owned()));
        }
        wrong
    }

    /// The command that publishes it; none while something is wrong.
    pub fn command(&self) -> Option<Command> {
        if !self.wrong().is_empty() {
            return None;
        }
        let mut settings = Settings::new();
        let headers = self.headers.iter().filter(|header| !header.name.is_empty());
        let headers: Vec<(String, Tree)> =
            headers.filter_map(|header| Some((header.name.clone(), header.kind.value(&header.value).ok()?))).collect();
        for entry in properties() {
            let value = self.property(entry.key);
            if !value.is_empty() {
                settings.push((entry.key.to_owned(), property_value(entry, value)));
            }
        }
        if !headers.is_empty() {
            settings.push(("headers".to_owned(), Tree::Object(headers)));
        }
        let (usual, is_base64) = (self.from.is_none(), self.is_base64);
        if self.mandatory != usual {
            settings.push(("mandatory".to_owned(), Tree::Flag(self.mandatory)));
        }
        if is_base64 {
            settings.push(("payload_encoding".to_owned(), Tree::from("base64")));
        }
        match &self.from {
            Some(client) => settings.push(("from".to_owned(), Tree::from(client.as_str()))),
            None => settings.extend(vhost_setting(&self.vhost)),
        }
        let payload = if is_base64 { self.payload.trim().to_owned() } else { self.payload.clone() };
        let (exchange, key) = (self.exchange.as_str().into(), self.routing_key.as_str().into());
        Some(Command::Publish { exchange, key, payload, settings })
    }
}

/// A virtual host that has to be named.
fn vhost_setting(vhost: &str) -> Option<(String, Tree)> {
    (vhost != super::draft::SLASH).then(|| ("vhost".to_owned(), Tree::from(vhost)))
}

fn property_value(entry: &Entry, value: &str) -> Tree {
    let is_number = entry.form == Form::Number || entry.key == "delivery_mode";
    match value.trim().parse() {
        Ok(number) if is_number => Tree::Count(number),
        _ => Tree::from(value),
    }
}

fn property_problem(key: &str, value: &str) -> Option<&'static str> {
    let number = value.trim().parse::<u64>().ok();
    match key {
        "delivery_mode" if !matches!(number, Some(1 | 2)) => Some("expected 1 or 2"),
        "priority" if number.is_none_or(|number| number > 255) => Some("expected a number from 0 to 255"),
        "timestamp" if number.is_none() => Some("expected seconds since 1970"),
        // RabbitMQ takes up to 2^32 - 1.
        "expiration" if number.is_none_or(|number| number > u64::from(u32::MAX)) => {
            Some("expected milliseconds, such as 5000")
        }
        _ if value.len() > 255 => Some("expected at most 255 bytes"),
        _ => None,
    }
}

/// The ack modes with their names in the management UI.
pub const ACK_MODES: [(GetMode, &str); 5] = [
    (GetMode::AckRequeueTrue, "Nack message requeue true"),
    (GetMode::AckRequeueFalse, "Automatic ack"),
    (GetMode::RejectRequeueTrue, "Reject requeue true"),
    (GetMode::RejectRequeueFalse, "Reject requeue false"),
    (GetMode::Hold, "Hold, and settle by hand"),
];

/// How a payload that was got is shown, with its names in the management UI.
pub const ENCODINGS: [(GetEncoding, &str); 2] =
    [(GetEncoding::Auto, "Auto string / base64"), (GetEncoding::Base64, "base64")];

fn on_queue(vhost: &str, queue: &Name) -> (Target, Settings) {
    (Target::new(Kind::Queue, queue), vhost_setting(vhost).into_iter().collect())
}

/// What gets messages; none if that is no number of messages.
pub fn get(vhost: &str, queue: &Name, count: &str, mode: GetMode, encoding: GetEncoding) -> Option<Command> {
    let count = count.trim().parse::<u64>().ok().filter(|count| (1..=10_000).contains(count))?;
    let (queue, vhost) = on_queue(vhost, queue);
    let mut settings = Settings::new();
    if count != 1 {
        settings.push(("count".to_owned(), Tree::Count(count)));
    }
    settings.push(("ackmode".to_owned(), Tree::from(mode.as_str())));
    if encoding != GetEncoding::default() {
        settings.push(("encoding".to_owned(), Tree::from(encoding.as_str())));
    }
    settings.extend(vhost);
    Some(Command::Get { queue, settings })
}

/// What settles a message that is held.
pub fn settle(vhost: &str, answer: Answer, delivery_tag: u64, multiple: bool, requeue: bool) -> Command {
    let mut settings = Settings::new();
    if multiple && answer != Answer::Reject {
        settings.push(("multiple".to_owned(), Tree::Flag(true)));
    }
    if answer != Answer::Ack {
        settings.push(("requeue".to_owned(), Tree::Flag(requeue)));
    }
    settings.extend(vhost_setting(vhost));
    Command::Settle { answer, delivery_tag, settings }
}

/// What moves a queue's messages; none if it is not said where to.
pub fn move_messages(vhost: &str, queue: &Name, to: &str) -> Option<Command> {
    let (queue, settings) = on_queue(vhost, queue);
    (!to.is_empty()).then(|| Command::MoveMessages { queue, to: to.into(), settings })
}

/// What empties a queue.
pub fn purge(vhost: &str, queue: &Name) -> Command {
    let (target, settings) = on_queue(vhost, queue);
    Command::Control { control: super::command::Control::Purge, target, settings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Publish {
        Publish {
            exchange: "nature".into(),
            vhost: "/".into(),
            routing_key: "animal.bird".into(),
            payload: "hello you".into(),
            mandatory: true,
            ..Publish::default()
        }
    }

    fn line(form: &Publish) -> String {
        form.command().map_or_else(|| format!("{:?}", form.wrong()), |command| command.to_string())
    }

    #[test]
    fn what_is_written_is_the_command_that_does_it() {
        assert_eq!(line(&written()), "publish nature animal.bird \"hello you\"");
        let mut form = Publish { mandatory: false, vhost: "v".into(), ..written() };
        form.set_property("priority", "3".into());
        form.set_property("message_id", "7".into());
        form.set_property("app_id", "x".into());
        form.set_property("app_id", String::new());
        form.headers = ["String", "Number", "Boolean", "List", "Table", "Timestamp"]
            .into_iter()
            .zip(["a b", "-2", "true", "[1]", "{\"x\": 1}", "60"])
            .map(|(kind, value)| Header { name: kind.to_lowercase(), kind: HeaderType::of(kind), value: value.into() })
            .collect();
        form.headers.push(Header::default());
        assert_eq!(
            line(&form),
            "publish nature animal.bird \"hello you\" priority=3 message_id=\"7\" headers={\"string\": \"a b\", \
             \"number\": -2, \"boolean\": true, \"list\": [1], \"table\": {\"x\": 1}, \"timestamp\": {\"timestamp\": 60}} \
             mandatory=false vhost=v"
        );
        let form = Publish { from: Some("p".into()), payload: "/w==".into(), is_base64: true, ..written() };
        assert_eq!(line(&form), "publish nature animal.bird \"/w==\" mandatory=true payload_encoding=base64 from=p");
    }

    #[test]
    fn headers_of_a_table_are_written_with_their_types() {
        let list = Value::Array(vec![Value::I32(1)]);
        let values = [Value::from("1"), Value::I32(1), Value::F64(1.5), Value::Bool(true), Value::Timestamp(60), list];
        let table: Table =
            values.into_iter().enumerate().map(|(at, value)| (Name::from(format!("h{at}")), value)).collect();
        let written: Vec<String> = Header::all(&table)
            .into_iter()
            .map(|header| format!("{} {} {}", header.name, header.kind.word(), header.value))
            .collect();
        assert_eq!(written, ["h0 String 1", "h1 Number 1", "h2 Number 1.5", "h3 Boolean true", "h4 Timestamp 60"]);
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let mut form = Publish { is_base64: true, payload: "!".into(), ..written() };
        form.set_property("priority", "256".into());
        form.set_property("expiration", "soon".into());
        form.set_property("delivery_mode", "3".into());
        form.headers = vec![
            Header { name: "a".into(), kind: HeaderType::Number, value: "x".into() },
            Header { name: "a".into(), ..Header::default() },
            Header { value: "x".into(), ..Header::default() },
        ];
        let wrong = form.wrong();
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        let expected = [
            "priority",
            "expiration",
            "delivery_mode",
            "headers[0].value",
            "headers[1].name",
            "headers[2].name",
            "payload",
        ];
        assert_eq!(fields, expected);
        assert_eq!(form.command(), None);
    }

    #[test]
    fn the_other_forms_are_commands_too() {
        let said = |command: Option<Command>| command.map(|command| command.to_string()).unwrap_or_default();
        let q: Name = "my queue".into();
        assert_eq!(said(get("/", &q, "1", GetMode::Hold, GetEncoding::Auto)), "get \"queue:my queue\" ackmode=hold");
        assert_eq!(
            said(get("v", &q, " 20 ", GetMode::AckRequeueTrue, GetEncoding::Base64)),
            "get \"queue:my queue\" count=20 ackmode=ack_requeue_true encoding=base64 vhost=v"
        );
        assert_eq!(get("/", &q, "0", GetMode::Hold, GetEncoding::Auto), None);
        assert_eq!(said(Some(settle("/", Answer::Ack, 3, true, false))), "ack 3 multiple=true");
        assert_eq!(said(Some(settle("v", Answer::Nack, 3, false, true))), "nack 3 requeue=true vhost=v");
        assert_eq!(said(Some(settle("/", Answer::Reject, 3, true, false))), "reject 3 requeue=false");
        assert_eq!(said(move_messages("/", &q, "other")), "move \"queue:my queue\" -> other");
        assert_eq!(move_messages("/", &q, ""), None);
        assert_eq!(said(Some(purge("v", &q))), "purge \"queue:my queue\" vhost=v");
        assert_eq!(ACK_MODES.map(|(mode, _)| mode), GetMode::ALL);
        assert_eq!(ENCODINGS.map(|(encoding, _)| encoding), GetEncoding::ALL);
    }
}
