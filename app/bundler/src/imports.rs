//! Gives what the module asks of JavaScript short names. Each name that wasm-bindgen made ends in a hash of its own, which no
//! compression makes smaller, once in the module and once in the script. Knows the module's import section, and nothing of what
//! the imports do.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

use crate::names::{HEADER, leb128, sized};

const IMPORT: u8 = 2;
const MADE: &str = "__wbg_";

/// Old names and new ones.
type Names = BTreeMap<String, String>;

/// The script and the module with the new names.
pub fn shorten(script: &str, module: &[u8]) -> Result<(String, Vec<u8>)> {
    let mut names = Names::new();
    let module = rewritten(module, &mut names)?;
    let mut script = script.to_owned();
    for (old, new) in &names {
        ensure!(script.contains(old.as_str()), "the script does not know {old}");
        script = script.replace(old.as_str(), new);
    }
    Ok((script, module))
}

fn rewritten(module: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    ensure!(module.starts_with(HEADER), "not a WebAssembly module of version 1");
    let mut out = HEADER.to_vec();
    let mut rest = module.get(HEADER.len()..).unwrap_or_default();
    while let [id, after_id @ ..] = rest {
        let (body, next) = sized(after_id)?;
        if *id == IMPORT {
            out.push(IMPORT);
            put(&mut out, &imports(body, names)?);
        } else {
            out.extend_from_slice(rest.get(..rest.len() - next.len()).unwrap_or_default());
        }
        rest = next;
    }
    Ok(out)
}

fn imports(body: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    let (count, mut rest) = leb128(body)?;
    let mut out = body.get(..body.len() - rest.len()).unwrap_or_default().to_vec();
    for _ in 0..count {
        let (from, after) = sized(rest)?;
        let (name, after) = sized(after)?;
        let what = kind(after)?;
        put(&mut out, from);
        put(&mut out, short(std::str::from_utf8(name)?, names).as_bytes());
        let (kept, after) = after.split_at_checked(what).context("an import breaks off")?;
        out.extend_from_slice(kept);
        rest = after;
    }
    ensure!(rest.is_empty(), "something follows the imports");
    Ok(out)
}

/// Only names that end in a hash: no other part of the script spells them by chance.
fn short(name: &str, names: &mut Names) -> String {
    let hash = name.strip_prefix(MADE).and_then(|name| name.rsplit_once('_')).map(|(_, hash)| hash);
    if !hash.is_some_and(|hash| hash.len() == 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit())) {
        return name.to_owned();
    }
    let next = format!("w{}", names.len());
    names.entry(name.to_owned()).or_insert(next).clone()
}

/// The length of what an import says of itself: a function, table, memory, global or tag.
fn kind(bytes: &[u8]) -> Result<usize> {
    let (kind, rest) = bytes.split_first().context("an import breaks off")?;
    let after = match kind {
        0 => leb128(rest)?.1,
        1 => limits(rest.get(1..).unwrap_or_default())?,
        2 => limits(rest)?,
        3 => rest.get(2..).context("a global breaks off")?,
        4 => leb128(rest.get(1..).unwrap_or_default())?.1,
        other => bail!("an import of an unknown kind {other}"),
    };
    Ok(bytes.len() - after.len())
}

fn limits(bytes: &[u8]) -> Result<&[u8]> {
    let (flags, rest) = bytes.split_first().context("a limit breaks off")?;
    let (_, rest) = leb128(rest)?;
    Ok(if flags & 1 == 0 { rest } else { leb128(rest)?.1 })
}

/// With its length before it.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "__wbg_fetch_293c0c7490ba26e1";

    fn module(names: &[&str]) -> Vec<u8> {
        let mut body = vec![u8::try_from(names.len() + 1).unwrap()];
        for name in names {
            put(&mut body, b"./x.js");
            put(&mut body, name.as_bytes());
            body.extend_from_slice(&[0, 0xac, 1]);
        }
        put(&mut body, b"env");
        put(&mut body, b"memory");
        body.extend_from_slice(&[2, 1, 23, 0x80, 2]);
        let mut module = [HEADER, &[1, 1, 0, IMPORT]].concat();
        put(&mut module, &body);
        module.extend_from_slice(&[10, 1, 0]);
        module
    }

    #[test]
    fn script_and_module_agree_on_the_short_name_and_all_else_stays() {
        let script = format!("{{ {LONG}: function(a) {{ return a.fetch() }}, __wbg_init: 1 }}");
        let (script, short) = shorten(&script, &module(&[LONG, "__wbg_init", "__wbindgen_cast_1"])).unwrap();
        assert_eq!(script, "{ w0: function(a) { return a.fetch() }, __wbg_init: 1 }");
        assert_eq!(short, module(&["w0", "__wbg_init", "__wbindgen_cast_1"]));
    }

    #[test]
    fn a_name_that_the_script_does_not_know_and_a_broken_module_are_refused() {
        assert!(shorten("", &module(&[LONG])).is_err());
        let whole = module(&[]);
        // Everywhere but between two sections, where it would be a shorter module.
        for end in (9..whole.len() - 3).filter(|end| *end != 11) {
            assert!(shorten("", whole.get(..end).unwrap()).is_err(), "{end}");
        }
    }
}
