//! Photos that are complete and proven: bytes in the object store under their hash, a row beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, ObjectStore, ObjectStoreExt, PutOptions};
use sha2::{Digest, Sha256};
use xiaohao_shared::id::{DeviceId, PhotoId};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Pool, StoreError, number};

/// What is known of a stored photo without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    pub sha: PhotoId,
    pub size: u64,
    pub mime: String,
    pub width: u32,
    pub height: u32,
    pub received_at: Timestamp,
    /// Who brought it first.
    pub device: DeviceId,
}

type Row = (i64, String, u32, u32, i64, i64);

pub async fn find(pool: &Pool, sha: PhotoId) -> Result<Option<Blob>, StoreError> {
    let sql = "SELECT size, mime, width, height, received_at, device FROM blobs WHERE sha = $1";
    let row = sqlx::query_as::<_, Row>(sql).bind(sha.to_string()).fetch_optional(pool).await?;
    Ok(row.map(|(size, mime, width, height, received_at, device)| Blob {
        sha,
        size: size.unsigned_abs(),
        mime,
        width,
        height,
        received_at: Timestamp(received_at),
        device: DeviceId(device.unsigned_abs()),
    }))
}

/// Every photo that the office vouches for.
pub async fn all(tx: &mut Connection) -> Result<Vec<PhotoId>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar("SELECT sha FROM blobs ORDER BY sha").fetch_all(tx).await?;
    let parse = |name: &String| name.parse().map_err(|_| StoreError::Damaged(format!("photo {name:?}")));
    names.iter().map(parse).collect()
}

/// Does nothing where the photo is known already: two devices may bring the same one.
pub async fn insert(tx: &mut Connection, blob: &Blob) -> Result<(), StoreError> {
    let sql = "INSERT INTO blobs (sha, size, mime, width, height, received_at, device) \
               SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE sha = $1)";
    let query = sqlx::query(sql).bind(blob.sha.to_string()).bind(number(blob.size)).bind(&blob.mime);
    let query = query.bind(blob.width).bind(blob.height).bind(blob.received_at.0).bind(number(blob.device.0));
    query.execute(tx).await?;
    Ok(())
}

/// A write that is under way does not take so long.
const STALE: Duration = Duration::from_secs(3_600);

/// Where the bytes are. A local folder now; a bucket is another constructor.
#[derive(Debug, Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

impl Blobs {
    /// object_store does not fsync by default, which would acknowledge photos that a power cut takes back.
    pub fn in_folder(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)?;
        let store = Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true));
        Ok(Self { store, folder: folder.to_owned() })
    }

    fn path(sha: PhotoId) -> object_store::path::Path {
        let hex = sha.to_string();
        format!("photos/{}/{hex}", &hex[..2]).into()
    }

    /// Replaces what stands there: the name is the hash of the content, so it is the same, or it is damaged.
    pub async fn put(&self, sha: PhotoId, bytes: Bytes) -> Result<(), StoreError> {
        self.store.put_opts(&Self::path(sha), bytes.into(), PutOptions::default()).await?;
        Ok(())
    }

    /// The whole photo, `None` where it is not there or its bytes are not those of its name.
    pub async fn get(&self, sha: PhotoId) -> Result<Option<Bytes>, StoreError> {
        let bytes = match self.store.get_opts(&Self::path(sha), GetOptions::default()).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let found: [u8; 32] = Sha256::digest(&bytes).into();
        Ok((found == sha.0).then_some(bytes))
    }

    /// The bytes of a photo whose row is gone. None of them is fine, too.
    pub async fn remove(&self, sha: PhotoId) -> Result<(), StoreError> {
        match self.store.delete(&Self::path(sha)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what a process that was killed while it wrote a photo has left: files that never got their name. Not those of a
    /// moment ago, which another process may be writing.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        let photos = self.folder.join("photos");
        let task = tokio::task::spawn_blocking(move || remove_unnamed(&photos));
        Ok(task.await.unwrap_or(Ok(()))?)
    }
}

/// object_store writes beside the name that a file will have, with `#` and a number behind it.
fn remove_unnamed(photos: &Path) -> std::io::Result<()> {
    let Ok(folders) = std::fs::read_dir(photos) else { return Ok(()) };
    for folder in folders {
        for file in std::fs::read_dir(folder?.path())? {
            let file = file?;
            let is_stale = file.metadata()?.modified()?.elapsed().is_ok_and(|age| age > STALE);
            if is_stale && file.file_name().to_string_lossy().contains('#') {
                std::fs::remove_file(file.path())?;
            }
        }
    }
    Ok(())
}
