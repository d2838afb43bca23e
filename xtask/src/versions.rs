//! The versions of every tool, in one place.
//!
//! Some files must repeat a version because the tool that reads them knows nothing of this one (`Cargo.toml`,
//! `Trunk.toml`, `package.json`). The tests below hold them equal to what is written here.

/// Builds and bundles the page. 0.22 needs a newer Rust than ours.
pub const TRUNK: &str = "0.21.14";

/// Glue between wasm and JavaScript. The command line tool and the library must be the same version to the digit.
pub const WASM_BINDGEN: &str = "0.2.130";

/// Gives `wasm-opt`. From npm: Debian's own is too old for the features today's Rust emits.
pub const BINARYEN: &str = "132.0.0";

/// Only for people who like `wasm-pack test --headless --chrome`; our own suites do not need it.
pub const WASM_PACK: &str = "0.15.1";

/// Drives the served page. The last line of versions that runs on Debian's Node.js as well (18 and later).
#[cfg(test)]
pub const PLAYWRIGHT: &str = "1.60.0";

/// Accessibility rules.
#[cfg(test)]
pub const AXE_PLAYWRIGHT: &str = "4.11.0";

/// The broker in JavaScript that the core is measured beside.
#[cfg(test)]
pub const SMQP: &str = "15.0.0";

/// The oldest Node.js that runs wasm-opt and Playwright.
pub const NODE_MAJOR_MIN: u32 = 18;

/// The linker that goes with Debian's Rust in the fallback of `setup/debian.rs`.
pub const DEBIAN_LLD: &str = "lld-22";

/// The version that `Cargo.lock` holds for a package, if it holds exactly one.
pub fn locked(cargo_lock: &str, package: &str) -> Option<String> {
    let name_line = format!("name = \"{package}\"");
    let mut versions = cargo_lock
        .split("[[package]]")
        .filter(|entry| entry.lines().any(|line| line == name_line))
        .filter_map(|entry| entry.lines().find_map(|line| line.strip_prefix("version = ")))
        .map(|version| version.trim_matches('"').to_owned());
    let first = versions.next();
    first.filter(|_| versions.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    fn file(name: &str) -> String {
        std::fs::read_to_string(paths::root().join(name)).expect(name)
    }

    #[test]
    fn the_lock_file_holds_the_same_wasm_bindgen() {
        assert_eq!(locked(&file("Cargo.lock"), "wasm-bindgen").as_deref(), Some(WASM_BINDGEN));
    }

    #[test]
    fn trunk_asks_for_the_same_tools() {
        let trunk = file("Trunk.toml");
        assert!(trunk.contains(&format!("wasm_bindgen = \"{WASM_BINDGEN}\"")));
        let major = BINARYEN.split('.').next().unwrap_or_default();
        assert!(trunk.contains(&format!("wasm_opt = \"version_{major}\"")));
    }

    #[test]
    fn npm_installs_the_same_packages() {
        let manifest: serde_json::Value = serde_json::from_str(&file("package.json")).expect("package.json is JSON");
        let wanted = &manifest["devDependencies"];
        assert_eq!(wanted["@playwright/test"], PLAYWRIGHT);
        assert_eq!(wanted["@axe-core/playwright"], AXE_PLAYWRIGHT);
        assert_eq!(wanted["smqp"], SMQP);
    }

    /// Whoever clones the repository has registries of their own.
    #[test]
    fn lock_files_name_no_download_address() {
        assert!(!file("package-lock.json").contains("\"resolved\""));
        for line in file("Cargo.lock").lines().filter(|line| line.starts_with("source = ")) {
            assert_eq!(line, "source = \"registry+https://github.com/rust-lang/crates.io-index\"");
        }
    }

    #[test]
    fn a_package_that_is_locked_twice_has_no_single_version() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n\
                    [[package]]\nname = \"b\"\nversion = \"3.0.0\"\n";
        assert_eq!(locked(lock, "a").as_deref(), Some("1.0.0"));
        assert_eq!(locked(lock, "b"), None);
        assert_eq!(locked(lock, "c"), None);
    }
}
