//! The command line.

/// Where a scenario that never ends is ended, unless said otherwise, virtual milliseconds.
pub const UNTIL_MS: u64 = 60_000;

const USAGE: &str = "\
cargo xtask run FILE [--until MS] [--seed N] [--json]

Plays a scenario file and prints the story: virtual time, sentence; then tables; then what the scenario expects.
  --until MS   play up to this virtual millisecond (without it 60000, or the end of all that happens)
  --seed N     another seed than the file's
  --json       the log as JSON lines, then tables and expectations as JSON lines
Exit status: 0 all expectations are met, 1 one is not, 2 the file cannot be played.
The page itself runs in a browser: cargo xtask serve.";

/// What is to be played, and how.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// The file.
    pub path: String,
    /// Where it ends, virtual milliseconds.
    pub until_ms: u64,
    /// Another seed than the file's.
    pub seed: Option<u64>,
    /// Whether it prints for programs.
    pub json: bool,
}

impl Options {
    /// Reads the command line.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or how to call it.
    pub fn parse(arguments: &[String]) -> Result<Options, String> {
        let mut path = None;
        let mut options = Options { path: String::new(), until_ms: UNTIL_MS, seed: None, json: false };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--until" => options.until_ms = number(word, words.next())?,
                "--seed" => options.seed = Some(number(word, words.next())?),
                "--json" => options.json = true,
                other if other.starts_with('-') => return Err(format!("there is no option {other:?}\n\n{USAGE}")),
                file if path.is_none() => path = Some(file.to_owned()),
                other => return Err(format!("one file at a time, and {other:?} would be the second\n\n{USAGE}")),
            }
        }
        options.path = path.ok_or(USAGE)?;
        Ok(options)
    }
}

fn number(option: &str, word: Option<&String>) -> Result<u64, String> {
    let expected = || format!("{option}: expected a number from 0 to {}", u64::MAX);
    word.and_then(|word| word.parse().ok()).ok_or_else(expected)
}
