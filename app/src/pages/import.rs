//! The office's old list comes in: which column is what, what is wrong with which cell, and then the rows as this supervisor's own
//! work. The office reads the file; this device writes the issues, because nobody else may sign in his name.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement};
use xiaohao_shared::import::{
    Columns, Fault, Field, FileFault, Import, MAX_FILE, MAX_ROWS, Note, Noted, Sheet, letters,
};
use xiaohao_shared::model::policy::{Right, may};

use super::sending::sending;
use super::stop::Stop;
use super::{call_error, failed, head};
use crate::client::{Imported, NewIssue, Unfit};
use crate::components::Ui;
use crate::components::fields::{Wire, button, choose};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{Change, all, flag, given, maybe, nothing, shown, tap};
use crate::components::link::link;
use crate::texts::fill;

/// Rows that are named one by one where they are left out.
const ROWS: usize = 12;

#[derive(Clone, Copy)]
struct Desk {
    file: StoredValue<Option<(String, Arc<Vec<u8>>)>>,
    /// Bytes of the file that was chosen last.
    size: RwSignal<u64>,
    /// How many of them have gone out.
    sent: RwSignal<u64>,
    reading: RwSignal<bool>,
    /// Stops what the office does for this page.
    stop: Stop,
    sheet: RwSignal<Option<Arc<Sheet>>>,
    writing: RwSignal<bool>,
    /// How many were written, and the rows that were left out.
    done: RwSignal<Option<(u32, Vec<u32>)>>,
    /// Rows that cannot be written, in words.
    unfit: RwSignal<Vec<String>>,
    bad: RwSignal<String>,
}

impl Desk {
    fn new() -> Self {
        Self {
            file: StoredValue::new(None),
            size: RwSignal::new(0),
            sent: RwSignal::new(0),
            reading: RwSignal::new(false),
            stop: Stop::new(),
            sheet: RwSignal::new(None),
            writing: RwSignal::new(false),
            done: RwSignal::new(None),
            unfit: RwSignal::default(),
            bad: RwSignal::new(String::new()),
        }
    }

    fn take(self, ui: Ui, file: File) {
        self.sheet.set(None);
        self.done.set(None);
        self.unfit.set(Vec::new());
        self.bad.set(String::new());
        if file.size() as usize > MAX_FILE {
            return self.bad.set(ui.t.file_fault(FileFault::TooLarge).into());
        }
        self.size.set(file.size() as u64);
        self.reading.set(true);
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => {
                    let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
                    self.file.set_value(Some((file.name(), Arc::new(bytes))));
                    self.look(ui, None).await;
                }
                Err(_) => drop(self.bad.try_set(ui.t.handover_unreadable.into())),
            }
            self.reading.try_set(false);
        });
    }

    /// Asks the office what would become of the file; it writes nothing.
    async fn look(self, ui: Ui, columns: Option<Columns>) {
        let Some((name, bytes)) = self.file.get_value() else { return };
        let name = String::from(js_sys::encode_uri_component(&name));
        let columns = columns.map(|columns| columns.to_string()).unwrap_or_default();
        let path = format!("/api/import?name={name}&columns={columns}");
        let Some(controller) = self.stop.begin() else { return };
        let bad = match ui.client.send_file::<Import>(&path, &bytes, &controller, self.sent).await {
            Ok(Import::Read(sheet)) => {
                self.sheet.try_set(Some(Arc::new(sheet)));
                String::new()
            }
            Ok(Import::Refused(fault)) => fill(ui.t.file_fault(fault), &[&MAX_ROWS]),
            Err(_) if self.stop.was_pressed() => ui.t.import_stopped.into(),
            Err(error) => call_error(ui.t, &error),
        };
        self.bad.try_set(bad);
    }

    fn choose(self, ui: Ui, sheet: &Sheet, column: usize, field: Option<Field>) {
        let mut columns = sheet.columns.clone();
        // A field stands in one column only.
        columns.0.iter_mut().filter(|other| field.is_some() && **other == field).for_each(|other| *other = None);
        columns.0.resize(sheet.headings.len().max(column + 1), None);
        columns.0[column] = field;
        self.reading.set(true);
        spawn_local(async move {
            self.look(ui, Some(columns)).await;
            self.reading.try_set(false);
        });
    }

    fn import(self, ui: Ui, sheet: &Sheet) {
        let Some(me) = ui.me() else { return };
        let now = ui.client.now();
        let rows = sheet.drafts.iter().filter(|draft| !draft.known);
        let rows = rows.map(|draft| NewIssue { row: draft.row, issue: draft.issue, edits: draft.edits(me.id, now) });
        let rows: Vec<NewIssue> = rows.collect();
        self.bad.set(String::new());
        self.writing.set(true);
        spawn_local(async move {
            match ui.client.import(rows).await {
                Imported::Done { new, left } => {
                    self.sheet.try_set(None);
                    self.done.try_set(Some((new, left)));
                }
                Imported::Stopped => drop(self.bad.try_set(ui.t.import_stopped.into())),
                Imported::NotSaved => drop(self.bad.try_set(fill(ui.t.not_saved, &[&ui.t.not_saved_storage]))),
                Imported::Unfit(rows) => drop(self.unfit.try_set(rows.into_iter().map(|it| unfit(ui, it)).collect())),
            }
            self.writing.try_set(false);
        });
    }
}

fn unfit(ui: Ui, (row, why): (u32, Unfit)) -> String {
    let why = match why {
        Unfit::Denied(denied) => ui.t.denied(denied),
        Unfit::Unreadable => ui.t.not_saved_unreadable,
    };
    format!("{}{why}", fill(ui.t.import_row, &[&row]))
}

pub fn import(ui: Ui) -> AnyView {
    let (t, desk) = (ui.t, Desk::new());
    if !ui.me().is_some_and(|me| may(&me, Right::Import)) {
        return all([head(ui, t.import_title, true, nothing()), failed(t.import_not_yours.into(), "import-bad")]);
    }
    // Who leaves the page waits for nothing any more; where another tab works on, nobody else would stop it.
    let leave = move || {
        desk.stop.press();
        ui.client.stop_import();
    };
    let closing = window_event_listener_untyped("pagehide", move |_| leave());
    on_cleanup(move || {
        closing.remove();
        leave();
    });
    let page = shown(move || match desk.sheet.get() {
        Some(sheet) if !desk.writing.get() => sheet_view(ui, desk, &sheet),
        _ => nothing(),
    });
    all([head(ui, t.import_title, true, nothing()), file_part(ui, desk), writing(ui, desk), done(ui, desk), page])
}

fn file_part(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    let chosen = move |input: &HtmlInputElement| {
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            desk.take(ui, file);
        }
        // Otherwise the same file could not be chosen again after it was corrected.
        input.set_value("");
    };
    let change: Change = Box::new(move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        input.iter().for_each(chosen);
    });
    let off = flag(move || desk.reading.get() || desk.writing.get());
    let bad = maybe(move || Some(desk.bad.get()).filter(|why| !why.is_empty()).map(|why| failed(why, "import-bad")));
    let reading = maybe(move || desk.reading.get().then(|| reading(ui, desk)));
    view! {
        <section class="panel books" data-testid="import">
            <p class="prose">{fill(t.import_text, &[&MAX_ROWS])}</p>
            <label class="button primary wide">
                {icon(Icon::Upload)} <span>{t.import_choose}</span>
                <input type="file" accept=".xlsx,.csv,.txt" disabled=off data-testid="import-file" on:change=change />
            </label>
            {reading}
            {bad}
        </section>
    }
    .into_any()
}

fn reading(ui: Ui, desk: Desk) -> AnyView {
    view! {
        <div class="progressing" data-testid="import-reading">
            {sending(ui, desk.sent, desk.size.get_untracked())}
            {button("plain", "import-cancel", ui.t.cancel, move || desk.stop.press())}
        </div>
    }
    .into_any()
}

fn sheet_view(ui: Ui, desk: Desk, sheet: &Arc<Sheet>) -> AnyView {
    let t = ui.t;
    let columns = (0..sheet.headings.len()).map(|column| one_column(ui, desk, sheet, column));
    let columns = all(columns.collect::<Vec<_>>());
    view! {
        {verdict(ui, desk, sheet)}
        {faults(ui, sheet)}
        {notes(ui, sheet)}
        <section class="panel" data-testid="import-columns">
            <h2>{t.import_columns}</h2>
            <p class="dim">{fill(t.import_headings_in, &[&sheet.heading_row])}</p>
            <div class="import-columns">{columns}</div>
        </section>
    }
    .into_any()
}

/// What a column is called and holds, and what it shall be taken for.
fn one_column(ui: Ui, desk: Desk, sheet: &Arc<Sheet>, column: usize) -> AnyView {
    let t = ui.t;
    let field = sheet.columns.0.get(column).copied().flatten();
    let heading = sheet.headings[column].clone();
    let name = if heading.is_empty() { t.import_no_heading.to_string() } else { heading };
    let label = format!("{} · {name}", letters(column as u32));
    let cells = sheet.sample.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty());
    let sample = cells.cloned().collect::<Vec<_>>().join(" / ");
    let choices = Field::ALL.map(|field| (field.code().to_string(), t.import_field(field).to_string()));
    let choices = std::iter::once((String::new(), t.import_ignore.to_string())).chain(choices).collect();
    let code = field.map_or("", Field::code);
    let sheet = sheet.clone();
    let set = move |code: String| desk.choose(ui, &sheet, column, Field::from_code(&code));
    let wire = Wire::new(move || code.to_string(), set);
    let class = if field.is_some() { "import-column" } else { "import-column ignored" };
    view! {
        <div class=class>
            {choose(&label, wire, choices, "import-column")}
            <small class="dim">{sample}</small>
        </div>
    }
    .into_any()
}

/// All rows or none: what has a fault is put right in the list first.
fn verdict(ui: Ui, desk: Desk, sheet: &Arc<Sheet>) -> AnyView {
    let t = ui.t;
    let known = sheet.drafts.iter().filter(|draft| draft.known).count();
    let new = sheet.drafts.len() - known;
    let dispatched = sheet.drafts.iter().filter(|draft| !draft.known && draft.dispatch.is_some()).count();
    let handled = sheet.drafts.iter().filter(|draft| !draft.known && draft.handled).count();
    let (class, words) = match (sheet.fault_count, new) {
        (1.., _) => ("verdict bad", fill(t.import_faulty, &[&sheet.fault_count])),
        (0, 0) if known == 0 => ("verdict good", t.import_all_ended.into()),
        (0, 0) => ("verdict good", fill(t.import_all_known, &[&known])),
        (0, _) => ("verdict good", fill(t.import_sound, &[&new, &dispatched])),
    };
    let also = all([
        (known > 0 && new > 0).then(|| fill(t.import_known, &[&known])),
        (!sheet.ended.is_empty())
            .then(|| fill(t.import_ended, &[&sheet.ended.len(), &rows(sheet.ended.iter().map(|ended| ended.row))])),
        (handled > 0).then(|| fill(t.import_handled, &[&handled])),
    ]
    .into_iter()
    .flatten()
    .map(|words| view! { <p class="dim">{words}</p> }.into_any()));
    let sound = sheet.fault_count == 0 && new > 0;
    let sheet = sheet.clone();
    let go = move || {
        let go = tap(move || desk.import(ui, &sheet));
        view! {
            <button type="button" class="primary wide" data-testid="import-start" on:click=go>
                {fill(t.import_start, &[&new])}
            </button>
            <p class="hint">{t.import_own_work}</p>
        }
        .into_any()
    };
    view! {
        <section class="panel books">
            <p class=class role="status" data-testid="import-verdict">
                <strong>{words}</strong>
            </p>
            {also}
            {given(sound.then(go))}
        </section>
    }
    .into_any()
}

/// The first of these rows by their numbers.
fn rows(all: impl Iterator<Item = u32>) -> String {
    let rows: Vec<String> = all.map(|row| row.to_string()).collect();
    let more = if rows.len() > ROWS { ", …" } else { "" };
    format!("{}{more}", rows[..rows.len().min(ROWS)].join(", "))
}

fn faults(ui: Ui, sheet: &Sheet) -> AnyView {
    let t = ui.t;
    if sheet.faults.is_empty() {
        return nothing();
    }
    let rows = sheet.faults.iter().map(|fault| one_fault(ui, sheet, fault)).collect::<Vec<_>>();
    let rest = u64::from(sheet.fault_count) - sheet.faults.len() as u64;
    let rest = (rest > 0).then(|| view! { <p class="dim">{fill(t.import_more_faults, &[&rest])}</p> }.into_any());
    view! {
        <section class="panel books" data-testid="import-faults">
            <h2>{t.import_faults}</h2>
            <ul class="faults">{all(rows)}</ul>
            {given(rest)}
        </section>
    }
    .into_any()
}

/// What stops nothing, but is not as the list says.
fn notes(ui: Ui, sheet: &Sheet) -> AnyView {
    if sheet.notes.is_empty() {
        return nothing();
    }
    let rows = sheet.notes.iter().map(|note| one_note(ui, note)).collect::<Vec<_>>();
    // An older office does not count them.
    let rest = u64::from(sheet.note_count).saturating_sub(sheet.notes.len() as u64);
    let rest = (rest > 0).then(|| {
        let words = fill(ui.t.import_more_notes, &[&rest]);
        view! { <p class="dim" data-testid="import-more-notes">{words}</p> }.into_any()
    });
    view! {
        <section class="panel books" data-testid="import-notes">
            <h2>{ui.t.import_notes}</h2>
            <ul class="faults">{all(rows)}</ul>
            {given(rest)}
        </section>
    }
    .into_any()
}

fn one_note(ui: Ui, note: &Note) -> AnyView {
    let t = ui.t;
    let what = match note.what {
        Noted::Corrected => t.import_corrected,
        Noted::StillOpen => t.import_still_open,
        Noted::NotInCharge => t.import_not_in_charge,
        Noted::Other => t.import_other_note,
    };
    // What is new has no page yet.
    let there =
        given((note.what != Noted::NotInCharge).then(|| {
            link(ui, format!("/issues/{}", note.issue), "", "import-other".into(), t.import_other.into_any())
        }));
    view! {
        <li>
            <strong>{fill(t.import_row, &[&note.row])}</strong>
            " "
            {what}
            " "
            <em>{fill(t.quoted, &[&note.said])}</em>
            " "
            {there}
        </li>
    }
    .into_any()
}

/// `第 3 行 D 列（片区）：没有这个片区 “火星”`
fn one_fault(ui: Ui, sheet: &Sheet, fault: &Fault) -> AnyView {
    let t = ui.t;
    let column = fault.column.map(|column| {
        let heading = sheet.headings.get(column as usize).cloned().unwrap_or_default();
        fill(t.import_cell, &[&fault.row, &letters(column), &heading])
    });
    let field = fault.field.map_or("", |field| t.import_field(field));
    let at = column.unwrap_or_else(|| format!("{}{field}", fill(t.import_row, &[&fault.row])));
    let said = if fault.said.is_empty() { String::new() } else { fill(t.quoted, &[&fault.said]) };
    let other = fault.other.map(|issue| {
        let words = t.import_other.into_any();
        all([" ".into_any(), link(ui, format!("/issues/{issue}"), "", "import-other".into(), words)])
    });
    view! {
        <li>
            <strong>{at}</strong>
            " "
            {t.import_why(fault.why)}
            " "
            <em>{said}</em>
            {given(other)}
        </li>
    }
    .into_any()
}

fn writing(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    maybe(move || {
        let (at, of) = desk.writing.get().then(|| ui.client.importing.get().unwrap_or((0, 1)))?;
        let words = if at < of { fill(t.import_writing, &[&at, &of]) } else { t.import_landing.into() };
        let view = view! {
            <section class="panel books progressing" data-testid="import-writing">
                <progress aria-label=t.loading max=of.to_string() value=at.to_string() />
                <p class="dim" role="status">{words}</p>
                {button("plain", "import-cancel", t.cancel, move || ui.client.stop_import())}
                <p class="hint">{t.import_writing_hint}</p>
            </section>
        };
        Some(view.into_any())
    })
}

fn done(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    let unfit = maybe(move || {
        let rows = Some(desk.unfit.get()).filter(|rows| !rows.is_empty())?;
        let said = failed(fill(t.import_unfit, &[&rows.len()]), "import-unfit");
        let rows = all(rows.into_iter().map(|words| view! { <li>{words}</li> }.into_any()));
        Some(view! { <section class="panel books">{said} <ul class="faults">{rows}</ul></section> }.into_any())
    });
    let done = maybe(move || {
        let (count, left) = desk.done.get()?;
        let left = (!left.is_empty()).then(|| {
            let words = fill(t.import_left, &[&rows(left.into_iter())]);
            view! { <p class="hint" data-testid="import-left">{words}</p> }.into_any()
        });
        let view = view! {
            <section class="panel books" data-testid="import-done">
                <p class="verdict good" role="status">
                    {icon(Icon::Check)}
                    <strong>{fill(t.import_done, &[&count])}</strong>
                </p>
                {given(left)}
                <div class="buttons">
                    {link(ui, "/board".into(), "button primary", "import-to-board".into(), t.nav_board.into_any())}
                    {link(ui, "/sync".into(), "button plain", String::new(), t.nav_sync.into_any())}
                    {button("plain", "", t.close, move || desk.done.set(None))}
                </div>
            </section>
        };
        Some(view.into_any())
    });
    all([unfit, done])
}
