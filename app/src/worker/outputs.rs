//! What the engine asks for, carried out: loads and stores in their order, requests beside it, and news to the pages.

use std::rc::Rc;

use futures_channel::mpsc::UnboundedSender;
use wasm_bindgen_futures::spawn_local;
use xiaohao_shared::api::{ProblemKind, RESTORE_LEAP, Remembered};
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::sync::engine::{Batch, Failure, Input, Output, Ticket};
use xiaohao_shared::sync::wire::{self, Request, WireError};

use super::{Event, Writer};
use crate::browser::{self, device_time};
use crate::messages::FromWriter;
use crate::net::{Call, Net, NetError, is_not_known};
use crate::store::batch::Loaded;
use crate::store::{Store, StoreError};

/// Attempts at reading what must be there, a second apart, before the worker gives up and is started anew.
const ATTEMPTS: u32 = 5;
/// Answers take their time on the way, so smaller differences are no news.
const CLOCK_GRAIN: i64 = 3_000;

impl Writer {
    /// Carries out everything that the engine wants, until it wants nothing more.
    pub(super) async fn drain(&mut self) -> Result<(), StoreError> {
        let mut status = None;
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Load { ticket, issues } => {
                    self.journaled = true;
                    let documents = self.load(&issues).await?;
                    self.input(Input::Loaded { ticket, documents });
                }
                Output::Store { ticket, batch } => self.store(ticket, batch).await,
                Output::Send { request } => {
                    spawn_local(send(self.net.clone(), self.epoch, request, self.events.clone()));
                }
                Output::Saved { ticket, .. } => self.end(ticket, |name| FromWriter::Saved { name }),
                Output::NotSaved { ticket, reason } => {
                    self.end(ticket, |name| FromWriter::NotSaved { name, reason });
                }
                Output::Changed { issues } => self.voice.say(FromWriter::Changed { issues }),
                Output::Office { version } => self.follow_office(version),
                Output::ServerTime { time } => {
                    let skew = time - device_time();
                    if skew.abs_diff(self.net.skew()) > CLOCK_GRAIN.unsigned_abs() {
                        self.net.set_skew(skew);
                    }
                }
                Output::Status(now) => status = Some(now),
            }
        }
        if let Some(status) = status.filter(|status| *status != self.status) {
            self.status = status;
            self.voice.say(FromWriter::Status(Box::new(self.status.clone())));
        }
        self.offer_photos();
        self.mind_the_room();
        Ok(())
    }

    /// What follows from the last event, beside the engine.
    pub(super) async fn settle(&mut self) {
        if std::mem::take(&mut self.journaled) {
            // Should this fail, a harmless document is looked at twice at the next start.
            let _ = self.store.clear_journal().await;
        }
        if self.net.skew() != self.said_skew {
            self.said_skew = self.net.skew();
            self.voice.say(FromWriter::Skew(self.said_skew));
            let _ = self.store.set_skew(self.said_skew).await;
        }
        if let Some(status) = self.queue.proceed(&self.store, &self.net, &self.outbox, &self.events) {
            self.voice.say(FromWriter::Photos(status));
        }
        if self.errands.proceed(&self.net, &self.events) {
            self.voice.say(FromWriter::Errands);
        }
        self.mind_the_key();
        let photos_too = !self.queue.is_running();
        if let Some(carried) = self.courier.proceed(&self.store, &self.net, photos_too, &self.events) {
            self.voice.say(FromWriter::Carried(carried));
        }
    }

    /// Reading must not fail halfway: a document that seems absent would be replaced.
    pub(super) async fn load(&self, issues: &[IssueId]) -> Result<Vec<Loaded>, StoreError> {
        let mut attempt = 1;
        loop {
            match self.store.load(issues, 0).await {
                Err(_) if attempt < ATTEMPTS => browser::sleep(1_000).await,
                done => return done,
            }
            attempt += 1;
        }
    }

    async fn store(&mut self, ticket: Ticket, batch: Batch) {
        if self.store.apply(&batch).await.is_err() {
            self.make_room_for_records();
            return self.input(Input::StoreFailed { ticket });
        }
        self.journaled = false;
        self.outbox.retain(|hash| !batch.sent.contains(hash));
        self.outbox.extend(batch.unsent.iter().map(|unsent| unsent.hash));
        self.queue.add(&batch.unsent);
        if let Some(reached) = &batch.position {
            self.offer.page(reached.log);
            self.errands.page(reached.log);
            self.reached = reached.scopes.values().map(|position| position.after).max().unwrap_or(0);
            self.care.page_survived();
        }
        if !batch.set_aside.is_empty() {
            self.care.set_aside += batch.set_aside.len() as u32;
            self.voice.say(FromWriter::SetAside(self.care.set_aside));
        }
        self.input(Input::Stored { ticket });
    }

    fn end(&mut self, ticket: Ticket, answer: impl FnOnce(String) -> FromWriter) {
        if let Some(at) = self.names.iter().position(|(known, _)| *known == ticket) {
            let (_, name) = self.names.swap_remove(at);
            self.answer(name.clone(), answer(name));
        }
    }

    pub(super) fn follow_office(&mut self, version: u64) {
        if self.office_version == Some(version) {
            return;
        }
        // The answer that is under way may have been written before this version was.
        if self.office_asked {
            self.office_heard = Some(version);
            return;
        }
        self.office_asked = true;
        let (store, net, events) = (self.store.clone(), self.net.clone(), self.events.clone());
        spawn_local(async move {
            let office = match remind(version, &store, &net).await {
                Ok(()) => net.get("/api/office").await.ok(),
                // What is remembered here must not be replaced before the office has it.
                Err(_) => None,
            };
            let _ = events.unbounded_send(Event::Office(office));
        });
    }
}

/// An office that was restored from an older backup is told by an administrator's device what it has forgotten.
async fn remind(version: u64, store: &Store, net: &Net) -> Result<(), NetError> {
    let Ok(Some(office)) = store.office().await else { return Ok(()) };
    let restored = office.version / RESTORE_LEAP != version / RESTORE_LEAP;
    if !restored || !may(&office.me, Right::Remember) {
        return Ok(());
    }
    match net.post::<_, usize>("/api/admin/remembered", &Remembered::from(office)).await {
        // It does not want it: there is nothing to be gained by asking again.
        Ok(_) | Err(NetError::Problem(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn send(net: Rc<Net>, epoch: u32, request: Request, events: UnboundedSender<Event>) {
    let page = wire::pack(&request);
    let answer = net.call(Call { method: "POST", path: wire::PATH, headers: &[], body: &page }).await;
    let input = match answer {
        Ok(answer) => match wire::unpack(&answer.body) {
            Ok(response) => Input::Answered { response },
            Err(WireError::Version(_)) => Input::NotAnswered { failure: Failure::AppTooOld },
            Err(_) => Input::NotAnswered { failure: Failure::NotTheOffice },
        },
        Err(error) => {
            if matches!(&error, NetError::Problem(problem) if problem.kind == ProblemKind::ProveFirst) {
                let _ = events.unbounded_send(Event::Unproven);
            }
            if is_not_known(&error) {
                let _ = events.unbounded_send(Event::NotKnown);
            }
            Input::NotAnswered { failure: failure(&error) }
        }
    };
    let _ = events.unbounded_send(Event::Sync(epoch, Box::new(input)));
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Offline => Failure::Offline,
        // What a proxy says when the office behind it is down.
        NetError::NotTheOffice { status: 500.. } => Failure::Unavailable,
        NetError::NotTheOffice { .. } => Failure::NotTheOffice,
        NetError::Problem(problem) => match problem.kind {
            ProblemKind::DeviceRevoked => Failure::Revoked,
            ProblemKind::DeviceUnknown => Failure::Unknown,
            ProblemKind::AppTooOld => Failure::AppTooOld,
            ProblemKind::TooLarge => Failure::TooLarge,
            _ => Failure::Unavailable,
        },
    }
}
