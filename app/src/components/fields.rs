//! Form fields with their labels. A field writes straight into its signal; checking is the form's business.

use leptos::prelude::*;

use super::Ui;
use super::lean::{all, flag, given, shown, text, ticked, typed};

/// What can be chosen: the value in the form and the words for it.
pub type Choices = Vec<(String, String)>;

/// What a field reads and where it writes.
#[derive(Clone, Copy)]
pub struct Wire {
    pub value: Signal<String>,
    pub set: Callback<String>,
}

impl Wire {
    pub fn new(
        value: impl Fn() -> String + Send + Sync + 'static,
        set: impl Fn(String) + Send + Sync + 'static,
    ) -> Self {
        Self { value: text(value), set: Callback::new(set) }
    }
}

impl From<RwSignal<String>> for Wire {
    fn from(signal: RwSignal<String>) -> Self {
        Self { value: signal.into(), set: Callback::new(move |value| signal.set(value)) }
    }
}

/// Whatever belongs under one label.
fn field(label: &str, required: Option<&str>, input: AnyView, hint: &str) -> AnyView {
    let required = given(required.map(|required| view! { <em>{required.to_string()}</em> }.into_any()));
    let hint = given((!hint.is_empty()).then(|| view! { <small>{hint.to_string()}</small> }.into_any()));
    view! {
        <label class="field">
            <span>{label.to_string()} {required}</span>
            {input}
            {hint}
        </label>
    }
    .into_any()
}

pub fn choose(label: &str, wire: Wire, choices: Choices, testid: &'static str) -> AnyView {
    choose_needed(label, None, wire, choices, testid)
}

/// The same where something has to be chosen; `required` is the word that says so.
pub fn choose_needed(
    label: &str,
    required: Option<&str>,
    wire: Wire,
    choices: Choices,
    testid: &'static str,
) -> AnyView {
    let option = move |(code, name): (String, String)| {
        let same = code.clone();
        view! { <option value=code selected=flag(move || wire.value.get() == same)>{name}</option> }.into_any()
    };
    let input = view! {
        <select data-testid=testid prop:value=wire.value on:change=typed(move |value| wire.set.run(value))>
            {all(choices.into_iter().map(option))}
        </select>
    };
    field(label, required, input.into_any(), "")
}

/// Several lines; `required` is the word that says so.
pub fn words_field(label: &str, wire: Wire, required: Option<&str>, hint: &str, testid: &'static str) -> AnyView {
    let input = view! {
        <textarea
            rows="3"
            maxlength="2000"
            placeholder=hint.to_string()
            data-testid=testid
            prop:value=wire.value
            on:input=typed(move |value| wire.set.run(value))
        ></textarea>
    };
    field(label, required, input.into_any(), "")
}

pub fn line(label: &str, wire: Wire, hint: &str, maxlength: &'static str, testid: &'static str) -> AnyView {
    field(label, None, input("text", wire, hint, maxlength, testid), "")
}

/// The same with a sentence below, which does not go away when one types.
pub fn noted_line(label: &str, wire: Wire, hint: &str, maxlength: &'static str, testid: &'static str) -> AnyView {
    field(label, None, input("text", wire, "", maxlength, testid), hint)
}

/// A point in time, as the browser's own picker gives it.
pub fn when(label: &str, wire: Wire, required: Option<&str>, hint: &str) -> AnyView {
    field(label, required, input("datetime-local", wire, "", "16", "until"), hint)
}

/// A day, as the browser's own picker gives it.
pub fn day(label: &str, wire: Wire, testid: &'static str) -> AnyView {
    field(label, None, input("date", wire, "", "10", testid), "")
}

pub fn input(kind: &'static str, wire: Wire, hint: &str, maxlength: &'static str, testid: &'static str) -> AnyView {
    view! {
        <input
            type=kind
            maxlength=maxlength
            placeholder=hint.to_string()
            data-testid=testid
            prop:value=wire.value
            on:input=typed(move |value| wire.set.run(value))
        />
    }
    .into_any()
}

/// `label` says all that is searched, which a narrow field has no room for.
pub fn search(hint: &str, label: &str, wire: Wire, testid: &'static str) -> AnyView {
    use super::icon::{Icon, icon};
    view! {
        <label class="search">
            {icon(Icon::Search)}
            <input
                type="search"
                placeholder=hint.to_string()
                aria-label=label.to_string()
                title=label.to_string()
                data-testid=testid
                prop:value=wire.value
                on:input=typed(move |value| wire.set.run(value))
            />
        </label>
    }
    .into_any()
}

pub fn tick(
    label: &str,
    value: impl Fn() -> bool + Send + Sync + 'static,
    set: impl Fn(bool) + 'static,
    testid: &'static str,
) -> AnyView {
    view! {
        <label class="tick">
            <input type="checkbox" data-testid=testid prop:checked=flag(value) on:change=ticked(set) />
            <span>{label.to_string()}</span>
        </label>
    }
    .into_any()
}

/// Any number of a list, as their codes with commas between.
pub fn ticks(wire: Wire, choices: Choices) -> AnyView {
    let one = move |(code, name): (String, String)| {
        let same = code.clone();
        let chosen = move || wire.value.with(|codes| has(codes, &same));
        tick(&name, chosen, move |on| wire.set.run(toggled(&wire.value.get_untracked(), &code, on)), "")
    };
    view! { <div class="ticks">{all(choices.into_iter().map(one))}</div> }.into_any()
}

fn has(codes: &str, code: &str) -> bool {
    codes.split(',').any(|other| other == code)
}

fn toggled(codes: &str, code: &str, on: bool) -> String {
    let others = codes.split(',').filter(|other| !other.is_empty() && *other != code);
    others.chain(on.then_some(code)).collect::<Vec<_>>().join(",")
}

/// The codes of [`ticks`] as what they stand for.
pub fn parsed<T: std::str::FromStr>(codes: &str) -> impl Iterator<Item = T> + '_ {
    codes.split(',').filter_map(|code| code.parse().ok())
}

/// One of a few, all of them in sight.
pub fn segments(label: &str, wire: Wire, choices: Choices) -> AnyView {
    let segment = move |(code, name): (String, String)| {
        let (same, chosen) = (code.clone(), code);
        view! {
            <button
                type="button"
                role="radio"
                aria-checked=text(move || (wire.value.get() == same).to_string())
                on:click=super::lean::tap(move || wire.set.run(chosen.clone()))
            >
                {name}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="segments" role="radiogroup" aria-label=label.to_string()>
            {all(choices.into_iter().map(segment))}
        </div>
    }
    .into_any()
}

/// A name in sight over what has its own for screen readers.
pub fn labelled(label: &str, content: AnyView) -> AnyView {
    view! {
        <div class="field">
            <span aria-hidden="true">{label.to_string()}</span>
            {content}
        </div>
    }
    .into_any()
}

/// A button that does something.
pub fn button(
    class: &'static str,
    testid: &'static str,
    content: impl IntoView + 'static,
    act: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button type="button" class=class data-testid=testid on:click=super::lean::tap(act)>
            {content.into_view().into_any()}
        </button>
    }
    .into_any()
}

/// The button that sends a form off, with the word that it shows meanwhile.
pub fn submit(
    ui: Ui,
    class: &'static str,
    testid: &'static str,
    label: String,
    busy: Signal<bool>,
    off: Signal<bool>,
) -> AnyView {
    let disabled = flag(move || busy.get() || off.get());
    let content = shown(move || {
        let words = if busy.get() { ui.t.saving.to_string() } else { label.clone() };
        words.into_any()
    });
    view! { <button type="submit" class=class data-testid=testid disabled=disabled>{content}</button> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticking_adds_a_code_once_and_takes_it_out_again() {
        let two = toggled(&toggled("", "3", true), "12", true);
        assert_eq!((two.as_str(), has(&two, "1")), ("3,12", false));
        assert_eq!(toggled(&toggled(&two, "3", true), "12", false), "3");
        assert_eq!(parsed::<u32>("3,12").collect::<Vec<_>>(), [3, 12]);
        assert_eq!(parsed::<u32>("").count(), 0);
    }
}
