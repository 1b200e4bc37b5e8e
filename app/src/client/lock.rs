//! Whether this phone hides what it shows, because nobody has touched it for as long as the office says; and the passkeys that open it
//! again, known by having been used here. Needs no network. Knows nothing of how the pages are hidden.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions, EventListenerPhase};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Storage, Window};
use xiaohao_shared::model::lock::LockRule;

use super::{Client, Phase};
use crate::browser::{self, device_time};
use crate::store::seats::Seat;

/// When somebody last touched this person's pages in any tab. Small, and it outlives a page that is loaded again: that must not be a way
/// around the lock.
fn touched_key(seat: Seat) -> String {
    format!("{}-touched", seat.database())
}

/// Longer ago than any office waits.
const UNTOUCHED: i64 = 0;
/// Milliseconds between two looks at the clock, and between two notes of a touch.
const LOOK: i64 = 5_000;
const GRAIN: i64 = 2_000;
/// What only a person does. Scrolling comes with a touch, the wheel or a key.
const TOUCHES: [&str; 5] = ["pointerdown", "pointermove", "keydown", "wheel", "input"];

impl Client {
    pub(super) fn watch_idle(self, window: &Window) {
        let noted = Rc::new(Cell::new(0));
        for name in TOUCHES {
            let noted = noted.clone();
            // Before any page hears of it, and without holding scrolling up.
            let options = EventListenerOptions { phase: EventListenerPhase::Capture, passive: true };
            EventListener::new_with_options(window, name, options, move |_| self.touched(&noted)).forget();
        }
        spawn_local(async move {
            loop {
                browser::sleep(LOOK).await;
                self.lock_if_due();
            }
        });
    }

    /// The first touch after a long time finds the phone locked, not open for a moment.
    fn touched(self, noted: &Cell<i64>) {
        let now = device_time().0;
        if (now - noted.get()).abs() < GRAIN {
            return;
        }
        // Before the store is open nobody knows whose it is, and whether it has been idle: such a touch opens nothing.
        if self.phase.with_untracked(|phase| *phase == Phase::Starting) {
            return;
        }
        self.lock_if_due();
        if !self.locked.get_untracked() {
            noted.set(now);
            note(self.seat(), now);
        }
    }

    pub(super) fn lock_if_due(self) {
        let rule = self.lock_rule();
        // Without a note nobody knows: that is locked.
        let touched = last_touch(self.seat());
        let idle = touched.map_or(-1, |touched| device_time().0 - touched);
        // Whose passkey was used here opens his part by it after a change over, whatever the office asks of its screens.
        let left = touched == Some(UNTOUCHED) && !self.passkeys_here.with_untracked(Vec::is_empty);
        // Before a closed vault there is nothing to hide, and its passkey is asked for anyway.
        let closed = self.vault.with_untracked(Option::is_some) && self.behind().key.get().is_none();
        let closed = closed || self.doubted.get_untracked();
        if !closed && !self.locked.get_untracked() && (left || rule.is_due(idle)) {
            self.locked.set(true);
        }
    }

    fn lock_rule(self) -> LockRule {
        self.office.with_untracked(|office| office.as_ref().map(|office| office.lock).unwrap_or_default())
    }

    /// Also in the other tabs, at their next look.
    pub fn lock_now(self) {
        note(self.seat(), UNTOUCHED);
        self.locked.set(true);
    }

    /// Who asks has seen that it may be opened.
    pub fn unlock(self) {
        note(self.seat(), device_time().0);
        self.locked.set(false);
    }

    pub(super) async fn read_passkeys_here(self) {
        let Some(store) = self.behind().store() else { return };
        self.passkeys_here.set(store.passkeys_here().await.unwrap_or_default());
    }

    /// Somebody has just used this one at this device, so it can be asked for again here.
    pub async fn passkey_is_here(self, credential: String) {
        let mut known = self.passkeys_here.get_untracked();
        if !known.contains(&credential) {
            known.push(credential);
            self.keep_passkeys_here(known).await;
        }
    }

    /// These are all that the person has: what he gave up opens nothing here any more.
    pub async fn passkeys_are(self, credentials: Vec<String>) {
        // An older office does not say their names.
        if credentials.iter().any(String::is_empty) {
            return;
        }
        let mut known = self.passkeys_here.get_untracked();
        let before = known.len();
        known.retain(|one| credentials.contains(one));
        if known.len() < before {
            self.keep_passkeys_here(known).await;
        }
    }

    async fn keep_passkeys_here(self, known: Vec<String>) {
        self.passkeys_here.set(known.clone());
        if let Some(store) = self.behind().store() {
            let _ = store.set_passkeys_here(&known).await;
        }
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

thread_local! {
    /// The same in this page's memory, for a browser that keeps nothing.
    static HERE: Cell<Option<i64>> = const { Cell::new(None) };
}

fn last_touch(seat: Seat) -> Option<i64> {
    let kept = storage().and_then(|storage| storage.get_item(&touched_key(seat)).ok()??.parse().ok());
    kept.or_else(|| HERE.get())
}

fn note(seat: Seat, at: i64) {
    HERE.set(Some(at));
    keep(seat, at);
}

fn keep(seat: Seat, at: i64) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&touched_key(seat), &at.to_string());
    }
}

/// As if nobody had touched it for ever: whoever comes to this store finds it locked, where the office has its screens locked.
pub(super) fn note_untouched(seat: Seat) {
    keep(seat, UNTOUCHED);
}

/// Nobody is there any more.
pub(super) fn forget_touch(seat: Seat) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&touched_key(seat));
    }
}
