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
use crate::components::lean::{flag, given, maybe, submitted};

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
    // What whoever fills the form has seen: the office says if somebody else was faster.
    let was = StoredValue::new(untrack(|| rules(ui)).own_name(kind).map(str::to_owned));
    let name = RwSignal::new(was.get_value().unwrap_or_default());
    let wish = move || RuleWish::Own {
        own: OwnKind { kind, name: name.with(|name| name.trim().to_owned()) },
        was: was.get_value(),
    };
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
    let content = view! {
        <form class="action-form" on:submit=save>
            {line(t.catalogue_own_name, name.into(), t.catalogue_own_hint, "20", "own-name")}
            <p class="dim">{t.catalogue_own_text}</p>
            {hint}
            <button type="submit" class="primary wide" data-testid="save-own" disabled=flag(move || !fits())>
                {t.save}
            </button>
        </form>
    };
    dialog(ui, t.catalogue_own_kind, Callback::new(move |()| page.open.set(Open::Nothing)), content.into_any())
}
