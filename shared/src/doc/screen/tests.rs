use super::*;
use crate::testing::reported;

/// A chunk taken apart, so that a test can lie in one place and keep the rest right.
pub struct Chunk {
    /// Dependencies, actor, counters, message, other actors.
    pub head: Vec<u8>,
    /// Specification and data.
    pub columns: Vec<(u64, Vec<u8>)>,
}

pub fn uleb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

pub fn sleb(mut number: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if (number == 0 && byte & 0x40 == 0) || (number == -1 && byte & 0x40 != 0) {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A chunk of a type with the checksum and the length that belong to its body.
pub fn sealed(kind: u8, body: &[u8]) -> Vec<u8> {
    let hashed = [&[kind], uleb(body.len() as u64).as_slice(), body].concat();
    [&MAGIC[..], &Sha256::digest(&hashed)[..4], &hashed].concat()
}

/// The body of a chunk.
pub fn body(bytes: &[u8]) -> &[u8] {
    chunk_body(bytes).unwrap().0
}

impl Chunk {
    pub fn take_apart(bytes: &[u8]) -> Self {
        let mut reader = chunk_body(bytes).unwrap();
        let whole = reader.0;
        reader.deps().unwrap();
        reader.counted().unwrap();
        for _counter in ["seq", "start_op", "time"] {
            reader.leb().unwrap();
        }
        reader.counted().unwrap();
        for _ in 0..reader.uleb().unwrap() {
            reader.counted().unwrap();
        }
        let head = whole[..whole.len() - reader.0.len()].to_vec();
        let mut lengths = Vec::new();
        for _ in 0..reader.uleb().unwrap() {
            lengths.push((reader.uleb().unwrap(), reader.uleb().unwrap()));
        }
        let columns = lengths.into_iter().map(|(spec, length)| (spec, reader.take(length).unwrap().to_vec()));
        Self { head, columns: columns.collect() }
    }

    pub fn put_together(&self) -> Vec<u8> {
        let mut body = self.head.clone();
        body.extend(uleb(self.columns.len() as u64));
        for (spec, data) in &self.columns {
            body.extend(uleb(*spec));
            body.extend(uleb(data.len() as u64));
        }
        self.columns.iter().for_each(|(_, data)| body.extend(data));
        sealed(CHANGE_CHUNK, &body)
    }

    pub fn column(&mut self, spec: u64) -> &mut Vec<u8> {
        &mut self.columns.iter_mut().find(|(at, _)| *at == spec).unwrap().1
    }
}

#[test]
fn a_chunk_that_is_taken_apart_and_put_together_is_the_same() {
    let (_, change) = reported();
    assert_eq!(Chunk::take_apart(&change.bytes).put_together(), change.bytes);
    assert_eq!(screen(&change.bytes).unwrap().hash, change.hash);
}

#[test]
fn a_few_bytes_that_declare_a_million_operations_are_refused_in_every_column() {
    let (_, change) = reported();
    for at in 0..Chunk::take_apart(&change.bytes).columns.len() {
        let mut chunk = Chunk::take_apart(&change.bytes);
        let (spec, data) = &mut chunk.columns[at];
        *data = match *spec & 7 {
            7 => continue,
            4 => uleb(1_000_000),
            5 => [sleb(1_000_000), uleb(1), b"a".to_vec()].concat(),
            _ => [sleb(1_000_000), sleb(0)].concat(),
        };
        let spec = *spec;
        assert_eq!(screen(&chunk.put_together()), Err(ScreenError::TooManyOps), "column {spec}");
        if spec & 7 != 4 {
            *chunk.column(spec) = [vec![0], uleb(1_000_000)].concat();
            assert_eq!(screen(&chunk.put_together()), Err(ScreenError::TooManyOps), "nulls in column {spec}");
        }
    }
}

#[test]
fn a_run_as_long_as_a_number_can_be_is_refused_without_counting_it() {
    let (_, change) = reported();
    for run in [i64::MAX, i64::MIN + 1] {
        let mut chunk = Chunk::take_apart(&change.bytes);
        *chunk.column(0x42) = [sleb(run), uleb(1)].concat();
        assert!(screen(&chunk.put_together()).is_err());
    }
}

#[test]
fn only_plain_change_chunks_pass() {
    let (document, change) = reported();
    assert_eq!(screen(&document.save()), Err(ScreenError::NotAChange), "a whole document");
    for kind in [0, 2, 3, 4, 255] {
        assert_eq!(screen(&sealed(kind, body(&change.bytes))), Err(ScreenError::NotAChange), "chunk type {kind}");
    }
    let deflated = automerge::Change::from_bytes(change.bytes.clone()).unwrap().bytes().into_owned();
    assert_ne!(deflated, change.bytes, "long enough to be deflated");
    assert_eq!(screen(&deflated), Err(ScreenError::NotAChange), "a deflated chunk");
    let mut chunk = Chunk::take_apart(&change.bytes);
    chunk.columns[0].0 |= 8;
    assert_eq!(screen(&chunk.put_together()), Err(ScreenError::NotAChange), "a deflated column");
}

#[test]
fn damage_is_told_from_malice() {
    let (_, change) = reported();
    let mut damaged = change.bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(screen(&damaged), Err(ScreenError::Checksum));
    let mut magic = change.bytes.clone();
    magic[0] ^= 1;
    assert_eq!(screen(&magic), Err(ScreenError::NotAChange));
    assert_eq!(screen(&vec![0; MAX_CHANGE_BYTES + 1]), Err(ScreenError::TooLong));
    for length in 0..change.bytes.len() {
        assert!(screen(&change.bytes[..length]).is_err(), "cut after {length} bytes");
    }
}

#[test]
fn the_length_must_be_that_of_the_body_and_nothing_may_follow() {
    let (_, change) = reported();
    let body = body(&change.bytes);
    for length in [0, body.len() - 1, body.len() + 1, usize::MAX] {
        let hashed = [&[CHANGE_CHUNK], uleb(length as u64).as_slice(), body].concat();
        let bytes = [&MAGIC[..], &Sha256::digest(&hashed)[..4], &hashed].concat();
        assert_eq!(screen(&bytes), Err(ScreenError::NotAChange), "length {length}");
    }
    let author = sealed(CHANGE_CHUNK, &[body, b"\x04more"].concat());
    assert_eq!(screen(&author), Err(ScreenError::NotAChange), "bytes after the columns");
    assert_eq!(screen(&[change.bytes.as_slice(), b"\0"].concat()), Err(ScreenError::Checksum), "bytes after the chunk");
}

#[test]
fn an_actor_of_another_length_is_none_of_ours() {
    let (_, change) = reported();
    let body = body(&change.bytes);
    assert_eq!(body[..2], [0, 16], "no dependencies, then the actor");
    for length in [0, 8, 15, 17, 32] {
        let other = [&[0, length], vec![9; length.into()].as_slice(), &body[18..]].concat();
        assert_eq!(screen(&sealed(CHANGE_CHUNK, &other)), Err(ScreenError::Actor), "{length} bytes");
    }
}

#[test]
fn a_change_that_carries_a_message_is_refused() {
    let (_, change) = reported();
    let body = body(&change.bytes);
    assert_eq!(body[20..22], [0, 0], "the time, then the message");
    let other = [&body[..21], &[2], b"hi", &body[22..]].concat();
    assert_eq!(screen(&sealed(CHANGE_CHUNK, &other)), Err(ScreenError::NotAChange));
}

#[test]
fn a_counter_of_zero_or_beyond_32_bits_is_refused() {
    let (_, change) = reported();
    let body = body(&change.bytes);
    let with = |seq: u64, start_op: u64| {
        let other = [&body[..18], uleb(seq).as_slice(), uleb(start_op).as_slice(), &body[20..]].concat();
        screen(&sealed(CHANGE_CHUNK, &other))
    };
    assert!(with(1, 1).is_ok());
    for (seq, start_op) in [(0, 1), (1, 0), (1, 1 << 32), (1, u64::MAX)] {
        assert_eq!(with(seq, start_op), Err(ScreenError::NotAChange), "{seq} {start_op}");
    }
}

/// The data of a document's columns, each with its specification: first those of the changes, then those of the operations.
struct Saved {
    head: Vec<u8>,
    columns: [Vec<(u64, Vec<u8>)>; 2],
    tail: Vec<u8>,
}

impl Saved {
    fn take_apart(bytes: &[u8]) -> Self {
        let mut reader = chunk_body(bytes).unwrap();
        let whole = reader.0;
        for _ in 0..reader.uleb().unwrap() {
            reader.counted().unwrap();
        }
        reader.deps().unwrap();
        let head = whole[..whole.len() - reader.0.len()].to_vec();
        let layouts = [reader.layout().unwrap(), reader.layout().unwrap()];
        let mut data = |(spec, length)| (spec, reader.take(length).unwrap().to_vec());
        let columns = layouts.map(|layout| layout.into_iter().map(&mut data).collect());
        Self { head, columns, tail: reader.0.to_vec() }
    }

    fn put_together(&self) -> Vec<u8> {
        let mut body = self.head.clone();
        for columns in &self.columns {
            body.extend(uleb(columns.len() as u64));
            columns.iter().for_each(|(spec, data)| body.extend([uleb(*spec), uleb(data.len() as u64)].concat()));
        }
        self.columns.iter().flatten().for_each(|(_, data)| body.extend(data));
        body.extend(&self.tail);
        sealed(DOCUMENT_CHUNK, &body)
    }
}

#[test]
fn a_saved_document_passes_and_nothing_else_that_looks_like_one() {
    let (document, change) = reported();
    let saved = document.save();
    assert_eq!(screen_document(&saved), Ok(()));
    assert_eq!(Saved::take_apart(&saved).put_together(), saved);
    assert_eq!(screen_document(&change.bytes), Err(ScreenError::NotAChange), "a change");
    assert!(crate::doc::Document::load(&change.bytes).is_err(), "a change is no document");
    assert_eq!(screen_document(&[saved.as_slice(), &change.bytes].concat()), Err(ScreenError::Checksum), "more chunks");
    let longer = sealed(DOCUMENT_CHUNK, &[body(&saved), b"\0"].concat());
    assert_eq!(screen_document(&longer), Err(ScreenError::NotAChange), "bytes after the heads");
    assert_eq!(screen_document(&vec![0; MAX_DOCUMENT_BYTES + 1]), Err(ScreenError::TooLong));
    let mut deflated = Saved::take_apart(&saved);
    deflated.columns[1][0].0 |= 8;
    assert_eq!(screen_document(&deflated.put_together()), Err(ScreenError::NotAChange), "a deflated column");
}

#[test]
fn a_small_document_that_declares_millions_of_rows_is_not_loaded() {
    let (document, _) = reported();
    let honest = Saved::take_apart(&document.save());
    for half in [0, 1] {
        for at in 0..honest.columns[half].len() {
            let mut saved = Saved::take_apart(&document.save());
            let (spec, data) = &mut saved.columns[half][at];
            *data = match *spec & 7 {
                7 => continue,
                4 => uleb(1_000_000_000),
                5 => [sleb(1_000_000_000), uleb(1), b"a".to_vec()].concat(),
                _ => [sleb(1_000_000_000), sleb(0)].concat(),
            };
            let bomb = saved.put_together();
            assert_eq!(screen_document(&bomb), Err(ScreenError::TooManyOps), "column {at}");
            assert!(crate::doc::Document::load(&bomb).is_err());
        }
    }
}

#[test]
fn an_actor_beyond_the_list_is_refused_before_room_is_made_for_it() {
    const ACTORS: u64 = 1;
    let far = || [sleb(1), uleb(1 << 42)].concat();
    let (document, change) = reported();
    let honest = Saved::take_apart(&document.save());
    let places = (0..2).flat_map(|half| (0..honest.columns[half].len()).map(move |at| (half, at)));
    for (half, at) in places.filter(|(half, at)| honest.columns[*half][*at].0 & 7 == ACTORS) {
        let mut saved = Saved::take_apart(&document.save());
        saved.columns[half][at].1 = far();
        assert_eq!(screen_document(&saved.put_together()), Err(ScreenError::NotAChange), "column {at}");
    }
    for at in 0..Chunk::take_apart(&change.bytes).columns.len() {
        let mut chunk = Chunk::take_apart(&change.bytes);
        if chunk.columns[at].0 & 7 == ACTORS {
            chunk.columns[at].1 = far();
            assert_eq!(screen(&chunk.put_together()), Err(ScreenError::NotAChange), "column {at}");
        }
    }
}
