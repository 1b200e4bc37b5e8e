//! The list that a board or list page shows as a file. What is in it stands in the address of this page; the office writes it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{AbortController, Url};
use xiaohao_shared::api::{BookFormat, MAX_BOOK_ROWS, MAX_PICTURED_ROWS, Tally, Writing};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::model::policy::{Right, may};

use super::said::said;
use super::{call_error, failed, head, waiting};
use crate::browser;
use crate::client::download::{Downloaded, NotDownloaded, Progress};
use crate::components::Ui;
use crate::components::fields::{button, segments, tick};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{all, flag, maybe, nothing, shown, tap};
use crate::components::link::link;
use crate::format;
use crate::texts::{Texts, fill};

/// Milliseconds between two looks at how far a workbook is.
const LOOK: i64 = 700;

#[derive(Clone, Copy)]
struct Desk {
    /// How many issues the filter finds; `Err` says why that is not known.
    count: RwSignal<Option<Result<u64, String>>>,
    format: RwSignal<String>,
    photos: RwSignal<bool>,
    /// While a file comes.
    progress: RwSignal<Option<Progress>>,
    /// Of a workbook, of which nothing comes before its last row is written.
    written: RwSignal<Option<Writing>>,
    ready: RwSignal<Option<Downloaded>>,
    /// What went wrong, empty while nothing did.
    bad: RwSignal<String>,
    stop: StoredValue<Option<AbortController>, LocalStorage>,
}

impl Desk {
    fn new() -> Self {
        Self {
            count: RwSignal::new(None),
            format: RwSignal::new(BookFormat::Xlsx.code().into()),
            photos: RwSignal::new(false),
            progress: RwSignal::new(None),
            written: RwSignal::new(None),
            ready: RwSignal::new(None),
            bad: RwSignal::new(String::new()),
            stop: StoredValue::new_local(None),
        }
    }

    fn chosen(self) -> BookFormat {
        self.format.with(|code| BookFormat::from_code(code)).unwrap_or(BookFormat::Xlsx)
    }

    fn pictured(self) -> bool {
        self.chosen() == BookFormat::Xlsx && self.photos.get()
    }

    /// More than a workbook takes.
    fn bound(self) -> Option<u64> {
        let most = if self.pictured() { MAX_PICTURED_ROWS } else { MAX_BOOK_ROWS };
        let rows = self.count.get().and_then(Result::ok).unwrap_or(0);
        (self.chosen() == BookFormat::Xlsx && rows > most).then_some(most)
    }

    fn look(self, ui: Ui) {
        self.count.set(None);
        spawn_local(async move {
            let tally = ui.client.get::<Tally>(&format!("/api/tally?{}", filter())).await;
            let count = tally.map(|tally| tally.total).map_err(|error| call_error(ui.t, &error));
            self.count.try_set(Some(count));
        });
    }

    fn forget(self) {
        if let Some(file) = self.ready.get_untracked() {
            let _ = Url::revoke_object_url(&file.url);
        }
        self.ready.set(None);
        self.bad.set(String::new());
    }

    fn make(self, ui: Ui) {
        let Ok(controller) = AbortController::new() else { return };
        self.forget();
        let rows = self.count.get_untracked().and_then(Result::ok).unwrap_or(0);
        self.progress.set(Some(Progress { rows, ..Progress::default() }));
        self.stop.set_value(Some(controller.clone()));
        self.written.set(None);
        if self.chosen() == BookFormat::Xlsx {
            spawn_local(self.watch(ui));
        }
        let path = address(ui, self.chosen(), self.pictured());
        spawn_local(async move {
            let tell = move |progress| {
                self.progress.try_set(Some(progress));
            };
            let made = ui.client.download(&path, &controller, tell).await;
            self.progress.try_set(None);
            self.bad.try_set(made.as_ref().err().map(|why| not_made(ui.t, why)).unwrap_or_default());
            self.ready.try_set(made.ok());
        });
    }

    /// Asks again and again while nothing has come.
    async fn watch(self, ui: Ui) {
        let waits = || self.progress.try_get_untracked().flatten().is_some_and(|progress| progress.bytes == 0);
        while waits() {
            browser::sleep(LOOK).await;
            if let Ok(Some(written)) = ui.client.get::<Option<Writing>>("/api/export/progress").await {
                self.written.try_set(Some(written));
            }
        }
    }

    fn cancel(self) {
        self.stop.with_value(|stop| stop.iter().for_each(AbortController::abort));
    }
}

/// The filter of the list as it stands in this page's address.
fn filter() -> String {
    window().location().search().unwrap_or_default().trim_start_matches('?').to_owned()
}

fn address(ui: Ui, format: BookFormat, photos: bool) -> String {
    let photos = if photos { "&photos=true" } else { "" };
    format!("/api/export?{}&format={}&lang={}{photos}", filter(), format.code(), ui.t.lang.code())
}

fn not_made(t: &Texts, why: &NotDownloaded) -> String {
    match why {
        NotDownloaded::Call(error) => call_error(t, error),
        NotDownloaded::Stopped => t.export_stopped.into(),
        NotDownloaded::Broken => t.export_broken.into(),
    }
}

/// The way here from a list, under the filter that is set; nothing for those who take no lists away.
pub fn export_link(ui: Ui, filter: RwSignal<Filter>) -> AnyView {
    let may = ui.me().is_some_and(|me| may(&me, Right::Export));
    maybe(move || {
        let address = format!("/export?{}", filter.with(Filter::query));
        may.then(|| link(ui, address, "button plain", "to-export".into(), ui.t.export_link.into_any()))
    })
}

pub fn export(ui: Ui) -> AnyView {
    let (t, desk) = (ui.t, Desk::new());
    desk.look(ui);
    // Who leaves the page waits for no file any more.
    on_cleanup(move || desk.cancel());
    let page = shown(move || match desk.count.get() {
        None => waiting(ui),
        Some(Err(why)) => {
            all([failed(why, "export-bad"), button("plain", "export-retry", t.retry, move || desk.look(ui))])
        }
        Some(Ok(0)) => view! { <p class="empty" data-testid="export-none">{t.export_none}</p> }.into_any(),
        Some(Ok(rows)) => form(ui, desk, rows),
    });
    all([head(ui, t.export_title, true, nothing()), page])
}

fn form(ui: Ui, desk: Desk, rows: u64) -> AnyView {
    let t = ui.t;
    let formats = BookFormat::ALL.map(|format| (format.code().to_string(), format_name(t, format).to_string()));
    let hint = shown(move || view! { <p class="dim">{format_hint(t, desk.chosen())}</p> }.into_any());
    let photos = maybe(move || {
        let label = fill(t.export_photos, &[&MAX_PICTURED_ROWS]);
        let set = move |on| desk.photos.set(on);
        (desk.chosen() == BookFormat::Xlsx).then(|| tick(&label, move || desk.photos.get(), set, "export-photos"))
    });
    let crowded = maybe(move || desk.bound().map(|most| failed(fill(t.export_too_many, &[&most]), "export-too-many")));
    view! {
        <section class="panel books" data-testid="export">
            <p data-testid="export-rows">
                <strong>{fill(t.export_rows, &[&rows])}</strong>
            </p>
            <p class="dim">{Filter::from_query(&filter()).map(|filter| said(ui, &filter)).unwrap_or_default()}</p>
            {segments(t.export_format, desk.format.into(), formats.into())}
            {hint}
            {photos}
            {crowded}
            {start(ui, desk)}
            {progress(ui, desk)}
            {outcome(ui, desk)}
            <p class="hint">{t.export_private}</p>
        </section>
    }
    .into_any()
}

fn format_name(t: &Texts, format: BookFormat) -> &'static str {
    match format {
        BookFormat::Xlsx => t.format_xlsx,
        BookFormat::Csv => t.format_csv,
        BookFormat::Geojson => t.format_geojson,
    }
}

fn format_hint(t: &Texts, format: BookFormat) -> &'static str {
    match format {
        BookFormat::Xlsx => t.format_xlsx_hint,
        BookFormat::Csv => t.format_csv_hint,
        BookFormat::Geojson => t.format_geojson_hint,
    }
}

fn start(ui: Ui, desk: Desk) -> AnyView {
    let off = flag(move || desk.bound().is_some());
    maybe(move || {
        let make = tap(move || desk.make(ui));
        let button = view! {
            <button type="button" class="primary wide" data-testid="export-start" disabled=off on:click=make>
                {ui.t.export_start}
            </button>
        };
        desk.progress.with(Option::is_none).then(|| button.into_any())
    })
}

fn progress(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    maybe(move || {
        let progress = desk.progress.get()?;
        let size = format::bytes(progress.bytes);
        let (bar, words) = match (progress.received, progress.bytes) {
            (_, 0) => match desk.written.get() {
                Some(Writing { written, of }) if written < of => {
                    (Some(written), fill(t.export_written, &[&written, &of]))
                }
                Some(Writing { of, .. }) if of > 0 => (None, fill(t.export_packing, &[&of])),
                _ => (None, fill(t.export_writing, &[&progress.rows])),
            },
            (Some(received), _) => (Some(received), fill(t.export_received, &[&received, &progress.rows, &size])),
            (None, _) => (None, fill(t.export_bytes, &[&progress.rows, &size])),
        };
        let bar = match bar {
            Some(value) => {
                view! { <progress aria-label=t.loading max=progress.rows.to_string() value=value.to_string() /> }
                    .into_any()
            }
            None => view! { <progress aria-label=t.loading /> }.into_any(),
        };
        let view = view! {
            <div class="progressing" data-testid="export-progress">
                {bar}
                <p class="dim" role="status">{words}</p>
                {button("plain", "export-cancel", t.cancel, move || desk.cancel())}
            </div>
        };
        Some(view.into_any())
    })
}

fn outcome(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    let bad = maybe(move || Some(desk.bad.get()).filter(|why| !why.is_empty()).map(|why| failed(why, "export-bad")));
    let ready = maybe(move || {
        let Downloaded { name, url, progress } = desk.ready.get()?;
        let words = fill(t.export_ready, &[&progress.rows, &format::bytes(progress.bytes)]);
        let view = view! {
            <div class="refused-one" data-testid="export-ready">
                <p class="good" role="status">{icon(Icon::Check)} " " {words}</p>
                <p class="dim">{name.clone()}</p>
                <a class="button primary" href=url download=name data-testid="export-save">
                    {t.export_save}
                </a>
            </div>
        };
        Some(view.into_any())
    });
    all([bad, ready])
}
