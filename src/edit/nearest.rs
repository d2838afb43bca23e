//! The name that somebody may have meant.

/// So many letters may differ.
const DISTANCE_MAX: usize = 3;

/// The nearest of some names, if one is near.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|name| (distance(written, name), name)).filter(|(distance, name)| {
        // Of a short name, little is left when three letters differ.
        (1..=DISTANCE_MAX).contains(distance) && *distance * 3 <= name.chars().count()
    });
    // The first of those that are equally near.
    near.reduce(|best, other| if other.0 < best.0 { other } else { best }).map(|(_, name)| name)
}

/// How many letters must be put in, taken out or replaced to make one of the other. Capitals do not count.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.to_lowercase().chars().enumerate() {
        let mut corner = place;
        let mut left = place + 1;
        for (above, known) in row.iter_mut().skip(1).zip(&other) {
            let best = (corner + usize::from(letter != *known)).min(left + 1).min(*above + 1);
            corner = *above;
            *above = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = place + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        let names = ["x-message-ttl", "x-max-length", "x-max-length-bytes", "x-expires"];
        let meant = |text| nearest(text, names.into_iter());
        assert_eq!(meant("x-mesage-ttl"), Some("x-message-ttl"));
        assert_eq!(meant("X-Message-TTL2"), Some("x-message-ttl"));
        assert_eq!(meant("max-length"), Some("x-max-length"));
        assert_eq!(meant("x-max-lenght"), Some("x-max-length"));
        assert_eq!(meant("expires"), Some("x-expires"));
        assert_eq!(meant("colour"), None);
        assert_eq!(meant(""), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
