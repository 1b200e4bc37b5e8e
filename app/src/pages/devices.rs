//! Who is not syncing: every device in service, the one that was not heard of for longest first, with what it said of itself
//! and what the desk should look after. An administrator can put one out of service from here.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{Concern, Device, OwnedDevice, PersonDetail};
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::model::filter::address::value_of;
use xiaohao_shared::model::policy::{Right, may};
use xiaohao_shared::time::Timestamp;

use super::fetched::Fetched;
use super::{call_error, head};
use crate::components::Ui;
use crate::components::dialog::confirm;
use crate::components::fields::{button, tick};
use crate::components::lean::{all, follow, maybe, nothing};
use crate::components::link::steered;
use crate::components::table::{card, cards};
use crate::format;
use crate::texts::fill;

type Listed = Fetched<Vec<OwnedDevice>>;

pub fn devices(ui: Ui) -> AnyView {
    let t = ui.t;
    let listed = Listed::new();
    follow(move || {
        ui.client.news.track();
        listed.ask(ui, "/api/devices".into());
    });
    let query = |marked: &bool| if *marked { "marked=true".to_string() } else { String::new() };
    let marked = steered(ui, "/devices", |query| value_of(query, "marked").as_deref() == Some("true"), query);
    let asking = RwSignal::new(None::<OwnedDevice>);
    let shown = listed.shown(ui, move |devices| list(ui, &devices, marked.get(), asking));
    let only = tick(t.devices_marked, move || marked.get(), move |on| marked.set(on), "only-marked");
    let question = maybe(move || asking.get().map(|owned| revoke_sheet(ui, listed, asking, &owned)));
    let about = view! { <p class="prose">{t.devices_about}</p> }.into_any();
    all([head(ui, t.devices, true, nothing()), about, only, shown, question])
}

fn list(ui: Ui, devices: &[OwnedDevice], marked: bool, asking: RwSignal<Option<OwnedDevice>>) -> AnyView {
    let (t, now) = (ui.t, ui.client.now());
    let concerns = |owned: &&OwnedDevice| !owned.device.concerns(now).is_empty();
    let troubled = devices.iter().filter(concerns).count();
    let count = fill(t.devices_n, &[&devices.len(), &troubled]);
    let shown: Vec<&OwnedDevice> = devices.iter().filter(|owned| !marked || concerns(owned)).collect();
    let rows = if shown.is_empty() {
        view! { <p class="empty" data-testid="no-devices">{t.devices_none}</p> }.into_any()
    } else {
        let rows = all(shown.into_iter().map(|owned| row(ui, owned, now, asking)));
        cards(t.devices, &heads(ui), rows)
    };
    all([view! { <p class="count" role="status" data-testid="device-count">{count}</p> }.into_any(), rows])
}

fn may_revoke(ui: Ui) -> bool {
    ui.me().is_some_and(|me| may(&me, Right::Revoke))
}

/// The last one is of what only an administrator can do.
fn heads(ui: Ui) -> Vec<&'static str> {
    let t = ui.t;
    let heads = [
        t.name,
        t.devices_marks,
        t.last_contact,
        t.devices_waiting,
        t.devices_oldest,
        t.devices_storage,
        t.device,
        t.version,
    ];
    heads.into_iter().chain(may_revoke(ui).then_some(t.devices_act)).collect()
}

fn row(ui: Ui, owned: &OwnedDevice, now: Timestamp, asking: RwSignal<Option<OwnedDevice>>) -> AnyView {
    let (t, device) = (ui.t, &owned.device);
    let ago = |at: Timestamp| format::ago(t, at, now);
    let waiting = match (device.unsent, device.photos) {
        (0, 0) => t.devices_nothing.to_string(),
        (unsent, photos) => fill(t.devices_waiting_n, &[&unsent, &photos]),
    };
    let cells = [
        device.last_contact.map_or_else(|| t.never.into(), ago),
        waiting,
        device.oldest_unsent.map(ago).unwrap_or_default(),
        device.storage.map_or_else(|| t.devices_storage_untold.into(), |tenths| format!("{}%", u32::from(tenths) * 10)),
        format!("{} #{}", device.label, device.id),
        short(&device.app_version),
    ];
    let chips = device.concerns(now).into_iter().map(|concern| {
        view! { <span class="chip state-rework">{concern_words(ui, device, concern)}</span> }.into_any()
    });
    let one = owned.clone();
    let revoke =
        may_revoke(ui).then(|| button("plain", "revoke-device", t.revoke, move || asking.set(Some(one.clone()))));
    let said = cells.into_iter().map(IntoAny::into_any);
    let cells = std::iter::once(all(chips)).chain(said).chain(revoke).collect();
    card(format!("device-{}", device.id), &heads(ui), ui.person(owned.person).into_any(), cells)
}

/// The mark of a build is long; its beginning tells one from another.
fn short(version: &str) -> String {
    version.chars().take(8).collect()
}

fn concern_words(ui: Ui, device: &Device, concern: Concern) -> String {
    match concern {
        Concern::Unproven => {
            device.in_doubt_since().map(|at| fill(ui.t.unproven_since, &[&ui.when(at)])).unwrap_or_default()
        }
        Concern::Silent => ui.t.device_silent.into(),
        Concern::Stuck => ui.t.device_stuck.into(),
        Concern::Full => ui.t.device_full.into(),
    }
}

fn revoke_sheet(ui: Ui, listed: Listed, asking: RwSignal<Option<OwnedDevice>>, owned: &OwnedDevice) -> AnyView {
    let (t, id) = (ui.t, owned.device.id);
    let close = Callback::new(move |()| asking.set(None));
    confirm(ui, t.revoke, revoke_question(ui, &owned.device), t.revoke, move || revoke(ui, listed, asking, id), close)
}

/// Which device, whether it is this very one, and what it has not sent.
pub fn revoke_question(ui: Ui, device: &Device) -> String {
    let t = ui.t;
    let is_own = ui.client.office.with_untracked(|office| office.as_ref().is_some_and(|it| it.device == device.id));
    let own = if is_own { t.revoke_own } else { "" };
    let unsent = if device.unsent > 0 { fill(t.revoke_unsent, &[&device.unsent]) } else { String::new() };
    format!("{own}{} {unsent}", fill(t.revoke_text, &[&device.label, &device.id]))
}

fn revoke(ui: Ui, listed: Listed, asking: RwSignal<Option<OwnedDevice>>, id: DeviceId) {
    spawn_local(async move {
        match ui.client.post::<_, PersonDetail>(&format!("/api/admin/devices/{id}/revoke"), &()).await {
            Ok(_) => {
                let _ = asking.try_set(None);
                let rest = listed.get_untracked().unwrap_or_default();
                listed.is(rest.into_iter().filter(|owned| owned.device.id != id).collect());
                ui.say(ui.t.revoked_done);
            }
            Err(error) => ui.warn(call_error(ui.t, &error)),
        }
    });
}
