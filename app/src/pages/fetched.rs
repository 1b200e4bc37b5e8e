//! What a page asks the office for: not yet answered, answered, or why there is no answer. A late answer to an old question is
//! dropped, and the old picture stays until the new one is here; where the same question finds no answer any more, it is said that
//! the picture may be old.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use super::{call_error, failed, waiting};
use crate::client::CallError;
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, follow, maybe, shown};

pub struct Fetched<T: Send + Sync + 'static> {
    answer: RwSignal<Option<Result<T, String>>>,
    path: RwSignal<String>,
    asked: StoredValue<u32>,
    /// The question that the picture answers.
    answered: StoredValue<String>,
    /// Why the same was not answered again; empty while it was.
    stale: RwSignal<String>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Fetched<T> {
    pub fn new() -> Self {
        Self {
            answer: RwSignal::new(None),
            path: RwSignal::new(String::new()),
            asked: StoredValue::new(0),
            answered: StoredValue::new(String::new()),
            stale: RwSignal::new(String::new()),
        }
    }

    /// Asks by GET.
    pub fn ask(self, ui: Ui, path: String) {
        self.path.set(path.clone());
        self.asked.update_value(|asked| *asked += 1);
        let asked = self.asked.get_value();
        spawn_local(async move {
            let answer = ui.client.get::<T>(&path).await;
            if self.asked.try_get_value() == Some(asked) {
                self.hear(ui, path, answer);
            }
        });
    }

    fn hear(self, ui: Ui, path: String, answer: Result<T, CallError>) {
        let is_kept = self.answered.with_value(|answered| *answered == path) && self.get_untracked().is_some();
        match answer {
            // What the office refuses is not shown any more.
            Err(error @ (CallError::Offline | CallError::NotTheOffice)) if is_kept => self.is_stale(ui, &error),
            answer => {
                self.answered.try_set_value(path);
                self.stale.try_set(String::new());
                self.answer.try_set(Some(answer.map_err(|error| call_error(ui.t, &error))));
            }
        }
    }

    /// What somebody's own act brought.
    pub fn is(self, value: T) {
        self.stale.set(String::new());
        self.answer.set(Some(Ok(value)));
    }

    /// That there is no newer picture.
    pub fn is_stale(self, ui: Ui, error: &CallError) {
        self.stale.try_set(call_error(ui.t, error));
    }

    pub fn get(self) -> Option<T> {
        self.answer.get().and_then(Result::ok)
    }

    /// `None` once the page is gone.
    pub fn try_get_untracked(self) -> Option<Option<T>> {
        self.answer.try_get_untracked().map(|answer| answer.and_then(Result::ok))
    }

    pub fn get_untracked(self) -> Option<T> {
        self.answer.get_untracked().and_then(Result::ok)
    }

    /// Asks again by itself when the network comes back, where there was no answer.
    pub fn shown(self, ui: Ui, view: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        let again = move || self.ask(ui, self.path.get_untracked());
        follow(move || {
            let lacks = || self.answer.with_untracked(|answer| matches!(answer, Some(Err(_))));
            if ui.client.online.get() && (lacks() || self.stale.with_untracked(|why| !why.is_empty())) {
                again();
            }
        });
        let stale = maybe(move || {
            let why = self.stale.get();
            let old = move || {
                view! {
                    <p class="fresh stale" role="status" data-testid="old-answer">
                        {format!("{} {why} ", ui.t.old_answer)} {button("plain", "", ui.t.retry, again)}
                    </p>
                }
            };
            (!self.stale.with(String::is_empty)).then(|| old().into_any())
        });
        let picture = shown(move || match self.answer.get() {
            None => waiting(ui),
            Some(Ok(value)) => view(value),
            Some(Err(why)) => all([failed(why, "no-answer"), button("plain", "ask-again", ui.t.retry, again)]),
        });
        all([stale, picture])
    }
}
