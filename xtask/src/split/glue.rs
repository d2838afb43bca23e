//! wasm-bindgen's JavaScript, changed for a module in two parts and for one that is observed.
//!
//! It is changed at a few places whose text is known to the letter. As the version of wasm-bindgen is pinned they are there;
//! should another version have others, the build says so.

use super::module::Module;
use super::write;
use anyhow::{Result, ensure};

/// What wasm-bindgen tells versions of a function apart with.
const HASH_LETTERS: usize = 16;

const IMPORTS: &str = "    const imports = __wbg_get_imports();\n";
const EXPORTS: &str = "    wasm = instance.exports;\n";
const START: &str = "    wasm.__wbindgen_start();\n";
const ADDED: &str = include_str!("later.js");

/// Tells what was executed, after some seconds and some frames (on a machine that is slow today: fewer). A later
/// part that does not come is looked at too: that must be told without it. There is no later part meanwhile.
const OBSERVER: &str = "
const FRAMES = 60, MILLISECONDS = 13000, MILLISECONDS_MAX = 36000;
globalThis.warrenLater = { state: 'loading', load() {} };
function fail(state) {
    globalThis.warrenLater.state = state;
    dispatchEvent(new Event('warren-later'));
}
setTimeout(() => fail('failed'), MILLISECONDS - 3000);
setTimeout(() => document.querySelector('[role=alert] button')?.click(), MILLISECONDS - 2000);
setTimeout(() => fail('loading'), MILLISECONDS - 1000);
let frames = 0;
const begin = performance.now();
requestAnimationFrame(function frame() {
    frames += 1;
    requestAnimationFrame(frame);
});
const watch = setInterval(() => {
    const milliseconds = performance.now() - begin;
    if (milliseconds < MILLISECONDS || (frames < FRAMES && milliseconds < MILLISECONDS_MAX)) return;
    clearInterval(watch);
    fetch('/seen', { method: 'POST', body: new Uint8Array(wasm.memory.buffer, BEGIN, RUNS).slice() });
}, 250);
";

/// For a page in two parts: `later` is the file of the later one, `sheet` that of its style sheet, `table` which table holds
/// functions.
pub fn splitting(glue: &str, later: &str, sheet: &str, table: u32) -> Result<String> {
    let glue = replace(glue, IMPORTS, "    const imports = withPlaceholders(__wbg_get_imports());\n")?;
    let glue = replace(&glue, EXPORTS, &format!("{EXPORTS}    firstIsHere(instance);\n"))?;
    let glue = replace(&glue, START, "    begin(() => wasm.__wbindgen_start());\n")?;
    let added = ADDED.replace("LATER_FILE", later).replace("LATER_SHEET", sheet);
    Ok(glue + &added.replace("TABLE_NAME", &format!("$t{table}")))
}

/// Other names for what is imported: wasm-bindgen's end in sixteen letters that stand for nothing to be read.
pub fn short_names(module: &Module<'_>) -> Vec<(String, String)> {
    let mut names = Vec::new();
    for import in &module.imports {
        let is_long = import.name.rsplit_once('_').is_some_and(|(_, end)| end.len() == HASH_LETTERS);
        if is_long {
            names.push((import.name.to_owned(), format!("w{}", write::short(names.len() as u32))));
        }
    }
    names
}

/// wasm-bindgen's JavaScript with other names for what it gives.
pub fn renamed(glue: &str, names: &[(String, String)]) -> Result<String> {
    let mut text = glue.to_owned();
    for (old, new) in names {
        let (old, new) = (format!("        {old}: "), format!("        {new}: "));
        text = replace(&text, &old, &new)?;
    }
    Ok(text)
}

/// For a page that tells which of its runs are executed: their marks are from `begin` on in memory.
pub fn observing(glue: &str, begin: u32, runs: u32) -> String {
    glue.to_owned() + &OBSERVER.replace("BEGIN", &begin.to_string()).replace("RUNS", &runs.to_string())
}

fn replace(glue: &str, known: &str, new: &str) -> Result<String> {
    ensure!(
        glue.contains(known),
        "wasm-bindgen's JavaScript has no line `{}`: xtask/src/split/glue.rs is for another version",
        known.trim()
    );
    Ok(glue.replace(known, new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glue_of_another_version_is_refused() {
        let known = format!("{IMPORTS}{EXPORTS}{START}");
        let split = splitting(&known, "x_later.wasm", "later-x.css", 0).expect("all places are there");
        assert!(split.contains("withPlaceholders(__wbg_get_imports())") && split.contains("'x_later.wasm'"));
        assert!(split.contains("first.$t0.get("));
        let error = splitting(&known.replace(START, ""), "x", "y", 0).expect_err("a place is missing");
        assert!(error.to_string().contains("__wbindgen_start"), "{error}");
    }
}
