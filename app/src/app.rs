//! The frame around the pages: language, clock, navigation, and what is said when the app is not simply ready.
//! Must not know what any page does.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;
use xiaohao_shared::model::Role;

use crate::client::{Client, Phase, use_client};
use crate::components::icon::{Icon, icon};
use crate::components::toast::Toasts;
use crate::components::{Ui, use_ui};
use crate::pages::{admin, board, enrol, issue, me, report, sync, work};
use crate::texts::{Lang, fill};

/// How often deadlines and "5 minutes ago" move on.
const TICK: Duration = Duration::from_secs(30);

/// Takes the page over. The splash screen is removed by who called.
pub fn mount() {
    leptos::mount::mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let client = Client::start();
    provide_context(client);
    provide_context(work::Place::new());
    provide_context(enrol::Entry::from_address());
    let lang = RwSignal::new(Lang::kept());
    let now = RwSignal::new(client.now());
    set_interval(move || now.set(client.now()), TICK);
    let toasts = RwSignal::new(Vec::new());
    // Everything is drawn anew in another language; what was typed lives in drafts and contexts, not in the page.
    move || {
        let t = lang.get().texts();
        lang.get().keep();
        provide_context(Ui { t, lang, now, toasts, office: client.office });
        view! {
            <Router>
                <Frame />
                <Toasts />
            </Router>
        }
    }
}

#[component]
fn Frame() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let phase = Memo::new(move |_| client.phase.get());
    // Every page speaks of people and zones: the directory comes first, and stays on the phone from then on.
    let known = Memo::new(move |_| client.office.with(Option::is_some));
    move || match (phase.get(), known.get()) {
        (Phase::Starting, _) => view! { <Notice title=ui.t.starting text="" busy=true /> }.into_any(),
        (Phase::NotEnrolled, _) => view! { <enrol::Enrol /> }.into_any(),
        (Phase::Ready, true) => view! { <Shell /> }.into_any(),
        (Phase::Ready, false) => {
            view! { <Notice title=ui.t.starting text=ui.t.directory_missing busy=true /> }.into_any()
        }
        (Phase::Revoked, _) => view! { <Notice title=ui.t.revoked_title text=ui.t.revoked_text /> }.into_any(),
        (Phase::Broken(why), _) => {
            view! { <Notice title=ui.t.broken_title text=format!("{} {why}", ui.t.broken_text) /> }.into_any()
        }
    }
}

/// A whole screen that says one thing.
#[component]
fn Notice(#[prop(into)] title: String, #[prop(into)] text: String, #[prop(optional)] busy: bool) -> impl IntoView {
    view! {
        <main class="notice" aria-busy=busy.to_string()>
            <p class="seal" aria-hidden="true">"销"</p>
            <h1>{title}</h1>
            <p class="prose">{text}</p>
        </main>
    }
}

#[component]
fn Shell() -> impl IntoView {
    let ui = use_ui();
    view! {
        <a class="skip" href="#main">{ui.t.skip}</a>
        <div class="shell">
            <Navigation />
            <div class="stage">
                <Bars />
                <main id="main" tabindex="-1">
                    <Routes fallback=|| view! { <NotFound /> }>
                        <Route path=path!("/") view=Home />
                        <Route path=path!("/report") view=report::Report />
                        <Route path=path!("/issues/:id") view=issue::IssuePage />
                        <Route path=path!("/board") view=board::BoardPage />
                        <Route path=path!("/sync") view=sync::Sync />
                        <Route path=path!("/me") view=me::Me />
                    </Routes>
                </main>
            </div>
        </div>
    }
}

/// An administrator has no issues to work on: people are his work.
#[component]
fn Home() -> impl IntoView {
    let ui = use_ui();
    let role = Memo::new(move |_| ui.role());
    move || match role.get() {
        Some(Role::Administrator) => view! { <admin::Admin /> }.into_any(),
        _ => view! { <work::Work /> }.into_any(),
    }
}

#[component]
fn NotFound() -> impl IntoView {
    let ui = use_ui();
    view! {
        <section class="empty">
            <h1>{ui.t.not_found}</h1>
            <A href="/">{ui.t.to_work}</A>
        </section>
    }
}

/// At the foot of a phone, at the side of a desk.
#[component]
fn Navigation() -> impl IntoView {
    let ui = use_ui();
    let role = Memo::new(move |_| ui.role());
    let works = move || role.get().is_some_and(|role| role != Role::Administrator);
    let boards = move || matches!(role.get(), Some(Role::Inspector | Role::Supervisor));
    let administers = move || role.get() == Some(Role::Administrator);
    let office = move || ui.office.with(|office| office.as_ref().map(|office| office.name.clone()));
    view! {
        <nav class="nav" aria-label=ui.t.navigation>
            <p class="brand">
                <span class="seal" aria-hidden="true">"销"</span>
                <strong>{ui.t.app_name}</strong>
                <small>{office}</small>
            </p>
            {move || works().then(|| view! { <Link href="/" sign=Icon::Work text=ui.t.nav_work testid="nav-work" exact=true /> })}
            {move || boards().then(|| view! { <Link href="/board" sign=Icon::Board text=ui.t.nav_board testid="nav-board" /> })}
            {move || {
                works()
                    .then(|| {
                        view! {
                            <A href="/report" attr:class="nav-link nav-report" attr:data-testid="nav-report">
                                {icon(Icon::Report)}
                                <span>{ui.t.nav_report}</span>
                            </A>
                        }
                    })
            }}
            {move || {
                administers().then(|| view! { <Link href="/" sign=Icon::People text=ui.t.nav_admin testid="nav-admin" exact=true /> })
            }}
            <SyncLink />
            <Link href="/me" sign=Icon::Me text=ui.t.nav_me testid="nav-me" />
        </nav>
    }
}

#[component]
fn Link(
    href: &'static str,
    sign: Icon,
    text: &'static str,
    testid: &'static str,
    #[prop(optional)] exact: bool,
) -> impl IntoView {
    view! {
        <A href exact attr:class="nav-link" attr:data-testid=testid>
            {icon(sign)}
            <span>{text}</span>
        </A>
    }
}

/// The count of unsent work is always in sight.
#[component]
fn SyncLink() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let unsent = Memo::new(move |_| client.status.with(|status| status.unsent));
    let refused = Memo::new(move |_| client.status.with(|status| !status.refused.is_empty()));
    let label = move || match unsent.get() {
        0 => ui.t.nav_sync.to_string(),
        n => fill(ui.t.nav_sync_n, &[&n]),
    };
    view! {
        <A href="/sync" attr:class="nav-link" attr:data-testid="nav-sync" attr:aria-label=label>
            {icon(Icon::Sync)}
            <span>{ui.t.nav_sync}</span>
            {move || {
                (unsent.get() > 0 || refused.get())
                    .then(|| {
                        view! {
                            <b class="badge" class:bad=move || refused.get() aria-hidden="true">
                                {move || if refused.get() { "!".to_string() } else { unsent.get().to_string() }}
                            </b>
                        }
                    })
            }}
        </A>
    }
}

/// What concerns every page: no network, a new version.
#[component]
fn Bars() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let later = RwSignal::new(false);
    view! {
        {move || {
            (!client.online.get())
                .then(|| view! { <p class="bar offline" role="status" data-testid="offline-bar">{ui.t.offline_bar}</p> })
        }}
        {move || {
            (client.update_waiting.get() && !later.get())
                .then(|| {
                    view! {
                        <div class="bar update" role="status" data-testid="update-bar">
                            <span>{ui.t.update_bar}</span>
                            <button type="button" class="plain" on:click=move |_| later.set(true)>
                                {ui.t.later}
                            </button>
                            <button
                                type="button"
                                class="primary"
                                data-testid="update-now"
                                on:click=move |_| client.activate_update()
                            >
                                {ui.t.update_now}
                            </button>
                        </div>
                    }
                })
        }}
    }
}
