//! The Content-Security-Policy that each page of the site carries: nothing but what lies beside it, no script but its own, no
//! style but the stylesheet.
//!
//! What always holds: scripts that stand in a page are allowed by their own hashes, so no policy says `unsafe-inline`; of the
//! unsafe ones there is `wasm-unsafe-eval` alone, without which no browser compiles WebAssembly.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// What stands first in a page's head; the policy comes behind it.
const CHARSET: &str = "<meta charset=\"utf-8\" />\n";
/// Exported pictures are drawn from blobs; icons of the stylesheet are `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'HASHES; style-src 'self'; img-src 'self' blob: data:; \
    connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'";

/// Puts the policy into every page at the top of a site.
pub fn put(site: &Path) -> Result<()> {
    for entry in fs::read_dir(site)? {
        let file = entry?.path();
        if file.extension().is_some_and(|ending| ending == "html") {
            let page = fs::read_to_string(&file)?;
            let page = with_policy(&page).with_context(|| format!("{} cannot have a policy", file.display()))?;
            fs::write(&file, page)?;
        }
    }
    Ok(())
}

fn with_policy(page: &str) -> Result<String> {
    ensure!(page.contains(CHARSET), "it has no `{}`", CHARSET.trim());
    ensure!(!page.contains(" style=\""), "it has styles of its own");
    let hashes: String = scripts(page).into_iter().map(|script| format!(" 'sha256-{}'", digest(script))).collect();
    let policy = POLICY.replace("HASHES", &hashes);
    let meta = format!("{CHARSET}    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\" />\n");
    Ok(page.replacen(CHARSET, &meta, 1))
}

/// What policies and `integrity` call a file by.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// The texts of the scripts that stand in a page.
fn scripts(page: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for part in page.split("<script").skip(1) {
        let Some((tag, rest)) = part.split_once('>') else { continue };
        let text = rest.split("</script>").next().unwrap_or_default();
        if !tag.contains(" src=") {
            found.push(text);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_in_a_page_are_allowed_by_their_hashes_and_nothing_else_is() {
        let page = "<head>\n<meta charset=\"utf-8\" />\n<script>a()</script><script src=\"b.js\"></script><script type=\"module\">\nc()</script></head>";
        assert_eq!(scripts(page), ["a()", "\nc()"]);
        let page = with_policy(page).expect("it can have one");
        let policy = page.split("content=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("there is one");
        // As `printf 'a()' | openssl dgst -sha256 -binary | base64` says.
        assert!(policy.contains(&format!(" 'sha256-{}' 'sha256-{}';", digest("a()"), digest("\nc()"))), "{policy}");
        assert!(!policy.contains("unsafe-inline") && policy.matches("unsafe").count() == 1, "{policy}");
        assert_eq!(digest("a()"), "qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4=");
    }

    #[test]
    fn a_page_that_would_need_more_is_refused() {
        assert!(with_policy("<head></head>").is_err());
        assert!(with_policy(&format!("{CHARSET}<p style=\"color: red\">")).is_err());
    }
}
