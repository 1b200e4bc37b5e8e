//! Keeps this page's worker alive: starts it, listens to its heart, and starts another one when it has died.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{Broken, Client, Phase};
use crate::browser;
use crate::messages::{ToOwner, unpack};
use crate::worker::BEAT;

/// Beats that may be missing; a slow phone merges a big page for some seconds.
const PATIENCE: u32 = 8;
/// Deaths in a row after which the app says that it cannot go on.
const LIVES: u32 = 10;
const FIRST_WAIT: i64 = 200;
const LONGEST_WAIT: i64 = 30_000;
/// Beats after which a worker counts as healthy.
const HEALTHY: u32 = 5;

#[derive(Default)]
pub struct Keeper {
    worker: RefCell<Option<Worker>>,
    /// Whether it is the writer, which alone has a heart to listen to.
    writes: Cell<bool>,
    missed: Cell<u32>,
    beats: Cell<u32>,
    deaths: Cell<u32>,
    stopped: Cell<bool>,
    started: Cell<bool>,
}

impl Keeper {
    /// Once: a page whose vault was opened has a worker already, which waited for the key.
    pub fn start(&self, client: Client) {
        if self.started.replace(true) {
            return;
        }
        self.raise(client);
        spawn_local(async move {
            // Counts its own ticks instead of reading a clock: a phone that slept has not missed a beat.
            while !client.behind().keeper.stopped.get() {
                browser::sleep(BEAT).await;
                client.behind().keeper.listen(client);
            }
        });
    }

    /// For good: the store is about to be wiped.
    pub fn stop(&self) {
        self.stopped.set(true);
        self.bury();
    }

    /// A new worker for a store that is under another key.
    pub fn begin_anew(&self, client: Client) {
        self.bury();
        client.is_writer.set(false);
        self.raise(client);
    }

    fn listen(&self, client: Client) {
        if !self.writes.get() {
            return;
        }
        self.missed.set(self.missed.get() + 1);
        if self.missed.get() > PATIENCE {
            self.died(client, "silent");
        }
    }

    fn raise(&self, client: Client) {
        let Some(address) = worker_address() else { return client.break_down("worker") };
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(&client.seat().worker_name(&version()));
        let Ok(worker) = Worker::new_with_options(&address, &options) else { return client.break_down("worker") };
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = unpack(&event.data()) {
                client.behind().keeper.hear(client, message);
            }
        });
        let fail = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            client.behind().keeper.died(client, &event.message());
        });
        worker.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
        hear.forget();
        fail.forget();
        if worker.post_message(&wasm_bindgen::module()).is_err() {
            return client.break_down("worker");
        }
        self.worker.replace(Some(worker));
    }

    fn hear(&self, client: Client, message: ToOwner) {
        self.missed.set(0);
        match message {
            ToOwner::Writing => {
                self.writes.set(true);
                client.is_writer.set(true);
            }
            ToOwner::Beat => {
                self.beats.set(self.beats.get() + 1);
                if self.beats.get() > HEALTHY {
                    self.deaths.set(0);
                }
            }
            ToOwner::Died(why) => self.died(client, &why),
        }
    }

    /// Its lock goes with it, so that this tab's next worker, or another tab's, can write.
    fn bury(&self) {
        if let Some(worker) = self.worker.take() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
        self.writes.set(false);
        self.missed.set(0);
        self.beats.set(0);
    }

    fn died(&self, client: Client, why: &str) {
        if self.stopped.get() || self.worker.borrow().is_none() {
            return;
        }
        leptos::logging::warn!("the worker died: {why}");
        self.bury();
        client.is_writer.set(false);
        let deaths = self.deaths.get() + 1;
        self.deaths.set(deaths);
        if deaths > LIVES {
            return client.break_down(why);
        }
        let wait = (FIRST_WAIT << deaths.min(12)).min(LONGEST_WAIT);
        spawn_local(async move {
            browser::sleep(wait).await;
            let behind = client.behind();
            let keeper = &behind.keeper;
            if !keeper.stopped.get() && keeper.worker.borrow().is_none() {
                keeper.raise(client);
            }
        });
    }
}

impl Client {
    fn break_down(self, why: &str) {
        self.behind().keeper.stop();
        self.behind().give_up();
        self.phase.set(Phase::Broken(Broken::Failing(why.chars().take(300).collect())));
    }
}

fn meta(name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    document.query_selector(&format!("meta[name={name}]")).ok()??.get_attribute("content")
}

fn worker_address() -> Option<String> {
    meta("xiaohao-worker")
}

fn version() -> String {
    meta("xiaohao-version").unwrap_or_default()
}
