//! A file that the office makes: fetched by a signed request, and offered where it is here.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::AbortController;

use super::{call_error, failed};
use crate::client::download::{Downloaded, NotDownloaded};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{follow, maybe};

/// Another `path` is another file.
pub fn document_button(ui: Ui, label: &'static str, path: Signal<String>) -> AnyView {
    let t = ui.t;
    let (busy, error) = (RwSignal::new(false), RwSignal::new(String::new()));
    let ready = RwSignal::new(None::<(String, String)>);
    let make = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let path = path.get_untracked();
        spawn_local(async move {
            let Ok(controller) = AbortController::new() else { return };
            let fetched = ui.client.download(&path, &controller, |_| {}).await;
            busy.try_set(false);
            match fetched {
                Ok(Downloaded { name, url, .. }) => drop(ready.try_set(Some((name, url)))),
                Err(why) => drop(error.try_set(not_downloaded(ui, &why))),
            }
        });
    };
    let outcome = maybe(move || match (busy.get(), ready.get(), error.get()) {
        (true, ..) => Some(view! { <p class="spinner" role="status" aria-label=t.loading></p> }.into_any()),
        (false, Some((name, url)), _) => Some(
            view! { <a class="button primary" href=url download=name data-testid="save-document">{t.export_save}</a> }
                .into_any(),
        ),
        (false, None, why) => (!why.is_empty()).then(|| failed(why, "document-error")),
    });
    follow(move || {
        path.track();
        let _ = (ready.try_set(None), error.try_set(String::new()));
    });
    view! { <div class="buttons">{button("plain", "make-document", label, make)} {outcome}</div> }.into_any()
}

fn not_downloaded(ui: Ui, why: &NotDownloaded) -> String {
    match why {
        NotDownloaded::Call(error) => call_error(ui.t, error),
        NotDownloaded::Stopped | NotDownloaded::Broken => ui.t.export_broken.into(),
    }
}
