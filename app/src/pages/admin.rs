//! Administration: people with roles and zones, their devices, and how a new device comes in. Needs the office's answer.

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Device, Invite, PersonDetail, SavePerson};
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::Role;

use super::{Head, call_error};
use crate::client::{CallError, use_client};
use crate::components::dialog::{Confirm, Dialog};
use crate::components::fields::{Choices, Line, Segments, Tick};
use crate::components::icon::{Icon, icon};
use crate::components::use_ui;
use crate::format;
use crate::texts::fill;

/// What the sheet over the page shows.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    Nothing,
    /// `None`: somebody new.
    Person(Option<PersonDetail>),
    Invite(String, Invite),
    Revoke(Device),
}

#[derive(Clone, Copy)]
struct Desk {
    people: RwSignal<Option<Vec<PersonDetail>>>,
    error: RwSignal<Option<String>>,
    open: RwSignal<Open>,
}

impl Desk {
    fn put(&self, detail: PersonDetail) {
        self.people.update(|people| {
            let people = people.get_or_insert_default();
            match people.iter_mut().find(|known| known.person.id == detail.person.id) {
                Some(known) => *known = detail,
                None => people.push(detail),
            }
        });
    }
}

#[component]
pub fn Admin() -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let desk = Desk { people: RwSignal::new(None), error: RwSignal::new(None), open: RwSignal::new(Open::Nothing) };
    let load = move || {
        desk.error.set(None);
        spawn_local(async move {
            match client.get::<Vec<PersonDetail>>("/api/admin/people").await {
                Ok(people) => drop(desk.people.try_set(Some(people))),
                Err(error) => drop(desk.error.try_set(Some(call_error(ui.t, &error)))),
            }
        });
    };
    load();
    let text = RwSignal::new(String::new());
    let close = Callback::new(move |()| desk.open.set(Open::Nothing));
    view! {
        <Head title=ui.t.nav_admin.to_string()>
            <button
                type="button"
                class="primary"
                data-testid="add-person"
                on:click=move |_| desk.open.set(Open::Person(None))
            >
                {icon(Icon::Plus)} <span>{ui.t.add_person}</span>
            </button>
        </Head>
        {move || {
            desk.error
                .get()
                .map(|why| {
                    view! {
                        <p class="error" role="alert">
                            {why} <button type="button" class="plain" on:click=move |_| load()>{ui.t.retry}</button>
                        </p>
                    }
                })
        }}
        <Line label=ui.t.search_people value=text />
        <People desk text />
        <Zones />
        {move || match desk.open.get() {
            Open::Nothing => ().into_any(),
            Open::Person(detail) => view! { <PersonSheet desk detail on_close=close /> }.into_any(),
            Open::Invite(name, invite) => view! { <InviteSheet name invite on_close=close /> }.into_any(),
            Open::Revoke(device) => view! { <RevokeSheet desk device on_close=close /> }.into_any(),
        }}
    }
}

#[component]
fn People(desk: Desk, text: RwSignal<String>) -> impl IntoView {
    let ui = use_ui();
    let found = move || {
        let wanted = text.get().trim().to_lowercase();
        let people = desk.people.get()?;
        let fits = |detail: &PersonDetail| detail.person.name.to_lowercase().contains(&wanted);
        Some(people.into_iter().filter(fits).collect::<Vec<_>>())
    };
    move || match found() {
        None if desk.error.with(Option::is_some) => ().into_any(),
        None => view! { <p class="spinner" role="status" aria-label=ui.t.loading></p> }.into_any(),
        Some(people) if people.is_empty() => view! { <p class="empty">{ui.t.nothing_matches}</p> }.into_any(),
        Some(people) => {
            let rows = people.into_iter().map(|detail| view! { <PersonRow desk detail /> });
            view! { <div class="people">{rows.collect_view()}</div> }.into_any()
        }
    }
}

#[component]
fn PersonRow(desk: Desk, detail: PersonDetail) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let person = detail.person.clone();
    let zones = person.zones.iter().map(|zone| ui.zone(*zone)).collect::<Vec<_>>().join("、");
    let edited = detail.clone();
    view! {
        <section class="panel person" class:inactive=!person.active data-testid=format!("person-{}", person.id)>
            <header>
                <h2>{person.name.clone()}</h2>
                <span class="chip">{t.role(person.role)}</span>
                {(!person.active).then(|| view! { <span class="chip state-void">{t.inactive}</span> })}
                <button type="button" class="plain" on:click=move |_| desk.open.set(Open::Person(Some(edited.clone())))>
                    {t.change}
                </button>
                <InviteButton desk id=person.id name=person.name.clone() />
            </header>
            <p class="dim">{zones}</p>
            {detail.devices.into_iter().map(|device| view! { <DeviceRow desk device /> }).collect_view()}
        </section>
    }
}

#[component]
fn DeviceRow(desk: Desk, device: Device) -> impl IntoView {
    let ui = use_ui();
    let (t, now) = (ui.t, ui.now.get_untracked());
    let seen = device.last_contact.map_or_else(|| t.never.into(), |at| format::ago(t, at, now));
    let revoked = device.revoked_at.map(|at| fill(t.revoked_at, &[&format::date_time(t, at, now)]));
    let unsent = (device.unsent > 0).then(|| fill(t.unsent_n, &[&device.unsent]));
    let facts = [Some(format!("#{} {}", device.id, device.label)), Some(format!("{} {seen}", t.last_contact)), unsent];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let active = device.revoked_at.is_none();
    view! {
        <p class="device" class:revoked=!active>
            {icon(Icon::Phone)} <span>{facts}</span> {revoked.map(|text| view! { <b>{text}</b> })}
            {active
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="plain"
                            data-testid=format!("revoke-{}", device.id)
                            on:click=move |_| desk.open.set(Open::Revoke(device.clone()))
                        >
                            {t.revoke}
                        </button>
                    }
                })}
        </p>
    }
}

#[component]
fn InviteButton(desk: Desk, id: PersonId, name: String) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let ask = move |_| {
        let name = name.clone();
        spawn_local(async move {
            match client.post::<_, Invite>(&format!("/api/admin/people/{id}/invite"), &()).await {
                Ok(invite) => drop(desk.open.try_set(Open::Invite(name, invite))),
                Err(error) => ui.warn(call_error(ui.t, &error)),
            }
        });
    };
    view! {
        <button type="button" class="plain" data-testid=format!("invite-{id}") on:click=ask>
            {ui.t.invite}
        </button>
    }
}

/// The code is shown once: the office keeps only its hash.
#[component]
fn InviteSheet(name: String, invite: Invite, on_close: Callback<()>) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let picture = format!("data:image/svg+xml;utf8,{}", js_sys::encode_uri_component(&invite.qr_svg));
    let until = format::date_time(t, invite.expires_at, ui.now.get_untracked());
    let (first, second) = invite.code.split_at_checked(5).unwrap_or((&invite.code, ""));
    let code = format!("{first}-{second}");
    view! {
        <Dialog title=fill(t.invite_for, &[&name]) on_close>
            <div class="invite">
                <img src=picture alt=t.qr_alt width="240" height="240" />
                <p class="code" data-testid="invite-code">{code}</p>
                <p class="prose">{fill(t.invite_text, &[&until])}</p>
                <p class="dim link">{invite.link.clone()}</p>
            </div>
        </Dialog>
    }
}

#[component]
fn RevokeSheet(desk: Desk, device: Device, on_close: Callback<()>) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let id = device.id;
    let unsent = if device.unsent > 0 { fill(t.revoke_unsent, &[&device.unsent]) } else { String::new() };
    let on_yes = Callback::new(move |()| {
        spawn_local(async move {
            match client.post::<_, PersonDetail>(&format!("/api/admin/devices/{id}/revoke"), &()).await {
                Ok(detail) => {
                    desk.put(detail);
                    desk.open.try_set(Open::Nothing);
                    ui.say(t.revoked_done);
                }
                Err(error) => ui.warn(call_error(t, &error)),
            }
        });
    });
    let text = format!("{} {unsent}", fill(t.revoke_text, &[&device.label, &id]));
    view! { <Confirm title=t.revoke text yes=t.revoke on_yes on_close /> }
}

#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    role: RwSignal<Role>,
    zones: RwSignal<BTreeSet<ZoneId>>,
    active: RwSignal<bool>,
}

#[component]
fn PersonSheet(desk: Desk, detail: Option<PersonDetail>, on_close: Callback<()>) -> impl IntoView {
    let (client, ui) = (use_client(), use_ui());
    let t = ui.t;
    let person = detail.map(|detail| detail.person);
    let id = person.as_ref().map(|person| person.id);
    let fields = Fields {
        name: RwSignal::new(person.as_ref().map(|person| person.name.clone()).unwrap_or_default()),
        role: RwSignal::new(person.as_ref().map_or(Role::Cadre, |person| person.role)),
        zones: RwSignal::new(person.as_ref().map(|person| person.zones.clone()).unwrap_or_default()),
        active: RwSignal::new(person.is_none_or(|person| person.active)),
    };
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let wish = SavePerson {
            id,
            name: fields.name.get().trim().into(),
            role: fields.role.get(),
            zones: fields.zones.get().into_iter().collect(),
            active: fields.active.get(),
        };
        spawn_local(async move {
            let saved: Result<PersonDetail, CallError> = client.post("/api/admin/people", &wish).await;
            match saved {
                Ok(detail) => {
                    desk.put(detail);
                    ui.say(t.saved_office);
                    desk.open.try_set(Open::Nothing);
                }
                Err(why) => drop(error.try_set(Some(call_error(t, &why)))),
            }
            busy.try_set(false);
        });
    };
    let blank = move || busy.get() || fields.name.with(|name| name.trim().is_empty());
    view! {
        <Dialog title=if id.is_some() { t.change_person } else { t.add_person } on_close>
            <form class="action-form" on:submit=save>
                <PersonFields fields />
                {move || error.get().map(|why| view! { <p class="error" role="alert">{why}</p> })}
                <button type="submit" class="primary wide" data-testid="save-person" disabled=blank>{t.save}</button>
            </form>
        </Dialog>
    }
}

#[component]
fn PersonFields(fields: Fields) -> impl IntoView {
    let ui = use_ui();
    let t = ui.t;
    let code = |role: Role| format!("{role:?}");
    let roles: Choices = Role::ALL.into_iter().map(|role| (code(role), t.role(role).into())).collect();
    let role = Signal::derive(move || code(fields.role.get()));
    let set_role = Callback::new(move |text: String| {
        if let Some(role) = Role::ALL.into_iter().find(|role| code(*role) == text) {
            fields.role.set(role);
        }
    });
    let zones =
        ui.office.with_untracked(|office| office.as_ref().map(|office| office.zones.clone())).unwrap_or_default();
    let tick = move |zone: xiaohao_shared::model::Zone| {
        let id = zone.id;
        let value = Signal::derive(move || fields.zones.with(|zones| zones.contains(&id)));
        let on_change = Callback::new(move |on: bool| {
            fields.zones.update(|zones| {
                if on {
                    zones.insert(id)
                } else {
                    zones.remove(&id)
                };
            });
        });
        view! { <Tick label=zone.name value on_change /> }
    };
    view! {
        <Line label=t.name value=fields.name testid="person-name" maxlength="40" />
        <div class="field">
            <span>{t.role_label}</span>
            <Segments label=t.role_label value=role on_change=set_role choices=roles />
        </div>
        <fieldset>
            <legend>{t.zones}</legend>
            <div class="ticks">{zones.into_iter().map(tick).collect_view()}</div>
        </fieldset>
        <Tick label=t.may_log_in value=fields.active on_change=Callback::new(move |on| fields.active.set(on)) />
    }
}

/// The zones as the directory has them, with how many people work in each.
#[component]
fn Zones() -> impl IntoView {
    let ui = use_ui();
    let rows = move || {
        let office = ui.office.get()?;
        let row = |zone: &xiaohao_shared::model::Zone| {
            let people = office.people.iter().filter(|person| person.active && person.zones.contains(&zone.id)).count();
            view! {
                <tr>
                    <th scope="row">{zone.name.clone()}</th>
                    <td>{zone.code.clone()}</td>
                    <td>{people}</td>
                </tr>
            }
        };
        Some(office.zones.iter().map(row).collect_view())
    };
    view! {
        <section class="panel">
            <h2>{ui.t.zones}</h2>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{ui.t.zone}</th>
                        <th scope="col">{ui.t.zone_code}</th>
                        <th scope="col">{ui.t.people}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}
