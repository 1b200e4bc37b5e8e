//! Takes the names of functions out of a WebAssembly module: 60 KB that only a crash report needs.
//! Knows the module's outermost layer, sections, and nothing inside them.

use anyhow::{Context, Result, ensure};

pub(crate) const HEADER: &[u8] = b"\0asm\x01\0\0\0";
const CUSTOM: u8 = 0;

/// Custom sections that no browser reads.
const DEAD_WEIGHT: [&[u8]; 3] = [b"name", b"producers", b"target_features"];

pub fn strip(module: &[u8]) -> Result<Vec<u8>> {
    ensure!(module.starts_with(HEADER), "not a WebAssembly module of version 1");
    let mut kept = HEADER.to_vec();
    let mut rest = module.get(HEADER.len()..).unwrap_or_default();
    while let [id, after_id @ ..] = rest {
        let (body, next) = sized(after_id)?;
        if *id != CUSTOM || !DEAD_WEIGHT.contains(&sized(body)?.0) {
            kept.extend_from_slice(rest.get(..rest.len() - next.len()).unwrap_or_default());
        }
        rest = next;
    }
    Ok(kept)
}

/// Splits off what stands behind its length.
pub(crate) fn sized(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let (length, rest) = leb128(bytes)?;
    rest.split_at_checked(length).context("a section is longer than the module")
}

pub(crate) fn leb128(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = bytes.get(index + 1..).unwrap_or_default();
            return Ok((usize::try_from(value)?, rest));
        }
    }
    anyhow::bail!("a length does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(name: &str, body: &[u8]) -> Vec<u8> {
        let length = u8::try_from(1 + name.len() + body.len()).unwrap();
        [&[CUSTOM, length, u8::try_from(name.len()).unwrap()], name.as_bytes(), body].concat()
    }

    #[test]
    fn names_go_and_everything_else_stays_in_order() {
        let types = [1_u8, 2, 0xaa, 0xbb];
        let module =
            [HEADER, &types, &custom("name", b"f"), &custom("mine", b"data"), &custom("producers", b"")].concat();
        assert_eq!(strip(&module).unwrap(), [HEADER, &types, &custom("mine", b"data")].concat());
    }

    #[test]
    fn a_length_of_several_bytes_is_understood() {
        assert_eq!(leb128(&[0xe5, 0x8e, 0x26, 7]).unwrap(), (624_485, [7].as_slice()));
    }

    #[test]
    fn a_broken_module_is_refused_not_mangled() {
        for module in [b"".as_slice(), b"\0asm", &[HEADER, &[1, 9, 0]].concat(), &[HEADER, &[1, 0x80]].concat()] {
            assert!(strip(module).is_err(), "{module:?}");
        }
    }
}
