//! Saved views: addresses of boards and lists that a person comes back to. The office keeps them for the person; this device has a
//! copy, and what is changed here without a network is told when there is one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::views::{MOST, View, ViewWish, fulfilled};

use crate::client::CallError;
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{Choices, button, choose, line};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, flag, given, maybe, submitted, tap};
use crate::components::link::link;
use crate::texts::fill;

const KEPT: &str = "my-views";
/// Where a version kept them that had them on one device only: names and addresses.
const OF_THIS_DEVICE: &str = "views";

/// What this device has of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Mine {
    views: Vec<View>,
    /// What the office has not heard yet, in its order.
    unsent: Vec<ViewWish>,
}

impl Mine {
    /// Nothing, where that cannot be wished.
    fn wish(&mut self, wish: ViewWish) {
        if let Some(views) = fulfilled(&self.views, &wish) {
            self.views = views;
            self.unsent.push(wish);
        }
    }
}

#[derive(Clone, Copy)]
pub struct Saved {
    copy: RwSignal<Mine>,
}

impl Saved {
    pub fn of(ui: Ui) -> Self {
        let saved = Self { copy: RwSignal::default() };
        spawn_local(async move {
            let copy = match ui.client.kept::<Mine>(KEPT).await {
                Some(copy) => copy,
                None => of_this_device(ui).await,
            };
            saved.copy.try_set(copy);
            saved.tell(ui).await;
        });
        saved
    }

    /// Tells the office what it has not heard, and takes over what it has.
    async fn tell(self, ui: Ui) {
        let Some(unsent) = self.copy.try_with_untracked(|copy| copy.unsent.clone()) else { return };
        let answer = match unsent.is_empty() {
            true => ui.client.get::<Vec<View>>("/api/views").await,
            false => ui.client.post("/api/views", &unsent).await,
        };
        let told = unsent.len();
        let views = match answer {
            Ok(views) => views,
            // Another device has filled the places meanwhile: what does not fit any more is said, and not tried for ever.
            Err(CallError::Problem(problem)) if problem.reason == Some(Reason::Views) => {
                ui.warn(ui.t.problem(&problem));
                let Ok(views) = ui.client.get("/api/views").await else { return };
                views
            }
            Err(_) => return,
        };
        let take = |copy: &mut Mine| {
            // What was wished while the answer was on its way is wished of what the office has.
            let later = copy.unsent.split_off(told.min(copy.unsent.len()));
            *copy = Mine { views, unsent: Vec::new() };
            later.into_iter().for_each(|wish| copy.wish(wish));
        };
        if self.copy.try_update(take).is_some() {
            self.store(ui).await;
        }
    }

    async fn store(self, ui: Ui) {
        let Some(copy) = self.copy.try_get_untracked() else { return };
        if !ui.client.keep(KEPT, &copy).await {
            ui.warn(ui.t.not_saved_storage);
        }
    }

    /// Here at once, durable, and then at the office.
    fn wish(self, ui: Ui, wishes: Vec<ViewWish>) {
        self.copy.update(|copy| wishes.into_iter().for_each(|wish| copy.wish(wish)));
        spawn_local(async move {
            self.store(ui).await;
            self.tell(ui).await;
        });
    }

    /// The button that saves the view in sight; it is there while that one is not saved yet. It asks for a name, and where there are
    /// enough of them, which one shall go. Of a saved one it asks for another name.
    pub fn save_button(self, ui: Ui, view: impl Fn() -> (String, String) + Send + 'static) -> AnyView {
        let open = RwSignal::new(None::<View>);
        let press = maybe(move || {
            let (name, address) = view();
            let known = self.copy.with(|copy| copy.views.iter().find(|view| view.address == address).cloned());
            Some(match known {
                Some(view) => button("plain", "rename-view", ui.t.rename_view, move || open.set(Some(view.clone()))),
                None => {
                    let view = View { name, address };
                    button("plain", "save-view", ui.t.save_view, move || open.set(Some(view.clone())))
                }
            })
        });
        let sheet = maybe(move || open.get().map(|view| self.sheet(ui, open, view)));
        all([press, sheet])
    }

    fn sheet(self, ui: Ui, open: RwSignal<Option<View>>, View { name, address }: View) -> AnyView {
        let t = ui.t;
        let (name, gone) = (RwSignal::new(name), RwSignal::new(String::new()));
        let (known, many) = self
            .copy
            .with_untracked(|copy| (copy.views.iter().any(|view| view.address == address), copy.views.len() >= MOST));
        let full = many && !known;
        let lacks = move || name.with(|name| name.trim().is_empty()) || (full && gone.with(String::is_empty));
        let save = submitted(move || {
            if untrack(lacks) {
                return;
            }
            let view = View { name: name.get_untracked().trim().into(), address: address.clone() };
            let forget = full.then(|| ViewWish::Forget(gone.get_untracked()));
            self.wish(ui, forget.into_iter().chain([ViewWish::Keep(view)]).collect());
            open.set(None);
        });
        let replace = given(full.then(|| {
            let text = view! { <p class="prose">{fill(t.views_full, &[&MOST])}</p> }.into_any();
            all([text, choose(t.view_to_replace, gone.into(), self.choices(ui), "view-to-replace")])
        }));
        let content = view! {
            <form class="action-form" on:submit=save>
                {line(t.view_name, name.into(), "", "40", "view-name")} {replace}
                <button type="submit" class="primary wide" data-testid="keep-view" disabled=flag(lacks)>
                    {t.save}
                </button>
            </form>
        };
        let title = if known { t.rename_view } else { t.save_view };
        dialog(ui, title, Callback::new(move |()| open.set(None)), content.into_any())
    }

    fn choices(self, ui: Ui) -> Choices {
        let nothing = (String::new(), ui.t.choose.to_string());
        let views = self.copy.get_untracked().views.into_iter().map(|view| (view.address, view.name));
        std::iter::once(nothing).chain(views).collect()
    }

    pub fn shown(self, ui: Ui) -> AnyView {
        maybe(move || {
            let views = self.copy.with(|copy| copy.views.clone());
            let chips: Vec<AnyView> = views.into_iter().map(|view| self.chip(ui, view)).collect();
            (!chips.is_empty()).then(|| {
                view! {
                    <nav class="views" aria-label=ui.t.saved_views data-testid="saved-views">
                        {all(chips)}
                    </nav>
                }
                .into_any()
            })
        })
    }

    fn chip(self, ui: Ui, View { name, address }: View) -> AnyView {
        let forgotten = address.clone();
        let forget = tap(move || self.wish(ui, vec![ViewWish::Forget(forgotten.clone())]));
        let label = fill(ui.t.forget_view, &[&name]);
        let go = link(ui, address, "", "saved-view".into(), name.into_any());
        view! {
            <span class="view">
                {go} <button type="button" class="quiet" aria-label=label on:click=forget>
                    {icon(Icon::Cross)}
                </button>
            </span>
        }
        .into_any()
    }
}

/// What an older version kept on this device alone goes to the office with the first word.
async fn of_this_device(ui: Ui) -> Mine {
    let mut copy = Mine::default();
    for (name, address) in ui.client.kept::<Vec<(String, String)>>(OF_THIS_DEVICE).await.unwrap_or_default() {
        copy.wish(ViewWish::Keep(View { name, address }));
    }
    copy
}
