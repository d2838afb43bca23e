//! Bindings and publishes: why a message was routed elsewhere, or did not even arrive.

use warren::view::why::Reason;

use super::{Case, Then, case};

pub const ROUTING: &[Case] = &[
    // Bindings.
    case(
        Reason::NoBinding,
        "x news fanout\nq mail\n#b news mail -\np p news k",
        "q mail",
        "No binding leads to mail",
        ("#b", "b"),
    ),
    case(
        Reason::KeyDiffers,
        "x logs direct\nq disk\nb logs disk error\np p logs info",
        "q disk",
        "the routing key info is not the binding key error",
        ("p logs info", "p logs error"),
    ),
    case(
        Reason::KeyDiffers,
        "x logs direct\nq disk\nb logs disk error\np p logs Error",
        "q disk",
        "Only capital letters differ",
        ("Error", "error"),
    ),
    case(
        Reason::KeyDiffers,
        "x logs direct\nq disk\nb logs disk error~\np p logs error",
        "q disk",
        "Only a space at an end differs",
        ("error~", "error"),
    ),
    // A message has more routing keys in its headers CC and BCC.
    case(
        Reason::KeyDiffers,
        r#"x logs direct
        q disk
        b logs disk error
        p p logs info {"properties": {"headers": {"CC": ["warning"]}}}"#,
        "q disk",
        "the routing key info is not the binding key error; nor does a routing key of its CC header match: warning.",
        ("warning", "error"),
    ),
    case(
        Reason::WordDiffers,
        r#"x nature topic
        q birds
        b nature birds *.bird
        p p nature animal.cat {"properties": {"headers": {"CC": ["animal.dog"], "BCC": ["animal.fox"]}}}"#,
        "q birds",
        "nor does a routing key of its CC and BCC headers match: animal.dog, animal.fox.",
        ("animal.fox", "animal.bird"),
    ),
    case(
        Reason::NotItsName,
        r#"q work
        p p - play {"properties": {"headers": {"BCC": ["rest"]}}}"#,
        "q work",
        "play is not work; nor does a routing key of its BCC header match: rest.",
        ("rest", "work"),
    ),
    case(
        Reason::WordDiffers,
        "x nature topic\nq birds\nb nature birds *.bird\np p nature animal.cat",
        "q birds",
        "animal.cat does not match *.bird: word 2 must be bird, and is cat",
        ("animal.cat", "animal.bird"),
    ),
    case(
        Reason::TooManyWords,
        "x nature topic\nq birds\nb nature birds *\np p nature animal.bird",
        "q birds",
        "the pattern takes 1 word, the key has 2; * stands for exactly one word",
        ("animal.bird", "animal"),
    ),
    case(
        Reason::TooFewWords,
        "x nature topic\nq birds\nb nature birds animal.*\np p nature animal",
        "q birds",
        "the pattern needs 2 words, the key has 1; * stands for exactly one word",
        ("p p nature animal", "p p nature animal.bird"),
    ),
    case(
        Reason::WordsNotFound,
        "x nature topic\nq birds\nb nature birds #.bird\np p nature bird.dove",
        "q birds",
        "behind # there must be bird",
        ("bird.dove", "dove.bird"),
    ),
    case(
        Reason::HeaderMissing,
        r#"x box headers
        q red
        b box red - {"arguments": {"x-match": "all", "colour": "red"}}
        p p box k {"properties": {"headers": {"size": "big"}}}"#,
        "q red",
        "asks for the header colour, and the message has no such header",
        (r#"{"size": "big"}"#, r#"{"colour": "red"}"#),
    ),
    case(
        Reason::HeaderDiffers,
        r#"x box headers
        q red
        b box red - {"arguments": {"colour": "red"}}
        p p box k {"properties": {"headers": {"colour": "blue"}}}"#,
        "q red",
        "the header colour must be the text red, and is the text blue",
        ("blue", "red"),
    ),
    case(
        Reason::HeaderTypeDiffers,
        r#"x box headers
        q one
        b box one - {"arguments": {"n": 1}}
        p p box k {"properties": {"headers": {"n": "1"}}}"#,
        "q one",
        "the header n must be the number 1, and is the text 1",
        (r#"{"n": "1"}"#, r#"{"n": 1}"#),
    ),
    case(
        Reason::NoHeaderMatched,
        r#"x box headers
        q red
        b box red - {"arguments": {"x-match": "any", "colour": "red", "n": 1}}
        p p box k {"properties": {"headers": {"colour": "blue"}}}"#,
        "q red",
        "colour must be the text red, and is the text blue; n must be the number 1, and is missing",
        ("blue", "red"),
    ),
    case(
        Reason::HeaderIgnored,
        r#"x box headers
        q red
        b box red - {"arguments": {"x-match": "any", "x-colour": "red"}}
        p p box k {"properties": {"headers": {"x-colour": "red"}}}"#,
        "q red",
        "x-colour can never match; x-match any-with-x makes them count",
        (r#""any""#, r#""any-with-x""#),
    ),
    case(
        Reason::HashedElsewhere,
        "x ring x-consistent-hash\nq a\nq b\nb ring a 1\nb ring b 1\np p ring key-1",
        "q a",
        "the hash of key-1 falls on another binding's part of the ring",
        ("b ring b 1", "#"),
    ),
    case(
        Reason::ChosenElsewhere,
        "x any x-local-random\nq a\nq b\nb any a -\nb any b -\np p any k",
        "q b",
        "one binding is chosen by chance, and it was another one",
        ("b any a -", "#"),
    ),
    case(
        Reason::NotItsName,
        "q work\np p - Work",
        "q work",
        "Work is not work. Only capital letters differ",
        ("Work", "work"),
    ),
    case(
        Reason::OtherExchange,
        "x one fanout\nx two fanout\nq a\nb two a -\np p one k",
        "q a",
        "It was published to one, and from there no way leads to a. What comes there comes from two.",
        ("p p one", "p p two"),
    ),
    case(
        Reason::HopMissed,
        "x one topic\nx two fanout\nq a\ne one two k.*\nb two a -\np p one j.1",
        "q a",
        "The way to a leads from one to two, and stops there: j.1 does not match k.*: word 1 must be k, and is j.",
        ("k.*", "j.*"),
    ),
    case(
        Reason::AlternateNotAsked,
        r#"x one direct {"arguments": {"alternate-exchange": "rest"}}
        x rest fanout
        q known
        q lost
        b one known k
        b rest lost -
        p p one k"#,
        "q lost",
        "rest is the alternate exchange of one, which asks it only if none of its own bindings matches. The one to known matched.",
        ("b one known k", "b one known j"),
    ),
    case(
        Reason::AlternateMissing,
        r#"x one direct {"arguments": {"alternate-exchange": "rest"}}
        #x rest fanout
        q lost
        #b rest lost -
        p p one k"#,
        "q lost",
        "its alternate exchange rest does not exist",
        ("#x & #b", "x & b"),
    ),
    case(
        Reason::BoundLater,
        r#"x one direct
        q a
        p p one k {"start_ms": 100}
        at 500 {"operate": {"operation": {"queue_bind": {"queue": "a", "exchange": "one", "routing_key": "k"}}}}"#,
        "q a",
        "a was bound to one after the message was routed",
        ("at 500", "at 50"),
    ),
    case(
        Reason::UnboundBefore,
        r#"x one direct
        q a
        b one a k
        p p one k {"start_ms": 100}
        at 50 {"operate": {"operation": {"queue_unbind": {"queue": "a", "exchange": "one", "routing_key": "k"}}}}"#,
        "q a",
        "The binding from one to a was removed before the message came",
        ("at 50", "at 500"),
    ),
    case(
        Reason::DeclaredLater,
        r#"p p - late {"start_ms": 100}
        at 500 {"operate": {"operation": {"queue_declare": {"queue": "late", "durable": true}}}}"#,
        "q late",
        "late was declared after the message was routed",
        ("at 500", "at 50"),
    ),
    case(
        Reason::OtherVhost,
        r#"def vhosts {"name": "/"}
        def vhosts {"name": "other"}
        q k {"vhost": "other"}
        p p - k"#,
        "q k@other",
        "It was published in virtual host /, this is in other",
        ("p p - k", r#"p p - k {"vhost": "other"}"#),
    ),
    case(
        Reason::OneCopy,
        "x nature topic\nq all\nb nature all #\nb nature all a.*\np p nature a.b",
        "q all",
        "2 bindings to all matched, and one copy came",
        ("a.*", "b.*"),
    )
    .then(Then::Without),
    // The publish.
    case(
        Reason::NoSuchExchange,
        "#x news fanout\nq mail\n#b news mail -\np p news k",
        "q mail",
        "There was no exchange news. The broker closed the channel: 404 NOT_FOUND - no exchange 'news' in vhost '/'",
        ("#x & #b", "x & b"),
    ),
    case(
        Reason::InternalExchange,
        r#"x news fanout {"internal": true}
        q mail
        b news mail -
        p p news k"#,
        "q mail",
        "news is internal: it gets messages from other exchanges, never from clients",
        (r#""internal": true"#, r#""internal": false"#),
    ),
    case(
        Reason::NotPermitted,
        r#"def users {"name": "guest", "password": "guest", "tags": []}
        def permissions {"user": "guest", "vhost": "/", "configure": ".*", "write": "^$", "read": ".*"}
        x news fanout
        q mail
        b news mail -
        p p news k"#,
        "q mail",
        "Its user has no permission to write to news",
        (r#""write": "^$""#, r#""write": ".*""#),
    ),
    case(
        Reason::PublishRefused,
        r#"x news fanout
        q mail
        b news mail -
        p p news k {"properties": {"user_id": "somebody"}}"#,
        "q mail",
        "user_id property set to 'somebody' but authenticated user was 'guest'",
        ("somebody", "guest"),
    ),
    case(
        Reason::ChannelWasClosed,
        r#"q mail
        p p - mail {"every_ms": 1, "limit": 2, "messages": [{"properties": {"expiration": "bad"}}, {"payload": "x"}]}"#,
        "q mail",
        "Its channel was closed before it arrived",
        (r#""bad""#, r#""99999""#),
    ),
    case(
        Reason::InFlight,
        r#"q mail
        p p - mail {"latency_ms": 500}"#,
        "q mail",
        "It is on its way to (AMQP default), and arrives at 500 ms. Then it comes here",
        (r#""latency_ms": 500"#, r#""latency_ms": 50"#),
    )
    .until(100),
    case(
        Reason::LostOnLink,
        r#"q mail
        p p - mail {"latency_ms": 100}
        at 50 {"client": {"name": "p", "control": "cut_link"}}"#,
        "q mail",
        "It was on the network when the connection broke",
        ("at 50", "at 500"),
    ),
    case(
        Reason::UnderWay,
        "x news fanout\nq mail\nb news mail -\np p news k",
        "q mail",
        "news has it, and has not yet asked its bindings",
        ("", ""),
    )
    .at_publish()
    .then(Then::AtOtherMoment),
    case(
        Reason::PassedOn,
        "x news fanout\nq mail\nb news mail -\np p news k",
        "x news",
        "news had it, and passed it on",
        ("", ""),
    )
    .then(Then::AtOtherMoment),
    case(
        Reason::ByAnother,
        r#"x news fanout
        p p news k {"mandatory": true}
        p other news k"#,
        "c other",
        "It was published by p, not by other",
        ("", ""),
    )
    .then(Then::At("c p")),
    case(
        Reason::NotMandatory,
        r#"x news fanout
        p p news k {"mandatory": false}"#,
        "c p",
        "It was not published as mandatory, so p did not get it back",
        ("false", "true"),
    ),
    case(
        Reason::Nacked,
        r#"q mail {"arguments": {"x-max-length": 1, "x-overflow": "reject-publish"}}
        p first - mail
        p p - mail {"confirms": true, "start_ms": 50}"#,
        "c p",
        "A queue refused it, and the broker told p by basic.nack",
        (r#""x-max-length": 1"#, r#""x-max-length": 2"#),
    )
    .then(Then::At("q mail")),
];
