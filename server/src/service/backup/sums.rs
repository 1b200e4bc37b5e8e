//! The list of what a copy holds, with the sum of each file: by it a copy is known to be what was written. `sha256sum -c` reads
//! it, too. Knows names and bytes, not what they mean.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

use sha2::{Digest, Sha256};

/// The list's own name in the copy.
pub const LIST: &str = "SHA256SUMS";

pub type Sum = [u8; 32];

/// By name in the copy, with `/` between folders.
pub type Sums = BTreeMap<String, Sum>;

/// The sum of the lines stands before them, so that a list of which some are missing is not taken for the whole.
pub fn write(sums: &Sums) -> String {
    let lines: String = sums.iter().map(|(name, sum)| format!("{}  {name}\n", hex(sum))).collect();
    format!("{}{lines}", head(&lines))
}

/// `None` where it is not as it was written, or names what lies outside of the copy.
pub fn read(text: &str) -> Option<Sums> {
    let (first, lines) = text.split_at(text.find('\n')? + 1);
    if first != head(lines) {
        return None;
    }
    lines.lines().map(entry).collect()
}

fn head(lines: &str) -> String {
    format!("# a copy of a Xiaohao office; the lines below: {}\n", hex(&Sha256::digest(lines).into()))
}

fn entry(line: &str) -> Option<(String, Sum)> {
    let (sum, name) = line.split_once("  ")?;
    let stays_inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    let mut bytes = Sum::default();
    let length = base16ct::lower::decode(sum, &mut bytes).ok()?.len();
    (stays_inside && length == bytes.len()).then(|| (name.to_owned(), bytes))
}

fn hex(sum: &Sum) -> String {
    base16ct::lower::encode_string(sum)
}

/// Of a file of any size, a piece at a time.
pub fn of_file(path: &Path) -> io::Result<Sum> {
    let (mut file, mut sum, mut piece) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(sum.finalize().into()),
            length => sum.update(&piece[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_which_anything_was_changed_is_no_list() {
        let sums: Sums = [("office.db".to_owned(), [7; 32]), ("tls/key.pem".to_owned(), [8; 32])].into();
        let text = write(&sums);
        assert_eq!(read(&text), Some(sums));
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            assert_eq!(String::from_utf8(changed).ok().and_then(|text| read(&text)), None, "byte {at}");
            assert_eq!(read(&text[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_list_names_nothing_outside_of_the_copy() {
        for name in ["../office.db", "/etc/passwd", "tls/../../key.pem"] {
            assert_eq!(read(&write(&[(name.to_owned(), [7; 32])].into())), None, "{name}");
        }
    }
}
