//! One photo to the office by tus 1.0, in pieces that are each signed, going on where the last attempt broke off.
//! Must not choose what goes next: the worker does.

use base64ct::{Base64, Encoding};
use std::cmp::Ordering;
use std::pin::Pin;

use xiaohao_shared::api::{Problem, ProblemKind};
use xiaohao_shared::id::PhotoId;

use crate::browser::{device_time, sha256};
use crate::net::{Answer, Call, Net, NetError};
use crate::store::photos::{PhotoRefusal, Upload};
use crate::store::{Store, StoreError};

const PATH: &str = "/api/uploads";

/// What became of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The office has it.
    Done,
    /// It will never take it.
    Refused(PhotoRefusal),
    /// Later again.
    NotNow,
    /// Part of it arrived, then the link broke: soon again.
    CutOff,
}

enum Stop {
    Net(NetError),
    Store,
    /// Another request continues this upload.
    Busy,
    /// The office does not know the upload any more, or has less of it than it said.
    StartAgain,
}

impl From<NetError> for Stop {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Problem(problem) if lost(&problem) => Self::StartAgain,
            other => Self::Net(other),
        }
    }
}

impl From<StoreError> for Stop {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

fn lost(problem: &Problem) -> bool {
    problem.kind == ProblemKind::NotFound
}

/// Also where bytes changed on the way: the office has thrown them away.
fn starts_again(stop: &Stop) -> bool {
    match stop {
        Stop::StartAgain => true,
        Stop::Net(NetError::Problem(problem)) => problem.kind == ProblemKind::ChecksumMismatch,
        Stop::Net(_) | Stop::Store | Stop::Busy => false,
    }
}

/// The office will say the same again.
fn is_final(problem: &Problem) -> bool {
    let kinds = [ProblemKind::NotAPhoto, ProblemKind::TooLarge, ProblemKind::BadRequest];
    kinds.contains(&problem.kind)
}

/// Sends what is missing of one photo. What the office has of it is remembered over restarts.
pub async fn send(net: &Net, store: &Store, upload: &Upload) -> Outcome {
    let bytes = match store.photo(upload.photo).await {
        Ok(photo) => photo.map(|photo| photo.bytes).unwrap_or_default(),
        Err(_) => return Outcome::NotNow,
    };
    // What is not what was taken would be thrown away at the office after every byte of it has travelled.
    if sha256(&bytes).await.ok() != Some(upload.photo.0) {
        return Outcome::Refused(PhotoRefusal::Damaged);
    }
    let photo = Photo { id: upload.photo, bytes: &bytes };
    let remember = |location| {
        let upload = Upload { location, ..upload.clone() };
        Box::pin(async move { store.put_upload(&upload).await }) as Kept<'_>
    };
    send_photo(net, photo, upload.location.clone(), &remember).await
}

/// A photo whose bytes are what its name says.
#[derive(Clone, Copy)]
pub struct Photo<'a> {
    pub id: PhotoId,
    pub bytes: &'a [u8],
}

/// Done when it is durable. Boxed, because the whole protocol would be in the download once for each keeper.
pub type Kept<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'a>>;

/// The same for a photo from anywhere. `remember` keeps where the office takes the rest of it.
pub async fn send_photo<'a>(
    net: &Net,
    photo: Photo<'_>,
    location: Option<String>,
    remember: &dyn Fn(Option<String>) -> Kept<'a>,
) -> Outcome {
    let before = net.pace.arrived();
    match attempt(net, photo, location, remember).await {
        Ok(()) => Outcome::Done,
        Err(Stop::Net(NetError::Problem(problem))) if is_final(&problem) => {
            Outcome::Refused(PhotoRefusal::Office(problem.kind))
        }
        Err(stop) if starts_again(&stop) => {
            let _ = remember(None).await;
            Outcome::NotNow
        }
        Err(_) if net.pace.arrived() != before => Outcome::CutOff,
        Err(_) => Outcome::NotNow,
    }
}

async fn attempt<'a>(
    net: &Net,
    photo: Photo<'_>,
    location: Option<String>,
    remember: &dyn Fn(Option<String>) -> Kept<'a>,
) -> Result<(), Stop> {
    let (location, mut offset) = match location {
        Some(location) => {
            let offset = offset(&ask(net, &location).await?)?;
            (location, offset)
        }
        None => {
            let (location, offset) = create(net, photo).await?;
            if offset < photo.bytes.len() {
                remember(Some(location.clone())).await?;
            }
            (location, offset)
        }
    };
    while offset < photo.bytes.len() {
        offset = match append(net, &location, photo.bytes, offset).await {
            Err(Stop::Net(NetError::Problem(problem))) if problem.kind == ProblemKind::Conflict => {
                moved(net, &location, offset).await?
            }
            reached => reached?,
        };
    }
    Ok(())
}

/// Announces the photo and sends its first piece along: a thumbnail needs one request.
async fn create(net: &Net, Photo { id, bytes }: Photo<'_>) -> Result<(String, usize), Stop> {
    let piece = &bytes[..bytes.len().min(net.pace.piece())];
    let headers = [
        tus(),
        piece_type(),
        ("upload-length", bytes.len().to_string()),
        ("upload-metadata", format!("sha256 {}", Base64::encode_string(&id.0))),
    ];
    let answer = carry(net, Call { method: "POST", path: PATH, headers: &headers, body: piece }).await?;
    let location = answer.header("location").ok_or(NetError::NotTheOffice { status: 201 })?;
    Ok((location, offset(&answer)?))
}

async fn ask(net: &Net, location: &str) -> Result<Answer, NetError> {
    net.call(Call { method: "HEAD", path: location, headers: &[tus()], body: &[] }).await
}

/// Where an upload stands that is not where it was left: browsers repeat a request by themselves where a connection broke, so a
/// piece may have arrived although only its repetition is answered.
async fn moved(net: &Net, location: &str, from: usize) -> Result<usize, Stop> {
    let offset = offset(&ask(net, location).await?)?;
    match offset.cmp(&from) {
        Ordering::Greater => Ok(offset),
        Ordering::Equal => Err(Stop::Busy),
        Ordering::Less => Err(Stop::StartAgain),
    }
}

async fn append(net: &Net, location: &str, bytes: &[u8], from: usize) -> Result<usize, Stop> {
    let piece = &bytes[from..bytes.len().min(from + net.pace.piece())];
    let headers = [tus(), piece_type(), ("upload-offset", from.to_string())];
    let answer = carry(net, Call { method: "PATCH", path: location, headers: &headers, body: piece }).await?;
    let reached = offset(&answer)?;
    // An office that does not move would be asked for ever.
    if reached > from { Ok(reached) } else { Err(Stop::StartAgain) }
}

/// Sends a piece, and learns from how it went.
async fn carry(net: &Net, call: Call<'_>) -> Result<Answer, NetError> {
    let begun = device_time();
    let answer = net.call(call).await;
    match &answer {
        Ok(_) => net.pace.went(device_time() - begun),
        Err(NetError::Offline | NetError::NotTheOffice { .. }) => net.pace.broke(),
        Err(NetError::Problem(_)) => (),
    }
    answer
}

fn tus() -> (&'static str, String) {
    ("tus-resumable", "1.0.0".to_owned())
}

fn piece_type() -> (&'static str, String) {
    ("content-type", "application/offset+octet-stream".to_owned())
}

fn offset(answer: &Answer) -> Result<usize, NetError> {
    let offset = answer.header("upload-offset").and_then(|offset| offset.parse().ok());
    offset.ok_or(NetError::NotTheOffice { status: 200 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_without_room_is_asked_again_where_the_upload_stood() {
        for kind in [ProblemKind::StorageFull, ProblemKind::Internal, ProblemKind::TooManyRequests] {
            let problem =
                Problem { kind, title: String::new(), status: 0, detail: None, reason: None, server_time: None };
            assert!(!is_final(&problem) && !starts_again(&Stop::from(NetError::Problem(problem))), "{kind:?}");
        }
    }
}
