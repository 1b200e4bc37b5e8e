//! A file that the office makes: fetched by a signed request, and offered where it is here. Whoever waits sees how much has come, and
//! may stop it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Url;

use super::stop::Stop;
use super::{call_error, failed};
use crate::client::download::{Downloaded, NotDownloaded, Progress};
use crate::components::Ui;
use crate::components::fields::button;
use crate::components::lean::{follow, maybe};
use crate::format;
use crate::texts::fill;

/// A file by its address.
#[derive(Clone, Copy)]
struct Paper {
    path: Signal<String>,
    /// While it comes.
    far: RwSignal<Option<Progress>>,
    ready: RwSignal<Option<(String, String)>>,
    /// Why there is none; empty while nothing went wrong.
    error: RwSignal<String>,
    stop: Stop,
}

impl Paper {
    fn make(self, ui: Ui) {
        if self.far.with_untracked(Option::is_some) {
            return;
        }
        let Some(controller) = self.stop.begin() else { return };
        self.forget();
        self.far.set(Some(Progress::default()));
        let path = self.path.get_untracked();
        spawn_local(async move {
            let tell = move |progress| {
                self.far.try_set(Some(progress));
            };
            let fetched = ui.client.download(&path, &controller, tell).await;
            if self.far.try_set(None).is_some() {
                // The page was left.
                return;
            }
            match fetched {
                Ok(Downloaded { name, url, .. }) => self.ready.set(Some((name, url))),
                Err(why) => self.error.set(self.not_downloaded(ui, &why)),
            }
        });
    }

    fn forget(self) {
        if let Some(Some((_, url))) = self.ready.try_get_untracked() {
            let _ = Url::revoke_object_url(&url);
        }
        let _ = (self.ready.try_set(None), self.error.try_set(String::new()));
    }

    fn not_downloaded(self, ui: Ui, why: &NotDownloaded) -> String {
        match why {
            NotDownloaded::Call(error) => call_error(ui.t, error),
            _ if self.stop.was_pressed() => ui.t.export_stopped.into(),
            NotDownloaded::Stopped | NotDownloaded::Broken => ui.t.export_broken.into(),
        }
    }
}

/// Another `path` is another file.
pub fn document_button(ui: Ui, label: &'static str, path: Signal<String>) -> AnyView {
    file_button(ui, label, path, ["make-document", "save-document"])
}

/// With the names by which its two buttons are found: the one that makes the file, and the one that saves it.
pub fn file_button(ui: Ui, label: &'static str, path: Signal<String>, [make, save]: [&'static str; 2]) -> AnyView {
    let (far, ready, error) = (RwSignal::new(None), RwSignal::new(None), RwSignal::new(String::new()));
    let paper = Paper { path, far, ready, error, stop: Stop::new() };
    let outcome = maybe(move || match (ready.get(), error.get()) {
        (Some((name, url)), _) => Some(
            view! { <a class="button primary" href=url download=name data-testid=save>{ui.t.export_save}</a> }
                .into_any(),
        ),
        (None, why) => (!why.is_empty()).then(|| failed(why, "document-error")),
    });
    let coming = maybe(move || far.with(Option::is_some).then(|| progress(ui, paper)));
    follow(move || {
        path.track();
        // Of what is shown no more, nobody waits for the file.
        paper.stop.press();
        paper.forget();
    });
    on_cleanup(move || paper.stop.press());
    view! {
        <div class="buttons">{button("plain", make, label, move || paper.make(ui))} {outcome}</div>
        {coming}
    }
    .into_any()
}

fn progress(ui: Ui, paper: Paper) -> AnyView {
    let t = ui.t;
    let words = crate::components::lean::words(move || match paper.far.get().map_or(0, |far| far.bytes) {
        0 => t.file_writing.into(),
        bytes => fill(t.file_bytes, &[&format::bytes(bytes)]),
    });
    view! {
        <div class="progressing" data-testid="file-progress">
            <progress aria-label=t.loading />
            <p class="dim" role="status">{words}</p>
            {button("plain", "file-cancel", t.cancel, move || paper.stop.press())}
        </div>
    }
    .into_any()
}
