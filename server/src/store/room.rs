//! How much room is left where the office's files lie. Knows nothing of what they are.

use std::path::{Path, PathBuf};

/// A part of the disk that photos leave to records.
#[derive(Debug, Clone)]
pub struct Reserve {
    folder: PathBuf,
    bytes: u64,
}

impl Reserve {
    /// `bytes` on the disk of `folder`.
    pub fn new(folder: &Path, bytes: u64) -> Self {
        Self { folder: folder.to_owned(), bytes }
    }

    /// Whether so many bytes more leave the reserve alone. Where the disk does not tell, writing will.
    pub fn allows(&self, more: u64) -> bool {
        let free = rustix::fs::statvfs(&self.folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        free.map_or(true, |free| free >= self.bytes.saturating_add(more))
    }
}
