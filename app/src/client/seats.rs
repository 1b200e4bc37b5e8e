//! Several people on one phone: whose turn it is, changing over to another, adding one, and clearing a place. A page stays in the store
//! in which it began; for another one it is loaded anew, and so are all other tabs. Must not know what lies in any store.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};
use xiaohao_shared::time::DAY;

use super::Client;
use super::lock::{forget_touch, note_untouched};
use crate::browser::device_time;
use crate::store::StoreError;
use crate::store::seats::{Seat, Seats};

/// On which tabs hear that it is another's turn. It carries no words: each looks for itself.
const TURNS: &str = "xiaohao-people";
const HOME: &str = "/";
/// How long a code is good for: after that the answer to it is worth nothing to whoever comes back.
const CODE_LIFE: i64 = DAY;

impl Client {
    /// Before anything of anybody is read. The channel first: a change while the list is read must not be missed.
    pub(super) async fn take_turn(self) -> Result<(), StoreError> {
        let channel = BroadcastChannel::new(TURNS)?;
        let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |_| spawn_local(self.look_whose_turn()));
        channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        hear.forget();
        self.behind().turns.replace(Some(channel));
        let seats = Seats::read().await?;
        self.behind().seat.set(seats.now());
        self.seats.set(seats);
        Ok(())
    }

    async fn look_whose_turn(self) {
        let Ok(seats) = Seats::read().await else { return };
        if seats.now() != self.seat() {
            // A tab that came between a wiped store and the list has made an empty one.
            if !seats.has(self.seat()) {
                let _ = self.clear_if_empty().await;
            }
            return self.begin_at(HOME);
        }
        self.seats.set(seats);
    }

    /// In whose store this page is.
    pub fn seat(self) -> Seat {
        self.behind().seat.get()
    }

    /// What the sheet calls whoever is here.
    pub fn own_name(self) -> String {
        self.office.with_untracked(|office| office.as_ref().map(|office| office.me.name.clone())).unwrap_or_default()
    }

    /// What only this phone has of whoever is here: it waits until he comes back.
    pub async fn left_behind(self) -> u32 {
        match self.unsent_work().await {
            Ok(unsent) => unsent,
            // Of a closed vault it is known only how much lies outside.
            Err(_) => self.unsent().0,
        }
    }

    pub async fn change_to(self, seat: Seat) -> Result<(), StoreError> {
        let own = self.seat();
        let cleared = self.clear_if_empty().await?;
        let name = self.own_name();
        // Also for whoever comes: his own passkey opens his store, where the office has its screens locked.
        note_untouched(own);
        note_untouched(seat);
        let changed = self
            .seats_are(move |seats| {
                if cleared {
                    seats.vacate(own)
                } else {
                    seats.call(own, &name)
                }
                seats.go_to(seat);
            })
            .await;
        // A page without its store can only begin anew, also where the list was not written.
        if changed.is_ok() || cleared {
            self.begin_at(HOME);
        }
        changed
    }

    /// `false` where as many people as there may be are here. `code` is what he was invited with, if it is known.
    pub async fn add_person(self, code: &str) -> Result<bool, StoreError> {
        let (own, name) = (self.seat(), self.own_name());
        let mut added = None;
        self.seats_are(|seats| {
            seats.call(own, &name);
            added = seats.add();
        })
        .await?;
        let Some(seat) = added else { return Ok(false) };
        note_untouched(own);
        forget_touch(seat);
        let address = if code.is_empty() { HOME.to_owned() } else { format!("{HOME}#enrol={code}") };
        self.begin_at(&address);
        Ok(true)
    }

    /// Somebody is enrolled here now, also where another tab has cleared this place meanwhile.
    pub(super) async fn sit_down(self, name: &str) -> Result<(), StoreError> {
        let seat = self.seat();
        if seat == Seat::FIRST && Seats::read().await? == Seats::default() {
            return Ok(());
        }
        self.seats_are(|seats| {
            seats.call(seat, name);
            seats.go_to(seat);
        })
        .await
    }

    /// The store is wiped: it is the next one's turn.
    pub(super) async fn get_up(self) {
        let own = self.seat();
        forget_touch(own);
        // Without a list there was nobody else.
        if Seats::read().await.is_ok_and(|seats| seats != Seats::default()) {
            let changed = self
                .seats_are(|seats| {
                    seats.vacate(own);
                    note_untouched(seats.now());
                })
                .await;
            if changed.is_err() {
                leptos::logging::warn!("the list of people was not written");
            }
        }
        self.begin_at(HOME);
    }

    /// A store in which nobody was ever enrolled holds nothing but a key that the office does not know; unless somebody has just asked it
    /// to, and may come back to hear the answer.
    async fn clear_if_empty(self) -> Result<bool, StoreError> {
        let Some(store) = self.behind().store() else { return Ok(false) };
        let asked = store.asked_at().await?.is_some_and(|at| (device_time() - at).abs() < CODE_LIFE);
        if asked || store.identity().await?.is_some() {
            return Ok(false);
        }
        self.behind().store.take();
        store.wipe().await?;
        Ok(true)
    }

    async fn seats_are(self, change: impl FnOnce(&mut Seats)) -> Result<(), StoreError> {
        self.seats.set(Seats::change(change).await?);
        if let Some(channel) = &*self.behind().turns.borrow() {
            let _ = channel.post_message(&JsValue::NULL);
        }
        Ok(())
    }

    /// Loads the app anew, and not at the address of what somebody else was looking at.
    fn begin_at(self, address: &str) {
        self.behind().keeper.stop();
        let Some(window) = web_sys::window() else { return };
        if let Ok(history) = window.history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
        }
        let _ = window.location().reload();
    }
}
