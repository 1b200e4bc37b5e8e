//! Photos: an upload that arrives in pieces, the proof that it is the promised picture, and who may look at it.
//! Knows nothing of tus headers; counts bytes.

mod exif;
mod parts;

use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use image::{ImageFormat, ImageReader};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::{MAX_OFFERED, MAX_PHOTO_BYTES, MAX_PHOTO_EDGE, MAX_PHOTO_PIXELS, Wanted, WantedPhoto};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::{DeviceId, PhotoId};
use xiaohao_shared::model::policy::{self, Right};
use xiaohao_shared::time::{DAY, MINUTE, Timestamp};

use super::directory::Caller;
use super::{Service, ServiceError, random};
use crate::store::blobs::{self, Blob};
use crate::store::room::Reserve;
use crate::store::uploads::{self, Partials, Upload};
use crate::store::{StoreError, held, projection, retention};

/// An upload that nobody continued for this long is thrown away; the phone keeps the original until it is told.
const UPLOAD_LIFE: i64 = 7 * DAY;
const MAX_OPEN: i64 = 64;

/// The uploads that are under way.
pub struct Uploads {
    partials: Partials,
    reserve: Reserve,
    busy: Mutex<BTreeSet<String>>,
    /// One big picture at a time: decoding takes a hundred megabytes at worst.
    decoding: Semaphore,
}

impl Uploads {
    /// `reserve` bytes of the disk are left to records, which are small and must not wait for pictures.
    pub fn open(folder: &Path, reserve: u64) -> Result<Self, StoreError> {
        let partials = Partials::open(folder)?;
        Ok(Self {
            partials,
            reserve: Reserve::new(folder, reserve),
            busy: Mutex::default(),
            decoding: Semaphore::new(1),
        })
    }

    /// So many bytes more are promised or written.
    fn need(&self, bytes: u64) -> Result<(), ServiceError> {
        if self.reserve.allows(bytes) { Ok(()) } else { Err(ServiceError::NoRoom) }
    }

    /// Two requests must not append to the same upload: a phone repeats one that it believes lost.
    fn occupy(&self, id: &str) -> Result<Busy<'_>, ServiceError> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.insert(id.to_owned()) {
            Ok(Busy { uploads: self, id: id.to_owned() })
        } else {
            Err(ServiceError::Conflict(Reason::UploadBusy))
        }
    }
}

struct Busy<'a> {
    uploads: &'a Uploads,
    id: String,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.uploads.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub id: String,
    pub offset: u64,
    pub size: u64,
    pub expires_at: Timestamp,
}

/// Promises a photo. One that the office has already is complete at once, so nothing is sent twice; one that this device has
/// begun goes on: browsers repeat a request by themselves, and nobody would ever finish the first of two.
pub async fn create(service: &Service, device: DeviceId, sha: PhotoId, size: u64) -> Result<Progress, ServiceError> {
    if size > MAX_PHOTO_BYTES {
        return Err(ServiceError::TooLarge);
    }
    let known = blobs::find(&service.store, sha).await?;
    if size == 0 || known.as_ref().is_some_and(|blob| blob.size != size) {
        return Err(ServiceError::Unfit(Reason::PhotoSize));
    }
    // A phone lets go of what the office says that it has: the row alone is not enough.
    let here = known.is_some() && service.blobs.get(sha).await?.is_some();
    // What was taken away on purpose does not come back by a phone that has it still.
    let finished = here || (known.is_none() && retention::is_removed(&service.store, sha).await?);
    if !finished {
        // Before the row: a phone that tries again and again must not leave a row each time. The photo is there twice for a
        // moment, as it arrived and as it is kept.
        service.uploads.need(2 * size)?;
    }
    let upload = Upload {
        id: base16ct::lower::encode_string(&random::<16>()),
        device,
        sha,
        size,
        expires_at: service.now() + UPLOAD_LIFE,
        finished,
    };
    let mut tx = service.write().await?;
    if let Some(begun) = uploads::begun(&mut tx, &upload, service.now()).await?.filter(|_| !finished) {
        drop(tx);
        // All of it may have arrived before the process died: an offset equal to the size is a promise.
        return status(service, device, &begun.id).await;
    }
    if uploads::open_count(&mut tx, device, service.now()).await? >= MAX_OPEN {
        // One of those that are open may be whole by then.
        return Err(ServiceError::TooMany { wait: MINUTE });
    }
    uploads::insert(&mut tx, &upload, service.now()).await?;
    tx.commit().await?;
    progress(service, upload).await
}

/// Whether a photo belongs to the work that a device has left behind: of one that is out of service nothing else is taken.
pub async fn is_awaited(service: &Service, device: DeviceId, sha: PhotoId) -> Result<bool, ServiceError> {
    let named = projection::lacking_photo(&service.store, sha).await?.is_some();
    Ok(named || held::names_photo(&service.store, device, sha).await?)
}

/// How far the upload is. Where everything arrived but the last step failed, it is taken now: an offset equal to the
/// size tells the phone that the photo is safe.
pub async fn status(service: &Service, device: DeviceId, id: &str) -> Result<Progress, ServiceError> {
    let now_at = progress(service, own(service, device, id).await?).await?;
    if now_at.offset < now_at.size {
        Ok(now_at)
    } else {
        append(service, device, id, now_at.offset, Bytes::new()).await
    }
}

/// Somebody else's upload does not exist for this device.
async fn own(service: &Service, device: DeviceId, id: &str) -> Result<Upload, ServiceError> {
    let upload = uploads::find(&service.store, id).await?.ok_or(ServiceError::NotFound)?;
    match upload.expires_at > service.now() {
        false => Err(ServiceError::NotFound),
        true if upload.device != device => Err(ServiceError::Hidden),
        true => Ok(upload),
    }
}

async fn progress(service: &Service, upload: Upload) -> Result<Progress, ServiceError> {
    let offset = if upload.finished { upload.size } else { service.uploads.partials.len(&upload.id).await? };
    Ok(Progress { id: upload.id, offset, size: upload.size, expires_at: upload.expires_at })
}

/// Appends one verified piece at exactly the offset that we hold, and completes the photo with the last one.
/// In a task of its own: a phone that hangs up must not leave a half-done write behind that still goes on.
pub async fn append(
    service: &Service,
    device: DeviceId,
    id: &str,
    offset: u64,
    piece: Bytes,
) -> Result<Progress, ServiceError> {
    let upload = own(service, device, id).await?;
    let service = service.clone();
    let task = tokio::spawn(async move { append_alone(&service, upload, offset, &piece).await });
    task.await.unwrap_or_else(|error| Err(StoreError::File(std::io::Error::other(error)).into()))
}

async fn append_alone(service: &Service, upload: Upload, offset: u64, piece: &[u8]) -> Result<Progress, ServiceError> {
    let _busy = service.uploads.occupy(&upload.id)?;
    let mut now_at = progress(service, upload.clone()).await?;
    if now_at.offset != offset {
        return Err(ServiceError::Conflict(Reason::UploadElsewhere));
    }
    if piece.len() as u64 > upload.size - offset {
        return Err(ServiceError::TooLarge);
    }
    if !piece.is_empty() {
        service.uploads.need(upload.size - offset + upload.size)?;
        service.uploads.partials.append(&upload.id, piece).await?;
        now_at.offset += piece.len() as u64;
    }
    if now_at.offset == upload.size && !upload.finished {
        finish(service, &upload).await?;
    }
    Ok(now_at)
}

/// Gives an upload up.
pub async fn cancel(service: &Service, device: DeviceId, id: &str) -> Result<(), ServiceError> {
    let upload = own(service, device, id).await?;
    let _busy = service.uploads.occupy(id)?;
    forget(service, &upload.id).await
}

/// The row goes first: a file without a row is swept later, a row without its file would lie about its offset.
async fn forget(service: &Service, id: &str) -> Result<(), ServiceError> {
    let mut tx = service.write().await?;
    uploads::delete(&mut tx, id).await?;
    tx.commit().await?;
    Ok(service.uploads.partials.remove(id).await?)
}

/// Everything arrived: what is not the promised picture is thrown away, so that the phone can begin again.
async fn finish(service: &Service, upload: &Upload) -> Result<(), ServiceError> {
    let bytes = Bytes::from(service.uploads.partials.read(&upload.id).await?);
    match inspect(service, bytes.clone(), Some(upload.sha)).await {
        Ok(seen) => keep(service, upload.device, &seen, bytes, Some(&upload.id)).await?,
        Err(error @ (ServiceError::ChecksumMismatch | ServiceError::NotAPhoto(_))) => {
            forget(service, &upload.id).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    }
    Ok(service.uploads.partials.remove(&upload.id).await?)
}

/// Stores a whole photo that did not come by upload.
pub async fn store(service: &Service, device: DeviceId, bytes: Bytes) -> Result<PhotoId, ServiceError> {
    let seen = inspect(service, bytes.clone(), None).await?;
    keep(service, device, &seen, bytes, None).await?;
    Ok(seen.sha)
}

/// The bytes become durable before the row that vouches for them.
async fn keep(
    service: &Service,
    device: DeviceId,
    seen: &Seen,
    bytes: Bytes,
    upload: Option<&str>,
) -> Result<(), ServiceError> {
    let now = service.now();
    let blob = Blob {
        sha: seen.sha,
        size: bytes.len() as u64,
        mime: seen.format.to_mime_type().to_owned(),
        width: seen.width,
        height: seen.height,
        received_at: now,
        device,
    };
    service.blobs.put(seen.sha, bytes).await?;
    let mut tx = service.write().await?;
    blobs::insert(&mut tx, &blob).await?;
    if let Some(id) = upload {
        uploads::finish(&mut tx, id, now).await?;
    }
    tx.commit().await
}

/// Why bytes are no photo that an office keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPhoto {
    #[error("of another format")]
    Format,
    #[error("it does not open")]
    Broken,
    #[error("its sides are too long")]
    Sides,
    #[error(transparent)]
    Carries(#[from] parts::Stowaway),
}

/// What a picture turned out to be.
#[derive(Debug)]
pub struct Seen {
    pub sha: PhotoId,
    pub format: ImageFormat,
    pub width: u32,
    pub height: u32,
}

async fn inspect(service: &Service, bytes: Bytes, promised: Option<PhotoId>) -> Result<Seen, ServiceError> {
    let _turn = service.uploads.decoding.acquire().await;
    let looked = tokio::task::spawn_blocking(move || look(&bytes, promised)).await;
    looked.unwrap_or_else(|_| Err(NotAPhoto::Broken.into()))
}

/// Believes neither name nor header: hashes, sniffs and decodes the whole picture. Costs at most some hundred megabytes for a
/// moment; a decoder of others may panic over hostile bytes, so call it in a task of its own.
pub fn look(bytes: &[u8], promised: Option<PhotoId>) -> Result<Seen, ServiceError> {
    let sha = PhotoId(Sha256::digest(bytes).into());
    if promised.is_some_and(|promised| promised != sha) {
        return Err(ServiceError::ChecksumMismatch);
    }
    let format = image::guess_format(bytes).map_err(|_| NotAPhoto::Format)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(NotAPhoto::Format.into());
    }
    check_size(bytes, format)?;
    // A photo is named by its hash, so it cannot be cleaned here: one that says where, when or with what it was taken is refused. The
    // app encodes each anew and brings none.
    parts::check(bytes, format).map_err(NotAPhoto::from)?;
    let picture = reader(bytes, format).decode().map_err(broken)?;
    Ok(Seen { sha, format, width: picture.width(), height: picture.height() })
}

/// From the header alone, before a single pixel costs memory.
fn check_size(bytes: &[u8], format: ImageFormat) -> Result<(), ServiceError> {
    let header = ImageReader::with_format(Cursor::new(bytes), format).into_dimensions();
    let (width, height) = header.map_err(broken)?;
    let fits = width.max(height) <= MAX_PHOTO_EDGE && u64::from(width) * u64::from(height) <= MAX_PHOTO_PIXELS;
    if fits { Ok(()) } else { Err(NotAPhoto::Sides.into()) }
}

/// What the decoder says is for whoever mends it: it names no pixel, and is no help to whoever took the picture.
fn broken(error: image::ImageError) -> ServiceError {
    tracing::debug!(%error, "a picture that does not open");
    NotAPhoto::Broken.into()
}

fn reader(bytes: &[u8], format: ImageFormat) -> ImageReader<Cursor<&[u8]>> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    reader
}

fn limits() -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_PHOTO_EDGE);
    limits.max_image_height = Some(MAX_PHOTO_EDGE);
    limits.max_alloc = Some(MAX_PHOTO_PIXELS * 8);
    limits
}

/// A photo that this caller may see. Absent and forbidden are the same answer: hashes are not to be probed.
pub async fn find(service: &Service, caller: &Caller, sha: PhotoId) -> Result<Blob, ServiceError> {
    let zones = projection::photo_zones(&service.store, sha).await?;
    let named = !zones.is_empty();
    let sees = zones.into_iter().any(|zone| policy::may_see_zone(&caller.person, zone))
        || decides_about(service, caller, sha).await?;
    match blobs::find(&service.store, sha).await? {
        // Until an issue names it, it is its bringer's. From then on it is of the issue, and he may have lost the zone.
        Some(blob) if sees || (!named && blob.device == caller.device) => Ok(blob),
        None if sees && retention::is_removed(&service.store, sha).await? => Err(ServiceError::PhotoRemoved),
        None if sees || !named => Err(ServiceError::NotFound),
        _ => Err(ServiceError::Hidden),
    }
}

/// Whether it is of a change that waits for the desk, and the caller is of those who adopt or discard: they see it before.
async fn decides_about(service: &Service, caller: &Caller, photo: PhotoId) -> Result<bool, ServiceError> {
    if !policy::may(&caller.person, Right::Review) {
        return Ok(false);
    }
    // That the text speaks of it is not enough: anybody may write a name into a remark.
    let names = |edit: Edit| edit.photos.iter().any(|(id, taken)| *id == photo || taken.thumb == Some(photo));
    let waiting = held::waiting_with(&service.store, photo).await?;
    Ok(waiting.iter().filter_map(|content| serde_json::from_str(content).ok()).any(names))
}

/// Which of the photos that a phone holds the office should have and has not. Of what only others may see nothing is said but
/// what is said of the unknown: it is asked about again, when its owner may see the issue again.
pub async fn wanted(service: &Service, caller: &Caller, offered: Vec<PhotoId>) -> Result<Wanted, ServiceError> {
    if offered.len() > MAX_OFFERED {
        return Err(ServiceError::TooLarge);
    }
    let mut wanted = Wanted::default();
    for photo in offered {
        match projection::lacking_photo(&service.store, photo).await? {
            Some((issue, zone, thumb)) if policy::may_see_zone(&caller.person, zone) => {
                wanted.photos.push(WantedPhoto { photo, issue, thumb });
            }
            None if is_settled(service, photo).await? => {}
            _ => wanted.unknown.push(photo),
        }
    }
    Ok(wanted)
}

/// The office has it, or had it for as long as it wanted to.
async fn is_settled(service: &Service, photo: PhotoId) -> Result<bool, ServiceError> {
    let here = blobs::find(&service.store, photo).await?.is_some();
    Ok(here || retention::is_removed(&service.store, photo).await?)
}

/// The bytes of a photo. Whatever happened to the disk, they are those of its name, or there are none.
pub async fn read(service: &Service, blob: &Blob) -> Result<Bytes, ServiceError> {
    let bytes = service.blobs.get(blob.sha).await?.filter(|bytes| bytes.len() as u64 == blob.size);
    bytes.ok_or_else(|| StoreError::Damaged(format!("photo {}", blob.sha)).into())
}

/// Removes uploads that nobody continued, and what a killed process has left of others.
pub async fn sweep(service: &Service) -> Result<(), ServiceError> {
    for id in uploads::expired(&service.store, service.now()).await? {
        if let Ok(_busy) = service.uploads.occupy(&id) {
            forget(service, &id).await?;
        }
    }
    for id in service.uploads.partials.all().await? {
        if uploads::find(&service.store, &id).await?.is_none() {
            service.uploads.partials.remove(&id).await?;
        }
    }
    Ok(service.blobs.sweep().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image::DynamicImage::new_luma8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_known_by_its_content() {
        let seen = look(&png(3, 2), None).unwrap();
        assert_eq!((seen.format, seen.width, seen.height), (ImageFormat::Png, 3, 2));
    }

    #[test]
    fn a_picture_of_too_many_pixels_is_refused_from_its_header() {
        assert!(matches!(check_size(&png(MAX_PHOTO_EDGE + 1, 1), ImageFormat::Png), Err(ServiceError::NotAPhoto(_))));
    }

    #[test]
    fn a_picture_that_breaks_off_is_refused() {
        let whole = png(300, 300);
        assert!(look(&whole[..whole.len() / 2], None).is_err());
    }
}
