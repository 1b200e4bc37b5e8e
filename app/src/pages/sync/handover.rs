//! For a phone whose radio is dead: its work as a file for somebody else, and the files of others on their way to the office.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlInputElement};
use xiaohao_shared::sync::handover::Fault;

use super::asked_first;
use crate::client::handover::{Exported, NotExported, NotImported};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::icon::{Icon, icon};
use crate::components::lean::{Change, all, each, flag, given, item, maybe, nothing, words};
use crate::format;
use crate::store::carried::{Carried, Tally};
use crate::texts::{Texts, fill};

/// What the panel says of the last attempt.
#[derive(Clone, Copy, Default)]
struct Talk {
    busy: RwSignal<bool>,
    exported: RwSignal<Option<Exported>>,
    /// What went wrong, empty while nothing did.
    bad: RwSignal<String>,
}

impl Talk {
    fn begin(self) {
        self.busy.set(true);
        self.bad.set(String::new());
    }

    fn end(self, result: Result<(), String>) {
        self.busy.try_set(false);
        self.bad.try_set(result.err().unwrap_or_default());
    }
}

pub fn handover(ui: Ui) -> AnyView {
    let (t, talk) = (ui.t, Talk::default());
    view! {
        <section class="panel" data-testid="handover">
            <h2>{t.handover_title}</h2>
            <p class="prose">{t.handover_text}</p>
            {export_part(ui, talk)}
            {import_button(ui, talk)}
            {said(ui, talk)}
            {carried_list(ui)}
        </section>
    }
    .into_any()
}

/// What a stopped device cannot send can still be carried to the desk.
pub fn leaving(ui: Ui) -> AnyView {
    let talk = Talk::default();
    let part = move || {
        view! {
            <section class="panel" data-testid="handover">
                <p class="prose">{ui.t.handover_leaving}</p>
                {export_part(ui, talk)}
                {said(ui, talk)}
            </section>
        }
        .into_any()
    };
    let something = something_unsent(ui);
    maybe(move || something.get().then(part))
}

/// Of this device, or of somebody for whom it carries.
fn something_unsent(ui: Ui) -> Signal<bool> {
    let client = ui.client;
    flag(move || client.unsent().0 > 0 || client.carried.with(|all| all.iter().any(|parcel| !parcel.is_done())))
}

fn export_part(ui: Ui, talk: Talk) -> AnyView {
    let made = maybe(move || talk.exported.get().map(|exported| made(ui, exported)));
    all([export_button(ui, talk), made])
}

fn said(ui: Ui, talk: Talk) -> AnyView {
    let working = maybe(move || {
        talk.busy.get().then(|| view! { <p class="dim" role="status">{ui.t.handover_busy}</p> }.into_any())
    });
    let hidden = flag(move || talk.bad.with(String::is_empty));
    let sentence = words(move || talk.bad.get());
    let bad = view! { <p class="error" role="status" hidden=hidden data-testid="handover-bad">{sentence}</p> };
    all([working, bad.into_any()])
}

/// Off while the office has everything: an empty file would only puzzle its reader.
fn export_button(ui: Ui, talk: Talk) -> AnyView {
    let (t, something) = (ui.t, something_unsent(ui));
    let off = flag(move || talk.busy.get() || !something.get());
    let hint = maybe(move || (!something.get()).then(|| view! { <p class="dim">{t.handover_nothing}</p> }.into_any()));
    let export = crate::components::lean::tap(move || export(ui, talk));
    view! {
        <button type="button" class="plain wide" data-testid="handover-export" disabled=off on:click=export>
            {icon(Icon::Upload)} " " {t.handover_export}
        </button>
        {hint}
    }
    .into_any()
}

fn export(ui: Ui, talk: Talk) {
    talk.begin();
    spawn_local(async move {
        let exported = ui.client.export_work().await;
        let end = match &exported {
            Ok(_) => Ok(()),
            Err(NotExported::Nothing) => Err(ui.t.handover_nothing.into()),
            Err(NotExported::Failed) => Err(ui.t.handover_failed.into()),
        };
        talk.exported.try_set(exported.ok());
        talk.end(end);
    });
}

/// What is in the file, and the ways to give it to somebody.
fn made(ui: Ui, exported: Exported) -> AnyView {
    let t = ui.t;
    let Exported { name, url, changes, photos, others, size, can_share } = exported;
    let counts = fill(t.handover_made, &[&changes, &photos, &format::bytes(size)]);
    let others = (others > 0).then(|| view! { <p>{fill(t.handover_others, &[&others])}</p> }.into_any());
    let client = ui.client;
    let share = can_share
        .then(|| button("plain", "handover-share", t.handover_share, move || spawn_local(client.share_work())));
    view! {
        <div class="refused-one" data-testid="handover-made">
            <p class="good" role="status">{icon(Icon::Check)} " " {counts}</p>
            {given(others)}
            <p class="hint">{t.handover_not_sent}</p>
            <div class="buttons">
                <a class="button primary" href=url download=name data-testid="handover-save">
                    {t.handover_save}
                </a>
                {given(share)}
            </div>
        </div>
    }
    .into_any()
}

/// Any file may be chosen: phones grey out endings that they do not know.
fn import_button(ui: Ui, talk: Talk) -> AnyView {
    let chosen = move |input: &HtmlInputElement| {
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            import(ui, talk, file);
        }
        // Otherwise the same file could not be chosen again.
        input.set_value("");
    };
    let change: Change = Box::new(move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        input.iter().for_each(chosen);
    });
    view! {
        <label class="button plain wide">
            {icon(Icon::People)} <span>{ui.t.handover_import}</span>
            <input type="file" disabled=talk.busy data-testid="handover-import" on:change=change />
        </label>
    }
    .into_any()
}

fn import(ui: Ui, talk: Talk, file: File) {
    talk.begin();
    spawn_local(async move {
        let imported = ui.client.import_work(file).await;
        // What becomes of it is said where it is listed.
        talk.end(imported.map_err(|why| not_imported(ui.t, why)));
    });
}

fn not_imported(t: &Texts, why: NotImported) -> String {
    match why {
        NotImported::Fault(fault) => t.handover_fault(fault).into(),
        NotImported::StorageFailed => t.handover_no_room.into(),
        NotImported::Unreadable => t.handover_unreadable.into(),
    }
}

fn carried_list(ui: Ui) -> AnyView {
    let client = ui.client;
    // Where it stands is part of the key: a parcel that moved on is drawn anew.
    let key = |parcel: &Carried| {
        let (records, photos) = (parcel.sent_sections, parcel.sent_pieces);
        format!("{} {records} {photos} {} {}", parcel.name, parcel.tally.missing, parcel.refusal.is_some())
    };
    let items = each(move || {
        let online = client.online.get();
        let one = |parcel: Carried| item(format!("{online}{}", key(&parcel)), move || one_carried(ui, parcel, online));
        client.carried.get().into_iter().map(one).collect()
    });
    let none = flag(move || client.carried.with(Vec::is_empty));
    view! {
        <div hidden=none>
            <h3>{ui.t.carried_title}</h3>
            {items}
        </div>
    }
    .into_any()
}

fn one_carried(ui: Ui, parcel: Carried, online: bool) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let (class, sentence) = state(t, &parcel, online);
    let name = parcel.name.clone();
    let forget = move || client.forget_carried(name.clone());
    let ending = match parcel.is_done() {
        true => button("plain", "carried-forget", t.carried_seen, forget),
        false => asked_first(ui, t.carried_give_up, "carried-give-up", forget),
    };
    // Of what was refused even the name is only a claim.
    let person = if parcel.refusal.is_some() { nothing() } else { ui.person(parcel.person).into_any() };
    let held = fill(t.carried_holds, &[&parcel.changes, &parcel.photos]);
    view! {
        <div class="refused-one" data-testid="carried">
            <h3>{person} " " <small>{ui.when(parcel.created)}</small></h3>
            <p class="dim">{held}</p>
            <p class=class role="status" data-testid="carried-state">{sentence}</p>
            <div class="buttons">{ending}</div>
        </div>
    }
    .into_any()
}

/// Where a parcel stands, in one sentence.
fn state(t: &Texts, parcel: &Carried, online: bool) -> (&'static str, String) {
    match parcel.refusal {
        Some(kind) => ("error", t.handover_fault(Fault::of(kind).unwrap_or(Fault::Damaged)).into()),
        None if parcel.is_done() && is_whole(&parcel.tally) => ("good", tally(t, &parcel.tally)),
        None if parcel.is_done() => ("hint", tally(t, &parcel.tally)),
        None if parcel.tally.missing > 0 => ("hint", t.carried_missing.into()),
        None if !online => ("hint", t.carried_waits.into()),
        None if parcel.sent_sections < parcel.sections => ("dim", t.carried_records.into()),
        None => ("dim", fill(t.carried_photos, &[&parcel.sent_pieces, &parcel.pieces])),
    }
}

fn is_whole(tally: &Tally) -> bool {
    tally.held + tally.refused + tally.photos_refused == 0
}

/// What the office made of it; what there is none of is not mentioned.
fn tally(t: &Texts, tally: &Tally) -> String {
    let parts = [
        (tally.accepted, t.tally_accepted),
        (tally.known, t.tally_known),
        (tally.held, t.tally_held),
        (tally.refused, t.tally_refused),
        (tally.photos_refused, t.tally_photos),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| fill(words, &[&count]));
    let parts = parts.collect::<Vec<_>>().join(t.comma);
    if parts.is_empty() { t.carried_done.into() } else { format!("{}{}{parts}", t.carried_done, t.colon) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{EN, ZH};

    #[test]
    fn the_courier_reads_in_one_sentence_what_became_of_it() {
        let all = Tally { accepted: 3, known: 1, held: 2, ..Tally::default() };
        assert_eq!(tally(&ZH, &all), "已交到办事处：新收 3 条，早已收到 1 条，待指挥审阅 2 条");
        assert_eq!(tally(&EN, &Tally { known: 4, ..Tally::default() }), "The office has it: 4 known already");
        assert_eq!(tally(&EN, &Tally::default()), "The office has it");
    }
}
