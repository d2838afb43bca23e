//! Matching, merging, and the texts of the validation, as recorded or as the source has them.

use super::*;

fn set(name: &str, pattern: &str, apply_to: &str, definition: &str, priority: i64) -> PolicySet {
    let definition = serde_json::from_str(definition).unwrap_or_default();
    let (vhost, name, pattern, apply_to) = ("/".into(), name.into(), pattern.into(), apply_to.into());
    PolicySet { vhost, name, pattern, apply_to, definition, priority, operator: false }
}

fn refused(set: PolicySet) -> String {
    let reason = Policies::new().set(set).err().map(|error| error.reason).unwrap_or_default();
    reason.strip_prefix("Validation failed\n\n").map_or(reason.clone(), |text| text.trim_end_matches('\n').to_string())
}

#[test]
fn definitions() {
    let cases = [
        ("{}", "no policy provided"),
        (r#"{"ha-mode": "all"}"#, "[{<<\"ha-mode\">>,<<\"all\">>}] are not recognised policy settings"),
        (r#"{"max-length": -1}"#, "-1 is not a valid maximum length"),
        (r#"{"max-length": 1.0}"#, "1.0 is not a valid maximum length"),
        (r#"{"max-length": null}"#, "null is not a valid maximum length"),
        (r#"{"max-length": [1, 2]}"#, "[1,2] is not a valid maximum length"),
        (r#"{"max-length": {"a": 1}}"#, "#{<<\"a\">> => 1} is not a valid maximum length"),
        (r#"{"max-length": true, "x": 1}"#, "true is not a valid maximum length"),
        (r#"{"message-ttl": "5"}"#, "<<\"5\">> is not a valid message TTL"),
        (r#"{"delivery-limit": -5}"#, ""),
        (
            r#"{"delayed-retry-type": "x"}"#,
            "<<\"x\">> is not a valid delayed retry type. Must be one of: all, failed, returned, disabled",
        ),
        (r#"{"delayed-retry-type": "all"}"#, "delayed-retry-min is required when delayed-retry-type is all"),
        (
            r#"{"delayed-retry-min": 5, "delayed-retry-max": 4}"#,
            "delayed-retry-max (4) must not be smaller than delayed-retry-min (5)",
        ),
        (r#"{"stream-filter-size-bytes": 5}"#, "5 is not a valid filter size. Valid range is 16-255"),
        (r#"{"queue-master-locator": "x"}"#, "use of deprecated queue-master-locator argument is not permitted"),
        (r#"{"max-age": "1x"}"#, "<<\"1x\">> is not a valid max age"),
        (r#"{"queue-mode": "lazy", "queue-version": 1, "dead-letter-routing-key": "k"}"#, ""),
    ];
    for (definition, text) in cases {
        assert_eq!(refused(set("p", "^q$", "queues", definition, 0)), text, "{definition}");
    }
}

#[test]
fn several_errors_are_told_together() {
    let text = refused(set("p", ")", "bogus", "{}", 0));
    let expected = "no policy provided\napply-to 'bogus' unrecognised; should be one of: 'queues', 'classic_queues',  \
                    'quorum_queues', 'streams', 'exchanges', or 'all'\n\
                    pattern should be regular expression but is invalid: {\"unmatched closing parenthesis\",\n";
    assert_eq!(text, format!("{expected}{}0}}", " ".repeat(54)));
}

#[test]
fn the_highest_priority_that_matches_wins() {
    let mut policies = Policies::new();
    for policy in [
        set("low", "^q", "queues", r#"{"max-length": 1}"#, 1),
        set("high", "^q$", "all", r#"{"message-ttl": 9}"#, 5),
        set("quorum", "^q", "queues", r#"{"delivery-limit": 9}"#, 9),
        set("b", "^tie", "all", r#"{"max-length": 1}"#, 0),
        set("a", "^tie", "all", r#"{"max-length": 1}"#, 0),
    ] {
        assert_eq!(policies.set(policy), Ok(()));
    }
    let of = |name: &str, kind| policies.matching(ResourceKind::Queue, name, Some(kind)).policy;
    assert_eq!(of("q", QueueType::Classic), Some("high".into()));
    assert_eq!(of("q2", QueueType::Classic), Some("low".into()));
    assert_eq!(of("q", QueueType::Quorum), Some("quorum".into()));
    assert_eq!(of("q", QueueType::Stream), None);
    assert_eq!(of("tie", QueueType::Classic), Some("a".into()));
    assert_eq!(policies.matching(ResourceKind::Exchange, "q", None).policy, Some("high".into()));
}

#[test]
fn an_operator_policy_is_merged() {
    let mut policies = Policies::new();
    let user = r#"{"max-length": 9, "overflow": "drop-head", "delivery-limit": -1, "consumer-timeout": 1}"#;
    let operator = r#"{"max-length": 5, "overflow": "reject-publish", "delivery-limit": 3, "expires": 7}"#;
    assert_eq!(policies.set(set("u", ".*", "all", user, 0)), Ok(()));
    assert_eq!(policies.set(PolicySet { operator: true, ..set("o", ".*", "all", operator, 0) }), Ok(()));
    let matched = policies.matching(ResourceKind::Queue, "q", Some(QueueType::Quorum));
    let expected =
        r#"{"max-length": 5, "overflow": "reject-publish", "delivery-limit": 3, "expires": 7, "consumer-timeout": 1}"#;
    assert_eq!(Ok(matched.effective), serde_json::from_str(expected).map_err(|e| e.to_string()));
    assert_eq!((matched.policy, matched.operator_policy), (Some("u".into()), Some("o".into())));
    let refused = PolicySet { operator: true, ..set("o", ".*", "all", r#"{"dead-letter-exchange": "x"}"#, 0) };
    assert!(policies.set(refused).is_err());
    assert_eq!(policies.clear("o", true), Ok(()));
    assert_eq!(policies.clear("o", true), Err(HttpError::not_found()));
}

#[test]
fn policies_are_saved_as_text() {
    let mut policies = Policies::new();
    assert_eq!(policies.set(set("p", "^q[0-9]$", "queues", r#"{"max-length": 1}"#, 0)), Ok(()));
    let json = serde_json::to_string(&policies).unwrap_or_default();
    let read: Option<Policies> = serde_json::from_str(&json).ok();
    assert_eq!(read, Some(policies));
}
