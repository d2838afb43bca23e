//! The command line, as `cargo test` and `cargo nextest` use it.
//!
//! What has no meaning here is read over, so that arguments meant for other tests do no harm.

/// Options that are followed by a value of no interest here.
const WITH_VALUE: [&str; 6] = ["--color", "--format", "--logfile", "--shuffle-seed", "--test-threads", "-Z"];

/// What to do.
#[derive(Debug, Default)]
pub struct Arguments {
    /// Print names instead of replaying.
    pub list: bool,
    exact: bool,
    /// Only tests marked as ignored are asked for, and there are none.
    ignored: bool,
    filters: Vec<String>,
    skips: Vec<String>,
}

impl Arguments {
    /// Reads the arguments after the program's name.
    pub fn new(mut words: impl Iterator<Item = String>) -> Self {
        let mut arguments = Arguments::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--list" => arguments.list = true,
                "--exact" => arguments.exact = true,
                "--ignored" => arguments.ignored = true,
                "--skip" => arguments.skips.extend(words.next()),
                option if WITH_VALUE.contains(&option) => drop(words.next()),
                option if option.starts_with('-') => {}
                _ => arguments.filters.push(word),
            }
        }
        arguments
    }

    /// Whether the trace of that name is asked for.
    pub fn wants(&self, name: &str) -> bool {
        let fits = |pattern: &String| if self.exact { name == pattern } else { name.contains(pattern.as_str()) };
        !self.ignored && (self.filters.is_empty() || self.filters.iter().any(fits)) && !self.skips.iter().any(fits)
    }
}
