//! Saved views: addresses of boards and lists that a person comes back to. The office keeps them for the person; this device has a
//! copy, and what is changed here without a network is told when there is one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::views::{MOST, Mine, View, ViewWish, sifted, without_replaced};

use super::failed;
use crate::client::{CallError, VIEWS};
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{Choices, button, choose, line};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, flag, follow, given, maybe, submitted, tap};
use crate::components::link::link;
use crate::texts::fill;

/// Where a version kept them that had them on one device only: names and addresses.
const OF_THIS_DEVICE: &str = "views";

#[derive(Clone, Copy)]
pub struct Saved {
    copy: RwSignal<Mine>,
    /// How often somebody wanted the office to be told since it was told last.
    wanted: StoredValue<u32>,
}

impl Saved {
    pub fn of(ui: Ui) -> Self {
        let saved = Self { copy: RwSignal::default(), wanted: StoredValue::new(0) };
        // At the beginning, and when the network comes back.
        follow(move || {
            ui.client.online.track();
            spawn_local(async move {
                saved.begin(ui).await;
                saved.tell(ui).await;
            });
        });
        saved
    }

    async fn begin(self, ui: Ui) {
        let copy = match ui.client.kept::<Mine>(VIEWS).await {
            Some(copy) => copy.of(ui.me().map(|me| me.id)),
            None => of_this_device(ui).await,
        };
        self.copy.try_set(copy);
    }

    /// Tells the office what it has not heard, and takes over what it has. One at a time: who wants it meanwhile has it told after that.
    async fn tell(self, ui: Ui) {
        let want = |wanted: &mut u32| {
            *wanted += 1;
            *wanted
        };
        if self.wanted.try_update_value(want) != Some(1) {
            return;
        }
        while let Some(wanted) = self.wanted.try_get_value() {
            let more = self.tell_some(ui).await;
            let done = |now: &mut u32| {
                let done = !more && *now == wanted;
                *now = if done { 0 } else { *now };
                done
            };
            if self.wanted.try_update_value(done) != Some(false) {
                return;
            }
        }
    }

    /// Whether there is more to tell.
    async fn tell_some(self, ui: Ui) -> bool {
        let Some(told) = self.copy.try_with_untracked(|copy| copy.next().to_vec()) else { return false };
        let Some(views) = self.answer(ui, &without_replaced(&told)).await else { return false };
        let copy = self.change(ui, |copy| copy.heard(views, &told)).await;
        copy.is_some_and(|copy| !copy.unsent.is_empty())
    }

    /// What the office has after it heard that; `None` where it did not.
    async fn answer(self, ui: Ui, told: &[ViewWish]) -> Option<Vec<View>> {
        let client = ui.client;
        if told.is_empty() {
            return client.get("/api/views").await.ok();
        }
        match client.post("/api/views", &told).await {
            Ok(views) => return Some(views),
            Err(CallError::Problem(problem)) if problem.reason == Some(Reason::Views) => {}
            Err(_) => return None,
        }
        // Another device has filled the places meanwhile: what still fits is told, and what does not is named, not tried for ever.
        let there: Vec<View> = client.get("/api/views").await.ok()?;
        let (fit, out) = sifted(&there, told);
        let views = if fit.is_empty() { there } else { client.post("/api/views", &fit).await.ok()? };
        let names: Vec<&str> = out.iter().filter_map(named).collect();
        ui.warn(fill(ui.t.views_without_place, &[&names.join(ui.t.list_comma)]));
        Some(views)
    }

    /// What another tab did meanwhile stays. Gives what is kept now, if this device took it.
    async fn change(self, ui: Ui, change: impl FnOnce(&mut Mine)) -> Option<Mine> {
        let (me, here) = (ui.me().map(|me| me.id), self.copy.try_get_untracked().unwrap_or_default());
        let changed = |kept: Option<Mine>| {
            let mut copy = kept.unwrap_or(here).of(me);
            change(&mut copy);
            copy
        };
        let copy = ui.client.change_kept(VIEWS, changed).await;
        match &copy {
            Some(copy) => drop(self.copy.try_set(copy.clone())),
            None => ui.warn(ui.t.not_saved_storage),
        }
        copy
    }

    /// Here at once, durable, and then at the office. All of them, or nothing and the reason.
    async fn wish(self, ui: Ui, wishes: Vec<ViewWish>) -> Result<(), &'static str> {
        let mut fits = false;
        let kept = self.change(ui, |copy| fits = copy.wish(&wishes)).await;
        kept.ok_or(ui.t.not_saved_storage)?;
        fits.then_some(()).ok_or(ui.t.reason(Reason::Views).unwrap_or_default())?;
        spawn_local(self.tell(ui));
        Ok(())
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
                    let view = View::proposed(&name, address);
                    button("plain", "save-view", ui.t.save_view, move || open.set(Some(view.clone())))
                }
            })
        });
        let sheet = maybe(move || open.get().map(|view| self.sheet(ui, open, view)));
        all([press, sheet])
    }

    fn sheet(self, ui: Ui, open: RwSignal<Option<View>>, View { name, address }: View) -> AnyView {
        let t = ui.t;
        let (name, gone, bad) = (RwSignal::new(name), RwSignal::new(String::new()), RwSignal::new(String::new()));
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
            let wishes = forget.into_iter().chain([ViewWish::Keep(view)]).collect();
            spawn_local(async move {
                match self.wish(ui, wishes).await {
                    Ok(()) => drop(open.try_set(None)),
                    Err(why) => drop(bad.try_set(why.into())),
                }
            });
        });
        let replace = given(full.then(|| {
            let text = view! { <p class="prose">{fill(t.views_full, &[&MOST])}</p> }.into_any();
            all([text, choose(t.view_to_replace, gone.into(), self.choices(ui), "view-to-replace")])
        }));
        let bad = maybe(move || Some(bad.get()).filter(|why| !why.is_empty()).map(|why| failed(why, "view-bad")));
        let content = view! {
            <form class="action-form" on:submit=save>
                {line(t.view_name, name.into(), "", "40", "view-name")} {replace} {bad}
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
        let forget = tap(move || {
            let wishes = vec![ViewWish::Forget(forgotten.clone())];
            // Why it stays is said where it is tried.
            spawn_local(async move {
                let _ = self.wish(ui, wishes).await;
            });
        });
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

fn named(wish: &ViewWish) -> Option<&str> {
    match wish {
        ViewWish::Keep(view) => Some(&view.name),
        ViewWish::Forget(_) => None,
    }
}

/// What an older version kept on this device alone goes to the office with the first word.
async fn of_this_device(ui: Ui) -> Mine {
    let mut copy = Mine::default().of(ui.me().map(|me| me.id));
    for (name, address) in ui.client.kept::<Vec<(String, String)>>(OF_THIS_DEVICE).await.unwrap_or_default() {
        copy.wish(&[ViewWish::Keep(View::proposed(&name, address))]);
    }
    copy
}
