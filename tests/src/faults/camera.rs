//! Photos from a phone to the office: the same order of requests as the app's `upload.rs`, over a connection that may end at
//! any moment. A photo counts as delivered only when the office said that it has every byte.

use base64ct::{Base64, Encoding};
use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use reqwest::Client;
use sha2::{Digest, Sha256};
use xiaohao_server::service::random;
use xiaohao_shared::api::{Problem, ProblemKind};
use xiaohao_shared::id::PhotoId;

use crate::{Answer, Call, TestDevice};

const PIECE: usize = 64 * 1024;
const PIECE_TYPE: &str = "application/offset+octet-stream";

/// A photo that the office does not have yet.
#[derive(Debug, Clone)]
pub struct Shot {
    pub photo: PhotoId,
    pub bytes: Vec<u8>,
    location: Option<String>,
}

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Delivered,
    /// Later again; with what the office said, where it said anything.
    NotNow(Option<ProblemKind>),
    /// The app would not ask again.
    Refused(ProblemKind),
}

impl Shot {
    /// A picture that does not compress: `edge` times `edge` pixels of three bytes.
    pub fn new(edge: u32) -> Self {
        let length = (edge * edge * 3) as usize;
        let pixels = std::iter::repeat_with(random::<32>).flatten().take(length).collect();
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbImage::from_raw(edge, edge, pixels).expect("as many bytes as pixels");
        picture.write_to(&mut bytes, ImageFormat::Png).expect("a picture");
        let bytes = bytes.into_inner();
        Self { photo: name(&bytes), bytes, location: None }
    }

    /// One attempt, which goes on where the last one broke off.
    pub async fn send(&mut self, device: &TestDevice, client: &Client) -> Sent {
        let sent = self.attempt(device, client).await;
        let done = self.bytes.len();
        match sent {
            Ok(reached) if reached == done => Sent::Delivered,
            Ok(_) => Sent::NotNow(None),
            Err(None) => Sent::NotNow(None),
            Err(Some(kind)) => match kind {
                ProblemKind::NotAPhoto | ProblemKind::TooLarge | ProblemKind::BadRequest => Sent::Refused(kind),
                ProblemKind::NotFound | ProblemKind::Conflict | ProblemKind::ChecksumMismatch => {
                    self.location = None;
                    Sent::NotNow(Some(kind))
                }
                other => Sent::NotNow(Some(other)),
            },
        }
    }

    async fn attempt(&mut self, device: &TestDevice, client: &Client) -> Result<usize, Option<ProblemKind>> {
        let mut offset = match &self.location {
            Some(location) => offset(&call(device, client, tus("HEAD", location)).await?)?,
            None => self.create(device, client).await?,
        };
        while let (true, Some(location)) = (offset < self.bytes.len(), &self.location) {
            let piece = tus("PATCH", location).header("upload-offset", &offset.to_string());
            offset = self::offset(&call(device, client, self.piece(piece, offset)).await?)?;
        }
        Ok(offset)
    }

    async fn create(&mut self, device: &TestDevice, client: &Client) -> Result<usize, Option<ProblemKind>> {
        let metadata = format!("sha256 {}", Base64::encode_string(&self.photo.0));
        let wish = tus("POST", "/api/uploads").header("upload-length", &self.bytes.len().to_string());
        let answer = call(device, client, self.piece(wish.header("upload-metadata", &metadata), 0)).await?;
        self.location = Some(answer.header("location").to_owned());
        offset(&answer)
    }

    fn piece(&self, call: Call, from: usize) -> Call {
        let to = self.bytes.len().min(from + PIECE);
        call.header("content-type", PIECE_TYPE).body(&self.bytes[from..to])
    }
}

/// The name of a photo is the SHA-256 of its bytes.
pub fn name(bytes: &[u8]) -> PhotoId {
    PhotoId(Sha256::digest(bytes).into())
}

fn tus(method: &str, path: &str) -> Call {
    Call::new(method, path).header("tus-resumable", "1.0.0")
}

/// Fails with what the office said, if it said anything. To HEAD it answers by the status alone.
async fn call(device: &TestDevice, client: &Client, call: Call) -> Result<Answer, Option<ProblemKind>> {
    let answer = Answer::by(client, device.sign(call)).await.map_err(|_| None)?;
    match answer.status {
        200..300 => Ok(answer),
        404 => Err(Some(ProblemKind::NotFound)),
        _ => Err(serde_json::from_slice::<Problem>(&answer.body).ok().map(|problem| problem.kind)),
    }
}

fn offset(answer: &Answer) -> Result<usize, Option<ProblemKind>> {
    answer.header("upload-offset").parse().map_err(|_| None)
}
