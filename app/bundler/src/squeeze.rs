//! Compresses once what has not changed: by content, kept outside `dist`. Must not know what the bytes are.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::beside;
use crate::shelf::hash;

/// Already compressed formats only grow.
pub fn compressible(path: &str) -> bool {
    [".css", ".html", ".js", ".mjs", ".svg", ".wasm", ".webmanifest"].iter().any(|extension| path.ends_with(extension))
}

pub struct Press {
    cache: PathBuf,
    quality: i32,
    level: Compression,
}

pub struct Squeezed {
    pub br: Vec<u8>,
    pub gz: Vec<u8>,
}

impl Press {
    pub fn new(cache: PathBuf, release: bool) -> Result<Self> {
        fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
        let (quality, level) = if release { (11, Compression::best()) } else { (5, Compression::fast()) };
        Ok(Self { cache, quality, level })
    }

    pub fn squeeze(&self, bytes: &[u8]) -> Result<Squeezed> {
        let known = self.cache.join(format!("{}.q{}", hash(bytes), self.quality));
        let br = remembered(&beside(&known, "br"), || brotli(bytes, self.quality))?;
        let gz = remembered(&beside(&known, "gz"), || gzip(bytes, self.level))?;
        Ok(Squeezed { br, gz })
    }
}

/// Written under another name first: a build that was stopped leaves no half file to believe in.
fn remembered(path: &Path, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    if let Ok(bytes) = fs::read(path) {
        return Ok(bytes);
    }
    let bytes = make()?;
    let part = beside(path, "part");
    fs::write(&part, &bytes)?;
    fs::rename(&part, path)?;
    Ok(bytes)
}

fn brotli(bytes: &[u8], quality: i32) -> Result<Vec<u8>> {
    let params = BrotliEncoderParams { quality, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out)
}

fn gzip(bytes: &[u8], level: Compression) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_hold_the_same_bytes_and_the_second_time_comes_from_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let press = Press::new(folder.path().join("a/b"), true).unwrap();
        let bytes = "销号 ".repeat(1000).into_bytes();
        let squeezed = press.squeeze(&bytes).unwrap();
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut squeezed.br.as_slice(), &mut back).unwrap();
        assert_eq!(back, bytes);
        back.clear();
        flate2::read::GzDecoder::new(squeezed.gz.as_slice()).read_to_end(&mut back).unwrap();
        assert_eq!(back, bytes);
        for entry in fs::read_dir(folder.path().join("a/b")).unwrap() {
            fs::write(entry.unwrap().path(), "remembered").unwrap();
        }
        assert_eq!(press.squeeze(&bytes).unwrap().br, b"remembered");
    }
}
