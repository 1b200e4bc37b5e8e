//! The look at foreign bytes, a change or a saved document, before Automerge may see them: chunk type, size, hash and declared
//! operations, read without allocating what they claim. 64 bytes can declare a million operations; they are refused here.

use sha2::{Digest, Sha256};

use crate::id::{Actor, ChangeHash};

/// Longest change that is admitted, in bytes.
pub const MAX_CHANGE_BYTES: usize = 64 * 1024;
/// Most rows that any column of a change may declare.
pub const MAX_OPS: u64 = 2_000;

/// Longest document that is loaded, in bytes. The hub stops merging long before.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;
/// Most rows that any column of a document may declare: about 100 MB of memory while it is loaded.
pub const MAX_DOCUMENT_ROWS: u64 = 256 * 1024;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT_CHUNK: u8 = 0;
const CHANGE_CHUNK: u8 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScreenError {
    #[error("longer than {MAX_CHANGE_BYTES} bytes of a change or {MAX_DOCUMENT_BYTES} of a document")]
    TooLong,
    #[error("it declares more than {MAX_OPS} operations in a change or {MAX_DOCUMENT_ROWS} in a document")]
    TooManyOps,
    #[error("not a plain chunk of its kind")]
    NotAChange,
    #[error("the checksum does not fit the bytes")]
    Checksum,
    #[error("the actor is not a device number and a nonce")]
    Actor,
}

/// What the header says, proven only as far as the hash goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screened {
    pub hash: ChangeHash,
    pub actor: Actor,
    pub seq: u64,
    pub start_op: u64,
    pub deps: Vec<ChangeHash>,
}

/// Screens one raw change. Costs a few microseconds, whatever the bytes claim.
pub fn screen(bytes: &[u8]) -> Result<Screened, ScreenError> {
    if bytes.len() > MAX_CHANGE_BYTES {
        return Err(ScreenError::TooLong);
    }
    let hash = hash(bytes, CHANGE_CHUNK)?;
    let mut body = chunk_body(bytes)?;
    let deps = body.deps()?;
    let actor = Actor::from_bytes(body.counted()?).ok_or(ScreenError::Actor)?;
    let (seq, start_op) = (body.uleb()?, body.uleb()?);
    body.sleb()?; // time
    // A message is a text that no policy reads; we write none.
    if !body.counted()?.is_empty() {
        return Err(ScreenError::NotAChange);
    }
    let others = body.actors()?;
    let columns = body.layout()?;
    body.columns(&columns, Bounds { rows: MAX_OPS, actors: 1 + others })?;
    // What follows would be an author footer or bytes of a future format; we write neither.
    body.end()?;
    if seq == 0 || start_op == 0 || u32::try_from(start_op).is_err() {
        return Err(ScreenError::NotAChange);
    }
    Ok(Screened { hash, actor, seq, start_op, deps })
}

/// The hash of a change, if its bytes are those that were written. Says nothing of what stands in them.
pub fn change_hash(bytes: &[u8]) -> Result<ChangeHash, ScreenError> {
    hash(bytes, CHANGE_CHUNK)
}

/// Whether the bytes of a saved document are those that were written, by the checksum that they begin with. A thousand times
/// cheaper than loading it, and enough against a disk; against a forger it proves nothing.
pub fn is_whole(document: &[u8]) -> bool {
    hash(document, DOCUMENT_CHUNK).is_ok() && chunk_body(document).is_ok()
}

/// Screens a saved document; only what [`super::Document::save`] writes passes. The hash is no proof: whoever forges a document
/// makes the hash that fits.
pub fn screen_document(bytes: &[u8]) -> Result<(), ScreenError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(ScreenError::TooLong);
    }
    hash(bytes, DOCUMENT_CHUNK)?;
    let mut body = chunk_body(bytes)?;
    let bounds = Bounds { rows: MAX_DOCUMENT_ROWS, actors: body.actors()? };
    let heads = body.deps()?;
    let (changes, ops) = (body.layout()?, body.layout()?);
    body.columns(&changes, bounds)?;
    body.columns(&ops, bounds)?;
    for _head in heads {
        body.uleb()?;
    }
    body.end()
}

fn hash(bytes: &[u8], kind: u8) -> Result<ChangeHash, ScreenError> {
    let hashed = bytes.get(8..).ok_or(ScreenError::NotAChange)?;
    let hash: [u8; 32] = Sha256::digest(hashed).into();
    if bytes[..4] != MAGIC || hashed.first() != Some(&kind) {
        return Err(ScreenError::NotAChange);
    }
    if bytes[4..8] == hash[..4] { Ok(ChangeHash(hash)) } else { Err(ScreenError::Checksum) }
}

fn chunk_body(bytes: &[u8]) -> Result<Reader<'_>, ScreenError> {
    let mut reader = Reader(&bytes[9..]);
    let length = reader.uleb()?;
    if reader.0.len() as u64 == length { Ok(reader) } else { Err(ScreenError::NotAChange) }
}

/// What the columns of a chunk may say.
#[derive(Clone, Copy)]
struct Bounds {
    rows: u64,
    /// Actors are named by their place in a list of so many.
    actors: u64,
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Result<&'a [u8], ScreenError> {
        let length = usize::try_from(length).map_err(|_| ScreenError::NotAChange)?;
        let (head, rest) = self.0.split_at_checked(length).ok_or(ScreenError::NotAChange)?;
        self.0 = rest;
        Ok(head)
    }

    fn leb(&mut self) -> Result<(u64, u32, u8), ScreenError> {
        let (mut value, mut shift) = (0u64, 0);
        loop {
            let byte = self.take(1)?[0];
            if shift >= 63 && byte > 1 {
                return Err(ScreenError::NotAChange);
            }
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok((value, shift, byte));
            }
        }
    }

    fn uleb(&mut self) -> Result<u64, ScreenError> {
        Ok(self.leb()?.0)
    }

    fn sleb(&mut self) -> Result<i64, ScreenError> {
        let (value, shift, last) = self.leb()?;
        let sign = if last & 0x40 != 0 && shift < 64 { u64::MAX << shift } else { 0 };
        Ok((value | sign).cast_signed())
    }

    fn counted(&mut self) -> Result<&'a [u8], ScreenError> {
        let length = self.uleb()?;
        self.take(length)
    }

    /// A count of things that are at least `size` bytes long: more than fit cannot follow.
    fn count(&mut self, size: u64) -> Result<u64, ScreenError> {
        let count = self.uleb()?;
        if count.saturating_mul(size) <= self.0.len() as u64 { Ok(count) } else { Err(ScreenError::NotAChange) }
    }

    fn deps(&mut self) -> Result<Vec<ChangeHash>, ScreenError> {
        let mut deps = Vec::new();
        for _ in 0..self.count(32)? {
            let bytes: [u8; 32] = self.take(32)?.try_into().map_err(|_| ScreenError::NotAChange)?;
            deps.push(ChangeHash(bytes));
        }
        Ok(deps)
    }

    /// Specification and length of columns whose data follows later.
    fn layout(&mut self) -> Result<Vec<(u64, u64)>, ScreenError> {
        let mut columns = Vec::new();
        for _ in 0..self.count(2)? {
            columns.push((self.uleb()?, self.uleb()?));
        }
        Ok(columns)
    }

    /// How many actors are listed here.
    fn actors(&mut self) -> Result<u64, ScreenError> {
        let count = self.count(17)?;
        for _ in 0..count {
            Actor::from_bytes(self.counted()?).ok_or(ScreenError::Actor)?;
        }
        Ok(count)
    }

    fn columns(&mut self, layout: &[(u64, u64)], bounds: Bounds) -> Result<(), ScreenError> {
        for (spec, length) in layout {
            let data = self.take(*length)?;
            if Reader(data).rows(*spec, bounds.actors)? > bounds.rows {
                return Err(ScreenError::TooManyOps);
            }
        }
        Ok(())
    }

    fn end(&self) -> Result<(), ScreenError> {
        if self.0.is_empty() { Ok(()) } else { Err(ScreenError::NotAChange) }
    }

    /// How many rows a column declares, by its run lengths. The low three bits of the specification are its type.
    fn rows(mut self, spec: u64, actors: u64) -> Result<u64, ScreenError> {
        const DEFLATED: u64 = 8;
        let mut rows = 0u64;
        match spec & 7 {
            _ if spec & DEFLATED != 0 => return Err(ScreenError::NotAChange),
            7 => {}
            4 => {
                while !self.0.is_empty() {
                    rows = rows.saturating_add(self.uleb()?);
                }
            }
            kind => {
                while !self.0.is_empty() {
                    rows = rows.saturating_add(self.run(kind, actors)?);
                }
            }
        }
        Ok(rows)
    }

    fn run(&mut self, kind: u64, actors: u64) -> Result<u64, ScreenError> {
        let length = self.sleb()?;
        let literals = match length {
            0 => return self.uleb(),
            1.. => 1,
            _ => length.unsigned_abs(),
        };
        for _ in 0..literals {
            match kind {
                // Automerge makes room for as many as the highest place.
                1 if self.uleb()? >= actors => return Err(ScreenError::NotAChange),
                1 => {}
                5 => drop(self.counted()?),
                _ => drop(self.leb()?),
            }
        }
        Ok(length.unsigned_abs())
    }
}

#[cfg(test)]
pub(super) mod tests;
