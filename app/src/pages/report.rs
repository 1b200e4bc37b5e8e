//! New report: kind, photo, save. Everything else is filled in by itself or may stay empty; nothing waits for the network
//! or for a position.

mod draft;
mod likeness;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::doc::{Edit, value::Value};
use xiaohao_shared::geo::zone_at;
use xiaohao_shared::id::ZoneId;
use xiaohao_shared::model::catalogue::{CATALOGUE, Kind, KindInfo, PlaceType};
use xiaohao_shared::model::policy::judge;
use xiaohao_shared::model::workflow::Action;
use xiaohao_shared::model::{Entry, Fix, Person, Role, Severity, Stage, Step};

use self::draft::{Draft, Form, Lack, keep_draft};
use self::likeness::{come_back, likeness};
use super::{head, known, not_saved, sign, waiting};
use crate::components::Ui;
use crate::components::amend_form::{place_type_choices, severity_choices, zone_choices};
use crate::components::camera::take_photos;
use crate::components::fields::{Wire, button, choose, labelled, line, search, segments, tick, words_field};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, each, flag, follow, item, key, maybe, nothing, shown, tap, text, words};
use crate::texts::{Texts, fill};

/// The name under which the zone of the last report is kept.
const LAST_ZONE: &str = "last-zone";

/// What the search for a position says of itself.
#[derive(Clone, Copy)]
struct Search {
    running: RwSignal<bool>,
    /// Why there is none; empty while that is not known.
    failed: RwSignal<String>,
}

pub fn report(ui: Ui) -> AnyView {
    let form = Form::new(ui.client.new_issue_id());
    let search = Search { running: RwSignal::new(false), failed: RwSignal::new(String::new()) };
    let restored = RwSignal::new(false);
    keep_draft(ui, form);
    spawn_local(restore(ui, form, restored));
    follow(move || {
        // A draft has its own place: where it was begun, not where the person is by now.
        if form.loaded.get() && form.draft.with_untracked(|draft| draft.fix.is_none()) && !restored.get_untracked() {
            locate(ui, form, search);
        }
    });
    follow(move || form.camera.place.set(form.draft.with(|draft| place_words(ui, draft))));
    let chosen = key(move || form.draft.with(|draft| draft.kind.is_some().to_string()));
    let content = shown(move || match (form.ready.get(), chosen.get().as_str()) {
        (false, _) => waiting(ui),
        (true, "true") => details(ui, form, search),
        (true, _) => choose_kind(ui, form),
    });
    let notice = maybe(move || restored.get().then(|| restored_bar(ui, form, restored)));
    all([head(ui, ui.t.nav_report, false, nothing()), notice, content])
}

/// Where it is, as far as it is known when a photo is taken.
fn place_words(ui: Ui, draft: &Draft) -> String {
    let place = draft.zone.map(|zone| ui.place(zone, &[&draft.address, &draft.landmark])).unwrap_or_default();
    let fix = draft.fix.as_ref();
    let fix = fix.map(|fix| format!("{:.5}, {:.5} ±{:.0} m", fix.lat, fix.lon, fix.accuracy_m)).unwrap_or_default();
    format!("{place}\n{fix}")
}

fn restored_bar(ui: Ui, form: Form, restored: RwSignal<bool>) -> AnyView {
    let start_anew = move || {
        restored.set(false);
        form.fill(form.draft.get_untracked().after(ui.client.new_issue_id()));
        spawn_local(async move { ui.client.drop_draft().await });
    };
    view! {
        <p class="bar draft" role="status" data-testid="draft-restored">
            <span>{ui.t.draft_restored}</span>
            {button("plain", "", ui.t.start_anew, start_anew)}
        </p>
    }
    .into_any()
}

/// Finds the draft of last time.
async fn restore(ui: Ui, form: Form, restored: RwSignal<bool>) {
    let kept = ui.client.draft::<Draft>().await;
    let usual = usual_zone(ui).await;
    if restored.is_disposed() {
        return;
    }
    if let Some(draft) = kept.clone() {
        form.fill(draft);
        form.doubtful.set_value(true);
        restored.set(true);
    }
    form.draft.update(|draft| draft.zone = draft.zone.or(usual));
    form.ready.set(true);
    form.loaded.set(true);
    if let Some(draft) = kept {
        forget_if_saved(ui, form, restored, draft).await;
    }
}

/// The app may have died between saving an issue and forgetting its draft.
async fn forget_if_saved(ui: Ui, form: Form, restored: RwSignal<bool>, draft: Draft) {
    let saved = ui.client.read(draft.issue).await;
    if saved.is_none_or(|saved| draft.fixed && !has_fix(&saved.issue.steps))
        || restored.try_get_untracked() != Some(true)
    {
        return;
    }
    restored.set(false);
    form.fill(draft.after(ui.client.new_issue_id()));
    ui.client.drop_draft().await;
}

/// The zone of the last report. Before there is one, a cadre begins with the first of his few; who walks the whole office
/// chooses, because a guess among many would be believed.
async fn usual_zone(ui: Ui) -> Option<ZoneId> {
    let me = ui.me()?;
    let last = ui.client.kept::<ZoneId>(LAST_ZONE).await;
    let last = last.filter(|zone| me.role != Role::Cadre || me.zones.contains(zone));
    last.or_else(|| me.zones.first().copied().filter(|_| me.role == Role::Cadre || me.zones.len() == 1))
}

fn has_fix(steps: &[Entry<Step>]) -> bool {
    steps.iter().any(|entry| entry.record.action == Action::FixOnSpot)
}

fn locate(ui: Ui, form: Form, search: Search) {
    search.running.set(true);
    spawn_local(async move {
        match ui.client.position().await {
            Ok(fix) => drop(form.draft.try_update(|draft| {
                let proposed = zone_of(ui, Some(&fix)).filter(|zone| !draft.zone_chosen && may_choose(ui, *zone));
                draft.zone = proposed.or(draft.zone);
                draft.fix = Some(fix);
            })),
            Err(error) => drop(search.failed.try_set(ui.t.place_error(error).into())),
        }
        search.running.try_set(false);
    });
}

/// The zone that a position lies in, by the outlines that came with the directory.
fn zone_of(ui: Ui, fix: Option<&Fix>) -> Option<ZoneId> {
    let fix = fix?;
    ui.client.office.with_untracked(|office| zone_at(&office.as_ref()?.outlines, (fix.lat, fix.lon)))
}

fn may_choose(ui: Ui, zone: ZoneId) -> bool {
    ui.me().is_some_and(|me| me.role != Role::Cadre || me.zones.contains(&zone))
}

/// The first tap: twelve tiles, and a search for the rest.
fn choose_kind(ui: Ui, form: Form) -> AnyView {
    let wanted = RwSignal::new(String::new());
    let found = move || {
        let wanted = wanted.get().trim().to_lowercase();
        let rules =
            ui.client.office.with(|office| office.as_ref().map(|office| office.rules.clone()).unwrap_or_default());
        let national = CATALOGUE.iter().filter(|info| fits(info, &wanted)).map(|info| (info.kind, seal(info)));
        // The office's own stand last, because nobody knows yet how often they are needed; they need no search.
        let own = rules.own.iter().filter(|own| own.name.to_lowercase().contains(&wanted));
        let own = own.map(|own| (own.kind, own.name.chars().next().unwrap_or('自')));
        national.chain(own).filter(|(kind, _)| rules.offers(*kind)).collect::<Vec<_>>()
    };
    let one = move |(kind, seal)| item(kind, move || tile(ui, form, kind, seal));
    let tiles = each(move || found().into_iter().map(one).collect());
    let none =
        maybe(move || found().is_empty().then(|| view! { <p class="empty">{ui.t.nothing_matches}</p> }.into_any()));
    view! {
        <p class="lead">{ui.t.choose_kind}</p>
        {search(ui.t.search_kind, ui.t.search_kind, wanted.into(), "kind-search")}
        <div class="tiles">{tiles}</div>
        {none}
    }
    .into_any()
}

/// Without a word only the tiles, which stand first in the catalogue; with one, whatever is called so in either language or
/// in daily speech.
fn fits(info: &KindInfo, wanted: &str) -> bool {
    if wanted.is_empty() {
        return info.tile.is_some();
    }
    [info.zh, info.en, info.aliases].iter().any(|name| name.to_lowercase().contains(wanted))
}

/// Letters with which many kinds begin; the seal shows the first that tells one from another.
const COMMON: &str = "乱非法擅自违规小地块积存农贸垃圾";

fn seal(info: &KindInfo) -> char {
    info.zh.chars().find(|letter| !COMMON.contains(*letter)).unwrap_or('其')
}

fn tile(ui: Ui, form: Form, kind: Kind, seal: char) -> AnyView {
    let choose = tap(move || {
        form.draft.update(|draft| draft.kind = Some(kind));
        window().scroll_to_with_x_and_y(0.0, 0.0);
    });
    let testid = format!("tile-{:05}", kind.code);
    view! {
        <button type="button" class="tile" data-testid=testid on:click=choose>
            <span class="seal" aria-hidden="true">
                {seal.to_string()}
            </span>
            <span>{ui.kind(kind)}</span>
        </button>
    }
    .into_any()
}

fn details(ui: Ui, form: Form, search: Search) -> AnyView {
    let t = ui.t;
    let kind = words(move || form.draft.with(|draft| draft.kind.map(|kind| ui.kind(kind))).unwrap_or_default());
    let change = move || form.draft.update(|draft| draft.kind = None);
    let before = take_photos(ui, t.take_photo, Stage::Before, form.camera, "photo-before");
    let place = [
        position(ui, form, search),
        zone(ui, form),
        line(t.address, form.wire(|draft| &mut draft.address), t.address_hint, "200", "address"),
        line(t.landmark, form.wire(|draft| &mut draft.landmark), t.landmark_hint, "200", "landmark"),
    ];
    let description = form.wire(|draft| &mut draft.description);
    let parts = [
        group(t.photos_before, before),
        group("", fixed(ui, form)),
        group(t.place, all(place)),
        likeness(ui, form),
        words_field(t.description, description, None, t.description_hint, "description"),
        marks(ui, form),
    ];
    view! {
        <div class="form">
            <div class="chosen-kind">
                <strong>{kind}</strong>
                {button("plain", "change-kind", t.change, change)}
            </div>
            {all(parts)}
        </div>
        {save_bar(ui, form)}
    }
    .into_any()
}

fn group(title: &'static str, content: AnyView) -> AnyView {
    let legend = if title.is_empty() { nothing() } else { view! { <legend>{title}</legend> }.into_any() };
    view! {
        <fieldset>
            {legend}
            {content}
        </fieldset>
    }
    .into_any()
}

/// 即查即改: the finder fixed it at once and shows it.
fn fixed(ui: Ui, form: Form) -> AnyView {
    let t = ui.t;
    let is_fixed = move || form.draft.with(|draft| draft.fixed);
    let tick = tick(t.fixed_on_spot, is_fixed, move |on| form.draft.update(|draft| draft.fixed = on), "fixed-on-spot");
    let fixed = key(move || is_fixed().to_string());
    let photos = maybe(move || {
        (fixed.get() == "true").then(|| {
            let hint = view! { <p class="hint">{t.fixed_hint}</p> }.into_any();
            all([hint, take_photos(ui, t.take_after, Stage::After, form.camera, "photo-after")])
        })
    });
    all([tick, photos])
}

fn position(ui: Ui, form: Form, search: Search) -> AnyView {
    let t = ui.t;
    let accuracy = move || form.draft.with(|draft| draft.fix.as_ref().map(|fix| fix.accuracy_m.ceil() as u64));
    let said = words(move || match (search.running.get(), accuracy()) {
        (true, _) => t.position_running.into(),
        (false, Some(metres)) => fill(t.position_known, &[&metres]),
        (false, None) => format!("{} {}", search.failed.get(), t.position_by_hand),
    });
    let class = text(move || if accuracy().is_some() { "position known".into() } else { "position".into() });
    let again = tap(move || locate(ui, form, search));
    view! {
        <div class=class>
            {icon(Icon::Pin)} <span role="status" data-testid="position">
                {said}
            </span>
            <button type="button" class="plain" disabled=search.running on:click=again>
                {t.locate}
            </button>
        </div>
    }
    .into_any()
}

fn zone(ui: Ui, form: Form) -> AnyView {
    let own_only = ui.me().is_some_and(|me| me.role == Role::Cadre);
    let mut choices = zone_choices(ui, own_only);
    choices.insert(0, (String::new(), ui.t.choose.into()));
    let wire = Wire::new(
        move || form.draft.with(|draft| draft.zone.map(|zone| zone.to_string())).unwrap_or_default(),
        move |code| {
            form.draft.update(|draft| {
                draft.zone = code.parse().ok();
                draft.zone_chosen = true;
            });
        },
    );
    let hint = key(move || {
        let (around, chosen) = form.draft.with(|draft| (zone_of(ui, draft.fix.as_ref()), draft.zone));
        match around {
            None => String::new(),
            Some(zone) if Some(zone) == chosen => ui.t.zone_by_position.into(),
            Some(zone) => fill(ui.t.position_in_zone, &[&ui.zone(zone)]),
        }
    });
    let hint = maybe(move || {
        let hint = hint.get();
        (!hint.is_empty())
            .then(|| view! { <p class="hint" role="status" data-testid="zone-hint">{hint}</p> }.into_any())
    });
    all([choose(ui.t.zone, wire, choices, "zone"), hint])
}

fn marks(ui: Ui, form: Form) -> AnyView {
    let t = ui.t;
    let severity = Wire::new(
        move || form.draft.with(|draft| draft.severity.code().into()),
        move |code| form.draft.update(|draft| draft.severity = Severity::from_code(&code).unwrap_or_default()),
    );
    let place_type = Wire::new(
        move || form.draft.with(|draft| draft.place_type.code().into()),
        move |code| form.draft.update(|draft| draft.place_type = PlaceType::from_code(&code).unwrap_or_default()),
    );
    all([
        labelled(t.severity_label, segments(t.severity_label, severity, severity_choices(ui))),
        choose(t.place_type_label, place_type, place_type_choices(ui), "place-type"),
    ])
}

/// Always in reach of the thumb.
fn save_bar(ui: Ui, form: Form) -> AnyView {
    let busy = RwSignal::new(false);
    let lack = key(move || match form.whole().lacks() {
        Some(lack) => lack_words(ui.t, lack).into(),
        None if form.camera.busy.get() > 0 => ui.t.shrinking.into(),
        None => String::new(),
    });
    let save = tap(move || {
        if let Some(me) = ui.me().filter(|_| !busy.get_untracked()) {
            busy.set(true);
            // From here on the draft is what is being saved; a later keystroke must not bring it back.
            form.loaded.set(false);
            spawn_local(finish(ui, form, me, busy));
        }
    });
    let hint = maybe(move || {
        let lack = lack.get();
        (!lack.is_empty()).then(|| view! { <p class="hint" role="status">{lack}</p> }.into_any())
    });
    let label = words(move || if busy.get() { ui.t.saving.into() } else { ui.t.save_report.into() });
    let disabled = flag(move || busy.get() || lack.with(|lack| !lack.is_empty()));
    view! {
        <div class="save-bar">
            {hint}
            <button type="button" class="primary wide" data-testid="save-report" disabled=disabled on:click=save>
                {label}
            </button>
        </div>
    }
    .into_any()
}

fn lack_words(t: &Texts, lack: Lack) -> &'static str {
    match lack {
        Lack::Kind => t.choose_kind,
        Lack::Zone => t.lack_zone,
        Lack::Before => t.lack_before,
        Lack::After => t.lack_after,
    }
}

async fn finish(ui: Ui, form: Form, me: Person, busy: RwSignal<bool>) {
    let draft = untrack(|| form.whole());
    match store(ui, &me, &draft, form.doubtful.get_value()).await {
        Ok(()) => {
            ui.say(ui.t.saved);
            ui.go(&format!("/issues/{}", draft.issue), true);
            ui.client.keep(LAST_ZONE, &draft.zone).await;
            // Not waited for: a draft of a saved issue is recognised when it is found.
            ui.client.drop_draft().await;
        }
        Err(why) => {
            ui.warn(why);
            form.doubtful.try_set_value(true);
            form.loaded.try_set(true);
            busy.try_set(false);
        }
    }
}

/// Report and, where it was fixed, the second step. Repeating it after a half success does only what is missing.
async fn store(ui: Ui, me: &Person, draft: &Draft, doubtful: bool) -> Result<(), String> {
    let t = ui.t;
    if !doubtful || ui.client.read(draft.issue).await.is_none() {
        let report = draft.report(sign(ui, me)).ok_or(t.choose_kind)?;
        let back = come_back(ui, draft).map(|row| Value::RecurrenceOf(Some(row.id)));
        let report = back.into_iter().fold(report, Edit::with);
        judge(me, None, &report, &known(ui)).map_err(|denied| t.denied(denied).to_string())?;
        ui.client.save(draft.issue, report).await.map_err(|reason| not_saved(t, &reason))?;
    }
    if let Some(fixed) = draft.fixed_on_spot(sign(ui, me)) {
        ui.client.save(draft.issue, fixed).await.map_err(|reason| not_saved(t, &reason))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tiles_show_the_same_seal() {
        let tiles: Vec<_> = CATALOGUE.iter().filter(|info| info.tile.is_some()).map(seal).collect();
        let distinct: std::collections::BTreeSet<_> = tiles.iter().collect();
        assert_eq!(distinct.len(), tiles.len(), "{tiles:?}");
    }
}
