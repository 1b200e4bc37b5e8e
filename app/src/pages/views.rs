//! Saved views: addresses of boards and lists that a person comes back to, kept on this device.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{Choices, button, choose, line};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, flag, given, maybe, submitted, tap};
use crate::components::link::link;
use crate::texts::fill;

const KEPT: &str = "views";
/// Enough for anybody; more would hide the page.
const MOST: usize = 12;

/// A name and an address each.
type Views = Vec<(String, String)>;

#[derive(Clone, Copy)]
pub struct Saved(RwSignal<Views>);

impl Saved {
    pub fn of(ui: Ui) -> Self {
        let saved = Self(RwSignal::new(Vec::new()));
        spawn_local(async move {
            if let Some(views) = ui.client.kept::<Views>(KEPT).await {
                saved.0.try_set(views);
            }
        });
        saved
    }

    fn keep(self, ui: Ui, change: impl FnOnce(&mut Views)) {
        self.0.update(change);
        let views = self.0.get_untracked();
        spawn_local(async move {
            if !ui.client.keep(KEPT, &views).await {
                ui.warn(ui.t.not_saved_storage);
            }
        });
    }

    /// The button that saves the view in sight; it is there while that one is not saved yet. It asks for a name, and where there are
    /// enough of them, which one shall go.
    pub fn save_button(self, ui: Ui, view: impl Fn() -> (String, String) + Send + 'static) -> AnyView {
        let open = RwSignal::new(None::<(String, String)>);
        let press = maybe(move || {
            let (name, address) = view();
            let known = self.0.with(|views| views.iter().any(|(_, other)| *other == address));
            let ask = move || open.set(Some((name.clone(), address.clone())));
            (!known).then(|| button("plain", "save-view", ui.t.save_view, ask))
        });
        let sheet = maybe(move || open.get().map(|view| self.sheet(ui, open, view)));
        all([press, sheet])
    }

    fn sheet(self, ui: Ui, open: RwSignal<Option<(String, String)>>, (name, address): (String, String)) -> AnyView {
        let t = ui.t;
        let (name, gone) = (RwSignal::new(name), RwSignal::new(String::new()));
        let full = self.0.with_untracked(|views| views.len() >= MOST);
        let lacks = move || name.with(|name| name.trim().is_empty()) || (full && gone.with(String::is_empty));
        let save = submitted(move || {
            if untrack(lacks) {
                return;
            }
            let (view, gone) = ((name.get_untracked().trim().into(), address.clone()), gone.get_untracked());
            self.keep(ui, |views| {
                views.retain(|(_, other)| *other != gone);
                views.push(view);
            });
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
        dialog(ui, t.save_view, Callback::new(move |()| open.set(None)), content.into_any())
    }

    fn choices(self, ui: Ui) -> Choices {
        let nothing = (String::new(), ui.t.choose.to_string());
        let views = self.0.get_untracked().into_iter().map(|(name, address)| (address, name));
        std::iter::once(nothing).chain(views).collect()
    }

    pub fn shown(self, ui: Ui) -> AnyView {
        maybe(move || {
            let views = self.0.get();
            let chips = views.into_iter().map(|(name, address)| self.chip(ui, name, address));
            let chips: Vec<AnyView> = chips.collect();
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

    fn chip(self, ui: Ui, name: String, address: String) -> AnyView {
        let forgotten = address.clone();
        let forget = tap(move || self.keep(ui, |views| views.retain(|(_, other)| *other != forgotten)));
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
