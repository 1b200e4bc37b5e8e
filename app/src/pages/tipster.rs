//! 举报人 of one issue, for the desk: masked, whole for as long as the page is open, noted and forgotten. Nothing of it is stored
//! on this device.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{TipsterNoted, TipsterWish};
use xiaohao_shared::model::tipster::Tipster;

use super::fetched::Fetched;
use super::{call_error, failed, head};
use crate::components::dialog::confirm;
use crate::components::fields::{button, line, submit};
use crate::components::lean::{all, flag, given, maybe, nothing, submitted};
use crate::components::{Ui, facts};

#[derive(Clone, Copy)]
struct Page {
    found: Fetched<Option<TipsterNoted>>,
    path: StoredValue<String>,
    asking: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<String>,
}

pub fn tipster(ui: Ui) -> AnyView {
    let t = ui.t;
    let issue = ui.address.with_untracked(|path| path.trim_start_matches("/tipster/").to_owned());
    let page = Page {
        found: Fetched::new(),
        path: StoredValue::new(format!("/api/issues/{issue}/tipster")),
        asking: RwSignal::new(false),
        busy: RwSignal::new(false),
        error: RwSignal::new(String::new()),
    };
    page.found.ask(ui, page.path.get_value());
    let shown = page.found.shown(ui, move |noted| match noted {
        Some(noted) => stands(ui, page, &noted),
        None => form(ui, page),
    });
    let error = maybe(move || {
        let why = page.error.get();
        (!why.is_empty()).then(|| failed(why, "tipster-error"))
    });
    let question = maybe(move || {
        let close = Callback::new(move |()| page.asking.set(false));
        let yes = move || page.save(ui, None);
        page.asking.get().then(|| confirm(ui, t.tipster, t.tipster_forget_ask.into(), t.tipster_forget, yes, close))
    });
    let about = view! { <p class="prose">{t.tipster_about}</p> }.into_any();
    let panel = view! {
        <section class="panel" data-testid="tipster">
            {shown} {error}
        </section>
    };
    all([head(ui, t.tipster, true, nothing()), about, panel.into_any(), question])
}

impl Page {
    fn save(self, ui: Ui, tipster: Option<Tipster>) {
        self.busy.set(true);
        self.asking.set(false);
        self.error.set(String::new());
        spawn_local(async move {
            let wish = TipsterWish { tipster };
            match ui.client.post::<_, Option<TipsterNoted>>(&self.path.get_value(), &wish).await {
                Ok(noted) => {
                    self.found.is(noted);
                    ui.say(ui.t.saved_office);
                }
                Err(why) => drop(self.error.try_set(call_error(ui.t, &why))),
            }
            self.busy.try_set(false);
        });
    }
}

fn stands(ui: Ui, page: Page, noted: &TipsterNoted) -> AnyView {
    let t = ui.t;
    let by = format!("{} · {}", ui.person(noted.noted_by), ui.when(noted.noted_at));
    let list = [
        (t.tipster_name, noted.tipster.name.clone()),
        (t.tipster_phone, noted.tipster.phone.clone()),
        (t.tipster_by, by),
    ];
    let masked = noted.tipster == noted.tipster.masked();
    let look = move || page.found.ask(ui, format!("{}/whole", page.path.get_value()));
    let look = masked.then(|| button("plain", "tipster-whole", t.tipster_whole, look));
    let forget = button("plain", "tipster-forget", t.tipster_forget, move || page.asking.set(true));
    view! {
        <dl>{facts(list)}</dl>
        <div class="buttons">{given(look)} {forget}</div>
    }
    .into_any()
}

fn form(ui: Ui, page: Page) -> AnyView {
    let t = ui.t;
    let (name, phone) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let wish = move || Tipster { name: name.get().trim().into(), phone: phone.get().trim().into() };
    let save = submitted(move || page.save(ui, Some(untrack(wish))));
    let wrong = maybe(move || {
        let wish = wish();
        let said = !(wish.name.is_empty() && wish.phone.is_empty());
        (said && !wish.is_allowed()).then(|| failed(t.tipster_wrong.into(), "tipster-wrong"))
    });
    let off = flag(move || !wish().is_allowed());
    view! {
        <form class="action-form" on:submit=save>
            <p class="dim">{t.tipster_none}</p>
            {line(t.tipster_name, name.into(), "", "40", "tipster-name")}
            {line(t.tipster_phone, phone.into(), "", "20", "tipster-phone")} {wrong}
            {submit(ui, "primary wide", "save-tipster", t.save.into(), page.busy.into(), off)}
        </form>
    }
    .into_any()
}
