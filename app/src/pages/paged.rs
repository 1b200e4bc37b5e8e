//! A list of the office that comes page by page: the first at once, each further one when it is asked for.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::IssuePage;
use xiaohao_shared::model::summary::Summary;

use super::call_error;
use super::fetched::Fetched;
use crate::client::CallError;
use crate::components::Ui;
use crate::components::card::card;
use crate::components::fields::button;
use crate::components::lean::{each, item, maybe};

#[derive(Clone, Copy)]
pub struct Paged {
    path: RwSignal<String>,
    pub first: Fetched<IssuePage>,
    /// What came after the first page.
    more: RwSignal<Arc<Vec<Summary>>>,
    /// Where it goes on, empty at the end; before the first "more", the first page says it.
    next: RwSignal<Option<String>>,
}

impl Paged {
    pub fn new() -> Self {
        Self {
            path: RwSignal::new(String::new()),
            first: Fetched::new(),
            more: RwSignal::default(),
            next: RwSignal::new(None),
        }
    }

    /// The list of a path, whose query stands after a question mark. The same again keeps as much of it as somebody has opened.
    pub fn ask(self, ui: Ui, path: String) {
        let opened = self.more.with_untracked(|more| more.len());
        if opened > 0 && self.path.with_untracked(|asked| *asked == path) {
            return spawn_local(self.ask_again(ui, path, opened));
        }
        self.more.set(Arc::default());
        self.next.set(None);
        self.first.ask(ui, path.clone());
        self.path.set(path);
    }

    pub fn shown(self, ui: Ui) -> AnyView {
        self.first.shown(ui, move |first| self.rows(ui, first))
    }

    fn rows(self, ui: Ui, first: IssuePage) -> AnyView {
        if first.rows.is_empty() {
            return view! { <p class="empty" data-testid="list-empty">{ui.t.nothing_matches}</p> }.into_any();
        }
        let (start, end) = (Arc::new(first.rows), first.next.unwrap_or_default());
        let items = move || {
            let more = self.more.get();
            let all = start.iter().chain(more.iter()).cloned();
            all.map(|row| item(row.id, move || view! { <li>{card(ui, row, None)}</li> }.into_any())).collect()
        };
        let more = maybe(move || {
            let next = self.next.get().unwrap_or_else(|| end.clone());
            let load = {
                let next = next.clone();
                move || spawn_local(self.load_more(ui, next.clone()))
            };
            (!next.is_empty()).then(|| button("plain wide", "list-more", ui.t.more, load))
        });
        view! { <ul class="cards" data-testid="list">{each(items)}</ul> {more} }.into_any()
    }

    async fn ask_again(self, ui: Ui, path: String, opened: usize) {
        let fresh = async {
            let first = ui.client.get::<IssuePage>(&path).await?;
            let (mut more, mut next) = (Vec::new(), first.next.clone());
            while more.len() < opened
                && let Some(after) = next
            {
                let page = ui.client.get::<IssuePage>(&format!("{path}&after={after}")).await?;
                more.extend(page.rows);
                next = page.next;
            }
            Ok((first, more, next))
        };
        let found: Result<_, CallError> = fresh.await;
        if self.path.try_get_untracked().as_ref() != Some(&path) {
            return;
        }
        match found {
            Ok((first, more, next)) => {
                self.more.set(Arc::new(more));
                self.next.set(Some(next.unwrap_or_default()));
                self.first.is(first);
            }
            Err(error) => self.first.is_stale(ui, &error),
        }
    }

    async fn load_more(self, ui: Ui, after: String) {
        let path = format!("{}&after={after}", self.path.get_untracked());
        match ui.client.get::<IssuePage>(&path).await {
            Ok(page) => {
                let known = self.more.get_untracked();
                // A second tap brings the same page again.
                let new = page.rows.into_iter().filter(|row| known.iter().all(|other| other.id != row.id));
                self.more.set(Arc::new(known.iter().cloned().chain(new).collect()));
                self.next.set(Some(page.next.unwrap_or_default()));
            }
            Err(error) => ui.warn(call_error(ui.t, &error)),
        }
    }
}
