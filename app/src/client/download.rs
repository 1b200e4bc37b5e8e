//! A file of the office by a signed fetch: there is no cookie that a plain link could carry. It comes in pieces, which the browser
//! and not this module's memory holds, and can be stopped.

use gloo_timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, BlobPropertyBag, Response, Url};
use xiaohao_shared::api::{ProblemKind, ROWS_HEADER};

use super::{CallError, Client};
use crate::browser::device_time;
use crate::net::{Answer, Call, Net, NetError, judge, next, reader};

/// Milliseconds without a byte after which nothing comes any more. A workbook's first byte follows its last row.
const SILENCE: u32 = 120_000;

/// How far a file has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Issues in the whole file.
    pub rows: u64,
    /// Of these, how many are here; `None` where the file does not show it on the way.
    pub received: Option<u64>,
    pub bytes: u64,
}

/// A file that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    pub name: String,
    /// Of the file, for as long as the page lives.
    pub url: String,
    pub progress: Progress,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDownloaded {
    Call(CallError),
    Stopped,
    /// It began and did not come to its end.
    Broken,
}

impl Client {
    pub async fn download(
        self,
        path: &str,
        controller: &AbortController,
        tell: impl Fn(Progress),
    ) -> Result<Downloaded, NotDownloaded> {
        let net = self.behind().net().ok_or(NotDownloaded::Call(CallError::Offline))?;
        let fetched = match fetch(&net, path, controller, &tell).await {
            Err(NotDownloaded::Call(error)) if self.confirmed_after(&error).await => {
                fetch(&net, path, controller, &tell).await
            }
            other => other,
        };
        if controller.signal().aborted() { Err(NotDownloaded::Stopped) } else { fetched }
    }
}

async fn fetch(
    net: &Net,
    path: &str,
    controller: &AbortController,
    tell: impl Fn(Progress),
) -> Result<Downloaded, NotDownloaded> {
    let (response, answer) = begin(net, path, controller).await.map_err(|error| NotDownloaded::Call(error.into()))?;
    let rows = answer.header(ROWS_HEADER).and_then(|rows| rows.parse().ok()).unwrap_or(0);
    let mut count = Count::of(&answer.content_type());
    let mut progress = Progress { rows, ..Progress::default() };
    tell(progress);
    let (parts, reader) = (Array::new(), reader(&response).ok_or(NotDownloaded::Broken)?);
    loop {
        let aborter = controller.clone();
        let _patience = Timeout::new(SILENCE, move || aborter.abort());
        let Some(piece) = next(&reader).await.map_err(|_| NotDownloaded::Broken)? else { break };
        progress.bytes += u64::from(piece.length());
        progress.received = count.as_mut().map(|count| count.take(&piece.to_vec()).min(rows));
        parts.push(&piece);
        tell(progress);
    }
    let url = url(&parts, &answer.content_type()).map_err(|_| NotDownloaded::Broken)?;
    let name = answer.header("content-disposition").and_then(|header| name(&header));
    Ok(Downloaded { name: name.unwrap_or_else(|| "xiaohao".into()), url, progress })
}

/// The beginning of the answer. A clock that disagrees is corrected, and the request sent once more.
async fn begin(net: &Net, path: &str, controller: &AbortController) -> Result<(Response, Answer), NetError> {
    match open(net, path, controller).await {
        Err(NetError::Problem(problem)) if problem.kind == ProblemKind::ClockSkew => {
            let time = problem.server_time.ok_or(NetError::Problem(problem))?;
            net.set_skew(time - device_time());
            open(net, path, controller).await
        }
        other => other,
    }
}

async fn open(net: &Net, path: &str, controller: &AbortController) -> Result<(Response, Answer), NetError> {
    let response = net.open(Call { method: "GET", path, headers: &[], body: &[] }, controller).await?;
    let problem = match response.ok() {
        true => Vec::new(),
        false => whole(&response).await.map_err(|_| NetError::Offline)?,
    };
    let answer = judge(&response, problem)?;
    Ok((response, answer))
}

async fn whole(response: &Response) -> Result<Vec<u8>, JsValue> {
    Ok(Uint8Array::new(&JsFuture::from(response.array_buffer()?).await?).to_vec())
}

fn url(parts: &Array, kind: &str) -> Result<String, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Url::create_object_url_with_blob(&Blob::new_with_u8_array_sequence_and_options(parts, &options)?)
}

/// The true name of a file (RFC 5987).
fn name(disposition: &str) -> Option<String> {
    let encoded = disposition.split("filename*=UTF-8''").nth(1)?;
    js_sys::decode_uri_component(encoded.split(';').next()?).ok().map(Into::into)
}

/// Counts the issues in the pieces of a text as they pass.
struct Count {
    /// Lines within quotes do not end an issue; only CSV has them.
    quotes: bool,
    within: bool,
    lines: u64,
}

impl Count {
    fn of(kind: &str) -> Option<Self> {
        let quotes = kind.starts_with("text/csv");
        (quotes || kind.starts_with("application/geo")).then_some(Self { quotes, within: false, lines: 0 })
    }

    /// How many issues are here now, without the head.
    fn take(&mut self, piece: &[u8]) -> u64 {
        for byte in piece {
            match byte {
                b'"' if self.quotes => self.within = !self.within,
                b'\n' if !self.within => self.lines += 1,
                _ => {}
            }
        }
        self.lines.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issues_are_counted_wherever_the_pieces_are_cut_and_not_the_lines_within_a_cell() {
        let mut count = Count::of("text/csv; charset=utf-8").unwrap();
        assert_eq!(count.take("问题,地点\r\n\"一\n".as_bytes()), 0);
        assert_eq!(count.take("\"\"二\"\"\n三\",x\r\n四,y".as_bytes()), 1);
        assert_eq!(count.take(b"\r\n"), 2);
        assert!(Count::of("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet").is_none());
        let mut count = Count::of("application/geo+json").unwrap();
        assert_eq!(count.take(b"{\"features\":[\n{\"a\":\"\\\"\"},\n{}"), 1);
        assert_eq!(count.take(b"\n]}\n"), 3, "the end is a line, too: the page shows no more than there are");
    }
}
