//! Saved views: addresses of boards and lists that a person comes back to, kept on this device.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::Ui;
use crate::components::fields::button;
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, maybe, tap};
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

    /// The button that saves the view in sight; it is there while that one is not saved yet.
    pub fn save_button(self, ui: Ui, view: impl Fn() -> (String, String) + Send + 'static) -> AnyView {
        maybe(move || {
            let (name, address) = view();
            let known = self.0.with(|views| views.iter().any(|(_, other)| *other == address));
            let save = move || {
                let view = (name.clone(), address.clone());
                self.keep(ui, |views| {
                    views.push(view);
                    let over = views.len().saturating_sub(MOST);
                    drop(views.drain(..over));
                });
            };
            (!known).then(|| button("plain", "save-view", ui.t.save_view, save))
        })
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
