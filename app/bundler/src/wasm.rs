//! Runs wasm-bindgen on what cargo built, in memory. Must not know of file names in `dist`.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// The entry module's logical name.
pub const ENTRY: &str = "xiaohao.js";

pub struct Built {
    /// With its name section.
    pub wasm: Vec<u8>,
    /// JavaScript by logical name: the entry, and snippets that it imports.
    pub modules: BTreeMap<String, Vec<u8>>,
}

pub fn bind(path: &Path) -> Result<Built> {
    let mut bindgen = Bindgen::new();
    // The page passes the module's hashed address itself; the glue must not name a file that is not there.
    bindgen.web(true)?.input_path(path).typescript(false).omit_default_module_path(true);
    let mut output = bindgen.generate_output().with_context(|| format!("wasm-bindgen refuses {}", path.display()))?;
    ensure!(output.npm_dependencies().is_empty(), "a crate wants npm packages, which the app does not carry");
    let mut modules = snippets(&output);
    let folder = snippets_folder(&modules);
    modules = modules.into_iter().map(|(name, text)| (format!("{folder}/{name}"), text)).collect();
    let entry = output.js().replace("./snippets/", &format!("./{folder}/"));
    modules.insert(ENTRY.into(), entry.into_bytes());
    Ok(Built { wasm: output.wasm_mut().emit_wasm(), modules })
}

fn snippets(output: &wasm_bindgen_cli_support::Output) -> BTreeMap<String, Vec<u8>> {
    let inline = output.snippets().iter().flat_map(|(crate_name, texts)| {
        let named = texts.iter().enumerate();
        named.map(move |(index, text)| (format!("{crate_name}/inline{index}.js"), text.clone().into_bytes()))
    });
    let local = output.local_modules().iter().map(|(name, text)| (name.clone(), text.clone().into_bytes()));
    inline.chain(local).collect()
}

/// Snippets import each other by relative paths, so their folder carries the hash instead of their names.
fn snippets_folder(modules: &BTreeMap<String, Vec<u8>>) -> String {
    let all = modules.iter().flat_map(|(name, text)| [name.as_bytes(), text.as_slice()]).collect::<Vec<_>>().concat();
    format!("snippets-{}", crate::shelf::hash(&all))
}
