//! Gives every file its place in `dist`: fills in `{{…}}`, names by content, lists what the service worker keeps.
//! Must not touch the file system.
//!
//! `{{name}}` becomes the address of that file, `{{size:name}}` its bytes, `{{version}}`, `{{precache}}` and
//! `{{optional}}` are of the whole.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::wasm::MODULE;

/// Addresses that browsers remember, so they must stay; all others change with their content.
const FIXED: [&str; 3] = ["index.html", "manifest.webmanifest", "sw.js"];

const FILLED: [&str; 5] = [".css", ".html", ".js", ".svg", ".webmanifest"];

/// Sixteen hexadecimal digits of the content: the mark by which the server knows what may be kept for ever.
pub fn hash(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes)).chars().take(16).collect()
}

pub struct File<'a> {
    pub path: &'a str,
    pub bytes: &'a [u8],
    pub start: bool,
}

struct Placed {
    path: String,
    bytes: Vec<u8>,
}

pub struct Shelf {
    placed: BTreeMap<String, Placed>,
    version: String,
}

impl Shelf {
    pub fn fill(public: BTreeMap<String, Vec<u8>>, generated: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let mut filler = Filler { waiting: public, placed: BTreeMap::new(), open: Vec::new() };
        let folder = folder(&generated);
        for (name, bytes) in generated {
            let path = format!("/{folder}/{name}");
            ensure!(!filler.waiting.contains_key(&name), "public/{name} would be overwritten by the build");
            filler.placed.insert(name, Placed { path, bytes });
        }
        let version = filler.version()?;
        filler.finish(&version)?;
        Ok(Self { placed: filler.placed, version })
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn path_of(&self, name: &str) -> Option<&str> {
        self.placed.get(name).map(|placed| placed.path.as_str())
    }

    pub fn files(&self) -> impl Iterator<Item = File<'_>> {
        self.placed.iter().map(|(name, placed)| File {
            path: &placed.path,
            bytes: &placed.bytes,
            start: needed_to_start(name),
        })
    }
}

/// What is kept for starting without a network. Large icons are for the system that installs the app, which fetches them itself.
fn belongs_to_shell(name: &str) -> bool {
    name != "sw.js" && !name.ends_with(".png") && !name.starts_with(OPTIONAL)
}

/// The folder of what is fetched, and from then on kept, only by who wants it.
const OPTIONAL: &str = "map/";

/// Parts of the module are kept, but fetched after the start.
fn needed_to_start(name: &str) -> bool {
    !name.ends_with(".png") && !name.starts_with(OPTIONAL) && (!name.ends_with(".wasm") || name == MODULE)
}

/// What the build generated refers to each other by relative addresses, also in circles: the folder carries the hash.
fn folder(generated: &BTreeMap<String, Vec<u8>>) -> String {
    let all = generated.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
    format!("app-{}", hash(&all.collect::<Vec<_>>().join(&0)))
}

fn address(name: &str, bytes: &[u8]) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("/{stem}-{}.{extension}", hash(bytes))
}

fn json<'a>(addresses: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", addresses.map(|path| format!("{path:?}")).collect::<Vec<_>>().join(", "))
}

/// What is known once everything with a hash has its place.
#[derive(Clone, Copy)]
struct Whole<'a> {
    version: &'a str,
    precache: &'a str,
    optional: &'a str,
}

struct Filler {
    waiting: BTreeMap<String, Vec<u8>>,
    placed: BTreeMap<String, Placed>,
    /// The files being filled now, outermost first: naming one of them again is a circle.
    open: Vec<String>,
}

impl Filler {
    /// Covers every byte that will be in `dist`: the hashed files by name and content, the fixed ones before filling.
    fn version(&mut self) -> Result<String> {
        let names: Vec<String> = self.waiting.keys().filter(|name| !is_fixed(name)).cloned().collect();
        for name in names {
            self.place(&name)?;
        }
        let hashed = self.placed.values().map(|placed| placed.path.as_bytes());
        let fixed = self.waiting.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
        Ok(hash(&hashed.chain(fixed).collect::<Vec<_>>().join(&0)))
    }

    fn finish(&mut self, version: &str) -> Result<()> {
        let names: Vec<String> = self.waiting.keys().cloned().collect();
        let whole = Whole { version, precache: &self.precache(), optional: &self.optional() };
        for name in names {
            let bytes = self.waiting.remove(&name).unwrap_or_default();
            let filled = self.filled(&name, bytes, Some(whole))?;
            self.placed.insert(name.clone(), Placed { path: format!("/{name}"), bytes: filled });
        }
        Ok(())
    }

    /// JSON of addresses. The page itself is kept under `/`, the address by which browsers ask for it.
    fn precache(&self) -> String {
        let fixed = ["/", "/manifest.webmanifest"];
        json(fixed.into_iter().chain(self.addresses(belongs_to_shell)))
    }

    /// JSON of addresses. Licences go with the copy of a library, and nobody looks for them without a network.
    fn optional(&self) -> String {
        json(self.addresses(|name| name.starts_with(OPTIONAL) && !name.ends_with(".txt")))
    }

    fn addresses(&self, wanted: fn(&str) -> bool) -> impl Iterator<Item = &str> {
        self.placed.iter().filter(move |(name, _)| wanted(name)).map(|(_, placed)| placed.path.as_str())
    }

    fn place(&mut self, name: &str) -> Result<&Placed> {
        if !self.placed.contains_key(name) {
            ensure!(!self.open.iter().any(|open| open == name), "{} name each other", self.open.join(", "));
            let bytes = self.waiting.remove(name).with_context(|| format!("{{{{{name}}}}}: there is no such file"))?;
            self.open.push(name.to_owned());
            let bytes = self.filled(name, bytes, None)?;
            self.open.pop();
            self.placed.insert(name.to_owned(), Placed { path: address(name, &bytes), bytes });
        }
        self.placed.get(name).context("just placed")
    }

    fn filled(&mut self, name: &str, bytes: Vec<u8>, whole: Option<Whole<'_>>) -> Result<Vec<u8>> {
        if !FILLED.iter().any(|extension| name.ends_with(extension)) {
            return Ok(bytes);
        }
        let text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))?;
        let mut parts = text.split("{{");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (key, rest) = part.split_once("}}").with_context(|| format!("{name}: {{{{ without }}}}"))?;
            filled.push_str(&self.value(key, whole).with_context(|| format!("in {name}"))?);
            filled.push_str(rest);
        }
        Ok(filled.into_bytes())
    }

    fn value(&mut self, key: &str, whole: Option<Whole<'_>>) -> Result<String> {
        match (key, whole) {
            ("version", Some(whole)) => Ok(whole.version.to_owned()),
            ("precache", Some(whole)) => Ok(whole.precache.to_owned()),
            ("optional", Some(whole)) => Ok(whole.optional.to_owned()),
            ("version" | "precache" | "optional", None) => bail!("{{{{{key}}}}} only works in {}", FIXED.join(", ")),
            _ if is_fixed(key) => Ok(format!("/{key}")),
            _ => match key.strip_prefix("size:") {
                Some(name) => Ok(self.place(name)?.bytes.len().to_string()),
                None => Ok(self.place(key)?.path.clone()),
            },
        }
    }
}

fn is_fixed(name: &str) -> bool {
    FIXED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(public: &[(&str, &str)]) -> Result<Shelf> {
        let files =
            |list: &[(&str, &str)]| list.iter().map(|(n, t)| ((*n).to_owned(), t.as_bytes().to_vec())).collect();
        Shelf::fill(files(public), files(&[("xiaohao.js", "glue"), ("xiaohao_bg.wasm", "wasm")]))
    }

    fn text<'a>(shelf: &'a Shelf, name: &str) -> &'a str {
        std::str::from_utf8(&shelf.placed[name].bytes).unwrap()
    }

    #[test]
    fn a_changed_file_changes_the_address_of_all_that_name_it_and_the_version() {
        let boot = ("boot.js", "import '{{lib.js}}'; fetch('{{xiaohao_bg.wasm}}', {{size:xiaohao_bg.wasm}})");
        let one = shelf(&[boot, ("lib.js", "1"), ("index.html", "{{boot.js}} {{version}}")]).unwrap();
        let two = shelf(&[boot, ("lib.js", "2"), ("index.html", "{{boot.js}} {{version}}")]).unwrap();
        assert_ne!(one.path_of("boot.js"), two.path_of("boot.js"));
        assert_ne!(one.version(), two.version());
        assert_eq!(one.path_of("xiaohao.js"), two.path_of("xiaohao.js"));
        assert_eq!(text(&one, "index.html"), format!("{} {}", one.path_of("boot.js").unwrap(), one.version()));
        assert!(text(&one, "boot.js").ends_with(".wasm', 4)"), "{}", text(&one, "boot.js"));
    }

    #[test]
    fn a_change_in_a_file_of_fixed_name_is_a_new_version_too() {
        let versions = ["a", "b"].map(|page| shelf(&[("index.html", page)]).unwrap().version().to_owned());
        assert_ne!(versions[0], versions[1]);
    }

    #[test]
    fn the_service_worker_keeps_the_page_and_all_hashed_files_but_neither_itself_nor_large_icons() {
        let shelf = shelf(&[("sw.js", "{{precache}}"), ("icons/512.png", "p"), ("index.html", "")]).unwrap();
        let expected = ["/", "/manifest.webmanifest", "xiaohao.js", "xiaohao_bg.wasm"];
        let paths = expected.map(|name| format!("{:?}", shelf.path_of(name).unwrap_or(name)));
        assert_eq!(text(&shelf, "sw.js"), format!("[{}]", paths.join(", ")));
    }

    #[test]
    fn the_map_is_kept_by_who_uses_it_and_hinders_no_start() {
        let public =
            [("sw.js", "{{precache}} {{optional}}"), ("map/a.js", "1"), ("map/a.txt", "2"), ("index.html", "")];
        let shelf = shelf(&public).unwrap();
        let (precache, optional) = text(&shelf, "sw.js").split_once("] ").unwrap();
        assert_eq!(optional, format!("[{:?}]", shelf.path_of("map/a.js").unwrap()));
        assert!(!precache.contains("/map/"), "{precache}");
        assert!(shelf.files().all(|file| !(file.start && file.path.starts_with("/map/"))));
    }

    #[test]
    fn files_that_name_each_other_or_nothing_are_refused() {
        assert!(shelf(&[("a.js", "{{b.js}}"), ("b.js", "{{a.js}}")]).is_err());
        assert!(shelf(&[("a.js", "{{missing.js}}")]).is_err());
        assert!(shelf(&[("a.js", "{{version}}")]).is_err());
        assert!(shelf(&[("xiaohao.js", "")]).is_err());
    }
}
