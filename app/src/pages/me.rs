//! Me: who this device is, the language, and logging out without losing work unasked.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::model::Person;

use super::Head;
use crate::client::use_client;
use crate::components::dialog::{Confirm, Dialog};
use crate::components::fields::{Choices, Segments};
use crate::components::use_ui;
use crate::texts::{Lang, fill};

#[component]
pub fn Me() -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let choices: Choices = Lang::ALL.into_iter().map(|lang| (lang.code().into(), lang.name().into())).collect();
    let value = Signal::derive(move || ui.lang.get().code().to_string());
    let on_change = Callback::new(move |code: String| ui.lang.set(Lang::from_code(&code)));
    view! {
        <Head title=t.nav_me.to_string() />
        <div class="columns">
            <Card />
            <section class="panel">
                <h2>{t.language}</h2>
                <Segments label=t.language value on_change choices />
                <p class="dim version">{t.version} " " {version()}</p>
                <Logout />
            </section>
        </div>
    }
}

fn version() -> String {
    let meta = document().query_selector("meta[name=xiaohao-version]").ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

#[component]
fn Card() -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let facts = move |me: Person, office: String, device: String| {
        let zones = me.zones.iter().map(|zone| ui.zone(*zone)).collect::<Vec<_>>().join("、");
        let zones = if zones.is_empty() { t.all_zones.to_string() } else { zones };
        [(t.office, office), (t.role_label, t.role(me.role).into()), (t.zones, zones), (t.device, device)]
    };
    move || {
        let office = ui.office.get()?;
        let facts = facts(office.me.clone(), office.name.clone(), format!("#{}", office.device));
        let row = |(name, value): (&'static str, String)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
        Some(view! {
            <section class="panel me-card" data-testid="me">
                <h2>{office.me.name.clone()}</h2>
                <dl>{facts.into_iter().map(row).collect_view()}</dl>
            </section>
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    Nothing,
    Sure,
    /// So many changes and photos would be lost.
    Unsent(u32),
}

#[component]
fn Logout() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let asking = RwSignal::new(Asking::Nothing);
    let close = Callback::new(move |()| asking.set(Asking::Nothing));
    let go = move |also_unsent: bool| {
        spawn_local(async move {
            match client.logout(also_unsent).await {
                Ok(()) => asking.try_set(Asking::Nothing),
                Err(unsent) => asking.try_set(Asking::Unsent(unsent)),
            };
        });
    };
    view! {
        <button type="button" class="plain wide" data-testid="logout" on:click=move |_| asking.set(Asking::Sure)>
            {t.logout}
        </button>
        {move || match asking.get() {
            Asking::Nothing => ().into_any(),
            Asking::Sure => {
                let on_yes = Callback::new(move |()| go(false));
                view! { <Confirm title=t.logout text=t.logout_text yes=t.logout on_yes on_close=close /> }.into_any()
            }
            Asking::Unsent(unsent) => view! { <WouldBeLost unsent on_give_up=Callback::new(move |()| go(true)) on_close=close /> }.into_any(),
        }}
    }
}

/// Names what is only on this phone before it is thrown away.
#[component]
fn WouldBeLost(unsent: u32, on_give_up: Callback<()>, on_close: Callback<()>) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let issues = client.status.with_untracked(|status| status.unsent_issues.clone());
    let rows = client.rows.get_untracked();
    let named = rows.iter().filter(|row| issues.contains(&row.id));
    let named = named
        .map(|row| view! { <li>{t.kind(row.kind)} " · " {row.address.clone()} " " {row.description.clone()}</li> });
    let named = named.collect_view();
    let photos = client.photos_status.get_untracked().waiting;
    view! {
        <Dialog title=t.would_be_lost on_close>
            <p class="prose error" data-testid="would-be-lost">{fill(t.would_be_lost_text, &[&unsent])}</p>
            <ul class="lost">{named} {(photos > 0).then(|| view! { <li>{fill(t.photos_n, &[&photos])}</li> })}</ul>
            <div class="buttons">
                <button type="button" class="primary" on:click=move |_| {
                    client.sync_now();
                    on_close.run(());
                }>{t.send_first}</button>
                <button type="button" class="danger" data-testid="give-up" on:click=move |_| on_give_up.run(())>
                    {t.lose_and_logout}
                </button>
            </div>
        </Dialog>
    }
}
