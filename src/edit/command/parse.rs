//! From a line to a command. Every mistake has a place, and says what is expected there.

use crate::broker::Name;
use crate::share::Tree;

use super::super::words::{Mistake, Placed, Word, words};
use super::{Answer, BrokerControl, Command, Control, Kind, Settings, Target, VERBS};

/// The rest of a line while it is parsed.
struct Rest<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<Placed>>,
    usage: &'a str,
    /// The end of the line, where what is missing is missed.
    end: usize,
}

impl Rest<'_> {
    fn missing(&mut self, what: &str) -> Mistake {
        let at = self.words.peek().map_or(self.end, |placed| placed.start);
        Mistake::new(at, format!("expected {what}: `{}`", self.usage))
    }

    fn name(&mut self, what: &str) -> Result<String, Mistake> {
        self.optional_name().ok_or_else(|| self.missing(what))
    }

    fn optional_name(&mut self) -> Option<String> {
        match self.words.next_if(|placed| matches!(placed.word, Word::Text(_)))?.word {
            Word::Text(text) => Some(text),
            _ => None,
        }
    }

    fn target(&mut self, what: &str) -> Result<Target, Mistake> {
        self.name(what).map(|text| Target::parse(&text))
    }

    /// One name at least, and all that follow.
    fn targets(&mut self) -> Result<Vec<Target>, Mistake> {
        let mut targets = vec![self.target("a name")?];
        while let Some(text) = self.optional_name() {
            targets.push(Target::parse(&text));
        }
        Ok(targets)
    }

    fn takes(&mut self, arrow: &Word) -> bool {
        self.words.next_if(|placed| placed.word == *arrow).is_some()
    }

    /// All settings that are left, and all bare words between them.
    fn settings(&mut self) -> Result<(Vec<String>, Settings), Mistake> {
        let mut flags = Vec::new();
        let mut settings = Settings::new();
        for placed in self.words.by_ref() {
            match placed.word {
                Word::Text(flag) => flags.push(flag),
                Word::Setting(key, value) => {
                    if settings.iter().any(|(other, _)| *other == key) {
                        return Err(Mistake::new(placed.start, format!("`{key}` is there twice")));
                    }
                    settings.push((key, value));
                }
                Word::Arrow | Word::BackArrow | Word::Then => {
                    return Err(Mistake::new(placed.start, format!("expected no arrow here: `{}`", self.usage)));
                }
            }
        }
        Ok((flags, settings))
    }

    /// The same, where a bare word makes no sense.
    fn only_settings(&mut self) -> Result<Settings, Mistake> {
        let at = self.words.peek().map_or(self.end, |placed| placed.start);
        match self.settings()? {
            (flags, settings) if flags.is_empty() => Ok(settings),
            (flags, _) => {
                let flag = flags.first().map(String::as_str).unwrap_or_default();
                Err(Mistake::new(at, format!("did not expect `{flag}`: `{}`", self.usage)))
            }
        }
    }

    fn nothing(&mut self) -> Result<(), Mistake> {
        match self.words.next() {
            None => Ok(()),
            Some(placed) => Err(Mistake::new(placed.start, format!("expected nothing more: `{}`", self.usage))),
        }
    }
}

impl Command {
    /// The command that a line says.
    ///
    /// # Errors
    ///
    /// What is wrong with the line, and where.
    pub fn parse(line: &str) -> Result<Command, Mistake> {
        let words = words(line)?;
        if !words.iter().any(|placed| placed.word == Word::Then) {
            return one(words, 0, line.len());
        }
        let mut start = 0;
        let steps = words.split(|placed| placed.word == Word::Then).map(|step| {
            let end = step.last().map_or(start, |placed| placed.end);
            let command = one(step.to_vec(), start, end);
            start = end + 1;
            command
        });
        steps.collect::<Result<Vec<Command>, Mistake>>().map(Command::Steps)
    }
}

/// The command that so many words say; they begin and end there in the line.
fn one(words: Vec<Placed>, start: usize, end: usize) -> Result<Command, Mistake> {
    let has_arrow = words.iter().any(|placed| placed.word == Word::Arrow);
    let mut words = words.into_iter();
    let Some(first) = words.next() else {
        return Err(Mistake::new(start, "expected a command, such as `queue orders`"));
    };
    let Word::Text(verb) = first.word else {
        return Err(Mistake::new(first.start, "expected a command first, such as `queue orders`"));
    };
    if verb == "compare" {
        return one(words.collect(), first.end, end).map(|changed| Command::Compare(Box::new(changed)));
    }
    // What is moved by an arrow is messages, and else a thing of the picture.
    let usages = || VERBS.iter().filter(|(word, ..)| *word == verb).map(|(_, usage, _)| usage);
    let with_arrow = usages().find(|usage| has_arrow && usage.contains(" -> "));
    let Some(usage) = with_arrow.or_else(|| usages().next()) else {
        return Err(Mistake::new(first.start, format!("there is no command `{verb}`")));
    };
    let mut rest = Rest { words: words.peekable(), usage, end };
    if let Some(kind) = Kind::of(&verb) {
        return add(kind, &mut rest);
    }
    if let Some(answer) = Answer::ALL.into_iter().find(|answer| answer.word() == verb) {
        let missing = rest.missing("a delivery tag, such as 1");
        let tag = rest.optional_name().and_then(|text| text.parse().ok());
        let delivery_tag = tag.ok_or(missing)?;
        return Ok(Command::Settle { answer, delivery_tag, settings: rest.only_settings()? });
    }
    if let Some(control) = Control::ALL.into_iter().find(|control| control.word() == verb) {
        let target = rest.target("a name")?;
        return Ok(Command::Control { control, target, settings: rest.only_settings()? });
    }
    by_verb(&verb, &mut rest)
}

fn add(kind: Kind, rest: &mut Rest) -> Result<Command, Mistake> {
    let name = rest.optional_name().unwrap_or_default().into();
    let mut from = Vec::new();
    if rest.takes(&Word::BackArrow) {
        from.push(rest.name("a queue")?.into());
        // Further queues: bare words up to an arrow or a setting.
        while let Some(queue) = rest.optional_name() {
            from.push(queue.into());
        }
    }
    let mut to = None;
    if rest.takes(&Word::Arrow) {
        let exchange = rest.name("an exchange")?;
        to = Some((exchange.into(), rest.optional_name().map(Name::from)));
    }
    let (flags, settings) = if kind.is_client() { (Vec::new(), rest.only_settings()?) } else { rest.settings()? };
    Ok(Command::Add { kind, name, flags, from, to, settings })
}

fn by_verb(verb: &str, rest: &mut Rest) -> Result<Command, Mistake> {
    match verb {
        "bind" | "unbind" => {
            let source = rest.name("an exchange")?.into();
            if !rest.takes(&Word::Arrow) {
                return Err(rest.missing("`->`"));
            }
            let destination = rest.target("a queue or an exchange")?;
            let key = rest.optional_name().unwrap_or_default().into();
            Ok(Command::Bind { undo: verb == "unbind", source, destination, key, settings: rest.only_settings()? })
        }
        "set" => {
            let target = rest.target("a name")?;
            let (flags, settings) = rest.settings()?;
            Ok(Command::Set { target, flags, settings })
        }
        "put" => match rest.only_settings()? {
            settings if settings.is_empty() => Err(rest.missing("a path and a value")),
            settings => Ok(Command::Put { settings }),
        },
        "rename" => {
            let target = rest.target("a name")?;
            let name = rest.name("a new name")?.into();
            rest.nothing().map(|()| Command::Rename { target, name })
        }
        "duplicate" => duplicate(rest),
        "paste" => paste(rest),
        "arrange" => rest.nothing().map(|()| Command::Arrange),
        "scenario" => {
            let name = rest.name("a name")?.into();
            rest.nothing().map(|()| Command::Scenario { name })
        }
        "delete" => {
            let targets = rest.targets()?;
            rest.nothing().map(|()| Command::Delete { targets })
        }
        "move" if rest.usage.contains("->") => {
            let queue = rest.target("a queue")?;
            if !rest.takes(&Word::Arrow) {
                return Err(rest.missing("`->`"));
            }
            let to = rest.name("a queue")?.into();
            Ok(Command::MoveMessages { queue, to, settings: rest.only_settings()? })
        }
        "move" => place(rest),
        "get" => {
            let queue = rest.target("a queue")?;
            Ok(Command::Get { queue, settings: rest.only_settings()? })
        }
        "publish" => {
            let exchange = rest.name("an exchange (\"\" is the default one)")?.into();
            let key = rest.optional_name().unwrap_or_default().into();
            let payload = rest.optional_name().unwrap_or_default();
            Ok(Command::Publish { exchange, key, payload, settings: rest.only_settings()? })
        }
        _ => {
            if rest.optional_name().as_deref() != Some("broker") {
                return Err(rest.missing("`broker`"));
            }
            let control = match verb {
                "stop" => BrokerControl::Stop,
                "crash" => BrokerControl::Crash,
                _ => BrokerControl::Start,
            };
            rest.nothing().map(|()| Command::Broker(control))
        }
    }
}

fn duplicate(rest: &mut Rest) -> Result<Command, Mistake> {
    let targets = rest.targets()?;
    let missing = rest.missing("at most `name=NEW`");
    match (&rest.only_settings()?[..], targets.len()) {
        ([], _) => Ok(Command::Duplicate { targets, name: Name::default() }),
        ([(key, Tree::Text(name))], 1) if key == "name" => {
            Ok(Command::Duplicate { targets, name: name.as_str().into() })
        }
        _ => Err(missing),
    }
}

fn paste(rest: &mut Rest) -> Result<Command, Mistake> {
    let missing = rest.missing("`scenario={}`, and `x=200 y=120` or no place");
    let number = |value: &Tree| match value {
        Tree::Count(number) => Some(*number as f64),
        Tree::Negative(number) => Some(*number as f64),
        Tree::Fraction(number) => Some(*number),
        _ => None,
    };
    let (mut scenario, mut x, mut y) = (None, None, None);
    for (key, value) in rest.only_settings()? {
        match key.as_str() {
            "scenario" if matches!(value, Tree::Object(_)) => scenario = Some(value),
            "x" if number(&value).is_some() => x = number(&value),
            "y" if number(&value).is_some() => y = number(&value),
            _ => return Err(missing),
        }
    }
    match scenario {
        Some(scenario) if x.is_some() == y.is_some() => Ok(Command::Paste { scenario, to: x.zip(y) }),
        _ => Err(missing),
    }
}

fn place(rest: &mut Rest) -> Result<Command, Mistake> {
    let target = rest.target("a name")?;
    let number = |rest: &mut Rest| {
        let missing = rest.missing("a number");
        let number = rest.optional_name().and_then(|text| text.parse::<f64>().ok());
        number.filter(|number| number.is_finite()).ok_or(missing)
    };
    if rest.words.peek().is_none() {
        return Ok(Command::Move { target, to: None });
    }
    let to = (number(rest)?, number(rest)?);
    rest.nothing().map(|()| Command::Move { target, to: Some(to) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        match Command::parse(line) {
            Ok(command) => command.to_string(),
            Err(mistake) => format!("{}: {mistake}", mistake.at),
        }
    }

    #[test]
    fn lines_are_said_back() {
        for line in [
            "queue orders x-message-ttl=5000",
            "queue \"my queue\" quorum x-queue-leader-locator=balanced",
            "queue \"\" quorum",
            "exchange nature topic alternate-exchange=lost",
            "producer p -> nature animal.bird every_ms=1000 payload=\"{\\\"a\\\": 1}\"",
            "producer p -> \"\" orders",
            "consumer c <- a b prefetch=3",
            "worker w <- a -> x key ack=auto",
            "vhost my-vhost",
            "policy p pattern=^orders apply-to=queues max-length=100",
            "bind nature -> birds_only *.bird",
            "unbind nature -> exchange:other a.b vhost=my-vhost",
            "bind h -> q \"\" x-match=all n=1 \"m x\"=\"1\"",
            "set queue:orders quorum x-max-length=5 x-overflow=null",
            "rename queue:orders \"\\\"\"",
            "scenario \"my orders\"",
            "put seed=5 definitions.users.0.name=\"a b\" lesson=null",
            "duplicate orders",
            "duplicate orders name=orders2",
            "duplicate queue:orders exchange:x c",
            "paste scenario={\"format\": \"warren/1\"} x=20 y=-3",
            "paste scenario={}",
            "arrange",
            "delete queue@second:orders queue@/:orders",
            "queue q ; bind nature -> q *.dog ; move queue:q 20 30",
            "delete \";\"",
            "delete queue:a exchange:b client",
            "move queue:orders 20.5 -3",
            "move queue:orders",
            "publish nature animal.bird \"a b\" mandatory=true headers={\"x\": 1}",
            "publish \"\" \"\" \"\"",
            "kill worker-1 connection=2",
            "purge queue:orders",
            "crash broker",
            "get orders",
            "get queue:orders count=3 ackmode=reject_requeue_false vhost=other",
            "ack 1",
            "nack 0 multiple=true requeue=false",
            "reject 18446744073709551615 requeue=true",
            "move queue:orders -> \"the archive\" vhost=other",
            "publish nature a \"/w==\" payload_encoding=base64 from=alice",
            "close alice connection=1 reason=\"go away\"",
        ] {
            let again = Command::parse(&said(line));
            assert_eq!(again, Command::parse(line), "{line}");
            assert!(again.is_ok(), "{line}: {again:?}");
        }
        assert_eq!(said(" queue   orders x-max-length=5 "), "queue orders x-max-length=5");
    }

    #[test]
    fn values_are_read_as_json_has_them() {
        let Ok(Command::Add { settings, .. }) = Command::parse("queue q a=5 b=\"5\" c=true d=x e=null") else { return };
        assert_eq!(Tree::Object(settings).to_line(), r#"{"a": 5, "b": "5", "c": true, "d": "x", "e": null}"#);
    }

    #[test]
    fn mistakes_have_a_place_and_say_what_is_expected() {
        assert_eq!(said(""), "0: expected a command, such as `queue orders`");
        assert_eq!(said("frobnicate x"), "0: there is no command `frobnicate`");
        assert_eq!(said("bind a b"), "7: expected `->`: `bind EXCHANGE -> QUEUE KEY`");
        assert_eq!(said("bind a ->"), "9: expected a queue or an exchange: `bind EXCHANGE -> QUEUE KEY`");
        assert_eq!(said("bind a -> b c d"), "14: did not expect `d`: `bind EXCHANGE -> QUEUE KEY`");
        assert_eq!(said("queue q x=1 x=2"), "12: `x` is there twice");
        assert_eq!(said("move q 1"), "8: expected a number: `move NAME 200 120`");
        assert_eq!(said("move q -> "), "10: expected a queue: `move QUEUE -> QUEUE`");
        assert_eq!(said("move q 1 -> x"), "7: expected `->`: `move QUEUE -> QUEUE`");
        assert_eq!(said("get"), "3: expected a queue: `get QUEUE count=1 ackmode=hold`");
        assert_eq!(said("ack first"), "4: expected a delivery tag, such as 1: `ack 1 multiple=true`");
        assert_eq!(said("nack 1 2"), "7: did not expect `2`: `nack 1 requeue=true`");
        assert_eq!(said("crash"), "5: expected `broker`: `crash broker`");
        assert_eq!(said("queue q ; "), "8: expected a command, such as `queue orders`");
        assert_eq!(said("queue q ; bind a b"), "17: expected `->`: `bind EXCHANGE -> QUEUE KEY`");
        assert_eq!(
            said("paste x=1"),
            "6: expected `scenario={}`, and `x=200 y=120` or no place: `paste scenario={} x=200 y=120`"
        );
        assert_eq!(said("rename q"), "8: expected a new name: `rename NAME NEW`");
        assert_eq!(said("put"), "3: expected a path and a value: `put seed=5`");
        assert_eq!(said("put seed"), "4: did not expect `seed`: `put seed=5`");
        assert_eq!(said("kill c now"), "7: did not expect `now`: `kill CLIENT`");
    }

    #[test]
    fn every_verb_is_understood_as_its_usage_has_it() {
        for (verb, usage, what) in VERBS {
            assert!(Command::parse(usage).is_ok(), "{usage}: {}", said(usage));
            assert!(usage.starts_with(verb) && !what.is_empty());
        }
    }
}
