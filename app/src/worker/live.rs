//! Listens to the office's live events by a signed fetch. Says only that there is something new; everything works without it.

use futures_channel::mpsc::UnboundedSender;
use gloo_timers::callback::Timeout;
use web_sys::AbortController;
use xiaohao_shared::time::MINUTE;

use super::Event;
use crate::browser::{self, random_u64};
use crate::net::{Call, Net, judge, next, reader};

const PATH: &str = "/api/events";
const FIRST_WAIT: i64 = 3_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;
/// The office says something at least every 25 seconds; after this the connection is dead without having said so.
const SILENCE: u32 = 70_000;

/// Goes on for as long as the worker lives.
pub async fn listen(net: std::rc::Rc<Net>, events: UnboundedSender<Event>) {
    let mut wait = FIRST_WAIT;
    while !events.is_closed() {
        if browser::is_online() && once(&net, &events).await.is_some() {
            wait = FIRST_WAIT;
        }
        // Spread by half, so that a whole office does not come back in the same second.
        let spread = (random_u64() % (wait / 2).unsigned_abs()).cast_signed();
        browser::sleep(wait / 2 + spread).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// One connection until it ends; `None` if it never began.
async fn once(net: &Net, events: &UnboundedSender<Event>) -> Option<()> {
    let controller = AbortController::new().ok()?;
    let aborter = controller.clone();
    let mut patience = Timeout::new(SILENCE, move || aborter.abort());
    let response = net.open(Call { method: "GET", path: PATH, headers: &[], body: &[] }, &controller).await.ok()?;
    judge(&response, Vec::new()).ok()?;
    let reader = reader(&response)?;
    let mut lines = Lines::default();
    while let Ok(Some(bytes)) = next(&reader).await {
        let aborter = controller.clone();
        patience = Timeout::new(SILENCE, move || aborter.abort());
        for told in lines.take(&bytes.to_vec()) {
            let event = match told {
                Told::Log(position) => Event::News { position },
                Told::Office(version) => Event::OfficeVersion(version),
            };
            events.unbounded_send(event).ok()?;
        }
    }
    drop(patience);
    Some(())
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    /// Where the log stands.
    Log(u64),
    /// Which version of people, rules and notices there is.
    Office(u64),
}

impl Told {
    fn read(line: &str) -> Option<Self> {
        let said = line.strip_prefix("data:")?.trim();
        match said.strip_prefix("office ") {
            Some(version) => version.parse().ok().map(Self::Office),
            None => said.parse().ok().map(Self::Log),
        }
    }
}

/// Event streams arrive in pieces that end anywhere.
#[derive(Default)]
struct Lines {
    rest: String,
}

/// No line of ours is longer; a stranger's must not fill the memory.
const LONGEST_LINE: usize = 1_000;

impl Lines {
    /// What is complete now.
    fn take(&mut self, bytes: &[u8]) -> Vec<Told> {
        self.rest.push_str(&String::from_utf8_lossy(bytes));
        let (whole, rest) = self.rest.rsplit_once('\n').unwrap_or(("", &self.rest));
        let told = whole.lines().filter_map(Told::read).collect();
        self.rest = if rest.len() > LONGEST_LINE { String::new() } else { rest.to_owned() };
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_understood_wherever_the_stream_is_cut() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"data: 1"), []);
        assert_eq!(lines.take(b"2\n\n: ping\n\ndata:13\nda"), [Told::Log(12), Told::Log(13)]);
        assert_eq!(lines.take(b"ta: 14\ndata: weather 7\n\ndata: office 3\n"), [Told::Log(14), Told::Office(3)]);
    }
}
