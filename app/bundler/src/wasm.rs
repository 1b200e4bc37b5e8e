//! Cuts what cargo built into what every start needs and what is fetched when first wanted, and runs wasm-bindgen on the
//! former. Must not know of file names in `dist`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

use crate::imports;

/// The entry module's logical name.
pub const ENTRY: &str = "xiaohao.js";
/// The module that every start needs.
pub const MODULE: &str = "xiaohao_bg.wasm";
/// What fetches the other parts.
const LINK: &str = "link.js";

type Files = BTreeMap<String, Vec<u8>>;

/// They refer to each other by relative addresses.
pub struct Built {
    /// JavaScript: the entry, what fetches parts, and snippets that the entry imports.
    pub scripts: Files,
    /// WebAssembly, with name sections: the module and its parts.
    pub modules: Files,
}

pub fn build(path: &Path) -> Result<Built> {
    let folder = tempfile::tempdir()?;
    let main = folder.path().join("main.wasm");
    let parts = split(path, folder.path(), &main)?;
    let (mut scripts, wasm) = bind(&main)?;
    scripts.insert(LINK.into(), fs::read(folder.path().join(LINK))?);
    let mut modules = BTreeMap::from([(MODULE.to_owned(), wasm)]);
    for part in parts {
        let name = part.file_name().context("a part without a name")?.to_string_lossy().into_owned();
        modules.insert(name, fs::read(part)?);
    }
    Ok(Built { scripts, modules })
}

fn split(path: &Path, folder: &Path, main: &Path) -> Result<Vec<PathBuf>> {
    let input = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut options = Options::new(&input);
    (options.output_dir, options.main_out_path) = (folder, main);
    let (link, entry) = (format!("./{LINK}"), format!("./{ENTRY}"));
    (options.link_name, options.main_module) = (&link, &entry);
    let parts = transform(options).map_err(|error| anyhow!("{} cannot be cut: {error:#}", path.display()))?;
    Ok(parts.split_modules)
}

fn bind(path: &Path) -> Result<(Files, Vec<u8>)> {
    let mut bindgen = Bindgen::new();
    // The page passes the module's address itself; the glue must not name a file that is not there.
    bindgen.web(true)?.input_path(path).typescript(false).omit_default_module_path(true);
    // The table of functions and the memory, which the other parts share.
    bindgen.keep_lld_exports(true);
    let mut output = bindgen.generate_output().with_context(|| format!("wasm-bindgen refuses {}", path.display()))?;
    ensure!(output.npm_dependencies().is_empty(), "a crate wants npm packages, which the app does not carry");
    let mut scripts = snippets(&output);
    let (script, module) = (output.js().to_owned(), output.wasm_mut().emit_wasm());
    let (script, module) = imports::shorten(&script, &module)?;
    scripts.insert(ENTRY.into(), script.into_bytes());
    Ok((scripts, module))
}

fn snippets(output: &wasm_bindgen_cli_support::Output) -> Files {
    let inline = output.snippets().iter().flat_map(|(crate_name, texts)| {
        let named = texts.iter().enumerate();
        named.map(move |(index, text)| (format!("snippets/{crate_name}/inline{index}.js"), text.clone().into_bytes()))
    });
    let local = output.local_modules().iter();
    let local = local.map(|(name, text)| (format!("snippets/{name}"), text.clone().into_bytes()));
    inline.chain(local).collect()
}
