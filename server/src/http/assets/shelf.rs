//! Files as they were read last, so that however many ask for one it lies in memory once. Knows no request.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Bytes;
use tokio::sync::Mutex;

/// The whole app, each file in three forms, takes a third of it.
const ROOM: u64 = 64 * 1024 * 1024;

/// When and how large: what a file is known by.
type Stamp = (Option<SystemTime>, u64);

#[derive(Clone, Default)]
pub struct Shelf(Arc<Mutex<Files>>);

#[derive(Default)]
struct Files {
    all: BTreeMap<PathBuf, (Stamp, Bytes)>,
    taken: u64,
}

impl Shelf {
    /// One after another: of those who ask for the same file at once, the first reads it for all. `None` where there is no such file.
    pub async fn get(&self, path: &Path) -> Option<Bytes> {
        let about = tokio::fs::metadata(path).await.ok().filter(std::fs::Metadata::is_file)?;
        let stamp = (about.modified().ok(), about.len());
        let mut files = self.0.lock().await;
        if let Some((_, bytes)) = files.all.get(path).filter(|(of, _)| *of == stamp) {
            return Some(bytes.clone());
        }
        let bytes = Bytes::from(tokio::fs::read(path).await.ok()?);
        files.keep(path, stamp, bytes.clone());
        Some(bytes)
    }
}

impl Files {
    /// Where there is no room, everything else goes: an app that is served fits, so these are the files of the one before.
    fn keep(&mut self, path: &Path, stamp: Stamp, bytes: Bytes) {
        let size = bytes.len() as u64;
        self.taken -= self.all.remove(path).map_or(0, |(_, bytes)| bytes.len() as u64);
        if self.taken + size > ROOM {
            *self = Self::default();
        }
        if size <= ROOM {
            self.taken += size;
            self.all.insert(path.to_owned(), (stamp, bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_lies_in_memory_once_until_it_changes() {
        let (shelf, folder) = (Shelf::default(), tempfile::tempdir().unwrap());
        let path = folder.path().join("app.wasm");
        assert_eq!(shelf.get(&path).await, None);
        std::fs::write(&path, b"old").unwrap();
        let (first, second) = (shelf.get(&path).await.unwrap(), shelf.get(&path).await.unwrap());
        assert_eq!((&first[..], first.as_ptr()), (&b"old"[..], second.as_ptr()));
        std::fs::write(&path, b"newer").unwrap();
        assert_eq!(&shelf.get(&path).await.unwrap()[..], b"newer");
        assert_eq!(shelf.0.lock().await.taken, 5);
        assert_eq!(shelf.get(folder.path()).await, None, "a folder is no file");
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut files = Files::default();
        let half = Bytes::from(vec![0; ROOM as usize / 2]);
        for name in ["a", "b", "c", "c"] {
            files.keep(Path::new(name), (None, 0), half.clone());
            assert!(files.taken <= ROOM && files.taken == files.all.len() as u64 * ROOM / 2, "{name}");
        }
        assert_eq!(files.all.keys().collect::<Vec<_>>(), [Path::new("c")]);
        files.keep(Path::new("d"), (None, 0), vec![0; ROOM as usize + 1].into());
        assert!(!files.all.contains_key(Path::new("d")));
    }
}
