//! Unfinished uploads: a row says what is promised, a partial file holds what arrived, and its length is the offset.

use std::io;
use std::path::{Path, PathBuf};

use tokio::io::AsyncWriteExt;
use xiaohao_shared::id::{DeviceId, PhotoId};
use xiaohao_shared::time::Timestamp;

use super::{Connection, Pool, StoreError, number};

#[derive(Debug, Clone)]
pub struct Upload {
    pub id: String,
    pub device: DeviceId,
    pub sha: PhotoId,
    pub size: u64,
    pub expires_at: Timestamp,
    /// The photo is stored; the row stays so that a lost answer can be given again.
    pub finished: bool,
}

type Row = (String, i64, String, i64, i64, Option<i64>);

fn read((id, device, sha, size, expires_at, finished_at): Row) -> Result<Upload, StoreError> {
    Ok(Upload {
        id,
        device: DeviceId(device.unsigned_abs()),
        sha: sha.parse().map_err(|_| StoreError::Damaged(format!("upload of {sha:?}")))?,
        size: size.unsigned_abs(),
        expires_at: Timestamp(expires_at),
        finished: finished_at.is_some(),
    })
}

pub async fn find(pool: &Pool, id: &str) -> Result<Option<Upload>, StoreError> {
    let sql = "SELECT id, device, sha, size, expires_at, finished_at FROM uploads WHERE id = $1";
    sqlx::query_as::<_, Row>(sql).bind(id).fetch_optional(pool).await?.map(read).transpose()
}

/// What this device has begun to bring already of the same photo.
pub async fn begun(tx: &mut Connection, like: &Upload, now: Timestamp) -> Result<Option<Upload>, StoreError> {
    let sql = "SELECT id, device, sha, size, expires_at, finished_at FROM uploads \
               WHERE device = $1 AND sha = $2 AND size = $3 AND finished_at IS NULL AND expires_at > $4 LIMIT 1";
    let query = sqlx::query_as::<_, Row>(sql).bind(number(like.device.0)).bind(like.sha.to_string());
    query.bind(number(like.size)).bind(now.0).fetch_optional(tx).await?.map(read).transpose()
}

pub async fn open_count(tx: &mut Connection, device: DeviceId, now: Timestamp) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM uploads WHERE device = $1 AND finished_at IS NULL AND expires_at > $2";
    Ok(sqlx::query_scalar(sql).bind(number(device.0)).bind(now.0).fetch_one(tx).await?)
}

pub async fn insert(tx: &mut Connection, upload: &Upload, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO uploads (id, device, sha, size, expires_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let query = sqlx::query(sql).bind(&upload.id).bind(number(upload.device.0)).bind(upload.sha.to_string());
    let query = query.bind(number(upload.size)).bind(upload.expires_at.0);
    query.bind(upload.finished.then_some(now.0)).execute(tx).await?;
    Ok(())
}

pub async fn finish(tx: &mut Connection, id: &str, now: Timestamp) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE uploads SET finished_at = $2 WHERE id = $1").bind(id).bind(now.0);
    query.execute(tx).await?;
    Ok(())
}

pub async fn delete(tx: &mut Connection, id: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM uploads WHERE id = $1").bind(id).execute(tx).await?;
    Ok(())
}

pub async fn expired(pool: &Pool, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let query = sqlx::query_scalar("SELECT id FROM uploads WHERE expires_at < $1").bind(now.0);
    Ok(query.fetch_all(pool).await?)
}

/// The folder of partial files.
#[derive(Debug, Clone)]
pub struct Partials(PathBuf);

impl Partials {
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// Ids are made by us (hex), so they cannot climb out of the folder.
    fn path(&self, id: &str) -> PathBuf {
        self.0.join(id)
    }

    pub async fn all(&self) -> Result<Vec<String>, StoreError> {
        let (mut all, mut entries) = (Vec::new(), tokio::fs::read_dir(&self.0).await?);
        while let Some(entry) = entries.next_entry().await? {
            all.extend(entry.file_name().into_string());
        }
        Ok(all)
    }

    pub async fn len(&self, id: &str) -> Result<u64, StoreError> {
        match tokio::fs::metadata(self.path(id)).await {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns only after the bytes are on the disk: the offset that we acknowledge must survive a power cut.
    pub async fn append(&self, id: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut file = tokio::fs::OpenOptions::new().create(true).append(true).open(self.path(id)).await?;
        let before = file.metadata().await?.len();
        let written = async {
            file.write_all(bytes).await?;
            file.sync_all().await
        };
        if let Err(error) = written.await {
            // What a failed write left behind must not count as an offset.
            file.set_len(before).await?;
            return Err(error.into());
        }
        Ok(())
    }

    pub async fn read(&self, id: &str) -> Result<Vec<u8>, StoreError> {
        Ok(tokio::fs::read(self.path(id)).await?)
    }

    pub async fn remove(&self, id: &str) -> Result<(), StoreError> {
        match tokio::fs::remove_file(self.path(id)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}
