//! Administration: people with roles and zones, their devices, and how a new device comes in; below them the office's zones
//! and working time. Needs the office's answer.

mod audit;
mod bearers;
mod borders;
mod calendar;
mod lock;
mod retention;
mod rights;
mod steps;
mod unguarded;
mod zones;

use std::collections::BTreeSet;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use xiaohao_shared::api::passkeys::Passkey;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::sign_on::BindSignOn;
use xiaohao_shared::api::{Device, Invite, PersonDetail, SavePerson, Way};
use xiaohao_shared::id::PersonId;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::model::{Duty, Role};

use self::audit::audit;
use self::calendar::calendar;
use self::lock::lock;
use self::retention::retention;
use self::rights::rights;
use self::steps::steps;
use self::unguarded::unguarded;
use self::zones::zones;
use super::devices::revoke_question;
use super::passkeys::{facts_of, name_of};
use super::{call_error, failed, head, waiting};
use crate::client::CallError;
use crate::components::Ui;
use crate::components::amend_form::zone_choices;
use crate::components::dialog::{confirm, dialog};
use crate::components::fields::{Choices, Wire, button, line, noted_line, parsed, segments, submit, tick, ticks};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, flag, given, maybe, nothing, shown, submitted};
use crate::components::link::link;
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
    Withdraw(Passkey),
}

#[derive(Clone, Copy)]
struct Desk {
    people: RwSignal<Option<Vec<PersonDetail>>>,
    /// Empty while all is well.
    error: RwSignal<String>,
    open: RwSignal<Open>,
}

impl Desk {
    fn load(self, ui: Ui) {
        self.error.set(String::new());
        spawn_local(async move {
            match ui.client.get::<Vec<PersonDetail>>("/api/admin/people").await {
                Ok(people) => drop(self.people.try_set(Some(people))),
                Err(error) => drop(self.error.try_set(call_error(ui.t, &error))),
            }
        });
    }

    fn has_sign_on(self) -> bool {
        self.people.with_untracked(|people| people.iter().flatten().any(|detail| detail.sign_on.is_some()))
    }

    fn put(self, detail: PersonDetail) {
        self.people.try_update(|people| {
            let people = people.get_or_insert_default();
            match people.iter_mut().find(|known| known.person.id == detail.person.id) {
                Some(known) => *known = detail,
                None => people.push(detail),
            }
        });
        self.open.try_set(Open::Nothing);
    }
}

pub fn admin(ui: Ui) -> AnyView {
    let t = ui.t;
    let desk =
        Desk { people: RwSignal::new(None), error: RwSignal::new(String::new()), open: RwSignal::new(Open::Nothing) };
    desk.load(ui);
    let text = RwSignal::new(String::new());
    let plus = view! { {icon(Icon::Plus)} <span>{t.add_person}</span> }.into_any();
    let has = |right| ui.me().is_some_and(|me| may(&me, right));
    let add = has(Right::KeepPeople)
        .then(|| button("primary", "add-person", plus, move || desk.open.set(Open::Person(None))));
    let error = maybe(move || {
        let why = desk.error.get();
        let again = || button("plain", "", t.retry, move || desk.load(ui));
        (!why.is_empty()).then(|| all([failed(why, "admin-error"), again()]))
    });
    let people = shown(move || match desk.people.get() {
        None if !desk.error.with(String::is_empty) => nothing(),
        None => waiting(ui),
        Some(people) => people_list(ui, desk, people, text.get().trim()),
    });
    let sheet = maybe(move || match desk.open.get() {
        Open::Nothing => None,
        Open::Person(detail) => Some(person_sheet(ui, desk, detail)),
        Open::Invite(name, invite) => Some(invite_sheet(ui, desk, &name, &invite)),
        Open::Revoke(device) => Some(revoke_sheet(ui, desk, &device)),
        Open::Withdraw(passkey) => Some(withdraw_sheet(ui, desk, &passkey)),
    });
    let search = line(t.search_people, text.into(), "", "40", "search-people");
    let devices = link(ui, "/devices".into(), "button plain", "to-devices".into(), t.devices.into_any());
    let catalogue = link(ui, "/catalogue".into(), "button plain", "to-catalogue".into(), t.catalogue.into_any());
    let links = view! { <div class="buttons">{catalogue} {devices}</div> }.into_any();
    let keeps = [
        (Right::KeepZones, zones as fn(Ui) -> AnyView, ("zones", t.zones)),
        (Right::KeepCalendar, calendar, ("calendar", t.calendar)),
        (Right::KeepLock, lock, ("lock", t.lock)),
        (Right::KeepRetention, retention, ("retention", t.retention)),
        (Right::ReadAudit, audit, ("audit", t.audit)),
    ];
    let keeps = keeps.into_iter().filter(|(right, ..)| has(*right));
    let parts = keeps.clone().map(|(_, _, part)| part).chain([("rights", t.rights_table), ("steps", t.steps_table)]);
    let jumps = jumps(ui, parts);
    let keeps = all(keeps.map(|(_, part, _)| part(ui)));
    let policy = all([rights(ui), steps(ui)]);
    let hint = unguarded(ui, desk.people);
    all([head(ui, t.nav_admin, false, given(add)), hint, error, links, jumps, search, people, keeps, policy, sheet])
}

/// To the parts below the people, of whom there are many: each goes to the heading that has its id, and the keyboard goes along.
fn jumps(ui: Ui, parts: impl Iterator<Item = (&'static str, &'static str)>) -> AnyView {
    let jump = |(id, name): (&'static str, &'static str)| {
        let go: Box<dyn FnMut(MouseEvent)> = Box::new(move |event| {
            // The router would take it for another page.
            event.prevent_default();
            let heading = document().get_element_by_id(id).and_then(|it| it.dyn_into::<HtmlElement>().ok());
            if let Some(heading) = heading {
                heading.scroll_into_view();
                let _ = heading.focus();
            }
        });
        view! { <a href=format!("#{id}") on:click=go>{name}</a> }.into_any()
    };
    view! {
        <nav class="jumps" aria-label=ui.t.on_this_page data-testid="jumps">
            {all(parts.map(jump))}
        </nav>
    }
    .into_any()
}

fn close(desk: Desk) -> Callback<()> {
    Callback::new(move |()| desk.open.set(Open::Nothing))
}

fn people_list(ui: Ui, desk: Desk, people: Vec<PersonDetail>, wanted: &str) -> AnyView {
    let found = people.into_iter().filter(|detail| detail.person.name.contains(wanted));
    let found: Vec<AnyView> = found.map(|detail| person_row(ui, desk, detail)).collect();
    if found.is_empty() {
        return view! { <p class="empty">{ui.t.nothing_matches}</p> }.into_any();
    }
    view! { <div class="people">{found.into_any()}</div> }.into_any()
}

fn person_row(ui: Ui, desk: Desk, detail: PersonDetail) -> AnyView {
    let t = ui.t;
    let person = detail.person.clone();
    let zones = ui.join(person.zones.iter().map(|zone| ui.zone(*zone)));
    let devices = devices_of(ui, desk, &detail);
    let (id, name) = (person.id, person.name.clone());
    let account = detail.sign_on.clone().filter(|name| !name.is_empty());
    let has = |right| ui.me().is_some_and(|me| may(&me, right));
    let change = has(Right::KeepPeople)
        .then(|| button("plain", "", t.change, move || desk.open.set(Open::Person(Some(detail.clone())))));
    let invite = view! { <span data-testid=format!("invite-{id}")>{t.invite}</span> }.into_any();
    let invite =
        has(Right::Invite).then(|| button("plain", "", invite, move || ask_invite(ui, desk, id, name.clone())));
    let officer = person.role == Role::Administrator && person.duties.len() < Duty::ALL.len();
    let duties = officer.then(|| view! { <span class="chip">{duties_of(ui, &person.duties)}</span> }.into_any());
    let inactive = (!person.active).then(|| view! { <span class="chip state-void">{t.inactive}</span> }.into_any());
    let account = account.map(|name| view! { <p class="dim">{format!("{} {name}", t.sign_on_name)}</p> }.into_any());
    let class = if person.active { "panel person" } else { "panel person inactive" };
    view! {
        <section class=class data-testid=format!("person-{id}")>
            <header>
                <h2>{person.name}</h2>
                <span class="chip">{t.role(person.role)}</span>
                {given(duties)}
                {given(inactive)}
                {given(change)}
                {given(invite)}
            </header>
            <p class="dim">{zones}</p>
            {given(account)}
            {devices}
        </section>
    }
    .into_any()
}

fn duties_of(ui: Ui, duties: &BTreeSet<Duty>) -> String {
    match duties.iter().map(|duty| ui.t.duty(*duty)).collect::<Vec<_>>() {
        none if none.is_empty() => ui.t.duties_none.into(),
        some => some.join(ui.t.list_comma),
    }
}

/// Those in service; what is out of it lies folded below.
fn devices_of(ui: Ui, desk: Desk, detail: &PersonDetail) -> AnyView {
    let one = |device: &&Device| device_with_passkeys(ui, desk, device, &detail.passkeys);
    let (gone, here): (Vec<&Device>, Vec<&Device>) =
        detail.devices.iter().partition(|device| device.revoked_at.is_some());
    let folded = (!gone.is_empty()).then(|| {
        let name = fill(ui.t.revoked_n, &[&gone.len()]);
        view! {
            <details class="more">
                <summary>{name}</summary>
                {all(gone.iter().map(one))}
            </details>
        }
        .into_any()
    });
    all(here.iter().map(one).chain(folded))
}

fn device_with_passkeys(ui: Ui, desk: Desk, device: &Device, passkeys: &[Passkey]) -> AnyView {
    let its = passkeys.iter().filter(|passkey| passkey.device == device.id);
    all([device_row(ui, desk, device)].into_iter().chain(its.map(|passkey| passkey_row(ui, desk, passkey))))
}

fn passkey_row(ui: Ui, desk: Desk, passkey: &Passkey) -> AnyView {
    let t = ui.t;
    let withdraw = ui.me().is_some_and(|me| may(&me, Right::WithdrawPasskey)).then(|| {
        let passkey = passkey.clone();
        button("plain", "withdraw-passkey", t.withdraw_passkey, move || desk.open.set(Open::Withdraw(passkey.clone())))
    });
    let words = format!("{} · {}", name_of(passkey), facts_of(ui, passkey));
    view! {
        <p class="device passkey" data-testid="their-passkey">
            {icon(Icon::Key)} <span>{words}</span> {given(withdraw)}
        </p>
    }
    .into_any()
}

fn device_row(ui: Ui, desk: Desk, device: &Device) -> AnyView {
    let t = ui.t;
    let seen = device.last_contact.map_or_else(|| t.never.into(), |at| format::ago(t, at, ui.now.get_untracked()));
    let mut words = format!("{} · {} {seen}", device.label, t.last_contact);
    if device.unsent > 0 {
        words = format!("{words} · {}", fill(t.unsent_n, &[&device.unsent]));
    }
    let way = match device.way {
        Way::Code => t.way_code,
        Way::Passkey => t.way_passkey,
        Way::SignOn => t.way_sign_on,
    };
    words = format!("{words} · {way} · #{}", device.id);
    let doubt = device.in_doubt_since().map(|at| {
        view! { <span class="chip state-rework">{fill(t.unproven_since, &[&ui.when(at)])}</span> }.into_any()
    });
    let end = match device.revoked_at {
        Some(at) => {
            let words = if device.cloned { t.cloned_at } else { t.revoked_at };
            view! { <b>{fill(words, &[&ui.when(at)])}</b> }.into_any()
        }
        None if !ui.me().is_some_and(|me| may(&me, Right::Revoke)) => nothing(),
        None => {
            let revoke = view! { <span data-testid=format!("revoke-{}", device.id)>{t.revoke}</span> }.into_any();
            let device = device.clone();
            button("plain", "", revoke, move || desk.open.set(Open::Revoke(device.clone())))
        }
    };
    let class = if device.revoked_at.is_some() { "device revoked" } else { "device" };
    view! { <p class=class>{icon(Icon::Phone)} <span>{words}</span> {given(doubt)} {end}</p> }.into_any()
}

fn ask_invite(ui: Ui, desk: Desk, id: PersonId, name: String) {
    spawn_local(async move {
        match ui.client.post::<_, Invite>(&format!("/api/admin/people/{id}/invite"), &()).await {
            Ok(invite) => drop(desk.open.try_set(Open::Invite(name, invite))),
            Err(error) => ui.warn(call_error(ui.t, &error)),
        }
    });
}

/// The code is shown once: the office keeps only its hash.
fn invite_sheet(ui: Ui, desk: Desk, name: &str, invite: &Invite) -> AnyView {
    let t = ui.t;
    let picture = format!("data:image/svg+xml;utf8,{}", js_sys::encode_uri_component(&invite.qr_svg));
    let (first, second) = invite.code.split_at_checked(5).unwrap_or((&invite.code, ""));
    let code = format!("{first}-{second}");
    let content = view! {
        <div class="invite">
            <img src=picture alt=t.qr_alt width="240" height="240" />
            <p class="code" data-testid="invite-code">
                {code}
            </p>
            <p class="prose">{fill(t.invite_text, &[&ui.when(invite.expires_at)])}</p>
            <p class="dim">{invite.link.clone()}</p>
        </div>
    };
    dialog(ui, &fill(t.invite_for, &[&name]), close(desk), content.into_any())
}

fn revoke_sheet(ui: Ui, desk: Desk, device: &Device) -> AnyView {
    let (t, id) = (ui.t, device.id);
    let revoke = move || {
        spawn_local(async move {
            match ui.client.post::<_, PersonDetail>(&format!("/api/admin/devices/{id}/revoke"), &()).await {
                Ok(detail) => {
                    desk.put(detail);
                    ui.say(t.revoked_done);
                }
                Err(error) => ui.warn(call_error(t, &error)),
            }
        });
    };
    confirm(ui, t.revoke, revoke_question(ui, device), t.revoke, revoke, close(desk))
}

fn withdraw_sheet(ui: Ui, desk: Desk, passkey: &Passkey) -> AnyView {
    let (t, number) = (ui.t, passkey.number);
    let withdraw = move || {
        spawn_local(async move {
            match ui.client.post::<_, PersonDetail>(&format!("/api/admin/passkeys/{number}/withdraw"), &()).await {
                Ok(detail) => {
                    desk.put(detail);
                    ui.say(t.passkey_withdrawn);
                }
                Err(error) => ui.warn(call_error(t, &error)),
            }
        });
    };
    let question = fill(t.withdraw_passkey_text, &[&name_of(passkey)]);
    confirm(ui, t.withdraw_passkey, question, t.withdraw_passkey, withdraw, close(desk))
}

/// Role and zones by their codes.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    role: RwSignal<String>,
    zones: RwSignal<String>,
    active: RwSignal<bool>,
    duties: RwSignal<String>,
    /// By which name the office's sign-on calls him; `None` where the office has no sign-on.
    account: Option<RwSignal<String>>,
}

impl Fields {
    fn chosen(&self) -> BTreeSet<Duty> {
        self.duties.get_untracked().split(',').filter_map(Duty::from_code).collect()
    }

    /// The person, and then his account at the sign-on and what an administrator answers for, where that was changed.
    async fn save(self, ui: Ui, id: Option<PersonId>) -> Result<PersonDetail, String> {
        let sentence = |error| call_error(ui.t, &error);
        let saved: PersonDetail = ui.client.post("/api/admin/people", &self.wish(id)).await.map_err(sentence)?;
        let saved = self.save_account(ui, id, saved).await?;
        let (person, duties) = (&saved.person, self.chosen());
        if person.role != Role::Administrator || person.duties == duties || ui.me().is_some_and(|me| me.id == person.id)
        {
            return Ok(saved);
        }
        ui.client.post(&format!("/api/admin/people/{}/duties", person.id), &duties).await.map_err(sentence)
    }

    /// Whoever is new is here already, and would be made a second time from a sheet that stays open: he is only told of.
    async fn save_account(self, ui: Ui, id: Option<PersonId>, saved: PersonDetail) -> Result<PersonDetail, String> {
        let account = self.account.map(|account| account.get_untracked().trim().to_owned());
        let Some(name) = account.filter(|name| saved.sign_on.as_ref() != Some(name)) else { return Ok(saved) };
        match bind(ui, &saved, name).await {
            Err(why) if id.is_none() => {
                ui.warn(why);
                Ok(saved)
            }
            other => other,
        }
    }

    fn wish(&self, id: Option<PersonId>) -> SavePerson {
        let role = self.role.get_untracked();
        SavePerson {
            id,
            name: self.name.get_untracked().trim().into(),
            role: Role::ALL.into_iter().find(|known| role_code(*known) == role).unwrap_or(Role::Cadre),
            zones: parsed(&self.zones.get_untracked()).collect(),
            active: self.active.get_untracked(),
        }
    }
}

fn role_code(role: Role) -> &'static str {
    match role {
        Role::Cadre => "cadre",
        Role::Inspector => "inspector",
        Role::Supervisor => "supervisor",
        Role::Administrator => "administrator",
    }
}

fn person_sheet(ui: Ui, desk: Desk, detail: Option<PersonDetail>) -> AnyView {
    let t = ui.t;
    let account = detail.as_ref().map_or_else(|| desk.has_sign_on().then(String::new), |detail| detail.sign_on.clone());
    let person = detail.map(|detail| detail.person);
    let id = person.as_ref().map(|person| person.id);
    let zones = person.iter().flat_map(|person| &person.zones).map(ToString::to_string).collect::<Vec<_>>();
    // Whoever becomes an administrator, or one again, has no duty yet.
    let officer = person.as_ref().filter(|person| person.active && person.role == Role::Administrator);
    let duties = officer.map(|person| person.duties.clone()).unwrap_or_default();
    let fields = Fields {
        name: RwSignal::new(person.as_ref().map(|person| person.name.clone()).unwrap_or_default()),
        role: RwSignal::new(role_code(person.as_ref().map_or(Role::Cadre, |person| person.role)).into()),
        zones: RwSignal::new(zones.join(",")),
        active: RwSignal::new(person.as_ref().is_none_or(|person| person.active)),
        duties: RwSignal::new(duties.iter().map(|duty| duty.code()).collect::<Vec<_>>().join(",")),
        account: account.map(RwSignal::new),
    };
    let busy = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    let save = submitted(move || {
        busy.set(true);
        spawn_local(async move {
            match fields.save(ui, id).await {
                Ok(detail) => {
                    desk.put(detail);
                    ui.say(t.saved_office);
                }
                Err(why) => drop(error.try_set(why)),
            }
            busy.try_set(false);
        });
    });
    let why = maybe(move || {
        let why = error.get();
        (!why.is_empty()).then(|| failed(why, "person-error"))
    });
    let blank = flag(move || fields.name.with(|name| name.trim().is_empty()));
    let form = view! {
        <form class="action-form" on:submit=save>
            {person_fields(ui, fields, id)} {why} {submit(ui, "primary wide", "save-person", t.save.into(), busy.into(), blank)}
        </form>
    };
    let title = if id.is_some() { t.change_person } else { t.add_person };
    dialog(ui, title, close(desk), form.into_any())
}

/// By which name the office's sign-on calls somebody.
async fn bind(ui: Ui, saved: &PersonDetail, name: String) -> Result<PersonDetail, String> {
    let path = format!("/api/admin/people/{}/sign-on", saved.person.id);
    ui.client.post(&path, &BindSignOn { name }).await.map_err(|error| match &error {
        CallError::Problem(problem) if problem.reason == Some(Reason::SignOnName) => ui.t.sign_on_name_taken.into(),
        other => call_error(ui.t, other),
    })
}

fn person_fields(ui: Ui, fields: Fields, id: Option<PersonId>) -> AnyView {
    let t = ui.t;
    let roles: Choices = Role::ALL.into_iter().map(|role| (role_code(role).into(), t.role(role).into())).collect();
    let own = ui.me().is_some_and(|me| Some(me.id) == id);
    let duties =
        maybe(move || (!own && fields.role.get() == role_code(Role::Administrator)).then(|| duty_ticks(ui, fields)));
    let active = tick(t.may_log_in, move || fields.active.get(), move |on| fields.active.set(on), "");
    let account = fields
        .account
        .map(|account| noted_line(t.sign_on_name, account.into(), t.sign_on_name_hint, "255", "person-account"));
    view! {
        {line(t.name, fields.name.into(), "", "40", "person-name")}
        <div class="field">
            <span>{t.role_label}</span>
            {segments(t.role_label, fields.role.into(), roles)}
        </div>
        <fieldset>
            <legend>{t.zones}</legend>
            {ticks(Wire::from(fields.zones), zone_choices(ui, false))}
        </fieldset>
        {duties}
        {given(account)}
        {active}
    }
    .into_any()
}

fn duty_ticks(ui: Ui, fields: Fields) -> AnyView {
    let choices = Duty::ALL.into_iter().map(|duty| (duty.code().into(), ui.t.duty(duty).into())).collect();
    view! {
        <fieldset data-testid="duties">
            <legend>{ui.t.duties_label}</legend>
            {ticks(Wire::from(fields.duties), choices)}
            <p class="dim">{ui.t.duties_about}</p>
        </fieldset>
    }
    .into_any()
}
