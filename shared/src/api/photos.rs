//! How a photo comes to the office, how large it may be, and which an office that was restored asks for.

use serde::{Deserialize, Serialize};

use crate::id::{IssueId, PhotoId};

/// Bounds of an uploaded photo; the phone keeps far below them.
pub const MAX_PHOTO_BYTES: u64 = 8 * 1024 * 1024;
/// Longest edge in pixels.
pub const MAX_PHOTO_EDGE: u32 = 8000;
/// Width times height.
pub const MAX_PHOTO_PIXELS: u64 = 40_000_000;

/// Most hashes in one question to `POST /api/photos/wanted`.
pub const MAX_OFFERED: usize = 500;

/// `Upload-Metadata` of a tus upload: `sha256 <base64 of the 32 bytes>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadMetadata {
    pub sha256: PhotoId,
}

/// The answer to `POST /api/photos/wanted`, whose body is the hashes of photos that a phone holds: what the office lacks of them,
/// as after a restore from a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub photos: Vec<WantedPhoto>,
    /// The office neither has these nor knows who names them. Another phone may still bring it the issue: ask again.
    pub unknown: Vec<PhotoId>,
}

/// A photo that the office names in an issue and does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedPhoto {
    pub photo: PhotoId,
    pub issue: IssueId,
    pub thumb: bool,
}
