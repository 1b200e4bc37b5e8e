//! Automerge's chunks as bytes: the checksum that belongs to a body, and mutations inside of one column that keep all lengths
//! right. Random bytes would stop at the checksum, and nearly all of the rest at a length.

use sha2::{Digest, Sha256};

/// What stands in a body before the columns, each read by the letter that it has in [`Parts::head`].
#[derive(Clone, Copy)]
pub struct Parts {
    /// `h` a counted list of hashes, `a` a counted list of counted bytes, `b` counted bytes, `n` a number.
    pub head: &'static str,
    /// How many layouts of columns follow each other, before the data of all of them.
    pub layouts: usize,
    /// Bytes before the body that are the target's own.
    pub before: usize,
}

/// A body taken apart.
pub struct Apart {
    pub head: Vec<u8>,
    pub layouts: Vec<Vec<(u64, Vec<u8>)>>,
    pub tail: Vec<u8>,
}

/// A chunk of a type with the length and the checksum that belong to its body.
pub fn sealed(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    number(&mut hashed, body.len() as u64);
    hashed.extend(body);
    [&[0x85, 0x6f, 0x4a, 0x83], &Sha256::digest(&hashed)[..4], &hashed].concat()
}

/// The body of a chunk that is known to be good.
pub fn body(chunk: &[u8]) -> &[u8] {
    let mut at = &chunk[9..];
    let _length = read_number(&mut at);
    at
}

fn number(to: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

fn read_number(from: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0u64, 0);
    loop {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

fn take<'a>(from: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(usize::try_from(length).ok()?)?;
    *from = rest;
    Some(taken)
}

impl Parts {
    /// `None` where the bytes have not this form at all.
    pub fn take_apart(self, body: &[u8]) -> Option<Apart> {
        let mut at = body;
        for part in self.head.chars() {
            skip(&mut at, part)?;
        }
        let head = body[..body.len() - at.len()].to_vec();
        let layouts: Option<Vec<_>> = (0..self.layouts).map(|_| layout(&mut at)).collect();
        let mut data = |(spec, length)| Some((spec, take(&mut at, length)?.to_vec()));
        let layouts: Option<Vec<Vec<_>>> =
            layouts?.into_iter().map(|layout| layout.into_iter().map(&mut data).collect()).collect();
        Some(Apart { head, layouts: layouts?, tail: at.to_vec() })
    }
}

fn skip(at: &mut &[u8], part: char) -> Option<()> {
    let count = read_number(at)?;
    match part {
        'h' => take(at, count.checked_mul(32)?).map(drop),
        'b' => take(at, count).map(drop),
        'a' => (0..count).try_for_each(|_| read_number(at).and_then(|length| take(at, length)).map(drop)),
        _ => Some(()),
    }
}

fn layout(at: &mut &[u8]) -> Option<Vec<(u64, u64)>> {
    let count = read_number(at)?;
    (0..count).map(|_| Some((read_number(at)?, read_number(at)?))).collect()
}

impl Apart {
    pub fn put_together(&self) -> Vec<u8> {
        let mut body = self.head.clone();
        for layout in &self.layouts {
            number(&mut body, layout.len() as u64);
            for (spec, data) in layout {
                number(&mut body, *spec);
                number(&mut body, data.len() as u64);
            }
        }
        self.layouts.iter().flatten().for_each(|(_, data)| body.extend(data));
        body.extend(&self.tail);
        body
    }

    /// Alters one thing, chosen by the seed: the head, the tail, a column, or which columns there are.
    pub fn alter(&mut self, seed: u32, mutate: impl FnOnce(&mut Vec<u8>)) {
        let columns: usize = self.layouts.iter().map(Vec::len).sum();
        let (choice, at) = (seed % 16, (seed / 16) as usize);
        match choice {
            0 => mutate(&mut self.head),
            1 => mutate(&mut self.tail),
            _ if columns == 0 => mutate(&mut self.head),
            2 => self.replace(at % columns, |column| vec![column.clone(), column]),
            3 => self.replace(at % columns, |_| Vec::new()),
            4 => self.replace(at % columns, |(spec, data)| vec![(spec ^ (1 << (at / columns % 8)), data)]),
            _ => {
                if let Some((_, data)) = self.layouts.iter_mut().flatten().nth(at % columns) {
                    mutate(data);
                }
            }
        }
    }

    fn replace(&mut self, mut at: usize, by: impl FnOnce((u64, Vec<u8>)) -> Vec<(u64, Vec<u8>)>) {
        for layout in &mut self.layouts {
            if at < layout.len() {
                let column = layout.remove(at);
                layout.splice(at..at, by(column));
                return;
            }
            at -= layout.len();
        }
    }
}

/// The mutator for targets whose input is a body.
#[cfg(feature = "libfuzzer")]
pub fn mutate(parts: Parts, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    const ROOM: usize = 32;
    let plain = |data: &mut [u8]| libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    if seed.is_multiple_of(8) || size <= parts.before {
        return plain(data);
    }
    let Some(mut apart) = parts.take_apart(&data[parts.before..size]) else { return plain(data) };
    apart.alter(seed / 8, |part| {
        let length = part.len();
        part.resize(length + ROOM, 0);
        let length = libfuzzer_sys::fuzzer_mutate(part, length, length + ROOM);
        part.truncate(length);
    });
    let body = apart.put_together();
    let length = parts.before + body.len();
    if length > max_size {
        return plain(data);
    }
    data[parts.before..length].copy_from_slice(&body);
    length
}
