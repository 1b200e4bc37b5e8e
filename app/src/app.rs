//! The frame around the pages: language, clock, addresses, navigation, and what is said when the app is not simply ready.
//! Must not know what any page does.

use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::Router;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsCast;
use web_sys::{FocusOptions, HtmlElement};
use xiaohao_shared::model::Role;
use xiaohao_shared::sync::engine::Failure;

use crate::client::{Broken, Client, Phase};
use crate::components::fields::button;
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, follow, key, maybe, shown, words};
use crate::components::link::link;
use crate::components::toast::toasts;
use crate::components::{Navigate, Ui};
use crate::curtain::{curtain, entitle};
use crate::pages::{apart, enrol, newcomers, turns, vault, work};
use crate::texts::{Lang, fill};

/// How often deadlines and "5 minutes ago" move on.
const TICK: Duration = Duration::from_secs(30);

/// Takes the page over. The splash screen is removed by who called.
pub fn mount() {
    leptos::mount::mount_to_body(app);
}

fn app() -> AnyView {
    let client = Client::start();
    provide_context(client);
    provide_context(work::Place::new());
    provide_context(enrol::Entry::from_address());
    let lang = RwSignal::new(Lang::kept());
    let now = RwSignal::new(client.now());
    let (toasts_shown, sheets) = (RwSignal::new(Vec::new()), RwSignal::new(0));
    set_interval(move || now.set(client.now()), TICK);
    let inside = move || {
        let (location, navigate) = (use_location(), StoredValue::new_local(boxed(use_navigate())));
        let (address, query) = (location.pathname, location.search);
        // Everything is drawn anew in another language; what was typed lives in drafts and contexts, not in the page.
        shown(move || {
            let lang_now = lang.get();
            lang_now.keep();
            let ui =
                Ui { t: lang_now.texts(), client, lang, address, query, navigate, now, toasts: toasts_shown, sheets };
            let messages = maybe(move || (sheets.get() == 0).then(|| toasts(ui)));
            // Over whatever page it concerns.
            let question = maybe(move || client.confirming.get().then(|| apart::confirmation(ui)));
            curtain(client, ui.t.app_name, all([frame(ui), question, messages]), move || apart::locked(ui))
        })
    };
    view! { <Router>{inside()}</Router> }.into_any()
}

fn boxed(navigate: impl Fn(&str, NavigateOptions) + 'static) -> Navigate {
    Rc::new(navigate)
}

fn frame(ui: Ui) -> AnyView {
    let client = ui.client;
    let phase = key(move || client.phase.with(phase_code).into());
    apart::fetch_ahead(ui);
    // Every page speaks of people and zones and follows the role: another directory is no matter, another person is.
    let me = key(move || {
        client
            .office
            .with(|office| office.as_ref().map(|office| serde_json::to_string(&office.me).unwrap_or_default()))
            .unwrap_or_default()
    });
    shown(move || {
        let t = ui.t;
        // Read, because a memo that nobody reads does not begin to watch.
        let _ = phase.get();
        match client.phase.get_untracked() {
            Phase::Starting => notice(t.starting, String::new(), true),
            Phase::NotEnrolled => apart::enrol(ui),
            Phase::Ready if me.get().is_empty() => notice(t.starting, t.directory_missing.into(), true),
            Phase::Ready => shell(ui),
            Phase::Sealed => apart::sealed(ui),
            Phase::Unproven => apart::unproven(ui),
            Phase::Stopped(why) => stopped(ui, why),
            Phase::Broken(why) => broken(ui, &why),
        }
    })
}

fn phase_code(phase: &Phase) -> &'static str {
    match phase {
        Phase::Starting => "starting",
        Phase::NotEnrolled => "not enrolled",
        Phase::Ready => "ready",
        Phase::Sealed => "sealed",
        Phase::Unproven => "unproven",
        Phase::Stopped(Failure::Cloned) => "cloned",
        Phase::Stopped(Failure::Unknown) => "unknown",
        Phase::Stopped(Failure::KeyUnknown) => "key unknown",
        Phase::Stopped(_) => "revoked",
        Phase::Broken(_) => "broken",
    }
}

/// Said here, because the way back is a part of the app that may not have come.
fn stopped(ui: Ui, why: Failure) -> AnyView {
    let t = ui.t;
    let (title, text) = match why {
        Failure::Cloned => (t.cloned_title, t.cloned_text),
        Failure::Unknown => (t.unknown_title, t.unknown_text),
        Failure::KeyUnknown => (t.key_unknown_title, t.key_unknown_text),
        _ => (t.revoked_title, t.revoked_text),
    };
    // The page on which this happened may have been called by what is on it.
    entitle(ui.client, t.app_name.into());
    let parts = all([notice(title, text.into(), false), apart::stopped(ui, why)]);
    view! { <div class="stopped">{parts}</div> }.into_any()
}

/// What is wrong, what to do about it, and a way to try again.
fn broken(ui: Ui, why: &Broken) -> AnyView {
    let t = ui.t;
    let (title, text) = match why {
        Broken::Browser(what) => (t.broken_title, format!("{} ({what})", t.broken_text)),
        Broken::OlderThanStore => (t.too_old_title, t.too_old_text.into()),
        Broken::NoRoom => (t.no_room_title, t.no_room_text.into()),
        Broken::Failing(words) => (t.failing_title, format!("{} ({words})", t.failing_text)),
    };
    let reload = button("primary", "reload", t.retry, || drop(window().location().reload()));
    let buttons = view! { <div class="buttons">{reload}</div> };
    all([bars(ui), notice(title, text, false), buttons.into_any(), turns::way_to_others(ui)])
}

/// A whole screen that says one thing.
pub fn notice(title: &'static str, text: String, busy: bool) -> AnyView {
    view! {
        <main class="notice" aria-busy=busy.to_string()>
            <p class="seal" aria-hidden="true">
                "销"
            </p>
            <h1>{title}</h1>
            <p class="prose">{text}</p>
        </main>
    }
    .into_any()
}

fn shell(ui: Ui) -> AnyView {
    let page = shown(move || page(ui, &ui.address.get()));
    focus_each_page(ui);
    view! {
        <a class="skip" href="#main">
            {ui.t.skip}
        </a>
        <div class="shell">
            {navigation(ui)}
            <div class="stage">
                {bars(ui)}
                <main id="main" tabindex="-1">
                    {page}
                </main>
            </div>
        </div>
    }
    .into_any()
}

/// Who cannot see the page change hears it: the focus goes to its beginning. Not at the start, where nobody has gone anywhere.
fn focus_each_page(ui: Ui) {
    let shown = StoredValue::new(ui.address.get_untracked());
    follow(move || {
        let address = ui.address.get();
        if shown.try_get_value().is_some_and(|before| before != address) {
            shown.set_value(address);
            request_animation_frame(|| {
                let main = document().get_element_by_id("main").and_then(|main| main.dyn_into::<HtmlElement>().ok());
                // The list scrolls to where the person was by itself.
                let still = FocusOptions::new();
                still.set_prevent_scroll(true);
                let _ = main.map(|main| main.focus_with_options(&still));
            });
        }
    });
}

fn page(ui: Ui, address: &str) -> AnyView {
    match address {
        // An administrator has no issues to work on: people are his work.
        "/" if role(ui) == Some(Role::Administrator) => apart::admin(ui),
        "/" => work::work(ui),
        "/report" => apart::report(ui),
        "/board" => apart::board(ui),
        "/bulletins" => apart::bulletins(ui),
        "/catalogue" => apart::catalogue(ui),
        "/devices" => apart::devices(ui),
        "/privacy" => apart::privacy(ui),
        "/halfyear" => apart::halfyear(ui),
        path if path == "/indicators" || path.starts_with("/indicators/") => apart::indicators(ui),
        "/list" => apart::listing(ui),
        "/map" => apart::map(ui),
        "/printed" => apart::printed(ui),
        "/patrols" => apart::patrols(ui),
        path if path == "/weekly" || path.starts_with("/weekly/") => apart::weekly(ui),
        path if path == "/settlement" || path.starts_with("/settlement/") => apart::settlement(ui),
        "/trends" => apart::trends(ui),
        path if path.starts_with("/tipster/") => apart::tipster(ui),
        "/export" => apart::export(ui),
        "/import" => apart::import(ui),
        "/sync" => apart::sync(ui),
        "/me" => apart::me(ui),
        _ => match address.strip_prefix("/issues/").and_then(|id| id.parse().ok()) {
            Some(id) => apart::issue(ui, id),
            None => not_found(ui),
        },
    }
}

fn role(ui: Ui) -> Option<Role> {
    ui.me().map(|me| me.role)
}

fn not_found(ui: Ui) -> AnyView {
    view! {
        <section class="empty">
            <h1>{ui.t.not_found}</h1>
            {link(ui, "/".into(), "button plain", String::new(), ui.t.to_work.into_any())}
        </section>
    }
    .into_any()
}

/// At the foot of a phone, at the side of a desk.
fn navigation(ui: Ui) -> AnyView {
    let t = ui.t;
    let office = words(move || {
        ui.client.office.with(|office| office.as_ref().map(|office| office.name.clone())).unwrap_or_default()
    });
    let entry = |address: &str, sign: Icon, name: &'static str, class: &'static str, testid: &str| {
        let content = view! { {icon(sign)} <span>{name}</span> };
        link(ui, address.into(), class, testid.into(), content.into_any())
    };
    let plain = "nav-link";
    let entries = match role(ui) {
        Some(Role::Administrator) => vec![entry("/", Icon::People, t.nav_admin, plain, "nav-admin")],
        role => {
            let work = entry("/", Icon::Work, t.nav_work, plain, "nav-work");
            let desk = matches!(role, Some(Role::Inspector | Role::Supervisor));
            let board = desk.then(|| entry("/board", Icon::Board, t.nav_board, plain, "nav-board"));
            let report = entry("/report", Icon::Report, t.nav_report, "nav-link nav-report", "nav-report");
            std::iter::once(work).chain(board).chain([report]).collect()
        }
    };
    view! {
        <nav class="nav" aria-label=t.navigation>
            <p class="brand">
                <span class="seal" aria-hidden="true">
                    "销"
                </span>
                <strong>{t.app_name}</strong>
                <small>{office}</small>
            </p>
            {all(entries)}
            {sync_entry(ui)}
            {entry("/me", Icon::Me, t.nav_me, plain, "nav-me")}
        </nav>
    }
    .into_any()
}

/// The count of unsent work is always in sight.
fn sync_entry(ui: Ui) -> AnyView {
    let count = key(move || match ui.client.unsent() {
        (_, true) => "!".into(),
        (0, false) => String::new(),
        (unsent, false) => unsent.to_string(),
    });
    let badge = maybe(move || {
        let count = count.get();
        let refused = count == "!";
        let class = if refused { "badge bad" } else { "badge" };
        let label = if refused { ui.t.verdict_refused.into() } else { fill(ui.t.unsent_n, &[&count]) };
        (!count.is_empty()).then(|| view! { <b class=class role="img" aria-label=label>{count}</b> }.into_any())
    });
    let content = view! { {icon(Icon::Sync)} <span>{ui.t.nav_sync}</span> {badge} };
    link(ui, "/sync".into(), "nav-link", "nav-sync".into(), content.into_any())
}

/// What concerns every page: no network, a new version.
fn bars(ui: Ui) -> AnyView {
    let (t, client) = (ui.t, ui.client);
    let later = RwSignal::new(false);
    let offline = maybe(move || {
        let bar = || view! { <p class="bar offline" role="status" data-testid="offline-bar">{t.offline_bar}</p> };
        (!client.online.get()).then(|| bar().into_any())
    });
    let update = maybe(move || {
        let bar = move || {
            view! {
                <div class="bar update" role="status" data-testid="update-bar">
                    <span>{t.update_bar}</span>
                    {button("plain", "", t.later, move || later.set(true))}
                    {button("primary", "update-now", t.update_now, move || client.activate_update())}
                </div>
            }
        };
        (client.update_waiting.get() && !later.get()).then(|| bar().into_any())
    });
    let full = maybe(move || {
        let bar = || view! { <p class="bar offline" role="status" data-testid="storage-bar">{t.storage_bar}</p> };
        client.tight.get().then(|| bar().into_any())
    });
    all([offline, full, update, turns::offer(ui), newcomers::newcomers(ui), vault::vault_bar(ui)])
}
