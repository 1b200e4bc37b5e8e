//! New report: kind, photo, save. Everything else is filled in by itself or may stay empty; nothing waits for the network
//! or for a position.

mod draft;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use xiaohao_shared::model::catalogue::{CATALOGUE, Kind, KindInfo, PlaceType};
use xiaohao_shared::model::policy::judge;
use xiaohao_shared::model::workflow::Action;
use xiaohao_shared::model::{Fix, Person, Role, Severity, Stage};

use self::draft::{Draft, Form, Lack, keep_draft, sign};
use super::{Head, known, not_saved};
use crate::client::{Client, use_client};
use crate::components::amend_form::{place_type_choices, severity_choices, zone_choices};
use crate::components::fields::{Choose, Line, Segments, Tick, Words};
use crate::components::icon::{Icon, icon};
use crate::components::photos::TakePhotos;
use crate::components::{Ui, use_ui};
use crate::texts::{Texts, fill};

/// Where the search for a position stands.
#[derive(Debug, Clone, PartialEq)]
enum Search {
    Off,
    Running,
    Failed(&'static str),
}

#[component]
pub fn Report() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let form = Form::new(client.new_issue_id());
    let search = RwSignal::new(Search::Off);
    let restored = RwSignal::new(false);
    keep_draft(client, form);
    spawn_local(restore(client, form, restored));
    Effect::new(move || {
        let usual = ui.me().and_then(|me| me.zones.first().copied());
        if form.loaded.get() && form.zone.get().is_none() {
            form.zone.set(usual);
        }
        // A draft has its own place: where it was begun, not where the person is by now.
        if form.loaded.get() && form.fix.get_untracked().is_none() && !restored.get_untracked() {
            locate(client, ui, form, search);
        }
    });
    let start_anew = move |_| {
        restored.set(false);
        form.clear(client.new_issue_id());
        spawn_local(async move { client.drop_draft().await });
    };
    let chosen = Memo::new(move |_| form.kind.get().is_some());
    view! {
        <Head title=ui.t.nav_report.to_string() />
        {move || {
            restored
                .get()
                .then(|| {
                    view! {
                        <p class="bar draft" role="status" data-testid="draft-restored">
                            <span>{ui.t.draft_restored}</span>
                            <button type="button" class="plain" on:click=start_anew>{ui.t.start_anew}</button>
                        </p>
                    }
                })
        }}
        {move || {
            if chosen.get() {
                view! { <Details form search /> }.into_any()
            } else {
                view! { <ChooseKind form /> }.into_any()
            }
        }}
    }
}

/// Finds the draft of last time, and sees whether its issue was saved although the draft stayed.
async fn restore(client: Client, form: Form, restored: RwSignal<bool>) {
    if let Some(draft) = client.draft::<Draft>().await {
        let saved = client.read(draft.issue).await;
        let done = saved.is_some_and(|saved| !draft.fixed || has_fix(&saved.issue.steps));
        if done {
            client.drop_draft().await;
        } else {
            form.fill(draft);
            restored.try_set(true);
        }
    }
    form.loaded.try_set(true);
}

fn has_fix(steps: &[xiaohao_shared::model::Entry<xiaohao_shared::model::Step>]) -> bool {
    steps.iter().any(|entry| entry.record.action == Action::FixOnSpot)
}

fn locate(client: Client, ui: Ui, form: Form, search: RwSignal<Search>) {
    search.set(Search::Running);
    spawn_local(async move {
        match client.position().await {
            Ok(fix) => {
                form.fix.try_set(Some(fix));
                search.try_set(Search::Off);
            }
            Err(error) => {
                search.try_set(Search::Failed(ui.t.place_error(error)));
            }
        }
    });
}

/// The first tap: twelve tiles, and a search for the rest.
#[component]
fn ChooseKind(form: Form) -> impl IntoView {
    let ui = use_ui();
    let text = RwSignal::new(String::new());
    let found = move || {
        let wanted = text.get().trim().to_lowercase();
        let mut kinds: Vec<&KindInfo> = CATALOGUE.iter().filter(|info| fits(info, &wanted)).collect();
        kinds.sort_by_key(|info| info.tile.unwrap_or(u8::MAX));
        kinds
    };
    view! {
        <p class="lead">{ui.t.choose_kind}</p>
        <label class="search">
            {icon(Icon::Search)}
            <input
                type="search"
                placeholder=ui.t.search_kind
                aria-label=ui.t.search_kind
                data-testid="kind-search"
                on:input=move |event| text.set(event_target_value(&event))
            />
        </label>
        <div class="tiles">
            <For each=found key=|info| info.kind let:info>
                <Tile info chosen=Callback::new(move |kind| form.kind.set(Some(kind))) />
            </For>
        </div>
        {move || found().is_empty().then(|| view! { <p class="empty">{ui.t.nothing_matches}</p> })}
    }
}

/// Without a word only the tiles; with one, whatever is called so in either language or in daily speech.
fn fits(info: &KindInfo, wanted: &str) -> bool {
    if wanted.is_empty() {
        return info.tile.is_some();
    }
    [info.zh, info.en, info.aliases].iter().any(|name| name.to_lowercase().contains(wanted))
}

/// Letters with which many kinds begin; the seal shows the first that tells one from another.
const COMMON: &str = "乱非法擅自违规小地块积存农贸";

#[component]
fn Tile(info: &'static KindInfo, chosen: Callback<Kind>) -> impl IntoView {
    let ui = use_ui();
    let seal = info.zh.chars().find(|letter| !COMMON.contains(*letter)).unwrap_or('其').to_string();
    view! {
        <button
            type="button"
            class="tile"
            data-testid=format!("tile-{:05}", info.kind.code)
            on:click=move |_| {
                chosen.run(info.kind);
                window().scroll_to_with_x_and_y(0.0, 0.0);
            }
        >
            <span class="seal" aria-hidden="true">{seal}</span>
            <span>{ui.t.kind(info.kind)}</span>
        </button>
    }
}

#[component]
fn Details(form: Form, search: RwSignal<Search>) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let kind = move || form.kind.get().map(|kind| t.kind(kind));
    view! {
        <div class="form">
            <div class="chosen-kind">
                <strong>{kind}</strong>
                <button type="button" class="plain" data-testid="change-kind" on:click=move |_| form.kind.set(None)>
                    {t.change}
                </button>
            </div>
            <fieldset>
                <legend>{t.photos_before}</legend>
                <TakePhotos label=t.take_photo stage=Stage::Before shots=form.shots testid="photo-before" />
            </fieldset>
            <Fixed form />
            <fieldset>
                <legend>{t.place}</legend>
                <Position form search />
                <ZoneChoice form />
                <Line label=t.address value=form.address hint=t.address_hint testid="address" />
                <Line label=t.landmark value=form.landmark hint=t.landmark_hint testid="landmark" />
            </fieldset>
            <Words label=t.description value=form.description hint=t.description_hint testid="description" />
            <Marks form />
        </div>
        <SaveBar form />
    }
}

/// 即查即改: the finder fixed it at once and shows it.
#[component]
fn Fixed(form: Form) -> impl IntoView {
    let t = use_ui().t;
    view! {
        <fieldset>
            <Tick
                label=t.fixed_on_spot
                value=form.fixed
                on_change=Callback::new(move |on| form.fixed.set(on))
                testid="fixed-on-spot"
            />
            {move || {
                form.fixed
                    .get()
                    .then(|| {
                        view! {
                            <p class="hint">{t.fixed_hint}</p>
                            <TakePhotos label=t.take_after stage=Stage::After shots=form.shots testid="photo-after" />
                        }
                    })
            }}
        </fieldset>
    }
}

#[component]
fn Position(form: Form, search: RwSignal<Search>) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let known = move |fix: &Fix| fill(t.position_known, &[&(fix.accuracy_m.ceil() as u64)]);
    let words = move || match (form.fix.get(), search.get()) {
        (_, Search::Running) => t.position_running.to_string(),
        (Some(fix), _) => known(&fix),
        (None, Search::Failed(why)) => format!("{why} {}", t.position_by_hand),
        (None, Search::Off) => t.position_by_hand.to_string(),
    };
    view! {
        <div class="position" class:known=move || form.fix.with(Option::is_some)>
            {icon(Icon::Pin)} <span role="status" data-testid="position">{words}</span>
            <button
                type="button"
                class="plain"
                disabled=move || search.get() == Search::Running
                on:click=move |_| locate(client, ui, form, search)
            >
                {t.locate}
            </button>
        </div>
    }
}

#[component]
fn ZoneChoice(form: Form) -> impl IntoView {
    let ui = use_ui();
    let choices = move || {
        let mut choices = zone_choices(ui, ui.me_now().is_some_and(|me| me.role == Role::Cadre));
        if form.zone.get_untracked().is_none() {
            choices.insert(0, (String::new(), ui.t.choose.into()));
        }
        choices
    };
    let value = Signal::derive(move || form.zone.get().map(|zone| zone.to_string()).unwrap_or_default());
    let on_change = Callback::new(move |code: String| form.zone.set(code.parse().ok()));
    move || view! { <Choose label=ui.t.zone value on_change choices=choices() testid="zone" /> }
}

#[component]
fn Marks(form: Form) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let severity = Signal::derive(move || form.severity.get().code().to_string());
    let set_severity =
        Callback::new(move |code: String| form.severity.set(Severity::from_code(&code).unwrap_or_default()));
    let place_type = Signal::derive(move || form.place_type.get().code().to_string());
    let set_place = Callback::new(move |code: String| {
        form.place_type.set(PlaceType::from_code(&code).unwrap_or_default());
    });
    view! {
        <div class="field">
            <span>{t.severity_label}</span>
            <Segments label=t.severity_label value=severity on_change=set_severity choices=severity_choices(ui) />
        </div>
        <Choose
            label=t.place_type_label
            value=place_type
            on_change=set_place
            choices=place_type_choices(ui)
            testid="place-type"
        />
    }
}

/// Always in reach of the thumb.
#[component]
fn SaveBar(form: Form) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let navigate = use_navigate();
    let busy = RwSignal::new(false);
    let lack = Memo::new(move |_| form.draft().lacks());
    let save = move |_| {
        let Some(me) = ui.me_now() else { return };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (draft, navigate) = (form.draft(), navigate.clone());
        // From here on the draft is what is being saved; a later keystroke must not bring it back.
        form.loaded.set(false);
        spawn_local(async move {
            match store(client, ui, &me, &draft).await {
                Ok(()) => {
                    client.drop_draft().await;
                    ui.say(ui.t.saved);
                    let options = NavigateOptions { replace: true, ..NavigateOptions::default() };
                    navigate(&format!("/issues/{}", draft.issue), options);
                }
                Err(why) => {
                    ui.warn(why);
                    form.loaded.try_set(true);
                    busy.try_set(false);
                }
            }
        });
    };
    view! {
        <div class="save-bar">
            {move || lack.get().map(|lack| view! { <p class="hint" role="status">{lack_words(ui.t, lack)}</p> })}
            <button
                type="button"
                class="primary wide"
                data-testid="save-report"
                disabled=move || busy.get() || lack.get().is_some()
                on:click=save
            >
                {move || if busy.get() { ui.t.saving } else { ui.t.save_report }}
            </button>
        </div>
    }
}

fn lack_words(t: &Texts, lack: Lack) -> &'static str {
    match lack {
        Lack::Kind => t.choose_kind,
        Lack::Zone => t.lack_zone,
        Lack::Before => t.lack_before,
        Lack::After => t.lack_after,
    }
}

/// Report and, where it was fixed, the second step. Repeating it after a half success does only what is missing.
async fn store(client: Client, ui: Ui, me: &Person, draft: &Draft) -> Result<(), String> {
    let t = ui.t;
    if client.read(draft.issue).await.is_none() {
        let report = draft.report(sign(client, me.id)).ok_or(t.choose_kind)?;
        judge(me, None, &report, &known(ui)).map_err(|denied| t.denied(denied).to_string())?;
        client.save(draft.issue, report).await.map_err(|reason| not_saved(t, &reason))?;
    }
    if let Some(fixed) = draft.fixed_on_spot(sign(client, me.id)) {
        client.save(draft.issue, fixed).await.map_err(|reason| not_saved(t, &reason))?;
    }
    Ok(())
}
