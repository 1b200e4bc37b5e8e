//! Kinds of the office's own (自定义类别): adds one, or names it anew. Its limits and its closing condition are set as those of any kind.

use leptos::prelude::*;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::model::catalogue::Kind;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::rules::{Clash, OwnKind, RuleWish};

use super::{Open, Page, rules};
use crate::components::Ui;
use crate::components::dialog::dialog;
use crate::components::fields::{button, line};
use crate::components::lean::{flag, follow, given, maybe, submitted};
use crate::texts::fill;

pub(super) fn add_own(ui: Ui, page: Page) -> AnyView {
    let keeps = ui.me().is_some_and(|me| may(&me, Right::KeepCatalogue));
    let add = maybe(move || {
        let kind = rules(ui).free_kind()?;
        Some(button("plain", "add-own", ui.t.catalogue_add, move || page.open.set(Open::Own(kind))))
    });
    given(keeps.then_some(add))
}

pub(super) fn own_sheet(ui: Ui, page: Page, kind: Kind) -> AnyView {
    let t = ui.t;
    let called = move || rules(ui).own_name(kind).map(str::to_owned);
    // What whoever fills the form has seen: the office says if somebody else was faster.
    let was = RwSignal::new(untrack(called));
    let is_new = was.with_untracked(Option::is_none);
    let name = RwSignal::new(was.get_untracked().unwrap_or_default());
    // A new kind takes the code that is free when it is saved; somebody else may have taken the one of the opening.
    let code = move || if is_new { rules(ui).free_kind().unwrap_or(kind) } else { kind };
    let wish = move || RuleWish::Own {
        own: OwnKind { kind: code(), name: name.with(|name| name.trim().to_owned()) },
        was: was.get(),
    };
    let moved = renamed_meanwhile(is_new, called, was, name);
    let fits = move || rules(ui).with(wish()).is_some();
    let save = submitted(move || {
        if untrack(fits) {
            page.wish(ui, untrack(wish));
        }
    });
    let hint = maybe(move || {
        let wrong = !fits() && name.with(|name| !name.trim().is_empty());
        let why = rules(ui).clash(&wish()).map(|clash| match clash {
            Clash::Code => Reason::KindMoved,
            Clash::Name => Reason::KindName,
        });
        let why = why.and_then(|why| t.reason(why)).unwrap_or(t.catalogue_own_wrong);
        wrong.then(|| view! { <p class="error" data-testid="own-error">{why}</p> }.into_any())
    });
    let told = maybe(move || {
        let now = Some(was.get()?).filter(|_| moved.get())?;
        let words = format!("{}{}", t.reason(Reason::KindMoved).unwrap_or_default(), fill(t.quoted, &[&now]));
        Some(view! { <p class="hint" role="status" data-testid="own-moved">{words}</p> }.into_any())
    });
    let content = view! {
        <form class="action-form" on:submit=save>
            {line(t.catalogue_own_name, name.into(), t.catalogue_own_hint, "20", "own-name")}
            <p class="dim">{t.catalogue_own_text}</p>
            {told} {hint}
            <button type="submit" class="primary wide" data-testid="save-own" disabled=flag(move || !fits())>
                {t.save}
            </button>
        </form>
    };
    dialog(ui, t.catalogue_own_kind, Callback::new(move |()| page.open.set(Open::Nothing)), content.into_any())
}

/// Whether somebody else has named the kind anew while the form was open. That is told with the name that stands there now, and from then
/// on the form renames what it has told.
fn renamed_meanwhile(
    is_new: bool,
    called: impl Fn() -> Option<String> + 'static,
    was: RwSignal<Option<String>>,
    name: RwSignal<String>,
) -> RwSignal<bool> {
    let moved = RwSignal::new(false);
    follow(move || {
        let now = called();
        let wished = name.with_untracked(|name| now.as_deref() == Some(name.trim()));
        if !is_new && !wished && now != was.get_untracked() {
            was.set(now);
            moved.set(true);
        }
    });
    moved
}
