//! Form fields with their labels. A field writes straight into its signal; checking is the form's business.

use leptos::prelude::*;

use super::use_ui;

/// What can be chosen: the value in the form and the words for it.
pub type Choices = Vec<(String, String)>;

#[component]
pub fn Choose(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    on_change: Callback<String>,
    choices: Choices,
    #[prop(optional, into)] testid: &'static str,
) -> impl IntoView {
    let option = move |(code, name): (String, String)| {
        let same = code.clone();
        view! { <option value=code selected=move || value.get() == same>{name}</option> }
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <select
                data-testid=testid
                prop:value=move || value.get()
                on:change=move |event| on_change.run(event_target_value(&event))
            >
                {choices.into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}

#[component]
pub fn Words(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] testid: &'static str,
) -> impl IntoView {
    let ui = use_ui();
    view! {
        <label class="field">
            <span>{label} {required.then(|| view! { <em>{ui.t.required}</em> })}</span>
            <textarea
                rows="3"
                maxlength="2000"
                required=required
                placeholder=hint
                data-testid=testid
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        </label>
    }
}

#[component]
pub fn Line(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] testid: &'static str,
    #[prop(default = "200")] maxlength: &'static str,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type="text"
                maxlength=maxlength
                placeholder=hint
                data-testid=testid
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
}

/// A point in time, as the browser's own picker gives it.
#[component]
pub fn When(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let ui = use_ui();
    view! {
        <label class="field">
            <span>{label} {required.then(|| view! { <em>{ui.t.required}</em> })}</span>
            <input
                type="datetime-local"
                data-testid="until"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {(!hint.is_empty()).then(|| view! { <small>{hint}</small> })}
        </label>
    }
}

#[component]
pub fn Tick(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<bool>,
    on_change: Callback<bool>,
    #[prop(optional, into)] testid: &'static str,
) -> impl IntoView {
    view! {
        <label class="tick">
            <input
                type="checkbox"
                data-testid=testid
                prop:checked=move || value.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <span>{label}</span>
        </label>
    }
}

/// One of a few, all of them in sight.
#[component]
pub fn Segments(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    on_change: Callback<String>,
    choices: Choices,
) -> impl IntoView {
    let segment = move |(code, name): (String, String)| {
        let (same, chosen) = (code.clone(), code);
        view! {
            <button
                type="button"
                role="radio"
                aria-checked=move || (value.get() == same).to_string()
                on:click=move |_| on_change.run(chosen.clone())
            >
                {name}
            </button>
        }
    };
    view! {
        <div class="segments" role="radiogroup" aria-label=label>
            {choices.into_iter().map(segment).collect_view()}
        </div>
    }
}
