//! Tells the office of what was done beside the issues, one errand after the other, until it has heard or refused each, and once
//! more after it was restored from a backup. What is told twice is true once.

use std::rc::Rc;

use futures_channel::mpsc::UnboundedSender;
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::ProblemKind;
use xiaohao_shared::sync::wire::LogId;
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::Event;
use crate::browser::{self, device_time};
use crate::net::{Net, NetError};
use crate::store::errands::{Errand, What};
use crate::store::{Store, StoreError};

const FIRST_WAIT: i64 = 2_000;
const LONGEST_WAIT: i64 = 5 * MINUTE;

pub struct Errands {
    all: Vec<Errand>,
    /// Which log the office has.
    log: Option<LogId>,
    running: bool,
    /// Not before this time of the device's clock.
    due: Timestamp,
    failures: u32,
    /// The pages do not know yet how they stand.
    changed: bool,
}

/// What one attempt led to.
pub enum Told {
    /// By the office of the log that was known when it was told.
    Heard(LogId),
    Refused(ProblemKind),
    /// The office was reached and could not take this one.
    NotNow,
    /// It was not reached.
    Later,
}

impl Errands {
    pub async fn begin(store: &Store, log: Option<LogId>) -> Result<Self, StoreError> {
        let (mut all, now) = (store.errands().await?, device_time());
        for spent in all.extract_if(.., |errand| errand.is_spent(now)) {
            store.drop_errand(&spent.key()).await?;
        }
        Ok(Self { all, log, running: false, due: Timestamp(0), failures: 0, changed: false })
    }

    /// A page has come, of this log.
    pub fn page(&mut self, log: Option<LogId>) {
        self.log = log;
    }

    /// A page has put something into the store, or taken it out.
    pub async fn look(&mut self, store: &Store) -> Result<(), StoreError> {
        self.all = store.errands().await?;
        self.changed = true;
        self.nudge();
        Ok(())
    }

    /// The network is back, or somebody is impatient.
    pub fn nudge(&mut self) {
        self.due = Timestamp(0);
    }

    /// Begins with the next one if it is time. Answers whether they stand otherwise than before.
    pub fn proceed(&mut self, net: &Rc<Net>, events: &UnboundedSender<Event>) -> bool {
        let may = !self.running && device_time() >= self.due && browser::is_online();
        if let Some((errand, log)) = self.next().filter(|_| may) {
            self.running = true;
            let (net, events) = (net.clone(), events.clone());
            spawn_local(async move {
                let told = tell(&net, &errand, log).await;
                let _ = events.unbounded_send(Event::Errand(errand.key(), told));
            });
        }
        std::mem::take(&mut self.changed)
    }

    /// What the office of which log is to be told; before the first page nobody knows which one that is.
    fn next(&self) -> Option<(Errand, LogId)> {
        let log = self.log?;
        self.all.iter().find(|errand| errand.is_due(log)).map(|errand| (errand.clone(), log))
    }

    pub async fn ended(&mut self, store: &Store, key: String, told: Told, skew: i64) -> Result<(), StoreError> {
        self.running = false;
        let Some(at) = self.all.iter().position(|errand| errand.key() == key) else { return Ok(()) };
        let told = match told {
            // It was taken before: the restored office has not been told yet of the zone, or of who works there.
            Told::Refused(_) if self.all[at].heard.is_some() => Told::NotNow,
            told => told,
        };
        match told {
            Told::NotNow | Told::Later => {
                if matches!(told, Told::NotNow) {
                    // The others need not wait for it.
                    self.all[at..].rotate_left(1);
                }
                self.due = device_time() + (FIRST_WAIT << self.failures.min(12)).min(LONGEST_WAIT);
                self.failures += 1;
                return Ok(());
            }
            Told::Refused(why) if self.all[at].patrol().is_some() => {
                self.all[at].refusal = Some(why);
                store.set_errand(&self.all[at]).await?;
            }
            Told::Heard(log) if self.all[at].patrol().is_some() => {
                self.all[at].is_heard(log, skew);
                store.set_errand(&self.all[at]).await?;
            }
            Told::Heard(_) | Told::Refused(_) => {
                store.drop_errand(&key).await?;
                self.all.remove(at);
            }
        }
        (self.failures, self.changed) = (0, true);
        Ok(())
    }
}

async fn tell(net: &Net, errand: &Errand, log: LogId) -> Told {
    let (path, missing) = match errand.what {
        What::Patrol(_) => ("/api/patrols".into(), false),
        What::Read(bulletin) => (format!("/api/bulletins/{bulletin}/read"), true),
    };
    match net.call_by_the_clock(&path, || body(net, errand)).await {
        Ok(_) => Told::Heard(log),
        Err(NetError::Problem(problem)) if is_final(problem.kind, missing) => Told::Refused(problem.kind),
        Err(NetError::Problem(_)) => Told::NotNow,
        Err(_) => Told::Later,
    }
}

fn body(net: &Net, errand: &Errand) -> String {
    // Whatever is no round has nothing to say beside its address.
    serde_json::to_string(&errand.patrol_by(net.skew())).unwrap_or_default()
}

/// The office would say the same of it for ever. Where it knows no such thing it is an older one, or the thing is gone.
fn is_final(kind: ProblemKind, missing: bool) -> bool {
    match kind {
        ProblemKind::BadRequest | ProblemKind::Forbidden | ProblemKind::Conflict => true,
        ProblemKind::NotFound => missing,
        _ => false,
    }
}
