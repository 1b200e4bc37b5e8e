//! Makes `dist/` from the built WebAssembly and `public/`: everything that starts the app, named by content.
//! Must not know what the app does, nor how the server serves it.

pub mod imports;
pub mod names;
pub mod shelf;
pub mod squeeze;
pub mod trim;
pub mod wasm;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use shelf::Shelf;
use squeeze::Press;

pub struct Options {
    /// What cargo built.
    pub wasm: PathBuf,
    pub public: PathBuf,
    pub dist: PathBuf,
    /// Outside `dist`: compressed files of earlier builds, and the names of functions.
    pub cache: PathBuf,
    pub release: bool,
}

/// One file of `dist`, with what travels to a phone that understands brotli.
pub struct Weight {
    pub path: String,
    pub raw: usize,
    pub sent: usize,
    /// Fetched before the app is complete and able to start offline.
    pub start: bool,
}

pub struct Report {
    pub version: String,
    pub weights: Vec<Weight>,
    /// The folder of the same modules with the names of their functions, to read a crash report with.
    pub named_wasm: PathBuf,
}

impl Report {
    pub fn start(&self) -> usize {
        self.weights.iter().filter(|weight| weight.start).map(|weight| weight.sent).sum()
    }
}

pub fn bundle(options: &Options) -> Result<Report> {
    let built = wasm::build(&options.wasm)?;
    let mut generated = trimmed(built.scripts);
    for (name, module) in &built.modules {
        generated.insert(name.clone(), names::strip(module)?);
    }
    let shelf = Shelf::fill(trimmed(read_tree(&options.public)?), generated)?;
    let named_wasm = keep_names(options, &shelf, &built.modules)?;
    let weights = replace(options, &shelf)?;
    Ok(Report { version: shelf.version().to_owned(), weights, named_wasm })
}

fn trimmed(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    files.into_iter().map(|(name, bytes)| (name.clone(), trim::trim(&name, bytes))).collect()
}

/// Function numbers are the same with and without names, so these files explain the stack of the shipped ones.
fn keep_names(options: &Options, shelf: &Shelf, modules: &BTreeMap<String, Vec<u8>>) -> Result<PathBuf> {
    let names = options.cache.join("names");
    for (name, module) in modules {
        let shipped = shelf.path_of(name).context("a module was not placed")?;
        write(&names.join(shipped.trim_start_matches('/')), module)?;
    }
    Ok(names)
}

/// The new folder is complete before it takes the old one's place: a running server never shows half of it.
fn replace(options: &Options, shelf: &Shelf) -> Result<Vec<Weight>> {
    let fresh = options.dist.with_extension("new");
    let old = options.dist.with_extension("old");
    remove(&fresh)?;
    let press = Press::new(options.cache.join("squeezed"), options.release)?;
    let weights = shelf.files().map(|file| place(&fresh, &press, file)).collect::<Result<Vec<_>>>()?;
    remove(&old)?;
    if options.dist.exists() {
        fs::rename(&options.dist, &old).context("the old dist does not move away")?;
    }
    fs::rename(&fresh, &options.dist).context("the new dist does not move in")?;
    remove(&old)?;
    Ok(weights)
}

fn place(folder: &Path, press: &Press, file: shelf::File<'_>) -> Result<Weight> {
    let target = folder.join(file.path.trim_start_matches('/'));
    write(&target, file.bytes)?;
    let mut sent = file.bytes.len();
    if squeeze::compressible(file.path) {
        let squeezed = press.squeeze(file.bytes)?;
        sent = squeezed.br.len();
        write(&beside(&target, "br"), &squeezed.br)?;
        write(&beside(&target, "gz"), &squeezed.gz)?;
    }
    Ok(Weight { path: file.path.to_owned(), raw: file.bytes.len(), sent, start: file.start })
}

/// `a.js` → `a.js.br`: the whole name stays.
pub(crate) fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn read_tree(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let path = entry?.path();
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file without a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
