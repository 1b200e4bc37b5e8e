//! The office's old list comes in: which column is what, what is wrong with which cell, and then the rows as this supervisor's own
//! work. The office reads the file; this device writes the issues, because nobody else may sign in his name.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement};
use xiaohao_shared::import::{Columns, Draft, Fault, Field, FileFault, Import, MAX_FILE, MAX_ROWS, Sheet, letters};
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Right, judge, may};

use super::{apply, call_error, failed, head, known, not_saved};
use crate::components::Ui;
use crate::components::fields::{Wire, button, choose};
use crate::components::icon::{Icon, icon};
use crate::components::lean::{Change, all, flag, given, maybe, nothing, shown, tap};
use crate::components::link::link;
use crate::texts::fill;

/// The name under which an import that has begun is kept until its last row is written.
const KEPT: &str = "import";

/// Rows on their way into this device's store. Written again from the first after a crash: what stands is recognised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Job {
    drafts: Vec<Draft>,
}

#[derive(Clone, Copy)]
struct Desk {
    file: StoredValue<Option<(String, Arc<Vec<u8>>)>>,
    reading: RwSignal<bool>,
    sheet: RwSignal<Option<Arc<Sheet>>>,
    /// Rows that are written, of how many.
    writing: RwSignal<Option<(usize, usize)>>,
    /// How many were written, and what was not, in words.
    done: RwSignal<Option<(usize, Vec<String>)>>,
    bad: RwSignal<String>,
}

impl Desk {
    fn new() -> Self {
        Self {
            file: StoredValue::new(None),
            reading: RwSignal::new(false),
            sheet: RwSignal::new(None),
            writing: RwSignal::new(None),
            done: RwSignal::new(None),
            bad: RwSignal::new(String::new()),
        }
    }

    fn take(self, ui: Ui, file: File) {
        self.sheet.set(None);
        self.done.set(None);
        self.bad.set(String::new());
        if file.size() as usize > MAX_FILE {
            return self.bad.set(ui.t.file_fault(FileFault::TooLarge).into());
        }
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
        let bad = match ui.client.post_bytes::<Import>(&path, &bytes).await {
            Ok(Import::Read(sheet)) => {
                self.sheet.try_set(Some(Arc::new(sheet)));
                String::new()
            }
            Ok(Import::Refused(fault)) => fill(ui.t.file_fault(fault), &[&MAX_ROWS]),
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
        let drafts: Vec<Draft> = sheet.drafts.iter().filter(|draft| !draft.known).cloned().collect();
        let job = Job { drafts };
        self.writing.set(Some((0, job.drafts.len())));
        spawn_local(async move {
            if ui.client.keep(KEPT, &job).await {
                self.write(ui, job).await;
            } else {
                self.writing.try_set(None);
                self.bad.try_set(fill(ui.t.not_saved, &[&ui.t.not_saved_storage]));
            }
        });
    }

    /// What was begun before is brought to its end first.
    async fn resume(self, ui: Ui) {
        if let Some(job) = ui.client.kept::<Job>(KEPT).await {
            self.write(ui, job).await;
        }
    }

    async fn write(self, ui: Ui, job: Job) {
        let Some(me) = ui.me() else { return };
        let (all, mut failures) = (job.drafts.len(), Vec::new());
        for (at, draft) in job.drafts.iter().enumerate() {
            self.writing.try_set(Some((at, all)));
            if let Err(why) = write(ui, &me, draft).await {
                failures.push(format!("{}{}", fill(ui.t.import_row, &[&draft.row]), why));
            }
        }
        ui.client.forget(KEPT).await;
        self.writing.try_set(None);
        self.sheet.try_set(None);
        self.done.try_set(Some((all - failures.len(), failures)));
    }
}

/// One row as ordinary edits of this person, each of them durable before the next. One that stands already is not written again.
async fn write(ui: Ui, me: &Person, draft: &Draft) -> Result<(), String> {
    for edit in draft.edits(me.id, ui.client.now()) {
        match ui.client.read(draft.issue).await {
            Some(view) if edit.is_recorded_in(&view.issue) => {}
            Some(_) if edit.genesis => return Ok(()),
            Some(view) => apply(ui, me, &view, edit).await?,
            None => {
                judge(me, None, &edit, &known(ui)).map_err(|denied| ui.t.denied(denied).to_string())?;
                ui.client.save(draft.issue, edit).await.map_err(|reason| not_saved(ui.t, &reason))?;
            }
        }
    }
    Ok(())
}

pub fn import(ui: Ui) -> AnyView {
    let (t, desk) = (ui.t, Desk::new());
    if !ui.me().is_some_and(|me| may(&me, Right::Import)) {
        return all([head(ui, t.import_title, true, nothing()), failed(t.import_not_yours.into(), "import-bad")]);
    }
    spawn_local(desk.resume(ui));
    let page = shown(move || match desk.sheet.get() {
        Some(sheet) if desk.writing.with(Option::is_none) => sheet_view(ui, desk, &sheet),
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
    let off = flag(move || desk.reading.get() || desk.writing.with(Option::is_some));
    let bad = maybe(move || Some(desk.bad.get()).filter(|why| !why.is_empty()).map(|why| failed(why, "import-bad")));
    let reading = maybe(move || {
        desk.reading.get().then(|| view! { <p class="dim" role="status">{t.import_reading}</p> }.into_any())
    });
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

fn sheet_view(ui: Ui, desk: Desk, sheet: &Arc<Sheet>) -> AnyView {
    let t = ui.t;
    let columns = (0..sheet.headings.len()).map(|column| one_column(ui, desk, sheet, column));
    let columns = all(columns.collect::<Vec<_>>());
    view! {
        {verdict(ui, desk, sheet)}
        {faults(ui, sheet)}
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
    let (class, words) = match (sheet.fault_count, new) {
        (1.., _) => ("verdict bad", fill(t.import_faulty, &[&sheet.fault_count])),
        (0, 0) => ("verdict good", fill(t.import_all_known, &[&known])),
        (0, _) => ("verdict good", fill(t.import_sound, &[&new, &dispatched])),
    };
    let also =
        (known > 0 && new > 0).then(|| view! { <p class="dim">{fill(t.import_known, &[&known])}</p> }.into_any());
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
            {given(also)}
            {given(sound.then(go))}
        </section>
    }
    .into_any()
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
        <section class="panel" data-testid="import-faults">
            <h2>{t.import_faults}</h2>
            <ul class="faults">{all(rows)}</ul>
            {given(rest)}
        </section>
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
    let at = column.unwrap_or_else(|| format!("{}{}", fill(t.import_row, &[&fault.row]), t.import_field(fault.field)));
    let said = if fault.said.is_empty() { String::new() } else { fill(t.quoted, &[&fault.said]) };
    view! {
        <li>
            <strong>{at}</strong>
            " "
            {t.import_why(fault.why)}
            " "
            <em>{said}</em>
        </li>
    }
    .into_any()
}

fn writing(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    maybe(move || {
        let (at, of) = desk.writing.get()?;
        let view = view! {
            <section class="panel books progressing" data-testid="import-writing">
                <progress aria-label=t.loading max=of.to_string() value=at.to_string() />
                <p class="dim" role="status">{fill(t.import_writing, &[&at, &of])}</p>
                <p class="hint">{t.import_writing_hint}</p>
            </section>
        };
        Some(view.into_any())
    })
}

fn done(ui: Ui, desk: Desk) -> AnyView {
    let t = ui.t;
    maybe(move || {
        let (count, failures) = desk.done.get()?;
        let failures = failures.into_iter().map(|words| view! { <li>{words}</li> }.into_any()).collect::<Vec<_>>();
        let view = view! {
            <section class="panel books" data-testid="import-done">
                <p class="verdict good" role="status">
                    {icon(Icon::Check)}
                    <strong>{fill(t.import_done, &[&count])}</strong>
                </p>
                <ul class="faults">{all(failures)}</ul>
                <div class="buttons">
                    {link(ui, "/board".into(), "button primary", "import-to-board".into(), t.nav_board.into_any())}
                    {link(ui, "/sync".into(), "button plain", String::new(), t.nav_sync.into_any())}
                    {button("plain", "", t.close, move || desk.done.set(None))}
                </div>
            </section>
        };
        Some(view.into_any())
    })
}
