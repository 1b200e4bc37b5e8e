//! The audit: who did what, newest first. It is fetched when somebody asks for it, because each look is noted.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::api::{AuditLine, AuditPage};

use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{all, maybe, shown, text};
use crate::pages::document::file_button;
use crate::pages::{call_error, failed};
use crate::texts::fill;

#[derive(Clone, Copy)]
struct Looked {
    lines: RwSignal<Vec<AuditLine>>,
    head: RwSignal<String>,
    /// Empty while all is well.
    error: RwSignal<String>,
}

impl Looked {
    /// The next ones back from those that are shown.
    fn further(self, ui: Ui) {
        let oldest = self.lines.with_untracked(|lines| lines.last().map(|line| line.number));
        let before = oldest.map(|number| format!("?before={number}")).unwrap_or_default();
        spawn_local(async move {
            match ui.client.get::<AuditPage>(&format!("/api/admin/audit{before}")).await {
                Ok(page) => {
                    self.lines.try_update(|lines| lines.extend(page.lines));
                    self.head.try_set(page.head);
                }
                Err(error) => drop(self.error.try_set(call_error(ui.t, &error))),
            }
        });
    }
}

pub fn audit(ui: Ui) -> AnyView {
    let t = ui.t;
    let looked = Looked {
        lines: RwSignal::new(Vec::new()),
        head: RwSignal::new(String::new()),
        error: RwSignal::new(String::new()),
    };
    let error =
        maybe(move || Some(looked.error.get()).filter(|why| !why.is_empty()).map(|why| failed(why, "audit-error")));
    let rows = shown(move || looked.lines.with(|lines| all(lines.iter().map(|line| row(ui, line)))));
    let head = maybe(move || {
        let head = looked.head.get();
        (!head.is_empty()).then(|| view! { <p class="dim">{fill(t.audit_head, &[&head])}</p> }.into_any())
    });
    let whole = text(|| "/api/admin/audit/export".into());
    let export = file_button(ui, t.audit_export, whole, ["export-audit", "save-audit"]);
    view! {
        <section class="panel" data-testid="audit">
            <h2 id="audit" tabindex="-1">{t.audit}</h2>
            <p class="prose">{t.audit_about}</p>
            {error}
            <ul class="audit">{rows}</ul>
            {head}
            <div class="buttons">{button("plain", "read-audit", t.audit_read, move || looked.further(ui))}</div>
            {export}
        </section>
    }
    .into_any()
}

fn row(ui: Ui, line: &AuditLine) -> AnyView {
    let who = line.person.map_or_else(String::new, |person| ui.person(person));
    let device = line.device.map_or_else(String::new, |device| format!("#{device}"));
    let words = [ui.when(line.at), who, device, line.origin.clone(), ui.t.act(&line.act), line.result.clone()];
    let words = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" · ");
    view! {
        <li>
            <b>{line.number}</b>
            " "
            {words}
            <br />
            <code>{line.what.clone()}</code>
        </li>
    }
    .into_any()
}
