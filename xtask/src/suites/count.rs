//! How many tests passed and failed, read from what the test programs print.

use std::ops::Add;

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Count {
    /// A check that passed.
    pub const SUCCESS: Count = Count { passed: 1, failed: 0, skipped: 0 };
    /// A check that failed.
    pub const FAILURE: Count = Count { passed: 0, failed: 1, skipped: 0 };
}

impl Add for Count {
    type Output = Count;

    fn add(self, other: Count) -> Count {
        Count {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// Adds up the result lines of Rust's test programs, native and in the browser.
#[derive(Default)]
pub struct Counter {
    pub count: Count,
}

impl Counter {
    /// Takes one line of output: `test result: ok. 3 passed; 0 failed; ...` of Rust's own harness, or
    /// `name: 3 passed, 0 failed, ...` of a test program with a harness of its own.
    pub fn read(&mut self, line: &str) {
        let Some((name, result)) = line.split_once(": ") else { return };
        let of_own_harness = !name.contains(' ') && result.contains(" passed, ") && result.contains(" failed");
        if name != "test result" && !of_own_harness {
            return;
        }
        let number_before = |word: &str| {
            let parts = result.split(['.', ';', ',']).map(str::trim);
            let part = parts.into_iter().find_map(|part| part.strip_suffix(word));
            part.and_then(|number| number.trim().parse::<usize>().ok()).unwrap_or(0)
        };
        let found = Count {
            passed: number_before("passed"),
            failed: number_before("failed"),
            skipped: number_before("ignored"),
        };
        self.count = self.count + found;
    }
}

/// Reads Playwright's JSON report; all zero if it is none.
pub fn of_playwright(report: &str) -> Count {
    let report: serde_json::Value = serde_json::from_str(report).unwrap_or_default();
    let number = |name: &str| report["stats"][name].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    Count {
        passed: number("expected"),
        // A test that passed only when repeated has failed once.
        failed: number("unexpected") + number("flaky"),
        skipped: number("skipped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_add_up() {
        let mut counter = Counter::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            "3 passed, nothing of the kind",
            "note: 3 passed, nothing of the kind",
            "conformance: 100 passed, 5 failed, 105 traces",
        ] {
            counter.read(line);
        }
        assert_eq!(counter.count, Count { passed: 113, failed: 7, skipped: 1 });
    }

    #[test]
    fn a_report_of_playwright_is_read() {
        let report = r#"{"stats":{"expected":4,"unexpected":1,"flaky":1,"skipped":2}}"#;
        assert_eq!(of_playwright(report), Count { passed: 4, failed: 2, skipped: 2 });
        assert_eq!(of_playwright("no report"), Count::default());
    }
}
