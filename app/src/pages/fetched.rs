//! What a page asks the office for: not yet answered, answered, or why there is no answer. A late answer to an old question is
//! dropped, and the old picture stays until the new one is here.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use super::{call_error, failed, waiting};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, follow, shown};

pub struct Fetched<T: Send + Sync + 'static> {
    answer: RwSignal<Option<Result<T, String>>>,
    path: RwSignal<String>,
    asked: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Fetched<T> {
    pub fn new() -> Self {
        Self { answer: RwSignal::new(None), path: RwSignal::new(String::new()), asked: StoredValue::new(0) }
    }

    /// Asks by GET.
    pub fn ask(self, ui: Ui, path: String) {
        self.path.set(path.clone());
        self.asked.update_value(|asked| *asked += 1);
        let asked = self.asked.get_value();
        spawn_local(async move {
            let answer = ui.client.get::<T>(&path).await.map_err(|error| call_error(ui.t, &error));
            if self.asked.try_get_value() == Some(asked) {
                self.answer.try_set(Some(answer));
            }
        });
    }

    /// What somebody's own act brought.
    pub fn is(self, value: T) {
        self.answer.set(Some(Ok(value)));
    }

    pub fn get(self) -> Option<T> {
        self.answer.get().and_then(Result::ok)
    }

    pub fn get_untracked(self) -> Option<T> {
        self.answer.get_untracked().and_then(Result::ok)
    }

    /// Asks again by itself when the network comes back, where there was no answer.
    pub fn shown(self, ui: Ui, view: impl Fn(T) -> AnyView + Send + 'static) -> AnyView {
        let again = move || self.ask(ui, self.path.get_untracked());
        follow(move || {
            if ui.client.online.get() && self.answer.with_untracked(|answer| matches!(answer, Some(Err(_)))) {
                again();
            }
        });
        shown(move || match self.answer.get() {
            None => waiting(ui),
            Some(Ok(value)) => view(value),
            Some(Err(why)) => all([failed(why, "no-answer"), button("plain", "ask-again", ui.t.retry, again)]),
        })
    }
}
