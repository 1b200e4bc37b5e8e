//! The list of what is built in: whether it has the form that readers of CycloneDX expect, and whether anything is missing. What has to
//! be in it is asked of `cargo tree`, which the list is not made of.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn run(command: &mut Command) -> String {
    let told = command.current_dir(root()).output().unwrap();
    assert!(told.status.success(), "{command:?}: {}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).unwrap()
}

fn bom() -> Value {
    serde_json::from_str(&run(&mut Command::new(env!("CARGO_BIN_EXE_sbom")))).unwrap()
}

fn components(bom: &Value) -> &[Value] {
    bom["components"].as_array().unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key}: {value}"))
}

/// Name and version.
type Crate = (String, String);

/// What the two programs that we ship are compiled from, for any system, without what only their tests need.
fn built_in() -> BTreeSet<Crate> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let tree = run(Command::new(cargo)
        .args(["tree", "--locked", "--edges", "normal,build", "--target", "all", "--prefix", "none"])
        .args(["--format", "{p}", "--package", "xiaohao-server", "--package", "xiaohao-app"]));
    let crates = tree.lines().filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        let version = rest.split_whitespace().next()?;
        Some((name.to_owned(), version.to_owned()))
    });
    crates.collect()
}

/// The hashes of `Cargo.lock`; what is ours has none.
fn locked() -> BTreeMap<Crate, String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let field = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""))?;
        Some(line.trim_end_matches('"').to_owned())
    };
    let package = |one: &str| {
        let crate_of = (field(one, "name")?, field(one, "version")?);
        Some((crate_of, field(one, "checksum").unwrap_or_default()))
    };
    lock.split("[[package]]").skip(1).filter_map(package).collect()
}

#[test]
fn the_list_has_the_form_that_readers_of_cyclonedx_expect() {
    let bom = bom();
    assert_eq!(
        (text(&bom, "bomFormat"), text(&bom, "specVersion"), bom["version"].as_u64()),
        ("CycloneDX", "1.6", Some(1))
    );
    assert_eq!(text(&bom["metadata"]["component"], "name"), "xiaohao");
    let mut refs = BTreeSet::new();
    for one in components(&bom) {
        assert_eq!(text(one, "type"), "library");
        assert!(!text(one, "name").is_empty() && !text(one, "version").is_empty(), "{one}");
        assert!(["pkg:cargo/", "pkg:npm/"].iter().any(|kind| text(one, "purl").starts_with(kind)), "{one}");
        assert!(refs.insert(text(one, "bom-ref")), "twice: {one}");
        let licenses = one["licenses"].as_array().map_or(0, Vec::len);
        assert_eq!(licenses, 1, "what may be done with it: {one}");
        let expression = text(&one["licenses"][0], "expression");
        assert!(!expression.is_empty() && !expression.contains('/'), "{one}");
    }
    for depends in bom["dependencies"].as_array().unwrap() {
        assert!(refs.contains(text(depends, "ref")), "{depends}");
        let on = depends["dependsOn"].as_array().unwrap();
        assert!(on.iter().all(|on| refs.contains(on.as_str().unwrap())), "names what is not listed: {depends}");
    }
}

#[test]
fn every_crate_that_server_and_app_are_built_from_is_in_the_list_with_the_hash_of_the_lock_file() {
    let (bom, locked, built_in) = (bom(), locked(), built_in());
    let listed = components(&bom).iter().filter(|one| text(one, "purl").starts_with("pkg:cargo/"));
    let listed: BTreeMap<Crate, &Value> =
        listed.map(|one| ((text(one, "name").to_owned(), text(one, "version").to_owned()), one)).collect();
    assert!(built_in.len() > 200, "{} crates are no whole tree", built_in.len());
    let missing: Vec<_> = built_in.iter().filter(|one| !listed.contains_key(*one)).collect();
    assert!(missing.is_empty(), "built in and not listed: {missing:?}");
    for (one, told) in &listed {
        let hash = locked.get(one).unwrap_or_else(|| panic!("listed and not locked: {one:?}"));
        let said = told["hashes"][0]["content"].as_str().unwrap_or_default();
        assert_eq!(said, hash, "{one:?}");
        assert!(said.len() == 64 || one.0.starts_with("xiaohao-"), "only what is ours has no hash: {one:?}");
    }
}

#[test]
fn what_only_tests_the_programs_is_not_said_to_be_built_in_and_what_came_by_hand_is() {
    let bom = bom();
    let names: BTreeSet<&str> = components(&bom).iter().map(|one| text(one, "name")).collect();
    for ours in ["xiaohao-server", "xiaohao-app", "xiaohao-shared", "maplibre-gl", "pmtiles"] {
        assert!(names.contains(ours), "{ours}");
    }
    assert!(!names.contains("xiaohao-tests") && !names.contains("xiaohao-bundler"), "{names:?}");
}
