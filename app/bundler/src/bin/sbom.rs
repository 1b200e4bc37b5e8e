//! What is built in, as CycloneDX: every crate that server or app are made of, by `cargo metadata` and the hashes of `Cargo.lock`,
//! and the map library that is committed. The same source gives the same bytes: no time, no random number. Reads, and asks nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What we ship; the rest of the workspace tests it.
const SHIPPED: [&str; 2] = ["xiaohao-server", "xiaohao-app"];
const VENDORED: [(&str, &str, &str); 2] =
    [("maplibre-gl", "BSD-3-Clause", "maplibre-gl.mjs"), ("pmtiles", "BSD-3-Clause", "pmtiles.mjs")];

fn main() -> anyhow::Result<()> {
    let metadata = metadata()?;
    let hashes = hashes(&std::fs::read_to_string("Cargo.lock")?);
    let packages: BTreeMap<&str, &Value> = each(&metadata["packages"]).map(|one| (text(&one["id"]), one)).collect();
    let edges = edges(&metadata);
    let reached = reached(&packages, &edges);
    let crates = reached.iter().map(|id| component(packages[id], &hashes));
    let mut components: Vec<Value> = crates.collect();
    for vendored in VENDORED {
        components.push(script(vendored)?);
    }
    let depends = reached.iter().map(|id| {
        let on = edges[id].iter().map(|on| purl(packages[on])).collect::<BTreeSet<_>>();
        json!({ "ref": purl(packages[id]), "dependsOn": on })
    });
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": { "type": "application", "name": "xiaohao", "version": env!("CARGO_PKG_VERSION") } },
        "components": components,
        "dependencies": depends.collect::<Vec<_>>(),
    });
    println!("{}", serde_json::to_string_pretty(&bom)?);
    Ok(())
}

fn metadata() -> anyhow::Result<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let told = Command::new(cargo).args(["metadata", "--format-version", "1", "--locked"]).output()?;
    ensure!(told.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&told.stderr));
    Ok(serde_json::from_slice(&told.stdout)?)
}

/// SHA-256 of each crate by name and version, as the lock file has it.
fn hashes(lock: &str) -> BTreeMap<(String, String), String> {
    let packages = lock.split("[[package]]").skip(1);
    let of = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    packages.filter_map(|one| Some(((of(one, "name")?, of(one, "version")?), of(one, "checksum")?))).collect()
}

/// What each package is built with.
fn edges(metadata: &Value) -> BTreeMap<&str, Vec<&str>> {
    let nodes = each(&metadata["resolve"]["nodes"]);
    nodes.map(|node| (text(&node["id"]), built_with(node))).collect()
}

/// Leaving out what only its tests need.
fn built_with(node: &Value) -> Vec<&str> {
    let built = |dep: &&Value| each(&dep["dep_kinds"]).any(|kind| kind["kind"] != "dev");
    each(&node["deps"]).filter(built).map(|dep| text(&dep["pkg"])).collect()
}

fn reached<'a>(packages: &BTreeMap<&'a str, &'a Value>, edges: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let shipped = |id: &&str| SHIPPED.contains(&text(&packages[id]["name"]));
    let mut next: Vec<&str> = packages.keys().copied().filter(shipped).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(edges.get(id).into_iter().flatten());
        }
    }
    reached
}

fn component(package: &Value, hashes: &BTreeMap<(String, String), String>) -> Value {
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    let mut told = json!({
        "type": "library", "bom-ref": purl(package), "name": name, "version": version, "purl": purl(package),
    });
    if let Some(license) = package["license"].as_str() {
        // Old manifests write a slash where the standard has OR.
        told["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    if let Some(hash) = hashes.get(&(name.to_owned(), version.to_owned())) {
        told["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
    }
    told
}

/// The version is the one that `./x map-library` fetches.
fn script((name, license, file): (&str, &str, &str)) -> anyhow::Result<Value> {
    let script = std::fs::read_to_string("x")?;
    let (_, rest) = script.split_once(&format!("{name}@")).with_context(|| format!("./x does not fetch {name}"))?;
    let version: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let bytes = std::fs::read(Path::new("public/map/vendor").join(file))?;
    let purl = format!("pkg:npm/{name}@{version}");
    Ok(json!({
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "licenses": [{ "expression": license }],
        "hashes": [{ "alg": "SHA-256", "content": base16ct::lower::encode_string(&Sha256::digest(bytes)) }],
    }))
}

fn purl(package: &Value) -> String {
    format!("pkg:cargo/{}@{}", text(&package["name"]), text(&package["version"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
